"""What the students' own code costs: the code cells of each notebook, run one after the other by bare Python.

A worker has everything imported and has run the reference notebook once; it then runs notebook after notebook, each
in a namespace of its own, without a kernel, a sandbox or a gradebook. Figures are drawn and rendered as PNG, since
that is what a notebook with a figure asks for. No grader can be faster than the workers together.
"""

import contextlib
import io
import json
import linecache
import os
import subprocess
import sys
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from tests.bench.command import ENVIRONMENT

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Bare:
    """`wall_s`: all notebooks, on the workers at once. `compute_s`: the sum over the notebooks."""

    wall_s: float
    compute_s: float


def run_bare(notebooks: list[Path], warm_up: Path, seed: int, workers: int) -> Bare:
    """Run notebooks on warm workers, each of which takes the next one when it has finished one."""
    command = [sys.executable, "-m", "tests.bench.bare", str(warm_up)]
    environment = os.environ | ENVIRONMENT | {"INTRODL_SEED": str(seed), "MPLBACKEND": "agg"}
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    try:
        for worker in started:
            if worker.stdout.readline() != "ready\n":
                raise RuntimeError(f"{' '.join(command)} did not start")
        queue: SimpleQueue[Path] = SimpleQueue()
        for notebook in notebooks:
            queue.put(notebook)
        seconds: list[float] = []
        threads = [threading.Thread(target=_feed, args=(worker, queue, seconds)) for worker in started]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall = time.perf_counter() - start
    finally:
        for worker in started:
            worker.kill()
            worker.communicate()
    if len(seconds) != len(notebooks):
        raise RuntimeError(f"a worker ended early: {len(seconds)} of {len(notebooks)} notebooks were run")
    return Bare(wall, sum(seconds))


def _feed(worker: subprocess.Popen, queue: SimpleQueue, seconds: list[float]) -> None:
    """Give a worker one notebook after the other, until none is left."""
    with contextlib.suppress(Empty):
        while True:
            worker.stdin.write(f"{queue.get_nowait()}\n")
            worker.stdin.flush()
            answer = worker.stdout.readline()
            if not answer:
                return
            seconds.append(float(answer))


def run_cells(notebook: dict) -> None:
    """Run a notebook's code cells in a new namespace; as in a grader's kernel, an error ends its cell only."""
    from matplotlib import pyplot as plt

    names: dict = {"__name__": "__main__"}
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        source, file = "".join(cell["source"]), f"<cell {number}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)  # checks read sources
        with contextlib.suppress(Exception):
            exec(compile(source, file, "exec"), names)
        for figure in map(plt.figure, plt.get_fignums()):
            figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
        plt.close("all")


def main() -> None:
    """Be a worker: paths of notebooks come in, one a line; the seconds that each took go out."""
    warnings.simplefilter("ignore")
    out = sys.stdout
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        run_cells(json.loads(Path(sys.argv[1]).read_text("utf-8")))
        print("ready", file=out, flush=True)
        for line in sys.stdin:
            notebook = json.loads(Path(line.rstrip("\n")).read_text("utf-8"))
            start = time.perf_counter()
            run_cells(notebook)
            print(time.perf_counter() - start, file=out, flush=True)
            printed.seek(0)
            printed.truncate()


if __name__ == "__main__":
    main()

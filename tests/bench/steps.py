"""Measure what a submission costs, step by step: one after the other, so that no step waits for another's.

`make bench` adds the figures to results/grading.json: milliseconds, the median over a class of unit 01.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.engine.grading import Grading
from autograder.engine.rebuild import rebuild
from autograder.engine.record import recording
from autograder.units import NOTEBOOK
from tests.bench.grading import make_class, notebooks, write_readme
from tests.bench.tables import RESULTS, write_json

SLUG, STUDENTS = "01_perceptron", 60


def main(argv: list[str] | None = None) -> int:
    """Measure, and add the figures to results/grading.json and README.md."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.steps", description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=STUDENTS, help=f"how many submissions ({STUDENTS})")
    parser.add_argument("--results", type=Path, default=RESULTS / "grading.json", help="where the figures are kept")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="steps-") as folder:
        found = steps(Path(folder) / "class", options.students)
    print(json.dumps(found))
    figures = json.loads(options.results.read_text("utf-8")) if options.results.exists() else {}
    write_json(options.results, figures | {"steps": found})
    if options.results == RESULTS / "grading.json":
        write_readme(figures | {"steps": found})
    return 0


def steps(folder: Path, count: int) -> dict[str, float]:
    """Return the median milliseconds of each step of a submission, and those that the processes take to start once.

    processes: for a notebook without any answer, in which nothing of a student's runs.
    """
    room, _ = make_class(folder, SLUG, count, figures=0)
    taken: dict[str, list[float]] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        taken.setdefault(name, []).append(1000 * (time.perf_counter() - start))

    source, released = (room.folder(kind, SLUG) / f"{NOTEBOOK}.ipynb" for kind in ("source", "release"))
    with step("start"):
        grading = Grading(source, room.seed, jobs=1, released=released)
        grading.__enter__()
        grading.ready()
    try:
        grading.unfit()
        with recording(room, SLUG) as record:
            for path in notebooks(room, SLUG):
                with step("processes"):
                    grading.grade_rebuilt(rebuild(grading.template, []))
                with step("read and rebuild"):
                    rebuilt = grading.rebuilt(path.read_bytes())
                with step("run and judge"):
                    report = grading.grade_rebuilt(rebuilt)
                with step("record"):
                    record.write(path.parents[1].name, report)
    finally:
        grading.__exit__()
    return {name: round(statistics.median(values), 1) for name, values in taken.items()}


if __name__ == "__main__":
    sys.exit(main())

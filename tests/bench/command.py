"""Run a command, cold start included: how long it takes, how far it is, and how much memory all its processes use."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

# One thread for linear algebra, this Python's commands first, nobody's progress recorded, and modules compiled once, as
# they are on most machines.
ENVIRONMENT = {
    "PYTHONDONTWRITEBYTECODE": "",
    "INTRODL_QUIET": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
}
SAY_EVERY, SAMPLE_EVERY = 10.0, 0.1  # seconds


class CommandFailed(Exception):
    """A measured command failed: what it printed last."""


def run(command: list[str], folder: Path, done: Callable[[], str] | None = None, **environment: str) -> float:
    """Run a command in a folder and return its seconds; every ten seconds print `done()`, which says how far it is.

    Raises CommandFailed.
    """
    with _running(command, folder, environment) as (process, start, finished):
        if done:
            threading.Thread(target=_say, args=(done, start, finished), daemon=True).start()
        process.wait()
        return time.perf_counter() - start


def peak_mb(command: list[str], folder: Path, **environment: str) -> float:
    """Run a command in a folder and return the most memory that it and all processes below it hold at once, in MB.

    Every tenth of a second the proportional shares (PSS) are added up, which count a page shared by several
    processes once. Looking costs time: a run that is measured so is not timed. Raises CommandFailed.
    """
    peak = 0.0
    with _running(command, folder, environment) as (process, _, _):
        while process.poll() is None:
            peak = max(peak, sum(map(_share_mb, _tree(process.pid))))
            time.sleep(SAMPLE_EVERY)
    return peak


def run_and_peak(command: list[str], folder: Path, done: Callable[[], str]) -> tuple[float, float]:
    """Run a command; return its seconds and its peak memory in MB as `peak_mb` has it, looked at once a second.

    For commands of a minute and more, which that much looking does not slow down. Raises CommandFailed.
    """
    peak = 0.0
    with _running(command, folder, {}) as (process, start, finished):
        threading.Thread(target=_say, args=(done, start, finished), daemon=True).start()
        while process.poll() is None:
            peak = max(peak, sum(map(_share_mb, _tree(process.pid))))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
        seconds = time.perf_counter() - start
    return seconds, peak


@contextlib.contextmanager
def _running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[tuple]:
    """Start a command, its output into a file, for a block that waits for it; see that it succeeded."""
    finished = threading.Event()
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | ENVIRONMENT | environment, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT,
        )
        try:
            yield process, start, finished
        finally:
            finished.set()
            if process.poll() is None:  # interrupted
                process.terminate()
                process.wait()
        if process.returncode:
            output.seek(0)
            tail = output.read()[-2000:].decode("utf-8", "replace")
            raise CommandFailed(f"{' '.join(command)} failed ({process.returncode}):\n{tail}")


def _say(done: Callable[[], str], start: float, finished: threading.Event) -> None:
    while not finished.wait(SAY_EVERY):
        print(f"  {done()}, {time.perf_counter() - start:.0f} s", flush=True)


def _tree(pid: int) -> list[int]:
    """Return the process and all that it started, directly or not, and that still run."""
    try:
        top = psutil.Process(pid)
        return [pid, *(process.pid for process in top.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def _share_mb(pid: int) -> float:
    """Return a process's proportional share of memory; its resident memory where the share cannot be read."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        pass
    try:
        return psutil.Process(pid).memory_info().rss / 2**20
    except psutil.Error:  # it has ended
        return 0.0

"""Fixtures: a class with the battery's units, the engine that grades it, and a watch over what is left behind."""

import contextlib
import ctypes
import os
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

import psutil
import pytest

from autograder.engine import sandbox
from autograder.engine.grading import Grading
from autograder.engine.limits import Limits
from tests.hostile.targets import EVERY, SEED, Target, make_target
from tests.hostile.writing import LEFT

BECOME_PARENT_OF_ORPHANS = 36  # prctl: what a submission detaches is then still found among our children
CELL_SECONDS = 5.0


@pytest.fixture(scope="session")
def sandboxed():
    """See that this machine can shut student code in: nothing of the battery may run without."""
    why = sandbox.problem()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"no sandbox here: {why}")
    if why:
        pytest.skip(f"no sandbox here: {why}")
    ctypes.CDLL(None).prctl(BECOME_PARENT_OF_ORPHANS, 1, 0, 0, 0)


@pytest.fixture(scope="session")
def targets(tmp_path_factory) -> dict[str, Target]:
    """The units under attack, by slug, each in a class of its own."""
    folder = tmp_path_factory.mktemp("classes")
    return {slug: make_target(slug, folder / slug) for slug in EVERY}


class Engines:
    """The running engine of each unit; `close` ends them and finds what they leave behind."""

    def __init__(self, targets: dict[str, Target], temporary: Path):
        self.targets, self.temporary = targets, temporary
        self.before = set(processes())
        self.running: dict[str, Grading] = {}

    def __getitem__(self, slug: str) -> Grading:
        if slug not in self.running:
            grading = Grading(self.targets[slug].source, SEED, Limits(seconds=CELL_SECONDS), jobs=2, sandbox="bwrap")
            self.running[slug] = grading.__enter__()
        return self.running[slug]

    def close(self) -> list[str]:
        """End all engines; return the processes, temporary files and marked files that are there afterwards."""
        for grading in self.running.values():
            grading.__exit__(None, None, None)
        self.running.clear()
        end = time.monotonic() + 5
        while (left := processes(self.before)) and time.monotonic() < end:
            time.sleep(0.05)
        running = [f"process {psutil.Process(pid).cmdline()}" for pid in left]
        return [*running, *map(str, self.temporary.iterdir()), *self.marked_files()]

    def marked_files(self) -> list[str]:
        """Return every file that a submission has marked as its own."""
        places = [Path.cwd(), Path.home(), *map(Path, ("/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/home", "/run"))]
        places += [folder for target in self.targets.values() for folder in (target.room, target.source.parent)]
        return [str(path) for place in places if place.is_dir() for path in place.glob(f"{LEFT}*")]


def processes(others: Collection[int] = ()) -> list[int]:
    """Return the processes that this one has started, directly or not, and that still run; not what `others` started.

    Another test's browser may be open all the while, and starts helpers of its own when it likes.
    """
    found, waiting = [], [psutil.Process()]
    while waiting:
        with contextlib.suppress(psutil.NoSuchProcess):
            children = [child for child in waiting.pop().children() if child.pid not in others]
            found += [child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE]
            waiting += children
    return found


@pytest.fixture(scope="module")
def engines(sandboxed, targets, tmp_path_factory):
    """The engines of all units; at the end nothing of them may be left."""
    temporary = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(temporary))
        patch.setenv("TMPDIR", str(temporary))
        running = Engines(targets, temporary)
        yield running
        left = running.close()
    assert left == [], "left behind after grading"

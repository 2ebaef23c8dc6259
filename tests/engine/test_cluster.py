"""Grading on a cluster of two worker processes, one of which is killed on the way."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.engine import cluster
from autograder.engine.team import GradingError
from autograder.grade import Options, grade_class
from tests.autograder.tiny_course import SLUG, tiny_class
from tests.engine.test_resume import contents, copied, hand_in

pytestmark = pytest.mark.slow
STUDENTS = [f"student{number:02}" for number in range(16)]
SLOW = "import time\ntime.sleep(0.5)\n"  # so that a worker that is killed has something to lose

MEMORY = Path("/sys/fs/cgroup/memory")  # where the kernel's limits on groups of processes are, version 1
FILL = """\
open("/proc/self/oom_score_adj", "w").write("-1000")  # the others are to go first
held = [bytearray(b"x" * 2**20) for _ in range({mb})]
"""


def dask(*args) -> subprocess.Popen:
    """Start one of dask's commands in a process group of its own, so that it can be ended with all that it started."""
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *args, "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def end(process: subprocess.Popen) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def address(tmp_path):
    """A scheduler without workers."""
    file = tmp_path / "scheduler.json"
    process = dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    until = time.monotonic() + 60
    while time.monotonic() < until and not (file.exists() and file.read_text().endswith("}")):
        time.sleep(0.05)
    yield json.loads(file.read_text())["address"]
    end(process)


@pytest.fixture
def worker(address, tmp_path):
    """A function that starts a worker."""
    started = []

    def start() -> subprocess.Popen:
        folder = str(tmp_path / f"worker{len(started)}")
        started.append(dask("worker", address, "--nthreads", "1", "--no-nanny", "--local-directory", folder))
        return started[-1]

    yield start
    for process in started:
        end(process)


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    room = tiny_class(tmp_path_factory.mktemp("cluster"), seed=5)
    for number, student in enumerate(STUDENTS):
        hand_in(room, student, SLOW + ("def double(x):\n    return 2 * x" if number % 2 else "double = print"))
    (room.folder("submitted", SLUG, STUDENTS[3]) / "exercises.ipynb").write_text("{")
    return room


@pytest.fixture(scope="module")
def expected(room, tmp_path_factory):
    undisturbed = copied(room, tmp_path_factory.mktemp("here") / "class")
    list(grade_class(undisturbed, SLUG, STUDENTS, Options(jobs=2)))
    return contents(undisturbed)


def test_a_worker_that_is_killed_costs_nobody_anything(room, expected, address, worker, tmp_path):
    lost, _ = worker(), worker()
    there = copied(room, tmp_path / "there")
    results = []
    for result in grade_class(there, SLUG, STUDENTS, Options(scheduler=address)):
        results.append(result.student)
        if len(results) == 5:  # both are at work by now
            end(lost)
    assert sorted(results) == STUDENTS
    assert contents(there) == expected


def test_a_worker_that_comes_later_takes_part(room, expected, address, worker, tmp_path):
    first, there = worker(), copied(room, tmp_path / "there")
    for number, _ in enumerate(grade_class(there, SLUG, STUDENTS, Options(scheduler=address))):
        if number == 2:
            worker()
            end(first)  # for a moment nobody is there
    assert contents(there) == expected


def test_what_is_missing_is_said(room, address, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(GradingError, match="has no workers; start some with: dask worker"):
        next(grade_class(room, SLUG, STUDENTS, Options(scheduler=address)))
    with pytest.raises(GradingError, match="no scheduler answers at tcp://127.0.0.1:9"):
        next(grade_class(room, SLUG, STUDENTS, Options(scheduler="tcp://127.0.0.1:9")))
    with pytest.raises(GradingError, match="no scheduler answers at elsewhere"):
        next(grade_class(room, SLUG, STUDENTS, Options(scheduler="elsewhere")))


def test_a_worker_with_another_release_refuses(room, address, worker, monkeypatch):
    monkeypatch.setattr(cluster, "basis_of", lambda grading: "another")
    worker()
    with pytest.raises(GradingError, match="the worker tcp://.* has other packages, other checks or another engine"):
        next(grade_class(room, SLUG, STUDENTS, Options(scheduler=address)))


def test_large_outputs_are_dropped_and_the_score_stays(room, monkeypatch):
    from autograder.engine.grading import Grading

    source, released = (room.folder(step, SLUG) / "exercises.ipynb" for step in ("source", "release"))
    monkeypatch.setattr(cluster, "MOST_CHARACTERS", 10)
    with Grading(source, 5, released=released) as grading:
        monkeypatch.setattr(cluster, "_grading_of", lambda unit: grading)
        rebuilt = grading.rebuilt((room.folder("submitted", SLUG, STUDENTS[1]) / "exercises.ipynb").read_bytes())
        report = json.loads(cluster.grade_there({}, cluster._text_of(rebuilt)))
    assert report["verdicts"]["check_double"]["state"] == "passed"
    assert "Its outputs are too large to be kept." in report["notes"]
    assert not any(cell.get("outputs") for cell in report["notebook"]["cells"])


@pytest.fixture
def small_memory():
    """A group of processes with a limit on its memory; the kernel ends some of them when it is reached."""
    group = MEMORY / f"autograder-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        pytest.skip("this user may not make a group of processes with a limit on its memory")
    yield group
    until = time.monotonic() + 30
    while group.exists() and time.monotonic() < until:  # those that were ended take a moment to be gone
        with contextlib.suppress(OSError):
            for pid in (group / "cgroup.procs").read_text().split():
                (MEMORY / "cgroup.procs").write_text(pid)
            for inner in filter(Path.is_dir, group.iterdir()):  # left by the worker that was ended
                inner.rmdir()
            group.rmdir()
        time.sleep(0.05)
    assert not group.exists()


def test_a_machine_out_of_memory(room, expected, address, worker, small_memory, tmp_path):
    small, _ = worker(), worker()
    (small_memory / "cgroup.procs").write_text(str(small.pid))
    there = copied(room, tmp_path / "class")
    run = grade_class(there, SLUG, STUDENTS, Options(scheduler=address))
    next(run)
    (small_memory / "memory.limit_in_bytes").write_text(str(600 * 2**20))
    filling = subprocess.Popen([sys.executable, "-c", "input()\n" + FILL.format(mb=560)], stdin=subprocess.PIPE)
    (small_memory / "cgroup.procs").write_text(str(filling.pid))
    filling.communicate(b"\n")
    list(run)
    list(grade_class(there, SLUG, STUDENTS, Options(jobs=2)))
    killed = int((small_memory / "memory.oom_control").read_text().split("oom_kill ")[1])
    end(small)
    assert killed >= 1
    assert contents(there) == expected

"""A full disk, a locked gradebook: one line says so, and the next run ends as if nothing had been."""

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autograder.grade import Options, grade_class
from tests.autograder.tiny_course import SLUG
from tests.engine.test_resume import STUDENTS, contents, copied, room  # noqa: F401

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def expected(room, tmp_path_factory):  # noqa: F811
    undisturbed = copied(room, tmp_path_factory.mktemp("undisturbed") / "class")
    list(grade_class(undisturbed, SLUG, STUDENTS, Options(jobs=2)))
    return contents(undisturbed)


def graded(room) -> subprocess.CompletedProcess:  # noqa: F811
    """Grade by the command line in a process of its own."""
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "grade", SLUG, "--jobs", "2"]
    return subprocess.run(command, cwd=room.root, capture_output=True, text=True, timeout=120)


@contextlib.contextmanager
def small_disk(place: Path, kilobytes: int):
    """Mount an empty disk of that size; skip where this user may not."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk(room, expected, tmp_path):  # noqa: F811
    stopped = 0
    size = sum(path.stat().st_size // 1024 + 5 for path in room.root.rglob("*")) + 400
    for left in (0, 4, 8, 12, 16):
        with small_disk(tmp_path / f"disk{left}", size) as disk:
            full = copied(room, disk / "class")
            free = shutil.disk_usage(disk).free - left * 1024
            (disk / "film").write_bytes(bytes(max(free, 0)))
            said = graded(full)
            lines = [line for line in said.stderr.splitlines() if not line.startswith("fay: ")]
            assert said.returncode == 1 and len(lines) <= 1, said.stderr
            stopped += any("is full; make room" in line or "No space left on device" in line for line in lines)
            (disk / "film").unlink()
            assert graded(full).returncode == 1  # what fay handed in cannot be read
            assert contents(full) == expected
    assert stopped >= 3, f"the disk was too small only {stopped} times"


def test_a_gradebook_that_is_locked_for_good(room, expected, tmp_path):  # noqa: F811
    locked = copied(room, tmp_path / "class")
    with contextlib.closing(sqlite3.connect(locked.root / "gradebook.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = graded(locked)
    assert said.returncode == 1 and "Traceback" not in said.stderr
    assert "is locked; another program is writing to it" in said.stderr and said.stderr.count("\n") == 1
    graded(locked)
    assert contents(locked) == expected


def test_a_gradebook_that_is_locked_for_a_moment(room, expected, tmp_path):  # noqa: F811
    locked = copied(room, tmp_path / "class")
    other = sqlite3.connect(locked.root / "gradebook.db", check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(2.5, other.rollback)
    timer.start()
    said = graded(locked)
    timer.join()
    other.close()
    assert "locked" not in said.stderr
    assert contents(locked) == expected

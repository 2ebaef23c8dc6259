"""A real read-only folder and a real full disk: bubblewrap mounts them over the learner's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from introdl import progress, worksheets
from tests.introdl.conftest import exercises

READ_ONLY, FULL = ":", 'cp -r "$BEFORE/." . && cat /dev/zero > filler'
NOISE = {READ_ONLY: "", FULL: "cat: write error: No space left on device\n"}
REASON = {READ_ONLY: "Read-only file system", FULL: "No space left on device"}


@pytest.fixture
def mounted(course):
    """Return a function that runs Python code in a unit's folder, with work/ mounted in this way: (exit code, errors).

    What work/ holds then is in the folder `after`.
    """
    if not shutil.which("bwrap"):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("bubblewrap is not installed")
    work, after = course / "work", course / "after"

    def mounted(mount, code):
        script = f'{mount}\ncd 01_one || exit 9\n"$PYTHON" -c "$CODE"; code=$?\ncp -r .. {after}; exit $code'
        env = os.environ | {"PYTHON": sys.executable, "CODE": code, "BEFORE": str(course / "before")}
        env |= {"PYTHONPATH": os.pathsep.join(sys.path)}
        how = ["--ro-bind", work, work] if mount == READ_ONLY else ["--size", str(2**16), "--tmpfs", work]
        shutil.copytree(work, course / "before")
        command = ["bwrap", "--dev-bind", "/", "/", *how, "--chdir", work, "sh", "-c", script]
        done = subprocess.run(list(map(str, command)), env=env, capture_output=True, text=True)
        return done.returncode, done.stderr

    return mounted


def run(course, words):
    return f"from pathlib import Path; from introdl import cli; cli.ROOT = Path({str(course)!r}); cli.main({words!r})"


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def begin(course):
    """Begin a unit, answer a task, and let the course have a newer notebook."""
    worksheets.start("01_one", course)
    own = course / "work" / "01_one" / "exercises.ipynb"
    own.write_text(own.read_text().replace("raise NotImplementedError()", "return 41", 1))
    newer = exercises(first="def first():\n    ...", second="def second():\n    ...")
    nbformat.write(newer, course / "course" / "01_one" / "exercises.ipynb")
    (course / "work" / "progress.jsonl").write_text(
        '{"time": "2026-01-01T00:00:00+00:00", "unit": "01_one", "task": "first", "event": "pass"}\n'
    )


@pytest.mark.parametrize("mount", [READ_ONLY, FULL])
@pytest.mark.parametrize("words", [["start", "2"], ["reset", "1"], ["update", "--merge", "1"], ["review"]])
def test_a_command_that_cannot_write_says_so_and_leaves_all_as_it_was(course, mounted, mount, words):
    begin(course)
    code, complaint = mounted(mount, run(course, words))
    complaint = complaint.removeprefix(NOISE[mount])
    assert code == 1 and REASON[mount] in complaint and str(course / "work") in complaint
    assert len(complaint.splitlines()) == 1
    after = content(course / "after")
    after.pop(Path("filler"), None)
    assert after == content(course / "before")


@pytest.mark.parametrize("mount", [READ_ONLY, FULL])
def test_checks_and_the_map_work_where_nothing_can_be_written(course, mounted, mount):
    begin(course)
    checks = "from introdl import progress\nfor _ in range(200): progress.record('01_one', 'second', 'pass')\n"
    assert mounted(mount, checks + run(course, ["progress"])) == (0, NOISE[mount])
    kept = [row["task"] for row in progress.events(course / "after")]
    assert kept[0] == "first" and len(kept) < 50  # a few fit into the last block of a full disk

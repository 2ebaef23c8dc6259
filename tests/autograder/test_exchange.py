"""nbgrader's own exchange, with nbgrader's own commands on both sides, as on a JupyterHub with a shared folder."""

import getpass
import subprocess
import sys

import nbformat
import pytest

from autograder.environment import nbgrader_environment
from tests.autograder.formgrader import ROOT
from tests.autograder.tiny_course import AREA, SLUG

pytestmark = pytest.mark.slow


def nbgrader(folder, exchange, *words):
    """Run one of nbgrader's commands in a folder."""
    command = [sys.executable, "-m", "nbgrader", *words, f"--Exchange.root={exchange}"]
    with nbgrader_environment(PYTHONPATH=str(ROOT)):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_released_fetched_submitted_collected_and_graded(autograder, tmp_path):
    room, student, exchange = (tmp_path / name for name in ("autumn", "student", "exchange"))
    autograder("init", room)
    autograder("release", "1", "--class", room)
    student.mkdir()
    nbgrader(room, exchange, "release_assignment", SLUG)
    nbgrader(student, exchange, "fetch_assignment", SLUG, "--course", "autumn")
    own = student / SLUG / "exercises.ipynb"
    notebook = nbformat.read(own, as_version=4)
    notebook.cells[4].source = AREA
    nbformat.write(notebook, own)
    nbgrader(student, exchange, "submit", SLUG, "--course", "autumn")
    code, out, errors = autograder("collect", "1", exchange, "--class", room)
    assert code == 0 and getpass.getuser() in out, errors
    assert "3 of 5" in autograder("grade", "1", "--class", room)[1]
    notebook.cells[2].source = "def double(x):\n    return x + x"
    nbformat.write(notebook, own)
    nbgrader(student, exchange, "submit", SLUG, "--course", "autumn")
    nbgrader(room, exchange, "collect", SLUG, "--update")  # what ngshare needs, too
    assert "5 of 5" in autograder("grade", "1", "--class", room)[1]

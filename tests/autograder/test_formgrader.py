"""nbgrader's own programs, started in a class folder: formgrader, Validate, the command line."""

import json
import subprocess
import sys

import nbformat
import pytest

from autograder import units
from autograder.environment import nbgrader_environment
from autograder.new_class import create_class
from autograder.release import release_to_class
from tests.autograder.formgrader import ROOT, asked, formgrader
from tests.autograder.tiny_course import SLUG, tiny_source, write

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def room(solutions, tmp_path_factory):
    """A class with the tiny unit released and one right answer handed in."""
    room = create_class(tmp_path_factory.mktemp("classes") / "autumn")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "SOLUTIONS", solutions)
        release_to_class(room, SLUG)
    write(tiny_source(), room.folder("submitted", SLUG, "ada"))
    return room


@pytest.fixture(scope="module")
def ask(room):
    """Start `autograder formgrader`; return a function that asks its server."""
    with formgrader(room) as address:
        yield lambda path, data=None: asked(address + path, data)


def test_formgrader_shows_the_unit(ask):
    assert "nbgrader formgrade" in ask("/formgrader/")
    unit, = json.loads(ask("/formgrader/api/assignments"))
    assert (unit["name"], unit["status"], unit["max_score"]) == (SLUG, "draft", 9)


def test_formgrader_grades_on_the_class_seed(ask, room):
    assert json.loads(ask(f"/formgrader/api/submission/{SLUG}/ada/autograde", {}))["success"]
    graded = nbformat.read(room.folder("autograded", SLUG, "ada") / "exercises.ipynb", as_version=4)
    assert graded.cells[0].outputs[0].text == f"{room.seed} 1 1\n"
    submission = json.loads(ask(f"/formgrader/api/submission/{SLUG}/ada"))
    assert (submission["code_score"], submission["needs_manual_grade"]) == (5, True)


def test_validate_names_the_failing_checks(ask):
    answer = json.loads(ask(f"/assignments/validate?path=release/{SLUG}/exercises.ipynb", {}))
    assert answer["success"] and [cell["source"] for cell in answer["value"]["failed"]] == [
        "assert double(3) == 6", "assert area(2, 3) == 6", "YOUR ANSWER HERE"]


def test_nbgraders_command_line_makes_the_same_release(room):
    released = room.folder("release", SLUG) / "exercises.ipynb"
    ours = released.read_bytes()
    released.unlink()
    with nbgrader_environment(PYTHONPATH=str(ROOT)):
        subprocess.run([sys.executable, "-m", "nbgrader", "generate_assignment", SLUG, "--force"],
                       cwd=room.root, check=True, capture_output=True)
    assert released.read_bytes() == ours

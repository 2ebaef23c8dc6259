"""What a student gets, and what a release leaves alone."""

import nbformat
import pytest
from nbgrader.converters import generate_assignment
from nbgrader.preprocessors import savecells

from autograder.release import ReleaseError, release_unit
from tests.autograder.tiny_course import SLUG, tiny_source, write


@pytest.fixture
def released(solutions, tmp_path):
    return release_unit(solutions, tmp_path / "release", SLUG)


def test_a_student_gets_stubs_and_no_hidden_test(released):
    text = released.read_text()
    assert text.count("raise NotImplementedError()") == 2 and "YOUR ANSWER HERE" in text
    for secret in ("return 2 * x", "Because it is so", "area(4, 5)", "SOLUTION", "HIDDEN"):
        assert secret not in text


def test_no_python_file_travels_but_data_does(released):
    assert sorted(path.name for path in released.parent.iterdir()) == ["data.csv", "exercises.ipynb"]


def test_only_check_cells_may_raise(released):
    cells = nbformat.read(released, as_version=4).cells
    assert [cell.id for cell in cells if "raises-exception" in cell.metadata.get("tags", [])] == [
        "check-double", "check-area"]


def test_cell_ids_stay(released):
    assert [cell.id for cell in nbformat.read(released, 4).cells] == [cell.id for cell in tiny_source().cells]


def test_two_releases_are_identical(solutions, released):
    first = released.read_bytes()
    release_unit(solutions, released.parents[1], SLUG)
    assert released.read_bytes() == first


def test_a_release_leaves_the_lesson_beside_it_alone(solutions, released):
    (released.parent / "lesson.ipynb").write_text("the lesson")
    (released.parent / "figures").mkdir()
    (released.parent / "figures" / "a.png").write_text("a figure")
    release_unit(solutions, released.parents[1], SLUG)
    assert (released.parent / "lesson.ipynb").read_text() == "the lesson"
    assert (released.parent / "figures" / "a.png").exists()


def test_a_failed_release_says_why_and_changes_nothing(solutions, released, tmp_path):
    before = released.read_bytes()
    broken = tiny_source()
    broken.cells[2].source = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x"
    source = write(broken, tmp_path / "source" / SLUG)
    with pytest.raises(ReleaseError) as error:
        release_unit(tmp_path / "source", released.parents[1], SLUG)
    assert str(error.value) == f"{source}: No end solution statement found"
    assert released.read_bytes() == before


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": 3, "nbformat": 4}', "\0"])
def test_a_source_that_is_no_notebook_is_one_sentence(text, tmp_path):
    source = write(tiny_source(), tmp_path / "source" / SLUG)
    source.write_text(text)
    with pytest.raises(ReleaseError) as error:
        release_unit(tmp_path / "source", tmp_path / "release", SLUG)
    assert str(source) in str(error.value) and "\n" not in str(error.value)


def test_a_unit_without_a_notebook_says_what_to_do(tmp_path):
    with pytest.raises(ReleaseError, match="make build"):
        release_unit(tmp_path, tmp_path / "release", SLUG)


def test_no_gradebook_is_opened_unasked(solutions, tmp_path, monkeypatch):
    def opened(*arguments):
        raise AssertionError("a gradebook was opened")

    monkeypatch.setattr(generate_assignment, "Gradebook", opened)
    monkeypatch.setattr(savecells, "Gradebook", opened)
    release_unit(solutions, tmp_path / "release", SLUG)


def test_odd_folder_names_are_no_patterns(solutions, tmp_path):
    assert release_unit(solutions, tmp_path / "a+b (1) [2]" / "release", SLUG).exists()

"""A worksheet run in a fresh kernel: the course's checks judge it, and the file stays as it is."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from introdl import marking, worksheets
from introdl.worksheets import CourseError


@pytest.fixture
def worksheet(course):
    """Put other cells into the learner's copy of 01_one: returns a function that does, and checks it."""
    worksheets.start("01_one", course)
    path = course / "work" / "01_one" / "exercises.ipynb"

    def marked(seconds=60, **answers):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        notebook.cells.insert(0, new_code_cell(answers.get("before", "")))
        notebook.cells = [cell for cell in notebook.cells if cell.source != "GONE"]
        nbformat.write(notebook, path)
        before = path.read_bytes()
        verdicts = marking.check("01_one", course, seconds)
        assert path.read_bytes() == before
        return {verdict.task: (verdict.passed, verdict.message) for verdict in verdicts}

    return marked


@pytest.mark.slow
def test_each_check_is_heard(worksheet, capfd):
    verdicts = worksheet(first="def first(): return 42", second="def second(): return 41")
    assert "WARNING" not in capfd.readouterr().err
    assert verdicts == {
        "first": (True, "✓ 42 it is"),
        "second": (False, "✗ not 42\n  Think of the answer to everything."),
    }


@pytest.mark.slow
def test_a_cell_that_stopped_is_named_rather_than_what_follows_from_it(worksheet):
    verdicts = worksheet(first="def first() return 42", second="x = 3")
    assert verdicts["first"][1].startswith("✗ first: your cell stopped with SyntaxError: ")
    unknown = "✗ second: the check stopped with NameError: name 'second' is not defined"
    assert verdicts["second"] == (False, unknown)


@pytest.mark.slow
def test_a_changed_or_deleted_check_earns_nothing(worksheet):
    verdicts = worksheet(check_first="print('fine')", check_second="GONE")
    assert verdicts["first"][0] is False and "NotImplementedError" in verdicts["first"][1]
    assert verdicts["second"] == (False, "✗ second: its check cell is not in your notebook any more")


@pytest.mark.slow
def test_a_loop_without_end_costs_its_own_task_only(worksheet):
    verdicts = worksheet(seconds=3, first="while True: pass", second="def second(): return 42")
    assert verdicts["first"] == (False, "✗ first: your cell stopped with KeyboardInterrupt")
    assert verdicts["second"][0]


@pytest.mark.slow
def test_a_kernel_that_dies_is_said_in_two_lines(worksheet):
    with pytest.raises(CourseError, match="Python itself stopped") as caught:
        worksheet(before="import os; os._exit(1)")
    assert len(str(caught.value).splitlines()) == 2


def test_a_unit_that_was_not_started_says_what_to_do(course):
    with pytest.raises(CourseError, match="introdl start 02"):
        marking.check("02_two", course)


def test_a_worksheet_that_is_no_notebook_says_what_to_do(course):
    worksheets.start("01_one", course)
    (course / "work" / "01_one" / "exercises.ipynb").write_text("{")
    with pytest.raises(CourseError, match="introdl reset 01"):
        marking.check("01_one", course)

"""What nbgrader itself gives: the yardstick of our own engine, and what `nbgrader autograde` does in a class."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.nbgrader_marks import GradeError, automatic_marks
from tests.autograder.tiny_course import SLUG, role, tiny_source, write

pytestmark = pytest.mark.slow


def test_a_tag_of_the_students_own_does_not_count(solutions, tmp_path):
    notebook = tiny_source()
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution"]
    notebook.cells[2].source = notebook.cells[4].source = ""
    marks = automatic_marks(write(notebook, tmp_path), solutions / SLUG / "exercises.ipynb")
    assert marks == {"double": (0, 2), "area": (0, 3)}


def test_automatic_marks_of_a_reference_leave_out_what_a_person_grades(tmp_path):
    notebook = tiny_source()
    notebook.cells.append(new_code_cell("sketch = 1", id="sketch", metadata=role("sketch", 5, solution=True)))
    source = write(notebook, tmp_path)
    assert automatic_marks(source, source) == {"double": (2, 2), "area": (3, 3)}


def test_automatic_marks_of_no_answers(solutions, tmp_path):
    source = solutions / SLUG / "exercises.ipynb"
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        cell.source = "" if cell.metadata.get("nbgrader", {}).get("solution") else cell.source
    assert automatic_marks(write(notebook, tmp_path), source) == {"double": (0, 2), "area": (0, 3)}


def test_automatic_marks_of_no_notebook(solutions, tmp_path):
    (tmp_path / "bad.ipynb").write_text("[]")
    with pytest.raises(GradeError, match=r"bad.ipynb: "):
        automatic_marks(tmp_path / "bad.ipynb", solutions / SLUG / "exercises.ipynb")

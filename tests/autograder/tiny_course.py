"""A course of one tiny unit, 01_tiny: two tasks and a written answer, checked with plain asserts."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder import units
from autograder.course import Class
from autograder.new_class import create_class
from autograder.release import release_to_class

SLUG = "01_tiny"
DOUBLE = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
AREA = "def area(a, b):\n    ### BEGIN SOLUTION\n    return a * b\n    ### END SOLUTION"
CHECK_AREA = "assert area(2, 3) == 6\n### BEGIN HIDDEN TESTS\nassert area(4, 5) == 20\n### END HIDDEN TESTS"
ENVIRONMENT = """\
import os
print(*(os.environ.get(name) for name in ("INTRODL_SEED", "OMP_NUM_THREADS", "INTRODL_QUIET")))"""


def role(name: str, points: float | None = None, solution: bool = False, locked: bool = False) -> dict:
    """Return nbgrader's metadata for a cell."""
    metadata = {"grade_id": name, "grade": points is not None, "solution": solution, "locked": locked,
                "task": False, "schema_version": 3}
    return {"nbgrader": metadata | ({} if points is None else {"points": points})}


def tiny_source() -> nbformat.NotebookNode:
    """Return the unit's source notebook: 2 + 3 points by checks, 4 by a person."""
    return new_notebook(cells=[
        new_code_cell(ENVIRONMENT, id="environment"),
        new_markdown_cell("Double it.", id="prompt", metadata=role("prompt_double", locked=True)),
        new_code_cell(DOUBLE, id="double", metadata=role("double", solution=True)),
        new_code_cell("assert double(3) == 6", id="check-double",
                      metadata=role("check_double", 2, locked=True)),
        new_code_cell(AREA, id="area", metadata=role("area", solution=True)),
        new_code_cell(CHECK_AREA, id="check-area", metadata=role("check_area", 3, locked=True)),
        new_markdown_cell("Because it is so.", id="why", metadata=role("why", 4, solution=True)),
    ], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})


def write(notebook: nbformat.NotebookNode, folder: Path) -> Path:
    """Write a notebook as exercises.ipynb into a folder, made where needed."""
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "exercises.ipynb")
    return folder / "exercises.ipynb"


def tiny_class(folder: Path, seed: int) -> Class:
    """Make a class in a folder, with the unit released to it."""
    write(tiny_source(), folder / "solutions" / SLUG)
    room = create_class(folder / "autumn", seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "SOLUTIONS", folder / "solutions")
        release_to_class(room, SLUG)
    return room

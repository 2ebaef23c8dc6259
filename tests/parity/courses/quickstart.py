"""nbgrader's own quick-start course, as it ships with nbgrader: two problems, two students, a reference, a stub."""

import json
from pathlib import Path

import nbformat
import nbgrader

GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
SLUG = "ps1"
PROBLEMS = ("problem1", "problem2")
STUDENTS = {  # where each handed in
    "reference": GUIDE / "source" / SLUG,
    "stub": GUIDE / "release" / SLUG,
    "bitdiddle": GUIDE / "submitted" / "bitdiddle" / SLUG,
    "hacker": GUIDE / "submitted" / "hacker" / SLUG,
}
CHECKS = ("correct_squares", "squares_invalid_input", "correct_sum_of_squares", "sum_of_squares_uses_squares")
AUTOMATIC = {  # points of these checks in problem1; problem2 has none
    "reference": (1, 1, 0.5, 0.5), "stub": (0, 0, 0, 0), "bitdiddle": (0, 1, 0, 0.5), "hacker": (1, 1, 0.5, 0.5)}


def source(problem: str) -> Path:
    """Return the instructor's notebook of a problem."""
    return GUIDE / "source" / SLUG / f"{problem}.ipynb"


def submission(problem: str, student: str) -> nbformat.NotebookNode:
    """Return what a student handed in for a problem, byte for byte as it ships."""
    return nbformat.from_dict(json.loads((STUDENTS[student] / f"{problem}.ipynb").read_text(encoding="utf-8")))

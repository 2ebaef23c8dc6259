"""How the courses of these tests are written down: their cells, and what students make of them."""

import copy
from dataclasses import dataclass, field

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.autograder.tiny_course import role

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")  # lines of the source that no student has
ALL = "all"


def text(name: str, source: str) -> nbformat.NotebookNode:
    """Return a cell of prose without a role in nbgrader."""
    return new_markdown_cell(source.strip("\n"), id=name)


def code(name: str, source: str) -> nbformat.NotebookNode:
    """Return a code cell without a role in nbgrader: students may change it."""
    return new_code_cell(source.strip("\n"), id=name)


def locked(name: str, source: str) -> nbformat.NotebookNode:
    """Return a read-only code cell."""
    return new_code_cell(source.strip("\n"), id=name, metadata=role(name, locked=True))


def solution(name: str, source: str) -> nbformat.NotebookNode:
    """Return an answer cell that check cells grade."""
    return new_code_cell(source.strip("\n"), id=name, metadata=role(name, solution=True))


def check(name: str, points: float, source: str) -> nbformat.NotebookNode:
    """Return a cell of tests."""
    return new_code_cell(source.strip("\n"), id=name, metadata=role(name, points, locked=True))


def manual_code(name: str, points: float, source: str) -> nbformat.NotebookNode:
    """Return an answer cell with code that a person grades."""
    return new_code_cell(source.strip("\n"), id=name, metadata=role(name, points, solution=True))


def manual_text(name: str, points: float, source: str) -> nbformat.NotebookNode:
    """Return an answer cell with prose that a person grades."""
    return new_markdown_cell(source.strip("\n"), id=name, metadata=role(name, points, solution=True))


def course(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a source notebook of these cells."""
    return new_notebook(cells=list(cells), metadata=copy.deepcopy(KERNEL))


@dataclass(frozen=True)
class Submission:
    """What a student did with the released notebook, and the points that nbgrader must give for it.

    Cells not named hold the instructor's answer. All names are cell ids (= nbgrader's grade ids).
    """

    edits: dict[str, str] = field(default_factory=dict)  # cell → what stands in it
    blank: tuple[str, ...] | str = ()  # cells left as released, or ALL
    added: dict[str, str] = field(default_factory=dict)  # cell → a code cell that the student put after it
    removed: tuple[str, ...] = ()  # cells deleted
    lost: dict[str, float] | tuple[str, ...] | str = ()  # check → its points where these are not the most (tuple: 0)
    warned: tuple[str, ...] = ()  # checks in which something was written to stderr: nbgrader gives 0


def hand_in(submission: Submission, source: nbformat.NotebookNode, released: nbformat.NotebookNode):
    """Return the notebook that the student hands in."""
    answers = {cell.id: without_marks(cell.source) for cell in source.cells if _is_answer(cell)}
    notebook = copy.deepcopy(released)
    cells = []
    for cell in notebook.cells:
        if submission.blank != ALL and cell.id not in submission.blank:
            cell.source = answers.get(cell.id, cell.source)
        cell.source = submission.edits.get(cell.id, cell.source).strip("\n")
        cells += [cell] if cell.id not in submission.removed else []
        if cell.id in submission.added:
            cells.append(new_code_cell(submission.added[cell.id].strip("\n"), id=f"added-{cell.id}"))
    notebook.cells = cells
    unknown = {*submission.edits, *submission.added, *submission.removed} - {cell.id for cell in released.cells}
    assert not unknown, f"no such cells: {unknown}"
    return notebook


def expected_points(submission: Submission, source: nbformat.NotebookNode) -> dict[str, float]:
    """Return the automatic points that nbgrader must give, by check cell."""
    most = {cell.id: cell.metadata.nbgrader.points for cell in source.cells if _is_check(cell)}
    if submission.lost == ALL:
        return dict.fromkeys(most, 0)
    lost = submission.lost if isinstance(submission.lost, dict) else dict.fromkeys(submission.lost, 0)
    return most | lost | dict.fromkeys(submission.warned, 0)


def awaited(submission: Submission, source: nbformat.NotebookNode) -> set[str]:
    """Return the manual cells that the student filled in: a person has to grade them."""
    manual = {cell.id for cell in source.cells if _is_answer(cell) and cell.metadata.nbgrader.grade}
    return set() if submission.blank == ALL else manual - set(submission.blank)


def _is_answer(cell) -> bool:
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def _is_check(cell) -> bool:
    return cell.metadata.get("nbgrader", {}).get("grade", False) and not _is_answer(cell)


def without_marks(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if line.strip() not in MARKS)


@dataclass(frozen=True)
class Idiom:
    """One answer of a student, a check or two of a point each, and a locked cell before them."""

    name: str
    answer: str
    check: str
    then: str = ""  # a second check
    given: str = ""  # the locked cell
    points: float = 1  # that each check must give
    right: str = ""  # the instructor's answer, where the student's is wrong

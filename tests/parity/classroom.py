"""nbgrader's own scores of a whole course: one class, one run of Autograde over all its submissions."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.converters import Autograde

from autograder.convert import ConvertError, convert
from autograder.course import Class
from autograder.release import NOTEBOOK, release_unit

STDERR = "stderr"


@dataclass(frozen=True)
class Grade:
    """What nbgrader records for one graded cell."""

    points: float | None
    most: float
    awaited: bool  # "needs manual grade"
    warned: bool = False  # the check wrote to stderr and raised nothing: 0 points in nbgrader


def release(room: Class, slug: str, source: Path) -> nbformat.NotebookNode:
    """Release a source notebook in the class and return the students' version."""
    given = room.folder("source", slug)
    given.mkdir(parents=True)
    shutil.copyfile(source, given / f"{NOTEBOOK}.ipynb")
    released = release_unit(given.parent, room.folder("release", slug).parent, slug, room.db_url, room.name)
    return nbformat.read(released, as_version=4)


def autograde(room: Class, slug: str) -> dict[str, dict[str, Grade]]:
    """Let nbgrader grade all submissions of a course; return its scores by student and grade id."""
    config = room.config()
    config.CourseDirectory.assignment_id, config.CourseDirectory.student_id = slug, "*"
    config.Execute.shutdown_kernel = "immediate"  # a second saved at each notebook; nothing is lost by it
    try:
        convert(Autograde, config, INTRODL_SEED=str(room.seed))
    except ConvertError as error:
        raise AssertionError(f"nbgrader could not grade {slug}: {error}") from error
    with room.gradebook() as gradebook:
        return {student: _grades(room, slug, student, gradebook.find_submission_notebook(NOTEBOOK, slug, student))
                for student in room.students("submitted", slug)}


def _grades(room: Class, slug: str, student: str, notebook) -> dict[str, Grade]:
    executed = nbformat.read(room.folder("autograded", slug, student) / f"{NOTEBOOK}.ipynb", as_version=4)
    warned = {cell.metadata.nbgrader.grade_id for cell in executed.cells if _warned(cell)}
    return {grade.name: Grade(grade.auto_score, grade.max_score, grade.needs_manual_grade, grade.name in warned)
            for grade in notebook.grades}


def _warned(cell) -> bool:
    role = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code" or not role.get("grade") or role.get("solution"):
        return False
    kinds = {output.get("name", output.output_type) for output in cell.outputs}
    return STDERR in kinds and "error" not in kinds

"""The courses, their students' notebooks, and what nbgrader itself gives: one class, one Autograde run a course."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import nbformat
from nbgrader.converters import Autograde

from autograder.convert import ConvertError, convert
from autograder.course import Class
from autograder.new_class import create_class
from autograder.release import release_unit
from autograder.units import NOTEBOOK
from tests.autograder.tiny_course import write
from tests.parity.cells import Submission, hand_in
from tests.parity.courses import (
    arrays,
    arrays_students,
    quickstart,
    shapes,
    shapes_students,
    words,
    words_students,
)

STYLES: dict[str, ModuleType] = {"words": words, "shapes": shapes, "arrays": arrays}
SUBMISSIONS: dict[str, dict[str, Submission]] = {
    "words": words_students.SUBMISSIONS, "shapes": shapes_students.SUBMISSIONS, "arrays": arrays_students.SUBMISSIONS}
COURSES = ("arrays", *quickstart.PROBLEMS, "shapes", "words")  # the slowest first


@dataclass(frozen=True)
class Grade:
    """What nbgrader records for one graded cell."""

    points: float | None
    most: float
    awaited: bool  # "needs manual grade"
    warned: bool  # the check wrote to stderr and raised nothing: 0 points in nbgrader


@dataclass(frozen=True)
class Graded:
    """A course's source notebook, what its students hand in, and nbgrader's grades by student and grade id."""

    source: Path
    submitted: dict[str, nbformat.NotebookNode]
    given: dict[str, dict[str, Grade]]


def students(course: str) -> list[str]:
    """Return who takes a course."""
    return list(SUBMISSIONS.get(course, quickstart.STUDENTS))


def graded_by_nbgrader(course: str, folder: Path) -> Graded:
    """Make a class in a new folder, release the course there, hand in and let nbgrader grade."""
    room = create_class(folder / "class", seed=0)
    ours = course in STYLES
    source = write(STYLES[course].source(), folder / "source") if ours else quickstart.source(course)
    released = _release(room, course, source)
    submitted = {
        student: hand_in(SUBMISSIONS[course][student], STYLES[course].source(), released) if ours
        else quickstart.submission(course, student) for student in students(course)}
    for student, notebook in submitted.items():
        write(notebook, room.folder("submitted", course, student))
    return Graded(source, submitted, _autograde(room, course))


def _release(room: Class, course: str, source: Path) -> nbformat.NotebookNode:
    given = room.folder("source", course)
    given.mkdir(parents=True)
    shutil.copyfile(source, given / f"{NOTEBOOK}.ipynb")
    released = release_unit(given.parent, room.folder("release", course).parent, course, room.db_url, room.name)
    return nbformat.read(released, as_version=4)


def _autograde(room: Class, course: str) -> dict[str, dict[str, Grade]]:
    config = room.config()
    config.CourseDirectory.assignment_id, config.CourseDirectory.student_id = course, "*"
    config.Execute.shutdown_kernel = "immediate"  # a second saved at each notebook; nothing is lost by it
    for tries_left in (1, 0):
        try:
            convert(Autograde, config, INTRODL_SEED=str(room.seed))
            break
        except ConvertError as error:  # a kernel ends at its start where another process was faster to take its port
            if not tries_left or "Kernel died" not in str(error):
                raise AssertionError(f"nbgrader could not grade {course}: {error}") from error
    with room.gradebook() as gradebook:
        return {student: _grades(room, course, student, gradebook.find_submission_notebook(NOTEBOOK, course, student))
                for student in students(course)}


def _grades(room: Class, course: str, student: str, notebook) -> dict[str, Grade]:
    executed = nbformat.read(room.folder("autograded", course, student) / f"{NOTEBOOK}.ipynb", as_version=4)
    warned = {cell.metadata.nbgrader.grade_id for cell in executed.cells if _warned(cell)}
    return {grade.name: Grade(grade.auto_score, grade.max_score, grade.needs_manual_grade, grade.name in warned)
            for grade in notebook.grades}


def _warned(cell) -> bool:
    role = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code" or not role.get("grade") or role.get("solution"):
        return False
    kinds = {output.get("name", output.output_type) for output in cell.outputs}
    return "stderr" in kinds and "error" not in kinds

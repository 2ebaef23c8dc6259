"""What nbgrader itself gives a notebook: the measure of our engine, and what `nbgrader autograde` runs in a class."""

import os
import shutil
import tempfile
from pathlib import Path

from nbgrader.api import SubmittedNotebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import AutograderError
from autograder.convert import ConvertError, convert
from autograder.course import GLOB, Class
from autograder.new_class import create_class
from autograder.release import release_unit, step_names
from autograder.units import NOTEBOOK

Marks = dict[str, tuple[float | None, float]]  # task → (automatic points or None, most points)


class GradeError(AutograderError):
    """A notebook could not be graded; the message says which and why."""


class DropTags(NbGraderPreprocessor):
    """Takes the tags off submitted cells: nbgrader gives full marks to a check tagged `skip-execution`."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Return the cell without tags."""
        cell.metadata.pop("tags", None)
        return cell, resources


NBGRADER_STEPS = Autograde.class_traits()["sanitize_preprocessors"].default()
SANITIZE_STEPS = ["autograder.nbgrader_marks.DropTags", *step_names(NBGRADER_STEPS)]


def automatic_marks(notebook_path: Path, source_path: Path, seed: int = 0) -> Marks:
    """Return what nbgrader itself gives a notebook for each task, graded in a class made for the purpose.

    `source_path` is the unit's source notebook (with solutions); a task is named by its check cell's grade id
    without `check_`. Written answers need a person and are left out. Raises GradeError.
    """
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        room, slug = create_class(Path(folder, "class"), seed), "unit"
        source, submitted = room.folder("source", slug), room.folder("submitted", slug, "student")
        for path, target in ((source_path, source), (notebook_path, submitted)):
            target.mkdir(parents=True)
            shutil.copyfile(path, target / f"{NOTEBOOK}.ipynb")
        release_unit(source.parent, room.folder("release", slug).parent, slug, room.db_url, room.name)
        problem = _autograde(room, slug, "student")
        if problem:
            raise GradeError(f"{notebook_path}: {problem}")
        with room.gradebook() as gradebook:
            return marks_of(gradebook.find_submission_notebook(NOTEBOOK, slug, "student"))


def _autograde(room: Class, slug: str, student: str) -> str | None:
    """Run nbgrader's autograde on one submission; return what went wrong in one sentence, or None."""
    notebook = room.folder("submitted", slug, student) / f"{NOTEBOOK}.ipynb"
    if not notebook.is_file():
        return f"{os.path.relpath(notebook, room.root)} is missing"
    if any(character in student for character in GLOB):
        return f"nbgrader takes no student name with {' '.join(GLOB)}: rename submitted/{student}"
    config = room.config()
    config.CourseDirectory.assignment_id, config.CourseDirectory.student_id = slug, student
    config.BaseConverter.force = True
    try:
        convert(Autograde, config, INTRODL_SEED=str(room.seed))
    except ConvertError as error:
        return f"{os.path.relpath(notebook, room.root)}: {error}"
    return None


def marks_of(notebook: SubmittedNotebook) -> Marks:
    """Return the automatic marks by task; cells that a student fills in and a person grades are left out."""
    written = {cell.name for cell in notebook.notebook.solution_cells}
    return {grade.name.removeprefix("check_"): (grade.auto_score, grade.max_score)
            for grade in notebook.grades if grade.name not in written and grade.cell_type == "code"}

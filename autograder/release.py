"""What a student gets: the one place where nbgrader's generate_assignment is configured and run."""

import os
import shutil
import tempfile
from fnmatch import fnmatch
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config

from autograder import AutograderError, ClassError, units
from autograder.convert import ConvertError, convert
from autograder.course import Class
from autograder.units import NOTEBOOK

IGNORE = ["*.py", "*.pyc", "__pycache__", "feedback", ".*"]  # what never travels to a student
TAG = "raises-exception"


class ReleaseError(AutograderError):
    """A unit could not be released; the message says where and why."""


class TagChecks(NbGraderPreprocessor):
    """Tags released check cells `raises-exception`: an unanswered task is not an error of the notebook."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Return the cell, tagged if it holds checks."""
        if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell):
            cell.metadata["tags"] = [*dict.fromkeys([*cell.metadata.get("tags", []), TAG])]
        return cell, resources


def step_names(steps: list[type]) -> list[str]:
    """Return nbgrader's preprocessors by name: formgrader shows the configuration as JSON."""
    return [f"{step.__module__}.{step.__name__}" for step in steps]


NBGRADER_STEPS = GenerateAssignment.class_traits()["preprocessors"].default()
RELEASE_STEPS = [*step_names(NBGRADER_STEPS), "autograder.release.TagChecks"]


def release_config(source_dir: Path, release_dir: Path, db_url: str | None = None) -> Config:
    """Return nbgrader's configuration for a release from `source_dir`/SLUG to `release_dir`/SLUG.

    Without `db_url` (an SQLAlchemy URL) no gradebook is read or written.
    """
    root = os.path.commonpath([source_dir.resolve(), release_dir.resolve()])
    config = Config()
    config.CourseDirectory.root = root
    config.CourseDirectory.source_directory = os.path.relpath(source_dir.resolve(), root)
    config.CourseDirectory.release_directory = os.path.relpath(release_dir.resolve(), root)
    config.CourseDirectory.notebook_id = NOTEBOOK  # without it, a forced release deletes the unit's other files
    config.CourseDirectory.ignore = IGNORE
    config.GenerateAssignment.preprocessors = RELEASE_STEPS
    config.BaseConverter.force = True
    if db_url is None:
        config.SaveCells.enabled = False
        config.GenerateAssignment.no_database = True
    else:
        config.CourseDirectory.db_url = db_url
    return config


def release_unit(source_dir: Path, release_dir: Path, slug: str, db_url: str | None = None,
                 course_id: str = "") -> Path:
    """Release `source_dir`/SLUG/exercises.ipynb and return the path of the student's version.

    Solutions become stubs and hidden tests go; files beside the notebook travel, except those in IGNORE. What
    else lies in `release_dir`/SLUG (a lesson) stays as it is, and if the release fails, so does everything.
    With `db_url` nbgrader's gradebook there learns of the assignment, under `course_id`. Two releases of one
    source are the same, byte for byte. Raises ReleaseError.
    """
    source = Path(source_dir) / slug / f"{NOTEBOOK}.ipynb"
    if not source.is_file():
        raise ReleaseError(f"{source} does not exist; build the unit first (make build)")
    with tempfile.TemporaryDirectory(prefix="release-") as stage:
        given, made = Path(stage).resolve() / "source", Path(stage).resolve() / "release"
        copy_files(source.parent, given / slug)
        config = release_config(given, made, db_url)
        config.CourseDirectory.assignment_id, config.CourseDirectory.course_id = slug, course_id
        try:
            convert(GenerateAssignment, config)
        except ConvertError as error:
            raise ReleaseError(f"{source}: {error}") from error
        copy_files(made / slug, Path(release_dir) / slug)
    return Path(release_dir) / slug / source.name


def copy_files(folder: Path, to: Path) -> None:
    """Copy the files that may travel from a folder to another, each in one step; other files there stay."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder)
        if any(fnmatch(part, pattern) for part in name.parts for pattern in IGNORE):
            continue
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(file, part)
        part.replace(target)


def release_to_class(room: Class, slug: str, force: bool = False) -> Path:
    """Release one of the course's units, or one of the class's own, in a class; return the student's notebook.

    Raises ReleaseError, and ClassError where source/ holds another version of the course's unit (unless `force`).
    """
    if slug not in units.course_units():
        return _release_own(room, slug)
    given, kept = units.SOLUTIONS / slug, room.folder("source", slug)
    mine = kept / f"{NOTEBOOK}.ipynb"
    course = given / mine.name
    if mine.exists() and course.exists() and mine.read_bytes() != course.read_bytes() and not force:
        raise ClassError(f"{mine} is not the course's version: older, or edited here; --force replaces it")
    with room.gradebook():
        pass  # a damaged gradebook is found before anything is written
    released = release_unit(units.SOLUTIONS, room.folder("release", "_").parent, slug, room.db_url, room.name)
    copy_files(given, kept)
    return released


def _release_own(room: Class, slug: str) -> Path:
    """Release a unit of the class's own; its notebook is made of source/SLUG/exercises.py first, if that is there."""
    from autograder.notebooks import TextError, exercises_notebook, write

    folder = room.folder("source", slug)
    with room.gradebook():
        pass  # a damaged gradebook is found before anything is written
    text = folder / f"{NOTEBOOK}.py"
    if text.exists():
        try:
            notebook = write(exercises_notebook(text))
        except TextError as error:
            raise ClassError(str(error)) from error
        (folder / f"{NOTEBOOK}.ipynb").write_text(notebook, encoding="utf-8")
    return release_unit(folder.parent, room.folder("release", "_").parent, slug, room.db_url, room.name)

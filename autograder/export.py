"""The gradebook → a CSV file, by nbgrader's own exporter."""

import itertools
from pathlib import Path

from nbgrader.plugins import CsvExportPlugin

from autograder import AutograderError
from autograder.convert import LOG
from autograder.course import Class


class ExportError(AutograderError):
    """A file that is in the way, or a folder that is not there."""


def export_marks(room: Class, to: Path | None = None, force: bool = False) -> Path:
    """Write all marks of a class to a CSV file, one line a student and assignment, and return its path.

    Without `to` the file is grades.csv in the class's folder, or a numbered one beside it: no file is
    overwritten unless `to` names it and `force` is set. Raises ExportError.
    """
    target = to or _free(room.root)
    if target.exists() and not force:
        raise ExportError(f"{target} exists; --force replaces it")
    if not target.parent.is_dir():
        raise ExportError(f"the folder {target.parent} does not exist")
    part = target.with_name(f".{target.name}.part")
    try:
        with room.gradebook() as gradebook:
            CsvExportPlugin(to=str(part), log=LOG).export(gradebook)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _free(folder: Path) -> Path:
    names = itertools.chain(["grades.csv"], (f"grades-{number}.csv" for number in itertools.count(2)))
    return next(folder / name for name in names if not (folder / name).exists())

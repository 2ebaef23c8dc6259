"""The gradebook → a CSV file: nbgrader's columns, totals, or what Canvas and Moodle import."""

import csv
import itertools
from collections import defaultdict
from pathlib import Path

from autograder import AutograderError
from autograder.course import Class
from autograder.marks import Mark, class_marks, total_of
from autograder.rosters import Table, canvas_table, moodle_table, read_roster

KINDS = ("nbgrader", "totals", "canvas", "moodle")
# As nbgrader's CsvExportPlugin writes them (nbgrader/plugins/export.py); that one does not quote a comma in a name.
COLUMNS = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
           "late_submission_penalty", "score", "max_score"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute instead of show


class ExportError(AutograderError):
    """A file that is in the way, or a folder that is not there."""


def export_marks(room: Class, to: Path | None = None, force: bool = False, kind: str = "nbgrader",
                 roster: Path | None = None, unit: str | None = None) -> Path:
    """Write all marks of a class to a CSV file and return its path; see `export_class`."""
    return export_class(room, to, force, kind, roster, unit)[0]


def export_class(room: Class, to: Path | None = None, force: bool = False, kind: str = "nbgrader",
                 roster: Path | None = None, unit: str | None = None) -> tuple[Path, list[Mark], set[str]]:
    """Write the marks of a class; return the file's path, the marks, and the students that the roster lacks.

    Without `to` the file is grades.csv in the class's folder, or a numbered one beside it: no file is
    overwritten unless `to` names it and `force` is set. `unit` leaves the others out. Raises ExportError,
    RosterError and ClassError.
    """
    target = to or free_name(room.root, "grades", ".csv")
    if target.exists() and not force:
        raise ExportError(f"{target} exists; --force replaces it")
    if not target.parent.is_dir():
        raise ExportError(f"the folder {target.parent} does not exist")
    if kind in ("canvas", "moodle") and roster is None:
        raise ExportError(f"--for {kind} needs --roster FILE.csv: what {kind.title()} itself exports of its gradebook")
    marks = [mark for mark in class_marks(room) if unit in (None, mark.unit)]
    table, lacking = _table(marks, kind, roster)
    _write(target, table)
    return target, marks, lacking


def _table(marks: list[Mark], kind: str, roster: Path | None) -> tuple[Table, set[str]]:
    if kind == "nbgrader":
        return [COLUMNS, *map(_row, marks)], set()
    if kind == "totals":
        return _totals(marks), set()
    make = canvas_table if kind == "canvas" else moodle_table
    table, found = make(marks, read_roster(roster))
    return table, {mark.student for mark in marks if not mark.missing} - found


def _row(mark: Mark) -> list[str]:
    times = ["" if time is None else str(time) for time in (mark.due, mark.handed_in)]
    names = [_text(name) for name in (mark.student, mark.last_name, mark.first_name, mark.email)]
    return [mark.unit, *times, *names, *map(str, (mark.raw, mark.penalty, mark.score, mark.most))]


def _totals(marks: list[Mark]) -> Table:
    """Return one row a student: each unit, what was dropped, the total and its share of all points in percent."""
    of_student: dict[str, dict[str, Mark]] = defaultdict(dict)
    for mark in marks:
        of_student[mark.student][mark.unit] = mark
    units = sorted({mark.unit for mark in marks})
    rows = [["student_id", *units, "dropped", "total", "of", "percent"]]
    for student, found in sorted(of_student.items()):
        points, most = total_of(list(found.values()))
        scores = [f"{found[unit].score:.2f}" for unit in units]
        dropped = " ".join(unit for unit in units if found[unit].dropped)
        share = f"{100 * points / most:.1f}" if most else ""
        rows.append([_text(student), *scores, dropped, f"{points:.2f}", f"{most:g}", share])
    return rows


def _text(text: str) -> str:
    """Return a text that a spreadsheet shows as it is."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _write(target: Path, table: Table) -> None:
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(table)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def free_name(folder: Path, stem: str, end: str) -> Path:
    """Return the path of a file that is not there yet: grades.csv, grades-2.csv, …"""
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return next(folder / f"{name}{end}" for name in names if not (folder / f"{name}{end}").exists())

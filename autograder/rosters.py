"""Marks → files that Canvas and Moodle import, made from the files that they export: they know their own columns.

- Canvas: first column Student, then ID, [SIS User ID,] SIS Login ID, …, Section; then a column for each assignment,
  `Title (number)` as exported; a row "Points Possible" (`row_has_student_headers?`, `update_column_count`,
  github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb). Columns left out stay as they are.
- Moodle, one assignment: its grading worksheet, with Identifier ("Participant 4711"), Grade and Last modified (grade)
  (github.com/moodle/moodle/blob/main/public/mod/assign/feedback/offline/importgradeslib.php)
- Moodle, the gradebook: any user columns and one for each unit, which a person maps
  (docs.moodle.org/en/Grade_import); grades above 100 are refused there unless the site allows them
"""

import csv
import re
from pathlib import Path

from autograder import AutograderError
from autograder.marks import Mark

Table = list[list[str]]
CANVAS_IDS = ("SIS Login ID", "SIS User ID")
MOODLE_IDS = ("Username", "ID number", "Email address", "Student")
MOODLE_USERS = ("First name", "Last name", "Full name", *MOODLE_IDS)
IDENTIFIER, GRADE, GRADE_MOST = "Identifier", "Grade", "Maximum Grade"


class RosterError(AutograderError):
    """A file that is not what Canvas or Moodle exports."""


def read_roster(path: Path) -> Table:
    """Return the rows of a CSV file, the header first; raises RosterError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RosterError(f"{path} cannot be read as a CSV file in UTF-8: {error}") from error
    if not rows:
        raise RosterError(f"{path} is empty: export it again")
    width = len(rows[0])
    return [(row + [""] * width)[:width] for row in rows]


def canvas_table(marks: list[Mark], roster: Table) -> tuple[Table, set[str]]:
    """Return the table to import in Canvas, and the students that were found in it; raises RosterError."""
    header = roster[0]
    if not (header[0].strip() in ("Student", "LastName") and "ID" in header and "Section" in header):
        raise RosterError("the roster is not Canvas's: export it there (Grades, Export) and name that file")
    info, number = header.index("Section") + 1, header.index("ID")
    units = sorted({mark.unit for mark in marks})
    titles = [_title(unit, header[info:]) for unit in units]
    most = {mark.unit: mark.most for mark in marks}
    made, found = [header[:info] + titles], set()
    for row in roster[1:]:
        if row[0].strip() == "Points Possible":
            made.append(row[:info] + [f"{most[unit]:g}" for unit in units])
        elif any(row[:info]):
            mine = _find(marks, [row[header.index(name)] for name in CANVAS_IDS if name in header], row[number])
            found |= {mark.student for mark in mine}
            made.append(row[:info] + _scores(mine, units))
    return made, found


def moodle_table(marks: list[Mark], roster: Table) -> tuple[Table, set[str]]:
    """Return the table to import in Moodle, and the students that were found in it; raises RosterError."""
    header = roster[0]
    if IDENTIFIER in header and GRADE in header:
        return _worksheet(marks, roster)
    users = [place for place, name in enumerate(header) if name.strip() in MOODLE_USERS]
    keys = [place for place in users if header[place].strip() in MOODLE_IDS]
    if not keys:
        raise RosterError(f"the roster has neither {IDENTIFIER} and {GRADE} nor one of {', '.join(MOODLE_IDS)}")
    units = sorted({mark.unit for mark in marks})
    made, found = [[header[place] for place in users] + units], set()
    for row in roster[1:]:
        mine = _find(marks, [row[place] for place in keys], "")
        found |= {mark.student for mark in mine}
        made.append([row[place] for place in users] + _scores(mine, units))
    return made, found


def _worksheet(marks: list[Mark], roster: Table) -> tuple[Table, set[str]]:
    """Fill the column Grade of one assignment's worksheet, scaled to its maximum."""
    if len({mark.unit for mark in marks}) != 1:
        raise RosterError("a grading worksheet is one assignment's: name the unit with --unit")
    header, found, made = roster[0], set(), [roster[0]]
    place, most = header.index(GRADE), header.index(GRADE_MOST) if GRADE_MOST in header else None
    for row in roster[1:]:
        row, number = list(row), row[header.index(IDENTIFIER)].rpartition(" ")[2]
        keys = [row[header.index(name)] for name in MOODLE_IDS if name in header]
        for mark in _find(marks, keys, number):
            found.add(mark.student)
            if not mark.missing:
                scale = float(row[most].replace(",", ".")) / mark.most if most is not None and row[most] else 1.0
                row[place] = f"{mark.score * scale:.2f}"
        made.append(row)
    return made, found


def _find(marks: list[Mark], keys: list[str], number: str) -> list[Mark]:
    """Return the marks of the student with one of these names, or else with this number at the name's end."""
    names = {key.strip().casefold() for key in keys if key.strip()}
    names |= {name.partition("@")[0] for name in names}
    exact = [mark for mark in marks if {mark.student.casefold(), mark.email.casefold()} & names]
    if exact or not number.strip():
        return exact
    return [mark for mark in marks if mark.student.rpartition("_")[2] == number.strip()]


def _title(unit: str, titles: list[str]) -> str:
    """Return the column that the platform has for a unit: its slug, or the slug and a number; else a new one."""
    return next((title for title in titles if re.sub(r"\s*\(\d+\)$", "", title).strip() == unit), unit)


def _scores(marks: list[Mark], units: list[str]) -> list[str]:
    """Return a student's scores by unit; empty where nothing was handed in: the platform has its own rule for that."""
    of_unit = {mark.unit: mark for mark in marks}
    return ["" if unit not in of_unit or of_unit[unit].missing else f"{of_unit[unit].score:.2f}" for unit in units]

"""The gradebook → each student's marks, with late penalties and dropped units as the class's autograder.toml says.

    [due]                       # instead of the due dates in nbgrader's gradebook; a time without zone is UTC
    01_perceptron = 2026-10-12T23:59:00+02:00

    [late]                      # instead of nbgrader's late_submission_penalty
    percent_per_day = 10        # of the points earned, for each day begun
    most_percent = 50
    grace_minutes = 15

    [total]
    drop_lowest = 1             # so many units of each student do not count: those with the lowest share of points
"""

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from autograder import ClassError
from autograder.collect import LATE
from autograder.course import SETTINGS, Class

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Mark:
    """One student in one unit; `raw` are points before the penalty, `late_days` are days begun after the due date."""

    student: str
    last_name: str
    first_name: str
    email: str
    unit: str
    due: datetime | None
    handed_in: datetime | None
    raw: float
    penalty: float
    most: float
    late_days: int = 0
    missing: bool = False
    waits: bool = False  # an answer waits for a person
    dropped: bool = False

    @property
    def score(self) -> float:
        """The points that count."""
        return max(0.0, self.raw - self.penalty)


@dataclass(frozen=True)
class Rules:
    """What autograder.toml says on due dates, late work and the total."""

    due: dict[str, datetime]
    percent_per_day: float | None
    most_percent: float
    grace: timedelta
    drop_lowest: int


def rules_of(room: Class) -> Rules:
    """Return a class's rules; raises ClassError that names the line that is wrong."""
    settings = room.settings()
    due, late, total = (settings.get(name, {}) for name in ("due", "late", "total"))
    for name, table in (("due", due), ("late", late), ("total", total)):
        if not isinstance(table, dict):
            raise ClassError(f"{room.root / SETTINGS}: [{name}] is a table, with lines of its own")
    for unit, time in due.items():
        if not isinstance(time, datetime):
            raise ClassError(f"{room.root / SETTINGS}: [due] {unit} needs a time like 2026-10-12T23:59:00+02:00")
    percent = _number(room, "late", late, "percent_per_day", None, 100)
    return Rules(
        {unit: _in_utc(time) for unit, time in due.items()},
        percent,
        _number(room, "late", late, "most_percent", 100, 100),
        timedelta(minutes=_number(room, "late", late, "grace_minutes", 0, 10**6)),
        int(_number(room, "total", total, "drop_lowest", 0, 100)),
    )


def _number(room: Class, table: str, found: dict, name: str, default: float | None, most: float) -> float | None:
    value = found.get(name, default)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most):
        raise ClassError(f"{room.root / SETTINGS}: [{table}] {name} is {value!r}; it needs a number from 0 to {most}")
    return value


def _in_utc(time: datetime) -> datetime:
    """Return a time as nbgrader keeps it: in UTC, without saying so."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def class_marks(room: Class) -> list[Mark]:
    """Return the marks of all students in all units, by unit and student. Raises ClassError."""
    rules, marks = rules_of(room), []
    with room.gradebook() as gradebook:
        students = sorted(gradebook.students, key=lambda student: student.id)
        for unit in gradebook.assignments:
            handed_in = {found.student_id: found for found in gradebook.assignment_submissions(unit.name)}
            due = rules.due.get(unit.name, unit.duedate)
            for student in students:
                marks.append(_mark(room, rules, unit, due, student, handed_in.get(student.id)))
    return _drop(marks, rules.drop_lowest)


def _mark(room: Class, rules: Rules, unit, due: datetime | None, student, found) -> Mark:
    names = student.id, student.last_name or "", student.first_name or "", student.email or ""
    if found is None:
        return Mark(*names, unit.name, due, None, 0.0, 0.0, unit.max_score, missing=True)
    if due and found.extension:
        due += found.extension
    marked = (room.folder("submitted", unit.name, student.id) / LATE).exists()
    days = late_days(due, found.timestamp, rules.grace, marked)
    penalty = found.late_submission_penalty or 0.0
    if rules.percent_per_day is not None:
        penalty = found.score * min(days * rules.percent_per_day, rules.most_percent) / 100
    waits = bool(found.needs_manual_grade)
    return Mark(*names, unit.name, due, found.timestamp, found.score, penalty, unit.max_score, days, waits=waits)


def late_days(due: datetime | None, handed_in: datetime | None, grace: timedelta, marked: bool) -> int:
    """Return the days begun after the due date; work that was only marked late, without a time, is one day late."""
    if due and handed_in:
        late = handed_in - due
        return math.ceil(late / DAY) if late > grace else 0
    return int(marked)


def _drop(marks: list[Mark], count: int) -> list[Mark]:
    """Mark each student's `count` lowest units as dropped, by share of points; one unit always counts."""
    of_student: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        of_student[mark.student].append(mark)
    dropped = set()
    for found in of_student.values():
        lowest = sorted(found, key=lambda mark: (mark.score / mark.most if mark.most else 1.0, mark.unit))
        dropped |= {(mark.student, mark.unit) for mark in lowest[: min(count, len(found) - 1)]}
    return [replace(mark, dropped=(mark.student, mark.unit) in dropped) for mark in marks]


def total_of(marks: list[Mark]) -> tuple[float, float]:
    """Return one student's points that count, and the most that there are in those units."""
    counted = [mark for mark in marks if not mark.dropped]
    return sum(mark.score for mark in counted), sum(mark.most for mark in counted)

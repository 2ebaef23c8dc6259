"""The one writer: reports → nbgrader's gradebook, one transaction a submission, and the executed notebooks."""

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, Row, TableClause, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from autograder.course import Class
from autograder.engine import verdict as states
from autograder.engine.cache import write_whole
from autograder.engine.gradebook import (
    ASSIGNMENT,
    CELL,
    COMMENT,
    COMMENTED,
    GRADE,
    GRADED,
    PART,
    STUDENT,
    SUBMISSION,
    new_id,
    opened,
)
from autograder.engine.gradebook import NOTEBOOK as NOTEBOOKS
from autograder.engine.verdict import Report
from autograder.units import NOTEBOOK

NO_RESPONSE = "No response."  # nbgrader's words
UTC = " UTC"  # how nbgrader ends the time at which something was handed in, unless it is told another zone
TRIES = 3  # another grader can be first with the student, and then with the submission
OF_ROW = bindparam("row")
SET_GRADE = (
    update(GRADE)
    .where(GRADE.c.id == OF_ROW)
    .values(auto_score=bindparam("auto"), needs_manual_grade=bindparam("waits"))
)
SET_COMMENT = update(COMMENT).where(COMMENT.c.id == OF_ROW).values(auto_comment=bindparam("said"))
SET_TIME = update(SUBMISSION).where(SUBMISSION.c.id == OF_ROW).values(timestamp=bindparam("time"))
SET_PENALTY = update(PART).where(PART.c.id == OF_ROW).values(late_submission_penalty=bindparam("late"))


class Record:
    """The gradebook of a class, open for one unit. Writing the same report twice changes nothing."""

    def __init__(self, room: Class, slug: str, engine: Engine):
        self.room, self.slug, self.engine = room, slug, engine
        self.submitted, self.autograded = room.folders("submitted", slug), room.folders("autograded", slug)
        with engine.connect() as db:
            units = {unit.name: unit for unit in db.execute(select(ASSIGNMENT))}
            room.must_know(slug, units)
            self.assignment, self.due = units[slug].id, units[slug].duedate
            of_unit = NOTEBOOKS.c.assignment_id == self.assignment
            self.notebooks = dict(db.execute(select(NOTEBOOKS.c.name, NOTEBOOKS.c.id).where(of_unit)).all())
            of_notebook = CELL.c.notebook_id.in_(list(self.notebooks.values()))
            self.cells = db.execute(select(CELL).where(of_notebook)).all()
        self.names = {cell.id: cell.name for cell in self.cells}
        # Made once for all submissions: making a statement takes about as long as running it.
        self.find_grades, self.find_comments = (select(rows).where(self._of_part(rows)) for rows in (GRADE, COMMENT))
        of_student = SUBMISSION.c.assignment_id == self.assignment, SUBMISSION.c.student_id == bindparam("student")
        found = select(PART).join(SUBMISSION, PART.c.assignment_id == SUBMISSION.c.id).where(*of_student)
        self.find_part = found.where(PART.c.notebook_id == self.notebooks[NOTEBOOK]).with_for_update()

    def write(self, student: str, report: Report) -> int:
        """Record a report; return how many answers wait for a person. Manual scores and comments stay.

        Another grader may make the same student's rows, or this submission's, between our look and our insert: then
        they are there when we look again.
        """
        for left in reversed(range(TRIES)):
            try:
                waiting = self._write_rows(student, report)
                break
            except IntegrityError:
                if not left:
                    raise
        if report.notebook:
            path = self.autograded(student) / f"{NOTEBOOK}.ipynb"
            write_whole(path, json.dumps(report.notebook, ensure_ascii=False) + "\n")
        return waiting

    def _write_rows(self, student: str, report: Report) -> int:
        with self.engine.begin() as db:
            part = self._part(db, student) or self._new_part(db, student)
            if handed_in := self._handed_in(student):
                db.execute(SET_TIME, {"row": part.assignment_id, "time": handed_in})
            waiting = self._write_grades(db, part, report)
            self._write_comments(db, part, report)
            late = self._penalty(db, student, part) if self.due else None
            if late != part.late_submission_penalty:
                db.execute(SET_PENALTY, {"row": part.id, "late": late})
        return waiting

    def withdraw(self, student: str) -> None:
        """Take back the automatic scores of a student who handed nothing in (any more)."""
        with self.engine.begin() as db:
            if part := self._part(db, student):
                values = {GRADE.c.auto_score: None, GRADE.c.needs_manual_grade: True}
                db.execute(update(GRADE).where(self._of_part(GRADE)).values(values), {"part": part.id})

    def _write_grades(self, db: Connection, part: Row, report: Report) -> int:
        """As nbgrader does: a score by hand before, or none automatically, asks for a person."""
        rows = []
        for grade in db.execute(self.find_grades, {"part": part.id}):
            found = report.verdicts.get(self.names[grade.cell_id])
            unknown = found is None or found.state in (states.GRADER_FAULT, states.UNREADABLE)
            points = None if unknown else found.points
            rows.append({"row": grade.id, "auto": points, "waits": points is None or grade.manual_score is not None})
        if rows:
            db.execute(SET_GRADE, rows)
        return sum(row["waits"] for row in rows)

    def _write_comments(self, db: Connection, part: Row, report: Report) -> None:
        rows = [
            {"row": comment.id, "said": NO_RESPONSE if name in report.unanswered else None}
            for comment in db.execute(self.find_comments, {"part": part.id})
            if (name := self.names[comment.cell_id]) in report.solutions
        ]
        if rows:
            db.execute(SET_COMMENT, rows)

    def _part(self, db: Connection, student: str) -> Row | None:
        """Return the row of a student's submission of this notebook, None if there is none yet.

        On a server it is ours until the transaction ends: two graders write one after the other.
        """
        return db.execute(self.find_part, {"student": student}).first()

    def _of_part(self, rows: TableClause) -> ColumnElement[bool]:
        """Return the condition for the grades or comments of the submission `part`.

        The only index there is begins with the cell: without it the database would look through all students' rows.
        """
        return rows.c.cell_id.in_(list(self.names)) & (rows.c.notebook_id == bindparam("part"))

    def _new_part(self, db: Connection, student: str) -> Row:
        """Make all the rows of a student's submission, as nbgrader does; return that of this notebook."""
        if not db.scalar(select(STUDENT.c.id).where(STUDENT.c.id == student)):
            db.execute(insert(STUDENT).values(id=student))
        whole = new_id()
        db.execute(insert(SUBMISSION).values(id=whole, assignment_id=self.assignment, student_id=student))
        parts = {notebook: new_id() for notebook in self.notebooks.values()}
        made = [{"id": part, "assignment_id": whole, "notebook_id": notebook} for notebook, part in parts.items()]
        db.execute(insert(PART).values(flagged=False), made)
        for table, kinds, others in ((GRADE, GRADED, {"needs_manual_grade": True}), (COMMENT, COMMENTED, {})):
            cells = [cell for cell in self.cells if cell.type in kinds]
            rows = [{"id": new_id(), "notebook_id": parts[cell.notebook_id], "cell_id": cell.id} for cell in cells]
            if rows:
                db.execute(insert(table).values(**others), rows)
        return self._part(db, student)

    def _handed_in(self, student: str) -> datetime | None:
        """Return the time in a submission's timestamp.txt, in UTC; one that is no time counts as none."""
        path = self.submitted(student) / "timestamp.txt"
        with contextlib.suppress(OSError, ValueError, OverflowError):
            text = path.read_text(encoding="utf-8").strip()
            if text.endswith(UTC):
                return datetime.fromisoformat(text.removesuffix(UTC))
            from nbgrader.utils import parse_utc  # takes seconds to import, and knows all zones

            return parse_utc(text) if text else None
        return None

    def _penalty(self, db: Connection, student: str, part: Row) -> float | None:
        """Return the penalty that the class's plugin sets; never below nothing or above the score."""
        submission = db.execute(select(SUBMISSION).where(SUBMISSION.c.id == part.assignment_id)).one()
        due = self.due + submission.extension if submission.extension else self.due
        if submission.timestamp is None or submission.timestamp <= due:
            return None
        from nbgrader.preprocessors import AssignLatePenalties

        penalties = AssignLatePenalties(config=self.room.config())
        penalties.init_plugin()
        score = sum(map(_score, db.execute(self.find_grades, {"part": part.id})))
        seconds = (submission.timestamp - due).total_seconds()
        penalty = penalties.plugin_inst.late_submission_penalty(student, score, seconds)
        return None if penalty is None else min(max(penalty, 0.0), score)


def _score(grade: Row) -> float:
    """Return the score of a grade as nbgrader counts it."""
    score = grade.auto_score if grade.manual_score is None else grade.manual_score
    return 0.0 if score is None else score + (grade.extra_credit or 0.0)


@contextlib.contextmanager
def recording(room: Class, slug: str) -> Iterator[Record]:
    """Open the class's gradebook for writing reports of a unit."""
    with opened(room) as engine:
        yield Record(room, slug, engine)

"""The one writer: reports → nbgrader's gradebook, one transaction a submission, and the executed notebooks."""

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties

from autograder.course import Class
from autograder.engine import verdict as states
from autograder.engine.cache import write_whole
from autograder.engine.verdict import Report
from autograder.units import NOTEBOOK

NO_RESPONSE = "No response."  # nbgrader's words


class Record:
    """The gradebook of a class, open for one unit. Writing the same report twice changes nothing."""

    def __init__(self, room: Class, slug: str, gradebook: Gradebook):
        self.slug, self.db = slug, gradebook.db
        self.db().expire_on_commit = False  # each student is visited once: nothing read before grows old
        self.submitted, self.autograded = room.folders("submitted", slug), room.folders("autograded", slug)
        config = room.config()
        self.directory = CourseDirectory(config=config)
        penalties = AssignLatePenalties(config=config)
        penalties.init_plugin()
        self.penalty = penalties.plugin_inst.late_submission_penalty
        self.assignment = self.db.query(Assignment).filter(Assignment.name == slug).one()
        self.notebook = (
            self.db.query(Notebook)
            .filter(Notebook.name == NOTEBOOK, Notebook.assignment_id == self.assignment.id)
            .one()
        )
        self.names = {
            cell.id: cell.name for cell in self.db.query(BaseCell).filter(BaseCell.notebook_id == self.notebook.id)
        }

    def write(self, student: str, report: Report) -> int:
        """Record a report; return how many answers wait for a person. Manual scores and comments stay."""
        with self.db.no_autoflush:  # rows that are half made stay out of the database
            submission = self._submission(student)
            if handed_in := self._handed_in(student):
                submission.assignment.timestamp = handed_in
            for grade in submission.grades:
                self._grade(grade, report)
            for comment in submission.comments:
                if (name := self.names[comment.cell_id]) in report.solutions:
                    comment.auto_comment = NO_RESPONSE if name in report.unanswered else None
        self.db.flush()
        submission.late_submission_penalty = self._late(student, submission)
        waiting = sum(grade.needs_manual_grade for grade in submission.grades)
        self.db.commit()
        if report.notebook:
            path = self.autograded(student) / f"{NOTEBOOK}.ipynb"
            write_whole(path, json.dumps(report.notebook, indent=1, ensure_ascii=False) + "\n")
        return waiting

    def withdraw(self, student: str) -> None:
        """Take back the automatic scores of a student who handed nothing in (any more)."""
        found = self._find(student)
        for grade in found.grades if found else ():
            grade.auto_score, grade.needs_manual_grade = None, True
        self.db.commit()

    def _grade(self, grade: Grade, report: Report) -> None:
        """As nbgrader does: a score by hand before, or none automatically, asks for a person."""
        found = report.verdicts.get(self.names[grade.cell_id])
        waits = found is None or found.state in (states.GRADER_FAULT, states.UNREADABLE)
        grade.auto_score = None if waits else found.points
        grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None

    def _find(self, student: str) -> SubmittedNotebook | None:
        return (
            self.db.query(SubmittedNotebook)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .filter(SubmittedNotebook.notebook_id == self.notebook.id, SubmittedAssignment.student_id == student)
            .one_or_none()
        )

    def _submission(self, student: str) -> SubmittedNotebook:
        """Return a student's submission of this notebook; made, with all its rows, where there is none yet."""
        found = self._find(student)
        if found:
            return found
        person = self.db.get(Student, student) or Student(id=student)
        whole = SubmittedAssignment(assignment=self.assignment, student=person)
        for notebook in self.assignment.notebooks:
            part = SubmittedNotebook(notebook=notebook, assignment=whole)
            for cell in (*notebook.grade_cells, *notebook.task_cells):
                Grade(cell_id=cell.id, notebook=part)
            for cell in (*notebook.solution_cells, *notebook.task_cells):
                Comment(cell_id=cell.id, notebook=part)
        self.db.add(whole)
        return next(part for part in whole.notebooks if part.notebook is self.notebook)

    def _handed_in(self, student: str) -> datetime | None:
        with contextlib.suppress(Exception):  # a timestamp.txt that is no time counts as none
            return self.directory.get_existing_timestamp(str(self.submitted(student)))

    def _late(self, student: str, submission: SubmittedNotebook) -> float | None:
        """Return the penalty that the class's plugin sets; never below nothing or above the score."""
        seconds = submission.assignment.total_seconds_late
        penalty = self.penalty(student, submission.score, seconds) if seconds > 0 else None
        return None if penalty is None else min(max(penalty, 0.0), submission.score)


@contextlib.contextmanager
def recording(room: Class, slug: str) -> Iterator[Record]:
    """Open the class's gradebook for writing reports of a unit."""
    with room.gradebook() as gradebook:
        room.must_know(slug, gradebook)
        yield Record(room, slug, gradebook)

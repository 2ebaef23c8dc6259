"""The tables of nbgrader's gradebook that grading reads and writes, with the columns that it needs.

nbgrader's own classes for them take seconds to import, and many times as long for each submission.
"""

import contextlib
from collections.abc import Iterator
from uuid import uuid4

from sqlalchemy import Boolean, DateTime, Engine, Float, Interval, String, column, create_engine, inspect, table

from autograder.course import Class
from autograder.database import database_errors


def _table(name: str, *keys: str, **others):
    return table(name, *(column(key, String) for key in keys), *(column(key, kind) for key, kind in others.items()))


ASSIGNMENT = _table("assignment", "id", "name", duedate=DateTime)
NOTEBOOK = _table("notebook", "id", "name", "assignment_id")
CELL = _table("base_cell", "id", "name", "notebook_id", "type")
STUDENT = _table("student", "id")
SUBMISSION = _table("submitted_assignment", "id", "assignment_id", "student_id", timestamp=DateTime, extension=Interval)
PART = _table(  # a notebook of a submission
    "submitted_notebook", "id", "assignment_id", "notebook_id", flagged=Boolean, late_submission_penalty=Float
)
GRADE = _table(
    "grade",
    "id",
    "notebook_id",
    "cell_id",
    auto_score=Float,
    manual_score=Float,
    extra_credit=Float,
    needs_manual_grade=Boolean,
)
COMMENT = _table("comment", "id", "notebook_id", "cell_id", "auto_comment")
GRADED, COMMENTED = ("GradeCell", "TaskCell"), ("SolutionCell", "TaskCell")  # types of cells, by nbgrader's names


@contextlib.contextmanager
def opened(room: Class) -> Iterator[Engine]:
    """Open the class's gradebook; raises ClassError if it cannot be read or written."""
    url = room.db_url
    with database_errors(url):
        engine = create_engine(url)
        try:
            if not inspect(engine).has_table(ASSIGNMENT.name):
                with room.gradebook():  # nbgrader makes its tables
                    pass
            yield engine
        finally:
            engine.dispose()


def new_id() -> str:
    """Return an id for a new row, as nbgrader makes them."""
    return uuid4().hex

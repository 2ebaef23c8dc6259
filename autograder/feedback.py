"""Graded notebooks → nbgrader's feedback pages."""

import os

from nbgrader.converters import GenerateFeedback

from autograder.convert import ConvertError, convert
from autograder.course import Class
from autograder.units import NOTEBOOK


def write_feedback(room: Class, slug: str, student: str) -> str | None:
    """Write feedback/STUDENT/SLUG/exercises.html; return what went wrong in one sentence, or None."""
    graded = room.folder("autograded", slug, student) / f"{NOTEBOOK}.ipynb"
    if not graded.is_file():
        return f"{os.path.relpath(graded, room.root)} is missing: it could not be graded, or not yet"
    config = room.config()
    config.CourseDirectory.assignment_id, config.CourseDirectory.student_id = slug, student
    config.BaseConverter.force = True
    config.HTMLExporter.template_name = "feedback"
    try:
        convert(GenerateFeedback, config)
    except ConvertError as error:
        return f"{os.path.relpath(graded, room.root)}: {error}"
    return None

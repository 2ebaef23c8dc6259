"""The engine gives nbgrader's own scores: three courses in other styles than ours, and nbgrader's quick start.

The only difference accepted between the two: nbgrader gives 0 points where a check writes a line to stderr, a warning
of a library for instance, and raises nothing. We give what the check says: a warning is no wrong answer.
"""

import fcntl
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat
import pytest

from autograder.engine.grading import Grading
from autograder.engine.verdict import GRADER_FAULT, Report, Verdict
from autograder.new_class import create_class
from tests.autograder.tiny_course import write
from tests.parity import quickstart
from tests.parity.cells import Submission, awaited, expected_points, hand_in
from tests.parity.classroom import Grade, autograde, release
from tests.parity.courses import arrays, shapes, words

pytestmark = pytest.mark.slow
SANDBOX = "bwrap" if shutil.which("bwrap") else "none"
STYLES = {"words": words, "shapes": shapes, "arrays": arrays}
COURSES = (*STYLES, *quickstart.PROBLEMS)
ALLOWED = {name: frozenset(style.IN_PROCESS) for name, style in STYLES.items()}
STUDENTS = [(name, student) for name in COURSES
            for student in (STYLES[name].SUBMISSIONS if name in STYLES else quickstart.STUDENTS)]
of_all_students = pytest.mark.parametrize(("course", "student"), STUDENTS)


@dataclass(frozen=True)
class Course:
    """A course's source notebook, what its students hand in, and what nbgrader gives them."""

    source: Path
    submitted: dict[str, nbformat.NotebookNode]
    given: dict[str, dict[str, Grade]]
    reports: dict = field(default_factory=dict)  # (student, checks allowed in the student's process) → Report

    def report(self, student: str, allowed: frozenset[str]) -> Report:
        """Return the engine's report, of a class of all students graded one after the other."""
        if (student, allowed) not in self.reports:
            with Grading(self.source, sandbox=SANDBOX, in_process=set(allowed)) as grading:
                for name, notebook in self.submitted.items():
                    data = nbformat.writes(notebook, version=nbformat.NO_CONVERT).encode()
                    self.reports[name, allowed] = grading.grade(data)
        return self.reports[student, allowed]


@pytest.fixture(scope="session")
def graded(tmp_path_factory, worker_id="master") -> Callable[[str], Course]:
    """Return a function that gives a course by name, graded by nbgrader once for all of pytest's processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base

    @cache
    def course(name: str) -> Course:
        with open(shared / f"parity-{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            path = shared / f"parity-{name}.pickle"
            if not path.exists():
                path.write_bytes(pickle.dumps(_graded(name, shared / f"parity-{name}")))
            return pickle.loads(path.read_bytes())
    return course


def _graded(name: str, folder: Path) -> Course:
    room = create_class(folder / "class", seed=0)
    style = STYLES.get(name)
    path = write(style.source(), folder / "source") if style else quickstart.source(name)
    released = release(room, name, path)
    submitted = {student: hand_in(submission, style.source(), released)
                 for student, submission in style.SUBMISSIONS.items()} if style else {
        student: quickstart.submission(name, student) for student in quickstart.STUDENTS}
    for student, notebook in submitted.items():
        write(notebook, room.folder("submitted", name, student))
    return Course(path, submitted, autograde(room, name))


def wanted(grade: Grade) -> float | None:
    """Return the points that the engine must give where nbgrader gives this grade."""
    return grade.most if grade.warned else grade.points


def differences(given: dict[str, Grade], verdicts: dict[str, Verdict]) -> dict[str, str]:
    """Return in words, by grade id, where the engine does not give what nbgrader gives."""
    assert set(given) == set(verdicts)
    found = {}
    for name, grade in given.items():
        verdict = verdicts[name]
        if verdict.points != wanted(grade) or (verdict.points is None) != grade.awaited or verdict.most != grade.most:
            found[name] = (f"nbgrader: {wanted(grade)} of {grade.most}; engine: {verdict.points} of {verdict.most}, "
                           f"{verdict.state}: {verdict.message}")
    return found


@of_all_students
def test_nbgrader_itself_gives_what_the_course_says(graded, course, student):
    given = graded(course).given[student]
    points = {name: grade.points for name, grade in given.items()}
    waits = {name for name, grade in given.items() if grade.awaited}
    if course in STYLES:
        source, submission = STYLES[course].source(), STYLES[course].SUBMISSIONS[student]
        assert {name: points[name] for name in expected_points(submission, source)} == expected_points(submission, source)
        assert waits == awaited(submission, source)
        assert {name for name, grade in given.items() if grade.warned} == set(submission.warned)
    elif course == "problem1":
        assert tuple(points[name] for name in quickstart.CHECKS) == quickstart.AUTOMATIC[student]


def test_every_course_has_a_full_mark_an_empty_one_and_some_between(graded):
    for name, style in STYLES.items():
        sums = [sum(expected_points(submission, style.source()).values()) for submission in style.SUBMISSIONS.values()]
        assert style.SUBMISSIONS["reference"] == Submission() and min(sums) == 0 and len(set(sums)) > 3, name


@of_all_students
def test_the_engine_gives_what_nbgrader_gives(graded, course, student):
    report = graded(course).report(student, ALLOWED.get(course, frozenset()))
    assert report.problem is None
    assert differences(graded(course).given[student], report.verdicts) == {}


@of_all_students
def test_a_check_that_needs_the_students_own_objects_says_so(graded, course, student):
    """Until the instructor allows it, such a check is a fault of the grader's: never of the student's."""
    if course not in STYLES:
        pytest.skip("no check of the quick start needs it")
    verdicts = graded(course).report(student, frozenset()).verdicts
    found = differences(graded(course).given[student], verdicts)
    assert {name: said for name, said in found.items() if verdicts[name].state != GRADER_FAULT} == {}
    assert set(found) <= set(STYLES[course].IN_PROCESS)
    assert all("the student's process" in verdicts[name].message for name in found)
    if student == "reference":
        assert set(found) >= set(STYLES[course].NEEDS)

"""A class of five, graded: right, stub, one that skips its checks, malformed, missing."""

import csv
import shutil
import subprocess
import sys
from datetime import datetime
from threading import Timer

import nbformat
import pytest

from autograder import units
from autograder.alone import alone
from autograder.course import open_class
from autograder.engine.limits import Limits
from autograder.export import export_marks
from autograder.feedback import write_feedback
from autograder.grade import Options, Result, grade_class
from autograder.new_class import create_class
from autograder.release import ReleaseError, release_to_class
from tests.autograder.formgrader import ROOT
from tests.autograder.tiny_course import SLUG, tiny_source, write

pytestmark = pytest.mark.slow
STUDENTS = ("malformed", "missing", "right", "skipper", "stub")


def hand_in(room, student, notebook):
    return write(notebook, room.folder("submitted", SLUG, student))


def grade_one(room, student, **options):
    (result,) = grade_class(room, SLUG, [student], Options(jobs=1, **options))
    return result


def stub(room):
    return nbformat.read(room.folder("release", SLUG) / "exercises.ipynb", as_version=4)


def skipping(notebook):
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution"]
    return notebook


@pytest.fixture(scope="module")
def graded(solutions, tmp_path_factory):
    """The class after a first round of grading, with the results by student."""
    room = create_class(tmp_path_factory.mktemp("classes") / "autumn")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "SOLUTIONS", solutions)
        release_to_class(room, SLUG)
    hand_in(room, "right", tiny_source())
    hand_in(room, "stub", stub(room))
    hand_in(room, "skipper", skipping(stub(room)))
    hand_in(room, "malformed", tiny_source()).write_text("{not json \x1b[31m")
    room.folder("submitted", SLUG, "missing").mkdir(parents=True)
    assert room.students("submitted", SLUG) == list(STUDENTS)
    return room, {result.student: result for result in grade_class(room, SLUG, list(STUDENTS))}


@pytest.fixture
def room(graded, tmp_path):
    """A copy of the graded class, to change at will."""
    return open_class(shutil.copytree(graded[0].root, tmp_path / "autumn"))


def grades(room, student):
    with room.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook("exercises", SLUG, student)
        return {grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for grade in notebook.grades}


def test_a_right_answer_earns_all_automatic_points_and_its_text_waits_for_a_person(graded):
    result = graded[1]["right"]
    assert result == Result("right", {"double": (2, 2), "area": (3, 3)}, manual=1) and result.points == (5, 5)


def test_a_stub_earns_nothing(graded):
    assert graded[1]["stub"] == Result("stub", {"double": (0, 2), "area": (0, 3)}, manual=0)


def test_a_tag_of_the_students_own_does_not_count(graded):
    assert graded[1]["skipper"].points == (0, 5)


def test_what_cannot_be_read_is_one_sentence_and_the_rest_goes_on(graded):
    assert graded[1]["malformed"].problem.startswith(
        f"submitted/malformed/{SLUG}/exercises.ipynb: The file is no notebook (not JSON)")
    assert graded[1]["missing"].problem == f"submitted/missing/{SLUG}/exercises.ipynb is missing"
    assert "\n" not in graded[1]["malformed"].problem and "\x1b" not in graded[1]["malformed"].problem


def test_student_code_has_one_thread_no_progress_bars_and_no_seed(graded):
    room = graded[0]
    notebook = nbformat.read(room.folder("autograded", SLUG, "right") / "exercises.ipynb", as_version=4)
    assert notebook.cells[0].outputs[0].text == "None 1 1\n"


def test_an_executed_notebook_is_one_for_nbgrader(graded):
    room = graded[0]
    notebook = nbformat.read(room.folder("autograded", SLUG, "right") / "exercises.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert "4, 5" not in nbformat.writes(notebook)  # the hidden test


def test_what_cannot_be_read_waits_for_a_person_in_the_gradebook(graded):
    assert set(grades(graded[0], "malformed").values()) == {(None, None, True)}


def test_a_failed_regrade_withdraws_the_old_marks_and_keeps_a_persons(room):
    with room.gradebook() as gradebook:
        gradebook.find_grade("why", "exercises", SLUG, "right").manual_score = 3.5
        gradebook.db.commit()
    hand_in(room, "right", tiny_source()).write_text("")
    assert grade_one(room, "right").problem
    assert grades(room, "right") == {"check_double": (None, None, True), "check_area": (None, None, True),
                                     "why": (None, 3.5, True)}


def test_a_transformed_check_earns_nothing(room):
    """In nbgrader, a check's value above its points stops grading halfway, and one below them is a score."""
    notebook = tiny_source()
    notebook.cells[4].source = "get_ipython().input_transformers_post.append(lambda lines: [*lines, '3'])"
    hand_in(room, "right", notebook)
    assert grade_one(room, "right").marks == {"double": (2, 2), "area": (0, 3)}


def test_a_check_cell_that_was_deleted_counts_all_the_same(room):
    notebook = tiny_source()
    notebook.cells = [cell for cell in notebook.cells if cell.id != "check-area"]
    hand_in(room, "right", notebook)
    assert grade_one(room, "right").marks == {"double": (2, 2), "area": (3, 3)}


def test_grading_twice_runs_nothing_twice(room, monkeypatch):
    before = grades(room, "right"), grades(room, "stub")

    def not_again(*args):
        raise AssertionError("it was run again")

    monkeypatch.setattr("autograder.engine.grading.Grading.grade_rebuilt", not_again)
    assert grade_one(room, "right").points == (5, 5) and grade_one(room, "stub").points == (0, 5)
    assert (grades(room, "right"), grades(room, "stub")) == before
    with pytest.raises(AssertionError, match="again"):
        grade_one(room, "right", anew=True)


def test_another_time_limit_grades_anew(room, monkeypatch):
    monkeypatch.setattr("autograder.engine.grading.Grading.grade_rebuilt", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        grade_one(room, "right", limits=Limits(seconds=7))


def test_a_person_keeps_the_last_word_when_grading_again(room):
    with room.gradebook() as gradebook:
        gradebook.find_grade("why", "exercises", SLUG, "right").manual_score = 3.5
        gradebook.find_grade("check_area", "exercises", SLUG, "right").manual_score = 1
        gradebook.db.commit()
    grade_one(room, "right", anew=True)
    assert grades(room, "right") == {"check_double": (2, None, False), "check_area": (3, 1, True),
                                     "why": (None, 3.5, True)}


def test_an_unanswered_text_says_so(room):
    with room.gradebook() as gradebook:
        said = {student: gradebook.find_comment("why", "exercises", SLUG, student).auto_comment
                for student in ("right", "stub")}
    assert said == {"right": None, "stub": "No response."}


def test_a_link_is_refused(room, tmp_path):
    path = hand_in(room, "right", tiny_source())
    path.rename(tmp_path / "elsewhere.ipynb")
    path.symlink_to(tmp_path / "elsewhere.ipynb")
    assert "is a link" in grade_one(room, "right").problem


def test_a_late_submission_pays_what_the_class_says(room):
    (room.root / "submitted" / "right" / SLUG / "timestamp.txt").write_text("2026-01-02 10:00:00 UTC")
    with room.gradebook() as gradebook:
        gradebook.find_assignment(SLUG).duedate = datetime(2026, 1, 1)
        gradebook.db.commit()
    (room.root / "nbgrader_config.py").open("a").write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    grade_one(room, "right")
    with room.gradebook() as gradebook:
        submission = gradebook.find_submission_notebook("exercises", SLUG, "right")
        assert (submission.score, submission.late_submission_penalty) == (5, 5)


def test_releasing_again_keeps_every_mark(room, course):
    before = {student: grades(room, student) for student in ("right", "stub", "malformed")}
    release_to_class(room, SLUG)
    assert {student: grades(room, student) for student in before} == before


def test_a_release_that_would_lose_marks_is_refused(room, tmp_path, monkeypatch):
    changed = tiny_source()
    del changed.cells[3]
    write(changed, tmp_path / "solutions" / SLUG)
    monkeypatch.setattr(units, "SOLUTIONS", tmp_path / "solutions")
    files = {path: path.read_bytes() for path in room.root.glob(f"[sr]*/{SLUG}/*")}
    assert len(files) == 4
    before = grades(room, "right")
    with pytest.raises(ReleaseError, match="there are submissions associated with it"):
        release_to_class(room, SLUG, force=True)
    assert grades(room, "right") == before and all(path.read_bytes() == old for path, old in files.items())


def test_feedback_is_a_page_for_each_graded_student(room):
    problems = [write_feedback(room, SLUG, student) for student in STUDENTS]
    assert [problem is None for problem in problems] == [True, False, True, True, True]
    assert problems[1].startswith(f"autograded/missing/{SLUG}/exercises.ipynb is missing")
    assert "Not graded." in (room.folder("feedback", SLUG, "malformed") / "exercises.html").read_text()
    page = (room.folder("feedback", SLUG, "stub") / "exercises.html").read_text()
    assert "NotImplementedError" in page and "(Score: 0.0 / 9.0)" in page


def test_the_csv_has_a_line_for_each_student_in_the_gradebook(room):
    with export_marks(room).open(newline="") as file:
        lines = {line["student_id"]: line for line in csv.DictReader(file)}
    assert {name: (line["raw_score"], line["max_score"]) for name, line in lines.items()} == {
        "right": ("5.0", "9.0"), "stub": ("0.0", "9.0"), "skipper": ("0.0", "9.0"),
        "malformed": ("0.0", "9.0")}


def test_the_command_grades_on_after_a_problem_and_fails(room, autograder):
    shutil.rmtree(room.root / "submitted" / "right")
    shutil.rmtree(room.root / "submitted" / "skipper")
    code, out, errors = autograder("grade", "1", "--class", room.root)
    lines = [line.split() for line in out.splitlines() if line.strip()][2:]
    assert code == 1 and lines == [["malformed", "not", "graded"], ["missing", "not", "graded"],
                                   ["stub", "0", "of", "5", "no"]]
    assert sorted(line.split(":")[0] for line in errors.splitlines()) == ["malformed", "missing"]


def test_a_second_command_for_the_same_unit_waits_its_turn(room):
    shutil.rmtree(room.root / "submitted" / "malformed")
    shutil.rmtree(room.root / "submitted" / "missing")
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "grade", "1", "--class", room.root]
    with alone(room, SLUG, pytest.fail):
        second = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        overdue = Timer(60, second.kill)
        overdue.start()
        assert "is being graded by another command here" in second.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(timeout=0.5)
    out, errors = second.communicate()
    overdue.cancel()
    assert second.returncode == 0 and out.count(" of 5") == 3, errors


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "\0", "\udcff", "[" * 9999,
                                  '{"nbformat": 4, "nbformat_minor": 5, "cells": []}',
                                  '{"nbformat": 99, "nbformat_minor": 0, "cells": []}'])
def test_malformed_notebooks_never_stop_the_command(room, text):
    path = hand_in(room, "odd", tiny_source())
    path.write_text(text, errors="surrogateescape")
    problem = grade_one(room, "odd").problem
    assert problem is None or (problem.isprintable() and len(problem) < 300)


@pytest.mark.parametrize("name", ["a*", "b?", "c[1]", "Zoë O'Hara, 3.5 %", "x" * 200])
def test_any_name_of_a_folder_will_do(room, name):
    hand_in(room, name, tiny_source())
    assert grade_one(room, name).points == (5, 5) and grade_one(room, name).points == (5, 5)

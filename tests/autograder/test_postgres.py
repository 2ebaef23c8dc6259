"""The gradebook on a PostgreSQL server: the same marks as in a file, two graders at once, and what goes wrong."""

import csv
import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import insert

from autograder import ClassError, units
from autograder.course import open_class
from autograder.engine import record
from autograder.engine.record import recording
from autograder.engine.verdict import Report, Verdict
from autograder.grade import Options, grade_class
from autograder.new_class import create_class
from autograder.release import release_to_class
from tests.autograder.formgrader import ROOT, asked, formgrader
from tests.autograder.postgres import PASSWORD, postgres
from tests.autograder.tiny_course import tiny_source, write

pytestmark = pytest.mark.slow
UNITS = ("01_tiny", "02_next")
STUDENTS = [f"student{number:02}" for number in range(12)]
REPORT = Report({"check_double": Verdict("passed", 2.0, 2.0)})  # the other two cells wait for a person


@pytest.fixture(scope="module")
def server():
    with postgres() as server:
        yield server


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of two units that are alike."""
    folder = tmp_path_factory.mktemp("solutions")
    for slug in UNITS:
        write(tiny_source(), folder / slug)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "SOLUTIONS", folder)
        yield folder


def made(folder, gradebook=None):
    """Make a class of twelve with a gradebook there, or in a file: right, half right, late, unreadable, missing."""
    room = create_class(folder, seed=3, gradebook=gradebook)
    for slug in UNITS:
        release_to_class(room, slug)
        for number, student in enumerate(STUDENTS):
            notebook = tiny_source()
            notebook.cells[2].source = "double = print" if number % 3 else notebook.cells[2].source
            path = write(notebook, room.folder("submitted", slug, student))
            (path.parent / "timestamp.txt").write_text(f"2026-10-{number + 1:02} 12:00:00 UTC")
            if number == 5:
                path.write_text("{")
    shutil.rmtree(room.folder("submitted", UNITS[1], STUDENTS[7]))
    rules = "[due]\n01_tiny = 2026-10-06T12:00:00Z\n[late]\npercent_per_day = 10\n"
    (room.root / "autograder.toml").open("a").write(rules)
    return room


def graded(room, slug):
    return list(grade_class(room, slug, room.students("submitted", slug), Options(jobs=2)))


def by_hand(room):
    """Grade a written answer as a person does."""
    with room.gradebook() as gradebook:
        gradebook.find_grade("why", "exercises", UNITS[0], STUDENTS[0]).manual_score = 3.5
        gradebook.find_comment("why", "exercises", UNITS[0], STUDENTS[0]).manual_comment = "Well said — π"
        gradebook.db.commit()


def exported(autograder, room, kind):
    to = room.root / f"{kind}.csv"
    code, _, errors = autograder("export", "--for", kind, "--to", to, "--class", room.root)
    assert code == 0, errors
    return list(csv.reader(to.open(newline="", encoding="utf-8")))


def rows(room) -> dict:
    """Return all that the gradebook says of each submission; each is there once."""
    with room.gradebook() as gradebook:
        found = {}
        for unit in gradebook.assignments:
            for submission in unit.submissions:
                key = unit.name, submission.student_id
                assert key not in found and len(submission.notebooks) == 1, key
                grades = submission.notebooks[0].grades
                found[key] = sorted((one.name, one.auto_score, one.manual_score) for one in grades)
                assert len(found[key]) == 3, found[key]
        return found


def grade_command(room, slug, *more):
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "grade", slug, "--class", room.root]
    return subprocess.Popen([*command, "--jobs", "2", *more], cwd=ROOT, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def pair(course, server, tmp_path_factory):
    """One class with its gradebook in a file and one on the server, graded alike."""
    folder = tmp_path_factory.mktemp("pair")
    rooms = made(folder / "file" / "autumn"), made(folder / "server" / "autumn", server.create("pair"))
    for room in rooms:
        for slug in UNITS:
            graded(room, slug)
        by_hand(room)
        graded(room, UNITS[0])
    return rooms


def test_a_server_holds_the_same_marks_as_a_file(pair, autograder):
    in_file, on_server = pair
    assert not (on_server.root / "gradebook.db").exists() and rows(in_file) == rows(on_server)
    assert len(rows(on_server)) == 2 * len(STUDENTS) - 1
    for kind in ("nbgrader", "totals"):
        table = exported(autograder, on_server, kind)
        assert table == exported(autograder, in_file, kind) and len(table) > len(STUDENTS)
    with on_server.gradebook() as gradebook:
        assert gradebook.find_submission(UNITS[0], STUDENTS[0]).score == 8.5
        comment = gradebook.find_comment("why", "exercises", UNITS[0], STUDENTS[0])
        assert comment.comment == "Well said — π"


def test_report_and_feedback_of_a_class_on_a_server(pair, autograder):
    for room in pair:
        assert autograder("feedback", "1", "--student", STUDENTS[0], "--class", room.root)[0] == 0
        assert autograder("report", "--class", room.root)[0] == 0
    pages = [re.sub(r"took \S+ s each", "", (room.root / "report.html").read_text()) for room in pair]
    assert pages[0] == pages[1] and f"<h2>{UNITS[1]}</h2>" in pages[0]
    page = pair[1].folder("feedback", UNITS[0], STUDENTS[0]) / "exercises.html"
    assert "(Score: 8.5 / 9.0)" in page.read_text()


def test_formgrader_reads_and_writes_on_the_server(pair):
    room = pair[1]
    with formgrader(room) as address:
        submission = json.loads(asked(f"{address}/formgrader/api/submission/{UNITS[0]}/{STUDENTS[3]}"))
        assert (submission["score"], submission["needs_manual_grade"]) == (5, True)


def test_two_graders_at_once_lose_nothing(course, server, tmp_path):
    """Of different units, of the same unit, and of the same unit in another folder, as on another machine."""
    room = made(tmp_path / "autumn", server.create("at_once"))
    other = open_class(shutil.copytree(room.root, tmp_path / "copy"))
    commands = [grade_command(room, UNITS[0]), grade_command(room, UNITS[1]), grade_command(other, UNITS[0]),
                grade_command(room, UNITS[0])]
    for process in commands:
        text = process.communicate(timeout=300)[0]
        assert process.returncode == 1 and "Traceback" not in text, text  # one notebook cannot be read
        assert text.count(": submitted/") == 1 and STUDENTS[5] in text
    alone = made(tmp_path / "alone" / "autumn")
    for slug in UNITS:
        graded(alone, slug)
    assert rows(room) == rows(alone)


def one_line(result, *words):
    """Assert that a command failed with one line that holds these words, and no password."""
    code, out, errors = result
    assert code == 1 and out == "" and errors.count("\n") == 1, errors
    assert all(word in errors for word in words), errors
    assert PASSWORD not in errors and PASSWORD.replace(" ", "%20") not in errors and "guess" not in errors


def with_gradebook(room, url):
    """Return the class with another address in its configuration."""
    path = room.root / "nbgrader_config.py"
    path.write_text(path.read_text() + f"c.CourseDirectory.db_url = {url!r}\n")
    return room.root


@pytest.fixture
def room(course, tmp_path):
    """A class with one answer handed in."""
    room = create_class(tmp_path / "autumn")
    release_to_class(room, UNITS[0])
    write(tiny_source(), room.folder("submitted", UNITS[0], "ada"))
    return room


@pytest.mark.parametrize(("change", "words"), [
    ({"password": "guess"}, ("password authentication failed", "nbgrader_config.py", ":***@")),
    ({"database": "nowhere"}, ("does not exist", "make the database")),
    ({"port": 1}, ("Connection refused", "start the server")),
])
def test_a_server_that_cannot_be_used_is_one_line(server, room, autograder, change, words):
    folder = with_gradebook(room, server.url(**{"database": "postgres"} | change))
    for argv in (["grade", "1"], ["export"], ["report"], ["release", "1"]):
        one_line(autograder(*argv, "--class", folder), "the gradebook", *words)


@pytest.mark.parametrize(("url", "words"), [
    ("postgres:guess@127.0.0.1/x", "Could not parse"), ("nothing://me:guess@127.0.0.1/x", "Can't load plugin"),
    ("mysql+pymysql://me:guess@127.0.0.1/x", "install pymysql"),
])
def test_an_address_that_is_none_is_one_line(room, autograder, url, words):
    one_line(autograder("export", "--class", with_gradebook(room, url)), "the gradebook", words)


def test_a_class_is_made_on_an_empty_database_or_not_at_all(server, course, autograder, tmp_path):
    url = server.create("fresh")
    code, out, errors = autograder("init", tmp_path / "one", "--gradebook", url)
    assert code == 0 and open_class(tmp_path / "one").db_url == url and not (tmp_path / "one" / "gradebook.db").exists()
    one_line(autograder("init", tmp_path / "two", "--gradebook", url), "not empty")
    one_line(autograder("init", tmp_path / "two", "--gradebook", server.url("nowhere")), "does not exist")
    assert not (tmp_path / "two").exists()


def test_the_password_may_stand_in_a_file_of_its_own(server, room, autograder, tmp_path, monkeypatch):
    kept = tmp_path / "pgpass"
    kept.write_text(f"*:*:*:*:{PASSWORD}\n")
    kept.chmod(0o600)
    folder = with_gradebook(room, server.create("kept").replace(":" + PASSWORD.replace(" ", "%20"), ""))
    one_line(autograder("export", "--class", folder), "no password supplied")
    monkeypatch.setenv("PGPASSFILE", str(kept))
    assert autograder("release", "1", "--class", folder)[0] == 0
    code, out, errors = autograder("grade", "1", "--class", folder)
    assert code == 0 and "5 of 5" in out, errors


def test_a_server_that_goes_away_loses_nothing_that_is_graded(course, autograder, tmp_path):
    with postgres() as server:
        room = made(tmp_path / "autumn", server.create("leaves"))
        results = grade_class(room, UNITS[0], STUDENTS, Options(jobs=1))
        kept = [next(results) for _ in range(3)]
        server.stop()
        with pytest.raises(ClassError, match=r"the gradebook postgresql://instructor:\*\*\*@.* start the server"):
            list(results)
        server.start()
        assert len(kept) == 3 and len(rows(room)) >= 3
        graded(room, UNITS[0])
        assert len(rows(room)) == len(STUDENTS)


def test_a_name_that_the_server_does_not_take_stops_nobody_else(server, course, tmp_path):
    room = create_class(tmp_path / "autumn", gradebook=server.create("names"))
    release_to_class(room, UNITS[0])
    for student in ("Zoë O'Hara", "x" * 200, "ada"):
        write(tiny_source(), room.folder("submitted", UNITS[0], student))
    results = {one.student: one for one in graded(room, UNITS[0])}
    assert results["ada"].points == results["Zoë O'Hara"].points == (5, 5) and len(rows(room)) == 2
    assert "too long" in results["x" * 200].problem


@pytest.fixture(params=["file", "server"])
def empty_room(request, server, course, tmp_path):
    """A class that nobody has handed anything in to, with its gradebook in a file and on the server."""
    url = server.create(f"empty_{uuid4().hex}") if request.param == "server" else None
    room = create_class(tmp_path / "autumn", gradebook=url)
    for slug in UNITS:
        release_to_class(room, slug)
    return room


@pytest.mark.parametrize("others", [[UNITS[1]], [UNITS[0]], [UNITS[1], UNITS[0]]])
def test_another_grader_is_first_with_a_student_or_a_submission(empty_room, monkeypatch, others):
    """Between our look, which finds nothing, and our insert."""
    left = list(others)

    def overtaken(table):
        if left:
            with monkeypatch.context() as patch:
                patch.setattr(record, "insert", insert)
                with recording(empty_room, left.pop(0)) as other:
                    assert other.write("ada", REPORT) == 2
        return insert(table)

    monkeypatch.setattr(record, "insert", overtaken)
    with recording(empty_room, UNITS[0]) as mine:
        assert mine.write("ada", REPORT) == 2
    assert not left and set(rows(empty_room)) == {(slug, "ada") for slug in {*others, UNITS[0]}}


def test_on_a_server_a_submission_has_one_writer_at_a_time(course, server, tmp_path):
    room = create_class(tmp_path / "autumn", gradebook=server.create("turns"))
    release_to_class(room, UNITS[0])
    with recording(room, UNITS[0]) as mine, ThreadPoolExecutor(1) as pool:
        mine.write("ada", REPORT)
        with mine.engine.begin() as db:
            assert mine._part(db, "ada")
            later = pool.submit(mine.write, "ada", REPORT)
            with pytest.raises(TimeoutError):
                later.result(timeout=0.5)
            mine.write("ben", REPORT)  # others go on
        assert later.result(timeout=10) == 2

"""A grader killed at any moment: the next run ends with the gradebook of an undisturbed one."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest

from autograder.course import open_class
from autograder.grade import Options, grade_class
from tests.autograder.tiny_course import SLUG, tiny_class, tiny_source, write

pytestmark = pytest.mark.slow
STUDENTS = ["ada", "ben", "cyd", "dan", "eve", "fay"]
KILLS = int(os.environ.get("KILLS", "20"))  # random points; KILLS=50 python -m pytest tries more


def hand_in(room, student, double):
    notebook = tiny_source()
    notebook.cells[2].source = double
    write(notebook, room.folder("submitted", SLUG, student))


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A class that was graded once; since then everybody has handed in again, one of them what cannot be read."""
    folder = tmp_path_factory.mktemp("resume")
    room = tiny_class(folder, seed=5)
    for number, student in enumerate(STUDENTS):
        hand_in(room, student, "def double(x):\n    return 2 * x" if number % 2 else "double = print")
    list(grade_class(room, SLUG, STUDENTS, Options(jobs=2)))
    with room.gradebook() as gradebook:
        for student in ("ada", "ben"):
            gradebook.find_grade("why", "exercises", SLUG, student).manual_score = 3.5
            gradebook.find_comment("why", "exercises", SLUG, student).manual_comment = "fine"
        gradebook.db.commit()
    for number, student in enumerate(STUDENTS):
        hand_in(room, student, "double = print" if number % 2 else "def double(x):\n    return 2 * x")
    (room.folder("submitted", SLUG, "fay") / "exercises.ipynb").write_text("{")
    return room


def contents(room) -> dict:
    """Return all that the class holds on its students: scores, flags, comments, and the executed notebooks."""
    with room.gradebook() as gradebook:
        found = {}
        for submission in gradebook.assignment_submissions(SLUG):
            (notebook,) = submission.notebooks
            student = submission.student.id
            assert student not in found, "two submissions of one student"
            found[student] = [
                sorted((g.name, g.auto_score, g.manual_score, g.needs_manual_grade) for g in notebook.grades),
                sorted((c.name, c.auto_comment or "", c.manual_comment or "") for c in notebook.comments),
                json.loads((room.folder("autograded", SLUG, student) / "exercises.ipynb").read_text()),
            ]
        return found


def copied(room, to):
    return open_class(shutil.copytree(room.root, to))


def killed_after(room, results: int, seconds: float) -> None:
    """Grade in a process of its own; kill that so many seconds after so many results."""
    done, report = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for _ in grade_class(room, SLUG, STUDENTS, Options(jobs=2)):
                os.write(report, b".")
        finally:
            os._exit(0)
    for _ in range(results):
        os.read(done, 1)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(done)
    os.close(report)


def test_a_run_that_was_killed_is_finished_by_the_next(room, tmp_path):
    undisturbed = copied(room, tmp_path / "undisturbed")
    list(grade_class(undisturbed, SLUG, STUDENTS, Options(jobs=2)))
    expected = contents(undisturbed)
    assert contents(room) != expected and len(expected) == len(STUDENTS)
    rng = random.Random(20)
    halfway = 0
    for number in range(KILLS):
        disturbed = copied(room, tmp_path / f"kill-{number}")
        results = number % len(STUDENTS)  # before the first result starting up is the longest part
        killed_after(disturbed, results, rng.uniform(0, 0.03 if results else 1))
        between = contents(disturbed)
        halfway += between not in (expected, contents(room))
        list(grade_class(disturbed, SLUG, STUDENTS, Options(jobs=2)))
        assert contents(disturbed) == expected
        shutil.rmtree(disturbed.root)
    print(f"{KILLS} kills, {halfway} of them in the middle of the writing")
    assert halfway >= 3, f"only {halfway} of {KILLS} kills fell into the writing"


def test_what_was_graded_before_the_kill_is_not_run_again(room, tmp_path, monkeypatch):
    disturbed = copied(room, tmp_path / "disturbed")
    run = grade_class(disturbed, SLUG, STUDENTS, Options(jobs=1))
    first = next(run)
    run.close()
    graded = []
    from autograder.engine.grading import Grading

    original = Grading.grade_rebuilt
    monkeypatch.setattr(Grading, "grade_rebuilt", lambda self, rebuilt: graded.append(1) or original(self, rebuilt))
    assert first in list(grade_class(disturbed, SLUG, STUDENTS, Options(jobs=1)))
    assert 3 <= len(graded) <= 4  # one is unreadable; one or two had been run


def test_ctrl_c_ends_a_run_with_one_line_and_the_next_goes_on(room, tmp_path):
    undisturbed = copied(room, tmp_path / "undisturbed")
    for number, student in enumerate(STUDENTS[:-1]):  # slow ones, so that each run is still busy when it is stopped
        answer = "double = print" if number % 2 else "def double(x):\n    return 2 * x"
        hand_in(undisturbed, student, f"import time\n\ntime.sleep(0.4)\n{answer}")
    unstarted, stopped = copied(undisturbed, tmp_path / "unstarted"), copied(undisturbed, tmp_path / "stopped")
    list(grade_class(undisturbed, SLUG, STUDENTS, Options(jobs=2)))
    for results in (0, 1, 3):
        shutil.rmtree(stopped.root)
        stopped = copied(unstarted, stopped.root)
        command = [sys.executable, "-c", "from autograder.cli import main; main()", "grade", SLUG, "--jobs", "1"]
        run = subprocess.Popen(
            command, cwd=stopped.root, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        until = time.monotonic() + 60
        while time.monotonic() < until and run.poll() is None and _newer(stopped, unstarted) < results:
            time.sleep(0.01)
        time.sleep(0.5 * (results == 0))
        ours = psutil.Process(run.pid).children(recursive=True)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does
        said = run.communicate(timeout=30)[1]
        assert run.returncode == 130 and "interrupted; what was done by then is kept" in said, said
        assert "Traceback" not in said
        assert not psutil.wait_procs(ours, timeout=10)[1]
        list(grade_class(stopped, SLUG, STUDENTS, Options(jobs=2)))
        assert contents(stopped) == contents(undisturbed)


def _newer(room, original) -> int:
    """Return how many executed notebooks differ from those of the class that it is a copy of."""

    def executed(one, student):
        return (one.folder("autograded", SLUG, student) / "exercises.ipynb").read_bytes()

    return sum(executed(room, student) != executed(original, student) for student in STUDENTS)

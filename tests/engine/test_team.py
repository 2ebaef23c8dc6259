"""Processes that are shared: several checks in one student process, several submissions with one referee."""

import json
import os
import signal
import time

import psutil
import pytest

from autograder.build import ROOT
from autograder.engine.grading import Grading
from autograder.engine.limits import Limits
from autograder.engine.team import REFEREE, STUDENT
from autograder.engine.unit import only_our_checks

pytestmark = pytest.mark.slow
SOURCE = ROOT / "solutions" / "01_perceptron" / "exercises.ipynb"
ENDLESS, GONE = "    while True:\n        pass", "    import os\n    os._exit(1)"


@pytest.fixture(scope="module")
def perceptron():
    with Grading(SOURCE, seed=5, limits=Limits(seconds=2), jobs=1) as grading:
        yield grading


def submission(**bodies: str) -> bytes:
    """Return the reference with other bodies of some functions."""
    notebook = json.loads(SOURCE.read_text("utf-8"))
    for cell in notebook["cells"]:
        body = bodies.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
        if body:
            head = "".join(cell["source"]).splitlines()[0]
            cell["source"] = f"{head}\n{body}"
    return json.dumps(notebook).encode()


def states(report) -> dict[str, str]:
    return {name.removeprefix("check_"): found.state for name, found in report.verdicts.items() if name != "why_margin"}


@pytest.mark.parametrize(("task", "body", "state"), [("margin", ENDLESS, "timeout"), ("xor_weights", GONE, "crashed")])
def test_a_process_that_is_lost_costs_only_the_task_that_lost_it(perceptron, task, body, state):
    right = {name: found for name, found in states(perceptron.grade(submission())).items() if found == "passed"}
    report = perceptron.grade(submission(**{task: body, "update": "    return w, b"}))
    others = {"update": "failed", "train": "failed"}  # which calls it
    assert {name: states(report)[name] for name in right} == right | others | {task: state}
    assert "limit" in report.verdicts[f"check_{task}"].message or "crash" in report.verdicts[f"check_{task}"].message
    assert report.verdicts["check_predict"].message.startswith("✓ predict: right on all")


def test_what_was_judged_before_the_loss_is_not_judged_again(perceptron):
    report = perceptron.grade(submission(weighted_sum="    return X @ w", margin=ENDLESS))
    assert "bias b is missing" in " ".join(report.verdicts["check_weighted_sum"].message.split())
    assert report.seconds < 4 * 2  # the loop is waited for once


def test_referees_stay_where_all_checks_are_ours(perceptron, grading, submit):
    for team, run, kept in [(perceptron, submission, 1), (grading, submit, 0)]:
        team.grade(run())
        before = [referee.pid for referee in team._team._idle]
        team.grade(run())
        assert [referee.pid for referee in team._team._idle] == before and len(before) == kept
    assert only_our_checks(perceptron.template) and not only_our_checks(grading.template)


def test_a_process_that_was_lost_is_replaced_and_its_submission_tried_again(perceptron):
    points = perceptron.grade(submission()).points
    team = perceptron._team
    lost = [lambda: os.kill(team._idle[0].pid, signal.SIGKILL), team._zygotes[STUDENT].process.kill,
            team._zygotes[REFEREE].process.kill]  # fmt: skip
    for kill in lost:
        kill()
        time.sleep(0.2)
        report = perceptron.grade(submission())
        assert report.problem is None and report.points == points > 0


def waiting_student(grading) -> psutil.Process:
    """Return the student process that waits: the zygote's child, which bubblewrap has started, if there is any."""
    zygote = psutil.Process(grading._team._zygotes[STUDENT].process.pid)
    while zygote.name() == "bwrap":
        (zygote,) = zygote.children()
    for _ in range(500):
        if len(students := zygote.children()) == 1:
            return students[0]
        time.sleep(0.01)  # that of the last submission is about to end
    raise AssertionError(students)


def test_the_next_student_process_gets_ready_while_one_is_judged(perceptron):
    points = perceptron.grade(submission()).points
    waiting = waiting_student(perceptron)
    report = perceptron.grade(submission())
    assert report.points == points and waiting_student(perceptron) != waiting and not waiting.is_running()


def test_a_student_process_that_was_lost_while_it_waited_costs_nobody_a_point(perceptron):
    points = perceptron.grade(submission()).points
    waiting = waiting_student(perceptron)
    for process in (waiting, *waiting.children(recursive=True)):
        process.kill()
    report = perceptron.grade(submission())
    assert report.problem is None and report.points == points > 0


@pytest.mark.parametrize("mode", ["bwrap", "none"])
def test_no_student_process_waits_on_when_the_grading_has_ended(mode):
    with Grading(SOURCE, seed=5, jobs=1, sandbox=mode) as grading:
        grading.grade(submission())
        waiting = waiting_student(grading)
        everyone = [waiting, *waiting.children(recursive=True)]
    assert len(everyone) > 1 and not psutil.wait_procs(everyone, timeout=5)[1]

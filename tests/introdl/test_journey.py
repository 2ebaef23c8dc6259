"""The map of units: what the last verdict of each check says."""

import pytest

from introdl.journey import advice, journey, revisit

COURSE = {"00_read": {}, "01_one": {"first": 1.0, "second": 2.0}, "02_two": {"third": 3.0}, "03_three": {"fourth": 1.0}}


def event(unit, task, kind, **more):
    return {"unit": unit, "task": task, "event": kind, **more}


FIRST, SECOND = event("01_one", "first", "pass"), event("01_one", "second", "pass")
ALL = [FIRST, SECOND, event("02_two", "third", "pass"), event("03_three", "fourth", "pass")]


@pytest.mark.parametrize(
    ("events", "states", "says"),
    [
        ([], ["", "next", "", ""], "Next: work/01_one/lesson.ipynb"),
        ([FIRST], ["", "started", "next", ""], "Go on with work/01_one/exercises.ipynb: 1 task to go."),
        ([event("01_one", "first", "fail")], ["", "started", "next", ""], "2 tasks to go"),
        ([event("01_one", "first", "hint", hint=1)], ["", "started", "next", ""], "2 tasks to go"),
        ([FIRST, SECOND], ["", "done", "next", ""], "Next: work/02_two/lesson.ipynb"),
        ([FIRST, SECOND, ALL[-1]], ["", "done", "next", "done"], "Next: work/02_two/lesson.ipynb"),
        (ALL, ["", "done", "done", "done"], "You have done every unit."),
        ([event("99_gone", "first", "pass")], ["", "next", "", ""], "Next: work/01_one/lesson.ipynb"),
    ],
)
def test_states_and_advice(events, states, says):
    stations = journey(COURSE, events)
    assert [station.state for station in stations] == states
    assert says in advice(stations)


def test_the_last_verdict_counts():
    again = journey(COURSE, [FIRST, SECOND, event("01_one", "second", "fail")])[1]
    assert (again.passed, again.tasks, again.points, again.most, again.state) == (1, 2, 1, 3, "started")


def test_a_task_that_the_course_no_longer_has_earns_nothing():
    station = journey(COURSE, [FIRST, event("01_one", "old", "pass")])[1]
    assert (station.passed, station.points) == (1, 1)


def test_each_hint_is_counted_once():
    hints = [("first", 1), ("first", 2), ("first", 2), ("second", 1)]
    station = journey(COURSE, [event("01_one", task, "hint", hint=hint) for task, hint in hints])[1]
    assert station.hints == 3


def test_a_course_without_exercises_is_not_done():
    assert advice(journey({"00_read": {}}, [])) == "No unit has exercises yet."


def test_a_failed_review_leaves_a_task_done_and_worth_another_look():
    failed = event("01_one", "first", "fail", review=True)
    rows = [{"time": "2026-02-01T12:00:00+00:00", **row} for row in (FIRST, failed)]
    assert journey(COURSE, rows)[1].passed == 1
    (trace,) = revisit(COURSE, rows)
    assert (trace.task, trace.doubt()) == ("first", "it failed when you last tried")


@pytest.mark.parametrize(
    ("before", "doubt"),
    [
        ([], None),
        ([event("01_one", "first", "fail")] * 4, None),
        ([event("01_one", "first", "fail")] * 5, "it took 6 tries"),
        ([event("01_one", "first", "hint", hint=2)], None),
        ([event("01_one", "first", "hint", hint=3)], "it took all three hints"),
        ([event("01_one", "first", "solution")], "you opened its solution"),
    ],
)
def test_a_task_that_was_hard_is_worth_another_look(before, doubt):
    found = revisit(COURSE, [*before, FIRST])
    assert [trace.doubt() for trace in found] == [doubt] * bool(doubt)

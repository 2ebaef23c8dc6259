"""The learner's record: kept beside the course only, never in the way, readable after damage."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from introdl import progress


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A learner's unit folder, as the working folder; returns work/."""
    (tmp_path / "course").mkdir()
    unit = tmp_path / "work" / "03_backprop"
    unit.mkdir(parents=True)
    monkeypatch.chdir(unit)
    return unit.parent


def test_an_event_is_one_line_with_its_time(work):
    progress.record("03_backprop", "relu", "pass")
    progress.record("03_backprop", "relu", "hint", hint=2)
    passed, hint = map(json.loads, (work / "progress.jsonl").read_text().splitlines())
    assert passed["time"].endswith("+00:00")
    assert {**passed, "time": ""} == {"time": "", "unit": "03_backprop", "task": "relu", "event": "pass"}
    assert hint["hint"] == 2 and "hint" not in passed


def test_events_come_back_in_order(work):
    for event in ("fail", "fail", "pass"):
        progress.record("03_backprop", "relu", event)
    assert [row["event"] for row in progress.events()] == ["fail", "fail", "pass"]
    assert progress.events() == progress.events(work)


def test_the_last_hint_counts_for_its_own_task_only(work):
    for task, hint in (("relu", 1), ("relu", 2), ("step", 3)):
        progress.record("03_backprop", task, "hint", hint=hint)
    progress.record("01_perceptron", "relu", "hint", hint=3)
    assert progress.hints_opened("03_backprop", "relu") == 2
    assert progress.hints_opened("03_backprop", "tanh") == 0


@pytest.mark.parametrize("place", ["solutions/03_backprop", "work/03_backprop", "homework"])
def test_without_a_course_beside_work_nothing_is_written(tmp_path, monkeypatch, place):
    folder = tmp_path / place
    folder.mkdir(parents=True)
    if "work/" not in place:
        (tmp_path / "course").mkdir()
    monkeypatch.chdir(folder)
    progress.record("03_backprop", "relu", "pass")
    assert progress.events() == [] and progress.hints_opened("03_backprop", "relu") == 0
    assert list(tmp_path.rglob("progress.jsonl")) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_does_not_fail_a_check(work):
    (work / "progress.jsonl").symlink_to("/dev/full")
    progress.record("03_backprop", "relu", "pass")


def test_a_file_that_cannot_be_opened_does_not_fail_a_check_or_a_hint(work):
    (work / "progress.jsonl").mkdir()
    progress.record("03_backprop", "relu", "pass")
    assert progress.hints_opened("03_backprop", "relu") == 0


@given(damage=st.binary(max_size=60))
def test_damage_costs_no_later_event(tmp_path_factory, damage):
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "progress.jsonl").write_bytes(damage)
    progress._append(folder / "progress.jsonl", '{"unit": "01_one", "task": "first", "event": "pass"}')
    assert progress.events(folder)[-1]["task"] == "first"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "null",
        "[]",
        "3",
        '{"unit": "a", "task": "b"}',
        '{"unit": "a", "task": "b", "event": "won"}',
        '{"unit": 1, "task": "b", "event": "pass"}',
        '{"unit": "a", "task": "b", "event": "hint"}',
        '{"unit": "a", "task": "b", "event": "hint", "hint": "two"}',
        '{"unit": "a", "task": "b", "event": ["pass"]}',
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_line_that_is_no_event_is_left_out(work, line):
    (work / "progress.jsonl").write_text(line + "\n")
    progress.record("01_one", "first", "pass")
    assert [row["task"] for row in progress.events()] == ["first"]


def test_many_kernels_may_write_at_once(work):
    code = (
        "import sys; from introdl import progress; print(flush=True); sys.stdin.read();"
        "[progress.record('01_one', 'first', 'pass') for _ in range(1000)]"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    writers = [subprocess.Popen([sys.executable, "-c", code], **pipes) for _ in range(3)]
    for writer in writers:
        writer.stdout.readline()  # it has imported what it needs
    for writer in writers:
        writer.stdin.close()
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(progress.events()) == 3000
    for writer in writers:
        writer.stdout.close()

"""The panel at the end of a worksheet, and the solution that opens after an attempt."""

import json
import re
import shutil

import pytest

from introdl import progress, worksheets
from introdl.checks import perceptron as check
from introdl.checks.task import CheckFailed, Task
from introdl.checks.unit import Unit
from introdl.panel import ELSEWHERE, panel
from introdl.worksheets import ROOT

SLUG = "01_perceptron"
TASKS = list(worksheets.tasks(SLUG))


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A learner's unit folder, as the working folder; returns work/."""
    (tmp_path / "work" / SLUG).mkdir(parents=True)
    for slug in ("00_start", SLUG):
        (tmp_path / "course" / slug).mkdir(parents=True)
        shutil.copy(ROOT / "course" / slug / "exercises.ipynb", tmp_path / "course" / slug)
    monkeypatch.chdir(tmp_path / "work" / SLUG)
    return tmp_path / "work"


def did(*events):
    for task, event, *hint in events:
        progress.record(SLUG, task, event, *hint)


def test_a_new_learner_sees_what_there_is_and_where_to_begin(work):
    text = repr(panel(SLUG))
    assert text.startswith("Unit 01: 0 of 7 tasks, 0 of 14 points\n· to do  weighted_sum  0 of ")
    assert text.endswith(f"Next here: {TASKS[0]}.")


def test_each_task_says_what_came_of_it(work):
    did(("weighted_sum", "fail"), ("weighted_sum", "fail"), ("weighted_sum", "hint", 2), ("weighted_sum", "pass"))
    did(("step", "fail"), ("predict", "solution"))
    lines = repr(panel(SLUG)).splitlines()
    assert re.fullmatch(r"✓ right +weighted_sum +(\d) of \1 +2 failed, 2 hints", lines[1])
    assert re.fullmatch(r"✗ not yet +step +0 of \d +1 failed", lines[2])
    assert re.fullmatch(r"· to do +predict +0 of \d +solution opened", lines[3])
    assert lines[-1] == "Next here: step."


def test_a_finished_unit_leads_on_and_names_what_was_hard(work):
    did(("step", "solution"), *((task, "pass") for task in TASKS))
    text = repr(panel(SLUG))
    assert "7 of 7 tasks, 14 of 14 points" in text and "Next: work/00_start/lesson.ipynb" in text
    assert "Worth another look: step of unit 01 (you opened its solution)." in text and "introdl review" in text


def test_in_a_notebook_it_is_a_table_that_shows_names_as_text(work):
    found = panel(SLUG)
    found.rows[0] = ("✓ right", "<b>odd", "1 of 1", "")
    text = found._repr_html_()
    assert text.count("<tr>") == 1 + len(TASKS) and "&lt;b&gt;odd" in text and ">Unit 01: 0 of 7" in text


def test_the_panel_is_there_in_a_notebook_and_says_where_it_is_not(work, tmp_path, monkeypatch, capsys):
    assert check.progress().title.startswith("Unit 01: 0 of 7")
    (work.parent / "course" / SLUG / "exercises.ipynb").write_text("{")
    assert check.progress() is None and "How far you are cannot be shown" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path)
    assert check.progress() is None and capsys.readouterr().out == f"{ELSEWHERE}\n"


@pytest.fixture
def unit(work, monkeypatch):
    """A unit of one task, its solution in the clone's solutions/."""
    task = Task("double", ("x",), lambda rng: [(1.0,)], lambda x: 2 * x, hints=("a", "b", "c"))
    task.mistake("You squared it.")(lambda x: x**2)
    source = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x  # once more\n    ### END SOLUTION"
    cell = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "double"}}, "source": source.splitlines(True)}
    folder = work.parent / "solutions" / SLUG
    folder.mkdir(parents=True)
    (folder / "exercises.ipynb").write_text(json.dumps({"cells": [cell]}))
    monkeypatch.setattr("introdl.checks.unit.COURSE", work.parent / "course")
    return Unit(SLUG, task)


def test_a_solution_opens_after_an_attempt_only_and_is_noted(unit, capsys):
    with pytest.raises(CheckFailed, match="Try first"):
        unit.solution("double")
    assert progress.events() == []
    with pytest.raises(CheckFailed):
        unit.tasks["double"](lambda x: x**2)
    unit.solution("double")
    out = capsys.readouterr().out
    assert "def double(x):\n    return 2 * x  # once more\n```" in out and "###" not in out
    assert "- You squared it." in out
    assert [row["event"] for row in progress.events()] == ["fail", "solution"]


def test_an_untouched_task_was_not_tried(unit):
    def double(x):
        raise NotImplementedError

    with pytest.raises(CheckFailed, match="nothing to check yet"):
        unit.tasks["double"](double)
    with pytest.raises(CheckFailed, match="Try first"):
        unit.solution("double")
    assert progress.events() == []


def test_an_attempt_of_another_day_counts(unit, capsys):
    progress.record(SLUG, "double", "fail")
    unit.solution("double")
    assert "return 2 * x" in capsys.readouterr().out


def test_without_solutions_it_says_who_has_them(unit, work):
    shutil.rmtree(work.parent / "solutions")
    progress.record(SLUG, "double", "fail")
    with pytest.raises(CheckFailed, match="your instructor has them"):
        unit.solution("double")
    with pytest.raises(CheckFailed, match="no task 'treble' here"):
        unit.solution("treble")


def test_the_solution_is_mentioned_after_three_failed_tries(unit):
    said = []
    for _ in range(3):
        with pytest.raises(CheckFailed) as failed:
            unit.tasks["double"](lambda x: x**2)
        said.append('check.solution("double")' in str(failed.value))
    assert said == [False, False, True]

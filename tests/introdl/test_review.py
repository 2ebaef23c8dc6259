"""Spaced review: which tasks come back, and a notebook of them that stands alone."""

import builtins
import json
import subprocess
import sys
from datetime import date, timedelta

import pytest

from introdl import review, worksheets
from introdl.worksheets import EXERCISES, ROOT, CourseError

TODAY = date(2026, 3, 1)


def event(task, kind, days_ago, unit="01_one", **more):
    time = f"{TODAY - timedelta(days_ago)}T12:00:00+00:00"
    return {"time": time, "unit": unit, "task": task, "event": kind, **more}


def names(events):
    return [trace.task for trace in review.due(events, TODAY)]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], []),
        ([event("a", "fail", 9)], []),  # never passed
        ([event("a", "pass", 0)], []),  # today
        ([event("a", "pass", 1), event("b", "pass", 5)], ["b", "a"]),  # the older first
        ([event("a", "fail", 3), event("a", "pass", 3), event("b", "pass", 3)], ["a", "b"]),  # the harder first
        ([event("b", "hint", 3, hint=3), event("a", "pass", 3), event("b", "pass", 3)], ["b", "a"]),
        ([event("b", "solution", 3), event("a", "pass", 4), event("b", "pass", 3)], ["b", "a"]),
        ([event("a", "pass", 9), event("a", "pass", 5), event("b", "pass", 4)], ["b", "a"]),  # passed twice: later
        ([event("a", "pass", 5), event("b", "pass", 5), event("b", "fail", 0, review=True)], ["b", "a"]),
    ],
)
def test_what_is_old_and_what_was_hard_comes_first(events, expected):
    assert names(events) == expected


@pytest.fixture
def clone(tmp_path):
    """A course of unit 01 and a learner who has solved all of it."""
    for folder in ("course", "work"):
        (tmp_path / folder / "01_perceptron").mkdir(parents=True)
    for source, target in ((ROOT / "course", "course"), (ROOT / "solutions", "work")):
        text = (source / "01_perceptron" / EXERCISES).read_text("utf-8")
        (tmp_path / target / "01_perceptron" / EXERCISES).write_text(text, "utf-8")
    return tmp_path


def solved(clone):
    tasks = worksheets.tasks("01_perceptron", clone)
    return [event(task, "pass", days, "01_perceptron") for days, task in enumerate(tasks, start=1)]


def test_three_tasks_become_a_notebook_beside_which_nothing_is_lost(clone):
    first, picked = review.write(clone, solved(clone), TODAY)
    assert [trace.task for trace in picked] == ["train", "xor_weights", "margin"]
    before = first.read_bytes()
    second, _ = review.write(clone, solved(clone), TODAY)
    assert first.name == "2026-03-01.ipynb" and second.name == "2026-03-01-2.ipynb"
    assert first.read_bytes() == before
    notebook = worksheets.read_notebook(first)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "YOUR CODE HERE" in text and "def update" in text and "### BEGIN" not in text.partition("def train")[2][:900]
    assert all("nbgrader" not in cell.metadata for cell in notebook.cells)


def test_a_task_that_is_gone_is_passed_over(clone):
    events = [event("old", "pass", 99, "01_perceptron"), event("x", "pass", 99, "77_gone"), *solved(clone)]
    assert [trace.task for trace in review.write(clone, events, TODAY)[1]] == ["train", "xor_weights", "margin"]
    (clone / "work" / "01_perceptron" / EXERCISES).unlink()
    with pytest.raises(CourseError, match="nothing to review yet"):
        review.write(clone, events, TODAY)


@pytest.mark.slow
def test_a_review_meets_fresh_cases_and_leaves_the_unit_done(clone, tmp_path):
    path, picked = review.write(clone, solved(clone), TODAY)
    answers = {trace.task: trace for trace in picked}
    own = worksheets.read_cells(clone / "work" / "01_perceptron" / EXERCISES)
    given = {worksheets.grade_id(cell): cell["source"] for cell in own}
    cells = worksheets.read_cells(path)
    script = []
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        stubs = (task for task in answers if f"def {task}(" in cell["source"] and "YOUR CODE" in cell["source"])
        script.append(given.get(next(stubs, None), cell["source"]))
    script.append("from introdl.checks.task import _seed\nprint(_seed())")
    run = subprocess.run([sys.executable, "-c", "\n".join(script)], cwd=path.parent, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("✓") == 3 and run.stdout.endswith("20260301\n")
    rows = [json.loads(line) for line in (clone / "work" / "progress.jsonl").read_text().splitlines()]
    assert {(row["task"], row["event"], row["review"]) for row in rows} == {(task, "pass", True) for task in answers}


@pytest.mark.parametrize("slug", worksheets.units())
def test_every_task_of_the_course_stands_alone_in_a_review(slug, tmp_path):
    """Each name that its cells read is bound in them, or Python's own."""
    (tmp_path / "course").symlink_to(ROOT / "course")
    (tmp_path / "work").symlink_to(ROOT / "solutions")  # a learner who has written what the solutions say
    cells = worksheets.read_cells(ROOT / "solutions" / slug / EXERCISES)
    solutions = {worksheets.grade_id(cell): cell["source"] for cell in cells}
    for task in worksheets.tasks(slug):
        prompt, given, stub, check = review.task_cells(tmp_path, slug, task)
        assert prompt["source"].startswith(f"## Unit {slug[:2]}, task ") and "YOUR CODE HERE" in stub["source"]
        bound = set(vars(builtins)) | {"__file__"}
        for source in (given["source"], solutions[task], check["source"]):
            unknown = outer_names(source) - review._bound(source) - bound
            assert not unknown, f"{slug} {task}: {unknown}"
            bound |= review._bound(source)


def outer_names(source):
    """Return the names that a cell reads and does not bind anywhere in itself."""
    import symtable

    def free(table):
        own = {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
        if table.get_type() == "module":
            own = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
        return own.union(*(free(child) for child in table.get_children()))

    return free(symtable.symtable(source, "cell", "exec"))

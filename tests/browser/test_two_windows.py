"""A learner has several windows open, and the course moves on meanwhile: no word typed anywhere is lost."""

import json
import os
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import INTRODL, SLUG

pytestmark = pytest.mark.browser
STUB = "raise NotImplementedError()"


def answer(lab, task, body):
    lab.type_over(lab.cell(f"def {task}("), STUB, body)
    lab.run(lab.cell(f"def {task}("))


def saved(worksheet, task):
    """Return an answer as the file on disk has it."""
    cells = json.loads(worksheet.read_text("utf-8"))["cells"]
    return next("".join(c["source"]) for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == task)


def test_two_notebooks_with_a_kernel_each_count_as_one_learner(open_lab, worksheet, root):
    (root / "work" / "progress.jsonl").unlink(missing_ok=True)
    again = worksheet.with_name("again.ipynb")
    again.write_bytes(worksheet.read_bytes())
    windows = {"weighted_sum": open_lab("exercises"), "step": open_lab("again")}
    bodies = {"weighted_sum": "return X @ w + b", "step": "return (z >= 0).astype(int)"}
    for task, lab in windows.items():
        lab.run(lab.cell("import perceptron as check"))
        answer(lab, task, bodies[task])
    for task, lab in windows.items():
        expect(lab.run(lab.cell(f"check.{task}("))).to_contain_text(f"✓ {task}: right on all")
    for lab in windows.values():  # each window knows what was done in the other
        expect(lab.run(lab.cell("check.progress()"))).to_contain_text("Unit 01: 2 of 7 tasks")
    again.unlink()


def test_the_same_notebook_in_two_windows_asks_before_one_overwrites_the_other(open_lab, worksheet):
    first, second = open_lab("exercises"), open_lab("exercises")
    first.page.bring_to_front()
    answer(first, "weighted_sum", "return 'first'")
    first.save()
    second.page.bring_to_front()
    answer(second, "weighted_sum", "return 'second'")
    dialog = second.save_and_be_asked()
    second.shoot("asked")
    assert "return 'first'" in saved(worksheet, "weighted_sum")
    dialog.get_by_role("button", name="Cancel").click()
    expect(second.cell("def weighted_sum(")).to_contain_text("return 'second'")
    assert "return 'first'" in saved(worksheet, "weighted_sum")


def test_a_merge_while_the_notebook_is_open_keeps_what_was_saved_and_what_was_not(open_lab, worksheet, root):
    given = root / "course" / SLUG / "exercises.ipynb"
    before = given.read_text("utf-8")
    lab = open_lab("exercises")
    answer(lab, "weighted_sum", "return 'saved'")
    lab.save()
    answer(lab, "step", "return 'not saved'")
    given.write_text(before.replace("# Exercises", "# The exercises"), "utf-8")
    try:
        assert given.read_text("utf-8") != before
        command = [*INTRODL, "update", "--no-pull"]
        env = os.environ | {"PYTHONPATH": str(root / "course")}
        for more in ([], ["--merge", "1"]):
            told = subprocess.run([*command, *more], cwd=root, env=env, capture_output=True, text=True, check=True)
        assert "is merged; your old one is exercises.kept-1.ipynb" in told.stdout
    finally:
        given.write_text(before, "utf-8")
    kept = worksheet.with_name("exercises.kept-1.ipynb")
    assert "return 'saved'" in saved(worksheet, "weighted_sum") and "return 'saved'" in saved(kept, "weighted_sum")
    answer(lab, "predict", "return 'typed later'")
    dialog = lab.save_and_be_asked()  # nothing is written over without a word
    lab.shoot("asked")
    dialog.get_by_role("button", name="Cancel").click()
    for task, text in (("step", "return 'not saved'"), ("predict", "return 'typed later'")):
        expect(lab.cell(f"def {task}(")).to_contain_text(text)
    kept.unlink()

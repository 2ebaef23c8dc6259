"""What a learner meets in JupyterLab: a lesson that runs, checks that explain, a Validate button that agrees."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import ERRORS, SLUG

pytestmark = pytest.mark.browser


def test_a_lesson_has_live_widgets_at_once_and_runs_to_its_end(open_lab, root):
    lesson = nbformat.read(root / "course" / SLUG / "lesson.ipynb", as_version=4)
    code = [cell.source for cell in lesson.cells if cell.cell_type == "code"]
    count = sum(bool(re.search(r"plot\.(explore|animate)\(", source)) for source in code)
    lab = open_lab("lesson")
    lab.shoot("opened")
    widgets = lab.page.locator(".jp-OutputArea-output", has=lab.page.locator("input[type=range]"))
    assert count >= 1
    expect(widgets).to_have_count(count)  # the notebook is trusted: its scripts have run
    moves(lab, widgets.first)
    lab.run_all(len(code))
    assert lab.page.locator(ERRORS).all_inner_texts() == []
    expect(widgets).to_have_count(count)
    moves(lab, widgets.last)
    lab.shoot("has-run")
    alts = lab.page.locator(".jp-OutputArea-output img").evaluate_all("all => all.map(one => one.alt)")
    assert len(alts) > count and all(len(alt) > 20 for alt in alts)
    assert lab.foreign == []


def moves(lab, widget):
    """Assert that a widget's picture and its text follow the arrow keys on its slider."""
    picture, slider = widget.locator("img"), widget.locator("input")
    before = {name: picture.get_attribute(name) for name in ("src", "alt")}
    value = slider.input_value()
    slider.focus()
    lab.page.keyboard.press("ArrowRight")
    expect(slider).not_to_have_value(value)
    for name, content in before.items():
        expect(picture).not_to_have_attribute(name, content)


def test_a_check_explains_a_wrong_answer_and_accepts_the_right_one(open_lab, worksheet):
    lab = open_lab("exercises")
    lab.shoot("opened")
    answer, check = lab.cell("def weighted_sum"), lab.cell("check.weighted_sum(")
    lab.run(lab.cell("import perceptron as check"))

    lab.type_over(answer, "raise NotImplementedError()", "return X @ w")
    lab.run(answer)
    verdict = lab.run(check)
    expect(verdict).to_contain_text("✗ weighted_sum: not right yet")
    expect(verdict).to_contain_text("The bias b is missing")
    lab.shoot("wrong")
    said = verdict.inner_text()
    assert "Traceback" not in said and ".py" not in said and len(said.splitlines()) <= 12

    hint = lab.run_new(check, 'check.hint("weighted_sum")')
    expect(hint).to_contain_text("Hint 1 of 3")
    expect(hint).not_to_contain_text("Hint 2")
    assert max(map(len, hint.inner_text().splitlines())) < 100  # JupyterLab breaks longer lines within words
    lab.shoot("hint")

    lab.type_over(answer, "return X @ w", "return X @ w + b")
    lab.run(answer)
    expect(lab.run(check)).to_contain_text("✓ weighted_sum")
    lab.shoot("right")


def test_validate_agrees_with_the_checks(open_lab, worksheet, root):
    lab = open_lab("exercises")
    expect(lab.page.get_by_role("menuitem", name="Nbgrader")).to_have_count(0)  # its other panels are for teachers
    assert "failed" in lab.validate()
    lab.shoot("stubs")
    solve(worksheet, root)
    lab = open_lab("exercises")
    said = lab.validate()
    lab.shoot("solved")
    assert "Success" in said and "failed" not in said


def solve(worksheet, root):
    """Write every answer into the worksheet; all the rest stays as released."""
    solutions = nbformat.read(root / "solutions" / SLUG / "exercises.ipynb", as_version=4)
    answers = {cell.metadata.nbgrader.grade_id: cell.source for cell in solutions.cells if _is_answer(cell)}
    notebook = nbformat.read(worksheet, as_version=4)
    for cell in filter(_is_answer, notebook.cells):
        written = cell.cell_type == "markdown"
        cell.source = "It scales all weights alike." if written else answers[cell.metadata.nbgrader.grade_id]
    nbformat.write(notebook, worksheet)


def _is_answer(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)

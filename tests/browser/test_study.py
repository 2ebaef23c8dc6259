"""An evening with unit 01: read, predict, try, err, mend, restart, go on, validate, and see how far one is."""

import os
import re
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import INTRODL

pytestmark = pytest.mark.browser


def test_an_evening_with_a_unit(open_lab, worksheet, root):
    (root / "work" / "progress.jsonl").unlink(missing_ok=True)

    lab = open_lab("lesson")  # read to the end, and predict before looking
    question = lab.page.locator("details").first
    question.scroll_into_view_if_needed()
    answer = question.locator("p").last
    expect(answer).to_be_hidden()
    question.locator("summary").click()
    expect(answer).to_be_visible()
    lab.shoot("question")

    lab = open_lab("exercises")
    given = lab.cell("import perceptron as check")
    lab.run(given)
    for task, stub, wrong, said, right in (
        ("weighted_sum", "raise NotImplementedError()", "return X @ w", "The bias b is missing", "return X @ w + b"),
        (
            "step",
            "raise NotImplementedError()",
            "return (z > 0).astype(int)",
            "At z = 0 the neuron fires",
            "return (z >= 0).astype(int)",
        ),
    ):
        cell, check = lab.cell(f"def {task}("), lab.cell(f"check.{task}(")
        lab.type_over(cell, stub, wrong)
        lab.run(cell)
        expect(lab.run(check)).to_contain_text(f"✗ {task}: not right yet")
        expect(check).to_contain_text(said)
        lab.type_over(cell, wrong, right)
        lab.run(cell)
        expect(lab.run(check)).to_contain_text(f"✓ {task}: right on all")
    lab.shoot("two-tasks")

    lab.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    lab.page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Restart Kernel…$")).click()
    lab.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    lab.wait_idle()
    check = lab.cell("check.predict(")
    lab.run(given)  # a fresh kernel knows nothing: what is needed runs again
    lab.run(lab.cell("def predict("))
    expect(lab.run(check)).to_contain_text("predict: nothing to check yet")
    lab.type_over(lab.cell("def predict("), "raise NotImplementedError()", "return step(w)")
    lab.run(lab.cell("def predict("))
    expect(lab.run(check)).to_contain_text("✗ predict")
    solution = lab.run_new(check, 'check.solution("predict")')
    expect(solution).to_contain_text("One right answer")
    expect(solution).to_contain_text("def predict")
    lab.shoot("solution")
    lab.type_over(lab.cell("def predict("), "return step(w)", "return (X @ w + b >= 0).astype(int)")
    lab.run(lab.cell("def predict("))
    expect(lab.run(check)).to_contain_text("✓ predict")

    assert "failed" in lab.validate()  # four tasks and an answer are left
    lab.page.locator(".jp-Dialog").get_by_role("button", name="OK").click()
    panel = lab.run(lab.cell("check.progress()"))
    expect(panel).to_contain_text("Unit 01: 3 of 7 tasks")
    expect(panel).to_contain_text("Next here: update")
    expect(panel).to_contain_text("predict of unit 01 (you opened its solution)")
    panel.scroll_into_view_if_needed()
    lab.shoot("panel")
    assert lab.foreign == []

    command = [*INTRODL, "progress"]
    env = os.environ | {"PYTHONPATH": str(root / "course"), "COLUMNS": "100"}
    told = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=True).stdout
    assert re.search(r"01_perceptron +… started +3 of 7", told), told

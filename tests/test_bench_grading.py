"""The made-up class that grading is measured on, and the arithmetic of that measurement."""

import json
import math
import shutil
import sys

import pytest

from autograder.build import ROOT
from introdl.checks.prove import units
from tests.bench import grading, steps
from tests.bench import otter_assignment as otter
from tests.bench.bare import run_bare, run_cells
from tests.bench.classes import KINDS, TRAINING, honest_class, honest_submissions, known_answers
from tests.bench.command import CommandFailed, peak_mb, run
from tests.bench.grading import compared, differences, merged, overheads, unexpected
from tests.bench.tables import RESULTS

SLUG = "01_perceptron"
RELEASED = {
    slug: json.loads((ROOT / "course" / slug / "exercises.ipynb").read_text("utf-8"))
    for slug in (SLUG, "03_backprop")
}


class Folders:
    """As much of a class as is needed to hand in."""

    def __init__(self, root):
        self.root = root

    def folder(self, step, slug, student="."):
        return self.root / step / student / slug


def made(count=6, seed=1, slug=SLUG, training=False):
    return honest_submissions(RELEASED[slug], slug, count, seed, training)


def sources(notebook):
    return {cell["metadata"].get("nbgrader", {}).get("grade_id"): "".join(cell["source"]) for cell in notebook["cells"]}


def test_a_class_is_written_where_nbgrader_looks_and_is_the_same_again(tmp_path):
    texts = []
    for name in ("one", "two"):
        room = Folders(tmp_path / name)
        room.folder("release", SLUG).mkdir(parents=True)
        (room.folder("release", SLUG) / "exercises.ipynb").write_text(json.dumps(RELEASED[SLUG]), "utf-8")
        students = [submission.student for submission in honest_class(room, SLUG, 6, 1)]
        files = sorted(room.root.glob(f"submitted/*/{SLUG}/exercises.ipynb"))
        assert [file.parents[1].name for file in files] == students and len(set(students)) == 6
        texts.append([file.read_text("utf-8") for file in files])
    assert texts[0] == texts[1]
    for text in texts[0]:
        notebook = json.loads(text)
        ids = [cell["id"] for cell in notebook["cells"]]
        assert notebook["nbformat"] == 4 and len(set(ids)) == len(ids)
        assert {cell["cell_type"] for cell in notebook["cells"]} == {"code", "markdown"}
    assert [one.notebook for one in made(seed=2)] != [one.notebook for one in made()]


def test_a_class_has_every_kind_of_student_and_every_extra():
    assert {submission.kind for submission in made()} == set(KINDS)
    assert {extra for submission in made(20) for extra in submission.extras} == {"imports", "scratch", "plot"}
    labels = {label for submission in made(20) for label in submission.answers.values()}
    assert {"stub", "reference", "mistake 1", "weighted_sum__einsum"} <= labels


@pytest.mark.parametrize("slug", RELEASED)
def test_only_the_students_own_cells_differ_from_the_released_notebook(slug):
    released = sources(RELEASED[slug])
    roles = {
        role["grade_id"]: role for cell in RELEASED[slug]["cells"] if (role := cell["metadata"].get("nbgrader"))
    }
    for submission in made(20, slug=slug):
        given = sources(submission.notebook)
        changed = {name for name in released if name and given[name] != released[name]}
        assert all(roles[name]["solution"] for name in changed)
        kept = [role for cell in submission.notebook["cells"] if (role := cell["metadata"].get("nbgrader"))]
        assert kept == list(roles.values())
        if submission.kind == "stub":
            assert not changed
        elif submission.kind == "right":
            assert changed == {name for name in roles if roles[name]["solution"]}


def test_points_are_expected_where_they_are_known():
    points = {
        role["grade_id"]: role["points"]
        for cell in RELEASED[SLUG]["cells"]
        if (role := cell["metadata"].get("nbgrader", {})).get("grade")
    }
    for submission in made(20):
        known = {name: got for name, got in submission.expected.items() if got is not None}
        if submission.kind == "right":
            assert known == {name: most for name, most in points.items() if name.startswith("check_")}
        elif submission.kind == "stub":
            assert known == dict.fromkeys(points, 0.0)
        for task, label in submission.answers.items():
            if label == "stub" or label.startswith("mistake"):
                assert submission.expected[f"check_{task}"] == 0


def test_an_answer_on_the_ground_of_a_wrong_one_is_not_foretold():
    unknown = [
        submission for submission in made(60)
        if submission.answers["update"] == "reference" and submission.answers["step"].startswith(("stub", "mistake"))
    ]
    assert unknown and all(submission.expected["check_update"] is None for submission in unknown)


@pytest.mark.parametrize("slug", RELEASED)
def test_every_known_answer_defines_its_task_and_passes_or_fails_as_it_should(slug):
    first = next("".join(cell["source"]) for cell in RELEASED[slug]["cells"] if cell["cell_type"] == "code")
    for task, answers in known_answers(slug).items():
        assert {answer.right for answer in answers} == {True, False}
        for answer in (one for one in answers if not one.needs):
            names: dict = {"__name__": "__main__"}
            exec(first, names)
            exec(answer.source, names)
            assert (units()[slug].tasks[task].problem(names[task]) is None) == answer.right, (task, answer.label)


def test_notebooks_that_train_have_right_answers_to_train_with():
    for submission in made(6, slug="03_backprop", training=True):
        assert "".join(submission.notebook["cells"][-1]["source"]) == TRAINING["03_backprop"]
        assert submission.expected["check_train"] == 3 and submission.expected["check_dense_backward"] == 2


def test_bare_python_goes_on_after_an_error_and_runs_every_notebook(tmp_path):
    cells = ["1 / 0", f"open({str(tmp_path / 'ran')!r}, 'a').write('x')"]
    notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    run_cells(notebook)
    assert (tmp_path / "ran").read_text() == "x"
    path = tmp_path / "notebook.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    bare = run_bare([path] * 3, path, 0, 1)
    assert (tmp_path / "ran").read_text() == "xxxxx"  # the first of the worker's is its warm-up
    assert 0 < bare.compute_s <= bare.wall_s


def test_commands_are_timed_and_weighed_and_must_succeed(tmp_path):
    hold = "import time; x = b'x' * 80_000_000; time.sleep(0.6)"
    hold = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"  # in a process below
    assert 80 < peak_mb([sys.executable, "-c", hold], tmp_path) < 160
    assert 0 < run([sys.executable, "-c", "pass"], tmp_path) < 5
    with pytest.raises(CommandFailed, match="no luck"):
        run([sys.executable, "-c", "raise SystemExit('no luck')"], tmp_path)


def test_gradebooks_are_compared_cell_by_cell():
    theirs = {("ada", "check_a"): 1.0, ("ada", "why"): None, ("bob", "check_a"): 0.0}
    assert differences(theirs, dict(theirs)) == []
    assert differences(theirs, theirs | {("ada", "why"): 0.0}) == [("ada", "why", None, 0.0)]
    (student, cell, score, ours), = differences(theirs, {key: theirs[key] for key in list(theirs)[:2]})
    assert (student, cell, score) == ("bob", "check_a", 0.0) and math.isnan(ours)
    found = compared({"nbgrader_s": 300.0, "ours_s": 6.0, "submissions": 60}, theirs, theirs)
    assert found == {"equal_scores": True, "speedup": 50.0, "nbgrader_per_minute": 12.0, "ours_per_minute": 600.0}


def test_scores_are_held_against_what_the_submissions_were_made_for():
    submission = made()[0]
    known = {(submission.student, cell): got for cell, got in submission.expected.items() if got is not None}
    assert unexpected([submission], known) == []
    wrong = next(iter(known))
    assert unexpected([submission], known | {wrong: 0.5}) == [wrong]


def test_overhead_is_what_all_cores_spent_besides_the_students_code(monkeypatch):
    monkeypatch.setattr(grading, "CORES", 2)
    assert overheads(6.0, 3.0, 60) == {"compute_ms": 50.0, "overhead_ms": 150.0}


def test_a_part_that_was_measured_leaves_the_others_as_they_are():
    figures = {"scale": [{"n": 1}], "unit01": {"ours_s": 1.0, "peak_mb": 3}, "otter_s": 5.0}
    assert merged(figures, "unit01", {"ours_s": 2.0}) == figures | {"unit01": {"ours_s": 2.0}}
    assert merged(figures, "otter", {"otter_s": 4.0}) == figures | {"otter_s": 4.0}


def test_otter_gets_the_same_tasks_and_checks():
    notebook = otter.otter_notebook(RELEASED[SLUG])
    checks = [cell["source"] for cell in notebook["cells"] if "grader.check(" in cell["source"]]
    assert checks[0] == 'grader.check("weighted_sum")' and len(checks) == 7
    assert "import otter" in notebook["cells"][0]["source"]
    assert sources(RELEASED[SLUG])["check_step"] == "check.step(step)"  # the original is left as it is


def test_readme_shows_the_table_that_was_measured(tmp_path):
    readme = shutil.copy(ROOT / "README.md", tmp_path / "README.md")
    grading.write_readme(json.loads((RESULTS / "grading.json").read_text("utf-8")), readme)
    assert readme.read_text("utf-8") == (ROOT / "README.md").read_text("utf-8")


@pytest.mark.slow
def test_each_step_of_a_submission_is_timed_and_other_figures_stay(tmp_path):
    path = tmp_path / "r.json"
    path.write_text('{"unit01": {"ours_s": 2}}')
    assert steps.main(["--students", "3", "--results", str(path)]) == 0
    figures = json.loads(path.read_text())
    assert figures["unit01"] == {"ours_s": 2}
    assert list(figures["steps"]) == ["start", "processes", "read and rebuild", "run and judge", "record"]
    assert 0 < figures["steps"]["processes"] < figures["steps"]["run and judge"] < 10_000

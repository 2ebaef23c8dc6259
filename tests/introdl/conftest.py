"""A small course to work in: two units with exercises, one with a lesson only, one that is not built."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

CHECKS = """
from introdl.checks.task import CheckFailed
def right(answer):
    if answer() != 42:
        raise CheckFailed("✗ not 42\\n  Think of the answer to everything.")
    print("✓ 42 it is")
"""


def check_cell(task, source, points):
    about = {
        "grade": True,
        "grade_id": f"check_{task}",
        "locked": True,
        "points": points,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    return new_code_cell(source, metadata={"nbgrader": about, "tags": ["raises-exception"]})


def answer_cell(task, source):
    about = {"grade": False, "grade_id": task, "locked": False, "schema_version": 3, "solution": True, "task": False}
    return new_code_cell(source, metadata={"nbgrader": about})


def written_cell(name, points):
    about = {
        "grade": True,
        "grade_id": name,
        "locked": False,
        "points": points,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    return new_markdown_cell("YOUR ANSWER HERE", metadata={"nbgrader": about})


def exercises(**answers):
    """Return a released notebook with one task a keyword: its name, and what the learner's cell holds."""
    cells = [new_code_cell(CHECKS)]
    for points, (task, source) in enumerate(answers.items(), start=1):
        cells += [answer_cell(task, source), check_cell(task, f"right({task})", points)]
    return new_notebook(cells=[*cells, written_cell("why", 7)])


def stub(task):
    return f"def {task}():\n    raise NotImplementedError()"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """The root of a small course; Jupyter's own files are kept out of the home folder."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    root = tmp_path / "clone"
    units = {"01_one": ["first", "second"], "02_two": ["third"], "04_lesson_only": [], "05_text": []}
    for slug, tasks in units.items():
        folder = root / "course" / slug
        folder.mkdir(parents=True)
        (folder / "lesson.py").write_text("# %%\n")
        if slug != "05_text":
            lesson = new_notebook(cells=[new_markdown_cell(f"# {slug}")])
            nbformat.write(lesson, folder / "lesson.ipynb")
        if tasks:
            nbformat.write(exercises(**{task: stub(task) for task in tasks}), folder / "exercises.ipynb")
    (root / "course" / "01_one" / "figures").mkdir()
    (root / "course" / "01_one" / "figures" / "map.svg").write_text("<svg/>")
    (root / "course" / "glossary.md").write_text("# Glossary\n")
    (root / "course" / "index.md").write_text("# The site's front page\n")
    return root

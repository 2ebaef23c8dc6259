"""Text to notebooks: byte for byte the same twice, drift found without executing, nothing touched that is not ours."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder import build, notebooks

ROOT = build.ROOT
GOLDEN = ROOT / "tests" / "golden" / "99_toy"
NOTEBOOKS = (
    "course/99_toy/lesson.ipynb",
    "solutions/99_toy/exercises.ipynb",
    "course/99_toy/exercises.ipynb",
)


def plant(root: Path) -> None:
    """Add the toy unit to a copy of the course, as CONTRIBUTING.md says."""
    shutil.copytree(
        ROOT / "course" / "introdl", root / "course" / "introdl", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name, target in {
        "lesson.py": "course/99_toy",
        "exercises.py": "solutions/99_toy",
        "alternatives.py": "solutions/99_toy",
    }.items():
        (root / target).mkdir(parents=True, exist_ok=True)
        shutil.copy(GOLDEN / name, root / target / name)
    checks = root / "course" / "introdl" / "checks" / "toy"
    checks.mkdir()
    shutil.copy(GOLDEN / "checks.py", checks / "__init__.py")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A course with the toy unit, built once."""
    root = tmp_path_factory.mktemp("course")
    plant(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(root / "course"))  # kernels import this copy of introdl
        assert build.build(["99_toy"], root) == []
        yield root


@pytest.fixture
def course(built, tmp_path):
    """A copy of the built course that a test may spoil."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def never_execute(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a notebook was executed")

    monkeypatch.setattr(build, "_execute", refuse)


def contents(root: Path) -> dict[str, bytes]:
    return {name: (root / name).read_bytes() for name in NOTEBOOKS}


@pytest.mark.slow
def test_a_new_unit_becomes_the_notebooks_of_the_golden_folder(built):
    for name, text in contents(built).items():
        golden = GOLDEN / "built" / name
        if os.environ.get("GOLDEN") == "write":
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_bytes(text)
        assert _without_digest(text) == _without_digest(golden.read_bytes()), name


def _without_digest(text: bytes) -> dict:
    """The digest covers introdl itself, which changes more often than the toy."""
    book = json.loads(text)
    book["metadata"].pop("introdl", None)
    return book


@pytest.mark.slow
def test_a_new_unit_is_discovered_proven_and_gone_when_removed(course):
    assert build.units(course) == ["99_toy"] and build.drift(["99_toy"], course) == ([], [])
    env = os.environ | {"PYTHONPATH": str(course / "course")}
    ran = subprocess.run(
        [sys.executable, "-m", "introdl.checks", "--json"],
        env=env,
        capture_output=True,
        text=True,
        cwd=course,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [
        {
            "unit": "99_toy",
            "task": "double",
            "cases": 2,
            "mistakes": 3,
            "killed": 3,
            "recognised": 3,
            "alternatives": 1,
            "accepted": 1,
        }
    ]
    shutil.rmtree(course / "course" / "99_toy")
    shutil.rmtree(course / "solutions" / "99_toy")
    shutil.rmtree(course / "course" / "introdl" / "checks" / "toy")
    assert build.units(course) == []


@pytest.mark.slow
def test_two_builds_are_byte_identical(built, course):
    for name in NOTEBOOKS:
        (course / name).unlink()
    assert build.build(["99_toy"], course) == []
    assert contents(course) == contents(built)


@pytest.mark.slow
def test_a_second_build_executes_and_writes_nothing(course, never_execute):
    before = {name: os.stat(course / name).st_mtime_ns for name in NOTEBOOKS}
    assert build.build(["99_toy"], course) == []
    assert {name: os.stat(course / name).st_mtime_ns for name in NOTEBOOKS} == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("course/99_toy/lesson.ipynb", "to study", "to read"),
        ("solutions/99_toy/exercises.ipynb", "return 2 * x", "return 2 + x"),
        ("solutions/99_toy/exercises.ipynb", "the word divided", "the word even"),
        ("course/99_toy/exercises.ipynb", "Return twice the number.", "Return half the number."),
        ("course/99_toy/exercises.ipynb", "raise NotImplementedError()", "return 2 * x"),
        ("course/99_toy/exercises.ipynb", '"points": 2', '"points": 20'),
        ("course/99_toy/exercises.ipynb", "raises-exception", "skip"),
    ],
)
def test_one_changed_word_is_found_without_executing(course, never_execute, name, old, new):
    text = (course / name).read_text()
    assert old in text
    (course / name).write_text(text.replace(old, new, 1))
    differing, stale = build.drift(["99_toy"], course)
    assert len(differing) == 1 and differing[0].startswith(name) and stale == []


@pytest.mark.slow
@pytest.mark.parametrize("source", ["course/99_toy/lesson.py", "solutions/99_toy/exercises.py"])
def test_one_changed_word_in_a_text_is_found_without_executing(course, never_execute, source):
    text = (course / source).read_text()
    (course / source).write_text(text.replace("number", "figure", 1))
    differing, _ = build.drift(["99_toy"], course)
    assert differing


@pytest.mark.slow
def test_an_unreadable_or_missing_notebook_is_drift(course):
    (course / NOTEBOOKS[0]).write_text("{")
    (course / NOTEBOOKS[1]).unlink()
    assert len(build.drift(["99_toy"], course)[0]) == 2


@pytest.mark.slow
def test_a_change_in_a_module_makes_outputs_stale_but_not_the_text(course, never_execute):
    module = (
        course / "course" / "introdl" / "_validate.py"
    )  # imported by introdl.metrics, which the lesson imports
    module.write_text(module.read_text() + "\n# a change\n")
    differing, stale = build.drift(["99_toy"], course)
    assert differing == [] and [line.split(":")[0] for line in stale] == ["course/99_toy/lesson.ipynb"]


@pytest.mark.slow
def test_a_change_in_prose_keeps_the_outputs_and_executes_nothing(course, never_execute):
    lesson = course / "course" / "99_toy" / "lesson.py"
    lesson.write_text(lesson.read_text().replace("to study", "to read"))
    before = nbformat.read(course / NOTEBOOKS[0], 4)
    assert build.build(["99_toy"], course) == []
    after = nbformat.read(course / NOTEBOOKS[0], 4)
    assert "to read" in after.cells[0].source
    assert [c.outputs for c in after.cells if c.cell_type == "code"] == [
        c.outputs for c in before.cells if c.cell_type == "code"
    ]


@pytest.mark.slow
def test_a_build_touches_nothing_else(course):
    """A learner's copies in work/, files beside the notebooks, and a lesson that lies in the release folder."""
    mine = course / "work" / "99_toy" / "exercises.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_text("my answers")
    (course / "course" / "99_toy" / "notes.txt").write_text("mine")
    lesson = (course / NOTEBOOKS[0]).read_bytes()
    exercises = course / "solutions" / "99_toy" / "exercises.py"
    exercises.write_text(exercises.read_text().replace("Return twice the number.", "Return the double."))
    assert build.build(["99_toy"], course) == []
    assert "Return the double." in (course / NOTEBOOKS[2]).read_text()
    assert (
        mine.read_text() == "my answers"
        and (course / "course" / "99_toy" / "notes.txt").read_text() == "mine"
    )
    assert (course / NOTEBOOKS[0]).read_bytes() == lesson


@pytest.mark.slow
def test_nothing_of_the_solutions_is_released(built):
    released = (built / NOTEBOOKS[2]).read_text()
    assert (
        "return 2 * x" not in released and "SOLUTION" not in released and "What to look for" not in released
    )
    assert sorted(p.name for p in (built / "course" / "99_toy").iterdir()) == [
        "exercises.ipynb",
        "lesson.ipynb",
        "lesson.py",
    ]


@pytest.mark.slow
def test_a_failing_cell_fails_the_build_and_leaves_the_old_notebook(course):
    lesson = course / "course" / "99_toy" / "lesson.py"
    lesson.write_text(lesson.read_text() + "\n# %%\nraise ValueError('on purpose')\n")
    before = (course / NOTEBOOKS[0]).read_bytes()
    problems = build.build(["99_toy"], course)
    assert len(problems) == 1 and "lesson.py: a cell failed" in problems[0] and "on purpose" in problems[0]
    assert (course / NOTEBOOKS[0]).read_bytes() == before


def text_of(tmp_path, *cells, name="exercises.py"):
    folder = tmp_path / "98_text"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n\n".join(cells) + "\n")
    return folder / name


def test_ids_do_not_depend_on_the_position(tmp_path):
    first = notebooks.lesson_notebook(
        text_of(tmp_path, "# %%\na = 1", "# %%\nb = 2", "# %%\na = 1", name="lesson.py")
    )
    second = notebooks.lesson_notebook(
        text_of(tmp_path, "# %%\nnew = 0", "# %%\na = 1", "# %%\nb = 2", "# %%\na = 1", name="lesson.py")
    )
    assert [c.id for c in first.cells] == [c.id for c in second.cells][1:]
    assert len({c.id for c in second.cells}) == 4


PROMPT = '# %% [markdown] prompt="f" title="F" minutes=5 difficulty=2\nr"""\nDo it.\n"""'
TASK, CHECK = '# %% task="f"\ndef f(): pass', '# %% checks="f" points=2\ncheck.f(f)'


def test_markers_become_nbgraders_metadata(tmp_path):
    prompt, task, check = notebooks.exercises_notebook(text_of(tmp_path, PROMPT, TASK, CHECK)).cells
    assert prompt.source == "## Task 1 · F\n\n*5 minutes · 2 points · difficulty ●●○*\n\nDo it."
    roles = [
        {k: c.metadata.nbgrader.get(k) for k in ("grade_id", "grade", "solution", "locked", "points")}
        for c in (prompt, task, check)
    ]
    assert roles == [
        {"grade_id": "prompt_f", "grade": False, "solution": False, "locked": True, "points": None},
        {"grade_id": "f", "grade": False, "solution": True, "locked": False, "points": None},
        {"grade_id": "check_f", "grade": True, "solution": False, "locked": True, "points": 2},
    ]
    assert [c.id for c in (prompt, task, check)] == ["98-prompt_f", "98-f", "98-check_f"]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ((PROMPT, TASK), "tasks .* and checks .* differ"),
        ((TASK, CHECK), "needs one prompt"),
        ((PROMPT, TASK, CHECK, PROMPT), "prompt='f' stands twice"),
        ((PROMPT, TASK, CHECK.replace(" points=2", "")), "checks='f' needs points"),
        ((PROMPT.replace(" minutes=5", ""), TASK, CHECK), "prompt='f' needs minutes"),
    ],
)
def test_a_text_that_does_not_fit_together_is_named(tmp_path, cells, message):
    with pytest.raises(notebooks.TextError, match=message) as failure:
        notebooks.exercises_notebook(text_of(tmp_path, *cells))
    assert "exercises.py" in str(failure.value)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "not measured yet"), (3.2, "10 seconds"), (10, "10 seconds"), (41, "50 seconds")],
)
def test_the_run_time_comes_from_the_measured_table(tmp_path, seconds, said):
    path = text_of(tmp_path, '# %% [markdown]\nr"""\nTime: {{run_time}}.\n"""', name="lesson.py")
    assert notebooks.lesson_notebook(path, seconds).cells[0].source == f"Time: {said}."


def test_imports_are_followed_through_modules_and_relative_names(tmp_path):
    package = tmp_path / "introdl"
    (package / "sub").mkdir(parents=True)
    for name, text in {
        "__init__": "",
        "a": "from .b import x\nimport numpy",
        "b": "x = 1",
        "c": "",
        "sub/__init__": "from introdl.sub import d",
        "sub/d": "from ..c import *",
    }.items():
        (package / f"{name}.py").write_text(text)

    def modules(code):
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        return {str(p.relative_to(package)) for p in build.imported_modules(book, package)}

    assert modules("from introdl import a") == {"__init__.py", "a.py", "b.py"}
    assert modules("%matplotlib inline\nimport introdl.sub as s") == {
        "__init__.py",
        "sub/__init__.py",
        "sub/d.py",
        "c.py",
    }
    assert modules("import numpy") == set()

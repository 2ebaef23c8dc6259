"""A newer course meets work that has begun: nothing of the learner's is lost, whatever either side changed."""

import json
import os
import re
import subprocess
import sys

import nbformat
import pytest

from introdl import update, worksheets
from introdl.worksheets import ROOT, CourseError

SLUG = "01_one"
STUB = "def double(x):\n    raise NotImplementedError"


def cell(name, source, kind="code", locked=False, solution=False, points=None):
    made = {"cell_type": kind, "id": f"01-{name}", "metadata": {}, "source": source}
    if locked or solution:
        role = {"grade_id": name, "locked": locked, "solution": solution, "grade": points is not None}
        role |= {"task": False, "schema_version": 3, "points": points or 0}
        made["metadata"] = {"nbgrader": role}
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def exercises(prompt="Double it.", stub=STUB, given="import math", tasks=("double",)):
    cells = [cell("intro", "# Exercises", "markdown"), cell("given", given)]
    for task in tasks:
        cells += [
            cell(f"prompt_{task}", prompt, "markdown", locked=True),
            cell(task, stub.replace("double", task), solution=True),
            cell(f"check_{task}", f"assert {task}(3) == 6", locked=True, points=2),
        ]
    return cells


def write(path, cells, newline="\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    path.write_bytes(text.replace("\n", newline).encode())


@pytest.fixture
def root(tmp_path):
    """A course of one unit that a learner has started."""
    write(tmp_path / "course" / SLUG / "exercises.ipynb", exercises())
    write(tmp_path / "course" / SLUG / "lesson.ipynb", [cell("a", "# Lesson", "markdown"), cell("b", "x = 1")])
    worksheets.start(SLUG, tmp_path)
    return tmp_path


@pytest.fixture
def own(root):
    return root / "work" / SLUG / "exercises.ipynb"


def release(root, cells):
    write(root / "course" / SLUG / "exercises.ipynb", cells)


def edit(own, name, source):
    cells = json.loads(own.read_text())["cells"]
    (found,) = [one for one in cells if one["id"] == f"01-{name}"]
    found["source"] = source
    write(own, cells)


def sources(own):
    notebook = nbformat.read(own, as_version=4)
    nbformat.validate(notebook)
    return [one.source for one in notebook.cells]


def said(news):
    return [(found.path.name, found.said) for found in news]


ANSWER = "def double(x):\n    return 2 * x"


def test_a_course_that_did_not_change_has_no_news(root, own):
    edit(own, "double", ANSWER)
    before = own.read_bytes()
    assert update.refresh(root) == [] and update.merge(SLUG, root) == []
    assert own.read_bytes() == before


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_an_untouched_notebook_becomes_the_newer_one(root, own, newline, mark):
    write(own, exercises(), newline)  # Windows saves it so
    own.write_bytes(mark + own.read_bytes())
    release(root, exercises(prompt="Double it, please."))
    assert said(update.refresh(root)) == [("exercises.ipynb", "is the newer one now; you had not changed it")]
    assert "Double it, please." in sources(own)
    assert update.refresh(root) == []


def test_an_edited_notebook_stays_until_a_merge_is_asked_for(root, own):
    edit(own, "double", ANSWER)
    before = own.read_bytes()
    release(root, exercises(prompt="Double it, please."))
    (news,) = update.refresh(root)
    assert news.said.endswith("introdl update --merge 01") and own.read_bytes() == before
    assert said(update.merge(SLUG, root)) == [("exercises.ipynb", "is merged; your old one is exercises.kept-1.ipynb")]
    assert own.with_name("exercises.kept-1.ipynb").read_bytes() == before
    assert ANSWER in sources(own) and "Double it, please." in sources(own) and "Double it." not in sources(own)
    assert update.merge(SLUG, root) == [] and update.refresh(root) == []


def test_each_change_of_the_learner_keeps_its_place(root, own):
    cells = exercises(given="import math, os", tasks=("double", "treble"))
    cells[3]["source"] = ANSWER
    cells.insert(2, cell("mine", "my_note = 1"))
    cells.insert(5, cell("second", "# tried: double(4)"))
    write(own, cells)
    worksheets.remembered(own, root).write_text((root / "course" / SLUG / "exercises.ipynb").read_text())
    release(root, exercises(prompt="New.", tasks=("half", "double")))
    update.merge(SLUG, root)
    found = sources(own)
    assert "import math, os" in found and "my_note = 1" in found and ANSWER in found
    assert found.index("my_note = 1") == found.index("import math, os") + 1
    assert found.index("# tried: double(4)") == found.index(ANSWER) + 1
    assert "def half(x):\n    raise NotImplementedError" in found


def test_a_task_that_the_course_dropped_leaves_the_answer(root, own):
    edit(own, "double", ANSWER)
    release(root, exercises(tasks=("half",)))
    notes = [found.said for found in update.merge(SLUG, root)]
    assert notes[1] == "double: the course has no such task any more; what you wrote stands on its own"
    assert ANSWER in sources(own)


def test_a_cell_that_both_changed_stays_the_learners_and_is_named(root, own):
    edit(own, "double", ANSWER)
    release(root, exercises(stub="def double(x, times=2):\n    raise NotImplementedError"))
    notes = [found.said for found in update.merge(SLUG, root)]
    assert notes[1] == "double: the course changed this cell, too; yours stands, theirs is in course/"
    assert ANSWER in sources(own)


def test_an_untouched_stub_becomes_the_new_one(root, own):
    edit(own, "given", "import os")
    release(root, exercises(stub="def double(x, times=2):\n    raise NotImplementedError"))
    update.merge(SLUG, root)
    assert sources(own)[1] == "import os" and "times=2" in "".join(sources(own))


def test_what_the_learner_deleted_stays_away(root, own):
    own.unlink()
    release(root, exercises(prompt="New."))
    assert update.refresh(root) == [] and not own.exists()


def test_a_unit_that_the_course_renamed_leaves_the_work(root, own):
    edit(own, "double", ANSWER)
    (root / "course" / SLUG).rename(root / "course" / "01_first")
    before = own.read_bytes()
    assert ("exercises.ipynb", "is not in the course any more; yours stays") in said(update.refresh(root))
    assert own.read_bytes() == before


def test_work_begun_before_anything_was_remembered_is_merged_by_what_is_locked(root, own):
    for path in (root / "work" / ".released" / SLUG).iterdir():
        path.unlink()
    edit(own, "double", ANSWER)
    release(root, exercises(prompt="New."))
    (news,) = update.refresh(root)
    assert "introdl update --merge 01" in news.said
    update.merge(SLUG, root)
    assert ANSWER in sources(own) and "New." in sources(own)


def test_a_lesson_merges_cell_by_cell_too(root):
    own = root / "work" / SLUG / "lesson.ipynb"
    edit(own, "b", "x = 2  # mine")
    write(root / "course" / SLUG / "lesson.ipynb", [cell("c", "# Better lesson", "markdown"), cell("b", "x = 1")])
    update.merge(SLUG, root)
    assert sources(own) == ["# Better lesson", "x = 2  # mine"]


def test_a_full_disk_or_a_read_only_folder_loses_nothing(root, own, monkeypatch):
    edit(own, "double", ANSWER)
    release(root, exercises(prompt="New."))
    before = own.read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    for broken in ("keep", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(update, broken, full)
            with pytest.raises(OSError, match="No space"):
                update.merge(SLUG, root)
        assert own.read_bytes() == before
    update.merge(SLUG, root)
    assert ANSWER in sources(own) and "New." in sources(own)


def test_a_damaged_notebook_is_named_and_left_and_the_others_go_on(root, own):
    own.write_text("{")
    release(root, exercises(prompt="New."))
    write(root / "course" / SLUG / "lesson.ipynb", [cell("c", "# Better lesson", "markdown")])
    damaged, lesson = update.refresh(root)
    assert str(own) in damaged.said and "is the newer one now" in lesson.said
    assert own.read_text() == "{"
    with pytest.raises(CourseError, match=re.escape(str(own))):
        update.merge(SLUG, root)


def test_copies_of_an_answer_are_kept_and_the_first_is_the_answer(root, own):
    cells = exercises()
    cells[3]["source"] = ANSWER
    tried = "def double(x):\n    return x + x"
    cells.insert(4, cell("double", tried, solution=True) | {"id": "copied"})
    cells[4]["outputs"] = [{"output_type": "display_data", "data": {"text/html": "<script>"}, "metadata": {}}]
    write(own, cells)
    release(root, exercises(prompt="New."))
    update.merge(SLUG, root)
    found = sources(own)
    assert found.index(tried) == found.index(ANSWER) + 1 and found.count(ANSWER) == 1
    assert "<script>" not in own.read_text()  # what is signed shows the course's outputs only
    roles = [worksheets.grade_id(one) for one in worksheets.read_cells(own)]
    assert roles.count("double") == 1


def git(folder, *words):
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clone(root, tmp_path_factory):
    """The learner's course as a clone of another folder; returns both."""
    (root / "requirements.txt").write_text("numpy\n")
    (root / ".gitignore").write_text("work/\n")
    git(root, "init")
    git(root, "add", "-A")
    git(root, "commit", "-m", "first")
    clone = tmp_path_factory.mktemp("learner") / "course"
    git(root, "clone", str(root), str(clone))
    worksheets.start(SLUG, clone)
    return root, clone


def introdl(clone, *words):
    code = f"from pathlib import Path; from introdl import cli; cli.ROOT = Path({str(clone)!r}); cli.main()"
    env = os.environ | {"PYTHONPATH": str(ROOT / "course"), "HOME": str(clone)}
    return subprocess.run([sys.executable, "-c", code, *words], env=env, capture_output=True, text=True)


@pytest.mark.slow
def test_one_command_brings_the_newer_course_and_a_second_merges_it(clone):
    origin, clone = clone
    own = clone / "work" / SLUG / "exercises.ipynb"
    edit(own, "double", ANSWER)
    release(origin, exercises(prompt="New."))
    write(origin / "course" / "02_two" / "lesson.ipynb", [cell("a", "# Two", "markdown")])
    (origin / "requirements.txt").write_text("numpy\nscipy\n")
    git(origin, "add", "-A")
    git(origin, "commit", "-m", "second")
    done = introdl(clone, "update")
    assert done.returncode == 0, done.stderr
    assert "make setup" in done.stdout and "02_two is new: introdl start 02" in done.stdout
    assert "introdl update --merge 01" in done.stdout
    done = introdl(clone, "update", "--merge", "1")
    assert "is merged; your old one is exercises.kept-1.ipynb" in done.stdout and ANSWER in sources(own)
    assert introdl(clone, "update").stdout == "Your copies are as new as the course.\n"


@pytest.mark.slow
def test_where_git_cannot_go_on_one_line_says_why(clone):
    origin, clone = clone
    release(origin, exercises(prompt="New."))
    git(origin, "commit", "-am", "second")
    (clone / "course" / SLUG / "exercises.ipynb").write_text("edited here")
    done = introdl(clone, "update")
    assert done.returncode == 1 and "Your local changes" in done.stderr and len(done.stderr.splitlines()) == 2
    assert (clone / "course" / SLUG / "exercises.ipynb").read_text() == "edited here"
    origin.rename(origin.with_name("gone"))
    assert "git could not bring" in introdl(clone, "update").stderr
    (clone / ".git").rename(clone / "no.git")
    assert "is no git clone" in introdl(clone, "update").stderr

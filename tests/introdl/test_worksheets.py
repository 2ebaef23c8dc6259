"""The learner's copies: complete, trusted, and never written over."""

import threading

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from introdl import worksheets
from introdl.worksheets import CourseError, UnknownUnit


def files(folder):
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if not path.parts[0].startswith("."))


@pytest.mark.parametrize("name", ["1", "01", "01_one", "one", "ONE"])
def test_a_unit_has_many_names(course, name):
    assert worksheets.find_unit(name, course) == "01_one"


@pytest.mark.parametrize("name", ["99", "0", "on", "", "lesson", "²", "-1"])
def test_an_unknown_unit_is_told_what_there_is(course, name):
    with pytest.raises(UnknownUnit, match="there are 01, 02, 04, 05"):
        worksheets.find_unit(name, course)


def test_an_installation_without_the_course_says_so(tmp_path):
    with pytest.raises(CourseError, match="pip install -e"):
        worksheets.find_unit("1", tmp_path)


def test_start_copies_what_learners_need_and_no_text_of_authors(course):
    made = worksheets.start("01_one", course)
    assert files(course / "work") == [
        "01_one/exercises.ipynb",
        "01_one/figures/map.svg",
        "01_one/lesson.ipynb",
        "glossary.md",
    ]
    assert len(made) == 4
    for path in made:
        assert path.read_bytes() == (course / "course" / path.relative_to(course / "work")).read_bytes()


def test_start_never_writes_over_a_file(course):
    worksheets.start("01_one", course)
    own = course / "work" / "01_one" / "exercises.ipynb"
    own.write_text("my answers")
    (course / "work" / "01_one" / "lesson.ipynb").unlink()
    assert [path.name for path in worksheets.start("01_one", course)] == ["lesson.ipynb"]
    assert own.read_text() == "my answers"
    assert worksheets.start("01_one", course) == []


def test_two_starts_at_once_share_the_work(course):
    made, ready = [], threading.Barrier(8)

    def starter():
        ready.wait()
        made.extend(worksheets.start_all(course))

    threads = [threading.Thread(target=starter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.relative_to(course / "work").as_posix() for path in made) == files(course / "work")
    for path in made:
        assert path.read_bytes() == (course / "course" / path.relative_to(course / "work")).read_bytes()


def test_start_all_leaves_out_what_is_not_built(course):
    worksheets.start_all(course)
    assert sorted(path.name for path in (course / "work").iterdir()) == [
        ".released",
        "01_one",
        "02_two",
        "04_lesson_only",
        "glossary.md",
    ]
    with pytest.raises(CourseError, match="make build"):
        worksheets.start("05_text", course)


def test_reset_keeps_every_old_copy(course):
    worksheets.start("01_one", course)
    folder = course / "work" / "01_one"
    fresh = (course / "course" / "01_one" / "exercises.ipynb").read_bytes()
    for number in (1, 2, 3):
        (folder / "exercises.ipynb").write_text(f"answers {number}")
        kept = worksheets.reset("01_one", course)
        assert kept.name == f"exercises.kept-{number}.ipynb"
        assert (folder / "exercises.ipynb").read_bytes() == fresh
    assert [(folder / f"exercises.kept-{n}.ipynb").read_text() for n in (1, 2, 3)] == [
        "answers 1",
        "answers 2",
        "answers 3",
    ]
    assert files(folder) == [
        "exercises.ipynb",
        *(f"exercises.kept-{n}.ipynb" for n in (1, 2, 3)),
        "figures/map.svg",
        "lesson.ipynb",
    ]


def test_reset_of_a_fresh_copy_does_nothing(course):
    worksheets.start("01_one", course)
    before = files(course)
    assert worksheets.reset("01_one", course) is None
    assert files(course) == before


@pytest.mark.parametrize(("slug", "cure"), [("01_one", "introdl start 01"), ("04_lesson_only", "make build")])
def test_reset_without_exercises_says_what_to_do(course, slug, cure):
    with pytest.raises(CourseError, match=cure):
        worksheets.reset(slug, course)


def test_tasks_are_the_checks_with_their_points(course):
    assert worksheets.tasks("01_one", course) == {"first": 1, "second": 2}
    assert worksheets.tasks("04_lesson_only", course) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"cells": 3}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        b'{"nbformat": 9, "nbformat_minor": 0, "metadata": {}, "cells": []}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ["x"]}',
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
def test_what_is_no_notebook_is_said_in_two_lines(course, content, capfd):
    path = course / "odd.ipynb"
    path.write_bytes(content)
    with pytest.raises(CourseError, match="odd.ipynb cannot be read") as caught:
        worksheets.read_notebook(path)
    assert len(str(caught.value).splitlines()) == 2 and len(str(caught.value)) < 400
    assert "make build" in str(caught.value)
    assert capfd.readouterr().err == ""


def test_what_is_still_the_courses_own_is_trusted_and_nothing_else(course):
    worksheets.start_all(course)
    edited, own = course / "work" / "02_two" / "exercises.ipynb", course / "work" / "01_one" / "mine.ipynb"
    for path in (edited, own):
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), path)
    untouched = worksheets.untouched(course)
    assert files(course / "work") == sorted(
        [path.relative_to(course / "work").as_posix() for path in [*untouched, edited, own]]
        + ["01_one/figures/map.svg", "glossary.md"]
    )
    worksheets.trust(untouched)
    signed = {
        path: NotebookNotary().check_signature(nbformat.read(path, as_version=4))
        for path in (course / "work").glob("[0-9]*/*.ipynb")
    }
    assert {path for path, is_signed in signed.items() if is_signed} == set(untouched)


def test_where_signatures_cannot_be_kept_one_line_says_so(course, monkeypatch, capsys):
    blocked = course / "a file"
    blocked.write_text("")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(blocked / "jupyter"))
    worksheets.trust(worksheets.start("01_one", course))
    assert capsys.readouterr().err.count("\n") == 1

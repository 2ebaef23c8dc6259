"""The command line: what it says, and how it ends."""

import os
from pathlib import Path

import pytest

from autograder.convert import LOG
from tests.autograder.tiny_course import SLUG

COMMANDS = ("init", "release", "collect", "grade", "feedback", "export", "report", "formgrader")


@pytest.fixture
def folder(autograder, tmp_path):
    """A class with the tiny unit released."""
    assert autograder("init", tmp_path / "autumn")[0] == 0
    assert autograder("release", "1", "--class", tmp_path / "autumn")[0] == 0
    return tmp_path / "autumn"


def fails(result, *words, code=1):
    """Assert that a command failed with a line or two on stderr that hold these words, and nothing else."""
    assert result[0] == code and result[1] == "" and 1 <= result[2].count("\n") <= 2
    assert all(word in result[2] for word in words) and "Traceback" not in result[2], result[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(autograder, command):
    code, out, errors = autograder(command, "--help")
    assert code == 0 and errors == "" and f"Example: autograder {command} " in out


def test_help_names_every_command(autograder):
    out = autograder("--help")[1]
    assert all(f"  {command} " in out for command in COMMANDS)


@pytest.mark.parametrize("argv", [[], ["grdae"], ["grade"], ["grade", "1", "2"], ["init"],
                                  ["export", "--nope"], ["grade", "--student"], ["init", "a", "b"]])
def test_wrong_usage_points_to_help(autograder, argv):
    fails(autograder(*argv), "--help", code=2)


def test_init_says_what_comes_next(autograder, tmp_path):
    code, out, errors = autograder("init", tmp_path / "autumn")
    assert code == 0 and "autograder release" in out and errors == ""


def test_init_refuses_a_class_and_a_folder_in_use(autograder, folder, tmp_path):
    fails(autograder("init", folder), str(folder), "is a class already")
    fails(autograder("init", tmp_path), str(tmp_path), "not an empty folder")


def test_a_file_in_the_way(autograder, tmp_path):
    (tmp_path / "file").write_text("")
    fails(autograder("init", tmp_path / "file"), "not an empty folder")
    fails(autograder("init", tmp_path / "file" / "class"), "Not a directory", str(tmp_path / "file"))


@pytest.mark.parametrize("argv", [["release", "1"], ["grade", "1"], ["feedback", "1"], ["export"],
                                  ["formgrader"]])
def test_a_folder_that_is_no_class(autograder, tmp_path, argv):
    fails(autograder(*argv, "--class", tmp_path), str(tmp_path), "is not a class", "autograder init")
    fails(autograder(*argv, "--class", tmp_path / "none"), "is not a class")


def test_the_class_is_the_current_folder_by_default(autograder, folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert autograder("export")[0] == 0 and (folder / "grades.csv").exists()


def test_an_unknown_unit_lists_what_there_is(autograder, folder):
    fails(autograder("release", "7", "--class", folder), "'7'", SLUG, code=2)
    fails(autograder("grade", "7", "--class", folder), "'7'", SLUG, code=2)


def test_a_unit_that_is_not_released_yet(autograder, tmp_path):
    autograder("init", tmp_path / "autumn")
    for command in ("grade", "feedback"):
        fails(autograder(command, "1", "--class", tmp_path / "autumn"), "first: autograder release 1")


def test_a_unit_that_is_not_built(autograder, folder, tmp_path, monkeypatch):
    from autograder import units

    (tmp_path / "solutions" / "02_next").mkdir(parents=True)
    monkeypatch.setattr(units, "SOLUTIONS", tmp_path / "solutions")
    fails(autograder("release", "2", "--class", folder), "02_next", "make build")


@pytest.mark.slow  # nbgrader starts a second Python to make a new one
def test_a_lost_gradebook_asks_for_a_release(autograder, folder):
    (folder / "submitted" / "ada" / SLUG).mkdir(parents=True)
    (folder / "gradebook.db").write_bytes(b"")
    fails(autograder("grade", "1", "--class", folder), "does not know 01_tiny", "autograder release")


@pytest.mark.parametrize("argv", [["release", "1"], ["grade", "1"], ["feedback", "1"], ["export"]])
def test_a_damaged_gradebook(autograder, folder, argv):
    (folder / "submitted" / "ada" / SLUG).mkdir(parents=True)
    (folder / "gradebook.db").write_text("scribble " * 1000)
    fails(autograder(*argv, "--class", folder), "gradebook.db cannot be used", "file is not a database")


@pytest.mark.parametrize("command", ["grade", "feedback"])
def test_nobody_handed_anything_in(autograder, folder, command):
    fails(autograder(command, "1", "--class", folder), "nothing to do", SLUG)


def test_a_student_who_handed_nothing_in(autograder, folder):
    (folder / "submitted" / "ada" / SLUG).mkdir(parents=True)
    fails(autograder("grade", "1", "--student", "eve", "--class", folder), "nothing to do", "eve")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(autograder, folder):
    (folder / "release").chmod(0o500)
    fails(autograder("release", "1", "--class", folder), "Permission denied", str(folder))
    folder.chmod(0o500)
    fails(autograder("export", "--class", folder), "Permission denied", str(folder))


def test_a_full_disk_is_one_line(autograder, folder, monkeypatch):
    def full(part, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", full)
    fails(autograder("export", "--class", folder), "No space left on device", str(folder / "grades.csv"))
    assert not list(folder.glob("*grades*"))


def test_export_never_overwrites_unasked(autograder, folder, tmp_path):
    for name in ("grades.csv", "grades-2.csv", "grades-3.csv"):
        assert name in autograder("export", "--class", folder)[1] and (folder / name).exists()
    (tmp_path / "mine.csv").write_text("precious")
    fails(autograder("export", "--to", tmp_path / "mine.csv", "--class", folder), "exists", "--force")
    assert (tmp_path / "mine.csv").read_text() == "precious"
    assert autograder("export", "--to", tmp_path / "mine.csv", "--force", "--class", folder)[0] == 0
    assert (tmp_path / "mine.csv").read_text().startswith("assignment,")
    fails(autograder("export", "--to", tmp_path / "no" / "mine.csv", "--class", folder), "does not exist")


def test_nbgraders_log_is_shown_only_when_asked_for(autograder, folder):
    assert "[" not in "".join(autograder("release", "1", "--class", folder)[1:])
    before = LOG.handlers[:]
    try:
        assert "Converting notebook" in autograder("release", "1", "--verbose", "--class", folder)[2]
    finally:
        LOG.handlers[:] = before


def test_a_message_cannot_steer_the_terminal(autograder, folder):
    (folder / "submitted" / "ada\x1b[2J" / SLUG).mkdir(parents=True)
    code, out, errors = autograder("grade", "1", "--class", folder)
    assert code == 1 and "\x1b" not in out + errors and "ada [2J" in out

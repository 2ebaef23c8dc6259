"""A class folder: made once, whole or not at all, and one that nbgrader's own programs understand."""

import json
import os
import shutil
import sqlite3

import pytest
from nbgrader.apps import NbGrader

from autograder import ClassError, new_class
from autograder.course import Class, open_class
from autograder.environment import nbgrader_environment
from autograder.new_class import create_class
from autograder.release import release_to_class
from autograder.units import UnknownUnit, find_unit
from tests.autograder.tiny_course import SLUG


def contents(folder):
    return {str(path.relative_to(folder)): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.fixture
def room(course, tmp_path) -> Class:
    return create_class(tmp_path / "autumn")


def test_a_class_can_be_opened_again(room):
    assert open_class(room.root) == room and room.name == "autumn"


def test_two_classes_have_different_seeds(tmp_path):
    assert len({create_class(tmp_path / name).seed for name in "abc"}) == 3


def test_an_empty_folder_will_do(tmp_path):
    assert create_class(tmp_path).root == tmp_path.resolve()


def test_a_second_init_changes_nothing(room):
    before = contents(room.root)
    with pytest.raises(ClassError, match="is a class already"):
        create_class(room.root)
    assert contents(room.root) == before


def test_a_folder_in_use_stays_as_it_is(tmp_path):
    (tmp_path / "thesis.txt").write_text("all my work")
    with pytest.raises(ClassError, match="not an empty folder"):
        create_class(tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"all my work"}


@pytest.mark.parametrize("existed", [True, False])
def test_a_class_that_cannot_be_finished_leaves_no_trace(existed, tmp_path, monkeypatch):
    def no_space(url):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new_class, "_write_gradebook", no_space)
    if existed:
        (tmp_path / "autumn").mkdir()
    with pytest.raises(OSError, match="No space"):
        create_class(tmp_path / "autumn")
    assert (tmp_path / "autumn").exists() == existed and not list(tmp_path.rglob("*/*"))


@pytest.mark.slow
def test_the_gradebook_is_what_nbgrader_would_have_made(room, tmp_path):
    from nbgrader.api import Gradebook

    def tables(path):
        with sqlite3.connect(path) as db:
            names = [name for name, in db.execute("select name from sqlite_master where type = 'table'")]
            return {name: db.execute(f"pragma table_info({name})").fetchall() for name in sorted(names)
                    if name != "alembic_version"}, db.execute("select * from alembic_version").fetchall()

    with nbgrader_environment(), Gradebook(f"sqlite:///{tmp_path / 'nbgraders.db'}", "autumn"):
        pass
    assert tables(room.root / "gradebook.db") == tables(tmp_path / "nbgraders.db")


def test_nbgrader_reads_the_configuration_when_started_there(room, monkeypatch):
    monkeypatch.chdir(room.root)
    with nbgrader_environment(INTRODL_SEED="0"):
        application = NbGrader()
        application.initialize([])
        assert os.environ["INTRODL_SEED"] == str(room.seed)
    assert application.coursedir.root == str(room.root) and application.coursedir.course_id == "autumn"
    assert application.coursedir.notebook_id == "exercises" and "*.py" in application.coursedir.ignore
    assert "autograder.release.TagChecks" in json.dumps(application.config)  # formgrader shows it as JSON


def test_reading_a_class_leaves_the_environment_alone(room, monkeypatch):
    monkeypatch.setenv("INTRODL_SEED", "5")
    before = dict(os.environ)
    room.config()
    assert os.environ == before


def test_a_class_can_be_moved(room, tmp_path):
    moved = open_class(shutil.move(room.root, tmp_path / "winter"))
    release_to_class(moved, SLUG)
    assert moved.units() == [SLUG] and not room.root.exists()


def test_a_release_reaches_source_release_and_gradebook(room):
    released = release_to_class(room, SLUG)
    assert released == room.root / "release" / SLUG / "exercises.ipynb"
    assert not list(room.root.rglob("exercises.py"))
    with room.gradebook() as gradebook:
        notebook = gradebook.find_notebook("exercises", SLUG)
        assert {cell.name: cell.max_score for cell in notebook.grade_cells} == {
            "check_double": 2, "check_area": 3, "why": 4}
        assert gradebook.find_assignment(SLUG).course_id == "autumn"


def test_a_changed_source_is_not_overwritten_unasked(room):
    release_to_class(room, SLUG)
    mine = room.folder("source", SLUG) / "exercises.ipynb"
    mine.write_text(mine.read_text().replace("Double it.", "Twice as much."))
    with pytest.raises(ClassError, match="--force"):
        release_to_class(room, SLUG)
    assert "Twice as much." in mine.read_text()
    release_to_class(room, SLUG, force=True)
    assert "Double it." in mine.read_text()


@pytest.mark.parametrize("settings", ["name = 'x'", "seed = 1", "name = 'x'\nseed = 'y'", "no toml", "\xff"])
def test_broken_settings_are_one_line(room, settings):
    (room.root / "autograder.toml").write_text(settings, encoding="latin-1")
    with pytest.raises(ClassError, match="needs a name and a whole number as seed") as error:
        open_class(room.root)
    assert "\n" not in str(error.value)


def test_a_broken_configuration_names_its_file(room):
    (room.root / "nbgrader_config.py").write_text("c = get_config(")
    with pytest.raises(ClassError, match=r"nbgrader_config.py cannot be read: "):
        room.config()


def test_a_damaged_gradebook_is_found_before_anything_is_written(room):
    (room.root / "gradebook.db").write_text("scribble " * 1000)
    before = contents(room.root)
    with pytest.raises(ClassError, match="gradebook.db cannot be used: file is not a database"):
        release_to_class(room, SLUG)
    assert contents(room.root) == before


@pytest.mark.parametrize("name", ["3", "03", "backprop", "03_backprop"])
def test_a_unit_has_four_names(name):
    assert find_unit(name, ["01_perceptron", "03_backprop", "13_other"], "the course") == "03_backprop"


@pytest.mark.parametrize("name", ["2", "33", "back", "", "03_", "Ⅲ", "³", "-3", "../03_backprop"])
def test_other_names_are_unknown(name):
    with pytest.raises(UnknownUnit, match="there is 01_perceptron, 03_backprop"):
        find_unit(name, ["01_perceptron", "03_backprop"], "the course")

"""Collecting what students handed in: names of every system, hostile ones, the latest kept and the earlier too."""

import stat
import zipfile

import pytest

from autograder.collect import EARLIER, LATE, NEW, OLDER, REFUSED, REPLACED, SAME, collect
from autograder.engine.limits import Limits
from autograder.handed_in import SourceError
from autograder.new_class import create_class
from tests.autograder.tiny_course import SLUG

STAMPED = "2026-10-01 12:00:00.000000 UTC"


@pytest.fixture
def room(tmp_path):
    return create_class(tmp_path / "autumn")


def zipped(path, files: dict[str, str]):
    """Write a .zip with these names and texts, in order; names as they are, be they hostile."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def work_of(room, student: str) -> str:
    return (room.folder("submitted", SLUG, student) / "exercises.ipynb").read_text()


def states(found) -> dict[str, str]:
    return {one.student: one.state for one in found}


def kept(room, student: str) -> list[str]:
    return [path.read_text() for path in sorted((room.root / EARLIER / student / SLUG).glob("*/*.ipynb"))]


def test_canvas_names_say_who_and_whether_late(room, tmp_path):
    source = zipped(tmp_path / "submissions.zip", {
        "lovelaceada_4711_90210_exercises.ipynb": "ada",
        "benson_late_ben_late_4712_90211_exercises-1.ipynb": "ben",
        "4713_90212_my work.ipynb": "anonymous",
    })
    found = collect(room, SLUG, source)
    assert states(found) == {"lovelaceada_4711": NEW, "benson_late_ben_4712": NEW, "4713": NEW}
    assert [one.student for one in found if one.late] == ["benson_late_ben_4712"]
    assert (room.folder("submitted", SLUG, "benson_late_ben_4712") / LATE).exists()
    assert work_of(room, "4713") == "anonymous"


@pytest.mark.parametrize("name", [
    "Ada Lovelace_4711_assignsubmission_file_exercises.ipynb",
    "Ada Lovelace_4711_assignsubmission_file_/exercises.ipynb",
    "Ada Lovelace_4711_assignsubmission_file/folder/exercises.ipynb",
    "all of it/Ada Lovelace_4711_assignsubmission_file_exercises.ipynb",
])
def test_moodle_names_of_every_setting(room, tmp_path, name):
    assert states(collect(room, SLUG, zipped(tmp_path / "all.zip", {name: "ada"}))) == {"Ada_Lovelace_4711": NEW}


def test_a_new_name_is_the_same_person_by_number(room, tmp_path):
    collect(room, SLUG, zipped(tmp_path / "1.zip", {"doejane_4711_1_exercises.ipynb": "first"}))
    again = collect(room, SLUG, zipped(tmp_path / "2.zip", {"smithjane_4711_2_exercises.ipynb": "second"}))
    assert states(again) == {"doejane_4711": REPLACED}


def test_the_exchange_of_nbgrader(room, tmp_path):
    inbound = tmp_path / "exchange" / "autumn" / "inbound"
    day = "2026-10-02 12:00:00.0 UTC"
    works = {f"ada+{SLUG}+2026-10-01 12:00:00.0 UTC+x": "old", f"ada+{SLUG}+{day}": "new"}
    for name, text in (works | {f"a+b+{SLUG}+{day}": "plus", f"ben+02_next+{day}": "-"}).items():
        (inbound / name).mkdir(parents=True)
        (inbound / name / "exercises.ipynb").write_text(text)
    assert states(collect(room, SLUG, tmp_path / "exchange")) == {"ada": NEW, "a_b": NEW}
    assert work_of(room, "ada") == "new" and kept(room, "ada") == ["old"]
    assert (room.folder("submitted", SLUG, "ada") / "timestamp.txt").read_text() == "2026-10-02 12:00:00.0 UTC\n"


def test_a_plain_folder(room, tmp_path):
    source = tmp_path / "in"
    for name in ("ada.ipynb", "ben/exercises.ipynb", f"cleo/{SLUG}/exercises.ipynb", "dan/02_next/exercises.ipynb"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    (source / "ben" / "timestamp.txt").write_text(STAMPED)
    assert states(collect(room, SLUG, source)) == {"ada": NEW, "ben": NEW, "cleo": NEW}
    assert STAMPED in (room.folder("submitted", SLUG, "ben") / "timestamp.txt").read_text()


def test_the_latest_of_several_counts_and_all_are_kept(room, tmp_path):
    works = ((0, "first"), (2, "third"), (1, "second"))
    one = {f"doe_1_1{place}_exercises-{place}.ipynb": text for place, text in works}
    collect(room, SLUG, zipped(tmp_path / "1.zip", one))
    assert work_of(room, "doe_1") == "third" and kept(room, "doe_1") == ["first", "second"]
    assert states(collect(room, SLUG, tmp_path / "1.zip")) == {"doe_1": SAME}
    collect(room, SLUG, zipped(tmp_path / "2.zip", {"doe_1_13_exercises-3.ipynb": "fourth"}))
    assert work_of(room, "doe_1") == "fourth" and kept(room, "doe_1") == ["first", "second", "third"]


def test_older_work_never_replaces_newer(room, tmp_path):
    for day, state in (("02", NEW), ("01", OLDER), ("03", REPLACED)):
        folder = tmp_path / day / f"ada+{SLUG}+2026-10-{day} 12:00:00.0 UTC"
        folder.mkdir(parents=True)
        (folder / "exercises.ipynb").write_text(day)
        assert states(collect(room, SLUG, tmp_path / day)) == {"ada": state}
    assert work_of(room, "ada") == "03" and kept(room, "ada") == ["01", "02"]


@pytest.mark.parametrize("name", [
    "../../doe_1_2_exercises.ipynb", "/etc/doe_1_2_exercises.ipynb", "..\\doe_1_2_exercises.ipynb",
    "C:\\doe_1_2_exercises.ipynb", "a/../../doe_1_2_exercises.ipynb",
])
def test_names_that_lead_outside_are_refused(room, tmp_path, name):
    source = zipped(tmp_path / "in.zip", {name: "evil", "ok_3_4_exercises.ipynb": "good"})
    found = collect(room, SLUG, source)
    assert [one.state for one in found] == [REFUSED, NEW] and "leads out" in found[0].note
    assert sorted(path.name for path in (room.root / "submitted").iterdir()) == ["ok_3"]


def test_no_file_name_of_a_students_own_passes_for_another_student(room, tmp_path):
    files = {
        "eve_6_1_x_late_7_2_exercises.ipynb": "eve",
        "ada_7_3_exercises.ipynb": "ada",
    }
    assert states(collect(room, SLUG, zipped(tmp_path / "c.zip", files))) == {"eve_6": NEW, "ada_7": NEW}
    folder = tmp_path / "ex" / f"eve+{SLUG}+2026 UTC" / f"ada+{SLUG}+2027 UTC"
    folder.mkdir(parents=True)
    (folder / "exercises.ipynb").write_text("forged")
    assert states(collect(room, SLUG, tmp_path / "ex")) == {"eve": NEW}
    forged = {"Eve_6_assignsubmission_file_x_7_assignsubmission_file_exercises.ipynb": "moodle"}
    assert states(collect(room, SLUG, zipped(tmp_path / "m.zip", forged))) == {"eve_6": REPLACED}


def test_two_names_that_become_one_are_nobodys(room, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for name in ("ada*", "ada?", "ben"):
        (source / f"{name}.ipynb").write_text(name)
    found = collect(room, SLUG, source)
    assert [one.state for one in found] == [REFUSED, REFUSED, NEW]


def test_a_hostile_name_becomes_a_plain_one(room, tmp_path):
    found = collect(room, SLUG, zipped(tmp_path / "in.zip", {
        "=cmd|'x'!A1\x1b[2J_9_assignsubmission_file_exercises.ipynb": "x"}))
    assert [one.student for one in found] == ["cmd_x_A1_2J_9"]


def test_links_and_what_is_no_notebook_are_named(room, tmp_path):
    link = zipfile.ZipInfo("eve_1_2_exercises.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("ben_3_4_answers.docx", "words")
    notes = {one.student: one.note for one in collect(room, SLUG, tmp_path / "in.zip")}
    assert "link" in notes["eve_1"] and "answers.docx" in notes["ben_3"]
    source = tmp_path / "in"
    source.mkdir()
    (source / "eve.ipynb").symlink_to("/etc/passwd")
    assert [one.state for one in collect(room, SLUG, source)] == [REFUSED]
    assert not list((room.root / "submitted").rglob("*.ipynb"))


def test_a_damaged_entry_costs_its_student_only(room, tmp_path):
    source = zipped(tmp_path / "in.zip", {"eve_1_2_exercises.ipynb": "to be damaged", "ada_3_4_exercises.ipynb": "ada"})
    source.write_bytes(source.read_bytes().replace(b"to be damaged", b"to be DAMAGED"))
    assert states(collect(room, SLUG, source)) == {"eve_1": REFUSED, "ada_3": NEW}


def test_the_command_says_what_became_of_each(autograder, tmp_path):
    autograder("init", tmp_path / "class")
    autograder("release", "1", "--class", tmp_path / "class")
    source = zipped(tmp_path / "in.zip", {"ada_late_3_4_exercises.ipynb": "ada", "ben_5_6_x.pdf": "ben"})
    code, out, errors = autograder("collect", "1", source, "--class", tmp_path / "class")
    assert code == 1 and "ada_3" in out and "late" in out and "x.pdf" in out and "1 collected, 1 not" in out
    for wrong in ([tmp_path / "none"], [source, "--from", "moodle"]):
        code, out, errors = autograder("collect", "1", *wrong, "--class", tmp_path / "class")
        assert code == 1 and errors.count("\n") == 1
    assert autograder("collect", "1", source, "--from", "email", "--class", tmp_path / "class")[0] == 2


def test_what_is_nothing_of_the_kind(room, tmp_path):
    (tmp_path / "in.zip").write_text("no archive")
    with pytest.raises(SourceError, match="download it again"):
        collect(room, SLUG, tmp_path / "in.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="holds nothing"):
        collect(room, SLUG, tmp_path / "empty")


@pytest.mark.parametrize("names", [
    ("doejane_4711_90210_exercises.ipynb", "doejane_4711_90211_progress-1.jsonl", "doejane_4711_90212_notes.txt"),
    ("Jane Doe_4711_assignsubmission_file/exercises.ipynb", "Jane Doe_4711_assignsubmission_file/progress (2).jsonl"),
])
def test_progress_that_is_handed_in_beside_the_notebook_is_kept(room, tmp_path, names):
    source = zipped(tmp_path / "all.zip", {name: name for name in names})
    (one,) = collect(room, SLUG, source)
    folder = room.folder("submitted", SLUG, one.student)
    assert {path.name for path in folder.iterdir()} == {"exercises.ipynb", "progress.jsonl"}
    assert (folder / "progress.jsonl").read_text() == names[1]
    collect(room, SLUG, zipped(tmp_path / "again.zip", {names[0]: "later", names[1]: "x" * 2_000_001}))
    assert (folder / "progress.jsonl").read_text() == names[1] and work_of(room, one.student) == "later"


@pytest.mark.parametrize("packed", [True, False])
def test_what_is_too_large_is_named_and_the_rest_is_collected(room, tmp_path, monkeypatch, packed):
    monkeypatch.setattr(Limits, "notebook_mb", 1)
    files = {"ada.ipynb": "x" * (2**20 + 1), "ben.ipynb": "x" * 2**20}
    source = zipped(tmp_path / "all.zip", files) if packed else tmp_path / "all"
    for name, text in files.items() if not packed else ():
        source.mkdir(exist_ok=True)
        (source / name).write_text(text)
    ada, ben = collect(room, SLUG, source)
    assert (ada.state, ben.state) == (REFUSED, NEW) and "larger than 1 MB" in ada.note
    assert not room.folder("submitted", SLUG, "ada").exists()

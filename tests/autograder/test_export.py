"""Marks with penalties and dropped units, and the files that nbgrader, Canvas and Moodle read."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from nbgrader.plugins import CsvExportPlugin

from autograder import ClassError
from autograder.convert import LOG
from autograder.export import ExportError, export_class, export_marks
from autograder.marks import class_marks, late_days, total_of
from autograder.rosters import RosterError
from tests.autograder.tiny_course import SLUG, tiny_class

DUE = datetime(2026, 10, 12, 22)
NO_GRACE = timedelta(0)


@pytest.fixture
def room(tmp_path):
    """Ada on time with 5 of 9, Ben late with 5, Cleo known and missing; and =evil,1 with 2."""
    room = tiny_class(tmp_path, seed=1)
    hours = {"ada_11": -1, "ben_12": 25, "=evil,1": 0}
    with room.gradebook() as gradebook:
        gradebook.update_or_create_student("cleo_13", first_name="Cleo", last_name="Nile")
        for name, late in hours.items():
            gradebook.add_student(name)
            found = gradebook.add_submission(SLUG, name, timestamp=DUE + timedelta(hours=late))
            for grade in found.notebooks[0].grades:
                grade.auto_score = {"check_double": 2, "check_area": 3 * (name != "=evil,1")}.get(grade.cell.name)
                grade.needs_manual_grade = grade.cell.name == "why" and name == "ada_11"
        gradebook.db.commit()
    return room


def configured(room, text: str):
    path = room.root / "autograder.toml"
    path.write_text(f"{path.read_text()}\n[due]\n{SLUG} = 2026-10-13T00:00:00+02:00\n{text}\n")
    return room


def rows(path) -> list[dict]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def roster(tmp_path, *lines: str):
    (tmp_path / "roster.csv").write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "roster.csv"


def test_nbgraders_columns_and_values(room, tmp_path):
    with room.gradebook() as gradebook:
        CsvExportPlugin(to=str(tmp_path / "theirs.csv"), log=LOG).export(gradebook)
    ours, theirs = rows(export_marks(room)), rows(tmp_path / "theirs.csv")
    assert list(ours[0]) == list(theirs[0])[:11]
    plain = {row["student_id"]: row for row in ours if "," not in row["student_id"]}
    assert {name: plain[name] for name in ("ada_11", "ben_12", "cleo_13")} == {
        row["student_id"]: row for row in theirs if row["student_id"] in plain}


def test_a_name_is_neither_two_columns_nor_a_formula(room):
    assert [row["score"] for row in rows(export_marks(room)) if row["student_id"] == "'=evil,1"] == ["2.0"]


@pytest.mark.parametrize(("hours", "days"), [(-1, 0), (0, 0), (0.1, 1), (24, 1), (24.1, 2), (240, 10)])
def test_days_begun_count(hours, days):
    assert late_days(DUE, DUE + timedelta(hours=hours), NO_GRACE, marked=False) == days


def test_grace_and_marks_without_a_time():
    assert late_days(DUE, DUE + timedelta(minutes=10), timedelta(minutes=15), marked=False) == 0
    assert late_days(DUE, DUE + timedelta(minutes=16), timedelta(minutes=15), marked=False) == 1
    assert late_days(DUE, None, NO_GRACE, marked=True) == 1 and late_days(None, None, NO_GRACE, marked=False) == 0


@pytest.mark.parametrize(("most", "score"), [(100, 4.0), (15, 4.25)])
def test_a_late_penalty_as_configured(room, most, score):
    configured(room, f"[late]\npercent_per_day = 10\nmost_percent = {most}")
    marks = {mark.student: mark for mark in class_marks(room)}
    assert marks["ben_12"].late_days == 2 and marks["ben_12"].score == pytest.approx(score)
    assert marks["ada_11"].score == 5 and marks["cleo_13"].missing


def test_without_a_rule_nbgraders_penalty_stands(room):
    with room.gradebook() as gradebook:
        gradebook.find_submission_notebook("exercises", SLUG, "ben_12").late_submission_penalty = 1.5
        gradebook.db.commit()
    assert {mark.student: mark.score for mark in class_marks(room)}["ben_12"] == 3.5


def test_an_extension_moves_the_due_date(room):
    configured(room, "[late]\npercent_per_day = 10")
    with room.gradebook() as gradebook:
        gradebook.grant_extension(SLUG, "ben_12", hours=26)
    assert {mark.student: mark.late_days for mark in class_marks(room)}["ben_12"] == 0


@pytest.mark.parametrize("count", [1, 5])
def test_the_lowest_units_are_dropped_and_one_is_left(room, count):
    configured(room, f"[total]\ndrop_lowest = {count}")
    with room.gradebook() as gradebook:
        gradebook.add_assignment("02_next")
        notebook = gradebook.add_notebook("exercises", "02_next")
        gradebook.add_grade_cell("x", "exercises", "02_next", max_score=10, cell_type="code")
        assert notebook
    of_ada = [mark for mark in class_marks(room) if mark.student == "ada_11"]
    assert [mark.unit for mark in of_ada if mark.dropped] == ["02_next"] and total_of(of_ada) == (5, 9)
    found = {row["student_id"]: row for row in rows(export_marks(room, kind="totals"))}
    assert found["ada_11"]["dropped"] == "02_next" and found["ada_11"]["percent"] == "55.6"


@pytest.mark.parametrize(("text", "words"), [
    ("[late]\npercent_per_day = 'ten'", "percent_per_day"), ("[total]\ndrop_lowest = -1", "drop_lowest"),
    ("[late]\nmost_percent = 200", "from 0 to 100"), ("02_x = 'soon'", "needs a time"),
])
def test_wrong_rules_are_named(room, text, words):
    with pytest.raises(ClassError, match=words):
        class_marks(configured(room, text))


def test_canvas_gets_its_own_rows_and_columns_back(room, tmp_path):
    given = roster(
        tmp_path,
        f'Student,ID,SIS User ID,SIS Login ID,Section,Essay (5),{SLUG} (6),Current Score',
        "    Points Possible,,,,,10,9,(read only)",
        '"Ada, L",11,s11,ada,A,7,,', '"Ben",12,s12,ben,A,7,3,', '"Cleo",13,,cleo,A,,,', '"Stranger",99,,x,A,,,',
    )
    path, marks, lacking = export_class(room, kind="canvas", roster=given)
    table = list(csv.reader(path.open(newline="")))
    assert table[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{SLUG} (6)"]
    assert [row[-1] for row in table[1:]] == ["9", "5.00", "5.00", "", ""] and table[2][0] == "Ada, L"
    assert lacking == {"=evil,1"} and sum(mark.waits for mark in marks) == 1


def test_moodles_worksheet_is_filled_in_and_scaled(room, tmp_path):
    given = roster(
        tmp_path,
        'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
        '"Last modified (grade)"',
        'Participant 11,Ada L,a@x.org,Submitted,,"90,00",Yes,-', "Participant 13,Cleo,c@x.org,No,,90.00,Yes,-",
    )
    found = rows(export_marks(room, kind="moodle", roster=given, unit=SLUG))
    assert [row["Grade"] for row in found] == ["50.00", ""] and found[0]["Last modified (grade)"] == "-"


def test_moodles_gradebook_goes_by_names(room, tmp_path):
    given = roster(tmp_path, "First name,Email address,Essay (Real)", "Ben,ben_12@x.org,3", "Zed,z@x.org,")
    assert rows(export_marks(room, kind="moodle", roster=given)) == [
        {"First name": "Ben", "Email address": "ben_12@x.org", SLUG: "5.00"},
        {"First name": "Zed", "Email address": "z@x.org", SLUG: ""}]


def test_what_is_no_roster_is_said(room, tmp_path):
    with pytest.raises(ExportError, match="--roster"):
        export_marks(room, kind="canvas")
    for kind in ("canvas", "moodle"):
        with pytest.raises(RosterError, match="roster"):
            export_marks(room, kind=kind, roster=roster(tmp_path, "a,b", "1,2"))
    (tmp_path / "roster.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RosterError, match="UTF-8"):
        export_marks(room, kind="moodle", roster=tmp_path / "roster.csv")
    assert not list(room.root.glob("grades*"))


def test_a_time_with_zone_is_kept_in_utc(room):
    configured(room, "")
    assert class_marks(room)[0].due == DUE == datetime(2026, 10, 12, 22, tzinfo=UTC).replace(tzinfo=None)


def test_the_command_names_who_is_not_in_the_roster(autograder, room, tmp_path):
    given = roster(tmp_path, "Student,ID,SIS Login ID,Section", "Ada,11,ada,A")
    code, out, errors = autograder("export", "--for", "canvas", "--roster", given, "--class", room.root)
    assert code == 1 and "is written" in out and "1 submissions have answers" in out and "ben_12" in errors
    assert autograder("export", "--for", "excel", "--class", room.root)[0] == 2

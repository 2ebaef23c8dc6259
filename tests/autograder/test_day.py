"""A day with thirty students, whole: every command ends as it should, and every mark is where it belongs."""

import csv

import pytest

from tests.autograder import day as days
from tests.autograder.day import CUT, HOSTILE, LATE, MISSING, OUTSIDE, TWICE, UNITS, name_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return days.run(tmp_path_factory.mktemp("day") / "root")


def marks(day) -> dict[tuple[str, str], dict]:
    with (day.root.parent / "nbgrader.csv").open(newline="") as file:
        return {(row["assignment"], row["student_id"]): row for row in csv.DictReader(file)}


def test_commands_name_problems_by_their_exit_code_and_go_on(day):
    bad = {name.split()[0] for name, code in day.codes.items() if code}
    assert bad == {"collect", "grade"}  # a path that leads outside, and a notebook that is cut off
    assert [day.codes[f"collect {UNITS[0]} canvas.zip"], day.codes[f"collect {UNITS[1]} moodle.zip"]] == [1, 0]


def test_whoever_handed_in_has_a_mark_and_the_cut_off_have_none(day):
    found = marks(day)
    assert len(found) == 3 * 29  # one never handed anything in, and no system told of that student
    assert not any(name_of(MISSING) == student for _, student in found)
    assert all(float(found[unit, name_of(CUT)]["raw_score"]) == 0 for unit in UNITS)
    assert found[UNITS[0], f"Student_0{OUTSIDE}_{4700 + OUTSIDE}"]["score"] == "0.0"


def test_late_work_costs_and_the_first_of_two_is_kept(day):
    found = marks(day)
    for number in LATE:
        for unit, share in ((UNITS[0], 0.1), (UNITS[1], 0), (UNITS[2], 0.2)):  # a mark, nothing, and 30 hours
            row = found[unit, name_of(number)]
            penalty = float(row["late_submission_penalty"])
            assert penalty == pytest.approx(share * float(row["raw_score"]), abs=1e-6)
    kept = day.root / "earlier" / name_of(TWICE)
    assert {path.parents[1].name for path in kept.rglob("*.ipynb")} == {UNITS[0], UNITS[2]}


def test_answers_graded_by_hand_count_and_regrading_keeps_them(day):
    with day.room.gradebook() as gradebook:
        before = {found.student_id: found.score for found in gradebook.assignment_submissions(UNITS[1])}
        assert any(found.written_score for found in gradebook.assignment_submissions(UNITS[1]))
    assert day.command("grade", UNITS[1]) == 1
    with day.room.gradebook() as gradebook:
        assert {found.student_id: found.score for found in gradebook.assignment_submissions(UNITS[1])} == before


def test_the_hostile_got_what_their_answers_are_worth_and_nothing_lies_outside(day):
    assert not list(day.root.parent.glob("*.ipynb")) and not list(day.root.glob("*.ipynb"))
    assert (UNITS[0], name_of(HOSTILE)) in marks(day)


def test_canvas_and_the_page(day):
    with (day.root.parent / "canvas.csv").open(newline="") as file:
        table = list(csv.reader(file))
    assert table[0][-3:] == [f"{slug} ({place})" for place, slug in enumerate(UNITS)] and len(table) == 32
    assert table[2 + MISSING][-3:] == ["", "", ""] and all(table[2 + TWICE][-3:])
    page = (day.root.parent / "report.html").read_text()
    assert all(f"<h2>{unit}</h2>" in page for unit in UNITS) and ">known<" in page


def test_it_is_fast_enough_for_ci(day):
    assert sum(day.seconds.values()) < 60, day.seconds

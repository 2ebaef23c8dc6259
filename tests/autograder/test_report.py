"""The report: outcomes, mistakes by name, pairs that share unusual code, and a page that asks for nothing."""

import json
import os
import re

import pytest

from autograder import AutograderError
from autograder.engine.cache import FOLDER
from autograder.report import sentence_of, unit_figures, write_report
from autograder.similar import normalised, similar_pairs
from tests.autograder.tiny_course import SLUG, tiny_class, tiny_source, write

UNUSUAL = """\
def area(a, b):
    total, left = 0, a
    while left > 0:
        total, left = total + b * min(left, 1), left - 1
    for spare in range(3):
        total += spare * 0 - spare + spare
    return total if total != -1 else None
"""
SAID = "✗ relu: not right yet (case 1 of 8)\n  You bent the line the wrong\n  way.\n  given     z = [1]\n  yours     2"


@pytest.fixture
def room(tmp_path):
    """Six students with reports as grading leaves them; Eve's code is Ada's with other names and a comment."""
    room = tiny_class(tmp_path, seed=1)
    codes = {name: f"def area(a, b):\n    return a * b + {place} - {place}" for place, name in enumerate("bcdx")}
    copied = UNUSUAL.replace("total", "summe").replace("left", "rest").replace("    while", "    # mine!\n    while")
    for name, code in (codes | {"ada": UNUSUAL, "eve": copied}).items():
        notebook = tiny_source()
        notebook.cells[4].source = code
        path = write(notebook, room.folder("submitted", SLUG, name))
        os.utime(path, (1, 1))
        keep(room, name, "failed" if name in "bc" else "not attempted" if name == "d" else "passed")
    (room.root / FOLDER / SLUG / "x.json").unlink()
    return room


def keep(room, name: str, state: str):
    found = {"state": state, "points": 0.0, "most": 3.0, "message": SAID if state == "failed" else ""}
    manual = {"state": "manual", "points": None, "most": 4.0}
    report = {"verdicts": {"check_area": found, "why": manual}, "solutions": ["area", "why"], "seconds": 0.5}
    (room.root / FOLDER / SLUG).mkdir(parents=True, exist_ok=True)
    (room.root / FOLDER / SLUG / f"{name}.json").write_text(json.dumps({"key": "", "report": report}))


def test_outcomes_and_what_was_said(room):
    found = unit_figures(room, SLUG)
    task, = found.tasks
    assert task.name == "area" and dict(task.outcomes) == {"right": 2, "wrong": 2, "not attempted": 1}
    assert task.pass_rate == 50 and dict(task.told) == {"You bent the line the wrong way.": 2}
    assert found.ungraded == ["x"] and found.typical_seconds == 0.5
    assert found.rows() == [("area", "2/4 (50 %)", "1", "2 × You bent the line the wrong way.")]


def test_work_that_came_after_the_grading_does_not_count_as_graded(room):
    os.utime(room.folder("submitted", SLUG, "ada") / "exercises.ipynb")
    os.utime(room.root / FOLDER / SLUG / "ada.json", (2, 2))
    assert unit_figures(room, SLUG).ungraded == ["ada", "x"]


def test_renaming_and_comments_hide_nothing(room):
    pair, = unit_figures(room, SLUG).pairs
    assert (pair.first, pair.second, pair.tasks) == ("ada", "eve", ("area",)) and pair.shared == 100


def test_what_many_wrote_accuses_nobody():
    assert similar_pairs({f"s{place}": {"area": UNUSUAL} for place in range(3)}) == []
    assert similar_pairs({"a": {"t": UNUSUAL}, "b": {"t": UNUSUAL}}, {"t": [UNUSUAL]}) == []
    assert similar_pairs({"a": {"t": "return a + b"}, "b": {"t": "return a + b"}}) == []
    assert similar_pairs({"a": {"t": UNUSUAL}, "b": {"other": UNUSUAL}}) == []


@pytest.mark.parametrize("code", ["", "def (", "'''open", "\0", "if x:\n  a\n b", "(" * 10_000, "é = 1\\"])
def test_no_code_breaks_it(code):
    assert isinstance(normalised(code), list)


def test_a_docstring_and_the_layout_do_not_count():
    one = normalised('def f(x):\n    """Says."""\n    return np.dot( x,w )  # why')
    assert one == normalised("def g(y):\n  return np.dot(y, v)")
    assert "dot" in one and one != normalised("def g(y):\n  return np.sum(y, v)")


@pytest.mark.parametrize(("message", "sentence"), [
    (SAID, "You bent the line the wrong way."), ("", ""), ("AssertionError: no\nmore", "AssertionError: no"),
    ("✗ AssertionError: three are right\n  in the check, line 1: assert x\n  your line 2: y", "three are right"),
    ("✗ relu: nothing to check yet\n  Replace it.", "Replace it.")])
def test_the_sentence_of_a_message(message, sentence):
    assert sentence_of(message) == sentence


def test_the_page_shows_all_and_asks_for_nothing(room):
    hostile = "</pre><script>document.title='taken'</script>"
    for name in ("ada", "eve"):
        path = room.folder("submitted", SLUG, name) / "exercises.ipynb"
        notebook = json.loads(path.read_text())
        notebook["cells"][4]["source"] = [UNUSUAL + f"note = {hostile!r}"]
        path.write_text(json.dumps(notebook))
        os.utime(path, (1, 1))
    path, _ = write_report(room, [SLUG], None, False)
    page = path.read_text()
    assert "<script" not in page and "&lt;script&gt;" in page and "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)|url\((?!#)|@import""", page)
    assert page.count("<svg") == 2 and page.count('role="img"') == 2 and "currentColor" in page
    assert "You bent the line the wrong way." in page and "ada and eve" in page and "nobody be judged" in page


def test_hints_are_counted_of_those_who_share_them(room, autograder):
    events = [("area", "hint", 1), ("area", "hint", 2), ("area", "pass", None), ("double", "fail", None)]
    lines = [{"time": "", "unit": SLUG, "task": task, "event": event, "hint": hint} for task, event, hint in events]
    hostile = [lines[0] | {"hint": 10**9}, lines[0] | {"hint": -5}, "<script>", [[]]]
    for student, rows in {"b": lines, "c": [lines[2], lines[1] | {"unit": "02_other"}], "d": hostile}.items():
        text = "".join(json.dumps(row) + "\n" for row in rows) + "[" * 99_999 + "\n\0\udcff"
        path = room.folder("submitted", SLUG, student) / "progress.jsonl"
        path.write_text(text, "utf-8", errors="surrogateescape")
    (room.folder("submitted", SLUG, "ada") / "progress.jsonl").symlink_to(path)
    (room.folder("submitted", SLUG, "eve") / "progress.jsonl").write_text(json.dumps(lines[0]) + " " * 2_000_000)
    assert unit_figures(room, SLUG).hint_rows() == [("area", "1", "", "1", "1")]
    code, out, _ = autograder("report", "--class", room.root)
    assert code == 0 and out.split("all three")[1].split()[1:5] == ["area", "1", "1", "1"]
    assert "<td>area</td><td>1</td><td></td><td>1</td><td>1</td>" in (room.root / "report.html").read_text()


def test_nothing_is_said_of_hints_where_nobody_shares_them(room):
    assert unit_figures(room, SLUG).hint_rows() == []
    assert "Hints" not in write_report(room, [SLUG], None, False)[0].read_text()


def test_no_page_is_overwritten_unasked(room):
    assert [write_report(room, [SLUG], None, False)[0].name for _ in "12"] == ["report.html", "report-2.html"]
    with pytest.raises(AutograderError, match="--force"):
        write_report(room, [SLUG], room.root / "report.html", False)


def test_the_command(autograder, room, tmp_path):
    code, out, errors = autograder("report", "--class", room.root)
    assert code == 0 and "2 × You bent" in out and "look at ada and eve" in out and "report.html" in out
    autograder("init", tmp_path / "empty")
    code, out, errors = autograder("report", "--class", tmp_path / "empty")
    assert code == 1 and "autograder grade" in errors and errors.count("\n") == 1

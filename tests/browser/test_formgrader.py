"""An instructor looks at what our engine graded, in nbgrader's own pages, and grades the written answer."""

import csv
import json

import pytest

from autograder.export import export_marks
from autograder.feedback import write_feedback
from autograder.grade import Options, grade_class
from tests.autograder.formgrader import TOKEN, formgrader
from tests.autograder.tiny_course import SLUG, tiny_class, tiny_source, write
from tests.hostile.writing import script_in_outputs

pytestmark = pytest.mark.browser
COMMENT = "Say why, not only that."
WRONG = "def area(a, b):\n    return a + b + 1"  # passes the case that students see


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A class of two, graded by our engine: Ada's answers are right, Ben's area is not, which only hidden tests see."""
    folder = tmp_path_factory.mktemp("formgrader")
    room = tiny_class(folder, seed=5)
    write(tiny_source(), room.folder("submitted", SLUG, "ada"))
    wrong = tiny_source()
    wrong.cells[4].source = WRONG
    write(wrong, room.folder("submitted", SLUG, "ben"))
    released = json.loads((room.folder("release", SLUG) / "exercises.ipynb").read_text())
    hostile = write(tiny_source(), room.folder("submitted", SLUG, "eve"))
    hostile.write_text(json.dumps(script_in_outputs(released)))
    list(grade_class(room, SLUG, ["ada", "ben", "eve"]))
    return room


@pytest.fixture
def page(chromium):
    """A page that can ask this machine only."""
    context = chromium.new_context(extra_http_headers={"Authorization": f"token {TOKEN}"})
    context.route(lambda url: "127.0.0.1" not in url and not url.startswith("file:"), lambda route: route.abort())
    yield context.new_page()
    context.close()


def exported(room) -> dict[str, float]:
    """Return the scores in an export."""
    with export_marks(room).open(newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def follow(page, row, name: str | None = None):
    """Click a link in a row of a table, the first or the one with this text, and wait for the page behind it."""
    with page.expect_navigation():
        row.get_by_role("link", **({"name": name, "exact": True} if name else {})).first.click()


def rows(page, *columns: int) -> list[list[str]]:
    """Return these columns of the page's table, once it is filled."""
    page.locator("tbody tr a").first.wait_for()
    return [[row.locator("td").nth(place).inner_text() for place in columns] for row in page.locator("tbody tr").all()]


def saved(page, kind: str, field, text: str):
    """Fill in a field and leave it, until the server has the text."""
    with page.expect_response(lambda reply: f"/api/{kind}" in reply.url and reply.request.method == "PUT") as reply:
        field.fill(text)
        field.press("Tab")
    assert reply.value.ok


def test_an_instructor_grades_by_hand_what_the_engine_left_and_regrading_keeps_it(room, page):
    assert exported(room) == {"ada": 5, "ben": 2, "eve": 0}
    with formgrader(room) as address:
        page.goto(f"{address}/formgrader")
        follow(page, page.locator("tbody tr", has_text=SLUG), "3")  # so many submissions
        wait = "needs manual grading"
        assert rows(page, 1, 3, 4) == [["ada", wait, "5 / 9"], ["ben", wait, "2 / 9"], ["eve", "graded", "0 / 9"]]
        follow(page, page, "Manual Grading")
        follow(page, page.locator("tbody tr", has_text=SLUG), SLUG)
        follow(page, page.locator("tbody tr", has_text="exercises"), "exercises")
        assert sorted(rows(page, 2)) == [["0 / 9"], ["2 / 9"], ["5 / 9"]]  # without names, in no order
        follow(page, page.locator("tbody tr", has_text="5 / 9"))
        points = page.locator("input#why.needs_manual_grade")
        points.wait_for()
        assert page.locator("input#check_area").get_attribute("placeholder") == "3"
        saved(page, "grade", points, "3.5")
        saved(page, "comment", page.locator("textarea#why-comment"), COMMENT)
        assert exported(room)["ada"] == 8.5
        list(grade_class(room, SLUG, ["ada", "ben"], Options(anew=True)))
        assert exported(room) == {"ada": 8.5, "ben": 2, "eve": 0}
        changed = tiny_source()
        changed.cells[4].source = WRONG
        write(changed, room.folder("submitted", SLUG, "ada"))
        list(grade_class(room, SLUG, ["ada"]))
        assert exported(room) == {"ada": 5.5, "ben": 2, "eve": 0}
        page.reload()
        page.wait_for_function("document.querySelector('input#why').value == '3.5'")
        assert page.locator("textarea#why-comment").input_value() == COMMENT
        assert page.locator("input#check_area").get_attribute("placeholder") == "0"
    assert write_feedback(room, SLUG, "ada") is None
    page.goto(f"file://{room.folder('feedback', SLUG, 'ada') / 'exercises.html'}")
    text = page.inner_text("body")
    assert COMMENT in text and "Score: 5.5 / 9.0" in text


def test_feedback_shows_the_students_own_and_nothing_hidden(room, page):
    assert write_feedback(room, SLUG, "ben") is None
    page.goto(f"file://{room.folder('feedback', SLUG, 'ben') / 'exercises.html'}")
    text = " ".join(page.inner_text("body").split())
    assert WRONG.splitlines()[1].strip() in text and "Score: 2.0 / 9.0" in text and "not further ones" in text
    assert "area(4, 5)" not in text and "20" not in text


def test_scripts_in_a_students_outputs_do_nothing_in_feedback_and_formgrader(room, page):
    assert write_feedback(room, SLUG, "eve") is None
    page.goto(f"file://{room.folder('feedback', SLUG, 'eve') / 'exercises.html'}")
    assert_untouched(page)
    with formgrader(room) as address:
        page.goto(f"{address}/formgrader/gradebook/{SLUG}/exercises")
        page.locator("tbody tr", has_text="0 / 9").get_by_role("link").first.click()
        page.locator("input#why").wait_for()
        assert_untouched(page)


def assert_untouched(page):
    """The texts that a student's code showed are there, and none of it has run."""
    page.wait_for_timeout(500)
    assert "taken" in page.inner_text("body")
    assert page.evaluate("window.taken") is None and page.title() != "taken"

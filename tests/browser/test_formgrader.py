"""An instructor looks at what our engine graded, in nbgrader's own pages, and grades the written answer."""

import csv
import json

import pytest

from autograder.export import export_marks
from autograder.feedback import write_feedback
from autograder.grade import grade_class
from tests.autograder.formgrader import TOKEN, formgrader
from tests.autograder.tiny_course import SLUG, tiny_class, tiny_source, write
from tests.hostile.writing import script_in_outputs

pytestmark = pytest.mark.browser
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


def test_an_instructor_grades_by_hand_what_the_engine_left_and_regrading_keeps_it(room, page):
    assert exported(room) == {"ada": 5, "ben": 2, "eve": 0}
    with formgrader(room) as address:
        page.goto(f"{address}/formgrader/gradebook/{SLUG}/exercises")
        row = page.locator("tbody tr", has_text="5 / 9")
        row.wait_for()
        assert page.locator("tbody tr", has_text="2 / 9").count() == 1
        row.get_by_role("link").first.click()
        points = page.locator("input#why.needs_manual_grade")
        points.wait_for()
        assert page.locator("input#check_area").get_attribute("placeholder") == "3"
        points.fill("3.5")
        with page.expect_response(lambda reply: "/api/grade" in reply.url and reply.request.method == "PUT"):
            points.press("Tab")
    assert exported(room)["ada"] == 8.5
    list(grade_class(room, SLUG, ["ada", "ben"]))
    assert exported(room) == {"ada": 8.5, "ben": 2, "eve": 0}


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

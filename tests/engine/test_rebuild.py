"""The rebuilt notebook: the instructor's, with the student's source text in the student's places."""

import json

import pytest

from autograder.engine.intake import Cell
from autograder.engine.rebuild import Template, executed, rebuild
from tests.autograder.tiny_course import tiny_source

STUB = "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


@pytest.fixture
def template() -> Template:
    source = json.loads(json.dumps(tiny_source()))
    released = json.loads(json.dumps(source))
    released["cells"][2]["source"] = STUB
    released["cells"][5]["source"] = "assert area(2, 3) == 6"
    return Template(source, released)


def as_submitted(template) -> list[Cell]:
    return [
        Cell(c["cell_type"], c["source"], c["metadata"].get("nbgrader", {}).get("grade_id"), c["id"])
        for c in template.released["cells"]
    ]


def sources(rebuilt, role):
    return [part.source for part in rebuilt.parts if part.role == role]


def test_an_untouched_notebook_is_the_released_one(template):
    rebuilt = rebuild(template, as_submitted(template))
    assert [part.source for part in rebuilt.parts] == [cell["source"] for cell in template.released["cells"]]
    assert [part.grade_id for part in rebuilt.parts if not part.changed] == ["double", "area", "why"]
    assert rebuilt.notes == []


def test_a_check_is_run_in_full_and_shown_as_released(template):
    (check,) = [part for part in rebuild(template, []).parts if part.grade_id == "check_area"]
    assert "area(4, 5)" in check.full and "area(4, 5)" not in check.source


def test_answers_are_found_by_name_whatever_their_place_and_type(template):
    cells = [
        Cell("markdown", "def double(x): return x", "double"),
        *as_submitted(template)[3:],
        *as_submitted(template)[:2],
    ]
    rebuilt = rebuild(template, cells)
    assert sources(rebuilt, "answer")[0] == "def double(x): return x"
    assert [part.grade_id for part in rebuilt.parts if part.grade_id] == [
        "prompt_double",
        "double",
        "check_double",
        "area",
        "check_area",
        "why",
    ]


def test_a_changed_check_or_prompt_counts_for_nothing(template):
    cells = [
        Cell(
            c.kind,
            "pass" if c.grade_id and c.grade_id.startswith(("check", "prompt")) else c.source,
            c.grade_id,
            c.cell_id,
        )
        for c in as_submitted(template)
    ]
    rebuilt = rebuild(template, cells)
    assert sources(rebuilt, "check")[0] == "assert double(3) == 6" and "pass" not in [p.source for p in rebuilt.parts]


def test_a_deleted_answer_is_not_answered_and_noted(template):
    rebuilt = rebuild(template, [cell for cell in as_submitted(template) if cell.grade_id != "double"])
    assert sources(rebuilt, "answer")[0] == STUB and "double is missing" in rebuilt.notes[0]


def test_of_two_answers_the_first_is_taken_and_the_second_is_not_run(template):
    cells = as_submitted(template)
    rebuilt = rebuild(template, [*cells, Cell("code", "double = print", "double", "new")])
    assert sources(rebuilt, "answer")[0] == STUB and sources(rebuilt, "added") == [] and "2 times" in rebuilt.notes[0]


def test_an_edited_cell_without_a_role_counts(template):
    cells = as_submitted(template)
    cells[0] = Cell("code", "import math", None, "environment")
    rebuilt = rebuild(template, cells)
    assert sources(rebuilt, "added") == ["import math"] and sources(rebuilt, "given") == []


def test_a_deleted_cell_without_a_role_is_put_back(template):
    assert len(sources(rebuild(template, as_submitted(template)[1:]), "given")) == 1


def test_added_cells_stay_behind_the_cell_that_they_followed(template):
    cells = as_submitted(template)
    cells[3:3] = [Cell("code", "print(double(1))"), Cell("markdown", "hm")]
    rebuilt = rebuild(template, [Cell("code", "first = 1"), *cells])
    texts = [part.source for part in rebuilt.parts]
    assert texts[0] == "first = 1" and texts.index("print(double(1))") == texts.index(STUB) + 1


def test_a_cell_of_an_older_release_is_an_added_one(template):
    cells = as_submitted(template)
    cells[0] = Cell("code", "import numpy as np", None, "older")
    rebuilt = rebuild(template, cells)
    assert sources(rebuilt, "added") == ["import numpy as np"] and len(sources(rebuilt, "given")) == 1


def test_cells_without_ids_are_found_by_their_text(template):
    cells = [Cell(c.kind, c.source, c.grade_id) for c in as_submitted(template)]
    assert sources(rebuild(template, cells), "added") == []


def test_the_executed_notebook_has_the_instructors_roles_and_no_students_metadata(template):
    notebook = executed(rebuild(template, as_submitted(template)), {3: [{"output_type": "stream"}]})
    assert [cell["metadata"] for cell in notebook["cells"]] == [cell["metadata"] for cell in template.released["cells"]]
    assert notebook["cells"][3]["outputs"] and notebook["nbformat"] == 4

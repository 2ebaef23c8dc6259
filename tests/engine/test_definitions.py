"""Which cells may run where they stand: those that only define functions nobody has met before."""

import pytest

from autograder.engine.definitions import only_define
from autograder.engine.rebuild import Part

RELU = "def relu(x):\n    return x * (x > 0)"
TWICE = 'def twice(x: float) -> "float":\n    """Two times."""\n    return 2 * x'


def numbers(*cells):
    roles = [("check" if "check." in cell else "answer") for cell in cells]
    parts = [Part(role, cell, {}, full=cell * (role == "check")) for role, cell in zip(roles, cells, strict=True)]
    return only_define(parts)


def test_functions_under_new_names_do_no_harm():
    assert numbers("import numpy as np", RELU, "check.relu(relu)", TWICE, "check.twice(twice)") == {1, 3}


@pytest.mark.parametrize(
    "cell",
    [
        "rate = 1",
        "@cache\ndef twice(x):\n    return 2 * x",
        "def twice(x, by=make()):\n    return by * x",
        "def twice(x, *, by=made):\n    return by * x",
        "class Twice:\n    print('now')",
        TWICE + "\n\nprint(twice(2))",
        "%time\n" + TWICE,
        "def twice(x:\n",
        "",
    ],
)
def test_all_other_cells_may_change_something(cell):
    assert numbers(RELU, "check.relu(relu)", cell) == {0}


def test_a_name_that_was_there_before_is_another_function_for_the_checks_in_between():
    assert numbers(RELU, "check.relu(relu)", RELU.replace(">", "<")) == {0}


def test_a_name_that_was_called_before_would_be_missing_there():
    assert numbers("def relu(x):\n    return helper(x)", "check.relu(relu)", "def helper(x):\n    return x") == {0}


@pytest.mark.parametrize("word", ["globals()['twice'](x)", "'twice' in dir()", "eval('twice(x)')", "f.__globals__"])
def test_who_looks_around_would_see_what_comes_later(word):
    assert numbers(RELU, f"def peek(x):\n    return {word}", TWICE) == set()


@pytest.mark.parametrize(
    ("given", "edited", "found"),
    [
        ("check.progress()", "", {2}),
        ("# How far\ncheck.progress()", "", {2}),
        ("check.progress()", "check = Mine()", set()),  # no stand-in any more
        ("check.progress()", "def check(): ...", set()),
        ("check.progress(print('now'))", "", set()),
        ("other.progress()", "", set()),
        ("check.progress()\nprint('now')", "", set()),
    ],
)
def test_a_given_cell_that_only_asks_a_stand_in_does_no_harm(given, edited, found):
    imported = "from introdl.checks import perceptron as check"
    cells = [("given", imported), ("answer", edited or "x = 1"), ("given", given)]
    assert only_define([Part(role, source, {}) for role, source in cells]) - {1} == found


def test_a_students_own_cell_that_asks_runs_as_any_other():
    cells = [("given", "from introdl.checks import perceptron as check"), ("added", "check.progress()")]
    assert only_define([Part(role, source, {}) for role, source in cells]) == set()

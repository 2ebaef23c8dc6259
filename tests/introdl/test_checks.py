"""The engine of checks: verdicts, diagnosis, limits, forbidden calls, hints."""

import os
import time

import numpy as np
import pytest

from introdl.checks import compare, source
from introdl.checks.task import MOST_LINES, BadAnswer, CheckFailed, Task
from introdl.checks.unit import Unit


def make_double(**options) -> Task:
    def cases(rng):
        yield (np.array([1.0, -2.0, 3.0]),)
        yield (rng.normal(size=(2, 3)),)
        yield (np.zeros(0),)

    task = Task(
        "double",
        ("x",),
        cases,
        lambda x: np.array([2 * v for v in x.ravel()]).reshape(x.shape),
        hints=("a", "b", "c"),
        **options,
    )

    @task.mistake("You squared it.")
    def squared(x):
        return x**2

    return task


def said(task: Task, answer) -> str:
    with pytest.raises(CheckFailed) as failure:
        task(answer)
    lines = failure.value._render_traceback_()
    assert len(lines) <= MOST_LINES
    return "\n".join(lines)


def test_a_right_answer_prints_one_line(capsys):
    make_double()(lambda x: x + x)
    out, err = capsys.readouterr()
    assert out == "✓ double: right on all 3 cases.\n" and err == ""


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda x: x * x, "You squared it."),
        (lambda x: -2 * x, "Every entry has the wrong sign."),
        (lambda x: 6 * x, "Every entry is 3 times the right one"),
        (lambda x: 2 * x + 5, "Every entry is off by the same 5."),
        (lambda x: np.roll(2 * x, 1), "one place too late"),
        (lambda x: 2 * x[:1], "Your result has shape (1,), expected (3,)."),
        (lambda x: None, "is a `return` missing?"),
        (lambda x: 2 * x + np.nan, "3 entries that are NaN"),
        (lambda x: x @ x[1:], "Your function stopped with ValueError"),
        (lambda x: np.abs(2 * x), "yours     4   at result[1]\n  expected  -4"),
        (lambda x: 1 / 0, "ZeroDivisionError"),
        (lambda x: exit(), "SystemExit"),
    ],
)
def test_the_diagnosis_names_the_cause(answer, sentence):
    assert sentence in said(make_double(), answer)


def test_a_missing_term_is_named():
    task = Task(
        "add",
        ("x", "b"),
        lambda rng: [(rng.normal(size=4), rng.normal(size=4))],
        lambda x, b: x + b,
        terms={"the bias b": lambda x, b: b},
    )
    assert "The bias b is missing." in said(task, lambda x, b: x.copy())
    assert "The bias b is counted twice." in said(task, lambda x, b: x + 2 * b)


def test_the_transpose_is_named():
    task = Task(
        "product",
        ("A", "B"),
        lambda rng: [(rng.normal(size=(3, 2)), rng.normal(size=(2, 4)))],
        lambda A, B: A @ B,
    )
    assert "transpose" in said(task, lambda A, B: (A @ B).T)


def test_one_wrong_part_of_several_is_named():
    task = Task("pair", ("x",), lambda rng: [(rng.normal(size=3),)], lambda x: (x, 2 * x))
    assert "In result[1]: Every entry has the wrong sign." in said(task, lambda x: (x, -2 * x))
    assert "wrong sign" not in said(task, lambda x: (x + 1, -2 * x))


def test_two_mistakes_at_once_are_not_taken_for_one_of_them():
    assert "You squared it." not in said(make_double(), lambda x: -(x**2))


def test_an_answer_that_changes_its_input_is_told_so():
    def double(x):
        x *= 2
        return x

    assert "changed its input x" in said(make_double(), double)
    make_double(inplace=("x",))(double)


def test_an_error_shows_the_learners_own_line_and_nothing_of_ours():
    def double(x):
        unknown = x.nonsense
        return unknown

    text = said(make_double(), double)
    assert "unknown = x.nonsense" in text and "AttributeError" in text
    assert "outcome.py" not in text and "observe" not in text and os.sep + "introdl" not in text


def test_a_loop_that_never_ends_is_stopped():
    def double(x):
        while True:
            pass

    start = time.monotonic()
    assert "did not finish within 0.2 seconds" in said(make_double(seconds=0.2), double)
    assert time.monotonic() - start < 2


def test_endless_printing_is_stopped(capsys):
    def double(x):
        while True:
            print("still here")

    assert "printed more than" in said(make_double(), double)
    assert len(capsys.readouterr().out) < 5_000


def test_an_except_clause_of_the_learner_does_not_swallow_the_limit():
    def double(x):
        while True:
            try:
                time.sleep(0.01)
            except Exception:  # noqa: BLE001
                pass

    assert "did not finish" in said(make_double(seconds=0.2), double)


def test_warnings_of_an_answer_stay_off_stderr(capsys):
    make_double()(
        lambda x: (
            2 * x + 0 * np.log(-np.ones(1))[0] if x.size < 0 else (np.float64(1) / np.float64(0), 2 * x)[1]
        )
    )
    assert capsys.readouterr().err == ""


def test_a_bad_answer_is_explained_in_the_tasks_own_words():
    def run(answer, x):
        raise BadAnswer("Return two things: W and b.")

    assert "Return two things" in said(make_double(run=run), lambda x: x)


def test_a_judge_that_trips_over_a_strange_result_is_no_crash():
    task = Task(
        "order",
        ("n",),
        lambda rng: [(3,)],
        judge=lambda args, result: None if result[0] < 1 else "not sorted",
    )
    assert "wrong form" in said(task, lambda n: None)
    assert "not sorted" in said(task, lambda n: [4])
    task(lambda n: [0])


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ndef double(x):\n    return torch.add(x, x)",
        "import torch as t\ndef double(x):\n    return t.add(x, x)",
        "from torch import add as plus\ndef double(x):\n    return plus(x, x)",
        "def double(x):\n    import torch.nn.functional as F\n    return F.relu(x)",
        "def double(x):\n    from torch import add\n    return add(x, x)",
    ],
)
def test_a_forbidden_call_is_found_through_its_aliases(text):
    assert forbidden([text], ("torch",)) is not None
    assert forbidden([text], ("scipy", "torch.tensor", "tor")) is None


def forbidden(cells, words):
    """Look at the function `double` of a notebook with these cells."""

    class Remote:
        _remote_number, _cells, _name = True, cells, "double"

    return source.forbidden_call(Remote(), words)


PLAIN = "def double(x):\n    return f(x)"


@pytest.mark.parametrize(
    "cells",
    [
        ["import torch", "def f(x):\n    return torch.add(x, x)", PLAIN],
        ["import torch\nf = torch.add", PLAIN],
        ["%matplotlib inline\nimport torch", "def double(x):\n    return getattr(torch, 'add')(x, x)"],
        ["import numpy as np, torch", "np.f = torch.add", "def double(x):\n    return np.f(x, x)"],
        ["import numpy as np, torch", "setattr(np, 'f', torch.add)", "def double(x):\n    return np.f(x, x)"],
        ["import importlib", "f = importlib.import_module('to' + 'rch').add", PLAIN],
        ["def double(x):\n    return __import__('to' + 'rch').add(x, x)"],
        ["def double(x):\n    return eval('tor' + 'ch.add(x, x)')"],
        ["import numpy as np", "def double(x):\n    return getattr(np, 'add'[::-1])(x, x)"],
        ["def double(x):\n    return ().__class__.__base__.__subclasses__()"],
        ["import torch", "double = torch.add"],
        ["import torch", "g = torch", "f = g.add", PLAIN],
    ],
)
def test_detours_are_found(cells):
    assert forbidden(cells, ("torch",)) is not None


@pytest.mark.parametrize(
    "cells",
    [
        ["import torch", "def double(x):\n    return x + x", "print(torch.add(1, 1), double(2))"],
        ["import torch", "f = torch.add", "f = lambda x: 2 * x", PLAIN],
        ["class A:\n    def __init__(self):\n        super().__init__()", "def double(x):\n    return x.__class__(x)"],
        ["import numpy as np", "def double(x):\n    np.random.seed(0)\n    return getattr(x, 'T') + len(x)"],
        ["def double(torch):\n    return 2 * torch"],
    ],
)
def test_what_does_not_lead_there_is_allowed(cells):
    assert forbidden(cells, ("torch",)) is None


def test_a_forbidden_call_is_said_kindly(tmp_path):
    import importlib.util

    path = tmp_path / "notebook.py"
    path.write_text("import numpy as np\n\ndef double(x):\n    return np.add(x, x)\n")
    spec = importlib.util.spec_from_file_location("notebook", path)
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["notebook"] = module
    spec.loader.exec_module(module)
    assert "Your answer uses `np.add`" in said(make_double(forbid=("numpy.add",)), module.double)


def test_hints_open_one_at_a_time(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    unit = Unit("99_toy", make_double())
    counts = []
    for _ in range(4):
        unit.hint("double")
        counts.append(capsys.readouterr().out.count("Hint"))
    assert counts == [1, 2, 3, 3]
    with pytest.raises(CheckFailed, match="The tasks are: double"):
        unit.hint("tripple")


def test_the_model_answer_waits_for_an_own_one(tmp_path, capsys):
    import nbformat

    def notebook(text):
        cell = nbformat.v4.new_markdown_cell(text, metadata={"nbgrader": {"grade_id": "why"}})
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "exercises.ipynb")

    unit = Unit("99_toy", make_double())
    notebook("YOUR ANSWER HERE")
    with pytest.raises(CheckFailed, match="own answer first"):
        unit.model_answer("why", tmp_path / "exercises.ipynb")
    with pytest.raises(CheckFailed, match="No written question"):
        unit.model_answer("wherefore", tmp_path / "exercises.ipynb")
    with pytest.raises(CheckFailed, match="No written question"):
        unit.model_answer("why", tmp_path / "missing.ipynb")
    notebook("Because.")
    unit.model_answer("why", tmp_path / "exercises.ipynb")
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("yours", "expected", "equal"),
    [
        (1, 1.0, True),
        (np.float32(1.5), 1.5, True),
        (np.array(2), 2, True),
        ([1, 2], (1, 2), True),
        (np.array([1, 2]), [1, 2], True),
        (True, 1, True),
        ("a", "a", True),
        (None, None, True),
        ({"a": 1}, {"a": 1.0}, True),
        (np.nan, np.nan, True),
        ([], [], True),
        (np.zeros((0, 3)), np.zeros((0, 3)), True),
        (1, 1.1, False),
        ([1], 1, False),
        (np.zeros((0, 3)), np.zeros((0, 2)), False),
        ("a", 1, False),
        (None, 0, False),
        ({"a": 1}, {"b": 1}, False),
        (np.zeros((2, 1)), np.zeros((2,)), False),
        (object(), 1, False),
        (1, object(), False),
    ],
)
def test_equality_of_plain_data(yours, expected, equal):
    assert compare.same(yours, expected) is equal


def test_shape_counts_when_arguments_are_compared():
    assert compare.identical(np.zeros(2), np.zeros(2))
    assert not compare.identical(np.zeros(2), np.zeros(3))
    assert not compare.identical(np.array([1, 2]), np.array([1.0, 2.0]))
    assert not compare.identical([np.zeros(2)], [np.ones(2)])
    assert not compare.identical((b"one",), (b"two",)) and not compare.identical({"name": "a"}, {"name": "b"})
    assert compare.identical((b"one", "two"), (b"one", "two"))


def test_a_list_of_arrays_is_shown_by_its_shapes():
    assert compare.show([np.zeros((2, 3)), np.zeros(5), 1.5]) == "a list: array (2, 3), array (5,), 1.5"
    layers = [(np.zeros((2, 3)), np.array([1, 2.5])), (np.zeros((0, 1)), None)]
    assert compare.show(layers) == "a list: (array (2, 3), [1. 2.5]), (array (0, 1), None)"
    assert compare.show([np.zeros(5)] * 9) == "a list: array (5,), array (5,), array (5,), array (5,), …"


def test_cases_that_were_passed_with_another_seed_are_left_out(monkeypatch):
    seen = []

    def half(x):
        seen.append(x)
        return x / 2

    def cases(rng):
        yield (1.0,)
        yield (np.ones(2),)
        yield (rng.normal(size=3),)
        yield (lambda n: n,)  # nobody can tell whether two functions are the same

    def run(answer, x):
        return 0 if callable(x) else answer(x)

    task = Task("half", ("x",), cases, judge=lambda args, value: None, run=run)
    task(half)
    assert len(seen) == 3
    monkeypatch.setenv("INTRODL_PASSED_SEED", "0")
    monkeypatch.setenv("INTRODL_SEED", "7")
    assert task.problem(lambda x: half(x)) is None and len(seen) == 4 and seen[-1].shape == (3,)
    assert "not right yet" in Task("half", ("x",), cases, lambda x: 0, run=run).problem(half)[0]


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1, True),
        (1, 1.0, False),
        (1, True, False),
        (float("nan"), float("nan"), False),
        ("a", "a", True),
        (np.ones(2), np.ones(2), True),
        (np.ones(2), np.ones(2, np.float32), False),
        (np.array([np.nan]), np.array([np.nan]), True),
        (np.float64(1), np.float64(1), True),
        ([1, (2, "x")], [1, (2, "x")], True),
        ([1, 2], [1, 2, 3], False),
        ({"a": np.zeros(1)}, {"a": np.zeros(1)}, True),
        ({"a": 1}, {"b": 1}, False),
        (np.random.default_rng(0), np.random.default_rng(0), False),
        (len, len, True),
        (None, None, True),
    ],
)
def test_what_is_bit_for_bit_the_same(a, b, equal):
    assert compare.equal_data(a, b) is equal


def test_the_oracle_is_asked_once_for_a_case_and_answers_never_see_the_case_itself():
    asked = []
    task = Task("twice", ("x",), lambda rng: [(np.ones(2),), (np.zeros(2),)], lambda x: asked.append(1) or 2 * x)

    def in_place(x):
        x *= 2
        return x

    for _ in range(3):
        assert task.problem(lambda x: 2 * x) is None
        assert "changed its input x" in " ".join(task.problem(in_place))
    assert len(asked) == 2

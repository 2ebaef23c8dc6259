"""Every unit's checks on every answer that we know: right ones pass, wrong ones are named, odd ones break nothing."""

import ast
import copy

import numpy as np
import pytest

from autograder.engine.unit import withheld
from introdl.checks.compare import identical
from introdl.checks.outcome import observe
from introdl.checks.prove import COURSE, answers, prove, units
from introdl.checks.task import MOST_LINES, CheckFailed

UNITS = units()
TASKS = [(slug, task) for slug, unit in UNITS.items() for task in unit.tasks.values()]
each_unit = pytest.mark.parametrize("slug", UNITS)
each_task = pytest.mark.parametrize(("slug", "task"), TASKS, ids=[f"{slug}-{task.name}" for slug, task in TASKS])


@pytest.fixture(scope="module")
def references():
    """{slug: namespace with the reference solutions and the alternatives}."""
    found = {}
    for slug, unit in UNITS.items():
        found[slug] = {"__name__": "answers"}
        exec(compile(answers(unit), f"<answers {slug}>", "exec"), found[slug])
    return found


@pytest.mark.slow
@each_unit
def test_right_answers_pass_and_mistakes_are_named_here_and_in_a_child_process(slug):
    proofs = list(prove(UNITS[slug]))
    print("mean kill rate", np.mean([proof.killed / proof.mistakes for proof in proofs]))
    assert [problem for proof in proofs for problem in proof.problems] == []
    assert all(proof.killed == proof.recognised == proof.mistakes for proof in proofs)
    assert all(proof.alternatives == proof.accepted for proof in proofs)


@each_task
def test_a_task_declares_what_a_learner_needs(slug, task, references):
    assert len(task.mistakes) >= 3
    assert len({mistake.sentence for mistake in task.mistakes}) == len(task.mistakes)
    assert any(name.startswith(task.name + "__") for name in references[slug]), "no alternative"
    assert len(task.hints) == 3 and all(task.hints)
    assert task.oracle or task.judge
    assert all(len(args) == len(task.args) for args in task.make_cases())


@each_task
def test_cases_are_the_same_for_everyone_and_fresh_for_a_class(slug, task, monkeypatch):
    monkeypatch.delenv("INTRODL_SEED", raising=False)
    first, again = task.make_cases(), task.make_cases()
    assert all(identical(a, b) for a, b in zip(first, again, strict=True))
    monkeypatch.setenv("INTRODL_SEED", "12345")
    fresh = task.make_cases()
    assert len(fresh) != len(first) or not all(identical(a, b) for a, b in zip(fresh, first, strict=True))


@each_task
def test_the_reference_passes_under_other_grading_seeds(slug, task, references, monkeypatch):
    for seed in ("1", "2", "987654321"):
        monkeypatch.setenv("INTRODL_SEED", seed)
        assert task.problem(references[slug][task.name]) is None


@each_task
def test_the_judges_leave_the_cases_as_they_are(slug, task, references):
    for args in task.make_cases():
        before = copy.deepcopy(args)
        task.fault(args, observe(task.run, references[slug][task.name], task.args, args, task.seconds, None))
        assert identical(args, before)


SPOILT = {
    "None": lambda value: None,
    "zero": lambda value: 0,
    "a constant": lambda value: 1.7,
    "a text": lambda value: "42",
    "an empty list": lambda value: [],
    "a list of nonsense": lambda value: [None, "x", {}],
    "zeros": lambda value: np.zeros(np.shape(value) if isinstance(value, (np.ndarray, float, int)) else 3),
    "another shape": lambda value: np.ones((2, 3, 4)),
    "NaN": lambda value: np.full(np.shape(value) if isinstance(value, (np.ndarray, float, int)) else 3, np.nan),
    "an object": lambda value: object(),
}


@each_task
@pytest.mark.parametrize("kind", SPOILT)
def test_a_bad_return_scores_nothing_and_breaks_nothing(slug, task, kind, references):
    def spoilt(*args, **kwargs):
        return SPOILT[kind](_of_class(references[slug][task.name], args, kwargs))

    said = task.problem(spoilt)
    assert said is not None and len(said) < MOST_LINES
    assert all("introdl/checks" not in line for line in said)


def _of_class(reference, args, kwargs):
    """Call the reference; a class is not worth calling, only its kind of answer matters."""
    return None if isinstance(reference, type) else reference(*copy.deepcopy(args), **kwargs)


@each_task
@pytest.mark.parametrize("answer", [None, 3, "relu", [], NotImplemented, object()], ids=lambda a: type(a).__name__)
def test_what_is_not_a_function_is_told_apart(slug, task, answer):
    assert task.problem(answer)


@each_task
def test_the_untouched_stub_fails_with_what_to_do(slug, task):
    def stub(*args):
        raise NotImplementedError()

    with pytest.raises(CheckFailed, match="Replace `raise NotImplementedError"):
        task(stub)


@each_unit
def test_exercises_and_checks_hold_the_same_tasks(slug):
    text = (COURSE.parent / "solutions" / slug / "exercises.py").read_text()
    called = [
        node.func.attr
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "check"
    ]
    assert [name for name in called if name not in ("hint", "model_answer")] == list(UNITS[slug].tasks)


@each_unit
def test_what_a_unit_withholds_is_read_without_importing_its_checks(slug, monkeypatch):
    monkeypatch.setattr("autograder.engine.unit.importlib.import_module", lambda name: 1 / 0)
    assert withheld([f"introdl.checks.{slug[3:]}"]) == UNITS[slug].withheld

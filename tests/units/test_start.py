"""Unit 00's demonstration: the check that the lesson fails once, on purpose, and then passes."""

import pytest

from introdl.checks import start
from introdl.checks.task import CheckFailed


def right(fahrenheit):
    return (fahrenheit - 32) / 1.8


def test_a_right_answer_passes(capsys):
    start.celsius(right)
    assert "right on all" in capsys.readouterr().out


@pytest.mark.parametrize("mistake", start.celsius.mistakes, ids=lambda mistake: mistake.answer.__name__)
def test_each_mistake_is_named_by_its_own_sentence(mistake):
    with pytest.raises(CheckFailed) as failed:
        start.celsius(mistake.answer)
    assert mistake.sentence in " ".join(str(failed.value).split())


def test_its_hints_open_although_it_is_no_task_of_the_exercises(capsys):
    start.hint("celsius")
    assert "Hint 1 of 3" in capsys.readouterr().out
    assert "celsius" not in start.unit.tasks

"""Unit 22's capstone: the budget is kept, and the bars tell a plain training from one that knows both scanners."""

import importlib

import numpy as np
import pytest

from introdl.checks import practice
from introdl.checks.prove import answers

capstone = importlib.import_module("introdl.checks.practice.ship")


def said(answer) -> str:
    return " ".join(practice.ship.problem(answer))


def test_more_batches_than_the_budget_are_refused_in_a_sentence():
    def greedy(draw, X_val, y_val, scanner_val, X_new):
        for _ in range(capstone.NUM_STEPS + 1):
            draw()
        return np.zeros(len(X_new), dtype=int)

    assert "more than 300 batches" in said(greedy)


def test_an_error_of_the_learners_own_is_told_as_it_is():
    def broken(draw, X_val, y_val, scanner_val, X_new):
        raise RuntimeError("shapes do not fit")

    assert "shapes do not fit" in said(broken)


def test_who_never_draws_is_told_so():
    assert "You drew no batch" in said(lambda draw, X_val, y_val, scanner_val, X_new: np.ones(len(X_new), dtype=int))


@pytest.mark.slow
def test_the_bars_leave_room_for_the_reference_and_none_for_a_plain_training():
    right: dict = {"__name__": "answers"}
    exec(compile(answers(practice.unit), "<answers>", "exec"), right)

    def shares(answer, seed):
        labels, new = capstone.shipped(answer, seed)["labels"], capstone.scans(seed)[2]
        return [np.mean((np.asarray(labels) == new.y)[new.scanner == scanner]) for scanner in capstone.BARS]

    bars = np.array(list(capstone.BARS.values()))
    for seed in (11, 12, 13):
        n = len(capstone.scans(seed)[2].y) / 2
        reference = np.array(shares(right["ship"], seed))
        assert (reference - bars > 1.5 * np.sqrt(reference * (1 - reference) / n)).all(), reference
    plain = [shares(lambda *args: capstone._shipped(*args, num_steps=300), seed)[1] for seed in (11, 12, 13)]
    assert np.mean(plain) < capstone.BARS[1] - 0.02, plain

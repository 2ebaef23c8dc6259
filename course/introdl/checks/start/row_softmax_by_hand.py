"""Task of unit 00: the softmax of each row."""

import math

import numpy as np
from scipy import special

from introdl.checks.task import Task


def score_tables(rng):
    yield (np.array([[0.0, 0.0], [0.0, math.log(3.0)], [1.0, -1.0]]),)
    yield (np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 4.0]]),)  # as many rows as columns
    for shape in [(1, 4), (6, 3), (2, 10), (4, 1)]:
        yield (2 * rng.normal(size=shape),)
    yield (10 * rng.normal(size=(3, 4)),)
    yield (rng.integers(-3, 4, size=(5, 3)),)
    yield (np.zeros((0, 3)),)


row_softmax_by_hand = Task(
    "row_softmax_by_hand",
    ("scores",),
    score_tables,
    oracle=lambda scores: special.softmax(scores, axis=1),
    hints=(
        "There are two steps: make every number positive without changing their order, then make each row add up to 1.",
        "np.exp works on the whole table. Sum it along the axis that must disappear, but keep that axis with "
        "length 1, so that the sums stand in a column beside the rows.",
        "e = np.exp(scores); return e / e.sum(axis=..., keepdims=...)",
    ),
)


@row_softmax_by_hand.mistake(
    "Your columns add up to 1. You summed over the examples (axis 0); each row is one example, so sum along axis 1."
)
def over_columns(scores):
    e = np.exp(scores)
    return e / e.sum(axis=0, keepdims=True)


@row_softmax_by_hand.mistake(
    "Your sums have shape (N,), and broadcasting aligns from the right: they were "
    "matched with the columns, not with the rows. keepdims=True makes them a column "
    "of shape (N, 1)."
)
def sums_not_kept(scores):
    e = np.exp(scores)
    return e / e.sum(axis=1)


@row_softmax_by_hand.mistake(
    "The whole table adds up to 1. Every row is a decision of its own and must add up to 1 by itself."
)
def over_everything(scores):
    e = np.exp(scores)
    return e / e.sum()


@row_softmax_by_hand.mistake(
    "You divided the scores themselves by their sum. Scores may be negative or add up to 0: take exp first."
)
def without_exp(scores):
    return scores / scores.sum(axis=1, keepdims=True)


@row_softmax_by_hand.mistake("These are the exponentials. The second step is missing: divide each row by its sum.")
def not_divided(scores):
    return np.exp(scores)


@row_softmax_by_hand.mistake("You used powers of 2. Softmax takes powers of e: np.exp.")
def powers_of_two(scores):
    e = 2.0**scores
    return e / e.sum(axis=1, keepdims=True)


@row_softmax_by_hand.mistake(
    "Your loop writes the results into `scores`, the table that you were given, and "
    "its owner loses the scores. Put them into a new array."
)
def written_back(scores):
    for i in range(len(scores)):
        scores[i] = np.exp(scores[i]) / np.exp(scores[i]).sum()
    return scores


@row_softmax_by_hand.mistake(
    "`scores -= ...` changes the table that you were given. Write scores = scores - ..., which makes a new one."
)
def shifted_in_place(scores):
    scores -= scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)

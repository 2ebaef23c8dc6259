"""Task of unit 02: a network's answers, and how sure it is of each."""

import math

import numpy as np

from introdl import data
from introdl.checks.networks.forward import network, one_number_at_a_time
from introdl.checks.task import Task
from introdl.checks.variant import changed


def questions(rng):
    yield (
        np.array([[1.0, 0.0], [0.0, 2.0], [2.0, 2.0]]),
        [(np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2)), (np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.0, 0.5]))],
    )
    for N, sizes in [(4, (3, 4)), (5, (3, 6, 5)), (3, (2, 4, 3)), (1, (4, 5, 5, 2))]:
        yield rng.normal(size=(N, sizes[0])), network(rng, *sizes)
    yield rng.normal(size=(4, 2)), [(np.zeros((2, 3)), np.zeros(3))]  # all logits equal: the first class answers
    yield 5000 * rng.normal(size=(4, 3)), network(rng, 3, 5, 3)  # features that nobody scaled
    digits = data.mnist5k()
    some = rng.permutation(len(digits.X_train))[:6]
    yield digits.X_train[some].astype(float), network(rng, 784, 8, 10)


def by_comparing(X, params):
    """The first class that no other beats, and 1 / (sum of the odds against it)."""
    y_hat, confidence = [], []
    for row in one_number_at_a_time(X, params).tolist():
        best = max(row)
        y_hat.append(row.index(best))
        confidence.append(1 / math.fsum(math.exp(z - best) for z in row))
    return np.array(y_hat, dtype=int), np.array(confidence)


predict = Task(
    "predict",
    ("X", "params"),
    questions,
    by_comparing,
    hints=(
        "You have all the pieces: from X to logits, from logits to probabilities. Two questions to each row of "
        "probabilities: where is the largest, and how large is it?",
        "argmax answers where, max answers how large. Both need the axis along which one example's classes lie.",
        "p = softmax(forward(...)); return p.argmax(axis=...), p.max(axis=...)",
    ),
)


def _answer(
    X, params, *, axis=1, softmax_axis=1, after=lambda Z: Z, where=None, how_sure=None, order=1, bend=True
):
    """Answers with one thing done differently; the mistakes below say which."""
    A = X
    for k, (W, b) in enumerate(params):
        A = A @ W + b
        if k < len(params) - 1 and bend:
            A = np.maximum(A, 0)
    A = after(A)
    p = np.exp(A - A.max(axis=softmax_axis, keepdims=True))
    p /= p.sum(axis=softmax_axis, keepdims=True)
    results = (where(A, p) if where else p.argmax(axis=axis)), (how_sure(A, p) if how_sure else p.max(axis=axis))
    return results[::order]


for _name, (_sentence, _change) in {
    "winners_of_columns": (
        "You looked for the largest entry of each column, over the batch. Each example is a row: axis=1.",
        {"axis": 0},
    ),
    "logit_as_confidence": (
        "Your second result is the largest logit. A logit is a score: apply softmax to get a probability.",
        {"how_sure": lambda A, p: A.max(axis=1)},
    ),
    "softmax_over_batch": (
        "Your softmax runs over the batch, so an answer depends on the other examples. Use axis 1.",
        {"softmax_axis": 0},
    ),
    "all_probabilities": (
        "Your second result holds all probabilities. Return the one of the answer, a number for each example.",
        {"how_sure": lambda A, p: p},
    ),
    "other_order": ("The results are right but swapped. Return the answers first (a convention).", {"order": -1}),
    "bent_logits": (
        "Your logits passed a ReLU: negative ones became equal. Use your forward, which has none at the end.",
        {"after": lambda A: np.maximum(A, 0)},
    ),
    "never_bent": ("The ReLU between the layers is missing. Use your forward.", {"bend": False}),
    "counted_from_one": (
        "Your classes count from 1. Labels count from 0, and so does argmax: add nothing.",
        {"where": lambda A, p: p.argmax(axis=1) + 1},
    ),
    "place_in_the_batch": (
        "argmax without an axis gives one place in the whole batch. Each example has its own answer: axis=1.",
        {"where": lambda A, p: p.argmax()},
    ),
    "least_probable": (
        "You chose the least probable class. Use argmax, not argmin.",
        {"where": lambda A, p: p.argmin(axis=1)},
    ),
    "one_hot_answers": (
        "Your answers are rows with a single 1. Return the number of the class: argmax gives it.",
        {"where": lambda A, p: np.eye(p.shape[1])[p.argmax(axis=1)]},
    ),
    "last_of_equals": (
        "Where probabilities are equal, the first class answers (a convention, and what argmax does).",
        {"where": lambda A, p: p.shape[1] - 1 - p[:, ::-1].argmax(axis=1)},
    ),
}.items():
    predict.mistake(_sentence)(changed(_answer, _name, **_change))


@predict.mistake("exp overflows for features that nobody scaled. Use your softmax, which subtracts the maximum.")
def overflowing(X, params):
    A = X
    for k, (W, b) in enumerate(params):
        A = A @ W + b
        A = np.maximum(A, 0) if k < len(params) - 1 else A
    p = np.exp(A)
    p = p / p.sum(axis=1, keepdims=True)
    return p.argmax(axis=1), p.max(axis=1)

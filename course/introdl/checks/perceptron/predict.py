"""Task of unit 01: the class of each example: a weighted sum and a step."""

import numpy as np

from introdl.checks.perceptron.weighted_sum import sum_by_hand
from introdl.checks.task import Task


def boundaries(rng):
    yield np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([1.0, 1.0]), -1.5
    yield np.array([[0.0, 0.0], [2.0, 1.0], [1.0, 2.0], [1.0, 1.0]]), np.array([1.0, -1.0]), 0.0
    for shape in [(20, 2), (20, 5), (1, 3), (12, 1)]:
        yield rng.normal(size=shape), rng.normal(size=shape[1]), float(rng.normal())
    yield np.zeros((0, 2)), np.array([1.0, 2.0]), 0.0


def decide_one_by_one(X, w, b):
    return np.array([1 if total >= 0 else 0 for total in sum_by_hand(X, w, b)])


predict = Task(
    "predict",
    ("X", "w", "b"),
    boundaries,
    decide_one_by_one,
    hints=(
        "You have written both halves of the neuron already.",
        "First the weighted sums of the batch, then the step of those sums.",
        "return step(...)",
    ),
)


@predict.mistake("These are the weighted sums: you forgot the step, which turns each into a decision, 0 or 1.")
def no_step(X, w, b):
    return X @ w + b


@predict.mistake("You left the bias out, so every boundary passes through the origin.")
def boundary_through_origin(X, w, b):
    return (X @ w >= 0).astype(int)


@predict.mistake("Points on the boundary (sum exactly 0) belong to class 1: use your own step, with >=.")
def boundary_to_class_zero(X, w, b):
    return (X @ w + b > 0).astype(int)


@predict.mistake("You subtracted the bias. A threshold is subtracted, a bias is added: b = -threshold.")
def bias_as_threshold(X, w, b):
    return (X @ w - b >= 0).astype(int)

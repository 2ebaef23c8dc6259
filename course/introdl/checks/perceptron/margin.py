"""Task of unit 01: the distance from a boundary to the nearest example."""

import math

import numpy as np

from introdl.checks.perceptron.weighted_sum import sum_by_hand
from introdl.checks.task import Task


def separations(rng):
    yield np.array([[2.0, 0.0], [0.0, 0.0], [3.0, 5.0]]), np.array([1, 0, 1]), np.array([3.0, 0.0]), -3.0
    for N, D in [(8, 2), (15, 3), (1, 4), (6, 1)]:
        X, w, b = rng.normal(size=(N, D)), 3 * rng.normal(size=D), float(rng.normal())
        yield X, (X @ w + b >= 0).astype(int), w, b
    yield rng.normal(size=(9, 2)), np.array([0, 1, 0] * 3), rng.normal(size=2), 0.3  # some on the wrong side


def smallest_distance(X, y, w, b):
    length = math.hypot(*w)
    return min((total if label == 1 else -total) / length for total, label in zip(sum_by_hand(X, w, b), y, strict=True))


margin = Task(
    "margin",
    ("X", "y", "w", "b"),
    separations,
    smallest_distance,
    hints=(
        "The distance of a point from the boundary is its weighted sum divided by the length of w.",
        "Give each distance the sign + on its right side and - on the wrong one: 2 * y - 1 is "
        "+1 for class 1 and -1 for class 0.",
        "signed = (2 * y - 1) * (X @ w + b) / np.linalg.norm(w), and then the smallest of these, as a float",
    ),
)


@margin.mistake(
    "Divide by the length of w. Without it the margin doubles when w and b double, although the boundary stays "
    "where it is."
)
def not_divided(X, y, w, b):
    return float(((2 * y - 1) * (X @ w + b)).min())


@margin.mistake(
    "You took absolute distances. A point on the wrong side counts as negative: that is how a margin tells whether "
    "the boundary separates at all."
)
def absolute(X, y, w, b):
    return float((np.abs(X @ w + b) / np.linalg.norm(w)).min())


@margin.mistake("This is the mean distance. The margin is the distance of the closest point: the smallest one.")
def mean_distance(X, y, w, b):
    return float(((2 * y - 1) * (X @ w + b) / np.linalg.norm(w)).mean())


@margin.mistake("Labels 0 and 1 as factors erase class 0. Turn them into -1 and +1 first: 2 * y - 1.")
def labels_as_signs(X, y, w, b):
    return float((y * (X @ w + b) / np.linalg.norm(w)).min())


@margin.mistake("You divided by the squared length of w. The distance is the sum divided by the length itself.")
def squared_length(X, y, w, b):
    return float(((2 * y - 1) * (X @ w + b) / (w @ w)).min())

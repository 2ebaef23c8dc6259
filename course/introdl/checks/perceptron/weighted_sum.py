"""Task of unit 01: the weighted sum of each example."""

import math

import numpy as np

from introdl.checks.task import Task


def batches(rng):
    yield np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([10.0, -1.0]), 0.5
    for shape in [(1, 3), (4, 4), (7, 2), (5, 1)]:
        yield rng.normal(size=shape), rng.normal(size=shape[1]), float(rng.normal())
    yield rng.integers(-9, 9, size=(6, 3)), rng.integers(1, 9, size=3), 2.0
    yield 1e8 * rng.normal(size=(3, 5)), rng.normal(size=5), float(rng.normal())
    yield np.zeros((0, 4)), rng.normal(size=4), 1.0


def sum_by_hand(X, w, b):
    return np.array(
        [math.fsum([b, *(float(x) * float(weight) for x, weight in zip(row, w, strict=True))]) for row in X]
    )


weighted_sum = Task(
    "weighted_sum",
    ("X", "w", "b"),
    batches,
    sum_by_hand,
    atol=1e-7,
    terms={"the bias b": lambda X, w, b: np.full(len(X), b)},
    hints=(
        "One example is one row of X. Multiply each of its D entries by the weight of the same "
        "place, add the products, "
        "then add b once.",
        "The matrix product does this for all rows at once: (N, D) times (D,) gives (N,).",
        "return X @ ... + ...",
    ),
)


@weighted_sum.mistake(
    "The bias b is missing: a neuron adds it to every weighted sum, so its boundary need not pass through the origin."
)
def without_bias(X, w, b):
    return X @ w


@weighted_sum.mistake(
    "You added the bias once per feature. It belongs to the neuron, not to a feature: add it once, after the sum."
)
def bias_per_feature(X, w, b):
    return (X * w + b).sum(axis=1)


@weighted_sum.mistake(
    "You summed over the examples (axis 0). Each example gets a sum of its own: sum over its features (axis 1)."
)
def sum_over_examples(X, w, b):
    return (X * w).sum(axis=0) + b


@weighted_sum.mistake(
    "You averaged over the features. A neuron adds up: with a mean, each new feature would weaken all the others."
)
def mean_over_features(X, w, b):
    return (X * w).sum(axis=1) / max(X.shape[1], 1) + b


@weighted_sum.mistake(
    "Your result is a column of shape (N, 1). One number per example has shape (N,): multiply by w itself, "
    "not by w as a column."
)
def column(X, w, b):
    return X @ w[:, None] + b

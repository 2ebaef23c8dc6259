"""Task of unit 04: hidden units whose ReLU is off for every example."""

import numpy as np

from introdl import data
from introdl.checks.task import Task
from introdl.checks.variant import changed


def network(rng, *sizes, low=0.0):
    """Weights and biases; the biases of hidden layers are lowered by `low`, so that some units may be dead."""
    return [
        (rng.normal(size=(D, C)) / np.sqrt(D), rng.normal(size=C) - low) for D, C in zip(sizes, sizes[1:], strict=False)
    ]


def questions(rng):
    first = (np.array([[1.0, -1.0, -2.0]]), np.array([0.0, 1.5, 1.0]))
    yield np.array([[1.0], [2.0]]), [first, (np.ones((3, 2)), np.zeros(2))]
    for N, sizes, low in [(3, (3, 6, 2), 1.0), (6, (2, 6, 6, 3), 1.0), (5, (3, 5, 4, 6, 2), 0.5), (1, (4, 6, 2), 0.0)]:
        yield rng.normal(size=(N, sizes[0])), network(rng, *sizes, low=low)
    yield rng.normal(size=(4, 4)), network(rng, 4, 4, 4, 4, low=1.0)  # everything square
    yield rng.normal(size=(4, 3)), [(np.zeros((3, 4)), np.array([0.0, 1.0, -1.0, 0.0])), (np.ones((4, 2)), np.zeros(2))]
    yield rng.normal(size=(4, 3)), network(rng, 3, 2)  # no hidden layer
    yield np.array([[10.0], [-1.0], [-1.0]]), [  # mostly negative, and yet alive
        (np.array([[0.1, -1.0, 1.0]]), np.array([-0.5, -5.0, -20.0])),
        (np.array([[1.0, -1.0], [1.0, -1.0], [1.0, 5.0]]), np.array([-0.4, 0.0])),
        (np.ones((2, 2)), np.zeros(2)),
    ]
    digits = data.mnist5k()
    some = rng.permutation(len(digits.X_train))[:30]
    yield digits.X_train[some].astype(float), network(rng, 784, 12, 8, 10, low=0.3)


def one_by_one(X, params):
    """Each unit of each hidden layer, example after example: dead until one of them gets a positive sum."""
    dead, rows = [], [list(map(float, x)) for x in X]
    for W, b in params[:-1]:
        sums = [[float(np.dot(row, W[:, c])) + float(b[c]) for c in range(len(b))] for row in rows]
        dead.append(np.array([not any(row[c] > 0 for row in sums) for c in range(len(b))]))
        rows = [[max(z, 0.0) for z in row] for row in sums]
    return dead


dead_units = Task(
    "dead_units",
    ("X", "params"),
    questions,
    one_by_one,
    hints=(
        "Run the network forward, layer by layer, without the last one. After each layer you have a slope for each "
        "example and each unit.",
        "A column of the slopes belongs to one unit. It is dead if all entries of the column are 0: all, along the "
        "axis of the examples. The values A go into the next layer.",
        "for W, b in params[:-1]: X, slope = relu(...); dead.append((slope == 0).all(axis=...))",
    ),
)


def _find(X, params, *, judge=lambda Z: (Z <= 0).all(axis=0), bend=lambda Z: np.maximum(Z, 0), last=-1, bias=1):
    """Look for dead units with one thing done differently; the mistakes below say which."""
    dead, A = [], X
    for W, b in params[:last]:
        Z = A @ W + bias * b
        dead.append(judge(Z))
        A = bend(Z)
    return dead


for _name, (_sentence, _change) in {
    "negative_mean": (
        "You call a unit dead if the mean of its sums is negative. It lives as long as one example gives it a positive "
        "sum: ask all of them, not their mean.",
        {"judge": lambda Z: Z.mean(axis=0) <= 0},
    ),
    "negative_mean_strictly": (
        "You call a unit dead if the mean of its sums is below 0. It lives as long as one example gives it a positive "
        "sum: ask all of them, not their mean.",
        {"judge": lambda Z: Z.mean(axis=0) < 0},
    ),
    "whole_layer": (
        "You have one answer for the whole layer. Each unit is dead or alive on its own: .all(axis=0).",
        {"judge": lambda Z: (Z <= 0).all()},
    ),
    "any_example": (
        "You call a unit dead if any example switches it off. Every healthy ReLU is off for some: dead means off "
        "for all.",
        {"judge": lambda Z: (Z <= 0).any(axis=0)},
    ),
    "mostly_off": (
        "You call a unit dead if it is off for more than half of the examples. Dead means off for all of them.",
        {"judge": lambda Z: (Z <= 0).mean(axis=0) > 0.5},
    ),
    "first_example": (
        "You looked at the first example only. A unit is dead if it is off for all: .all(axis=0).",
        {"judge": lambda Z: Z[0] <= 0},
    ),
    "examples_for_units": (
        "You have one answer for each example. Columns are units, rows are examples: go down the rows, axis 0.",
        {"judge": lambda Z: (Z <= 0).all(axis=1)},
    ),
    "below_zero_only": (
        "A unit whose sums are exactly 0 has slope 0, too (the convention of `relu`), so it is dead: <= 0, not < 0.",
        {"judge": lambda Z: (Z < 0).all(axis=0)},
    ),
    "the_living": (
        "True and False are swapped: you marked the units that are alive.",
        {"judge": lambda Z: (Z > 0).any(axis=0)},
    ),
    "counts": (
        "You counted the dead units. Return which they are: a boolean array for each hidden layer.",
        {"judge": lambda Z: int((Z <= 0).all(axis=0).sum())},
    ),
    "shares": (
        "You returned the share of dead units. Return which they are: a boolean array for each hidden layer.",
        {"judge": lambda Z: float((Z <= 0).all(axis=0).mean())},
    ),
    "each_example_apart": (
        "You returned an answer for each example and unit, (N, units). One answer a unit is wanted: .all(axis=0).",
        {"judge": lambda Z: Z <= 0},
    ),
    "output_layer_too": (
        "You judged the output layer, too. It has no ReLU, so its units cannot die: stop before it.",
        {"last": None},
    ),
    "never_bent": (
        "The next layer reads the sums instead of the ReLU's values. Hand A on, not Z.",
        {"bend": lambda Z: Z},
    ),
    "biases_forgotten": (
        "The biases are missing: each layer's sums are X @ W + b. A low bias is how most units die.",
        {"bias": 0},
    ),
    "slopes_handed_on": (
        "The next layer reads the slopes instead of the values: relu returns (A, slope), in this order.",
        {"bend": lambda Z: (Z > 0).astype(float)},
    ),
}.items():
    dead_units.mistake(_sentence)(changed(_find, _name, **_change))


@dead_units.mistake("You looked at the weights. Whether a unit is dead depends on the examples, too: compute its sums.")
def negative_weights(X, params):
    return [(W <= 0).all(axis=0) & (b <= 0) for W, b in params[:-1]]


@dead_units.mistake("You returned the first hidden layer only. Return a list with an array for each hidden layer.")
def first_layer_only(X, params):
    return _find(X, params[:2])

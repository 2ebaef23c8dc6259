"""Task of unit 02: all neurons of a layer for all examples of a batch."""

import math

import numpy as np

from introdl.checks.task import Task


def layers(rng):
    yield (
        np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.0]]),
        np.array([[1.0, 0.0, 2.0, 1.0], [0.0, 1.0, -1.0, 1.0]]),
        np.array([10.0, 20.0, 30.0, 40.0]),
    )
    for N, D, C in [(4, 3, 4), (3, 3, 3), (1, 4, 2), (6, 1, 5), (5, 4, 1), (5, 3, 3), (2, 6, 4)]:
        yield rng.normal(size=(N, D)), rng.normal(size=(D, C)), rng.normal(size=C)
    yield rng.integers(-9, 9, size=(4, 2)), rng.integers(1, 9, size=(2, 3)), rng.integers(1, 9, size=3)
    yield np.zeros((0, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)  # an empty batch


def neuron_by_neuron(X, W, b):
    """One sum for each example and each neuron, added up without rounding on the way."""
    (N, D), C = X.shape, W.shape[1]
    Y = np.zeros((N, C))
    for n, c in np.ndindex(N, C):
        Y[n, c] = math.fsum([float(b[c]), *(float(X[n, d]) * float(W[d, c]) for d in range(D))])
    return Y


dense = Task(
    "dense",
    ("X", "W", "b"),
    layers,
    neuron_by_neuron,
    terms={"the bias b": lambda X, W, b: np.tile(b, (len(X), 1))},
    hints=(
        "Look at the shapes: (N, D) and (D, C) are given, (N, C) is wanted. Which product does that?",
        "The matrix product X @ W holds all weighted sums. The bias, (C,), has one entry for each column of it: "
        "broadcasting adds it to every row.",
        "return X @ ... + ...",
    ),
)


@dense.mistake("The bias is missing. Each neuron adds its own to the weighted sum.")
def without_bias(X, W, b):
    return X @ W


@dense.mistake(
    "You added one bias per row. A bias belongs to a neuron, and neurons are columns: add b itself, not a "
    "column made of b. With as many examples as neurons nothing complains."
)
def bias_per_row(X, W, b):
    return X @ W + b[:, None]


@dense.mistake("This is the product entry by entry. A layer adds up over its inputs: use @ instead of *.")
def entry_by_entry(X, W, b):
    return X * W + b


@dense.mistake(
    "W is transposed. Its shape (D, C) fits X as it is: one row for each input, one column for each neuron."
)
def transposed_weights(X, W, b):
    return X @ W.T + b


@dense.mistake("You added the bias once per input. It belongs to the neuron: add it once, after the sum.")
def bias_per_input(X, W, b):
    return X @ W + X.shape[1] * b


@dense.mistake("Your result has a column for each example. In this course examples are rows: shape (N, C).")
def examples_in_columns(X, W, b):
    return W.T @ X.T + b[:, None]


@dense.mistake("Sums below 0 are cut off. That is the ReLU, which comes after the dense layer: return the sums.")
def bent_already(X, W, b):
    return np.maximum(X @ W + b, 0)


@dense.mistake("You averaged over the inputs. A neuron adds up: use the sum.")
def mean_over_inputs(X, W, b):
    return X @ W / max(X.shape[1], 1) + b

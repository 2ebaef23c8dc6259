"""Task of unit 05: the size of the signal after each layer of a ReLU network."""

import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def networks(rng):
    yield np.array([[1.0, 2.0]]), [np.array([[1.0, -1.0], [1.0, 0.0]])]
    yield np.array([[1.0, 2.0]]), [np.array([[1.0, -1.0], [1.0, 0.0]]), np.array([[2.0], [5.0]])]
    for sizes, std in [((6, 8, 8, 4), 0.5), ((5, 20, 20, 20), 0.32), ((3, 4), 2.0), ((4, 6, 6, 6, 6, 2), 0.1)]:
        weights = [rng.normal(0, std, size=shape) for shape in zip(sizes, sizes[1:], strict=False)]
        yield rng.normal(0.5, 1, size=(7, sizes[0])), weights


def entry_by_entry(X, weights):
    """Every neuron of every example alone."""
    rows, sizes = X.tolist(), []
    for W in weights:
        sums = [[math.fsum(x * w for x, w in zip(row, column, strict=True)) for column in W.T] for row in rows]
        rows = [[max(z, 0.0) for z in row] for row in sums]
        values = [a * a for row in rows for a in row]
        sizes.append(math.fsum(values) / len(values))
    return sizes


signal_sizes = Task(
    "signal_sizes",
    ("X", "weights"),
    networks,
    entry_by_entry,
    hints=(
        "Go through the layers as a forward pass does: product, ReLU, next layer. Note one number after each ReLU.",
        "The number is the mean of the squares of all entries of A, whatever their mean: np.mean(A**2).",
        "for W in weights: A = np.maximum(A @ ..., 0); sizes.append(np.mean(...))",
    ),
)


def _sizes(
    X, weights, *, bend=lambda Z: np.maximum(Z, 0), measure=lambda A: np.mean(A**2), of_sums=False, first=False, skip=0
):
    """The sizes with one thing done differently; the mistakes below say which."""
    A, sizes = X, [measure(X)] if first else []
    for W in weights:
        Z = A @ W
        A = bend(Z)
        sizes.append(measure(Z if of_sums else A))
    return [float(size) for size in sizes[skip:]]


def always_the_input(X, weights):
    return [float(np.mean(np.maximum(X @ W, 0) ** 2)) if len(W) == X.shape[1] else 0.0 for W in weights]


for _sentence, _answer in {
    "You took the variance, which subtracts the mean. ReLU's values have a mean above 0, and the next layer hears it, "
    "too: take the mean of the squares.": changed(_sizes, "variance", measure=np.var),
    "You took the root. The task asks for the mean square (the formula n * var(w) / 2 is about squares).": changed(
        _sizes, "root", measure=lambda A: np.sqrt(np.mean(A**2))
    ),
    "That is the standard deviation. The task asks for the mean of the squares.": changed(
        _sizes, "standard_deviation", measure=np.std
    ),
    "You took the mean of the values. Positive and negative ones may cancel, and it is no size: square first.": changed(
        _sizes, "mean", measure=np.mean
    ),
    "You took the sum of the squares. A wider layer or a larger batch is no stronger signal: take the mean.": changed(
        _sizes, "sum_of_squares", measure=lambda A: np.sum(A**2)
    ),
    "The ReLU is missing: your network is linear. Apply np.maximum(..., 0) after each product.": changed(
        _sizes, "no_relu", bend=lambda Z: Z
    ),
    "You measure the sums before ReLU. Measure what ReLU lets through: that is what the next layer gets.": changed(
        _sizes, "before_relu", of_sums=True
    ),
    "Your list begins with the size of the input. It should have one number for each layer.": changed(
        _sizes, "input_first", first=True
    ),
    "Each layer of yours reads X again. It should read what the layer before it put out.": always_the_input,
}.items():
    signal_sizes.mistake(_sentence)(_answer)

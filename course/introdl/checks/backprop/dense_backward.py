"""Task of unit 03: the gradients of a dense layer, from those of its output."""

import numpy as np

from introdl.checks.task import Task


def layers(rng):
    yield (
        np.array([[1.0, 0.0], [1.0, 2.0]]),
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([[1.0, 5.0], [0.0, 2.0]]),
    )
    for N, D, C in [(4, 3, 2), (3, 3, 3), (1, 4, 2), (6, 1, 5), (5, 4, 1), (2, 5, 4)]:
        yield rng.normal(size=(N, C)), rng.normal(size=(N, D)), rng.normal(size=(D, C))
    yield 1e-6 * rng.normal(size=(7, 2)), 1e6 * rng.normal(size=(7, 3)), rng.normal(size=(3, 2))
    yield np.zeros((0, 3)), np.zeros((0, 2)), rng.normal(size=(2, 3))  # an empty batch changes no parameter


def sum_over_paths(dY, X, W):
    """Every path from an entry of X, W or b to an entry of Y, one at a time."""
    (N, D), C = X.shape, W.shape[1]
    dX, dW, db = np.zeros((N, D)), np.zeros((D, C)), np.zeros(C)
    for n, c in np.ndindex(N, C):
        db[c] += dY[n, c]
        for d in range(D):
            dX[n, d] += W[d, c] * dY[n, c]
            dW[d, c] += X[n, d] * dY[n, c]
    return dX, dW, db


dense_backward = Task(
    "dense_backward",
    ("dY", "X", "W"),
    layers,
    sum_over_paths,
    hints=(
        "Each slope has the shape of its own array: dX that of X, dW that of W, db that of the bias, (C,).",
        "From dY (N, C), X (N, D) and W (D, C) only one product gives (N, D) and only one gives (D, C). The "
        "bias meets every example with slope 1: add over the batch.",
        "dX = dY @ W.T, dW = ... @ dY, db = dY.sum(axis=...)",
    ),
)


@dense_backward.mistake(
    "db is not summed over the batch. All examples share one bias, so its slope is the sum of theirs: shape (C,)."
)
def bias_per_example(dY, X, W):
    return dY @ W.T, X.T @ dY, dY


@dense_backward.mistake(
    "db is summed over the wrong axis: add over the examples (axis 0), and keep one number per output."
)
def bias_over_outputs(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(axis=1)


@dense_backward.mistake(
    "The transpose in dX is missing. In a square layer the shapes still fit, which hides it: dX = dY @ W.T."
)
def no_transpose(dY, X, W):
    return dY @ W, X.T @ dY, dY.sum(axis=0)


@dense_backward.mistake("dW is transposed: it must have the shape (D, C) of W, so X.T stands on the left.")
def transposed_weights(dY, X, W):
    return dY @ W.T, dY.T @ X, dY.sum(axis=0)


@dense_backward.mistake(
    "You divided by the batch size here. The loss has already taken the mean, so dY "
    "carries the 1/N; a second one makes every step N times too short."
)
def divided_again(dY, X, W):
    return dY @ W.T, X.T @ dY / max(len(X), 1), dY.sum(axis=0) / max(len(X), 1)


@dense_backward.mistake("db is a mean over the batch. Slopes add over paths: use the sum.")
def bias_mean(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(axis=0) / max(len(X), 1)


@dense_backward.mistake("The results are right but in another order. Return dX, dW, db (a convention).")
def other_order(dY, X, W):
    return X.T @ dY, dY.sum(axis=0), dY @ W.T

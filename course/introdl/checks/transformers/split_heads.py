"""Task of unit 18: cut the features of each position into heads (split_heads)."""

import numpy as np

from introdl.checks.task import Task

SIZES = [(1, 2, 2, 2), (2, 3, 2, 4), (3, 4, 4, 1), (2, 5, 1, 3), (1, 4, 3, 2), (4, 2, 2, 3), (2, 1, 2, 2), (2, 3, 3, 3)]


def sequences(rng):
    for N, T, h, D_h in SIZES:
        yield rng.integers(-9, 10, size=(N, T, h * D_h)).astype(float), h


def by_slices(X, num_heads):
    """Head j gets the j-th stretch of features."""
    D_h = X.shape[2] // num_heads
    return np.stack([X[:, :, j * D_h : (j + 1) * D_h] for j in range(num_heads)], axis=1)


split_heads = Task(
    "split_heads",
    ("X", "num_heads"),
    sequences,
    by_slices,
    hints=(
        "Two steps. Cut the last axis into two; then bring the axis of the heads to the front of time.",
        "X.reshape(N, T, num_heads, D // num_heads) cuts the features of each position into stretches. Then "
        "swapaxes(1, 2) exchanges time and heads.",
        "N, T, D = X.shape; return X.reshape(N, T, ..., D // num_heads).swapaxes(..., ...)",
    ),
)


@split_heads.mistake(
    "Your heads are mixed with time: a reshape alone cuts each sequence into stretches of positions. Reshape the last "
    "axis to (num_heads, D / num_heads) first, then exchange the axes."
)
def only_reshape(X, num_heads):
    N, T, D = X.shape
    return X.reshape(N, num_heads, T, D // num_heads)


@split_heads.mistake("The heads stand behind time, (N, T, h, D / h). Exchange the two axes: (N, h, T, D / h).")
def not_exchanged(X, num_heads):
    N, T, D = X.shape
    return X.reshape(N, T, num_heads, D // num_heads)


@split_heads.mistake(
    "Each of your heads gets every h-th feature. A head gets a stretch of neighbours (a convention): reshape the last "
    "axis to (num_heads, D / num_heads), in this order."
)
def every_other(X, num_heads):
    N, T, D = X.shape
    return X.reshape(N, T, D // num_heads, num_heads).transpose(0, 3, 1, 2)


@split_heads.mistake("num_heads became the number of features of a head. It is the number of heads.")
def heads_as_features(X, num_heads):
    N, T, D = X.shape
    return X.reshape(N, T, D // num_heads, num_heads).swapaxes(1, 2)


@split_heads.mistake("Batch and heads are one axis in your result. They stay apart: (N, h, T, D / h).")
def in_the_batch(X, num_heads):
    N, h, T, D_h = (found := by_slices(X, num_heads)).shape
    return found.reshape(N * h, T, D_h)


@split_heads.mistake("The last two axes are exchanged: time comes before the features, (N, h, T, D / h).")
def features_before_time(X, num_heads):
    return by_slices(X, num_heads).swapaxes(2, 3)


@split_heads.mistake("The heads came to the front of the batch. The batch stays first: (N, h, T, D / h).")
def heads_first(X, num_heads):
    return by_slices(X, num_heads).swapaxes(0, 1)


@split_heads.mistake("Every head gets all features. They are divided among the heads, D / h for each.")
def copies(X, num_heads):
    return np.repeat(X[:, np.newaxis], num_heads, axis=1)

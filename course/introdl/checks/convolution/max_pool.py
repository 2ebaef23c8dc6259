"""Task of unit 09: the largest number of each window."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    yield np.array([[[[1.0, 3, 0, 0], [2, 9, 0, 1]]]]), 2
    yield np.arange(16.0).reshape(1, 1, 4, 4), 2
    yield -np.arange(1.0, 17).reshape(1, 1, 4, 4), 2
    for N, C, H, W, k in [(2, 3, 4, 6, 2), (1, 2, 6, 9, 3), (3, 2, 4, 4, 4), (2, 2, 3, 3, 1)]:
        yield rng.normal(size=(N, C, H, W)) - 1, k


def by_sorting(X, k):
    """The last of each window's sorted numbers."""
    N, C, H, W = X.shape
    Y = np.empty((N, C, H // k, W // k))
    for n, c, y, x in np.ndindex(Y.shape):
        Y[n, c, y, x] = sorted(X[n, c, y * k : y * k + k, x * k : x * k + k].ravel())[-1]
    return Y


max_pool = Task(
    "max_pool",
    ("X", "k"),
    batches,
    by_sorting,
    hints=(
        "The window for [y, x] begins at row y * k and column x * k. Loops over y and x are fine.",
        "Without loops: split the rows axis into (H / k, k) and the columns axis into (W / k, k) by one reshape, then "
        "take the maximum over the two axes of length k.",
        "X.reshape(N, C, H // k, k, W // k, k).max(axis=(..., ...))",
    ),
)


def _pooled(X, k, *, take=np.max, axes=(3, 5), split=lambda N, C, H, W, k: (N, C, H // k, k, W // k, k)):
    """Pooling with one thing done differently; the mistakes below say which."""
    N, C, H, W = X.shape
    return take(X.reshape(split(N, C, H, W, k)), axis=axes)


def overlapping(X, k):
    windows = np.lib.stride_tricks.sliding_window_view(X, (k, k), axis=(2, 3))
    return windows.max(axis=(4, 5))


def skips(X, k):
    return X[:, :, ::k, ::k].copy()


def over_channels(X, k):
    return np.repeat(_pooled(X, k).max(axis=1, keepdims=True), X.shape[1], axis=1)


def from_zero(X, k):
    return np.maximum(_pooled(X, k), 0)


def largest_of_size(X, k):
    high, low = _pooled(X, k), _pooled(X, k, take=np.min)
    return np.where(np.abs(low) > high, np.abs(low), high)


for _sentence, _answer in {
    "You take the mean: that is average pooling. Take the maximum.": changed(_pooled, "mean", take=np.mean),
    "You take the minimum. Take the maximum.": changed(_pooled, "minimum", take=np.min),
    "You take the sum. Take the maximum.": changed(_pooled, "sum", take=np.sum),
    "Your windows overlap: they move by one pixel. Here they stand side by side and move by k.": overlapping,
    "You keep the first pixel of each window. Keep the largest.": skips,
    "You take the maximum over the channels, too. Each channel is pooled by itself.": over_channels,
    "Your maximum never falls below 0, though a window may hold only negative numbers. Do not start from an array of "
    "zeros.": from_zero,
    "You look for the largest size, whatever the sign. Take the largest number: -1 is larger than -9.": (
        largest_of_size
    ),
    "Your reshape cuts the rows into pieces without regard to the columns, so your windows are not squares. Split each "
    "axis by itself: (N, C, H // k, k, W // k, k).": changed(
        _pooled, "scrambled", axes=(4, 5), split=lambda N, C, H, W, k: (N, C, H // k, W // k, k, k)
    ),
}.items():
    max_pool.mistake(_sentence)(_answer)

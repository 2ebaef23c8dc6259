"""Task of unit 09: the gradient of max pooling."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    yield np.array([[[[5.0, 7.0]]]]), np.array([[[[1.0, 3, 0, 0.5], [2, 9, 0.2, 1]]]]), 2
    yield np.array([[[[-2.0]]]]), np.array([[[[-4.0, -1], [-3, -2]]]]), 2
    for N, C, H, W, k in [(2, 3, 4, 6, 2), (1, 2, 6, 9, 3), (3, 2, 4, 4, 4), (2, 2, 3, 3, 1)]:
        yield rng.normal(size=(N, C, H // k, W // k)), rng.normal(size=(N, C, H, W)), k


def by_nudging(dY, X, k):
    """Central differences: which output moves, and by how much, when a pixel is nudged."""
    N, C, H, W = X.shape
    dX = np.empty(X.shape)
    for n, c, row, column in np.ndindex(X.shape):
        y, x = row // k, column // k
        window = X[n, c, y * k : y * k + k, x * k : x * k + k].copy()
        others = np.delete(window.ravel(), (row % k) * k + column % k)
        wins = not others.size or X[n, c, row, column] > others.max()
        dX[n, c, row, column] = dY[n, c, y, x] if wins else 0.0
    return dX


max_pool_backward = Task(
    "max_pool_backward",
    ("dY", "X", "k"),
    batches,
    by_nudging,
    hints=(
        "Start from zeros with the shape of X. In each window, one entry gets dY[n, c, y, x]. Which?",
        "The one that won. Find it with the window's argmax, or compare X with its maximum, repeated to the size of X.",
        "windows = X.reshape(N, C, H // k, k, W // k, k); largest = windows == windows.max(axis=(3, 5), keepdims=...); "
        "then largest * dY[:, :, :, np.newaxis, :, ...]",
    ),
)


def _back(dY, X, k, *, share=lambda windows: windows == windows.max(axis=(3, 5), keepdims=True), value=None):
    """The way back with one thing done differently; the mistakes below say which."""
    N, C, H, W = X.shape
    windows = X.reshape(N, C, H // k, k, W // k, k)
    slopes = dY[:, :, :, np.newaxis, :, np.newaxis]
    return ((slopes if value is None else value(slopes, windows)) * share(windows)).reshape(X.shape)


def _first(windows):
    chosen = np.zeros(windows.shape)
    chosen[:, :, :, 0, :, 0] = 1
    return chosen


def over_the_whole_map(dY, X, k):
    slopes = dY.repeat(k, axis=2).repeat(k, axis=3)
    return slopes * (X.max(axis=(2, 3), keepdims=True) == X)


def small_shape(dY, X, k):
    return dY.copy()


for _sentence, _answer in {
    "You hand the slope to all entries of a window. Only its largest entry decides the output; the others' slope is "
    "0.": changed(_back, "to_all", share=lambda windows: np.ones(windows.shape)),
    "You hand each entry an equal share: that is the way back of *average* pooling. Here the largest entry gets "
    "all.": changed(_back, "equal_shares", share=lambda windows: np.full(windows.shape, 1 / windows.shape[3] ** 2)),
    "You hand the slope to the first entry of each window. It goes to the largest.": changed(
        _back, "to_the_first", share=_first
    ),
    "You hand the slope to the smallest entry of each window. It goes to the largest.": changed(
        _back, "to_the_smallest", share=lambda windows: windows == windows.min(axis=(3, 5), keepdims=True)
    ),
    "You put a 1 at the largest entries and left out dY. By the chain rule, the slope that comes from behind is "
    "passed on.": changed(_back, "ones", value=lambda slopes, windows: np.ones(slopes.shape)),
    "You multiplied by the number itself. A maximum passes its largest entry on unchanged, so its slope is 1: pass on "
    "dY as it is.": changed(_back, "times_value", value=lambda slopes, windows: slopes * windows),
    "You look for the largest entry of the whole map. Each window has a winner of its own.": over_the_whole_map,
    "You also ask whether the largest entry is above 0. That is ReLU's question; a maximum may be negative.": changed(
        _back,
        "only_positive",
        share=lambda windows: (windows == windows.max(axis=(3, 5), keepdims=True)) & (windows > 0),
    ),
    "You return dY as it came. The gradient of X has the shape of X.": small_shape,
}.items():
    max_pool_backward.mistake(_sentence)(_answer)

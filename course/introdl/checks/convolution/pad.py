"""Task of unit 09: a frame of zeros around images."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    yield np.ones((1, 1, 2, 2)), 1
    yield np.arange(1.0, 13).reshape(1, 2, 2, 3), 1
    for N, C, H, W, padding in [(2, 3, 4, 5, 2), (3, 1, 5, 2, 1), (1, 2, 3, 3, 3), (2, 2, 4, 3, 0)]:
        yield rng.normal(size=(N, C, H, W)), padding


def by_strips(X, padding):
    """Strips of zeros above and below, then left and right."""
    N, C, _, W = X.shape
    X = np.concatenate([np.zeros((N, C, padding, W)), X, np.zeros((N, C, padding, W))], axis=2)
    sides = np.zeros((N, C, X.shape[2], padding))
    return np.concatenate([sides, X, sides], axis=3)


pad = Task(
    "pad",
    ("X", "padding"),
    batches,
    by_strips,
    hints=(
        "Only rows and columns get a frame, the last two axes. np.pad takes a pair (before, after) for each axis.",
        "With np.pad the pairs of examples and channels are (0, 0). Or make an array of zeros of the final shape and "
        "write X into its middle.",
        "np.pad(X, ((0, 0), (0, 0), (padding, ...), ...))",
    ),
)


def _padded(X, padding, *, rows=(1, 1), columns=(1, 1), outer=(0, 0), **mode):
    """Padding with one thing done differently; the mistakes below say which."""
    widths = [tuple(padding * side for side in axis) for axis in (outer, outer, rows, columns)]
    return np.pad(X, widths, **mode)


for _sentence, _answer in {
    "You padded above and on the left only. The frame has four sides: (padding, padding) for rows and for "
    "columns.": changed(_padded, "above_and_left", rows=(1, 0), columns=(1, 0)),
    "You padded below and on the right only. The frame has four sides: (padding, padding) for rows and for "
    "columns.": changed(_padded, "below_and_right", rows=(0, 1), columns=(0, 1)),
    "You padded rows only: the columns, the last axis, get a frame, too.": changed(
        _padded, "rows_only", columns=(0, 0)
    ),
    "You padded columns only: the rows, axis 2, get a frame, too.": changed(_padded, "columns_only", rows=(0, 0)),
    "You padded all four axes. That adds images and channels of zeros: examples and channels get the pair "
    "(0, 0).": changed(_padded, "all_axes", outer=(1, 1)),
    "Your frame repeats the pixels at the edge. Here it is made of zeros.": changed(_padded, "edge", mode="edge"),
    "Your frame mirrors the image. Here it is made of zeros.": changed(_padded, "mirrored", mode="symmetric"),
    "Your frame is twice as wide: `padding` pixels on each side, not 2 * padding.": changed(
        _padded, "twice", rows=(2, 2), columns=(2, 2)
    ),
    "Your frame is made of ones. Here it is made of zeros.": changed(_padded, "ones", constant_values=1),
}.items():
    pad.mistake(_sentence)(_answer)

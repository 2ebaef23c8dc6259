"""Task of unit 17: what the decoder hears while it learns (shift_right)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    yield np.array([[5, 6, 2]]), 1
    yield np.array([[5, 6, 2, 0], [7, 2, 0, 0]]), 1
    for N, T, V in [(3, 4, 9), (4, 4, 20), (1, 6, 5), (5, 2, 30), (2, 1, 6)]:
        yield rng.integers(3, V, size=(N, T)), int(rng.integers(1, 3))
    yield rng.integers(3, 9, size=(3, 5)).astype(np.int32), 7
    yield np.zeros((0, 4), np.int64), 1


def row_by_row(Y, start):
    rows = [[start, *row][:-1] for row in Y.tolist()]
    return np.array(rows, dtype=Y.dtype).reshape(Y.shape)


shift_right = Task(
    "shift_right",
    ("Y", "start"),
    batches,
    row_by_row,
    hints=(
        "Column t of the result is column t - 1 of Y: the word that came before. What comes before the first word?",
        "np.full((N, 1), start) is a column of starts; np.concatenate([..., ...], axis=1) puts it before the others. "
        "The last column of Y is not needed: nothing follows it.",
        "return np.concatenate([np.full((len(Y), 1), ...), Y[:, ...]], axis=...)",
    ),
)


def _shift(Y, start, *, first=None, cut=slice(None, -1), axis=1):
    """The shift with one thing done differently; the mistakes below say which."""
    first = start if first is None else first
    column = np.full((len(Y), 1) if axis else (1, Y.shape[1]), first)
    return np.concatenate([column, Y[:, cut] if axis else Y[cut]], axis=axis)


def to_the_left(Y, start):
    return np.concatenate([Y[:, 1:], np.full((len(Y), 1), start)], axis=1)


def first_replaced(Y, start):
    shifted = Y.copy()
    shifted[:, 0] = start
    return shifted


for _sentence, _answer in {
    "You shift to the left: column t holds the word that comes *next*. The decoder would hear what it is asked "
    "for.": to_the_left,
    "That is Y, not shifted: the decoder hears the very word that it is asked for, and learns to repeat it.": (
        lambda Y, start: Y.copy()
    ),
    "You rolled: the last word of each row came to the front. The first column is start.": (
        lambda Y, start: np.roll(Y, 1, axis=1)
    ),
    "You put start before each row and kept the last column: one column too many. What would follow it is not "
    "asked for.": changed(_shift, "too_long", cut=slice(None)),
    "You wrote start over the first word, and moved nothing. All words move one place to the right.": first_replaced,
    "The first column is 0, the number of the padding. It is start.": changed(_shift, "padding_first", first=0),
    "You shifted the rows, axis 0: each sentence hears another one. Words move along axis 1.": changed(
        _shift, "along_the_batch", axis=0
    ),
}.items():
    shift_right.mistake(_sentence)(_answer)

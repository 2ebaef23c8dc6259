"""Task of unit 09: windows of images as columns."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    yield np.arange(16.0).reshape(1, 1, 4, 4), 3
    yield np.arange(12.0).reshape(1, 1, 3, 4), 2
    yield np.arange(18.0).reshape(1, 2, 3, 3), 2
    for N, C, H, W, k in [(2, 3, 5, 4, 3), (3, 2, 4, 6, 2), (2, 4, 3, 3, 1), (1, 2, 5, 5, 5)]:
        yield rng.normal(size=(N, C, H, W)), k


def entry_by_entry(X, k):
    """Each entry of the result looks up its pixel."""
    N, C, H, W = X.shape
    OH, OW = H - k + 1, W - k + 1
    cols = np.empty((N, C * k * k, OH * OW))
    for row, column in np.ndindex(cols.shape[1:]):
        c, rest = divmod(row, k * k)
        cols[:, row, column] = X[:, c, column // OW + rest // k, column % OW + rest % k]
    return cols


im2col = Task(
    "im2col",
    ("X", "k"),
    batches,
    entry_by_entry,
    hints=(
        "Two ways: go through the places (y, x) and write one column for each; or go through the kernel's entries "
        "(i, j), which are few, and write one row of all places for each.",
        "The window at (y, x) is X[:, :, y : y + k, x : x + k], of shape (N, C, k, k). reshape(N, -1) gives its "
        "numbers in the right order. It belongs in column y * OW + x.",
        "cols = np.empty((N, C, k, k, OH, OW)); cols[:, :, i, j] = X[:, :, ..., ...] for all i, j; then "
        "cols.reshape(N, ..., ...)",
    ),
)


def _columns(X, k, *, order=(0, 1, 2, 3, 4, 5), transposed=False):
    """The columns, with the axes (N, C, i, j, y, x) in another order."""
    N, C, H, W = X.shape
    OH, OW = H - k + 1, W - k + 1
    cols = np.empty((N, C, k, k, OH, OW), X.dtype)
    for i, j in np.ndindex(k, k):
        cols[:, :, i, j] = X[:, :, i : i + OH, j : j + OW]
    cols = cols.transpose(order).reshape(N, C * k * k, OH * OW)
    return cols.swapaxes(1, 2) if transposed else cols


def side_by_side(X, k):
    N, C, H, W = X.shape
    windows = [
        X[:, :, y : y + k, x : x + k].reshape(N, -1) for y in range(0, H - k + 1, k) for x in range(0, W - k + 1, k)
    ]
    return np.stack(windows, axis=2)


def cut_not_slid(X, k):
    N, C, H, W = X.shape
    return np.resize(X, (N, C * k * k, (H - k + 1) * (W - k + 1)))


def one_image(X, k):
    return _columns(X[:1], k)[0]


def batch_in_one(X, k):
    return np.concatenate(list(_columns(X, k)), axis=1)


def last_place_forgotten(X, k):
    if k in X.shape[2:]:
        return _columns(X, k)[:, :, :0]
    return _columns(X[:, :, :-1, :-1], k)


for _sentence, _answer in {
    "Your array is transposed: windows are its rows. Here each window is a *column*: shape (N, C * k * k, "
    "OH * OW).": changed(_columns, "transposed", transposed=True),
    "The numbers of a window are in another order: channels come last in it. W.reshape(C_out, -1) has them channel by "
    "channel, so the channel comes first.": changed(_columns, "channels_last", order=(0, 2, 3, 1, 4, 5)),
    "Your windows are read column by column. Read each channel row by row, as reshape does.": changed(
        _columns, "window_transposed", order=(0, 1, 3, 2, 4, 5)
    ),
    "Your places are counted down the columns of the map. Column y * OW + x belongs to place (y, x): count along the "
    "rows.": changed(_columns, "places_transposed", order=(0, 1, 2, 3, 5, 4)),
    "Your windows stand side by side, as in pooling. With stride 1 they overlap: the next one begins one pixel "
    "further.": side_by_side,
    "You reshaped the image itself. A pixel belongs to several windows, so its number must be copied into several "
    "columns.": cut_not_slid,
    "You return the columns of the first image only. Keep the batch: axis 0 has N entries.": one_image,
    "You put the columns of all images into one matrix. Keep the batch as axis 0 here: (N, C * k * k, "
    "OH * OW).": batch_in_one,
    "The last row and column of places are missing: there are H - k + 1 rows of places, not H - k.": (
        last_place_forgotten
    ),
}.items():
    im2col.mistake(_sentence)(_answer)

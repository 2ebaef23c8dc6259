"""Task of unit 09: convolution by its definition."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    yield np.arange(9.0).reshape(1, 1, 3, 3), np.array([[[[0.0, 1.0], [0.0, 0.0]]]]), np.zeros(1), 1
    yield np.arange(16.0).reshape(1, 1, 4, 4), np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.zeros(1), 2
    yield np.arange(8.0).reshape(1, 2, 2, 2), np.array([[[[1.0]], [[10.0]]]]), np.array([0.5]), 1
    for N, C_in, C_out, H, W, kh, kw, stride in [
        (2, 2, 2, 5, 6, 3, 3, 1),
        (1, 3, 4, 7, 5, 3, 2, 1),
        (3, 1, 2, 6, 6, 2, 2, 2),
        (2, 3, 3, 7, 8, 3, 3, 2),
        (2, 4, 1, 5, 5, 1, 1, 1),
        (1, 2, 3, 8, 7, 2, 3, 3),
    ]:
        yield (
            rng.normal(size=(N, C_in, H, W)),
            rng.normal(size=(C_out, C_in, kh, kw)),
            rng.normal(size=C_out),
            stride,
        )


def from_each_pixel(X, W, b, stride):
    """Every pixel gives its products to all sums that it belongs to."""
    (N, _, H, width), (C_out, _, kh, kw) = X.shape, W.shape
    Y = np.zeros((N, C_out, (H - kh) // stride + 1, (width - kw) // stride + 1)) + b[:, None, None]
    for row, column, i, j in np.ndindex(H, width, kh, kw):
        (y, row_rest), (x, column_rest) = divmod(row - i, stride), divmod(column - j, stride)
        if not row_rest and not column_rest and 0 <= y < Y.shape[2] and 0 <= x < Y.shape[3]:
            Y[:, :, y, x] += X[:, :, row, column] @ W[:, :, i, j].T
    return Y


conv2d = Task(
    "conv2d",
    ("X", "W", "b", "stride"),
    batches,
    from_each_pixel,
    terms={
        "the bias b": lambda X, W, b, stride: np.broadcast_to(
            b[:, None, None],
            (len(X), len(W), (X.shape[2] - W.shape[2]) // stride + 1, (X.shape[3] - W.shape[3]) // stride + 1),
        )
    },
    hints=(
        "Begin with the shape of the result and an empty array of it. Then think of one number Y[n, c, y, x]: which "
        "window of image n, and which kernel?",
        "The window at place (y, x) is X[n, :, y * stride : y * stride + kh, x * stride : x * stride + kw], of shape "
        "(C_in, kh, kw), like the kernel W[c]. Multiply them entry by entry, add everything up, add b[c].",
        "for n, c, y, x in np.ndindex(Y.shape): Y[n, c, y, x] = (X[n, :, ..., ...] * W[c]).sum() + ...",
    ),
)


def _conv(X, W, b, stride, *, steps=None, total=lambda window, W: (window * W).sum(axis=(2, 3, 4))):
    """Convolution with one thing done differently; the mistakes below say which."""
    (N, _, H, width), (C_out, _, kh, kw) = X.shape, W.shape
    step = stride if steps is None else steps
    Y = np.empty((N, C_out, (H - kh) // stride + 1, (width - kw) // stride + 1))
    for y, x in np.ndindex(Y.shape[2:]):
        window = X[:, np.newaxis, :, y * step : y * step + kh, x * step : x * step + kw]
        Y[:, :, y, x] = total(window, W) + b
    return Y


def no_stride(X, W, b, stride):
    return _conv(X, W, b, 1)


def flipped(X, W, b, stride):
    return _conv(X, W[:, :, ::-1, ::-1], b, stride)


def kernel_transposed(X, W, b, stride):
    kh, kw = W.shape[2:]
    return _conv(X, W.swapaxes(2, 3) if kh == kw else W, b, stride)


def padded_on_one_side(X, W, b, stride):
    kh, kw = W.shape[2:]
    return _conv(np.pad(X, ((0, 0), (0, 0), (0, kh - 1), (0, kw - 1))), W, b, stride)


def padded_to_same_size(X, W, b, stride):
    kh, kw = W.shape[2:]
    return _conv(np.pad(X, ((0, 0), (0, 0), (kh // 2,) * 2, (kw // 2,) * 2)), W, b, stride)


def sums_over_the_batch(X, W, b, stride):
    Y = _conv(X, W, b * 0, stride)
    return np.tile(Y.sum(axis=0, keepdims=True), (len(X), 1, 1, 1)) + b[:, None, None]


def one_channel(X, W, b, stride):
    return _conv(X[:, :1], W[:, :1], b, stride)


def channel_by_channel(X, W, b, stride):
    """Output channel c sees input channel c alone."""
    only = np.zeros_like(W)
    for c in range(len(W)):
        only[c, c % W.shape[1]] = W[c, c % W.shape[1]]
    return _conv(X, only, b, stride)


def bias_many_times(X, W, b, stride):
    return _conv(X, W, b * W[0].size, stride)


for _sentence, _answer in {
    "Your kernel is flipped, left to right and top to bottom, as in mathematics. Deep learning does not flip: entry "
    "[i, j] of the kernel meets pixel [y + i, x + j].": flipped,
    "Rows and columns of your kernel are swapped: entry [i, j] meets the pixel i rows down and j columns to the "
    "right.": kernel_transposed,
    "You left out the stride in the window's place: the window for [y, x] begins at row y * stride and column "
    "x * stride, not at y and x.": changed(_conv, "no_stride_in_place", steps=1),
    "You left out the stride altogether: the window moves by `stride` pixels, so there are fewer places.": no_stride,
    "You added zeros below and on the right. There is no padding here: the window stays inside the "
    "image.": padded_on_one_side,
    "You padded the image. There is no padding here: the window stays inside the image.": padded_to_same_size,
    "You add up over the batch: every image gets the sum of all. Keep axis 0, each image by itself.": (
        sums_over_the_batch
    ),
    "Your channels are mixed: you add up the image's channels, and those of the kernel, before you multiply. Each "
    "channel of the image meets its own channel of the kernel; add up the products.": changed(
        _conv, "channels_summed_first", total=lambda window, W: (window.sum(axis=2) * W.sum(axis=1)).sum(axis=(2, 3))
    ),
    "You use the first input channel only. A kernel has a grid for every input channel: add up the products of "
    "all.": one_channel,
    "Each of your kernels sees one input channel only. A kernel sees all of them: add up the products over all "
    "channels.": channel_by_channel,
    "You take the mean of the products. A convolution adds them up.": changed(
        _conv, "mean", total=lambda window, W: (window * W).mean(axis=(2, 3, 4))
    ),
    "You add the bias to each product, so it counts many times. It comes once, after the sum.": bias_many_times,
}.items():
    conv2d.mistake(_sentence)(_answer)

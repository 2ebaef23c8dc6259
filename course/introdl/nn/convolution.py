"""Convolution: the same small kernel at every place of an image, so a pattern is found wherever it stands.

Built in unit 09, from LeCun et al. 1989. Like all deep-learning libraries it does not flip the kernel (strictly a
cross-correlation). X (N, C_in, H, W); W (C_out, C_in / groups, kh, kw) and b (C_out,) as in PyTorch; Y (N, C_out, OH,
OW). With groups, the channels are dealt out in blocks: each block of outputs sees only its own block of inputs.
"""

from collections.abc import Iterator

import numpy as np

from introdl._validate import images, like, whole
from introdl.nn._ranges import float_type, floats, generator
from introdl.nn.columns import add_columns, columns
from introdl.nn.geometry import Pair, Window
from introdl.nn.layers import Layer

PORTION = 2**18  # entries of columns at a time, 1 MB in float32: they stay in the processor's cache


def conv2d(
    X: np.ndarray,
    W: np.ndarray,
    b: np.ndarray | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> np.ndarray:
    """Return Y (N, C_out, OH, OW): Y = W @ columns + b, a few images at a time.

    Raises ValueError, with the formula that failed and its numbers, if the kernel or the groups do not fit.
    """
    X, W, b, window = _fitting(X, W, b, stride, padding, dilation, groups)
    G, C_out, (OH, OW) = groups, len(W), window.places(*X.shape[2:])
    W_rows = W.reshape(G, C_out // G, -1)  # (G, C_out / G, K), K = C_in / G * kh * kw
    Y = np.empty((len(X), G, C_out // G, OH * OW), np.result_type(X, W))
    for part in _portions(X, window):
        cols = columns(X[part], window).reshape(-1, G, W_rows.shape[2], OH * OW)
        np.matmul(W_rows, cols, out=Y[part])  # (G, C_out / G, K) @ (n, G, K, OH * OW)
    Y = Y.reshape(len(X), C_out, OH, OW)
    Y += b[:, np.newaxis, np.newaxis]
    return Y


def conv2d_backward(
    dY: np.ndarray,
    X: np.ndarray,
    W: np.ndarray,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
    to_input: bool = True,
) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
    """Return (dX, dW, db) for dY (N, C_out, OH, OW): dW = dY @ columns.T, and dX adds up W.T @ dY by col2im.

    The columns are made again: to keep them from the forward pass would take kh * kw times the images' memory.
    to_input=False saves the work for dX, which is then None.
    """
    X, W, _, window = _fitting(X, W, None, stride, padding, dilation, groups)
    (N, _, *size), G, C_out = X.shape, groups, len(W)
    OH, OW = window.places(*size)
    dY = like("dY", dY, (N, C_out, OH, OW))
    W_rows, dY_rows = W.reshape(G, C_out // G, -1), dY.reshape(N, G, C_out // G, OH * OW)
    dW, dX = np.zeros_like(W_rows), np.empty_like(X) if to_input else None
    for part in _portions(X, window):
        cols = columns(X[part], window).reshape(-1, G, W_rows.shape[2], OH * OW)
        dW += (cols @ dY_rows[part].swapaxes(2, 3)).sum(axis=0).swapaxes(1, 2)  # (cols @ dY.T).T, the faster way
        if to_input:
            dcols = W_rows.swapaxes(1, 2) @ dY_rows[part]  # (G, K, C_out / G) @ (n, G, C_out / G, OH * OW)
            dX[part] = add_columns(dcols.reshape(len(dcols), -1, OH * OW), size, window)
    return dX, dW.reshape(W.shape), dY.sum(axis=(0, 2, 3))


def conv2d_naive(
    X: np.ndarray,
    W: np.ndarray,
    b: np.ndarray | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> np.ndarray:
    """Return what `conv2d` does, by its definition: one place, one output channel, one image at a time."""
    X, W, b, window = _fitting(X, W, b, stride, padding, dilation, groups)
    padded = window.framed(X)
    Y = np.empty((len(X), len(W), *window.places(*X.shape[2:])), np.result_type(X, W))
    for n, c, y, x in np.ndindex(Y.shape):
        Y[n, c, y, x] = (padded[n, *_seen(c, y, x, W, window, groups)] * W[c]).sum() + b[c]
    return Y


def conv2d_naive_backward(
    dY: np.ndarray,
    X: np.ndarray,
    W: np.ndarray,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what `conv2d_backward` does: every output hands its gradient to the pixels and weights it came from."""
    X, W, _, window = _fitting(X, W, None, stride, padding, dilation, groups)
    dY = like("dY", dY, (len(X), len(W), *window.places(*X.shape[2:])))
    padded = window.framed(X)
    dpadded, dW = np.zeros_like(padded), np.zeros_like(W)
    for n, c, y, x in np.ndindex(dY.shape):
        seen = (n, *_seen(c, y, x, W, window, groups))
        dW[c] += dY[n, c, y, x] * padded[seen]
        dpadded[seen] += dY[n, c, y, x] * W[c]
    return window.unframed(dpadded), dW, dY.sum(axis=(0, 2, 3))


class Conv2d(Layer):
    """A layer of kernels over images (N, C_in, H, W): `conv2d` with weights that learn."""

    takes_to_input = True

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel_size: Pair,
        rng: np.random.Generator,
        stride: Pair = 1,
        padding: Pair = 0,
        dilation: Pair = 1,
        groups: int = 1,
        dtype=np.float32,
    ):
        """Draw W (c_out, c_in / groups, kh, kw), normal with variance 2 / (c_in / groups * kh * kw); b is 0."""
        c_in, c_out, rng = whole("c_in", c_in), whole("c_out", c_out), generator("rng", rng)
        dtype, self.groups = float_type("dtype", dtype), dealt(c_in, c_out, groups)
        self.kernel_size, self.stride, self.padding, self.dilation = Window.of(kernel_size, stride, padding, dilation)
        shape = (c_out, c_in // groups, *self.kernel_size)
        W = rng.normal(scale=np.sqrt(2 / np.prod(shape[1:])), size=shape).astype(dtype)
        self.params = [W, np.zeros(c_out, dtype)]
        self.grads = [np.zeros_like(p) for p in self.params]

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return (N, c_out, OH, OW) for X (N, c_in, H, W)."""
        self.X = X
        return conv2d(X, *self.params, self.stride, self.padding, self.dilation, self.groups)

    def backward(self, dY: np.ndarray, to_input: bool = True) -> np.ndarray | None:
        """Return dX (N, c_in, H, W) for dY (N, c_out, OH, OW), and set the gradients of W and b.

        to_input=False saves the work for dX and returns None, as in `Dense`.
        """
        settings = self.stride, self.padding, self.dilation, self.groups
        dX, *self.grads = conv2d_backward(dY, self.X, self.params[0], *settings, to_input=to_input)
        return dX


def _fitting(X, W, b, stride, padding, dilation, groups) -> tuple[np.ndarray, np.ndarray, np.ndarray, Window]:
    """Return X, W and b (zeros for None) as floats, and the window; raise if they do not fit together."""
    W = floats("W", W)
    if W.ndim != 4 or not W.size:
        raise ValueError(f"W has shape {W.shape}, expected (C_out, C_in / groups, kh, kw)")
    C_out, width, *kernel_size = W.shape
    groups = dealt(images("X", X).shape[1], C_out, groups)
    X = floats("X", images("X", X, channels=width * groups))
    b = np.zeros(C_out, W.dtype) if b is None else like("b", b, (C_out,))
    return X, W, b, Window.of(tuple(kernel_size), stride, padding, dilation)


def dealt(c_in: int, c_out: int, groups: int) -> int:
    """Return groups if they divide the channels on both sides; raise ValueError if not."""
    groups = whole("groups", groups)
    for name, channels in (("C_in", c_in), ("C_out", c_out)):
        if channels % groups:
            raise ValueError(
                f"{name} % groups is {channels} % {groups} = {channels % groups}, "
                "expected 0: every group gets equally many channels"
            )
    return groups


def _portions(X: np.ndarray, window: Window) -> Iterator[slice]:
    """Yield slices of the batch whose columns are small enough to stay in the cache, at least one image each."""
    one = X.shape[1] * np.prod(window.kernel_size) * np.prod(window.places(*X.shape[2:]))
    step = max(1, PORTION // int(one))
    for start in range(0, len(X), step):
        yield slice(start, start + step)


def _seen(c: int, y: int, x: int, W: np.ndarray, window: Window, groups: int) -> tuple[slice, slice, slice]:
    """Return which channels, rows and columns of a padded image output channel c sees at place (y, x)."""
    C_out, width, *kernel_size = W.shape
    first = c // (C_out // groups) * width
    corners = (y * window.stride[0], x * window.stride[1])
    across = [slice(a, a + d * k, d) for a, d, k in zip(corners, window.dilation, kernel_size, strict=True)]
    return slice(first, first + width), *across

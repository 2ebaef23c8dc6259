"""Images as columns: what the window sees at each place becomes a column, so a convolution is one matrix product.

Built in unit 09, from Chellapilla et al. 2006. N images, C channels, kernels of kh x kw, OH x OW places.
"""

import numpy as np

from introdl._validate import images, like, numeric
from introdl.nn.geometry import Pair, Window, pair


def im2col(X: np.ndarray, kernel_size: Pair, stride: Pair = 1, padding: Pair = 0, dilation: Pair = 1) -> np.ndarray:
    """Return the columns (N, C * kh * kw, OH * OW) of images X (N, C, H, W), as torch.nn.functional.unfold does."""
    return columns(images("X", X), Window.of(kernel_size, stride, padding, dilation))


def col2im(
    cols: np.ndarray,
    size: Pair,
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
) -> np.ndarray:
    """Return images (N, C, H, W) of size (H, W): each entry of cols is added to the pixel that im2col read it from.

    cols: (N, C * kh * kw, OH * OW). So it turns gradients of columns into those of pixels, like
    torch.nn.functional.fold; it undoes im2col only where windows do not overlap.
    """
    window, cols = Window.of(kernel_size, stride, padding, dilation), numeric("cols", cols)
    size = pair("size", size)
    (kh, kw), (OH, OW) = window.kernel_size, window.places(*size)
    if cols.ndim != 3 or cols.shape[1] % (kh * kw):
        raise ValueError(f"cols has shape {cols.shape}, expected (N, C * {kh} * {kw}, {OH * OW})")
    return add_columns(like("cols", cols, (*cols.shape[:2], OH * OW)), size, window)


def columns(X: np.ndarray, window: Window) -> np.ndarray:
    """Return im2col of X (N, C, H, W) for a window."""
    (N, C, H, W), (kh, kw) = X.shape, window.kernel_size
    OH, OW = window.places(H, W)
    padded, cols = window.framed(X), np.empty((N, C, kh, kw, OH, OW), X.dtype)
    for i, j, pixels in window.shifts(H, W):
        cols[:, :, i, j] = padded[pixels]  # (N, C, OH, OW): the whole image, shifted
    return cols.reshape(N, C * kh * kw, OH * OW)


def add_columns(cols: np.ndarray, size: tuple[int, int], window: Window) -> np.ndarray:
    """Return col2im of cols (N, C * kh * kw, OH * OW) for a window."""
    (H, W), (kh, kw), (top, left) = size, window.kernel_size, window.padding
    N, C, places = len(cols), cols.shape[1] // (kh * kw), window.places(H, W)
    cols = cols.reshape(N, C, kh, kw, *places)
    padded = np.zeros((N, C, H + 2 * top, W + 2 * left), cols.dtype)
    for i, j, pixels in window.shifts(H, W):
        padded[pixels] += cols[:, :, i, j]
    return window.unframed(padded)

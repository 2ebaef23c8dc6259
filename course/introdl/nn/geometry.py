"""A window that slides over images: how many places it has, and which pixels it meets there.

Built in unit 09, from Dumoulin and Visin 2016. Images (N, C, H, W): N examples, C channels, H rows, W columns.
A kernel size, stride, padding or dilation is one number for both axes, or a pair (rows, columns).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from introdl._validate import images, whole
from introdl.nn._ranges import number

Pair = int | tuple[int, int]
FORMULA = "floor((size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1"


def output_size(size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Return how many places a window has along one axis: it moves by stride until it reaches the padded edge.

    size, kernel_size, padding (on each side): in pixels. dilation: the step between the kernel's entries.
    Raises ValueError, with the formula and its numbers, if the window does not fit.
    """
    size, padding = whole("size", size, least=0), whole("padding", padding, least=0)
    kernel_size, dilation = whole("kernel_size", kernel_size), whole("dilation", dilation)
    stride, padded, reach = _stride(stride), size + 2 * padding, dilation * (kernel_size - 1) + 1
    if padded < reach:
        raise ValueError(
            f"size + 2 * padding is {size} + 2 * {padding} = {padded}, expected at least "
            f"dilation * (kernel_size - 1) + 1 = {dilation} * ({kernel_size} - 1) + 1 = {reach}: "
            "the kernel is larger than the padded input"
        )
    return (padded - reach) // stride + 1


def same_padding(kernel_size: int, dilation: int = 1) -> int:
    """Return the padding on each side that keeps the size at stride 1: dilation * (kernel_size - 1) / 2.

    Raises ValueError if that is no whole number: then one side needs a pixel more than the other.
    """
    kernel_size, dilation = whole("kernel_size", kernel_size), whole("dilation", dilation)
    both = dilation * (kernel_size - 1)
    if both % 2:
        raise ValueError(
            f"dilation * (kernel_size - 1) is {dilation} * ({kernel_size} - 1) = {both}, "
            "expected an even number: half of it goes on each side"
        )
    return both // 2


def pad(X: np.ndarray, padding: Pair, value: float = 0.0) -> np.ndarray:
    """Return X (N, C, H, W) with a frame of this value: (N, C, H + 2 * padding, W + 2 * padding), a new array."""
    X, value = images("X", X), number("value", value)
    return _framed(X, pair("padding", padding, least=0), value)


def pair(name: str, value: Pair, least: int = 1) -> tuple[int, int]:
    """Return one whole number as (value, value), and two as they are; raise ValueError if not whole or too small."""
    if not isinstance(value, (tuple, list)):
        return (whole(name, value, least),) * 2
    if len(value) != 2:
        raise ValueError(f"{name} is {value!r}, expected one number or a pair (rows, columns)")
    return whole(f"{name}[0]", value[0], least), whole(f"{name}[1]", value[1], least)


class Window(NamedTuple):
    """The sliding window of a convolution or a pooling, each setting a pair (rows, columns)."""

    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]

    @classmethod
    def of(cls, kernel_size: Pair, stride: Pair = 1, padding: Pair = 0, dilation: Pair = 1) -> "Window":
        """Return the window with these settings; raise ValueError if one is no whole number or too small."""
        kernel_size, padding = pair("kernel_size", kernel_size), pair("padding", padding, least=0)
        stride = tuple(map(_stride, stride)) if isinstance(stride, (tuple, list)) else _stride(stride)
        return cls(kernel_size, pair("stride", stride), padding, pair("dilation", dilation))

    def places(self, H: int, W: int) -> tuple[int, int]:
        """Return the output's rows and columns for images of H rows and W columns."""
        rows, columns = zip(*self, strict=True)
        return output_size(H, *rows), output_size(W, *columns)

    def shifts(self, H: int, W: int) -> Iterator[tuple[int, int, tuple]]:
        """Yield (i, j, pixels) for each entry of the kernel: X_padded[pixels] is what it meets, one value a place.

        The loop has as many turns as the kernel has entries: few, while the places are many.
        """
        OH, OW = self.places(H, W)
        for i, j in np.ndindex(self.kernel_size):
            top, left = i * self.dilation[0], j * self.dilation[1]
            rows = slice(top, top + self.stride[0] * OH, self.stride[0])
            yield i, j, (..., rows, slice(left, left + self.stride[1] * OW, self.stride[1]))

    def framed(self, X: np.ndarray, value: float = 0.0) -> np.ndarray:
        """Return X (N, C, H, W) with its padding; without any, X itself."""
        return _framed(X, self.padding, value) if any(self.padding) else X

    def unframed(self, X: np.ndarray) -> np.ndarray:
        """Return the part of a padded X (N, C, H, W) inside the padding, a view."""
        (top, left), (H, W) = self.padding, X.shape[2:]
        return X[:, :, top : H - top, left : W - left]


def _framed(X: np.ndarray, padding: tuple[int, int], value: float) -> np.ndarray:
    N, C, H, W = X.shape
    (top, left) = padding
    framed = np.full((N, C, H + 2 * top, W + 2 * left), value, X.dtype)
    framed[:, :, top : top + H, left : left + W] = X
    return framed


def _stride(value: int) -> int:
    try:
        return whole("stride", value)
    except ValueError as error:
        raise ValueError(f"{error}: the output's size is {FORMULA}") from None

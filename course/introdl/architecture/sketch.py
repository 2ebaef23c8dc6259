"""Layers as data: they hold no weights, so the costs of VGG-16 are known before its 138 million numbers exist.

Built in unit 11. A network is a list of them; each learns its number of inputs from the shape that it meets.
"""

import math
from typing import NamedTuple

from introdl._validate import whole
from introdl.nn.convolution import dealt
from introdl.nn.geometry import Pair, Window

Shape = tuple[int, ...]  # of one example: (C, H, W) or (D,)


class Row(NamedTuple):
    """What is known of a layer: its name; its output's shape, its parameters and its MACs for one example."""

    name: str
    shape: Shape
    params: int
    macs: int


class Conv(NamedTuple):
    """A convolution: c_out kernels over all channels that it meets."""

    c_out: int
    kernel_size: Pair
    stride: Pair = 1
    padding: Pair = 0
    dilation: Pair = 1
    groups: int = 1
    bias: bool = True

    def row(self, shape: Shape) -> Row:
        """Return what it makes of (C_in, H, W): c_out * C_in / groups * kh * kw weights, each used at every place."""
        C_in, H, W = _image(self, shape)
        c_out, groups = whole("c_out", self.c_out), dealt(C_in, self.c_out, self.groups)
        window = Window.of(self.kernel_size, self.stride, self.padding, self.dilation)
        weights, places = c_out * (C_in // groups) * math.prod(window.kernel_size), window.places(H, W)
        return Row("Conv", (c_out, *places), weights + c_out * bool(self.bias), weights * math.prod(places))


class Pool(NamedTuple):
    """A pooling, of whatever kind; stride None means the kernel size."""

    kernel_size: Pair
    stride: Pair | None = None
    padding: Pair = 0

    def row(self, shape: Shape) -> Row:
        """Return what it makes of (C, H, W): no parameters, no multiplication by a weight."""
        C, H, W = _image(self, shape)
        window = Window.of(self.kernel_size, self.kernel_size if self.stride is None else self.stride, self.padding)
        return Row("Pool", (C, *window.places(H, W)), 0, 0)


class GlobalPool(NamedTuple):
    """Global average pooling: one number a channel."""

    def row(self, shape: Shape) -> Row:
        """Return what it makes of (C, H, W): (C,)."""
        return Row("GlobalPool", _image(self, shape)[:1], 0, 0)


class Dense(NamedTuple):
    """A dense layer; images are flattened first."""

    n_out: int
    bias: bool = True

    def row(self, shape: Shape) -> Row:
        """Return what it makes of any shape with D numbers: D * n_out weights, each used once."""
        n_out = whole("n_out", self.n_out)
        weights = math.prod(shape) * n_out
        return Row("Dense", (n_out,), weights + n_out * bool(self.bias), weights)


def _image(layer: NamedTuple, shape: Shape) -> Shape:
    if len(shape) != 3:
        raise ValueError(f"{type(layer).__name__} meets shape {shape}, expected (C, H, W)")
    return shape

"""Pooling: one number for each window, the largest or the mean, so that maps shrink and small shifts matter less.

Built in unit 09. Images (N, C, H, W); every channel on its own; no parameters.
"""

import numpy as np

from introdl._validate import images, like, numeric
from introdl.nn._ranges import floats
from introdl.nn.geometry import Pair, Window
from introdl.nn.layers import Layer


class MaxPool2d(Layer):
    """The largest value in each window; padding never wins."""

    def __init__(self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0):
        """Keep the window; stride None means windows side by side: the stride is the kernel size."""
        self.window = _window(kernel_size, stride, padding)
        self.kernel_size, self.stride, self.padding, self.dilation = self.window

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return (N, C, OH, OW) for X (N, C, H, W)."""
        X = floats("X", images("X", X))
        self.size, self.padded = X.shape[2:], self.window.framed(X, -np.inf)
        seen = [self.padded[pixels] for _, _, pixels in self.window.shifts(*self.size)]  # kh * kw times (N, C, OH, OW)
        self.Y = seen[0].copy()
        for values in seen[1:]:
            np.maximum(self.Y, values, out=self.Y)
        return self.Y

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX (N, C, H, W): each window's gradient goes to its largest entry, the first one if several tie."""
        dY, dpadded = like("dY", dY, self.Y.shape), np.zeros_like(self.padded)
        open_ = np.ones(dY.shape, bool)  # windows whose gradient still has to find its entry
        for _, _, pixels in self.window.shifts(*self.size):
            winner = open_ & (self.padded[pixels] == self.Y)
            dpadded[pixels] += dY * winner
            open_ &= ~winner
        return self.window.unframed(dpadded)


class AvgPool2d(Layer):
    """The mean of each window; padding counts as zeros, as in PyTorch."""

    def __init__(self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0):
        """Keep the window; stride None means windows side by side: the stride is the kernel size."""
        self.window = _window(kernel_size, stride, padding)
        self.kernel_size, self.stride, self.padding, self.dilation = self.window

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return (N, C, OH, OW) for X (N, C, H, W)."""
        X = floats("X", images("X", X))
        self.padded, self.size = self.window.framed(X), X.shape[2:]
        total = sum(self.padded[pixels] for _, _, pixels in self.window.shifts(*self.size))
        self.shape = total.shape
        return total / int(np.prod(self.kernel_size))

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX (N, C, H, W): each window's gradient in equal shares."""
        share = like("dY", dY, self.shape) / int(np.prod(self.kernel_size))
        dpadded = np.zeros_like(self.padded)
        for _, _, pixels in self.window.shifts(*self.size):
            dpadded[pixels] += share
        return self.window.unframed(dpadded)


class GlobalAvgPool2d(Layer):
    """The mean of each whole channel, whatever the size of the images (Lin et al. 2014)."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return (N, C) for X (N, C, H, W)."""
        X = floats("X", images("X", X))
        self.shape = X.shape
        return X.mean(axis=(2, 3))

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX (N, C, H, W): each channel's gradient in equal shares."""
        N, C, H, W = self.shape
        share = like("dY", dY, (N, C)) / (H * W)
        return np.repeat(share, H * W, axis=1).reshape(self.shape)


class Flatten(Layer):
    """All numbers of an example in one row, for a dense layer."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return (N, C * H * W) for X (N, C, H, W), or whatever shape follows N: channel by channel, row by row."""
        self.shape = numeric("X", X).shape
        if X.ndim < 2:
            raise ValueError(f"X has shape {X.shape}, expected (N, C, H, W)")
        return X.reshape(len(X), int(np.prod(X.shape[1:])))

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX, with the shape of X."""
        return like("dY", dY, (self.shape[0], int(np.prod(self.shape[1:])))).reshape(self.shape)


def _window(kernel_size: Pair, stride: Pair | None, padding: Pair) -> Window:
    window = Window.of(kernel_size, kernel_size if stride is None else stride, padding)
    for size, edge in zip(window.kernel_size, window.padding, strict=True):
        if 2 * edge > size:
            raise ValueError(
                f"2 * padding is 2 * {edge} = {2 * edge}, expected at most kernel_size = {size}: "
                "else a window holds nothing but padding"
            )
    return window

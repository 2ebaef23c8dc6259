"""Dropout: in training, each unit is switched off at random, so that no unit can rely on another one.

Built in unit 07, from Srivastava et al. 2014.
"""

import numpy as np

from introdl._validate import like
from introdl.nn._ranges import below_one, floats, generator
from introdl.nn.layers import Layer


class Dropout(Layer):
    """Set each entry to 0 with probability p and divide the others by 1 - p: the expected output is the input.

    In evaluation it returns its input. (Dividing in training is called inverted dropout.)
    """

    def __init__(self, p: float, rng: np.random.Generator):
        """Keep p, from 0 to below 1, and the generator that decides."""
        self.p, self.rng = below_one("p", p), generator("rng", rng)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X, same shape, with a new random choice of entries dropped; in evaluation none."""
        X = floats("X", X)
        self.mask = np.ones_like(X)
        if self.training:
            kept = self.rng.random(X.shape, dtype=np.float32) >= self.p
            self.mask = kept.astype(X.dtype) / (1 - self.p)  # 0 or 1 / (1 - p)
        return X * self.mask

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX = dY * mask: what was dropped gets no gradient, what was enlarged gets an enlarged one."""
        return like("dY", dY, self.mask.shape) * self.mask

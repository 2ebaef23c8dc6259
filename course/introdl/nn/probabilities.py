"""From scores to probabilities: the sigmoid for one yes-or-no question, softmax for one choice of C classes.

Built in units 02 (softmax) and 04 (sigmoid). Neither overflows: no exponent here is above 0.
"""

import numpy as np

from introdl._validate import like, matrix
from introdl.nn._ranges import floats
from introdl.nn.layers import Layer


def sigmoid(X: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-X)), entry by entry, for X of any shape: each value lies in [0, 1]."""
    X = floats("X", X)
    e = np.exp(-np.abs(X))  # in (0, 1]
    return np.where(X >= 0, 1, e) / (1 + e)  # for X < 0 the fraction is expanded by exp(X)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities (N, C) for logits (N, C): each row is positive and sums to 1."""
    logits = floats("logits", matrix("logits", logits))
    if not logits.shape[1]:
        raise ValueError(f"logits has shape {logits.shape}, expected (N, C) with at least one class")
    e = np.exp(logits - logits.max(axis=1, keepdims=True))  # the shift prevents overflow, the rest cancels
    return e / e.sum(axis=1, keepdims=True)


class Sigmoid(Layer):
    """Squash each entry into (0, 1)."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return sigmoid(X), same shape as X."""
        self.Y = sigmoid(X)
        return self.Y

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX = dY * Y * (1 - Y): at most a quarter of dY, nearly nothing where Y is close to 0 or 1."""
        return like("dY", dY, self.Y.shape) * self.Y * (1 - self.Y)


class Softmax(Layer):
    """Turn each row of scores into probabilities. Before a cross-entropy from logits it is one softmax too many."""

    def forward(self, logits: np.ndarray) -> np.ndarray:
        """Return probabilities (N, C) for logits (N, C)."""
        self.Y = softmax(logits)
        return self.Y

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return the gradient (N, C) of the logits: each row of dY times its Jacobian, diag(Y) - outer(Y, Y)."""
        dY = like("dY", dY, self.Y.shape)
        return self.Y * (dY - (dY * self.Y).sum(axis=1, keepdims=True))  # (N, C) - (N, 1)

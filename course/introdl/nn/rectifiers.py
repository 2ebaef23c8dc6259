"""Rectifiers: the identity for positive inputs, something smaller for the others.

Built in unit 04. All work entry by entry, on X of any shape, and leave X as it is.
"""

import numpy as np

from introdl._validate import like, matrix, numeric, positive, whole
from introdl.nn._ranges import float_type, floats, not_negative, number
from introdl.nn.layers import Layer


class ReLU(Layer):
    """Let positive values through and set the others to 0, entry by entry."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return max(X, 0), same shape as X."""
        self.X = numeric("X", X)
        return np.maximum(X, 0)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX: dY where the input was positive, else 0 (also at the kink, as PyTorch does)."""
        return like("dY", dY, self.X.shape) * (self.X > 0)


class LeakyReLU(Layer):
    """ReLU with a small slope alpha for negative inputs, so that no unit dies (Maas et al. 2013)."""

    def __init__(self, alpha: float = 0.01):
        """Keep alpha, at least 0."""
        self.alpha = not_negative("alpha", alpha)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X where it is positive, else alpha * X."""
        self.X = X = floats("X", X)
        return np.where(X > 0, X, self.alpha * X)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX: dY where the input was positive, else alpha * dY (also at the kink)."""
        dY = like("dY", dY, self.X.shape)
        return np.where(self.X > 0, dY, self.alpha * dY)


class PReLU(Layer):
    """Leaky ReLU that learns its slope alpha: one for all features, or one for each (He et al. 2015)."""

    def __init__(self, num_alphas: int = 1, alpha: float = 0.25, dtype=np.float32):
        """Start the slopes, of shape (num_alphas,) with num_alphas 1 or D, at alpha."""
        num_alphas, alpha = whole("num_alphas", num_alphas), number("alpha", alpha)
        self.params = [np.full(num_alphas, alpha, float_type("dtype", dtype))]
        self.grads = [np.zeros_like(p) for p in self.params]

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X (N, D) where it is positive, else alpha * X."""
        [alpha] = self.params
        self.X = X = floats("X", matrix("X", X, columns=len(alpha) if len(alpha) > 1 else None))
        return np.where(X > 0, X, alpha * X)  # (N, D), (1,) or (D,) * (N, D)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX (N, D), and set the gradient of alpha: dY * X, summed where X is not positive."""
        [alpha] = self.params
        dY = like("dY", dY, self.X.shape)
        dalpha = (dY * np.minimum(self.X, 0)).sum(axis=0)  # (D,)
        self.grads = [dalpha if len(alpha) > 1 else dalpha.sum(keepdims=True)]
        return np.where(self.X > 0, dY, alpha * dY)


class ELU(Layer):
    """Bend smoothly towards -alpha for negative inputs: alpha * (exp(X) - 1) (Clevert et al. 2016)."""

    def __init__(self, alpha: float = 1.0):
        """Keep alpha, above 0."""
        self.alpha = positive("alpha", alpha)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X where it is positive, else alpha * (exp(X) - 1)."""
        X = floats("X", X)
        self.bend = self.alpha * np.expm1(np.minimum(X, 0))  # 0 where X is positive
        self.linear = X > 0
        return np.where(self.linear, X, self.bend)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX: dY where the input was positive, else dY * alpha * exp(X)."""
        dY = like("dY", dY, self.linear.shape)
        return np.where(self.linear, dY, dY * (self.bend + self.alpha))


class SELU(ELU):
    """ELU scaled so that activations drift towards mean 0 and variance 1 (Klambauer et al. 2017).

    The two numbers solve the paper's fixed-point equations. Wants LeCun's initialization.
    """

    scale = 1.0507009873554805

    def __init__(self):
        super().__init__(alpha=1.6732632423543772)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return scale * ELU(X), same shape as X."""
        return self.scale * super().forward(X)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX: scale times ELU's."""
        return self.scale * super().backward(dY)

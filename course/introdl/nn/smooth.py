"""Smooth activations: two that squash, Tanh and Softsign, and three that look like a ReLU without its kink.

Built in unit 04. All work entry by entry, on X of any shape, and stay finite for large X.
"""

import math

import numpy as np

from introdl._validate import like
from introdl.nn._ranges import floats
from introdl.nn.layers import Layer
from introdl.nn.probabilities import sigmoid


class Tanh(Layer):
    """Squash each entry into (-1, 1)."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return tanh(X), same shape as X."""
        self.Y = np.tanh(floats("X", X))
        return self.Y

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX = dY * (1 - tanh(X)^2)."""
        return like("dY", dY, self.Y.shape) * (1 - self.Y**2)


class Softsign(Layer):
    """Squash each entry into (-1, 1), more slowly than tanh (Glorot and Bengio 2010)."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X / (1 + |X|), same shape as X."""
        X = floats("X", X)
        self.size = 1 + np.abs(X)
        return X / self.size

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX = dY / (1 + |X|)^2, divided twice: the square of a large number could overflow."""
        return like("dY", dY, self.size.shape) / self.size / self.size


class Softplus(Layer):
    """log(1 + exp(X)): a ReLU with a round corner (Glorot et al. 2011). Its derivative is the sigmoid."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return log(exp(0) + exp(X)), same shape as X; logaddexp takes the larger exponent out of the sum."""
        self.X = floats("X", X)
        return np.logaddexp(0, self.X)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX = dY * sigmoid(X)."""
        return like("dY", dY, self.X.shape) * sigmoid(self.X)


class SiLU(Layer):
    """X * sigmoid(X), also called Swish: the input opens its own gate (Elfwing et al. 2018)."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X * sigmoid(X), same shape as X."""
        self.X = floats("X", X)
        self.gate = sigmoid(self.X)
        return self.X * self.gate

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX = dY * (gate + X * gate * (1 - gate)): the product rule."""
        X, gate = self.X, self.gate
        return like("dY", dY, X.shape) * (gate + X * gate * (1 - gate))


class GELU(Layer):
    """X times Phi(X), the share of a standard normal below X (Hendrycks and Gimpel 2016)."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return X * Phi(X), same shape as X."""
        self.X = floats("X", X)
        self.Phi = 0.5 * (1 + erf(self.X / math.sqrt(2)))
        return self.X * self.Phi

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX = dY * (Phi(X) + X * phi(X)), with the bell curve phi, the derivative of Phi."""
        X = np.clip(self.X, -50, 50)  # beyond, phi is 0 anyway, and the square of a large number would overflow
        phi = np.exp(-0.5 * X**2) / math.sqrt(2 * math.pi)
        return like("dY", dY, X.shape) * (self.Phi + X * phi)


def erf(X: np.ndarray) -> np.ndarray:
    """Return the error function entry by entry: NumPy has none, and Python's takes one number at a time."""
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(X), X.dtype)


class GELUTanh(Layer):
    """GELU with a tanh in the place of Phi: at most 0.0005 away from GELU, and much faster."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return 0.5 * X * (1 + tanh(sqrt(2 / pi) * (X + 0.044715 * X^3))), same shape as X."""
        self.X = floats("X", X)
        X = np.clip(self.X, -10, 10)  # beyond, the tanh is -1 or 1 anyway, and a cube could overflow
        self.T = np.tanh(math.sqrt(2 / math.pi) * (X + 0.044715 * X * X * X))
        return 0.5 * self.X * (1 + self.T)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX: the product rule, and the chain rule for what stands inside the tanh."""
        X, T = np.clip(self.X, -10, 10), self.T
        inner = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * X * X)
        return like("dY", dY, X.shape) * 0.5 * (1 + T + X * (1 - T * T) * inner)

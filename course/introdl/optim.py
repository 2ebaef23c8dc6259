"""Optimizers: they change parameters in place, one step at a time, against their gradients."""

import numpy as np

from introdl._validate import positive


class SGD:
    """Stochastic gradient descent: p -= lr * gradient."""

    def __init__(self, params: list[np.ndarray], lr: float):
        self.params, self.lr = params, positive("lr", lr)

    def step(self, grads: list[np.ndarray]) -> None:
        """Update every parameter; `grads` has the order and the shapes of the parameters."""
        for p, g in zip(self.params, grads, strict=True):
            if p.shape != g.shape:
                raise ValueError(f"a gradient has shape {g.shape}, its parameter {p.shape}")
            p -= self.lr * g

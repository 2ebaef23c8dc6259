"""Gradient descent: a step against the gradient, with a memory of earlier steps if you like.

Built in units 03 and 06. In the formulas p is a parameter and g its gradient.
"""

import numpy as np

from introdl._validate import numeric, positive
from introdl.nn._ranges import below_one, not_negative


class Optimizer:
    """What every optimizer has: parameters that it changes in place, a learning rate, and the number of steps taken."""

    def __init__(self, params: list[np.ndarray], lr: float, weight_decay: float = 0.0):
        """Keep the parameters, arrays of floats of any shape, the learning rate lr > 0 and the weight decay >= 0.

        Between steps you may set `lr` anew. Raises TypeError or ValueError for anything else.
        """
        self.params, self.lr = _float_arrays(params), positive("lr", lr)
        self.weight_decay, self.num_steps = not_negative("weight_decay", weight_decay), 0

    def step(self, grads: list[np.ndarray]) -> None:
        """Update every parameter; `grads` has the order and the shapes of the parameters.

        Raises ValueError if it has not, or if lr was set to something below 0; then no parameter has changed.
        """
        if len(grads) != len(self.params):
            raise ValueError(f"grads has {len(grads)} gradients, expected {len(self.params)}, one a parameter")
        for p, g in zip(self.params, grads, strict=True):
            if p.shape != g.shape:
                raise ValueError(f"a gradient has shape {g.shape}, its parameter {p.shape}")
        self.lr = not_negative("lr", self.lr)
        self.num_steps += 1
        for place, (p, g) in enumerate(zip(self.params, grads, strict=True)):
            self._update(place, p, g)

    def _update(self, place: int, p: np.ndarray, g: np.ndarray) -> None:
        """Change one parameter; `place` says which, for optimizers that keep something for each."""
        raise NotImplementedError(f"{type(self).__name__} has no _update")

    def _decayed(self, p: np.ndarray, g: np.ndarray) -> np.ndarray:
        """Return the gradient of the loss and an L2 penalty: g + weight_decay * p."""
        return g + self.weight_decay * p if self.weight_decay else g

    def _zeros(self) -> list[np.ndarray]:
        """Return an array of zeros for each parameter: every parameter has a memory of its own."""
        return [np.zeros_like(p) for p in self.params]


class SGD(Optimizer):
    """Stochastic gradient descent: p -= lr * g, or with momentum: v = momentum * v + g; p -= lr * v.

    nesterov takes the slope further down the road: p -= lr * (g + momentum * v). weight_decay > 0 adds
    weight_decay * p to g first. Momentum: Polyak 1964; Nesterov 1983, in the form of Sutskever et al. 2013.
    """

    def __init__(
        self,
        params: list[np.ndarray],
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ):
        """Start all velocities v at 0; momentum lies in [0, 1), and nesterov needs one above 0."""
        super().__init__(params, lr, weight_decay)
        self.momentum, self.nesterov = below_one("momentum", momentum), nesterov
        if nesterov and not momentum:
            raise ValueError("momentum is 0, expected a number above 0 with nesterov=True")
        self.v = self._zeros() if momentum else []

    def _update(self, place: int, p: np.ndarray, g: np.ndarray) -> None:
        g = self._decayed(p, g)
        if self.v:
            v = self.v[place]
            v *= self.momentum
            v += g
            g = g + self.momentum * v if self.nesterov else v
        p -= self.lr * g


def _float_arrays(params) -> list[np.ndarray]:
    """Return a list of the same arrays if all hold floats; raise TypeError if not."""
    if isinstance(params, np.ndarray):
        raise TypeError("params is an array, expected a list of arrays: [W, b]")
    params = list(params)
    for place, p in enumerate(params):
        if numeric(f"params[{place}]", p).dtype.kind != "f":
            raise TypeError(f"params[{place}] has dtype {p.dtype}, expected floats")
    return params

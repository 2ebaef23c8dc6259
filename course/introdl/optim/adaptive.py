"""Optimizers that give each entry of a parameter a step length of its own, from the gradients that it has seen.

Built in unit 06. In the formulas p is a parameter and g its gradient, all entry by entry. eps keeps the division
finite; it is added to the root, not under it, as in PyTorch.
"""

import numpy as np

from introdl._validate import positive
from introdl.nn._ranges import below_one
from introdl.optim.descent import Optimizer


class Adagrad(Optimizer):
    """Shorten the steps of entries with a steep past: s += g^2; p -= lr * g / (sqrt(s) + eps) (Duchi et al. 2011).

    Entries with rare gradients keep large steps. s only grows, so all steps shrink in the end.
    """

    def __init__(self, params: list[np.ndarray], lr: float = 0.01, eps: float = 1e-10, weight_decay: float = 0.0):
        """Start the sums s at 0; eps > 0; weight_decay >= 0 adds weight_decay * p to g."""
        super().__init__(params, lr, weight_decay)
        self.eps, self.s = positive("eps", eps), self._zeros()

    def _update(self, place: int, p: np.ndarray, g: np.ndarray) -> None:
        g, s = self._decayed(p, g), self.s[place]
        s += g * g
        p -= self.lr * g / (np.sqrt(s) + self.eps)


class RMSprop(Optimizer):
    """Adagrad that forgets: s = alpha * s + (1 - alpha) * g^2; p -= lr * g / (sqrt(s) + eps) (Hinton 2012, lecture 6).

    With momentum, the scaled gradient g / (sqrt(s) + eps) moves a velocity, and p follows that, as in `SGD`.
    """

    def __init__(
        self,
        params: list[np.ndarray],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ):
        """Start the averages s at 0; alpha and momentum lie in [0, 1); eps > 0; weight_decay >= 0 as in `SGD`."""
        super().__init__(params, lr, weight_decay)
        self.alpha, self.eps = below_one("alpha", alpha), positive("eps", eps)
        self.momentum, self.s = below_one("momentum", momentum), self._zeros()
        self.v = self._zeros() if momentum else []

    def _update(self, place: int, p: np.ndarray, g: np.ndarray) -> None:
        g, s = self._decayed(p, g), self.s[place]
        s += (1 - self.alpha) * (g * g - s)
        g = g / (np.sqrt(s) + self.eps)
        if self.v:
            v = self.v[place]
            v *= self.momentum
            v += g
            g = v
        p -= self.lr * g


class Adam(Optimizer):
    """Momentum and RMSprop together, both freed from their start at 0 (Kingma and Ba 2015).

    m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g^2; in step t, counted from 1:
    p -= lr * m_hat / (sqrt(v_hat) + eps) with m_hat = m / (1 - beta1^t), v_hat = v / (1 - beta2^t).
    """

    def __init__(
        self,
        params: list[np.ndarray],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        """Start m and v at 0; both betas lie in [0, 1); eps > 0; weight_decay >= 0 adds weight_decay * p to g."""
        super().__init__(params, lr, weight_decay)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise ValueError(f"betas is {betas!r}, expected two numbers such as (0.9, 0.999)")
        self.beta1, self.beta2 = below_one("betas[0]", betas[0]), below_one("betas[1]", betas[1])
        self.eps, self.m, self.v = positive("eps", eps), self._zeros(), self._zeros()

    def _update(self, place: int, p: np.ndarray, g: np.ndarray) -> None:
        self._move(place, p, self._decayed(p, g))

    def _move(self, place: int, p: np.ndarray, g: np.ndarray) -> None:
        m, v, t = self.m[place], self.v[place], self.num_steps
        m += (1 - self.beta1) * (g - m)
        v += (1 - self.beta2) * (g * g - v)
        m_hat, v_hat = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
        p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


class AdamW(Adam):
    """Adam whose weight decay leaves the gradient alone: p *= 1 - lr * weight_decay, then Adam's step on g.

    In `Adam` the decay is divided by sqrt(v_hat) like the rest of the gradient (Loshchilov and Hutter 2019).
    """

    def __init__(
        self,
        params: list[np.ndarray],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ):
        """Take what `Adam` takes; only what weight_decay does differs."""
        super().__init__(params, lr, betas, eps, weight_decay)

    def _update(self, place: int, p: np.ndarray, g: np.ndarray) -> None:
        p *= 1 - self.lr * self.weight_decay
        self._move(place, p, g)

"""Penalties on large weights, to be added to the loss. They are meant for weights W, not for biases.

Built in unit 07. A penalty's gradient is added to that of the loss before the optimizer's step.
"""

import numpy as np

from introdl.nn._ranges import floats, not_negative


def l2_penalty(W: np.ndarray, strength: float) -> float:
    """Return strength / 2 * the sum of W^2, for W of any shape: many small weights are cheaper than a large one."""
    return not_negative("strength", strength) / 2 * float((floats("W", W) ** 2).sum())


def l2_penalty_backward(W: np.ndarray, strength: float) -> np.ndarray:
    """Return the gradient of `l2_penalty`, strength * W: what PyTorch's SGD adds as `weight_decay`."""
    return not_negative("strength", strength) * floats("W", W)


def l1_penalty(W: np.ndarray, strength: float) -> float:
    """Return strength * the sum of |W|, for W of any shape (Tibshirani 1996)."""
    return not_negative("strength", strength) * float(np.abs(floats("W", W)).sum())


def l1_penalty_backward(W: np.ndarray, strength: float) -> np.ndarray:
    """Return a gradient of `l1_penalty`, strength * sign(W): it points to 0 but steps over it (0 at 0)."""
    return not_negative("strength", strength) * np.sign(floats("W", W))


def soft_threshold(W: np.ndarray, threshold: float) -> np.ndarray:
    """Return W moved towards 0 by threshold, and exactly 0 where it would cross; the same shape.

    After a step of length lr on the loss alone, `soft_threshold(W, lr * strength)` is the L1 penalty's own step:
    the W that minimises |W - W_before|^2 / 2 + lr * strength * |W| (Daubechies et al. 2004).
    """
    W, threshold = floats("W", W), not_negative("threshold", threshold)
    return W - np.clip(W, -threshold, threshold)

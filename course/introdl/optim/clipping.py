"""Gradient clipping: limit how far one step can go, for gradients that explode.

Built in unit 05, from Pascanu et al. 2013. Neither function changes its input; the types stay as they are.
"""

import math

import numpy as np

from introdl._validate import numeric, positive


def global_norm(grads: list[np.ndarray]) -> float:
    """Return the length of all gradients written one after the other as one vector; summed in float64."""
    return math.sqrt(sum(float(np.square(numeric("a gradient", g), dtype=np.float64).sum()) for g in grads))


def clip_by_norm(grads: list[np.ndarray], max_norm: float) -> list[np.ndarray]:
    """Return the gradients, all shortened by one factor if their global norm exceeds max_norm: the direction stays.

    Smaller ones come back as they are. Infinite or NaN gradients give NaN, as in PyTorch.
    """
    norm, max_norm = global_norm(grads), positive("max_norm", max_norm)
    return [g * (max_norm / norm) for g in grads] if not norm <= max_norm else list(grads)


def clip_by_value(grads: list[np.ndarray], limit: float) -> list[np.ndarray]:
    """Return the gradients with every entry cut off at -limit and limit: the direction may change."""
    limit = positive("limit", limit)
    return [np.clip(numeric("a gradient", g), -limit, limit) for g in grads]

"""Refuse labels and scores that cannot be used, in one sentence."""

import numpy as np

from introdl._validate import finite, numeric


def yes_or_no(name: str, y) -> np.ndarray:
    """Return y (N,) if it holds nothing but 0 and 1, and something at all."""
    y = numeric(name, y)
    if y.ndim != 1 or not len(y) or not np.isin(y, (0, 1)).all():
        raise ValueError(f"{name} has shape {y.shape} and values {np.unique(y)[:4]}, expected (N,) zeros and ones")
    return y


def as_many(name: str, value, y: np.ndarray) -> np.ndarray:
    """Return value (N,) if it has finite numbers, as many as y."""
    value = finite(name, value)
    if value.shape != y.shape:
        raise ValueError(f"{name} has shape {value.shape}, expected {y.shape}: one for each label")
    return value

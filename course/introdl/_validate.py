"""Refuse bad arguments in one sentence: which argument, what came, what was expected."""

import numpy as np


def matrix(name: str, value, columns: int | None = None) -> np.ndarray:
    """Return value if it is a numeric array of shape (N, columns); raise ValueError or TypeError if not."""
    value = numeric(name, value)
    if value.ndim != 2 or (columns is not None and value.shape[1] != columns):
        wanted = f"(N, {columns})" if columns is not None else "(N, D)"
        raise ValueError(f"{name} has shape {value.shape}, expected {wanted}")
    return value


def images(name: str, value, channels: int | None = None) -> np.ndarray:
    """Return value if it is a numeric array of shape (N, channels, H, W); raise ValueError or TypeError if not."""
    value = numeric(name, value)
    if value.ndim != 4 or (channels is not None and value.shape[1] != channels):
        wanted = f"(N, {channels}, H, W)" if channels is not None else "(N, C, H, W)"
        raise ValueError(f"{name} has shape {value.shape}, expected {wanted}")
    return value


def like(name: str, value, shape: tuple[int, ...]) -> np.ndarray:
    """Return value if it is a numeric array of this shape; raise ValueError or TypeError if not."""
    value = numeric(name, value)
    if value.shape != shape:
        raise ValueError(f"{name} has shape {value.shape}, expected {shape}")
    return value


def numeric(name: str, value) -> np.ndarray:
    """Return value if it is an array of numbers; raise TypeError if not."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        raise TypeError(f"{name} is a {type(value).__name__}, expected a NumPy array of numbers")
    return value


def labels(name: str, value, count: int, num_classes: int) -> np.ndarray:
    """Return value if it holds `count` whole numbers from 0 to num_classes - 1; raise if not."""
    value = numeric(name, value)
    if value.dtype.kind not in "iu" or value.shape != (count,):
        came = f"shape {value.shape} and dtype {value.dtype}"
        raise ValueError(f"{name} has {came}, expected ({count},) whole numbers")
    if count and (value.min() < 0 or value.max() >= num_classes):
        came = f"{value.min()} to {value.max()}"
        raise ValueError(f"{name} holds labels from {came}, expected 0 to {num_classes - 1}")
    return value


def finite(name: str, value) -> np.ndarray:
    """Return value if it is an array of finite numbers; raise if a NaN or an infinity is among them."""
    if not np.isfinite(numeric(name, value)).all():
        raise ValueError(f"{name} holds {np.sum(~np.isfinite(value))} NaN or infinite entries, expected none")
    return value


def positive(name: str, value) -> float:
    """Return value as a float if it is above 0; raise ValueError if not (NaN included)."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 < value < np.inf:
        raise ValueError(f"{name} is {value!r}, expected a number above 0")
    return float(value)  # a Python number leaves float32 arrays as they are, a np.float64 would not


def whole(name: str, value, least: int = 1) -> int:
    """Return value if it is a whole number of at least `least`; raise ValueError if not."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} is {value!r}, expected a whole number of at least {least}")
    return int(value)

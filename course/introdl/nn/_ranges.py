"""Refuse settings out of range in one sentence, as `introdl._validate` does for arrays and counts."""

import numpy as np

from introdl._validate import numeric


def floats(name: str, value) -> np.ndarray:
    """Return an array of numbers as it is if they are floats, else as float64: bytes would wrap around below 0."""
    value = numeric(name, value)
    return value if value.dtype.kind == "f" else value.astype(np.float64)


def number(name: str, value) -> float:
    """Return value as a float if it is a finite number; raise TypeError or ValueError if not."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} is {value!r}, expected a number")
    if not np.isfinite(value):
        raise ValueError(f"{name} is {value!r}, expected a finite number")
    return float(value)  # a Python number leaves float32 arrays as they are, a np.float64 would not


def not_negative(name: str, value) -> float:
    """Return value as a float if it is 0 or above; raise if not."""
    if number(name, value) < 0:
        raise ValueError(f"{name} is {value!r}, expected a number of at least 0")
    return float(value)


def below_one(name: str, value) -> float:
    """Return value as a float if it lies in [0, 1); raise if not."""
    if not 0 <= number(name, value) < 1:
        raise ValueError(f"{name} is {value!r}, expected a number from 0 to below 1")
    return float(value)


def generator(name: str, value) -> np.random.Generator:
    """Return value if it is a NumPy random generator; raise TypeError if not."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{name} is a {type(value).__name__}, expected np.random.default_rng(seed)")
    return value


def float_type(name: str, value) -> np.dtype:
    """Return value as a dtype if it is one of floating point; raise TypeError if not."""
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = None
    if dtype is None or dtype.kind != "f" or value is None:
        raise TypeError(f"{name} is {value!r}, expected np.float32 or np.float64")
    return dtype

"""Smaller weights: eight bits in the place of 32, and zeros in the place of the smallest."""

import numpy as np

from introdl._validate import finite, numeric


def quantize(W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return W (R, …) as whole numbers from -127 to 127, int8, and the scale of each row (R,) float32.

    The largest weight of a row becomes 127 or -127; a row of zeros has the scale 1. Half a scale is the largest error.
    """
    W = finite("W", W)
    if W.ndim < 2 or not W.size:
        raise ValueError(f"W has shape {W.shape}, expected rows of weights: (R, D) or more axes")
    largest = np.abs(W).reshape(len(W), -1).max(axis=1)
    scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return np.rint(W / _column(scale, W.ndim)).clip(-127, 127).astype(np.int8), scale


def dequantize(Q: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return the weights, float32, that Q (R, …) int8 and scale (R,) stand for."""
    Q, scale = numeric("Q", Q), finite("scale", scale)
    if scale.shape != Q.shape[:1]:
        raise ValueError(f"scale has shape {scale.shape}, expected {Q.shape[:1]}: one for each row of Q")
    return Q.astype(np.float32) * _column(scale.astype(np.float32), Q.ndim)


def prune(W: np.ndarray, share: float) -> np.ndarray:
    """Return a copy of W in which the `share` of the weights that are nearest to zero are zero (rounded down)."""
    W = finite("W", W)
    if isinstance(share, bool) or not isinstance(share, (int, float, np.number)) or not 0 <= share <= 1:
        raise ValueError(f"share is {share!r}, expected a number from 0 to 1")
    smaller = W.copy()
    smaller.flat[np.argsort(np.abs(W), axis=None, kind="stable")[: int(share * W.size)]] = 0
    return smaller


def stored_bytes(W: np.ndarray) -> int:
    """Return how many bytes W takes: as it is, or as its nonzero entries with a bit for each place, if that is less."""
    W = numeric("W", W)
    return min(W.nbytes, int(np.count_nonzero(W)) * W.itemsize + -(-W.size // 8))


def _column(scale: np.ndarray, ndim: int) -> np.ndarray:
    return scale.reshape(-1, *[1] * (ndim - 1))

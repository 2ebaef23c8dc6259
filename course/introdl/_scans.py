"""Digits as two scanners see them: the second one is worn, pulls the paper in askew, and is pale and noisy."""

from typing import NamedTuple

import numpy as np

FRAME = 2  # pixels of paper around a small digit
RARE = 0.15  # share of the training digits that come from the worn scanner


class Scans(NamedTuple):
    """X: (N, 1, 12, 12) float32, 0 to 1; y: (N,) int64, 0 to 9; scanner: (N,) int64, 0 or 1 (the worn one)."""

    X: np.ndarray
    y: np.ndarray
    scanner: np.ndarray


def worn(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return images (N, H, W) as the worn scanner sees them: turned by about 30 degrees, half as dark, with noise."""
    from introdl import augment

    turned = augment.rotate(X, rng.normal(30, 6, size=len(X)).astype(np.float32)) if len(X) else X
    return (0.5 * turned + rng.normal(0, 0.08, size=X.shape)).clip(0, 1).astype(np.float32)


def parts(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[Scans, Scans, Scans]:
    """Return small digits X (N, 64), y (N,), drawn anew into three parts: to train, to validate and new ones.

    1,000 to train on, RARE of them from the worn scanner. 200 to validate and the other 597, each on both scanners.
    """
    order = rng.permutation(len(X))
    train, val, new = np.split(order, [1000, 1200])
    rare = rng.permutation(np.arange(len(train)) < round(RARE * len(train)))
    scanned = [(train, rare.astype(np.int64))]
    scanned += [(np.tile(part, 2), np.repeat([0, 1], len(part))) for part in (val, new)]
    found = []
    for rows, scanner in scanned:
        images = np.pad(X[rows].reshape(-1, 8, 8), ((0, 0), (FRAME,) * 2, (FRAME,) * 2))
        images[scanner == 1] = worn(images[scanner == 1], rng)
        found.append(Scans(images[:, np.newaxis], y[rows], scanner))
    return tuple(found)

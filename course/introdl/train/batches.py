"""Mini-batches, and a progress bar."""

import os
import sys
from collections.abc import Iterable, Iterator

import numpy as np
from tqdm import tqdm

from introdl._validate import whole


def minibatches(X: np.ndarray, y: np.ndarray, batch_size: int, rng: np.random.Generator) -> Iterator[tuple]:
    """Yield (X, y) in random batches until each example came once; the last batch may be smaller.

    X (N, …) and y (N, …): arrays, or PyTorch's tensors.
    """
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} examples and y has {len(y)}, expected as many")
    order, batch_size = rng.permutation(len(X)), whole("batch_size", batch_size)
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], y[batch]


def endless_minibatches(X: np.ndarray, y: np.ndarray, batch_size: int, rng: np.random.Generator) -> Iterator[tuple]:
    """Yield the batches of one epoch after the other."""
    while len(X):
        yield from minibatches(X, y, batch_size, rng)


def track(items: Iterable, description: str) -> Iterator:
    """Go through items with a progress bar, which is silent while notebooks are built or validated.

    It is printed, not logged: nbgrader gives no marks to a check cell that writes to the error stream.
    """
    quiet = bool(os.environ.get("INTRODL_QUIET"))
    return tqdm(items, description, leave=False, file=sys.stdout, disable=quiet)

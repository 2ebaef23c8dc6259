"""Sequences of different lengths in one array: padded at the end, told apart by a mask. Built in unit 14."""

import numpy as np

from introdl._validate import numeric, whole


def step_mask(lengths: np.ndarray, T: int) -> np.ndarray:
    """Return (N, T) bool, True where a step belongs to its sequence, for lengths (N,), each from 1 to T."""
    lengths, T = numeric("lengths", lengths), whole("T", T)
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu":
        raise ValueError(f"lengths has shape {lengths.shape} and dtype {lengths.dtype}, expected (N,) whole numbers")
    if (lengths < 1).any():
        place = int(np.argmax(lengths < 1))
        raise ValueError(f"lengths[{place}] is {lengths[place]}, expected at least 1: an empty sequence ends nowhere")
    if (lengths > T).any():
        place = int(np.argmax(lengths > T))
        raise ValueError(f"lengths[{place}] is {lengths[place]}, expected at most T = {T}, the steps of the batch")
    return np.arange(T) < lengths[:, np.newaxis]  # (T,) against (N, 1)


def reverse_padded(X: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
    """Return X (N, T, …) with each sequence read backwards; the padding after it stays where it is.

    lengths: (N,), from 1 to T; None: all steps count. Twice gives X again.
    """
    N, T = numeric("X", X).shape[:2]
    if lengths is None:
        return X[:, ::-1]
    inside = lengths_of_batch(lengths, N, T)
    t = np.arange(T)
    places = np.where(inside, np.asarray(lengths)[:, np.newaxis] - 1 - t, t)  # (N, T)
    return X[np.arange(N)[:, np.newaxis], places]


def sequences(name: str, value, features: int) -> np.ndarray:
    """Return value if it is a numeric array (N, T, features) with at least one step; raise if not."""
    value = numeric(name, value)
    if value.ndim != 3 or value.shape[2] != features:
        raise ValueError(f"{name} has shape {value.shape}, expected (N, T, {features})")
    if not value.shape[1]:
        raise ValueError(f"{name} has shape {value.shape}, expected at least one step: T = 0 is an empty sequence")
    return value


def lengths_of_batch(lengths: np.ndarray, N: int, T: int) -> np.ndarray:
    """Return the mask (N, T) of a batch of N; raise ValueError if there is not one length a sequence."""
    inside = step_mask(lengths, T)
    if len(inside) != N:
        raise ValueError(f"lengths has {len(inside)} entries, expected {N}, one a sequence of the batch")
    return inside

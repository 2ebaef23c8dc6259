"""What does a model look at? Permutation importance, for any model at all (Breiman 2001; Fisher and others 2019)."""

from collections.abc import Callable

import numpy as np

from introdl._validate import matrix, whole


def permutation_importance(
    predict: Callable[[np.ndarray], np.ndarray], X: np.ndarray, y: np.ndarray, times: int = 10, seed: int = 0
) -> np.ndarray:
    """Return by how much accuracy falls when a feature is shuffled among the examples, (D, times).

    predict: (N, D) -> labels (N,). X: (N, D), y: (N,), which the model has not seen. X stays as it is. Features that
    say the same stand in for each other: all of them may look unimportant.
    """
    X, y, rng = matrix("X", X), np.asarray(y), np.random.default_rng(seed)
    if y.shape != X.shape[:1]:
        raise ValueError(f"y has shape {y.shape}, expected {X.shape[:1]}: one label for each row of X")
    before, falls = np.mean(predict(X) == y), np.zeros((X.shape[1], whole("times", times)))
    for feature, time in np.ndindex(*falls.shape):
        shuffled = X.copy()
        shuffled[:, feature] = rng.permutation(shuffled[:, feature])
        falls[feature, time] = before - np.mean(predict(shuffled) == y)
    return falls

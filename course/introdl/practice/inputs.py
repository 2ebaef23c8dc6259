"""Input validation: what a model has not been trained for is refused with a sentence, not answered with a guess."""

import numpy as np

from introdl._validate import finite, matrix


class InputCheck:
    """Learn from training inputs what an input looks like; refuse the others.

    X: (N, D) float, the training inputs. slack: by which part of its range a feature may lie outside of it.
    """

    def __init__(self, X: np.ndarray, slack: float = 0.1):
        X = matrix("X", finite("X", X))
        margin = slack * (X.max(axis=0) - X.min(axis=0))
        self.dtype, self.low, self.high = X.dtype, X.min(axis=0) - margin, X.max(axis=0) + margin

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Return X (N, D) if it is fit for the model; raise TypeError or ValueError if not: what, where, what to do."""
        if not isinstance(X, np.ndarray) or X.dtype != self.dtype:
            came = f"an array of {X.dtype}" if isinstance(X, np.ndarray) else f"a {type(X).__name__}"
            raise TypeError(f"X is {came}, expected a NumPy array of {self.dtype}: convert it, and mind the scale")
        if X.ndim != 2 or X.shape[1] != len(self.low) or not len(X):
            raise ValueError(f"X has shape {X.shape}, expected (N, {len(self.low)}) with N >= 1: one row an example")
        for wrong, what in ((~np.isfinite(X), "no number"), ((self.low > X) | (self.high < X), "out of range")):
            if wrong.any():
                row, column = (int(i) for i in np.argwhere(wrong)[0])
                value, low, high = X[row, column], self.low[column], self.high[column]
                raise ValueError(
                    f"X[{row}, {column}] is {value:.4g}, {what}, expected {low:.4g} to {high:.4g}: check unit and scale"
                )
        return X

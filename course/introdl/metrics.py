"""How good a model is, how sure we are of it, and the one figure that a lesson stands on."""

import math

import numpy as np

from introdl._validate import whole

MIME = "application/vnd.introdl.headline+json"  # how `make bench` finds the figure in a lesson's outputs
NORMAL_95 = 1.959964  # 97.5 % quantile of the standard normal distribution


def accuracy(y: np.ndarray, y_hat: np.ndarray) -> float:
    """Return the share of predictions y_hat (N,) that equal the labels y (N,)."""
    if np.shape(y) != np.shape(y_hat) or np.ndim(y) != 1:
        raise ValueError(f"y has shape {np.shape(y)} and y_hat {np.shape(y_hat)}, expected (N,) for both")
    return float(np.mean(np.asarray(y) == np.asarray(y_hat)))


def wilson_interval(correct: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, `correct` out of n, as (low, high) in [0, 1] (Wilson 1927)."""
    n, correct = whole("n", n), whole("correct", correct, least=0)
    if correct > n:
        raise ValueError(f"correct is {correct}, expected at most n = {n}")
    p, z2 = correct / n, NORMAL_95**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = NORMAL_95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def headline(
    what: str, value: float, bar: float, *, at_least: bool = True, interval: tuple[float, float] | None = None
) -> None:
    """Print a lesson's headline result with its 95 % interval, and assert its bar.

    The result also goes into the cell's output in a form that `make bench` reads. Raises AssertionError below
    the bar (above it, with at_least=False).
    """
    spread = f" (95 % interval {interval[0]:.3g} to {interval[1]:.3g})" if interval else ""
    text = f"{what}: {value:.3g}{spread}; bar: {'at least' if at_least else 'at most'} {bar:.3g}"
    ci95 = [_short(bound) for bound in interval] if interval else None
    _display(text, {"metric": what, "value": _short(value), "ci95": ci95, "bar": _short(bar)})
    assert (value >= bar) if at_least else (value <= bar), f"the headline misses its bar: {text}"


def _short(number: float) -> float:
    return float(f"{number:.4g}")  # the last digits differ between machines, and outputs are compared


def _display(text: str, record: dict) -> None:
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        get_ipython = lambda: None  # noqa: E731
    if get_ipython() is None:
        print(text)
    else:
        display({"text/plain": text, MIME: record}, raw=True)

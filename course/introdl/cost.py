"""What a computation costs: processor seconds, bytes, and the power of the size with which they grow."""

import time
import tracemalloc
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

from introdl._validate import positive, whole

__all__ = [
    "Slope",
    "fit_slope",
    "kmeans_operations",
    "knn_operations",
    "network_operations",
    "peak_bytes",
    "seconds_of",
]


class Slope(NamedTuple):
    """The exponent of a power law and its 95 % interval."""

    exponent: float
    low: float
    high: float


def seconds_of(
    call: Callable[..., object],
    *args,
    repeats: int = 5,
    warm_up: int = 1,
    at_least: float = 0.005,
    clock: Callable[[], float] = time.process_time,
) -> float:
    """Return the median processor seconds of call(*args), after `warm_up` calls that do not count.

    Short calls are repeated within a measurement until it takes `at_least` seconds, since clocks are coarse.
    """
    for _ in range(whole("warm_up", warm_up, least=0)):
        call(*args)
    number = 1
    while (found := _measured(call, args, number, clock)) < positive("at_least", at_least):
        number *= 2
    times = [found] + [_measured(call, args, number, clock) for _ in range(whole("repeats", repeats) - 1)]
    return float(np.median(times)) / number


def _measured(call: Callable[..., object], args: tuple, number: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(number):
        call(*args)
    return clock() - start


def peak_bytes(call: Callable[..., object], *args) -> int:
    """Return how many bytes Python and NumPy held at most during call(*args), beyond what was there before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        call(*args)
        return max(0, tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()


def fit_slope(sizes, costs) -> Slope:
    """Return the exponent b of the power law cost = a · size^b, by a straight line through the logarithms.

    sizes, costs: (N,) positive numbers, at least three. The interval is the usual one of least squares, which takes
    the deviations from the line as independent.
    """
    x, y = np.asarray(sizes, dtype=float), np.asarray(costs, dtype=float)
    if x.shape != y.shape or x.ndim != 1 or len(x) < 3:
        raise ValueError(f"sizes has shape {x.shape} and costs {y.shape}, expected (N,) for both, with N of at least 3")
    if not (x > 0).all() or not (y > 0).all():
        raise ValueError("sizes and costs must be above 0: their logarithms are fitted")
    if np.ptp(x) == 0:
        raise ValueError("all sizes are the same: no slope can be fitted")
    line = stats.linregress(np.log(x), np.log(y))
    half = stats.t.ppf(0.975, len(x) - 2) * np.nan_to_num(line.stderr)  # not a number where all costs are the same
    return Slope(float(line.slope), float(line.slope - half), float(line.slope + half))


def knn_operations(n: int, d: int, queries: int = 1) -> int:
    """Return the multiply-adds of k-NN by brute force: for each query a distance to each of n examples of d numbers."""
    return queries * n * d


def kmeans_operations(n: int, d: int, k: int, iterations: int) -> int:
    """Return the multiply-adds of the distances in k-means."""
    return iterations * n * k * d


def network_operations(sizes: list[int], n: int, epochs: int) -> int:
    """Return the multiply-adds of training a dense network with these layer sizes: forward once, backward twice."""
    weights = sum(n_in * n_out for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True))
    return 3 * epochs * n * weights

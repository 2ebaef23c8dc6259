"""Drift: has what comes in changed since training? Two distances, and a monitor with a known rate of false alarms."""

import numpy as np

from introdl._validate import finite, matrix, whole


def ks_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the largest difference between the cumulative shares of a (N,) and b (M,), 0 to 1 (Kolmogorov-Smirnov)."""
    a, b = np.sort(_values("a", a)), np.sort(_values("b", b))
    places = np.concatenate([a, b])
    below_a, below_b = (np.searchsorted(some, places, side="right") / len(some) for some in (a, b))
    return float(np.abs(below_a - below_b).max())


def stability_index(reference: np.ndarray, live: np.ndarray, num_bins: int = 10) -> float:
    """Return the population stability index of live (M,) against reference (N,): 0 for equal shares.

    The sum over bins of (q - p) log(q / p), where p and q are the shares of reference and live; bins hold equal shares
    of the reference. Half an example is added to each bin, so that none is empty.
    """
    reference, live = _values("reference", reference), _values("live", live)
    inner = np.quantile(reference, np.linspace(0, 1, whole("num_bins", num_bins, least=2) + 1)[1:-1])
    shares = []
    for values in (reference, live):
        counts = np.bincount(np.searchsorted(inner, values, side="right"), minlength=num_bins) + 0.5
        shares.append(counts / counts.sum())
    p, q = shares
    return float(np.sum((q - p) * np.log(q / p)))


class DriftMonitor:
    """Watch windows of inputs: an alarm when a feature is further from the reference than chance explains.

    reference: (N, D), inputs from the time of training. window: how many inputs are looked at at once. rate: the share
    of windows that may raise a false alarm while nothing changes. num_draws: how many windows are drawn from the
    reference to find the threshold: the largest Kolmogorov-Smirnov distance of any feature, exceeded by a share `rate`
    of the draws. Each draw is compared with the rest of the reference, as a new window will be.
    """

    def __init__(self, reference: np.ndarray, window: int, rate: float = 0.01, num_draws: int = 400, seed: int = 0):
        self.reference = matrix("reference", finite("reference", reference))
        self.window, rng = whole("window", window, least=2), np.random.default_rng(seed)
        if not isinstance(rate, float) or not 0 < rate < 1:
            raise ValueError(f"rate is {rate!r}, expected a share between 0 and 1")
        if len(self.reference) < 2 * self.window:
            raise ValueError(f"reference has {len(reference)} rows, expected at least twice the window of {window}")
        largest = []
        for _ in range(whole("num_draws", num_draws)):
            order = rng.permutation(len(self.reference))
            drawn, rest = self.reference[order[:window]], self.reference[order[window:]]
            largest.append(max(map(ks_distance, rest.T, drawn.T)))
        self.threshold = float(np.quantile(largest, 1 - rate))

    def distances(self, live: np.ndarray) -> np.ndarray:
        """Return each feature's distance (D,) of a window (window, D) from the reference."""
        live = matrix("live", finite("live", live), columns=self.reference.shape[1])
        if len(live) != self.window:
            raise ValueError(f"live has {len(live)} rows, expected {self.window}: the threshold holds for this window")
        return np.array([ks_distance(*two) for two in zip(self.reference.T, live.T, strict=True)])

    def alarm(self, live: np.ndarray) -> bool:
        """Return whether a window (window, D) is further away than the threshold."""
        return bool(self.distances(live).max() > self.threshold)


def _values(name: str, value) -> np.ndarray:
    value = finite(name, value)
    if value.ndim != 1 or not len(value):
        raise ValueError(f"{name} has shape {value.shape}, expected (N,) with at least one value")
    return value

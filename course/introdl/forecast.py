"""Forecasting a series: windows without a look ahead, simple rivals, and a fair measure of error. Built in unit 16."""

import numpy as np

from introdl._validate import numeric, whole


def windows(series: np.ndarray, length: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return X (N, length) and y (N, horizon): each window of a series (T,) and what came right after it.

    Raises ValueError for a series with gaps (NaN), and for one too short to hold a window and its future.
    """
    series, length, horizon = _complete("series", series), whole("length", length), whole("horizon", horizon)
    count = len(series) - length - horizon + 1
    if count < 1:
        raise ValueError(f"series has {len(series)} values, expected at least length + horizon = {length + horizon}")
    both = np.lib.stride_tricks.sliding_window_view(series, length + horizon)
    return both[:, :length].copy(), both[:, length:].copy()


def seasonal_naive(history: np.ndarray, season: int, horizon: int) -> np.ndarray:
    """Return (horizon,): the values of the last season of a history (T,), again and again."""
    history, season = _complete("history", history), whole("season", season)
    if len(history) < season:
        raise ValueError(f"history has {len(history)} values, expected at least a season of {season}")
    return history[len(history) - season + np.arange(whole("horizon", horizon)) % season]


def mase(y: np.ndarray, y_hat: np.ndarray, history: np.ndarray, season: int = 1) -> float:
    """Return the mean absolute scaled error (Hyndman and Koehler 2006): below 1 is better than the naive forecast.

    y, y_hat: (…, horizon). history: (T,), what was known before; the mean absolute change over one season in it is
    the scale. Raises ValueError where the history does not change, so that there is no scale.
    """
    history, season = _complete("history", history), whole("season", season)
    if np.shape(y) != np.shape(y_hat):
        raise ValueError(f"y has shape {np.shape(y)} and y_hat {np.shape(y_hat)}, expected the same")
    if len(history) <= season:
        raise ValueError(f"history has {len(history)} values, expected more than a season of {season}")
    scale = np.abs(history[season:] - history[:-season]).mean()
    if not scale:
        raise ValueError("history repeats itself exactly: the naive forecast has no error to compare with")
    return float(np.abs(np.asarray(y) - np.asarray(y_hat)).mean() / scale)


def _complete(name: str, series: np.ndarray) -> np.ndarray:
    series = numeric(name, series)
    if series.ndim != 1:
        raise ValueError(f"{name} has shape {series.shape}, expected (T,)")
    if np.isnan(series).any():
        raise ValueError(
            f"{name} has {np.isnan(series).sum()} gaps (NaN), the first at {np.isnan(series).argmax()}: fill them first"
        )
    return series

"""Task of unit 16: scaled windows of the past, and what came after each."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def series(rng):
    yield np.array([2.0, 4.0, 2.0, 4.0, 9.0, 9.0]), 2, 1, 4
    yield np.arange(9.0), 2, 3, 7
    yield np.arange(8.0) ** 2, 3, 1, 8
    for T, length, horizon, first in [(20, 4, 2, 12), (12, 1, 1, 9), (30, 5, 5, 16), (12, 2, 3, 5), (18, 3, 2, 10)]:
        yield rng.normal(5, 2, size=T) + 0.3 * np.arange(T), length, horizon, first


def value_by_value(series, length, horizon, first):
    past = series[:first].tolist()
    mean = sum(past) / first
    deviation = (sum((value - mean) ** 2 for value in past) / first) ** 0.5
    past = [(value - mean) / deviation for value in past]
    X, y, n = [], [], 0
    while n + length + horizon <= first:
        X.append([past[n + k] for k in range(length)])
        y.append([past[n + length + k] for k in range(horizon)])
        n += 1
    return np.array(X), np.array(y)


make_windows = Task(
    "make_windows",
    ("series", "length", "horizon", "first"),
    series,
    value_by_value,
    hints=(
        "Take the first `first` values and forget the rest: then nothing of it can leak in. Scale these, then cut.",
        "A window that begins at n takes the values n to n + length - 1; its future begins right after it, at n + "
        "length. The last window's future ends with the past: there are first - length - horizon + 1.",
        "past = (series[:first] - ...) / ...; X = np.array([past[n : n + ...] for n in range(...)]); y = np.array("
        "[past[n + ... : n + ... + ...] for n in range(...)]); return X, y",
    ),
)


def _windows(
    series,
    length,
    horizon,
    first,
    *,
    scaled_by=lambda series, first: series[:first],
    deviation=np.std,
    centred=True,
    until=lambda T, length, horizon, first: first,
    fewer=0,
    late=0,
    step=1,
    reverse=False,
    swap=False,
    last_only=False,
):
    """The windows with one thing done differently; the mistakes below say which."""
    seen = scaled_by(series, first)
    series = (series - (seen.mean() if centred else 0)) / deviation(seen)
    starts = range(0, until(len(series), length, horizon, first) - length - horizon + 1 - fewer, step)
    X = np.array([series[n : n + length] for n in starts]).reshape(len(starts), length)
    y = np.array([series[n + length + late : n + length + late + horizon] for n in starts])
    if last_only:
        y = y[:, -1:]
    if reverse:
        X = X[:, ::-1]
    return (y, X) if swap else (X, y)


def scaled_alone(series, length, horizon, first):
    """Each window by its own mean and deviation, the future along with it."""
    both = np.lib.stride_tricks.sliding_window_view(series[:first], length + horizon)
    scale = both.std(axis=1, keepdims=True)
    scaled = (both - both.mean(axis=1, keepdims=True)) / np.where(scale > 0, scale, 1)
    return scaled[:, :length], scaled[:, length:]


for _sentence, _answer in {
    "You scale with the mean and deviation of the whole series. So values of the test leak into training: use the "
    "first `first` values alone.": changed(_windows, "scaled_by_all", scaled_by=lambda series, first: series),
    "You scale with the mean and deviation of what comes *after* the first values. Use the past.": changed(
        _windows,
        "scaled_by_test",
        scaled_by=lambda series, first: series[first:] if len(series) - first > 1 else series,
    ),
    "You scale each window by itself, the future along with it: then a window knows something of its future. Use one "
    "mean and one deviation, of the first `first` values.": scaled_alone,
    "You do not scale. Subtract the mean of the first `first` values and divide by their deviation.": changed(
        _windows, "not_scaled", centred=False, deviation=lambda seen: 1.0
    ),
    "The mean is not subtracted.": changed(_windows, "not_centred", centred=False),
    "You divide by the variance. Divide by the standard deviation, its root.": changed(
        _windows, "by_variance", deviation=np.var
    ),
    "Your deviation divides by first - 1. Here it is np.std as it is, which divides by first (a convention).": changed(
        _windows, "sample_deviation", deviation=lambda seen: seen.std(ddof=1)
    ),
    "Your windows go on to the end of the series. What comes after the first `first` values is the test.": changed(
        _windows, "to_the_end", until=lambda T, length, horizon, first: T
    ),
    "Your windows end with the first values, but their futures reach into the test. Window and future must both lie "
    "within the first `first` values.": changed(
        _windows, "futures_in_the_test", until=lambda T, length, horizon, first: min(first + horizon, T)
    ),
    "The last window is missing. There are first - length - horizon + 1: its future ends where the past ends.": changed(
        _windows, "one_too_few", fewer=1
    ),
    "Your windows see their target: the future begins with the window's own last value. It begins at n + length.": (
        changed(_windows, "sees_its_target", late=-1)
    ),
    "There is a value between window and future that neither has. The future begins at n + length.": changed(
        _windows, "skips_one", late=1, fewer=1
    ),
    "Your windows do not overlap. A window begins at every place, one after the other.": (
        lambda series, length, horizon, first: _windows(series, length, horizon, first, step=length + (length == 1))
    ),
    "Your windows run backwards in time. Keep the order of the series.": changed(_windows, "backwards", reverse=True),
    "You return the futures first. Return X, then y.": changed(_windows, "swapped", swap=True),
    "You return the last value of the future only. y has all of the horizon, (N, horizon).": changed(
        _windows, "last_only", last_only=True
    ),
}.items():
    make_windows.mistake(_sentence)(_answer)

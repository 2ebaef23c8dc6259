"""Task of unit 16: the mean absolute scaled error."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def forecasts(rng):
    yield np.array([3.0, 5.0]), np.array([4.0, 4.0]), np.array([1.0, 2.0, 4.0, 3.0]), 1
    for shape, T, season in [((12,), 40, 12), ((5, 3), 20, 4), ((2, 6), 15, 1), ((1,), 9, 3)]:
        y = rng.normal(5, 2, size=shape)
        yield y, y + rng.normal(0.3, 1, size=shape), rng.normal(5, 2, size=T), season


def value_by_value(y, y_hat, history, season):
    error = sum(abs(a - b) for a, b in zip(y.ravel(), y_hat.ravel(), strict=True)) / y.size
    steps = [abs(history[t] - history[t - season]) for t in range(season, len(history))]
    return error / (sum(steps) / len(steps))


mase = Task(
    "mase",
    ("y", "y_hat", "history", "season"),
    forecasts,
    value_by_value,
    hints=(
        "Two mean absolute errors, one over the other: yours on the new values, the naive forecast's on the history.",
        "The naive forecast of history[t] is history[t - season]. So its errors are history[season:] - "
        "history[:-season].",
        "return np.abs(y - y_hat).mean() / np.abs(history[...:] - history[:...]).mean()",
    ),
)


def _mase(
    y,
    y_hat,
    history,
    season,
    *,
    error=lambda d: np.abs(d).mean(),
    scale=lambda history, season: np.abs(history[season:] - history[:-season]).mean(),
    invert=False,
):
    """The measure with one thing done differently; the mistakes below say which."""
    value = error(y - y_hat) / scale(history, season)
    return float(1 / value if invert else value)


for _sentence, _answer in {
    "You take the mean of the errors with their signs, so that high and low cancel. Take absolute values first.": (
        changed(_mase, "with_signs", error=lambda d: d.mean())
    ),
    "You square the errors. MASE is about absolute errors.": changed(
        _mase, "squared", error=lambda d: np.sqrt((d**2).mean())
    ),
    "You take the sum of the errors. Take the mean: the forecasts may be more or fewer than the history.": changed(
        _mase, "summed", error=lambda d: np.abs(d).sum()
    ),
    "Your scale is the change from one step to the next. The naive forecast looks a whole season back.": changed(
        _mase, "season_ignored", scale=lambda history, season: np.abs(np.diff(history)).mean()
    ),
    "You divide by the deviation of the history. Divide by the mean absolute error of the naive forecast.": changed(
        _mase, "deviation", scale=lambda history, season: history.std()
    ),
    "You divide by the mean of the history. Divide by the mean absolute error of the naive forecast.": changed(
        _mase, "percent", scale=lambda history, season: np.abs(history).mean()
    ),
    "The fraction is upside down: yours over the naive forecast's, so that below 1 is better.": changed(
        _mase, "upside_down", invert=True
    ),
    "You do not scale at all. Divide by the mean absolute error of the naive forecast on the history.": changed(
        _mase, "not_scaled", scale=lambda history, season: 1.0
    ),
}.items():
    mase.mistake(_sentence)(_answer)

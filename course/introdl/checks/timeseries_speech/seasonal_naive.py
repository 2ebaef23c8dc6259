"""Task of unit 16: as it was a season ago."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def histories(rng):
    yield np.array([9.0, 1.0, 2.0, 3.0]), 3, 3
    yield np.array([9.0, 1.0, 2.0, 3.0]), 3, 7
    for T, season, horizon in [(20, 12, 12), (15, 4, 2), (8, 1, 5), (10, 5, 12), (6, 6, 6)]:
        yield rng.normal(size=T), season, horizon


def month_by_month(history, season, horizon):
    known = list(history)
    for _ in range(horizon):
        known.append(known[-season])
    return np.array(known[len(history) :])


seasonal_naive = Task(
    "seasonal_naive",
    ("history", "season", "horizon"),
    histories,
    month_by_month,
    hints=(
        "The next value is the one a season ago. And if the horizon is longer than a season?",
        "Take the last season, history[-season:], and say it again and again until there are horizon values.",
        "return history[len(history) - season + np.arange(...) % ...]; or np.resize(history[-season:], ...)",
    ),
)


def _naive(history, season, horizon, *, of=lambda history, season: history[-season:]):
    return np.resize(of(history, season), horizon)


for _sentence, _answer in {
    "You repeat the last value. A season ago is `season` steps back.": changed(
        _naive, "last_value", of=lambda history, season: history[-1:]
    ),
    "You take the first season of the history. Take the last one.": changed(
        _naive, "first_season", of=lambda history, season: history[:season]
    ),
    "The last season comes out backwards. The next value is the one `season` steps back, not the last one.": changed(
        _naive, "backwards", of=lambda history, season: history[-season:][::-1]
    ),
    "You are one step off: the first forecast is history[-season], the value exactly a season before it.": changed(
        _naive, "one_off", of=lambda history, season: np.roll(history[-season:], -1)
    ),
    "You forecast the mean of the last season. The naive forecast keeps each month apart.": changed(
        _naive, "the_mean", of=lambda history, season: history[-season:].mean(keepdims=True)
    ),
    "You return one season, whatever the horizon is. Repeat it, or cut it, to `horizon` values.": (
        lambda history, season, horizon: history[-season:].copy()
    ),
}.items():
    seasonal_naive.mistake(_sentence)(_answer)

"""Task of unit 16: fill gaps from the past alone."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def gaps(rng):
    nan = np.nan
    yield np.array([1.0, 2.0, nan, 4.0]), 2
    yield np.array([1.0, 2.0, 4.0, 7.0, nan, nan, 5.0]), 3
    yield np.array([3.0, nan, nan, 5.0]), 5
    for T, season, count in [(20, 4, 3), (30, 12, 5), (15, 3, 0), (25, 6, 8)]:
        values = rng.normal(10, 2, size=T)
        values[1 + rng.permutation(T - 1)[:count]] = nan
        yield values, season


def step_by_step(series, season):
    filled = [float(value) for value in series]
    for t, value in enumerate(filled):
        if value != value:
            filled[t] = filled[t - 1]
            if t > season:
                filled[t] += filled[t - season] - filled[t - season - 1]
    return np.array(filled)


fill_gaps = Task(
    "fill_gaps",
    ("series", "season"),
    gaps,
    step_by_step,
    hints=(
        "Go through the gaps from left to right, in a copy. What was filled before may be used.",
        "The value before is filled[t - 1]. The change that the season before brought is filled[t - season] - "
        "filled[t - season - 1]; it needs t > season.",
        "for t in np.flatnonzero(np.isnan(filled)): filled[t] = filled[t - 1]; if t > ...: filled[t] += ... - ...",
    ),
)


def _fill(
    series, season, *, change=True, sign=1, back=lambda season: season, level=lambda filled, t, season: filled[t - 1]
):
    """The filling with one thing done differently; the mistakes below say which."""
    filled = series.copy()
    for t in np.flatnonzero(np.isnan(filled)):
        filled[t] = level(filled, t, season)
        if change and t > season:
            k = back(season)
            filled[t] += sign * (filled[t - k] - filled[t - k - 1])
    return filled


def interpolated(series, season):
    """A straight line between the neighbours."""
    known = ~np.isnan(series)
    return np.interp(np.arange(len(series)), np.flatnonzero(known), series[known])


def from_behind(series, season):
    """The next known value."""
    filled = series.copy()
    for t in np.flatnonzero(np.isnan(filled))[::-1]:
        filled[t] = filled[t + 1] if t + 1 < len(filled) else filled[t - 1]
    return filled


def in_the_original(series, season):
    """What was filled before is not used: a second gap in a row stays a gap."""
    filled = series.copy()
    for t in np.flatnonzero(np.isnan(series)):
        change = series[t - season] - series[t - season - 1] if t > season else 0
        filled[t] = series[t - 1] + change
    return filled


def zeros_for_gaps(series, season):
    return np.nan_to_num(series)


def left_out(series, season):
    return series[~np.isnan(series)]


def mean_of_all(series, season):
    return np.where(np.isnan(series), np.nanmean(series), series)


for _sentence, _answer in {
    "You draw a line to the next known value. That value lies in the future: it must not be used.": interpolated,
    "You take the next known value. It lies in the future: use the past alone.": from_behind,
    "You fill with the mean of the whole series, so later values leak into the gap. Use the past alone.": mean_of_all,
    "You look into the series that still has its gaps, so some stay. Use what you have filled.": in_the_original,
    "You fill with zeros. To the model that is a measurement, and a wild one.": zeros_for_gaps,
    "You leave the gaps out. Then what follows slips to other places, and the season is out of step.": left_out,
    "You repeat the value before. Add the change that the same step brought a season earlier.": changed(
        _fill, "change_missing", change=False
    ),
    "The change of a season ago is subtracted; add it: filled[t - season] - filled[t - season - 1].": changed(
        _fill, "wrong_sign", sign=-1
    ),
    "You take the value of a season ago itself, without the level of today. Start from filled[t - 1].": changed(
        _fill, "season_ago", change=False, level=lambda filled, t, season: filled[t - (season if t > season else 1)]
    ),
    "Your change is a step off: at t it is the change from t - season - 1 to t - season.": changed(
        _fill, "one_off", back=lambda season: season - 1
    ),
}.items():
    fill_gaps.mistake(_sentence)(_answer)

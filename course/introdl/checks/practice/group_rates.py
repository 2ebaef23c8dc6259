"""Task of unit 22: who pays for the errors (group_rates)."""

import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def grouped(rng):
    yield np.array([1, 1, 0, 1, 0, 0]), np.array([1, 0, 0, 1, 1, 1]), ["a", "a", "a", "b", "b", "b"]
    yield np.array([1, 0, 0]), np.array([0, 0, 1]), ["north", "south", "south"]
    for n, names in [(20, "xy"), (40, "abc"), (60, "pqrs")]:
        group = [
            str(name)
            for name in rng.choice(list(names), n, p=np.arange(1, len(names) + 1) / sum(range(len(names) + 1)))
        ]
        yield rng.integers(0, 2, n), rng.integers(0, 2, n), group


def by_counting(y, y_hat, group):
    found = {}
    for name in sorted(set(group)):
        rows = [(t, p) for t, p, g in zip(y.tolist(), y_hat.tolist(), group, strict=True) if g == name]
        counts = {kind: [p for t, p in rows if t == kind] for kind in (0, 1)}
        missed = counts[1].count(0) / len(counts[1]) if counts[1] else math.nan
        alarms = counts[0].count(1) / len(counts[0]) if counts[0] else math.nan
        found[name] = {"missed": missed, "false_alarms": alarms}
    return found


group_rates = Task(
    "group_rates",
    ("y", "y_hat", "group"),
    grouped,
    by_counting,
    hints=(
        "For one group: keep its examples only. Then two questions, each about a part of them: of its ones, how many "
        "are predicted as 0? Of its zeros, how many as 1?",
        "group is a list, so make an array of it first: np.array(group) == name is True for the group's examples. The "
        "mean of y_hat == 0 over the ones is the share missed; where a group has none, use np.nan.",
        "for name in set(group): inside = np.array(group) == name; ones, zeros = y_hat[inside & (y == 1)], ...; "
        "found[name] = {'missed': np.mean(ones == 0) if len(ones) else np.nan, ...}",
    ),
)


def _share(hits, of):
    return float(hits / of) if of else math.nan


def _rates(
    y,
    y_hat,
    group,
    *,
    inside=lambda group, name: group == name,
    below=lambda y, y_hat, kind, everybody: np.sum(y == kind),
    names=("missed", "false_alarms"),
    none=math.nan,
    turned=False,
):
    """The rates with one thing done differently; the mistakes below say which."""
    found, group = {}, np.array(group)
    for name in np.unique(group).tolist():
        rows = inside(group, name)
        t, p = y[rows], y_hat[rows]
        rates = []
        for kind in (1, 0):
            hits = np.sum((t == kind) & ((p == kind) if turned else (p != kind)))
            rate = _share(hits, below(t, p, kind, (y, y_hat)))
            rates.append(none if math.isnan(rate) else rate)
        found[name] = dict(zip(names, rates, strict=True))
    return dict(sorted(found.items()))


for _sentence, _answer in {
    "All groups are pooled: every group gets the rates of everybody. Keep the examples of the group only.": changed(
        _rates, "pooled", inside=lambda group, name: np.ones(len(group), dtype=bool)
    ),
    "You divide by the size of the group. `missed` is a share of its ones, `false_alarms` a share of its zeros: "
    "otherwise a group with few ones looks well served.": changed(
        _rates, "over_group", below=lambda y, y_hat, kind, everybody: len(y)
    ),
    "You divide by the ones and zeros of everybody, not of the group: so a small group always looks good.": changed(
        _rates, "over_everybody", below=lambda y, y_hat, kind, everybody: np.sum(everybody[0] == kind)
    ),
    "You divide by what was *predicted*: that tells how far to trust a prediction. Here, divide by the ones and zeros "
    "that there are.": changed(_rates, "over_predicted", below=lambda y, y_hat, kind, everybody: np.sum(y_hat != kind)),
    "The two rates are swapped: `missed` is about the ones, `false_alarms` about the zeros.": changed(
        _rates, "swapped", names=("false_alarms", "missed")
    ),
    "You count what is right; the errors are asked for.": changed(_rates, "rights", turned=True),
    "A group without any ones has no share of ones that are missed: np.nan, not 0, which would say that all is "
    "well.": changed(_rates, "zero_for_none", none=0.0),
    "You keep everybody *but* the group.": changed(_rates, "the_others", inside=lambda group, name: group != name),
}.items():
    group_rates.mistake(_sentence)(_answer)

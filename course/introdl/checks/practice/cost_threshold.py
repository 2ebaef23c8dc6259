"""Task of unit 22: the threshold that costs least, chosen on one part and judged on another (cost_threshold)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def priced(rng):
    y, score = np.array([1, 0, 1, 0]), np.array([0.9, 0.6, 0.4, 0.1])
    yield y, score, np.array([0, 1, 0, 1]), np.array([0.7, 0.5, 0.2, 0.3]), 10, 1
    yield np.array([1, 0, 1]), np.array([0.9, 0.6, 0.3]), np.array([1, 0]), np.array([0.5, 0.4]), 1, 1
    yield np.array([0, 0, 1]), np.array([0.9, 0.8, 0.1]), np.array([1, 0]), np.array([0.95, 0.1]), 1, 5
    for n, miss, alarm in [(12, 20, 1), (25, 5, 5), (40, 50, 2), (30, 1, 3), (60, 12, 4)]:
        parts = []
        for _ in range(2):
            y = (rng.random(n) < 0.3).astype(int)
            y[rng.integers(n)] = 1
            parts += [y, (1 / (1 + np.exp(1 - rng.normal(size=n) - 1.5 * y))).round(2)]
        yield *parts, miss, alarm


def by_trying(y_val, score_val, y_test, score_test, miss, false_alarm):
    """Every threshold on the first part, from infinity down; the first of the cheapest."""

    def total(y, score, t):
        pairs = list(zip(y.tolist(), score.tolist(), strict=True))
        missed, alarms = (sum(label == kind and (s >= t) != kind for label, s in pairs) for kind in (1, 0))
        return miss * missed + false_alarm * alarms

    thresholds = [float("inf"), *sorted(set(score_val.tolist()), reverse=True)]
    best = min(thresholds, key=lambda t: total(y_val, score_val, t))
    return best, total(y_test, score_test, best) / len(y_test)


cost_threshold = Task(
    "cost_threshold",
    ("y_val", "score_val", "y_test", "score_test", "miss", "false_alarm"),
    priced,
    by_trying,
    hints=(
        "Write a small function first: the mean cost of a threshold on some y and score. Then use it twice: to choose, "
        "and to judge.",
        "Candidates are infinity (flag nothing) and the different scores of the validation part, from high to low; "
        "min(candidates, key=...) takes the first of the cheapest. The test part is used for one thing: the cost "
        "that you report.",
        "def cost(y, score, t): flagged = score >= t; return (miss * np.sum((y == 1) & ~flagged) + ... * np.sum(...)) "
        "/ len(y); best = min([np.inf, *np.unique(score_val)[::-1]], key=lambda t: cost(y_val, ..., t))",
    ),
)


def _mean_cost(y, score, t, miss, false_alarm):
    flagged = score >= t
    return (miss * np.sum((y == 1) & ~flagged) + false_alarm * np.sum((y == 0) & flagged)) / len(y)


def _chosen(
    y_val,
    score_val,
    y_test,
    score_test,
    miss,
    false_alarm,
    *,
    choose_on="val",
    judge_on="test",
    candidates=lambda score: [np.inf, *np.unique(score)[::-1]],
    key=_mean_cost,
    price=_mean_cost,
    fixed=None,
    result=lambda t, cost, y: (float(t), float(cost)),
):
    """The choice with one thing done differently; the mistakes below say which."""
    parts = {"val": (y_val, score_val), "test": (y_test, score_test)}
    y, score = parts[choose_on]
    best = min(candidates(score), key=lambda t: key(y, score, t, miss, false_alarm))
    best = fixed(miss, false_alarm) if fixed else best
    y, score = parts[judge_on]
    return result(best, price(y, score, best, miss, false_alarm), y)


def _strict_cost(y, score, t, miss, false_alarm):
    return _mean_cost(y, score, np.nextafter(t, np.inf), miss, false_alarm)


for _sentence, _answer in {
    "The threshold is tuned on the test part. Its cost is no estimate any more: choose on y_val, score_val.": changed(
        _chosen, "tuned_on_test", choose_on="test"
    ),
    "You report the cost on the validation part, on which the threshold was chosen: that is too good to be true. "
    "Judge on y_test, score_test.": changed(_chosen, "judged_on_val", judge_on="val"),
    "A threshold of 0.5 is right only where both mistakes cost the same and scores are probabilities. Try every "
    "score.": changed(_chosen, "one_half", fixed=lambda miss, false_alarm: 0.5),
    "You take the threshold of the formula, false_alarm / (miss + false_alarm). It is the best one for true "
    "probabilities only; scores are seldom that. Try every score.": changed(
        _chosen, "formula", fixed=lambda miss, false_alarm: false_alarm / (miss + false_alarm)
    ),
    "You choose the threshold of the highest accuracy: there a miss costs as much as a false alarm.": changed(
        _chosen, "accuracy", key=lambda y, score, t, miss, false_alarm: np.mean((score >= t) != (y == 1))
    ),
    "The two costs are swapped: `miss` is for a one that is not flagged.": changed(
        _chosen,
        "swapped",
        key=lambda y, score, t, miss, false_alarm: _mean_cost(y, score, t, false_alarm, miss),
        price=lambda y, score, t, miss, false_alarm: _mean_cost(y, score, t, false_alarm, miss),
    ),
    "Infinity is missing among your thresholds: flagging nothing at all is sometimes the cheapest.": changed(
        _chosen, "never_nothing", candidates=lambda score: np.unique(score)[::-1]
    ),
    "Of equally cheap thresholds you take the lowest; take the highest (a convention).": changed(
        _chosen, "lowest", candidates=lambda score: [*np.unique(score), np.inf]
    ),
    "You return the total cost; the mean per example is asked for.": changed(
        _chosen, "total", result=lambda t, cost, y: (float(t), float(cost * len(y)))
    ),
    "You flag what lies *above* the threshold only: score >= t.": changed(
        _chosen, "strictly_above", key=_strict_cost, price=_strict_cost
    ),
    "Only misses count in your choice, so you flag everybody. A false alarm has its price, too.": changed(
        _chosen, "misses_only", key=lambda y, score, t, miss, false_alarm: np.sum((y == 1) & (score < t))
    ),
    "The threshold comes second: return (threshold, cost).": changed(
        _chosen, "other_order", result=lambda t, cost, y: (float(cost), float(t))
    ),
}.items():
    cost_threshold.mistake(_sentence)(_answer)

"""Task of unit 22: precision and recall at every threshold (precision_recall)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def scored(rng):
    yield np.array([1, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.5, 0.5, 0.1])
    yield np.array([0, 0, 1]), np.array([0.2, 0.7, 0.7])
    yield np.array([1]), np.array([-3.0])
    yield np.array([0, 1, 0, 0]), np.array([0.5, 0.5, 0.5, 0.5])
    for n in (8, 15, 40):
        y = (rng.random(n) < 0.3).astype(int)
        y[rng.integers(n)] = 1
        yield y, (rng.normal(size=n) + y).round(1)


def by_definition(y, score):
    precision, recall, thresholds = [], [], sorted(set(score.tolist()), reverse=True)
    for t in thresholds:
        flagged = [label for label, s in zip(y.tolist(), score.tolist(), strict=True) if s >= t]
        precision.append(sum(flagged) / len(flagged))
        recall.append(sum(flagged) / sum(y.tolist()))
    return np.array(precision), np.array(recall), np.array(thresholds)


precision_recall = Task(
    "precision_recall",
    ("y", "score"),
    scored,
    by_definition,
    hints=(
        "One threshold first: who is flagged, how many of those are ones, and how many ones are there in all?",
        "np.unique(score)[::-1] gives the thresholds. For each one: flagged = score >= t; the hits are (flagged & (y "
        "== 1)).sum(). Precision divides the hits by all flagged ones, recall by all ones.",
        "for t in thresholds: flagged = score >= t; hits = y[flagged].sum(); precision.append(hits / ...); "
        "recall.append(hits / ...)",
    ),
)


def _curve(
    y,
    score,
    *,
    at=lambda score, t: score >= t,
    thresholds=lambda score: np.unique(score)[::-1],
    precision=lambda y, flagged: y[flagged].mean(),
    recall=lambda y, flagged: y[flagged].sum() / y.sum(),
    arrange=lambda precision, recall, t: (precision, recall, t),
):
    """The curve with one thing done differently; the mistakes below say which."""
    found = thresholds(score)
    rows = [at(score, t) for t in found]
    with np.errstate(invalid="ignore", divide="ignore"):
        both = [np.array([rate(y, flagged) for flagged in rows], dtype=float) for rate in (precision, recall)]
    return arrange(*both, found)


def _strictly(y, flagged):
    return y[flagged].mean() if flagged.any() else 1.0


for _sentence, _answer in {
    "You flag what lies *above* the threshold only: score >= t, since each threshold is a score.": changed(
        _curve, "strictly_above", at=lambda score, t: score > t, precision=_strictly
    ),
    "You flag the low scores. The higher a score, the likelier a one: score >= t.": changed(
        _curve, "low_scores", at=lambda score, t: score <= t
    ),
    "Precision and recall are swapped. Precision: of those flagged, how many are ones. Recall: of the ones, how many "
    "are flagged.": changed(_curve, "swapped", arrange=lambda precision, recall, t: (recall, precision, t)),
    "In the place of precision stands accuracy. On rare events accuracy is high for whoever flags nothing.": changed(
        _curve, "accuracy", precision=lambda y, flagged: np.mean(flagged == (y == 1))
    ),
    "Your precision divides by all examples; divide by those flagged.": changed(
        _curve, "over_all", precision=lambda y, flagged: y[flagged].sum() / len(y)
    ),
    "Your recall is the share of examples that are flagged; it must be the share of the *ones*.": changed(
        _curve, "share_flagged", recall=lambda y, flagged: flagged.mean()
    ),
    "Your recall divides by all examples; divide by all ones.": changed(
        _curve, "recall_over_all", recall=lambda y, flagged: y[flagged].sum() / len(y)
    ),
    "Equal scores have one threshold: they are flagged together. You give each example a point of its own.": changed(
        _curve, "a_point_each", thresholds=lambda score: np.sort(score)[::-1]
    ),
    "Your thresholds go upwards. Start with the highest, where least is flagged (a convention).": changed(
        _curve, "upwards", thresholds=np.unique
    ),
}.items():
    precision_recall.mistake(_sentence)(_answer)

"""Rare events: precision and recall at every threshold, average precision, and the threshold that costs least."""

import numpy as np

from introdl._validate import positive
from introdl.practice._labels import as_many, yes_or_no


def precision_recall(y: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return precision, recall and threshold, each (K,), at the K different scores, from the highest down.

    y: (N,), 1 for what is looked for, at least one. score: (N,), the higher, the likelier. At a threshold t, everything
    with score >= t is flagged, so equal scores are flagged together.
    """
    y, threshold, flagged, hits = _counts(y, score)
    return hits / flagged, hits / y.sum(), threshold


def average_precision(y: np.ndarray, score: np.ndarray) -> float:
    """Return the mean of the precisions, each weighted by how much recall its threshold adds; 1 is perfect.

    y, score: as for `precision_recall`. A score that says nothing gets about the share of ones.
    """
    precision, recall, _ = precision_recall(y, score)
    return float(np.sum(precision * np.diff(recall, prepend=0.0)))


def cost_of(y: np.ndarray, flagged: np.ndarray, miss: float, false_alarm: float) -> float:
    """Return the mean cost of a decision: `miss` for a 1 that is not flagged, `false_alarm` for a 0 that is.

    y, flagged: (N,) zeros and ones (or booleans).
    """
    y, flagged = yes_or_no("y", y), as_many("flagged", yes_or_no("flagged", flagged), y)
    missed, alarms = np.sum((y == 1) & (flagged == 0)), np.sum((y == 0) & (flagged == 1))
    return float((positive("miss", miss) * missed + positive("false_alarm", false_alarm) * alarms) / len(y))


def cheapest_threshold(y: np.ndarray, score: np.ndarray, miss: float, false_alarm: float) -> float:
    """Return the threshold with the lowest cost on these examples: one of the scores, or infinity to flag nothing.

    Arguments as for `precision_recall` and `cost_of`. Of equally cheap thresholds, the highest. Give it validation
    data: a threshold is a choice.
    """
    y, threshold, flagged, hits = _counts(y, score)
    costs = positive("miss", miss) * (y.sum() - hits) + positive("false_alarm", false_alarm) * (flagged - hits)
    best = int(np.argmin(costs))
    return float(threshold[best]) if costs[best] < miss * y.sum() else np.inf


def _counts(y, score) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return y, the different scores from the highest down, and how many, and how many ones, each would flag."""
    y = yes_or_no("y", y)
    score = as_many("score", score, y)
    if not y.sum():
        raise ValueError("y holds no 1, expected at least one: there is nothing to find")
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(y) - 1)  # of each run of equal scores
    return y, score[order][last], last + 1, np.cumsum(y[order])[last]

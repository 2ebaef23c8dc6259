"""Errors by group: an average over everybody may hide who pays for it."""

import numpy as np

from introdl.practice._labels import as_many, yes_or_no


def group_rates(y: np.ndarray, y_hat: np.ndarray, group: np.ndarray) -> dict:
    """Return {group: {"n", "missed", "false_alarms"}} for labels and predictions of 0 and 1.

    y, y_hat: (N,). group: (N,), which group each example belongs to, of any plain kind. missed: the share of a group's
    ones that are predicted as 0; false_alarms: the share of its zeros that are predicted as 1; NaN if it has none.
    """
    y, group = yes_or_no("y", y), np.asarray(group)
    y_hat = as_many("y_hat", yes_or_no("y_hat", y_hat), y)
    if group.shape != y.shape:
        raise ValueError(f"group has shape {group.shape}, expected {y.shape}: one for each label")
    found = {}
    for name in np.unique(group):
        truth, said = y[group == name], y_hat[group == name]
        missed, alarms = said[truth == 1] == 0, said[truth == 0] == 1
        found[name.item()] = {"n": len(truth), "missed": _share(missed), "false_alarms": _share(alarms)}
    return found


def _share(which: np.ndarray) -> float:
    return float(which.mean()) if len(which) else float("nan")

"""Connectionist temporal classification: the loss where nobody says which step belongs to which label. Unit 16.

Graves et al. 2006. A network gives, at each of T steps, scores for C classes; class 0 is the blank, which says nothing.
A path, one class a step, is read by dropping repeats, then blanks. The loss is -log of the probability of all paths
that read as the label, summed in the way of dynamic programming: T * (2L + 1) sums in place of C to the power of T.
"""

import numpy as np

from introdl._validate import numeric

BLANK = 0


def ctc_collapse(path: np.ndarray) -> np.ndarray:
    """Return what a path (T,) of classes says: each run of one class once, and no blanks. (L,), L at most T."""
    path = np.asarray(path)
    new = np.append(True, path[1:] != path[:-1])[: len(path)]
    return path[new & (path != BLANK)]


def ctc_loss(log_p: np.ndarray, label: np.ndarray) -> float:
    """Return -log of the probability that T steps read as a label.

    log_p: (T, C) logarithms of each step's probabilities. label: (L,) classes from 1 to C - 1; L = 0 is silence.
    Raises ValueError where no path of T steps can read as the label: each repeat needs a blank between.
    """
    log_p, states = _checked(log_p, label)
    return -float(_total(_forward(log_p, states)))


def ctc_loss_backward(log_p: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return the slope of `ctc_loss` with respect to the scores before log-softmax, (T, C).

    It is p - q: what the network says at each step, less the share of paths that are in each class at that step.
    """
    log_p, states = _checked(log_p, label)
    ahead = _forward(log_p, states)
    back = _forward(log_p[::-1], states[::-1])[::-1, ::-1]
    at = log_p[:, states]  # counted in both
    share = np.exp(ahead + back - at - _total(ahead))  # (T, S)
    q = np.zeros_like(log_p)
    np.add.at(q.T, states, share.T)
    return np.exp(log_p) - q


def _forward(log_p: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return (T, S): log of the probability of all beginnings of paths that are in state s after step t."""
    T, S = len(log_p), len(states)
    jumps = np.zeros(S, bool)  # over a blank, from one class to another one
    jumps[2:] = (states[2:] != BLANK) & (states[2:] != states[:-2])
    alpha = np.full((T, S), -np.inf)
    alpha[0, :2] = log_p[0, states[:2]]  # begin with the blank or with the first class
    for t in range(1, T):
        before = alpha[t - 1]
        one = np.append(-np.inf, before[:-1])
        two = np.where(jumps, np.append([-np.inf, -np.inf], before[:-2])[:S], -np.inf)
        alpha[t] = np.logaddexp(np.logaddexp(before, one), two) + log_p[t, states]
    return alpha


def _total(alpha: np.ndarray) -> float:
    """Return log of the probability of all paths: they end in the last class or in the blank after it."""
    return np.logaddexp.reduce(alpha[-1, -2:])


def _checked(log_p: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log_p and the states (2L + 1,): the label with a blank before, between and after its classes."""
    log_p, label = numeric("log_p", np.asarray(log_p)), np.asarray(label, dtype=np.int64)
    if log_p.ndim != 2 or not log_p.size:
        raise ValueError(f"log_p has shape {log_p.shape}, expected (T, C) with at least one step")
    T, C = log_p.shape
    if label.ndim != 1 or (len(label) and not (label.min() > BLANK and label.max() < C)):
        raise ValueError(f"label is {label.tolist()}, expected classes from 1 to {C - 1}: 0 is the blank")
    needed = len(label) + int((label[1:] == label[:-1]).sum())
    if needed > T:
        why = f"its {len(label)} classes, a blank for each repeat"
        raise ValueError(f"label needs {needed} steps ({why}), there are {T}")
    states = np.full(2 * len(label) + 1, BLANK)
    states[1::2] = label
    return log_p.astype(np.float64), states

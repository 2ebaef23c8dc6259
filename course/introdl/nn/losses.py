"""Softmax and cross-entropy, from logits: the scores before they become probabilities.

Built in units 02 and 03. N examples, C classes.
"""

import numpy as np

from introdl._validate import labels, matrix, whole


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities (N, C) for logits (N, C): each row is positive and sums to 1."""
    logits = matrix("logits", logits)
    e = np.exp(logits - logits.max(axis=1, keepdims=True))  # the shift prevents overflow, the rest cancels
    return e / e.sum(axis=1, keepdims=True)


def cross_entropy(logits: np.ndarray, y: np.ndarray) -> float:
    """Return -log(probability of the right class), the mean over the batch; logits (N, C), labels y (N,)."""
    logits = matrix("logits", logits)
    y = labels("y", y, *logits.shape)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (N, C)
    return float(-log_p[np.arange(len(y)), y].mean())


def cross_entropy_backward(logits: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the gradient of `cross_entropy` for the logits, (softmax - one-hot) / N, of shape (N, C)."""
    p = softmax(logits)
    p[np.arange(len(y)), labels("y", y, *p.shape)] -= 1
    return p / len(y)


def one_hot(y: np.ndarray, num_classes: int) -> np.ndarray:
    """Return (N, num_classes) float32 with a 1 in column y of each row, else 0."""
    return np.eye(whole("num_classes", num_classes), dtype=np.float32)[labels("y", y, len(y), num_classes)]

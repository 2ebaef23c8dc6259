"""Losses of one batch as one number, each with its gradient: how far the outputs are from what should come out.

Built in units 02 and 03. N examples, C classes. The losses of classes start from logits, the scores before they
become probabilities: the logarithm of a probability that was rounded to 0 would be lost.
"""

import numpy as np

from introdl._validate import labels, like, matrix, positive, whole
from introdl.nn._ranges import floats
from introdl.nn.probabilities import sigmoid, softmax


def cross_entropy(logits: np.ndarray, y: np.ndarray) -> float:
    """Return -log(probability of the right class), the mean over the batch; logits (N, C), labels y (N,)."""
    logits = floats("logits", matrix("logits", logits))
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


def binary_cross_entropy(logits: np.ndarray, y: np.ndarray) -> float:
    """Return -y log(p) - (1 - y) log(1 - p) with p = sigmoid(logits), the mean over all entries.

    logits: any shape; y: the same shape, 0 or 1, or a probability between.
    """
    logits, y = _binary(logits, y)
    log_one_plus = np.log1p(np.exp(-np.abs(logits)))  # no exponent above 0: log(1 + exp(x)) = max(x, 0) + this
    return float((np.maximum(logits, 0) - y * logits + log_one_plus).mean())


def binary_cross_entropy_backward(logits: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the gradient of `binary_cross_entropy` for the logits, (p - y) / number of entries, same shape."""
    logits, y = _binary(logits, y)
    return (sigmoid(logits) - y) / y.size


def mean_squared_error(y_hat: np.ndarray, y: np.ndarray) -> float:
    """Return the mean of (y_hat - y)^2 over all entries; both have the same shape."""
    return float((_errors(y_hat, y) ** 2).mean())


def mean_squared_error_backward(y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the gradient of `mean_squared_error` for y_hat, 2 (y_hat - y) / number of entries, same shape."""
    error = _errors(y_hat, y)
    return 2 * error / error.size


def mean_absolute_error(y_hat: np.ndarray, y: np.ndarray) -> float:
    """Return the mean of |y_hat - y| over all entries; both have the same shape."""
    return float(np.abs(_errors(y_hat, y)).mean())


def mean_absolute_error_backward(y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the gradient of `mean_absolute_error` for y_hat: the sign of the error / number of entries, 0 at 0."""
    error = _errors(y_hat, y)
    return np.sign(error) / error.size


def huber(y_hat: np.ndarray, y: np.ndarray, delta: float = 1.0) -> float:
    """Return the mean of error^2 / 2 up to |error| = delta, delta * (|error| - delta / 2) beyond (Huber 1964)."""
    error, delta = np.abs(_errors(y_hat, y)), positive("delta", delta)
    inner = np.minimum(error, delta)
    return float((inner * (error - inner / 2)).mean())  # one formula for both sides: inner is the error or delta


def huber_backward(y_hat: np.ndarray, y: np.ndarray, delta: float = 1.0) -> np.ndarray:
    """Return the gradient of `huber` for y_hat: the error, cut off at delta either side, / number of entries."""
    error, delta = _errors(y_hat, y), positive("delta", delta)
    return np.clip(error, -delta, delta) / error.size


def _errors(y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return y_hat - y, of y_hat's type, if both have the same shape and at least one entry; raise if not."""
    y_hat = floats("y_hat", y_hat)
    if not y_hat.size:
        raise ValueError(f"y_hat has shape {y_hat.shape}, expected at least one entry")
    return y_hat - like("y", y, y_hat.shape).astype(y_hat.dtype, copy=False)


def _binary(logits: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return logits and y as floats of one type if y has their shape and lies in [0, 1]; raise if not."""
    logits = floats("logits", logits)
    if not logits.size:
        raise ValueError(f"logits has shape {logits.shape}, expected at least one entry")
    y = like("y", y, logits.shape).astype(logits.dtype, copy=False)
    if not (y.min() >= 0 and y.max() <= 1):  # NaN included
        raise ValueError(f"y holds values from {y.min()} to {y.max()}, expected 0 to 1")
    return logits, y

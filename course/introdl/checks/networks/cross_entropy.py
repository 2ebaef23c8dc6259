"""Task of unit 02: the mean cross-entropy of a batch, from logits."""

import numpy as np

from introdl.checks.task import Task


def batches(rng):
    yield np.array([[0.0, 0.0], [np.log(3.0), 0.0]]), np.array([0, 0])
    yield np.zeros((4, 10)), np.array([3, 1, 4, 1])
    for N, C in [(3, 4), (4, 4), (5, 2), (1, 3), (8, 10)]:
        yield 2 * rng.normal(size=(N, C)), rng.integers(0, C, size=N)
    yield np.array([[1000.0, 1001.0, 999.0]]), np.array([2])  # overflows without the shift
    yield np.array([[0.0, 900.0], [3.0, 2.0]]), np.array([0, 0])  # sure and wrong: the log of 0 without care
    yield rng.normal(size=(3, 4)) + np.array([[500.0], [0.0], [-500.0]]), np.array([0, 3, 1])


def odds_against_the_truth(logits, y):
    """log of the sum over k of exp(z_k - z_y), by NumPy's own careful sum of exponentials."""
    against = [np.logaddexp.reduce(row - row[label]) for row, label in zip(logits, y, strict=True)]
    return float(np.mean(against))


cross_entropy = Task(
    "cross_entropy",
    ("logits", "y"),
    batches,
    odds_against_the_truth,
    hints=(
        "Of each row you need one number only: minus the log of the probability of the true class. Then the mean.",
        "Do not take the log of softmax: write it out. log p = z - log(sum of exp(z)), with each row's maximum "
        "subtracted from z first. log_p[np.arange(len(y)), y] picks one entry per row.",
        "shifted = ...; log_p = shifted - np.log(np.exp(shifted).sum(...)); return -log_p[..., y].mean()",
    ),
)


def _log_p(logits, axis=1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _picked(log_p, y):
    return log_p[np.arange(len(y)), y]


@cross_entropy.mistake(
    "You divided by N * C. The mean goes over the examples; each example has one term, that of its true class."
)
def mean_over_classes(logits, y):
    return -(np.eye(logits.shape[1])[y] * _log_p(logits)).mean()


@cross_entropy.mistake("This is the sum over the batch. Take the mean, so that the loss does not grow with the batch.")
def summed(logits, y):
    return -_picked(_log_p(logits), y).sum()


@cross_entropy.mistake("The minus is missing. The log of a probability is negative; a loss is small when all is well.")
def minus_missing(logits, y):
    return _picked(_log_p(logits), y).mean()


@cross_entropy.mistake(
    "You take the log of the softmax. A tiny probability was rounded to 0, and its log is -inf: take the log by hand, "
    "log p = z - log(sum of exp(z))."
)
def log_of_softmax(logits, y):
    return -np.log(_picked(np.exp(_log_p(logits)), y)).mean()


@cross_entropy.mistake("exp overflows for large logits. Subtract each row's maximum first: it changes no probability.")
def overflowing(logits, y):
    return -_picked(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), y).mean()


@cross_entropy.mistake(
    "You added a tiny number inside the log, or cut the probability off, to avoid -inf. That hides how wrong a bold "
    "answer is: take the log by hand, log p = z - log(sum of exp(z))."
)
def clipped(logits, y):
    return -np.log(_picked(np.exp(_log_p(logits)), y) + 1e-12).mean()


@cross_entropy.mistake("Your softmax runs over the batch (axis 0). One example's probabilities sum to one: axis 1.")
def softmax_over_batch(logits, y):
    return -_picked(_log_p(logits, axis=0), y).mean()


@cross_entropy.mistake(
    "log_p[:, y] takes whole columns, for every row. Pick one entry per row: log_p[np.arange(len(y)), y]."
)
def whole_columns(logits, y):
    return -_log_p(logits)[:, y].mean()


@cross_entropy.mistake("You averaged over all classes of each row. Only the true class counts: pick it with y.")
def labels_ignored(logits, y):
    return -_log_p(logits).mean()


@cross_entropy.mistake("You applied softmax twice. Logits are scores, and one softmax makes probabilities of them.")
def softmax_twice(logits, y):
    return -_picked(_log_p(np.exp(_log_p(logits))), y).mean()


@cross_entropy.mistake("You used log to the base 2 (a convention): this course takes the natural log, np.log.")
def base_two(logits, y):
    return -_picked(_log_p(logits), y).mean() / np.log(2)


@cross_entropy.mistake("These are the losses of the single examples. Return their mean, one number.")
def not_averaged(logits, y):
    return -_picked(_log_p(logits), y)


@cross_entropy.mistake("The log is missing: this is the mean of 1 - p. Cross-entropy is the mean of -log p.")
def without_log(logits, y):
    return (1 - np.exp(_picked(_log_p(logits), y))).mean()

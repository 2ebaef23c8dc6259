"""Task of unit 03: the gradient of the mean cross-entropy at the logits."""

import numpy as np

from introdl.checks.backprop.imaginary import mean_cross_entropy, slope_by_imaginary_nudge
from introdl.checks.task import Task


def guesses(rng):
    yield np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([0, 1])
    yield np.array([[2.0, 1.0, 0.0]]), np.array([0])
    for N, C in [(3, 4), (5, 2), (4, 4), (8, 10), (1, 3)]:
        yield 2 * rng.normal(size=(N, C)), rng.integers(0, C, size=N)
    yield (
        np.array([[1000.0, 0.0, -1000.0], [-800.0, -800.0, -800.0]]),
        np.array([1, 2]),
    )  # overflows without the shift


softmax_cross_entropy_backward = Task(
    "softmax_cross_entropy_backward",
    ("logits", "y"),
    guesses,
    lambda logits, y: slope_by_imaginary_nudge(lambda z: mean_cross_entropy(z, y), logits),
    hints=(
        "The slope at the logits is predicted minus true: the probabilities, less 1 at the true class; then the mean.",
        "Compute the softmax of each row (subtract the row's maximum first), then take 1 off at [row, "
        "label] for every row at once.",
        "p = ...; p[np.arange(len(y)), y] -= ...; return p / ...",
    ),
)


def softmax(logits, axis=1, shift=True):
    powers = np.exp(logits - (logits.max(axis=axis, keepdims=True) if shift else 0.0))
    return powers / powers.sum(axis=axis, keepdims=True)


def one_hot(logits, y):
    return np.eye(logits.shape[1])[y]


@softmax_cross_entropy_backward.mistake(
    "The division by the batch size is missing. The loss is a mean over N examples, so each logit's slope "
    "carries 1/N; without it a larger batch takes a longer step."
)
def never_divided(logits, y):
    return softmax(logits) - one_hot(logits, y)


@softmax_cross_entropy_backward.mistake("You divided by the batch size twice. The mean over N examples brings one 1/N.")
def divided_twice(logits, y):
    return (softmax(logits) - one_hot(logits, y)) / len(y) ** 2


@softmax_cross_entropy_backward.mistake(
    "You divided by N * C. The mean goes over the examples; within an example the loss has one term, not C."
)
def mean_over_classes(logits, y):
    return (softmax(logits) - one_hot(logits, y)) / logits.size


@softmax_cross_entropy_backward.mistake(
    "The sign is flipped: it is predicted minus true. A step against your slopes would lower the true class."
)
def true_minus_predicted(logits, y):
    return (one_hot(logits, y) - softmax(logits)) / len(y)


@softmax_cross_entropy_backward.mistake(
    "p[:, y] -= 1 takes 1 off whole columns, for every row. Pick one entry per row: p[np.arange(len(y)), y]."
)
def whole_columns(logits, y):
    p = softmax(logits)
    p[:, y] -= 1
    return p / len(y)


@softmax_cross_entropy_backward.mistake(
    "Your softmax runs over the batch (axis 0). The probabilities of one example sum to one: axis 1."
)
def softmax_over_batch(logits, y):
    return (softmax(logits, axis=0) - one_hot(logits, y)) / len(y)


@softmax_cross_entropy_backward.mistake(
    "The 1 at the true class is missing: these are the probabilities divided by N, which would lower every logit."
)
def only_predicted(logits, y):
    return softmax(logits) / len(y)


@softmax_cross_entropy_backward.mistake(
    "Your softmax overflows for large logits. Subtract each row's maximum first: it changes no probability."
)
def overflowing(logits, y):
    return (softmax(logits, shift=False) - one_hot(logits, y)) / len(y)


@softmax_cross_entropy_backward.mistake("Your function changes the logits that it was given. Work on a new array.")
def in_place(logits, y):
    logits[:] = softmax(logits)
    logits[np.arange(len(y)), y] -= 1
    logits /= len(y)
    return logits

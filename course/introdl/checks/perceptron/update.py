"""Task of unit 01: what one example teaches a perceptron."""

import math

import numpy as np

from introdl.checks.task import Task


def examples(rng):
    yield np.array([0.0, 0.0]), 0.0, np.array([2.0, 1.0]), 0, 1.0  # a false alarm
    yield np.array([-1.0, 0.5]), 0.0, np.array([2.0, 1.0]), 1, 1.0  # a miss
    yield np.array([1.0, 0.5]), 0.0, np.array([2.0, 1.0]), 1, 1.0  # right
    for y in (0, 1, 0, 1, 0, 1):
        D = int(rng.integers(1, 5))
        yield rng.normal(size=D), float(rng.normal()), rng.normal(size=D), y, float(rng.uniform(0.1, 0.9))


def correct_by_cases(w, b, x, y, lr):
    fires = math.fsum([b, *(wi * xi for wi, xi in zip(w, x, strict=True))]) >= 0
    direction = {(True, 0): -1, (False, 1): 1}.get((fires, y), 0)
    return np.array([wi + direction * lr * xi for wi, xi in zip(w, x, strict=True)]), b + direction * lr


update = Task(
    "update",
    ("w", "b", "x", "y", "lr"),
    examples,
    correct_by_cases,
    hints=(
        "There are three situations: right, fired although y = 0, silent although y = 1. What "
        "should happen to the sum in each?",
        "The error y - y_hat is 0, -1 or +1 in these situations: one formula covers all three.",
        "y_hat = ...; return w + lr * (...) * x, b + lr * (...)",
    ),
)


@update.mistake(
    "The sign is flipped: after a miss (y = 1) this lowers the sum, and the next answer is even more wrong. "
    "The error is y - y_hat."
)
def flipped_sign(w, b, x, y, lr):
    error = y - int(x @ w + b >= 0)
    return w - lr * error * x, b - lr * error


@update.mistake(
    "The bias is not updated. It is a weight, too, one whose input is always 1: it learns by lr * (y - y_hat)."
)
def bias_stays(w, b, x, y, lr):
    return w + lr * (y - int(x @ w + b >= 0)) * x, b


@update.mistake(
    "You update on right answers, too. The perceptron learns from mistakes only: with y_hat = y nothing changes."
)
def always_update(w, b, x, y, lr):
    return w + lr * (2 * y - 1) * x, b + lr * (2 * y - 1)


@update.mistake("The learning rate lr is missing: the step is lr * (y - y_hat) * x.")
def no_learning_rate(w, b, x, y, lr):
    error = y - int(x @ w + b >= 0)
    return w + error * x, b + error


@update.mistake(
    "You used the raw sum in the error. The perceptron's error compares decisions: y_hat is the step of the sum, "
    "0 or 1."
)
def error_of_the_sum(w, b, x, y, lr):
    error = y - (x @ w + b)
    return w + lr * error * x, b + lr * error


@update.mistake(
    "Your function changes the array w that it was given (w += ... works in place). Return a new array: w = w + ..."
)
def in_place(w, b, x, y, lr):
    error = y - int(x @ w + b >= 0)
    w += lr * error * x
    return w, b + lr * error

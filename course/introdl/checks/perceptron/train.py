"""Task of unit 01: the perceptron rule until an epoch makes no mistake."""

import numpy as np

from introdl import data
from introdl.checks.perceptron.xor_weights import CORNERS
from introdl.checks.task import Task


def problems(rng):
    yield CORNERS.astype(float), np.array([0, 0, 0, 1]), 1.0, 20  # AND
    yield CORNERS.astype(float), np.array([0, 1, 1, 0]), 1.0, 6  # XOR: never without a mistake
    for D in (1, 2, 3):
        X, w = rng.normal(size=(30, D)), rng.normal(size=D)
        y = (X @ w + 0.3 >= 0).astype(int)
        yield X + 0.3 * np.outer(2 * y - 1, w / np.linalg.norm(w)), y, float(rng.uniform(0.1, 2)), 25
    flowers, species = data.iris()
    order = rng.permutation(100)
    yield flowers[order], species[order], 1.0, 12  # setosa and versicolor
    yield rng.normal(size=(5, 2)), np.ones(5, dtype=int), 1.0, 10  # right from the start
    yield rng.normal(size=(4, 2)), np.array([0, 1, 0, 1]), 1.0, 0  # no epoch at all


def train_by_counting(X, y, lr, max_epochs):
    """The perceptron in dual form: count how often each example was a mistake; weights are built only at the end."""
    signs, counts, mistakes = 2 * y - 1, np.zeros(len(X)), []
    likeness = X @ X.T + 1  # (N, N); the 1 stands for the bias
    for _ in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if (counts * signs @ likeness[:, i] >= 0) != (y[i] == 1):
                counts[i] += 1
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return lr * (counts * signs) @ X, lr * float(counts @ signs), mistakes


train = Task(
    "train",
    ("X", "y", "lr", "max_epochs"),
    problems,
    train_by_counting,
    hints=(
        "Two loops: the outer one over epochs, the inner one over the examples in their order. "
        "Call `update` for each example.",
        "Count the mistakes of the epoch before you update, append the count at the end of the "
        "epoch, and leave the outer loop "
        "when it is 0.",
        "for epoch in range(max_epochs): wrong = 0; for x_i, y_i in zip(X, y): wrong += "
        "(predict(x_i[None], w, b)[0] != y_i); "
        "w, b = update(...); mistakes.append(wrong); if wrong == 0: break",
    ),
)


def _perceptron(
    X,
    y,
    lr,
    max_epochs,
    *,
    fires=lambda z: z >= 0,
    step=lambda error, sign: error,
    learn_bias=1,
    stop=True,
    keep_last=True,
):
    """Train a perceptron with one thing done differently; the mistakes below say which."""
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        wrong = 0
        for x_i, y_i in zip(X, y, strict=True):
            error = y_i - int(fires(x_i @ w + b))
            wrong += int(error != 0)
            if change := lr * step(error, 2 * y_i - 1):
                w, b = w + change * x_i, b + learn_bias * change
        if keep_last or wrong:
            mistakes.append(wrong)
        if stop and wrong == 0:
            break
    return w, b, mistakes


@train.mistake("The update has the wrong sign: mistakes do not get fewer from epoch to epoch. The error is y - y_hat.")
def learns_backwards(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, step=lambda error, sign: -error)


@train.mistake("The bias stays 0, so only boundaries through the origin can be learned. Take both results of `update`.")
def bias_never_learns(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, learn_bias=0)


@train.mistake("You update on right answers, too: the weights keep growing although nothing is wrong.")
def learns_from_everything(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, step=lambda error, sign: sign)


@train.mistake("With zero weights every sum is 0, and at 0 the neuron fires: use >=, as in your step.")
def silent_at_zero(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, fires=lambda z: z > 0)


@train.mistake("Training goes on after an epoch without a mistake. Then nothing can change any more: stop there.")
def never_stops(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, stop=False)


@train.mistake(
    "The last epoch, the one without a mistake, is missing from your list: append its 0 before you leave the loop."
)
def last_epoch_not_counted(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, keep_last=False)


@train.mistake(
    "You judged the whole epoch by the weights from its start. The perceptron updates after each example, and the next "
    "one already meets the new weights."
)
def one_update_per_epoch(X, y, lr, max_epochs):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        error = y - (X @ w + b >= 0)
        w, b = w + lr * error @ X, b + lr * float(error.sum())
        mistakes.append(int(np.abs(error).sum()))
        if mistakes[-1] == 0:
            break
    return w, b, mistakes

"""Task of unit 03: mini-batch gradient descent on a network of two layers."""

import copy
import math

import numpy as np

from introdl import data
from introdl.checks.backprop.train_step import step_by_imaginary_nudge, step_with, two_layers
from introdl.checks.task import Task
from introdl.checks.variant import changed


def runs(rng):
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    yield corners, np.array([0, 1, 1, 0]), two_layers(rng, 2, 4, 2), 0.5, 2, 3, np.random.default_rng(1)
    for N, batch_size in [(7, 3), (5, 1), (6, 10)]:
        yield (
            rng.normal(size=(N, 2)),
            rng.integers(0, 2, size=N),
            two_layers(rng, 2, 3, 2),
            0.1,
            batch_size,
            2,
            np.random.default_rng(int(rng.integers(1000))),
        )
    flowers, species = data.iris()
    flowers = (flowers - flowers.mean(axis=0)) / flowers.std(axis=0)
    yield flowers, species, two_layers(rng, 4, 5, 3), 0.2, 40, 2, np.random.default_rng(int(rng.integers(1000)))
    yield (
        corners,
        np.array([0, 1, 1, 0]),
        two_layers(rng, 2, 4, 2),
        0.5,
        2,
        0,
        np.random.default_rng(2),
    )  # no epoch at all


def train_by_imaginary_nudge(X, y, params, lr, batch_size, num_epochs, rng):
    """Training whose every slope comes from nudging; a copy of the generator leaves the case as it is."""
    rng, losses = copy.deepcopy(rng), []
    for _ in range(num_epochs):
        left = rng.permutation(len(X))
        while len(left):
            batch, left = left[:batch_size], left[batch_size:]
            loss, params = step_by_imaginary_nudge(X[batch], y[batch], params, lr)
            losses.append(loss)
    return params, losses


train = Task(
    "train",
    ("X", "y", "params", "lr", "batch_size", "num_epochs", "rng"),
    runs,
    train_by_imaginary_nudge,
    hints=(
        "Two loops: over epochs, and over the mini-batches of the epoch. Every mini-batch is one "
        "train_step, which starts from the parameters of the step before.",
        "At the start of each epoch draw order = rng.permutation(len(X)). The mini-batch that starts at k is "
        "order[k:k + batch_size]; index X and y with the same numbers.",
        "for start in range(0, len(X), batch_size): batch = order[...]; "
        "loss, params = train_step(X[batch], y[batch], ...); losses.append(...)",
    ),
)


def _fit(
    X,
    y,
    params,
    lr,
    batch_size,
    num_epochs,
    rng,
    *,
    order="each epoch",
    labels="same",
    keep=True,
    remainder=True,
    batches=True,
    record="steps",
):
    """Train with one thing done differently; the mistakes below say which."""
    start, losses, N = params, [], len(X)
    batch_size = batch_size if batches else N
    fixed = rng.permutation(N) if order == "once" else np.arange(N)
    for _ in range(num_epochs):
        places = rng.permutation(N) if order == "each epoch" else fixed
        y_places = {"same": places, "unshuffled": fixed}.get(labels)
        y_places = rng.permutation(N) if y_places is None else y_places
        for k in range(0, N if remainder else N - batch_size + 1, batch_size):
            batch, y_batch = places[k : k + batch_size], y_places[k : k + batch_size]
            loss, params = step_with(X[batch], y[y_batch], params if keep else start, lr)
            losses.append(loss)
        if record == "epochs":
            losses[-math.ceil(N / batch_size) :] = [loss]
    return params, losses


for _name, (_sentence, _change) in {
    "labels_left_behind": (
        "X is shuffled and y is not: each example learns somebody else's label. Index both with the same numbers.",
        {"labels": "unshuffled"},
    ),
    "two_orders": (
        "X and y are shuffled by two different permutations: draw one order and index both with it.",
        {"labels": "own order"},
    ),
    "same_order": (
        "You drew one order before the loop and used it in every epoch. Draw a new one at the start of each epoch.",
        {"order": "once"},
    ),
    "not_shuffled": (
        "You did not shuffle. Draw order = rng.permutation(len(X)) at the start of each epoch.",
        {"order": "none"},
    ),
    "remainder_dropped": (
        "You dropped the examples left over at the end of an epoch. They make a smaller last batch (a convention).",
        {"remainder": False},
    ),
    "nothing_kept": (
        "Every step starts from the first parameters, so nothing is kept of the steps before. "
        "Hand the new parameters on: loss, params = train_step(...).",
        {"keep": False},
    ),
    "whole_batch": (
        "You took one step per epoch, on all examples at once. Use mini-batches of batch_size.",
        {"batches": False},
    ),
    "one_loss_per_epoch": (
        "The training is right, but the list holds one loss per epoch. Return the loss of every step.",
        {"record": "epochs"},
    ),
}.items():
    train.mistake(_sentence)(changed(_fit, _name, **_change))

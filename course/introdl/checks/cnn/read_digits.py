"""Task of unit 10: train until 97 % of new digits are read."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from introdl import data
from introdl.checks.task import Task
from introdl.checks.variant import changed

ASKED = 0.97


def digits(rng):
    """The training digits in a fresh order, and new ones: of those set aside, most, also in a fresh order."""
    split = data.digits8x8()
    order = rng.permutation(len(split.X_train))
    X, X_new = split.X_train[order], np.concatenate([split.X_val, split.X_test])
    yield as_images(X), split.y_train[order], as_images(X_new[rng.permutation(len(X_new))[:500]])


def as_images(X):
    return X.reshape(-1, 1, 8, 8)


def labels_of(X_new):
    """The labels of digits of the course's split, found by their pixels."""
    split = data.digits8x8()
    known = {
        row.tobytes(): label
        for X, y in ((split.X_val, split.y_val), (split.X_test, split.y_test))
        for row, label in zip(X, y, strict=True)
    }
    return np.array([known[row.tobytes()] for row in X_new.reshape(len(X_new), -1)])


def problem(args, y_hat):
    """Say what is wrong with predictions, if anything is."""
    y, y_hat = labels_of(args[2]), np.asarray(y_hat)
    if y_hat.shape != y.shape:
        return f"You returned the shape {y_hat.shape}, expected {y.shape}: one label for each new digit."
    if y_hat.dtype.kind not in "iu" and not np.all(y_hat == np.rint(y_hat)):
        return "You returned numbers that are no labels, expected whole numbers from 0 to 9."
    share = float(np.mean(y == y_hat))
    if share >= ASKED:
        return None
    if share < 0.3:
        why = "That is guessing: does the loss fall, and does each image keep its label when you shuffle?"
    elif share < 0.94:
        why = "It has begun to learn: train longer, or with a larger learning rate."
    else:
        why = "Not far: is there a ReLU after each convolution? Try more epochs, or another learning rate."
    return f"{share:.1%} of the new digits are right, expected at least {ASKED:.0%}. {why}"


read_digits = Task(
    "read_digits",
    ("X", "y", "X_new"),
    digits,
    judge=problem,
    seconds=60.0,
    hints=(
        "Four parts: make the network and an optimizer; loop over epochs and over batches in a random order; in "
        "evaluation, send X_new through; take the label with the largest logit.",
        "Adam with a rate of 0.01, batches of 32 and twenty epochs do it. torch.randperm(len(X))"
        ".split(32) gives the batches' places.",
        "for batch in torch.randperm(len(images)).split(32): loss = cross_entropy(net(images[batch]), ...); "
        "optimizer.zero_grad(); ...; at the end net(torch.tensor(X_new)).argmax(dim=...)",
    ),
)


def _conv_net():
    """A small convolutional network."""
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(64, 10)),
    )


def _linear():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


def _read(
    X,
    y,
    X_new,
    *,
    make=_conv_net,
    num_epochs=6,
    lr=0.01,
    steps=True,
    answer=lambda logits: logits.argmax(dim=1),
):
    """Training with one thing done differently; the mistakes below say which."""
    torch.manual_seed(0)
    net = make()
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    images, targets = torch.tensor(X), torch.tensor(y)
    for _ in range(num_epochs):
        for batch in torch.randperm(len(images)).split(32):
            loss = cross_entropy(net(images[batch]), targets[batch])
            optimizer.zero_grad()
            loss.backward()
            if steps:
                optimizer.step()
    with torch.no_grad():
        return answer(net(torch.tensor(X_new))).numpy()


def labels_left_behind(X, y, X_new):
    """Images in a random order, labels in the old one."""
    torch.manual_seed(0)
    shuffled = X[torch.randperm(len(X)).numpy()]
    return _read(shuffled, y, X_new, num_epochs=2)


for _sentence, _answer in {
    "Your network is not trained: after backward(), optimizer.step() must be called.": changed(
        _read, "no_step", steps=False, num_epochs=1
    ),
    "Images and labels no longer belong together: index both with the same random order.": labels_left_behind,
    "You return the logits. Take the place of the largest in each row: argmax(dim=1).": changed(
        _read, "logits", answer=lambda logits: logits, num_epochs=1
    ),
    "You took the largest along the wrong axis, over the digits: argmax(dim=1) goes over the classes.": changed(
        _read, "wrong_axis", answer=lambda logits: logits.argmax(dim=0), num_epochs=1
    ),
    "One epoch is too few: go through the examples some twenty times.": changed(_read, "one_epoch", num_epochs=1),
    "Your network is linear: it has no layer that bends. Use SmallCNN.": changed(_read, "linear", make=_linear),
    "The learning rate is far too large, and training diverges. Try 0.01 with Adam.": changed(
        _read, "rate_too_large", lr=3.0, num_epochs=2
    ),
}.items():
    read_digits.mistake(_sentence)(_answer)

"""Task of unit 12: learn from 200 digits that stand in the middle to read digits that do not."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from introdl import augment, data
from introdl.checks.task import Task
from introdl.checks.variant import changed

ASKED, MOST, EACH = 0.8, 2, 20


def digits(rng):
    """Twenty digits of each kind, in the middle of 12x12 pixels; 500 others, each moved by up to two pixels."""
    split = data.digits8x8()
    chosen = np.concatenate([rng.permutation(np.flatnonzero(split.y_train == k))[:EACH] for k in range(10)])
    chosen = rng.permutation(chosen)
    X_new = np.concatenate([split.X_val, split.X_test])
    X_new = X_new[rng.permutation(len(X_new))[:500]]
    yield framed(split.X_train[chosen]), split.y_train[chosen], augment.random_shift(framed(X_new), MOST, rng)


def framed(X):
    """Return digits (N, 64) as (N, 1, 12, 12), with two pixels of paper around them."""
    return np.pad(X.reshape(-1, 1, 8, 8), ((0, 0), (0, 0), (MOST, MOST), (MOST, MOST)))


def centred(image):
    """Return the digit's ink alone, as bytes that do not depend on where it stands."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    inked = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return inked.shape, np.ascontiguousarray(inked).tobytes()


def labels_of(X_new):
    """The labels of moved digits of the course's split, found by their ink."""
    split = data.digits8x8()
    known = {
        centred(image.reshape(8, 8)): label
        for X, y in ((split.X_val, split.y_val), (split.X_test, split.y_test))
        for image, label in zip(X, y, strict=True)
    }
    return np.array([known[centred(image)] for image in X_new[:, 0]])


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
    if share < 0.2:
        why = "That is guessing: does the loss fall, and does each image keep its label?"
    elif share < 0.5:
        why = "So many does a network read that has only seen digits in the middle: move each batch by random_shift."
    else:
        why = "It reads moved digits, but not well enough: take more steps, or another learning rate."
    return f"{share:.0%} of the new digits are right, expected at least {ASKED:.0%}. {why}"


read_moved = Task(
    "read_moved",
    ("X", "y", "X_new"),
    digits,
    judge=problem,
    seconds=60.0,
    hints=(
        "The new digits are moved by up to two pixels in each direction, those to learn from are not. So move those to "
        "learn from: another way for each, and again in each step.",
        "In each step: choose 32 places at random, take these images, move them with random_shift(..., 2, rng), make "
        "a step with Adam at a rate of 0.003. 600 steps are enough. The new digits are read as they are.",
        "batch = rng.integers(0, len(X), 32); moved = random_shift(X[batch, 0], 2, rng)[:, None]; loss = "
        "cross_entropy(net(torch.tensor(moved)), torch.tensor(y[batch])); ...",
    ),
)


def _conv_net():
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(288, 10)),
    )


def _read(
    X,
    y,
    X_new,
    *,
    change=lambda X, rng: augment.random_shift(X, MOST, rng),
    once=False,
    lr=0.003,
    num_steps=150,
    steps=True,
    answer=lambda logits: logits.argmax(dim=1),
):
    """Training with one thing done differently; the mistakes below say which."""
    torch.manual_seed(0)
    net, rng = _conv_net(), np.random.default_rng(0)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    if once:
        X = change(X, rng)
    for _ in range(num_steps):
        batch = rng.integers(0, len(X), 32)
        images = X[batch] if once else change(X[batch], rng)
        loss = cross_entropy(net(torch.tensor(images)), torch.tensor(y[batch]))
        optimizer.zero_grad()
        loss.backward()
        if steps:
            optimizer.step()
    with torch.no_grad():
        return answer(net(torch.tensor(X_new))).numpy()


def _unchanged(X, rng):
    return X


for _sentence, _answer in {
    "You train on the digits as they are. Move each batch with random_shift before the network sees it.": changed(
        _read, "not_moved", change=_unchanged
    ),
    "You move by one pixel at most. The new digits are moved by up to two.": changed(
        _read, "one_pixel", change=lambda X, rng: augment.random_shift(X, 1, rng)
    ),
    "You move the digits once, before training. Move them anew in each step: then 200 digits are thousands.": changed(
        _read, "moved_once", once=True
    ),
    "You mirror the digits. That does not help against being moved, and a mirrored digit is none.": changed(
        _read, "mirrored", change=lambda X, rng: augment.random_flip(X, rng)
    ),
    "Your network is not trained: after backward(), optimizer.step() must be called.": changed(
        _read, "no_step", steps=False, num_steps=5
    ),
    "You return the logits. Take the place of the largest in each row: argmax(dim=1).": changed(
        _read, "logits", answer=lambda logits: logits, num_steps=20
    ),
    "You took the largest along the wrong axis, over the digits: argmax(dim=1) goes over the classes.": changed(
        _read, "wrong_axis", answer=lambda logits: logits.argmax(dim=0), num_steps=20
    ),
    "The learning rate is far too large, and training diverges. Try 0.003 with Adam.": changed(
        _read, "rate_too_large", lr=1.0, num_steps=50
    ),
    "Twenty steps are too few. Take some 600.": changed(_read, "few_steps", num_steps=20),
}.items():
    read_moved.mistake(_sentence)(_answer)

"""Task of unit 10: which epoch to keep, and an honest figure for it."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def notes(rng):
    """Logits with more and more weight on the right class in training, and less after a while in validation."""
    for E, N, M, C in [(2, 4, 3, 2), (3, 8, 6, 3), (6, 30, 20, 4), (8, 50, 25, 10), (5, 12, 7, 3)]:
        y_train, y_val = rng.integers(0, C, size=N), rng.integers(0, C, size=M)
        peak = rng.integers(0, E)
        train_logits, val_logits = rng.normal(size=(E, N, C)), rng.normal(size=(E, M, C))
        train_logits[:, np.arange(N), y_train] += np.linspace(0, 3, E)[:, None]
        val_logits[:, np.arange(M), y_val] += (2 - 0.5 * np.abs(np.arange(E) - peak))[:, None]
        yield train_logits, y_train, val_logits, y_val
    flat = np.array([[[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]], [[0.0, 1.0], [0.0, 1.0]]])
    yield flat[::-1].copy(), np.array([0, 1]), flat, np.array([0, 1])  # two epochs tie: the earliest counts


def one_by_one(train_logits, y_train, val_logits, y_val):
    shares = []
    for logits in val_logits.tolist():
        right = sum(row.index(max(row)) == label for row, label in zip(logits, y_val.tolist(), strict=True))
        shares.append(right / len(y_val))
    return shares.index(max(shares)), max(shares)


best_epoch = Task(
    "best_epoch",
    ("train_logits", "y_train", "val_logits", "y_val"),
    notes,
    one_by_one,
    hints=(
        "Which examples has the network learned from? The figure must come from the others.",
        "argmax over the last axis gives predictions (E, M). Compare with y_val and take the mean of each row. argmax "
        "over epochs takes the earliest of several largest.",
        "accuracies = (val_logits.argmax(axis=...) == ...).mean(axis=1); epoch = accuracies.argmax()",
    ),
)


def _cross_entropies(logits, y):
    shifted = logits - logits.max(axis=2, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    return -log_p[:, np.arange(len(y)), y].mean(axis=1)


def _shares(logits, y):
    return (logits.argmax(axis=2) == y).mean(axis=1)


def _last_of_best(shares):
    return len(shares) - 1 - shares[::-1].argmax()


def _keep(train_logits, y_train, val_logits, y_val, *, choose=None, report=None, from_one=0):
    """The choice with one thing done differently; the mistakes below say which."""
    train, val = (train_logits, y_train), (val_logits, y_val)
    epoch = int((choose or (lambda train, val: _shares(*val).argmax()))(train, val))
    return epoch + from_one, float((report or (lambda train, val: _shares(*val)[epoch]))(train, val))


def all_on_training_data(train_logits, y_train, val_logits, y_val):
    shares = _shares(train_logits, y_train)
    return int(shares.argmax()), float(shares.max())


def figure_from_training_data(train_logits, y_train, val_logits, y_val):
    epoch = int(_shares(val_logits, y_val).argmax())
    return epoch, float(_shares(train_logits, y_train)[epoch])


def both_together(train_logits, y_train, val_logits, y_val):
    logits, y = np.concatenate([train_logits, val_logits], axis=1), np.concatenate([y_train, y_val])
    shares = _shares(logits, y)
    return int(shares.argmax()), float(shares.max())


def last_epoch(train_logits, y_train, val_logits, y_val):
    shares = _shares(val_logits, y_val)
    return len(shares) - 1, float(shares[-1])


def lowest_loss(train_logits, y_train, val_logits, y_val):
    epoch = int(_cross_entropies(val_logits, y_val).argmin())
    return epoch, float(_shares(val_logits, y_val)[epoch])


for _sentence, _answer in {
    "You measure on the training data. The network has learned these by heart: choose and report on the validation "
    "data.": all_on_training_data,
    "You choose by the validation data and then report the accuracy on the training data. Report the validation "
    "accuracy.": figure_from_training_data,
    "You put training and validation data together. The training examples drown the few honest ones: use the "
    "validation data alone.": both_together,
    "You take the last epoch. Take the one with the highest validation accuracy.": last_epoch,
    "You take the epoch with the lowest validation loss. Here the highest accuracy decides (both are used; say "
    "which).": lowest_loss,
    "Several epochs tie, and you take the last of them. Take the earliest (a convention).": changed(
        _keep, "latest_of_ties", choose=lambda train, val: _last_of_best(_shares(*val))
    ),
    "You count epochs from 1. Here they count from 0.": changed(_keep, "from_one", from_one=1),
    "You return the accuracy in percent. Return a number from 0 to 1.": changed(
        _keep, "percent", report=lambda train, val: 100 * _shares(*val).max()
    ),
}.items():
    best_epoch.mistake(_sentence)(_answer)

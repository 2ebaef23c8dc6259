"""Task of unit 10: labels against predictions."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def answers(rng):
    yield np.array([0, 0, 1]), np.array([0, 1, 1]), 2
    yield np.array([2, 2, 0, 2]), np.array([0, 2, 0, 0]), 4
    for N, C in [(20, 3), (50, 5), (7, 10)]:
        yield rng.integers(0, C, size=N), rng.integers(0, C, size=N), C
    yield np.array([], dtype=int), np.array([], dtype=int), 3


def cell_by_cell(y, y_hat, num_classes):
    counts = [[int(((y == i) & (y_hat == j)).sum()) for j in range(num_classes)] for i in range(num_classes)]
    return np.array(counts)


confusion_matrix = Task(
    "confusion_matrix",
    ("y", "y_hat", "num_classes"),
    answers,
    cell_by_cell,
    hints=(
        "Start from zeros, of whole numbers. Each example adds 1 to one cell. Which row, which column?",
        "The label says the row, the prediction the column. A loop over both is fine; counts[y, y_hat] += 1 without "
        "one counts each cell only once.",
        "for label, prediction in zip(y, y_hat): counts[..., ...] += 1",
    ),
)


def _counts(y, y_hat, num_classes, *, keep=lambda label, prediction: True, finish=lambda counts: counts):
    """The counts with one thing done differently; the mistakes below say which."""
    counts = np.zeros((num_classes, num_classes), int)
    for label, prediction in zip(y, y_hat, strict=True):
        counts[label, prediction] += bool(keep(label, prediction))
    return finish(counts)


def each_cell_once(y, y_hat, num_classes):
    counts = np.zeros((num_classes, num_classes), int)
    counts[y, y_hat] += 1
    return counts


def classes_that_occur(y, y_hat, num_classes):
    """Only rows and columns of classes among the labels."""
    present = np.unique(y)
    return _counts(y, y_hat, num_classes)[np.ix_(present, present)]


def _shares(counts):
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


for _sentence, _answer in {
    "Rows and columns are swapped: the row is the label, the column what it was taken for.": changed(
        _counts, "transposed", finish=np.transpose
    ),
    "counts[y, y_hat] += 1 counts each cell only once, however often it is named. Use a loop, or np.add.at.": (
        each_cell_once
    ),
    "You count errors only. Right answers belong on the diagonal.": changed(
        _counts, "errors_only", keep=lambda label, prediction: label != prediction
    ),
    "You count right answers only. Errors belong beside the diagonal.": changed(
        _counts, "right_only", keep=lambda label, prediction: label == prediction
    ),
    "You divided each row by its sum. The task asks for counts.": changed(_counts, "shares", finish=_shares),
    "Classes that do not occur are missing. The matrix has num_classes rows and columns.": classes_that_occur,
}.items():
    confusion_matrix.mistake(_sentence)(_answer)

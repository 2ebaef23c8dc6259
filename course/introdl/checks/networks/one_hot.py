"""Task of unit 02: a row with a single 1 for each label."""

import numpy as np

from introdl.checks.task import Task


def labels(rng):
    yield np.array([2, 0, 1, 1]), 4
    yield np.array([0, 0]), 3
    yield np.array([0, 1, 2]), 3
    for N, num_classes in [(6, 5), (4, 10), (1, 2), (12, 3)]:
        yield rng.integers(0, num_classes, size=N), num_classes
    yield np.zeros(0, dtype=int), 3  # no labels at all


def written_out(y, num_classes):
    rows = [[1.0 if place == label else 0.0 for place in range(num_classes)] for label in y]
    return np.array(rows).reshape(len(y), num_classes)


one_hot = Task(
    "one_hot",
    ("y", "num_classes"),
    labels,
    written_out,
    hints=(
        "Start from zeros of the right shape, (N, num_classes). Each row gets a single 1. In which column?",
        "Row n gets it in column y[n]. Two lists of indices pick one entry per row: T[[0, 1, 2], y]. Or compare each "
        "label, as a column (N, 1), with the row 0, 1, …, num_classes - 1.",
        "T = np.zeros((len(y), num_classes)); T[np.arange(len(y)), ...] = 1; return T",
    ),
)


@one_hot.mistake(
    "The number of columns comes from the labels that happen to be there. A batch may lack the last class: "
    "use num_classes."
)
def columns_from_labels(y, num_classes):
    return np.eye(y.max(initial=-1) + 1)[y]


@one_hot.mistake("Your rows and columns are swapped: one row for each label, one column for each class.")
def classes_in_rows(y, num_classes):
    return np.eye(num_classes)[y].T


@one_hot.mistake("Labels count from 0: label 0 belongs into the first column, which is column 0. You subtracted 1.")
def counted_from_one(y, num_classes):
    return np.eye(num_classes)[y - 1]


@one_hot.mistake("T[:, y] = 1 fills whole columns, in every row. Pick one entry per row: T[np.arange(len(y)), y].")
def whole_columns(y, num_classes):
    T = np.zeros((len(y), num_classes))
    T[:, y] = 1
    return T


@one_hot.mistake("T[y] = 1 fills whole rows. Pick one entry per row: T[np.arange(len(y)), y] = 1.")
def whole_rows(y, num_classes):
    T = np.zeros((len(y), num_classes))
    T[y] = 1
    return T


@one_hot.mistake("The label itself stands at its place. One-hot has a 1 there, whichever class it is.")
def label_as_value(y, num_classes):
    return np.eye(num_classes)[y] * y[:, None]


@one_hot.mistake("These are counts of each class. Keep one row for each label.")
def counts(y, num_classes):
    return np.bincount(y, minlength=num_classes)


@one_hot.mistake("Ones and zeros are the wrong way round: a single 1 in each row, the rest 0.")
def one_cold(y, num_classes):
    return 1 - np.eye(num_classes)[y]

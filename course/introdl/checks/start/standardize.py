"""Task of unit 00: features with mean 0 and standard deviation 1."""

import statistics

import numpy as np

from introdl import data
from introdl.checks.task import Task


def feature_tables(rng):
    yield (np.array([[1.0, 10.0], [2.0, 30.0], [3.0, 50.0]]),)
    yield (np.array([[1.0, 5.0], [3.0, 5.0], [8.0, 5.0]]),)  # the second feature is the same for all
    for N, D in [(8, 3), (5, 5), (20, 1), (3, 7)]:
        yield (rng.normal(size=(N, D)) * rng.uniform(0.1, 50, size=D) + rng.uniform(-20, 20, size=D),)
    yield (rng.integers(0, 9, size=(6, 4)),)
    yield (np.array([[2.0, -1.0, 0.5]]),)  # one example
    flowers, _ = data.iris()
    yield (flowers[rng.permutation(150)[:120]],)


def by_column(X):
    columns = []
    for column in X.T.tolist():
        mean, std = statistics.fmean(column), statistics.pstdev(column)
        columns.append([(value - mean) / (std or 1) for value in column])
    return np.array(columns).T


standardize = Task(
    "standardize",
    ("X",),
    feature_tables,
    by_column,
    rtol=1e-6,
    hints=(
        "Each column gets its own mean and its own standard deviation. Which axis disappears when you "
        "average over the examples?",
        "Subtract the D means from the rows, then divide by the D standard deviations; broadcasting lines "
        "both up with the columns. Before you divide, replace a standard deviation of 0 by 1.",
        "mean, std = X.mean(axis=...), X.std(axis=...); return (X - mean) / np.where(std == 0, ..., std)",
    ),
)


def _scaled(X, axis=0, ddof=0):
    """Standardize along another axis (None: all numbers together) or with another divisor."""
    mean, std = X.mean(axis=axis, keepdims=True), X.std(axis=axis, ddof=ddof, keepdims=True)
    return (X - mean) / np.where(std == 0, 1, std)


@standardize.mistake(
    "You standardized each row. Features have different units, so each column needs its own "
    "mean and standard deviation: axis 0."
)
def rows(X):
    return _scaled(X, axis=1)


@standardize.mistake(
    "You used one mean and one standard deviation for the whole table. Each feature (column) needs its own: axis 0."
)
def whole_table(X):
    return _scaled(X, axis=None)


@standardize.mistake(
    "This divides by the sample standard deviation (ddof=1, over N - 1). Both are in use; "
    "the prompt asks for the population's, over N, which is NumPy's default (a convention)."
)
def sample_deviation(X):
    mean = X.mean(axis=0)
    std = X.std(axis=0, ddof=1) if len(X) > 1 else np.zeros(X.shape[1])
    return (X - mean) / np.where(std == 0, 1, std)


@standardize.mistake(
    "A feature that is the same for all examples has a standard deviation of 0, and 0 / 0 "
    "gives NaN. Divide such a column by 1 instead."
)
def constant_feature_is_nan(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


@standardize.mistake(
    "A sample standard deviation (ddof=1), and NaN where a feature is the same for all. "
    "Divide by the population's (NumPy's default), and by 1 where it is 0."
)
def sample_deviation_and_nan(X):
    return (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)


@standardize.mistake("The means are 0 now, but the spreads still differ: divide each column by its standard deviation.")
def only_centred(X):
    return X - X.mean(axis=0)


@standardize.mistake("You divided by the variance. The standard deviation is its square root.")
def by_variance(X):
    variance = X.var(axis=0)
    return (X - X.mean(axis=0)) / np.where(variance == 0, 1, variance)


@standardize.mistake("You divided without subtracting the mean first, so the columns are not centred on 0.")
def not_centred(X):
    std = X.std(axis=0)
    return X / np.where(std == 0, 1, std)


@standardize.mistake(
    "You stretched each column to the range from 0 to 1. That is another useful scaling; "
    "here each column gets mean 0 and standard deviation 1."
)
def zero_to_one(X):
    spread = X.max(axis=0) - X.min(axis=0)
    return (X - X.min(axis=0)) / np.where(spread == 0, 1, spread)


@standardize.mistake(
    "`X -= ...` changes the table that you were given (and fails on whole numbers). Write X "
    "= X - ..., which makes a new one."
)
def in_place(X):
    X -= X.mean(axis=0)
    std = X.std(axis=0)
    X /= np.where(std == 0, 1, std)
    return X

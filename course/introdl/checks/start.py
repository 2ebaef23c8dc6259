"""Checks of unit 00: shapes, broadcasting, a slope by two points, and standardised columns."""

import math
import statistics

import numpy as np

from introdl import data
from introdl.checks.task import Task
from introdl.checks.unit import Unit


# reshape_batch --------------------------------------------------------------------------------------------------

def image_batches(rng):
    yield (np.arange(12).reshape(2, 2, 3),)
    for shape in [(1, 4, 2), (5, 3, 3), (4, 2, 2), (3, 1, 6)]:
        yield (rng.normal(size=shape),)
    yield (rng.integers(0, 256, size=(6, 8, 8), dtype=np.uint8),)


def pixel_by_pixel(images):
    return np.array([[pixel for row in image for pixel in row] for image in images])


reshape_batch = Task(
    "reshape_batch", ("images",), image_batches, pixel_by_pixel,
    hints=(
        "Each image becomes one row. So the first axis, the images, stays; the other two become one.",
        "`reshape` needs the new shape: the number of images, and height times width. NumPy works out one axis given as -1.",
        "return images.reshape(len(images), ...)",
    ),
)


@reshape_batch.mistake("You flattened the whole batch into one long row. Keep the first axis: one row per image.")
def one_long_row(images):
    return images.reshape(-1)


@reshape_batch.mistake("Your result has one column per image. Rows are examples in this course: shape (N, H * W).")
def images_in_columns(images):
    return images.reshape(len(images), -1).T


@reshape_batch.mistake("The shape is right, but pixels of different images are mixed: reshape does not move the image axis. Ask for "
                       "the shape (N, H * W) at once.")
def mixed_images(images):
    return images.reshape(-1, len(images)).T


@reshape_batch.mistake("You read each image column by column. Read it row by row, the way NumPy stores it.")
def column_by_column(images):
    return images.transpose(0, 2, 1).reshape(len(images), -1)


@reshape_batch.mistake("You added up the pixels along one axis. Nothing may get lost: each row keeps all H * W pixels.")
def summed(images):
    return images.sum(axis=1)


# row_softmax_by_hand --------------------------------------------------------------------------------------------

def score_tables(rng):
    yield (np.array([[0.0, 0.0], [0.0, math.log(3)]]),)
    for shape in [(1, 4), (3, 3), (5, 2), (2, 6), (3, 1)]:
        yield (2 * rng.normal(size=shape),)
    yield (np.array([[-30.0, 0.0, 30.0], [5.0, 5.0, 5.0], [1.0, 2.0, 3.0]]),)
    yield (np.zeros((0, 3)),)


def share_by_share(scores):
    shares = [[math.exp(s) / math.fsum(map(math.exp, row)) for s in row] for row in scores]
    return np.array(shares).reshape(scores.shape)


row_softmax_by_hand = Task(
    "row_softmax_by_hand", ("scores",), score_tables, share_by_share, forbid=("scipy", "torch", "introdl.nn"),
    hints=(
        "Two steps: make every score positive with exp, then divide each row by its own sum.",
        "The row sums run along axis 1. To divide (N, C) by them they need the shape (N, 1), or broadcasting takes them for columns.",
        "e = np.exp(scores); return e / e.sum(axis=..., keepdims=...)",
    ),
)


@row_softmax_by_hand.mistake("You divided by the sums of the columns. axis=0 runs down the rows and leaves one sum per column; the sum "
                             "of each row is axis=1.")
def shares_of_columns(scores):
    e = np.exp(scores)
    return e / e.sum(axis=0)


@row_softmax_by_hand.mistake("The row sums have shape (N,), and broadcasting lines them up with the columns. Keep the axis "
                             "(keepdims=True), so that they have shape (N, 1).")
def sums_along_the_wrong_axis(scores):
    e = np.exp(scores)
    return e / e.sum(axis=1)


@row_softmax_by_hand.mistake("You divided by the sum of the whole table. Each row is a set of probabilities of its own and sums to 1.")
def shares_of_everything(scores):
    e = np.exp(scores)
    return e / e.sum()


@row_softmax_by_hand.mistake("The exp is missing: shares of the raw scores can be negative, or divide by zero.")
def without_exp(scores):
    return scores / scores.sum(axis=1, keepdims=True)


@row_softmax_by_hand.mistake("You did not divide: these are positive numbers, but a row must sum to 1.")
def not_divided(scores):
    return np.exp(scores)


# slope_at -------------------------------------------------------------------------------------------------------

def _named(f, slope):
    """Give a function the exact value of its symmetric difference quotient, slope(x, h)."""
    f.slope = slope
    return f


def curves(rng):
    def square(x):
        return x * x

    def cube(x):
        return x**3

    a, b = rng.normal(size=2)

    def line(x):
        return a * x + b

    yield _named(square, lambda x, h: 2 * x), 3.0, 0.5
    yield _named(line, lambda x, h: a), float(rng.normal()), 0.1
    for h in (0.5, 0.01):
        yield _named(cube, lambda x, h: 3 * x**2 + h**2), float(rng.uniform(1, 2)), h
    yield _named(lambda x: math.exp(x), lambda x, h: math.exp(x) * math.sinh(h) / h), float(rng.normal()), 0.25
    yield _named(lambda x: math.sin(x), lambda x, h: math.cos(x) * math.sin(h) / h), float(rng.normal()), 1e-3
    yield _named(lambda x: abs(x), lambda x, h: 0.0), 0.0, 0.1


slope_at = Task(
    "slope_at", ("f", "x", "h"), curves, lambda f, x, h: f.slope(x, h),
    hints=(
        "A slope is rise over run. Here the two points lie h to the left and h to the right of x.",
        "The rise is f(x + h) - f(x - h). How long is the run from x - h to x + h?",
        "return (f(x + h) - f(x - h)) / (...)",
    ),
)


@slope_at.mistake("You went h to the right only. The task asks for both sides, x - h and x + h: the errors of the two sides then "
                  "nearly cancel.")
def right_side_only(f, x, h):
    return (f(x + h) - f(x)) / h


@slope_at.mistake("You divided by h, but the two points are 2 * h apart.")
def run_of_h(f, x, h):
    return (f(x + h) - f(x - h)) / h


@slope_at.mistake("The sign is flipped: rise is right minus left, f(x + h) - f(x - h).")
def left_minus_right(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


@slope_at.mistake("This is the rise. Divide it by the run, 2 * h.")
def rise_only(f, x, h):
    return f(x + h) - f(x - h)


@slope_at.mistake("Brackets are missing: in a - b / c only b is divided.")
def brackets_missing(f, x, h):
    return f(x + h) - f(x - h) / (2 * h)


# standardize ----------------------------------------------------------------------------------------------------

def tables(rng):
    yield (np.array([[1.0, 10.0], [3.0, 30.0]]),)
    for shape in [(5, 3), (4, 4), (20, 1)]:
        yield (rng.normal(size=shape) * rng.uniform(1, 9, shape[1]) + rng.normal(size=shape[1]),)
    yield (np.column_stack([rng.normal(size=6), np.full(6, 7.0)]),)
    yield (rng.integers(0, 9, size=(7, 2)),)
    yield (data.iris()[0],)


def column_by_column_table(X):
    columns = []
    for column in X.T.tolist():
        mean, spread = statistics.fmean(column), statistics.pstdev(column)
        columns.append([(value - mean) / spread if spread else 0.0 for value in column])
    return np.array(columns).T


standardize = Task(
    "standardize", ("X",), tables, column_by_column_table, forbid=("sklearn", "scipy"),
    hints=(
        "Work on columns: each feature gets a mean and a standard deviation of its own.",
        "X.mean(axis=0) and X.std(axis=0) have shape (D,), which broadcasting lines up with the columns. Where the deviation is 0, "
        "divide by 1 instead.",
        "std = X.std(axis=0); return (X - X.mean(axis=0)) / np.where(std == 0, ..., std)",
    ),
)


def _standardized(X, axis=0, ddof=0, safe=True, power=1):
    """Standardise with one thing done differently; the mistakes below say which."""
    std = X.std(axis=axis, ddof=ddof, keepdims=True) ** power
    return (X - X.mean(axis=axis, keepdims=True)) / (np.where(std == 0, 1, std) if safe else std)


@standardize.mistake("You standardised each row. A row mixes different features, centimetres with kilograms; go down the columns: axis=0.")
def rows(X):
    return _standardized(X, axis=1)


@standardize.mistake("You used one mean and one deviation for the whole table. Each feature needs its own: axis=0.")
def whole_table(X):
    return _standardized(X, axis=None)


@standardize.mistake("You divided by the standard deviation of a sample (N - 1, ddof=1). This course divides by N, the population's: a "
                     "convention, and NumPy's default.")
def sample_deviation(X):
    return _standardized(X, ddof=1)


@standardize.mistake("You divided by the variance. Its unit is the square of the feature's; the standard deviation is its root.")
def by_variance(X):
    return _standardized(X, power=2)


@standardize.mistake("A column whose values are all equal has deviation 0, and 0 / 0 is NaN. The task asks for 0 there: divide by 1 where "
                     "the deviation is 0.")
def zero_by_zero(X):
    return _standardized(X, safe=False)


@standardize.mistake("You subtracted the mean but did not divide by the standard deviation.")
def only_centred(X):
    return X - X.mean(axis=0)


unit = Unit("00_start", reshape_batch, row_softmax_by_hand, slope_at, standardize)
hint, model_answer = unit.hint, unit.model_answer

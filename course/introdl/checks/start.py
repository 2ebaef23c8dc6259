"""Checks of unit 00: pictures as rows, softmax by rows, a slope by two points, and standardized features."""

import math
import statistics

import numpy as np
from scipy import special

from introdl import data
from introdl.checks.task import Task
from introdl.checks.unit import Unit

WITHHELD = ("torch", "introdl.nn", "introdl.gradcheck")
READY_MADE = ("sklearn", "scipy")  # they hold finished softmaxes and scalers


# celsius: tried in the lesson, to see how checks and hints work ---------------------------------------------


def temperatures(rng):
    yield (212.0,)
    yield (32,)
    yield (-40.0,)
    for _ in range(3):
        yield (float(rng.uniform(-80, 400)),)


celsius = Task(
    "celsius",
    ("fahrenheit",),
    temperatures,
    oracle=lambda fahrenheit: 100 * (fahrenheit - 32) / (212 - 32),  # water freezes at 32 and boils at 212
    hints=(
        "Water freezes at 32 °F. Which number should your function give there?",
        "First take away the 32, so that freezing becomes 0. Then scale what is left by 5/9.",
        "return (fahrenheit - ...) * 5 / 9",
    ),
)


@celsius.mistake(
    "Python multiplies before it subtracts, so your function takes away 32 * 5 / 9. Put the "
    "subtraction in parentheses."
)
def no_parentheses(fahrenheit):
    return fahrenheit - 32 * 5 / 9


@celsius.mistake("This is the way from Celsius to Fahrenheit. Here the input is in Fahrenheit.")
def the_other_way(fahrenheit):
    return fahrenheit * 9 / 5 + 32


@celsius.mistake(
    "The fraction stands upside down: a step of one degree Fahrenheit is the smaller one, so "
    "scale by 5/9, not by 9/5."
)
def upside_down(fahrenheit):
    return (fahrenheit - 32) * 9 / 5


@celsius.mistake("The two scales also have different zeros: take away 32 before you scale.")
def zero_not_moved(fahrenheit):
    return fahrenheit * 5 / 9


@celsius.mistake("// rounds down to whole degrees. Divide with /.")
def whole_degrees(fahrenheit):
    return (fahrenheit - 32) * 5 // 9


# reshape_batch ----------------------------------------------------------------------------------------------


def batches_of_pictures(rng):
    yield (np.arange(12).reshape(2, 2, 3),)
    for shape in [(1, 4, 2), (5, 3, 3), (4, 2, 2), (3, 1, 6)]:
        yield (rng.normal(size=shape),)
    yield (rng.integers(0, 256, size=(6, 8, 8), dtype=np.uint8),)


def pixel_by_pixel(images):
    N, height, width = images.shape
    rows = np.zeros((N, height * width))
    for i, image in enumerate(images):
        for place in range(height * width):
            rows[i, place] = image[place // width, place % width]
    return rows


reshape_batch = Task(
    "reshape_batch",
    ("images",),
    batches_of_pictures,
    pixel_by_pixel,
    hints=(
        "Each picture becomes one row. So the first axis, the pictures, stays; the other two become one.",
        "`reshape` needs the new shape: the number of pictures, and height times width. `images.shape` holds "
        "all three numbers.",
        "N, H, W = images.shape; return images.reshape(..., ...)",
    ),
)


@reshape_batch.mistake(
    "You flattened the whole batch into one long row. Keep the first axis: one row per picture."
)
def one_long_row(images):
    return images.reshape(images.size)


@reshape_batch.mistake(
    "Your result has one column per picture. Rows are examples in this course: shape (N, H * W)."
)
def pictures_in_columns(images):
    N, height, width = images.shape
    return images.reshape(N, height * width).T


@reshape_batch.mistake(
    "The shape is right, but pixels of different pictures are mixed: reshape moves no "
    "axis, it fills row by row. Ask for the shape (N, H * W) at once."
)
def mixed_pictures(images):
    N, height, width = images.shape
    return images.reshape(height * width, N).T


@reshape_batch.mistake(
    "You read each picture column by column. Read it row by row, the way NumPy stores it: "
    "no transpose is needed."
)
def column_by_column(images):
    N, height, width = images.shape
    return images.transpose(0, 2, 1).reshape(N, height * width)


@reshape_batch.mistake(
    "You put the rows of all pictures below each other, (N * H, W). Each picture becomes one row."
)
def rows_below_each_other(images):
    N, height, width = images.shape
    return images.reshape(N * height, width)


@reshape_batch.mistake("This is the first picture only. Keep all of them, one in each row.")
def first_only(images):
    return images[0].reshape(1, -1)


@reshape_batch.mistake(
    "You added up the pixels along one axis. Nothing may get lost: each row keeps all H * W pixels."
)
def added_up(images):
    return images.sum(axis=1)


# row_softmax_by_hand ----------------------------------------------------------------------------------------


def score_tables(rng):
    yield (np.array([[0.0, 0.0], [0.0, math.log(3.0)], [1.0, -1.0]]),)
    yield (np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 4.0]]),)  # as many rows as columns
    for shape in [(1, 4), (6, 3), (2, 10), (4, 1)]:
        yield (2 * rng.normal(size=shape),)
    yield (10 * rng.normal(size=(3, 4)),)
    yield (rng.integers(-3, 4, size=(5, 3)),)
    yield (np.zeros((0, 3)),)


row_softmax_by_hand = Task(
    "row_softmax_by_hand",
    ("scores",),
    score_tables,
    oracle=lambda scores: special.softmax(scores, axis=1),
    forbid=READY_MADE,
    hints=(
        "There are two steps: make every number positive without changing their order, then make each row "
        "add up to 1.",
        "np.exp works on the whole table. Sum it along the axis that must disappear, but keep that axis with "
        "length 1, so that the sums stand in a column beside the rows.",
        "e = np.exp(scores); return e / e.sum(axis=..., keepdims=...)",
    ),
)


@row_softmax_by_hand.mistake(
    "Your columns add up to 1. You summed over the examples (axis 0); each row is "
    "one example, so sum along axis 1."
)
def over_columns(scores):
    e = np.exp(scores)
    return e / e.sum(axis=0, keepdims=True)


@row_softmax_by_hand.mistake(
    "Your sums have shape (N,), and broadcasting aligns from the right: they were "
    "matched with the columns, not with the rows. keepdims=True makes them a column "
    "of shape (N, 1)."
)
def sums_not_kept(scores):
    e = np.exp(scores)
    return e / e.sum(axis=1)


@row_softmax_by_hand.mistake(
    "The whole table adds up to 1. Every row is a decision of its own and must add up to 1 by itself."
)
def over_everything(scores):
    e = np.exp(scores)
    return e / e.sum()


@row_softmax_by_hand.mistake(
    "You divided the scores themselves by their sum. Scores may be negative or add up to 0: take exp first."
)
def without_exp(scores):
    return scores / scores.sum(axis=1, keepdims=True)


@row_softmax_by_hand.mistake(
    "These are the exponentials. The second step is missing: divide each row by its sum."
)
def not_divided(scores):
    return np.exp(scores)


@row_softmax_by_hand.mistake("You used powers of 2. Softmax takes powers of e: np.exp.")
def powers_of_two(scores):
    e = 2.0**scores
    return e / e.sum(axis=1, keepdims=True)


@row_softmax_by_hand.mistake(
    "Your loop writes the results into `scores`, the table that you were given, and "
    "its owner loses the scores. Put them into a new array."
)
def written_back(scores):
    for i in range(len(scores)):
        scores[i] = np.exp(scores[i]) / np.exp(scores[i]).sum()
    return scores


@row_softmax_by_hand.mistake(
    "`scores -= ...` changes the table that you were given. Write scores = scores - "
    "..., which makes a new one."
)
def shifted_in_place(scores):
    scores -= scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)


# slope_at ---------------------------------------------------------------------------------------------------


def square(x):
    return x**2


def cube(x):
    return x**3 - x


def constant(x):
    return 4.0


def curves(rng):
    yield square, 3.0, 0.5
    yield cube, 1.0, 0.1
    yield abs, 0.0, 0.01  # a kink
    for f in (math.sin, math.exp, square, cube):
        yield f, float(rng.uniform(-2, 2)), float(rng.uniform(0.001, 0.2))
    yield math.log, float(rng.uniform(1, 3)), 1e-4
    yield constant, 1.0, 0.1


def line_through_three(f, x, h):
    """The slope of the line that fits best through the curve's points at x - h, x and x + h."""
    places = np.array([-h, 0.0, h])
    return float(np.polyfit(places, [f(x + place) for place in places], 1)[0])


slope_at = Task(
    "slope_at",
    ("f", "x", "h"),
    curves,
    line_through_three,
    rtol=1e-7,
    forbid=("scipy", "np.gradient", "numpy.gradient"),
    hints=(
        "A slope is a rise divided by a run. Between which two places do you measure, and how far apart are "
        "they?",
        "Call f twice: once h to the right of x, once h to the left. The two places are 2 * h apart.",
        "return (f(...) - f(...)) / (...)",
    ),
)


@slope_at.mistake(
    "You measured from x to x + h, on one side only. Measure from x - h to x + h: the errors "
    "of the two sides then nearly cancel."
)
def right_side_only(f, x, h):
    return (f(x + h) - f(x)) / h


@slope_at.mistake(
    "You measured from x - h to x, on one side only. Measure from x - h to x + h: the errors "
    "of the two sides then nearly cancel."
)
def left_side_only(f, x, h):
    return (f(x) - f(x - h)) / h


@slope_at.mistake("Your slope is twice as steep as it should be: x - h and x + h are 2 * h apart, not h.")
def run_of_h(f, x, h):
    return (f(x + h) - f(x - h)) / h


@slope_at.mistake("/ 2 * h divides by 2 and then multiplies by h. Put the run in parentheses: / (2 * h).")
def missing_parentheses(f, x, h):
    return (f(x + h) - f(x - h)) / 2 * h


@slope_at.mistake(
    "The sign is flipped: rising curves have positive slopes. Take the value on the right "
    "minus the value on the left."
)
def left_minus_right(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


@slope_at.mistake("This is the rise. A slope is the rise divided by the run.")
def rise_only(f, x, h):
    return f(x + h) - f(x - h)


@slope_at.mistake(
    "In a - b / c only b is divided. Put the rise in parentheses: (f(x + h) - f(x - h)) / (2 * h)."
)
def rise_without_parentheses(f, x, h):
    return f(x + h) - f(x - h) / (2 * h)


# standardize ------------------------------------------------------------------------------------------------


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
    forbid=READY_MADE,
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
    "You used one mean and one standard deviation for the whole table. Each feature "
    "(column) needs its own: axis 0."
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


@standardize.mistake(
    "The means are 0 now, but the spreads still differ: divide each column by its standard deviation."
)
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


unit = Unit("00_start", reshape_batch, row_softmax_by_hand, slope_at, standardize, demos=(celsius,), withheld=WITHHELD)
hint, model_answer = unit.hint, unit.model_answer

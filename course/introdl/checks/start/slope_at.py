"""Task of unit 00: the slope of a function by two points."""

import math

import numpy as np

from introdl.checks.task import Task


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
        "A slope is a rise divided by a run. Between which two places do you measure, and how far apart are they?",
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
    "The sign is flipped: rising curves have positive slopes. Take the value on the right minus the value on the left."
)
def left_minus_right(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


@slope_at.mistake("This is the rise. A slope is the rise divided by the run.")
def rise_only(f, x, h):
    return f(x + h) - f(x - h)


@slope_at.mistake("In a - b / c only b is divided. Put the rise in parentheses: (f(x + h) - f(x - h)) / (2 * h).")
def rise_without_parentheses(f, x, h):
    return f(x + h) - f(x - h) / (2 * h)

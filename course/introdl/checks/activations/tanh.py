"""Task of unit 04: tanh by way of the sigmoid."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def sums(rng):
    yield (np.array([0.0, np.log(2.0)]),)
    for shape in [(6,), (3, 4), (4, 4), (2, 3, 2)]:
        yield (1.5 * rng.normal(size=shape),)
    yield (np.array([-1000.0, 1000.0, 400.0, -0.1]),)
    yield (np.array([[-5.0, 5.0], [1e-3, 0.0]]),)
    yield (np.zeros((0, 3)),)


def by_numpy(Z):
    with np.errstate(over="ignore"):
        return np.tanh(Z), 1 / np.cosh(Z) ** 2


tanh = Task(
    "tanh",
    ("Z",),
    sums,
    by_numpy,
    atol=1e-12,
    forbid=("numpy.tanh", "numpy.sinh", "numpy.cosh", "math.tanh", "cmath.tanh"),
    hints=(
        "The sigmoid runs from 0 to 1, tanh from -1 to 1: twice as high, and shifted down. It is also twice as quick.",
        "Your sigmoid returns a pair; its first entry, at 2 * Z, is all you need. The slope follows from the value, as "
        "for the sigmoid, with another formula.",
        "A = 2 * sigmoid(...)[0] - 1; return A, 1 - ...",
    ),
)


def _sigmoid(Z):
    e = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1, e) / (1 + e)


def _tanh(Z):
    return 2 * _sigmoid(2 * Z) - 1


def _pair(Z, *, value=_tanh, slope=lambda Z, A: 1 - A**2, order=1):
    """The pair with one thing done differently; the mistakes below say which."""
    with np.errstate(all="ignore"):
        A = value(Z)
        return (A, slope(Z, A))[::order]


for _name, (_sentence, _change) in {
    "not_twice_as_quick": (
        "2 * sigmoid(Z) - 1 is tanh(Z / 2), half as quick. The sigmoid must read 2 * Z.",
        {"value": lambda Z: 2 * _sigmoid(Z) - 1},
    ),
    "not_shifted": (
        "Your values run from 0 to 2. Shift them down by 1: tanh is 0 at 0.",
        {"value": lambda Z: 2 * _sigmoid(2 * Z)},
    ),
    "not_stretched": (
        "Your values run from -1 to 0: you shifted the sigmoid without stretching it. Multiply it by 2 first.",
        {"value": lambda Z: _sigmoid(2 * Z) - 1},
    ),
    "slope_of_the_sigmoid": (
        "A * (1 - A) is the slope of the sigmoid. Of tanh it is 1 - A**2: exactly 1 at 0.",
        {"slope": lambda Z, A: A * (1 - A)},
    ),
    "slope_of_the_inner_sigmoid": (
        "Your slope is the sigmoid's at 2 * Z. The chain rule adds two factors of 2, from the stretching and from the "
        "2 * Z inside.",
        {"slope": lambda Z, A: _sigmoid(2 * Z) * (1 - _sigmoid(2 * Z))},
    ),
    "inner_slope_forgotten": (
        "Your slope is half the right one: the 2 * Z inside has a slope of 2 of its own (the chain rule).",
        {"slope": lambda Z, A: 2 * _sigmoid(2 * Z) * (1 - _sigmoid(2 * Z))},
    ),
    "slope_at_the_output": (
        "Your slope is 1 - tanh(A)**2, taken at the output. It belongs to the input Z: A is already tanh(Z), so it is "
        "1 - A**2.",
        {"slope": lambda Z, A: 1 - _tanh(A) ** 2},
    ),
    "input_in_the_formula": (
        "Your slope is 1 - Z**2. The formula is written in the output: 1 - A**2.",
        {"slope": lambda Z, A: 1 - Z**2},
    ),
    "not_squared": ("Your slope is 1 - A. The A is squared: 1 - A**2.", {"slope": lambda Z, A: 1 - A}),
    "overflowing": (
        "exp overflows for large Z, and infinity / infinity is NaN. Go by way of your sigmoid, which does not "
        "overflow.",
        {"value": lambda Z: (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))},
    ),
    "overflowing_sigmoid": (
        "The sigmoid inside overflows for large Z: infinity / infinity is NaN. Use your `sigmoid` of the task before.",
        {"value": lambda Z: 2 * np.exp(2 * Z) / (1 + np.exp(2 * Z)) - 1},
    ),
    "other_order": (
        "The results are right but swapped. Return the values first, then the slopes (a convention).",
        {"order": -1},
    ),
}.items():
    tanh.mistake(_sentence)(changed(_pair, _name, **_change))


@tanh.mistake("The values and slopes are right, but Z was doubled on the way: Z *= 2 works in place. Write 2 * Z.")
def in_place(Z):
    Z *= 2
    A = 2 * _sigmoid(Z) - 1
    return A, 1 - A**2

"""Task of unit 04: the sigmoid and its slope, for sums of any size."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def sums(rng):
    """Ordinary sums, or such as overflow. Between, from 20 to 700, A * (1 - A) rounds to 0, which is nobody's fault."""
    yield (np.array([0.0, np.log(3.0), -np.log(3.0)]),)
    for shape in [(6,), (3, 4), (4, 4), (2, 3, 2)]:
        yield (2 * rng.normal(size=shape),)
    yield (np.array([-8.0, 8.0, -30.0]),)
    yield (np.array([1000.0, 800.0, 0.5]),)  # exp(Z) overflows
    yield (np.array([-720.0, -1.0, -712.0]),)  # exp(-Z) overflows
    yield (np.array([[-715.0, 900.0], [0.0, -3.0]]),)
    yield (np.zeros((0, 3)),)


def by_logs(Z):
    """log of the value: -log(1 + exp(-z)); log of the slope: that of sigma(z) plus that of sigma(-z)."""
    log_A = -np.logaddexp(0, -Z)
    return np.exp(log_A), np.exp(log_A - np.logaddexp(0, Z))


sigmoid = Task(
    "sigmoid",
    ("Z",),
    sums,
    by_logs,
    atol=0.0,  # a number as small as 1e-313 must not be lost
    hints=(
        "Which of the two fractions overflows for large positive sums, which for large negative ones? Use each on the "
        "side where it is safe.",
        "exp(-|z|) never overflows. For z >= 0 it is the e in 1 / (1 + e); for z < 0 it is the e in e / (1 + e). Only "
        "the numerators differ.",
        "e = np.exp(-np.abs(Z)); A = np.where(Z >= 0, ..., ...) / (1 + e); return A, A * (...)",
    ),
)


def _sigmoid(Z):
    e = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1, e) / (1 + e)


def _pair(Z, *, value=_sigmoid, slope=lambda Z, A: A * (1 - A), order=1):
    """The pair with one thing done differently; the mistakes below say which."""
    with np.errstate(all="ignore"):
        A = value(Z)
        return (A, slope(Z, A))[::order]


for _name, (_sentence, _change) in {
    "overflow_on_the_negative_side": (
        "exp(-Z) overflows for very negative Z, with a warning outside this check, and 1 / infinity is exactly 0. "
        "On that side use exp(Z) / (1 + exp(Z)): no exponent above 0.",
        {"value": lambda Z: 1 / (1 + np.exp(-Z))},
    ),
    "overflow_on_the_positive_side": (
        "exp(Z) overflows for large Z, and infinity / infinity is NaN. On that side use 1 / (1 + exp(-Z)): no exponent "
        "above 0.",
        {"value": lambda Z: np.exp(Z) / (1 + np.exp(Z))},
    ),
    "by_tanh": (
        "(1 + tanh(Z/2)) / 2 never overflows, but for very negative Z the 1 and the tanh cancel to exactly 0, and the "
        "small number is lost. Work with exp(-|Z|).",
        {"value": lambda Z: (1 + np.tanh(Z / 2)) / 2},
    ),
    "clipped": (
        "Clipping Z avoids the overflow but gives all sums beyond the limit one value. Choose between the two "
        "fractions by the sign of Z instead.",
        {"value": lambda Z: _sigmoid(np.clip(Z, -500, 500))},
    ),
    "size_only": (
        "exp(-|Z|) is safe, but you used it as if every Z were positive. For negative Z the numerator is exp(-|Z|), "
        "not 1.",
        {"value": lambda Z: 1 / (1 + np.exp(-np.abs(Z)))},
    ),
    "mirrored": (
        "Your sigmoid falls: it is sigma(-z). In 1 / (1 + exp(-z)) the exponent has a minus sign.",
        {"value": lambda Z: _sigmoid(-Z)},
    ),
    "slope_at_the_output": (
        "Your slope is that of a second sigmoid, taken at the output A. The slope belongs to the input Z: A is already "
        "sigma(Z), so it is A * (1 - A).",
        {"slope": lambda Z, A: _sigmoid(A) * (1 - _sigmoid(A))},
    ),
    "input_in_the_formula": (
        "Your slope is Z * (1 - Z). The formula is written in the output: A * (1 - A).",
        {"slope": lambda Z, A: Z * (1 - Z)},
    ),
    "slope_of_tanh": (
        "1 - A**2 is the slope of tanh. The sigmoid's is A * (1 - A), at most a quarter.",
        {"slope": lambda Z, A: 1 - A**2},
    ),
    "slope_without_the_value": (
        "Your slope is 1 - A. The factor A is missing: the slope is A * (1 - A), small on both sides.",
        {"slope": lambda Z, A: 1 - A},
    ),
    "slope_with_the_wrong_sign": (
        "Your slope is A * (A - 1), which is negative. The sigmoid rises everywhere: A * (1 - A).",
        {"slope": lambda Z, A: A * (A - 1)},
    ),
    "other_order": (
        "The results are right but swapped. Return the values first, then the slopes (a convention).",
        {"order": -1},
    ),
}.items():
    sigmoid.mistake(_sentence)(changed(_pair, _name, **_change))


@sigmoid.mistake(
    "The values and slopes are right, but Z was changed on the way: an operation such as out=Z or Z *= works in place. "
    "Make a new array."
)
def in_place(Z):
    right = Z >= 0
    np.abs(Z, out=Z)
    e = np.exp(-Z)
    A = np.where(right, 1, e) / (1 + e)
    return A, A * (1 - A)

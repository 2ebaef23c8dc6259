"""Task of unit 04: the leaky ReLU and its slope."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def sums(rng):
    yield np.array([-2.0, 0.0, 3.0]), 0.1
    for shape, alpha in [((6,), 0.3), ((3, 4), 0.01), ((4, 4), 0.2), ((2, 3, 2), 0.05)]:
        yield rng.normal(size=shape), alpha
    yield rng.normal(size=(4, 3)) - 1.0, float(rng.uniform(0.05, 0.9))
    yield np.array([-100.0, 100.0, -0.0, -1e-9, 1e-9]), 0.5
    yield rng.normal(size=5), 0.0  # a plain ReLU
    yield np.zeros((0, 2)), 0.1


def share_of_line_and_size(Z, alpha):
    """A line of the mean slope plus a share of |Z|; the slope jumps from alpha to 1 behind the corner."""
    return (1 + alpha) / 2 * Z + (1 - alpha) / 2 * np.abs(Z), alpha + (1 - alpha) * np.heaviside(Z, 0.0)


leaky_relu = Task(
    "leaky_relu",
    ("Z", "alpha"),
    sums,
    share_of_line_and_size,
    hints=(
        "Two lines meet at 0. Which one holds depends on the sign of the entry, for the value and for the slope alike.",
        "np.where(condition, this, that) chooses entry by entry. One choice for the values, one for the slopes.",
        "return np.where(Z > 0, Z, ...), np.where(Z > 0, ..., alpha)",
    ),
)


def _leaky(Z, alpha, *, value=None, slope=None, order=1):
    """The pair with one thing done differently; the mistakes below say which."""
    A = np.where(Z > 0, Z, alpha * Z) if value is None else value(Z, alpha)
    return (A, np.where(Z > 0, 1.0, alpha) if slope is None else slope(Z, alpha))[::order]


for _name, (_sentence, _change) in {
    "alpha_on_the_positive_side": (
        "alpha stands on the positive side. Positive sums pass unchanged; the negative ones are multiplied by alpha.",
        {"value": lambda Z, a: np.where(Z > 0, a * Z, Z), "slope": lambda Z, a: np.where(Z > 0, a, 1.0)},
    ),
    "alpha_slope_on_the_positive_side": (
        "The values are right, but in the slope 1 and alpha have changed places: the slope is 1 where Z > 0.",
        {"slope": lambda Z, a: np.where(Z > 0, a, 1.0)},
    ),
    "slope_of_the_relu": (
        "Your slope is 0 for negative sums. That is ReLU's; here alpha is left, and that is what keeps a unit alive.",
        {"slope": lambda Z, a: (Z > 0).astype(float)},
    ),
    "value_of_the_relu": (
        "Your values are ReLU's: negative sums became 0. They should become alpha times themselves.",
        {"value": lambda Z, a: np.maximum(Z, 0)},
    ),
    "fixed_alpha": (
        "Your alpha is always 0.01, the default. Use the argument alpha.",
        {"value": lambda Z, a: np.where(Z > 0, Z, 0.01 * Z), "slope": lambda Z, a: np.where(Z > 0, 1.0, 0.01)},
    ),
    "alpha_as_a_floor": (
        "You replaced negative sums by alpha itself, a constant. Multiply them by alpha: the line must go on sloping.",
        {"value": lambda Z, a: np.maximum(Z, a)},
    ),
    "minus_alpha_as_a_floor": (
        "You cut negative sums off at -alpha. Multiply them by alpha: alpha is a slope, not a floor.",
        {"value": lambda Z, a: np.maximum(Z, -a)},
    ),
    "folded_up": (
        "Your negative sums became positive. alpha * Z keeps their sign.",
        {"value": lambda Z, a: np.where(Z > 0, Z, -a * Z)},
    ),
    "one_at_the_corner": (
        "At Z = 0 your slope is 1. At the corner this course takes alpha, as PyTorch does (a convention): use Z > 0.",
        {"slope": lambda Z, a: np.where(Z >= 0, 1.0, a)},
    ),
    "none_at_the_corner": (
        "At Z = 0 your slope is 0. At the corner this course takes alpha, as PyTorch does (a convention): ask for Z "
        "> 0, and all the rest gets alpha.",
        {"slope": lambda Z, a: (Z > 0) + a * (Z < 0)},
    ),
    "value_as_slope": (
        "For negative sums your slope is alpha * Z, the value. The line's slope is alpha, however far out Z lies.",
        {"slope": lambda Z, a: np.where(Z > 0, 1.0, a * Z)},
    ),
    "other_order": (
        "The results are right but swapped. Return the values first, then the slopes (a convention).",
        {"order": -1},
    ),
}.items():
    leaky_relu.mistake(_sentence)(changed(_leaky, _name, **_change))


@leaky_relu.mistake(
    "The values and slopes are right, but Z was changed on the way: Z[...] *= alpha works in place, and backprop still "
    "needs Z. Make a new array."
)
def in_place(Z, alpha):
    slope = np.where(Z > 0, 1.0, alpha)
    Z[Z < 0] *= alpha
    return Z, slope

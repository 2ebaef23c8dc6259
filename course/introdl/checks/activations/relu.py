"""Task of unit 04: the ReLU and its slope."""

import numpy as np

from introdl.checks.task import Task


def sums(rng):
    yield (np.array([-2.0, 0.0, 3.0]),)
    for shape in [(6,), (3, 4), (4, 4), (2, 3, 2), (1,)]:
        yield (rng.normal(size=shape),)
    yield (rng.normal(size=(5, 3)) - 1.0,)
    yield (np.array([1e-300, -1e-300, -0.0, 1e300, -1e300, 0.3]),)
    yield (np.zeros((2, 3)),)
    yield (np.zeros((0, 3)),)


def half_of_sum_and_size(Z):
    """(Z + |Z|) / 2 keeps the positive half; the slope is the step function, 0 at the corner."""
    return Z / 2 + np.abs(Z) / 2, np.heaviside(Z, 0.0)


relu = Task(
    "relu",
    ("Z",),
    sums,
    half_of_sum_and_size,
    hints=(
        "Two questions to each entry on its own: what comes out, and how much more comes out if the entry grows a "
        "little?",
        "np.maximum compares entry by entry. The slope is 1 or 0 and depends only on whether the entry is positive: a "
        "comparison of the array answers that.",
        "return np.maximum(...), (Z > ...).astype(float)",
    ),
)


@relu.mistake(
    "At Z = 0 your slope is 1. At the corner this course takes 0, as PyTorch does (a convention): use > and not >=."
)
def one_at_the_corner(Z):
    return np.maximum(Z, 0), (Z >= 0).astype(float)


@relu.mistake("Your slope is 1/2 at the corner. This course takes 0 there, as PyTorch does (a convention).")
def half_at_the_corner(Z):
    return np.maximum(Z, 0), np.heaviside(Z, 0.5)


@relu.mistake(
    "The values and slopes are right, but Z was changed on the way: Z[Z < 0] = 0 works in place, and backprop still "
    "needs Z. Make a new array."
)
def in_place(Z):
    slope = (Z > 0).astype(float)
    Z[Z < 0] = 0
    return Z, slope


@relu.mistake(
    "np.max(Z, 0) is the largest entry along axis 0. Entry by entry, the larger of Z and 0 is np.maximum(Z, 0)."
)
def largest_of_all(Z):
    return np.max(Z, 0), (Z > 0).astype(float)


@relu.mistake(
    "Your slope is the ReLU's value. How steep the line is does not depend on how high it is: 1 where Z > 0, else 0."
)
def value_as_slope(Z):
    return np.maximum(Z, 0), np.maximum(Z, 0)


@relu.mistake("Your slope is -1 for negative sums: np.sign(Z). ReLU is flat there, so its slope is 0.")
def sign_as_slope(Z):
    return np.maximum(Z, 0), np.sign(Z)


@relu.mistake("Your slope is 1 everywhere. Where Z is negative nothing comes through, so the slope is 0.")
def slope_always_one(Z):
    return np.maximum(Z, 0), np.ones(Z.shape)


@relu.mistake("You took the absolute value. ReLU does not fold negative sums over, it replaces them by 0.")
def absolute(Z):
    return np.abs(Z), (Z > 0).astype(float)


@relu.mistake("You kept the negative sums and cut the positive ones off. Use np.maximum, not np.minimum.")
def the_smaller(Z):
    return np.minimum(Z, 0), (Z > 0).astype(float)


@relu.mistake("The results are right but swapped. Return the values first, then the slopes (a convention).")
def other_order(Z):
    return (Z > 0).astype(float), np.maximum(Z, 0)


@relu.mistake("Only the values came back. Return a pair: the values and the slopes.")
def value_only(Z):
    return np.maximum(Z, 0)

"""Task of unit 21: the power with which cost grows (fit_slope)."""

import numpy as np

from introdl.checks.task import Task


def cases(rng):
    yield np.array([1.0, 2.0, 4.0]), np.array([3.0, 6.0, 12.0])
    yield np.array([10.0, 100.0, 1000.0, 10000.0]), np.array([5.0, 500.0, 50000.0, 5000000.0])
    for num, power in ((5, 1.4), (7, 0.0), (6, -0.5)):
        sizes = np.sort(rng.uniform(10, 2000, size=num))
        yield sizes, 0.003 * sizes**power * np.exp(rng.normal(0, 0.1, size=num))


def by_polyfit(sizes, costs):
    return float(np.polyfit(np.log10(sizes), np.log10(costs), 1)[0])


fit_slope = Task(
    "fit_slope",
    ("sizes", "costs"),
    cases,
    by_polyfit,
    hints=(
        "If cost = a · size^b, then log cost = log a + b · log size: a line with slope b.",
        "x = np.log(sizes), y = np.log(costs). The slope of the least squares line is the sum of (x - mean x)(y - "
        "mean y) over the sum of (x - mean x)².",
        "x, y = np.log(sizes), np.log(costs); return ((x - x.mean()) * (y - y.mean())).sum() / ...",
    ),
)


def _slope(x, y):
    return ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()


@fit_slope.mistake("You fitted the raw numbers: that slope has a unit and is no power. Take logarithms of both first.")
def raw(sizes, costs):
    return _slope(sizes, costs)


@fit_slope.mistake(
    "Only the costs are logarithms here. That fits an exponential, a · e^(b size). Take log of the sizes, too."
)
def half_log(sizes, costs):
    return _slope(sizes, np.log(costs))


@fit_slope.mistake("Only the sizes are logarithms here. Take the logarithm of the costs, too.")
def other_half_log(sizes, costs):
    return _slope(np.log(sizes), costs)


@fit_slope.mistake("Sizes and costs are swapped: this is the power with which size grows with cost.")
def swapped(sizes, costs):
    return _slope(np.log(costs), np.log(sizes))


@fit_slope.mistake(
    "You forced the line through the origin, so that the factor a had to be 1. Subtract the means first."
)
def through_the_origin(sizes, costs):
    x, y = np.log(sizes), np.log(costs)
    return (x * y).sum() / (x**2).sum()


@fit_slope.mistake("You used the first and the last point alone. All points have a say in a least squares line.")
def two_points(sizes, costs):
    return np.log(costs[-1] / costs[0]) / np.log(sizes[-1] / sizes[0])


@fit_slope.mistake("You returned log a, where the line meets the axis. The power is its slope.")
def intercept(sizes, costs):
    x, y = np.log(sizes), np.log(costs)
    return y.mean() - _slope(x, y) * x.mean()

"""Task of unit 03: slopes by nudging each entry to both sides."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def sum_of_cubes(x):
    return float((x**3).sum())


def sine_times_last(x):
    return float(np.sin(x).sum() * x.flat[-1])


def sum_of_powers(x):
    return float(np.exp(x).sum())


def points(rng):
    yield sum_of_cubes, np.array([1.0, 2.0, -1.0]), 1e-2
    yield sine_times_last, rng.normal(size=4), 0.1
    yield sum_of_powers, rng.normal(size=(2, 3)), 1e-3
    yield sum_of_cubes, rng.normal(size=(2, 2, 2)), 1e-4
    yield sine_times_last, rng.normal(size=(3, 1)), 1e-5
    yield sum_of_cubes, 1e3 * rng.normal(size=5), 0.3
    yield sum_of_powers, rng.normal(size=1), 1e-5
    yield sum_of_powers, np.zeros((0, 3)), 1e-5


def central_difference(f, x, eps):
    def shifted(place, by):
        copy = x.copy()
        copy[place] += by
        return f(copy)

    slopes = [(shifted(place, eps) - shifted(place, -eps)) / (2 * eps) for place in np.ndindex(x.shape)]
    return np.array(slopes).reshape(x.shape)


numerical_gradient = Task(
    "numerical_gradient",
    ("f", "x", "eps"),
    points,
    central_difference,
    hints=(
        "Take one entry at a time: f with this entry raised by eps, f with it lowered by eps, divided by "
        "the distance of the two.",
        "np.ndindex(x.shape) yields every index of an array of any shape. Keep the old entry in a variable, "
        "and put it back.",
        "old = x[i]; x[i] = old + eps; above = f(x); x[i] = ...; below = f(x); x[i] = old; "
        "grad[i] = (above - below) / (...)",
    ),
)


def _nudge(f, x, eps, *, sides=2, divide=2.0, restore="old", flat=False):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] += eps
        above = f(x)
        if sides == 2:
            x[i] -= 2 * eps
            below = f(x)
        else:
            x[i] = old
            below = f(x)
        if restore == "old":
            x[i] = old
        elif restore == "add":
            x[i] += eps
        grad[i] = (above - below) / (divide * eps)
    return grad.ravel() if flat else grad


def all_at_once(f, x, eps):
    return np.full(x.shape, (f(x + eps) - f(x - eps)) / (2 * eps))


def own_step(f, x, eps):
    return _nudge(f, x, 1e-5)


for _sentence, _answer in {
    "You nudge to one side only. Use both sides, f(x + eps) - f(x - eps): the error then shrinks with the "
    "square of eps.": changed(_nudge, "one_side", sides=1, divide=1.0),
    "The two points are 2 * eps apart, so divide by 2 * eps.": changed(_nudge, "half_the_distance", divide=1.0),
    "You do not put the entry back, so all later slopes are measured somewhere else. Restore x[i] before "
    "you go on.": changed(_nudge, "left_nudged", restore="never"),
    "x comes back changed by rounding: adding and subtracting eps does not always end where it began. Keep "
    "the old entry in a variable and put that back.": changed(_nudge, "rounded_back", restore="add"),
    "You nudge all entries at once. That measures one slope, along the diagonal; a gradient needs each "
    "entry nudged alone.": all_at_once,
    "The slopes are right but flat. A gradient has the shape of x.": changed(_nudge, "flattened", flat=True),
    "You use a step of your own. The caller chooses it: use eps.": own_step,
}.items():
    numerical_gradient.mistake(_sentence)(_answer)

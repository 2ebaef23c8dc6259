"""Task of unit 05: clip the gradients of a network by their common norm."""

import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def gradients(rng):
    yield [np.array([[3.0, 0.0]]), np.array([4.0])], 1.0
    yield [np.array([[3.0, 0.0]]), np.array([4.0])], 10.0
    yield [np.array([[0.3, 0.0]]), np.array([-0.4])], 2.0
    for shapes, scale, max_norm in [
        ([(4, 3), (3,), (3, 2), (2,)], 1.0, 0.5),
        ([(4, 3), (3,)], 0.05, 5.0),
        ([(2, 2), (2,), (2, 1), (1,)], 100.0, 1.0),
        ([(5,)], 3.0, 2.0),
        ([(3, 3), (3,)], 2.0, 4.0),
    ]:
        yield [scale * rng.normal(size=shape) for shape in shapes], max_norm
    yield [np.zeros((2, 3)), np.zeros(3)], 1.0  # a gradient of 0 stays 0


def as_one_vector(grads, max_norm):
    """All gradients in one vector, its length by `math.hypot`, then cut apart again."""
    vector = [float(x) for g in grads for x in g.ravel()]
    length = math.hypot(*vector)
    if length > max_norm:
        vector = [x / length * max_norm for x in vector]
    ends = np.cumsum([g.size for g in grads])
    return [
        np.array(vector[end - g.size : end]).reshape(g.shape) for g, end in zip(grads, ends, strict=True)
    ]


clip_by_norm = Task(
    "clip_by_norm",
    ("grads", "max_norm"),
    gradients,
    as_one_vector,
    hints=(
        "One length for all arrays together: as if they were written one after the other in one long vector.",
        "The length is the root of the sum of all squares, over all arrays. If it is above max_norm, multiply every "
        "array by max_norm / length. If not, change nothing.",
        "norm = np.sqrt(sum(... for g in grads)); factor = max_norm / norm if norm > max_norm else ...; "
        "return [factor * g for g in grads]",
    ),
)


def _root_of_squares(grads):
    return math.sqrt(sum((g**2).sum() for g in grads))


def _clip(grads, max_norm, *, length=_root_of_squares, factor=lambda norm, most: most / norm, scales_up=False):
    """Clipping with one thing done differently; the mistakes below say which."""
    norm = length(grads)
    if norm > max_norm or scales_up:
        with np.errstate(all="ignore"):
            return [g * factor(np.float64(norm), max_norm) for g in grads]
    return [g.copy() for g in grads]


def each_by_itself(grads, max_norm):
    return [_clip([g], max_norm)[0] for g in grads]


def by_value(grads, max_norm):
    return [np.clip(g, -max_norm, max_norm) for g in grads]


def in_place(grads, max_norm):
    norm = _root_of_squares(grads)
    for g in grads:
        g *= min(1.0, max_norm / norm) if norm else 1.0
    return grads


def first_one_only(grads, max_norm):
    clipped = _clip(grads, max_norm)
    return [clipped[0], *(g.copy() for g in grads[1:])]


for _sentence, _answer in {
    "You clip each array by itself, so the direction of the step turns and all together are still too long. Take one "
    "length and one factor for all arrays.": each_by_itself,
    "You scale short gradients up. Clipping only shortens: if the length is at most max_norm, leave them as they "
    "are.": changed(_clip, "scales_up", scales_up=True),
    "You cut off each entry: that is clipping by value, and it turns the direction. Multiply all entries by one "
    "factor.": by_value,
    "The root is missing: the length is the root of the sum of the squares.": changed(
        _clip, "no_root", length=lambda grads: sum((g**2).sum() for g in grads)
    ),
    "You added the lengths of the arrays. Lengths at right angles do not add up: add the squares, then take the "
    "root.": changed(_clip, "sum_of_lengths", length=lambda grads: sum(math.sqrt((g**2).sum()) for g in grads)),
    "You added absolute values. The length is the root of the sum of squares.": changed(
        _clip, "absolute_values", length=lambda grads: sum(np.abs(g).sum() for g in grads)
    ),
    "You took the mean of the squares, so a larger network seems to have shorter gradients. Take their sum.": changed(
        _clip, "mean_of_squares", length=lambda grads: math.sqrt(sum((g**2).mean() for g in grads))
    ),
    "You took the length of the longest array alone. All arrays together make the step.": changed(
        _clip, "longest_array", length=lambda grads: max(math.sqrt((g**2).sum()) for g in grads)
    ),
    "You divide by the length, but do not multiply by max_norm: the result has length 1, whatever the limit.": changed(
        _clip, "length_one", factor=lambda norm, most: 1 / norm
    ),
    "The factor is upside down: multiply by max_norm / length, which is below 1.": changed(
        _clip, "upside_down", factor=lambda norm, most: norm / most
    ),
    "Only the first array is shortened. The factor is for all of them.": first_one_only,
    "The numbers are right, but you changed the given arrays (g *= ...). The caller still needs them: return new "
    "arrays.": in_place,
}.items():
    clip_by_norm.mistake(_sentence)(_answer)

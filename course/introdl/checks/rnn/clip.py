"""Task of unit 13: clip gradients by their common norm, and skip a step that has overflown (clip)."""

import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def gradients(rng):
    yield [np.array([3.0, 0.0]), np.array([4.0])], 1.0
    yield [np.array([3.0, 0.0]), np.array([4.0])], 10.0
    yield [np.array([[0.3, 0.0]]), np.array([-0.4])], 2.0
    for shapes, scale, max_norm in [
        ([(4, 3), (3, 3), (3,)], 1.0, 0.5),
        ([(2, 2), (2, 2), (2,), (2, 3), (3,)], 100.0, 1.0),
        ([(5,)], 3.0, 2.0),
        ([(3, 3), (3,)], 0.5, 9.0),
    ]:
        yield [scale * rng.normal(size=shape) for shape in shapes], max_norm
    yield [np.zeros((2, 3)), np.zeros(3)], 1.0
    for bad in (np.inf, np.nan, -np.inf):
        grads = [rng.normal(size=(2, 3)), rng.normal(size=3)]
        grads[0][1, 2] = bad
        yield grads, float(rng.uniform(0.5, 2))


def as_one_vector(grads, max_norm):
    """All gradients in one vector, its length by `math.hypot`, then cut apart again."""
    vector = [float(x) for g in grads for x in g.ravel()]
    length = math.nan if any(map(math.isnan, vector)) else math.hypot(*vector)
    if not math.isfinite(length):
        vector = [0.0 for _ in vector]
    elif length > max_norm:
        vector = [x / length * max_norm for x in vector]
    ends = np.cumsum([g.size for g in grads])
    parts = [np.array(vector[end - g.size : end]).reshape(g.shape) for g, end in zip(grads, ends, strict=True)]
    return parts, length


clip = Task(
    "clip",
    ("grads", "max_norm"),
    gradients,
    as_one_vector,
    hints=(
        "Three cases: a length that is not finite (zeros), a length above max_norm (shorten), any other (leave as it "
        "is).",
        "The length is the root of the sum of all squares, over all arrays. np.isfinite(norm) is False for NaN and for "
        "infinity. Ask that first: a comparison with NaN is always False.",
        "norm = np.sqrt(sum(... for g in grads)); if not np.isfinite(norm): return [np.zeros_like(g) for g in grads], "
        "...; factor = ... if norm > max_norm else 1.0; return [factor * g for g in grads], ...",
    ),
)


def _root_of_squares(grads):
    return math.sqrt(sum((g**2).sum() for g in grads))


def _zeros(grads, norm):
    return [np.zeros_like(g) for g in grads]


def _clip(
    grads,
    max_norm,
    *,
    length=_root_of_squares,
    factor=lambda norm, most: most / norm,
    bad=lambda norm: not math.isfinite(norm),
    skip=_zeros,
    always=False,
    said=lambda norm, clipped: norm,
    result=lambda clipped, norm: (clipped, norm),
):
    """Clipping with one thing done differently; the mistakes below say which."""
    with np.errstate(all="ignore"):
        norm = np.float64(length(grads))
        if bad(norm):
            clipped = skip(grads, norm)
        else:
            share = factor(norm, np.float64(max_norm)) if norm > max_norm or always else 1.0
            clipped = [share * g for g in grads]
        return result(clipped, said(norm, clipped))


def each_by_itself(grads, max_norm):
    return [_clip([g], max_norm)[0][0] for g in grads], _root_of_squares(grads)


def by_value(grads, max_norm):
    norm = _root_of_squares(grads)
    return [np.clip(g, -max_norm, max_norm) if math.isfinite(norm) else np.zeros_like(g) for g in grads], norm


def in_place(grads, max_norm):
    clipped, norm = _clip(grads, max_norm)
    for g, new in zip(grads, clipped, strict=True):
        g[...] = new
    return grads, norm


def only_the_bad_array(grads, norm):
    return [g if np.isfinite(g).all() else np.zeros_like(g) for g in grads]


def only_the_bad_entries(grads, norm):
    return [np.where(np.isfinite(g), g, 0) for g in grads]


for _sentence, _answer in {
    "NaN and infinity go through: NaN is not larger than anything, and infinity times max_norm / infinity is NaN. If "
    "the length is not finite, return zeros.": changed(_clip, "not_asked", bad=lambda norm: False),
    "You ask for NaN only. A length can be infinite, too, and infinity times 0 is NaN: not np.isfinite(norm) finds "
    "both.": changed(_clip, "nan_only", bad=math.isnan),
    "You ask for infinity only. A length can be NaN, too, which is not larger than anything: not np.isfinite(norm) "
    "finds both.": changed(_clip, "infinity_only", bad=math.isinf),
    "You set only the bad entries to 0 and take the step with the rest. Nobody knows what the others are worth after "
    "an overflow: all arrays are zeros.": changed(_clip, "bad_entries", skip=only_the_bad_entries),
    "You set only the array with the bad entry to 0. The step is one: all arrays are zeros.": changed(
        _clip, "bad_array", skip=only_the_bad_array
    ),
    "For a skipped step you say that the length was 0. Return it as it was, infinite or NaN: whoever watches training "
    "must see it.": changed(_clip, "says_zero", said=lambda norm, clipped: norm if math.isfinite(norm) else 0.0),
    "You return the length *after* clipping. The one before is asked for: it tells how wild the gradient was.": changed(
        _clip, "length_after", said=lambda norm, clipped: _root_of_squares(clipped) if math.isfinite(norm) else norm
    ),
    "You clip each array by itself, so the direction of the step turns and all together are still too long. Take one "
    "length and one factor for all arrays.": each_by_itself,
    "You cut off each entry: that is clipping by value, and it turns the direction. Multiply all entries by one "
    "factor.": by_value,
    "You scale short gradients up. Clipping only shortens: if the length is at most max_norm, leave them as they "
    "are.": changed(_clip, "scales_up", always=True, factor=lambda norm, most: most / norm if norm else np.float64(1)),
    "The root is missing: the length is the root of the sum of the squares.": changed(
        _clip, "no_root", length=lambda grads: sum((g**2).sum() for g in grads)
    ),
    "You added the lengths of the arrays. Lengths at right angles do not add up: add the squares, then take the "
    "root.": changed(_clip, "sum_of_lengths", length=lambda grads: sum(math.sqrt((g**2).sum()) for g in grads)),
    "You divide by the length, but do not multiply by max_norm: the result has length 1, whatever the limit.": changed(
        _clip, "length_one", factor=lambda norm, most: 1 / norm
    ),
    "The factor is upside down: multiply by max_norm / length, which is below 1.": changed(
        _clip, "upside_down", factor=lambda norm, most: norm / most
    ),
    "You return the clipped gradients alone. The length before clipping is the second part of the pair.": changed(
        _clip, "gradients_alone", result=lambda clipped, norm: clipped
    ),
    "The numbers are right, but you changed the given arrays (g *= ...). The caller still needs them: return new "
    "arrays.": in_place,
}.items():
    clip.mistake(_sentence)(_answer)

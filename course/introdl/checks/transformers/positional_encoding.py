"""Task of unit 18: a vector for each place (positional_encoding)."""

import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def sizes(rng):
    yield from [
        (3, 4, 100.0),
        (4, 2, 10_000.0),
        (6, 8, 10_000.0),
        (5, 6, 50.0),
        (1, 4, 100.0),
        (40, 16, 10_000.0),
    ]
    yield int(rng.integers(5, 9)), 10, float(rng.integers(20, 2000))


def one_by_one(T, D, base):
    P = np.zeros((T, D))
    for t in range(T):
        for i in range(D // 2):
            angle = t / math.pow(base, 2 * i / D)
            P[t, 2 * i], P[t, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return P


positional_encoding = Task(
    "positional_encoding",
    ("T", "D", "base"),
    sizes,
    one_by_one,
    hints=(
        "First the angles, (T, D / 2): a column of positions divided by a row of powers of the base. Then sines go to "
        "the even columns, cosines to the odd ones.",
        "np.arange(0, D, 2) is 2i for every pair, so the row is base ** (np.arange(0, D, 2) / D). P[:, 0::2] are the "
        "even columns.",
        "angles = np.arange(T)[:, np.newaxis] / base ** (np.arange(0, D, 2) / D); P = np.zeros((T, D)); P[:, 0::2], "
        "P[:, 1::2] = np.sin(...), ...",
    ),
)


def _encoding(T, D, base, *, start=0, power=lambda i, D: 2 * i / D, pair=(np.sin, np.cos), halves=False, fast=False):
    """The encoding with one thing done differently; the mistakes below say which."""
    i, t = np.arange(D // 2), np.arange(start, T + start)[:, np.newaxis]
    powers = base ** power(i, D)
    with np.errstate(over="ignore"):
        angles = t * powers if fast else t / powers
    first, second = pair[0](angles), pair[1](angles)
    if halves:
        return np.concatenate([first, second], axis=1)
    return np.stack([first, second], axis=2).reshape(T, D)


def each_its_own(T, D, base):
    angles = np.arange(T)[:, np.newaxis] / base ** (np.arange(D) / D)
    return np.where(np.arange(D) % 2, np.cos(angles), np.sin(angles))


def fixed_base(T, D, base):
    return one_by_one(T, D, 10_000.0)


def transposed(T, D, base):
    return one_by_one(T, D, base).T


def counted(T, D, base):
    return np.repeat(np.arange(T, dtype=float)[:, np.newaxis], D, axis=1)


def cosines_first(T, D, base):
    P, angles = np.zeros((T, D)), np.arange(T)[:, np.newaxis] / base ** (np.arange(0, D, 2) / D)
    P[:, : D // 2], P[:, D // 2 :] = np.cos(angles), np.sin(angles)
    return P


for _sentence, _answer in {
    "Each of your columns has an angle of its own. Columns 2i and 2i + 1 are one hand of a clock: both take the power "
    "2i / D.": each_its_own,
    "All sines stand in the left half, all cosines in the right one. Here they alternate (a convention).": changed(
        _encoding, "halves", halves=True
    ),
    "Cosines in the left half, sines in the right: here they alternate, the sine first (a convention).": cosines_first,
    "Sine and cosine are exchanged: the sine goes to the even columns.": changed(
        _encoding, "exchanged", pair=(np.cos, np.sin)
    ),
    "Your positions start at 1. The first one is 0: all its sines are 0, its cosines 1.": changed(
        _encoding, "from_one", start=1
    ),
    "Your hands run too fast: the power of pair i is 2i / D, not i / D.": changed(
        _encoding, "half_power", power=lambda i, D: i / D
    ),
    "Your powers are doubled twice. np.arange(0, D, 2) is 2i already; divide it by D.": changed(
        _encoding, "double_power", power=lambda i, D: 4 * i / D
    ),
    "You multiply by the power, so that hands run faster and faster. Divide.": changed(_encoding, "fast", fast=True),
    "Both columns of a pair hold the sine. The second one is the cosine.": changed(
        _encoding, "sines", pair=(np.sin, np.sin)
    ),
    "The base is 10,000 whatever is asked for. Use `base`.": fixed_base,
    "Rows and columns are exchanged: a row for each position, (T, D).": transposed,
    "Your pairs divide by D - 2 or D / 2 - 1, so that the last hand has the base itself. Divide 2i by D (a "
    "convention).": changed(_encoding, "to_the_end", power=lambda i, D: 2 * i / max(D - 2, 1)),
    "These are the positions themselves. They grow without bound; the hands of a clock do not.": counted,
}.items():
    positional_encoding.mistake(_sentence)(_answer)

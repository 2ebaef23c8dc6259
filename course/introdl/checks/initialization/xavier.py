"""Task of unit 05: normal first weights with Xavier's variance."""

import copy
import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def layers(rng):
    yield (6, 2), 1.0, np.random.default_rng(0)
    yield (3, 5), 2.0, np.random.default_rng(1)
    for gain in (1.0, 5 / 3, 0.5, math.sqrt(2)):
        shape = int(rng.integers(2, 40)), int(rng.integers(2, 40))
        yield shape, gain, np.random.default_rng(int(rng.integers(10**6)))
    yield (1, 7), 1.0, np.random.default_rng(int(rng.integers(10**6)))


def draw_by_draw(shape, gain, rng):
    """One standard normal number after the other, row by row; a copy of the generator leaves the case as it is."""
    rng, W = copy.deepcopy(rng), np.empty(shape)
    mean_fan = (shape[0] + shape[1]) / 2
    for i in np.ndindex(*shape):
        W[i] = gain * rng.standard_normal() / mean_fan**0.5
    return W


xavier = Task(
    "xavier",
    ("shape", "gain", "rng"),
    layers,
    draw_by_draw,
    inplace=("rng",),
    hints=(
        "Three steps: the two fans, from them the variance 2 / (fan_in + fan_out), from it the standard deviation.",
        "rng.normal wants the standard deviation, the root of the variance. The gain multiplies the latter.",
        "std = gain * np.sqrt(... / (... + ...)); return rng.normal(0, std, size=shape)",
    ),
)


def _xavier(shape, gain, rng, *, std=lambda n, m, gain: gain * math.sqrt(2 / (n + m)), uniform=False):
    """Xavier weights with one thing done differently; the mistakes below say which."""
    size = std(*shape, gain)
    return rng.uniform(-size, size, size=shape) if uniform else rng.normal(0, size, size=shape)


def own_seed(shape, gain, rng):
    return _xavier(shape, gain, np.random.default_rng(0))


def transposed(shape, gain, rng):
    return _xavier(shape[::-1], gain, rng)


for _sentence, _answer in {
    "That is the variance, where rng.normal wants the standard deviation: the weights come out far too small. Take the "
    "root of 2 / (fan_in + fan_out).": changed(
        _xavier, "variance_for_std", std=lambda n, m, gain: gain * 2 / (n + m)
    ),
    "That is the whole variance, gain and all, where rng.normal wants the standard deviation. Take the root.": changed(
        _xavier, "full_variance_for_std", std=lambda n, m, gain: gain**2 * 2 / (n + m)
    ),
    "The gain is missing: multiply the standard deviation by it.": changed(
        _xavier, "gain_missing", std=lambda n, m, gain: math.sqrt(2 / (n + m))
    ),
    "You put the gain under the root. It multiplies the standard deviation (the variance has its square).": changed(
        _xavier, "gain_under_the_root", std=lambda n, m, gain: math.sqrt(2 * gain / (n + m))
    ),
    "You divided the standard deviation by the gain: multiply by it.": changed(
        _xavier, "divided_by_gain", std=lambda n, m, gain: math.sqrt(2 / (n + m)) / gain
    ),
    "The 2 is missing: the variance is 1 over the *mean* of the two fans, which is 2 / (fan_in + fan_out).": changed(
        _xavier, "no_two", std=lambda n, m, gain: gain * math.sqrt(1 / (n + m))
    ),
    "You used the fan-in alone, 1 / fan_in. Xavier takes the middle between the way forward and the way back: "
    "2 / (fan_in + fan_out).": changed(_xavier, "fan_in_alone", std=lambda n, m, gain: gain * math.sqrt(1 / n)),
    "You used 2 / fan_in, which is Kaiming's variance. Xavier's is 2 / (fan_in + fan_out).": changed(
        _xavier, "kaimings", std=lambda n, m, gain: gain * math.sqrt(2 / n)
    ),
    "6 / (fan_in + fan_out) is for the limits of a uniform distribution. For a normal one the variance is "
    "2 / (fan_in + fan_out).": changed(_xavier, "six", std=lambda n, m, gain: gain * math.sqrt(6 / (n + m))),
    "These are uniform numbers. The task asks for normal ones, rng.normal (a convention).": changed(
        _xavier, "uniform_ones", std=lambda n, m, gain: gain * math.sqrt(6 / (n + m)), uniform=True
    ),
    "You made a generator of your own, so every layer gets the same numbers. Use the rng that you are given.": own_seed,
    "The array is transposed: it should have the shape (n_in, n_out) that was asked for.": transposed,
}.items():
    xavier.mistake(_sentence)(_answer)

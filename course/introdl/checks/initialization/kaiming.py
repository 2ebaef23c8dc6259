"""Task of unit 05: uniform first weights with Kaiming's variance."""

import copy
import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def layers(rng):
    yield (6, 2), np.random.default_rng(0)
    yield (2, 6), np.random.default_rng(1)
    for _ in range(4):
        shape = int(rng.integers(2, 40)), int(rng.integers(2, 40))
        yield shape, np.random.default_rng(int(rng.integers(10**6)))
    yield (1, 7), np.random.default_rng(int(rng.integers(10**6)))


def draw_by_draw(shape, rng):
    """One number from 0 to 1 after the other, stretched to -a to a; drawn from a copy of the case's generator."""
    rng, W = copy.deepcopy(rng), np.empty(shape)
    a = (6 / shape[0]) ** 0.5
    for i in np.ndindex(*shape):
        W[i] = a * (2 * rng.random() - 1)
    return W


kaiming = Task(
    "kaiming",
    ("shape", "rng"),
    layers,
    draw_by_draw,
    inplace=("rng",),
    hints=(
        "First the variance that Kaiming wants, 2 / fan_in. Then the limit a whose uniform distribution has it.",
        "A uniform distribution from -a to a has the variance a**2 / 3. Solve a**2 / 3 = 2 / fan_in for a.",
        "a = np.sqrt(... / shape[...]); return rng.uniform(-a, a, size=shape)",
    ),
)


def _kaiming(shape, rng, *, limit=lambda n, m: math.sqrt(6 / n), low=-1.0, normal=False):
    """Kaiming weights with one thing done differently; the mistakes below say which."""
    a = limit(*shape)
    return rng.normal(0, a, size=shape) if normal else rng.uniform(low * a, a, size=shape)


def own_seed(shape, rng):
    return _kaiming(shape, np.random.default_rng(0))


for _sentence, _answer in {
    "You used the fan-out. The signal is a sum over the *inputs* of a neuron: divide by fan_in, shape[0].": changed(
        _kaiming, "fan_out", limit=lambda n, m: math.sqrt(6 / m)
    ),
    "Your limit is the standard deviation, root of 2 / fan_in. A uniform distribution from -a to a has a standard "
    "deviation of only a / root of 3: make the limit wider by that root.": changed(
        _kaiming, "std_for_limit", limit=lambda n, m: math.sqrt(2 / n)
    ),
    "Your limit is the variance, 2 / fan_in. The limit a has a**2 / 3 = 2 / fan_in.": changed(
        _kaiming, "variance_for_limit", limit=lambda n, m: 2 / n
    ),
    "The root is missing: a**2 is 6 / fan_in.": changed(_kaiming, "no_root", limit=lambda n, m: 6 / n),
    "The gain of ReLU is missing: ReLU halves the mean square, so the variance must be 2 / fan_in, not "
    "1 / fan_in.": changed(_kaiming, "gain_missing", limit=lambda n, m: math.sqrt(3 / n)),
    "That is Xavier's variance, 2 / (fan_in + fan_out). For ReLU take Kaiming's, 2 / fan_in.": changed(
        _kaiming, "xaviers", limit=lambda n, m: math.sqrt(6 / (n + m))
    ),
    "All your weights are positive. Draw from -a to a, so that their mean is 0.": changed(
        _kaiming, "positive_only", low=0.0
    ),
    "These are normal numbers. The task asks for uniform ones, rng.uniform (a convention).": changed(
        _kaiming, "normal_ones", limit=lambda n, m: math.sqrt(2 / n), normal=True
    ),
    "You made a generator of your own, so every layer gets the same numbers. Use the rng that you are given.": own_seed,
}.items():
    kaiming.mistake(_sentence)(_answer)

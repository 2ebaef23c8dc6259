"""Extra task of unit 04: the exact GELU and its slope."""

import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def sums(rng):
    yield (np.array([0.0, 1.0]),)
    for shape in [(6,), (3, 4), (4, 4), (2, 3, 2)]:
        yield (1.5 * rng.normal(size=shape),)
    yield (np.array([-30.0, 30.0, -3.0, 3.0]),)
    yield (np.array([[0.01, -0.01], [0.5, -0.75]]),)


def by_the_tail(Z):
    """Phi from the complementary error function; the slope by nudging both ways."""
    def value(z):
        return z * math.erfc(-z / math.sqrt(2)) / 2

    numbers, h = [float(z) for z in Z.flat], 1e-5
    slopes = [(value(z + h) - value(z - h)) / (2 * h) for z in numbers]
    return np.reshape([value(z) for z in numbers], Z.shape), np.reshape(slopes, Z.shape)


gelu = Task(
    "gelu",
    ("Z",),
    sums,
    by_the_tail,
    hints=(
        "It is SiLU with another gate: Phi in the place of the sigmoid. The product rule is the same.",
        "Phi = (1 + erf(Z / sqrt(2))) / 2, with np.vectorize(math.erf) for an array. The slope of Phi is the bell "
        "curve of the prompt.",
        "Phi = 0.5 * (1 + np.vectorize(math.erf)(...)); phi = np.exp(...) / ...; return Z * Phi, Phi + ...",
    ),
)


def _erf(Z):
    return np.reshape([math.erf(z) for z in Z.flat], Z.shape)


def _phi(Z):
    return np.exp(-(Z**2) / 2) / math.sqrt(2 * math.pi)


def _pair(Z, *, Phi=lambda Z: 0.5 * (1 + _erf(Z / math.sqrt(2))), phi=_phi, slope=lambda Z, P, p: P + Z * p, order=1):
    """The pair with one thing done differently; the mistakes below say which."""
    P = Phi(Z)
    return (Z * P, slope(Z, P, phi(Z)))[::order]


for _name, (_sentence, _change) in {
    "not_divided_by_root_two": (
        "Inside erf stands Z / sqrt(2). Without the root it is the distribution of half the variance.",
        {"Phi": lambda Z: 0.5 * (1 + _erf(Z))},
    ),
    "erf_itself": (
        "You used erf as the share below Z. erf runs from -1 to 1; the share is (1 + erf) / 2.",
        {"Phi": lambda Z: _erf(Z / math.sqrt(2))},
    ),
    "not_halved": (
        "Your Phi runs from 0 to 2. It is a share: half of 1 + erf.",
        {"Phi": lambda Z: 1 + _erf(Z / math.sqrt(2))},
    ),
    "sigmoid_gate": (
        "Your gate is sigmoid(1.702 Z), an approximation of GELU that is off by up to 0.02. This task wants the "
        "exact one.",
        {"Phi": lambda Z: 1 / (1 + np.exp(-1.702 * Z))},
    ),
    "tanh_approximation": (
        "This is the approximation with tanh, which is off by up to 0.0005 (a convention: the prompt asks for the "
        "exact one).",
        {"Phi": lambda Z: 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (Z + 0.044715 * Z**3)))},
    ),
    "gate_held_fixed": (
        "Your slope is Phi alone, as if the gate did not move. Add Z times the bell curve, the slope of Phi.",
        {"slope": lambda Z, P, p: P},
    ),
    "bell_without_z": (
        "In the product rule Z multiplies the slope of Phi: Phi + Z * phi. Your Z is missing.",
        {"slope": lambda Z, P, p: P + p},
    ),
    "bell_not_scaled": (
        "Your bell curve lacks the factor 1 / sqrt(2 pi), so its area is not 1.",
        {"phi": lambda Z: np.exp(-(Z**2) / 2)},
    ),
    "bell_not_halved": (
        "The exponent of the bell curve is -z**2 / 2. Your 2 is missing.",
        {"phi": lambda Z: np.exp(-(Z**2)) / math.sqrt(2 * math.pi)},
    ),
    "other_order": (
        "The results are right but swapped. Return the values first, then the slopes (a convention).",
        {"order": -1},
    ),
}.items():
    gelu.mistake(_sentence)(changed(_pair, _name, **_change))

"""Extra task of unit 04: SiLU and its slope."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def sums(rng):
    yield (np.array([0.0, np.log(3.0)]),)
    for shape in [(6,), (3, 4), (4, 4), (2, 3, 2)]:
        yield (2 * rng.normal(size=shape),)
    yield (np.array([-1000.0, 1000.0, 800.0, -0.1]),)
    yield (np.array([[-6.0, 6.0], [1e-3, 0.0]]),)
    yield (np.zeros((0, 3)),)


def by_tanh(Z):
    """The gate is (1 + tanh(z / 2)) / 2, its slope 1 / (4 cosh(z / 2)^2)."""
    with np.errstate(over="ignore"):
        gate = (1 + np.tanh(Z / 2)) / 2
        return Z * gate, gate + Z / (2 * np.cosh(Z / 2)) ** 2


silu = Task(
    "silu",
    ("Z",),
    sums,
    by_tanh,
    atol=1e-12,
    hints=(
        "Your sigmoid gives you the gate and the gate's slope. What is left is one product, and the product rule.",
        "The product rule: slope of the first factor times the second, plus the first times the slope of the second. "
        "The slope of Z itself is 1.",
        "gate, gate_slope = sigmoid(Z); return Z * gate, gate + ...",
    ),
)


def _sigmoid(Z):
    e = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1, e) / (1 + e)


def _pair(Z, *, gate=_sigmoid, value=lambda Z, s: Z * s, slope=lambda Z, s: s + Z * s * (1 - s), order=1):
    """The pair with one thing done differently; the mistakes below say which."""
    with np.errstate(all="ignore"):
        s = gate(Z)
        return (value(Z, s), slope(Z, s))[::order]


for _name, (_sentence, _change) in {
    "gate_held_fixed": (
        "Your slope is the gate alone, as if the gate did not move. It reads Z as well: add Z times the gate's slope.",
        {"slope": lambda Z, s: s},
    ),
    "only_the_gate_moves": (
        "Your slope is Z times the gate's slope. The other half of the product rule is missing: add the gate.",
        {"slope": lambda Z, s: Z * s * (1 - s)},
    ),
    "product_of_slopes": (
        "You multiplied the two slopes. A product's slope is a sum: u'v + uv'.",
        {"slope": lambda Z, s: s * (1 - s)},
    ),
    "chain_for_product": (
        "Your slope is A * (1 - A), the sigmoid's formula with SiLU's value. Use the product rule.",
        {"slope": lambda Z, s: Z * s * (1 - Z * s)},
    ),
    "subtracted": (
        "The two halves of the product rule are added, not subtracted.",
        {"slope": lambda Z, s: s - Z * s * (1 - s)},
    ),
    "gate_only": (
        "You returned the sigmoid. SiLU is Z times the sigmoid.",
        {"value": lambda Z, s: s},
    ),
    "added_gate": ("You added Z and its gate. A gate multiplies: Z * sigmoid(Z).", {"value": lambda Z, s: Z + s}),
    "overflowing": (
        "exp overflows for large Z, and infinity / infinity is NaN. Use your own sigmoid.",
        {"gate": lambda Z: np.exp(Z) / (1 + np.exp(Z))},
    ),
    "mirrored_gate": (
        "Your gate closes for large Z: it is sigmoid(-Z). The exponent in 1 / (1 + exp(-z)) has a minus sign.",
        {"gate": lambda Z: _sigmoid(-Z)},
    ),
    "other_order": (
        "The results are right but swapped. Return the values first, then the slopes (a convention).",
        {"order": -1},
    ),
}.items():
    silu.mistake(_sentence)(changed(_pair, _name, **_change))


@silu.mistake("The values and slopes are right, but Z was changed on the way: Z *= works in place. Make a new array.")
def in_place(Z):
    s = _sigmoid(Z)
    slope = s + Z * s * (1 - s)
    Z *= s
    return Z, slope

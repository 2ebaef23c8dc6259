"""Checks of unit 04: activations with their slopes, layers that collapse into one, dead units."""

from introdl.checks.activations.collapse_linear import collapse_linear
from introdl.checks.activations.dead_units import dead_units
from introdl.checks.activations.gelu import gelu
from introdl.checks.activations.leaky_relu import leaky_relu
from introdl.checks.activations.relu import relu
from introdl.checks.activations.sigmoid import sigmoid
from introdl.checks.activations.silu import silu
from introdl.checks.activations.tanh import tanh
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("torch", "introdl.nn", "introdl.gradcheck", "introdl.train", "introdl.optim")

unit = Unit(
    "04_activations",
    relu,
    leaky_relu,
    sigmoid,
    tanh,
    collapse_linear,
    dead_units,
    silu,
    gelu,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

"""Checks of unit 06: mini-batches, descent, momentum, steps for each entry, Adam, a schedule."""

from introdl.checks.optimizers.adagrad import adagrad
from introdl.checks.optimizers.adam import Adam
from introdl.checks.optimizers.minibatches import minibatches
from introdl.checks.optimizers.momentum import momentum
from introdl.checks.optimizers.rmsprop import rmsprop
from introdl.checks.optimizers.sgd import sgd
from introdl.checks.optimizers.warmup_cosine import warmup_cosine
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("torch", "introdl.nn", "introdl.gradcheck", "introdl.train", "introdl.optim")

unit = Unit(
    "06_optimizers",
    minibatches,
    sgd,
    momentum,
    adagrad,
    rmsprop,
    Adam,
    warmup_cosine,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

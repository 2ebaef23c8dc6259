"""Checks of unit 03: the sweep's order, a scalar autograd, layers backwards, nudging, a step, training."""

from introdl.checks.backprop.dense_backward import dense_backward
from introdl.checks.backprop.numerical_gradient import numerical_gradient
from introdl.checks.backprop.softmax_cross_entropy_backward import softmax_cross_entropy_backward
from introdl.checks.backprop.topological_order import topological_order
from introdl.checks.backprop.train import train
from introdl.checks.backprop.train_step import train_step
from introdl.checks.backprop.value import Value
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("torch", "introdl.nn", "introdl.gradcheck", "introdl.train", "introdl.optim")

unit = Unit(
    "03_backprop",
    topological_order,
    Value,
    dense_backward,
    softmax_cross_entropy_backward,
    numerical_gradient,
    train_step,
    train,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

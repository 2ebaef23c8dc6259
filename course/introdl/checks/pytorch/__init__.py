"""Checks of unit 08: tensors, autograd, a module, the training loop, modes, files of weights."""

from introdl.checks.pytorch.gradient import gradient
from introdl.checks.pytorch.load_weights import load_weights
from introdl.checks.pytorch.probabilities import probabilities
from introdl.checks.pytorch.to_images import to_images
from introdl.checks.pytorch.train import train
from introdl.checks.pytorch.two_layers import TwoLayers
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("introdl.nn", "introdl.train", "introdl.optim", "introdl.init", "introdl.gradcheck")

unit = Unit(
    "08_pytorch",
    to_images,
    gradient,
    TwoLayers,
    train,
    probabilities,
    load_weights,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

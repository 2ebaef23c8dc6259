"""Checks of unit 02: a dense layer, a forward pass, parameters counted, one-hot, softmax, cross-entropy, answers."""

from introdl.checks.networks.count_parameters import count_parameters
from introdl.checks.networks.cross_entropy import cross_entropy
from introdl.checks.networks.dense import dense
from introdl.checks.networks.forward import forward
from introdl.checks.networks.one_hot import one_hot
from introdl.checks.networks.predict import predict
from introdl.checks.networks.softmax import softmax
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("torch", "introdl.nn", "introdl.gradcheck", "introdl.train", "introdl.optim")

unit = Unit(
    "02_networks",
    dense,
    forward,
    count_parameters,
    one_hot,
    softmax,
    cross_entropy,
    predict,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

"""Checks of unit 01: a neuron's weighted sum, its step, the perceptron rule, the margin, and XOR."""

from introdl.checks.perceptron.margin import margin
from introdl.checks.perceptron.predict import predict
from introdl.checks.perceptron.step import step
from introdl.checks.perceptron.train import train
from introdl.checks.perceptron.update import update
from introdl.checks.perceptron.weighted_sum import weighted_sum
from introdl.checks.perceptron.xor_weights import xor_weights
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "mlxtend")  # they hold ready-made neurons, besides their data
WITHHELD = (
    "torch",
    "introdl.nn",
    "sklearn.linear_model",
    "sklearn.neural_network",
    "mlxtend.classifier",
    "mlxtend.regressor",
)

unit = Unit(
    "01_perceptron",
    weighted_sum,
    step,
    predict,
    update,
    margin,
    xor_weights,
    train,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

"""Checks of unit 13: a batch of names, one step, all steps, the way back through time, a clip, reading surnames."""

from introdl.checks.rnn.bptt import bptt
from introdl.checks.rnn.classify import classify
from introdl.checks.rnn.clip import clip
from introdl.checks.rnn.one_hot import one_hot
from introdl.checks.rnn.rnn_cell import rnn_cell
from introdl.checks.rnn.rnn_forward import rnn_forward
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("torch", "sklearn", "scipy", "introdl.data", "introdl._names", "faker")
WITHHELD = ("introdl.nn", "introdl.train", "introdl.optim", "introdl.gradcheck")

unit = Unit(
    "13_rnn",
    one_hot,
    rnn_cell,
    rnn_forward,
    bptt,
    clip,
    classify,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

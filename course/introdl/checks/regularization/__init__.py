"""Checks of unit 07: penalties, dropout, batch normalization there and back, early stopping, a regularized training."""

from introdl.checks.regularization.batchnorm_backward import batchnorm_backward
from introdl.checks.regularization.batchnorm_forward import batchnorm_forward
from introdl.checks.regularization.dropout import dropout
from introdl.checks.regularization.early_stopping import EarlyStopping
from introdl.checks.regularization.l1 import l1
from introdl.checks.regularization.l2 import l2
from introdl.checks.regularization.train import train
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("torch", "introdl.nn", "introdl.gradcheck", "introdl.train", "introdl.optim")

unit = Unit(
    "07_regularization",
    l2,
    l1,
    dropout,
    batchnorm_forward,
    batchnorm_backward,
    EarlyStopping,
    train,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

"""Checks of unit 21: k-NN without loops, a power fitted, operations and bytes counted, time measured, a choice made."""

from introdl.checks.complexity.choose_under_limits import choose_under_limits
from introdl.checks.complexity.count_operations import count_operations
from introdl.checks.complexity.fit_slope import fit_slope
from introdl.checks.complexity.knn_predict import knn_predict
from introdl.checks.complexity.model_memory import model_memory
from introdl.checks.complexity.time_it import time_it
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("introdl.cost", "introdl.classic")

unit = Unit(
    "21_complexity",
    knn_predict,
    count_operations,
    model_memory,
    fit_slope,
    time_it,
    choose_under_limits,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

"""Checks of unit 22: a leak, rare events, costs, groups, bad inputs, broken trainings, drift, and the capstone."""

from introdl.checks.practice.cost_threshold import cost_threshold
from introdl.checks.practice.drift_test import drift_test
from introdl.checks.practice.group_rates import group_rates
from introdl.checks.practice.held_out_scores import held_out_scores
from introdl.checks.practice.mended import mended
from introdl.checks.practice.precision_recall import precision_recall
from introdl.checks.practice.ship import ship
from introdl.checks.practice.validate_input import validate_input
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy", "statsmodels")
WITHHELD = (
    "introdl.practice",
    "introdl.data",
    "introdl.train",
    "introdl._scans",
    "sklearn",
    "skimage",
    "mlxtend",
)

unit = Unit(
    "22_practice",
    held_out_scores,
    precision_recall,
    cost_threshold,
    group_rates,
    validate_input,
    mended,
    drift_test,
    ship,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

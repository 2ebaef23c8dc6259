"""Checks of unit 00: pictures as rows, softmax by rows, a slope by two points, and standardized features."""

from introdl.checks.start.celsius import celsius
from introdl.checks.start.reshape_batch import reshape_batch
from introdl.checks.start.row_softmax_by_hand import row_softmax_by_hand
from introdl.checks.start.slope_at import slope_at
from introdl.checks.start.standardize import standardize
from introdl.checks.unit import Unit

WITHHELD = ("torch", "introdl.nn", "introdl.gradcheck")
NOT_FOR_YOU = ("sklearn", "scipy")  # they hold finished softmaxes and scalers

unit = Unit(
    "00_start",
    reshape_batch,
    row_softmax_by_hand,
    slope_at,
    standardize,
    demos=(celsius,),
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

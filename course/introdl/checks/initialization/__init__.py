"""Checks of unit 05: fans, Xavier and Kaiming weights, the signal through layers, clipping, a diagnosis."""

from introdl.checks.initialization.clip_by_norm import clip_by_norm
from introdl.checks.initialization.diagnose import diagnose
from introdl.checks.initialization.fan_in_out import fan_in_out
from introdl.checks.initialization.kaiming import kaiming
from introdl.checks.initialization.signal_sizes import signal_sizes
from introdl.checks.initialization.xavier import xavier
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("torch", "introdl.init", "introdl.nn", "introdl.optim", "introdl.train", "introdl.gradcheck")

unit = Unit(
    "05_initialization",
    fan_in_out,
    xavier,
    kaiming,
    signal_sizes,
    clip_by_norm,
    diagnose,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

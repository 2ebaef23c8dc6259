"""Checks of unit 19: both players' losses, modes counted, features matched, a penalty on slopes, one round."""

from introdl.checks.gan.discriminator_loss import discriminator_loss
from introdl.checks.gan.feature_matching import feature_matching
from introdl.checks.gan.generator_loss import generator_loss
from introdl.checks.gan.gradient_penalty import gradient_penalty
from introdl.checks.gan.modes_covered import modes_covered
from introdl.checks.gan.one_round import one_round
from introdl.checks.gan.smooth_loss import smooth_loss
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("introdl.gan", "introdl.nn")

unit = Unit(
    "19_gan",
    discriminator_loss,
    generator_loss,
    smooth_loss,
    modes_covered,
    feature_matching,
    gradient_penalty,
    one_round,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

"""Checks of unit 11: MACs, the blocks of VGG, ResNet, Inception and MobileNet, a choice under a budget."""

from introdl.checks.architectures.choose import choose
from introdl.checks.architectures.count_macs import count_macs
from introdl.checks.architectures.inception import Inception
from introdl.checks.architectures.residual import Residual
from introdl.checks.architectures.separable import separable
from introdl.checks.architectures.vgg_block import vgg_block
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy", "torchvision")
WITHHELD = ("introdl.architecture", "introdl.nn")

unit = Unit(
    "11_architectures",
    count_macs,
    vgg_block,
    Residual,
    Inception,
    separable,
    choose,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

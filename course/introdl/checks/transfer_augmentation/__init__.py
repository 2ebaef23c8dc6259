"""Checks of unit 12: pooled features, a head, a frozen body, shifts, rotations, which changes to use, few labels."""

from introdl.checks.transfer_augmentation.borrowed import Borrowed
from introdl.checks.transfer_augmentation.choose_changes import choose_changes
from introdl.checks.transfer_augmentation.head import Head
from introdl.checks.transfer_augmentation.pooled_features import pooled_features
from introdl.checks.transfer_augmentation.random_shift import random_shift
from introdl.checks.transfer_augmentation.read_moved import read_moved
from introdl.checks.transfer_augmentation.rotate import rotate
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy", "skimage", "PIL")
WITHHELD = (
    "introdl.nn",
    "introdl.train",
    "introdl.optim",
    "introdl.architecture",
    "introdl.augment",
    "introdl.pretrained",
    "introdl.data",
    "introdl.gradcheck",
    "sklearn",
    "skimage",
    "mlxtend",
)

unit = Unit(
    "12_transfer_augmentation",
    pooled_features,
    Head,
    Borrowed,
    random_shift,
    rotate,
    choose_changes,
    read_moved,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

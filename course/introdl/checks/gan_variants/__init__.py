"""Checks of unit 20: sizes that grow, a generator, a U-Net, a cycle, styles, patches, a distance of two clouds."""

from introdl.checks.gan_variants.adain import adain
from introdl.checks.gan_variants.cycle_loss import cycle_loss
from introdl.checks.gan_variants.frechet_distance import frechet_distance
from introdl.checks.gan_variants.generator import generator
from introdl.checks.gan_variants.patch_receptive_field import patch_receptive_field
from introdl.checks.gan_variants.transposed_size import transposed_size
from introdl.checks.gan_variants.unet import UNet
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy", "torchvision")
WITHHELD = ("introdl.generators", "introdl.gan", "introdl.architecture", "introdl.nn")

unit = Unit(
    "20_gan_variants",
    transposed_size,
    generator,
    UNet,
    patch_receptive_field,
    cycle_loss,
    adain,
    frechet_distance,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

"""Checks of unit 09: sizes and costs, padding, convolution, columns, max pooling both ways, the receptive field."""

from introdl.checks.convolution.conv2d import conv2d
from introdl.checks.convolution.count_weights import count_weights
from introdl.checks.convolution.im2col import im2col
from introdl.checks.convolution.max_pool import max_pool
from introdl.checks.convolution.max_pool_backward import max_pool_backward
from introdl.checks.convolution.output_size import output_size
from introdl.checks.convolution.pad import pad
from introdl.checks.convolution.receptive_field import receptive_field
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy", "skimage")
WITHHELD = ("torch", "introdl.nn", "introdl.architecture", "introdl.train", "introdl.gradcheck")

unit = Unit(
    "09_convolution",
    output_size,
    count_weights,
    pad,
    conv2d,
    im2col,
    max_pool,
    max_pool_backward,
    receptive_field,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

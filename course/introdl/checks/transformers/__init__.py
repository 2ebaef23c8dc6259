"""Checks of unit 18: attention, the causal mask, heads, positions, a block, writing with a cache."""

from introdl.checks.transformers.block import Block
from introdl.checks.transformers.causal_mask import causal_mask
from introdl.checks.transformers.generate import generate
from introdl.checks.transformers.merge_heads import merge_heads
from introdl.checks.transformers.positional_encoding import positional_encoding
from introdl.checks.transformers.scaled_dot_product import scaled_dot_product
from introdl.checks.transformers.split_heads import split_heads
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy", "numpy.ma")
WITHHELD = ("introdl.nn", "introdl.language", "introdl.gradcheck")

unit = Unit(
    "18_transformers",
    scaled_dot_product,
    causal_mask,
    split_heads,
    merge_heads,
    positional_encoding,
    Block,
    generate,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

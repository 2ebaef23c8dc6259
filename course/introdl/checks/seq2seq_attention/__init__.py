"""Checks of unit 17: shifted targets, masked softmax, additive attention, a decoder's step, beam search, BLEU."""

from introdl.checks.seq2seq_attention.attention import attention
from introdl.checks.seq2seq_attention.beam_search import beam_search
from introdl.checks.seq2seq_attention.bleu import bleu
from introdl.checks.seq2seq_attention.decode_step import decode_step
from introdl.checks.seq2seq_attention.masked_softmax import masked_softmax
from introdl.checks.seq2seq_attention.shift_right import shift_right
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("torch", "sklearn", "scipy", "numpy.ma")
WITHHELD = ("introdl.nn", "introdl.translate", "introdl.gradcheck", "sacrebleu")

unit = Unit(
    "17_seq2seq_attention",
    shift_right,
    masked_softmax,
    attention,
    decode_step,
    beam_search,
    bleu,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

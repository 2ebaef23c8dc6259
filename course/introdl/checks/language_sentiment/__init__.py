"""Checks of unit 15: a vocabulary, counts, smoothing, surprise, drawing, batches of a text, moods of sentences."""

from introdl.checks.language_sentiment.batches import batches
from introdl.checks.language_sentiment.classify import classify
from introdl.checks.language_sentiment.ngram_counts import ngram_counts
from introdl.checks.language_sentiment.perplexity import perplexity
from introdl.checks.language_sentiment.sample import sample
from introdl.checks.language_sentiment.vocabulary import vocabulary
from introdl.checks.language_sentiment.witten_bell import witten_bell
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("introdl.language", "introdl.nn")

unit = Unit(
    "15_language_sentiment",
    vocabulary,
    ngram_counts,
    witten_bell,
    perplexity,
    sample,
    batches,
    classify,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

"""Task of unit 15: a vocabulary of the training text, and another text in its numbers."""

from collections import Counter

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def texts(rng):
    yield "abacab", "bad", 2
    yield "abacab", "cab", 1
    yield "b", "zb", 1
    yield ["to", "be", "or", "not", "to", "be"], ["not", "to", "see"], 1
    yield ["the", "cat", "and", "the", "dog", "and"], ["the", "bird", "and", "a", "dog"], 2
    yield "aabbc", "", 1
    yield "abc", "abc", 2
    yield "Zeta, zeta", "Beta", 2
    for _ in range(4):
        letters = list("tonesrif ,")
        train_text = "".join(rng.choice(letters[:8], size=int(rng.integers(12, 30))))
        yield train_text, "".join(rng.choice(letters, size=int(rng.integers(8, 16)))), int(rng.integers(1, 4))


def one_by_one(train_text, text, least):
    """Look every symbol up in a list."""
    symbols = ["<unknown>"]
    for symbol in sorted(dict.fromkeys(train_text)):
        if sum(other == symbol for other in train_text) >= least:
            symbols.append(symbol)
    places = [symbols.index(symbol) if symbol in symbols else 0 for symbol in text]
    return symbols, np.array(places, dtype=np.int64)


vocabulary = Task(
    "vocabulary",
    ("train_text", "text", "least"),
    texts,
    one_by_one,
    hints=(
        "First the list of symbols, from train_text alone; then a dictionary from symbol to place; then look up each "
        "symbol of text.",
        "Counter(train_text) counts letters of a str and words of a list alike. Keep those with count >= least, sort "
        "them, and put '<unknown>' in front. A dictionary's get(symbol, 0) gives 0 for what is not there.",
        "symbols = ['<unknown>', *sorted(s for s, count in Counter(...).items() if count >= ...)]; number = {s: place "
        "for place, s in enumerate(symbols)}; np.array([number.get(s, ...) for s in ...])",
    ),
)


def _vocabulary(
    train_text,
    text,
    least,
    *,
    source=lambda train_text, text: train_text,
    keeps=lambda count, least: count >= least,
    order=lambda counts: sorted(counts),
    first=("<unknown>",),
    last=(),
    shift=0,
    strange=0,
):
    """The vocabulary with one thing done differently; the mistakes below say which."""
    counts = Counter(source(train_text, text))
    kept = [symbol for symbol in order(counts) if keeps(counts[symbol], least)]
    symbols = [*first, *kept, *last]
    number = {symbol: place + shift for place, symbol in enumerate(symbols)}
    strange = number["<unknown>"] if strange == "last" else strange
    tokens = [number.get(symbol, strange) for symbol in text]
    return symbols, np.array([token for token in tokens if token is not None], dtype=np.int64)


for _sentence, _answer in {
    "Your vocabulary knows symbols that only the other text has. In a test that is cheating: make it from train_text "
    "alone.": changed(_vocabulary, "both_texts", source=lambda train_text, text: [*train_text, *text]),
    "Your vocabulary is made from the text that is to be written in numbers. Make it from train_text.": changed(
        _vocabulary, "other_text", source=lambda train_text, text: text
    ),
    "`least` is ignored: symbols that come too seldom in the training text are kept.": changed(
        _vocabulary, "least_ignored", keeps=lambda count, least: True
    ),
    "What comes exactly `least` times is kept, too: >=, not >.": changed(
        _vocabulary, "more_than_least", keeps=lambda count, least: count > least
    ),
    "Symbols that are not in the vocabulary are dropped, so the text gets shorter. Each of them gets the number "
    "0.": changed(_vocabulary, "strange_ones_dropped", strange=None),
    'There is no "<unknown>" at the front, so number 0 means two things: the first symbol, and what is not '
    "known.": changed(_vocabulary, "no_unknown", first=()),
    'Your "<unknown>" stands at the end. Put it in front, so that its number is 0 (a convention).': changed(
        _vocabulary, "unknown_last", first=(), last=("<unknown>",), strange="last"
    ),
    "Your numbers count from 1. A token is the place in `symbols`, and places count from 0.": changed(
        _vocabulary, "counted_from_one", shift=1
    ),
    "Your symbols stand in the order in which they first come. Sort them (a convention), so that the same symbols "
    "always get the same numbers.": changed(_vocabulary, "order_of_appearance", order=list),
    "Your symbols are sorted by how often they come. Sort them by the alphabet here (a convention).": changed(
        _vocabulary, "by_count", order=lambda counts: [symbol for symbol, _ in counts.most_common()]
    ),
}.items():
    vocabulary.mistake(_sentence)(_answer)

"""Vocabularies, language models by counting, how good a model is, drawing from one. Unit 15."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from introdl._ngrams import NGrams
from introdl._validate import numeric, positive, whole

__all__ = ["NGrams", "Vocabulary", "bits_per_symbol", "copied_lengths", "generate", "perplexity", "sharpened"]

UNKNOWN = "<unknown>"


class Vocabulary:
    """The symbols of a training text, each with a number; from 0, in sorted order.

    symbols: a text (its characters) or a list of words. unknown: let number 0 stand for every symbol that is not
    kept. least: keep those that come at least so often; more than 1 needs `unknown`.
    """

    def __init__(self, symbols: Iterable[str], *, unknown: bool = False, least: int = 1):
        counts = Counter(symbols)
        if whole("least", least) > 1 and not unknown:
            raise ValueError(f"least is {least} without unknown=True, expected both: rare symbols need a number")
        if not counts:
            raise ValueError("symbols is empty, expected at least one symbol")
        kept = sorted(symbol for symbol, count in counts.items() if count >= least)
        self.symbols = [UNKNOWN, *kept] if unknown else kept
        self._number = {symbol: number for number, symbol in enumerate(self.symbols)}
        self._otherwise = 0 if unknown else None

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, symbols: Iterable[str]) -> np.ndarray:
        """Return the numbers of symbols (T,) int64. Raises KeyError for a strange one if there is no `unknown`."""
        symbols = list(symbols)
        numbers = [self._number.get(symbol, self._otherwise) for symbol in symbols]
        if None in numbers:
            raise KeyError(f"{symbols[numbers.index(None)]!r} is not in the vocabulary")
        return np.array(numbers, dtype=np.int64)

    def decode(self, tokens: Iterable[int], between: str = "") -> str:
        """Return the symbols of these numbers as one text, with `between` between them."""
        return between.join(self.symbols[token] for token in tokens)


def bits_per_symbol(log_probabilities: np.ndarray) -> float:
    """Return the mean of -log2 p, from natural logarithms (T,) of what a model gave to each symbol that came."""
    found = numeric("log_probabilities", np.asarray(log_probabilities))
    if not found.size or not found.max() < 1e-6:  # NaN included
        raise ValueError(f"log_probabilities has shape {found.shape}, expected at least one, and none above 0")
    return float(-found.mean() / math.log(2))


def perplexity(log_probabilities: np.ndarray) -> float:
    """Return 2 to the bits per symbol: the model is as unsure as among so many equally likely symbols."""
    return 2 ** bits_per_symbol(log_probabilities)


def sharpened(logits: np.ndarray, temperature: float = 1.0, top_k: int | None = None) -> np.ndarray:
    """Return probabilities (V,) of logits (V,) divided by a temperature, with 0 for all but the top_k largest.

    temperature: below 1 prefers what is likely, above 1 evens out; logarithms of probabilities do as logits. Of equal
    logits at the edge of the top_k, the first ones stay.
    """
    logits = numeric("logits", np.asarray(logits)) / positive("temperature", temperature)
    kept = np.zeros(len(logits), dtype=bool)
    kept[np.argsort(-logits, kind="stable")[: len(logits) if top_k is None else whole("top_k", top_k)]] = True
    exps = np.where(kept, np.exp(logits - logits.max()), 0)
    return exps / exps.sum()


def generate(
    step: Callable,
    start: Sequence[int],
    num_tokens: int,
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
) -> list[int]:
    """Continue a text: draw one token after another from what a model says, and tell the model.

    step: (new tokens, state) -> (logits (V,) for the next one, state); called with state None first. start: at least
    one token. Returns num_tokens new ones.
    """
    if not len(start):
        raise ValueError("start is empty, expected at least one token")
    drawn, new, state = [], list(start), None
    for _ in range(whole("num_tokens", num_tokens)):
        logits, state = step(new, state)
        p = sharpened(logits, temperature, top_k)
        new = [int(rng.choice(len(p), p=p))]
        drawn += new
    return drawn


def copied_lengths(text: str, source: str) -> np.ndarray:
    """Return how long a passage from each place of a text on stands word for word in a source: (len(text),) int64."""
    lengths, length = np.zeros(len(text), np.int64), 0
    for place in range(len(text)):
        length = max(length - 1, 0)  # the passage before, without its first character, is there, too
        while place + length < len(text) and text[place : place + length + 1] in source:
            length += 1
        lengths[place] = length
    return lengths

"""Find a likely sentence word by word, and judge translations against those that people wrote. Unit 17."""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from introdl._validate import whole

__all__ = ["beam_search", "bleu"]


def beam_search(
    next_log_p: Callable[[np.ndarray], np.ndarray], start: int, end: int, width: int, max_words: int
) -> list[tuple[list[int], float]]:
    """Return the sentences that are left in a beam, (tokens, sum of log p) each, the most likely one first.

    next_log_p: gives log p of the next token, (B, V), for B beginnings (B, t) int64; each begins with `start`.
    width: how many beginnings are kept after each word. max_words: `end` counts; sentences that have not ended by then
    come as they are. The tokens are without `start` and with `end`. Width 1 is the greedy search.
    """
    width, max_words = whole("width", width), whole("max_words", max_words)
    beam = [([start], 0.0)]
    for _ in range(max_words):
        ended = [one for one in beam if one[0][-1] == end]
        going = [one for one in beam if one[0][-1] != end]
        if not going:
            break
        scores = np.array([score for _, score in going])[:, np.newaxis]
        scores = scores + _checked(next_log_p(np.array([tokens for tokens, _ in going])), len(going))  # (B, V)
        best = np.argsort(-scores, axis=None, kind="stable")[:width]
        rows, words = np.unravel_index(best, scores.shape)
        longer = [
            ([*going[row][0], int(word)], float(scores[row, word])) for row, word in zip(rows, words, strict=True)
        ]
        beam = sorted(ended + longer, key=lambda one: -one[1])[:width]  # ended ones keep their place and their score
    return [(tokens[1:], score) for tokens, score in beam]


def bleu(said: Sequence[Sequence[str]], references: Sequence[Sequence[str]], max_n: int = 4) -> float:
    """Return the BLEU score of translations, from 0 to 100, without smoothing (Papineni et al. 2002).

    said, references: lists of words, one reference for each translation. Matches of all runs of n words are counted
    over all sentences together, each run at most as often as its reference has it; the geometric mean over n from 1
    to max_n is multiplied by exp(1 - r / c) where the translations have fewer words, c, than the references, r.
    """
    max_n = whole("max_n", max_n)
    if len(said) != len(references) or not len(said):
        raise ValueError(f"said has {len(said)} sentences and references {len(references)}, expected one for each")
    for name, sentences in (("said", said), ("references", references)):
        for place, sentence in enumerate(sentences):
            if isinstance(sentence, str):
                raise TypeError(f"{name}[{place}] is a text, expected a list of words: use split()")
    c, r = sum(map(len, said)), sum(map(len, references))
    log_mean = 0.0
    for n in range(1, max_n + 1):
        matches = sum(
            (_runs(ours, n) & _runs(theirs, n)).total() for ours, theirs in zip(said, references, strict=True)
        )
        if not matches:
            return 0.0
        log_mean += math.log(matches / sum(_runs(ours, n).total() for ours in said)) / max_n
    return 100 * math.exp(log_mean + min(0.0, 1 - r / c))


def _runs(words: Sequence[str], n: int) -> Counter:
    """Return how often each run of n words comes in a sentence."""
    return Counter(tuple(words[place : place + n]) for place in range(len(words) - n + 1))


def _checked(log_p, B: int) -> np.ndarray:
    log_p = np.asarray(log_p, dtype=float)
    if log_p.ndim != 2 or len(log_p) != B:
        raise ValueError(f"next_log_p gave shape {log_p.shape} for {B} beginnings, expected ({B}, V)")
    if not (log_p < 1e-6).all():  # NaN included
        raise ValueError(f"next_log_p gave up to {log_p.max():.3g}, expected logarithms of probabilities, none above 0")
    return log_p

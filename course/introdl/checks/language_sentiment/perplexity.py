"""Task of unit 15: bits per symbol and perplexity of several texts."""

import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def surprises(rng):
    yield ([np.full(4, math.log(1 / 8))],)
    yield ([np.log([0.5, 0.25, 0.125])],)
    yield ([np.log([0.5]), np.log([0.01, 0.02, 0.5, 0.1, 0.3])],)
    yield ([np.zeros(3)],)
    for lengths in ((1, 9), (3, 3, 3), (12,), (2, 30, 5)):
        yield ([np.log(rng.uniform(0.01, 0.9, size=length)) for length in lengths],)
    yield ([np.log(rng.uniform(1e-9, 1e-3, size=40)), np.log(rng.uniform(0.2, 1, size=7))],)


def by_multiplying(log_p):
    """The geometric mean of the probabilities, and its logarithm."""
    product, count = 1.0, sum(len(text) for text in log_p)
    for text in log_p:
        for value in text.tolist():
            product *= math.exp(value) ** (1 / count)
    return -math.log2(product), 1 / product


perplexity = Task(
    "perplexity",
    ("log_p",),
    surprises,
    by_multiplying,
    hints=(
        "Bits are the mean of -log2 p over all symbols. What you have are natural logarithms: by what do you divide?",
        "np.concatenate makes one array of all texts, so that every symbol counts the same. log2 p = ln p / ln 2. The "
        "perplexity is a power of the bits, and its base must be that of the logarithm.",
        "bits = -np.mean(np.concatenate(log_p)) / np.log(...); return bits, ...**bits",
    ),
)


def _measured(
    log_p,
    *,
    together=np.concatenate,
    mean=np.mean,
    to_bits=lambda nats: nats / math.log(2),
    root=2.0,
    sign=-1,
):
    """Bits and perplexity with one thing done differently; the mistakes below say which."""
    with np.errstate(over="ignore"):
        bits = to_bits(sign * mean(together(log_p)))
        return float(bits), float(np.float64(root) ** bits)


def mean_perplexity(log_p):
    found = [_measured([text]) for text in log_p]
    return _measured(log_p)[0], float(np.mean([perplexity for _, perplexity in found]))


def mean_of_probabilities(log_p):
    share = np.mean(np.exp(np.concatenate(log_p)))
    return float(-np.log2(share)), float(1 / share)


def only_nats(log_p):
    nats = float(-np.mean(np.concatenate(log_p)))
    return nats, math.exp(nats)


def turned_round(log_p):
    return _measured(log_p)[::-1]


for _sentence, _answer in {
    "Your bits are nats: the logarithms are natural ones, so divide by ln 2. (And 2 to the power of nats is no "
    "perplexity.)": changed(_measured, "nats", to_bits=lambda nats: nats),
    "Your perplexity is right, your bits are nats: divide the natural logarithms by ln 2.": only_nats,
    "Your bits are right, but the perplexity takes another base: 2**bits belongs to bits, exp to natural "
    "logarithms.": changed(_measured, "base_e", root=math.e),
    "You divided by ln 10: these are decimal digits. Bits have the base 2.": changed(
        _measured, "base_ten", to_bits=lambda nats: nats / math.log(10)
    ),
    "You multiplied by ln 2. log2 p is ln p *divided* by ln 2.": changed(
        _measured, "multiplied", to_bits=lambda nats: nats * math.log(2)
    ),
    "You took the sum, not the mean. The perplexity of a sum grows with the length of the text without end; the mean "
    "is per symbol.": changed(_measured, "sum", mean=np.sum),
    "You took the mean of the texts' means, so that a short text counts as much as a long one. Take the mean over all "
    "symbols.": changed(_measured, "mean_of_means", together=lambda log_p: np.array([text.mean() for text in log_p])),
    "You divided by the number of texts. Per *symbol*: divide by the number of symbols.": changed(
        _measured, "per_text", together=lambda log_p: np.array([text.sum() for text in log_p])
    ),
    "Your perplexity is the mean of the texts' perplexities. Take 2 to the power of the bits of all symbols "
    "together.": mean_perplexity,
    "You averaged probabilities and took the logarithm then. Average the logarithms: a text's probability is a "
    "product.": mean_of_probabilities,
    "The sign is missing: logarithms of probabilities are negative, surprise is positive.": changed(
        _measured, "no_sign", sign=1
    ),
    "Only the first text counts in your answer. Take all of them.": changed(
        _measured, "first_text", together=lambda log_p: log_p[0]
    ),
    "Both numbers are right, but in another order. Return the bits first (a convention).": turned_round,
}.items():
    perplexity.mistake(_sentence)(_answer)

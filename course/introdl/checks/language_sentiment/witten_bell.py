"""Task of unit 15: Witten and Bell's rule for one context."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def contexts(rng):
    yield np.array([3, 1, 0, 0]), np.full(4, 0.25)
    yield np.array([3, 1, 0, 0]), np.array([0.1, 0.2, 0.3, 0.4])
    yield np.array([0, 0, 0]), np.array([0.5, 0.3, 0.2])
    yield np.array([1]), np.array([1.0])
    yield np.array([5, 0, 0, 2, 1, 1]), np.array([0.4, 0.05, 0.05, 0.3, 0.1, 0.1])
    for V in (2, 5, 8, 12):
        yield rng.poisson(1.2, size=V) * rng.integers(0, 2, size=V), rng.dirichlet(np.ones(V))
        yield rng.integers(0, 900, size=V), rng.dirichlet(np.ones(V))


def symbol_by_symbol(counts, lower):
    """A share of what was seen and a share of the shorter context, one symbol after the other."""
    total, kinds = sum(counts.tolist()), len([count for count in counts if count])
    p = []
    for count, below in zip(counts.tolist(), lower.tolist(), strict=True):
        new = kinds / (total + kinds) if total else 1.0
        p.append((1 - new) * (count / total if total else 0) + new * below)
    return np.array(p)


witten_bell = Task(
    "witten_bell",
    ("counts", "lower"),
    contexts,
    symbol_by_symbol,
    hints=(
        "Three numbers first: how often anything came, how many different symbols came, and whether anything came at "
        "all.",
        "np.count_nonzero(counts) is the number of kinds. All the rest is one line with arrays; where the sum of "
        "counts is 0 that line would be 0 / 0.",
        "if counts.sum() == 0: return lower.copy(); return (counts + kinds * ...) / (counts.sum() + ...)",
    ),
)


def _smoothed(
    counts,
    lower,
    *,
    kinds=np.count_nonzero,
    below=lambda lower: lower,
    denominator=lambda total, kinds: total + kinds,
    empty=lambda lower: lower.copy(),
):
    """The rule with one thing done differently; the mistakes below say which."""
    k, total = kinds(counts), counts.sum()
    if total == 0 and empty:
        return empty(lower)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((counts + k * below(lower)) / np.float64(denominator(total, k)))


def only_for_the_unseen(counts, lower):
    p = _smoothed(counts, lower)
    k, total = np.count_nonzero(counts), counts.sum()
    return np.where(counts > 0, counts / max(total + k, 1), p)


def shares(counts, lower):
    return counts / counts.sum() if counts.any() else lower.copy()


def add_one(counts, lower):
    return (counts + 1) / (counts.sum() + len(counts))


for _sentence, _answer in {
    "These are the plain shares of the counts: what never came gets the probability 0. Add kinds * lower above the "
    "line, and kinds below it.": shares,
    "You added one to every count. Witten and Bell ask the shorter context instead: counts + kinds * lower.": add_one,
    "Your kinds are all V symbols. Count those that came after *this* context: np.count_nonzero(counts).": changed(
        _smoothed, "all_kinds", kinds=len
    ),
    "Your kinds are the symbols that did *not* come. Count those that did.": changed(
        _smoothed, "unseen_kinds", kinds=lambda counts: np.count_nonzero(counts == 0)
    ),
    "Your kinds are the symbols that came exactly once. Every symbol that came is a kind.": changed(
        _smoothed, "came_once", kinds=lambda counts: np.count_nonzero(counts == 1)
    ),
    "You used how often anything came, c(h), for the number of kinds, k(h). A symbol that came five times is one "
    "kind.": changed(_smoothed, "occurrences", kinds=lambda counts: counts.sum()),
    "The number of kinds is missing below the line: your probabilities add up to more than 1.": changed(
        _smoothed, "not_below_the_line", denominator=lambda total, k: total
    ),
    "The shorter context gets the weight 1. Its weight is the number of kinds, above and below the line.": changed(
        _smoothed, "weight_one", kinds=lambda counts: 1
    ),
    "A context that never came gives 0 / 0. Return `lower` there.": changed(_smoothed, "zero_by_zero", empty=None),
    "After a context that never came, all symbols are alike in your answer. Ask the shorter context: return "
    "`lower`.": changed(_smoothed, "empty_uniform", empty=lambda lower: np.full(len(lower), 1 / len(lower))),
    "After a context that never came, you return zeros. Probabilities add up to 1: return `lower`.": changed(
        _smoothed, "empty_zeros", empty=np.zeros_like
    ),
    "In your answer the shorter context holds all symbols alike. Use the probabilities `lower`.": changed(
        _smoothed, "lower_ignored", below=lambda lower: np.full(len(lower), 1 / len(lower))
    ),
    "You ask the shorter context only for symbols that did not come. It has a say for all symbols, else the "
    "probabilities add up to less than 1.": only_for_the_unseen,
}.items():
    witten_bell.mistake(_sentence)(_answer)

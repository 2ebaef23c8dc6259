"""Language models by counting: `introdl.language` is the door.

An n-gram is kept as one whole number, its tokens being the digits; so tables of counts are sorted arrays.
"""

import math

import numpy as np

from introdl._validate import labels, numeric, whole

SMOOTHINGS = ("witten-bell", "kneser-ney")
FEW = np.array([0, 0.5, 0.75, 0.75])  # discounts where a text is too short to estimate them
SMALLEST_DISCOUNT = 0.1  # so that no context keeps everything for what it has seen


class NGrams:
    """A language model by counting: the next token, given the n - 1 before it. Every probability is above 0.

    Each order k = 1 … n mixes what it has seen with the next lower one; below the first all V tokens are alike:
    p(w | h) = (c(h w) - d) / total(h) + left(h) p(w | h without its first token).
    "witten-bell" (Witten and Bell 1991): total(h) is the count of h and the number of kinds of tokens after it, which
    is also what is left; d = 0. "kneser-ney": modified and interpolated (Chen and Goodman 1999); c of the lower orders
    is the number of kinds of tokens before, and what d takes from each count is left.
    """

    def __init__(self, tokens: np.ndarray, n: int, V: int, smoothing: str = "witten-bell"):
        """Count. tokens: (T,) whole numbers below V, T >= n. n: at least 1, so that (V + 1)**n < 2**62."""
        self.n, self.V = whole("n", n), whole("V", V)
        tokens = checked("tokens", tokens, V)
        if n * math.log2(V + 1) >= 62:
            raise ValueError(f"n is {n}, expected at most {int(61.9 / math.log2(V + 1))} with {V} tokens")
        if len(tokens) < n:
            raise ValueError(f"tokens has {len(tokens)}, expected at least n = {n}")
        if smoothing not in SMOOTHINGS:
            raise ValueError(f"smoothing is {smoothing!r}, expected one of {', '.join(SMOOTHINGS)}")
        counts = [np.unique(windows(tokens, k, V + 1), return_counts=True) for k in range(1, n + 1)]
        if smoothing == "kneser-ney":
            counts = [*_kinds_before(counts, V + 1), counts[-1]]
            self._orders = [_Order(V + 1, *table, taken=_discounts(table[1])) for table in counts]
        else:
            self._orders = [_Order(V + 1, *table) for table in counts]

    def log_probabilities(self, tokens: np.ndarray, given: np.ndarray | None = None) -> np.ndarray:
        """Return the natural logarithm of p (T,) of each token of a text (T,), given all before it.

        given: tokens (S,) before the text, themselves not scored. Where fewer than n - 1 are known, the model goes by
        those.
        """
        tokens = checked("tokens", tokens, self.V)
        before = np.zeros(0, np.int64) if given is None else checked("given", given, self.V)
        known = np.concatenate([np.full(self.n, self.V), before, tokens])  # V: a token that no n-gram has
        p = np.full(len(tokens), 1 / self.V)
        for k, order in enumerate(self._orders):  # k tokens of context
            context = windows(known[self.n + len(before) - k : len(known) - 1], k, self.V + 1)
            p = order.mixed(context[: len(tokens)], tokens, p)
        return np.log(p)

    def probabilities(self, context: np.ndarray) -> np.ndarray:
        """Return p (V,) of each token after a context (S,)."""
        known = np.concatenate([np.full(self.n, self.V), checked("context", context, self.V)])
        p = np.full(self.V, 1 / self.V)
        for k, order in enumerate(self._orders):
            key = windows(known[len(known) - k :], k, self.V + 1)[:1]
            p = order.mixed(np.repeat(key, self.V), np.arange(self.V), p)
        return p


class _Order:
    """One order's tables: the share of its context that each n-gram keeps, and what each context leaves.

    base: of the digits. keys, counts: of the n-grams, sorted. taken: (4,), what is taken from counts of 0, 1, 2, and 3
    or more; without it, Witten and Bell's rule.
    """

    def __init__(self, base: int, keys: np.ndarray, counts: np.ndarray, taken: np.ndarray | None = None):
        self.base, self.keys = base, keys
        self.contexts, place, kinds = np.unique(keys // base, return_inverse=True, return_counts=True)
        total = np.bincount(place, counts)
        if taken is None:
            total, left = total + kinds, kinds
        else:
            discount = taken[np.minimum(counts, 3)]
            counts, left = counts - discount, np.bincount(place, discount)
        self.share, self.left = counts / total[place], left / total

    def mixed(self, contexts: np.ndarray, tokens: np.ndarray, lower: np.ndarray) -> np.ndarray:
        """Return p of each token after its context, from that of the next lower order; all (T,)."""
        share = _looked_up(self.keys, self.share, contexts * self.base + tokens, 0.0)
        return share + _looked_up(self.contexts, self.left, contexts, 1.0) * lower


def windows(tokens: np.ndarray, k: int, base: int) -> np.ndarray:
    """Return all windows of k tokens, each as one number in this base: (T - k + 1,) int64."""
    keys = np.zeros(max(len(tokens) - k + 1, 0), np.int64)
    for place in range(k):
        keys = keys * base + tokens[place : place + len(keys)]
    return keys


def checked(name: str, value, V: int) -> np.ndarray:
    """Return value if it holds tokens, whole numbers from 0 to V - 1; raise if not."""
    value = numeric(name, value)
    return labels(name, value, value.size, V).astype(np.int64)


def _kinds_before(counts: list, base: int) -> list:
    """Return for each order but the highest: n-grams, and how many kinds of tokens come right before each."""
    longer = [(keys, base**k) for k, (keys, _) in enumerate(counts[1:], 1)]
    return [np.unique(keys % without_first, return_counts=True) for keys, without_first in longer]


def _discounts(counts: np.ndarray) -> np.ndarray:
    """Return what to take from a count of 0, 1, 2, and 3 or more: (4,), from how many n-grams have which count."""
    n1, n2, n3, n4 = (int(np.sum(counts == times)) for times in (1, 2, 3, 4))
    if not n1 * n2 * n3 * n4:
        return FEW
    Y = n1 / (n1 + 2 * n2)
    taken = np.array([1 - 2 * Y * n2 / n1, 2 - 3 * Y * n3 / n2, 3 - 4 * Y * n4 / n3])
    return np.concatenate([[0], np.clip(taken, SMALLEST_DISCOUNT, [1, 2, 3])])


def _looked_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray, otherwise: float) -> np.ndarray:
    """Return the values of the wanted keys, and `otherwise` for those that are not there."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], otherwise)

"""Task of unit 18: which key may be seen by which query (causal_mask)."""

import numpy as np

from introdl.checks.task import Task


def sizes(rng):
    yield from [(3, 3), (1, 1), (2, 5), (1, 4), (4, 4), (3, 4), (5, 8), (2, int(rng.integers(6, 10)))]


def one_by_one(T_q, T_k):
    return np.array([[key <= T_k - T_q + query for key in range(T_k)] for query in range(T_q)])


def is_bool(args, mask):
    if np.asarray(mask).dtype != bool:
        return f"The mask holds {np.asarray(mask).dtype}, expected True and False: dtype=bool."
    return None


causal_mask = Task(
    "causal_mask",
    ("T_q", "T_k"),
    sizes,
    one_by_one,
    judge=is_bool,
    hints=(
        "The queries are the last T_q of T_k positions. So the first query stands at position T_k - T_q, not at 0.",
        "Query i stands at position T_k - T_q + i and may see the keys 0 to there, its own included. Compare a column "
        "of positions with a row of keys, or use np.tri with its third argument, the diagonal.",
        "np.arange(T_k) <= (T_k - T_q + np.arange(...))[:, np.newaxis], or np.tri(T_q, T_k, ..., dtype=bool)",
    ),
)


@causal_mask.mistake(
    "You count the queries from position 0. They are the *last* T_q positions: the first stands at T_k - T_q. With a "
    "cache, a new symbol would see nothing but the beginning."
)
def from_the_start(T_q, T_k):
    return np.tri(T_q, T_k, dtype=bool)


@causal_mask.mistake("A query does not see its own key. It may: position t sees all up to t, t included.")
def without_itself(T_q, T_k):
    return np.tri(T_q, T_k, T_k - T_q - 1, dtype=bool)


@causal_mask.mistake("Each query sees one key of the future: the cache is off by one position.")
def one_ahead(T_q, T_k):
    return np.tri(T_q, T_k, T_k - T_q + 1, dtype=bool)


@causal_mask.mistake("Your mask is upside down: True means that a key may be seen (a convention).")
def upside_down(T_q, T_k):
    return ~one_by_one(T_q, T_k)


@causal_mask.mistake("Your mask shows each query itself and the future. It is the past that may be seen.")
def upper(T_q, T_k):
    return np.triu(np.ones((T_q, T_k), bool), T_k - T_q)


@causal_mask.mistake("Rows and columns are exchanged: a row for each query, a column for each key, (T_q, T_k).")
def transposed(T_q, T_k):
    return one_by_one(T_q, T_k).T


@causal_mask.mistake("Every query sees every key: nothing is hidden.")
def all_seen(T_q, T_k):
    return np.ones((T_q, T_k), bool)


@causal_mask.mistake("The mask for all T_k queries came. There are only T_q of them: the last ones.")
def whole(T_q, T_k):
    return np.tri(T_k, dtype=bool)


@causal_mask.mistake("These are numbers to add to scores, 0 and -inf. True and False are asked for (a convention).")
def to_add(T_q, T_k):
    return np.where(one_by_one(T_q, T_k), 0.0, -np.inf)


@causal_mask.mistake("Your mask holds the numbers 0 and 1. True and False are asked for: dtype=bool.")
def numbers(T_q, T_k):
    return np.tri(T_q, T_k, T_k - T_q)

"""Task of unit 17: one query a sentence looks at its memory, additive attention (attention)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def sentences(rng):
    memory = np.array([[[1.0], [3.0], [50.0]]])
    yield np.zeros((1, 2)), memory, np.array([[True, True, False]]), np.zeros((2, 1)), np.zeros((1, 1)), np.ones(1)
    for N, T, D_q, D, A in [
        (2, 3, 2, 2, 2),
        (3, 3, 3, 3, 3),
        (3, 4, 2, 3, 4),
        (4, 4, 4, 4, 4),
        (1, 5, 3, 2, 1),
        (2, 1, 2, 4, 3),
    ]:
        lengths = rng.integers(1, T + 1, size=N)
        lengths[0] = max(1, T - 1)
        memory = rng.normal(0.5, 1.5, size=(N, T, D))
        shapes = (N, D_q), (D_q, A), (D, A), (A,)
        q, W_q, W_k, v = (rng.normal(0, 1.2, size=shape) for shape in shapes)
        yield q, memory, np.arange(T) < lengths[:, np.newaxis], W_q, W_k, v


def key_by_key(q, memory, mask, W_q, W_k, v):
    """By the definition, one sentence and one key after the other, hidden keys left out."""
    contexts, weights = np.zeros((len(q), memory.shape[2])), np.zeros(mask.shape)
    for n, query in enumerate(q):
        seen = np.flatnonzero(mask[n])
        scores = [float(sum(v * np.tanh(query @ W_q + memory[n, t] @ W_k))) for t in seen]
        odds = np.exp(np.array(scores) - max(scores))
        for t, share in zip(seen, odds / odds.sum(), strict=True):
            weights[n, t] = share
            contexts[n] += share * memory[n, t]
    return contexts, weights


attention = Task(
    "attention",
    ("q", "memory", "mask", "W_q", "W_k", "v"),
    sentences,
    key_by_key,
    rtol=1e-6,
    hints=(
        "Three steps: a score for each key, weights from the scores, the mean of the memory with these weights.",
        "q @ W_q is (N, A) and memory @ W_k is (N, T, A): the first needs an axis for time, [:, np.newaxis], before "
        "you add. tanh of the sum, @ v, gives (N, T): your masked_softmax makes weights of them.",
        "scores = np.tanh((q @ W_q)[:, np.newaxis] + ...) @ v; weights = masked_softmax(scores, mask); context = "
        "(weights[:, :, np.newaxis] * memory).sum(axis=...)",
    ),
)


def _softmax(scores, axis=1):
    odds = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return odds / odds.sum(axis=axis, keepdims=True)


def _scores(q, memory, W_q, W_k, v):
    return np.tanh((q @ W_q)[:, np.newaxis] + memory @ W_k) @ v


def _attend(q, memory, mask, W_q, W_k, v, *, scores=_scores, hide="before", values=None, weigh=_softmax):
    """The attention with one thing done differently; the mistakes below say which."""
    found = scores(q, memory, W_q, W_k, v)
    found = np.where(mask, found, -np.inf) if hide == "before" else found
    weights = weigh(found)
    weights = weights * mask if hide == "after" else weights
    values = memory if values is None else values(memory, W_k)
    return (weights[:, :, np.newaxis] * values).sum(axis=1), weights


def no_tanh(q, memory, W_q, W_k, v):
    return ((q @ W_q)[:, np.newaxis] + memory @ W_k) @ v


def tanh_at_the_end(q, memory, W_q, W_k, v):
    return np.tanh(no_tanh(q, memory, W_q, W_k, v))


def tanh_apart(q, memory, W_q, W_k, v):
    return (np.tanh(q @ W_q)[:, np.newaxis] + np.tanh(memory @ W_k)) @ v


def product(q, memory, W_q, W_k, v):
    return np.tanh((q @ W_q)[:, np.newaxis] * (memory @ W_k)) @ v


def no_v(q, memory, W_q, W_k, v):
    return np.tanh((q @ W_q)[:, np.newaxis] + memory @ W_k).sum(axis=2)


def scaled(q, memory, W_q, W_k, v):
    return _scores(q, memory, W_q, W_k, v) / np.sqrt(len(v))


def swapped(q, memory, W_q, W_k, v):
    return np.tanh((q @ W_k)[:, np.newaxis] + memory @ W_q) @ v


def hardest(scores):
    return np.eye(scores.shape[1])[scores.argmax(axis=1)]


def equal_shares(q, memory, mask, W_q, W_k, v):
    weights = _attend(q, memory, mask, W_q, W_k, v)[1]
    return (memory * mask[:, :, np.newaxis]).sum(axis=1) / mask.sum(axis=1, keepdims=True), weights


def divided_by_time(q, memory, mask, W_q, W_k, v):
    context, weights = _attend(q, memory, mask, W_q, W_k, v)
    return context / memory.shape[1], weights


for _sentence, _answer in {
    "Your query attends to padding: the mask is not used.": changed(_attend, "no_mask", hide="never"),
    "Softmax came before the mask: padding took its share, and what is left does not sum to 1. Hide first.": changed(
        _attend, "softmax_before_mask", hide="after"
    ),
    "The tanh is missing. Without it the query adds the same to all scores of its sentence, and softmax cancels "
    "that.": changed(_attend, "no_tanh", scores=no_tanh),
    "tanh comes after the product with v, so no score leaves -1 to 1. It bends the sum of the two products, before "
    "@ v.": changed(_attend, "tanh_at_the_end", scores=tanh_at_the_end),
    "Your query has no say: it is left out, or bent apart from the key, so that it adds the same to all scores and "
    "softmax cancels it. Add query and key first, then tanh.": changed(_attend, "tanh_apart", scores=tanh_apart),
    "You multiply query and key. In additive attention they are added.": changed(_attend, "product", scores=product),
    "v is missing: you add up the bent entries. Their weighted sum is asked for, @ v.": changed(
        _attend, "no_v", scores=no_v
    ),
    "You divide the scores by a square root. That belongs to the dot product; tanh keeps these small already.": changed(
        _attend, "scaled", scores=scaled
    ),
    "W_q and W_k are exchanged: W_q is for the query, W_k for the memory.": changed(_attend, "swapped", scores=swapped),
    "Your context is a mean of memory @ W_k. Those are the keys; the values are the memory itself.": changed(
        _attend, "keys_as_values", values=lambda memory, W_k: memory @ W_k
    ),
    "You softmax over the batch, axis 0. The weights of one sentence, a row, sum to 1: axis 1.": changed(
        _attend, "over_the_batch", weigh=lambda scores: _softmax(scores, axis=0), hide="never"
    ),
    "You take the best key only. Its slope is 0 almost everywhere; softmax gives every key a share.": changed(
        _attend, "hardest", weigh=hardest
    ),
    "The context is the mean of all words, whatever the weights are.": equal_shares,
    "You divide the context by T. The weights sum to 1 already, so the weighted sum is the mean.": divided_by_time,
}.items():
    attention.mistake(_sentence)(_answer)

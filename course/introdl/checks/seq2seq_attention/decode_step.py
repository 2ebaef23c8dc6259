"""Task of unit 17: from the last word to the scores of the next one (decode_step)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


class Cell:
    """A plain recurrent cell with weights of its own: what the task is given as `cell`."""

    def __init__(self, rng, D, hidden):
        self.W_x, self.W_h = rng.normal(size=(D, hidden)), rng.normal(size=(hidden, hidden))

    def step(self, x, h):
        return np.tanh(x @ self.W_x + h @ self.W_h)


def steps(rng):
    for N, T, V, D, hidden in [
        (1, 2, 3, 2, 2),
        (2, 3, 5, 2, 3),
        (3, 4, 6, 3, 3),
        (4, 4, 4, 4, 4),
        (2, 6, 9, 1, 4),
        (3, 1, 4, 3, 2),
    ]:
        lengths = rng.integers(1, T + 1, size=N)
        lengths[0] = max(1, T - 1)
        shapes = (N, hidden), (N, T, hidden), (V, D), (2 * hidden, hidden), (hidden, V)
        h, memory, E, W_c, W_o = (rng.normal(size=shape) for shape in shapes)
        mask = np.arange(T) < lengths[:, np.newaxis]
        yield rng.integers(0, V, size=N), np.tanh(h), memory, mask, E, Cell(rng, D, hidden).step, W_c, W_o


def sentence_by_sentence(tokens, h, memory, mask, E, cell, W_c, W_o):
    logits, states = [], []
    for n, token in enumerate(tokens):
        state = cell(E[token][np.newaxis], h[n : n + 1])[0]
        words = memory[n][mask[n]]
        odds = np.exp(words @ state - (words @ state).max())
        context = (odds / odds.sum()) @ words
        logits.append(np.tanh(np.concatenate([state, context]) @ W_c) @ W_o)
        states.append(state)
    return np.array(logits), np.array(states)


decode_step = Task(
    "decode_step",
    ("tokens", "h", "memory", "mask", "E", "cell", "W_c", "W_o"),
    steps,
    sentence_by_sentence,
    hints=(
        "Follow one sentence: its last word is looked up, the cell makes the new state, the state looks back at the "
        "memory, and what it finds decides with it.",
        "x = E[tokens]; the query is the *new* state. Its dot product with each word of the memory: (memory @ "
        "h_new[:, :, np.newaxis])[:, :, 0], shape (N, T). Your masked_softmax gives weights, they give the context.",
        "h_new = cell(E[tokens], h); scores = ...; weights = masked_softmax(scores, mask); context = (weights[:, :, "
        "np.newaxis] * memory).sum(axis=1); o = np.tanh(np.concatenate([h_new, ...], axis=1) @ W_c); return o @ W_o, …",
    ),
)


def _softmax(scores):
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def _step(
    tokens,
    h,
    memory,
    mask,
    E,
    cell,
    W_c,
    W_o,
    *,
    query="new",
    hide="before",
    order="state first",
    bend=True,
    scale=False,
):
    """The step with one thing done differently; the mistakes below say which. Returns logits, the new h, o."""
    h_new = cell(E[tokens], h)
    asking = h_new if query == "new" else h
    scores = (memory * asking[:, np.newaxis]).sum(axis=2)
    scores = scores / np.sqrt(h.shape[1]) if scale else scores
    weights = _softmax(np.where(mask, scores, -np.inf) if hide == "before" else scores)
    weights = weights * mask if hide == "after" else weights
    context = (weights[:, :, np.newaxis] * memory).sum(axis=1)
    parts = [h_new, context] if order == "state first" else [context, h_new]
    o = np.concatenate(parts, axis=1) @ W_c
    o = np.tanh(o) if bend else o
    return o @ W_o, h_new, o


def _kept(name, **change):
    base = changed(_step, name, **change)

    def answer(*args):
        return base(*args)[:2]

    answer.__name__ = name
    return answer


def without_context(tokens, h, memory, mask, E, cell, W_c, W_o):
    h_new = cell(E[tokens], h)
    return np.tanh(np.concatenate([h_new, np.zeros_like(h_new)], axis=1) @ W_c) @ W_o, h_new


def last_word_only(tokens, h, memory, mask, E, cell, W_c, W_o):
    h_new = cell(E[tokens], h)
    context = memory[np.arange(len(h)), mask.sum(axis=1) - 1]
    return np.tanh(np.concatenate([h_new, context], axis=1) @ W_c) @ W_o, h_new


def mean_of_all(tokens, h, memory, mask, E, cell, W_c, W_o):
    h_new = cell(E[tokens], h)
    context = (memory * mask[:, :, np.newaxis]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    return np.tanh(np.concatenate([h_new, context], axis=1) @ W_c) @ W_o, h_new


def old_state(*args):
    return _step(*args)[0], args[1].copy()


def mixed_state(*args):
    logits, _, o = _step(*args)
    return logits, o


def probabilities(*args):
    logits, h_new, _ = _step(*args)
    return _softmax(logits), h_new


def words(*args):
    logits, h_new, _ = _step(*args)
    return logits.argmax(axis=1), h_new


for _sentence, _answer in {
    "Your query is the old state. It does not know the last word yet: the *new* state asks.": _kept(
        "old_query", query="old"
    ),
    "You return the old state: the decoder would forget each word at once. Return what the cell gave.": old_state,
    "You return o, the mixed vector, as the state. The next step's cell wants the state that this step's cell "
    "gave.": mixed_state,
    "Your decoder attends to padding: the mask is not used.": _kept("no_mask", hide="never"),
    "Softmax came before the mask: padding took its share, and what is left does not sum to 1. Hide first.": _kept(
        "softmax_before_mask", hide="after"
    ),
    "You joined context and state in the other order. The state comes first (a convention): the rows of W_c are made "
    "for that.": _kept("context_first", order="context first"),
    "The tanh of the mixed vector is missing: o = tanh([h_new, context] @ W_c).": _kept("no_tanh", bend=False),
    "You divide the scores by a square root. Here the plain dot product is asked for (a convention).": _kept(
        "scaled", scale=True
    ),
    "The context is missing: half of what W_c sees is 0.": without_context,
    "Your context is the last word of the memory: that is the bottleneck again. It is the weighted mean of all "
    "words.": last_word_only,
    "Your context weighs all words alike, whatever the decoder asks.": mean_of_all,
    "You return probabilities. The scores before the softmax are asked for.": probabilities,
    "You return the chosen words. The scores of all words are asked for: beam search needs them.": words,
}.items():
    decode_step.mistake(_sentence)(_answer)

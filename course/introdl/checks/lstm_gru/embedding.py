"""Task of unit 14: rows of a table, and what comes back to them."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def lookups(rng):
    W = np.arange(8.0).reshape(4, 2)
    yield W, np.array([[0, 3]]), np.array([[[1.0, 1.0], [2.0, 2.0]]])
    yield W, np.array([[1, 1, 3]]), np.array([[[1.0, 0.0], [2.0, 5.0], [4.0, 4.0]]])
    for N, T, V, D in [(2, 3, 5, 2), (4, 5, 3, 3), (3, 2, 9, 4), (1, 6, 2, 2), (5, 1, 4, 1)]:
        yield rng.normal(size=(V, D)), rng.integers(0, V, size=(N, T)), rng.normal(size=(N, T, D))
    yield rng.normal(size=(3, 2)), np.zeros((0, 4), np.int64), np.zeros((0, 4, 2))


def by_one_hot(W, tokens, dY):
    """The product with one-hot rows, and its slope."""
    hot = (tokens.reshape(-1, 1) == np.arange(len(W))).astype(float)
    return (hot @ W).reshape(dY.shape), hot.T @ dY.reshape(-1, W.shape[1])


embedding = Task(
    "embedding",
    ("W", "tokens", "dY"),
    lookups,
    by_one_hot,
    forbid=("torch",),
    hints=(
        "Looking up is indexing with an array. For the way back, think of one row of W: at how many places was it "
        "used, and what happens with slopes where something is used several times?",
        "Start with zeros of the shape of W. dW[tokens] += dY does not add twice for a token that stands twice; "
        "np.add.at does, and so does a loop over all places.",
        "Y = W[...]; dW = np.zeros_like(W); np.add.at(dW, ..., ...); return Y, dW",
    ),
)


def _embedding(
    W,
    tokens,
    dY,
    *,
    lookup=lambda W, tokens: W[tokens],
    collect=np.add.at,
    scale=lambda dW, tokens: dW,
    result=lambda Y, dW: (Y, dW),
):
    """Lookup and slope with one thing done differently; the mistakes below say which."""
    dW = np.zeros_like(W)
    collect(dW, tokens, dY)
    return result(lookup(W, tokens), scale(dW, tokens))


def last_one_counts(dW, tokens, dY):
    dW[tokens] += dY


def counts(dW, tokens, dY):
    np.add.at(dW, tokens, np.ones_like(dY))


def first_sequence(dW, tokens, dY):
    np.add.at(dW, tokens[:1], dY[:1])


def every_row(dW, tokens, dY):
    dW += dY.sum(axis=(0, 1))


def mean_of_places(dW, tokens):
    times = np.bincount(tokens.ravel(), minlength=len(dW))
    return dW / np.maximum(times, 1)[:, np.newaxis]


def a_step(W, tokens, dY):
    Y, dW = _embedding(W, tokens, dY)
    return Y, W - dW


def per_place(W, tokens, dY):
    return W[tokens], dY.copy()


for _sentence, _answer in {
    "A token that stands several times is counted once: dW[tokens] += dY writes each row a single time, and the last "
    "one stays. Slopes add up: np.add.at(dW, tokens, dY).": changed(
        _embedding, "last_one_counts", collect=last_one_counts
    ),
    "Your dW is a mean over the places of a token. Slopes of something that is used several times add up.": changed(
        _embedding, "mean", scale=mean_of_places
    ),
    "You divided dW by the number of sequences. dY carries the mean of the loss already.": changed(
        _embedding, "divided", scale=lambda dW, tokens: dW / max(len(tokens), 1)
    ),
    "You counted how often each token stands. The slopes dY are what is to be added.": changed(
        _embedding, "counts", collect=counts
    ),
    "Your dW has the slopes of the first sequence only.": changed(_embedding, "first_sequence", collect=first_sequence),
    "Every row of your dW gets the same sum. A row gets slopes only from the places where its own token "
    "stands.": changed(_embedding, "every_row", collect=every_row),
    "Your dW has the shape of dY. A slope has the shape of what it belongs to: dW is (V, D), like W.": per_place,
    "You look up token - 1. Tokens count from 0: token 0 is the first row.": changed(
        _embedding, "counted_from_one", lookup=lambda W, tokens: W[tokens - 1]
    ),
    "Your looked-up rows lie in one long list. Keep the shape of the tokens: (N, T, D).": changed(
        _embedding, "flat", lookup=lambda W, tokens: W[tokens.ravel()]
    ),
    "You return the table after a step, W - dW. The slope alone is asked for; a step is the optimizer's.": a_step,
    "The slope has the wrong sign: downhill is the optimizer's business.": changed(
        _embedding, "negative", scale=lambda dW, tokens: -dW
    ),
    "Both are right, but in another order. Return Y, then dW (a convention).": changed(
        _embedding, "slope_first", result=lambda Y, dW: (dW, Y)
    ),
}.items():
    embedding.mistake(_sentence)(_answer)

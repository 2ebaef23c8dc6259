"""Task of unit 06: one epoch of mini-batches, each example once."""

import copy

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def epochs(rng):
    X = np.arange(10.0).reshape(5, 2)
    yield X, np.array([0, 1, 2, 3, 4]), 2, np.random.default_rng(1)
    for N, D, batch_size in [(6, 3, 2), (7, 2, 3), (4, 2, 4), (3, 2, 10), (5, 1, 1)]:
        generator = np.random.default_rng(int(rng.integers(1000)))
        yield rng.normal(size=(N, D)), rng.integers(0, 10, size=N), batch_size, generator
    pictures = rng.normal(size=(9, 4, 4))  # not only rows, not only labels
    yield pictures, rng.normal(size=9), 4, np.random.default_rng(int(rng.integers(1000)))


def by_taking_away(X, y, batch_size, rng):
    """Take batch_size places from the front of the order until none is left."""
    left, batches = list(copy.deepcopy(rng).permutation(len(X))), []
    while left:
        now, left = left[:batch_size], left[batch_size:]
        batches.append((np.stack([X[n] for n in now]), np.stack([y[n] for n in now])))
    return batches


def listed(answer, X, y, batch_size, rng):
    """Take a list of pairs or a generator of them."""
    batches = answer(X, y, batch_size, rng)
    return batches if batches is None else [tuple(batch) for batch in batches]


minibatches = Task(
    "minibatches",
    ("X", "y", "batch_size", "rng"),
    epochs,
    by_taking_away,
    run=listed,
    inplace=("rng",),
    hints=(
        "Do not shuffle X and y themselves. Draw one order of the places 0 to N - 1, cut that into pieces, and take "
        "the rows of both arrays at the same places.",
        "range(0, len(X), batch_size) gives the place where each batch starts. A slice that runs past the end of an "
        "array stops at its end: the remainder takes care of itself.",
        "order = rng.permutation(...); for start in range(...): batch = order[start:...]; then the pair X[batch], ...",
    ),
)


def _epoch(X, y, batch_size, rng, *, order="drawn", labels="same", cut="all"):
    """One epoch with one thing done differently; the mistakes below say which."""
    N = len(X)
    places = {
        "drawn": lambda: rng.permutation(N),
        "none": lambda: np.arange(N),
        "with repeats": lambda: rng.integers(0, N, size=N),
    }[order]()
    y_places = {"same": lambda: places, "own order": lambda: rng.permutation(N), "unshuffled": lambda: np.arange(N)}[
        labels
    ]()
    if cut == "pieces":
        pairs = zip(np.array_split(places, batch_size), np.array_split(y_places, batch_size), strict=True)
        return [(X[x], y[labels]) for x, labels in pairs]
    if cut == "filled up":
        missing = -N % batch_size
        places, y_places = np.append(places, places[:missing]), np.append(y_places, y_places[:missing])
    end = N - batch_size + 1 if cut == "whole ones" else N
    batches = [(places[k : k + batch_size], y_places[k : k + batch_size]) for k in range(0, end, batch_size)]
    if cut == "first only":
        batches = batches[:1]
    return [(X[x], y[labels]) for x, labels in batches]


def drawn_anew(X, y, batch_size, rng):
    return [
        (X[batch], y[batch])
        for start in range(0, len(X), batch_size)
        for batch in [rng.permutation(len(X))[start : start + batch_size]]
    ]


for _name, (_sentence, _change) in {
    "remainder_lost": (
        "The remainder is lost: the last few examples of the order are in no batch. Let the last batch be smaller.",
        {"cut": "whole ones"},
    ),
    "two_orders": (
        "X and y are shuffled apart, each in an order of its own, so nearly every example has somebody else's label. "
        "Draw one order and index both with it.",
        {"labels": "own order"},
    ),
    "labels_left_behind": (
        "X is shuffled and y is not, so nearly every example has somebody else's label. Index both with the same "
        "order.",
        {"labels": "unshuffled"},
    ),
    "not_shuffled": (
        "Your batches are in the order of the data. Sorted data would give batches of a single class: draw "
        "order = rng.permutation(len(X)).",
        {"order": "none"},
    ),
    "with_repeats": (
        "You drew places with repetition, so some examples come twice and others not at all. In an epoch each comes "
        "once: rng.permutation(len(X)).",
        {"order": "with repeats"},
    ),
    "so_many_batches": (
        "batch_size is the number of examples in a batch, and you made so many batches of it. Cut the order every "
        "batch_size places.",
        {"cut": "pieces"},
    ),
    "filled_up": (
        "You filled the last batch up with examples that came before, so those count twice. Let the last batch be "
        "smaller.",
        {"cut": "filled up"},
    ),
    "first_batch_only": (
        "Only the first batch came. Is the return inside the loop? Collect the batches in a list, or use yield.",
        {"cut": "first only"},
    ),
}.items():
    minibatches.mistake(_sentence)(changed(_epoch, _name, **_change))
minibatches.mistake(
    "You draw a new order for each batch, so some examples come twice in an epoch and others not at all. Draw one "
    "order before the loop."
)(drawn_anew)

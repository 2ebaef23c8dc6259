"""Task of unit 15: a text cut into batches whose rows go on."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def texts(rng):
    yield np.arange(10), 2, 2
    yield np.arange(11), 2, 2
    yield np.arange(12), 3, 3
    yield np.arange(7), 1, 3
    yield np.arange(8), 1, 3
    yield np.arange(4), 2, 2
    yield np.arange(3), 5, 1
    for N, T, length in [(2, 3, 20), (3, 4, 61), (4, 2, 40), (5, 7, 200), (2, 5, 23)]:
        yield rng.permutation(length), N, T


def entry_by_entry(tokens, N, T):
    """Which token stands in which batch, row and step, from the definition."""
    length = len(tokens) // N
    count = max((length - 1) // T, 0)
    X = [[[tokens[n * length + b * T + t] for t in range(T)] for n in range(N)] for b in range(count)]
    y = [[[tokens[n * length + b * T + t + 1] for t in range(T)] for n in range(N)] for b in range(count)]
    return [(np.array(inputs), np.array(targets)) for inputs, targets in zip(X, y, strict=True)]


batches = Task(
    "batches",
    ("tokens", "N", "T"),
    texts,
    entry_by_entry,
    hints=(
        "First make the rows: an array (N, length of a row). A batch is then a slice of its columns, and its targets "
        "are the slice one column further.",
        "tokens[: len(tokens) // N * N].reshape(N, -1) lays the pieces under each other. A batch that starts at column "
        "s needs the columns s to s + T, the last one for the targets only.",
        "rows = tokens[: ...].reshape(N, -1); [(rows[:, s : s + T], rows[:, s + 1 : ...]) for s in range(0, "
        "rows.shape[1] - T, ...)]",
    ),
)


def _batches(
    tokens,
    N,
    T,
    *,
    rows=lambda tokens, N: tokens[: len(tokens) // N * N].reshape(N, -1),
    last=lambda length, T: length - T,
    step=lambda T: T,
    target=lambda rows, s, T: rows[:, s + 1 : s + T + 1],
    first=0,
    pair=lambda X, y: (X, y),
):
    """The batches with one thing done differently; the mistakes below say which."""
    lines = rows(tokens, N)
    starts = range(first, last(lines.shape[1], T), step(T))
    return [pair(lines[:, s : s + T], target(lines, s, T)) for s in starts]


def window_by_window(tokens, N, T):
    """N windows that follow each other in the text make a batch."""
    count = (len(tokens) - 1) // T
    starts = [list(range(b * N * T, (b + 1) * N * T, T)) for b in range(count // N)]
    cut = [(np.stack([tokens[s : s + T] for s in b]), np.stack([tokens[s + 1 : s + T + 1] for s in b])) for b in starts]
    return cut


def two_arrays(tokens, N, T):
    pairs = _batches(tokens, N, T)
    return tuple(np.array([pair[place] for pair in pairs]) for place in (0, 1))


for _sentence, _answer in {
    "Your targets are the inputs: they are not shifted. A network would learn to copy what it sees; y is X one step "
    "later.": changed(_batches, "not_shifted", target=lambda rows, s, T: rows[:, s : s + T]),
    "Your targets are shifted the wrong way: they are what came *before*.": changed(
        _batches,
        "shifted_back",
        target=lambda rows, s, T: (
            np.concatenate([rows[:, max(s - 1, 0) : s + T - 1], rows[:, :0]], axis=1)
            if s
            else np.roll(rows[:, :T], 1, axis=1)
        ),
    ),
    "The last target of each row is the row's *first* input: np.roll goes round in a circle. Take it from the next "
    "column of the text.": changed(
        _batches, "rolled", target=lambda rows, s, T: np.roll(rows[:, s : s + T], -1, axis=1)
    ),
    "Your targets are shifted by two steps. y is X *one* step later.": changed(
        _batches,
        "shifted_by_two",
        target=lambda rows, s, T: rows[:, s + 2 : s + T + 2],
        last=lambda length, T: length - T - 1,
    ),
    "Your text runs down the columns: neighbours in the text stand below each other. Use reshape(N, -1), so that each "
    "row is a piece of text.": changed(
        _batches, "columns", rows=lambda tokens, N: tokens[: len(tokens) // N * N].reshape(-1, N).T
    ),
    "Your rows do not go on in the next batch: each batch takes N pieces that follow each other, so the state that is "
    "handed on belongs to another place. Cut the whole text into N rows first.": window_by_window,
    "A batch is missing at the end: there are enough targets for one more.": changed(
        _batches, "one_missing", last=lambda length, T: length - 2 * T
    ),
    "There is one batch too many: its targets end too early, so it is shorter than T. Leave it out.": changed(
        _batches,
        "one_too_many",
        last=lambda length, T: length - 1,
    ),
    "Your batches overlap: each starts one step after the one before. Go on by T steps.": changed(
        _batches, "overlapping", step=lambda T: 1
    ),
    "Your target is the last letter only. Each of the T steps has a target.": changed(
        _batches, "last_letter", target=lambda rows, s, T: rows[:, s + T]
    ),
    "You drop the beginning of the text. What is left over stands at its *end*.": changed(
        _batches,
        "beginning_dropped",
        rows=lambda tokens, N: tokens[len(tokens) % N :].reshape(N, -1),
    ),
    "X and y have changed places: y is one step later than X.": changed(_batches, "swapped", pair=lambda X, y: (y, X)),
    "You return all X in one array and all y in another. Return a list of pairs (X, y), one a batch.": two_arrays,
}.items():
    batches.mistake(_sentence)(_answer)

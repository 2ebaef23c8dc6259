"""Task of unit 14: the outputs of two directions, side by side."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def outputs(rng):
    yield np.array([[[1.0], [2.0], [3.0]]]), np.array([[[30.0], [20.0], [10.0]]]), np.array([3])
    yield np.array([[[1.0], [2.0], [0.0]]]), np.array([[[20.0], [10.0], [0.0]]]), np.array([2])
    for N, T, ahead, back in [(2, 4, 3, 2), (3, 5, 2, 2), (4, 3, 1, 3), (5, 6, 2, 2)]:
        lengths = rng.integers(1, T + 1, size=N)
        lengths[0] = T - 1
        inside = (np.arange(T) < lengths[:, np.newaxis])[:, :, np.newaxis]
        yield rng.normal(size=(N, T, ahead)) * inside, rng.normal(size=(N, T, back)) * inside, lengths


def place_by_place(H_ahead, H_back, lengths):
    """Each entry of the result looks up its own."""
    N, T, width = H_ahead.shape
    result = np.zeros((N, T, width + H_back.shape[2]))
    for n, length in enumerate(lengths):
        for t in range(length):
            result[n, t, :width] = H_ahead[n, t]
            result[n, t, width:] = H_back[n, length - 1 - t]
    return result


both_ways = Task(
    "both_ways",
    ("H_ahead", "H_back", "lengths"),
    outputs,
    place_by_place,
    forbid=("torch",),
    hints=(
        "H_back[n, 0] was computed first, at the *last* step of sequence n, which is step lengths[n] - 1. Each row "
        "must be turned round, but only as far as its sequence goes.",
        "Work on a copy of H_back. For sequence n, the part to be turned is H_back[n, :length]; [::-1] turns it. "
        "np.concatenate with axis=2 puts features side by side.",
        "turned = H_back.copy(); for n, length in enumerate(lengths): turned[n, :length] = H_back[n, :...][::...]; "
        "return np.concatenate([..., ...], axis=2)",
    ),
)


def _turned(H, lengths, shift=0):
    """H with each sequence turned round within its length plus a shift."""
    T, result = H.shape[1], H.copy()
    for n, length in enumerate(lengths):
        end = min(max(length + shift, 0), T)
        result[n, :end] = H[n, :end][::-1]
    return result


def _both(
    H_ahead,
    H_back,
    lengths,
    *,
    ahead=lambda H, lengths: H,
    back=_turned,
    join=lambda a, b: np.concatenate([a, b], axis=2),
):
    """The join with one thing done differently; the mistakes below say which."""
    return join(ahead(H_ahead, lengths), back(H_back, lengths))


def added(a, b):
    width = max(a.shape[2], b.shape[2])
    return sum(np.pad(H, ((0, 0), (0, 0), (0, width - H.shape[2]))) for H in (a, b))


def in_time(a, b):
    width = max(a.shape[2], b.shape[2])
    return np.concatenate([np.pad(H, ((0, 0), (0, 0), (0, width - H.shape[2]))) for H in (a, b)], axis=1)


def last_states(H_ahead, H_back, lengths):
    rows = np.arange(len(lengths))
    return np.concatenate([H_ahead[rows, lengths - 1], H_back[rows, lengths - 1]], axis=1)


for _sentence, _answer in {
    "The outputs of the second direction are not turned back: H_back[n, 0] belongs to the *last* step of sequence n, "
    "so the first place gets what was made at the end.": changed(_both, "not_turned", back=lambda H, lengths: H),
    "You turned the whole axis of time, padding included. Where a sequence is shorter, its outputs slide to the end. "
    "Turn each sequence within its own length.": changed(_both, "padding_turned", back=lambda H, lengths: H[:, ::-1]),
    "Off by one: you turn one step less than a sequence has. The slice [:length] has exactly length steps.": changed(
        _both, "one_less", back=lambda H, lengths: _turned(H, lengths, -1)
    ),
    "Off by one: you turn one step more than a sequence has, so padding comes to the front.": changed(
        _both, "one_more", back=lambda H, lengths: _turned(H, lengths, 1)
    ),
    "You turned the first direction, too. It has read in the right order already.": changed(
        _both, "both_turned", ahead=_turned
    ),
    "You turned H_ahead instead of H_back: the second one has read from the end.": changed(
        _both, "wrong_one_turned", ahead=_turned, back=lambda H, lengths: H
    ),
    "You turned the batch, axis 0. Time is axis 1.": changed(_both, "batch_turned", back=lambda H, lengths: H[::-1]),
    "You turned the features, axis 2. Time is axis 1.": changed(
        _both, "features_turned", back=lambda H, lengths: H[:, :, ::-1]
    ),
    "The two directions are in another order: H_ahead first, then H_back (a convention, PyTorch's).": changed(
        _both, "back_first", join=lambda a, b: np.concatenate([b, a], axis=2)
    ),
    "You added the two directions. Put them side by side, so that the next layer can tell them apart: (N, T, h1 + "
    "h2).": changed(_both, "added", join=added),
    "You put the two behind each other in time. Side by side means along the features, axis=2.": changed(
        _both, "in_time", join=in_time
    ),
    "You return the last states only. Here every step is asked for: (N, T, h1 + h2).": last_states,
}.items():
    both_ways.mistake(_sentence)(_answer)

"""Task of unit 13: all steps of a batch of sequences, and each one's own last state (rnn_forward)."""

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    yield np.array([[[1.0], [0.0], [7.0]]]), np.array([2]), np.array([[1.0]]), np.array([[2.0]]), np.array([0.0])
    for N, T, D, hidden in [(1, 1, 2, 3), (1, 4, 2, 2), (2, 3, 3, 2), (3, 5, 2, 4), (5, 4, 3, 3), (4, 4, 2, 3)]:
        lengths = rng.integers(1, T + 1, size=N)
        lengths[-1] = max(T - 1, 1)
        W_x, W_h, b = (rng.normal(0, 0.7, size=shape) for shape in ((D, hidden), (hidden, hidden), (hidden,)))
        yield rng.normal(size=(N, T, D)), lengths, W_x, W_h, b  # what stands beyond the end is not 0


def by_torch(X, lengths, W_x, W_h, b):
    layer = torch.nn.RNN(*W_x.shape, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        for p, value in zip(layer.parameters(), (W_x.T, W_h.T, b, np.zeros_like(b)), strict=True):
            p.copy_(torch.tensor(value))
        packed = pack_padded_sequence(torch.tensor(X), torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        outputs, last = layer(packed)
        H, _ = pad_packed_sequence(outputs, batch_first=True, total_length=X.shape[1])
        return H.numpy(), last[0].numpy()


rnn_forward = Task(
    "rnn_forward",
    ("X", "lengths", "W_x", "W_h", "b"),
    batches,
    by_torch,
    hints=(
        "One loop, over the steps: in each, all sequences of the batch take their step at once, and the new state is "
        "the next step's old one.",
        "H[:, t] takes the new state; (t < lengths) says who has not ended yet. When the loop is over, "
        "H[np.arange(N), lengths - 1] picks each sequence's own last state.",
        "h = np.zeros((N, len(b))); for t in range(T): h = rnn_cell(X[:, t], ..., ...); H[:, t] = h * "
        "(t < lengths)[:, np.newaxis]; return H, H[np.arange(N), ...]",
    ),
)


def _states(X, W_x, W_h, b, start=None, order=None, pass_on=lambda h_new, h: h_new):
    """The state after each step of the array, (N, T, hidden)."""
    N, T, _ = X.shape
    h, H = np.zeros((N, len(b))) if start is None else start, np.zeros((N, T, len(b)))
    for t in order or range(T):
        h_new = np.tanh(X[:, t] @ W_x + h @ W_h + b)
        H[:, t] = h_new
        h = pass_on(h_new, h)
    return H


def _forward(
    X,
    lengths,
    W_x,
    W_h,
    b,
    *,
    states=_states,
    last=lambda H, whole, lengths: H[np.arange(len(H)), lengths - 1],
    inside=lambda H, lengths: H * (np.arange(H.shape[1]) < lengths[:, np.newaxis])[:, :, np.newaxis],
    shown=lambda H: H,
    result=lambda H, last: (H, last),
):
    """All steps with one thing done differently; the mistakes below say which."""
    whole = states(X, W_x, W_h, b)
    H = inside(whole, lengths)
    return result(shown(H), last(H, whole, lengths))


def one_after_the_other(X, lengths, W_x, W_h, b):
    """A loop over the sequences, with a state that is never set back."""
    h, H, last = np.zeros(len(b)), np.zeros((*X.shape[:2], len(b))), []
    for n, length in enumerate(lengths):
        for t in range(length):
            h = np.tanh(X[n, t] @ W_x + h @ W_h + b)
            H[n, t] = h
        last.append(h)
    return H, np.array(last)


def along_the_batch(X, W_x, W_h, b):
    return _states(X.swapaxes(0, 1), W_x, W_h, b).swapaxes(0, 1)


def before_the_step(H, lengths):
    inside = np.arange(H.shape[1]) < lengths[:, np.newaxis]
    return np.concatenate([np.zeros_like(H[:, :1]), H[:, :-1]], axis=1) * inside[:, :, np.newaxis]


def backwards(X, W_x, W_h, b):
    return _states(X, W_x, W_h, b, order=list(reversed(range(X.shape[1]))))


for _sentence, _answer in {
    "The state is not passed on: each step starts from zeros, so it knows its own input only. The new state is the "
    "next step's old one.": changed(
        _forward, "not_passed_on", states=lambda *given: _states(*given, pass_on=lambda h_new, h: h)
    ),
    "The state is carried over from one sequence into the next: the answer for a name then depends on who stood before "
    "it. Each sequence starts from zeros.": one_after_the_other,
    "Your steps go along the batch, axis 0: the state wanders from sequence to sequence. Time is axis 1: "
    "X[:, t].": changed(_forward, "along_the_batch", states=along_the_batch),
    "Padding is counted: last is the state at the array's end. What you want is each sequence's own last state, at "
    "step lengths - 1.": changed(_forward, "arrays_end", last=lambda H, whole, lengths: whole[:, -1]),
    "last is H[:, -1], which is 0 for each sequence that ended earlier. Its own last state stands at step lengths - "
    "1.": changed(_forward, "zeros_at_the_end", last=lambda H, whole, lengths: H[:, -1]),
    "last is taken one step too early: a sequence of length 1 ends at step 0, so lengths - 1 is the place.": changed(
        _forward, "too_early", last=lambda H, whole, lengths: whole[np.arange(len(H)), np.maximum(lengths - 2, 0)]
    ),
    "last is taken one step too late: steps count from 0, so the last one is lengths - 1.": changed(
        _forward,
        "too_late",
        last=lambda H, whole, lengths: whole[np.arange(len(H)), np.minimum(lengths, H.shape[1] - 1)],
    ),
    "The states beyond the end of a sequence are not 0 in H: there the layer has gone on reading padding.": changed(
        _forward, "goes_on", inside=lambda H, lengths: H
    ),
    "H holds the states *before* each step. The state after step t stands in H[:, t].": changed(
        _forward,
        "before_the_step",
        inside=before_the_step,
        last=lambda H, whole, lengths: whole[np.arange(len(H)), lengths - 1],
    ),
    "You read from the end to the start. The first step is t = 0.": changed(_forward, "backwards", states=backwards),
    "Your first state is ones. It knows nothing yet: zeros.": changed(
        _forward, "from_ones", states=lambda X, W_x, W_h, b: _states(X, W_x, W_h, b, np.ones((len(X), len(b))))
    ),
    "Your H has the steps in front, (T, N, hidden). Here the batch comes first: np.stack(..., axis=1), or H[:, t] = h "
    "(a convention).": changed(_forward, "time_first", shown=lambda H: H.swapaxes(0, 1)),
    "last is a mean over the steps. That is a summary, too, but here the last state is asked for.": changed(
        _forward, "mean", last=lambda H, whole, lengths: H.sum(axis=1) / lengths[:, np.newaxis]
    ),
    "You return H alone. The second part of the pair is each sequence's own last state.": changed(
        _forward, "states_alone", result=lambda H, last: H
    ),
    "You return the last states alone. H, the states of all steps, is the first part of the pair.": changed(
        _forward, "last_alone", result=lambda H, last: last
    ),
    "Both are right, but in another order: H first, then the last states.": changed(
        _forward, "last_first", result=lambda H, last: (last, H)
    ),
}.items():
    rnn_forward.mistake(_sentence)(_answer)

"""Task of unit 14: find the hidden letters of surnames."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from introdl import data
from introdl.checks.task import Task
from introdl.checks.variant import changed

ASKED, ONE_SIDE = 0.28, 0.25
GAP = 1
TOKEN = {letter: place for place, letter in enumerate(data.NAME_LETTERS, start=2)}


def surnames(rng):
    """Two gaps in each training name, and three in each validation name, in a fresh order."""
    split = data.names()
    X, lengths, places, y = gaps_in(split.X_train[rng.permutation(len(split.X_train))], 2, rng)
    yield X, lengths, places, y, *gaps_in(split.X_val[rng.permutation(len(split.X_val))], 3, rng)[:3]


def gaps_in(names, times, rng):
    """Return tokens (N, T), lengths, places and hidden letters, each (N,)."""
    lengths = np.array([len(name) for name in names])
    X = np.zeros((len(names), 20), np.int64)
    for row, name in zip(X, names, strict=True):
        row[: len(name)] = [TOKEN[letter] for letter in name]
    X, lengths = np.repeat(X, times, axis=0), np.repeat(lengths, times)
    rows, places = np.arange(len(X)), rng.integers(0, lengths)
    y = X[rows, places]
    X[rows, places] = GAP
    return X, lengths, places, y


def share_of_right(args, y_hat):
    """The share of hidden letters that are found; where several names fit a gap, each of their letters is right."""
    X_new, places = args[4], args[6]
    known = set()
    for name in data.names().X_val:
        tokens = [TOKEN[letter] for letter in name]
        known |= {(*tokens[:t], GAP, *tokens[t + 1 :], t, token) for t, token in enumerate(tokens)}
    found = [
        (*row[row > 0].tolist(), place, guess) in known
        for row, place, guess in zip(X_new, places.tolist(), y_hat.tolist(), strict=True)
    ]
    return float(np.mean(found))


def problem(args, y_hat):
    """Say what is wrong with guesses, if anything is."""
    y_hat, count = np.asarray(y_hat), len(args[4])
    if y_hat.shape != (count,):
        return f"You returned the shape {y_hat.shape}, expected {(count,)}: one letter for each gap."
    if y_hat.dtype.kind not in "iu":
        return f"You returned {y_hat.dtype}, expected whole numbers: the letters' numbers."
    share = share_of_right(args, y_hat)
    if share >= ASKED:
        return None
    if share < 0.15:
        why = "That is guessing: does the loss fall, and do you look at the state at the gap, H[rows, places]?"
    elif share < ONE_SIDE:
        why = "A network that reads from one side gets about as far: is yours bidirectional, and trained long enough?"
    else:
        why = "Not far: train a little longer, or with another learning rate."
    return f"{share:.1%} of the hidden letters are found, expected at least {ASKED:.0%}. {why}"


fill_gaps = Task(
    "fill_gaps",
    ("X", "lengths", "places", "y", "X_new", "lengths_new", "places_new"),
    surnames,
    judge=problem,
    seconds=90.0,
    hints=(
        "A module with three parts: an embedding for 67 tokens, a bidirectional LSTM, a dense layer with 67 outputs. "
        "Its forward takes X, lengths and places.",
        "Pack, run the LSTM, unpack: H is (N, T, 2 * hidden). The state at the gap is H[torch.arange(len(X)), places]. "
        "Adam with 0.01, batches of 64 and five epochs do it.",
        "packed = pack_padded_sequence(self.embedding(X), lengths, batch_first=True, enforce_sorted=False); "
        "H, _ = pad_packed_sequence(self.layer(packed)[0], batch_first=True); return self.out(H[..., ...])",
    ),
)


class Gaps(nn.Module):
    """The network, with some choices for the mistakes below."""

    def __init__(self, both, at_gap, hidden=48):
        super().__init__()
        self.embedding = nn.Embedding(len(TOKEN) + 2, 16, padding_idx=0)
        self.layer = nn.LSTM(16, hidden, batch_first=True, bidirectional=both)
        self.out = nn.Linear(hidden * (1 + both), len(TOKEN) + 2)
        self.at_gap = at_gap

    def forward(self, X, lengths, places):
        inputs = pack_padded_sequence(self.embedding(X), lengths, batch_first=True, enforce_sorted=False)
        outputs, (h, _) = self.layer(inputs)
        H, _ = pad_packed_sequence(outputs, batch_first=True)
        return self.out(H[torch.arange(len(X)), places] if self.at_gap else torch.cat([*h], dim=1))


def _fill(
    X,
    lengths,
    places,
    y,
    X_new,
    lengths_new,
    places_new,
    *,
    both=True,
    at_gap=True,
    num_epochs=2,
    lr=0.01,
    steps=True,
    order=lambda rows: rows,
    answer=lambda logits: logits.argmax(dim=1),
):
    """Training with one thing done differently; the mistakes below say which."""
    torch.manual_seed(0)
    net = Gaps(both, at_gap)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    X, lengths, places, y = (torch.tensor(part) for part in (X, lengths, places, y))
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X)).split(64):
            loss = nn.functional.cross_entropy(net(X[rows], lengths[rows], places[rows]), y[order(rows)])
            optimizer.zero_grad()
            loss.backward()
            if steps:
                optimizer.step()
    with torch.no_grad():
        return answer(net(*(torch.tensor(part) for part in (X_new, lengths_new, places_new)))).numpy()


for _sentence, _answer in {
    "Your network reads from the left only: at the gap it knows nothing of what follows. bidirectional=True, and twice "
    "as many inputs for the dense layer.": changed(_fill, "one_side", both=False),
    "You look at the last states, h, which sum up the whole name and hardly know where the gap was. The state at the "
    "gap is H[rows, places].": changed(_fill, "last_states", at_gap=False),
    "Names and answers no longer belong together: index both with the same random order.": changed(
        _fill, "answers_left_behind", order=lambda rows: rows.sort().values, num_epochs=1
    ),
    "Your network is not trained: after backward(), optimizer.step() must be called.": changed(
        _fill, "no_step", steps=False, num_epochs=1
    ),
    "One epoch at a small rate is too little: five epochs at 0.01 do it.": changed(
        _fill, "too_short", num_epochs=1, lr=0.001
    ),
    "You return the logits. Take the place of the largest in each row: argmax(dim=1).": changed(
        _fill, "logits", answer=lambda logits: logits, num_epochs=1
    ),
    "You took the largest along the wrong axis, over the names: argmax(dim=1) goes over the letters.": changed(
        _fill, "wrong_axis", answer=lambda logits: logits.argmax(dim=0), num_epochs=1
    ),
}.items():
    fill_gaps.mistake(_sentence)(_answer)

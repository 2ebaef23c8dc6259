"""Task of unit 15: the mood of sentences whose words' order decides."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from introdl import data
from introdl.checks.task import Task
from introdl.checks.variant import changed

NUM_SENTENCES = 2000
ASKED, WITHOUT_ORDER = 0.95, 0.72


def moods(rng):
    """Half of the training sentences, and the validation sentences, in a fresh order."""
    split = data.sentiment()
    train, val = rng.permutation(len(split.X_train))[:NUM_SENTENCES], rng.permutation(len(split.X_val))
    yield split.X_train[train].tolist(), split.y_train[train], split.X_val[val].tolist()


def share_of_right(new_sentences, y_hat):
    split = data.sentiment()
    known = dict(zip(split.X_val.tolist(), split.y_val.tolist(), strict=True))
    return float(
        np.mean([known[sentence] == mood for sentence, mood in zip(new_sentences, y_hat.tolist(), strict=True)])
    )


def problem(args, y_hat):
    """Say what is wrong with moods, if anything is."""
    y_hat, count = np.asarray(y_hat), len(args[2])
    if y_hat.shape != (count,):
        return f"You returned the shape {y_hat.shape}, expected {(count,)}: one mood for each new sentence."
    if y_hat.dtype.kind not in "iub" or not np.isin(y_hat, (0, 1)).all():
        return "Moods are the whole numbers 0 and 1; your array holds others."
    share = share_of_right(args[2], y_hat)
    if share >= ASKED:
        return None
    if share < 0.3:
        why = "That is worse than guessing: are good and bad exchanged?"
    elif len(set(y_hat.tolist())) == 1:
        why = "All your moods are the same: does the loss fall?"
    elif share < 0.55:
        why = "That is guessing: do sentences and moods stay together, and is h[-1] what you take, not a padded column?"
    elif share < WITHOUT_ORDER:
        why = "A bag of words gets as far: does your network read the words in order, and do you take its *last* state?"
    else:
        why = "Not far: train a little longer, or with another learning rate."
    return f"{share:.1%} of the moods are right, expected at least {ASKED:.0%}. {why}"


classify = Task(
    "classify",
    ("sentences", "y", "new_sentences"),
    moods,
    judge=problem,
    seconds=90.0,
    hints=(
        "A module with three parts: an embedding for V words, an LSTM, a dense layer with 2 outputs. Its forward takes "
        "X and lengths. Train it as in every unit since the eighth, then predict.",
        "Pack the embedded words; the LSTM returns its outputs and (h, c), and h[-1] is each sentence's own last "
        "state. Adam with 0.01, batches of 64 and six epochs do it. The new sentences are padded by the words of the "
        "*training* sentences.",
        "packed = pack_padded_sequence(self.embedding(X), lengths, batch_first=True, enforce_sorted=False); _, (h, _) "
        "= self.layer(packed); return self.out(...); and at the end: net(X_new, lengths_new).argmax(dim=...).numpy()",
    ),
)


def numbers_of(sentences, train_sentences):
    split = [sentence.replace(",", " ,").replace(".", " .").split() for sentence in train_sentences]
    number = {word: place for place, word in enumerate(sorted({w for words in split for w in words}), start=2)}
    rows = [
        torch.tensor([number.get(word, 1) for word in sentence.replace(",", " ,").replace(".", " .").split()])
        for sentence in sentences
    ]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([len(row) for row in rows]), len(number) + 2


class Mood(nn.Module):
    """The network, or with in_order=False a bag of vectors."""

    def __init__(self, V, in_order):
        super().__init__()
        self.embedding, self.in_order = nn.Embedding(V, 16), in_order
        self.layer, self.out = nn.LSTM(16, 32, batch_first=True), nn.Linear(32 if in_order else 16, 2)

    def forward(self, X, lengths):
        E = self.embedding(X)
        if not self.in_order:
            inside = torch.arange(X.shape[1]) < lengths[:, None]
            return self.out((E * inside[:, :, None]).sum(dim=1) / lengths[:, None])
        _, (h, _) = self.layer(pack_padded_sequence(E, lengths, batch_first=True, enforce_sorted=False))
        return self.out(h[-1])


def _classify(
    sentences,
    y,
    new_sentences,
    *,
    in_order=True,
    num_epochs=1,
    lr=0.01,
    steps=True,
    answer=lambda logits: logits.argmax(dim=1),
):
    """Training with one thing done differently; the mistakes below say which."""
    X, lengths, V = numbers_of(sentences, sentences)
    torch.manual_seed(0)
    net, y = Mood(V, in_order), torch.tensor(y)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X)).split(64):
            loss = nn.functional.cross_entropy(net(X[rows], lengths[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            if steps:
                optimizer.step()
    X, lengths, _ = numbers_of(new_sentences, sentences)
    with torch.no_grad():
        return answer(net(X, lengths)).numpy()


for _sentence, _answer in {
    "The mean of the words' vectors is a bag of words: the order is lost. Let an LSTM read them, and take its last "
    "state.": changed(_classify, "mean_of_vectors", in_order=False, num_epochs=3),
    "All sentences get the same mood, so nothing was learned. Is optimizer.step() called after backward(), and do "
    "sentences and moods stay together: X[rows], lengths[rows] and y[rows] with the same rows?": changed(
        _classify, "no_step", steps=False
    ),
    "One epoch at a small rate is too little: six epochs at 0.01 do it.": changed(_classify, "too_short", lr=0.001),
    "You return the logits. Take the place of the larger one in each row: argmax(dim=1).": changed(
        _classify, "logits", answer=lambda logits: logits
    ),
    "You took the largest along the wrong axis, over the sentences: argmax(dim=1) goes over the two moods.": changed(
        _classify, "wrong_axis", answer=lambda logits: logits.argmax(dim=0)
    ),
    "You return probabilities. A mood is 0 or 1: argmax(dim=1).": changed(
        _classify, "probabilities", answer=lambda logits: torch.softmax(logits, dim=1)[:, 1]
    ),
    "Good and bad are exchanged: 1 is a good mood, and the network's output 1 is for label 1.": changed(
        _classify, "exchanged", num_epochs=6, answer=lambda logits: logits.argmin(dim=1)
    ),
}.items():
    classify.mistake(_sentence)(_answer)

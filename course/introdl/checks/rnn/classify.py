"""Task of unit 13: a recurrent network learns to tell surnames apart (classify)."""

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from introdl import data
from introdl.checks.task import Task
from introdl.checks.variant import changed

LISTS = ("Finnish", "Irish", "Italian", "Zulu")


def surnames(rng):
    for num_classes, count, hidden, num_epochs, batch_size, scale in [
        (2, 6, 3, 1, 6, 0.5),
        (2, 9, 4, 2, 4, 1.0),
        (3, 14, 5, 2, 5, 0.3),
        (4, 40, 8, 2, 16, 0.5),
        (4, 30, 8, 3, 7, 1.0),
    ]:
        X, lengths, y = drawn(rng, num_classes, count, "train")
        X_new, lengths_new, _ = drawn(rng, num_classes, count, "val")
        shapes = (X.shape[2], hidden), (hidden, hidden), (hidden,), (hidden, num_classes), (num_classes,)
        params = [rng.normal(0, scale, size=shape) for shape in shapes]
        yield X, lengths, y, params, X_new, lengths_new, float(rng.uniform(0.5, 1)), num_epochs, batch_size


def drawn(rng, num_classes, count, part):
    """Real surnames of some lists, in a random order, as float64."""
    split = data.names()
    names, labels = getattr(split, f"X_{part}"), getattr(split, f"y_{part}")
    kept = [data.LANGUAGES.index(name) for name in LISTS[:num_classes]]
    places = rng.choice(np.flatnonzero(np.isin(labels, kept)), size=count, replace=False)
    X, lengths = data.one_hot_names(names[places].tolist())
    return X.astype(np.float64), lengths, np.searchsorted(kept, labels[places])


def by_torch(X, lengths, y, params, X_new, lengths_new, lr, num_epochs, batch_size):
    """PyTorch's layers, autograd and SGD, in float64."""
    W_x, W_h, b, W_out, b_out = (torch.tensor(p) for p in params)
    rnn = torch.nn.RNN(*W_x.shape, batch_first=True, dtype=torch.float64)
    out = torch.nn.Linear(*W_out.shape, dtype=torch.float64)
    with torch.no_grad():
        for p, value in zip(
            [*rnn.parameters()][:3] + [*out.parameters()], (W_x.T, W_h.T, b, W_out.T, b_out), strict=True
        ):
            p.copy_(value)
        rnn.bias_hh_l0.zero_()
    rnn.bias_hh_l0.requires_grad_(False)
    trained = [p for p in [*rnn.parameters(), *out.parameters()] if p.requires_grad]
    X, y, X_new = torch.tensor(X), torch.tensor(y), torch.tensor(X_new)

    def logits(X, lengths):
        packed = pack_padded_sequence(X, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        return out(rnn(packed)[1][0])

    losses = []
    for _ in range(num_epochs):
        for rows in torch.arange(len(X)).split(batch_size):
            loss = torch.nn.functional.cross_entropy(logits(X[rows], lengths[rows.numpy()]), y[rows])
            grads = torch.autograd.grad(loss, trained)
            norm = torch.cat([g.reshape(-1) for g in grads]).norm()
            with torch.no_grad():
                for p, g in zip(trained, grads, strict=True):
                    p -= lr * g / max(float(norm), 1.0)
            losses.append(float(loss.detach()))
    with torch.no_grad():
        return losses, logits(X_new, lengths_new).argmax(dim=1).numpy()


classify = Task(
    "classify",
    ("X", "lengths", "y", "params", "X_new", "lengths_new", "lr", "num_epochs", "batch_size"),
    surnames,
    by_torch,
    rtol=1e-5,
    atol=1e-7,
    seconds=20.0,
    hints=(
        "Write a second function first, for one batch: it returns the loss and the five gradients. The training is "
        "then two loops around it, and a last forward pass for the new names.",
        "Forward: H, last, logits, p = softmax(logits), loss. Back: dlogits; dW_out and db_out as for a dense layer; "
        "dH is zeros but for dH[np.arange(N), lengths - 1] = dlogits @ W_out.T; bptt gives the other three.",
        "grads = [*bptt(dH, X, H, W_x, W_h)[1:], last.T @ ..., dlogits.sum(...)]; clipped, _ = clip(grads, 1.0); "
        "params = [p - lr * g for p, g in zip(params, ...)]",
    ),
)


def _forward(X, lengths, W_x, W_h, b, h=None):
    """States (N, T, hidden), 0 beyond the end, and the own last ones."""
    h, H = np.zeros((len(X), len(b))) if h is None else h, np.zeros((*X.shape[:2], len(b)))
    for t in range(X.shape[1]):
        h = np.where((t < lengths)[:, np.newaxis], np.tanh(X[:, t] @ W_x + h @ W_h + b), h)
        H[:, t] = h * (t < lengths)[:, np.newaxis]
    return H, h


def _to_the_arrays_end(X, lengths, W_x, W_h, b, h=None):
    return _forward(X, np.full(len(X), X.shape[1]), W_x, W_h, b, h)


def _back(dH, X, H, W_x, W_h, first=None):
    dW_x, dW_h, db, later = np.zeros_like(W_x), np.zeros_like(W_h), np.zeros(len(W_h)), 0
    for t in reversed(range(X.shape[1])):
        dZ = (dH[:, t] + later) * (1 - H[:, t] ** 2)
        before = H[:, t - 1] if t else np.zeros_like(H[:, 0]) if first is None else first
        dW_x, dW_h, db = dW_x + X[:, t].T @ dZ, dW_h + before.T @ dZ, db + dZ.sum(axis=0)
        later = dZ @ W_h.T
    return [dW_x, dW_h, db]


def _together(grads, lr):
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    return [lr * g / max(norm, 1.0) for g in grads]


def _at_own_last(H, lengths, dlast):
    dH = np.zeros_like(H)
    dH[np.arange(len(H)), lengths - 1] = dlast
    return dH


def _at_the_end(H, lengths, dlast):
    return _at_own_last(H, np.full(len(H), H.shape[1]), dlast)


def _everywhere(H, lengths, dlast):
    inside = np.arange(H.shape[1]) < lengths[:, np.newaxis]
    return dlast[:, np.newaxis] * inside[:, :, np.newaxis]


def _classify(
    X,
    lengths,
    y,
    params,
    X_new,
    lengths_new,
    lr,
    num_epochs,
    batch_size,
    *,
    forward=_forward,
    read=None,
    put=_at_own_last,
    clipped=_together,
    over=len,
    starts=lambda n, size: range(0, n, size),
    trained=(1, 1, 1, 1, 1),
    probabilities=lambda logits: np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True),
    minus_one=True,
    carried=False,
    after=False,
    epochs=lambda num_epochs: num_epochs,
    loss_of=lambda p: -np.log(p).mean(),
    says=lambda logits: logits.argmax(axis=1),
    noted=lambda losses, num_epochs: losses,
):
    """The training with one thing done differently; the mistakes below say which."""
    params, losses, state = [*params], [], None
    for _ in range(epochs(num_epochs)):
        for start in starts(len(X), batch_size):
            part = slice(start, start + batch_size)
            x, ends, labels = X[part], lengths[part], y[part]
            W_x, W_h, b, W_out, b_out = params
            first = state if carried and state is not None and len(state) == len(x) else None
            H, last = forward(x, ends, W_x, W_h, b, first)
            state = last
            p, rows = probabilities(last @ W_out + b_out), np.arange(len(x))
            losses.append(float(loss_of(p[rows, labels])))
            if minus_one:
                p[rows, labels] -= 1
            dlogits = p / over(x)
            dH = put(H, ends, dlogits @ W_out.T)
            grads = [*_back(dH, x, H, W_x, W_h, first), last.T @ dlogits, dlogits.sum(axis=0)]
            params = [p - on * g for p, on, g in zip(params, trained, clipped(grads, lr), strict=True)]
            if after:
                logits = forward(x, ends, *params[:3])[1] @ params[3] + params[4]
                losses[-1] = float(loss_of(probabilities(logits)[rows, labels]))
    W_x, W_h, b, W_out, b_out = params
    return noted(losses, num_epochs), says((read or forward)(X_new, lengths_new, W_x, W_h, b)[1] @ W_out + b_out)


def each_by_itself(grads, lr):
    return [lr * g / max(np.sqrt((g**2).sum()), 1.0) for g in grads]


def in_two_parts(grads, lr):
    return _together(grads[:3], lr) + _together(grads[3:], lr)


def in_place(X, lengths, y, params, *rest):
    losses, y_hat = _classify(X, lengths, y, params, *rest)
    for p in params:
        p += 1.0
    return losses, y_hat


for _sentence, _answer in {
    "Padding is counted: you read the state at the array's end. Each name has its own last state, the second result of "
    "your rnn_forward.": changed(_classify, "arrays_end", forward=_to_the_arrays_end, put=_at_the_end),
    "The slopes enter dH at the array's last step. Where a name ended earlier, they belong to step lengths - "
    "1.": changed(_classify, "dH_at_the_end", put=_at_the_end),
    "The slopes enter dH at all steps. Only the own last state is read here, so only it has a slope of its "
    "own.": changed(_classify, "dH_everywhere", put=_everywhere),
    "The state is carried over from one batch into the next: names then depend on what was read before them. Every "
    "name starts from zeros.": changed(_classify, "carried", carried=True),
    "The gradients are not clipped: call your clip with 1.0 before the step.": changed(
        _classify, "not_clipped", clipped=lambda grads, lr: [lr * g for g in grads]
    ),
    "You clip each array by itself. All five together have one length.": changed(
        _classify, "each_by_itself", clipped=each_by_itself
    ),
    "You clip the recurrent layer and the dense layer apart. All five arrays together have one length.": changed(
        _classify, "in_two_parts", clipped=in_two_parts
    ),
    "You clip the finished step, lr times the gradient. Clip the gradient, then multiply by lr (a "
    "convention).": changed(
        _classify, "step_clipped", clipped=lambda grads, lr: _together([lr * g for g in grads], 1.0)
    ),
    "You go uphill: a step goes *against* the gradient, p - lr * g.": changed(
        _classify, "uphill", clipped=lambda grads, lr: _together(grads, -lr)
    ),
    "The slopes of the logits are not divided by the number of names in the batch. The loss is a mean.": changed(
        _classify, "sum", over=lambda x: 1
    ),
    "In the slopes of the logits, the 1 at the right label is missing: (p - one_hot(y)) / N.": changed(
        _classify, "no_label", minus_one=False
    ),
    "The last, smaller batch is left out. It counts, too.": changed(
        _classify, "last_batch_dropped", starts=lambda n, size: range(0, n - size + 1, size)
    ),
    "Your batches come in another order. Here they come as the names do, without shuffling (a convention).": changed(
        _classify, "last_batch_first", starts=lambda n, size: reversed(range(0, n, size))
    ),
    "The dense layer is not trained: its two arrays take the step as well.": changed(
        _classify, "dense_untrained", trained=(1, 1, 1, 0, 0)
    ),
    "The recurrent layer is not trained: W_x, W_h and b take the step as well.": changed(
        _classify, "recurrent_untrained", trained=(0, 0, 0, 1, 1)
    ),
    "W_h is not trained. What to keep is learned there.": changed(
        _classify, "state_untrained", trained=(1, 0, 1, 1, 1)
    ),
    "The biases are not trained: b and b_out take the step as well.": changed(
        _classify, "biases_untrained", trained=(1, 1, 0, 1, 0)
    ),
    "You train for one epoch only.": changed(_classify, "one_epoch", epochs=lambda num_epochs: 1),
    "You note the loss after the step. Note it as it was computed, before the step (a convention).": changed(
        _classify, "after_the_step", after=True
    ),
    "You note the sum over the batch. The loss is the mean.": changed(
        _classify, "loss_sum", loss_of=lambda p: -np.log(p).sum()
    ),
    "You note one loss an epoch. Each batch has one.": changed(
        _classify,
        "one_an_epoch",
        noted=lambda losses, num_epochs: [float(np.mean(part)) for part in np.split(np.array(losses), num_epochs)],
    ),
    "You return the logits of the new names. Take the place of the largest in each row: argmax(axis=1).": changed(
        _classify, "logits", says=lambda logits: logits
    ),
    "You took the largest along the wrong axis, over the names: argmax(axis=1) goes over the labels.": changed(
        _classify, "wrong_axis", says=lambda logits: logits.argmax(axis=0)
    ),
    "Training is right, but for the new names you read the state at the array's end: their padding is "
    "counted.": changed(_classify, "new_arrays_end", read=_to_the_arrays_end),
    "The numbers are right, but you changed the given params (p -= ...). Work on copies.": in_place,
}.items():
    classify.mistake(_sentence)(_answer)

"""Task of unit 08: the training loop of a linear classifier in PyTorch."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy, softmax

from introdl.checks.task import Task
from introdl.checks.variant import changed


def classes(rng):
    X = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    zeros = np.zeros((2, 2), dtype=np.float32), np.zeros(2, dtype=np.float32)
    yield X, np.array([0, 1]), *zeros, 1.0, 1, 2
    sizes = [(7, 3, 2, 2, 3), (10, 4, 3, 3, 4), (5, 2, 4, 4, 5), (9, 3, 3, 2, 1), (6, 2, 2, 3, 10)]
    for n, d, c, epochs, batch_size in sizes:
        X = rng.normal(size=(n, d)).astype(np.float32)
        W, b = (rng.normal(0, 0.5, size=shape).astype(np.float32) for shape in ((c, d), c))
        yield X, rng.integers(0, c, size=n), W, b, float(rng.uniform(0.2, 0.8)), epochs, batch_size


def plain(answer, *args):
    """Call the answer; note whether its losses are plain numbers, which a comparison of values does not tell."""
    losses, W, b = answer(*args)
    kinds = sorted({"a plain number" if isinstance(loss, (float, int)) else "a tensor" for loss in losses})
    values = [float(loss.detach() if isinstance(loss, torch.Tensor) else loss) for loss in losses]
    W, b = (p.detach().numpy() if isinstance(p, torch.Tensor) else p for p in (W, b))
    return {"losses": values, "each loss is": kinds, "W": W, "b": b}


def in_numpy(X, y, W, b, lr, num_epochs, batch_size):
    """The same in float64, the gradient by hand."""
    X, W, b, losses = X.astype(float), W.astype(float), b.astype(float), []
    for _ in range(num_epochs):
        each = []
        for start in range(0, len(X), batch_size):
            rows, labels = X[start : start + batch_size], y[start : start + batch_size]
            logits = rows @ W.T + b
            p = np.exp(logits - logits.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            each += list(-np.log(p[np.arange(len(rows)), labels]))
            p[np.arange(len(rows)), labels] -= 1
            W, b = W - lr * p.T @ rows / len(rows), b - lr * p.mean(axis=0)
        losses.append(float(np.mean(each)))
    return {"losses": losses, "each loss is": ["a plain number"], "W": W, "b": b}


train = Task(
    "train",
    ("X", "y", "W", "b", "lr", "num_epochs", "batch_size"),
    classes,
    in_numpy,
    run=plain,
    rtol=1e-4,
    atol=1e-5,
    seconds=20.0,
    hints=(
        "Make a Linear, fill it with W and b, make an optimizer. Then two loops: epochs, and batches in each of them.",
        "In the inner loop: loss of the batch, zero_grad, backward, step. Tensors have split(batch_size), which makes "
        "the last part smaller if need be. For the epoch's loss, add loss.item() times the number of examples in the "
        "batch, and divide by all examples at the end.",
        "net.load_state_dict({'weight': torch.tensor(W), 'bias': ...}); "
        "for X_batch, y_batch in zip(examples.split(...), labels.split(...)): loss = cross_entropy(net(X_batch), ...); "
        "optimizer.zero_grad(); ...; ...; total += loss.item() * ...",
    ),
)


def _train(
    X,
    y,
    W,
    b,
    lr,
    num_epochs,
    batch_size,
    *,
    zero=True,
    into_loss=lambda logits: logits,
    weigh=len,
    over=lambda n, batches: n,
    kept=lambda loss: loss.item(),
    rows=lambda n, size: range(0, n, size),
    reduction="mean",
    after=False,
    steps=True,
    reverse=False,
):
    """The loop with one thing done differently; the mistakes below say which."""
    net = torch.nn.Linear(X.shape[1], len(b))
    net.load_state_dict({"weight": torch.tensor(W), "bias": torch.tensor(b)})
    optimizer, losses = torch.optim.SGD(net.parameters(), lr=lr), []
    for _ in range(num_epochs):
        total, starts = 0.0, list(rows(len(X), batch_size))
        for start in reversed(starts) if reverse else starts:
            X_batch, y_batch = torch.tensor(X[start : start + batch_size]), torch.tensor(y[start : start + batch_size])
            loss = cross_entropy(into_loss(net(X_batch)), y_batch, reduction=reduction)
            if zero:
                optimizer.zero_grad()
            loss.backward()
            if steps:
                optimizer.step()
            if after:
                loss = cross_entropy(net(X_batch), y_batch)
            total = total + kept(loss) * weigh(y_batch)
        losses.append(total / over(len(y), len(starts)))
    return losses, net.weight.detach().numpy(), net.bias.detach().numpy()


def zeroed_too_late(X, y, W, b, lr, num_epochs, batch_size):
    """zero_grad between backward and step: nothing is learned."""
    return _train(X, y, W, b, lr, num_epochs, batch_size, steps=False)


for _sentence, _answer in {
    "zero_grad is missing: the slopes of all batches so far add up. Call optimizer.zero_grad() before "
    "backward().": changed(_train, "no_zero_grad", zero=False),
    "You apply a softmax before cross_entropy, which applies it itself. Give it the logits.": changed(
        _train, "softmax_before_the_loss", into_loss=lambda logits: softmax(logits, dim=1)
    ),
    "You averaged the batches' losses although the last batch may be smaller: its examples count too much. Multiply "
    "each loss by its batch's size, and divide by all examples.": changed(
        _train, "mean_of_batch_means", weigh=lambda y: 1, over=lambda n, batches: batches
    ),
    "Your losses are tensors that keep the graph of every batch in memory. Take loss.item().": changed(
        _train, "item_missing", kept=lambda loss: loss
    ),
    "The last, smaller batch is left out. It counts, too.": changed(
        _train, "last_batch_dropped", rows=lambda n, size: range(0, max(n - size + 1, 1), size)
    ),
    "You minimize the sum over the batch. Use the mean (cross_entropy's default), so that the step does not depend on "
    "the batch size.": changed(_train, "sum_over_the_batch", reduction="sum", weigh=lambda y: 1),
    "Nothing is learned: the weights are as they were. Between backward() and step() the slopes must not be set to "
    "zero, and step() must be called.": zeroed_too_late,
    "You note the loss after the step. Note it as it was computed, before the step (a convention).": changed(
        _train, "loss_after_the_step", after=True
    ),
    "You return the sum over the examples as an epoch's loss. Divide by their number.": changed(
        _train, "not_divided", over=lambda n, batches: 1
    ),
    "Your batches come in another order. Here they come as the examples do, without shuffling (a convention).": changed(
        _train, "last_batch_first", reverse=True
    ),
}.items():
    train.mistake(_sentence)(_answer)

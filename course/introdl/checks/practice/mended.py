"""Task of unit 22: three broken trainings (mended)."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from introdl.checks.task import Task
from introdl.checks.variant import changed


def trainings(rng):
    """Each of the three on small tables of two, three and four classes."""
    for n, d, hidden, c, lr, num_steps in [(8, 2, 3, 2, 0.5, 4), (12, 4, 6, 3, 0.4, 6), (10, 3, 8, 4, 0.6, 5)]:
        X, y = rng.normal(size=(n, d)).astype(np.float32), rng.integers(0, c, size=n)
        values = [rng.normal(0, 0.7, size=shape).astype(np.float32) for shape in ((hidden, d), hidden, (c, hidden), c)]
        for which in "abc":
            yield which, X, y, values, lr, num_steps


def in_numpy(which, X, y, values, lr, num_steps):
    """The losses of a right training, by hand, in float64."""
    W1, b1, W2, b2 = (value.astype(float) for value in values)
    rng, losses = np.random.default_rng(0), []
    for _ in range(num_steps):
        rows = rng.permutation(len(X))[: len(X) // 2] if which == "b" else np.arange(len(X))
        x, labels = X[rows].astype(float), y[rows]
        Z = x @ W1.T + b1
        A = np.maximum(Z, 0)
        logits = A @ W2.T + b2
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        losses.append(float(-np.mean(np.log(p[np.arange(len(rows)), labels]))))
        p[np.arange(len(rows)), labels] -= 1
        d2 = p / len(rows)
        d1 = d2 @ W2 * (Z > 0)
        W2, b2, W1, b1 = W2 - lr * d2.T @ A, b2 - lr * d2.sum(axis=0), W1 - lr * d1.T @ x, b1 - lr * d1.sum(axis=0)
    return losses


mended = Task(
    "mended",
    ("which", "X", "y", "values", "lr", "num_steps"),
    trainings,
    in_numpy,
    rtol=1e-4,
    atol=1e-5,
    seconds=20.0,
    hints=(
        "Use the recipe. Give each training four examples and a hundred steps: does the loss go to 0? After one step: "
        "have all weights moved? Before training: does each row still stand beside its label?",
        "a: cross_entropy applies a softmax itself; what does it get here? b: follow one example and its label through "
        "the line with `order`. c: print p.grad of each parameter after backward(): where is it None?",
        "a: cross_entropy(net(X), y). b: cross_entropy(net(X[order]), y[...]), the same places for both. c: leave out "
        "what cuts the hidden values off from the layer that made them.",
    ),
)


def _net(values):
    W1, b1, W2, b2 = values
    first, second = torch.nn.Linear(W1.shape[1], len(b1)), torch.nn.Linear(len(b1), len(b2))
    net = torch.nn.Sequential(first, torch.nn.ReLU(), second)
    with torch.no_grad():
        for p, value in zip(net.parameters(), values, strict=True):
            p.copy_(torch.tensor(value))
    return net


def _trained(
    which,
    X,
    y,
    values,
    lr,
    num_steps,
    *,
    into_loss=lambda logits: logits,
    labels_of=lambda order, rng: order,
    rows=lambda n, rng: rng.permutation(n)[: n // 2],
    hidden=lambda values: values,
    kept=lambda losses: losses,
    after=False,
    zero=True,
):
    """The three trainings with one thing done differently; the mistakes below say which."""
    net, losses, rng = _net(values), [], np.random.default_rng(0)
    X, y = torch.tensor(X), torch.tensor(y)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(num_steps):
        x, labels = X, y
        if which == "b":
            order = rows(len(X), rng)
            x, labels = X[order], y[labels_of(order, rng)]

        def loss_now(x=x, labels=labels):
            if which == "a":
                return cross_entropy(into_loss(net(x)), labels)
            if which == "c":
                return cross_entropy(net[2](hidden(net[1](net[0](x)))), labels)
            return cross_entropy(net(x), labels)

        loss = loss_now()
        if zero:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append((loss_now() if after else loss).item())
    return kept(losses)


def _twice(logits):
    return torch.softmax(logits, dim=1)


def _in_place_of_order(order, rng):
    return np.arange(len(order))


def _cut(values):
    return values.detach()


A, B, C = {"into_loss": _twice}, {"labels_of": _in_place_of_order}, {"hidden": _cut}
WHY = {
    "a": "Training a still applies a softmax before cross_entropy, which applies its own: the loss cannot come near 0.",
    "b": "In training b, examples and labels still do not belong together: the examples are shuffled, the labels not.",
    "c": "In training c the hidden values are still cut off by detach(): no gradient reaches the first layer.",
}
for _sentence, _answer in {
    "These are the three trainings as given. Find in each the one line that is wrong.": changed(
        _trained, "as_given", **A, **B, **C
    ),
    WHY["a"] + " Training b also has its fault.": changed(_trained, "a_and_b", **A, **B),
    WHY["a"] + " Training c also has its fault.": changed(_trained, "a_and_c", **A, **C),
    WHY["b"] + " Training c also has its fault.": changed(_trained, "b_and_c", **B, **C),
    WHY["a"]: changed(_trained, "a_left", **A),
    WHY["b"]: changed(_trained, "b_left", **B),
    WHY["c"]: changed(_trained, "c_left", **C),
    "In training a, sigmoid stands in the place of softmax. cross_entropy wants the logits as they are.": changed(
        _trained, "sigmoid", into_loss=torch.sigmoid
    ),
    "In training b the labels get an order of their own. One order, for both.": changed(
        _trained, "two_orders", labels_of=lambda order, rng: rng.permutation(len(order) * 2)[: len(order)]
    ),
    "In training b nothing is shuffled any more, so half of the examples are never seen. Keep the order, use it for "
    "both.": changed(_trained, "no_order", rows=lambda n, rng: np.arange(n // 2)),
    "Your losses are those after each step. Keep the loss with which the step was made, as the given code "
    "does.": changed(_trained, "after_the_step", after=True),
    "zero_grad is gone: the gradients of all steps add up.": changed(_trained, "no_zero_grad", zero=False),
    "You return the last loss only; return all, in a list.": changed(
        _trained, "last_only", kept=lambda losses: losses[-1]
    ),
}.items():
    mended.mistake(_sentence)(_answer)

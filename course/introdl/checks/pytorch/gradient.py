"""Task of unit 08: a loss and its gradient by autograd."""

import numpy as np
import torch

from introdl.checks.task import Task
from introdl.checks.variant import changed


def problems(rng):
    yield np.array([[1.0, 2.0]]), np.array([1.0]), np.array([1.0, 1.0])
    yield np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.0, 0.0]), np.array([2.0, -1.0])
    for n, d in [(5, 3), (8, 2), (3, 6), (1, 1), (20, 4)]:
        yield rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d)


def by_formula(X, t, w):
    """The derivative by hand, example by example."""
    errors = [float(np.dot(x, w) - target) for x, target in zip(X, t, strict=True)]
    slope = np.zeros(len(w))
    for x, error in zip(X, errors, strict=True):
        slope += 2 * error * x / len(X)
    return sum(error**2 for error in errors) / len(X), slope


gradient = Task(
    "gradient",
    ("X", "t", "w"),
    problems,
    by_formula,
    hints=(
        "Make a tensor of w that wants a gradient, compute the loss with it, call backward().",
        "torch.tensor(w, requires_grad=True) copies w, so the slopes start from nothing at every call. After "
        "loss.backward() they stand in .grad of that tensor. loss.item() is a plain number.",
        "weights = torch.tensor(w, requires_grad=...); loss = ((torch.tensor(X) @ weights - ...) ** 2).mean(); ...; "
        "return loss.item(), weights.grad.numpy()",
    ),
)


def _gradient(X, t, w, *, reduce=torch.mean, times=1, of="w", factor=1.0, returned=lambda loss: loss.item()):
    """Loss and gradient with one thing done differently; the mistakes below say which."""
    inputs, weights = torch.tensor(X, requires_grad=True), torch.tensor(w, requires_grad=True)
    for _ in range(times):
        loss = factor * reduce((inputs @ weights - torch.tensor(t)) ** 2)
        loss.backward()
    return returned(loss), (weights if of == "w" else inputs).grad.numpy()


def in_float32(X, t, w):
    weights = torch.tensor(w).float().requires_grad_()
    loss = ((torch.tensor(X).float() @ weights - torch.tensor(t).float()) ** 2).mean()
    loss.backward()
    return round(loss.item(), 3), weights.grad.numpy().round(3)


def against_the_slope(X, t, w):
    loss, slope = _gradient(X, t, w)
    return loss, -slope


def after_a_step(X, t, w):
    slope = _gradient(X, t, w)[1]
    return _gradient(X, t, w - slope)[0], slope


for _sentence, _answer in {
    "Your gradient is twice too large: backward() was called twice, and it adds to .grad. Call it once for each "
    "fresh tensor.": changed(_gradient, "two_sweeps", times=2),
    "You took the sum of the squares. The loss is their mean.": changed(_gradient, "sum_of_squares", reduce=torch.sum),
    "You halved the loss. It is the mean of the squares, without a half (a convention).": changed(
        _gradient, "halved", factor=0.5
    ),
    "You returned the gradient with respect to X. Ask for that of w: its tensor needs requires_grad=True, and the "
    "slopes stand in its .grad.": changed(_gradient, "of_the_inputs", of="X"),
    "The sign of the gradient is flipped. .grad points uphill; the minus belongs to the step.": against_the_slope,
    "You took a step and returned the loss after it. Return the loss at the given w.": after_a_step,
    "Your numbers are rounded. Return what PyTorch computed, in float64.": in_float32,
}.items():
    gradient.mistake(_sentence)(_answer)

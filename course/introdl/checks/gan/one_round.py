"""Task of unit 19: one round of the game, on flowers (one_round)."""

import numpy as np
import torch
from torch.nn.functional import softplus

from introdl import data
from introdl.checks.gan.tensors import pair_of_pairs, tensors
from introdl.checks.task import Task


def cases(rng):
    forger, detective = (np.array([[1.0]]), np.array([0.0])), (np.array([0.5]), 0.0)
    yield forger, detective, np.array([[2.0]]), np.array([[1.0], [-1.0]]), 0.1
    flowers, _ = data.iris()
    flowers = (flowers - flowers.mean(axis=0)) / flowers.std(axis=0)
    for num_real, num_noise, n_noise, lr in ((8, 8, 2, 0.5), (12, 6, 3, 1.0), (5, 10, 1, 0.2)):
        real, D = rng.permutation(flowers)[:num_real], flowers.shape[1]
        forger = rng.normal(size=(n_noise, D)), rng.normal(size=D)
        yield forger, (rng.normal(size=D), float(rng.normal())), real, rng.normal(size=(num_noise, n_noise)), lr


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def by_hand(forger, detective, real, noise, lr):
    """Both steps with slopes worked out on paper."""
    (A, b), (v, c) = forger, detective
    fake = noise @ A + b
    up, down = -_sigmoid(-(real @ v + c)) / len(real), _sigmoid(fake @ v + c) / len(fake)
    v, c = v - lr * (up @ real + down @ fake), float(c - lr * (up.sum() + down.sum()))
    by_fake = np.outer(-_sigmoid(-(fake @ v + c)) / len(fake), v)  # (N, D)
    return (A - lr * noise.T @ by_fake, b - lr * by_fake.sum(axis=0)), (v, c)


def run(answer, forger, detective, real, noise, lr):
    A, b, v, c, real, noise = tensors(*forger, *detective, real, noise)
    return pair_of_pairs(answer((A, b), (v, c), real, noise, lr))


one_round = Task(
    "one_round",
    ("forger", "detective", "real", "noise", "lr"),
    cases,
    by_hand,
    run=run,
    hints=(
        "Two descents, one after the other. First the detective's: only v and c move. Then the forger's: only A and b "
        "move, and it is the new detective that judges.",
        "torch.autograd.grad(loss, [v, c]) gives the slopes with respect to v and c alone; both must require a "
        "gradient before the loss is computed. In the first step the fakes are plain numbers: noise @ A + b, detached.",
        "dv, dc = torch.autograd.grad(softplus(-(real @ v + c)).mean() + ..., [v, c]); v, c = (v - lr * dv).detach(), "
        "...; then dA, db = torch.autograd.grad(softplus(-((noise @ A + b) @ v + c)).mean(), ...)",
    ),
)


def _detective_loss(v, c, real, fake):
    return softplus(-(real @ v + c)).mean() + softplus(fake @ v + c).mean()


def _forger_loss(v, c, fake):
    return softplus(-(fake @ v + c)).mean()


def _round(forger, detective, real, noise, lr, *, judged_by="new", first="detective", detective_loss=_detective_loss,
           forger_loss=_forger_loss, detached=True, uphill=False):  # fmt: skip
    """Play a round with one thing done differently; the mistakes below say which."""
    A, b, v, c = (value.clone().requires_grad_(True) for value in (*forger, *detective))
    leaked = [torch.zeros_like(A), torch.zeros_like(b)]
    old = v, c

    def train_detective(v, c, A, b):
        loss = detective_loss(v, c, real, noise @ A + b)
        slopes = torch.autograd.grad(loss, [v, c, A, b], allow_unused=True)
        leaked[:] = slopes[2:]
        sign = -1 if uphill else 1
        return [(x - sign * lr * s).detach().requires_grad_(True) for x, s in zip((v, c), slopes[:2], strict=True)]

    def train_forger(v, c, A, b):
        slopes = torch.autograd.grad(forger_loss(v, c, noise @ A + b), [A, b])
        extra = [torch.zeros_like(A), torch.zeros_like(b)] if detached else leaked
        return [(x - lr * (s + e)).detach().requires_grad_(True) for x, s, e in zip((A, b), slopes, extra, strict=True)]

    if first == "forger":
        A, b = train_forger(v, c, A, b)
        v, c = train_detective(v, c, A, b)
    else:
        v, c = train_detective(v, c, A, b)
        A, b = train_forger(*((v, c) if judged_by == "new" else old), A, b)
    return (A, b), (v, c)


@one_round.mistake(
    "The detective's loss moved the forger, too: its slopes came through the fakes and were added to the forger's own. "
    "Detach the fakes in the detective's step (or ask for the slopes of v and c alone)."
)
def not_detached(*args):
    return _round(*args, detached=False)


@one_round.mistake("The forger was judged by the old detective. The detective moves first; the new one judges.")
def judged_by_the_old(*args):
    return _round(*args, judged_by="old")


@one_round.mistake("The forger moved first. The convention here: first the detective, then the forger.")
def forger_first(*args):
    return _round(*args, first="forger")


@one_round.mistake(
    "The forger minimises log(1 - D), the loss that saturates. Asked for is -log D: log(1 + exp(-z)) of its fakes."
)
def saturating(*args):
    return _round(*args, forger_loss=lambda v, c, fake: -softplus(fake @ v + c).mean())


@one_round.mistake(
    "The forger helps the detective: it minimises the detective's loss. It wants the label 1 for its fakes."
)
def helpful_forger(*args):
    return _round(*args, forger_loss=lambda v, c, fake: softplus(fake @ v + c).mean())


@one_round.mistake("The labels of the detective are swapped: real examples have 1, fakes 0.")
def labels_swapped(*args):
    return _round(*args, detective_loss=lambda v, c, real, fake: _detective_loss(-v, -c, real, fake))


@one_round.mistake("The detective went uphill. A step of gradient descent subtracts lr times the slope.")
def uphill(*args):
    return _round(*args, uphill=True)


@one_round.mistake("The detective saw no real example. Its loss has two parts, one for each kind.")
def no_real_examples(*args):
    return _round(*args, detective_loss=lambda v, c, real, fake: softplus(fake @ v + c).mean())


@one_round.mistake("The forger did not move. A round has two steps.")
def forger_stays(forger, detective, real, noise, lr):
    return forger, _round(forger, detective, real, noise, lr)[1]


@one_round.mistake("The detective did not move. A round has two steps; it is first.")
def detective_stays(forger, detective, real, noise, lr):
    return _round(forger, detective, real, noise, lr, judged_by="old")[0], detective

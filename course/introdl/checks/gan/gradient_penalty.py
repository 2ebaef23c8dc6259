"""Task of unit 19: keep a critic's slopes near 1 (gradient_penalty)."""

import numpy as np
import torch

from introdl.checks.gan.tensors import plain, tensors
from introdl.checks.task import BadAnswer, Task

ARGS = ("W", "v", "real", "fake", "mix")
NO_GRAPH = (
    "The slopes are plain numbers for PyTorch, so the penalty cannot be differentiated once more. Say "
    "create_graph=True where you take them."
)


def cases(rng):
    yield np.eye(2), np.array([1.0, -1.0]), np.zeros((1, 2)), np.array([[1.0, 0.0]]), np.array([[0.25]])
    for N, D, H in ((1, 3, 2), (4, 2, 5), (6, 3, 4)):
        W, v = rng.normal(size=(D, H)), rng.normal(0, 2, size=H)
        yield W, v, rng.normal(1, 1, size=(N, D)), rng.normal(-1, 1, size=(N, D)), rng.uniform(0, 1, size=(N, 1))
    W, v = rng.normal(0, 0.2, size=(3, 4)), rng.normal(0, 0.2, size=4)  # slopes far below 1
    yield W, v, rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.uniform(0, 1, size=(5, 1))


def by_hand(W, v, real, fake, mix):
    """The chain rule on paper: f = tanh(x W) · v has the slope ((1 - h²) v) Wᵀ at x."""
    h = np.tanh((mix * real + (1 - mix) * fake) @ W)
    slopes = ((1 - h**2) * v) @ W.T  # (N, D)
    norms = np.sqrt((slopes**2).sum(axis=1))
    by_v = (1 - h**2) * (slopes @ W)  # (N, H): slope times its own change with v
    return float(((norms - 1) ** 2).mean()), (2 * ((norms - 1) / norms)[:, None] * by_v).mean(axis=0)


def run(answer, W, v, real, fake, mix):
    W, v, real, fake, mix = tensors(W, v, real, fake, mix)
    try:
        return plain(answer(W, v.requires_grad_(True), real, fake, mix))
    except RuntimeError as error:
        if "does not require grad" in str(error):
            raise BadAnswer(NO_GRAPH) from error
        raise


gradient_penalty = Task(
    "gradient_penalty",
    ARGS,
    cases,
    by_hand,
    run=run,
    hints=(
        "Three steps: the points between real and fake; the critic's slope at each of them; how far the length of each "
        "slope is from 1.",
        "torch.autograd.grad(critic(between, W, v).sum(), between, create_graph=True) gives all slopes at once, (N, "
        "D). `between` must require a gradient. create_graph=True keeps the slopes differentiable.",
        "norms = slopes.norm(dim=1); penalty = ((norms - 1) ** 2).mean(); the second result is "
        "torch.autograd.grad(penalty, ...)[0]",
    ),
)


def _penalty(W, v, real, fake, mix, *, where=None, size=None, cost=None, create=True, reduce=torch.sum):
    """Compute the penalty with one thing done differently; the mistakes below say which."""
    between = (where(real, fake, mix) if where else mix * real + (1 - mix) * fake).requires_grad_(True)
    (slopes,) = torch.autograd.grad(reduce(torch.tanh(between @ W) @ v), between, create_graph=create)
    norms = size(slopes) if size else slopes.norm(dim=1)
    penalty = (cost(norms) if cost else (norms - 1) ** 2).mean()
    return penalty, torch.autograd.grad(penalty, v)[0]


@gradient_penalty.mistake(
    "You asked for the slopes at the real points only. Between real and fake ones the critic could be as steep as it "
    "likes: take mix · real + (1 - mix) · fake."
)
def at_real_points(*args):
    return _penalty(*args, where=lambda real, fake, mix: real.clone())


@gradient_penalty.mistake("You asked for the slopes at the fakes only. Take points between real and fake ones.")
def at_fake_points(*args):
    return _penalty(*args, where=lambda real, fake, mix: fake.clone())


@gradient_penalty.mistake("mix is the share of the real example (a convention): mix · real + (1 - mix) · fake.")
def mixed_the_other_way(*args):
    return _penalty(*args, where=lambda real, fake, mix: mix * fake + (1 - mix) * real)


@gradient_penalty.mistake("You pull the slopes towards 0. The penalty pulls their lengths towards 1: (length - 1)².")
def towards_zero(*args):
    return _penalty(*args, cost=lambda norms: norms**2)


@gradient_penalty.mistake("Only lengths above 1 cost something for you. Here those below 1 do, too (a convention).")
def one_sided(*args):
    return _penalty(*args, cost=lambda norms: torch.clamp(norms - 1, min=0) ** 2)


@gradient_penalty.mistake(
    "You did not square: lengths above and below 1 cancel. Asked for is the mean of (length - 1)²."
)
def not_squared(*args):
    return _penalty(*args, cost=lambda norms: norms - 1)


@gradient_penalty.mistake("You compared the squared length with 1. Take the root: .norm(dim=1).")
def squared_length(*args):
    return _penalty(*args, size=lambda slopes: (slopes**2).sum(dim=1))


@gradient_penalty.mistake(
    "You took one length for the whole batch. Each example has a slope of its own: its length is .norm(dim=1)."
)
def one_length(*args):
    return _penalty(*args, size=lambda slopes: slopes.norm())


@gradient_penalty.mistake("You took the length over the batch, dim 0. Each example's slope is a row: dim 1.")
def length_over_the_batch(*args):
    return _penalty(*args, size=lambda slopes: slopes.norm(dim=0))


@gradient_penalty.mistake(
    "You differentiated the mean of the scores, so that each slope is N times too small. With .sum() each example "
    "keeps its own slope."
)
def slopes_of_the_mean(*args):
    return _penalty(*args, reduce=torch.mean)


@gradient_penalty.mistake(NO_GRAPH)
def no_graph(*args):
    return _penalty(*args, create=False)

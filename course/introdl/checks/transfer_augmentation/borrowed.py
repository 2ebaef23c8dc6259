"""Task of unit 12: a network with a frozen body and a new head (Borrowed)."""

import numpy as np
import torch
from torch import nn

from introdl.checks.task import Task


def sizes(rng):
    for c_body, n_out, N, side in [(2, 2, 2, 4), (4, 3, 3, 5), (3, 5, 4, 6), (6, 10, 2, 3)]:
        yield (c_body, n_out), rng.normal(0.2, 0.5, size=300), rng.uniform(0.5, 3, size=(N, 3, side, side))


def probed(module_class, sizes, values, X):
    """Let the module be filled, trained for a step and looked at, where the class lives."""
    seen = module_class(*sizes).probe(values, X)
    seen["outputs"] = np.asarray(seen["outputs"], dtype=float)
    return seen


def by_hand(sizes, values, X):
    c_body, n_out = sizes
    (W, scale, offset), (H, b) = (
        [np.resize(values, shape) for shape in shapes]
        for shapes in ([(c_body, 3), (c_body,), (c_body,)], [(n_out, c_body), (n_out,)])
    )
    mixed = np.einsum("nchw,kc->nkhw", X, W) / np.sqrt(1 + 1e-5)  # running mean 0 and variance 1: never moved
    maps = np.maximum(mixed * scale[:, None, None] + offset[:, None, None], 0)
    return {
        "learned": ["head.weight", "head.bias"],
        "training": {"body": False, "head": True},
        "statistics moved": False,
        "weights moved": ["head"],
        "outputs": maps.mean(axis=(2, 3)) @ H.T + b,
    }


Borrowed = Task(
    "Borrowed",
    ("sizes", "values", "X"),
    sizes,
    by_hand,
    run=probed,
    rtol=1e-4,
    atol=1e-4,
    hints=(
        "Two things make a body frozen: its parameters take no gradients, and it stays in evaluation mode, since batch "
        "normalization would move its running statistics otherwise.",
        "for p in self.body.parameters(): p.requires_grad_(False). And `train` is called for the whole network: let it "
        "do its work first, then put the body back with self.body.eval().",
        "def train(self, mode=True): super().train(mode); self.body....(); return self; in forward: "
        "return self.head(self.body(X).mean(dim=(..., ...)))",
    ),
)


def make_body(c_body):
    return nn.Sequential(nn.Conv2d(3, c_body, 1, bias=False), nn.BatchNorm2d(c_body), nn.ReLU())


class Base(nn.Module):
    """The right network, to be changed in one place by each mistake below."""

    def __init__(self, c_body, n_out):
        super().__init__()
        self.body = make_body(c_body)
        self.freeze(c_body, n_out)

    def freeze(self, c_body, n_out):
        for p in self.body.parameters():
            p.requires_grad_(False)
        self.head = nn.Linear(c_body, n_out)

    def pool(self, maps):
        return maps.mean(dim=(2, 3))

    def forward(self, X):
        return self.head(self.pool(self.body(X)))

    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        return self

    def probe(self, values, X):
        parts, X = {"body": self.body, "head": self.head}, torch.tensor(X, dtype=torch.float32)
        learned = [name for name, p in self.named_parameters() if p.requires_grad]
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(torch.tensor(np.resize(values, p.shape)))
        self.train()
        training = {name: part.training for name, part in parts.items()}
        before = {name: [p.detach().clone() for p in part.parameters()] for name, part in parts.items()}
        outputs = self(X)
        if outputs.requires_grad:
            outputs.pow(2).sum().backward()
        with torch.no_grad():
            for p in self.parameters():
                if p.grad is not None:
                    p -= 0.1 * p.grad
        after = {name: list(part.parameters()) for name, part in parts.items()}
        return {
            "learned": learned,
            "training": training,
            "statistics moved": bool(self.body[1].running_mean.abs().sum() > 0),
            "weights moved": [
                name
                for name in parts
                if any(not torch.equal(*two) for two in zip(before[name], after[name], strict=True))
            ],
            "outputs": outputs.detach().numpy(),
        }


@Borrowed.mistake(
    "The body's parameters still learn. In __init__: for p in self.body.parameters(): p.requires_grad_(False)."
)
class NotFrozen(Base):
    def freeze(self, c_body, n_out):
        self.head = nn.Linear(c_body, n_out)


@Borrowed.mistake(
    "The convolution is frozen, but batch normalization has a scale and an offset that learn, too. Go through all of "
    "self.body.parameters()."
)
class NormLearns(Base):
    def freeze(self, c_body, n_out):
        self.body[0].weight.requires_grad_(False)
        self.head = nn.Linear(c_body, n_out)


@Borrowed.mistake("Everything is frozen, the head as well, so nothing can learn. Freeze self.body.parameters() only.")
class AllFrozen(Base):
    def freeze(self, c_body, n_out):
        self.head = nn.Linear(c_body, n_out)
        for p in self.parameters():
            p.requires_grad_(False)


@Borrowed.mistake("The wrong part is frozen: the head, which is new, must learn; the body must not.")
class HeadFrozen(Base):
    def freeze(self, c_body, n_out):
        self.head = nn.Linear(c_body, n_out)
        for p in self.head.parameters():
            p.requires_grad_(False)


@Borrowed.mistake(
    "The body goes into training mode with the rest, so batch normalization uses the batch's statistics and moves its "
    "running ones, although no weight learns. To call self.body.eval() once in __init__ is not enough: net.train() "
    "undoes it. So train() itself must call it, after super().train(mode)."
)
class BodyInTrainingMode(Base):
    def train(self, mode=True):
        return super(Base, self).train(mode)


@Borrowed.mistake(
    "Your whole network stays in evaluation mode, the head as well; its dropout, if it had any, would never work. Call "
    "super().train(mode) first, then self.body.eval()."
)
class AlwaysEval(Base):
    def train(self, mode=True):
        return super(Base, self).train(False)


@Borrowed.mistake("You take the largest value of each map. Global average pooling takes the mean over axes 2 and 3.")
class MaxPooled(Base):
    def pool(self, maps):
        return maps.amax(dim=(2, 3))


@Borrowed.mistake("You take the sum over each map. Global average pooling takes the mean over axes 2 and 3.")
class SumPooled(Base):
    def pool(self, maps):
        return maps.sum(dim=(2, 3))

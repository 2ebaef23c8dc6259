"""CycleGAN (Zhu and others 2017): translate between two styles of digits, without one pair to learn from.

`python -m introdl.generators.cycle` trains the two generators that unit 20 loads, from seed 0, and writes them to
`cycle.pt` beside this file. Data: MNIST-5k's training digits (CC BY-SA 3.0), half of them plain, the other half
as a poster would print them.
"""

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from introdl import data, gan
from introdl.generators import checkpoint
from introdl.generators.digits import poster, small

FILE = Path(__file__).with_name("cycle.pt")
NUM_STEPS, BATCH, LR, SEED = 2500, 32, 4e-4, 0
CYCLE, IDENTITY = 10.0, 5.0  # weights of the two losses beside the adversarial one


class Residual(nn.Module):
    """Two convolutions and a way around them; each map of each picture is normalized by itself."""

    def __init__(self, c: int):
        super().__init__()
        self.body = nn.Sequential(_conv(c, c), nn.ReLU(), _conv(c, c))

    def forward(self, X: Tensor) -> Tensor:
        return X + self.body(X)


def translator(c: int = 16, num_blocks: int = 3) -> nn.Sequential:
    """Return a generator (N, 1, H, W) -> (N, 1, H, W), H and W even: halve, rework, double."""
    blocks = [Residual(2 * c) for _ in range(num_blocks)]
    up = [nn.Upsample(scale_factor=2), _conv(2 * c, c), nn.ReLU()]
    return nn.Sequential(
        _conv(1, c), nn.ReLU(), _conv(c, 2 * c, 2), nn.ReLU(), *blocks, *up, nn.Conv2d(c, 1, 3, padding=1), nn.Tanh()
    )


def judge(c: int = 32) -> nn.Sequential:
    """Return a discriminator of patches: (N, 1, 16, 16) -> scores (N, 1, 4, 4)."""
    return nn.Sequential(
        nn.Conv2d(1, c, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(c, 2 * c, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(2 * c, 1, 3, padding=1),
    )  # fmt: skip


def cycle_loss(A: Tensor, B: Tensor, to_B: Callable, to_A: Callable) -> Tensor:
    """Return how far both styles come back from a journey there and back: two mean absolute differences, added."""
    return (to_A(to_B(A)) - A).abs().mean() + (to_B(to_A(B)) - B).abs().mean()


def identity_loss(A: Tensor, B: Tensor, to_B: Callable, to_A: Callable) -> Tensor:
    """Return how much a translator changes what is in its target style already: two mean differences, added."""
    return (to_A(A) - A).abs().mean() + (to_B(B) - B).abs().mean()


def styles(X: np.ndarray) -> tuple[Tensor, Tensor]:
    """Return plain digits and poster digits, (N / 2, 1, 16, 16) each, of two halves of X (N, 784): no pairs."""
    half = len(X) // 2
    return small(X[:half]), poster(small(X[half:]))


def train(
    A: Tensor, B: Tensor, num_steps: int, seed: int, cycle: float = CYCLE, identity: float = IDENTITY
) -> tuple[nn.Module, nn.Module, np.ndarray]:
    """Return translators to B and to A, and the losses (num_steps, 3): generators', discriminators', cycle.

    The adversarial loss is least squares (Mao and others 2017). cycle, identity: the weights of these losses.
    """
    torch.manual_seed(seed)
    to_B, to_A, judge_A, judge_B = translator(), translator(), judge(), judge()
    forgers = torch.optim.Adam([*to_B.parameters(), *to_A.parameters()], LR, betas=(0.5, 0.999))
    judges = torch.optim.Adam([*judge_A.parameters(), *judge_B.parameters()], LR, betas=(0.5, 0.999))
    plans = [torch.optim.lr_scheduler.LambdaLR(o, lambda n: min(1.0, 2 - 2 * n / num_steps)) for o in (forgers, judges)]
    rng = np.random.default_rng(seed)

    def step(_):
        real_A, real_B = (X[torch.from_numpy(rng.integers(len(X), size=BATCH))] for X in (A, B))
        fake_B, fake_A = to_B(real_A), to_A(real_B)
        back = (to_A(fake_B) - real_A).abs().mean() + (to_B(fake_A) - real_B).abs().mean()
        fooled = ((judge_B(fake_B) - 1) ** 2).mean() + ((judge_A(fake_A) - 1) ** 2).mean()
        loss = fooled + cycle * back
        if identity:
            loss = loss + identity * identity_loss(real_A, real_B, to_B, to_A)
        forgers.zero_grad()
        loss.backward()
        forgers.step()
        judged = [(judge_A, real_A, fake_A.detach()), (judge_B, real_B, fake_B.detach())]
        doubt = sum(((net(real) - 1) ** 2).mean() + (net(fake) ** 2).mean() for net, real, fake in judged)
        judges.zero_grad()
        doubt.backward()
        judges.step()
        for plan in plans:
            plan.step()
        return loss.detach(), doubt.detach(), back.detach()

    history = gan.play([to_B, to_A, judge_A, judge_B], step, num_steps)
    return to_B.eval(), to_A.eval(), history


def load() -> tuple[nn.Module, nn.Module]:
    """Return the trained translators, plain to poster and back, in evaluation mode."""
    nets = translator(), translator()
    checkpoint.load(FILE, dict(zip(("to_B", "to_A"), nets, strict=True)))
    return nets


def _conv(c_in: int, c_out: int, stride: int = 1) -> nn.Sequential:
    layer = nn.Conv2d(c_in, c_out, 3, stride, padding=1, bias=False)
    return nn.Sequential(layer, nn.InstanceNorm2d(c_out, affine=True))


def main(num_steps: int = NUM_STEPS) -> None:
    """Train from seed 0 on one thread and write the checkpoint."""
    torch.set_num_threads(1)
    to_B, to_A, _ = train(*styles(data.mnist5k().X_train), num_steps, SEED)
    checkpoint.save(FILE, {"to_B": to_B, "to_A": to_A})


if __name__ == "__main__":
    main(*map(int, itertools.islice(sys.argv, 1, 2)))

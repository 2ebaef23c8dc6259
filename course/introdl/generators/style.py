"""A StyleGAN in miniature (Karras and others 2019): noise becomes a style, and the style acts on every layer.

`python -m introdl.generators.style` trains the generator that unit 20 loads, from seed 0, and writes it to `style.pt`
beside this file. Data: MNIST-5k's training digits (CC BY-SA 3.0).
"""

import copy
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from introdl import data, gan
from introdl.generators import checkpoint
from introdl.generators.digits import small

FILE = Path(__file__).with_name("style.pt")
NUM_NOISE, NUM_STYLE, CHANNELS = 32, 64, (64, 48, 24)  # of z, of w, of the maps of 4x4, 8x8 and 16x16
NUM_LAYERS = 2 * len(CHANNELS)
NUM_STEPS, BATCH, LR, SEED = 3000, 48, 2e-3, 0
PENALTY, EVERY, AVERAGE = 2.0, 8, 0.995


def adain(X: Tensor, scale: Tensor, shift: Tensor, eps: float = 1e-5) -> Tensor:
    """Return maps X (N, C, H, W), each brought to mean 0 and variance 1 by itself, then scaled and shifted.

    scale, shift: (N, C), those of a style. The variance is the mean square over a map (Huang and Belongie 2017).
    """
    mean, variance = X.mean((2, 3), keepdim=True), X.var((2, 3), keepdim=True, unbiased=False)
    return scale[:, :, None, None] * (X - mean) / torch.sqrt(variance + eps) + shift[:, :, None, None]


class StyledLayer(nn.Module):
    """A convolution of 3x3, noise of its own, leaky ReLU, and a style that sets mean and spread of each map."""

    def __init__(self, c_in: int, c_out: int):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, 3, padding=1)
        self.noise = nn.Parameter(torch.zeros(c_out, 1, 1))
        self.style = nn.Linear(NUM_STYLE, 2 * c_out)
        with torch.no_grad():
            self.style.bias[:c_out] = 1.0  # at first, a style leaves maps at variance 1

    def forward(self, X: Tensor, w: Tensor) -> Tensor:
        """Return (N, c_out, H, W) for X (N, c_in, H, W) and styles w (N, 64); the noise is off in evaluation."""
        Z = self.conv(X)
        if self.training:
            Z = Z + self.noise * torch.randn(len(Z), 1, *Z.shape[2:])
        return adain(F.leaky_relu(Z, 0.2), *self.style(w).chunk(2, dim=1))


class StyleGenerator(nn.Module):
    """Mapping network, a learned first map of 4x4, six styled layers at 4x4, 8x8 and 16x16."""

    def __init__(self):
        super().__init__()
        self.mapping = gan.mlp(NUM_NOISE, NUM_STYLE, NUM_STYLE, NUM_STYLE)
        self.first = nn.Parameter(torch.randn(1, CHANNELS[0], 4, 4))
        self.layers, c_in = nn.ModuleList(), CHANNELS[0]
        for c_out in CHANNELS:
            self.layers += [StyledLayer(c_in, c_out), StyledLayer(c_out, c_out)]
            c_in = c_out
        self.paint = nn.Conv2d(c_in, 1, 1)

    def styles(self, z: Tensor) -> Tensor:
        """Return one style for each of six layers, (N, 6, 64), of noise z (N, 32): the same six times."""
        z = z / z.square().mean(1, keepdim=True).add(1e-8).sqrt()
        return self.mapping(z)[:, None].expand(-1, NUM_LAYERS, -1)

    def forward(self, W: Tensor) -> Tensor:
        """Return pictures (N, 1, 16, 16), -1 to 1, from styles W (N, 6, 64)."""
        X = self.first.expand(len(W), -1, -1, -1)
        for place, layer in enumerate(self.layers):
            if place and place % 2 == 0:
                X = F.interpolate(X, scale_factor=2, mode="bilinear")
            X = layer(X, W[:, place])
        return torch.tanh(self.paint(X))


def mix(coarse: Tensor, fine: Tensor, crossover: int) -> Tensor:
    """Return styles (N, L, D): those of `coarse` for the first `crossover` layers, those of `fine` for the others."""
    if coarse.shape != fine.shape or not 0 <= crossover <= coarse.shape[1]:
        raise ValueError(
            f"coarse is {tuple(coarse.shape)}, fine {tuple(fine.shape)}, crossover {crossover}: expected equal shapes "
            "(N, L, D) and a crossover from 0 to L"
        )
    return torch.cat([coarse[:, :crossover], fine[:, crossover:]], dim=1)


class Judge(nn.Module):
    """A discriminator (N, 1, 16, 16) -> logits (N, 1); one of its maps says how much a batch varies."""

    def __init__(self, c: int = 24):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, c, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(c, 2 * c, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(2 * c, 3 * c, 4, 2, 1), nn.LeakyReLU(0.2),
        )  # fmt: skip
        self.head = gan.mlp((3 * c + 1) * 16, 64, 1)

    def forward(self, X: Tensor) -> Tensor:
        Z = self.body(X)
        spread = (Z.var(0, unbiased=False) + 1e-8).sqrt().mean().expand(len(Z), 1, *Z.shape[2:])
        return self.head(torch.cat([Z, spread], dim=1).flatten(1))


def train(X: Tensor, num_steps: int, seed: int) -> tuple[StyleGenerator, np.ndarray]:
    """Return a generator, its weights averaged over the last steps, and the losses (num_steps, 2) of both players.

    X: (N, 1, 16, 16), -1 to 1. Half of the batches mix two styles, so that no layer can rely on the others' style.
    """
    torch.manual_seed(seed)
    net, judge = StyleGenerator(), Judge()
    average = copy.deepcopy(net)
    forger = torch.optim.Adam(
        [{"params": p, "lr": LR * (0.1 if name.startswith("mapping") else 1)} for name, p in net.named_parameters()],
        betas=(0.0, 0.99),
    )
    detective = torch.optim.Adam(judge.parameters(), LR, betas=(0.0, 0.99))
    rng = np.random.default_rng(seed)

    def fakes():
        W = net.styles(torch.randn(BATCH, NUM_NOISE))
        if rng.random() < 0.5:
            W = mix(W, net.styles(torch.randn(BATCH, NUM_NOISE)), int(rng.integers(1, NUM_LAYERS)))
        return net(W)

    def step(number):
        real = X[torch.from_numpy(rng.integers(len(X), size=BATCH))]
        with torch.no_grad():
            fake = fakes()
        detective_loss = gan.discriminator_loss(judge(real), judge(fake))
        loss = detective_loss
        if number % EVERY == 0:  # slopes at real pictures are kept small (Mescheder and others 2018)
            real = real.requires_grad_(True)
            (slopes,) = torch.autograd.grad(judge(real).sum(), real, create_graph=True)
            loss = loss + EVERY * PENALTY / 2 * slopes.square().sum((1, 2, 3)).mean()
        detective.zero_grad()
        loss.backward()
        detective.step()
        forger_loss = gan.generator_loss(judge(fakes()))
        forger.zero_grad()
        forger_loss.backward()
        forger.step()
        with torch.no_grad():
            for mean, p in zip(average.parameters(), net.parameters(), strict=True):
                mean.lerp_(p, 1 - min(AVERAGE, (1 + number) / (10 + number)))
        return detective_loss.detach(), forger_loss.detach()

    history = gan.play([net, judge, average], step, num_steps)
    return average.eval(), history


def load() -> StyleGenerator:
    """Return the trained generator, in evaluation mode."""
    net = StyleGenerator()
    checkpoint.load(FILE, {"net": net})
    return net


def main(num_steps: int = NUM_STEPS) -> None:
    """Train from seed 0 on one thread and write the checkpoint."""
    torch.set_num_threads(1)
    net, _ = train(small(data.mnist5k().X_train), num_steps, SEED)
    checkpoint.save(FILE, {"net": net})


if __name__ == "__main__":
    main(*map(int, islice(sys.argv, 1, 2)))

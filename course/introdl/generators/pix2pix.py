"""pix2pix (Isola and others 2017): from an outline to a coloured picture, learned from pairs."""

import numpy as np
import torch
from torch import Tensor, nn

from introdl import gan

__all__ = ["UNet", "fresh_critic", "outline", "patch_discriminator", "train"]

DARK, BATCH, L1 = 60 / 255, 16, 20.0
BETAS = (0.5, 0.999)


def outline(X: np.ndarray) -> Tensor:
    """Return the outlines (N, 1, H, W) of pictures X (N, 3, H, W), 0 to 1: 1 where all colours are dark, else -1."""
    if np.ndim(X) != 4 or X.shape[1] != 3:
        raise ValueError(f"X has shape {np.shape(X)}, expected (N, 3, H, W)")
    dark = np.max(X, axis=1, keepdims=True) < DARK
    return torch.from_numpy(np.where(dark, 1, -1).astype(np.float32))


class UNet(nn.Module):
    """Down three times, up three times, and each way up also sees the map of the same size from the way down."""

    def __init__(self, c: int = 16, skips: bool = True):
        super().__init__()
        self.skips, more = skips, 2 if skips else 1
        self.down1 = nn.Conv2d(1, c, 4, 2, 1)
        self.down2 = _down(c, 2 * c)
        self.down3 = _down(2 * c, 4 * c)
        self.up3 = _up(4 * c, 2 * c)
        self.up2 = _up(more * 2 * c, c)
        self.up1 = nn.ConvTranspose2d(more * c, 3, 4, 2, 1)

    def forward(self, X: Tensor) -> Tensor:
        """Return colours (N, 3, H, W), -1 to 1, for outlines (N, 1, H, W); H and W are multiples of 8."""
        A = self.down1(X)  # (N, c, H / 2, W / 2)
        B = self.down2(A)  # (N, 2 c, H / 4, W / 4)
        U = self.up3(self.down3(B))  # (N, 2 c, H / 4, W / 4)
        U = self.up2(torch.cat([U, B], 1) if self.skips else U)  # (N, c, H / 2, W / 2)
        return torch.tanh(self.up1(torch.relu(torch.cat([U, A], 1) if self.skips else U)))


def patch_discriminator(c: int = 16) -> nn.Sequential:
    """Return pairs (N, 4, 32, 32), outline and colours -> logits (N, 1, 8, 8), one for each patch."""
    return nn.Sequential(
        nn.Conv2d(4, c, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(c, 2 * c, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(2 * c, 1, 3, 1, 1),
    )  # fmt: skip


def train(
    net: nn.Module, X: Tensor, Y: Tensor, num_steps: int, seed: int, adversarial: bool, lr: float = 2e-3
) -> np.ndarray:
    """Train net to colour outlines X (N, 1, H, W) like Y (N, 3, H, W), -1 to 1; return the losses, L1 first.

    adversarial: whether a discriminator of patches, which sees outline and colours, has a say beside L1. Half of the
    batches are mirrored.
    """
    torch.manual_seed(seed)
    judge, rng = patch_discriminator(), np.random.default_rng(seed)
    forger = torch.optim.Adam(net.parameters(), lr, betas=BETAS)
    detective = torch.optim.Adam(judge.parameters(), lr, betas=BETAS)

    def step(_):
        chosen = torch.from_numpy(rng.integers(len(X), size=BATCH))
        lines, real = X[chosen], Y[chosen]
        if rng.random() < 0.5:
            lines, real = lines.flip(3), real.flip(3)
        fake = net(lines)
        away = (fake - real).abs().mean()
        loss, doubt = L1 * away, torch.zeros(())
        if adversarial:
            pairs = [torch.cat([lines, colours], 1) for colours in (real, fake.detach())]
            doubt = gan.discriminator_loss(*map(judge, pairs))
            detective.zero_grad()
            doubt.backward()
            detective.step()
            loss = loss + gan.generator_loss(judge(torch.cat([lines, fake], 1)))
        forger.zero_grad()
        loss.backward()
        forger.step()
        return away.detach(), doubt.detach()

    return gan.play([net, judge], step, num_steps)


def fresh_critic(X: Tensor, real: Tensor, fake: Tensor, seed: int, num_steps: int = 200) -> float:
    """Return how often a new discriminator, trained on the first half, tells real from fake in the second; 0.5 is luck.

    X: outlines (N, 1, H, W); real, fake: their colours (N, 3, H, W). A picture's logit is the mean of its patches.
    """
    torch.manual_seed(seed)
    judge, rng, half = patch_discriminator(), np.random.default_rng(seed), len(X) // 2
    optimizer = torch.optim.Adam(judge.parameters(), 2e-3, betas=BETAS)
    pairs = [torch.cat([X, colours], 1).detach() for colours in (real, fake)]
    for _ in range(num_steps):
        batches = [pair[torch.from_numpy(rng.integers(half, size=BATCH))] for pair in pairs]
        optimizer.zero_grad()
        gan.discriminator_loss(*map(judge, batches)).backward()
        optimizer.step()
    with torch.no_grad():
        logits = [judge(pair[half:]).mean((1, 2, 3)) for pair in pairs]
    return float(((logits[0] > 0).float().mean() + (logits[1] <= 0).float().mean()) / 2)


def _down(c_in: int, c_out: int) -> nn.Sequential:
    return nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(c_in, c_out, 4, 2, 1), nn.BatchNorm2d(c_out))


def _up(c_in: int, c_out: int) -> nn.Sequential:
    return nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(c_in, c_out, 4, 2, 1), nn.BatchNorm2d(c_out))

"""DCGAN (Radford and others 2016): generator and discriminator of convolutions, and a training loop for digits."""

import numpy as np
import torch
from torch import Tensor, nn

from introdl import gan
from introdl._validate import positive, whole

NUM_NOISE, BATCH = 128, 64
BETAS = (0.5, 0.999)  # Adam's, as the paper has them


def transposed_size(size: int, kernel_size: int, stride: int, padding: int = 0) -> int:
    """Return how many pixels a transposed convolution makes of `size`: steps, the last kernel, less both borders."""
    return (size - 1) * stride + kernel_size - 2 * padding


def generator(c: int = 16) -> nn.Sequential:
    """Return noise (N, 128) -> pictures (N, 1, 28, 28), -1 to 1: no pooling, batch norm and ReLU inside, tanh last."""
    return _first_weights(nn.Sequential(
        nn.Linear(NUM_NOISE, 2 * c * 49), nn.Unflatten(1, (2 * c, 7, 7)), nn.BatchNorm2d(2 * c), nn.ReLU(),
        nn.ConvTranspose2d(2 * c, c, 4, 2, 1), nn.BatchNorm2d(c), nn.ReLU(),
        nn.ConvTranspose2d(c, 1, 4, 2, 1), nn.Tanh(),
    ))  # fmt: skip


def discriminator(c: int = 16) -> nn.Sequential:
    """Return pictures (N, 1, 28, 28) -> logits (N, 1): strides instead of pooling, leaky ReLU, no norm at the edges."""
    return _first_weights(nn.Sequential(
        nn.Conv2d(1, c, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(c, 2 * c, 4, 2, 1), nn.BatchNorm2d(2 * c), nn.LeakyReLU(0.2),
        nn.Flatten(), nn.Linear(2 * c * 49, 1),
    ))  # fmt: skip


def train(forger: nn.Module, detective: nn.Module, X: Tensor, num_steps: int, lr: float, seed: int) -> np.ndarray:
    """Train both networks on pictures X (N, ...), -1 to 1; return the losses (num_steps, 2), detective's first.

    Each step is one batch of 64 for either player, Adam with a first decay of 0.5. Raises `gan.Diverged` at a loss
    that is no finite number, with both networks back at their last good weights.
    """
    lr, num_steps = positive("lr", lr), whole("num_steps", num_steps)
    optimizers = [torch.optim.Adam(net.parameters(), lr, betas=BETAS) for net in (forger, detective)]
    draw, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)

    def step(_):
        real = X[torch.from_numpy(rng.integers(len(X), size=BATCH))]
        fake = forger(torch.randn(BATCH, NUM_NOISE, generator=draw))
        doubt = gan.discriminator_loss(detective(real), detective(fake.detach()))
        optimizers[1].zero_grad()
        doubt.backward()
        optimizers[1].step()
        loss = gan.generator_loss(detective(fake))
        optimizers[0].zero_grad()
        loss.backward()
        optimizers[0].step()
        return doubt.detach(), loss.detach()

    return gan.play([forger, detective], step, num_steps)


def sample(forger: nn.Module, num_samples: int, seed: int) -> Tensor:
    """Return fakes (N, 1, 28, 28), -1 to 1, in evaluation mode."""
    was_training = forger.training
    forger.eval()
    with torch.no_grad():
        z = torch.randn(whole("num_samples", num_samples), NUM_NOISE, generator=torch.Generator().manual_seed(seed))
        fakes = forger(z).reshape(num_samples, 1, 28, 28)
    forger.train(was_training)
    return fakes


def _first_weights(net: nn.Sequential) -> nn.Sequential:
    """Draw weights of mean 0 and standard deviation 0.02, as the paper does."""
    for layer in net:
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(layer.weight, 0.0, 0.02)
    return net

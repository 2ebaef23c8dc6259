"""Generative adversarial networks: the losses of both players, a forger's modes counted, a loop that stops in time.

Discriminators give logits, one number for each example: the larger, the more it takes the example for a real one.
After Goodfellow and others (2014), Salimans and others (2016), Gulrajani and others (2017).
"""

import copy
import math
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import nn
from torch.nn.functional import softplus

from introdl._validate import positive, whole

__all__ = [
    "Diverged",
    "STD",
    "dense_discriminator",
    "dense_generator",
    "discriminator_loss",
    "generator_loss",
    "gradient_penalty",
    "matching_loss",
    "mlp",
    "modes_covered",
    "play",
    "ring",
    "ring_centers",
    "saturating_loss",
]

NUM_MODES, RADIUS, STD = 8, 2.0, 0.05  # of the ring
SIZES = (128, 256, 512, 784)  # of the dense generator for digits, noise first


class Diverged(RuntimeError):
    """A loss is no finite number any more; the networks are as they were when all was well."""


def ring_centers() -> np.ndarray:
    """Return the middles of the eight modes, (8, 2), on a circle of radius 2."""
    angles = 2 * np.pi * np.arange(NUM_MODES) / NUM_MODES
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def ring(num_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Return float32 points (N, 2): a mixture of eight Gaussians of standard deviation 0.05 on a circle."""
    places = rng.integers(NUM_MODES, size=whole("num_samples", num_samples))
    points = ring_centers()[places] + rng.normal(0, STD, size=(num_samples, 2))
    return points.astype(np.float32)


def modes_covered(samples: np.ndarray, centers: np.ndarray, std: float, most: float = 4, least: int = 20) -> tuple:
    """Return (number of modes with at least `least` samples near, share of the samples that are near any mode).

    samples: (N, D). centers: (K, D). A sample is near its closest mode if it is at most `most` standard deviations off.
    """
    distances = np.linalg.norm(np.asarray(samples)[:, None] - centers[None], axis=2)  # (N, K)
    near = distances.min(axis=1) <= most * positive("std", std)
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(centers))
    return int((counts >= least).sum()), float(near.mean())


def discriminator_loss(real: torch.Tensor, fake: torch.Tensor, real_label: float = 1.0) -> torch.Tensor:
    """Return the mean cross-entropy of logits for real examples (label `real_label`) plus that for fakes (label 0)."""
    return softplus(-real).mean() + (1 - real_label) * real.mean() + softplus(fake).mean()


def generator_loss(fake: torch.Tensor) -> torch.Tensor:
    """Return the non-saturating loss of the generator, the mean of -log D(fake), from logits."""
    return softplus(-fake).mean()


def saturating_loss(fake: torch.Tensor) -> torch.Tensor:
    """Return the loss of the minimax game for the generator, the mean of log(1 - D(fake)), from logits."""
    return -softplus(fake).mean()


def matching_loss(real_features: torch.Tensor, fake_features: torch.Tensor) -> torch.Tensor:
    """Return the squared distance between the mean features, (N, D) each, of real and of fake examples."""
    return ((real_features.mean(0) - fake_features.mean(0)) ** 2).sum()


def gradient_penalty(critic: Callable, real: torch.Tensor, fake: torch.Tensor, mix: torch.Tensor) -> torch.Tensor:
    """Return the mean of (‖slope of the critic‖ - 1)², at points between real and fake ones of equal shape (N, ...).

    mix: (N, 1, ...), one number in [0, 1] for each pair: how much of the real one is taken. The penalty can be
    differentiated with respect to the critic's parameters.
    """
    between = (mix * real + (1 - mix) * fake).detach().requires_grad_(True)
    (slopes,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return ((slopes.flatten(1).norm(dim=1) - 1) ** 2).mean()


def mlp(*sizes: int, last: nn.Module | None = None) -> nn.Sequential:
    """Return dense layers of these sizes with leaky ReLU (0.2) between them, and `last` after them."""
    layers: list[nn.Module] = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1], *([last] if last else []))


def dense_generator() -> nn.Sequential:
    """Return the dense generator of digits: noise (N, 128) to pixels (N, 784) between -1 and 1."""
    return mlp(*SIZES, last=nn.Tanh())


def dense_discriminator() -> nn.Sequential:
    """Return the dense discriminator of digits: pixels (N, 784) to logits (N, 1)."""
    return mlp(784, 512, 256, 1)


def play(nets: Iterable[nn.Module], step: Callable[[int], Iterable[float]], num_steps: int, check_every: int = 50):
    """Call step(0), step(1), …, which trains `nets` and returns its losses; return the losses, (num_steps, k).

    Raises Diverged when a loss is no finite number; `nets` then have the weights of the last good look, one at every
    `check_every` steps.
    """
    nets, history = list(nets), []
    for number in range(whole("num_steps", num_steps)):
        if number % whole("check_every", check_every) == 0:
            good, at = [copy.deepcopy(net.state_dict()) for net in nets], number
        losses = [float(loss) for loss in step(number)]
        if not all(map(math.isfinite, losses)):
            for net, state in zip(nets, good, strict=True):
                net.load_state_dict(state)
            said = ", ".join(f"{loss:.3g}" for loss in losses)
            raise Diverged(
                f"the losses of step {number} are {said}: the networks are back as they were before step {at}; "
                "try a smaller learning rate"
            )
        history.append(losses)
    return np.array(history)

"""Logits of a detective as cases, and cross-entropy by PyTorch as the judge of them."""

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits


def softplus(z):
    return np.logaddexp(0, z)


def pairs(rng):
    yield np.array([2.0, -1.0]), np.array([-3.0, 0.5])
    yield np.array([0.0]), np.array([0.0])
    for num_real, num_fake in ((5, 5), (4, 7), (9, 3)):
        yield rng.normal(1, 2, size=num_real), rng.normal(-1, 2, size=num_fake)
    yield np.array([800.0, -3.0]), np.array([-900.0, 2.0])  # sure beyond what exp can hold
    yield np.array([-700.0, 1.0]), np.array([750.0, 0.3])  # sure, and wrong


def entropy(logits, label) -> float:
    """Return the mean binary cross-entropy of logits with one label for all."""
    z = torch.tensor(logits)
    return binary_cross_entropy_with_logits(z, torch.full_like(z, label)).item()

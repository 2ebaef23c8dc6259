"""Other correct ways to write the tasks of unit 19; each must pass its check."""

import numpy as np
import torch
from torch.nn.functional import softplus


def discriminator_loss__in_torch(real_logits, fake_logits):
    real, fake = torch.as_tensor(real_logits), torch.as_tensor(fake_logits)
    entropy = torch.nn.functional.binary_cross_entropy_with_logits
    return float(entropy(real, torch.ones_like(real)) + entropy(fake, torch.zeros_like(fake)))


def discriminator_loss__by_cases(real_logits, fake_logits):
    def softplus(z):
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

    return np.average(softplus(-real_logits)) + np.average(softplus(fake_logits))


def generator_loss__by_cases(fake_logits):
    return np.mean(np.maximum(-fake_logits, 0) + np.log1p(np.exp(-abs(fake_logits))))


def smooth_loss__takes_off(real_logits, fake_logits, smooth):
    plain = np.logaddexp(0, -real_logits).mean() + np.logaddexp(0, fake_logits).mean()
    return plain + smooth * real_logits.mean()


def modes_covered__with_a_loop(samples, centers, std, least):
    counts = np.zeros(len(centers), dtype=int)
    for sample in samples:
        distances = np.sqrt(((sample - centers) ** 2).sum(axis=1))
        if distances.min() <= 4 * std:
            counts[np.argmin(distances)] += 1
    return sum(counts >= least), counts.sum() / len(samples)


def feature_matching__dot(real_features, fake_features):
    gap = np.mean(real_features, 0) - np.mean(fake_features, 0)
    return gap @ gap


def gradient_penalty__slopes_by_hand(W, v, real, fake, mix):
    h = torch.tanh((mix * real + (1 - mix) * fake) @ W)
    slopes = ((1 - h**2) * v) @ W.T
    penalty = ((slopes.pow(2).sum(1).sqrt() - 1) ** 2).mean()
    penalty.backward()
    return penalty.item(), v.grad


def one_round__by_hand(forger, detective, real, noise, lr):
    (A, b), (v, c) = forger, detective
    fake = noise @ A + b
    up, down = -torch.sigmoid(-(real @ v + c)) / len(real), torch.sigmoid(fake @ v + c) / len(fake)
    v, c = v - lr * (real.T @ up + fake.T @ down), c - lr * (up.sum() + down.sum())
    slope = -torch.sigmoid(-(fake @ v + c))[:, None] / len(fake) * v
    return (A - lr * noise.T @ slope, b - lr * slope.sum(0)), (v, c)


def one_round__with_optimizers(forger, detective, real, noise, lr):
    (A, b), (v, c) = ([value.clone().requires_grad_(True) for value in pair] for pair in (forger, detective))
    train_detective, train_forger = torch.optim.SGD([v, c], lr=lr), torch.optim.SGD([A, b], lr=lr)
    loss = softplus(-(real @ v + c)).mean() + softplus((noise @ A + b).detach() @ v + c).mean()
    loss.backward()
    train_detective.step()
    softplus(-((noise @ A + b) @ v + c)).mean().backward()
    train_forger.step()
    return [[A.detach(), b.detach()], [v.detach(), c.detach()]]

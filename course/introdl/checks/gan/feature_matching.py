"""Task of unit 19: the forger matches what the detective sees on average (feature_matching)."""

import numpy as np
import torch

from introdl.checks.task import Task


def cases(rng):
    yield np.array([[1.0, 2.0], [3.0, 2.0]]), np.array([[1.0, 0.0], [1.0, 2.0]])
    for num_real, num_fake, D in ((5, 5, 3), (6, 4, 2), (3, 8, 5)):
        yield rng.normal(1, 1, size=(num_real, D)), rng.normal(0, 2, size=(num_fake, D))
    same = rng.normal(size=(4, 3))
    yield same, same[::-1].copy()  # the same features in another order: nothing to match


def in_torch(real, fake):
    return torch.nn.functional.mse_loss(torch.tensor(real).mean(0), torch.tensor(fake).mean(0), reduction="sum").item()


feature_matching = Task(
    "feature_matching",
    ("real_features", "fake_features"),
    cases,
    in_torch,
    hints=(
        "What is compared are two vectors with one number for each feature: the average over the real examples, the "
        "average over the fakes.",
        "mean(axis=0) averages over the batch. Then the squared distance of the two vectors: square, and sum over the "
        "features.",
        "return ((real_features.mean(axis=0) - ...) ** 2).sum()",
    ),
)


@feature_matching.mistake(
    "You compared each real example with a fake one, pair by pair. They are no pairs; compare the two averages."
)
def pair_by_pair(real, fake):
    few = min(len(real), len(fake))
    return ((real[:few] - fake[:few]) ** 2).sum(axis=1).mean()


@feature_matching.mistake("You averaged over the features (axis 1). Average over the batch, axis 0.")
def wrong_axis(real, fake):
    few = min(len(real), len(fake))
    return ((real.mean(axis=1)[:few] - fake.mean(axis=1)[:few]) ** 2).sum()


@feature_matching.mistake(
    "You compared one number for each side, the mean of everything. Each feature has a mean of its own."
)
def one_mean(real, fake):
    return (real.mean() - fake.mean()) ** 2


@feature_matching.mistake("You took the distance. Asked for is its square, whose slope is smooth at 0.")
def not_squared(real, fake):
    return np.sqrt(((real.mean(axis=0) - fake.mean(axis=0)) ** 2).sum())


@feature_matching.mistake("You took the mean over the features. The convention here is their sum.")
def mean_over_features(real, fake):
    return ((real.mean(axis=0) - fake.mean(axis=0)) ** 2).mean()


@feature_matching.mistake("You took absolute differences. Asked for are squared ones.")
def absolute(real, fake):
    return np.abs(real.mean(axis=0) - fake.mean(axis=0)).sum()


@feature_matching.mistake("You compared sums. With more fakes than real ones that grows for no reason: compare means.")
def sums(real, fake):
    return ((real.sum(axis=0) - fake.sum(axis=0)) ** 2).sum()


@feature_matching.mistake("You summed the differences before squaring, so that they cancel. Square each, then sum.")
def square_last(real, fake):
    return (real.mean(axis=0) - fake.mean(axis=0)).sum() ** 2

"""Task of unit 19: the detective's loss (discriminator_loss)."""

import numpy as np

from introdl.checks.gan.logits import entropy, pairs, softplus
from introdl.checks.task import Task

discriminator_loss = Task(
    "discriminator_loss",
    ("real_logits", "fake_logits"),
    pairs,
    lambda real, fake: entropy(real, 1.0) + entropy(fake, 0.0),
    hints=(
        "It is the binary cross-entropy of unit 02, twice: once over the real examples, whose label is 1, once over "
        "the fakes, whose label is 0.",
        "From a logit z: -log D is log(1 + exp(-z)), and -log(1 - D) is log(1 + exp(z)). np.logaddexp(0, z) is "
        "log(1 + exp(z)) and holds for any z.",
        "return np.logaddexp(0, -real_logits).mean() + np.logaddexp(0, ...).mean()",
    ),
)


@discriminator_loss.mistake(
    "The labels are swapped: this teaches the detective that fakes are real. Real examples have the label 1, fakes 0."
)
def labels_swapped(real, fake):
    return softplus(real).mean() + softplus(-fake).mean()


@discriminator_loss.mistake("The fakes are missing. Without them, calling everything real costs nothing.")
def only_real(real, fake):
    return softplus(-real).mean()


@discriminator_loss.mistake("The real examples are missing. Without them, calling everything a fake costs nothing.")
def only_fake(real, fake):
    return softplus(fake).mean()


@discriminator_loss.mistake("The sign is wrong: this is what the detective wants to be large. A loss is to be small.")
def sign_flipped(real, fake):
    return -softplus(-real).mean() - softplus(fake).mean()


@discriminator_loss.mistake("You summed over the examples. Take the mean over each kind, then add the two means.")
def summed(real, fake):
    return softplus(-real).sum() + softplus(fake).sum()


@discriminator_loss.mistake(
    "You took half of it. The convention here: the mean over real ones plus the mean over fakes."
)
def halved(real, fake):
    return (softplus(-real).mean() + softplus(fake).mean()) / 2


@discriminator_loss.mistake(
    "You took one mean over all examples together. Where there are more of one kind, they would count more: take a "
    "mean for each kind."
)
def pooled(real, fake):
    return 2 * np.concatenate([softplus(-real), softplus(fake)]).mean()


@discriminator_loss.mistake("Both kinds got the label 1. Fakes have the label 0: their part is log(1 + exp(+z)).")
def all_real(real, fake):
    return softplus(-real).mean() + softplus(-fake).mean()


@discriminator_loss.mistake(
    "Right, until a logit is large: exp overflows, or the log of 0 is taken. Stay with logits: np.logaddexp(0, z) is "
    "log(1 + exp(z))."
)
def overflows(real, fake):
    def probability(z):
        return 1 / (1 + np.exp(-z))

    with np.errstate(all="ignore"):
        return -np.log(probability(real)).mean() - np.log(1 - probability(fake)).mean()


@discriminator_loss.mistake("You treated the logits as probabilities. A logit z stands for the probability sigmoid(z).")
def logits_as_probabilities(real, fake):
    with np.errstate(all="ignore"):
        return -np.log(real).mean() - np.log(1 - fake).mean()

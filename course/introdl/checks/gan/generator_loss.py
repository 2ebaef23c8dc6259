"""Task of unit 19: the forger's loss that does not saturate (generator_loss)."""

import numpy as np

from introdl.checks.gan.logits import entropy, pairs, softplus
from introdl.checks.task import Task

generator_loss = Task(
    "generator_loss",
    ("fake_logits",),
    lambda rng: ((fake,) for _, fake in pairs(rng)),
    lambda fake: entropy(fake, 1.0),
    hints=(
        "The forger wants the detective to say \"real\" of its fakes: it is a cross-entropy with a label.",
        "-log D(fake), from the logit z of a fake: log(1 + exp(-z)). The mean over the fakes.",
        "return np.logaddexp(0, ...).mean()",
    ),
)


@generator_loss.mistake(
    "This is the loss of the minimax game, log(1 - D): where the detective is sure, its slope is nearly 0 and the "
    "forger learns nothing. Asked for is -log D."
)
def saturating(fake):
    return -softplus(fake).mean()


@generator_loss.mistake("This is what the detective minimises over the fakes. The forger wants the opposite label, 1.")
def label_zero(fake):
    return softplus(fake).mean()


@generator_loss.mistake("The sign is wrong: the forger minimises -log D, so that D gets large.")
def sign_flipped(fake):
    return -softplus(-fake).mean()


@generator_loss.mistake("You summed over the fakes. Take the mean.")
def summed(fake):
    return softplus(-fake).sum()


@generator_loss.mistake(
    "This is the critic's score, the loss of a Wasserstein GAN. Asked for is -log D, with D = sigmoid(z)."
)
def critic_score(fake):
    return -fake.mean()


@generator_loss.mistake(
    "Right, until a logit is large: exp overflows, or the log of 0 is taken. np.logaddexp(0, z) is log(1 + exp(z))."
)
def overflows(fake):
    with np.errstate(all="ignore"):
        return -np.log(1 / (1 + np.exp(-fake))).mean()

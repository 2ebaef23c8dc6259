"""Task of unit 19: the detective's loss with smoothed labels (smooth_loss)."""

import numpy as np

from introdl.checks.gan.logits import entropy, pairs, softplus
from introdl.checks.task import Task


def cases(rng):
    smooth = [0.1, 0.0, 0.2]
    for place, (real, fake) in enumerate(pairs(rng)):
        yield real, fake, smooth[place % 3]


def _cross_entropy(z, label):
    return (label * softplus(-z) + (1 - label) * softplus(z)).mean()


smooth_loss = Task(
    "smooth_loss",
    ("real_logits", "fake_logits", "smooth"),
    cases,
    lambda real, fake, smooth: entropy(real, 1 - smooth) + entropy(fake, 0.0),
    hints=(
        "Only one label changes: that of the real examples is 1 - smooth.",
        "The cross-entropy with a label t between 0 and 1 has two terms: t · log(1 + exp(-z)) + (1 - t) · log(1 + "
        "exp(z)).",
        "t = 1 - smooth; return (t * np.logaddexp(0, -real_logits) + (1 - t) * ...).mean() + ...",
    ),
)


@smooth_loss.mistake(
    "You smoothed the fakes' label, too. Then the best detective is no longer p / (p + q) with a smaller height: where "
    "fakes are dense and nothing is real it would still praise them. Smooth the real label alone."
)
def both_labels(real, fake, smooth):
    return _cross_entropy(real, 1 - smooth) + _cross_entropy(fake, smooth)


@smooth_loss.mistake("You smoothed the fakes' label. It stays 0; the real examples' label becomes 1 - smooth.")
def fake_label(real, fake, smooth):
    return _cross_entropy(real, 1.0) + _cross_entropy(fake, smooth)


@smooth_loss.mistake(
    "You only made the real part smaller. A label of 1 - smooth also adds smooth · log(1 + exp(z)): being too sure "
    "must cost something."
)
def second_term_missing(real, fake, smooth):
    return (1 - smooth) * softplus(-real).mean() + softplus(fake).mean()


@smooth_loss.mistake("Nothing is smoothed: the real examples' label is still 1.")
def not_smoothed(real, fake, smooth):
    return softplus(-real).mean() + softplus(fake).mean()


@smooth_loss.mistake(
    "The real examples got the label `smooth`. It is how much is taken off: their label is 1 - smooth."
)
def label_is_smooth(real, fake, smooth):
    return _cross_entropy(real, smooth) + softplus(fake).mean()


@smooth_loss.mistake(
    "Half of `smooth` went to the other label. Here the convention is one-sided: 1 - "
    "smooth and 0."
)
def shared_out(real, fake, smooth):
    return _cross_entropy(real, 1 - smooth / 2) + _cross_entropy(fake, smooth / 2)


@smooth_loss.mistake("You summed over the examples. Take the mean over each kind, then add.")
def summed(real, fake, smooth):
    return len(real) * _cross_entropy(real, 1 - smooth) + len(fake) * _cross_entropy(fake, 0.0)


@smooth_loss.mistake(
    "Right, until a logit is large: exp overflows, or the log of 0 is taken. np.logaddexp(0, z) is log(1 + exp(z))."
)
def overflows(real, fake, smooth):
    def probability(z):
        return 1 / (1 + np.exp(-z))

    with np.errstate(all="ignore"):
        p = probability(real)
        ours = -(1 - smooth) * np.log(p) - smooth * np.log(1 - p)
        return ours.mean() - np.log(1 - probability(fake)).mean()

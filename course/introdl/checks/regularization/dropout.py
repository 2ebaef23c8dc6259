"""Task of unit 07: inverted dropout, in training and in evaluation."""

import copy

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def activations(rng):
    yield np.array([[1.0, 2.0, 3.0, 4.0]]), 0.5, True, np.random.default_rng(0)
    yield np.array([[1.0, 2.0, 3.0, 4.0]]), 0.5, False, np.random.default_rng(0)
    for shape, p in [((4, 5), 0.2), ((3, 3), 0.7), ((6,), 0.4), ((2, 8), 0.9)]:
        for training in (True, False):
            yield rng.normal(size=shape), p, training, np.random.default_rng(int(rng.integers(10**6)))
    yield rng.normal(size=(3, 4)), 0.0, True, np.random.default_rng(int(rng.integers(10**6)))  # nothing is dropped
    yield np.zeros((0, 3)), 0.5, True, np.random.default_rng(0)


def unit_by_unit(X, p, training, rng):
    """One number of the generator for each entry, in order; a copy of it leaves the case as it is."""
    rng, mask = copy.deepcopy(rng), np.ones(X.shape)
    if training:
        for i in np.ndindex(X.shape):
            mask[i] = 1 / (1 - p) if rng.random() >= p else 0.0
    return X * mask, mask


dropout = Task(
    "dropout",
    ("X", "p", "training", "rng"),
    activations,
    unit_by_unit,
    inplace=("rng",),
    hints=(
        "Two modes. In evaluation nothing is dropped and nothing scaled: the mask is all ones.",
        "In training draw one uniform number for each entry, rng.random(X.shape). An entry is kept where its number is "
        "at least p. Those kept are divided by 1 - p, so that the expected output equals the input.",
        "mask = (rng.random(X.shape) >= ...) / (...) if training else np.ones(X.shape); return X * mask, mask",
    ),
)


def _dropout(
    X,
    p,
    training,
    rng,
    *,
    always=False,
    keep=lambda draws, p: draws >= p,
    scale=lambda p: 1 / (1 - p),
    at_test=1.0,
    rows=False,
    per="entry",
    reverse=False,
):
    """Dropout with one thing done differently; the mistakes below say which."""
    if reverse:
        training = not training
    if not training and not always:
        mask = np.full(X.shape, at_test if np.isscalar(at_test) else at_test(p))
        return X * mask, mask
    shape = {"entry": X.shape, "example": (*X.shape[:1], *(1,) * (X.ndim - 1)), "feature": X.shape[-1:]}[per]
    mask = np.broadcast_to(keep(rng.random(shape), p), X.shape) * scale(p)
    return X * mask, mask


def mask_not_scaled(X, p, training, rng):
    Y, mask = _dropout(X, p, training, rng)
    return Y, (mask > 0).astype(float) if training else mask


def seed_of_its_own(X, p, training, rng):
    return _dropout(X, p, training, np.random.default_rng(0))


for _sentence, _answer in {
    "You drop units in evaluation, too. Dropout is for training only: a network in use gives the same answer each "
    "time, from all its units.": changed(_dropout, "active_at_test_time", always=True),
    "The scale is forgotten. Where p of the units are missing, the next layer's sums shrink to 1 - p of what they will "
    "be in evaluation: divide what is kept by 1 - p.": changed(_dropout, "scale_forgotten", scale=lambda p: 1.0),
    "You scale in evaluation (by 1 - p) instead of in training. That is the older kind; here use inverted dropout, "
    "divided by 1 - p in training (a convention).": changed(
        _dropout, "scaled_at_test_time", scale=lambda p: 1.0, at_test=lambda p: 1 - p
    ),
    "You scale twice: by 1 / (1 - p) in training and by 1 - p in evaluation. Once is enough: leave evaluation "
    "alone.": changed(_dropout, "scaled_twice", at_test=lambda p: 1 - p),
    "You multiply what is kept by 1 - p. It must grow to make up for what is missing: divide by 1 - p.": changed(
        _dropout, "multiplied", scale=lambda p: 1 - p
    ),
    "You divide by p, the share that is dropped. Divide by 1 - p, the share that is kept.": changed(
        _dropout, "divided_by_p", scale=lambda p: 1 / p if p else 1.0
    ),
    "p is the probability of *dropping*, and you keep with probability p. Keep an entry where its number is at least "
    "p.": changed(_dropout, "keeps_with_p", keep=lambda draws, p: draws < p),
    "You keep with probability p and divide by p: p is the share that is *dropped* (a convention, PyTorch's).": changed(
        _dropout, "p_means_keep", keep=lambda draws, p: draws < p, scale=lambda p: 1 / p if p else 1.0
    ),
    "You drop whole examples. Draw a number for each entry, so that each example loses other units: "
    "rng.random(X.shape).": changed(_dropout, "whole_examples", per="example"),
    "You drop the same units for every example. Draw a number for each entry: rng.random(X.shape).": changed(
        _dropout, "whole_features", per="feature"
    ),
    "Training and evaluation are swapped: drop when training is True.": changed(
        _dropout, "modes_swapped", reverse=True
    ),
    "Y is right, but the mask lacks the factor 1 / (1 - p). The way back multiplies by the same mask, so the factor "
    "belongs into it.": mask_not_scaled,
    "You made a generator of your own, so the same units are dropped at every step. Use the rng that you are "
    "given.": seed_of_its_own,
}.items():
    dropout.mistake(_sentence)(_answer)

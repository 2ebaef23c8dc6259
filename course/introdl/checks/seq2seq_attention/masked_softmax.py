"""Task of unit 17: weights for the keys that may be seen (masked_softmax)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def scores_and_masks(rng):
    yield np.array([[0.0, 0.0, 9.0]]), np.array([[True, True, False]])
    yield np.array([[np.log(3.0), 0.0], [1.0, 2.0]]), np.array([[True, True], [False, True]])
    for N, T in [(3, 4), (4, 4), (2, 6), (5, 3), (1, 5)]:
        mask = rng.random((N, T)) < 0.6
        mask[:, rng.integers(T)] = True
        mask[0, 0], mask[0, 1:3] = False, [True, False]
        mask[0, -1] = True
        yield 2 * rng.normal(size=(N, T)), mask
    yield rng.normal(size=(2, 3)), np.ones((2, 3), bool)
    yield np.array([[1000.0, 1001.0, -5.0], [-900.0, -901.0, 3.0]]), np.array([[True, True, False]] * 2)
    yield np.array([[1.0, 2.0, 1000.0], [0.0, -3.0, 5000.0]]), np.array([[True, True, False]] * 2)  # a loud hidden key
    yield np.zeros((0, 3)), np.zeros((0, 3), bool)


def only_the_visible(scores, mask):
    weights = np.zeros(scores.shape)
    for row, seen, out in zip(scores, mask, weights, strict=True):
        visible = row[seen]
        with np.errstate(over="ignore"):
            out[seen] = [1 / np.exp(visible - score).sum() for score in visible]
    return weights


masked_softmax = Task(
    "masked_softmax",
    ("scores", "mask"),
    scores_and_masks,
    only_the_visible,
    atol=1e-12,
    hints=(
        "What may not be seen must have no share from the beginning. Which score gives exp(score) = 0?",
        "np.where(mask, scores, -np.inf) comes first. Then the softmax that you know from unit 02: subtract each row's "
        "maximum, exp, divide by each row's sum.",
        "scores = np.where(..., scores, ...); powers = np.exp(scores - scores.max(axis=1, keepdims=True)); return "
        "powers / ...",
    ),
)


def _weights(scores, mask, *, hidden=-np.inf, axis=1, shift=True, late=False, flip=False):
    """The weights with one thing done differently; the mistakes below say which."""
    kept = scores if late else np.where(~mask if flip else mask, scores, hidden)
    with np.errstate(all="ignore"):
        powers = np.exp(kept - (kept.max(axis=axis, keepdims=True, initial=-np.inf) if shift else 0.0))
        powers = powers * mask if late == "before the sum" else powers
        weights = powers / powers.sum(axis=axis, keepdims=True)
        return weights * mask if late == "at the end" else weights


for _sentence, _answer in {
    "Softmax came before the mask: the hidden keys took their share, and what is left does not sum to 1. Hide first, "
    "then softmax.": changed(_weights, "softmax_before_mask", late="at the end"),
    "You hide after exp, and each row's maximum is that of a hidden key: where its score is large, all others become "
    "0, and 0 / 0 is NaN. Hide first.": changed(_weights, "hidden_after_exp", late="before the sum"),
    "The mask is not used: the hidden keys get weight, too.": changed(_weights, "no_mask", late="never"),
    "Hidden scores are 0 in your answer, by a product with the mask or otherwise, and exp(0) is 1: they still get "
    "weight. Only -inf gives a weight of 0.": changed(_weights, "zero_for_hidden", hidden=0.0),
    "You hide with -1. Against scores of -900 that is large: only -inf gives a weight of 0 whatever the scores "
    "are.": changed(_weights, "minus_one", hidden=-1.0),
    "Your mask is the wrong way round: True = may be seen.": changed(_weights, "flipped", flip=True),
    "Each column sums to 1: you used axis 0, the batch. The weights of one query, a row, sum to 1: axis 1.": changed(
        _weights, "over_the_batch", axis=0
    ),
    "The shift is missing: exp overflows for large scores, and inf / inf is NaN. Subtract each row's maximum "
    "first.": changed(_weights, "overflowing", shift=False),
}.items():
    masked_softmax.mistake(_sentence)(_answer)

"""Task of unit 18: queries look at keys, and get means of values (scaled_dot_product)."""

import numpy as np
import torch

from introdl.checks.task import Task
from introdl.checks.variant import changed


def looks(rng):
    Q, K, V = np.array([[2.0, 0.0]]), np.array([[3.0, 1.0], [0.0, 1.0], [3.0, 5.0]]), np.array([[1.0], [2.0], [50.0]])
    yield Q, K, V, np.array([[True, True, False]])
    for front, T_q, T_k, D, D_v, spread, masked in [
        ((), 2, 3, 4, 2, 1, False),
        ((2,), 3, 3, 9, 3, 1, False),
        ((2,), 4, 4, 3, 2, 2, True),
        ((3, 2), 2, 5, 4, 3, 1.5, True),
        ((2,), 1, 4, 2, 2, 1, True),
        ((), 3, 1, 5, 2, 1, False),
        ((2,), 3, 4, 16, 2, 40, True),
    ]:
        Q, K = (rng.normal(0, spread, size=(*front, T, D)) for T in (T_q, T_k))
        mask = np.tri(T_q, T_k, T_k - T_q, dtype=bool) if masked else None
        yield Q, K, rng.normal(size=(*front, T_k, D_v)), mask


def torchs(Q, K, V, mask):
    """PyTorch's own attention; asked for the identity instead of V, it gives the weights."""
    Q, K, V = (torch.from_numpy(part) for part in (Q, K, V))
    eye = torch.eye(K.shape[-2], dtype=K.dtype).expand(*K.shape[:-1], K.shape[-2])
    mask = None if mask is None else torch.from_numpy(mask)
    return tuple(torch.nn.functional.scaled_dot_product_attention(Q, K, part, mask).numpy() for part in (V, eye))


scaled_dot_product = Task(
    "scaled_dot_product",
    ("Q", "K", "V", "mask"),
    looks,
    torchs,
    forbid=("torch",),
    hints=(
        "Four steps: a score for each query and key, what is hidden to -inf, softmax along the keys, a weighted sum of "
        "the values.",
        "K.swapaxes(-1, -2) turns the last two axes whatever stands in front, and @ works on the last two. Divide by "
        "np.sqrt(Q.shape[-1]). np.where(mask, scores, -np.inf) hides; then take away each row's maximum before np.exp.",
        "scores = Q @ K.swapaxes(-1, -2) / np.sqrt(...); if mask is not None: scores = np.where(mask, scores, ...); e "
        "= np.exp(scores - scores.max(axis=-1, keepdims=True)); weights = e / e.sum(axis=..., keepdims=True); return "
        "weights @ V, weights",
    ),
)


def _attention(
    Q, K, V, mask, *, scale=lambda Q, K: np.sqrt(Q.shape[-1]), hide="before", axis=-1, shift=True, shown=lambda m: m
):
    """Attention with one thing done differently; the mistakes below say which. axis: of the softmax."""
    scores = Q @ K.swapaxes(-1, -2) / scale(Q, K)
    mask = np.ones(scores.shape, bool) if mask is None else shown(mask)
    if hide == "before":
        scores = np.where(mask, scores, -np.inf)
    elif hide == "zero":
        scores = scores * mask
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(scores - scores.max(axis=axis, keepdims=True) if shift else scores)
        weights = e / e.sum(axis=axis, keepdims=True)
        weights = weights * mask if hide == "after" else weights
        return weights @ V, weights


def only_out(*args):
    return _attention(*args)[0]


def weights_first(*args):
    return _attention(*args)[::-1]


def scores_not_weights(Q, K, V, mask):
    scores = Q @ K.swapaxes(-1, -2) / np.sqrt(Q.shape[-1])
    return _attention(Q, K, V, mask)[0], scores


def renormalized(Q, K, V, mask):
    """The mask after the softmax, made to sum to 1 again: right, but 0 / 0 where the seen weights are 0."""
    weights = _attention(Q, K, V, None)[1] * (1 if mask is None else mask)
    with np.errstate(invalid="ignore"):
        weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ V, weights


for _sentence, _answer in {
    "You divide by D. The spread of a score grows with √D, so divide by that: np.sqrt(Q.shape[-1]).": changed(
        _attention, "by_d", scale=lambda Q, K: Q.shape[-1]
    ),
    "The scores are not divided by √D.": changed(_attention, "no_scale", scale=lambda Q, K: 1),
    "You multiply by √D. It makes scores smaller: divide.": changed(
        _attention, "times_root", scale=lambda Q, K: 1 / np.sqrt(Q.shape[-1])
    ),
    "You divide by the root of the number of keys. The sum in a score goes over the D features: √D.": changed(
        _attention, "by_keys", scale=lambda Q, K: np.sqrt(K.shape[-2])
    ),
    "You divide by the length of the vectors. Divide by √D, the same number for all scores.": changed(
        _attention,
        "cosine",
        scale=lambda Q, K: np.linalg.norm(Q, axis=-1)[..., None] * np.linalg.norm(K, axis=-1)[..., None, :],
    ),
    "Hidden scores became 0. But 0 is a score like others, e⁰ = 1: hide with -inf, so that the weight is 0.": changed(
        _attention, "zero", hide="zero"
    ),
    "The mask came after the softmax: what is hidden took its share, and the rest does not sum to 1. Hide "
    "first.": changed(_attention, "after", hide="after"),
    "The mask is not used: hidden keys get weights.": changed(_attention, "no_mask", hide="never"),
    "Your mask is upside down. True means: may be seen (a convention; some functions of PyTorch have it the other way "
    "round).": changed(_attention, "upside_down", shown=lambda mask: ~mask),
    "You softmax over the queries. Each query's weights, a row, sum to 1: the last axis.": changed(
        _attention, "over_queries", axis=-2
    ),
    "You softmax over queries and keys together. Each query's weights, a row, sum to 1: axis=-1 alone.": changed(
        _attention, "over_both", axis=(-2, -1)
    ),
    "np.exp became infinite. Take away each row's maximum first: it changes no weight.": changed(
        _attention, "overflow", shift=False
    ),
    "You mask after the softmax and divide again. That is right until all weight lies on hidden keys: then it is 0 / "
    "0. Hide first.": renormalized,
    "The weights are missing: return out, weights.": only_out,
    "Your results are in the other order: out first, then the weights.": weights_first,
    "Your second result are the scores. The weights after the softmax are asked for.": scores_not_weights,
}.items():
    scaled_dot_product.mistake(_sentence)(_answer)

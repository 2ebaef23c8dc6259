"""Task of unit 20: give maps the mean and the spread of a style (adain)."""

import numpy as np
import torch

from introdl.checks.task import Task
from introdl.checks.variant import changed


def cases(rng):
    yield np.array([[[[1.0, 3.0]]]]), np.array([[2.0]]), np.array([[10.0]])
    for N, C, H, W in ((2, 3, 4, 5), (3, 2, 2, 2), (1, 4, 3, 3)):
        X = rng.normal(rng.normal(0, 3, size=(N, C, 1, 1)), rng.uniform(0.3, 3, size=(N, C, 1, 1)), size=(N, C, H, W))
        yield X, rng.normal(1, 0.5, size=(N, C)), rng.normal(0, 1, size=(N, C))
    yield np.full((2, 2, 3, 3), 4.0), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))  # no spread at all
    yield rng.normal(0, 0.002, size=(2, 2, 3, 3)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))  # eps counts


def by_torch(X, scale, shift):
    """Each picture by itself through PyTorch's instance norm, with the style as its weights."""
    pictures = []
    for x, gamma, beta in zip(*map(torch.tensor, (X, scale, shift)), strict=True):
        pictures.append(torch.nn.functional.instance_norm(x[None], weight=gamma, bias=beta, eps=1e-5)[0].numpy())
    return np.stack(pictures)


adain = Task(
    "adain",
    ("X", "scale", "shift"),
    cases,
    by_torch,
    forbid=("torch.nn.functional.instance_norm", "torch.nn.InstanceNorm2d"),
    hints=(
        "First wash the old style out of each map: mean 0, variance 1. Then put the new one on.",
        "A map is one channel of one picture: mean and variance go over axes 2 and 3, with keepdims=True. scale and "
        "shift are (N, C); they need two more axes to fit (N, C, H, W).",
        "mean, var = X.mean(axis=(2, 3), keepdims=True), X.var(...); return scale[:, :, None, None] * (X - mean) / "
        "np.sqrt(var + 1e-5) + ...",
    ),
)


def _adain(X, scale, shift, *, axes=(2, 3), ddof=0, divide=lambda v: np.sqrt(v + 1e-5), centre=True, add=0.0, late=0,
           use=(True, True)):  # fmt: skip
    """Compute it with one thing done differently; the mistakes below say which."""
    mean, variance = X.mean(axis=axes, keepdims=True), X.var(axis=axes, keepdims=True, ddof=ddof)
    scale, shift = (scale + add)[:, :, None, None] if use[0] else 1.0, shift[:, :, None, None] if use[1] else 0.0
    Z = ((X - mean) if centre else X) / divide(variance)
    return scale * (Z + shift) if late else scale * Z + shift


for _sentence, _answer in {
    "You took mean and variance over the batch as well: that is batch norm, and one picture's style leaks into "
    "another's. Each map of each picture by itself: axes 2 and 3.": changed(_adain, "batch", axes=(0, 2, 3)),
    "You took mean and variance over the channels as well: that is layer norm. A style acts on each map by itself: "
    "axes 2 and 3.": changed(_adain, "channels", axes=(1, 2, 3)),
    "You took mean and variance over everything: axes 2 and 3 only.": changed(_adain, "all", axes=(0, 1, 2, 3)),
    "You took the statistics over the rows of a map only: axes 2 *and* 3.": changed(_adain, "rows", axes=(2,)),
    "scale and shift are swapped: the scale multiplies.": lambda X, scale, shift: _adain(X, shift, scale),
    "You divided by the variance. Divide by its root, the standard deviation.": changed(
        _adain, "variance", divide=lambda v: v + 1e-5
    ),
    "The maps keep their own spread: divide by the standard deviation before you scale.": changed(
        _adain, "no_divide", divide=lambda v: 1.0
    ),
    "The maps keep their own mean: take it away before you scale.": changed(_adain, "no_centre", centre=False),
    "Your variance divides by one less than the number of pixels. Here it is the plain mean of squares (a "
    "convention).": changed(_adain, "unbiased", ddof=1),
    "You scale by 1 + scale, as some papers do. Here scale is the new spread itself (a convention).": changed(
        _adain, "one_plus", add=1.0
    ),
    "You shift before you scale, so that the scale acts on the shift, too.": changed(_adain, "late", late=1),
    "The shift is missing.": changed(_adain, "no_shift", use=(True, False)),
    "The scale is missing.": changed(_adain, "no_scale", use=(False, True)),
    "Your small number stands outside the root. Add 1e-5 to the variance, then take the root (a convention).": changed(
        _adain, "outside", divide=lambda v: np.sqrt(v) + 1e-5
    ),
}.items():
    adain.mistake(_sentence)(_answer)

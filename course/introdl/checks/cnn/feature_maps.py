"""Task of unit 10: the maps behind each convolution."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from introdl.checks.task import Task
from introdl.checks.variant import changed


def networks(rng):
    yield np.array([[[[1.0, -1.0], [2.0, 0.0]]]]), [(np.ones((1, 1, 3, 3)), np.array([-1.5]))]
    for N, side, channels in [(1, 4, (1, 2)), (2, 8, (3, 4, 5)), (3, 8, (2, 3, 2)), (2, 16, (1, 2, 3, 4))]:
        pairs = zip(channels, channels[1:], strict=False)
        weights = [(rng.normal(0, 0.5, size=(c_out, c_in, 3, 3)), rng.normal(size=c_out)) for c_in, c_out in pairs]
        yield rng.normal(size=(N, channels[0], side, side)), weights


def _convolved(X, W, b, padding=1):
    X = np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(X, (3, 3), axis=(2, 3))
    return np.einsum("nchwij,kcij->nkhw", windows, W) + b[:, None, None]


def _pooled(X, take=np.max):
    N, C, H, W = X.shape
    return take(X[:, :, : H // 2 * 2, : W // 2 * 2].reshape(N, C, H // 2, 2, W // 2, 2), axis=(3, 5))


def in_numpy(X, weights):
    """By windows and sums."""
    found = []
    for W, b in weights:
        found.append(np.maximum(_convolved(X, W, b), 0))
        X = _pooled(found[-1])
    return found


feature_maps = Task(
    "feature_maps",
    ("X", "weights"),
    networks,
    in_numpy,
    rtol=1e-5,
    atol=1e-6,
    hints=(
        "Go through the network as a forward pass does. Note the maps at one point of each round.",
        "Each round: convolve with padding 1, apply ReLU, note a copy, pool. The next round reads the pooled maps.",
        "for W, b in weights: maps = torch.relu(torch.nn.functional.conv2d(X, ..., ..., padding=...)); "
        "found.append(...); X = torch.nn.functional.max_pool2d(maps, ...)",
    ),
)


def _maps(
    X, weights, *, noted=lambda Z, A, P: A, bend=lambda Z: np.maximum(Z, 0), pool=_pooled, biased=1, keep=lambda f: f
):
    """The maps with one thing done differently; the mistakes below say which."""
    found = []
    for W, b in weights:
        Z = _convolved(X, W, biased * b)
        A = bend(Z)
        P = pool(A)
        found.append(noted(Z, A, P))
        X = P
    return keep(found)


for _sentence, _answer in {
    "You note the maps before the ReLU. Note what it lets through.": changed(
        _maps, "before_relu", noted=lambda Z, A, P: Z
    ),
    "You note the maps after the pooling. Note them before it, at full size.": changed(
        _maps, "after_pooling", noted=lambda Z, A, P: P
    ),
    "The ReLU is missing, also between the convolutions.": changed(_maps, "no_relu", bend=lambda Z: Z),
    "The pooling is missing: the next convolution should read maps of half the size.": changed(
        _maps, "no_pooling", pool=lambda A: A
    ),
    "You pool by the mean. Take the maximum of each window.": changed(
        _maps, "mean_pooling", pool=lambda A: _pooled(A, np.mean)
    ),
    "The biases are missing: add b to each map.": changed(_maps, "no_bias", biased=0),
    "You return the maps of the last convolution only. Return a list with those of each.": changed(
        _maps, "last_only", keep=lambda found: found[-1:]
    ),
    "You return the maps of the first image only. Keep the whole batch.": changed(
        _maps, "first_image", keep=lambda found: [maps[:1] for maps in found]
    ),
}.items():
    feature_maps.mistake(_sentence)(_answer)

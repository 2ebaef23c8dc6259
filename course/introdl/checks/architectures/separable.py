"""Task of unit 11: a depthwise-separable convolution (separable)."""

import math

from torch import nn

from introdl.checks.architectures.blocks import convolve, drawn, expected, filled, pictures, relu
from introdl.checks.task import Task
from introdl.checks.variant import changed

CASES = [(2, 3, 1, 4), (4, 8, 2, 6), (4, 4, 2, 7), (6, 2, 1, 5), (1, 5, 2, 8), (8, 4, 1, 3)]


def sizes(rng):
    for c_in, c_out, stride, height in CASES:
        yield (c_in, c_out, stride), drawn(rng, (c_in, 1, 3), (c_out, c_in, 1)), pictures(rng, 2, c_in, height, height)


def in_numpy(sizes, values, X):
    c_in, _, stride = sizes
    deep, deep_bias, point, point_bias = values
    return expected(values, relu(convolve(relu(convolve(X, deep, deep_bias, stride, c_in)), point, point_bias)))


separable = Task(
    "separable",
    ("sizes", "values", "X"),
    sizes,
    in_numpy,
    run=filled,
    rtol=1e-4,
    atol=1e-5,
    hints=(
        "Two convolutions: the first looks at neighbours and keeps the channels apart, the second mixes the channels "
        "and looks at no neighbours.",
        "Depthwise: c_in channels in and out, as many groups as channels, the stride, padding=1. Pointwise: a 1×1 from "
        "c_in to c_out. ReLU after each.",
        "nn.Sequential(nn.Conv2d(c_in, c_in, 3, stride, padding=1, groups=...), nn.ReLU(), nn.Conv2d(..., ..., 1), "
        "nn.ReLU())",
    ),
)


def _separable(
    c_in,
    c_out,
    stride,
    *,
    groups=None,
    relus=(True, True),
    strides=(True, False),
    padding=1,
    bias=True,
):
    """The layer with one thing done differently; the mistakes below say which."""
    first, second = (stride if used else 1 for used in strides)
    groups = c_in if groups is None else groups(c_in, c_out)
    layers = [
        nn.Conv2d(c_in, c_in, 3, first, padding, groups=groups, bias=bias),
        nn.ReLU() if relus[0] else nn.Identity(),
        nn.Conv2d(c_in, c_out, 1, second, bias=bias),
        nn.ReLU() if relus[1] else nn.Identity(),
    ]
    return nn.Sequential(*layers)


def pointwise_first(c_in, c_out, stride):
    deep = nn.Conv2d(c_out, c_out, 3, stride, padding=1, groups=c_out)
    return nn.Sequential(nn.Conv2d(c_in, c_out, 1), nn.ReLU(), deep, nn.ReLU())


def pointwise_in_groups(c_in, c_out, stride):
    common = math.gcd(c_in, c_out)
    deep = nn.Conv2d(c_in, c_in, 3, stride, padding=1, groups=c_in)
    return nn.Sequential(deep, nn.ReLU(), nn.Conv2d(c_in, c_out, 1, groups=common), nn.ReLU())


def not_parted(c_in, c_out, stride):
    return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, padding=1), nn.ReLU())


def only_depthwise(c_in, c_out, stride):
    return nn.Sequential(nn.Conv2d(c_in, c_in, 3, stride, padding=1, groups=c_in), nn.ReLU())


def pointwise_of_three(c_in, c_out, stride):
    deep = nn.Conv2d(c_in, c_in, 3, stride, padding=1, groups=c_in)
    return nn.Sequential(deep, nn.ReLU(), nn.Conv2d(c_in, c_out, 3, padding=1), nn.ReLU())


for _sentence, _answer in {
    "Your depthwise convolution has one group: every kernel sees all channels, and nothing is saved. It needs as many "
    "groups as channels, groups=c_in.": changed(_separable, "one_group", groups=lambda c_in, c_out: 1),
    "Your depthwise convolution has two groups where that goes. It needs as many groups as channels, "
    "groups=c_in.": changed(_separable, "two_groups", groups=lambda c_in, c_out: 1 if c_in % 2 else 2),
    "The pointwise convolution has groups. It is there to mix *all* channels: groups=1.": pointwise_in_groups,
    "The pointwise convolution comes first. Depthwise first, then pointwise (MobileNet's order).": pointwise_first,
    "This is one ordinary convolution: its kernels look at neighbours and mix channels at once. Part the two "
    "jobs.": not_parted,
    "The pointwise convolution is missing: channels are never mixed, and their number stays c_in.": only_depthwise,
    "Your second convolution is 3×3. Pointwise means 1×1: it looks at a single pixel.": pointwise_of_three,
    "The ReLU between the two convolutions is missing.": changed(_separable, "no_relu_between", relus=(False, True)),
    "The ReLU after the pointwise convolution is missing.": changed(_separable, "no_relu_last", relus=(True, False)),
    "There is no ReLU: put one after each of the two convolutions.": changed(
        _separable, "no_relu", relus=(False, False)
    ),
    "Both convolutions have the stride. Only the depthwise one makes the map smaller.": changed(
        _separable, "stride_twice", strides=(True, True)
    ),
    "The stride is ignored: the depthwise convolution takes it.": changed(
        _separable, "no_stride", strides=(False, False)
    ),
    "The padding is missing: padding=1 keeps the size with 3×3.": changed(_separable, "no_padding", padding=0),
    "Your convolutions have no bias. There is no batch normalization here, so leave bias at its default.": changed(
        _separable, "no_bias", bias=False
    ),
}.items():
    separable.mistake(_sentence)(_answer)

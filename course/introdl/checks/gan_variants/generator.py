"""Task of unit 20: build a DCGAN's generator of any size (generator)."""

import numpy as np
from torch import nn

from introdl.checks.gan_variants.modules import filled, transposed
from introdl.checks.task import Task
from introdl.checks.variant import changed

CASES = [(3, 4, 1, 4), (2, 4, 2, 3), (5, 8, 2, 2), (4, 8, 3, 2)]  # num_noise, c, num_doublings, batch


def shapes(num_noise, c, num_doublings):
    yield from ((c * 16, num_noise), (c * 16,), (c,), (c,))
    for _ in range(num_doublings - 1):
        yield from ((c, c // 2, 4, 4), (c // 2,), (c // 2,), (c // 2,))
        c //= 2
    yield from ((c, 1, 4, 4), (1,))


def cases(rng):
    for num_noise, c, num_doublings, N in CASES:
        values = [rng.normal(0.2, 0.5, size=shape).astype(np.float32) for shape in shapes(num_noise, c, num_doublings)]
        yield (num_noise, c, num_doublings), values, rng.normal(size=(N, num_noise)).astype(np.float32)


def normalized(X, gamma, beta):
    mean, variance = X.mean((0, 2, 3), keepdims=True), X.var((0, 2, 3), keepdims=True)
    return np.maximum((X - mean) / np.sqrt(variance + 1e-5) * gamma[:, None, None] + beta[:, None, None], 0)


def in_numpy(sizes, values, z):
    W, b, *others = values
    X = (z.astype(float) @ W.T.astype(float) + b).reshape(len(z), sizes[1], 4, 4)
    X = normalized(X, *others[:2])
    for W, b, gamma, beta in zip(*(others[2:-2][k::4] for k in range(4)), strict=True):
        X = normalized(transposed(X, W, b), gamma, beta)
    return {
        "parameters": [str(value.shape) for value in values],
        "outputs": np.tanh(transposed(X, *others[-2:])),
    }


def run(make, sizes, values, z):
    return filled(make(*sizes), values, z)


generator = Task(
    "generator",
    ("sizes", "values", "z"),
    cases,
    in_numpy,
    run=run,
    rtol=1e-3,
    atol=1e-4,
    hints=(
        "Collect layers in a list. First the noise becomes c maps of 4×4; then a loop doubles them; the last doubling "
        "ends in one map and tanh.",
        "nn.Linear to c * 16 numbers, nn.Unflatten(1, (c, 4, 4)), batch norm, ReLU. Each doubling is a "
        "ConvTranspose2d with kernel 4, stride 2, padding 1; all but the last halve the channels and have batch norm "
        "and ReLU.",
        "for _ in range(num_doublings - 1): layers += [nn.ConvTranspose2d(c, c // 2, 4, 2, 1), nn.BatchNorm2d(...), "
        "nn.ReLU()]; c //= 2. Then nn.ConvTranspose2d(c, 1, ...), nn.Tanh()",
    ),
)


def _generator(
    num_noise, c, num_doublings, *, kernel=(4, 2, 1), out=(), norm=True, last=nn.Tanh, act=nn.ReLU, swap=False,
    first=True, halve=True, norm_last=False, relu_last=False, bias=True, more=0,
):  # fmt: skip
    """Build the network with one thing done differently; the mistakes below say which."""

    def bend(c, norm=norm):
        parts = [nn.BatchNorm2d(c)] * norm + [act()]
        return parts[::-1] if swap else parts

    layers = [nn.Linear(num_noise, c * 16), nn.Unflatten(1, (c, 4, 4)), *(bend(c) if first else [])]
    for _ in range(num_doublings - 1 + more):
        c_out = c // 2 if halve else c
        layers += [nn.ConvTranspose2d(c, c_out, *kernel, *out, bias=bias), *bend(c_out)]
        c = c_out
    layers += [nn.ConvTranspose2d(c, 1, *kernel, *out), *[nn.BatchNorm2d(1)] * norm_last, *[nn.ReLU()] * relu_last]
    return nn.Sequential(*layers, *([last()] if last else []))


def _upsampling(num_noise, c, num_doublings):
    layers = [nn.Linear(num_noise, c * 16), nn.Unflatten(1, (c, 4, 4)), nn.BatchNorm2d(c), nn.ReLU()]
    for place in range(num_doublings):
        c_out = 1 if place == num_doublings - 1 else c // 2
        layers += [nn.Upsample(scale_factor=2), nn.Conv2d(c, c_out, 3, padding=1)]
        layers += [nn.Tanh()] if c_out == 1 else [nn.BatchNorm2d(c_out), nn.ReLU()]
        c = c_out
    return nn.Sequential(*layers)


for _sentence, _answer in {
    "Your kernels are 3×3 (with output_padding). With a stride of 2, pixels then get one and two strokes in turn, a "
    "checkerboard: take 4, a multiple of the stride.": changed(_generator, "kernel3", kernel=(3, 2, 1), out=(1,)),
    "Your kernels are 2×2, so neighbours never overlap. DCGAN's here are 4×4, stride 2, padding 1.": changed(
        _generator, "kernel2", kernel=(2, 2, 0)
    ),
    "The padding is missing: each doubling makes two pixels too many. padding=1.": changed(
        _generator, "no_padding", kernel=(4, 2, 0)
    ),
    "There is batch norm at the output. It would force all pictures of a batch to one mean and contrast: leave it away "
    "there.": changed(_generator, "norm_last", norm_last=True),
    "There is no batch norm: it stands after every layer but the last.": changed(_generator, "no_norm", norm=False),
    "Batch norm comes after ReLU in your layers. Here it comes before (a convention, that of the paper).": changed(
        _generator, "swapped", swap=True
    ),
    "Your pictures end in a sigmoid, 0 to 1. The digits go from -1 to 1: tanh.": changed(
        _generator, "sigmoid", last=nn.Sigmoid
    ),
    "The tanh at the end is missing, so pixels are not bounded.": changed(_generator, "no_tanh", last=None),
    "There is a ReLU before the tanh, so that no pixel can be negative: no paper.": changed(
        _generator, "relu_last", relu_last=True
    ),
    "You used leaky ReLU. In DCGAN that is the discriminator's; the generator has ReLU.": changed(
        _generator, "leaky", act=lambda: nn.LeakyReLU(0.2)
    ),
    "Batch norm and ReLU are missing after the dense layer.": changed(_generator, "bare_first", first=False),
    "The channels stay the same at each doubling. They halve, while the maps grow.": changed(
        _generator, "same_channels", halve=False
    ),
    "There is one doubling too many: num_doublings counts the last one, too.": changed(_generator, "more", more=1),
    "You enlarged and then convolved. That is a good cure for checkerboards, but asked for are transposed "
    "convolutions.": _upsampling,
}.items():
    generator.mistake(_sentence)(_answer)

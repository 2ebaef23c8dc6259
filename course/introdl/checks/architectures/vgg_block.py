"""Task of unit 11: some 3×3 convolutions, then a pooling (vgg_block)."""

import torch
from torch import nn

from introdl.checks.architectures.blocks import convolve, drawn, expected, filled, pictures, relu
from introdl.checks.task import Task
from introdl.checks.variant import changed


def sizes(rng):
    for c_in, c_out, num_convs, height, width in [(1, 2, 1, 4, 4), (2, 3, 2, 6, 4), (3, 3, 2, 7, 5), (2, 4, 3, 8, 8)]:
        values = drawn(rng, *((c_out, c_out if place else c_in, 3) for place in range(num_convs)))
        yield (c_in, c_out, num_convs), values, pictures(rng, 2, c_in, height, width)


def in_numpy(sizes, values, X):
    for W, b in zip(values[::2], values[1::2], strict=True):
        X = relu(convolve(X, W, b))
    N, C, H, W = X.shape
    X = X[:, :, : H // 2 * 2, : W // 2 * 2].reshape(N, C, H // 2, 2, W // 2, 2)
    return expected(values, X.max(axis=(3, 5)))


vgg_block = Task(
    "vgg_block",
    ("sizes", "values", "X"),
    sizes,
    in_numpy,
    run=filled,
    rtol=1e-4,
    atol=1e-5,
    hints=(
        "Collect layers in a list, in a loop, and hand them to nn.Sequential(*layers).",
        "The first convolution has c_in inputs, all others c_out. padding=1 keeps height and width with 3×3. Each "
        "convolution is followed by nn.ReLU(); one nn.MaxPool2d(2) comes at the very end.",
        "for place in range(num_convs): layers += [nn.Conv2d(... if place else ..., c_out, 3, padding=...), nn.ReLU()]",
    ),
)


def _vgg(
    c_in,
    c_out,
    num_convs,
    *,
    padding=1,
    between=True,
    last=True,
    pools="end",
    first_only=True,
    k=3,
    bias=True,
    pool=nn.MaxPool2d,
    more=0,
):
    """The block with one thing done differently; the mistakes below say which."""
    layers = []
    for place in range(num_convs + more):
        last_one = place == num_convs + more - 1
        stride = 2 if pools == "stride" and last_one else 1
        layers.append(nn.Conv2d(c_out if place and first_only else c_in, c_out, k, stride, padding, bias=bias))
        layers += [nn.ReLU()] if (last if last_one else between) else []
        layers += [pool(2)] if pools == "each" or (pools == "end" and last_one) else []
    return nn.Sequential(*layers)


class PoolFirst(nn.Module):
    def __init__(self, c_in, c_out, num_convs):
        super().__init__()
        self.block = _vgg(c_in, c_out, num_convs, pools="none")

    def forward(self, X):
        return self.block(torch.nn.functional.max_pool2d(X, 2))


for _sentence, _answer in {
    "The padding is missing, so each convolution takes away a border of a pixel: padding=1 keeps the size with "
    "3×3.": changed(_vgg, "no_padding", padding=0),
    "There is no ReLU between the convolutions, so together they are one linear map. Put one after each.": changed(
        _vgg, "relu_only_last", between=False
    ),
    "The ReLU after the last convolution is missing. Each convolution is followed by one.": changed(
        _vgg, "relu_missing_last", last=False
    ),
    "There is no ReLU in the block: put one after each convolution.": changed(
        _vgg, "no_relu", between=False, last=False
    ),
    "You pool after each convolution. A VGG block pools once, at its end.": changed(_vgg, "pools_each", pools="each"),
    "The last convolution has a stride of 2 in the place of the pooling. VGG halves by MaxPool2d(2).": changed(
        _vgg, "stride_for_pooling", pools="stride"
    ),
    "The pooling at the end is missing.": changed(_vgg, "no_pooling", pools="none"),
    "Your pooling averages. VGG takes the maximum: nn.MaxPool2d(2).": changed(_vgg, "average", pool=nn.AvgPool2d),
    "Each of your convolutions expects c_in channels. Only the first meets them; the others meet c_out.": changed(
        _vgg, "c_in_everywhere", first_only=False
    ),
    "Your kernels are 5×5. VGG's are 3×3: two of them see as far.": changed(_vgg, "five", k=5, padding=2),
    "Your convolutions have no bias. There is no batch normalization here, so leave bias at its default.": changed(
        _vgg, "no_bias", bias=False
    ),
    "There is one convolution too many: num_convs counts the first one, too.": changed(_vgg, "one_too_many", more=1),
    "You pool at the start. The convolutions work at full size; the pooling comes last.": PoolFirst,
}.items():
    vgg_block.mistake(_sentence)(_answer)

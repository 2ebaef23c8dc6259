"""Costs and receptive fields: published figures, PyTorch, our own layers and gradients must agree."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl import architecture as arch
from introdl import nn

RNG = np.random.default_rng(0)
sizes = st.integers(1, 3)


def vgg16():
    widths = [64, 64, None, 128, 128, None, *[256] * 3, None, *[512] * 3, None, *[512] * 3, None]
    blocks = [arch.Conv(width, 3, padding=1) if width else arch.Pool(2) for width in widths]
    return [*blocks, arch.Dense(4096), arch.Dense(4096), arch.Dense(1000)]


def alexnet():
    """As in "One weird trick" (Krizhevsky 2014), which torchvision has."""
    front = [arch.Conv(64, 11, 4, 2), arch.Pool(3, 2), arch.Conv(192, 5, 1, 2), arch.Pool(3, 2)]
    middle = [arch.Conv(384, 3, 1, 1), arch.Conv(256, 3, 1, 1), arch.Conv(256, 3, 1, 1), arch.Pool(3, 2)]
    return [*front, *middle, arch.Dense(4096), arch.Dense(4096), arch.Dense(1000)]


def lenet5():
    """With all channels of the first layer seen by the second, as it is built today."""
    return [arch.Conv(6, 5, padding=2), arch.Pool(2), arch.Conv(16, 5), arch.Pool(2), *map(arch.Dense, (120, 84, 10))]


@pytest.mark.parametrize(
    ("net", "shape", "params", "macs"),
    [
        (vgg16(), (3, 224, 224), 138_357_544, 15.47e9),
        (alexnet(), (3, 224, 224), 61_100_840, 0.714e9),
        (lenet5(), (1, 28, 28), 61_706, 416_520),
    ],
    ids=["VGG-16", "AlexNet", "LeNet-5"],
)
def test_published_networks_cost_what_is_published(net, shape, params, macs):
    """As torchvision publishes it: num_params and GFLOPS (it means MACs) at pytorch.org/vision/stable/models.html."""
    assert sum(row.params for row in arch.summarize(net, shape)) == params
    assert arch.count_macs(net, shape) == pytest.approx(macs, rel=1e-3)


class Residual(torch.nn.Module):
    """What a block adds to its input, which a projection fits to it."""

    def __init__(self, block, projection):
        super().__init__()
        self.block, self.projection = block, projection

    def forward(self, X):
        return self.projection(X) + self.block(X)


def normalized(c_in, c_out, kernel_size, stride=1, groups=1):
    """Return a convolution without bias, and its batch norm."""
    conv = torch.nn.Conv2d(c_in, c_out, kernel_size, stride, kernel_size // 2, groups=groups, bias=False)
    return torch.nn.Sequential(conv, torch.nn.BatchNorm2d(c_out))


def resnet18():
    """Table 1 of He et al. 2016."""
    parts, c_in = [normalized(3, 64, 7, 2), torch.nn.ReLU(), torch.nn.MaxPool2d(3, 2, 1)], 64
    for c_out, stride in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)):
        block = normalized(c_in, c_out, 3, stride), torch.nn.ReLU(), normalized(c_out, c_out, 3)
        projection = torch.nn.Identity() if c_in == c_out else normalized(c_in, c_out, 1, stride)
        parts += [Residual(torch.nn.Sequential(*block), projection), torch.nn.ReLU()]
        c_in = c_out
    return torch.nn.Sequential(*parts, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(512, 1000))


def mobilenet_v2():
    """Table 2 of Sandler et al. 2018: expansion, channels, blocks, and the stride of the first of them."""
    table = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
    parts, c_in = [normalized(3, 32, 3, 2), torch.nn.ReLU6()], 32
    for expansion, c_out, blocks, first in table:
        for stride in (first, *[1] * (blocks - 1)):
            wide = expansion * c_in
            block = [normalized(c_in, wide, 1), torch.nn.ReLU6()] if expansion > 1 else []
            block += [normalized(wide, wide, 3, stride, groups=wide), torch.nn.ReLU6(), normalized(wide, c_out, 1)]
            same, block = stride == 1 and c_in == c_out, torch.nn.Sequential(*block)
            parts.append(Residual(block, torch.nn.Identity()) if same else block)
            c_in = c_out
    head = torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(1280, 1000)
    return torch.nn.Sequential(*parts, normalized(320, 1280, 1), torch.nn.ReLU6(), *head)


@pytest.mark.parametrize(
    ("build", "params", "macs"),
    [(resnet18, 11_689_512, 1.814e9), (mobilenet_v2, 3_504_872, 0.301e9)],
    ids=["ResNet-18", "MobileNetV2"],
)
def test_published_modules_cost_what_is_published(build, params, macs):
    """As torchvision publishes it: num_params and GFLOPS at pytorch.org/vision/stable/models.html."""
    with torch.device("meta"):  # shapes without numbers
        net = build()
    assert arch.count_parameters(net) == sum(row.params for row in arch.summarize(net, (3, 224, 224))) == params
    assert arch.count_macs(net, (3, 224, 224)) == pytest.approx(macs, rel=1e-3)


@st.composite
def same_networks(draw):
    """Return a shape and one network three times: as data, in PyTorch, and ours."""
    C, H, W = draw(sizes), draw(st.integers(6, 12)), draw(st.integers(6, 12))
    shape, data, theirs, ours = (C, H, W), [], [], []
    for _ in range(draw(st.integers(1, 3))):
        groups = draw(st.sampled_from([g for g in (1, 2, 3) if C % g == 0]))
        kernel_size = draw(st.tuples(sizes, sizes))
        chosen = {"stride": draw(sizes), "padding": draw(st.integers(1, 2)), "groups": groups}
        c_out = groups * draw(sizes)
        data.append(arch.Conv(c_out, kernel_size, **chosen))
        theirs += [torch.nn.Conv2d(C, c_out, kernel_size, **chosen), torch.nn.BatchNorm2d(c_out), torch.nn.ReLU()]
        ours += [nn.Conv2d(C, c_out, kernel_size, RNG, **chosen), nn.BatchNorm2d(c_out), nn.ReLU()]
        C = c_out
    data.append(arch.Pool(2, 1, 1))
    theirs += [torch.nn.MaxPool2d(2, 1, 1), torch.nn.Flatten()]
    ours += [nn.MaxPool2d(2, 1, 1), nn.Flatten()]
    features = int(np.prod(torch.nn.Sequential(*theirs)(torch.zeros(2, *shape)).shape[1:]))
    theirs, ours = [*theirs, torch.nn.Linear(features, 5)], [*ours, nn.Dense(features, 5, RNG)]
    return shape, [*data, arch.Dense(5)], torch.nn.Sequential(*theirs), nn.Sequential(*ours)


@settings(max_examples=30, deadline=None)
@given(networks=same_networks())
def test_data_pytorch_and_our_layers_agree(networks):
    shape, data, theirs, ours = networks
    rows = arch.summarize(data, shape)
    both = arch.summarize(theirs, shape), arch.summarize(ours, shape)
    assert [row[1:] for row in both[0]] == [row[1:] for row in both[1]]
    norms = [row for row in both[0] if row.name == "BatchNorm2d"]
    kept = [row for row in both[0] if row.name not in ("BatchNorm2d", "ReLU", "Flatten")]
    assert [row[1:] for row in rows] == [row[1:] for row in kept]
    assert arch.count_parameters(theirs) == arch.count_parameters(ours) == sum(row.params for row in rows + norms)
    assert arch.count_macs(theirs, shape) == arch.count_macs(ours, shape) == arch.count_macs(data, shape)


def test_macs_are_products_counted_one_by_one():
    """A convolution of ones over ones adds up as many products as there are MACs."""
    layer = arch.Conv(4, (3, 2), stride=(2, 1), groups=2, bias=False)
    ones = torch.nn.functional.conv2d(torch.ones(1, 6, 9, 8), torch.ones(4, 3, 3, 2), stride=(2, 1), groups=2)
    assert arch.count_macs([layer], (6, 9, 8)) == ones.sum()
    assert arch.summarize([layer], (6, 9, 8))[0].params == 4 * 3 * 3 * 2


def test_transposed_and_repeated_layers_count_at_every_place():
    up = torch.nn.ConvTranspose2d(3, 5, 2, stride=2, bias=False)
    assert arch.count_macs(up, (3, 4, 4)) == 3 * 5 * 2 * 2 * 4 * 4
    assert arch.count_macs(torch.nn.Linear(6, 2), (7, 6)) == 7 * 6 * 2  # a sequence of 7
    shared = torch.nn.Linear(3, 3)
    rows = arch.summarize(torch.nn.Sequential(shared, torch.nn.ReLU(), shared), (3,))
    assert [row.params for row in rows] == [12, 0, 0] and [row.macs for row in rows] == [9, 0, 9]


def test_depthwise_separable_costs_little_beside_its_dense_twin():
    dense, separable = [arch.Conv(64, 3, padding=1)], [arch.Conv(32, 3, padding=1, groups=32), arch.Conv(64, 1)]
    ratio = arch.count_macs(dense, (32, 14, 14)) / arch.count_macs(separable, (32, 14, 14))
    assert ratio == pytest.approx(1 / (1 / 64 + 1 / 9))  # Howard et al. 2017


def test_a_module_stays_as_it_was():
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Dropout(0.5))
    net[2].eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    arch.summarize(net, (1, 8, 8))
    assert net.training and net[1].training and not net[2].training and not any(part._forward_hooks for part in net)
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_a_network_of_ours_can_be_looked_at_between_forward_and_backward():
    net, X = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 2, 3, RNG)), RNG.normal(size=(4, 1, 5, 5))
    dY = net.forward(X)
    dX, running = net.backward(dY), [b.copy() for b in net.buffers]
    arch.summarize(net, (1, 7, 7))
    assert np.array_equal(net.backward(dY), dX) and all(map(np.array_equal, running, net.buffers))
    assert net.layers[0].training


def test_one_example_is_enough_for_batch_norm():
    ours = nn.Sequential(nn.Dense(3, 2, RNG), nn.BatchNorm(2))
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    for net in (ours, theirs):  # in training both would refuse it
        assert [row[1:] for row in arch.summarize(net, (3,))] == [((2,), 8, 6), ((2,), 4, 0)]


def test_what_is_frozen_can_be_left_out():
    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 2))
    net[0].requires_grad_(False)
    assert (arch.count_parameters(net), arch.count_parameters(net, only_trainable=True)) == (15 + 8, 8)


def test_weights_that_do_not_exist_yet_are_counted():
    with torch.device("meta"):
        net = torch.nn.Linear(10**6, 10**6)
    assert arch.count_macs(net, (10**6,)) == 10**12


@st.composite
def stacks(draw):
    """Return layers as (kernel_size, stride, dilation) that fit on some line of pixels."""
    return draw(st.lists(st.tuples(st.integers(1, 4), sizes, sizes), min_size=1, max_size=4))


@settings(max_examples=40, deadline=None)
@given(stack=stacks())
def test_the_receptive_field_is_what_gradients_reach(stack):
    side = arch.receptive_field(stack)
    X = torch.ones(1, 1, side + 7, side + 7, dtype=torch.float64, requires_grad=True)  # room to see more, or less
    layers = [torch.nn.Conv2d(1, 1, *layer[:2], dilation=layer[2], bias=False).double() for layer in stack]
    for layer in layers:
        torch.nn.init.ones_(layer.weight)
    Y = torch.nn.Sequential(*layers)(X)
    Y[0, 0, 0, 0].backward()
    rows, columns = X.grad[0, 0].nonzero().amax(dim=0) + 1  # from pixel 0 on; holes inside belong to it
    assert rows == columns == side
    kinds = {arch.receptive_field(kind) for kind in (torch.nn.Sequential(*layers), layers, [[*stack][0], *layers[1:]])}
    ours = nn.Sequential(*(nn.Conv2d(1, 1, k, RNG, s, dilation=d) for k, s, d in stack))
    assert kinds == {arch.receptive_field(ours)} == {side}


def test_receptive_fields_in_the_literature():
    assert arch.receptive_field([(3, 1)] * 2) == 5 and arch.receptive_field([(3, 1)] * 3) == 7  # VGG's argument
    assert arch.receptive_field(vgg16()[:-3]) == 212  # Araujo et al. 2019
    assert arch.receptive_field(alexnet()[:-3]) == 195
    assert arch.receptive_field([]) == 1


def test_layers_that_stay_in_place_widen_nothing():
    inner = torch.nn.Sequential(torch.nn.BatchNorm2d(2), torch.nn.ReLU(), torch.nn.MaxPool2d(2))
    theirs = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), inner, torch.nn.Conv2d(2, 1, 3))
    ours = nn.Sequential(
        nn.Conv2d(1, 2, 3, RNG), nn.Sequential(nn.BatchNorm2d(2), nn.GELU(), nn.AvgPool2d(2)), nn.Conv2d(2, 1, 3, RNG)
    )
    assert arch.receptive_field(theirs) == arch.receptive_field(ours) == 3 + 1 + 4


def test_a_network_in_numpy_is_counted_without_pytorch():
    code = (
        "import sys, numpy as np; from introdl import architecture as a, nn; "
        "net = nn.Sequential(nn.Dense(3, 2, np.random.default_rng(0))); "
        "print(a.count_macs(net, (3,)), a.count_parameters(net), 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "6 8 False\n"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: arch.count_parameters(vgg16()), "net is a list, expected a PyTorch module or a network of introdl"),
        (lambda: arch.summarize([(3, 1)], (1, 8, 8)), r"a layer is \(3, 1\), expected Conv, Pool, GlobalPool or Dense"),
        (lambda: arch.summarize([arch.Conv(4, 3)], (8, 8)), r"Conv meets shape \(8, 8\), expected \(C, H, W\)"),
        (lambda: arch.summarize([arch.Dense(4), arch.Pool(2)], (3, 8, 8)), r"Pool meets shape \(4,\), expected"),
        (lambda: arch.summarize([arch.Conv(4, 9)], (1, 8, 8)), r"8 \+ 2 \* 0 = 8, expected at least .* = 9"),
        (lambda: arch.summarize([arch.Conv(4, 3, groups=2)], (3, 8, 8)), r"C_in % groups is 3 % 2 = 1, expected 0"),
        (lambda: arch.summarize([arch.Conv(4, 3, stride=0)], (3, 8, 8)), r"stride is 0, expected .* / stride\) \+ 1"),
        (lambda: arch.summarize([arch.Dense(0)], (3,)), "n_out is 0, expected a whole number of at least 1"),
        (lambda: arch.summarize([], (3, 0)), r"shape\[1\] is 0, expected a whole number of at least 1"),
        (lambda: arch.summarize(torch.nn.LSTM(3, 4), (5, 3)), "a layer is a LSTM, expected one whose MACs are known"),
        (  # its products are made without the layer inside it
            lambda: arch.count_macs(torch.nn.TransformerEncoderLayer(4, 1, 8), (3, 4)),
            "a layer is a MultiheadAttention, expected one whose MACs are known",
        ),
        (lambda: arch.receptive_field([torch.nn.Linear(3, 2)]), "a layer is Linear.*, expected .kernel_size, stride."),
        (lambda: arch.receptive_field([3]), "a layer is 3, expected .kernel_size, stride."),
        (lambda: arch.receptive_field([((3, 1), 1)]), r"kernel_size is \(3, 1\), expected the same in both directions"),
        (lambda: arch.receptive_field([(3, 0)]), "stride is 0, expected a whole number of at least 1"),
    ],
)
def test_what_cannot_be_counted_is_named(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()

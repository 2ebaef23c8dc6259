"""Task of unit 20: a small U-Net (UNet)."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from introdl.checks.architectures.blocks import expected
from introdl.checks.architectures.blocks import filled as named
from introdl.checks.gan_variants.modules import transposed
from introdl.checks.task import Task

NAMES = ("down1", "down2", "up2", "up1")


def cases(rng):
    for c, N, height, width in ((2, 1, 8, 8), (3, 2, 4, 8), (1, 3, 12, 4)):
        shapes = [(c, 1, 4, 4), (2 * c, c, 4, 4), (2 * c, c, 4, 4), (2 * c, 3, 4, 4)]
        values = []
        for shape, num in zip(shapes, (c, 2 * c, c, 3), strict=True):
            values.append(rng.normal(0, 0.4, size=shape).astype(np.float32))
            values.append(rng.normal(0, 0.3, size=num).astype(np.float32))
        yield c, values, rng.normal(size=(N, 1, height, width)).astype(np.float32)


def halved(X, W, b):
    """Return the convolution with kernel 4, stride 2, padding 1, then leaky ReLU, in float64."""
    X = np.pad(X.astype(float), ((0, 0), (0, 0), (1, 1), (1, 1)))
    Y = b.astype(float)[:, None, None]
    for i in range(4):
        for j in range(4):
            seen = X[:, :, i : X.shape[2] - 3 + i : 2, j : X.shape[3] - 3 + j : 2]
            Y = Y + np.einsum("nchw,oc->nohw", seen, W[:, :, i, j].astype(float))
    return np.where(Y > 0, Y, 0.2 * Y)


def in_numpy(c, values, X):
    pairs = list(zip(values[::2], values[1::2], strict=True))
    A = halved(X, *pairs[0])
    U = np.maximum(transposed(halved(A, *pairs[1]), *pairs[2]), 0)
    return expected(values, np.tanh(transposed(np.concatenate([U, A], axis=1), *pairs[3])), NAMES)


def run(make, c, values, X):
    return named(make, (c,), values, X, NAMES)


UNet = Task(
    "UNet",
    ("c", "values", "X"),
    cases,
    in_numpy,
    run=run,
    rtol=1e-3,
    atol=1e-4,
    hints=(
        "Two maps have half the picture's size: one on the way down, one on the way up. The last layer gets both.",
        "Keep the first map under a name. torch.cat([...], dim=1) stacks channels, so up1 meets 2 * c of them; up2 "
        "meets 2 * c because down2 makes so many.",
        "A = leaky(self.down1(X)); B = leaky(self.down2(A)); U = torch.relu(self.up2(B)); return "
        "torch.tanh(self.up1(torch.cat([..., ...], dim=1)))",
    ),
)


class Base(nn.Module):
    """The right network, to be changed in one place by each mistake below."""

    channels, slope = 2, 0.2  # up1's, in units of c

    def __init__(self, c):
        super().__init__()
        self.down1, self.down2 = nn.Conv2d(1, c, 4, 2, 1), nn.Conv2d(c, 2 * c, 4, 2, 1)
        self.up2 = nn.ConvTranspose2d(2 * c, c, 4, 2, 1)
        self.up1 = nn.ConvTranspose2d(self.channels * c, 3, 4, 2, 1)

    def bend(self, X):
        return F.leaky_relu(X, self.slope)

    def rise(self, B):
        return torch.relu(self.up2(B))

    def join(self, U, A):
        return torch.cat([U, A], dim=1)

    def end(self, Z):
        return torch.tanh(Z)

    def forward(self, X):
        A = self.bend(self.down1(X))
        return self.end(self.up1(self.join(self.rise(self.bend(self.down2(A))), A)))


@UNet.mistake(
    "up1 meets c channels only. Either nothing leads across, and what the way down saw in detail is lost; or you added "
    "the maps, as ResNet does. A U-Net stacks them as channels: torch.cat along dim 1."
)
class NoSkip(Base):
    channels = 1

    def join(self, U, A):
        return U


@UNet.mistake("You stacked in the other order. First the map from below, then the one from across (a convention).")
class OtherOrder(Base):
    def join(self, U, A):
        return torch.cat([A, U], dim=1)


@UNet.mistake("You stacked the map from below with itself. The second one comes from the way down.")
class WithItself(Base):
    def join(self, U, A):
        return torch.cat([U, U], dim=1)


@UNet.mistake("You stacked the map from across with itself: the way through the middle leads nowhere.")
class Short(Base):
    def join(self, U, A):
        return torch.cat([A, A], dim=1)


@UNet.mistake("The tanh at the end is missing.")
class NoTanh(Base):
    def end(self, Z):
        return Z


@UNet.mistake("Your colours end in a sigmoid. They go from -1 to 1: tanh.")
class Sigmoid(Base):
    def end(self, Z):
        return torch.sigmoid(Z)


@UNet.mistake("The way down bends by ReLU in yours. It is leaky ReLU with 0.2 (a convention, that of the paper).")
class ReluDown(Base):
    slope = 0.0


@UNet.mistake("Your leaky ReLU lets 0.01 through, PyTorch's default. Here it is 0.2.")
class DefaultSlope(Base):
    slope = 0.01


@UNet.mistake("Nothing bends on the way down: leaky ReLU stands after both convolutions.")
class NoBend(Base):
    slope = 1.0


@UNet.mistake("The ReLU after up2 is missing.")
class NoRelu(Base):
    def rise(self, B):
        return self.up2(B)

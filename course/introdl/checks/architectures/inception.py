"""Task of unit 11: four branches side by side (Inception)."""

import numpy as np
import torch
from torch import nn

from introdl.checks.architectures.blocks import convolve, drawn, expected, filled, pictures, relu
from introdl.checks.task import Task

NAMES = ("one", "narrow3", "three", "narrow5", "five", "pooled")


def sizes(rng):
    for c_in, c, few, height, width in [(2, 1, 1, 4, 4), (3, 2, 1, 5, 5), (4, 3, 2, 6, 5), (2, 4, 3, 3, 7)]:
        values = drawn(
            rng,
            (c, c_in, 1),
            (few, c_in, 1),
            (c, few, 3),
            (few, c_in, 1),
            (c, few, 5),
            (c, c_in, 1),
        )
        yield (c_in, c, few), values, pictures(rng, 2, c_in, height, width)


def in_numpy(sizes, values, X):
    def layer(name, X):
        place = 2 * NAMES.index(name)
        return relu(convolve(X, *values[place : place + 2]))

    around = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    largest = np.lib.stride_tricks.sliding_window_view(around, (3, 3), axis=(2, 3)).max(axis=(4, 5))
    c, (N, _, H, W) = sizes[1], X.shape
    Y = np.empty((N, 4 * c, H, W))
    Y[:, :c], Y[:, c : 2 * c] = layer("one", X), layer("three", layer("narrow3", X))
    Y[:, 2 * c : 3 * c], Y[:, 3 * c :] = layer("five", layer("narrow5", X)), layer("pooled", largest)
    return expected(values, Y, NAMES)


def run(make, sizes, values, X):
    return filled(make, sizes, values, X, NAMES)


Inception = Task(
    "Inception",
    ("sizes", "values", "X"),
    sizes,
    in_numpy,
    run=run,
    rtol=1e-4,
    atol=1e-5,
    hints=(
        "Compute four results from the same X, all with the height and width of X, and stack their channels.",
        "Paddings that keep the size: 0 for 1×1, 1 for 3×3, 2 for 5×5; for the pooling MaxPool2d(3, stride=1, "
        "padding=1), whose stride would else be 3. In (N, C, H, W) the channels are dim 1.",
        "narrow = torch.relu(self.narrow3(X)); parts = [torch.relu(self.one(X)), torch.relu(self.three(narrow)), ..., "
        "...]; return torch.cat(parts, dim=...)",
    ),
)


class Base(nn.Module):
    """The right block, to be changed in one place by each mistake below."""

    dim = 1

    def __init__(self, c_in, c, few):
        super().__init__()
        self.one = nn.Conv2d(c_in, c, 1)
        self.narrow3, self.three = nn.Conv2d(c_in, few, 1), nn.Conv2d(few, c, 3, padding=1)
        self.narrow5, self.five = nn.Conv2d(c_in, few, 1), nn.Conv2d(few, c, 5, padding=2)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)
        self.pooled = nn.Conv2d(c_in, c, 1)

    def narrow(self, layer, X):
        return torch.relu(layer(X))

    def branches(self, X):
        three, five = self.three(self.narrow(self.narrow3, X)), self.five(self.narrow(self.narrow5, X))
        return [torch.relu(Z) for Z in (self.one(X), three, five, self.pooled(self.pool(X)))]

    def forward(self, X):
        return torch.cat(self.branches(X), dim=self.dim)


@Inception.mistake("You stack along the batch: there are now four times as many examples. Channels are dim=1.")
class AlongTheBatch(Base):
    dim = 0


@Inception.mistake("You stack along the height: the maps stand on top of each other. Channels are dim=1.")
class AlongTheHeight(Base):
    dim = 2


@Inception.mistake("You stack along the width: dim=3, or -1, is the last axis. Channels are dim=1.")
class AlongTheWidth(Base):
    dim = -1


@Inception.mistake("The branches are added. Stack them as channels, so that the next layer can tell them apart.")
class Added(Base):
    def forward(self, X):
        return sum(self.branches(X))


@Inception.mistake("The branches come in another order. It is 1×1, 3×3, 5×5, pooling (a convention).")
class PoolingFirst(Base):
    def branches(self, X):
        one, three, five, pooled = super().branches(X)
        return [pooled, one, three, five]


@Inception.mistake("The ReLU after the bottlenecks is missing: each convolution is followed by one.")
class NoReluAfterNarrow(Base):
    def narrow(self, layer, X):
        return layer(X)


@Inception.mistake("There is no ReLU after the branches' last convolutions. Each convolution is followed by one.")
class NoReluAtTheEnd(Base):
    def branches(self, X):
        three, five = self.three(self.narrow(self.narrow3, X)), self.five(self.narrow(self.narrow5, X))
        return [self.one(X), three, five, self.pooled(self.pool(X))]


@Inception.mistake("Your pooling averages. Take the largest of each 3×3 window: MaxPool2d(3, stride=1, padding=1).")
class AveragePooling(Base):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.pool = nn.AvgPool2d(3, stride=1, padding=1)


@Inception.mistake("The fourth branch does not pool: it is a second 1×1 branch.")
class NoPooling(Base):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.pool = nn.Identity()


@Inception.mistake("Your 3×3 and 5×5 kernels look at all of X, without a bottleneck: they should look at few channels.")
class NoBottleneck(Base):
    def __init__(self, c_in, c, few):
        super().__init__(c_in, c, few)
        self.three, self.five = nn.Conv2d(c_in, c, 3, padding=1), nn.Conv2d(c_in, c, 5, padding=2)
        del self.narrow3, self.narrow5


@Inception.mistake("Both bottlenecks are one layer. Each branch has a 1×1 of its own, narrow3 and narrow5.")
class SharedBottleneck(Base):
    def branches(self, X):
        narrow = self.narrow(self.narrow3, X)
        return [torch.relu(Z) for Z in (self.one(X), self.three(narrow), self.five(narrow), self.pooled(self.pool(X)))]

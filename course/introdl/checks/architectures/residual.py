"""Task of unit 11: a residual block with a projection where shapes differ (Residual)."""

import torch
from torch import nn

from introdl.checks.architectures.blocks import convolve, drawn, expected, filled, pictures, relu
from introdl.checks.task import Task

NAMES = ("conv1", "conv2", "projection")
CASES = [(2, 2, 1, 4), (2, 3, 1, 5), (3, 3, 2, 6), (2, 4, 2, 8), (4, 2, 2, 7), (1, 1, 1, 3)]


def sizes(rng):
    for c_in, c_out, stride, height in CASES:
        values = drawn(rng, (c_out, c_in, 3), (c_out, c_out, 3))
        if stride != 1 or c_in != c_out:
            values += drawn(rng, (c_out, c_in, 1))
        yield (c_in, c_out, stride), values, pictures(rng, 2, c_in, height, height)


def in_numpy(sizes, values, X):
    stride, (W1, b1, W2, b2, *projection) = sizes[2], values
    body = convolve(relu(convolve(X, W1, b1, stride)), W2, b2)
    around = convolve(X, *projection, stride) if projection else X
    return expected(values, relu(body + around), NAMES[: len(values) // 2])


def run(make, sizes, values, X):
    return filled(make, sizes, values, X, NAMES[: len(values) // 2])


Residual = Task(
    "Residual",
    ("sizes", "values", "X"),
    sizes,
    in_numpy,
    run=run,
    rtol=1e-4,
    atol=1e-5,
    hints=(
        "Two ways lead from X to the sum: conv1, ReLU, conv2 is one; X itself, or its projection, the other.",
        "The stride belongs to conv1 and to the projection, which is a 1×1 convolution without padding. nn.Identity() "
        "has no parameters and returns what it gets: use it as self.projection where nothing is to be changed. The "
        "last ReLU acts on the sum.",
        "self.projection = nn.Identity() if stride == 1 and ... else nn.Conv2d(c_in, c_out, 1, ...); in forward: "
        "return torch.relu(... + self.projection(X))",
    ),
)


class Base(nn.Module):
    """The right block, to be changed in one place by each mistake below."""

    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.make(c_in, c_out, stride)

    def make(self, c_in, c_out, stride):
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, padding=1)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1)
        self.projection = nn.Conv2d(c_in, c_out, 1, stride) if self.differs(c_in, c_out, stride) else nn.Identity()

    def differs(self, c_in, c_out, stride):
        return stride != 1 or c_in != c_out

    def body(self, X):
        return self.conv2(torch.relu(self.conv1(X)))

    def forward(self, X):
        return torch.relu(self.body(X) + self.projection(X))


@Residual.mistake("The ReLU after the sum is missing: ReLU(F(X) + X).")
class NoLastRelu(Base):
    def forward(self, X):
        return self.body(X) + self.projection(X)


@Residual.mistake(
    "Your last ReLU stands before the sum, so the block can only add. Add first, then bend: ReLU(F(X) + X)."
)
class ReluBeforeTheSum(Base):
    def forward(self, X):
        return torch.relu(self.body(X)) + self.projection(X)


@Residual.mistake("You bend before and after the sum. conv2 is followed by the sum at once; ReLU comes after it.")
class ReluTwice(Base):
    def forward(self, X):
        return torch.relu(torch.relu(self.body(X)) + self.projection(X))


@Residual.mistake("The ReLU between conv1 and conv2 is missing, so F is linear.")
class NoInnerRelu(Base):
    def forward(self, X):
        return torch.relu(self.conv2(self.conv1(X)) + self.projection(X))


@Residual.mistake("Nothing is added: without the skip connection this is a plain block.")
class Plain(Base):
    def forward(self, X):
        return torch.relu(self.body(X))


@Residual.mistake("You bend the way around, too. X, or its projection, goes into the sum as it is.")
class ReluAround(Base):
    def forward(self, X):
        return torch.relu(self.body(X) + torch.relu(self.projection(X)))


@Residual.mistake("X is multiplied with F(X). The way around is added: that plus sign lets slopes through.")
class Product(Base):
    def forward(self, X):
        return torch.relu(self.body(X) * self.projection(X))


@Residual.mistake(
    "There is no projection at stride 2 where the channels stay the same. Height and width differ there, too: project "
    "whenever stride != 1 or c_in != c_out."
)
class NoProjectionAtStride(Base):
    def differs(self, c_in, c_out, stride):
        return c_in != c_out


@Residual.mistake(
    "There is no projection where the channels change at stride 1. Project whenever stride != 1 or c_in != c_out."
)
class NoProjectionForChannels(Base):
    def differs(self, c_in, c_out, stride):
        return stride != 1


@Residual.mistake("There is no projection at all. Where stride or channels change, X does not fit into the sum.")
class NoProjection(Base):
    def differs(self, c_in, c_out, stride):
        return False


@Residual.mistake(
    "You project always. Where X has the right shape already, it goes around unchanged: that is what lets a block "
    "pass on its input."
)
class ProjectionAlways(Base):
    def differs(self, c_in, c_out, stride):
        return True


@Residual.mistake("Your projection is 3×3. A 1×1 is enough: it only brings X into shape.")
class ProjectionOfThree(Base):
    def make(self, c_in, c_out, stride):
        super().make(c_in, c_out, stride)
        if self.differs(c_in, c_out, stride):
            self.projection = nn.Conv2d(c_in, c_out, 3, stride, padding=1)


@Residual.mistake("The stride is in conv2. It belongs to conv1 (a convention), so that conv2 works on the small map.")
class StrideInTheSecond(Base):
    def make(self, c_in, c_out, stride):
        super().make(c_in, c_out, stride)
        self.conv1.stride, self.conv2.stride = (1, 1), (stride, stride)


@Residual.mistake("Your convolutions have no bias. There is no batch normalization here, so leave bias at its default.")
class NoBias(Base):
    def make(self, c_in, c_out, stride):
        super().make(c_in, c_out, stride)
        for layer in (self.conv1, self.conv2, self.projection):
            layer.bias = None

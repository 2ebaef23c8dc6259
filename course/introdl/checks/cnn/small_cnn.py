"""Task of unit 10: a convolutional network as a module (SmallCNN)."""

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch.nn.functional import max_pool2d

from introdl.checks.task import Task


def sizes(rng):
    for c_in, side, n_out, N in [(1, 4, 2, 1), (3, 8, 5, 2), (2, 12, 3, 3), (1, 8, 10, 4)]:
        yield (c_in, side, n_out), rng.normal(0, 0.4, size=1500), rng.normal(size=(N, c_in, side, side))


def filled(module_class, sizes, values, X):
    """Make the module, fill its parameters with values, and call it; its own method does so, where the class lives."""
    names, outputs = module_class(*sizes).probe(values, X)
    return {"parameters": list(names), "outputs": np.asarray(outputs, dtype=float)}


def in_numpy(sizes, values, X):
    """The same by windows and sums, in float64."""
    c_in, side, n_out = sizes
    shapes = [(8, c_in, 3, 3), (8,), (16, 8, 3, 3), (16,), (n_out, side * side), (n_out,)]
    W1, b1, W2, b2, W3, b3 = (np.resize(values, shape) for shape in shapes)
    names = ["conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "out.weight", "out.bias"]
    for W, b in ((W1, b1), (W2, b2)):
        padded = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = sliding_window_view(padded, (3, 3), axis=(2, 3))  # (N, C, H, W, 3, 3)
        X = np.maximum(np.einsum("nchwij,kcij->nkhw", windows, W) + b[:, None, None], 0)
        N, C, H, width = X.shape
        X = X.reshape(N, C, H // 2, 2, width // 2, 2).max(axis=(3, 5))
    outputs = X.reshape(len(X), -1) @ W3.T + b3
    return {"parameters": [f"{name} {shape}" for name, shape in zip(names, shapes, strict=True)], "outputs": outputs}


SmallCNN = Task(
    "SmallCNN",
    ("sizes", "values", "X"),
    sizes,
    in_numpy,
    run=filled,
    rtol=1e-4,
    atol=1e-4,
    hints=(
        "__init__ makes the three layers with weights; forward puts ReLU, pooling and flatten between them.",
        "After two poolings by 2 the maps have side // 4 pixels on each side, and there are 16 of them: that is what "
        "the dense layer gets. flatten(1) leaves the batch's axis alone.",
        "self.conv1 = torch.nn.Conv2d(c_in, 8, kernel_size=3, padding=...); in forward: "
        "X = torch.nn.functional.max_pool2d(torch.relu(self.conv1(X)), ...); ...; return self.out(X.flatten(...))",
    ),
)


class Base(torch.nn.Module):
    """The right module, to be changed in one place by each mistake below."""

    k, padding, bias = 3, 1, True

    def __init__(self, c_in, side, n_out):
        super().__init__()
        settings = {"kernel_size": self.k, "padding": self.padding, "bias": self.bias}
        self.conv1, self.conv2 = torch.nn.Conv2d(c_in, 8, **settings), torch.nn.Conv2d(8, 16, **settings)
        self.out = torch.nn.Linear(self.inputs(side), n_out)

    def inputs(self, side):
        return 16 * (side // 4) ** 2

    def bend(self, X):
        return torch.relu(X)

    def pool(self, X):
        return max_pool2d(X, 2)

    def flatten(self, X):
        return X.flatten(1)

    def forward(self, X):
        X = self.pool(self.bend(self.conv1(X)))
        X = self.pool(self.bend(self.conv2(X)))
        return self.out(self.flatten(X))

    def probe(self, values, X):
        names = []
        with torch.no_grad():
            for name, p in self.named_parameters():
                names.append(f"{name} {tuple(p.shape)}")
                p.copy_(torch.tensor(np.resize(values, p.shape)))
            return names, self(torch.tensor(X, dtype=torch.float32)).numpy()


@SmallCNN.mistake("The ReLUs are missing. Apply torch.relu after each convolution, or both are one linear step.")
class NoRelu(Base):
    def bend(self, X):
        return X


@SmallCNN.mistake("The second ReLU is missing: each convolution is followed by one.")
class OneRelu(Base):
    def forward(self, X):
        X = self.pool(self.bend(self.conv1(X)))
        return self.out(self.flatten(self.pool(self.conv2(X))))


@SmallCNN.mistake("You apply ReLU after the dense layer, too. Logits may be negative: end with the layer itself.")
class ReluAtTheEnd(Base):
    def forward(self, X):
        return torch.relu(super().forward(X))


@SmallCNN.mistake("Your module ends with a softmax. cross_entropy applies it itself: return the logits.")
class SoftmaxAtTheEnd(Base):
    def forward(self, X):
        return torch.softmax(super().forward(X), dim=1)


@SmallCNN.mistake(
    "You flatten the whole batch into one row, so the dense layer does not fit (or takes many images for one). "
    "Leave the first axis alone: X.flatten(1)."
)
class FlattensTheBatch(Base):
    def flatten(self, X):
        return X.flatten()


@SmallCNN.mistake(
    "You move the channels before you flatten, so the numbers come in another order than PyTorch's flatten gives. Use "
    "X.flatten(1) as it is."
)
class ChannelsLast(Base):
    def flatten(self, X):
        return X.permute(0, 2, 3, 1).flatten(1)


@SmallCNN.mistake("Average pooling is not asked for: take the maximum of each window, max_pool2d.")
class AveragePooling(Base):
    def pool(self, X):
        return torch.nn.functional.avg_pool2d(X, 2)


@SmallCNN.mistake("The pooling is missing: after each ReLU, max_pool2d(..., 2) halves the maps.")
class NoPooling(Base):
    def inputs(self, side):
        return 16 * side**2

    def pool(self, X):
        return X


@SmallCNN.mistake("The second pooling is missing: there is one after each ReLU, and the dense layer gets side // 4.")
class OnePooling(Base):
    def inputs(self, side):
        return 16 * (side // 2) ** 2

    def forward(self, X):
        X = self.pool(self.bend(self.conv1(X)))
        return self.out(self.flatten(self.bend(self.conv2(X))))


@SmallCNN.mistake("Your kernels are 5×5 (with padding 2). The task asks for 3×3 with padding 1.")
class LargeKernels(Base):
    k, padding = 5, 2


@SmallCNN.mistake("Your convolutions have no biases. Leave bias at its default, True.")
class NoBias(Base):
    bias = False


@SmallCNN.mistake(
    "The layers are made in another order than they are used, so the parameters come in another order, too. Make conv1 "
    "first, then conv2, then out."
)
class MadeInReverse(Base):
    def __init__(self, c_in, side, n_out):
        super().__init__(c_in, side, n_out)
        layers = self.out, self.conv2, self.conv1
        del self.out, self.conv2, self.conv1
        self.out, self.conv2, self.conv1 = layers

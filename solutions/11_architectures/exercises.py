# %% [markdown]
r"""
# Exercises 11 · Stand on famous shoulders

You count the work of a network that does not exist yet, build the blocks of VGG, ResNet, Inception and MobileNet in
PyTorch, and choose a network for a budget.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("Residual")` (or another task's name). Hints open one at a time.

Your blocks here have no batch normalization, so you see nothing but their form; their convolutions keep PyTorch's
bias. The check fills your layers with weights of its own and compares what comes out. The [lesson](lesson.ipynb) has
all you need; `introdl.nn` and `introdl.architecture` are put away.
"""

# %%
import time

import numpy as np
import torch
from torch import nn

from introdl import data, train
from introdl.checks import architectures as check

# %% [markdown] prompt="count_macs" title="Count before you build" minutes=12 difficulty=2
r"""
Return how many multiply-accumulates a network needs for one picture.

- in: `layers`, a list of tuples, in the order of use:
  - `("conv", c_out, k, stride, padding, groups)`: a convolution with kernels of k×k; `padding` on each side
  - `("pool", k)`: a pooling with windows of k×k and a stride of k
  - `("dense", n_out)`: a dense layer; a picture is flattened first
- in: `shape`, `(C, H, W)` of the picture
- out: a whole number: the products of all convolutions and dense layers, each with a weight. Biases, additions and
  poolings do not count.

With `layers = [("conv", 8, 3, 1, 1, 1)]` and `shape = (3, 4, 4)` there are `8 * 3 * 9` weights, each used at 16 places:
3,456 MACs.
"""

# %% task="count_macs"
def count_macs(layers: list[tuple], shape: tuple[int, int, int]) -> int:
    """Return the multiply-accumulates of the network for one picture.

    layers: tuples as above. shape: (C, H, W).
    """
    ### BEGIN SOLUTION
    macs = 0
    for kind, *numbers in layers:
        if kind == "conv":
            (C, H, W), (c_out, k, stride, padding, groups) = shape, numbers
            H, W = ((size + 2 * padding - k) // stride + 1 for size in (H, W))
            macs += c_out * C // groups * k * k * H * W
            shape = (c_out, H, W)
        elif kind == "pool":
            C, H, W = shape
            shape = (C, H // numbers[0], W // numbers[0])
        else:
            macs += int(np.prod(shape)) * numbers[0]
            shape = (numbers[0],)
    return macs
    ### END SOLUTION

# %% checks="count_macs" points=3
check.count_macs(count_macs)

# %% [markdown] prompt="vgg_block" title="Small kernels, many of them" minutes=8 difficulty=1
r"""
Build a block as VGG itself has it: `num_convs` convolutions of 3×3 that keep height and width, each followed by ReLU,
and at the end a maximum pooling of 2×2 that halves the picture.

- in: whole numbers. `c_in`, channels that the block meets; `c_out`, channels that each convolution puts out;
  `num_convs`, at least 1
- out: a module that turns `(N, c_in, H, W)` into `(N, c_out, H // 2, W // 2)`

Write it as one `nn.Sequential`. `vgg_block(2, 3, 2)` has weights of the shapes `(3, 2, 3, 3)` and `(3, 3, 3, 3)`, and
two biases of shape `(3,)`.
"""

# %% task="vgg_block"
def vgg_block(c_in: int, c_out: int, num_convs: int) -> nn.Module:
    """Return convolutions of 3×3 with ReLU, then a pooling: (N, c_in, H, W) -> (N, c_out, H // 2, W // 2)."""
    ### BEGIN SOLUTION
    layers = []
    for place in range(num_convs):
        layers += [nn.Conv2d(c_out if place else c_in, c_out, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))
    ### END SOLUTION

# %% checks="vgg_block" points=2
check.vgg_block(vgg_block)

# %% [markdown] prompt="Residual" title="One plus sign" minutes=15 difficulty=3
r"""
Write a residual block: `ReLU(F(X) + X)`, where `F` is a convolution of 3×3, ReLU, a convolution of 3×3. Both keep
height and width, except that the first one has the stride.

Where `X` does not have the shape of `F(X)`, a projection goes into the sum instead of `X`: a convolution of 1×1,
without padding, with the same stride. That is so whenever the stride is not 1 *or* the channels differ. Elsewhere,
`X` goes around unchanged.

- `Residual(c_in, c_out, stride)` makes it; call the convolutions `conv1`, `conv2` and, where there is one,
  `projection`
- `forward(X)` takes `(N, c_in, H, W)` and returns `(N, c_out, H', W')`, where a stride of 2 halves height and width
  (rounded up)

`Residual(2, 2, 1)` has two convolutions, `Residual(2, 2, 2)` and `Residual(2, 3, 1)` have three.
"""

# %% task="Residual"
class Residual(nn.Module):
    """Two convolutions and a way around them, added before the last ReLU."""

    def __init__(self, c_in: int, c_out: int, stride: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, padding=1)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1)
        same = stride == 1 and c_in == c_out
        self.projection = nn.Identity() if same else nn.Conv2d(c_in, c_out, 1, stride)
        ### END SOLUTION

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return (N, c_out, H', W') for X (N, c_in, H, W)."""
        ### BEGIN SOLUTION
        Z = self.conv2(torch.relu(self.conv1(X)))
        return torch.relu(Z + self.projection(X))
        ### END SOLUTION

# %% checks="Residual" points=3
check.Residual(Residual)

# %% [markdown] prompt="Inception" title="Four views at once" minutes=12 difficulty=2
r"""
Write a block with four branches that look at the same input and keep its height and width:

1. `one`: a convolution of 1×1 to `c` channels
2. `narrow3`: 1×1 to `few` channels, then `three`: 3×3 to `c` channels
3. `narrow5`: 1×1 to `few` channels, then `five`: 5×5 to `c` channels
4. a maximum pooling of 3×3 with a stride of 1, then `pooled`: 1×1 to `c` channels

Each convolution is followed by ReLU. The results are stacked as channels, in this order.

- `Inception(c_in, c, few)` makes it; call the six convolutions as above
- `forward(X)` takes `(N, c_in, H, W)` and returns `(N, 4 * c, H, W)`
"""

# %% task="Inception"
class Inception(nn.Module):
    """Four branches side by side, stacked as channels."""

    def __init__(self, c_in: int, c: int, few: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.one = nn.Conv2d(c_in, c, 1)
        self.narrow3, self.three = nn.Conv2d(c_in, few, 1), nn.Conv2d(few, c, 3, padding=1)
        self.narrow5, self.five = nn.Conv2d(c_in, few, 1), nn.Conv2d(few, c, 5, padding=2)
        self.pool, self.pooled = nn.MaxPool2d(3, stride=1, padding=1), nn.Conv2d(c_in, c, 1)
        ### END SOLUTION

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return (N, 4 * c, H, W) for X (N, c_in, H, W)."""
        ### BEGIN SOLUTION
        three = self.three(torch.relu(self.narrow3(X)))
        five = self.five(torch.relu(self.narrow5(X)))
        branches = [self.one(X), three, five, self.pooled(self.pool(X))]
        return torch.relu(torch.cat(branches, dim=1))
        ### END SOLUTION

# %% checks="Inception" points=3
check.Inception(Inception)

# %% [markdown] prompt="separable" title="Divide the work" minutes=10 difficulty=2
r"""
Build MobileNet's replacement for a convolution of 3×3: first depthwise (3×3, one kernel a channel, keeps height and
width except for the stride), ReLU, then pointwise (1×1 from `c_in` to `c_out` channels, stride 1), ReLU.

- in: whole numbers `c_in`, `c_out`, `stride`
- out: a module that turns `(N, c_in, H, W)` into `(N, c_out, H', W')`

`separable(4, 8, 1)` has weights of the shapes `(4, 1, 3, 3)` and `(8, 4, 1, 1)`, and biases of `(4,)` and `(8,)`.
"""

# %% task="separable"
def separable(c_in: int, c_out: int, stride: int) -> nn.Module:
    """Return a depthwise and a pointwise convolution, each with ReLU: (N, c_in, H, W) -> (N, c_out, H', W')."""
    ### BEGIN SOLUTION
    depthwise = nn.Conv2d(c_in, c_in, 3, stride, padding=1, groups=c_in)
    pointwise = nn.Conv2d(c_in, c_out, 1)
    return nn.Sequential(depthwise, nn.ReLU(), pointwise, nn.ReLU())
    ### END SOLUTION

# %% checks="separable" points=3
check.separable(separable)

# %% [markdown] prompt="choose" title="Choose under a budget" minutes=10 difficulty=2
r"""
Given a table of trained networks, find the best one that you can afford.

- in: `rows`, a list of dictionaries with `"net"`, its name; `"val_accuracy"`, a list of its validation accuracies, one
  a seed; `"macs"` and `"params"`, whole numbers
- in: `max_macs` and `max_params`, the budgets; what reaches a budget exactly still fits
- out: the name of the network with the highest *mean* accuracy among those that fit both budgets. Of two equally
  accurate ones, take the one with fewer MACs. If none fits, return `None`.
"""

# %% task="choose"
def choose(rows: list[dict], max_macs: int, max_params: int) -> str | None:
    """Return the name of the most accurate network within both budgets, or None.

    rows: dictionaries with "net", "val_accuracy" (a list), "macs", "params".
    """
    ### BEGIN SOLUTION
    fitting = [row for row in rows if row["macs"] <= max_macs and row["params"] <= max_params]
    best = max(fitting, key=lambda row: (np.mean(row["val_accuracy"]), -row["macs"]), default=None)
    return best["net"] if best else None
    ### END SOLUTION

# %% checks="choose" points=2
check.choose(choose)

# %% [markdown]
r"""
Now put it to use. These are networks for photographs of 1,000 kinds (ImageNet, 224×224 pixels), with the accuracies
that the papers on MobileNet report: [Howard and others 2017](https://arxiv.org/abs/1704.04861), table 8, and [Sandler
and others 2018](https://arxiv.org/abs/1801.04381), table 4. Your telephone can do so many million MACs for a picture
and store so many numbers. What do you get?
"""

# %%
published = [  # name, share of right answers, million MACs, million parameters
    ("VGG-16", 0.715, 15_300, 138),
    ("GoogLeNet", 0.698, 1_550, 6.8),
    ("MobileNet", 0.706, 569, 4.2),
    ("MobileNetV2", 0.720, 300, 3.4),
    ("MobileNetV2, 1.4 times as wide", 0.747, 585, 6.9),
]


def try_out():
    rows = [{"net": net, "val_accuracy": [share], "macs": round(macs * 1e6), "params": round(params * 1e6)}
            for net, share, macs, params in published]
    for max_macs, max_params in [(20_000, 200), (20_000, 5), (500, 200), (100, 200)]:
        best = choose(rows, max_macs * 10**6, max_params * 10**6)
        print(f"at most {max_macs:6,} million MACs, {max_params:3} million parameters: {best}")


# try_out()          # when your answer passes, take the first # away and run this cell

# %% [markdown]
r"""
And all pieces together: four small networks from *your* blocks, trained on 3,500 digits. It takes about half a
minute. One of them may surprise you. Count its layers, remember what your blocks leave out, and look up how [unit
05](../05_initialization/lesson.ipynb) would draw its first weights: `nn.init.kaiming_normal_`. Does that help?
"""

# %%
def body(name):
    return {
        "VGG": lambda: [vgg_block(8, 32, 2), vgg_block(32, 64, 2)],
        "ResNet": lambda: [Residual(8, 32, 2), Residual(32, 64, 2)],
        "Inception": lambda: [nn.MaxPool2d(2), Inception(8, 8, 4), nn.MaxPool2d(2), Inception(32, 16, 8)],
        "MobileNet": lambda: [separable(8, 32, 2), separable(32, 32, 1), separable(32, 64, 2), separable(64, 64, 1)],
    }[name]()


def train_mine(num_epochs=6):
    digits = data.mnist5k()
    X_train, X_val = digits.X_train.reshape(-1, 1, 28, 28), digits.X_val.reshape(-1, 1, 28, 28)
    for name in ("VGG", "ResNet", "Inception", "MobileNet"):
        torch.manual_seed(0)
        first = nn.Sequential(nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU())
        net = nn.Sequential(first, *body(name), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
        optimizer, start = torch.optim.Adam(net.parameters(), lr=0.003), time.process_time()
        train.fit(net, (X_train, digits.y_train, X_val, digits.y_val), num_epochs=num_epochs, optimizer=optimizer)
        seconds, params = time.process_time() - start, sum(p.numel() for p in net.parameters())
        accuracy = train.evaluate(net, X_val, digits.y_val)["accuracy"]
        print(f"{name:10} {params:6,} parameters, validation accuracy {accuracy:.1%}, {seconds:.0f} s")


# train_mine()       # when all your answers pass, take the first # away and run this cell

# %% [markdown] prompt="not_seven_times" title="Explain in words" minutes=6 difficulty=2
r"""
A colleague has replaced all convolutions of 3×3 with 64 channels by depthwise-separable ones. "Eight times fewer
MACs," she says, "so the network will be eight times as fast, and it cannot be as accurate." What do you tell her
about either half of the sentence, and how would you find out? Four or five sentences are enough. When you have
written and saved your answer, `check.model_answer("not_seven_times")` shows one to compare with.
"""

# %% [markdown] answer="not_seven_times" points=2
r"""
Speed: MACs count products only. A machine must also read and write the maps, and a depthwise layer uses each number
that it reads for a few products only, so it waits for memory; in the lesson, time fell by much less than the MACs
did, and training was no faster at all. So measure the seconds, on the machine and with the batch size that will be
used.

Accuracy: fewer MACs and weights do not have to cost accuracy; in the lesson's table the separable network is within a
point or so of its dense twin, because neighbours and channels can be dealt with one after the other. Train both from
several seeds with the same budget, and compare means on validation data; a difference smaller than the spread between
seeds says nothing.

**What to look for:** reading and writing, not multiplying, limits the depthwise layer (or: MACs are not time), so
measure; accuracy is an empirical question, answered by validation data and several seeds.
"""

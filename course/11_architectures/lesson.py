# %% [markdown]
r"""
# Stand on famous shoulders

> **Time**: {{run_time}} to run, 90 minutes to study.
>
> **What you do**: see a network get worse because it is deeper, and cure it with one plus sign; count multiplications
> before a network exists; build the blocks of four famous networks, VGG, ResNet, Inception and MobileNet, small enough
> for a laptop; compare them in one table: accuracy, parameters, multiplications, seconds.
>
> **What you need first**: [unit 05](../05_initialization/lesson.ipynb) (vanishing slopes, first weights),
> [unit 09](../09_convolution/lesson.ipynb) (convolution, stride, receptive field, 1×1), [unit
> 10](../10_cnn/lesson.ipynb) (training a convolutional network).
"""

# %% tags=["harness"]
import math
import time

import numpy as np
import torch
from torch import nn

from introdl import architecture, data, metrics, plot, train
from introdl import nn as ours

seed = 0
digits = data.mnist5k()
X_train, X_val, X_test = (X.reshape(-1, 1, 28, 28) for X in (digits.X_train, digits.X_val, digits.X_test))    # (N, C, H, W)

# %% [markdown]
r"""
## Twelve layers too many

In [unit 10](../10_cnn/lesson.ipynb) five layers read digits well. Would twenty not do better? Each layer can build
patterns of what the one before it found. Let us stack them.

All networks of this unit have the same frame. A first convolution halves the picture; then comes one *block* after
another, given as pairs (channels, stride); in the end an average over each map and a dense layer. Only the block
changes. `norm` says whether batch normalization follows each convolution.
"""

# %% tags=["harness"]
def conv(c_in, c_out, kernel_size=3, stride=1, groups=1, norm=True):
    """A convolution that keeps the size at stride 1; then batch normalization, whose shift makes the bias superfluous."""
    layer = nn.Conv2d(c_in, c_out, kernel_size, stride, padding=kernel_size // 2, groups=groups, bias=not norm)
    return nn.Sequential(layer, nn.BatchNorm2d(c_out)) if norm else layer


def network(block, stages, c_first, norm=True):
    """Halve the picture, one block for each (channels, stride), average over the map, ten logits."""
    layers, c_in = [conv(1, c_first, stride=2, norm=norm), nn.ReLU()], c_first
    for c_out, stride in stages:
        layers.append(block(c_in, c_out, stride, norm))
        c_in = c_out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_in, 10))


# %% [markdown]
r"""
The plainest block is two convolutions with ReLU. `deep(20)` makes three stages of them: maps of 14×14 pixels with 8
channels, then 7×7 with 16, then 4×4 with 32. Each block has two layers, so with the first convolution and the dense
layer, nine blocks make twenty.
"""

# %% tags=["harness"]
def plain(c_in, c_out, stride, norm=True):
    return nn.Sequential(conv(c_in, c_out, 3, stride, norm=norm), nn.ReLU(), conv(c_out, c_out, norm=norm), nn.ReLU())


def deep(depth):
    """(channels, stride) of each block, two layers a block, in three stages."""
    n = (depth - 2) // 6
    return [(8, 1)] * n + [(16, 2)] + [(16, 1)] * (n - 1) + [(32, 2)] + [(32, 1)] * (n - 1)


# %% [markdown]
r"""
And the same training for everybody: six epochs of Adam under one cycle of the learning rate
([unit 06](../06_optimizers/lesson.ipynb)), batches of 64.
"""

# %% tags=["harness"]
def fit(net, seed, lr=0.003, num_epochs=6):
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=num_epochs * 55)    # 3,500 / 64: 55 steps
    return train.fit(net, (X_train, digits.y_train, X_val, digits.y_val), num_epochs=num_epochs, batch_size=64,
                     optimizer=optimizer, scheduler=scheduler, seed=seed)


# %%
def trained(block, depth):
    torch.manual_seed(seed)
    net = network(block, deep(depth), 8, norm=False)
    return net, fit(net, seed)


nets = {f"plain-{depth}": trained(plain, depth) for depth in (8, 20)}

# %% tags=["nbval-ignore-output"]
for name, (_, history) in nets.items():
    print(f"{name:9} training loss {history['train_loss'][-1]:.2f}, validation accuracy {history['val_accuracy'][-1]:.0%}")

# %% [markdown]
r"""
Eight layers read digits. Twenty guess, also on the digits that they are trained on: this is no overfitting. And yet
the deep network could do all that the shallow one does, if twelve of its layers would only pass on what they get. It
does not find that. He and others ([2015](https://arxiv.org/abs/1512.03385)) saw the same, less drastic, on photographs,
and called it [*degradation*](../glossary.md#degradation).

Their cure costs nothing. To see how little, first learn to count.
"""

# %% [markdown]
r"""
## What does a layer cost?

Two numbers. Its *parameters* must be stored and learned. Its
[*multiply-accumulates*](../glossary.md#multiply-accumulate), short MACs, are the work: one is "multiply by a weight
and add". A weight of a convolution is used once at every place where its kernel stops, so with maps of $H' \times W'$
at its *output*,

$$\text{weights} = C_\text{out}\, C_\text{in}\, k^2, \qquad \text{MACs} = \text{weights} \cdot H'\, W'.$$

A dense layer uses each weight once. Biases, ReLU and batch normalization are left out, as the papers do.
"""

# %%
def conv_cost(c_in, c_out, k, height, width):
    """Weights and MACs of a convolution whose output is height × width."""
    weights = c_out * c_in * k * k
    return weights, weights * height * width


layer = nn.Conv2d(8, 16, 3, stride=2, padding=1)           # 14×14 pixels become 7×7
assert conv_cost(8, 16, 3, 7, 7)[1] == architecture.count_macs(layer, (8, 14, 14))
print(f"{conv_cost(8, 16, 3, 7, 7)[0]:,} weights, {conv_cost(8, 16, 3, 7, 7)[1]:,} MACs for one picture")

# %% [markdown]
r"""
`introdl.architecture` has `count_macs` for whole networks. It also has layers *as data*: `Conv`, `Pool`, `Dense`,
`GlobalPool` hold no weights, so you can count what would not fit into memory. Here is the first of the famous: VGG-16
([Simonyan and Zisserman 2014](https://arxiv.org/abs/1409.1556)), for photographs of 224×224 pixels.
"""

# %%
vgg16 = []
for channels, num_convs in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
    vgg16 += [architecture.Conv(channels, 3, padding=1)] * num_convs + [architecture.Pool(2)]
vgg16 += [architecture.Dense(4096), architecture.Dense(4096), architecture.Dense(1000)]
rows = [row for row in architecture.summarize(vgg16, (3, 224, 224)) if row.params]
params, macs = sum(row.params for row in rows), sum(row.macs for row in rows)
print(f"{params / 1e6:.0f} million parameters, {macs / 1e9:.1f} billion MACs for one photograph")

# %%
fig, axs = plot.figure("VGG-16: parameters sit in the dense layers, work in the convolutions", "layer", ncols=2, size=(7.2, 3.0))
colors = ["C0" if row.name == "Conv" else "C1" for row in rows]
for ax, what, total in zip(axs, ("params", "macs"), (params, macs)):
    ax.bar(range(1, 17), [100 * getattr(row, what) / total for row in rows], color=colors)
    ax.set(ylabel="% of the " + {"params": "parameters", "macs": "MACs"}[what], xticks=[1, 4, 7, 10, 13, 16])
axs[0].text(13.3, 76, "dense", color="C1", ha="right")
axs[1].set_ylim(0, 14)
axs[1].text(8, 12.6, "convolutions", color="C0", ha="center")
plot.show(fig, alt="Two bar charts over the sixteen layers of VGG-16. Left, the share of the parameters: layer 14, the first dense one, has three quarters, the convolutions have little. "
                   "Right, the share of the MACs: all thirteen convolutions have a few percent up to twelve, the dense layers almost nothing.")

# %% [markdown]
r"""
That is why later networks, and our frame, have no large dense layers: they average each map to one number (global
average pooling) and end with one small dense layer.
"""

# %% [markdown]
r"""
## VGG: small kernels, many of them

Networks before VGG had kernels of 5×5, 7×7, even 11×11. VGG has nothing but 3×3. Why? Two of them, one after the
other, see as far as one of 5×5 ([unit 09](../09_convolution/lesson.ipynb), receptive field):
"""

# %%
for kernels in ((5,), (3, 3), (7,), (3, 3, 3)):
    field = architecture.receptive_field([(k, 1) for k in kernels])
    weights = sum(conv_cost(64, 64, k, 1, 1)[0] for k in kernels)
    print(f"{' then '.join(f'{k}×{k}' for k in kernels):15} sees {field}×{field} pixels, {weights:7,} weights with 64 channels")

# %% [markdown]
r"""
With $C$ channels in and out, $2 \cdot 9\,C^2 = 18\,C^2$ weights against $25\,C^2$: 28 % less, and as much less work.
And there is a ReLU between the two, so they can bend where one convolution cannot. What do they lose? Two 3×3 without
a ReLU are a 5×5 made of two factors; not every 5×5 is. In practice that has not mattered.

Here is the block, and its rival with one kernel of 5×5. Our blocks make maps smaller by a stride; VGG itself has a
pooling at the end of each block.
"""

# %% tags=["harness"]
def wide(c_in, c_out, stride, norm=True):
    return nn.Sequential(conv(c_in, c_out, 5, stride, norm=norm), nn.ReLU())


def vgg(c_in, c_out, stride, norm=True, num_convs=2):
    layers = []
    for place in range(num_convs):
        layers += [conv(c_out if place else c_in, c_out, 3, 1 if place else stride, norm=norm), nn.ReLU()]
    return nn.Sequential(*layers)


# %%
for block in (wide, vgg):
    part = block(64, 64, 1)
    print(f"{block.__name__:5} {architecture.count_parameters(part):7,} parameters, {architecture.count_macs(part, (64, 14, 14)):10,} MACs")
assert str(vgg(8, 16, 2)) == str(plain(8, 16, 2))          # the plain block was VGG's all along

# %% [markdown]
r"""
## ResNet: one plus sign

Back to the twenty layers. The deep network could not find "pass on what you get". So give it that for free. Let a
block compute

$$Y = \operatorname{ReLU}\bigl(F(X) + X\bigr),$$

where $F$ is convolution, ReLU, convolution. If $F$ is 0, the block passes $X$ on. What the block learns is only the
difference to its input, the *residual*; the way around $F$ is a [*skip connection*](../glossary.md#skip-connection).

"""

# %%
def draw_block(ax, title, branches, join):
    """Boxes from top to bottom, one column a branch; an empty branch is a bare way around."""
    middle = (len(branches) - 1) / 2
    for x, labels in enumerate(branches):
        ax.plot([middle, middle, x, x, middle], [3.9, 3.5, 3.5, 0, 0], color="0.4", lw=1)
        for y, label in zip(np.linspace(3, 0.5, len(labels)) if len(labels) > 1 else [1.75], labels):
            ax.text(x, y, label, ha="center", va="center", fontsize=8, bbox={"boxstyle": "round", "fc": "0.93", "ec": "0.6"})
    ax.annotate("", (middle, -0.5), (middle, 0.05), arrowprops={"arrowstyle": "->", "color": "0.4"})
    ax.text(middle, 4.1, "X", ha="center", va="center")
    ax.text(middle, -0.75, join, ha="center", va="center", fontsize=9, color="C0")
    ax.set(title=title, xlim=(-0.7, len(branches) - 0.3), ylim=(-1.1, 4.4))
    ax.axis("off")


# %%
body = ["3×3", "ReLU", "3×3"]
fig, axs = plot.figure("The same two convolutions, without and with a way around them", ncols=3, size=(7.2, 3.4))
draw_block(axs[0], "plain", [body], "ReLU")
draw_block(axs[1], "residual", [body, []], "add, ReLU")
draw_block(axs[2], "residual, shapes differ", [["3×3, stride 2", "ReLU", "3×3"], ["1×1, stride 2"]], "add, ReLU")
plot.show(fig, alt="Three diagrams from top to bottom. Plain: X goes through 3×3, ReLU, 3×3, then ReLU. Residual: the same, and a bare line from X around them; both are added, then ReLU. "
                   "Residual where shapes differ: the first 3×3 has stride 2, and on the line around them is a 1×1 with stride 2.")

# %% [markdown]
r"""
By hand, with the convolution of unit 09, the way forward and the way back of the middle one:
"""

# %%
def block_forward(X, W1, W2):
    Z1 = ours.conv2d(X, W1, padding=1)
    A1 = np.maximum(Z1, 0)
    Z2 = ours.conv2d(A1, W2, padding=1) + X                # the plus sign
    return np.maximum(Z2, 0), (Z1, A1, Z2)


def block_backward(dY, X, W1, W2, kept):
    Z1, A1, Z2 = kept
    dZ2 = dY * (Z2 > 0)
    dA1, dW2, _ = ours.conv2d_backward(dZ2, A1, W2, padding=1)
    dX, dW1, _ = ours.conv2d_backward(dA1 * (Z1 > 0), X, W1, padding=1)
    return dX + dZ2, dW1, dW2                              # slopes of both ways add up


# %%
rng = np.random.default_rng(seed)
X, dY = rng.normal(size=(2, 2, 4, 6, 6))                   # each (N, C, H, W) = (2, 4, 6, 6)
W1, W2 = rng.normal(0, 0.2, size=(2, 4, 4, 3, 3))          # each (C_out, C_in, 3, 3)
Y, kept = block_forward(X, W1, W2)
slopes = block_backward(dY, X, W1, W2, kept)

tensors = [torch.tensor(a, requires_grad=True) for a in (X, W1, W2)]
body = nn.functional.conv2d(torch.relu(nn.functional.conv2d(tensors[0], tensors[1], padding=1)), tensors[2], padding=1)
theirs = torch.relu(body + tensors[0])
theirs.backward(torch.tensor(dY))
assert np.allclose(Y, theirs.detach()) and all(np.allclose(s, t.grad) for s, t in zip(slopes, tensors))
print("forward and backward: equal")

# %% [markdown]
r"""
Look at `dX + dZ2`. In [unit 05](../05_initialization/lesson.ipynb) the slopes vanished because each layer multiplied
them by something small. Here, whatever $F$ does to them, the slopes themselves come through as well: a block
multiplies by "1 plus something small".

PyTorch's first weights have a sixth of the variance that ReLU needs
([unit 08](../08_pytorch/lesson.ipynb)), so a plain layer multiplies slopes by about $\sqrt{1/6}$. Compare
with a factor a little above 1, over twenty layers:
"""

# %%
print(f"plain: {math.sqrt(1 / 6):.2f} twenty times makes {math.sqrt(1 / 6) ** 20:.0e};   1.05 twenty times makes {1.05**20:.1f}")

# %% [markdown]
r"""
### Where the shapes differ

$F(X) + X$ needs equal shapes. At a stride of 2, or with more channels, they differ. Then a 1×1 convolution with the
same stride brings $X$ into shape, a [*projection*](../glossary.md#projection): the right one of the three pictures.
"""

# %% tags=["harness"]
class Residual(nn.Module):
    def __init__(self, c_in, c_out, stride=1, norm=True):
        super().__init__()
        self.body = nn.Sequential(conv(c_in, c_out, 3, stride, norm=norm), nn.ReLU(), conv(c_out, c_out, norm=norm))
        same = stride == 1 and c_in == c_out
        self.around = nn.Identity() if same else conv(c_in, c_out, 1, stride, norm=norm)

    def forward(self, X):
        return torch.relu(self.body(X) + self.around(X))   # ReLU after the sum


# %%
block = Residual(4, 4, norm=False)
with torch.no_grad():
    for layer, W in zip((block.body[0], block.body[2]), (W1, W2)):
        layer.weight.copy_(torch.tensor(W))
        layer.bias.zero_()
    assert np.allclose(block(torch.tensor(X, dtype=torch.float32)), Y, atol=1e-5)
print("ours equals the module;", Residual(8, 16, 2)(torch.zeros(1, 8, 14, 14)).shape)

# %% [markdown]
r"""
Now the same twenty layers with the plus sign, and nothing else changed: same first weights by PyTorch's default, no
batch normalization, same training.
"""

# %%
nets["residual-20"] = trained(Residual, 20)

# %%
fig, ax = plot.figure("One plus sign decides whether twenty layers learn", "epoch", "validation accuracy")
for (name, (_, history)), color in zip(nets.items(), ("C2", "C1", "C0")):
    ax.plot(range(1, 7), history["val_accuracy"], "o-", ms=4, color=color)
    ax.text(6.1, history["val_accuracy"][-1] + {"residual-20": 0.035, "plain-8": -0.035}.get(name, 0), name, color=color, va="center")
ax.set(xlim=(0.8, 7.4), ylim=(0, 1), xticks=range(1, 7))
plot.show(fig, alt="Validation accuracy over six epochs. Plain-8 and residual-20 climb from guessing to about 90 percent. Plain-20 stays at the level of guessing to the end.")

# %% [markdown]
r"""
### Look at the slopes

How long is the gradient of each layer's weights, before the first step? Move the slider through the depths.
"""

# %%
def gradient_lengths(net):
    """The length of the gradient of each 3×3 kernel's weights, from the first layer to the last."""
    loss = nn.functional.cross_entropy(net(torch.from_numpy(X_train[:200])), torch.from_numpy(digits.y_train[:200]))
    kernels = [part.weight for part in net.modules() if isinstance(part, nn.Conv2d) and part.kernel_size == (3, 3)]
    return [slope.norm().item() for slope in torch.autograd.grad(loss, kernels)]


def at_the_start(block, depth, norm=False):
    torch.manual_seed(seed)
    return gradient_lengths(network(block, deep(depth), 8, norm=norm))


# %%
def depth_frame(depth):
    lengths = {block: np.array(at_the_start(block, depth)) for block in (plain, Residual)}
    start = int(np.argmax(lengths[plain] > 1e-25))         # the first layer whose slopes are not 0 in float32
    power = f"$10^{{{math.log10(lengths[plain][start] / lengths[plain][-1]):.0f}}}$ of the last"
    fig, ax = plot.figure(f"{depth} plain layers: the first gradient is {'0' if start else power}", "layer",
                          "length of its gradient (log scale)")
    ax.semilogy(range(1, depth), lengths[Residual], ".-", color="C0")
    ax.semilogy(range(start + 1, depth), lengths[plain][start:], ".-", color="C1")
    ax.text(0.5, lengths[Residual][0] * 30, "residual", color="C0")
    ax.text(0.5, lengths[plain][start] * 1e-3, f"plain (layers 1 to {start}: 0)" if start else "plain", color="C1")
    ax.set(xlim=(-1, 57), ylim=(1e-26, 1e2))
    return fig


plot.explore(depth_frame, [8, 14, 20, 32, 44, 56], label="depth", start=2,
             alt="The length of the gradient of each layer's weights on a log scale, for a plain and a residual network. With 8 layers the plain line falls a few powers of ten towards the first layer. "
                 "With 20 it falls to ten to the minus eleven; with 56 to ten to the minus 22, and the first layers have no slope left at all. The residual line stays between a thousandth and a tenth at every depth.")

# %% tags=["nbval-ignore-output"]
first = {block.__name__: at_the_start(block, 20)[0] for block in (plain, Residual)}
print("first layer of twenty:", ", ".join(f"{name} {length:.0e}" for name, length in first.items()))
assert first["Residual"] > 1e5 * first["plain"]

# %% [markdown]
r"""
### Is it only that?

Vanishing slopes have other cures. [Unit 05](../05_initialization/lesson.ipynb) drew larger first weights (He), [unit
07](../07_regularization/lesson.ipynb) normalized every batch. Do these not do as well? To be fair, ask; and ask at 56
layers, too.

That takes longer than a lesson should. A command did it beforehand, `python -m tests.bench.architectures`. It takes
the blocks and the training from this lesson's own cells, trains every network from four seeds, and judges on the
validation set. Each network may choose among four learning rates. The lesson reads its table.
"""

# %%
table = {row["net"]: row for row in data.recorded("architectures")}
depths = [name for name in table if "-20" in name or "-56" in name]
for name in depths:
    low, high = min(table[name]["val_accuracy"]), max(table[name]["val_accuracy"])
    print(f"{name:24} validation accuracy {low:.0%} to {high:.0%}, on the training digits {np.mean(table[name]['train_accuracy']):.0%}")
means = {name: np.mean(table[name]["val_accuracy"]) for name in depths}
assert means["plain-20"] < 0.12 < 0.85 < means["residual-20"] and means["plain-20, He"] > 0.9 < means["plain-20, batch norm"]
assert means["plain-56, batch norm"] < means["residual-56, batch norm"] - 0.3

# %% [markdown]
r"""
At twenty layers, He weights let the plain network learn as well as the plus sign does, and batch normalization more
than that; with it, the plus sign adds a little.
At 56 layers batch normalization no longer saves the plain network, on training digits either. That is degradation as
He and others saw it. Is it vanishing slopes again?
"""

# %% tags=["nbval-ignore-output"]
for block in (plain, Residual):
    lengths = at_the_start(block, 56, norm=True)
    print(f"{block.__name__:8} 56 layers, batch norm: gradient at the first layer {lengths[0]:.2g}, at the last {lengths[-1]:.2g}")
    assert (lengths[0] > 20 * lengths[-1]) == (block is plain)

# %% [markdown]
r"""
No. They are there, and at the first layer far *longer* than at the last: without a skip connection, batch
normalization makes slopes grow from layer to layer on the way back ([Yang and others
2019](https://arxiv.org/abs/1902.08129) say why). What is wrong with a long slope? Follow it. Move each weight of the
first layer by 0.0001, downhill. The slope promises how much the loss falls:
"""

# %% tags=["nbval-ignore-output"]
def step_down(block, step=1e-4):
    """What the slope of the first layer promises for a step, and how the loss really changes."""
    torch.manual_seed(seed)
    net = network(block, deep(56), 8)
    X, y, weight = torch.from_numpy(X_train[:200]), torch.from_numpy(digits.y_train[:200]), net[0][0].weight
    loss = nn.functional.cross_entropy(net(X), y)
    (slope,) = torch.autograd.grad(loss, [weight])
    with torch.no_grad():
        weight -= step * slope.sign()
        return -step * slope.abs().sum().item(), (nn.functional.cross_entropy(net(X), y) - loss).item()


for block in (plain, Residual):
    promised, found = step_down(block)
    print(f"{block.__name__:8} promised {promised:+.4f}, found {found:+.4f}")
    assert (found < 0.5 * promised) == (block is Residual)

# %% [markdown]
r"""
With the plus sign the slope keeps its promise. In the plain network the loss does something else: it is so rugged
that its slope is true only for steps much shorter than these. Training takes steps ten times as long and longer, so
it follows slopes that say little. Slopes that vanish and slopes that explode are two ways to the same end.

So the full recipe of ResNet is both: batch normalization *and* skip connections; with it, networks of 152 layers were
trained.
"""

# %% [markdown]
r"""
## Inception: several kernels side by side

3×3 or 5×5? Inception ([Szegedy and others 2014](https://arxiv.org/abs/1409.4842)) does not choose. Four *branches*
look at the same input: a 1×1, a 3×3, a 5×5, and a pooling. Their maps are stacked as channels of one output, so the
next layer picks what it needs.

That would be expensive: a 5×5 kernel over many channels. So a 1×1 convolution first mixes the channels down to a few,
a [*bottleneck*](../glossary.md#bottleneck). The numbers of the paper's first block, 192 channels in, 32 out, maps of
28×28:
"""

# %%
direct = [architecture.Conv(32, 5, padding=2)]
narrow = [architecture.Conv(16, 1), architecture.Conv(32, 5, padding=2)]
for name, layers in (("5×5 at once", direct), ("1×1 to 16 channels, then 5×5", narrow)):
    print(f"{name:29} {architecture.count_macs(layers, (192, 28, 28)) / 1e6:6.1f} million MACs")

# %% [markdown]
r"""
Ten times less. Every branch must keep height and width, so that the maps can be stacked:
"""

# %%
fig, ax = plot.figure("Four views of the same input, stacked as channels", size=(6.4, 3.2))
draw_block(ax, "", [["1×1"], ["1×1", "3×3"], ["1×1", "5×5"], ["max pooling", "1×1"]], "stack as channels")
plot.show(fig, alt="A diagram: from X four branches go down, a 1×1; a 1×1 and then a 3×3; a 1×1 and then a 5×5; a max pooling and then a 1×1. Their results are stacked as channels.")

# %% [markdown]
r"""
A small version, a quarter of the output's channels from each branch, ReLU after every convolution. `then_relu` puts
it there. In `(N, C, H, W)` the channels are `dim=1`.
"""

# %% tags=["harness"]
def then_relu(*layers):
    return nn.Sequential(*(part for layer in layers for part in (layer, nn.ReLU())))


class Inception(nn.Module):
    def __init__(self, c_in, c_out, stride=1, norm=True):
        super().__init__()
        c, few = c_out // 4, c_out // 8
        one = then_relu(conv(c_in, c, 1, stride, norm=norm))
        three = then_relu(conv(c_in, c, 1, norm=norm), conv(c, c, 3, stride, norm=norm))
        five = then_relu(conv(c_in, few, 1, norm=norm), conv(few, c, 5, stride, norm=norm))
        pool = nn.Sequential(nn.MaxPool2d(3, stride, padding=1), then_relu(conv(c_in, c, 1, norm=norm)))
        self.branches = nn.ModuleList([one, three, five, pool])

    def forward(self, X):
        return torch.cat([branch(X) for branch in self.branches], dim=1)


# %%
block = Inception(16, 32, norm=False)
X = torch.rand(2, 16, 14, 14)
parts = [branch(X) for branch in block.branches]
by_hand = np.concatenate([part.detach().numpy() for part in parts], axis=1)
assert np.array_equal(by_hand, block(X).detach())
weight, bias = (p.detach().numpy() for p in block.branches[0][0].parameters())
assert np.allclose(np.maximum(ours.conv2d(X.numpy(), weight, bias), 0), by_hand[:, :8], atol=1e-6)
print("branches", [tuple(part.shape) for part in parts], "->", by_hand.shape)

# %% [markdown]
r"""
## MobileNet: divide the work

An ordinary 3×3 kernel does two jobs at once: it looks at neighbours, and it mixes channels. Each output channel has a
3×3 window for *each* input channel. MobileNet ([Howard and others 2017](https://arxiv.org/abs/1704.04861)) divides
the jobs: first one 3×3 kernel a channel, each looking at its own channel only (*depthwise*); then a 1×1 to mix
(*pointwise*). Together they are a [*depthwise-separable
convolution*](../glossary.md#depthwise-separable-convolution).

By hand, the depthwise part is a loop over channels. In PyTorch and in `ours.conv2d`, it is `groups`: the channels are
dealt out into so many groups, and each output sees its own group. With as many groups as channels, each sees one.
"""

# %%
X, W = rng.normal(size=(2, 6, 8, 8)), rng.normal(size=(6, 1, 3, 3))             # one kernel for each of the 6 channels
by_loop = np.concatenate([ours.conv2d(X[:, c : c + 1], W[c : c + 1], padding=1) for c in range(6)], axis=1)
by_groups = nn.functional.conv2d(torch.tensor(X), torch.tensor(W), padding=1, groups=6)
assert np.allclose(by_loop, by_groups) and np.allclose(by_loop, ours.conv2d(X, W, padding=1, groups=6))
print("weights", W.shape, "instead of (6, 6, 3, 3); output", by_loop.shape)

# %% [markdown]
r"""
How much does it save? At each place $9\,C_\text{in} + C_\text{in} C_\text{out}$ products in place of
$9\,C_\text{in} C_\text{out}$. The ratio is

$$\frac{9\,C_\text{in}\,C_\text{out}}{9\,C_\text{in} + C_\text{in}\,C_\text{out}} = \frac{9\,C_\text{out}}{9 + C_\text{out}}.$$

It grows with the number of output channels, and can never exceed 9.
"""

# %% tags=["harness"]
def separable_once(c_in, c_out, stride=1, norm=True):
    return then_relu(conv(c_in, c_in, 3, stride, groups=c_in, norm=norm), conv(c_in, c_out, 1, norm=norm))


def separable(c_in, c_out, stride, norm=True):
    return nn.Sequential(separable_once(c_in, c_out, stride, norm), separable_once(c_out, c_out, 1, norm))


# %%
for channels in (8, 16, 32, 64, 128):
    dense = architecture.count_macs(conv(channels, channels), (channels, 14, 14))
    parted = architecture.count_macs(separable_once(channels, channels), (channels, 14, 14))
    print(f"{channels:4} channels: {dense / parted:.1f} times fewer MACs")
    assert math.isclose(dense / parted, 9 * channels / (9 + channels)) and (channels < 32 or dense / parted >= 7)

# %% [markdown]
r"""
### Seven times fewer MACs, seven times faster?

Measure. 64 channels, maps of 14×14, a batch of 64:
"""

# %% tags=["nbval-ignore-output"]
def seconds(net, X, times=15):
    """The median time of one forward pass."""
    found = []
    with torch.no_grad():
        for _ in range(times):
            start = time.perf_counter()
            net(X)
            found.append(time.perf_counter() - start)
    return float(np.median(found))


X = torch.rand(64, 64, 14, 14)
dense, parted = conv(64, 64, norm=False), separable_once(64, 64, norm=False)
ratio = architecture.count_macs(dense, (64, 14, 14)) / architecture.count_macs(parted, (64, 14, 14))
times = {"dense": seconds(dense, X), "separable": seconds(parted, X)}
print(f"MACs {ratio:.1f} times fewer;", ", ".join(f"{name} {1e3 * t:.1f} ms" for name, t in times.items()),
      f"({times['dense'] / times['separable']:.1f} times faster)")

# %% [markdown]
r"""
Faster, but not that much. A processor does not only multiply; it must also fetch the numbers, and that takes longer
than a multiplication. What counts is how often each fetched number is used:
"""

# %%
def products_per_number(layer, shape):
    row = architecture.summarize(layer, shape)[0]
    return row.macs / (math.prod(shape) + math.prod(row.shape) + row.params)


for name, layer in (("dense 3×3", dense), ("depthwise", parted[0]), ("pointwise", parted[2])):
    print(f"{name:10} {products_per_number(layer, (64, 14, 14)):5.1f} products for each number read or written")

# %% [markdown]
r"""
The depthwise layer reads each number for a handful of products, so the processor mostly waits. MACs say what a
network asks for, not how long a machine takes. If seconds matter to you, measure seconds, on the machine that you
will use.
"""

# %% [markdown]
r"""
### Inverted residuals

MobileNetV2 ([Sandler and others 2018](https://arxiv.org/abs/1801.04381)) adds the skip connection. A depthwise layer
works better with many channels, and they cost it little. So a block first *widens* by a 1×1, looks at neighbours
depthwise, and *narrows* again by a 1×1. ResNet's own blocks for very deep networks narrow inside and are wide
outside; here it is the other way round, hence [*inverted residual*](../glossary.md#inverted-residual). After
narrowing there is no ReLU: it would throw away half of the few numbers that are left. (The paper widens six times.
Twice is enough for our small pictures.)
"""

# %%
fig, axs = plot.figure("One job, two jobs, and two jobs between narrow ends", ncols=3, size=(7.2, 3.4))
draw_block(axs[0], "dense", [["3×3"]], "ReLU")
draw_block(axs[1], "separable", [["3×3, depthwise", "ReLU", "1×1"]], "ReLU")
draw_block(axs[2], "inverted residual", [["1×1, widen", "3×3, depthwise", "1×1, narrow"], []], "add")
plot.show(fig, alt="Three diagrams from top to bottom. Dense: a 3×3, then ReLU. Separable: a depthwise 3×3, ReLU, a 1×1, then ReLU. Inverted residual: a 1×1 that widens, a depthwise 3×3, a 1×1 that narrows, "
                   "and a bare line from X around them; both are added.")

# %% tags=["harness"]
class InvertedResidual(nn.Module):
    def __init__(self, c_in, c_out, stride=1, norm=True, widen=2):
        super().__init__()
        c = widen * c_in
        self.body = nn.Sequential(then_relu(conv(c_in, c, 1, norm=norm), conv(c, c, 3, stride, groups=c, norm=norm)),
                                  conv(c, c_out, 1, norm=norm))
        self.skips = stride == 1 and c_in == c_out

    def forward(self, X):
        return X + self.body(X) if self.skips else self.body(X)


def inverted(c_in, c_out, stride, norm=True):
    return nn.Sequential(InvertedResidual(c_in, c_out, stride, norm), InvertedResidual(c_out, c_out, 1, norm))


# %% [markdown]
r"""
## One table

Six blocks, one frame: 16 channels, then a block with 32 at 14×14 and one with 64 at 7×7. Batch normalization
everywhere, PyTorch's first weights, the same six epochs. The deep networks from above join them; the ones with He
weights get them here.
"""

# %% tags=["harness"]
def with_he(net):
    for part in net.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            nn.init.zeros_(part.bias)
    return net


SMALL = [(32, 1), (64, 2)]
BLOCKS = {"one 5×5": wide, "VGG": vgg, "ResNet": Residual, "Inception": Inception, "MobileNet": separable, "MobileNetV2": inverted}
MODELS = {name: (lambda block=block: network(block, SMALL, 16)) for name, block in BLOCKS.items()} | {
    "plain-20": lambda: network(plain, deep(20), 8, norm=False),
    "residual-20": lambda: network(Residual, deep(20), 8, norm=False),
    "plain-20, He": lambda: with_he(network(plain, deep(20), 8, norm=False)),
    "plain-20, batch norm": lambda: network(plain, deep(20), 8),
    "residual-20, batch norm": lambda: network(Residual, deep(20), 8),
    "plain-56, batch norm": lambda: network(plain, deep(56), 8),
    "residual-56, batch norm": lambda: network(Residual, deep(56), 8),
}


# %% tags=["harness"]
def measure(name, seed, lr):
    """Train one network; its accuracies after the last epoch; the processor's seconds for training, and to read 3,500 digits."""
    torch.manual_seed(seed)
    net, start = MODELS[name](), time.process_time()
    history = fit(net, seed, lr)
    trained = time.process_time()
    on_training = train.evaluate(net, X_train, digits.y_train)["accuracy"]
    return {"val_accuracy": history["val_accuracy"][-1], "train_accuracy": on_training,
            "seconds": trained - start, "reading": time.process_time() - trained}


# %%
print("network                  val. accuracy  parameters   MACs   training  reading   rate")
for name, row in table.items():
    mean, spread = np.mean(row["val_accuracy"]), np.ptp(row["val_accuracy"]) / 2
    print(f"{name:24} {mean:5.1%} ± {spread:4.1%} {row['params']:11,} {row['macs'] / 1e6:5.2f} M "
          f"{np.mean(row['seconds']):6.1f} s  {np.mean(row['reading']):6.2f} s {row['lr']:7}")
    assert architecture.count_macs(MODELS[name](), (1, 28, 28)) == row["macs"]

# %% [markdown]
r"""
The figure after ± is half the distance between the best and the worst of four seeds. The seconds are processor time
for training and for reading 3,500 digits, on the machine that made the table; yours will differ. A table that nobody
can recompute is worth little, so train one row again. Only its accuracy must agree:
"""

# %% tags=["nbval-ignore-output"]
row = table["MobileNet"]
again = measure("MobileNet", seed, row["lr"])
low, high = min(row["val_accuracy"]), max(row["val_accuracy"])
print(f"MobileNet: recorded {low:.1%} to {high:.1%}, now {again['val_accuracy']:.1%} in {again['seconds']:.1f} s")
assert low - 0.02 <= again["val_accuracy"] <= high + 0.02

# %%
fig, axs = plot.figure("A sixth of the work costs about a point, and saves no time here", ncols=2, size=(7.6, 3.6))
for name in BLOCKS:
    row = table[name]
    mean, low, high = np.mean(row["val_accuracy"]), min(row["val_accuracy"]), max(row["val_accuracy"])
    side = {"one 5×5": {"xytext": (5, -10)}, "MobileNetV2": {"xytext": (-5, 3), "ha": "right"}}.get(name, {"xytext": (5, 3)})
    for ax, cost in zip(axs, (row["macs"] / 1e6, np.mean(row["seconds"]))):
        ax.plot([cost, cost], [100 * low, 100 * high], color="0.75", lw=1, zorder=0)
        ax.plot(cost, 100 * mean, "o", color="C0")
        ax.annotate(name, (cost, 100 * mean), textcoords="offset points", fontsize=8, **side)
axs[0].set(xlabel="million MACs (log scale)", ylabel="validation accuracy, %", xscale="log", xlim=(0.5, 16))
axs[0].set_xticks([0.5, 1, 2, 5, 10], ["0.5", "1", "2", "5", "10"])
axs[1].set(xlabel="seconds of training", xlim=(0, 27))
plot.show(fig, alt="Mean validation accuracy of six networks over their cost, with a line from the worst to the best of four seeds. Left, over MACs on a log scale: VGG, ResNet and one 5×5 lie at 5 to 6 million, "
                   "MobileNet and Inception below 1 million and a point or more lower, MobileNetV2 at 3 million and nearly as high as the first three. Right, over seconds of training: all lie close together but MobileNetV2, which takes more than twice as long.")

# %% [markdown]
r"""
Left: Inception and MobileNet reach nearly the accuracy of VGG with a fraction of the work. That is why they are
famous. Right: they do not do it in a fraction of the time, but in more. Count what the layers *write*, batch
normalization and ReLU included, for one picture:
"""

# %%
for name in ("one 5×5", "VGG", "MobileNet", "MobileNetV2"):
    layers = architecture.summarize(MODELS[name](), (1, 28, 28))
    written = sum(math.prod(layer.shape) for layer in layers)
    print(f"{name:11} {table[name]['macs'] / 1e6:5.2f} M MACs, {len(layers):2} layers write {written:7,} numbers, training {np.mean(table[name]['seconds']):4.1f} s")

# %% [markdown]
r"""
More and thinner layers mean more maps to write and read. On small pictures and few channels, on this kind of
processor, that outweighs the products saved. With hundreds of channels, or on a telephone's chip, it can be the other
way round. MobileNetV2 wins back most of the accuracy with half of VGG's MACs, and writes the most of all. A miniature
tells how a block works, not which one to take for photographs.

### Under a budget

Which one is best? That depends on what you can pay. A telephone has a limit on work, a website one on the size of
what it sends. Keep those that fit, take the most accurate of them:
"""

# %%
def best_under(max_macs, max_params):
    fitting = [row for row in table.values() if row["macs"] <= max_macs and row["params"] <= max_params]
    return max(fitting, key=lambda row: np.mean(row["val_accuracy"]), default={"net": "none"})["net"]


for max_macs, max_params in ((1e7, 1e6), (1e7, 40_000), (1e6, 1e6), (1e5, 1e6)):
    print(f"at most {max_macs / 1e6:4.1f} M MACs and {max_params:9,.0f} parameters: {best_under(max_macs, max_params)}")

# %% [markdown]
r"""
Do not read more from it than there is: with 500 validation digits and four seeds, a difference of a tenth of a point
says nothing. (The recipe of [unit 10](../10_cnn/lesson.ipynb), longer training and moved digits, would lift all rows.)
"""

# %% [markdown]
r"""
## The headline

Now the test set, once, for the two networks from the beginning: the share of 1,000 new digits that the residual
network reads, minus that of the plain one. Its interval comes from drawing the 1,000 digits again and again, with
repetition.
"""

# %% tags=["nbval-ignore-output"]
right = {}
for name in ("plain-20", "residual-20"):
    with torch.no_grad():
        right[name] = nets[name][0].eval()(torch.from_numpy(X_test)).argmax(dim=1).numpy() == digits.y_test
    print(f"{name:11} test accuracy {right[name].mean():.1%}")
gain = 100 * (right["residual-20"].astype(float) - right["plain-20"])
drawn = gain[np.random.default_rng(seed).integers(0, 1000, size=(2000, 1000))].mean(axis=1)
assert right["residual-20"].mean() >= 0.80
metrics.headline("points by which a plus sign improves twenty layers", gain.mean(), 50, interval=tuple(np.percentile(drawn, [2.5, 97.5])))

# %% [markdown]
r"""
## What goes wrong

**ReLU at the wrong place.** ReLU belongs after the sum. If it stands before, a block can only add, never take away,
and the signal grows from block to block. If it is forgotten, nothing bends between one block's sum and the next
block's first convolution. Neither raises an error. Here are 27 blocks:
"""

# %%
class Misplaced(Residual):
    def forward(self, X):
        return torch.relu(self.body(X)) + self.around(X)   # a block can only add


for block in (Residual, Misplaced):
    torch.manual_seed(seed)
    net, means = network(block, [(16, 1)] * 27, 16), []
    with torch.no_grad():
        X = torch.from_numpy(X_train[:64])
        for part in net[:29]:                              # two parts of the frame, then the blocks
            X = part(X)
            means.append(X.mean().item())
    print(f"{block.__name__:9} mean after the first block {means[2]:.1f}, after the last {means[-1]:.1f}")

# %% [markdown]
r"""
**No projection.** At stride 2 the body halves the map and the skip connection does not. PyTorch says so; NumPy's and
PyTorch's broadcasting would not, if one side were 1.
"""

# %%
block = Residual(8, 16, 2)
block.around = nn.Identity()
try:
    block(torch.zeros(1, 8, 14, 14))
except RuntimeError as error:
    print(error)

# %% [markdown]
r"""
**Stacked along the wrong axis.** If all branches are equally wide, stacking along the batch raises no error. The loss
complains later, or nobody does:
"""

# %%
parts = [torch.zeros(5, 8, 14, 14) for _ in range(4)]
for dim in (0, 1, 2):
    print(f"dim={dim}: {tuple(torch.cat(parts, dim=dim).shape)}")

# %% [markdown]
r"""
**Groups forgotten, or too few.** It runs, it learns, and nothing is saved. Look at the shape of the weights, or
count:
"""

# %%
for groups in (1, 8, 64):
    layer = nn.Conv2d(64, 64, 3, padding=1, groups=groups)
    print(f"groups={groups:2}: weights {tuple(layer.weight.shape)!s:15} {architecture.count_macs(layer, (64, 14, 14)):9,} MACs")

# %% [markdown]
r"""
**MACs without the size of the map.** The weights alone are not the work. These two layers have equally many weights:
"""

# %%
for height in (14, 7):
    print(f"64 to 64 channels at {height}×{height}: {conv_cost(64, 64, 3, height, height)[0]:,} weights, {conv_cost(64, 64, 3, height, height)[1]:,} MACs")

# %% [markdown]
r"""
## Summary

- Parameters are what a network stores; MACs, the weights times the places where they are used, are what it computes;
  seconds are what you wait. They do not follow from each other.
- VGG: two 3×3 see as far as one 5×5, with 28 % fewer weights and one bend more.
- ResNet: $\operatorname{ReLU}(F(X) + X)$. Slopes come through the plus sign; a projection where shapes differ. Good
  first weights or batch normalization do as much at twenty layers; at 56 it takes the plus sign.
- Inception: branches side by side, stacked as channels; 1×1 bottlenecks make them affordable.
- MobileNet: depthwise, then pointwise: up to 9 times fewer MACs, not 9 times faster.

## Three quick questions

**1.** A convolution of 3×3, stride 2 and padding 1 takes 32 channels of 28×28 to 64 channels. How many MACs? How many
if it is depthwise-separable, with the stride in the depthwise part?

<details>
<summary>Answer</summary>

The output has 14×14 = 196 places. Dense: $64 \cdot 32 \cdot 9 \cdot 196 = 3{,}612{,}672$. Separable: $(32 \cdot 9 +
32 \cdot 64) \cdot 196 = 457{,}856$. The ratio is $9 \cdot 64 / (9 + 64) = 7.9$.

</details>

**2.** You set the weights and the bias of the last convolution of each residual block's body to 0 before training.
What does the network compute at the start, and can it learn?

<details>
<summary>Answer</summary>

Each block without projection passes its input on (it comes out of a ReLU, so another ReLU changes nothing). It
learns: the slopes reach all blocks through the skip connections. The zeroed convolution moves at the first step,
because its inputs are not 0; the one before it follows at the second. With batch normalization one zeroes its scale
instead, and deep networks are often started like that.

</details>

**3.** Why does the skip connection of `InvertedResidual` join the *narrow* ends, and not the wide middle?

<details>
<summary>Answer</summary>

Because the narrow ends are what the blocks hand on. The wide maps exist only inside a block. So a machine has to keep
few numbers for the sum, and the additions are few. (A reader of ResNet would expect it the other way round: hence
"inverted".)

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""

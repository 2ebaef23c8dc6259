# %% [markdown]
r"""
# Slide a small window

> **Time**: {{run_time}} to run, 80 minutes to study.
>
> **What you do**: slide small windows of numbers, kernels, over a photograph; count what that saves; pad, skip and spread; pool; find out how
> far a network sees; make convolution fast as one matrix product, forward and backward; let a network find a kernel by itself.
>
> **What you need first**: [unit 03](../03_backprop/lesson.ipynb) (backprop), [unit 08](../08_pytorch/lesson.ipynb) (PyTorch).
"""

# %%
import time

import numpy as np
import torch
import torch.nn.functional as F

from introdl import architecture, data, metrics, nn, plot, train

seed = 0
digits = data.mnist5k()

# %% [markdown]
r"""
## Three pixels to the right

Train the network of [unit 08](../08_pytorch/lesson.ipynb) on digits for a few seconds. Then move the validation
digits to the right, and ask again. To you, a moved 7 is a 7.
"""

# %%
def moved(images, right):                                  # (N, 28, 28): paper comes in from the left
    return np.pad(images, ((0, 0), (0, 0), (right, 0)))[:, :, :28]


torch.manual_seed(seed)
mlp = torch.nn.Sequential(torch.nn.Linear(784, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
train.fit(mlp, digits, num_epochs=8, seed=seed)
val_images = digits.X_val.reshape(-1, 28, 28)
shares = [train.evaluate(mlp, moved(val_images, right).reshape(-1, 784), digits.y_val)["accuracy"] for right in range(7)]

# %% tags=["nbval-ignore-output"]
fig, ax = plot.figure("Moved by a few pixels, a digit is lost on a dense network", "moved to the right by (pixels)", "validation accuracy")
ax.plot(range(7), shares, "o-")
ax.axhline(0.1, color="0.6", lw=1)
ax.text(0, 0.12, "guessing", color="0.4")
ax.set_ylim(0, 1)
plot.show(fig, alt="Validation accuracy against the shift of the digits. It is above 0.9 without a shift, lower with each pixel, and close to guessing at five or six.")
assert shares[0] > 0.88 and shares[4] < 0.5

# %% [markdown]
r"""
Why? To a dense layer, an image is a list of 784 numbers. Each pixel has weights of its own. What was learned about
ink at one place says nothing about ink at its neighbour.

It is also a waste. Count the weights of one dense layer of 1,000 neurons over a colour photograph of 256×256 pixels:
"""

# %%
inputs = 256 * 256 * 3
print(f"{inputs:,} inputs, {inputs * 1000:,} weights, {inputs * 1000 * 4 / 2**20:,.0f} MB in float32")

# %% [markdown]
r"""
For one layer. This unit builds a layer that has a few hundred weights for the same photograph, and that finds a
pattern wherever it stands.

## A window of nine numbers

Lay a small grid of numbers, a [*kernel*](../glossary.md#kernel), on a corner of the image. Multiply each of its
numbers with the pixel below it, and add up. Write the sum down, move the kernel by one pixel, and do it again:

$$Y_{y,x} = \sum_{i}\sum_{j} X_{y+i,\,x+j}\, W_{i,j} + b$$

$X$ is the image, $W$ the kernel, $b$ a bias, $(y, x)$ a place, and $i, j$ count through the rows and columns of the
kernel. The grid of all sums $Y$ is a [*feature map*](../glossary.md#feature-map). The operation is called
[*convolution*](../glossary.md#convolution). In NumPy, by its definition:
"""

# %%
def convolve(X, W):                                        # (H, W), (kh, kw) -> (H - kh + 1, W - kw + 1)
    (H, width), (kh, kw) = X.shape, W.shape
    Y = np.empty((H - kh + 1, width - kw + 1))
    for y, x in np.ndindex(Y.shape):
        Y[y, x] = (X[y : y + kh, x : x + kw] * W).sum()
    return Y


X = np.array([[0, 0, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 0, 0]])
W = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
print(convolve(X, W))

# %% [markdown]
r"""
The kernel takes what is on its right minus what is on its left. Where the numbers grow from left to right, the sum is
large. Where all are the same, it is 0. Watch it slide over a digit (ink is 1, paper 0):
"""

# %%
zero = digits.X_val[digits.y_val == 0][0].reshape(28, 28)[4:24, 4:24]
answer = convolve(zero, W)


def sliding_frame(place):
    y, x = divmod(place, answer.shape[1])
    so_far = np.where(np.arange(answer.size).reshape(answer.shape) <= place, answer, np.nan)
    fig, (left, right) = plot.figure("One sum for each place of the window", ncols=2, size=(6.4, 3.1))
    left.imshow(zero, cmap="gray_r")
    left.plot(x + np.array([-0.5, 2.5, 2.5, -0.5, -0.5]), y + np.array([-0.5, -0.5, 2.5, 2.5, -0.5]), color="C1", lw=2.5)
    right.imshow(so_far, cmap="RdBu", vmin=-3, vmax=3)
    left.set(xticks=[], yticks=[], title="image")
    right.set(xticks=[], yticks=[], title="feature map so far")
    return fig


plot.animate(sliding_frame, range(8, answer.size, 9), fps=6,
             alt="Left, a handwritten 0 with an orange window of three by three pixels that moves row by row. Right, the feature map fills up place by "
                 "place: blue at the left edges of strokes, red at their right edges, white where nothing changes from left to right.")

# %% [markdown]
r"""
## Kernels on a photograph

People have designed kernels by hand since the 1960s. Here are some, on a photograph of a cat called Chelsea.
"""

# %%
cat = data.photo("cat")                                    # (3, 300, 451): red, green, blue, from 0 to 1
grey = cat.mean(axis=0)[20:270, 60:360]                    # (250, 300)
kernels = {
    "blur": np.full((9, 9), 1 / 81),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "Sobel, left to right": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "Sobel, top to bottom": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "emboss": np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
}


def kernel_frame(name):
    W = kernels[name]
    fig, (left, middle, right) = plot.figure(f"{name[0].upper()}{name[1:]}", ncols=3, size=(6.4, 2.3))
    left.imshow(grey, cmap="gray")
    largest = np.abs(W).max()
    middle.imshow(W, cmap="RdBu", vmin=-1.5 * largest, vmax=1.5 * largest)
    for (i, j), w in np.ndenumerate(W if W.size == 9 else W[:0]):
        middle.text(j, i, f"{w:g}", ha="center", va="center")
    Y = nn.conv2d(grey[None, None], W[None, None].astype(np.float32))[0, 0]
    right.imshow(Y, cmap="gray", vmin=min(0, Y.min() / 2), vmax=max(1, Y.max() / 2))
    for ax, title in ((left, "photograph"), (middle, "1/81 each" if W.size > 9 else "kernel"), (right, "feature map")):
        ax.set(xticks=[], yticks=[], title=title)
    return fig


plot.explore(kernel_frame, kernels, label="kernel",
             alt="Left, a grey photograph of a cat's face. Middle, the kernel's numbers. Right, the feature map: blurred; sharpened; for the first Sobel "
                 "kernel, grey with upright edges and whiskers in black and white; for the second, level edges; for emboss, a relief as if lit from a corner.")

# %% [markdown]
r"""
A mean over neighbours blurs. A centre that is stronger than its surroundings sharpens. Numbers that add up to 0
answer only to change: they find edges. In the next unit nobody designs kernels any more: they are weights, and
training finds them.

(The picture was computed by `nn.conv2d`, which you build below.)

### Is it really a convolution?

In mathematics, a convolution flips the kernel first, left to right and top to bottom. Without the flip it is called
*cross-correlation*. SciPy has both. What do we compute, and what PyTorch?
"""

# %%
from scipy.signal import convolve2d, correlate2d

patch, sobel = grey[:40, :40].astype(np.float64), kernels["Sobel, left to right"].astype(np.float64)
ours = convolve(patch, sobel)
theirs = F.conv2d(torch.tensor(patch)[None, None], torch.tensor(sobel)[None, None])[0, 0].numpy()
assert np.allclose(ours, theirs) and np.allclose(ours, correlate2d(patch, sobel, mode="valid"))
assert np.allclose(ours, convolve2d(patch, sobel[::-1, ::-1], mode="valid"))
print("ours and PyTorch's: a cross-correlation; with the kernel flipped, SciPy's convolution is the same")

# %% [markdown]
r"""
All of deep learning says "convolution" and computes a cross-correlation. It does not matter: a network that learns
its kernel would learn the flipped one instead. It matters when you take a kernel from a book on signals.

## What is saved

A convolution is a dense layer in which most weights are 0 and the others are shared. See it: for an image of 6×6
pixels and a kernel of 3×3, write down the weight from each of the 36 pixels to each of the 16 sums.
"""

# %%
W = np.arange(1.0, 10).reshape(3, 3)
M = np.zeros((36, 16))
for place, (y, x) in enumerate(np.ndindex(4, 4)):
    pixels = np.zeros((6, 6))
    pixels[y : y + 3, x : x + 3] = W
    M[:, place] = pixels.ravel()
image = np.random.default_rng(seed).normal(size=(6, 6))
assert np.allclose(image.ravel() @ M, convolve(image, W).ravel())

fig, ax = plot.figure("As a dense layer: 576 weights, of which 144 are not 0 and 9 are different", "pixel", "sum", size=(6.4, 3.4))
ax.imshow(np.where(M == 0, np.nan, M).T, cmap="viridis", aspect="auto")
ax.set(xticks=range(0, 36, 5), yticks=range(0, 16, 5))
plot.show(fig, alt="A grid of 16 rows, the sums, by 36 columns, the pixels. Each row has nine coloured cells in three groups of three, the same colours in each "
                   "row, moved to the right from row to row; all other cells are white, which stands for weights of 0.")
print(f"{M.size} weights, {np.count_nonzero(M)} of them not 0, {len(np.unique(M[M != 0]))} different ones")

# %% [markdown]
r"""
Two ideas are in this picture. [*Local connectivity*](../glossary.md#local-connectivity): each sum sees a few
neighbours only. [*Weight sharing*](../glossary.md#weight-sharing): all places use the same numbers. What they buy is
more than memory: each example trains the nine weights at every place of the image.

## Geometry

How large is a feature map? Along one axis, a window of $k$ pixels in an image of $n$ has $n - k + 1$ places. Three
settings change that.

- [*Padding*](../glossary.md#padding) $p$: a frame of $p$ zeros around the image. Without it ("valid"), maps shrink by
  $k - 1$ with each layer. With $p = (k-1)/2$ ("same"), they keep their size.
- [*Stride*](../glossary.md#stride) $s$: the window moves by $s$ pixels at a time. Maps shrink by that factor.
- [*Dilation*](../glossary.md#dilation) $d$: the kernel's numbers stand $d$ pixels apart. It then reaches over
  $d(k-1) + 1$ pixels with the same number of weights.

Together, along each axis:

$$\text{output} = \left\lfloor \frac{n + 2p - d(k-1) - 1}{s} \right\rfloor + 1$$
"""

# %%
def output_size(n, k, s=1, p=0, d=1):
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


print(" n  k  s  p  d   output")
for n, k, s, p, d in [(28, 3, 1, 0, 1), (28, 3, 1, 1, 1), (28, 3, 2, 1, 1), (28, 5, 1, 2, 1), (28, 3, 1, 2, 2), (224, 7, 2, 3, 1)]:
    shape = F.conv2d(torch.zeros(1, 1, n, n), torch.zeros(1, 1, k, k), stride=s, padding=p, dilation=d).shape
    assert shape[2] == output_size(n, k, s, p, d) == nn.output_size(n, k, s, p, d)
    print(f"{n:3}{k:3}{s:3}{p:3}{d:3}{shape[2]:8}")

# %%
settings = {"valid": (7, 3, 1, 0, 1), "same": (7, 3, 1, 1, 1), "stride 2": (7, 3, 2, 0, 1), "dilation 2": (7, 3, 1, 0, 2)}    # n, k, s, p, d


def places_frame(name):
    n, k, s, p, d = settings[name]
    fig, axes = plot.figure(f"{name[0].upper()}{name[1:]}: {output_size(n, k, s, p, d)} places along each axis", ncols=3, size=(7.2, 2.7))
    for ax, place in zip(axes, (0, 1, output_size(n, k, s, p, d) - 1)):
        board = np.zeros((n + 2 * p, n + 2 * p))
        board[p : p + n, p : p + n] = 0.25
        where = place * s + d * np.arange(k)
        board[np.ix_(np.arange(0, d * k, d), where)] += 0.6
        ax.imshow(board, cmap="Purples", vmin=0, vmax=1)
        ax.hlines(np.arange(n + 2 * p + 1) - 0.5, -0.5, n + 2 * p - 0.5, color="white", lw=0.8)
        ax.vlines(np.arange(n + 2 * p + 1) - 0.5, -0.5, n + 2 * p - 0.5, color="white", lw=0.8)
        ax.set(xticks=[], yticks=[], title=f"place {place}")
    return fig


plot.explore(places_frame, settings, label="setting",
             alt="Three grids of seven by seven pixels with the window at its first, second and last place in the top row. Valid: the window moves by one "
                 "pixel, five places. Same: a frame of zeros around the image, seven places. Stride 2: it moves by two pixels, three places. Dilation 2: its "
                 "nine cells stand two pixels apart, three places.")

# %% [markdown]
r"""
## Channels

A colour image has three numbers at each pixel: three [*channels*](../glossary.md#channel). A kernel then has three
layers as well, one for each channel, and all products add up to *one* number. One kernel makes one feature map. Use
several kernels, and their maps are the channels of the next layer's input. So the weights have four axes:

$$Y_{n,c,y,x} = b_c + \sum_{c'} \sum_i \sum_j X_{n,\,c',\,y+i,\,x+j}\, W_{c,\,c',\,i,\,j}$$

with $X$ of shape $(N, C_\text{in}, H, W)$ and $W$ of shape $(C_\text{out}, C_\text{in}, k, k)$. PyTorch keeps
channels before rows, and so does this course.
"""

# %%
X = torch.tensor(cat[None, :, 100:164, 100:164])           # (1, 3, 64, 64)
layer = torch.nn.Conv2d(3, 16, kernel_size=3, padding=1)
print("weights", tuple(layer.weight.shape), " bias", tuple(layer.bias.shape), " output", tuple(layer(X).shape))
print(sum(p.numel() for p in layer.parameters()), "parameters = 16 * (3 * 3 * 3 + 1), whatever the size of the image")

# %% [markdown]
r"""
A kernel of 1×1 sounds useless: it sees a single pixel. But it sees all its channels. It is a small dense layer that
is applied to each pixel, and it mixes channels. Turning a photograph grey is one:
"""

# %%
to_grey = torch.tensor([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)      # how strongly the eye answers to red, green, blue (Rec. 601)
one_by_one = F.conv2d(X, to_grey)                                       # (1, 1, 64, 64)
dense = X.permute(0, 2, 3, 1) @ to_grey.reshape(3, 1)                   # channels last, each pixel a row
assert torch.allclose(one_by_one[:, 0], dense[..., 0], atol=1e-6)
print(tuple(X.shape), "->", tuple(one_by_one.shape))

# %% [markdown]
r"""
## Pooling

Often it is enough to know *that* an edge is near, not at which pixel. [*Pooling*](../glossary.md#pooling) takes one
number for each window of, say, 2×2 pixels: the largest (max pooling) or the mean (average pooling). The windows stand
side by side, so the map's sides are halved. There is nothing to learn in it.
"""

# %%
X = np.array([[1, 3, 0, 0], [2, 9, 0, 1], [4, 4, 5, 6], [4, 4, 8, 7]], float)
blocks = X.reshape(2, 2, 2, 2).swapaxes(1, 2)              # (2, 2, 2, 2): window row, window column, row, column
print(blocks.max(axis=(2, 3)), blocks.mean(axis=(2, 3)), sep="\n\n")
assert np.array_equal(blocks.max(axis=(2, 3)), F.max_pool2d(torch.tensor(X)[None], 2)[0])

# %% [markdown]
r"""
On the way back, the slope of a maximum goes to the entry that *was* the maximum: a small change of any other entry
changes nothing. A mean hands an equal share to each.
"""

# %%
inputs = torch.tensor(X, requires_grad=True)
F.max_pool2d(inputs[None], 2).sum().backward()
print(inputs.grad.int().numpy())

# %% [markdown]
r"""
(In the lower left window four entries tie; PyTorch gives the slope to the first.) After some convolutions and
poolings, a last step, [*flatten*](../glossary.md#flatten), writes all numbers of an example into one row, and a dense
layer decides.
"""

# %% [markdown]
r"""
## What a shift does

Move the image, and the feature map moves with it: $\text{conv}(\text{shift}(X)) = \text{shift}(\text{conv}(X))$. This
is [*equivariance*](../glossary.md#equivariance). No training is needed for it. Check it, away from the border:
"""

# %%
image, W = torch.tensor(val_images[:100, None]), torch.randn(8, 1, 3, 3, generator=torch.Generator().manual_seed(seed))


def right_by(X, pixels):
    return F.pad(X, (pixels, 0))[..., : X.shape[-1]]


maps = F.conv2d(image, W, padding=1)
for pixels in (1, 2, 3):
    difference = (F.conv2d(right_by(image, pixels), W, padding=1) - right_by(maps, pixels))[..., 4:-4].abs().max()
    print(f"moved by {pixels}: largest difference {difference:.1e}")
    assert difference < 1e-5
striding = F.conv2d(image, W, padding=1, stride=2)
moved_by_two = F.conv2d(right_by(image, 2), W, padding=1, stride=2)
moved_by_one = F.conv2d(right_by(image, 1), W, padding=1, stride=2)
print(f"stride 2, moved by 2: {(moved_by_two - right_by(striding, 1))[..., 3:-3].abs().max():.1e}; "
      f"moved by 1, best of both: {min((moved_by_one - right_by(striding, k))[..., 3:-3].abs().max() for k in (0, 1)):.1f}")

# %% [markdown]
r"""
With a stride of 2, the map follows a shift by two pixels exactly. For a shift by one there is no place for it to go,
and it changes.

[*Invariance*](../glossary.md#invariance) is something else: the answer does *not* move. For "which digit is it?",
that is what we want. Pooling helps a little. Measure how much the numbers change when the digits move: the length of
the change, divided by the length of the numbers themselves.
"""

# %%
views = {"pixels": lambda X: X, "feature maps": lambda X: F.relu(F.conv2d(X, W, padding=1))}
for size in (2, 4, 7, 28):
    views[f"max pooled, {size}×{size}"] = lambda X, size=size: F.max_pool2d(F.relu(F.conv2d(X, W, padding=1)), size)
change = {
    name: [((view(right_by(image, k)) - view(image)).norm() / view(image).norm()).item() for k in range(5)] for name, view in views.items()
}
fig, ax = plot.figure("The larger the pooling windows, the less a shift changes", "moved to the right by (pixels)", "change / size", size=(6.4, 4.0))
for name, values in change.items():
    ax.plot(range(5), values, "o-", ms=4)
    ax.text(4.08, values[-1], name, va="center")
ax.set_xlim(0, 5.6)
ax.set_xticks(range(5))
plot.show(fig, alt="Relative change against shift, six lines that rise from 0. Pixels and feature maps rise fastest, to about 1.2 after three pixels. Pooled over "
                   "2, 4 and 7 pixels they rise more and more slowly. Pooled over the whole image, the change is nearly 0.")
assert change["pixels"][2] > change["max pooled, 4×4"][2] > change["max pooled, 7×7"][2] > change["max pooled, 28×28"][2]

# %% [markdown]
r"""
Only pooling over the whole image makes a shift all but vanish, and then the *where* is lost altogether: whether a
stroke is above or below another one. Networks pool in small steps and keep what they need.

## How far does it see?

A sum in the first layer sees 3×3 pixels. A sum in the second sees 3×3 sums of the first, which together see 5×5
pixels. The pixels that can change a sum are its [*receptive field*](../glossary.md#receptive-field). Go through the
layers with two numbers: the size $r$ of the field, and the distance $j$ ("jump") in pixels between neighbours of the
current map. At the start both are 1. A layer with kernel $k$ and stride $s$:

$$r \leftarrow r + (k - 1)\,j, \qquad j \leftarrow j\,s$$
"""

# %%
def receptive_field(layers):                               # [(kernel size, stride), ...]
    r, j = 1, 1
    for k, s in layers:
        r, j = r + (k - 1) * j, j * s
    return r


assert receptive_field([(3, 1)] * 2) == 5
layers = [(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)]          # conv, pool, conv, pool, conv
print(receptive_field(layers), "pixels; introdl.architecture says", architecture.receptive_field(layers))

# %% [markdown]
r"""
Is that true? Ask the gradient: it is 0 exactly for pixels that cannot change the sum. Build these layers with random
weights (and average pooling, so that no pixel loses), take one sum in the middle, and go back.
"""

# %%
torch.manual_seed(seed)
deep = torch.nn.Sequential(
    torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.AvgPool2d(2), torch.nn.Conv2d(8, 8, 3, padding=1), torch.nn.AvgPool2d(2), torch.nn.Conv2d(8, 1, 3, padding=1)
)
X = torch.zeros(1, 1, 64, 64, requires_grad=True)
deep(X)[0, 0, 8, 8].backward()
seen = X.grad[0, 0] != 0
rows, columns = seen.any(dim=1).sum().item(), seen.any(dim=0).sum().item()
print(f"the gradient is not 0 on {rows} × {columns} pixels")
assert rows == columns == receptive_field(layers)

# %%
strength = 0
for _ in range(50):                                        # the mean over fifty random networks
    for p in deep.parameters():
        torch.nn.init.normal_(p)
    X.grad = None
    deep(X)[0, 0, 8, 8].backward()
    strength = strength + X.grad[0, 0].abs() / 50
fig, (left, right) = plot.figure("What can count, and what does count: mostly the middle", ncols=2, size=(6.4, 3.3))
left.imshow(seen[16:52, 16:52], cmap="Purples")
right.imshow(strength[16:52, 16:52], cmap="Purples")
for ax, title in ((left, "gradient is not 0"), (right, "its mean size")):
    ax.set(xticks=[], yticks=[], title=title)
plot.show(fig, alt="Left, a filled square of 18 by 18 pixels in the middle: the receptive field. Right, the mean size of the gradient in it: strong in the "
                   "middle and fading towards the edges of the square.")

# %% [markdown]
r"""
The field grows by $k - 1$ for each layer, and twice as fast after each halving. But its edge can reach the sum by few
paths, its middle by many. What counts in practice, the *effective* field, is smaller (Luo et al., 2016).
"""

# %% [markdown]
r"""
## Make it fast

The definition as loops, for whole batches with channels, is seven loops deep. In Python, that is slow. The trick of
all libraries of the first years: copy what the window sees at each place into a *column*. Then all sums are one
matrix product, which processors are built for. It is called `im2col`. The copying needs one turn for each number of
the *kernel*, not for each place:
"""

# %%
def im2col(X, k):                                          # (N, C, H, W) -> (N, C * k * k, OH * OW)
    N, C, H, W = X.shape
    OH, OW = H - k + 1, W - k + 1
    cols = np.empty((N, C, k, k, OH, OW), X.dtype)
    for i, j in np.ndindex(k, k):
        cols[:, :, i, j] = X[:, :, i : i + OH, j : j + OW]  # the whole image, shifted by (i, j)
    return cols.reshape(N, C * k * k, OH * OW)


def conv_forward(X, W, b):                                 # W (C_out, C, k, k)
    cols = im2col(X, W.shape[-1])
    Y = W.reshape(len(W), -1) @ cols + b[:, None]          # (C_out, C*k*k) @ (N, C*k*k, OH*OW)
    return Y.reshape(len(X), len(W), X.shape[2] - W.shape[2] + 1, -1)


print(im2col(np.arange(16.0).reshape(1, 1, 4, 4), 3)[0].astype(int).T)       # four places, one a row here

# %% [markdown]
r"""
The way back is the rule of a matrix product from [unit 03](../03_backprop/lesson.ipynb): $dW = dY\,\text{cols}^T$ and
$d\text{cols} = W^T dY$. A pixel was copied into up to nine columns, so its slope is the *sum* over its copies. That
is the same loop, with `+=`:
"""

# %%
def conv_backward(dY, X, W):
    N, C, H, _ = X.shape
    C_out, _, k, _ = W.shape
    OH, OW = dY.shape[2:]
    dY_rows = dY.reshape(N, C_out, OH * OW)
    dW = (dY_rows @ im2col(X, k).swapaxes(1, 2)).sum(axis=0).reshape(W.shape)
    dcols = (W.reshape(C_out, -1).T @ dY_rows).reshape(N, C, k, k, OH, OW)
    dX = np.zeros_like(X)
    for i, j in np.ndindex(k, k):
        dX[:, :, i : i + OH, j : j + OW] += dcols[:, :, i, j]
    return dX, dW, dY.sum(axis=(0, 2, 3))

# %% [markdown]
r"""
Compare it with PyTorch: the output, and the three gradients, on 32 digits with 4 kernels, then their 4 maps with 8.
"""

# %%
def largest_difference(X, C_out, rng):
    """Relative to the largest entry: of the output, dX, dW and db, ours against PyTorch's."""
    W, b = rng.normal(0, 0.3, (C_out, X.shape[1], 3, 3)).astype(np.float32), rng.normal(size=C_out).astype(np.float32)
    Y = conv_forward(X, W, b)
    dY = rng.normal(size=Y.shape).astype(np.float32)
    tensors = [torch.tensor(a, requires_grad=True) for a in (X, W, b)]
    theirs = F.conv2d(*tensors)
    theirs.backward(torch.from_numpy(dY))
    pairs = zip((Y, *conv_backward(dY, X, W)), (theirs.detach(), *(t.grad for t in tensors)))
    return Y, max(np.abs(a - t.numpy()).max() / np.abs(a).max() for a, t in pairs)


rng = np.random.default_rng(seed)
Y, first = largest_difference(digits.X_train[:32].reshape(-1, 1, 28, 28), 4, rng)
_, second = largest_difference(np.maximum(Y, 0), 8, rng)
metrics.headline("largest difference between our convolution and PyTorch's, forward and backward", max(first, second), 1e-5, at_least=False)

# %% [markdown]
r"""
And the speed: 16 digits, 8 kernels, by loops and by `im2col`.
"""

# %% tags=["nbval-ignore-output"]
def seconds(work, times=3):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


X, W, b = digits.X_train[:16].reshape(-1, 1, 28, 28), rng.normal(size=(8, 1, 3, 3)).astype(np.float32), np.zeros(8, np.float32)
loops = seconds(lambda: nn.conv2d_naive(X, W, b), times=1)
columns = seconds(lambda: conv_forward(X, W, b))
theirs = seconds(lambda: F.conv2d(*map(torch.from_numpy, (X, W, b))))
assert np.allclose(nn.conv2d_naive(X, W, b), conv_forward(X, W, b), atol=1e-4)
print(f"loops {1e3 * loops:.0f} ms, im2col {1e3 * columns:.2f} ms ({loops / columns:.0f} times as fast), PyTorch {1e3 * theirs:.2f} ms")

# %% [markdown]
r"""
Nothing is free: the columns take nine times the memory of the image. `nn.conv2d` and the layer `nn.Conv2d` of
`introdl` do the same a few images at a time, so that the columns stay in the processor's fast memory; stride,
padding, dilation and groups of channels come with it. A command of this course, `make bench`, measures it beside
PyTorch on a larger batch, forward and backward:
"""

# %%
for row in data.recorded("layers"):
    if row["what"].startswith("convolution, 32 kernels of 3×3 on 64"):
        print(f"{row['what']}: {1e3 * row['ours_s']:.0f} ms, {row['ratio']:.1f} times PyTorch's {1e3 * row['torch_s']:.0f} ms; "
              f"naive loops {row['peers']['naive loops']:.0f} s, {row['peers']['naive loops'] / row['ours_s']:,.0f} times ours")

# %% [markdown]
r"""
## A kernel that is learned

You have a way back, so you have everything for learning. Hide a Sobel kernel. Show a network the photograph and the
feature map only. Its nine weights start at random and go downhill.
"""

# %%
X = grey[None, None, :80, :80]
target = nn.conv2d(X, kernels["Sobel, left to right"][None, None].astype(np.float32))
W, b = rng.normal(0, 0.1, (1, 1, 3, 3)).astype(np.float32), np.zeros(1, np.float32)
X = X - X.mean()                                           # a kernel that adds up to 0 does not see the mean
snapshots, losses = {}, []
for step in range(2001):
    if step in (0, 20, 100, 500, 2000):
        snapshots[step] = W[0, 0].copy()
    Y = conv_forward(X, W, b)
    losses.append(np.mean((Y - target) ** 2))
    dX, dW, db = conv_backward(2 * (Y - target) / Y.size, X, W)
    W -= 2.0 * dW
    b -= 0.1 * db
fig, axes = plot.figure("Nine weights find the hidden kernel", ncols=5, size=(7.2, 2.2))
for ax, (step, weights) in zip(axes, snapshots.items()):
    ax.imshow(weights, cmap="RdBu", vmin=-2, vmax=2)
    ax.set(xticks=[], yticks=[], title=f"step {step}")
    for (i, j), w in np.ndenumerate(weights):
        ax.text(j, i, f"{w:.1f}", ha="center", va="center", fontsize=8, color="white" if abs(w) > 1.5 else "black")
plot.show(fig, alt="Five grids of three by three numbers. At step 0 small random numbers; then the left column turns negative and the right one positive; at the "
                   "end they are close to -1, 0, 1; -2, 0, 2; -1, 0, 1.")
assert losses[-1] < 1e-3 * losses[0] and np.abs(W - kernels["Sobel, left to right"]).max() < 0.2
print(f"loss {losses[0]:.4f} -> {losses[-1]:.1e}; largest error of a weight {np.abs(W - kernels['Sobel, left to right']).max():.3f}")

# %% [markdown]
r"""
The last tenths come slowly: directions in which a photograph has little contrast give short slopes, as in [unit
06](../06_optimizers/lesson.ipynb). Nobody told the network what an edge is. The photograph and the answers were
enough.

## What goes wrong

**The kernel does not fit.** Maps shrink without padding, until nothing is left:
"""

# %%
maps, number = np.zeros((1, 1, 28, 28)), 0
try:
    while True:
        maps, number = nn.conv2d(maps, np.ones((1, 1, 3, 3))), number + 1
except ValueError as error:
    print(f"after {number} convolutions: {error}")

# %% [markdown]
r"""
**Channels last.** Photographs usually come as $(H, W, 3)$. Given to a layer that wants $(3, H, W)$, a photograph is
most often refused. But the refusal speaks of channels, not of your mistake; and an image with as many rows as
channels are expected passes without a word.
"""

# %%
photo = torch.tensor(cat.transpose(1, 2, 0))               # (300, 451, 3), as files have it
try:
    F.conv2d(photo, torch.zeros(16, 3, 3, 3))
except RuntimeError as error:
    print("refused:", str(error).split(", but")[0])
print("after permute(2, 0, 1):", tuple(F.conv2d(photo.permute(2, 0, 1), torch.zeros(16, 3, 3, 3)).shape))

# %% [markdown]
r"""
**Zeros at the border.** Padding with zeros puts a black frame around the picture, and every kernel answers to it.
Blur a white image:
"""

# %%
print(nn.conv2d(np.ones((1, 1, 5, 5)), np.full((1, 1, 3, 3), 1 / 9), padding=1)[0, 0].round(2))

# %% [markdown]
r"""
**A stride larger than the kernel.** It runs, and never looks at some pixels. **Even kernels.** With $k = 2$ or $4$,
no padding keeps the size: one side would need a pixel more than the other.

## Summary

- A kernel slides over the image; at each place, products add up to one number. All places share the kernel's weights.
- Output size: $\lfloor (n + 2p - d(k-1) - 1)/s \rfloor + 1$. Parameters: $C_\text{out}(C_\text{in} k^2 + 1)$,
  whatever the image's size.
- Convolution follows a shift (equivariance); pooling forgets small ones (invariance), and *where* with them.
- The receptive field grows by $(k-1)$ times the jump; the gradient shows it.
- `im2col` makes it one matrix product. The way back adds up the slopes of all copies of a pixel.

## Three quick questions

**1.** A layer maps 64 channels to 128 with kernels of 3×3, on images of 32×32. How many parameters has it, and how
many on images of 64×64?

<details>
<summary>Answer</summary>

$128 \cdot (64 \cdot 9 + 1) = 73{,}856$, both times. The size of the image changes the number of sums, not of weights.

</details>

**2.** Three layers of 3×3 with stride 1, or one layer of 7×7: which sees farther, and which has more weights (with
$C$ channels everywhere)?

<details>
<summary>Answer</summary>

Both see 7×7 pixels: $1 + 2 + 2 + 2$. Three small layers have $27C^2$ weights, the large one $49C^2$. And between the
small ones there is room for three bends instead of one.

</details>

**3.** A friend says: "My network has max pooling, so it does not care where the digit stands." What do you answer?

<details>
<summary>Answer</summary>

A window of 2×2 forgives a shift of a pixel at most, and only where the maximum stays in its window. After two or
three poolings it is a few pixels. You saw it: only pooling over the whole image makes the change vanish. The dense
layer behind the last pooling has weights of its own for each place again.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""

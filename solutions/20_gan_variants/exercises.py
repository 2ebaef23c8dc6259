# %% [markdown]
r"""
# Exercises 20 · Draw, restyle, translate

You write the pieces of the famous GANs: the layers that make pictures grow, a U-Net's way across, what a patch sees,
the way there and back, a style, and the distance by which generators are judged.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("adain")` (or another task's name). Hints open one at a time.

The [lesson](lesson.ipynb) has all you need; `introdl.generators` is put away.
"""

# %%
import numpy as np
import torch
from torch import nn

from introdl import data
from introdl.checks import gan_variants as check

# %% [markdown] prompt="transposed_size" title="How pictures grow" minutes=8 difficulty=1
r"""
A transposed convolution lays down one kernel for each pixel of its input, each `stride` pixels farther than the one
before, and adds up where they overlap. Then `padding` pixels are cut away at both ends.

- in: whole numbers `size` (pixels of a side), `kernel_size`, `stride`, `padding`
- out: a pair: the size of the output, and whether the kernels cover it *evenly*: `True` if every pixel, but for the
  borders, is reached by equally many kernel entries along the side

`transposed_size(2, 3, 2, 0)` is `(5, False)`: kernels at 0, 1, 2 and at 2, 3, 4; the pixel 2 gets two, its neighbours
one.
"""

# %% task="transposed_size"
def transposed_size(size: int, kernel_size: int, stride: int, padding: int) -> tuple[int, bool]:
    """Return (size of the output, whether the kernels cover it evenly)."""
    ### BEGIN SOLUTION
    return (size - 1) * stride + kernel_size - 2 * padding, kernel_size % stride == 0
    ### END SOLUTION

# %% checks="transposed_size" points=2
check.transposed_size(transposed_size)

# %% [markdown] prompt="generator" title="From noise to a picture" minutes=12 difficulty=2
r"""
Build a DCGAN's generator as one `nn.Sequential`:

1. a dense layer to `c * 16` numbers, in the form of `c` maps of 4×4 (`nn.Unflatten`), batch norm, ReLU;
2. `num_doublings - 1` times: a transposed convolution with kernels of 4×4, stride 2, padding 1, to half as many
   channels; batch norm, ReLU;
3. the last doubling: such a transposed convolution to one channel, then tanh.

- in: whole numbers `num_noise`; `c`, a power of 2 that can be halved often enough; `num_doublings`, at least 1
- out: a module that turns noise `(N, num_noise)` into pictures `(N, 1, S, S)`, `S = 4 * 2 ** num_doublings`

All layers keep their bias.
"""

# %% task="generator"
def generator(num_noise: int, c: int, num_doublings: int) -> nn.Module:
    """Return a network (N, num_noise) -> (N, 1, S, S) with S = 4 * 2 ** num_doublings."""
    ### BEGIN SOLUTION
    layers = [nn.Linear(num_noise, c * 16), nn.Unflatten(1, (c, 4, 4)), nn.BatchNorm2d(c), nn.ReLU()]
    for _ in range(num_doublings - 1):
        layers += [nn.ConvTranspose2d(c, c // 2, 4, 2, 1), nn.BatchNorm2d(c // 2), nn.ReLU()]
        c //= 2
    return nn.Sequential(*layers, nn.ConvTranspose2d(c, 1, 4, 2, 1), nn.Tanh())
    ### END SOLUTION

# %% checks="generator" points=3
check.generator(generator)

# %% [markdown] prompt="UNet" title="A way across" minutes=12 difficulty=2
r"""
Write a small U-Net. Every layer has kernels of 4×4, stride 2 and padding 1.

- `UNet(c)` makes four layers: the convolutions `down1` (1 → `c` channels) and `down2` (`c` → `2 * c`), the transposed
  convolutions `up2` (`2 * c` → `c`) and `up1` (`2 * c` → 3)
- `forward(X)` takes outlines `(N, 1, H, W)` and returns colours `(N, 3, H, W)`. The convolutions are followed by leaky
  ReLU with a slope of 0.2, `up2` by ReLU, `up1` by tanh.
- `up1` gets two maps stacked as channels: first what comes from `up2`, then what `down1` and its leaky ReLU gave.
"""

# %% task="UNet"
class UNet(nn.Module):
    """Down twice, up twice, and one way across."""

    def __init__(self, c: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.down1, self.down2 = nn.Conv2d(1, c, 4, 2, 1), nn.Conv2d(c, 2 * c, 4, 2, 1)
        self.up2, self.up1 = nn.ConvTranspose2d(2 * c, c, 4, 2, 1), nn.ConvTranspose2d(2 * c, 3, 4, 2, 1)
        ### END SOLUTION

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return (N, 3, H, W) for X (N, 1, H, W)."""
        ### BEGIN SOLUTION
        A = nn.functional.leaky_relu(self.down1(X), 0.2)
        B = nn.functional.leaky_relu(self.down2(A), 0.2)
        U = torch.relu(self.up2(B))
        return torch.tanh(self.up1(torch.cat([U, A], dim=1)))
        ### END SOLUTION

# %% checks="UNet" points=3
check.UNet(UNet)

# %% [markdown] prompt="patch_receptive_field" title="What one patch sees" minutes=8 difficulty=2
r"""
A PatchGAN gives one verdict for each patch. How large is a patch, and how far apart are two neighbouring ones?

- in: `layers`, a list of pairs `(kernel_size, stride)`, the first one next to the picture
- out: a pair of whole numbers: the side of the square that one output sees, and the distance between the squares of two
  neighbouring outputs, both in pixels of the picture

Without a layer it is `(1, 1)`; `[(4, 2)]` gives `(4, 2)`.
"""

# %% task="patch_receptive_field"
def patch_receptive_field(layers: list[tuple[int, int]]) -> tuple[int, int]:
    """Return (side of a patch, distance between neighbouring patches), in pixels."""
    ### BEGIN SOLUTION
    field, step = 1, 1
    for k, stride in layers:
        field += (k - 1) * step
        step *= stride
    return field, step
    ### END SOLUTION

# %% checks="patch_receptive_field" points=2
check.patch_receptive_field(patch_receptive_field)

# %% [markdown] prompt="cycle_loss" title="There and back again" minutes=8 difficulty=1
r"""
Return the cycle loss of two translators, in NumPy. Both have the form of the function below: `translate(X, W_to_B)`
brings rows of `X` into style B, `translate(X, W_to_A)` into style A.

- in: `A (N, D)` and `B (M, D)`, examples of the two styles, which are no pairs; `W_to_B (D, D)`, `W_to_A (D, D)`
- out: a number: the mean absolute difference between `A` and what comes back of it by way of B, plus the same for `B`
  by way of A
"""

# %%
def translate(X, W):
    return np.tanh(X @ W)

# %% task="cycle_loss"
def cycle_loss(A: np.ndarray, B: np.ndarray, W_to_B: np.ndarray, W_to_A: np.ndarray) -> float:
    """Return the two mean absolute differences between start and return, added."""
    ### BEGIN SOLUTION
    back_A = translate(translate(A, W_to_B), W_to_A)
    back_B = translate(translate(B, W_to_A), W_to_B)
    return np.abs(back_A - A).mean() + np.abs(back_B - B).mean()
    ### END SOLUTION

# %% checks="cycle_loss" points=2
check.cycle_loss(cycle_loss)

# %% [markdown] prompt="adain" title="Put on a style" minutes=8 difficulty=2
r"""
Write adaptive instance normalization, in NumPy: bring each map of each picture to mean 0 and variance 1 by itself, then
multiply it by its scale and add its shift.

- in: `X (N, C, H, W)`, maps; `scale (N, C)` and `shift (N, C)`, a style for each picture
- out: an array of the shape of `X`

The variance is the mean of the squared distances from the mean; add `1e-5` to it before you take the root. One map `[[1,
3]]` with scale 2 and shift 10 becomes about `[[8, 12]]`.
"""

# %% task="adain"
def adain(X: np.ndarray, scale: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return maps X (N, C, H, W) with the spread `scale` (N, C) and the mean `shift` (N, C)."""
    ### BEGIN SOLUTION
    mean, variance = X.mean(axis=(2, 3), keepdims=True), X.var(axis=(2, 3), keepdims=True)
    return scale[:, :, None, None] * (X - mean) / np.sqrt(variance + 1e-5) + shift[:, :, None, None]
    ### END SOLUTION

# %% checks="adain" points=2
check.adain(adain)

# %% [markdown] prompt="frechet_distance" title="Judge a generator" minutes=12 difficulty=3
r"""
Return the squared Fréchet distance of the Gaussians that fit two clouds of features:

$$\lVert \mu_X - \mu_Y \rVert^2 + \operatorname{tr} A + \operatorname{tr} B - 2 \operatorname{tr} (A B)^{1/2}.$$

$A$ and $B$ are the covariance matrices, divided by $N - 1$. The root is that of a matrix. You need only its trace: the
sum of the roots of the eigenvalues of $A B$. They are real and at least 0, but rounding can make them a little complex
or negative: take the real part, and 0 for negative ones.

- in: `X (N, D)` and `Y (M, D)`, with `D` at least 2
- out: a number

Two equal clouds have the distance 0; a cloud moved by 3 in one feature has 9.
"""

# %% task="frechet_distance"
def frechet_distance(X: np.ndarray, Y: np.ndarray) -> float:
    """Return the squared Fréchet distance of the Gaussians fitted to X (N, D) and Y (M, D)."""
    ### BEGIN SOLUTION
    A, B = np.cov(X, rowvar=False), np.cov(Y, rowvar=False)
    overlap = np.sqrt(np.clip(np.linalg.eigvals(A @ B).real, 0, None)).sum()
    return ((X.mean(axis=0) - Y.mean(axis=0)) ** 2).sum() + np.trace(A) + np.trace(B) - 2 * overlap
    ### END SOLUTION

# %% checks="frechet_distance" points=3
check.frechet_distance(frechet_distance)

# %% [markdown]
r"""
Put it to use on real digits. Which damage does your distance see, and which does it hardly see? (The features here are
25 of the 64 pixels; a classifier's would see more.)
"""

# %%
def try_out():
    X = data.digits8x8().X_train.reshape(-1, 8, 8)
    rng = np.random.default_rng(0)
    first, second = X[:600], X[600:1200]
    changed = {
        "other real ones": second,
        "with noise": second + rng.normal(0, 0.2, size=second.shape),
        "a column to the right": np.roll(second, 1, axis=2),
        "pixels from other digits": np.stack([rng.permutation(column) for column in second.reshape(600, -1).T]).T.reshape(-1, 8, 8),
        "ten digits, again and again": second[np.arange(600) % 10],
    }
    inner = [Z[:, 1:6, 1:6].reshape(600, -1) for Z in (first, *changed.values())]
    for name, Z in zip(changed, inner[1:]):
        print(f"{name:28} {frechet_distance(inner[0], Z):.3f}")


# try_out()          # when your answer passes, take the first # away and run this cell

# %% [markdown] prompt="whose_face" title="Explain in words" minutes=8 difficulty=2
r"""
A friend wants to train a CycleGAN between photographs of a classmate and those of an actor, "for a joke at the school
party; no pairs needed, and the photographs are on the web anyway". What do you tell her? Say what makes this easy, what
can go wrong for whom, and what you would want to have before you help. Five or six sentences are enough.
"""

# %% [markdown] answer="whose_face" points=2
r"""
It is easy because a CycleGAN needs no pairs: two piles of photographs are enough, and public ones can be collected
without anyone's knowledge. That a photograph can be found does not mean that the person has agreed to this use. The
classmate is seen doing or being what she never did or was; a copy leaves the party, loses its joke, and cannot be called
back. She carries the harm, we have the fun; and for faces of people there are laws (on one's own image, on data about a
person), also in a school. Before I help I would want her clear yes, given freely, for this use and this audience, and
her right to take it back, the actor's or a licence that allows it, and a visible mark that says that the picture is made.
Without that I would offer to do it with our own faces or with drawings.

**What to look for:** no pairs needed makes abuse easy; found is not agreed; the harm falls on the person shown and
cannot be undone; consent for the purpose, a label, and an alternative. Being technically able is no reason.
"""

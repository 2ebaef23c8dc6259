# %% [markdown]
r"""
# Exercises 19 · Forger against detective

You write the losses of both players, count what a forger has missed, and write two of the cures. Last, you play one
round of the game with flowers.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("modes_covered")` (or another task's name). Hints open one at a time.

The first five tasks are NumPy, the last two PyTorch. A detective gives logits: the larger, the more it takes an
example for a real one, and the probability is `D = sigmoid(logit)`. The [lesson](lesson.ipynb) has all you need;
`introdl.gan` is put away.
"""

# %%
import numpy as np
import torch
from torch.nn.functional import softplus

from introdl.checks import gan as check

# %% [markdown] prompt="discriminator_loss" title="What the detective minimises" minutes=8 difficulty=1
r"""
Return the detective's loss: the mean of $-\log D$ over real examples plus the mean of $-\log(1 - D)$ over fakes.

- in: `real_logits (N,)` and `fake_logits (M,)`, arrays of logits
- out: a number

Logits may be very large: do not compute probabilities on the way. `np.logaddexp(0, z)` is $\log(1 + e^z)$ for any `z`.

With `real_logits = [0, 0]` and `fake_logits = [0]` the detective has no idea, and the loss is `2 * log(2)`, about 1.39.
"""

# %% task="discriminator_loss"
def discriminator_loss(real_logits: np.ndarray, fake_logits: np.ndarray) -> float:
    """Return the mean cross-entropy over real examples (label 1) plus that over fakes (label 0)."""
    ### BEGIN SOLUTION
    return np.logaddexp(0, -real_logits).mean() + np.logaddexp(0, fake_logits).mean()
    ### END SOLUTION

# %% checks="discriminator_loss" points=2
check.discriminator_loss(discriminator_loss)

# %% [markdown] prompt="generator_loss" title="What the forger minimises" minutes=6 difficulty=1
r"""
Return the forger's loss that does *not* saturate: the mean of $-\log D$ over its fakes.

- in: `fake_logits (M,)`, the detective's logits for fakes
- out: a number

Large logits again. For the logits `[0, 0]` it is `log(2)`; for `[-3]`, where the detective is sure that this is a
fake, about 3.05.
"""

# %% task="generator_loss"
def generator_loss(fake_logits: np.ndarray) -> float:
    """Return the mean of -log D over fakes."""
    ### BEGIN SOLUTION
    return np.logaddexp(0, -fake_logits).mean()
    ### END SOLUTION

# %% checks="generator_loss" points=2
check.generator_loss(generator_loss)

# %% [markdown] prompt="smooth_loss" title="Never quite sure" minutes=8 difficulty=2
r"""
The detective's loss with one-sided label smoothing: the label of real examples is `1 - smooth`, that of fakes stays 0.

- in: `real_logits (N,)`, `fake_logits (M,)`, and `smooth`, a number from 0 to below 1
- out: a number: the mean cross-entropy over real examples plus that over fakes

With a label $t$ the cross-entropy is $-t \log D - (1 - t) \log (1 - D)$. For `smooth = 0` this is the loss of the
first task. For the real logit 10 and `smooth = 0.1` the real part is about 1: being too sure costs something now.
"""

# %% task="smooth_loss"
def smooth_loss(real_logits: np.ndarray, fake_logits: np.ndarray, smooth: float) -> float:
    """Return the detective's loss with the label 1 - smooth for real examples and 0 for fakes."""
    ### BEGIN SOLUTION
    label = 1 - smooth
    real = label * np.logaddexp(0, -real_logits) + (1 - label) * np.logaddexp(0, real_logits)
    return real.mean() + np.logaddexp(0, fake_logits).mean()
    ### END SOLUTION

# %% checks="smooth_loss" points=2
check.smooth_loss(smooth_loss)

# %% [markdown] prompt="modes_covered" title="Count what is missing" minutes=12 difficulty=2
r"""
Judge a forger whose real data come from known groups, the *modes*.

- in: `samples (N, D)`, the forger's; `centers (K, D)`, the middles of the modes; `std`, their standard deviation;
  `least`, a whole number
- out: a tuple of two
  - how many modes are covered. A sample is *near* if its closest center is at most `4 * std` away; it then belongs to
    that center and to no other. A mode is covered if at least `least` near samples belong to it.
  - the share of all samples that are near

With centers at `[0, 0]` and `[10, 0]`, `std = 0.5` and `least = 2`, the samples `[0.1, 0]`, `[0, -0.2]`, `[9.9, 0.1]`,
`[5, 0]` give `(1, 0.75)`.
"""

# %% task="modes_covered"
def modes_covered(samples: np.ndarray, centers: np.ndarray, std: float, least: int) -> tuple[int, float]:
    """Return (number of modes covered, share of the samples near a mode)."""
    ### BEGIN SOLUTION
    distances = np.linalg.norm(samples[:, None] - centers, axis=2)         # (N, K)
    near = distances.min(axis=1) <= 4 * std
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(centers))
    return int((counts >= least).sum()), near.mean()
    ### END SOLUTION

# %% checks="modes_covered" points=3
check.modes_covered(modes_covered)

# %% [markdown] prompt="feature_matching" title="Match what the detective sees" minutes=8 difficulty=1
r"""
Return the loss of a forger that matches features: the squared distance between the average features of real
examples and those of fakes.

- in: `real_features (N, D)` and `fake_features (M, D)`: one row for each example, one column for each feature, the
  outputs of the detective's last hidden layer
- out: a number: the sum over the features of the squared differences of the two averages

With real features `[[1, 2], [3, 2]]` and fake ones `[[1, 0], [1, 2]]` the averages are `[2, 2]` and `[1, 1]`, and the
loss is 2.
"""

# %% task="feature_matching"
def feature_matching(real_features: np.ndarray, fake_features: np.ndarray) -> float:
    """Return the squared distance between the mean features of both kinds."""
    ### BEGIN SOLUTION
    gap = real_features.mean(axis=0) - fake_features.mean(axis=0)          # (D,)
    return (gap**2).sum()
    ### END SOLUTION

# %% checks="feature_matching" points=2
check.feature_matching(feature_matching)

# %% [markdown] prompt="gradient_penalty" title="Keep the slopes near 1" minutes=15 difficulty=3
r"""
Write the penalty of WGAN-GP for a small critic, in PyTorch. The critic is given below.

- in: tensors. `W (D, H)` and `v (H,)`, the critic's weights; `v` requires a gradient already. `real (N, D)` and
  `fake (N, D)`. `mix (N, 1)`, how much of the real example each point between has:
  `mix * real + (1 - mix) * fake`
- out: a tuple of two
  - the penalty: the mean over the points of `(length of the critic's slope there - 1) ** 2`
  - the slope of the penalty with respect to `v`, `(H,)`: a critic must be able to learn from it

For a linear critic the slope would be the same everywhere; here it depends on the point.
"""

# %%
def critic(X, W, v):
    """Scores (N,) for examples X (N, D)."""
    return torch.tanh(X @ W) @ v

# %% task="gradient_penalty"
def gradient_penalty(W, v, real, fake, mix):
    """Return (penalty, its slope with respect to v)."""
    ### BEGIN SOLUTION
    between = (mix * real + (1 - mix) * fake).requires_grad_(True)         # (N, D)
    (slopes,) = torch.autograd.grad(critic(between, W, v).sum(), between, create_graph=True)
    penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
    return penalty, torch.autograd.grad(penalty, v)[0]
    ### END SOLUTION

# %% checks="gradient_penalty" points=3
check.gradient_penalty(gradient_penalty)

# %% [markdown] prompt="one_round" title="One round, with flowers" minutes=15 difficulty=3
r"""
Put it together: one step of the detective, then one step of the forger, both by plain gradient descent. The check
plays it with measured flowers, four numbers each.

- in: tensors. `forger = (A, b)`: a fake is `noise @ A + b`. `detective = (v, c)`: a logit is `X @ v + c`. `real (N, 4)`
  and `noise (M, K)`. `lr`, a number
- out: the new `((A, b), (v, c))`
  1. the detective goes downhill by `lr` times the slopes of its loss on `real` and on the fakes; the forger stays
  2. the forger goes downhill by `lr` times the slopes of the loss that does not saturate, on fakes of the same `noise`,
     judged by the **new** detective

`torch.autograd.grad(loss, [v, c])` gives the slopes with respect to `v` and `c`, which must require a gradient.
`softplus(z)` is $\log(1 + e^z)$. Do not change the tensors that you get.
"""

# %% task="one_round"
def one_round(forger, detective, real, noise, lr):
    """Return ((A, b), (v, c)) after one step of each player."""
    ### BEGIN SOLUTION
    A, b = (value.clone().requires_grad_(True) for value in forger)
    v, c = (value.clone().requires_grad_(True) for value in detective)
    fake = (noise @ A + b).detach()
    loss = softplus(-(real @ v + c)).mean() + softplus(fake @ v + c).mean()
    dv, dc = torch.autograd.grad(loss, [v, c])
    v, c = (v - lr * dv).detach(), (c - lr * dc).detach()
    loss = softplus(-((noise @ A + b) @ v + c)).mean()
    dA, db = torch.autograd.grad(loss, [A, b])
    return ((A - lr * dA).detach(), (b - lr * db).detach()), (v, c)
    ### END SOLUTION

# %% checks="one_round" points=3
check.one_round(one_round)

# %% [markdown] prompt="which_pace" title="Who may run ahead?" minutes=8 difficulty=2
r"""
In the lesson a forger that learned ten times as fast as its detective collapsed, and most of the famous cures did not
help it. Explain in your own words why the forger jumped from mode to mode, and what you would look at first if your
own GAN collapsed.
"""

# %% [markdown] answer="which_pace" points=2
r"""
A detective that is far behind praises one place, wherever that is. A fast forger moves all its fakes there: that is
the best answer to this detective, and nothing in the forger's loss asks for variety. By the time the detective has
learned to distrust the place, everything has gone to it, and the next place looks good: the forger jumps. No loss cures
that as long as the judge is not near its best answer for the present fakes.

So first look at the pace: are the detective's loss and its accuracy on fresh fakes those of a player who keeps up?
Give it a larger learning rate or more steps a round, and only then try other losses. Count modes and quality over
several seeds, since one run may be luck.

*What to look for: the forger's loss rewards no variety; the detective lags, so its advice is out of date; the remedy
is the balance of the two, tested over seeds, not a new loss by itself.*
"""

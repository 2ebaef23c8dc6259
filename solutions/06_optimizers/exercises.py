# %% [markdown]
r"""
# Exercises 06 · Walk downhill faster

You write the optimizers that train nearly all networks of today, from plain descent to Adam, the mini-batches that
feed them and a schedule that steers them.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("momentum")` (or another task's name). Hints open one at a time.

In all tasks `params` is a list of arrays, for example `[W1, b1, W2, b2]`, and `grads` is the list of their gradients,
in the same order and the same shapes. What an optimizer remembers has one array for each parameter, too. The
[lesson](lesson.ipynb) has all you need. Write the pieces with NumPy; `introdl.optim` and PyTorch would do the work
for you.
"""

# %%
import math

import numpy as np

from introdl.checks import optimizers as check

# %% [markdown] prompt="minibatches" title="Deal the examples out in batches" minutes=8 difficulty=2
r"""
One epoch: every example once, in a random order, in pairs `(X_batch, y_batch)` of `batch_size` examples. What is left
over at the end makes a smaller last batch. Draw the order with `rng.permutation(len(X))`, once.

- in: `X` of shape `(N, ...)`, `y` of shape `(N,)`, `batch_size`, and `rng`, a NumPy random generator
- out: a list of pairs, or a generator that yields them; no example may be lost

With 5 examples, `batch_size = 2` and the order `[3, 0, 4, 1, 2]` the batches hold the examples 3 and 0, then 4 and 1,
then 2 alone.
"""

# %% task="minibatches"
def minibatches(X: np.ndarray, y: np.ndarray, batch_size: int, rng: np.random.Generator):
    """Return (or yield) the pairs (X_batch, y_batch) of one epoch.

    X: (N, ...) examples. y: (N,) labels. batch_size: examples a batch. rng: draws the order.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start:start + batch_size]
        yield X[batch], y[batch]
    ### END SOLUTION

# %% checks="minibatches" points=2
check.minibatches(minibatches)

# %% [markdown] prompt="sgd" title="Take a plain step" minutes=5 difficulty=1
r"""
The step that all others start from: each parameter moves against its gradient, by `lr` times the gradient.
Return new arrays and leave the given ones as they are.

- in: `params` and `grads`, lists of arrays; `lr`, the learning rate
- out: the list of the new parameters

With `params = [[1, 2]]`, `grads = [[10, -10]]` and `lr = 0.1` the new parameters are `[[0, 3]]`.
"""

# %% task="sgd"
def sgd(params: list[np.ndarray], grads: list[np.ndarray], lr: float) -> list[np.ndarray]:
    """Return the parameters after one step of gradient descent.

    params, grads: arrays of any shapes, in the same order. lr: the learning rate.
    """
    ### BEGIN SOLUTION
    return [p - lr * g for p, g in zip(params, grads)]
    ### END SOLUTION

# %% checks="sgd" points=1
check.sgd(sgd)

# %% [markdown] prompt="momentum" title="Let it roll" minutes=8 difficulty=2
r"""
Each parameter has a velocity $v$ of its own. A step keeps the share $\mu$ of the old velocity, adds the gradient, and
moves with the *new* velocity:

$$v \leftarrow \mu v + g, \qquad p \leftarrow p - \mathrm{lr} \cdot v.$$

Books differ in where the learning rate and a factor $1 - \mu$ stand. This is PyTorch's form; keep to it. Return new
arrays.

- in: `params`, `grads`, `velocities`, lists of arrays; `lr`; `mu`
- out: the list of the new parameters and the list of the new velocities

With `params = [[1, 2]]`, `grads = [[10, -10]]`, `velocities = [[20, 20]]`, `lr = 0.1` and `mu = 0.5` the new velocities
are `[[20, 0]]` and the new parameters `[[-1, 2]]`.
"""

# %% task="momentum"
def momentum(params: list[np.ndarray], grads: list[np.ndarray], velocities: list[np.ndarray], lr: float,
             mu: float) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return (new parameters, new velocities) after one step with momentum.

    params, grads, velocities: arrays of any shapes, in the same order. lr: the learning rate. mu: the share kept.
    """
    ### BEGIN SOLUTION
    velocities = [mu * v + g for v, g in zip(velocities, grads)]
    return [p - lr * v for p, v in zip(params, velocities)], velocities
    ### END SOLUTION

# %% checks="momentum" points=2
check.momentum(momentum)

# %% [markdown] prompt="adagrad" title="Shorter steps where it was steep" minutes=8 difficulty=2
r"""
Adagrad adds up the squares of all gradients so far, entry by entry, and divides by the root of that sum. So entries
with rare or small gradients keep large steps:

$$s \leftarrow s + g^2, \qquad p \leftarrow p - \mathrm{lr} \cdot \frac{g}{\sqrt{s} + \epsilon}.$$

`eps` keeps the division finite where an entry never had a gradient. Here, as in PyTorch, it is added to the root, not
under it. Return new arrays.

- in: `params`, `grads`, `sums`, lists of arrays; `lr`; `eps`
- out: the list of the new parameters and the list of the new sums

With `params = [[1, 2]]`, `grads = [[3, -3]]`, `sums = [[16, 0]]`, `lr = 0.5` the new sums are `[[25, 9]]`. The entries
move by 0.5 · 3/5 and 0.5 · 3/3, to `[[0.7, 2.5]]`: the one with a steep past goes less far.
"""

# %% task="adagrad"
def adagrad(params: list[np.ndarray], grads: list[np.ndarray], sums: list[np.ndarray], lr: float,
            eps: float = 1e-10) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return (new parameters, new sums of squared gradients) after one step of Adagrad.

    params, grads, sums: arrays of any shapes, in the same order. lr: the learning rate. eps: added to the root.
    """
    ### BEGIN SOLUTION
    sums = [s + g**2 for s, g in zip(sums, grads)]
    return [p - lr * g / (np.sqrt(s) + eps) for p, g, s in zip(params, grads, sums)], sums
    ### END SOLUTION

# %% checks="adagrad" points=2
check.adagrad(adagrad)

# %% [markdown] prompt="rmsprop" title="Forget the distant past" minutes=6 difficulty=2
r"""
RMSprop replaces Adagrad's sum by a running average of the squares, which forgets what is long gone:

$$s \leftarrow \alpha s + (1 - \alpha)\, g^2, \qquad p \leftarrow p - \mathrm{lr} \cdot \frac{g}{\sqrt{s} + \epsilon}.$$

- in: `params`, `grads`, `averages`, lists of arrays; `lr`; `alpha`, the share of the old average; `eps`
- out: the list of the new parameters and the list of the new averages

With `params = [[1, 2]]`, `grads = [[10, -0.1]]`, `averages = [[0, 0]]`, `lr = 0.1` and `alpha = 0.75` the new averages are
`[[25, 0.0025]]`, and the new parameters `[[0.8, 2.2]]`.
"""

# %% task="rmsprop"
def rmsprop(params: list[np.ndarray], grads: list[np.ndarray], averages: list[np.ndarray], lr: float,
            alpha: float = 0.99, eps: float = 1e-8) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return (new parameters, new averages of squared gradients) after one step of RMSprop.

    params, grads, averages: arrays of any shapes, in the same order. lr: the learning rate. alpha: the share of the
    old average. eps: added to the root.
    """
    ### BEGIN SOLUTION
    averages = [alpha * s + (1 - alpha) * g**2 for s, g in zip(averages, grads)]
    return [p - lr * g / (np.sqrt(s) + eps) for p, g, s in zip(params, grads, averages)], averages
    ### END SOLUTION

# %% checks="rmsprop" points=2
check.rmsprop(rmsprop)

# %% [markdown] prompt="Adam" title="Put it together: Adam" minutes=15 difficulty=3
r"""
Adam needs three things from step to step: the averages $m$ and $v$ of each parameter, and the number of steps $t$. So
it is a class, like the optimizers of all libraries: made once, then asked for one step after the other.

$$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2,$$

$$p \leftarrow p - \mathrm{lr} \cdot \frac{\hat m}{\sqrt{\hat v} + \epsilon}
\quad\text{with}\quad \hat m = \frac{m}{1 - \beta_1^t}, \quad \hat v = \frac{v}{1 - \beta_2^t}.$$

In the first step $t = 1$. `step(grads)` returns nothing: it changes the parameters in `self.params`.

With `params = [[1, 2]]`, `lr = 0.1` and the default betas, one step with the gradient `[[10, -0.1]]` gives
`[[0.9, 2.1]]`: the first step moves each entry by `lr`, however steep it is.
"""

# %% task="Adam"
class Adam:
    """Adam for a list of parameters."""

    def __init__(self, params: list[np.ndarray], lr: float = 0.001, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8):
        self.params, self.lr, self.betas, self.eps = params, lr, betas, eps
        # Make here what must be remembered from step to step.
        ### BEGIN SOLUTION
        self.t = 0
        self.m = [np.zeros_like(p) for p in params]
        self.v = [np.zeros_like(p) for p in params]
        ### END SOLUTION

    def step(self, grads: list[np.ndarray]) -> None:
        """Change every parameter in self.params by one step of Adam.

        grads: their gradients, in the same order and shapes.
        """
        ### BEGIN SOLUTION
        self.t += 1
        beta1, beta2 = self.betas
        for k, g in enumerate(grads):
            self.m[k] = beta1 * self.m[k] + (1 - beta1) * g
            self.v[k] = beta2 * self.v[k] + (1 - beta2) * g**2
            m_hat = self.m[k] / (1 - beta1**self.t)
            v_hat = self.v[k] / (1 - beta2**self.t)
            self.params[k] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        ### END SOLUTION

# %% checks="Adam" points=4
check.Adam(Adam)

# %% [markdown] prompt="warmup_cosine" title="Warm up, then glide" minutes=10 difficulty=2
r"""
Write a schedule: the learning rate as a function of the step, counted from 0.

- While `step < warmup_steps` it climbs in equal steps: `lr / warmup_steps` at step 0, twice that at step 1, and so on;
  the last step of the warm-up has `lr`.
- After that it falls along half a cosine wave, from `lr` at step `warmup_steps` to `final_lr` at step `num_steps`.
  `num_steps` counts all steps, those of the warm-up too. From there on it stays at `final_lr`.

In: `step`, `lr`, `num_steps`, `warmup_steps` (may be 0), `final_lr`. Out: a number. With `lr = 0.8`, `num_steps = 16`,
`warmup_steps = 4` and `final_lr = 0` the rates at the steps 0, 1, 3, 4, 10 and 16 are 0.2, 0.4, 0.8, 0.8, 0.4 and 0.
"""

# %% task="warmup_cosine"
def warmup_cosine(step: int, lr: float, num_steps: int, warmup_steps: int, final_lr: float = 0.0) -> float:
    """Return the learning rate of a step, counted from 0: a ramp up to lr, then half a cosine wave down to final_lr.

    num_steps: all steps, those of the warm-up too; more than warmup_steps, which may be 0.
    """
    ### BEGIN SOLUTION
    if step < warmup_steps:
        return lr * (step + 1) / warmup_steps
    share = min((step - warmup_steps) / (num_steps - warmup_steps), 1)
    return final_lr + (lr - final_lr) * (1 + math.cos(math.pi * share)) / 2
    ### END SOLUTION

# %% checks="warmup_cosine" points=2
check.warmup_cosine(warmup_cosine)

# %% [markdown] prompt="unfair" title="Judge a race" minutes=6 difficulty=2
r"""
A friend reports: "I trained my network with SGD, with momentum and with Adam, all with the learning rate 0.01, for ten
epochs each. Adam reached the best test accuracy, so Adam is the best optimizer for this problem." Name two things that
are wrong with this comparison, and say what your friend should do instead. Three or four sentences are enough. When
you have written and saved your answer, `check.model_answer("unfair")` shows one to compare with.
"""

# %% [markdown] answer="unfair" points=2
r"""
One rate for all is unfair, because the rates mean different things: Adam moves each entry by about `lr`, SGD by `lr`
times a gradient that may be large or tiny, and momentum multiplies SGD's step by about ten. So 0.01 may be a good rate for Adam
and far too small for SGD; each optimizer needs its own search, with the same number of tries. And the comparison was
made on the test set, which then is no longer an honest estimate for the winner: choose rates and optimizer on
validation data, and read the test set once. Also, one run each says little: repeat with several seeds, because the
differences may be smaller than the luck of a seed.

**What to look for:** two of these three with a reason: the rate must be tuned for each optimizer (not only "0.01 is
bad"); the choice was made on test data; a single seed.
"""

# %% [markdown]
r"""
# Exercises 05 · Keep the signal alive through depth

You draw first weights by two recipes, follow a signal through many layers, limit a step that would go too far, and
tell from its first weights what is wrong with a network.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("kaiming")` (or another task's name). Hints open one at a time.

A weight matrix has the shape `(n_in, n_out)`, as in `X @ W`. The [lesson](lesson.ipynb) has all you need. Write the
pieces with NumPy; `introdl.init`, `introdl.optim` and PyTorch would do the work for you.
"""

# %%
import numpy as np

from introdl.checks import initialization as check

# %% [markdown] prompt="fan_in_out" title="Count a neuron's inputs" minutes=3 difficulty=1
r"""
Return the fan-in and the fan-out of a weight matrix: how many inputs each neuron has, and how many neurons each input
feeds.

- in: `W` of shape `(n_in, n_out)`
- out: two whole numbers, fan-in first

A matrix of shape (3, 5) has fan-in 3 and fan-out 5.
"""

# %% task="fan_in_out"
def fan_in_out(W: np.ndarray) -> tuple[int, int]:
    """Return (fan-in, fan-out) of a dense layer's weights.

    W: (n_in, n_out), used as X @ W.
    """
    ### BEGIN SOLUTION
    n_in, n_out = W.shape
    return n_in, n_out
    ### END SOLUTION

# %% checks="fan_in_out" points=1
check.fan_in_out(fan_in_out)

# %% [markdown] prompt="xavier" title="Weights for tanh" minutes=8 difficulty=2
r"""
Draw normal weights with mean 0 and Xavier's variance, `2 / (fan_in + fan_out)`; then the `gain` makes their standard
deviation that many times larger.

- in: `shape`, the tuple `(n_in, n_out)`; `gain`, a number; `rng`, a NumPy random generator
- out: an array of this shape. Draw all its entries at once, with one call of `rng.normal`.

With `shape = (6, 2)` and `gain = 1` the variance is 0.25, so the standard deviation is 0.5.
"""

# %% task="xavier"
def xavier(shape: tuple[int, int], gain: float, rng: np.random.Generator) -> np.ndarray:
    """Return normal first weights with Xavier's variance, times the square of the gain.

    shape: (n_in, n_out). gain: factor on the standard deviation. rng: draws the numbers.
    """
    ### BEGIN SOLUTION
    std = gain * np.sqrt(2 / (shape[0] + shape[1]))
    return rng.normal(0, std, size=shape)
    ### END SOLUTION

# %% checks="xavier" points=2
check.xavier(xavier)

# %% [markdown] prompt="kaiming" title="Weights for ReLU" minutes=8 difficulty=2
r"""
Draw *uniform* weights, from `-a` to `a`, with Kaiming's variance for ReLU, `2 / fan_in`. The limit `a` is yours to
find: a uniform distribution from `-a` to `a` has the variance `a**2 / 3`.

- in: `shape`, the tuple `(n_in, n_out)`; `rng`, a NumPy random generator
- out: an array of this shape. Draw all its entries at once, with one call of `rng.uniform`.

With `shape = (6, 2)` the variance is 1/3, so `a` is 1.
"""

# %% task="kaiming"
def kaiming(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return uniform first weights with Kaiming's variance for ReLU.

    shape: (n_in, n_out). rng: draws the numbers.
    """
    ### BEGIN SOLUTION
    a = np.sqrt(3 * 2 / shape[0])
    return rng.uniform(-a, a, size=shape)
    ### END SOLUTION

# %% checks="kaiming" points=2
check.kaiming(kaiming)

# %% [markdown] prompt="signal_sizes" title="Follow the signal" minutes=8 difficulty=2
r"""
Send `X` through a ReLU network without biases: each layer multiplies by its matrix and applies ReLU. After each
layer, note the mean of the squares of all its values, over all examples and neurons.

- in: `X` of shape `(N, D)`; `weights`, a list of matrices that fit one after the other
- out: a list of numbers, one for each matrix, in order

With `X = [[1, 2]]` and one matrix `[[1, -1], [1, 0]]` the sums are `[[3, -1]]`, ReLU makes `[[3, 0]]` of them, and
the mean of 9 and 0 is 4.5.
"""

# %% task="signal_sizes"
def signal_sizes(X: np.ndarray, weights: list[np.ndarray]) -> list[float]:
    """Return the mean square of what each layer of a ReLU network puts out.

    X: (N, D) examples. weights: matrices (D, …), (…, …), …
    """
    ### BEGIN SOLUTION
    sizes = []
    for W in weights:
        X = np.maximum(X @ W, 0)
        sizes.append(float(np.mean(X**2)))
    return sizes
    ### END SOLUTION

# %% checks="signal_sizes" points=2
check.signal_sizes(signal_sizes)

# %% [markdown] prompt="clip_by_norm" title="Shorten a step" minutes=10 difficulty=2
r"""
Clip gradients by their norm. Take all arrays together as one long vector. If its length is above `max_norm`, multiply
all arrays by the same factor, so that the length becomes `max_norm`. Otherwise leave them as they are.

- in: `grads`, a list of arrays of any shapes; `max_norm`, a number above 0
- out: a list of arrays of the same shapes. Do not change the given ones. Gradients that are all 0 stay 0.

With `grads = [[[3, 0]], [4]]` the length is 5; with `max_norm = 1` the result is `[[[0.6, 0]], [0.8]]`.
"""

# %% task="clip_by_norm"
def clip_by_norm(grads: list[np.ndarray], max_norm: float) -> list[np.ndarray]:
    """Return the gradients, shortened together where their common length exceeds max_norm.

    grads: arrays of any shapes. max_norm: the greatest length, above 0.
    """
    ### BEGIN SOLUTION
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    factor = max_norm / norm if norm > max_norm else 1.0
    return [factor * g for g in grads]
    ### END SOLUTION

# %% checks="clip_by_norm" points=3
check.clip_by_norm(clip_by_norm)

# %% [markdown] prompt="diagnose" title="What is wrong with this network?" minutes=15 difficulty=3
r"""
Say from its first weights what is wrong with a ReLU network without biases. Ask these questions in this order; the
first "yes" is the answer:

1. `"symmetric"`: is there a layer *before the last* that has more than one neuron, and all of them have the same
   weights?
2. `"exploding"`: divide the mean square of the last layer's output by the mean square of `X`. Is this ratio above
   `1e6`, or no finite number?
3. `"vanishing"`: is the ratio below `1e-6`?
4. Otherwise: `"healthy"`.

Use your answer to task 4. Each layer applies ReLU, the last one, too.

- in: `X` of shape `(N, D)`; `weights`, a list of matrices
- out: one of the four words

NumPy may warn of an overflow while an exploding network runs; that is no fault of yours.
"""

# %% task="diagnose"
def diagnose(X: np.ndarray, weights: list[np.ndarray]) -> str:
    """Return "symmetric", "exploding", "vanishing" or "healthy".

    X: (N, D) examples. weights: matrices (D, …), (…, …), …
    """
    ### BEGIN SOLUTION
    if any(W.shape[1] > 1 and (W[:, :1] == W).all() for W in weights[:-1]):
        return "symmetric"
    with np.errstate(all="ignore"):
        ratio = signal_sizes(X, weights)[-1] / np.mean(X**2)
    if not np.isfinite(ratio) or ratio > 1e6:
        return "exploding"
    return "vanishing" if ratio < 1e-6 else "healthy"
    ### END SOLUTION

# %% checks="diagnose" points=3
check.diagnose(diagnose)

# %% [markdown] prompt="which_layer" title="Explain in words" minutes=5 difficulty=2
r"""
A friend trains a ReLU network of 30 layers. The loss does not fall. She prints the length of each layer's gradient:
about 0.1 for the last layer, 0.000001 for the tenth, 0 for the first. "I need a larger learning rate for the first
layers", she says. What has probably gone wrong, why is her cure not a good one, and what would you do? Three or four
sentences are enough. When you have written and saved your answer, `check.model_answer("which_layer")` shows one to
compare with.
"""

# %% [markdown] answer="which_layer" points=2
r"""
The slopes vanish on their way back, so the first weights are very likely too small: each layer multiplies the signal
and the slopes by a factor below 1, and thirty layers by its thirtieth power. The gradients of the first layers are
not merely short, they also carry next to no information, because the signal that reaches the last layers does not
depend on the input any more; where they have become 0, no learning rate helps. The cure is to draw the weights anew
with variance 2 / fan_in (Kaiming), and to look at the sizes of signal and slopes, layer by layer, before training.

**What to look for:** vanishing slopes as the product of many factors below 1; the first weights as the cause; a
learning rate cannot bring back what is 0 (or would be far too large elsewhere); Kaiming's variance as the cure.
"""

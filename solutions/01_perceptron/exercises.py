# %% [markdown]
r"""
# Exercises 01 · Teach one neuron to decide

You build a perceptron piece by piece, set a small network by hand, and let a neuron learn two species of iris.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("weighted_sum")` (or another task's name). Hints open one at a time.

In all tasks `N` is the number of examples and `D` the number of features; labels are 0 and 1.
The [lesson](lesson.ipynb) has all you need.
"""

# %%
import numpy as np

from introdl.checks import perceptron as check

# %% [markdown] prompt="weighted_sum" title="Add up the evidence" minutes=5 difficulty=1
r"""
A neuron multiplies each feature by its weight, adds the products, and adds its bias.
Do it for a whole batch at once.

- in: `X` of shape `(N, D)`, `w` of shape `(D,)`, `b` a number
- out: an array of shape `(N,)`, one sum per example

With `X = [[1, 2], [3, 4]]`, `w = [10, -1]` and `b = 0.5` the sums are `[8.5, 26.5]`.
"""

# %% task="weighted_sum"
def weighted_sum(X: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Return the weighted sum of each example.

    X: (N, D) examples. w: (D,) weights. b: the bias. Returns (N,).
    """
    ### BEGIN SOLUTION
    return X @ w + b
    ### END SOLUTION

# %% checks="weighted_sum" points=2
check.weighted_sum(weighted_sum)

# %% [markdown] prompt="step" title="Fire or stay silent" minutes=5 difficulty=1
r"""
The step turns each sum into a decision: 1 where the sum is at least 0, and 0 below.
A sum of exactly 0 fires. That is a convention, and this course keeps to it.

- in: `z`, an array of any shape
- out: an array of the same shape with the numbers 0 and 1

`step(np.array([-2.0, 0.0, 3.0]))` gives `[0, 1, 1]`.
"""

# %% task="step"
def step(z: np.ndarray) -> np.ndarray:
    """Return 1 where z >= 0, else 0; same shape as z."""
    ### BEGIN SOLUTION
    return (z >= 0).astype(int)
    ### END SOLUTION

# %% checks="step" points=1
check.step(step)

# %% [markdown] prompt="predict" title="Decide" minutes=5 difficulty=1
r"""
Put the two halves of the neuron together: sum, then step.

- in: `X` of shape `(N, D)`, `w` of shape `(D,)`, `b` a number
- out: labels of shape `(N,)`, each 0 or 1

A neuron with `w = [1, 1]` and `b = -1.5` computes AND: for the four inputs
`[[0, 0], [0, 1], [1, 0], [1, 1]]` it gives `[0, 0, 0, 1]`.
"""

# %% task="predict"
def predict(X: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Return the neuron's decision for each example.

    X: (N, D). w: (D,). b: the bias. Returns (N,) labels, 0 or 1.
    """
    ### BEGIN SOLUTION
    return step(weighted_sum(X, w, b))
    ### END SOLUTION

# %% checks="predict" points=2
check.predict(predict)

# %% [markdown] prompt="update" title="Learn from one mistake" minutes=8 difficulty=2
r"""
The perceptron rule looks at one example `x` with its label `y`. With `y_hat`, the neuron's decision, it sets

$$ w \leftarrow w + \eta\,(y - \hat y)\,x \qquad b \leftarrow b + \eta\,(y - \hat y) $$

where $\eta$ is the learning rate `lr`. Return the new weights and the new bias, and leave the array `w` as it is.

- in: `w` of shape `(D,)`, `b` a number, one example `x` of shape `(D,)`, its label `y` (0 or 1), `lr` a number
- out: a pair: weights of shape `(D,)`, bias

With `w = [0, 0]`, `b = 0`, `x = [2, 1]`, `y = 0`, `lr = 1` the neuron fires (its sum is 0), which is wrong:
the result is `w = [-2, -1]`, `b = -1`.
"""

# %% task="update"
def update(w: np.ndarray, b: float, x: np.ndarray, y: int, lr: float) -> tuple[np.ndarray, float]:
    """Return (weights, bias) after one step of the perceptron rule.

    w: (D,). b: the bias. x: (D,) one example. y: its label, 0 or 1. lr: the learning rate.
    """
    ### BEGIN SOLUTION
    error = y - step(x @ w + b)
    return w + lr * error * x, b + lr * error
    ### END SOLUTION

# %% checks="update" points=2
check.update(update)

# %% [markdown] prompt="margin" title="Measure how clear the decision is" minutes=8 difficulty=2
r"""
A point's distance from the boundary is $(x \cdot w + b) / \lVert w \rVert$. Count it as positive where the point lies on
the side of its class, and as negative on the wrong side. The *margin* is the smallest of these signed distances:
it is positive exactly when the boundary separates the classes.

- in: `X` of shape `(N, D)`, labels `y` of shape `(N,)` (0 or 1), `w` of shape `(D,)`, `b` a number
- out: one number

With `X = [[2, 0], [0, 0]]`, `y = [1, 0]`, `w = [3, 0]`, `b = -3` both points are 1 away on their own side: the margin is 1.
"""

# %% task="margin"
def margin(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> float:
    """Return the smallest signed distance of an example from the boundary.

    X: (N, D). y: (N,) labels, 0 or 1. w: (D,), not all zero. b: the bias.
    """
    ### BEGIN SOLUTION
    signed = (2 * y - 1) * (X @ w + b) / np.linalg.norm(w)
    return float(signed.min())
    ### END SOLUTION

# %% checks="margin" points=2
check.margin(margin)

# %% [markdown] prompt="xor_weights" title="Solve XOR by hand" minutes=12 difficulty=3
r"""
One neuron cannot compute XOR (1 if exactly one of the two inputs is 1). Two hidden neurons and an output neuron can:

`hidden = step(X @ W1 + b1)`, then `out = step(hidden @ w2 + b2)`.

Choose the weights by hand. A drawing of the four corners and two lines helps.

- out: `W1` of shape `(2, 2)` (column `k` belongs to hidden neuron `k`), `b1` of shape `(2,)`, `w2` of shape `(2,)`, `b2` a number
"""

# %% task="xor_weights"
def xor_weights() -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return (W1, b1, w2, b2) of a network that computes XOR: shapes (2, 2), (2,), (2,) and a number."""
    ### BEGIN SOLUTION
    W1 = np.array([[1.0, 1.0], [1.0, 1.0]])
    b1 = np.array([-0.5, -1.5])  # at least one input; both inputs
    return W1, b1, np.array([1.0, -1.0]), -0.5
    ### END SOLUTION

# %% checks="xor_weights" points=2
check.xor_weights(xor_weights)

# %% [markdown] prompt="train" title="Train until no mistake is left" minutes=15 difficulty=3
r"""
Now let the neuron learn. Start with all weights and the bias at 0. In each epoch, meet the examples in their order
and apply the rule after each one. Count the mistakes of the epoch: the examples that the neuron, *as it is at that moment*,
gets wrong. Stop after the first epoch without a mistake, or after `max_epochs` epochs.

- in: `X` of shape `(N, D)`, `y` of shape `(N,)`, `lr` a number, `max_epochs` a whole number
- out: weights `(D,)`, bias, and a list with the number of mistakes of each epoch (its last entry is 0 if training succeeded)

The check tries it on AND, on XOR, on random points, and on the real iris flowers. For AND with `lr = 1` the mistakes of the
six epochs are `[2, 3, 3, 2, 1, 0]`.
"""

# %% task="train"
def train(X: np.ndarray, y: np.ndarray, lr: float, max_epochs: int) -> tuple[np.ndarray, float, list[int]]:
    """Train a perceptron from zero weights; return (weights, bias, mistakes of each epoch).

    X: (N, D). y: (N,) labels, 0 or 1. lr: the learning rate. max_epochs: the most passes over the examples.
    """
    ### BEGIN SOLUTION
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        wrong = 0
        for x_i, y_i in zip(X, y):
            wrong += int(predict(x_i[None], w, b)[0] != y_i)
            w, b = update(w, b, x_i, y_i, lr)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes
    ### END SOLUTION

# %% checks="train" points=3
check.train(train)

# %% [markdown] prompt="why_learning_rate" title="Explain in words" minutes=5 difficulty=2
r"""
Your perceptron starts from zero weights. Why does it make exactly the same mistakes with `lr = 0.1` as with `lr = 1`?
Answer in two or three sentences. When you have written and saved your answer, `check.model_answer("why_learning_rate")`
shows one to compare with.
"""

# %% [markdown] answer="why_learning_rate" points=2
r"""
Every update adds a multiple of `lr`, so from zero weights the whole weight vector and the bias are `lr` times what they would be
with `lr = 1`. The weighted sums are scaled by the same positive factor, their signs stay, and only the sign decides. So every
decision, and with it every mistake, is the same.

**What to look for:** the weights (and the bias) scale with `lr` as a whole because they start at zero; a positive factor does not
change the sign of the sum; the step only sees the sign.
"""

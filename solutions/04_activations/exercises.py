# %% [markdown]
r"""
# Exercises 04 · Bend the line

You write the functions that bend: ReLU, its leaky cousin, sigmoid and tanh, each with its slope. Then you show that
layers without a bend are one layer, and count the hidden units that have stopped working.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("sigmoid")` (or another task's name). Hints open one at a time.

Each activation returns a **pair**: `A`, the values, and `slope`, the local slopes at the input `Z`, both in the shape
of `Z`. `Z` is an array of floats of any shape, and it must stay as it is. Backprop then needs one line,
`dZ = dA * slope`. The [lesson](lesson.ipynb) has all you need. Write the pieces with NumPy; `introdl.nn` and PyTorch
would do the work for you.
"""

# %%
import math

import numpy as np

from introdl import data
from introdl.checks import activations as check

# %% [markdown] prompt="relu" title="ReLU and its slope" minutes=5 difficulty=1
r"""
ReLU lets positive sums through and replaces the others by 0. Where the sum is positive its slope is 1, elsewhere 0.
At exactly 0 the line has a corner; this course takes the slope 0 there, as PyTorch does.

- in: `Z`, floats of any shape
- out: the pair `(A, slope)`, each in the shape of `Z`

For `Z = [-2.0, 0.0, 3.0]` the answer is `A = [0, 0, 3]`, `slope = [0, 0, 1]`.
"""

# %% task="relu"
def relu(Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (A, slope) of the ReLU at each entry of Z.

    Z: any shape, float. The slope at 0 is 0.
    """
    ### BEGIN SOLUTION
    return np.maximum(Z, 0), (Z > 0).astype(float)
    ### END SOLUTION

# %% checks="relu" points=2
check.relu(relu)

# %% [markdown] prompt="leaky_relu" title="A ReLU that leaks" minutes=6 difficulty=1
r"""
A leaky ReLU lets a small share `alpha` of a negative sum through, so that some slope is left there. At exactly 0 the
slope is `alpha` (again as in PyTorch).

- in: `Z`, floats of any shape; `alpha`, a number from 0 to below 1
- out: the pair `(A, slope)`, each in the shape of `Z`

For `Z = [-2.0, 0.0, 3.0]` and `alpha = 0.1` the answer is `A = [-0.2, 0, 3]`, `slope = [0.1, 0.1, 1]`.
"""

# %% task="leaky_relu"
def leaky_relu(Z: np.ndarray, alpha: float = 0.01) -> tuple[np.ndarray, np.ndarray]:
    """Return (A, slope) of the leaky ReLU at each entry of Z.

    Z: any shape, float. alpha: the slope for entries that are not positive, 0 <= alpha < 1.
    """
    ### BEGIN SOLUTION
    return np.where(Z > 0, Z, alpha * Z), np.where(Z > 0, 1.0, alpha)
    ### END SOLUTION

# %% checks="leaky_relu" points=2
check.leaky_relu(leaky_relu)

# %% [markdown] prompt="sigmoid" title="A sigmoid that never overflows" minutes=12 difficulty=3
r"""
The sigmoid is $\sigma(z) = 1/(1 + e^{-z}) = e^z/(1 + e^z)$. Both fractions are right on paper, and each overflows on one
side. Use `exp` only for exponents that are 0 or below. Then a very negative sum gives a very small number, and not 0:
at $z = -720$ it is about $2 \cdot 10^{-313}$. That matters as soon as somebody takes its log.

The slope follows from the value: $\sigma' = \sigma\,(1 - \sigma)$.

- in: `Z`, floats of any shape, as large as 1000 and as low as -720
- out: the pair `(A, slope)`, each in the shape of `Z`

For `Z = [0.0, log 3, -log 3]` the answer is `A = [0.5, 0.75, 0.25]`, `slope = [0.25, 0.1875, 0.1875]`.
"""

# %% task="sigmoid"
def sigmoid(Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (A, slope) of the sigmoid at each entry of Z, without an overflow on the way.

    Z: any shape, float, of any size.
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(Z))
    A = np.where(Z >= 0, 1, e) / (1 + e)
    return A, A * (1 - A)
    ### END SOLUTION

# %% checks="sigmoid" points=3
check.sigmoid(sigmoid)

# %% [markdown] prompt="tanh" title="Tanh is a sigmoid, stretched" minutes=8 difficulty=2
r"""
The lesson showed that $\tanh z = 2\,\sigma(2z) - 1$. Write tanh with your own `sigmoid`, without NumPy's hyperbolic
functions. The check will know if it overflows, so it helps if your sigmoid does not.

- in: `Z`, floats of any shape and any size
- out: the pair `(A, slope)`, each in the shape of `Z`

For `Z = [0.0, log 2]` the answer is `A = [0, 0.6]`, `slope = [1, 0.64]`.
"""

# %% task="tanh"
def tanh(Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (A, slope) of the hyperbolic tangent at each entry of Z, by way of the sigmoid.

    Z: any shape, float, of any size.
    """
    ### BEGIN SOLUTION
    A = 2 * sigmoid(2 * Z)[0] - 1
    return A, 1 - A**2
    ### END SOLUTION

# %% checks="tanh" points=2
check.tanh(tanh)

# %% [markdown] prompt="collapse_linear" title="Many layers, one matrix" minutes=12 difficulty=2
r"""
A network of dense layers with nothing between them computes `X @ W1 + b1`, feeds that to the next layer, and so on.
Find the one layer that gives the same outputs, for a network of any depth.

- in: `params`, a list of pairs `(W, b)`, `W` of shape `(n_in, n_out)` and `b` of shape `(n_out,)`; at least one
- out: the pair `(W, b)` of the one layer: `W` from the first layer's inputs to the last one's outputs

With one input and one neuron a layer, `params = [([[2]], [1]), ([[3]], [4])]` computes $3(2x + 1) + 4 = 6x + 7$, so the
answer is `W = [[6]]`, `b = [7]`.
"""

# %% task="collapse_linear"
def collapse_linear(params: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Return (W, b) of the one dense layer that equals these dense layers in a row, without activations.

    params: a pair (W, b) for each layer, from first to last.
    """
    ### BEGIN SOLUTION
    W, b = params[0]
    for W_next, b_next in params[1:]:
        W, b = W @ W_next, b @ W_next + b_next
    return W, b
    ### END SOLUTION

# %% checks="collapse_linear" points=3
check.collapse_linear(collapse_linear)

# %% [markdown] prompt="dead_units" title="Find the dead units" minutes=12 difficulty=3
r"""
Put the pieces together. In a network with ReLU after every layer but the last, a hidden unit is *dead* on the examples
`X` if its slope is 0 for **every** one of them: no gradient reaches its weights. Look for such units in each hidden layer.

- in: `X` of shape `(N, D)`, N at least 1; `params`, a list of pairs `(W, b)`, one a layer
- out: a list with one boolean array for each hidden layer, of shape `(number of its units,)`: True for a dead unit. A
  network with a single layer has no hidden layer, so the list is empty.

With `X = [[1], [2]]` and a first layer `W = [[1, -1, -2]]`, `b = [0, 1.5, 1]` the sums are `[[1, 0.5, -1], [2, -0.5, -3]]`.
The second unit still works for one example, the third for none: `[False, False, True]`. The check also shows your function
real digits.
"""

# %% task="dead_units"
def dead_units(X: np.ndarray, params: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    """Return, for each hidden layer, a boolean array (units,) that is True where a ReLU is off for all examples.

    X: (N, D). params: a pair (W, b) for each layer; the last layer has no ReLU.
    """
    ### BEGIN SOLUTION
    dead = []
    for W, b in params[:-1]:
        X, slope = relu(X @ W + b)
        dead.append((slope == 0).all(axis=0))
    return dead
    ### END SOLUTION

# %% checks="dead_units" points=3
check.dead_units(dead_units)

# %% [markdown]
r"""
Try it: 500 validation digits and a network with random weights. What happens to the dead units if you lower every bias
of the first layer by 2? By 5?
"""

# %%
def try_out(lower=0.0):
    X, rng = data.mnist5k().X_val.astype(float), np.random.default_rng(0)
    sizes = [784, 64, 64, 10]
    params = [(rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)), np.zeros(n_out)) for n_in, n_out in zip(sizes, sizes[1:])]
    params[0] = params[0][0], params[0][1] - lower
    for number, dead in enumerate(dead_units(X, params), start=1):
        print(f"biases lowered by {lower:g}, hidden layer {number}: {dead.mean():.0%} dead")


# try_out(2)          # when your answer passes, take the first # away and run this cell

# %% [markdown] prompt="silu" title="Extra: a gate that the input opens itself" minutes=8 difficulty=2
r"""
SiLU, also called Swish, is $z \cdot \sigma(z)$. Its slope needs the product rule: $(uv)' = u'v + uv'$. Use your `sigmoid`.

- in: `Z`, floats of any shape and any size
- out: the pair `(A, slope)`, each in the shape of `Z`

For `Z = [0.0, log 3]` the answer is `A = [0, 0.824]`, `slope = [0.5, 0.956]`, rounded.
"""

# %% task="silu"
def silu(Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (A, slope) of Z * sigmoid(Z) at each entry of Z.

    Z: any shape, float, of any size.
    """
    ### BEGIN SOLUTION
    gate, gate_slope = sigmoid(Z)
    return Z * gate, gate + Z * gate_slope
    ### END SOLUTION

# %% checks="silu" points=1
check.silu(silu)

# %% [markdown] prompt="gelu" title="Extra: a gate by chance" minutes=10 difficulty=3
r"""
GELU is $z \cdot \Phi(z)$, where $\Phi(z) = \tfrac12\bigl(1 + \mathrm{erf}(z/\sqrt2)\bigr)$ is the share of a standard
normal distribution that lies below $z$. The slope of $\Phi$ is the bell curve $\varphi(z) = e^{-z^2/2}/\sqrt{2\pi}$. Write
the exact GELU, not the approximation with tanh. `math.erf` takes one number; `np.vectorize(math.erf)` makes a function
for arrays of it (an empty array will not come).

- in: `Z`, floats of any shape, between -30 and 30
- out: the pair `(A, slope)`, each in the shape of `Z`

For `Z = [0.0, 1.0]` the answer is `A = [0, 0.841]`, `slope = [0.5, 1.083]`, rounded.
"""

# %% task="gelu"
def gelu(Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (A, slope) of Z * Phi(Z) at each entry of Z, Phi being the normal distribution function.

    Z: any shape, float, at least one entry.
    """
    ### BEGIN SOLUTION
    Phi = 0.5 * (1 + np.vectorize(math.erf)(Z / math.sqrt(2)))
    phi = np.exp(-(Z**2) / 2) / math.sqrt(2 * math.pi)
    return Z * Phi, Phi + Z * phi
    ### END SOLUTION

# %% checks="gelu" points=1
check.gelu(gelu)

# %% [markdown] prompt="two_networks" title="Explain in words" minutes=6 difficulty=2
r"""
Two friends train networks with ten hidden layers, and both are stuck. Anna left out the activations. Ben uses ReLU; his
loss fell, then jumped after a very long step, and since then it has not moved at all. Whose network would get better with more layers,
whose with other weights, whose with neither? What should each of them change, and why does that help? Three or four sentences
are enough. When you have written and saved your answer, `check.model_answer("two_networks")` shows one to compare with.
"""

# %% [markdown] answer="two_networks" points=2
r"""
More layers help neither. Anna's ten layers multiply out to one matrix and one bias, so her network can only learn what a
single layer can, with any weights and any depth; she needs a bend, such as ReLU, after each hidden layer. Ben's network can
represent what he wants, but the long step probably pushed the biases of many units so low that their sums are negative for every
example. There ReLU's slope is 0, so no gradient reaches those weights and no further training moves them. He should start
again from other weights with a smaller learning rate, or use a leaky ReLU, whose slope alpha lets units find their way back.

**What to look for:** without activations the layers collapse into one, so neither depth nor weights help; the dead units have
slope 0 on all examples, so they cannot recover by themselves; a remedy for each (an activation; a smaller learning rate with new
weights, or a leaky ReLU) with its reason.
"""

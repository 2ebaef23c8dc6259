# %% [markdown]
r"""
# Exercises 03 · Let the chain rule train the network

You build backpropagation yourself: for single numbers, for a layer, for the loss. You test it by nudging, and then it
trains a network on the iris flowers.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("dense_backward")` (or another task's name). Hints open one at a time.

In all tasks `N` is the number of examples, `D` the number of inputs of a layer and `C` the number of its outputs or
of classes. A name such as `dW` means: the slope of the loss with respect to `W`, in the shape of `W`. The
[lesson](lesson.ipynb) has all you need. Write the pieces with NumPy; `introdl.nn` and PyTorch would do the work for
you.
"""

# %%
import math

import numpy as np

from introdl.checks import backprop as check

# %% [markdown] prompt="topological_order" title="Put the values in order" minutes=8 difficulty=2
r"""
The sweep of backprop needs an order in which every value stands after all values that it is computed from. Find one
for a graph of names.

- in: `graph`, a dictionary that gives for each name the list of its inputs (an empty list for a number that is
  given); `end`, the name to stop at
- out: a list of names: `end` last, before it everything that `end` depends on and nothing else, each name once, each
  after its inputs

For `L = e * e`, `e = h + t` the graph is `{"L": ["e", "e"], "e": ["h", "t"], "h": [], "t": []}`, and
`["h", "t", "e", "L"]` is right. So is `["t", "h", "e", "L"]`: many orders can be.
"""

# %% task="topological_order"
def topological_order(graph: dict[str, list[str]], end: str) -> list[str]:
    """Return the names that `end` depends on, each after its inputs, and `end` last.

    graph: {name: names of its inputs}; an input may be named twice.
    """
    ### BEGIN SOLUTION
    order, seen = [], set()

    def visit(name):
        if name not in seen:
            seen.add(name)
            for source in graph[name]:
                visit(source)
            order.append(name)

    visit(end)
    return order
    ### END SOLUTION

# %% checks="topological_order" points=2
check.topological_order(topological_order)

# %% [markdown] prompt="Value" title="Build the engine" minutes=15 difficulty=3
r"""
A `Value` holds a number in `data` and finds its slope in `grad`. Complete the class: the operations take notes,
`backward` reads them.

- `a + b`, `a * b` and `a.tanh()` each return a new `Value`. It stores its inputs as pairs (input, local slope).
- `L.backward()` sets `grad` of `L` to 1 and gives every `Value` that `L` depends on its slope: over all paths to `L`,
  added up.

With `a = Value(2.0)`, `b = Value(3.0)`, `L = a * b + a` and `L.backward()`, `L.data` is 8, `a.grad` is 4 (3 along one
path and 1 along the other) and `b.grad` is 2. The check writes small programs with your class and reads every slope.
"""

# %% task="Value"
class Value:
    """A number that remembers how it was made and, after `backward`, its slope."""

    def __init__(self, data: float, inputs: tuple = ()):
        self.data = data
        self.inputs = inputs  # pairs (input Value, local slope)
        self.grad = 0.0

    def __add__(self, other: "Value") -> "Value":
        """Return self + other."""
        ### BEGIN SOLUTION
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))
        ### END SOLUTION

    def __mul__(self, other: "Value") -> "Value":
        """Return self * other."""
        ### BEGIN SOLUTION
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))
        ### END SOLUTION

    def tanh(self) -> "Value":
        """Return the hyperbolic tangent of self; `math.tanh` computes it for a number."""
        ### BEGIN SOLUTION
        h = math.tanh(self.data)
        return Value(h, ((self, 1 - h**2),))
        ### END SOLUTION

    def backward(self) -> None:
        """Set `grad` of self to 1, and of every Value it depends on to the slope of self with respect to it."""
        ### BEGIN SOLUTION
        order, seen = [], set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for source, _ in value.inputs:
                    visit(source)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            for source, slope in value.inputs:
                source.grad += slope * value.grad
        ### END SOLUTION

# %% checks="Value" points=4
check.Value(Value)

# %% [markdown] prompt="dense_backward" title="Send slopes back through a dense layer" minutes=8 difficulty=2
r"""
A dense layer computes `Y = X @ W + b`. Given the slopes at its output, find the slopes at its input and its
parameters. The mean over the batch is already in `dY`: do not divide again.

- in: `dY` of shape `(N, C)`, `X` of shape `(N, D)`, `W` of shape `(D, C)`
- out: `dX` of shape `(N, D)`, `dW` of shape `(D, C)`, `db` of shape `(C,)`, in this order

With `X = [[1, 2], [3, 4]]`, `W = [[1, 5], [0, 2]]`, `dY = [[1, 0], [1, 2]]`: `dX = [[1, 0], [11, 4]]`,
`dW = [[4, 6], [6, 8]]`, `db = [2, 2]`.
"""

# %% task="dense_backward"
def dense_backward(dY: np.ndarray, X: np.ndarray, W: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (dX, dW, db) of the layer Y = X @ W + b.

    dY: (N, C) slopes at the output. X: (N, D) the layer's input. W: (D, C) its weights.
    """
    ### BEGIN SOLUTION
    return dY @ W.T, X.T @ dY, dY.sum(axis=0)
    ### END SOLUTION

# %% checks="dense_backward" points=2
check.dense_backward(dense_backward)

# %% [markdown] prompt="softmax_cross_entropy_backward" title="Start at the loss" minutes=8 difficulty=2
r"""
The loss is the cross-entropy of the softmax of the logits, averaged over the batch. Return its slopes at the logits.
Logits can be as large as 1000: keep the softmax from overflowing.

- in: `logits` of shape `(N, C)`; labels `y` of shape `(N,)`, whole numbers from 0 to C - 1
- out: slopes of shape `(N, C)`

With `logits = [[0, 0], [0, 0]]` and `y = [0, 1]` all probabilities are 0.5, and the result is
`[[-0.25, 0.25], [0.25, -0.25]]`.
"""

# %% task="softmax_cross_entropy_backward"
def softmax_cross_entropy_backward(logits: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the slopes (N, C) of the mean cross-entropy with respect to the logits.

    logits: (N, C). y: (N,) labels, 0 to C - 1.
    """
    ### BEGIN SOLUTION
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    dlogits = powers / powers.sum(axis=1, keepdims=True)
    dlogits[np.arange(len(y)), y] -= 1
    return dlogits / len(y)
    ### END SOLUTION

# %% checks="softmax_cross_entropy_backward" points=2
check.softmax_cross_entropy_backward(softmax_cross_entropy_backward)

# %% [markdown] prompt="numerical_gradient" title="Measure a gradient by nudging" minutes=8 difficulty=2
r"""
Measure what backprop computes. For each entry of `x` alone, nudge it by `eps` to both sides and divide the difference
of the two results by the distance of the two points. `x` must come back exactly as it was.

- in: `f`, a function that takes an array and returns a number; `x`, a float array of any shape; `eps`, the nudge
- out: the slopes, an array of the shape of `x`

For `f(x) = sum of x**2` at `x = [1.0, -3.0]` the slopes are `[2, -6]`, for every `eps`.
"""

# %% task="numerical_gradient"
def numerical_gradient(f, x: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Return the slope of f(x) with respect to each entry of x, measured with two nudges an entry.

    f: takes an array of the shape of x and returns a number. x: any shape, float. eps: size of a nudge.
    """
    ### BEGIN SOLUTION
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + eps
        above = f(x)
        x[i] = old - eps
        below = f(x)
        x[i] = old
        grad[i] = (above - below) / (2 * eps)
    return grad
    ### END SOLUTION

# %% checks="numerical_gradient" points=2
check.numerical_gradient(numerical_gradient)

# %% [markdown] prompt="train_step" title="Take one step" minutes=15 difficulty=3
r"""
Forward, backward, update: one step of training for a network with one hidden layer,

`Z = X @ W1 + b1`, `A = max(Z, 0)`, `logits = A @ W2 + b2`, and the mean cross-entropy as the loss.

Use your answers to tasks 3 and 4. Return new arrays and leave the given ones as they are.

- in: `X` of shape `(N, D)`, labels `y` of shape `(N,)`, `params = [W1, b1, W2, b2]`, learning rate `lr`
- out: the loss *before* the step (a number), and the list of the four new parameters

Tip: test it with your `numerical_gradient`. With `lr = 1`, the old parameters minus the new ones are the slopes.
"""

# %% task="train_step"
def train_step(X: np.ndarray, y: np.ndarray, params: list[np.ndarray], lr: float) -> tuple[float, list[np.ndarray]]:
    """Return (loss before the step, [W1, b1, W2, b2] after it).

    X: (N, D). y: (N,) labels. params: W1 (D, H), b1 (H,), W2 (H, C), b2 (C,). lr: the learning rate.
    """
    ### BEGIN SOLUTION
    W1, b1, W2, b2 = params
    Z = X @ W1 + b1
    A = np.maximum(Z, 0)
    logits = A @ W2 + b2
    shifted = logits - logits.max(axis=1, keepdims=True)
    loss = (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean()

    dA, dW2, db2 = dense_backward(softmax_cross_entropy_backward(logits, y), A, W2)
    _, dW1, db1 = dense_backward(dA * (Z > 0), X, W1)
    return float(loss), [array - lr * slope for array, slope in zip(params, (dW1, db1, dW2, db2))]
    ### END SOLUTION

# %% checks="train_step" points=3
check.train_step(train_step)

# %% [markdown] prompt="train" title="Train on the iris flowers" minutes=12 difficulty=3
r"""
Repeat the step. In each epoch draw an order with `rng.permutation(len(X))`, cut it into mini-batches of `batch_size`
(the last one may be smaller), and take one step for each.

- in: `X` of shape `(N, D)`, labels `y` of shape `(N,)`, `params = [W1, b1, W2, b2]`, `lr`, `batch_size`,
  `num_epochs`, and `rng`, a NumPy random generator
- out: the list of the four parameters after the last step, and a list with the loss of every step

With 7 examples, `batch_size = 3` and `num_epochs = 2` there are 3 mini-batches an epoch, so the list holds 6 losses.
The check tries it on XOR, on random points, and on the iris flowers of unit 01, all three species.
"""

# %% task="train"
def train(X: np.ndarray, y: np.ndarray, params: list[np.ndarray], lr: float, batch_size: int, num_epochs: int,
          rng: np.random.Generator) -> tuple[list[np.ndarray], list[float]]:
    """Return ([W1, b1, W2, b2] after training, loss of each step).

    X: (N, D). y: (N,) labels. params: as in train_step. lr: the learning rate. rng: draws one order an epoch.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start:start + batch_size]
            loss, params = train_step(X[batch], y[batch], params, lr)
            losses.append(loss)
    return params, losses
    ### END SOLUTION

# %% checks="train" points=3
check.train(train)

# %% [markdown] prompt="one_example" title="Explain in words" minutes=5 difficulty=2
r"""
A friend's network passes the gradient check with a batch of one example. With a batch of eight it fails. Name two
lines of a backward pass that are right for one example and wrong for eight, and say why. Three or four sentences are
enough. When you have written and saved your answer, `check.model_answer("one_example")` shows one to compare with.
"""

# %% [markdown] answer="one_example" points=2
r"""
First suspect: the bias, `db = dY[0]` or any other line that does not sum over the batch. All examples share one bias,
so its slope adds up one share per example; with one example the sum is that single share and the fault does not show.
Second suspect: the division by `N` at the loss. With `N = 1` it makes no difference whether you divide once, twice or
never; with eight examples the slopes come out eight times too large or too small.

**What to look for:** one fault in a sum over the batch (`db`, or `dW` computed from one example) and one in the
factor `1/N`; the reason, that a sum over one example is that example and that dividing by 1 changes nothing.
"""

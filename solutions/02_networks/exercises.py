# %% [markdown]
r"""
# Exercises 02 · Wire neurons into a network and run it forward

You build a network in seven pieces: a layer, a forward pass, its parameters counted, labels as rows, softmax, the loss,
and at last the answers, on real digits.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("dense")` (or another task's name). Hints open one at a time.

In all tasks `N` is the number of examples in a batch, `D` the number of inputs of a layer and `C` the number of its
outputs or of classes. Examples are rows. The [lesson](lesson.ipynb) has all you need. Write the pieces with NumPy;
`introdl.nn` and PyTorch would do the work for you.
"""

# %%
import numpy as np

from introdl import data
from introdl.checks import networks as check

# %% [markdown] prompt="dense" title="Let a whole layer add up" minutes=5 difficulty=1
r"""
A dense layer holds the weights of its neurons as columns of `W` and their biases in `b`. Compute the weighted sums of
all neurons for all examples at once.

- in: `X` of shape `(N, D)`, `W` of shape `(D, C)`, `b` of shape `(C,)`
- out: an array of shape `(N, C)`: a row for each example, a column for each neuron

With `X = [[1, 2], [0, -1]]`, `W = [[1, 0, 2], [0, 1, -1]]` and `b = [10, 20, 30]` the result is
`[[11, 22, 30], [10, 19, 31]]`.
"""

# %% task="dense"
def dense(X: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the weighted sums of a layer, (N, C).

    X: (N, D) examples. W: (D, C) weights, a column for each neuron. b: (C,) biases.
    """
    ### BEGIN SOLUTION
    return X @ W + b
    ### END SOLUTION

# %% checks="dense" points=2
check.dense(dense)

# %% [markdown] prompt="forward" title="Run a network forward" minutes=10 difficulty=2
r"""
A network is a list of pairs `(W, b)`, one for each layer, however many there are. Between two layers stands a ReLU,
which replaces negative numbers by 0. After the last layer there is none: it returns the logits.

- in: `X` of shape `(N, D)`, `params = [(W1, b1), (W2, b2), …]`; the columns of each `W` are as many as the rows of the
  next
- out: the logits, a row for each example, a column for each neuron of the last layer

With `X = [[1, 2]]`, `W1 = [[1, -1], [-1, 1]]`, `b1 = [0, 0]` the first sums are `[-1, 1]`, ReLU makes `[0, 1]` of
them, and `W2 = [[1], [-2]]`, `b2 = [0.5]` give the logit `[[-1.5]]`.
"""

# %% task="forward"
def forward(X: np.ndarray, params: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the logits of a network of dense layers with ReLU between them.

    X: (N, D) examples. params: a pair (W, b) for each layer, at least one.
    """
    ### BEGIN SOLUTION
    for k, (W, b) in enumerate(params):
        X = dense(X, W, b)
        if k < len(params) - 1:
            X = np.maximum(X, 0)
    return X
    ### END SOLUTION

# %% checks="forward" points=3
check.forward(forward)

# %% [markdown] prompt="count_parameters" title="Count what must be learned" minutes=5 difficulty=1
r"""
How many parameters, weights and biases together, has a network of dense layers?

- in: `sizes`, a list of at least two whole numbers: how many inputs there are, then how many neurons each layer has
- out: a whole number

`[3, 2]` is a single layer of 2 neurons that read 3 inputs: 6 weights and 2 biases, so 8.
"""

# %% task="count_parameters"
def count_parameters(sizes: list[int]) -> int:
    """Return the number of weights and biases of a network with these sizes, inputs first."""
    ### BEGIN SOLUTION
    return sum(n_in * n_out + n_out for n_in, n_out in zip(sizes, sizes[1:]))
    ### END SOLUTION

# %% checks="count_parameters" points=2
check.count_parameters(count_parameters)

# %% [markdown] prompt="one_hot" title="Turn labels into rows" minutes=5 difficulty=1
r"""
A network has an output for each class, a label is one number. Make a row of each label, with a 1 at the place that the
label names and 0 everywhere else.

- in: labels `y` of shape `(N,)`, whole numbers from 0 to `num_classes - 1`; `num_classes`, a whole number
- out: an array of shape `(N, num_classes)` with the numbers 0 and 1

`one_hot(np.array([2, 0]), 4)` gives `[[0, 0, 1, 0], [1, 0, 0, 0]]`: also class 3 has its column, although no label
names it.
"""

# %% task="one_hot"
def one_hot(y: np.ndarray, num_classes: int) -> np.ndarray:
    """Return (N, num_classes): a row for each label, 1 at the label's place, else 0.

    y: (N,) labels, 0 to num_classes - 1.
    """
    ### BEGIN SOLUTION
    T = np.zeros((len(y), num_classes))
    T[np.arange(len(y)), y] = 1
    return T
    ### END SOLUTION

# %% checks="one_hot" points=2
check.one_hot(one_hot)

# %% [markdown] prompt="softmax" title="Make probabilities of logits" minutes=10 difficulty=2
r"""
Softmax gives each class of each example its probability: $p_c = e^{z_c} / \sum_k e^{z_k}$, row by row. Logits can be
as large as 1000, where `np.exp` overflows. Subtract something from each row that changes no probability and keeps all
exponents at 0 or below.

- in: `logits` of shape `(N, C)`
- out: probabilities of shape `(N, C)`; each row sums to 1

The row `[log 3, 0]` gives `[0.75, 0.25]`, and so does `[1000 + log 3, 1000]`.
"""

# %% task="softmax"
def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities (N, C) for logits (N, C); each row sums to 1, and nothing overflows."""
    ### BEGIN SOLUTION
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %% checks="softmax" points=3
check.softmax(softmax)

# %% [markdown] prompt="cross_entropy" title="Say how wrong, in one number" minutes=12 difficulty=3
r"""
The cross-entropy of one example is minus the log of the probability that its true class got. The loss is the mean over
the batch.

Start from the logits and take the log by hand: $\log p_c = z_c - \log \sum_k e^{z_k}$. With `np.log(softmax(logits))`
a very small probability, rounded to 0, would make the loss infinite. Mind large logits here, too.

- in: `logits` of shape `(N, C)`; labels `y` of shape `(N,)`, whole numbers from 0 to C - 1
- out: one number

With `logits = [[0, 0], [log 3, 0]]` and `y = [0, 0]` the true classes have the probabilities 0.5 and 0.75, and the loss
is `(log 2 + log 4/3) / 2 = 0.490`.
"""

# %% task="cross_entropy"
def cross_entropy(logits: np.ndarray, y: np.ndarray) -> float:
    """Return the mean over the batch of -log(probability of the true class).

    logits: (N, C), at least one row. y: (N,) labels, 0 to C - 1.
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_p[np.arange(len(y)), y].mean())
    ### END SOLUTION

# %% checks="cross_entropy" points=3
check.cross_entropy(cross_entropy)

# %% [markdown] prompt="predict" title="Answer, and say how sure" minutes=8 difficulty=2
r"""
Put the pieces together. For each example the network answers with its most probable class; among equals the first one
answers. And it says how probable it thinks that answer is.

- in: `X` of shape `(N, D)`, `params` as in `forward`
- out: a pair: the answers, whole numbers of shape `(N,)`, and their probabilities, of shape `(N,)`

If the logits of two examples are `[[0, log 3], [5, 5]]`, the result is `[1, 0]` and `[0.75, 0.5]`. The check also shows
your network real digits.
"""

# %% task="predict"
def predict(X: np.ndarray, params: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Return (answers (N,), probability of each answer (N,)) of a network.

    X: (N, D) examples. params: a pair (W, b) for each layer.
    """
    ### BEGIN SOLUTION
    p = softmax(forward(X, params))
    return p.argmax(axis=1), p.max(axis=1)
    ### END SOLUTION

# %% checks="predict" points=3
check.predict(predict)

# %% [markdown]
r"""
All seven pieces work. Try them together: 500 validation digits, a network with random weights. Is its first loss what
you expect? How sure is it of its answers?
"""

# %%
def try_out():
    digits, rng = data.mnist5k(), np.random.default_rng(0)
    sizes = [784, 128, 64, 10]
    params = [(rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)), np.zeros(n_out)) for n_in, n_out in zip(sizes, sizes[1:])]
    y_hat, confidence = predict(digits.X_val, params)
    loss = cross_entropy(forward(digits.X_val, params), digits.y_val)
    print(f"{count_parameters(sizes):,} parameters, first loss {loss:.3g}, right {np.mean(y_hat == digits.y_val):.1%}, "
          f"mean confidence {confidence.mean():.2g}")


# try_out()          # when your answers pass, take the # away and run this cell

# %% [markdown] prompt="first_loss" title="Explain in words" minutes=6 difficulty=2
r"""
Two friends build a classifier for 100 kinds of birds. Before any training, one of them sees a loss of 38, the other
sees exactly 4.60517, whichever pictures he takes. What does each number tell you, and where would you look first? Three
or four sentences are enough. When you have written and saved your answer, `check.model_answer("first_loss")` shows one
to compare with.
"""

# %% [markdown] answer="first_loss" points=2
r"""
A network that knows nothing should give each of the 100 classes about the same probability, so its first loss should be
near ln 100 = 4.6, a little above. A loss of 38 is far above: the network is very sure of answers that it has no reason
for, so its logits are far too large. I would look first at the scale of the inputs (pixels from 0 to 255?) and of the
weights, and whether the loss is a sum instead of a mean. Exactly ln 100 for all pictures means that all logits of a row are
equal: the input does not reach the output. I would look for weights that are all zero, or a layer whose ReLU lets nothing
through.

**What to look for:** the expected value ln C and why (the same probability for every class); too high means large logits,
with a cause such as unscaled inputs or weights (or a sum for a mean); exactly ln C for every input means that the output does
not depend on the input, with a cause such as zero weights.
"""

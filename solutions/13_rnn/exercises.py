# %% [markdown]
r"""
# Exercises 13 · Give the network a memory

You write a recurrent network, all of it: letters become numbers, one step, all steps, the way back through time, a
clip that survives an overflow. In the end it learns to tell where surnames come from.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("bptt")` (or another task's name). Hints open one at a time.

In all tasks `N` is the number of sequences, `T` the number of steps, `D` the number of features of a step, `V` the
number of letters. A name such as `dX` means: the slope of the loss with respect to `X`, in the shape of `X`. Write all
of it with NumPy; `introdl.nn` is put away. The [lesson](lesson.ipynb) has all you need.
"""

# %%
import numpy as np

from introdl.checks import rnn as check


def softmax(logits):
    """Probabilities, each row adding up to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)

# %% [markdown] prompt="one_hot" title="A batch of names" minutes=10 difficulty=2
r"""
Turn a list of names into one array. The letter with place v in `letters` becomes a row of zeros with a 1 in column v.
Shorter names are filled up at the *end* with rows of zeros.

- in: `names`, a list of at least one text, none of them empty; `letters`, a text in which each letter stands once
- out: the pair `(X, lengths)`: `X` of shape `(N, T, V)`, where `T` is the length of the longest name and `V` that of
  `letters`; `lengths` of shape `(N,)`, whole numbers
- a character that is not in `letters` must not pass unnoticed: stop with a `ValueError`. (`letters.index("ø")` does
  that by itself; you may also write `raise ValueError(...)`.)

With `names = ["ba", "b"]` and `letters = "ab"` the result is `X = [[[0, 1], [1, 0]], [[0, 1], [0, 0]]]` and
`lengths = [2, 1]`.
"""

# %% task="one_hot"
def one_hot(names: list[str], letters: str) -> tuple[np.ndarray, np.ndarray]:
    """Return X (N, T, V), padded with zeros at the end, and lengths (N,).

    names: at least one, none empty. letters: the vocabulary. Raises ValueError for a character that is not in it.
    """
    ### BEGIN SOLUTION
    lengths = np.array([len(name) for name in names])
    X = np.zeros((len(names), lengths.max(), len(letters)))
    for n, name in enumerate(names):
        for t, letter in enumerate(name):
            X[n, t, letters.index(letter)] = 1
    return X, lengths
    ### END SOLUTION

# %% checks="one_hot" points=2
check.one_hot(one_hot)

# %% [markdown] prompt="rnn_cell" title="One step" minutes=5 difficulty=1
r"""
Compute the new hidden state from the input of this step and the state before:

$$h_t = \tanh(x_t\, W_x + h_{t-1}\, W_h + b).$$

- in: `x` of shape `(N, D)`; `h` of shape `(N, hidden)`; `W_x` of shape `(D, hidden)`; `W_h` of shape
  `(hidden, hidden)`; `b` of shape `(hidden,)`
- out: the new states, `(N, hidden)`

With `x = [[1]]`, `h = [[0.5]]`, `W_x = [[2]]`, `W_h = [[-4]]` and `b = [0]` the sum is 2 - 2 = 0, and so is the new
state.
"""

# %% task="rnn_cell"
def rnn_cell(x: np.ndarray, h: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the new hidden states (N, hidden).

    x: (N, D). h: (N, hidden). W_x: (D, hidden). W_h: (hidden, hidden). b: (hidden,).
    """
    ### BEGIN SOLUTION
    return np.tanh(x @ W_x + h @ W_h + b)
    ### END SOLUTION

# %% checks="rnn_cell" points=2
check.rnn_cell(rnn_cell)

# %% [markdown] prompt="rnn_forward" title="All steps, and each sequence's own last state" minutes=12 difficulty=2
r"""
Read a batch of sequences of different lengths. Each starts from a state of zeros.

- in: `X` of shape `(N, T, D)`; `lengths` of shape `(N,)`, from 1 to `T`; `W_x`, `W_h`, `b` as before
- out: the pair `(H, last)`: `H` of shape `(N, T, hidden)`, the state *after* each step, and 0 for steps beyond the end
  of a sequence; `last` of shape `(N, hidden)`, the state of each sequence after its own last step

What stands in `X` beyond the end of a sequence must change nothing; it need not be 0. Use your `rnn_cell`.
"""

# %% task="rnn_forward"
def rnn_forward(X: np.ndarray, lengths: np.ndarray, W_x: np.ndarray, W_h: np.ndarray,
                b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return H (N, T, hidden), 0 beyond the end of a sequence, and each sequence's own last state (N, hidden).

    X: (N, T, D). lengths: (N,), from 1 to T.
    """
    ### BEGIN SOLUTION
    N, T, _ = X.shape
    h, H = np.zeros((N, len(b))), np.zeros((N, T, len(b)))
    for t in range(T):
        h = rnn_cell(X[:, t], h, W_x, W_h, b)
        H[:, t] = h * (t < lengths)[:, np.newaxis]
    return H, H[np.arange(N), lengths - 1]
    ### END SOLUTION

# %% checks="rnn_forward" points=3
check.rnn_forward(rnn_forward)

# %% [markdown] prompt="bptt" title="The way back through time" minutes=15 difficulty=3
r"""
Given the slopes at the states, find those at the inputs and at the weights. Go backwards in time. Each state has been
used twice, each weight at every step.

- in: `dH` of shape `(N, T, hidden)`, the slopes at the outputs of the steps, *without* what comes from later steps; `X`
  of shape `(N, T, D)`; `H` of shape `(N, T, hidden)`, the states after each step, all sequences as long as the array;
  `W_x` and `W_h`. The state before the first step was 0.
- out: `dX` of shape `(N, T, D)`, `dW_x`, `dW_h` and `db`, in this order, each in the shape of its array

Everything in one example with T = 2 and numbers instead of matrices: `W_x = 1`, `W_h = 2`, states 0.5 and 0, `dH = 0, 1`.
The last step gives dZ = 1 · (1 - 0²) = 1; it sends 1 · 2 = 2 back, so the first step gives dZ = 2 · (1 - 0.5²) = 1.5.
Hence `dX = 1.5, 1`, and `dW_h` = 0 · 1.5 + 0.5 · 1 = 0.5, `db` = 2.5.
"""

# %% task="bptt"
def bptt(dH: np.ndarray, X: np.ndarray, H: np.ndarray, W_x: np.ndarray,
         W_h: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return dX (N, T, D), dW_x (D, hidden), dW_h (hidden, hidden), db (hidden,).

    dH: (N, T, hidden), slopes at the outputs. X: (N, T, D). H: (N, T, hidden), the states after each step.
    """
    ### BEGIN SOLUTION
    dX, dW_x, dW_h, db = np.zeros_like(X), np.zeros_like(W_x), np.zeros_like(W_h), np.zeros(len(W_h))
    dh_later = np.zeros_like(H[:, 0])
    for t in reversed(range(X.shape[1])):
        h_before = H[:, t - 1] if t > 0 else np.zeros_like(H[:, 0])
        dZ = (dH[:, t] + dh_later) * (1 - H[:, t] ** 2)
        dX[:, t] = dZ @ W_x.T
        dW_x += X[:, t].T @ dZ
        dW_h += h_before.T @ dZ
        db += dZ.sum(axis=0)
        dh_later = dZ @ W_h.T
    return dX, dW_x, dW_h, db
    ### END SOLUTION

# %% checks="bptt" points=4
check.bptt(bptt)

# %% [markdown] prompt="clip" title="Clip, and survive an overflow" minutes=10 difficulty=2
r"""
Shorten the gradients of a network before the step, if they are longer than `max_norm`; their length is that of all
arrays together, as one long vector. Keep the direction. Return the length as it was before, too: one plots it to see
whether training is healthy.

Through many steps a gradient can grow until it overflows: an entry is infinite or NaN. A step with it would ruin every
weight for good. So if the length is not a finite number, return zeros for all arrays: this step is skipped.

- in: `grads`, a list of arrays; `max_norm`, a number above 0
- out: the pair `(clipped, norm)`: a list of new arrays in the shapes of `grads`, and the length before clipping, as it is
  (infinite or NaN, if so). Leave the given arrays as they are.

With `grads = [[3, 0], [4]]` and `max_norm = 1` the result is `[[0.6, 0], [0.8]]` and 5.
"""

# %% task="clip"
def clip(grads: list[np.ndarray], max_norm: float) -> tuple[list[np.ndarray], float]:
    """Return gradients of a common length of at most max_norm, all 0 if it is not finite, and the length before.

    grads: arrays of any shapes. max_norm: above 0.
    """
    ### BEGIN SOLUTION
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    if not np.isfinite(norm):
        return [np.zeros_like(g) for g in grads], norm
    factor = max_norm / norm if norm > max_norm else 1.0
    return [factor * g for g in grads], norm
    ### END SOLUTION

# %% checks="clip" points=2
check.clip(clip)

# %% [markdown] prompt="classify" title="Learn to tell names apart" minutes=15 difficulty=3
r"""
Put the pieces together: many to one. A name is read, a dense layer makes logits from its own last state, the loss is the
mean cross-entropy of the batch. In each epoch go through the names in mini-batches, *in the order in which they come*
(no shuffling), `batch_size` at a time; the last batch may be smaller. For each batch take one step of plain gradient
descent with rate `lr` on all five arrays, their gradients clipped *together* to a length of at most 1.

- in: `X` of shape `(N, T, V)` and `lengths`; labels `y` of shape `(N,)`; `params`, a list of five arrays: `W_x`, `W_h`,
  `b`, and those of the dense layer, `W_out` of shape `(hidden, C)` and `b_out` of shape `(C,)`; `X_new` and
  `lengths_new`, names without labels; `lr`, `num_epochs`, `batch_size`
- out: the pair `(losses, y_hat)`: a list with the loss of each batch, *before* its step, and the labels that the trained
  network gives the new names, an array of whole numbers

Use your `rnn_forward`, `bptt` and `clip`. The slopes of the loss with respect to the logits are `(p - one_hot(y)) / N`
for a batch of `N` names. Only own last states have a slope: in `dH`, all other places are 0. Since `rnn_forward` gives 0 beyond the
end, your `bptt` works for names of different lengths, too: there is nothing to send back from there.
"""

# %% task="classify"
def classify(X: np.ndarray, lengths: np.ndarray, y: np.ndarray, params: list[np.ndarray], X_new: np.ndarray,
             lengths_new: np.ndarray, lr: float, num_epochs: int, batch_size: int) -> tuple[list[float], np.ndarray]:
    """Return the loss of each batch, before its step, and the labels of the new names after training.

    X: (N, T, V). lengths: (N,). y: (N,). params: W_x, W_h, b, W_out, b_out. X_new, lengths_new: names to label.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(num_epochs):
        for start in range(0, len(X), batch_size):
            part = slice(start, start + batch_size)
            loss, grads = loss_and_gradients(X[part], lengths[part], y[part], params)
            losses.append(loss)
            params = [p - lr * g for p, g in zip(params, clip(grads, 1.0)[0])]
    W_x, W_h, b, W_out, b_out = params
    last = rnn_forward(X_new, lengths_new, W_x, W_h, b)[1]
    return losses, (last @ W_out + b_out).argmax(axis=1)


def loss_and_gradients(X, lengths, y, params):
    W_x, W_h, b, W_out, b_out = params
    H, last = rnn_forward(X, lengths, W_x, W_h, b)
    p, rows = softmax(last @ W_out + b_out), np.arange(len(X))
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    dlogits = p / len(X)
    dH = np.zeros_like(H)
    dH[rows, lengths - 1] = dlogits @ W_out.T
    return loss, [*bptt(dH, X, H, W_x, W_h)[1:], last.T @ dlogits, dlogits.sum(axis=0)]
    ### END SOLUTION

# %% checks="classify" points=4
check.classify(classify)

# %% [markdown]
r"""
Now let it learn for real: Finnish, Irish, Italian and Zulu surnames, and then forty of each list that it has never
seen. It takes a few seconds. Put in names of your own, also some that belong to none of the four lists: the network
always has an answer.
"""

# %%
def learn_names(num_epochs=25, hidden=48, own=("virtanen", "rossi", "o'connor", "dlamini", "meier")):
    from introdl import data

    split, kept = data.names(), [data.LANGUAGES.index(name) for name in ("Finnish", "Irish", "Italian", "Zulu")]
    train, val = np.isin(split.y_train, kept), np.isin(split.y_val, kept)
    X, lengths = one_hot(split.X_train[train].tolist(), data.NAME_LETTERS)
    new = [*split.X_val[val].tolist(), *own]
    X_new, lengths_new = one_hot(new, data.NAME_LETTERS)
    rng, V = np.random.default_rng(0), len(data.NAME_LETTERS)
    params = [rng.normal(0, 0.1, size=(V, hidden)), 0.7 * np.eye(hidden), np.zeros(hidden),
              rng.normal(0, 0.1, size=(hidden, 4)), np.zeros(4)]
    y, y_val = np.searchsorted(kept, split.y_train[train]), np.searchsorted(kept, split.y_val[val])
    losses, y_hat = classify(X, lengths, y, params, X_new, lengths_new, 0.5, num_epochs, 16)
    print(f"loss {losses[0]:.2f} -> {np.mean(losses[-50:]):.2f}, right: {(y_hat[: len(y_val)] == y_val).mean():.1%}")
    for name, label in zip(own, y_hat[len(y_val) :]):
        print(f"{name:10} {data.LANGUAGES[kept[label]]}")


# learn_names()      # when all your answers pass, take the first # away and run this cell

# %% [markdown] prompt="only_a_feature" title="Explain in words" minutes=6 difficulty=2
r"""
A bank wants to put the lesson's network into its credit model: the twelve probabilities of an applicant's surname
become twelve more inputs. "It is right for seven names in ten," they say, "we never ask for anybody's origin, and the
model decides by itself whether the inputs are of use." What do you tell them? Four or five sentences are enough. When
you have written and saved your answer, `check.model_answer("only_a_feature")` shows one to compare with.
"""

# %% [markdown] answer="only_a_feature" points=2
r"""
The network says in which of twelve lists a spelling stands, nothing about the person: names are married into, inherited
from far back, and rewritten by offices, and a name from none of the lists gets an answer, too. More than a quarter of
the answers are wrong even on clean lists, and unevenly: some languages are confused far more than others.

Where it is right, it is worse: then the model has a stand-in for ethnic origin. If past decisions treated people with
such names differently, the model finds the inputs "of use" and goes on doing so; that nobody asked for the origin makes
it harder to notice. Deciding about credit by an inferred origin is forbidden in many places. So: leave it out, ask for
what really matters (income, debts), and check the finished model's decisions for differences between groups.

**What to look for:** a name is not a person (the label is a list; errors are uneven); an input that stands in for origin
passes on past discrimination even if, or because, it is accurate; a clear "do not use it", with a better way.
"""

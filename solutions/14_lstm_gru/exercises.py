# %% [markdown]
r"""
# Exercises 14 · Decide what to keep

You write one step of an LSTM and of a GRU, count parameters, join two directions, look tokens up and collect their
slopes, keep padding out of a mean, and in the end train a network that fills gaps in surnames.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("lstm_cell")` (or another task's name). Hints open one at a time.

All but the last task are NumPy; `introdl.nn` is put away. The [lesson](lesson.ipynb) has all you need.
"""

# %%
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from introdl.checks import lstm_gru as check


def sigmoid(X):
    """1 / (1 + exp(-X)), without overflow."""
    return 0.5 * (1 + np.tanh(X / 2))

# %% [markdown] prompt="lstm_cell" title="One step of an LSTM" minutes=12 difficulty=2
r"""
Compute the next state of an LSTM,

$$c_t = f \odot c_{t-1} + i \odot g, \qquad h_t = o \odot \tanh(c_t).$$

- in: `x` (N, D), the inputs of this step; `h` and `c` (N, hidden), the state so far; `W_x` (D, 4 · hidden), `W_h`
  (hidden, 4 · hidden), `b` (4 · hidden,), each four blocks of `hidden` columns side by side, in the order **i, f, g, o**
- out: the pair `(h_new, c_new)`, each (N, hidden)

The gates i, f, o go through the sigmoid (above), the candidate g through tanh. If all weights and biases are 0, every
gate is 0.5 and g is 0: `c = [[2.0]]` becomes `[[1.0]]`, and `h_new` is 0.5 · tanh(1) = 0.38.
"""

# %% task="lstm_cell"
def lstm_cell(
    x: np.ndarray, h: np.ndarray, c: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return h_new and c_new, each (N, hidden). The blocks of W_x, W_h and b are i, f, g, o."""
    ### BEGIN SOLUTION
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=1)
    c_new = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_new), c_new
    ### END SOLUTION

# %% checks="lstm_cell" points=3
check.lstm_cell(lstm_cell)

# %% [markdown] prompt="gru_cell" title="One step of a GRU" minutes=12 difficulty=2
r"""
Compute the next state of a GRU in PyTorch's form, where the reset gate acts *after* the product:

$$n = \tanh\bigl(x_n + r \odot (h_n + b_n)\bigr), \qquad h_t = z \odot h_{t-1} + (1 - z) \odot n.$$

Here $x_r, x_z, x_n$ are the blocks of `x @ W_x + b`, and $h_r, h_z, h_n$ those of `h @ W_h`; $r = \sigma(x_r + h_r)$, and $z$
likewise.

- in: `x` (N, D); `h` (N, hidden); `W_x` (D, 3 · hidden), `W_h` (hidden, 3 · hidden), `b` (3 · hidden,), each three blocks in
  the order **r, z, n**; `b_n` (hidden,)
- out: `h_new` (N, hidden)

If all weights and biases are 0, then z is 0.5 and n is 0: `h = [[0.8]]` becomes `[[0.4]]`.
"""

# %% task="gru_cell"
def gru_cell(
    x: np.ndarray, h: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray, b_n: np.ndarray
) -> np.ndarray:
    """Return h_new (N, hidden). The blocks of W_x, W_h and b are r, z, n; b_n stands inside the reset product."""
    ### BEGIN SOLUTION
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np.split(x @ W_x + b, 3, axis=1), np.split(h @ W_h, 3, axis=1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * (h_n + b_n))
    return z * h + (1 - z) * n
    ### END SOLUTION

# %% checks="gru_cell" points=3
check.gru_cell(gru_cell)

# %% [markdown] prompt="count_parameters" title="What do gates cost?" minutes=8 difficulty=2
r"""
Count the parameters of PyTorch's `nn.RNN`, `nn.GRU` or `nn.LSTM`, without building one.

- in: `kind`, `"RNN"`, `"GRU"` or `"LSTM"`; whole numbers `n_in` (features of the input), `hidden`, `num_layers`;
  `bidirectional`, `True` or `False`
- out: a whole number

A plain layer has one block of weights: n_in · hidden, hidden · hidden, and *two* biases. `count_parameters("RNN", 3, 5, 1,
False)` is 15 + 25 + 10 = 50. Layers above the first read what the layer below puts out; with two directions, that is
both side by side.
"""

# %% task="count_parameters"
def count_parameters(kind: str, n_in: int, hidden: int, num_layers: int, bidirectional: bool) -> int:
    """Return the number of parameters of PyTorch's recurrent layer of this kind."""
    ### BEGIN SOLUTION
    blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    directions, total = 2 if bidirectional else 1, 0
    for _ in range(num_layers):
        total += directions * blocks * (n_in * hidden + hidden * hidden + 2 * hidden)
        n_in = directions * hidden
    return total
    ### END SOLUTION

# %% checks="count_parameters" points=2
check.count_parameters(count_parameters)

# %% [markdown] prompt="both_ways" title="Read from both sides" minutes=10 difficulty=2
r"""
Two layers have read the same sequences, one from the start, one from the end. Put their outputs side by side, so that
at each step both belong to that step.

- in: `H_ahead` (N, T, h1), in the order of the steps; `H_back` (N, T, h2), in the order in which the second layer made
  them: `H_back[n, 0]` belongs to the *last* step of sequence n; `lengths` (N,), from 1 to T. Behind the end of a
  sequence both hold 0.
- out: (N, T, h1 + h2), `H_ahead` first; behind the end still 0. Do not change the inputs.

For one sequence of two steps in T = 3, with `H_ahead` 1, 2, 0 and `H_back` 20, 10, 0, the result is `[[1, 10], [2, 20],
[0, 0]]`.
"""

# %% task="both_ways"
def both_ways(H_ahead: np.ndarray, H_back: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the outputs of both directions side by side, (N, T, h1 + h2), in the order of the steps."""
    ### BEGIN SOLUTION
    turned = H_back.copy()
    for n, length in enumerate(lengths):
        turned[n, :length] = H_back[n, :length][::-1]
    return np.concatenate([H_ahead, turned], axis=2)
    ### END SOLUTION

# %% checks="both_ways" points=2
check.both_ways(both_ways)

# %% [markdown] prompt="embedding" title="A row for each token" minutes=8 difficulty=2
r"""
Look tokens up in a table, and collect the slopes that come back to it.

- in: `W` (V, D), the table; `tokens` (N, T), whole numbers from 0 to V - 1; `dY` (N, T, D), the slopes of what was looked
  up
- out: the pair `(Y, dW)`: `Y` (N, T, D), the row of each token; `dW` (V, D), the slope of the table

With tokens `[[1, 1]]` and slopes 2 and 5 for their only feature, row 1 of `dW` is 7, and all others are 0.
"""

# %% task="embedding"
def embedding(W: np.ndarray, tokens: np.ndarray, dY: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the tokens, (N, T, D), and the slope of the table, (V, D)."""
    ### BEGIN SOLUTION
    dW = np.zeros_like(W)
    np.add.at(dW, tokens, dY)
    return W[tokens], dW
    ### END SOLUTION

# %% checks="embedding" points=3
check.embedding(embedding)

# %% [markdown] prompt="masked_mean" title="Only what counts" minutes=7 difficulty=2
r"""
Sometimes a sequence is summed up by the mean of all its outputs, not by the last one. Padding must not take part.

- in: `H` (N, T, hidden), the outputs; behind the end of a sequence stands *anything*, not only 0; `lengths` (N,), from 1
  to T
- out: (N, hidden), for each sequence the mean over its own steps

For `H = [[[1.0], [3.0], [100.0]]]` and `lengths = [2]` the result is `[[2.0]]`.
"""

# %% task="masked_mean"
def masked_mean(H: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the mean of the first lengths[n] steps of each sequence, (N, hidden)."""
    ### BEGIN SOLUTION
    mask = np.arange(H.shape[1]) < lengths[:, np.newaxis]                     # (N, T)
    return (H * mask[:, :, np.newaxis]).sum(axis=1) / lengths[:, np.newaxis]
    ### END SOLUTION

# %% checks="masked_mean" points=2
check.masked_mean(masked_mean)

# %% [markdown] prompt="fill_gaps" title="Fill the gaps" minutes=15 difficulty=3
r"""
All pieces together, on surnames of twelve languages: train a network that finds a hidden letter. At least 28 % of the
letters in new names must be found. A network that reads from the left only finds little more than 20 %.

- in: `X` (N, 20), names as tokens: 0 is padding, 1 the gap, 2 to 66 the letters; `lengths` (N,); `places` (N,), where
  the gap is; `y` (N,), the token that stood there; then `X_new`, `lengths_new` and `places_new` of other names
- out: (len(X_new),) whole numbers, the token that you take for the hidden one

All come as arrays. How you do it is up to you: an embedding with 16 features, a bidirectional LSTM with 48 units, and
five epochs of Adam at 0.01 take a few seconds. Begin with `torch.manual_seed(0)`. `introdl.train` is not available here: write the loop,
as in unit 08.
"""

# %% task="fill_gaps"
def fill_gaps(
    X: np.ndarray, lengths: np.ndarray, places: np.ndarray, y: np.ndarray,
    X_new: np.ndarray, lengths_new: np.ndarray, places_new: np.ndarray,
) -> np.ndarray:
    """Train on X, lengths, places, y; return the tokens that are hidden in X_new, (len(X_new),)."""
    ### BEGIN SOLUTION
    class FillGap(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(67, 16, padding_idx=0)
            self.layer = nn.LSTM(16, 48, batch_first=True, bidirectional=True)
            self.out = nn.Linear(96, 67)

        def forward(self, X, lengths, places):
            packed = pack_padded_sequence(self.embedding(X), lengths, batch_first=True, enforce_sorted=False)
            H, _ = pad_packed_sequence(self.layer(packed)[0], batch_first=True)
            return self.out(H[torch.arange(len(X)), places])

    torch.manual_seed(0)
    net = FillGap()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    X, lengths, places, y = (torch.tensor(part) for part in (X, lengths, places, y))
    for _ in range(5):
        for rows in torch.randperm(len(X)).split(64):
            loss = nn.functional.cross_entropy(net(X[rows], lengths[rows], places[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        logits = net(torch.tensor(X_new), torch.tensor(lengths_new), torch.tensor(places_new))
    return logits.argmax(dim=1).numpy()
    ### END SOLUTION

# %% checks="fill_gaps" points=3
check.fill_gaps(fill_gaps)

# %% [markdown] prompt="still_vanishing" title="Explain in words" minutes=6 difficulty=2
r"""
A colleague predicts whether a machine will fail, from sensor readings of the last 300 minutes; what matters often
happened at the beginning. "I took an LSTM," he says, "so vanishing slopes cannot be the reason that it learns nothing. And
I set the forget bias to 1, as everybody does." What do you tell him, and what would you try? Four or five sentences are
enough. When you have written and saved your answer, `check.model_answer("still_vanishing")` shows one to compare with.
"""

# %% [markdown] answer="still_vanishing" points=2
r"""
On the straight way back through the cell state, the slope is multiplied by the forget gate at every step. A bias of 1 makes
that gate about 0.73, and $0.73^{300}$ is 0 for all practical purposes: at the start of training no slope reaches the
first readings, so the network cannot learn to keep them. The LSTM makes long memory possible; its first weights decide
whether it can be learned.

I would start the forget biases so that the gates keep for up to 300 steps, $\log u$ with $u$ uniform between 1 and
300 (chrono initialization), with the input biases at minus that; then measure, before training, how strongly the
output depends on early inputs. Other ways help too: fewer and longer steps (means over ten minutes), or a summary of all
steps instead of the last one.

**What to look for:** the product of forget gates, with a number ($0.73^{300}$ or "practically 0"); biases chosen by the length
of the memory, or a shorter sequence; a way to check.
"""

# %% [markdown]
r"""
# Decide what to keep

> **Time**: {{run_time}} to run, 100 minutes to study.
>
> **What you do**: give a network a task that it can only solve with a long memory, and see the network of unit 13 fail; build
> the two cells that solve it, LSTM and GRU, forward and backward; find out why they too fail with the usual first weights, and what
> helps; read surnames from both sides; watch a network forget on purpose.
>
> **What you need first**: [unit 03](../03_backprop/lesson.ipynb) (slopes by hand), [unit
> 04](../04_activations/lesson.ipynb) (sigmoid, tanh), [unit 08](../08_pytorch/lesson.ipynb) (PyTorch), [unit
> 13](../13_rnn/lesson.ipynb) (recurrence, backpropagation through time, sequences of different lengths).
"""

# %% tags=["harness"]
import time
from collections import Counter, defaultdict

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from introdl import data, metrics, plot
from introdl import nn as ours

seed = 0

# %% [markdown]
r"""
## Remember the first

A game. You hear a symbol, one of eight. Then fifty more of the same eight, all without meaning. Then a question mark:
what was the *first*? For you that is easy: you keep one thing in mind and ignore the rest. Guessing is right once in
eight times, 12.5 %.
"""

# %% tags=["harness"]
K = 8                                                      # symbols 0 to 7; 8 is the question mark


def sequences(num, lag, rng):
    """The symbol to keep, `lag` others, the question: X (num, lag + 2), and the answers (num,)."""
    X = rng.integers(0, K, size=(num, lag + 2))
    X[:, -1] = K
    return torch.from_numpy(X), torch.from_numpy(X[:, 0].copy())


# %%
X, y = sequences(3, 10, np.random.default_rng(seed))
for row, answer in zip(X, y):
    print(*row.tolist()[:-1], "?   answer:", answer.item())

# %% [markdown]
r"""
### A vector for each symbol

A network needs vectors. In [unit 13](../13_rnn/lesson.ipynb) a letter was a one-hot row, and the first layer
multiplied it by weights. Such a product picks one row of the weights and multiplies all others by 0. So leave the
product out and look the row up. A table with one learned row for each symbol is called an
[*embedding*](../glossary.md#embedding).
"""

# %%
rng = np.random.default_rng(seed)
table = rng.normal(size=(9, 4))                            # nine symbols, four numbers for each: (V, D)
tokens = np.array([[3, 8, 3], [0, 3, 7]])                  # (N, T)
looked_up = table[tokens]                                  # (N, T, D)
assert np.array_equal(looked_up, np.eye(9)[tokens] @ table)
print("looked up:", looked_up.shape, "  the same as the product with one-hot rows")

# %% [markdown]
r"""
The way back follows from the product: with one-hot rows $X$, $dW = X^T dY$. So each row of the table gets the *sum*
of the slopes at all places where its symbol stands. NumPy has a trap here: `dW[tokens] += dY` counts a repeated
symbol once. `np.add.at` counts every place.
"""

# %%
dY = np.ones((2, 3, 4))
wrong, right = np.zeros((9, 4)), np.zeros((9, 4))
wrong[tokens] += dY
np.add.at(right, tokens, dY)
assert np.array_equal(right, np.eye(9)[tokens].reshape(6, 9).T @ dY.reshape(6, 4))
print("symbol 3 stands at 3 places; its slope with += is", wrong[3, 0], " with add.at", right[3, 0])

# %%
theirs = nn.Embedding.from_pretrained(torch.tensor(table), freeze=False)
theirs(torch.tensor(tokens)).backward(torch.tensor(dY))
layer = ours.Embedding(9, 4, rng, dtype=np.float64)
layer.params[0][...] = table
assert np.array_equal(layer.forward(tokens), looked_up)
layer.backward(dY)
assert np.array_equal(layer.grads[0], right) and np.array_equal(theirs.weight.grad, right)
print("nn.Embedding and introdl.nn.Embedding: equal")

# %% [markdown]
r"""
### The plain network fails

The network: an embedding, a recurrent layer, and a dense layer that reads the last state. The *lag*, how many symbols
lie between the first and the question, decides how long it must remember. Training draws new sequences for every
batch, so the network never sees one twice; `right` collects the share of each batch that it answers correctly, before
the step.
"""

# %% tags=["harness"]
class Memory(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.embedding, self.layer, self.out = nn.Embedding(K + 1, 16), layer, nn.Linear(layer.hidden_size, K)

    def forward(self, X):                                  # (N, T) -> (N, K) logits
        H, _ = self.layer(self.embedding(X))               # (N, T, hidden)
        return self.out(H[:, -1])


LAYERS = {"RNN": lambda lag: nn.RNN(16, 32, batch_first=True)}


def trained(name, lag, seed, num_steps=800):
    """Train a network with this layer; return it, the share of right answers in each batch, and the seconds."""
    torch.manual_seed(seed)
    net, rng, right, start = Memory(LAYERS[name](lag)), np.random.default_rng(seed), [], time.process_time()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
    for _ in range(num_steps):
        X, y = sequences(64, lag, rng)
        logits = net(X)
        optimizer.zero_grad()
        nn.functional.cross_entropy(logits, y).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)    # unit 13
        optimizer.step()
        right.append((logits.argmax(dim=1) == y).float().mean().item())
    return net, right, time.process_time() - start


def answered(net, lag, seed, num=2000):
    """How many of so many new sequences the network answers correctly."""
    X, y = sequences(num, lag, np.random.default_rng([seed, 1]))
    with torch.no_grad():
        return (net(X).argmax(dim=1) == y).sum().item()


# %% tags=["nbval-ignore-output"]
runs = {"RNN": trained("RNN", 50, seed)}
share = np.mean(runs["RNN"][1][-100:])
print(f"RNN, lag 50, {800 * 64:,} sequences: {share:.1%} of the last hundred batches (guessing: 12.5 %)")
assert share < 0.2

# %% [markdown]
r"""
It guesses. [Unit 13](../13_rnn/lesson.ipynb) says why: on its way back through time, the slope is multiplied at every
step by $W_h^T$ and by the slope of tanh. Measure what that does over 50 steps, before training. A figure later in this
lesson will use the same function for every layer.
"""

# %%
def slope_sizes(layer, T=100):
    """How strongly the last state depends on the input k steps before, for k = 0 … T - 1."""
    torch.manual_seed(seed)
    X = torch.randn(32, T, 16, requires_grad=True)
    H, _ = layer(X)
    (H[:, -1] * torch.randn(32, layer.hidden_size)).sum().backward()
    return X.grad.norm(dim=(0, 2)).flip(0).numpy()         # (T,), the last step first


torch.manual_seed(seed)
sizes = slope_sizes(LAYERS["RNN"](50))
print(f"slope 10 steps back: {sizes[10] / sizes[0]:.0e} of the last step's, 50 steps back: {sizes[50] / sizes[0]:.0e}")

# %% [markdown]
r"""
The symbol that counts has no voice, and the fifty that do not count have the last word.

## A cell that keeps

Think of a note on your desk. To remember something for long, you do not copy it anew every minute; you leave the note
where it is. The plain network copies: it rewrites its whole state at every step, $h_t = \tanh(\dots)$. Hochreiter and
Schmidhuber ([1997](https://doi.org/10.1162/neco.1997.9.8.1735)) gave it a note: a
[*cell state*](../glossary.md#cell-state) $c$ that is carried over, and changed by addition,

$$c_t = f_t \odot c_{t-1} + i_t \odot g_t.$$

$\odot$ multiplies entry by entry. Each entry of $c$ is one note. The
[*forget gate*](../glossary.md#forget-gate) $f$ says how much of the old note stays (1: all, 0: nothing). The
[*input gate*](../glossary.md#input-gate) $i$ says how much of the candidate $g$ is written. What the network shows of
its notes is up to the [*output gate*](../glossary.md#output-gate) $o$:

$$h_t = o_t \odot \tanh(c_t).$$

Who moves the gates? The network itself, at every step anew. Each gate is a small dense layer that sees the input and
the last output. A gate must lie between 0 and 1, so it ends in a sigmoid; the candidate may be negative, so it ends in
tanh:

$$i, f, o = \sigma(\text{each its own } x_t W_x + h_{t-1} W_h + b), \qquad g = \tanh(\text{its own } x_t W_x + h_{t-1} W_h + b).$$

That is an [*LSTM*](../glossary.md#lstm), *long short-term memory*. (The forget gate came three years later, by [Gers
and others](https://doi.org/10.1162/089976600300015015).)
"""

# %%
def line(ax, *points, arrow=True, color="0.4"):
    ax.plot(*zip(*points), color=color, lw=1.2, zorder=0)
    if arrow:
        ax.annotate("", points[-1], points[-2], arrowprops={"arrowstyle": "->", "color": color})


def node(ax, x, y, text, color="white", round_=True):
    ax.text(x, y, text, ha="center", va="center", fontsize=9,
            bbox={"boxstyle": "circle,pad=0.25" if round_ else "round,pad=0.3", "fc": color, "ec": "0.4"})


def draw_lstm(ax):
    line(ax, (0, 3), (1.0, 3), color="C1")                                              # the cell state
    line(ax, (1.4, 3), (3.1, 3), color="C1")
    line(ax, (3.5, 3), (7.6, 3), color="C1")
    line(ax, (0, 0), (5.0, 0), arrow=False)
    for x, name, y in ((1.2, "f", 2.75), (2.4, "i", 2), (4.2, "g", 2), (5.0, "o", 2)):
        line(ax, (x, 0), (x, y), arrow=name == "f")
        node(ax, x, 0.9, name, "0.93", round_=False)
    line(ax, (2.4, 2), (3.05, 2))
    line(ax, (4.2, 2), (3.55, 2))
    line(ax, (3.3, 2.2), (3.3, 2.75))
    line(ax, (5.0, 2), (5.75, 2))
    line(ax, (6.0, 3), (6.0, 2.22))
    line(ax, (6.2, 2), (7.6, 2))
    node(ax, 6.0, 2.6, "tanh", "0.93", round_=False)
    for x, y, text in ((1.2, 3, "×"), (3.3, 3, "+"), (3.3, 2, "×"), (6.0, 2, "×")):
        node(ax, x, y, text)
    for x, y, text in ((-0.1, 3, "$c_{t-1}$"), (-0.1, 0, "$x_t, h_{t-1}$")):
        ax.text(x, y, text, ha="right", va="center")
    for y, text in ((3, "$c_t$"), (2, "$h_t$")):
        ax.text(7.7, y, text, va="center")
    ax.set(xlim=(-1.5, 8.4), ylim=(-0.6, 3.6))
    ax.axis("off")


fig, ax = plot.figure("The cell state passes by; gates erase, write and show", size=(6.4, 3.2))
draw_lstm(ax)
plot.show(fig, alt="A diagram. At the top a straight line leads from the old cell state to the new one; on it are a multiplication by the forget gate f and an addition. "
                   "What is added is the product of input gate i and candidate g. From the new cell state a branch goes through tanh and is multiplied by the output gate o: that is the new h. All four gates get the input and the old h.")

# %% [markdown]
r"""
### By hand

The four dense layers have the same inputs, so they are one product with four times as many columns, cut into four
blocks afterwards. The order of the blocks is a convention; PyTorch's is $i, f, g, o$.
"""

# %%
def lstm_step(x, h, c, W_x, W_h, b):
    """x (N, D), h and c (N, hidden), W_x (D, 4 * hidden), W_h (hidden, 4 * hidden), b (4 * hidden,)."""
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=1)
    i, f, g, o = ours.sigmoid(i), ours.sigmoid(f), np.tanh(g), ours.sigmoid(o)
    c_new = f * c + i * g
    return o * np.tanh(c_new), c_new, (i, f, g, o, c, c_new)


# %% [markdown]
r"""
And the way back, by the chain rule of [unit 03](../03_backprop/lesson.ipynb). Two slopes arrive: that of $h_t$ and
that of $c_t$. As $h_t$ is made from $c_t$, they first join. Then each of the four gets its own:
"""

# %%
def lstm_step_backward(dh, dc, kept):
    i, f, g, o, c, c_new = kept
    shown = np.tanh(c_new)
    dc = dc + dh * o * (1 - shown**2)                      # the way through h joins the straight one
    di, df, dg, do = dc * g, dc * c, dc * i, dh * shown
    dZ = np.concatenate([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)], axis=1)
    return dZ, dc * f                                      # back to the old c: times f, and nothing else


# %% [markdown]
r"""
Through time it goes as in unit 13: forward, keep everything; backward, add up the slopes of the weights over all
steps.
"""

# %%
def lstm_forward(X, W_x, W_h, b):
    N, T, _ = X.shape
    h = c = np.zeros((N, len(W_h)))
    H, kept = [], []
    for t in range(T):
        before = h
        h, c, gates = lstm_step(X[:, t], h, c, W_x, W_h, b)
        H.append(h)
        kept.append((before, gates))
    return np.stack(H, axis=1), kept                       # (N, T, hidden)


def lstm_backward(dH, X, W_x, W_h, kept):
    dX, dW_x, dW_h, db = np.zeros_like(X), np.zeros_like(W_x), np.zeros_like(W_h), np.zeros(W_x.shape[1])
    dh = dc = np.zeros_like(dH[:, 0])
    for t in reversed(range(X.shape[1])):
        before, gates = kept[t]
        dZ, dc = lstm_step_backward(dH[:, t] + dh, dc, gates)
        dX[:, t], dh = dZ @ W_x.T, dZ @ W_h.T
        dW_x += X[:, t].T @ dZ
        dW_h += before.T @ dZ
        db += dZ.sum(axis=0)
    return dX, dW_x, dW_h, db


# %% [markdown]
r"""
The judge is `nn.LSTM`. It keeps its matrices transposed, and it has *two* biases, one for each product. They are
added, so one would do.
"""

# %%
def weights_of(layer):
    """W_x, W_h, b of one layer of nn.LSTM, as we write them."""
    return [p.detach().numpy().T for p in (layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0 + layer.bias_hh_l0)]


theirs = nn.LSTM(3, 5, batch_first=True, dtype=torch.float64)
X, dH = rng.normal(size=(4, 7, 3)), rng.normal(size=(4, 7, 5))
W_x, W_h, b = weights_of(theirs)
H, kept = lstm_forward(X, W_x, W_h, b)
slopes = lstm_backward(dH, X, W_x, W_h, kept)

their_X = torch.tensor(X, requires_grad=True)
their_H, (h_last, c_last) = theirs(their_X)
their_H.backward(torch.tensor(dH))
judged = [their_X.grad, theirs.weight_ih_l0.grad.T, theirs.weight_hh_l0.grad.T, theirs.bias_ih_l0.grad]
assert np.allclose(H, their_H.detach()) and np.allclose(H[:, -1], h_last[0].detach())
assert all(np.allclose(mine, their) for mine, their in zip(slopes, judged))
print("forward and backward equal nn.LSTM;", [p.shape for p in (W_x, W_h, b)])

# %% [markdown]
r"""
From now on `introdl.nn.LSTM` stands for these functions. It does the product with $W_x$ for all steps at once, as
that part does not have to wait for $h$.
"""

# %%
layer = ours.LSTM(3, 5, rng, dtype=np.float64)
for p, W in zip(layer.params, (W_x, W_h, b)):
    p[...] = W
assert np.allclose(layer.forward(X), H) and np.allclose(layer.backward(dH), slopes[0])
assert all(np.allclose(mine, before) for mine, before in zip(layer.grads, slopes[1:]))
print("introdl.nn.LSTM: the same")

# %% [markdown]
r"""
## Why slopes survive, and when they do not

Look at the last line of `lstm_step_backward` again: from $c_t$ back to $c_{t-1}$ the slope is multiplied by $f_t$. No
matrix, no slope of tanh. Over 50 steps that makes the product of fifty forget gates (on the straight way; there are
others, through the gates). With $f = 1$ nothing is lost.

So is the problem solved? Train an LSTM. A forget gate is $\sigma$ of its sums, and with small weights the bias decides.
PyTorch draws biases around 0, which makes $f \approx \sigma(0) = 0.5$: half of the note is gone after one step. Common
advice is to start the bias of the forget gate at 1 ([Jozefowicz and others
2015](https://proceedings.mlr.press/v37/jozefowicz15.html)).
"""

# %% tags=["harness"]
def with_biases(layer, **blocks):
    """Set the biases of a layer to 0, but for the blocks that are given, such as forget=1; return the layer."""
    gates = ("input", "forget", "candidate", "output") if isinstance(layer, nn.LSTM) else ("reset", "update", "candidate")
    with torch.no_grad():
        for bias in (layer.bias_ih_l0, layer.bias_hh_l0):
            bias.zero_()
        for gate, part in zip(gates, layer.bias_ih_l0.chunk(len(gates))):     # a part is a view: setting it sets the bias
            part += blocks.get(gate, 0)
    return layer


LAYERS |= {
    "LSTM": lambda lag: nn.LSTM(16, 32, batch_first=True),
    "LSTM, bias 1": lambda lag: with_biases(nn.LSTM(16, 32, batch_first=True), forget=1),
}

# %% tags=["nbval-ignore-output"]
runs["LSTM, bias 1"] = trained("LSTM, bias 1", 50, seed)
share = np.mean(runs["LSTM, bias 1"][1][-100:])
print(f"LSTM with forget bias 1, lag 50: {share:.1%}")
assert share < 0.2

# %% [markdown]
r"""
It guesses as well. Look at what a gate keeps over fifty steps:
"""

# %%
print("bias   forget gate   what is left of a note after 50 steps")
for bias in (0, 1, 2, 3, 4, 5):
    f = 1 / (1 + np.exp(-bias))
    print(f"{bias:4}   {f:11.3f}   {f**50:.1g}")

# %% [markdown]
r"""
At bias 1 the gate is 0.73, and $0.73^{50}$ is about a ten-millionth. The LSTM *can* keep a note for 50 steps. But to
learn that it should, it needs a slope from the end to the beginning, and at the start there is none to follow. "Bias
1" is good advice where ten steps are enough.

So choose the bias by how long you must remember. A note with a constant gate $f$ fades as $f^k = e^{-k/\tau}$, with a
time $\tau \approx 1/(1-f)$ steps. A gate for $\tau$ steps has $f = 1 - 1/\tau$, and its bias is

$$\log\frac{f}{1-f} = \log(\tau - 1).$$

We rarely know $\tau$; and a network has many cells. So let each cell draw its own, from 1 to the longest lag that you
expect: $b_f = \log u$ with $u$ uniform between 1 and the lag. And a cell that keeps for long should write little, else
fifty symbols drown the first: $b_i = -b_f$. Tallec and Ollivier ([2018](https://arxiv.org/abs/1804.11188)) call this
[*chrono initialization*](../glossary.md#chrono-initialization).
"""

# %% tags=["harness"]
def chrono(layer, lag):
    """Set the gates' biases so that the cells keep for 1 to `lag` steps; return the layer."""
    b = torch.empty(layer.hidden_size).uniform_(1, lag).log()
    return with_biases(layer, forget=b, input=-b, update=b)          # an LSTM has the first two, a GRU the last


LAYERS |= {"LSTM, chrono": lambda lag: chrono(nn.LSTM(16, 32, batch_first=True), lag)}

# %% tags=["nbval-ignore-output"]
runs["LSTM, chrono"] = trained("LSTM, chrono", 50, seed)
share = np.mean(runs["LSTM, chrono"][1][-100:])
print(f"LSTM with chrono initialization, lag 50: {share:.1%}")
assert share > 0.9

# %% [markdown]
r"""
The same layer, the same training; only 64 first biases differ. Do the input gates have to be nearly shut as well? Leave
them half open for once, and look at $c$ after fifty symbols, before training, and at the slope of the tanh that shows
it:
"""

# %% tags=["harness"]
def forget_only(layer, lag):
    return with_biases(layer, forget=torch.empty(layer.hidden_size).uniform_(1, lag).log())


LAYERS |= {"LSTM, forget only": lambda lag: forget_only(nn.LSTM(16, 32, batch_first=True), lag)}

# %%
symbols, _ = sequences(200, 50, np.random.default_rng(seed))
for name in ("LSTM, forget only", "LSTM, chrono"):
    torch.manual_seed(seed)
    net = Memory(LAYERS[name](50))
    with torch.no_grad():
        _, (_, c_last) = net.layer(net.embedding(symbols))
    print(f"{name:17} typical size of c {c_last.abs().mean():.1f}, slope of tanh there {(1 - torch.tanh(c_last) ** 2).mean():.2f}")

# %% [markdown]
r"""
With half-open input gates, fifty symbols pile up, and tanh flattens what they left. With both biases $c$ stays small.
How much that matters, a table will show below.

## GRU: one state, two gates

After years of LSTMs people asked what could be left out. Cho and others
([2014](https://arxiv.org/abs/1406.1078)) left out the second state. The [*GRU*](../glossary.md#gru), *gated recurrent
unit*, has only $h$, and *one* gate that decides between keeping and writing, the
[*update gate*](../glossary.md#update-gate) $z$:

$$h_t = z_t \odot h_{t-1} + (1 - z_t) \odot n_t.$$

What it keeps and what it writes add up to 1. The candidate $n$ sees the old state through a
[*reset gate*](../glossary.md#reset-gate) $r$, so that it can start afresh:

$$r, z = \sigma(\text{each its own } x_t W_x + b + h_{t-1} W_h), \qquad n = \tanh\bigl(x_t W_x + b + r \odot (h_{t-1} W_h + b_n)\bigr).$$
"""

# %%
def gru_step(x, h, W_x, W_h, b, b_n):
    """W_x (D, 3 * hidden), W_h (hidden, 3 * hidden), b (3 * hidden,); b_n (hidden,) stands inside the reset product."""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np.split(x @ W_x + b, 3, axis=1), np.split(h @ W_h, 3, axis=1)
    r, z = ours.sigmoid(x_r + h_r), ours.sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * (h_n + b_n))
    return z * h + (1 - z) * n


theirs = nn.GRU(3, 5, batch_first=True, dtype=torch.float64)
W_x, W_h, b = weights_of(theirs)
b_in, b_out = theirs.bias_ih_l0.detach().numpy(), theirs.bias_hh_l0.detach().numpy()
b, b_n = np.concatenate([b[:10], b_in[10:]]), b_out[10:]   # r and z: one bias would do; n needs both
h = np.zeros((4, 5))
for t in range(7):
    h = gru_step(X[:, t], h, W_x, W_h, b, b_n)
assert np.allclose(h, theirs(torch.tensor(X))[1][0].detach())
print("our GRU equals nn.GRU")

# %% [markdown]
r"""
Two conventions to know before you compare with a paper or with other code.

- *Where the reset gate acts.* In the paper it acts before the product: $(r \odot h)\,W_h$. PyTorch, and we, let it act
  after: $r \odot (h W_h + b_n)$. That way $h W_h$ is one product for all three blocks. The two are different networks.
- *What $z = 1$ means.* Here and in PyTorch: keep. In the paper, too; but many texts write $h_t = (1-z) h_{t-1} + z n$.

How different are they? Same weights, both ways:
"""

# %%
def gru_step_2014(x, h, W_x, W_h, b, b_n):
    hidden = h.shape[1]
    r, z = np.split(ours.sigmoid((x @ W_x + b)[:, : 2 * hidden] + h @ W_h[:, : 2 * hidden]), 2, axis=1)
    n = np.tanh((x @ W_x + b)[:, 2 * hidden :] + (r * h) @ W_h[:, 2 * hidden :] + b_n)
    return z * h + (1 - z) * n


h_2014 = np.zeros((4, 5))
for t in range(7):
    h_2014 = gru_step_2014(X[:, t], h_2014, W_x, W_h, b, b_n)
print(f"largest difference of the last states: {np.abs(h - h_2014).max():.2g}, of states of size {np.abs(h).max():.2g}")
assert np.abs(h - h_2014).max() > 0.01

# %% [markdown]
r"""
The way back through a GRU is the same exercise as for the LSTM; `introdl.nn.GRU` has it, and agrees with PyTorch:
"""

# %%
layer = ours.GRU(3, 5, rng, dtype=np.float64)
for p, W in zip(layer.params, (W_x, W_h, b, b_n)):
    p[...] = W
their_X = torch.tensor(X, requires_grad=True)
their_H, _ = theirs(their_X)
their_H.backward(torch.tensor(dH))
assert np.allclose(layer.forward(X), their_H.detach()) and np.allclose(layer.backward(dH), their_X.grad)
judged = [theirs.weight_ih_l0.grad.T, theirs.weight_hh_l0.grad.T, theirs.bias_ih_l0.grad, theirs.bias_hh_l0.grad[10:]]
assert all(np.allclose(mine, their) for mine, their in zip(layer.grads, judged))
print("introdl.nn.GRU: equal, with all gradients")

# %% [markdown]
r"""
The GRU joins the game, with its three kinds of first weights: $z$ is its gate for keeping. So does the plain network
with an orthogonal $W_h$, the best that unit 13 could do for it.
"""

# %% tags=["harness"]
def orthogonal(layer):
    """An orthogonal W_h changes no length, so slopes fade through tanh alone."""
    nn.init.orthogonal_(layer.weight_hh_l0)
    return layer


LAYERS |= {
    "RNN, orthogonal": lambda lag: orthogonal(nn.RNN(16, 32, batch_first=True)),
    "GRU": lambda lag: nn.GRU(16, 32, batch_first=True),
    "GRU, bias 1": lambda lag: with_biases(nn.GRU(16, 32, batch_first=True), update=1),
    "GRU, chrono": lambda lag: chrono(nn.GRU(16, 32, batch_first=True), lag),
}

# %% [markdown]
r"""
Now the figure: how strongly the last state depends on an input, over how long ago it was, before any training.
"""

# %%
fig, ax = plot.figure("Before training, only chrono cells hear the first symbol", "steps back", "slope (log scale, last step: 1)", size=(6.4, 4.0))
for name, color, style, place in (("RNN", "C2", "-", (20, 1e-7)), ("LSTM", "C0", ":", (44.3, 2.5e-12)), ("GRU", "C1", ":", (37, 1e-7)),
                                  ("LSTM, bias 1", "C0", "--", (72, 3e-6)), ("LSTM, chrono", "C0", "-", (72, 4e-3)), ("GRU, chrono", "C1", "-", (72, 0.25))):
    torch.manual_seed(seed)
    sizes = slope_sizes(LAYERS[name](50))
    ax.semilogy(sizes / sizes[0], style, color=color)
    ax.text(*place, name, color=color, fontsize=8)
ax.set(xlim=(0, 100), ylim=(1e-12, 20))
plot.show(fig, alt="How strongly the last state depends on the input k steps before, for k from 0 to 100, on a log scale. The lines of the plain network, of LSTM and GRU with PyTorch's weights "
                   "fall to ten to the minus twelve within 45 to 60 steps, that of the LSTM with forget bias 1 to ten to the minus five after 50. The two lines with chrono initialization stay above a hundredth over all 100 steps.")

# %% [markdown]
r"""
## The headline

Everybody gets the same 800 steps. Then come 2,000 new sequences, with fifty symbols between the first and the question.
The figure that counts is that of the *worse* of the two networks with chrono gates.
"""

# %% tags=["nbval-ignore-output"]
runs["GRU, chrono"] = trained("GRU, chrono", 50, seed)
correct = {name: answered(net, 50, seed) for name, (net, _, _) in runs.items()}
for name, number in correct.items():
    print(f"{name:13} {number / 2000:.1%} of 2,000 new sequences")
worse = min(correct["LSTM, chrono"], correct["GRU, chrono"])
assert correct["RNN"] <= 400 and correct["LSTM, bias 1"] <= 400
metrics.headline("lag 50, the worse of LSTM and GRU, % right", 100 * worse / 2000, 99.9,
                 interval=tuple(100 * bound for bound in metrics.wilson_interval(worse, 2000)))

# %%
fig, ax = plot.figure("Chrono gates find the memory within 300 steps", "training step", "share of right answers", size=(6.4, 3.6))
for (name, (_, right, _)), color, style, place in zip(runs.items(), ("C2", "C0", "C0", "C1"), ("-", "--", "-", "-"),
                                                      ((640, 0.05), (640, 0.17), (215, 0.55), (40, 0.55))):
    ax.plot(np.arange(20, 801), np.convolve(right, np.ones(20) / 20, "valid"), style, color=color)
    ax.text(*place, name, color=color, fontsize=8)
ax.axhline(1 / K, color="0.7", lw=1, zorder=0)
ax.set(xlim=(0, 800), ylim=(0, 1.03))
plot.show(fig, alt="The share of right answers over 800 training steps, averaged over twenty batches. The plain network and the LSTM with forget bias 1 stay at one in eight. "
                   "The LSTM and the GRU with chrono initialization leave that line after about 100 steps and reach 100 percent before step 300.")

# %% [markdown]
r"""
And what do gates cost? Count: a plain layer has one block of weights, a GRU three, an LSTM four.
"""

# %% tags=["nbval-ignore-output"]
plain = sum(p.numel() for p in LAYERS["RNN"](50).parameters())
for name in ("RNN", "GRU, chrono", "LSTM, chrono"):
    number = sum(p.numel() for p in LAYERS[name](50).parameters())
    print(f"{name:13} {number:5,} parameters ({number / plain:.0f} times), {runs[name][2]:.1f} s for 800 steps "
          f"({runs[name][2] / runs['RNN'][2]:.1f} times)")

# %% [markdown]
r"""
The time does not follow the parameters. On the processor that made this page, PyTorch has a fast routine for the LSTM
and none for the GRU. Measure on yours.
"""

# %% [markdown]
r"""
### How far does it go?

One lag and one seed say little. A command, `python -m tests.bench.memory`, trained every layer at five lags from four
seeds, 800 steps each, with the cells of this lesson. Here is its table:
"""

# %%
rows = [row for row in data.recorded("14_lstm_gru") if row["task"] == "memory"]
lags = sorted({row["lag"] for row in rows})
found = {(row["net"], row["lag"]): row["accuracy"] for row in rows if row["num_steps"] == 800}
print("lowest and highest of four seeds, %", *(f"lag {lag}".rjust(9) for lag in lags))
for name in dict.fromkeys(row["net"] for row in rows):
    print(f"{name:34}", *(f"{100 * min(found[name, lag]):.0f} to {100 * max(found[name, lag]):.0f}".rjust(9) for lag in lags))

# %%
fig, axs = plot.figure("Beyond twenty symbols, only chrono gates can be relied on", "symbols between", ncols=3, size=(7.6, 3.2))
shown = {  # first weights: the line, and where its label stands in each picture
    "PyTorch's": ("", "C2", ":", {"RNN": (4.8, 0.32), "LSTM": (4.7, 0.48), "GRU": (4.7, 0.48)}),
    "orthogonal": (", orthogonal", "C1", "--", {"RNN": (25, 0.65)}),
    "bias 1": (", bias 1", "C1", "--", {"LSTM": (17, 0.6), "GRU": (36, 0.6)}),
    "forget only": (", forget only", "C4", "-.", {"LSTM": (42, 0.5)}),
    "chrono": (", chrono", "C0", "-", {"LSTM": (42, 1.04), "GRU": (42, 1.04)}),
}
for ax, layer in zip(axs, ("RNN", "LSTM", "GRU")):
    for label, (start, color, style, places) in shown.items():
        if layer in places:
            ax.semilogx(lags, [np.mean(found[layer + start, lag]) for lag in lags], "o" + style, ms=3, color=color)
            ax.text(*places[layer], label, color=color, fontsize=8)
    ax.axhline(1 / K, color="0.7", lw=1, zorder=0)
    ax.set(title=layer, xlim=(4.5, 130), ylim=(0, 1.12))
    ax.set_xticks(lags, [str(lag) for lag in lags])
    ax.minorticks_off()
axs[0].set_ylabel("right answers (mean)")
plot.show(fig, alt="Three panels, for RNN, LSTM and GRU: right answers over 5, 10, 20, 50 and 100 symbols between, mean of four seeds, and a line at chance, one in eight. With PyTorch's weights all three are at chance from 20 symbols on. "
                   "The orthogonal RNN falls from 70 percent at 20 to chance at 50. With bias 1 the LSTM falls to chance between 20 and 50, the GRU at 50. The LSTM with only its forget gates set holds 97 percent at 50 and falls to 60 at 100. Chrono gates stay at 100 percent throughout.")

# %% [markdown]
r"""
Read the rows as memories. With PyTorch's first weights none of the three reaches back twenty symbols: gates alone are no
memory. An RNN that starts with an orthogonal matrix, which neither shrinks nor stretches, sometimes holds twenty. Bias
1 carries the LSTM a little further and the GRU to twenty, and then they, too, fall to chance. Setting only the forget
gates as chrono initialization does holds fifty symbols, mostly; its input gates stay half open, so every symbol between
writes over the note a little. With both gates set, LSTM and GRU answer at all lags, a hundred included, from every seed.

Would more steps have helped the others?
"""

# %%
for row in rows:
    if row["num_steps"] != 800:
        shares = ", ".join(f"{100 * share:.0f}" for share in row["accuracy"])
        print(f"{row['net']:15} lag {row['lag']:3}, {row['num_steps']:,} steps: {shares} % from four seeds")

# %% [markdown]
r"""
Four times the steps help the GRU with bias 1, from two of four seeds. The plain networks and the LSTM with bias 1 stay at
chance: where no slope arrives, there is nothing to learn from, however long one waits.

### What has it learned?

PyTorch does not show its gates. Yours does: copy the trained weights into `introdl.nn.LSTM`, which keeps the gates of
each step for the way back.
"""

# %%
def gates_over_time(layer, X):
    """The gates i, f, g, o of a trained nn.LSTM at each step of its inputs X (N, T, D): (N, T, 4, hidden)."""
    twin = ours.LSTM(layer.input_size, layer.hidden_size, np.random.default_rng(0))
    for p, W in zip(twin.params, weights_of(layer)):
        p[...] = W
    with torch.no_grad():
        H = twin.forward(X.numpy())
        assert np.allclose(H, layer(X)[0].numpy(), atol=1e-4)
    return np.stack([gates for gates, *_ in twin.kept]).transpose(3, 0, 1, 2)           # from (T, 4, hidden, N)


# %% tags=["nbval-ignore-output"]
net, _, _ = runs["LSTM, chrono"]
X, _ = sequences(500, 50, np.random.default_rng(seed))
with torch.no_grad():
    forget = gates_over_time(net.layer, net.embedding(X))[:, 1:51, 1]         # of the fifty steps between: (N, 50, hidden)
kept_share = forget.prod(axis=1).mean(axis=0)              # what is left of the first symbol's note, by cell
print(f"{(kept_share > 0.9).sum()} of 32 cells keep over 90 % of their note for fifty steps, {(kept_share < 0.01).sum()} less than 1 %")
assert (kept_share > 0.9).sum() >= 3

# %% [markdown]
r"""
## Real sequences: fill the gap

Now surnames of twelve languages, as in unit 13. One letter is hidden: what was it? `m_ller` is easy if you may read
on, and hard if you may not. First the letters become numbers: 0 for padding, 1 for the gap.
"""

# %% tags=["harness"]
names = data.names()
PAD, GAP = 0, 1
TOKEN = {letter: place for place, letter in enumerate(data.NAME_LETTERS, start=2)}


def tokens_of(words):
    """Letters as numbers, padded at the end: (N, T), and the lengths (N,)."""
    lengths = torch.tensor([len(word) for word in words])
    X = torch.full((len(words), int(lengths.max())), PAD)
    for row, word in zip(X, words):
        row[: len(word)] = torch.tensor([TOKEN[letter] for letter in word])
    return X, lengths


def hidden_at(X, places):
    """Put a gap at one place of each row; return the rows and the letters that stood there."""
    rows, X = torch.arange(len(X)), X.clone()
    y = X[rows, places]
    X[rows, places] = GAP
    return X, y


# %%
X, lengths = tokens_of(["müller", "rossi", "de vries"])
gaps, y = hidden_at(X, torch.tensor([1, 0, 4]))
print(gaps, lengths, y, sep="\n")

# %% [markdown]
r"""
### Sequences of different lengths

The rows have padding at their ends, and a recurrent layer runs into it: the state at the last *column* has read
padding. For a network that reads from the end it is worse, as it meets the padding first. PyTorch's answer is to
[*pack*](../glossary.md#packed-sequence): `pack_padded_sequence` takes the lengths and stores the steps that count, step by
step. The layer never sees a padding, and its last state is that of each sequence's own last step.
"""

# %%
embedding, layer = nn.Embedding(len(TOKEN) + 2, 4, padding_idx=PAD), nn.LSTM(4, 3, batch_first=True, bidirectional=True)
packed = pack_padded_sequence(embedding(X), lengths, batch_first=True, enforce_sorted=False)
H, (h_last, _) = layer(packed)
H, _ = pad_packed_sequence(H, batch_first=True)            # back to (N, T, 2 * hidden), 0 where padding was
print("steps stored:", len(packed.data), "of", X.numel(), "  how many sequences go on at each step:", packed.batch_sizes.tolist())

alone, (h_alone, _) = layer(embedding(X[1:2, :5]))         # rossi alone, without padding
assert torch.allclose(H[1, :5], alone[0], atol=1e-6) and torch.allclose(h_last[:, 1], h_alone[:, 0], atol=1e-6)
padded, (h_padded, _) = layer(embedding(X))                # not packed
print(f"rossi without packing: off by up to {(padded[1, :5] - alone[0]).abs().max():.2f}, its last states by {(h_padded[:, 1] - h_alone[:, 0]).abs().max():.2f}")

# %% [markdown]
r"""
### Reading from both sides

A [*bidirectional*](../glossary.md#bidirectional) layer is two layers: one reads from the start, one from the end, and at each
place their states stand side by side. PyTorch makes one with `bidirectional=True`. By hand that is: turn each sequence round *within its length*, run the second
layer, turn its outputs back, put them beside the others. The turning back is what one forgets: without it, the
first letter gets what was read last.
"""

# %%
def turned(X, lengths):
    """Each sequence backwards, its padding where it was; done twice, nothing has changed."""
    X = X.copy()
    for row, length in zip(X, lengths):
        row[:length] = row[:length][::-1].copy()
    return X


ahead, back = (ours.LSTM(4, 3, rng) for _ in range(2))
for one, suffix in ((ahead, ""), (back, "_reverse")):
    W_x, W_h, b_x, b_h = (getattr(layer, name + suffix).detach().numpy().T for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"))
    for p, W in zip(one.params, (W_x, W_h, b_x + b_h)):
        p[...] = W
inputs, ends = embedding(X).detach().numpy(), lengths.numpy()
by_hand = np.concatenate([ahead.forward(inputs, ends), turned(back.forward(turned(inputs, ends), ends), ends)], axis=2)
assert np.allclose(by_hand, H.detach(), atol=1e-6)
assert np.allclose(ours.Bidirectional(ahead, back).forward(inputs, ends), by_hand)
print("both directions by hand equal nn.LSTM(bidirectional=True):", by_hand.shape)

# %% [markdown]
r"""
### Layers on top of each other

Recurrent layers can be stacked: the second one reads *all outputs* of the first, step by step, (N, T, hidden), not its last
one. Only on top of the stack you choose: every step (a letter for each place), or the last one (one answer for the
whole). `num_layers=2` does it.

Between the layers goes dropout: `dropout=0.3`. With one layer there is nothing between, and PyTorch drops nothing; it
warns, but goes on:
"""

# %%
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")                        # it says so here; do not rely on reading it
    one_layer, two_layers = (nn.LSTM(4, 3, num_layers, batch_first=True, dropout=0.5) for num_layers in (1, 2))
for layer in (one_layer, two_layers):
    again = [layer(embedding(X))[0] for _ in range(2)]
    print(f"{layer.num_layers} layer(s), dropout=0.5, training mode: the same output twice?", torch.equal(*again))

# %% [markdown]
r"""
And on the way through time? A note that may be struck out at every step, with $p = 0.1$, survives fifty steps with
probability $0.9^{50} = 0.005$. Try it on the network that remembers, with the cell of this lesson: on $c$ with a new
choice at each step, on $h$ with a new choice at each step, and on $h$ with one choice for the whole sequence.
"""

# %%
def with_dropout(net, X, on, fresh, p=0.1):
    """Answers of a Memory network with dropout on its c or h: a new choice at each step, or one for the sequence."""
    weights, inputs, rng = weights_of(net.layer), net.embedding(X).detach().numpy(), np.random.default_rng(seed)
    h = c = np.zeros((len(X), 32))
    for t in range(X.shape[1]):
        if fresh or t == 0:
            mask = (rng.random(c.shape) >= p) / (1 - p)
        h, c, _ = lstm_step(inputs[:, t], h * mask if on == "h" else h, c * mask if on == "c" else c, *weights)
    return net.out(torch.tensor(h, dtype=torch.float32)).argmax(dim=1)


# %% tags=["nbval-ignore-output"]
net, _, _ = runs["LSTM, chrono"]
X, y = sequences(500, 50, np.random.default_rng(seed))
for on, fresh in (("c", True), ("h", True), ("h", False)):
    share = (with_dropout(net, X, on, fresh) == y).float().mean()
    print(f"dropout of 0.1 on {on}, {'a new choice at each step' if fresh else 'one choice for the sequence':27}: {share:.1%}")
    assert (share < 0.85) == (on == "c")

# %% [markdown]
r"""
The note must not be struck. In an LSTM that leaves $h$, on its way into the gates; in a plain network and in a GRU $h$
*is* the note. So dropout on the recurrence takes *one* choice for a whole sequence ([Gal and Ghahramani
2016](https://arxiv.org/abs/1512.05287)): some entries are missing throughout, none is struck along the way. Keras calls
it `recurrent_dropout`. PyTorch has no such option; one writes the loop with `nn.LSTMCell`.

### The experiment

A network reads a name with a gap, from one side or from both, and the dense layer sees the state at the gap. Every
name gets a new random gap in every epoch. Judged is every possible gap of the validation names.
"""

# %% tags=["harness"]
class FillGap(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.embedding, self.layer = nn.Embedding(len(TOKEN) + 2, layer.input_size, padding_idx=PAD), layer
        self.out = nn.Linear(layer.hidden_size * (2 if layer.bidirectional else 1), len(TOKEN) + 2)

    def forward(self, X, lengths, places):                 # (N, T), (N,), (N,) -> logits (N, V)
        packed = pack_padded_sequence(self.embedding(X), lengths, batch_first=True, enforce_sorted=False)
        H, _ = pad_packed_sequence(self.layer(packed)[0], batch_first=True)
        return self.out(H[torch.arange(len(X)), places])   # the state at the gap


GAP_LAYERS = {
    "LSTM, from the left": lambda: nn.LSTM(16, 64, batch_first=True),
    "RNN, both sides": lambda: nn.RNN(16, 64, batch_first=True, bidirectional=True),
    "GRU, both sides": lambda: nn.GRU(16, 64, batch_first=True, bidirectional=True),
    "LSTM, both sides": lambda: nn.LSTM(16, 64, batch_first=True, bidirectional=True),
    "LSTM, both sides, 2 layers": lambda: nn.LSTM(16, 64, 2, batch_first=True, bidirectional=True),
    "LSTM, both sides, 2 layers, dropout 0.3": lambda: nn.LSTM(16, 64, 2, batch_first=True, bidirectional=True, dropout=0.3),
}


def fill_gaps(name, seed, num_epochs=12):
    """Train a network to fill gaps in surnames; return it and the share of right letters at all gaps of the validation names."""
    torch.manual_seed(seed)
    net, rng = FillGap(GAP_LAYERS[name]()), np.random.default_rng(seed)
    X, lengths = tokens_of(names.X_train)
    num_steps = num_epochs * -(-len(X) // 64)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.005, total_steps=num_steps)
    for _ in range(num_epochs):
        for batch in torch.from_numpy(rng.permutation(len(X))).split(64):
            places = torch.from_numpy(rng.integers(0, lengths[batch].numpy()))
            gaps, y = hidden_at(X[batch], places)
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(gaps, lengths[batch], places), y).backward()
            optimizer.step()
            scheduler.step()
    X, lengths = tokens_of(names.X_val)
    rows, places = torch.nonzero(X != PAD, as_tuple=True)  # every letter of every name
    gaps, y = hidden_at(X[rows], places)
    with torch.no_grad():
        return net, (net.eval()(gaps, lengths[rows], places).argmax(dim=1) == y).float().mean().item()


# %% tags=["nbval-ignore-output"]
both, share = fill_gaps("LSTM, both sides", seed)
recorded = {(row["net"], row["num_epochs"]): row["accuracy"] for row in data.recorded("14_lstm_gru") if row["task"] == "gap"}
low, high = min(recorded["LSTM, both sides", 12]), max(recorded["LSTM, both sides", 12])
print(f"LSTM, both sides: now {share:.1%}, recorded {low:.1%} to {high:.1%}")
assert low - 0.03 <= share <= high + 0.03

# %%
print("letters found in validation names                     mean    four seeds")
for (name, num_epochs), shares in recorded.items():
    print(f"{name:40} {num_epochs} epochs {np.mean(shares):8.1%}   {min(shares):.1%} to {max(shares):.1%}")
assert min(recorded["LSTM, both sides", 12]) > max(recorded["LSTM, from the left", 12]) + 0.05

# %% [markdown]
r"""
Reading from both sides is worth about nine points. The kind of cell makes little difference: names are short, and none
of them asks for a long memory. A second layer adds a point, and dropout between the two takes it away again, after 12
epochs. All of them are far from done then: four times the epochs are worth more than any layer.

And the honest rival, as in [unit 13](../13_rnn/lesson.ipynb)? Count. Which letter stood most often between the same two
letters on the left and the same two on the right? Where nobody has stood there, ask with fewer neighbours.
"""

# %%
def neighbours(word, place, left, right):
    """So many letters on each side of a place; ^ and $ stand before and behind a name."""
    marked = "^" * left + word + "$" * right
    return marked[place : place + left], marked[place + left + 1 : place + left + 1 + right]


windows = [(2, 2), (2, 1), (1, 2), (1, 1), (1, 0), (0, 0)]
counts = {window: defaultdict(Counter) for window in windows}
for word in names.X_train:
    for place, letter in enumerate(word):
        for window in windows:
            counts[window][neighbours(word, place, *window)][letter] += 1


# %%
def most_frequent(word, place):
    seen = next(found for window in windows if (found := counts[window].get(neighbours(word, place, *window))))
    return seen.most_common(1)[0][0]


found = [most_frequent(word, place) == letter for word in names.X_val for place, letter in enumerate(word)]
print(f"by counting neighbours: {np.mean(found):.1%} of {len(found):,} letters")

# %% [markdown]
r"""
Counting beats every network that was trained for 12 epochs; after 48, one layer is about level with it, and two layers
are a little ahead. With a few thousand names, two letters on each side say most of what there is to know, and a table
of them needs no training at all. Keep such a rival in sight: it tells you what the network adds.

Here are a few guesses of the network that you have trained, the three likeliest letters for each gap:
"""

# %% tags=["nbval-ignore-output"]
def guesses(word, place):
    X, lengths = tokens_of([word])
    gaps, _ = hidden_at(X, torch.tensor([place]))
    with torch.no_grad():
        share = torch.softmax(both(gaps, lengths, torch.tensor([place])), dim=1)[0]
    letters = [data.NAME_LETTERS[token - 2] for token in share.argsort(descending=True)[:3].tolist()]
    return word[:place] + "_" + word[place + 1 :], letters


for word, place in (("schneider", 1), ("johansson", 5), ("virtanen", 7), ("kovačić", 6), ("o'sullivan", 1), ("lopez", 4)):
    print(*guesses(word, place))

# %% [markdown]
r"""
### What the table of letters has learned

Nobody told the network what a vowel is. But letters that fit into the same gaps got similar rows in the embedding.
Similar means: the angle between the rows is small, so the cosine of it is near 1.
"""

# %% tags=["nbval-ignore-output"]
common = "aeiourstlnmkbdghvcpj"
rows = nn.functional.normalize(both.embedding.weight.detach()[[TOKEN[letter] for letter in common]], dim=1).numpy()
cosine = rows @ rows.T
for letter in "aeiodbmr":
    near = np.argsort(-cosine[common.index(letter)])[1:4]
    print(letter, "is nearest to", " ".join(common[place] for place in near))

# %% tags=["nbval-ignore-output"]
vowel = np.isin(list(common), list("aeiou"))
within = cosine[vowel][:, vowel][~np.eye(5, dtype=bool)].mean()
across = cosine[vowel][:, ~vowel].mean()
print(f"mean cosine between two vowels {within:.2f}, between a vowel and a consonant {across:.2f}")
assert within > across

# %% tags=["nbval-ignore-output"]
centred = rows - rows.mean(axis=0)
flat = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T        # the two directions of largest spread
fig, ax = plot.figure("The table has sorted vowels from consonants", "first direction", "second direction", size=(5.6, 4.0))
ax.plot(*flat.T, ".", color="white")
for (x, y_), letter, is_vowel in zip(flat, common, vowel):
    ax.text(x, y_, letter, color="C1" if is_vowel else "C0", ha="center", va="center", fontsize=12, weight="bold" if is_vowel else "normal")
plot.show(fig, alt="Twenty common letters placed by the two main directions of their embedding rows. The vowels a, e, i, o and u lie together on one side, the consonants on the other.")

# %% [markdown]
r"""
## Watch it forget

In a stream of names, each line break is the end of something: how the last name was spelled no longer matters. What
still matters is its language, as all names of one stream share it. A good reader forgets the one and keeps the other. Train
an LSTM to predict the next letter of such streams, and look at its forget gates at the line breaks.
"""

# %%
BREAK = 0                                                  # the padding's number is free here: streams have one length
by_language = [[name for name, label in zip(names.X_train, names.y_train) if label == k] for k in range(12)]


def streams(num, T, rng, groups):
    """Names of one language a row, with line breaks between them: (num, T + 1)."""
    X = torch.zeros((num, T + 1), dtype=torch.int64)
    for row in X:
        text, group = [BREAK], groups[rng.integers(12)]
        while len(text) <= T:
            text += [*(TOKEN[letter] for letter in group[rng.integers(len(group))]), BREAK]
        row[:] = torch.tensor(text[: T + 1])
    return X


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.layer, self.out = nn.Embedding(len(TOKEN) + 2, 16), nn.LSTM(16, 64, batch_first=True), nn.Linear(64, len(TOKEN) + 2)

    def forward(self, X):                                  # (N, T) -> logits for the next letter, (N, T, V)
        return self.out(self.layer(self.embedding(X))[0])


torch.manual_seed(seed)
reader, rng = Reader(), np.random.default_rng(seed)
optimizer = torch.optim.Adam(reader.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=1000)
for _ in range(1000):
    X = streams(32, 60, rng, by_language)
    optimizer.zero_grad()
    nn.functional.cross_entropy(reader(X[:, :-1]).flatten(0, 1), X[:, 1:].flatten()).backward()
    nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
    optimizer.step()
    scheduler.step()

# %% tags=["nbval-ignore-output"]
new_names = [[name for name, label in zip(names.X_val, names.y_val) if label == k] for k in range(12)]
X = streams(300, 60, np.random.default_rng(seed), new_names)
with torch.no_grad():
    forget = gates_over_time(reader.layer, reader.embedding(X[:, :-1]))[:, :, 1]                # (N, T, hidden)
at_break = (X[:, :-1] == BREAK).numpy()
at_break[:, 0] = False                                     # at the very start there is nothing to forget
there, elsewhere = forget[at_break].mean(axis=0), forget[~at_break].mean(axis=0)
forgets, keeps = elsewhere - there > 0.5, np.minimum(there, elsewhere) > 0.8
print(f"{forgets.sum()} of 64 cells close their forget gate by more than a half at a line break; {keeps.sum()} keep 80 % and more, there and elsewhere")
assert forgets.any() and keeps.any()

# %% [markdown]
r"""
Move the slider through six cells: the three that forget most at a break, and the three that keep most.
"""

# %% tags=["nbval-ignore-output"]
cells = [*np.argsort(there - elsewhere)[:3].tolist(), *np.argsort(-np.minimum(there, elsewhere))[:3].tolist()]
stream = 0
letters = ["/" if token == BREAK else data.NAME_LETTERS[token - 2] for token in X[stream, :45].tolist()]


def cell_frame(cell):
    what = "forgets at the end of a name (/)" if there[cell] < elsewhere[cell] - 0.2 else "keeps, across names"
    fig, ax = plot.figure(f"Cell {cell} {what}", "letters of a stream", "forget gate", size=(7.2, 2.9))
    ax.plot(range(45), forget[stream, :45, cell], ".-", color="C0")
    for t in np.flatnonzero(at_break[stream, :45]):
        ax.axvline(t, color="C1", lw=1, zorder=0)
    ax.set(ylim=(-0.04, 1.04), xlim=(-1, 45))
    ax.set_xticks(range(45), letters, fontsize=8)
    return fig


plot.explore(cell_frame, cells, label="cell",
             alt="The forget gate of one cell over 45 letters of a stream of surnames, with a line at each end of a name. Three of the cells drop at each end, the first of them to nearly 0, and lie higher in between; "
                 "three stay above 0.8 nearly everywhere.")

# %% [markdown]
r"""
Nobody labelled the ends. The gates found that some things are worth keeping for the length of a name, and others for
longer. That is what the title of this unit means.

## What goes wrong

**The last column is not the last step.** With padding, `H[:, -1]` is the state of the longest sequences only; packed
and unpacked again, the others read 0. Take `h`, which packing makes right, or index by the lengths:
"""

# %%
X, lengths = tokens_of(["müller", "rossi", "de vries"])
layer = nn.LSTM(4, 3, batch_first=True)
packed = pack_padded_sequence(embedding(X), lengths, batch_first=True, enforce_sorted=False)
H, (h, _) = layer(packed)
H, _ = pad_packed_sequence(H, batch_first=True)
print("last column, size by name:", H[:, -1].norm(dim=1).detach().numpy().round(2))
print("own last step:            ", H[torch.arange(3), lengths - 1].norm(dim=1).detach().numpy().round(2))
assert torch.allclose(H[torch.arange(3), lengths - 1], h[0])

# %% [markdown]
r"""
**The last step of both directions.** At the last step, the layer that reads from the end has read *one* letter. Its
summary of the whole stands at the first step; `h` has both:
"""

# %%
layer = nn.LSTM(4, 3, batch_first=True, bidirectional=True)
word = embedding(X[:1, :6])
H, (h, _) = layer(word)
only_last, _ = layer(word[:, -1:])
assert torch.allclose(H[:, -1, 3:], only_last[:, 0, 3:])                      # as if it had read the last letter alone
assert torch.equal(torch.cat([H[:, -1, :3], H[:, 0, 3:]], dim=1), torch.cat([h[0], h[1]], dim=1))
print("whole word, both directions: torch.cat([h[-2], h[-1]], dim=1)", tuple(torch.cat([h[-2], h[-1]], dim=1).shape))

# %% [markdown]
r"""
**`batch_first` forgotten.** PyTorch's recurrent layers expect (T, N, D) unless told otherwise. With (N, T, D) they
raise no error: they run through the *batch* as if it were time, and examples leak into each other.
"""

# %%
layer = nn.LSTM(4, 3)                                      # batch_first=False
batch = torch.randn(5, 7, 4)                               # meant as (N, T, D)
changed = batch.clone()
changed[0] += 1                                            # another first example
print("last example changed, too?", not torch.equal(layer(batch)[0][-1], layer(changed)[0][-1]))

# %% [markdown]
r"""
**Forget bias 1, given twice.** There are two biases, and they add up. `with_biases` of this lesson sets one and leaves
the other at 0. Who sets both to 1 gets 2.

**Weights carried over block by block.** PyTorch's LSTM has the blocks $i, f, g, o$, others have other orders, and all
fit in shape. Compare outputs on a few numbers before you trust a copy:
"""

# %%
W_x, W_h, b = (rng.normal(size=shape) for shape in ((3, 8), (2, 8), (8,)))
x, h, c = rng.normal(size=(1, 3)), np.zeros((1, 2)), np.zeros((1, 2))
order = np.r_[2:4, 0:2, 4:8]                               # f, i, g, o
right, other = lstm_step(x, h, c, W_x, W_h, b)[0], lstm_step(x, h, c, W_x[:, order], W_h[:, order], b[order])[0]
print("i, f, g, o:", right.round(3), "  with i and f exchanged:", other.round(3))

# %% [markdown]
r"""
## From Keras to PyTorch

| Keras | PyTorch |
|---|---|
| `Embedding(V, 16)` | `nn.Embedding(V, 16)` |
| `Embedding(V, 16, mask_zero=True)` | `nn.Embedding(V, 16, padding_idx=0)`, **and** pack by lengths: Keras hands the mask on, PyTorch does not |
| `LSTM(64)` | `H, (h, c) = nn.LSTM(16, 64, batch_first=True)(X)`; what Keras returns is `h[-1]` |
| `LSTM(64, return_sequences=True)` | `H` |
| `LSTM(64, return_state=True)` | `h[-1], c[-1]` |
| `GRU(64)` | `nn.GRU(16, 64, batch_first=True)`; the same equations (`reset_after=True`), but blocks in the order z, r, n instead of r, z, n |
| `Sequential([LSTM(64, return_sequences=True), LSTM(64)])` | `nn.LSTM(16, 64, num_layers=2, batch_first=True)`, `h[-1]` |
| `Bidirectional(LSTM(64))` | `bidirectional=True`; `torch.cat([h[-2], h[-1]], dim=1)` |
| `Bidirectional(LSTM(64, return_sequences=True))` | `bidirectional=True`; `H`, (N, T, 128) |
| `dropout=0.2` (on the inputs of a layer) | `dropout=0.2` between layers, or `nn.Dropout(0.2)` before |
| `recurrent_dropout=0.2` | nothing; a loop with `nn.LSTMCell` |
| `unit_forget_bias=True` (the default) | set it: biases are drawn around 0, and there are two |
| `stateful=True` | hand the state in: `layer(X, (h.detach(), c.detach()))` |
"""

# %%
X = torch.randn(2, 5, 16)
H, (h, c) = nn.LSTM(16, 64, num_layers=2, batch_first=True)(X)
assert H.shape == (2, 5, 64) and h.shape == (2, 2, 64) and torch.equal(h[-1], H[:, -1])
layer = nn.LSTM(16, 64, batch_first=True, bidirectional=True)
H, (h, c) = layer(X)
assert H.shape == (2, 5, 128) and torch.equal(torch.cat([h[-2], h[-1]], dim=1), torch.cat([H[:, -1, :64], H[:, 0, 64:]], dim=1))
layer = nn.LSTM(16, 64, batch_first=True)
first, state = layer(X[:, :3])
second, _ = layer(X[:, 3:], tuple(part.detach() for part in state))
assert torch.allclose(torch.cat([first, second], dim=1), layer(X)[0], atol=1e-6)
cell, h, c = nn.LSTMCell(16, 64), torch.zeros(2, 64), torch.zeros(2, 64)
mask = nn.functional.dropout(torch.ones(2, 64), 0.2)       # recurrent dropout: one choice for all steps
for t in range(5):
    h, c = cell(X[:, t], (h * mask, c))
keras_count = 4 * 64 * (16 + 64 + 1)
assert sum(p.numel() for p in layer.parameters()) == keras_count + 4 * 64     # the second bias
print("as in the table; parameters of LSTM(64) on 16 features: Keras", f"{keras_count:,}", " PyTorch", f"{keras_count + 256:,}")

# %% [markdown]
r"""
## Summary

- An LSTM carries a cell state from step to step, $c_t = f_t \odot c_{t-1} + i_t \odot g_t$; gates, small layers with a
  sigmoid, decide what is kept, written and shown. A GRU does it with one state and two gates.
- On the straight way back the slope is multiplied by the forget gates only. They must be near 1 *from the start* for as
  long as you want to remember: chrono initialization draws their biases as $\log$ of 1 to the lag.
- An embedding is a table of learned rows; its slope adds up over repeated symbols.
- Packing keeps padding out of the states. A bidirectional layer is two layers; turn the second one's outputs back.
- Stacked layers read all outputs of the layer below. PyTorch's dropout stands between layers, never on the recurrence.

## Three quick questions

**1.** An LSTM layer in PyTorch has 16 inputs and 32 units. How many parameters? And a GRU?

<details>
<summary>Answer</summary>

Four blocks, each with $16 \cdot 32$ weights for the input, $32 \cdot 32$ for the state, and two biases of 32: $4
\cdot (512 + 1024 + 64) = 6{,}400$. A GRU has three blocks: 4,800. It is what the lesson's table shows.

</details>

**2.** You expect to remember for about 200 steps. Which forget bias does one cell need for that, and what stays of a
note after 200 steps with it?

<details>
<summary>Answer</summary>

$\tau = 200$, so $b = \log 199 \approx 5.3$. The gate is $1 - 1/200$, and $(1 - 1/200)^{200} \approx 0.37$: a bit more
than a third. Chrono initialization would draw biases between 0 and 5.3, so that a few cells are that slow.

</details>

**3.** You want to predict tomorrow's temperature from the days before, and a colleague proposes a bidirectional LSTM:
it was better on the surnames. What do you say?

<details>
<summary>Answer</summary>

At each day the second layer has read the days *after* it. In training it sees what it shall predict; in use there is
no future to read. Both directions are for sequences that are there as a whole before you ask: a word with a gap, a
sentence to classify, a recording.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""

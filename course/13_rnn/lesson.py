# %% [markdown]
r"""
# Give the network a memory

> **Time**: {{run_time}} to run, 90 minutes to study.
>
> **What you do**: read surnames letter by letter with a network that remembers; derive its way back through time and
> check it against PyTorch; watch a gradient fade from step to step; tell twelve languages apart by their surnames, next
> to an honest rival; and see what a name does not tell.
>
> **What you need first**: [unit 03](../03_backprop/lesson.ipynb) (backprop),
> [unit 05](../05_initialization/lesson.ipynb) (vanishing and exploding slopes, clipping),
> [unit 08](../08_pytorch/lesson.ipynb) (modules).
"""

# %% tags=["harness"]
import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from introdl import data, gradcheck, metrics, nn, optim, plot

seed = 0
names = data.names()
languages = data.LANGUAGES

# %% [markdown]
r"""
## Which language?

Here are twelve surnames, one from each of twelve lists: Croatian, Dutch, English, Finnish, French, German, Irish,
Italian, Slovak, Spanish, Swedish, Zulu. Which is from which? Guess before you read on: the answer follows.
"""

# %%
first = [np.flatnonzero(names.y_train == label)[8] for label in range(12)]
print(", ".join(sorted(names.X_train[first])))

# %%
print(", ".join(f"{names.X_train[place]} ({languages[label]})" for label, place in enumerate(first)))
print(f"{len(names.X_train):,} names to learn from, {len(names.X_val)} to validate, {len(names.X_test)} to test")

# %% [markdown]
r"""
You know few of these names, and still guess better than chance, which is 1 in 12. You hear endings (*-ić*, *-nen*),
beginnings (*mkh-*), pairs of letters that one language likes and another avoids. What counts is which letters stand
*next to which, in which order*. A name is a [*sequence*](../glossary.md#sequence): its parts come one after the other,
and there can be any number of them.

The lists come from a package that makes up test data. A name that two languages share is left out, so each has one
answer. Names with the same last word, *boer* and *de boer*, are never on both sides of the split. And no name of the
validation and test sets has been seen in training.

### Without order

How far does one get without order? Count the letters, and learn one weight for each letter and language. This is a
[*bag of letters*](../glossary.md#bag-of-letters). First, letters must become numbers. As for digits in
[unit 02](../02_networks/lesson.ipynb), each letter becomes a one-hot row: all zeros but a single 1, in the column of
that letter.
"""

# %%
def one_hot(name, letters):
    """One row a letter: (T, V)."""
    X = np.zeros((len(name), len(letters)), np.float32)
    X[np.arange(len(name)), [letters.index(letter) for letter in name]] = 1
    return X


print(one_hot("anna", "abn"))

# %% [markdown]
r"""
$T$ is the number of steps, here letters, and $V$ the size of the vocabulary: `data.NAME_LETTERS` has 65 letters and
signs.

A batch wants one array, but names have different lengths. So short ones are filled up with rows of zeros at the end:
padding, as at the border of an image. The true lengths are kept beside it. `data.one_hot_names` does that for a list
of names.
"""

# %% tags=["harness"]
X_train, len_train = data.one_hot_names(names.X_train)     # (N, T, V), (N,)
X_val, len_val = data.one_hot_names(names.X_val)
T, V = X_train.shape[1:]

# %%
print(X_train.shape, "lengths", len_train[:8], "...")
assert (X_train[0, : len_train[0]] == one_hot(names.X_train[0], data.NAME_LETTERS)).all()

# %% [markdown]
r"""
Summing over the steps forgets their order: what is left are counts. One dense layer with softmax on top, trained until
nothing moves any more, is called logistic regression; scikit-learn has it ready. `C` says how little the weights are
held back ([unit 07](../07_regularization/lesson.ipynb)); the validation set chooses it.
"""

# %%
def best_regression(train_features, val_features):
    """The logistic regression, of several C, that is best on the validation names."""
    models = [LogisticRegression(C=C, max_iter=500).fit(train_features, names.y_train) for C in (0.3, 1, 3, 10)]
    return max(models, key=lambda model: model.score(val_features, names.y_val))


bag = best_regression(X_train.sum(axis=1), X_val.sum(axis=1))

# %% tags=["nbval-ignore-output"]
print(f"bag of letters: {bag.score(X_val.sum(axis=1), names.y_val):.1%} of the validation names")
assert bag.score(X_val.sum(axis=1), names.y_val) > 0.5

# %% [markdown]
r"""
More than half, without order. To a bag, though, *lena*, *elan* and *neal* are one and the same. A network that reads
in order must do better. How should it read?
"""

# %% [markdown]
r"""
## Why not a dense layer?

One could put all rows of a name side by side, $T \cdot V$ numbers, and use a dense layer. Two things speak against it.
It needs a fixed $T$, so a longer name does not fit. And it has weights of its own for each *place*: having learned
that *-nen* is Finnish at places 5 to 7, it must learn it again for places 6 to 8. A convolution
([unit 09](../09_convolution/lesson.ipynb)) shares weights among places, but sees only a window. We want something that
reads from the start to the end, however long, and keeps what matters.
"""

# %%
print(f"dense layer with 128 neurons: {T * V * 128 + 128:,} parameters for names of up to {T} letters")
print(f"what comes now, with 128:     {V * 128 + 128 * 128 + 128:,} for names of any length")

# %% [markdown]
r"""
## One step

The idea: keep a few numbers, the [*hidden state*](../glossary.md#hidden-state) $h$, and *renew* them at each step
from two things, the input $x_t$ of this step and the state $h_{t-1}$ that the step before has left:

$$h_t = \tanh(x_t\, W_x + h_{t-1}\, W_h + b), \qquad h_0 = 0.$$

$W_x$ is $(D, \text{hidden})$, where $D$ is the number of features of a step (here $V$); $W_h$ is
$(\text{hidden}, \text{hidden})$, and $b$ has one number for each neuron. Were it not for the term with $W_h$, this
would be a dense layer with tanh. That term is the memory. A layer that feeds on its own last output is
[*recurrent*](../glossary.md#recurrent-network), and a network with it an RNN.
"""

# %%
def rnn_cell(x, h, W_x, W_h, b):
    """One step: x (N, D) and h (N, hidden) give the new h (N, hidden)."""
    return np.tanh(x @ W_x + h @ W_h + b)


# %% [markdown]
r"""
### One neuron that remembers

Take a single neuron and set its weights by hand. It shall notice an *ó*, which many Irish names have, and remember
it: weight 4 for *ó*, 0 for all other letters, no bias. How long does it remember? That is up to $W_h$, here a single
number $w$: with nothing new to see, $h_t = \tanh(w\, h_{t-1})$.
"""

# %%
name, W_x = "o'neill ó briain", np.zeros((V, 1))
W_x[data.NAME_LETTERS.index("ó")] = 4
memories = {}
for w in (2.0, 1.0, 0.5):
    h, memories[w] = np.zeros((1, 1)), []
    for x in one_hot(name, data.NAME_LETTERS):
        h = rnn_cell(x[np.newaxis], h, W_x, np.array([[w]]), 0)
        memories[w].append(h[0, 0])

# %%
fig, ax = plot.figure("A neuron's weight to itself decides how long it remembers", "letter that it reads", "hidden state h")
for w, states in memories.items():
    ax.plot(states, "o-", ms=4)
    ax.text(len(name) - 0.7, states[-1], f"w = {w:g}", va="center", color=ax.lines[-1].get_color())
ax.set(xticks=range(len(name)), xticklabels=list(name.replace(" ", "␣")), xlim=(-0.5, len(name) + 1.5), ylim=(-0.05, 1.05))
plot.show(fig, alt="The hidden state of one neuron while it reads o'neill ó briain, for three weights w. Up to the ó it is 0, at the ó it jumps to 1. With w = 2 it stays near 0.96, with w = 1 it sinks slowly to 0.4, "
                   "with w = 0.5 it halves at each letter and is 0 after five.")

# %% [markdown]
r"""
With $w = 2$ the neuron is a switch that stays on. With $w = 0.5$ it has forgotten after a few letters. Keep this
picture: the same numbers will decide how far back a *gradient* reaches.

Real networks have many neurons, $W_h$ is a matrix, and training sets it. Each neuron may look at all others.
"""

# %% [markdown]
r"""
## Unrolled through time

Write the steps side by side and the loop disappears: an RNN over $T$ steps is a deep network of $T$ layers, in which
all layers have *the same weights* and each gets a piece of the input. This is
[*unrolling*](../glossary.md#unrolling).
"""

# %%
def draw_unrolled(ax, name, outputs):
    """Boxes for the states of one name, an input below each, and outputs above those at the places in outputs."""
    arrow = {"arrowstyle": "->", "color": "0.35"}
    for t, letter in enumerate(name):
        ax.text(t, 1, f"$h_{t + 1}$", ha="center", va="center", bbox={"boxstyle": "round,pad=0.45", "fc": "0.93", "ec": "0.5"})
        ax.text(t, 0, letter, ha="center", va="center", fontsize=12)
        ax.annotate("", (t, 0.72), (t, 0.15), arrowprops=arrow)
        ax.annotate("", (t - 0.28, 1), (t - 0.72, 1), arrowprops=arrow)
        if t in outputs:
            ax.annotate("", (t, 1.85), (t, 1.28), arrowprops=arrow)
            ax.text(t, 2, outputs[t], ha="center", va="center", color="C0")
    ax.text(-0.78, 1, "$h_0=0$", ha="right", va="center", fontsize=9)
    ax.text(0.5, 1.2, "$W_h$", ha="center", fontsize=9, color="C1")
    ax.text(0.08, 0.38, "$W_x$", ha="left", fontsize=9, color="C1")
    ax.set(xlim=(-1.7, len(name) - 0.4), ylim=(-0.4, 2.4))
    ax.axis("off")


fig, axs = plot.figure("The same weights at every step; the task says where an output is read", ncols=2, size=(7.6, 2.7))
draw_unrolled(axs[0], "novak", {4: "Slovak"})
draw_unrolled(axs[1], "novak", dict(enumerate("ovak.")))
axs[0].set_title("many to one: which language?")
axs[1].set_title("many to many: which letter is next?")
plot.show(fig, alt="Two diagrams of an RNN that reads the letters n, o, v, a, k from left to right. Five boxes, h1 to h5, stand in a row; an arrow leads from each to the next, and from each letter up into its box; the first box starts from h0 = 0. "
                   "Left, many to one: only above the last box is an output, Slovak. Right, many to many: above each box is an output, the next letter: o, v, a, k and a full stop.")

# %% [markdown]
r"""
Two kinds of tasks. [*Many to one*](../glossary.md#many-to-one): one answer for the whole sequence, read from the last
state. [*Many to many*](../glossary.md#many-to-many): an answer at each step. The layer is the same; it returns the
states of all steps, and the task takes what it needs.
"""

# %%
def rnn_forward(X, W_x, W_h, b):
    """X (N, T, D) gives H (N, T, hidden): the state after each step."""
    h, H = np.zeros((len(X), len(b)), X.dtype), []
    for t in range(X.shape[1]):
        h = rnn_cell(X[:, t], h, W_x, W_h, b)              # the state is passed on
        H.append(h)
    return np.stack(H, axis=1)


rng = np.random.default_rng(seed)
W_x, W_h, b = (rng.normal(0, 0.3, size=shape).astype(np.float32) for shape in ((V, 8), (8, 8), (8,)))
H = rnn_forward(X_train[:5], W_x, W_h, b)
print("X", X_train[:5].shape, "-> H", H.shape)

# %% [markdown]
r"""
The loop over $t$ cannot be avoided: each step needs the one before. What can be done at once is a step of *all*
sequences of a batch. That is why batches matter even more here.

### Where does a name end?

*Many to one* reads the last state. Whose last? The names have different lengths, so the last state of the *array* is
not the last of the *name*: after the end come rows of zeros, and the state goes on changing.
"""

# %%
short = int(np.argmin(len_train[:5]))
print(f"{names.X_train[short]} has {len_train[short]} letters, the array {T} steps")
print("state after its last letter:", H[short, len_train[short] - 1, :4].round(2))
print("state at the array's end:   ", H[short, -1, :4].round(2))

# %% [markdown]
r"""
What is right is `H[n, lengths[n] - 1]`, a different step for each name. Otherwise the answer for a name depends on how
long the longest name of its batch is. `nn.RNN` is the layer of our package. It takes the lengths, holds the state of
a sequence that has ended as it is, gives 0 for steps beyond, and keeps each sequence's own last state in `state`, a
tuple with one array. (Tuples, because the next unit's layers carry two.)
"""

# %%
layer = nn.RNN(V, 8, rng)
layer.params = [W_x, W_h, b]
H_own = layer.forward(X_train[:5], len_train[:5])
assert np.allclose(layer.state[0], H[np.arange(5), len_train[:5] - 1], atol=1e-6)
print("own last states", layer.state[0].shape, "| beyond the end:", np.abs(H_own[short, len_train[short] :]).max())

# %% [markdown]
r"""
## The way back through time

Unrolled, the network is a graph, and backprop goes through it as ever ([unit 03](../03_backprop/lesson.ipynb)). It
has a name of its own, [*backpropagation through time*](../glossary.md#backpropagation-through-time), short BPTT, but
only two things to watch.

**A state is used twice**: by the output of its step, and by the next step. So its gradient is a sum:

$$dh_t = \underbrace{dH_t}_{\text{from the output at } t} + \underbrace{dZ_{t+1}\, W_h^T}_{\text{from step } t+1}, \qquad dZ_t = dh_t \odot (1 - h_t^2),$$

where $Z_t$ is the sum inside tanh, and $1 - h^2$ the slope of tanh. $\odot$ multiplies entry by entry.

**A weight is used at every step**: so its gradient is a sum over all steps,

$$dW_x = \sum_t x_t^T\, dZ_t, \qquad dW_h = \sum_t h_{t-1}^T\, dZ_t, \qquad db = \sum_t dZ_t,$$

where the last one also sums over the batch, as for a dense layer. The order is backwards in time, since $dh_t$ needs
$dZ_{t+1}$.
"""

# %%
def rnn_backward(dH, X, H, W_x, W_h):
    """dH (N, T, hidden) gives dX, dW_x, dW_h, db."""
    dX, dW_x, dW_h, db = np.zeros_like(X), np.zeros_like(W_x), np.zeros_like(W_h), np.zeros_like(W_h[0])
    dh_later = np.zeros_like(H[:, 0])                      # from the step after; behind the last one is none
    for t in reversed(range(X.shape[1])):
        h_before = H[:, t - 1] if t else np.zeros_like(H[:, 0])
        dZ = (dH[:, t] + dh_later) * (1 - H[:, t] ** 2)
        dX[:, t] = dZ @ W_x.T
        dW_x += X[:, t].T @ dZ                             # +=: the same weights at every step
        dW_h += h_before.T @ dZ
        db += dZ.sum(axis=0)
        dh_later = dZ @ W_h.T
    return dX, dW_x, dW_h, db


# %% [markdown]
r"""
Check it by nudging, as ever: move each entry a little, and see how $\sum dH \odot H$ moves.
"""

# %%
X, dH = rng.normal(size=(3, 5, 4)), rng.normal(size=(3, 5, 6))                          # (N, T, D), (N, T, hidden)
weights = [rng.normal(0, 0.5, size=shape) for shape in ((4, 6), (6, 6), (6,))]
gradients = rnn_backward(dH, X, rnn_forward(X, *weights), *weights[:2])
for what, ours, array in zip(("X", "W_x", "W_h", "b"), gradients, (X, *weights)):
    error = gradcheck.relative_error(ours, gradcheck.numerical_gradient(lambda _: (dH * rnn_forward(X, *weights)).sum(), array))
    print(f"{what:3} {'agrees' if error < 1e-6 else 'DIFFERS'}")

# %% [markdown]
r"""
### Judged by PyTorch

`torch.nn.RNN` is the same layer. Three conventions differ. It wants `batch_first=True`, or it takes the first axis for
time. It keeps $W_x$ and $W_h$ transposed. And it has two biases, `bias_ih` and `bias_hh`, which are always added and
so amount to one; set the second to 0. Copy our weights, send real names through both, in float32, forward and back.
"""

# %%
def torch_twin(layer):
    """PyTorch's layer with the weights of ours."""
    D, hidden = layer.params[0].shape
    theirs = torch.nn.RNN(D, hidden, batch_first=True)
    with torch.no_grad():
        for p, ours in zip(theirs.parameters(), [*(a.T for a in layer.params), np.zeros(hidden)]):
            p.copy_(torch.tensor(ours))
    return theirs


worst = 0.0
for hidden in (8, 64, 128):
    layer = nn.RNN(V, hidden, rng)
    X, dH = X_train[:64], rng.normal(size=(64, T, hidden)).astype(np.float32)
    H = rnn_forward(X, *layer.params)
    dX, *dW = rnn_backward(dH, X, H, *layer.params[:2])
    theirs, tensor = torch_twin(layer), torch.tensor(X, requires_grad=True)
    their_H, _ = theirs(tensor)
    their_H.backward(torch.tensor(dH))
    grads = [tensor.grad.numpy(), *(p.grad.numpy().T for p in theirs.parameters())]
    errors = [gradcheck.relative_error(a, b) for a, b in zip([H, dX, *dW], [their_H.detach().numpy(), *grads])]
    assert np.allclose(layer.forward(X), H, atol=1e-6) and np.allclose(layer.backward(dH), dX, atol=1e-5)
    worst = max(worst, *errors)
assert worst < 1e-5
print("states and all gradients equal PyTorch's to 1e-5")

# %% [markdown]
r"""
The two biases have the same gradient, as they must. `nn.RNN` of the package passes as well: it is our two functions
with lengths. From here on we use it.
"""

# %% [markdown]
r"""
## How far back does the gradient reach?

A name is decided by letters at its start, too. For $W_x$ to learn from the first letter, the gradient must come all
the way back from the last state. At each step it is multiplied by $W_h^T$ and by the slopes $1 - h^2$, which are at
most 1:

$$dh_{t-1} = \bigl(dh_t \odot (1 - h_t^2)\bigr)\, W_h^T.$$

Twenty times the same matrix. In [unit 05](../05_initialization/lesson.ipynb) twenty layers had twenty matrices, and
slopes vanished or exploded by the size of the weights. Here it is *one* matrix, so nothing averages out. Measure it.
Take a $W_h$ that turns vectors without changing their length (an orthogonal matrix), times a factor $g$. Let a
gradient of length 1 start at the last of 60 steps, and see how long it still is $k$ steps earlier, its
[*lag*](../glossary.md#lag). Move the slider.
"""

# %%
def gradient_by_lag(W_x, W_h, b, X):
    """Lengths of the gradient of the last state for the states 0, 1, 2, … steps before it: (lags, N)."""
    H, dh, lengths = rnn_forward(X, W_x, W_h, b), rng.normal(size=(len(X), len(b))), []
    dh /= np.linalg.norm(dh, axis=1, keepdims=True)
    for t in reversed(range(X.shape[1])):
        lengths.append(np.linalg.norm(dh, axis=1))
        dh = (dh * (1 - H[:, t] ** 2)) @ W_h.T
    return np.array(lengths)


rng = np.random.default_rng(seed)
stream = rng.normal(size=(30, 60, 4))                      # 30 sequences of 60 steps
turn = np.linalg.qr(rng.normal(size=(64, 64)))[0]          # (64, 64), orthogonal
into = rng.normal(0, 0.15, size=(4, 64))


def lag_frame(g):
    lengths = gradient_by_lag(into, g * turn, np.zeros(64), stream)
    middle = np.median(lengths, axis=1)
    verdict = f"after 20 steps, a share of {middle[20]:.1g} is left" if middle[20] < 1 else f"after 20 steps it is {middle[20]:.2g} times as long"
    fig, ax = plot.figure(f"g = {g:g}: {verdict}", "lag: steps back from the last", "length of the gradient (log scale)")
    ax.semilogy(lengths, color="C0", lw=0.5, alpha=0.35)
    ax.semilogy(middle, color="C0", lw=2)
    ax.semilogy(float(g) ** np.arange(60), "--", color="0.5", lw=1)
    ax.text(0.7, 2e7, "dashed: $g^k$ alone, without tanh", color="0.4", fontsize=9)
    ax.set(xlim=(0, 60), ylim=(1e-14, 1e9))
    return fig


plot.explore(lag_frame, [0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.3, 1.6, 2.0], label="g, size of the recurrent weights", start=2,
             alt="The length of the gradient on a log scale against the lag, from 0 to 60 steps back, for thirty sequences and their median, beside the dashed line of g to the power of k. With g = 0.3 it falls by half a power of ten a step; "
                 "with 0.7 less than a ten-thousandth is left after twenty steps; at 1 it still falls, since the slopes of tanh are below 1. With g = 1.6 and 2 the dashed line explodes; the gradients grow, too, but much less.")

# %%
for g in (0.7, 1.0, 1.6):
    lengths = np.median(gradient_by_lag(into, g * turn, np.zeros(64), stream), axis=1)
    print(f"g = {g}: lag 10 {lengths[10]:.0e}, lag 20 {lengths[20]:.0e}, lag 40 {lengths[40]:.0e}")

# %% [markdown]
r"""
Look at two things. Below 1 the gradient fades by the same factor at every step: for a letter ten steps back, a small
share of it is left, for one forty steps back practically none. The network still learns, from what is near; that is
why a [*vanishing gradient*](../glossary.md#vanishing-gradient) is hard to notice. Above 1 it *can* grow without limit,
but large states also saturate tanh, and their slopes near 0 hold it down. Which of the two wins depends on the sequence,
too: look how far the thin lines, one a sequence, lie apart.

There is no $g$ that is right for all lags. [Bengio, Simard and Frasconi
1994](https://doi.org/10.1109/72.279181) showed that this is no accident: where such a network holds something safely
against noise, its gradient vanishes. What to do about it is the subject of the next unit; here are the two measures
that every RNN needs anyway.
"""

# %% [markdown]
r"""
### Too long: clip

How does an exploding gradient come about? One neuron shows it. It starts at $h_0 = 1$ and does nothing for 50 steps
but look at itself, $h_t = \tanh(w\, h_{t-1} - 0.3)$. Where does it end, for each weight $w$?
"""

# %%
def run_neuron(w, num_steps=50):
    """The last state, and its slope with respect to w, summed over the steps."""
    h, slope = 1.0, 0.0
    for _ in range(num_steps):
        before, h = h, np.tanh(w * h - 0.3)
        slope = (1 - h**2) * (before + w * slope)          # of this step's w, and of all w before
    return h, slope


ws = np.linspace(1.2, 2.4, 481)
ends, slopes = np.array([run_neuron(w) for w in ws]).T
edge = ws[np.argmax(slopes)]
fig, axs = plot.figure(f"At w = {edge:.2f} fifty equal steps make a cliff: the slope reaches {slopes.max():.0f}", "weight w", ncols=2, size=(7.2, 3.0))
axs[0].plot(ws, ends)
axs[0].set_ylabel("last state")
axs[1].plot(ws, slopes, color="C1")
axs[1].set_ylabel("slope of the last state")
plot.show(fig, alt="Two curves over the weight w from 1.2 to 2.4. Left, the last state: about minus 0.9 on the left, then a jump, as steep as a cliff, to 0.6, and a slow rise. Right, its slope: near 0 everywhere but for a narrow needle at the jump.")

# %% [markdown]
r"""
On either side it is flat; in between there is a wall. Suppose the state should end at 0.5, and a step of gradient
descent happens to start on the wall:
"""

# %%
h, slope = run_neuron(edge)
gradient = np.array([2 * (h - 0.5) * slope])               # of (h - 0.5)²
for what, g in (("as it is", gradient), ("clipped to 1", optim.clip_by_norm([gradient], 1.0)[0])):
    w_new = edge - 0.1 * g[0]
    print(f"gradient {what:12} {g[0]:7.1f}: w goes from {edge:.2f} to {w_new:6.2f}, and the state ends at {run_neuron(w_new)[0]:.2f}")

# %% [markdown]
r"""
One step threw the weight far away, to where the slope is flat and nothing calls it back. Clipping by norm
([unit 05](../05_initialization/lesson.ipynb)) keeps the direction and limits the length; picture and remedy are from
[Pascanu, Mikolov and Bengio 2013](https://arxiv.org/abs/1211.5063). It costs next to nothing, so recurrent networks
are usually trained with it, as one wears a seat belt. It does not help against vanishing: what is gone cannot be
stretched.
"""

# %% [markdown]
r"""
### Too far: truncate

Text, sound or a sensor's values do not end. BPTT would have to keep every state since the beginning. So one cuts:
take a piece of $K$ steps, go forward and back through it, make a step, and take the next piece. The *state* is handed
on to the next piece; the *gradient* stops at the cut. This is
[*truncated BPTT*](../glossary.md#truncated-bptt).

What does the cut cost? A test where the answer is known: a stream of random bits, and at each step the network shall
say which bit came *six steps ago*. Many to many. All get 1,500 steps of training; only $K$ differs.
"""

# %%
def echo(K, delay=6, hidden=24, num_updates=1500, N=32):
    """Train on pieces of K steps; return the share of right answers over the last tenth."""
    rng = np.random.default_rng(seed)
    rnn, dense = nn.RNN(1, hidden, rng), nn.Dense(hidden, 2, rng)
    optimizer = optim.Adam([*rnn.params, *dense.params], lr=0.005)
    bits = rng.integers(0, 2, size=(N, num_updates * K + delay))
    X, y, state, right = (2.0 * bits[:, delay:, np.newaxis] - 1).astype(np.float32), bits[:, :-delay], None, []
    for start in range(0, num_updates * K, K):
        piece, wanted = X[:, start : start + K], y[:, start : start + K].ravel()
        H = rnn.forward(piece, state=state)
        state = rnn.state                                  # handed on: numbers, without their history
        logits = dense.forward(H.reshape(-1, hidden))      # (N * K, 2)
        right.append((logits.argmax(axis=1) == wanted).mean())
        rnn.backward(dense.backward(nn.cross_entropy_backward(logits, wanted)).reshape(H.shape))
        optimizer.step(optim.clip_by_norm([*rnn.grads, *dense.grads], 1.0))
    return np.mean(right[-num_updates // 10 :])


pieces = (2, 4, 6, 8, 12, 16)
shares = [echo(K) for K in pieces]

# %%
fig, ax = plot.figure("What lies further back than the cut is not learned", "K, steps in a piece", "right answers")
ax.plot(pieces, shares, "o-")
ax.axvline(6, color="0.6", ls="--", lw=1)
ax.text(5.85, 0.85, "the bit asked for\nis 6 steps back", color="0.4", fontsize=9, ha="right")
ax.axhline(0.5, color="0.6", ls=":", lw=1)
ax.text(16, 0.46, "guessing", color="0.4", ha="right", fontsize=9)
ax.set(xticks=pieces, ylim=(0.4, 1.05))
plot.show(fig, alt="Share of right answers over the length of the pieces. With 2, 4 and 6 steps it stays between 0.5, which is guessing, and 0.6; with 8, 12 and 16 steps it is 1. A dashed line marks the 6 steps that the bit asked for lies back.")
assert max(shares[:3]) < 0.65 < 0.97 < min(shares[3:])

# %% [markdown]
r"""
The state *could* carry the bit over the cut. But no gradient ever says that it should. With pieces of eight, the bit
and its answer lie in one piece for two steps of eight, and that is enough to learn it for all.

In PyTorch the cut is one word: `h = h.detach()` between two pieces. Forget it, and `backward()` complains on the
second piece, or memory grows and grows.
"""

# %% [markdown]
r"""
## Twelve languages

Now the names. Many to one: read a name, take its own last state, a dense layer makes twelve logits from it. Everything
is ours, in NumPy.
"""

# %% tags=["harness"]
def make_reader(seed, hidden=128, fading=0.7):
    rng = np.random.default_rng(seed)
    rnn, dense = nn.RNN(V, hidden, rng), nn.Dense(hidden, len(languages), rng)
    if fading:
        rnn.params[1][...] = fading * np.eye(hidden)       # each neuron at first remembers itself, a little less each step
    dense.params[0] *= 0.1
    return rnn, dense, rng


def logits_of(reader, X, lengths):
    rnn, dense = reader[:2]
    rnn.forward(X, lengths)
    return dense.forward(rnn.state[0])                     # (N, 12), from each name's own last state


def accuracy(reader, X, lengths, y):
    return metrics.accuracy(y, logits_of(reader, X, lengths).argmax(axis=1))


# %% [markdown]
r"""
Note how $W_h$ starts: as 0.7 times the identity matrix. So at first, each neuron remembers its own past, 0.7 times less
at each step, as in the first picture. (The idea is from [Le, Jaitly and Hinton
2015](https://arxiv.org/abs/1504.00941), who take the identity itself, with ReLU.)

The rest you know: gradients are clipped to norm 1, thirty epochs of Adam under one cycle of the learning rate
([unit 06](../06_optimizers/lesson.ipynb)). Only the last state has a gradient of its own, so `dH` is 0 and the
gradient goes in by `dstate`. `hide` can hide a share of the letters in training, other ones each time: augmentation,
as for pictures. By default it hides none.
"""

# %% tags=["harness"]
def train_reader(reader, num_epochs=30, batch_size=32, lr=0.003, hide=0.0, max_norm=1.0):
    rnn, dense, rng = reader
    optimizer = optim.Adam([*rnn.params, *dense.params], lr=lr)
    num_steps, step, history = num_epochs * -(-len(X_train) // batch_size), 0, []
    for _ in range(num_epochs):
        order = rng.permutation(len(X_train))
        for batch in np.split(order, range(batch_size, len(order), batch_size)):
            lengths, y = len_train[batch], names.y_train[batch]
            X = X_train[batch, : lengths.max()]            # no longer than this batch's longest name
            X = X * (rng.random((*X.shape[:2], 1)) >= hide).astype(np.float32)
            dlast = dense.backward(nn.cross_entropy_backward(logits_of(reader, X, lengths), y))
            rnn.backward(np.zeros((*X.shape[:2], rnn.hidden), np.float32), dstate=(dlast,))
            optimizer.lr = optim.one_cycle(step, lr, num_steps)
            optimizer.step(optim.clip_by_norm([*rnn.grads, *dense.grads], max_norm))
            step += 1
        seen = accuracy(reader, X_train[:480], len_train[:480], names.y_train[:480])
        history.append((seen, accuracy(reader, X_val, len_val, names.y_val)))
    return np.array(history)                               # (num_epochs, 2): right answers in training and validation


# %%
reader = make_reader(seed)
history = train_reader(reader)

# %% [markdown]
r"""
Which of these decisions matter? A command trained the network with one thing changed at a time, from four seeds
(`python -m tests.bench.rnn`). Here is its table of validation accuracies, with the worst and the best seed; ours must
fall into the first row's range, give or take two points.
"""

# %% tags=["nbval-ignore-output"]
table = {row["what"]: np.array(row["val_accuracy"]) for row in data.recorded("13_rnn")}
for what, shares in table.items():
    print(f"{what:28} {shares.mean():.1%}   ({shares.min():.1%} to {shares.max():.1%})")
print(f"{'now':28} {history[-1, 1]:.1%}")
recipe, start = table.pop("the recipe"), table.pop("W_h random at the start")
assert recipe.min() - 0.02 <= history[-1, 1] <= recipe.max() + 0.02 and recipe.mean() - start.mean() > 0.015
assert all(abs(shares.mean() - recipe.mean()) < 0.015 for shares in table.values())

# %% [markdown]
r"""
One thing matters more than the luck of the seed: how $W_h$ starts. At 0.7 times the identity, every neuron keeps what
it has read for a few letters, before it has learned anything. All else lies within the spread of the seeds. Half the
neurons would do as well, hidden letters bring nothing, and clipping neither helps nor harms: names are short, so
nothing explodes. Whoever trains from one seed only can "find" an improvement in any of these rows.
"""

# %% [markdown]
r"""
### An honest rival

Before we praise the network: what would somebody do who has no neural network? Count not only letters but *trigrams*,
all pieces of up to three letters in a row, with a mark for start and end, and give them to the same logistic
regression. It trains in a moment, and knows a little of order: three letters' worth.
"""

# %%
counter = CountVectorizer(analyzer="char", ngram_range=(1, 3), lowercase=False)


def marked(list_of_names):
    return [f"^{name}$" for name in list_of_names]


trigrams_train, trigrams_val = counter.fit_transform(marked(names.X_train)), counter.transform(marked(names.X_val))
rival = best_regression(trigrams_train, trigrams_val)
print(f"{trigrams_train.shape[1]:,} different pieces occur in the training names")
on_val = {"bag of letters": bag.score(X_val.sum(axis=1), names.y_val), "trigrams": rival.score(trigrams_val, names.y_val),
          "RNN": history[-1, 1]}

# %% tags=["nbval-ignore-output"]
print(", ".join(f"{name} {share:.1%}" for name, share in on_val.items()), "of the validation names")
assert on_val["bag of letters"] + 0.1 < on_val["RNN"] < on_val["trigrams"]

# %%
fig, ax = plot.figure("Order is worth ten points and more; trigrams use it best", "epoch", "right answers")
ax.plot(range(1, 31), history[:, 0], color="C0", lw=1, ls="--")
ax.plot(range(1, 31), history[:, 1], color="C0", lw=2)
ax.text(30.3, history[-1, 0], "RNN, training", color="C0", va="center", fontsize=9)
ax.text(30.3, history[-1, 1] - 0.02, "RNN, validation", color="C0", va="center", fontsize=9)
for (name, share), color in zip(on_val.items(), ("C1", "C2")):
    ax.axhline(share, color=color, lw=1.2)
    ax.text(0.4, share + 0.015, name, color=color, fontsize=9)
ax.set(xlim=(0, 37), ylim=(0, 0.95))
plot.show(fig, alt="Share of right answers over thirty epochs. The RNN climbs on the validation names from a quarter to about 72 percent and passes the line of the bag of letters at 59 percent after some eight epochs; "
                   "on training names it reaches about 89 percent. The line of the trigrams lies above, at 78 percent.")

# %% [markdown]
r"""
The network beats the bag clearly, and loses to the trigrams clearly. It does not lack neurons: the dashed line says
that it has learned most of its training names, far more than it can carry over to new ones. What it lacks are examples.
In four thousand names, pieces of three letters say nearly all there is to say, and the network has to find out by itself
that such pieces exist. Networks pay off with much more text, or where something far back decides; the units to come
show both. If you had to solve *this* task, take the trigrams.
"""

# %% [markdown]
r"""
### Watch it read

Since the state exists after every letter, you can ask for an answer after every letter. Look at how the network
changes its mind.
"""

# %%
def reading(name):
    """Probabilities after each letter: (T, 12)."""
    rnn, dense = reader[:2]
    H = rnn.forward(one_hot(name, data.NAME_LETTERS)[np.newaxis])
    return nn.softmax(dense.forward(H[0]))


def reading_frame(place):
    name, t = place
    p = reading(name)[t]
    best = int(p.argmax())
    fig, ax = plot.figure(f"{name[: t + 1]}{'·' * (len(name) - t - 1)}   {languages[best]}?", "probability", size=(6.0, 3.6))
    ax.barh(range(12), p, color=["C1" if k == best else "C0" for k in range(12)])
    ax.set(yticks=range(12), yticklabels=languages, xlim=(0, 1))
    ax.invert_yaxis()
    return fig


shown = [str(names.X_val[np.flatnonzero(names.y_val == languages.index(language))[place]]) for language, place in (("Croatian", 1), ("Finnish", 0), ("Zulu", 2))]
plot.animate(reading_frame, [(name, t) for name in shown for t in range(len(name))], fps=1.5,
             alt="Bars with the probability of each of twelve languages, one frame for each letter that has been read, for three names of the validation set, a Croatian, a Finnish and a Zulu one. "
                 "After the first letter several languages share the probability; after the last one, a single language has more than half of it.")

# %% [markdown]
r"""
## The same in PyTorch

As a module it is short. `torch.nn.RNN` returns the states of all steps and the last one *of the array*; so we pick
each name's own. The lengths need not be handed over here: a padded row is all zeros.
"""

# %%
class Reader(torch.nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.rnn = torch.nn.RNN(n_in, hidden, batch_first=True)
        self.out = torch.nn.Linear(hidden, n_out)

    def forward(self, X):                                  # (N, T, V) -> (N, 12)
        lengths = X.any(dim=2).sum(dim=1)
        H, _ = self.rnn(X)
        return self.out(H[torch.arange(len(X)), lengths - 1])


net, (rnn, dense, _) = Reader(V, 128, 12), reader
net.rnn = torch_twin(rnn)
with torch.no_grad():
    net.out.weight.copy_(torch.tensor(dense.params[0].T))
    net.out.bias.copy_(torch.tensor(dense.params[1]))
    theirs = net(torch.from_numpy(X_val)).numpy()
assert np.allclose(theirs, logits_of(reader, X_val, len_val), atol=1e-4)
print("same logits for all validation names:", theirs.shape)

# %% [markdown]
r"""
To train it, `train.fit` of [unit 08](../08_pytorch/lesson.ipynb) will do, with `max_norm=1.0` for clipping. PyTorch
also has `pack_padded_sequence`, which skips the padding; the next unit needs it.

### From Keras to PyTorch

| Keras | PyTorch |
|---|---|
| `SimpleRNN(128)` | `_, h = RNN(n_in, 128, batch_first=True)(X)`, then `h[-1]` |
| `SimpleRNN(128, return_sequences=True)` | `H, _ = RNN(n_in, 128, batch_first=True)(X)` |
| `SimpleRNN(128, stateful=True)` | hand the state on yourself: `H, h = rnn(X, h.detach())` |
| `Masking()` | `H[torch.arange(N), lengths - 1]`, or packed sequences |
| `TimeDistributed(Dense(10))` | `Linear(128, 10)`: it works on the last axis, whatever stands before |
| `pad_sequences(...)` | `torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True)`; Keras pads at the *front* unless told otherwise |
| `Adam(global_clipnorm=1.0)` | `clip_grad_norm_(net.parameters(), 1.0)`; Keras' `clipnorm` clips each weight on its own |

The right side, run:
"""

# %%
rnn, X = torch.nn.RNN(V, 128, batch_first=True), torch.from_numpy(X_val[:4])
H, h = rnn(X)
again, _ = rnn(X, h.detach())
per_step = torch.nn.Linear(128, 10)(H)
padded = torch.nn.utils.rnn.pad_sequence([torch.ones(3, 2), torch.ones(5, 2)], batch_first=True)
per_step.sum().backward()
norm = torch.nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
print(*(tuple(tensor.shape) for tensor in (H, h[-1], again, per_step, padded)), "norm before clipping above 1:", bool(norm > 1))

# %% [markdown]
r"""
## The headline

The test names, once. The share of right answers of the network, with its interval; beside it both rivals.
"""

# %% tags=["nbval-ignore-output"]
X_test, len_test = data.one_hot_names(names.X_test)
y_hat = logits_of(reader, X_test, len_test).argmax(axis=1)
share = metrics.accuracy(names.y_test, y_hat)
bag_share = bag.score(X_test.sum(axis=1), names.y_test)
rival_share = rival.score(counter.transform(marked(names.X_test)), names.y_test)
print(f"chance {1 / 12:.1%}, bag of letters {bag_share:.1%}, RNN {share:.1%}, trigrams {rival_share:.1%}")
assert share - bag_share >= 0.12 and worst < 1e-5 and share < 0.75
interval = metrics.wilson_interval(int((y_hat == names.y_test).sum()), len(y_hat))
metrics.headline("surnames of twelve languages, test accuracy of a character RNN", share, 0.685, interval=interval)

# %% [markdown]
r"""
At least twelve points above the bag of letters, also asserted. And by how much do the languages differ?
"""

# %%
shares = np.zeros((12, 12))
np.add.at(shares, (names.y_test, y_hat), 1 / 70)           # 70 test names of each language
order = np.argsort(-np.diag(shares))

# %%
best, worst_read = languages[order[0]], languages[order[-1]]
fig, ax = plot.figure(f"{best} is read best, {worst_read} worst", "the network's answer", "language of the list", size=(6.4, 5.2))
ax.imshow(shares[np.ix_(order, order)], cmap="Blues", vmin=0, vmax=1)
for row, k in enumerate(order):
    for column, j in enumerate(order):
        if shares[k, j] >= 0.05:
            ax.text(column, row, f"{100 * shares[k, j]:.0f}", ha="center", va="center", fontsize=8, color="white" if shares[k, j] > 0.5 else "0.2")
ordered = [languages[k] for k in order]
ax.set(xticks=range(12), yticks=range(12), yticklabels=ordered)
ax.set_xticklabels(ordered, rotation=45, ha="right")
plot.show(fig, alt="A table of shares in percent, rows for the list that a name is from, columns for the network's answer, sorted by the share of right answers. Irish, Zulu and Finnish lead with 85 percent and more. "
                   "At the end stand languages that share many names and endings: German, English, French and Dutch, each taken for one of the others in five to twenty percent of the names.")

# %% [markdown]
r"""
## What a name does not tell

The network gives *some* answer, always. Ask it about names from languages that it has never seen, and it does not
say "none of these":
"""

# %% tags=["nbval-ignore-output"]
for name in ("nguyen", "yamamoto", "okafor", "kowalczyk", "chaudhary"):
    p = reading(name)[-1]
    print(f"{name:10} {languages[p.argmax()]:9} with probability {p.max():.0%}")

# %% [markdown]
r"""
And look at which labels it was trained on:
"""

# %%
for name in ("ahmad", "mohammad", "mahmood", "rahman"):
    print(f"{name:9} stands in the list of {languages[names.y_train[names.X_train == name][0]]} names")

# %% [markdown]
r"""
These labels are not wrong. The lists say what people in Sweden or Britain are called, and some are called Mohammad.
So "Swedish" never meant the language of a name, and far less that of a person, but: this name stands in that list.
Between a name and the one who bears it lie marriages, adoptions, empires, migration, offices that misspelled, and
free choice. What the network has learned is how lists are spelled.

People build exactly this network and use it for more: to guess origin, religion or citizenship, and to decide by that
whom to invite, insure, search or trust. Three reasons why a name must not be used to infer such things about a person:

- **It is wrong about people.** More than a quarter of the answers are wrong on these clean lists, and not evenly: look
  at the table above. Whoever has a rare name pays for the errors.
- **It does harm also where it is right.** Applications that differed in nothing but the name were answered differently:
  names that sounded white got 50 percent more calls back ([Bertrand and Mullainathan
  2004](https://www.aeaweb.org/articles?id=10.1257/0002828042002561)). A model that gets names, or anything that stands
  in for them, can learn that from past decisions. Leave names out of what decides about people.
- **It is often forbidden.** The European Union's data protection law bans processing personal data that reveals
  ethnic origin, religion and some other things, with narrow exceptions ([GDPR, article
  9](https://eur-lex.europa.eu/eli/reg/2016/679/oj)); an inference from a name can be just that.

What it may be used for: to propose a pronunciation that the person can correct; to sort a catalogue's index; to check
on whole groups, with care, whether a procedure treats them differently. And where you need to know something about a
person, ask them.
"""

# %% [markdown]
r"""
## What goes wrong

**The state is not passed on.** If each step starts from 0, the loop runs, shapes fit, the loss falls, but the last
state knows the last letter only. This is then all that such a network can reach:
"""

# %% tags=["nbval-ignore-output"]
last_train, last_val = (X[np.arange(len(X)), lengths - 1] for X, lengths in ((X_train, len_train), (X_val, len_val)))
only_last = best_regression(last_train, last_val).score(last_val, names.y_val)
print(f"last letter alone {only_last:.1%}, the RNN {history[-1, 1]:.1%}")
assert only_last < history[-1, 1] - 0.2

# %% [markdown]
r"""
**The state is carried over into the next example.** Between pieces of *one* stream that is right; between names it is
not: then the answer depends on whose name was read before. Ask for a name after each of the others:
"""

# %% tags=["nbval-ignore-output"]
rnn, dense = reader[:2]
rnn.forward(X_val, len_val)
rnn.forward(X_val, len_val, state=(np.roll(rnn.state[0], 1, axis=0),))                  # starts from another name's state
carried = metrics.accuracy(names.y_val, dense.forward(rnn.state[0]).argmax(axis=1))
print(f"from 0 {history[-1, 1]:.1%}, from the state that another name left {carried:.1%}")
assert carried < history[-1, 1] - 0.1

# %% [markdown]
r"""
**Padding is counted.** If the last state of the array is read instead of each name's own, the network reads zeros
after the name. Trained so, it learns to wait; but then its answer changes with the length of the batch:
"""

# %% tags=["nbval-ignore-output"]
padded_in = metrics.accuracy(names.y_val, dense.forward(rnn.forward(X_val)[:, -1]).argmax(axis=1))
print(f"own last states {history[-1, 1]:.1%}, the array's last states {padded_in:.1%}")
assert padded_in < history[-1, 1] - 0.1

# %% [markdown]
r"""
**A gradient is lost on the way back.** Two classics: the gradient that comes from the step after is forgotten, so
nothing is learned from before the last step; or `=` stands for `+=`, so a weight's gradient is that of one step only.
Both run and train a little. A comparison with PyTorch or with nudged weights finds them at once:
"""

# %%
X, dH = rng.normal(size=(3, 5, 4)), rng.normal(size=(3, 5, 6))
H, h_before = rnn_forward(X, *weights), np.zeros((3, 6))
right = rnn_backward(dH, X, H, *weights[:2])[2]            # dW_h
dZ = dH * (1 - H**2)                                       # without what comes from later steps
forgotten = sum(H[:, t - 1].T @ dZ[:, t] for t in range(1, 5))
overwritten = np.zeros((6, 3)) @ dZ[:, 0]                  # what `=` leaves: the share of the first step, where h is 0
for what, gradient in (("nothing from later steps", forgotten), ("= instead of +=", overwritten)):
    print(f"{what:25} relative error of dW_h {gradcheck.relative_error(gradient, right):.2f}")

# %% [markdown]
r"""
**A character that nobody has thought of.** Real names have them. Decide beforehand what to do; the package refuses.
"""

# %%
try:
    data.one_hot_names(["nováková", "løvås"])
except ValueError as refusal:
    print(refusal)

# %% [markdown]
r"""
## Summary

- A recurrent layer renews a state at each step, $h_t = \tanh(x_t W_x + h_{t-1} W_h + b)$, with the same weights, so it
  takes sequences of any length. Unrolled, it is a deep network.
- Backwards, a state's gradient comes from its output *and* from the step after; a weight's is summed over all steps.
- Over $k$ steps a gradient is multiplied $k$ times by $W_h^T$ and slopes of tanh: it fades, or now and then explodes.
  Clipping cures the second, not the first; truncation makes long streams affordable and cuts what lies further back.
- Padded batches: read each sequence's own last state.
- Order made our network better than a bag of letters by more than twelve points; trigrams with logistic regression
  were better still. And a name tells which list it stands in, not who somebody is.

## Three quick questions

**1.** An RNN with 100 features and 50 neurons reads sequences of 10 steps. How many parameters has the layer (one
bias)? How many for sequences of 1,000 steps?

<details>
<summary>Answer</summary>

$100 \cdot 50 + 50 \cdot 50 + 50 = 7{,}550$, in both cases: all steps share them. What grows with the number of steps is
the work, and the memory for the states that the way back needs.

</details>

**2.** One neuron, $h_t = \tanh(w\,h_{t-1})$, with small states, so that the slope of tanh is about 1. What share of a
gradient is left after 10 steps for $w = 0.9$, and for $w = 0.5$? What does clipping to norm 1 change about that?

<details>
<summary>Answer</summary>

$0.9^{10} = 0.35$ and $0.5^{10} = 0.001$. Clipping changes nothing: it shortens gradients that are too long and leaves
short ones as they are. It could not help anyway, for stretching would stretch the parts from near steps, too.

</details>

**3.** You train on a book in pieces of 20 letters and hand the state on from piece to piece. Can the network make use
of something that stood 50 letters back? Can it *learn* to?

<details>
<summary>Answer</summary>

It can make use of it: the state is handed on, so what is in there stays available. But no gradient crosses a cut, so
nothing tells it to keep something for longer than a piece. It does so by chance, or because what it learned to keep
for 10 letters happens to last for 50.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""

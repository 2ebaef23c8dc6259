# %% [markdown]
r"""
# Translate by looking back

> **Time**: {{run_time}} to run, 100 minutes to study.
>
> **What you do**: let one network read an English sentence and another one say it in French; see the pair fail on long
> sentences; let the second look back at the words of the first, and see it succeed; draw where it looks; search for the
> best sentence instead of the next best word; give translations a mark.
>
> **What you need first**: [unit 02](../02_networks/lesson.ipynb) (softmax), [unit 08](../08_pytorch/lesson.ipynb)
> (PyTorch), [unit 14](../14_lstm_gru/lesson.ipynb) (GRU, embedding, padding and masks), [unit
> 15](../15_language_sentiment/lesson.ipynb) (a language model: one word after the other).
"""

# %% tags=["harness"]
import time

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from introdl import data, metrics, plot, translate
from introdl import nn as ours

seed = 0
train, val, test = data.number_words("English", "French")
digits = np.array([len(str(number)) for number in val.numbers])

# %% [markdown]
r"""
## Say it in French

Translation asks a lot of a machine. Here is a small piece of it, with much of what makes it hard:
"""

# %%
for number in (97, 71, 21):
    place = train.numbers.tolist().index(number)
    print(f"{number}: {train.sources[place]:14} → {train.targets[place]}")

# %% [markdown]
r"""
French counts *four twenties ten seven*, *sixty and eleven*, *twenty and one*. There is no word for word. The two
sentences differ in length, and one word can ask for several, or for none. In the units so far, a network gave one answer
for a sequence, or one for each step. Now it has to give a sequence of its own length.

These sentences are synthetic: the package num2words writes them from numbers. Nobody said them, and that has two good
sides. There are enough of them for honest parts: no number of the test set is in training. And right is right: a
translation of a number is correct or it is not. What you learn with them works on real sentences too, with more data
and more time; at the end of the lesson you try.
"""

# %%
print(f"{len(train.numbers):,} numbers to train on, {len(val.numbers)} to validate, {len(test.numbers)} to test, up to 9 digits")
longest = max(zip(val.sources, val.targets), key=lambda pair: len(pair[0].split()))
print(*longest, sep="\n")

# %% [markdown]
r"""
### Words as numbers

Each language gets its list of words, with three extra ones. `<pad>` fills short sentences up
([unit 14](../14_lstm_gru/lesson.ipynb)). `<end>` stands at the end of every sentence: so the network can say that it has
finished. `<start>` you will need soon.
"""

# %% tags=["harness"]
PAD, START, END = 0, 1, 2


def vocabulary(texts):
    return ["<pad>", "<start>", "<end>", *sorted({word for text in texts for word in text.split()})]


def encode(texts, words):
    """Texts as whole numbers (N, T): each ends with END, shorter ones are filled up with PAD."""
    number = {word: place for place, word in enumerate(words)}
    strange = {word for text in texts for word in text.split()} - number.keys()
    if strange:
        raise ValueError(f"not among the {len(words)} words that the network knows: {', '.join(sorted(strange))}")
    rows = [[number[word] for word in text.split()] + [END] for text in texts]
    tokens = np.full((len(rows), max(map(len, rows))), PAD)
    for row, filled in zip(rows, tokens):
        filled[: len(row)] = row
    return torch.from_numpy(tokens)


def as_text(tokens, words):
    """One row of numbers as a text, up to END."""
    said = [words[token] for token in tokens]
    return " ".join(said[: said.index("<end>")] if "<end>" in said else said)


# %% tags=["harness"]
english, french = vocabulary(train.sources), vocabulary(train.targets)
X, Y = encode(train.sources, english), encode(train.targets, french)
X_val, Y_val = encode(val.sources, english), encode(val.targets, french)
SIZES = len(english), len(french)

# %%
print(f"{len(english)} English words, {len(french)} French words; X {tuple(X.shape)}, Y {tuple(Y.shape)}")
print(X_val[0].tolist(), "=", as_text(X_val[0], english))

# %% [markdown]
r"""
## One reads, one speaks

Take two recurrent networks. The first, the [*encoder*](../glossary.md#encoder-and-decoder), reads the English sentence.
Its last state has seen all of it. The second, the *decoder*, starts from that state and speaks: it is a language model
([unit 15](../15_language_sentiment/lesson.ipynb)) that predicts word after word, until it says `<end>`. (Cho and others,
[2014](https://arxiv.org/abs/1406.1078); Sutskever, Vinyals and Le, [2014](https://arxiv.org/abs/1409.3215).)
"""

# %%
def draw_pair(ax, source, target, look_back=False):
    """Boxes of an encoder and a decoder from left to right, the words below and above."""
    heard, last = ["<start>", *target[:-1]], len(source) - 1
    for place in range(len(source) + len(target)):
        x, reads = place + (place > last) * 0.6, place <= last
        ax.text(x, 0, "GRU", ha="center", va="center", fontsize=8, bbox={"boxstyle": "round,pad=0.5", "fc": "#cfe0f3" if reads else "#f8dcc4", "ec": "0.5"})
        word = source[place] if reads else heard[place - last - 1]
        ax.annotate(word, (x, -0.28), (x, -1.0), ha="center", fontsize=8, arrowprops={"arrowstyle": "->", "color": "0.5"})
        if not reads:
            ax.annotate(target[place - last - 1], (x, 0.28), (x, 0.9), ha="center", fontsize=8, color="C1", arrowprops={"arrowstyle": "<-", "color": "C1"})
        if place:
            left = place - 1 + (place - 1 > last) * 0.6
            ax.annotate("", (x - 0.32, 0), (left + 0.32, 0), arrowprops={"arrowstyle": "->", "color": "C3" if place == last + 1 else "0.5", "lw": 2 if place == last + 1 else 1})
        if reads and look_back:
            ax.annotate("", (last + 1.4, 0.3), (x, 0.3), arrowprops={"arrowstyle": "->", "color": "C0", "lw": 0.5 + 2.5 * (x == 0), "connectionstyle": "arc3,rad=-0.35"})
    ax.set(xlim=(-0.6, len(source) + len(target) + 0.2), ylim=(-1.2, 1.9 if look_back else 1.2))
    ax.axis("off")


fig, ax = plot.figure("All that the decoder knows of the sentence passes through one arrow", size=(7.2, 2.3))
draw_pair(ax, ["twenty", "one", "<end>"], ["vingt", "et", "un", "<end>"])
plot.show(fig, alt="Seven boxes in a row. Three blue ones, the encoder, read twenty, one and the end sign from below. A thick arrow leads from the third to the first of four orange boxes, the decoder. "
                   "It hears start, vingt, et, un from below, and says vingt, et, un and the end sign above.")

# %% [markdown]
r"""
In symbols: $x$ is the source sentence, $y_1 \dots y_T$ the target. The decoder gives each next word a probability, and
the sentence gets their product,

$$p(y \mid x) = \prod_{t=1}^{T} p(y_t \mid y_1 \dots y_{t-1},\; x).$$

### What the decoder hears while it learns

At step $t$ the decoder should hear the word before, $y_{t-1}$. Which one: the one that it said itself, or the right one?
In training it hears the right one, whatever it said. That is [*teacher forcing*](../glossary.md#teacher-forcing). An early
mistake does not spoil the rest of the lesson, and all steps are known beforehand, so the GRU runs over the whole
sentence at once. The targets are moved one place to the right:
"""

# %% tags=["harness"]
def shift_right(Y):
    """What the decoder hears, (N, T): START, then each word but the last."""
    return torch.cat([torch.full((len(Y), 1), START), Y[:, :-1]], dim=1)


# %%
place = next(i for i, text in enumerate(val.targets) if len(text.split()) == 5)
row = Y_val[place : place + 1, :6]
print("hears:", *(f"{french[token]:9}" for token in shift_right(row)[0]))
print("says: ", *(f"{french[token]:9}" for token in row[0]))

# %% [markdown]
r"""
### The network

The encoder packs the batch, so padding changes no state. `memory` holds the encoder's state after every word,
(N, T, hidden); the pair without looking back needs only the last one, `h`. The decoder's states are *mixed* by one
more layer, and the output layer gives a score for each French word. There is a place for `attention`, empty so far.
"""

# %% tags=["harness"]
class Translator(nn.Module):
    def __init__(self, num_source, num_target, attention=None, D=32, hidden=96):
        super().__init__()
        self.embed_x, self.embed_y = nn.Embedding(num_source, D), nn.Embedding(num_target, D)
        self.encoder, self.decoder = nn.GRU(D, hidden, batch_first=True), nn.GRU(D, hidden, batch_first=True)
        self.attention = attention(hidden) if attention else None
        self.mix = nn.Linear(2 * hidden if attention else hidden, hidden)
        self.out = nn.Linear(hidden, num_target)

    def encode(self, X):
        """The memory (N, T, hidden), its mask (N, 1, T), True where there is a word, and the last state."""
        lengths = (X != PAD).sum(dim=1)
        packed = pack_padded_sequence(self.embed_x(X), lengths, batch_first=True, enforce_sorted=False)
        memory, h = self.encoder(packed)
        memory, _ = pad_packed_sequence(memory, batch_first=True, total_length=X.shape[1])
        return memory, (X != PAD)[:, None], h

    def decode(self, Y_in, memory, mask, h):
        """Scores of the next word after each word heard (N, T, V), the weights of attention, the last state."""
        S, h = self.decoder(self.embed_y(Y_in), h)         # (N, T, hidden)
        weights = None
        if self.attention:
            context, weights = self.attention(S, memory, mask)
            S = torch.cat([S, context], dim=-1)
        return self.out(torch.tanh(self.mix(S))), weights, h


# %% [markdown]
r"""
### Training

Batches of 64 sentences that are about equally long, so that little is padding. The loss is the cross-entropy of each
word, and padding does not count: `ignore_index`. Adam, one cycle of the learning rate, clipped gradients: all known.
`look`, if given, is called before every step; you will use it to watch.
"""

# %% tags=["harness"]
def batches(Y, rng, batch_size=64):
    lengths = (Y != PAD).sum(dim=1).numpy()
    while True:
        order = rng.permutation(len(Y))
        order = order[np.argsort(lengths[order], kind="stable")]         # equally long ones together, shuffled among themselves
        for first in rng.permutation(np.arange(0, len(Y), batch_size)):
            yield order[first : first + batch_size]


def trimmed(tokens):
    return tokens[:, : (tokens != PAD).sum(dim=1).max()]


def step_loss(net, x, y, heard=None):
    memory, mask, h = net.encode(x)
    logits, _, _ = net.decode(shift_right(y) if heard is None else heard, memory, mask, h)
    return nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=PAD)


# %% tags=["harness"]
def fit(net, X, Y, num_steps, seed, loss_of=step_loss, look=None, lr=0.005):
    """Train a translator; return the loss of each step."""
    optimizer, found, losses = torch.optim.Adam(net.parameters(), lr=lr), batches(Y, np.random.default_rng(seed)), []
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=num_steps)
    for step in range(num_steps):
        if look:
            look(step, net)
        batch = next(found)
        loss = loss_of(net, trimmed(X[batch]), trimmed(Y[batch]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses


# %% [markdown]
r"""
### Speaking

After training nobody tells the right word. The decoder starts with `<start>`, takes its most likely word, hears it,
and goes on. This is the [*greedy*](../glossary.md#beam-search) way. A translation counts as right if every word is,
`<end>` included.
"""

# %% tags=["harness"]
@torch.no_grad()
def greedy(net, X, max_words=24):
    """What the net says, (N, at most max_words): everybody speaks until the last one has ended."""
    memory, mask, h = net.encode(X)
    token, said, ended = torch.full((len(X), 1), START), [], torch.zeros(len(X), 1, dtype=bool)
    while len(said) < max_words and not ended.all():
        logits, _, h = net.decode(token, memory, mask, h)
        token = logits.argmax(dim=-1)
        said.append(token.masked_fill(ended, PAD))
        ended = ended | (token == END)
    return torch.cat(said, dim=1)


def exact(said, Y):
    """Which translations (N, any) are those of Y (N, T), word for word: (N,) bool."""
    T = max(said.shape[1], Y.shape[1])
    same = nn.functional.pad(said, (0, T - said.shape[1])) == nn.functional.pad(Y, (0, T - Y.shape[1]))
    return same.all(dim=1).numpy()


def by_length(right, digits):
    return [right[digits == length].mean() for length in range(3, 10)]


# %% tags=["harness"]
def trained(attention, num_steps, seed, X=X, Y=Y, sizes=SIZES, **more):
    torch.manual_seed(seed)
    net = Translator(*sizes, attention)
    return net, fit(net, X, Y, num_steps, seed, **more)


# %% tags=["nbval-ignore-output"]
plain, losses = trained(None, 750, seed)
right_plain = exact(greedy(plain, X_val), Y_val)
print(f"loss {losses[0]:.1f} → {np.mean(losses[-50:]):.2f}; right on {right_plain.mean():.0%} of {len(X_val)} validation numbers")
for place in (np.flatnonzero(right_plain)[0], *np.flatnonzero(~right_plain)[:2]):
    print(f"\n{val.sources[place]}\n  says  {as_text(greedy(plain, X_val[place : place + 1])[0], french)}\n  right {val.targets[place]}")

# %% [markdown]
r"""
It has learned French numbers: every sentence sounds right. But many are *another* number. Sort them by length:
"""

# %% tags=["nbval-ignore-output"]
shares = by_length(right_plain, digits)
fig, ax = plot.figure("The longer the number, the more of it gets lost", "digits of the number", "translated without a mistake, %")
ax.plot(range(3, 10), [100 * share for share in shares], "o-")
ax.set(ylim=(-3, 103), xticks=range(3, 10))
plot.show(fig, alt="A falling line. Of numbers with three digits the network translates nearly all without a mistake; then the share falls, and of those with nine digits it translates few.")
assert shares[-1] < 0.5 and shares[0] > shares[-1] + 0.4

# %% [markdown]
r"""
Why? Look at the thick arrow again. Whatever the length of the sentence, the decoder gets 96 figures. All nine digits,
in order, must be packed into them, and kept there until they are said. And the slope that would teach the encoder to
pack the first word well has a long way to go: through all of the decoder and all of the encoder. This is the
[*bottleneck*](../glossary.md#encoder-bottleneck) of the encoder-decoder; Cho and others
([2014](https://arxiv.org/abs/1409.1259)) showed it on real sentences.

A longer training packs better, as you will see in a table. But think of how *you* would translate a long sentence. You
would not read it once, close the book and recite. You would look back.

## Attention

Keep *all* states of the encoder, one after each word. When the decoder needs the next word, let it ask: which of them
matters now?

The question is a vector, the [*query*](../glossary.md#query-key-and-value) $q$. Each word of the source offers a *key*
$k_j$, which says what there is to find, and a *value* $v_j$, which is what one gets. The better a key fits the query,
the more of its value counts. In our translator, the query is the decoder's state, the values are the encoder's states,
and the keys are made from them.

How well do two vectors fit? The simplest score is their dot product. Softmax turns scores into weights, and what comes
out is the weighted mean of the values, the *context*:

$$s_j = \frac{q \cdot k_j}{\sqrt{D}}, \qquad w = \operatorname{softmax}(s), \qquad c = \sum_j w_j\, v_j.$$

With numbers: keys for *ninety*, *seven* and `<end>`, and a query that asks for tens.
"""

# %%
K = np.array([[4.0, 0.0], [0.0, 4.0], [-2.0, -2.0]])       # (T, D): ninety, seven, <end>
q = np.array([1.5, 0.2])                                   # (D,)
scores = K @ q / np.sqrt(2)                                # (T,)
weights = np.exp(scores - scores.max())
weights /= weights.sum()
print("scores", scores.round(2), " weights", weights.round(2), " sum", weights.sum().round(2))

# %% [markdown]
r"""
This is a lookup, as in a dictionary, but a soft one. No key must fit exactly; each gives a share. So there is a slope:
the network can learn what to ask and what to offer. It is called [*attention*](../glossary.md#attention).

Why divide by $\sqrt{D}$, where $D$ is the length of the vectors? The dot product of two random vectors of length $D$
with variance 1 has variance $D$. Large scores make softmax choose one key and give the others nothing, and then no
slope. Dividing keeps the scores at size 1 whatever the length is:
"""

# %%
rng = np.random.default_rng(seed)
for D in (4, 64, 1024):
    Q, K = rng.normal(size=(2, 2000, D))
    products = (Q * K).sum(axis=1)
    print(f"D = {D:4}: spread of q · k {products.std():5.1f}, of q · k / √D {(products / np.sqrt(D)).std():.1f}")

# %% [markdown]
r"""
### Do not look at padding

In a batch, short sentences have padding. It must get no weight: not little, none. The [*mask*](../glossary.md#mask) is True where
there is a word. Hidden scores become $-\infty$ *before* the softmax, and $e^{-\infty} = 0$. All queries of a sentence
(one for each word of the target) are asked at once; the scores are one matrix product, (N, T_q, T_k).
"""

# %%
def dot_attention(Q, K, V, mask):
    """Q (N, T_q, D), K (N, T_k, D), V (N, T_k, D_v), mask (N, 1, T_k), True = may be seen."""
    scores = Q @ K.swapaxes(1, 2) / np.sqrt(Q.shape[2])                  # (N, T_q, T_k)
    scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    return weights @ V, weights


# %%
lengths = np.array([5, 3])
mask = (np.arange(5) < lengths[:, np.newaxis])[:, np.newaxis]            # (N, 1, T_k) = (2, 1, 5)
Q, K, V = rng.normal(size=(2, 2, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 3))
context, weights = dot_attention(Q, K, V, mask)
print("context", context.shape, " weights of the shorter sentence:")
print(weights[1].round(2))

# %% [markdown]
r"""
The way back is three products and the slope of softmax from [unit 03](../03_backprop/lesson.ipynb). With the slope
$dC$ of the context: $dV = W^T dC$ and $dW = dC\, V^T$; softmax gives $dS = W \odot (dW - \text{row sums of } dW \odot W)$;
then $dQ = dS\, K / \sqrt{D}$ and $dK = dS^T Q / \sqrt{D}$. Where a weight is 0, so is its slope: the mask needs no line
of its own.
"""

# %%
def dot_attention_backward(dC, Q, K, V, weights):
    dW = dC @ V.swapaxes(1, 2)
    dS = weights * (dW - (dW * weights).sum(axis=2, keepdims=True)) / np.sqrt(Q.shape[2])
    return dS @ K, dS.swapaxes(1, 2) @ Q, weights.swapaxes(1, 2) @ dC


# %%
dC = rng.normal(size=context.shape)
slopes = dot_attention_backward(dC, Q, K, V, weights)
tensors = [torch.tensor(array, requires_grad=True) for array in (Q, K, V)]
theirs = nn.functional.scaled_dot_product_attention(*tensors, attn_mask=torch.tensor(mask))
theirs.backward(torch.tensor(dC))
assert np.allclose(context, theirs.detach()) and all(np.allclose(s, t.grad) for s, t in zip(slopes, tensors))
assert np.allclose(context, ours.scaled_dot_product_attention(Q, K, V, mask)[0])
assert all(map(np.allclose, slopes, ours.scaled_dot_product_attention_backward(dC, Q, K, V, weights)))
print("ours, introdl.nn and PyTorch: equal, forward and backward")

# %% [markdown]
r"""
### Additive attention

The first attention (Bahdanau, Cho and Bengio, [2014](https://arxiv.org/abs/1409.0473)) had another score: a small
network that sees query and key together,

$$s_j = v \cdot \tanh(q\, W_q + k_j\, W_k).$$

Query and key may have different lengths; both are brought to length $A$ and added, hence *additive*.
"""

# %%
def additive_attention(Q, K, V, W_q, W_k, v, mask):
    bent = np.tanh((Q @ W_q)[:, :, np.newaxis] + (K @ W_k)[:, np.newaxis])    # (N, T_q, T_k, A)
    weights = ours.masked_softmax(bent @ v, mask)
    return weights @ V, weights, bent


W_q, W_k, v = rng.normal(size=(4, 6)), rng.normal(size=(4, 6)), rng.normal(size=6)
context, weights, bent = additive_attention(Q, K, V, W_q, W_k, v, mask)
assert np.allclose(context, ours.additive_attention(Q, K, V, W_q, W_k, v, mask)[0])
print(f"additive: {bent.size} numbers between, dot product: {weights.size}")

# %% [markdown]
r"""
The price is in the middle: a vector for every *pair* of a query and a key, where the dot product needs one number. That
is one reason why later networks use the dot product (Luong, Pham and Manning,
[2015](https://arxiv.org/abs/1508.04025)). Here are both as PyTorch modules. `Dot` makes its keys from the memory by a matrix that it learns; the values are the memory as it is.
"""

# %% tags=["harness"]
class Dot(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.keys = nn.Linear(hidden, hidden, bias=False)

    def forward(self, Q, memory, mask):
        scores = Q @ self.keys(memory).mT / Q.shape[-1] ** 0.5
        weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=-1)
        return weights @ memory, weights


class Additive(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.W_q, self.W_k, self.v = (nn.Linear(hidden, size, bias=False) for size in (hidden, hidden, 1))

    def forward(self, Q, memory, mask):
        bent = torch.tanh(self.W_q(Q)[:, :, None] + self.W_k(memory)[:, None])
        weights = self.v(bent)[..., 0].masked_fill(~mask, -torch.inf).softmax(dim=-1)
        return weights @ memory, weights


# %%
for module in (Dot(4), Additive(4)):
    memory = torch.randn(2, 5, 4)
    arrays = [array.numpy() for array in (torch.randn(2, 3, 4), memory)]
    theirs, _ = module(torch.tensor(arrays[0]), memory, torch.tensor(mask))
    if isinstance(module, Dot):
        mine, _ = ours.scaled_dot_product_attention(arrays[0], arrays[1] @ module.keys.weight.detach().numpy().T, arrays[1], mask)
    else:
        W_q, W_k, v = (layer.weight.detach().numpy().T for layer in (module.W_q, module.W_k, module.v))
        mine, _ = ours.additive_attention(arrays[0], arrays[1], arrays[1], W_q, W_k, v[:, 0], mask)
    assert np.allclose(theirs.detach(), mine, atol=1e-5)
    print(f"{type(module).__name__:8} equals introdl.nn")

# %% [markdown]
r"""
## Translate by looking back

In the translator, attention adds one thing. The decoder's state asks the memory, and state and context together decide
on the word.
"""

# %%
fig, ax = plot.figure("With attention the decoder looks at every state of the encoder, at some more than at others", size=(7.2, 3.0))
draw_pair(ax, ["twenty", "one", "<end>"], ["vingt", "et", "un", "<end>"], look_back=True)
plot.show(fig, alt="The same row of encoder and decoder boxes as before. Now three curved arrows lead from the three encoder boxes to the first decoder box, the one that says vingt; the arrow from the box that read twenty is the thickest.")

# %% [markdown]
r"""
A step with attention takes somewhat more time. So give it fewer: 500, against 750 for the plain pair. Of one validation
sentence, `watched`, keep the weights at some steps on the way.
"""

# %%
watched = next(i for i in np.flatnonzero(digits == 9) if "ninety" in val.sources[i] and "seventy" in val.sources[i])
STEPS, seen = (0, 40, 80, 120, 160, 200, 300, 499), {}


@torch.no_grad()
def alignment(net, x, y):
    """The weights (T_y, T_x) with which a net looks at the words of x while it hears y, both (1, T)."""
    x, y = trimmed(x), trimmed(y)
    logits, weights, _ = net.decode(shift_right(y), *net.encode(x))
    return weights[0].numpy()


def look(step, net):
    if step in STEPS:
        seen[step] = alignment(net, X_val[[watched]], Y_val[[watched]])


# %% tags=["nbval-ignore-output"]
start = time.process_time()
attending, losses = trained(Dot, 500, seed, look=look)
right = exact(greedy(attending, X_val), Y_val)
print(f"without attention: right on {right_plain.mean():.0%}, with attention: {right.mean():.1%} of the validation numbers")
assert right.mean() >= 0.97

# %% tags=["nbval-ignore-output"]
fig, ax = plot.figure("Looking back removes the bottleneck", "digits of the number", "translated without a mistake, %")
for hits, name, place in ((right, "with attention, 500 steps", (6.5, 91)), (right_plain, "without, 750 steps", (3.2, 45))):
    line, = ax.plot(range(3, 10), [100 * share for share in by_length(hits, digits)], "o-")
    ax.text(*place, name, color=line.get_color())
ax.set(ylim=(-3, 103), xticks=range(3, 10))
plot.show(fig, alt="Two lines over three to nine digits. With attention the share of numbers translated without a mistake stays near 100 percent for all lengths. Without, it falls from nearly 100 percent at three digits to few at nine.")

# %% [markdown]
r"""
No decline. And it needed few steps. The slope of each French word now reaches the English word that it comes from
directly, not through twenty steps of two networks. Watch the weights while it learns: a row for each French word, a
column for each English one, the darker the more weight.
"""

# %%
def draw_map(weights, title, x_words, y_words, size=(6.0, 5.2)):
    fig, ax = plot.figure(title, "the encoder has read …", "the decoder says …", size=size)
    ax.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(range(len(x_words)), x_words, rotation=60, ha="right", fontsize=8)
    ax.set_yticks(range(len(y_words)), y_words, fontsize=8)
    ax.grid(False)
    return fig


def tokens_of(text):
    return [*text.split(), "<end>"]


# %% tags=["nbval-ignore-output"]
def frame(step):
    title = f"Step {step}: a row's darkest field holds {round(100 * seen[step].max(axis=1).mean())} % on average"
    return draw_map(seen[step], title, tokens_of(val.sources[watched]), tokens_of(val.targets[watched]))


plot.explore(frame, STEPS, label="steps of training", start=len(STEPS) - 1,
             alt="A map of weights, French words from top to bottom, English words from left to right, at eight moments of training. Before training the weights are spread evenly over all words. "
                 "After some hundred steps a diagonal of dark fields has formed: each French word takes most of its weight from one or two English ones. Quatre and vingt both look at ninety, and the words after them at the ones; the first word of each hundred looks at hundred, one word late.")

# %% [markdown]
r"""
Nobody told the network which word belongs to which. It found out because that makes the loss small. The picture is an
[*alignment*](../glossary.md#alignment). Read it with care: a column is the encoder's state *after* that word, and a state
knows the words before it too. So the darkest field is sometimes one word late: the first word may be read from the state
after the second. The weights say which states were used. They do not say why.

### One step by hand

What the trained network does for one word, in NumPy, with its own weights and the cell of
[unit 14](../14_lstm_gru/lesson.ipynb):
"""

# %%
P = {name: p.detach().numpy() for name, p in attending.named_parameters()}


def decode_step(token, h, memory, mask):
    """Scores of the next word (N, V) and the new state, for the last words (N,) and the state (N, hidden)."""
    x = P["embed_y.weight"][token]
    Z_x = x @ P["decoder.weight_ih_l0"].T + P["decoder.bias_ih_l0"]
    Z_h = h @ P["decoder.weight_hh_l0"].T + P["decoder.bias_hh_l0"]
    h, _ = ours.gru_cell(Z_x, Z_h, h)
    keys = memory @ P["attention.keys.weight"].T
    context, _ = ours.scaled_dot_product_attention(h[:, np.newaxis], keys, memory, mask)
    mixed = np.tanh(np.hstack([h, context[:, 0]]) @ P["mix.weight"].T + P["mix.bias"])
    return mixed @ P["out.weight"].T + P["out.bias"], h


# %% tags=["nbval-ignore-output"]
with torch.no_grad():
    memory, mask, h = attending.encode(X_val[:5])
    theirs, _, _ = attending.decode(torch.full((5, 1), START), memory, mask, h)
logits, _ = decode_step(np.full(5, START), h[0].numpy(), memory.numpy(), mask.numpy())
assert np.allclose(logits, theirs[:, 0], atol=1e-4)
print("the first words:", ", ".join(french[token] for token in logits.argmax(axis=1)))

# %% [markdown]
r"""
## The best sentence, not the next best word

Greedy speaking takes the best word at each step. The best *sentence* can begin otherwise. A made-up language shows it:
after the start, *le* has 60 % and *la* 40 %; but *le* has no good way on.
"""

# %%
TOY = ["<pad>", "<start>", "<end>", "le", "la", "lac", "rue"]
NEXT = {(1,): {3: 0.6, 4: 0.4}, (1, 3): {5: 0.4, 6: 0.3, 2: 0.3}, (1, 4): {6: 0.9, 2: 0.1}}


def toy_log_p(prefixes):
    """log p of the next token (B, V) after beginnings (B, t)."""
    p = np.full((len(prefixes), len(TOY)), 1e-9)
    for row, prefix in zip(p, prefixes):
        for token, share in NEXT.get(tuple(prefix.tolist()), {END: 1.0}).items():
            row[token] = share
    return np.log(p)


# %% [markdown]
r"""
Trying all sentences is out of the question: with $V$ words and $T$ steps there are $V^T$. [*Beam
search*](../glossary.md#beam-search) keeps the best few beginnings, its *width*. Each is continued by every word; of all
these, the best few stay. Scores are sums of $\log p$, because a product of many probabilities ends as 0 in a computer. A
sentence that has ended keeps its place and its score. Width 1 is greedy.
"""

# %%
def beam_search(next_log_p, width, max_words):
    """Pairs (tokens, sum of log p), the best first."""
    beam = [([START], 0.0)]
    for _ in range(max_words):
        pool = [one for one in beam if one[0][-1] == END]
        going = [one for one in beam if one[0][-1] != END]
        if not going:
            break
        log_p = next_log_p(np.array([tokens for tokens, _ in going]))    # (B, V)
        for (tokens, score), row in zip(going, log_p):
            pool += [([*tokens, word], score + row[word]) for word in range(len(row))]
        beam = sorted(pool, key=lambda one: -one[1])[:width]
    return [(tokens[1:], score) for tokens, score in beam]


for width in (1, 2):
    [(tokens, score), *_] = found = beam_search(toy_log_p, width, 4)
    assert [one for one, _ in found] == [one for one, _ in translate.beam_search(toy_log_p, START, END, width, 4)]
    print(f"width {width}: {as_text(tokens, TOY):7} with probability {np.exp(score):.2f}")

# %% [markdown]
r"""
Against all sentences of at most four words. The toy is small enough to try them:
"""

# %%
def all_sentences(next_log_p, tokens=(START,), score=0.0, max_words=4):
    """Every sentence with its score, by trying each word after each word."""
    if tokens[-1] == END or len(tokens) > max_words:
        yield list(tokens[1:]), score
        return
    for word, gain in enumerate(next_log_p(np.array([tokens]))[0]):
        yield from all_sentences(next_log_p, (*tokens, word), score + gain, max_words)


everything = sorted(all_sentences(toy_log_p), key=lambda one: -one[1])
assert everything[0][0] == translate.beam_search(toy_log_p, START, END, 2, 4)[0][0]
print(f"{len(everything):,} sentences; the best: {as_text(everything[0][0], TOY)}")

# %% [markdown]
r"""
Does it help our networks? Let both search for the 50 longest validation numbers, with widths 1 and 4. `sure` is the
mean probability that the network gives to the sentence that it found.
"""

# %%
@torch.no_grad()
def next_log_p_of(net, x):
    """The function that beam search needs, for one source sentence (1, T)."""
    memory, mask, h = net.encode(trimmed(x))

    def next_log_p(prefixes):
        B = len(prefixes)
        with torch.no_grad():
            logits, _, _ = net.decode(torch.tensor(prefixes), memory.expand(B, -1, -1), mask.expand(B, -1, -1), h.expand(-1, B, -1).contiguous())
        return logits[:, -1].log_softmax(dim=1).numpy()

    return next_log_p


# %% tags=["nbval-ignore-output"]
longest = np.flatnonzero(digits == 9)
for name, net in (("without attention", plain), ("with attention", attending)):
    for width in (1, 4):
        found = [translate.beam_search(next_log_p_of(net, X_val[[i]]), START, END, width, 24)[0] for i in longest]
        hits = np.mean([as_text(tokens, french) == val.targets[i] for (tokens, _), i in zip(found, longest)])
        sure = np.mean([np.exp(score) for _, score in found])
        print(f"{name:17} width {width}: right {hits:4.0%}, sure {sure:.2f}")

# %% [markdown]
r"""
A wider beam finds sentences that the network holds for more likely; that is all it promises. A network that is nearly
sure of each word leaves nothing to find. And where it does not know the number any more, the most likely sentence can
still be wrong. On real sentences, with many good ways to say a thing, widths of 4 to 10 are usual.

## A mark for a translation

"Right or wrong" is a harsh mark. One wrong digit of nine is better than nonsense, and a real sentence has many good
translations. [*BLEU*](../glossary.md#bleu) (Papineni and others, [2002](https://aclanthology.org/P02-1040/)) compares
*runs* of words. $p_n$ is the share of the runs of $n$ words in the translation that the reference has too. A run counts
at most as often as the reference has it. For $n = 1$ to 4:
"""

# %%
reference, said = (text.split() for text in ("deux cent quatre vingt dix sept mille", "deux cent quatre vingt sept mille mille"))


def runs(words, n):
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


p = []
for n in (1, 2, 3, 4):
    mine, theirs = runs(said, n), runs(reference, n)
    matches = sum(min(mine.count(run), theirs.count(run)) for run in set(mine))
    p.append(matches / len(mine))
    print(f"n = {n}: {matches} of {len(mine)} runs")
print(f"BLEU {100 * np.prod(p) ** 0.25:.1f}")

# %% [markdown]
r"""
The second *mille* counts for nothing: the reference has only one. The four shares are multiplied and the fourth root
taken. One thing is missing. Who says little says nothing wrong: `deux cent` has only right runs. So there is a
*brevity penalty*: with $c$ words said and $r$ in the references,

$$\text{BLEU} = 100 \cdot (p_1 p_2 p_3 p_4)^{1/4} \cdot \min\bigl(1,\; e^{1 - r/c}\bigr).$$

For many sentences, matches and totals are added up first.
"""

# %%
assert np.isclose(translate.bleu([said], [reference]), 100 * np.prod(p) ** 0.25)
short = reference[:5]
print(f"the first five words only: {translate.bleu([short], [reference]):.1f}")

# %% tags=["nbval-ignore-output"]
def mark(net, X, references, words):
    """BLEU of a net's greedy translations."""
    return translate.bleu([as_text(row, words).split() for row in greedy(net, X)], [text.split() for text in references])


for name, net, hits in (("without attention", plain, right_plain), ("with attention", attending, right)):
    print(f"{name:17}: exactly right {hits.mean():6.1%}, BLEU {mark(net, X_val, val.targets, french):5.1f}")

# %% [markdown]
r"""
Look how kind BLEU is to the plain pair: fluent sentences share many runs with the right one, even where the number is
wrong. For numbers, trust "exactly right". A mark must fit what you want to know.

## One table

More nets, each from four seeds, on the validation numbers. *Reversed* reads the English sentence backwards: then its
first words are close to the first French ones, and the slopes short. Sutskever and others found that this helps a lot.
The command `python -m tests.bench.translation` trains them with the functions of this lesson, which takes minutes; the
lesson reads its table.
"""

# %% tags=["harness"]
def backwards(X):
    """Each sentence read from its last word to its first; END and PAD stay where they are."""
    turned = X.clone()
    for row in turned:
        T = int((row != PAD).sum()) - 1
        row[:T] = row[:T].flip(0)
    return turned


NETS = {
    "none": (None, 750), "none, reversed": (None, 750), "none, twice as long": (None, 1500), "none, four times": (None, 3000),
    "dot": (Dot, 500), "dot, half the steps": (Dot, 250), "additive": (Additive, 500),
}


def measure(name, seed):
    """Train one net; its shares of right validation numbers, BLEU, and the processor's seconds."""
    attention, num_steps = NETS[name]
    turn = backwards if "reversed" in name else lambda X: X
    start = time.process_time()
    net, _ = trained(attention, num_steps, seed, X=turn(X))
    seconds = time.process_time() - start
    said = greedy(net, turn(X_val))
    hits = exact(said, Y_val)
    bleu = translate.bleu([as_text(row, french).split() for row in said], [text.split() for text in val.targets])
    return {"right": hits.mean(), "longest": hits[digits == 9].mean(), "bleu": bleu, "seconds": seconds}


# %%
table = {row["net"]: row for row in data.recorded("17_seq2seq_attention")}
print("attention             steps       right      9 digits    BLEU    training")
for name, (_, num_steps) in NETS.items():
    row = table[name]
    (share, spread), (nine, around) = ((np.mean(row[key]), np.ptp(row[key]) / 2) for key in ("right", "longest"))
    print(f"{name:20} {num_steps:6} {share:7.1%} ± {spread:5.1%} {nine:5.0%} ± {around:3.0%} {np.mean(row['bleu']):7.1f} {np.mean(row['seconds']):8.1f} s")

# %% tags=["nbval-ignore-output"]
row = table["dot"]
low, high = min(row["right"]), max(row["right"])
print(f"dot: recorded {low:.1%} to {high:.1%}, trained above {right.mean():.1%}")
assert low - 0.02 <= right.mean() <= high + 0.02

# %% [markdown]
r"""
The figure after ± is half the distance between the best and the worst of four seeds. Read the table honestly.

- Attention wins at equal time, and at half the time. Without it, the first weights decide a lot: look at the spread.
- The bottleneck is no wall. With four times the training, the plain pair packs nine digits into its state, too: they
  are few. A real sentence has no limit of nine digits, and the state does not grow with it.
- Reading backwards costs nothing and helps a lot. It shows that the *distance* to the first words was half of the
  problem.
- Additive and dot-product attention are about equally good here; the dot product is cheaper.

## The headline

Now the test set, once: 700 numbers, 100 of each length, that neither network has met.
"""

# %% tags=["nbval-ignore-output"]
X_test, Y_test = encode(test.sources, english), encode(test.targets, french)
tested = {name: exact(greedy(net, X_test), Y_test) for name, net in (("without", plain), ("with", attending))}
on_longest = {name: hits[test.numbers >= 10**8].mean() for name, hits in tested.items()}
for name, hits in tested.items():
    print(f"{name:7} attention: {hits.mean():.1%} of all, {on_longest[name]:.0%} of those with nine digits")
assert on_longest["with"] - on_longest["without"] >= 0.5
low, high = metrics.wilson_interval(int(tested["with"].sum()), len(Y_test))
metrics.headline("unseen numbers up to nine digits translated without a mistake, %", 100 * tested["with"].mean(), 98.7, interval=(100 * low, 100 * high))

# %% [markdown]
r"""
What does that prove? All words are known from training, and all lengths. What is new is their combination. The network
has learned a rule for putting them together, and not a list: there are nearly a billion such numbers, and it has met one
in a hundred thousand.

## Other sentences

### German: when words change places

German says the ones before the tens: *ein und zwanzig*, one and twenty. (German writes it as one word; it is cut into
its parts here.) The same network, trained on German:
"""

# %% tags=["nbval-ignore-output"]
german_train, german_val, _ = data.number_words("English", "German")
german = vocabulary(german_train.targets)
Y_german = encode(german_val.targets, german)
speaker, _ = trained(Dot, 500, seed, X=X, Y=encode(german_train.targets, german), sizes=(len(english), len(german)))
right_german = exact(greedy(speaker, X_val), Y_german).mean()
print(f"English → German: {right_german:.1%} of the validation numbers without a mistake")
assert right_german >= 0.95

# %% tags=["nbval-ignore-output"]
place = next(i for i in np.flatnonzero(digits == 6) if german_val.targets[i].count(" und ") == 2)
fig = draw_map(alignment(speaker, X_val[[place]], Y_german[[place]]), "German says the ones before the tens, and attention goes back",
               tokens_of(val.sources[place]), tokens_of(german_val.targets[place]))
plot.show(fig, alt="A map of weights, German words from top to bottom, English words from left to right. The dark fields run along the diagonal, but at each pair of ones and tens they cross: "
                   "the German ones look at the second word of the English pair, und and the German tens at the first.")

# %% [markdown]
r"""
### Real phrases, letter by letter

Nobody needs a network for numbers: num2words knows the rules. Here are names that people have translated: regions, languages and currencies,
from the tables that computers use to speak to people in their language (Unicode's CLDR, in the package babel). Most
words come only once; a list of words would not know those of the validation set. So take *letters* as words. The same
network, no line changed:
"""

# %%
def spelled(texts, known=None):
    """Letters as words; a blank becomes _, a letter that training does not have becomes ?"""
    letters = [" ".join(text.replace(" ", "_")) for text in texts]
    return letters if known is None else [" ".join(c if c in known else "?" for c in text.split()) for text in letters]


names, names_val, _ = data.world_names("French")
letters_x, letters_y = vocabulary([*spelled(names[0]), "?"]), vocabulary([*spelled(names[1]), "?"])
X_names, Y_names = encode(spelled(names[0]), letters_x), encode(spelled(names[1]), letters_y)
print(f"{len(names[0])} names; such as", "; ".join(f"{here} → {there}" for here, there in zip(names[0][:3], names[1][:3])))

# %% tags=["nbval-ignore-output"]
speller, _ = trained(Dot, 400, seed, X=X_names, Y=Y_names, sizes=(len(letters_x), len(letters_y)))
X_new = encode(spelled(names_val[0], letters_x), letters_x)
said = [as_text(row, letters_y).replace(" ", "").replace("_", " ") for row in greedy(speller, X_new, max_words=45)]
hits = np.array([one == there for one, there in zip(said, names_val[1])])
print(f"{hits.mean():.0%} of {len(hits)} unseen names without a mistake, such as:")
for i in [i for i in np.flatnonzero(hits) if " " in names_val[0][i]][:3]:
    print(f"  {names_val[0][i]}: {said[i]}")
print("These are not right:")
for i in np.flatnonzero(~hits)[:9]:
    print(f"  {names_val[0][i]}: {said[i]} (right: {names_val[1][i]})")

# %% [markdown]
r"""
With a thousand names, it has learned that French often turns the words round, and something of how it spells foreign
sounds. It cannot know what it has never met: that *Falkland* is *Malouines* is a fact and not a rule. And it never says "I do not
know". It invents a name that sounds French. Remember that when you read what a large translator says: fluent is not
right.

Today's translators have the same parts, in other numbers: millions of sentence pairs, pieces of words between letter
and word, and in place of the GRU attention alone. That is unit 18.

## What goes wrong

**Softmax before the mask.** The padding has taken its share already; what is left does not sum to 1, and short
sentences get weak contexts. No error is raised.
"""

# %%
scores, visible = np.array([[2.0, 1.0, 0.0, 0.0]]), np.array([[True, True, False, False]])
late = ours.masked_softmax(scores) * visible
print("softmax, then mask:", late.round(2), "sum", late.sum().round(2))
print("mask, then softmax:", ours.masked_softmax(scores, visible).round(2))

# %% [markdown]
r"""
**Looking at padding.** Without a mask, what the network says about a sentence depends on how long the *others* in its
batch are. Ask the trained network about a short number, with and without a mask:
"""

# %% tags=["nbval-ignore-output"]
short = min(range(len(val.sources)), key=lambda i: len(val.sources[i].split()))
with torch.no_grad():
    memory, mask, h = attending.encode(X_val[[short]])                   # padded to the longest of all
    for name, seen_by in (("with", mask), ("without", torch.ones_like(mask))):
        _, weights, _ = attending.decode(shift_right(Y_val[[short]])[:, :4], memory, seen_by, h)
        print(f"{name:7} mask: {weights[0, :, ~mask[0, 0]].sum(dim=1).mean():.0%} of the weight is on padding")

# %% [markdown]
r"""
**Targets not shifted.** If the decoder hears the very word that it is asked for, it learns to repeat it. The loss is
wonderful, and nothing has been learned:
"""

# %% tags=["nbval-ignore-output"]
parrot, losses = trained(Dot, 100, seed, loss_of=lambda net, x, y: step_loss(net, x, y, heard=y))
print(f"loss after 100 steps {losses[-1]:.3f}; right on {exact(greedy(parrot, X_val), Y_val).mean():.0%}")
print("it says:", as_text(greedy(parrot, X_val[:1])[0], french) or "nothing at all")
assert losses[-1] < 0.2

# %% [markdown]
r"""
**Marks under teacher forcing.** In training the decoder hears the right words. If you measure how many words are right
*then*, you get a mark that is far too good. After training it hears itself, and one wrong word leads to the next. The
difference is called [*exposure bias*](../glossary.md#exposure-bias).
"""

# %% tags=["nbval-ignore-output"]
with torch.no_grad():
    logits, _, _ = plain.decode(shift_right(Y_val), *plain.encode(X_val))
words_right = (logits.argmax(dim=2) == Y_val)[Y_val != PAD].float().mean().item()
print(f"without attention: {words_right:.0%} of the words right while it hears the right ones, {right_plain.mean():.0%} of the sentences when it hears itself")
assert words_right > right_plain.mean() + 0.1

# %% [markdown]
r"""
**Probabilities multiplied.** Twenty words with a probability of a thousandth each:
"""

# %%
p = np.full(20, 1e-3, np.float32)
print("product", p.prod(), "  sum of logarithms", np.log(p).sum().round(0))

# %% [markdown]
r"""
**Sentences that have ended are continued, or dropped.** Both look like a search that works. Test a beam search as you
did above: with tiny sizes, against all sentences there are.

**Words that nobody knows.** A list of words ends somewhere. Say so, instead of dropping what is strange:
"""

# %%
try:
    encode(["two dozen"], english)
except ValueError as error:
    print(error)

# %% [markdown]
r"""
## From Keras to PyTorch

| Keras | PyTorch |
|---|---|
| `Attention(use_scale=False)([Q, V, K])`: mind the order | `nn.functional.scaled_dot_product_attention(Q, K, V)`, which divides by $\sqrt{D}$; Keras does not |
| `Attention(score_mode="dot", use_scale=True)` | one learned factor in place of $1/\sqrt{D}$; write it as `nn.Parameter` |
| `AdditiveAttention()([Q, V, K])`: its learned scale is our $v$; it has no $W_q$, $W_k$ | our `Additive`; PyTorch has none ready-made |
| `mask=[mask_q, mask_v]`, True = may be seen | `attn_mask`, True = may be seen; in the masks of `nn.MultiheadAttention` True = hidden |
| `return_attention_scores=True` | our modules return the weights; the fused function of PyTorch does not |
| `GRU(96, return_sequences=True, return_state=True)` | `memory, h = nn.GRU(32, 96, batch_first=True)(X)` |
| `SparseCategoricalCrossentropy(ignore_class=0)` | `cross_entropy(…, ignore_index=0)` |

PyTorch's function does not return weights. With the identity as values, they are what comes out; so the first row can be
checked:
"""

# %%
Q, K = torch.randn(1, 2, 4), torch.randn(1, 5, 4)
weights = nn.functional.scaled_dot_product_attention(Q, K, torch.eye(5)[None])
assert np.allclose(weights, ours.scaled_dot_product_attention(Q.numpy(), K.numpy(), np.eye(5, dtype=np.float32)[None])[1], atol=1e-6)
unscaled = nn.functional.scaled_dot_product_attention(Q, K, torch.eye(5)[None], scale=1.0)    # as Keras does
assert not np.allclose(weights, unscaled)
print("weights of PyTorch's function:", tuple(weights.shape))

# %% [markdown]
r"""
## Summary

- An encoder reads, a decoder speaks, word after word. While it learns, it hears the right words, shifted by one place.
- One state of fixed size is a bottleneck: long sentences suffer first.
- Attention: score each key against the query, softmax over what the mask lets see, take the weighted mean of the values.
  The memory grows with the sentence, and slopes are short. The weights can be drawn.
- Beam search keeps the best few beginnings, by sums of $\log p$; it finds likelier sentences, not truer ones.
- BLEU compares runs of words, clipped, with a penalty for brevity. Fluent and wrong still scores.

## Three quick questions

**1.** You double all keys and halve all queries. What changes? And if you double both?

<details>
<summary>Answer</summary>

Scores are dot products: halved times doubled is the same, so nothing changes. If both are doubled, all scores are four
times as large, and softmax puts more weight on the best keys.

</details>

**2.** A sentence of 5 words stands in a batch with one of 12. With a correct mask, how much may its translation change
against a batch of its own? And how many numbers does the matrix of weights hold for 7 target words?

<details>
<summary>Answer</summary>

Not at all, but for rounding: hidden keys have weight 0, and packing keeps padding out of the encoder. The weights are (7, 12) for
this sentence, 84 numbers, of which 7 · 7 = 49 are 0.

</details>

**3.** With a width of 10 your network says shorter and shorter sentences than with a width of 1, and BLEU falls. Why can
that be?

<details>
<summary>Answer</summary>

Each further word adds a negative $\log p$, so short sentences have an advantage, and a wide beam finds them: many that end
early. The brevity penalty lowers BLEU. In practice one divides the score by the number of words (or a power of it)
before sorting; and a network that gives early ends too much probability has to be trained better.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""

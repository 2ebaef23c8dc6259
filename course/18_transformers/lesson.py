# %% [markdown]
r"""
# Replace recurrence by attention

> **Time**: {{run_time}} to run, 110 minutes to study.
>
> **What you do**: let every symbol of a sequence look at all others at once; build the block of a transformer in NumPy
> and check it against PyTorch; stack blocks to a small GPT that reads plays and writes, and to a small BERT that fills
> gaps; race both kinds against the LSTM, and see who wins where, and what it costs.
>
> **What you need first**: [unit 14](../14_lstm_gru/lesson.ipynb) (embedding, LSTM), [unit
> 15](../15_language_sentiment/lesson.ipynb) (language models, bits a letter, temperature), [unit
> 17](../17_seq2seq_attention/lesson.ipynb) (attention, masks).
"""

# %% tags=["harness"]
import copy
import math
import time

import numpy as np
import torch
from torch import nn

from introdl import data, language, metrics, plot
from introdl import nn as ours

seed = 0

# %% [markdown]
r"""
## Sixteen cards

Sixteen cards are laid before you, one after the other. Each has a letter and a digit: `Q7`, `B3`, … Then they are
covered, and somebody asks: `B`? `Q`? You have to name the digit of each. All letters of a game differ, and each card
is asked for once, in random order.
"""

# %% tags=["harness"]
NUM_LETTERS, NUM_DIGITS = 26, 10
NUM_SYMBOLS = NUM_LETTERS * NUM_DIGITS + NUM_LETTERS       # a symbol for each card, then one for each question


def draw_cards(num_cards, N, rng):
    """N games: X (N, 2 num_cards), cards and then questions; y, the digits asked for, and -100 while cards are shown."""
    letters = rng.permuted(np.tile(np.arange(NUM_LETTERS), (N, 1)), axis=1)[:, :num_cards]
    digits = rng.integers(NUM_DIGITS, size=(N, num_cards))
    order = rng.permuted(np.tile(np.arange(num_cards), (N, 1)), axis=1)
    asked, answers = (np.take_along_axis(part, order, axis=1) for part in (letters, digits))
    X = np.concatenate([NUM_DIGITS * letters + digits, NUM_LETTERS * NUM_DIGITS + asked], axis=1)
    y = np.concatenate([np.full((N, num_cards), -100), answers], axis=1)
    return torch.from_numpy(X), torch.from_numpy(y)


# %%
def named(symbols):
    """Symbols as a reader sees them: Q7 is a card, B? a question."""
    letter = [chr(65 + s // NUM_DIGITS) if s < 260 else chr(65 + s - 260) for s in symbols]
    return [f"{c}{s % NUM_DIGITS}" if s < 260 else f"{c}?" for c, s in zip(letter, symbols)]


X, y = draw_cards(4, 1, np.random.default_rng(seed))
print("a game with four cards:", *named(X[0].tolist()))
print("answers:               ", *["." if digit < 0 else digit for digit in y[0].tolist()], sep="  ")

# %% [markdown]
r"""
The [LSTM](../14_lstm_gru/lesson.ipynb) reads from left to right and carries all that it knows in its state. Here the
state has 128 numbers, more than enough room for sixteen digits. Each step it sees 32 new games, so it cannot learn any
game by heart. (In PyTorch, a target of -100 does not count in the loss.)
"""

# %% tags=["harness"]
class Recurrent(nn.Module):
    """A digit after each symbol, by an LSTM."""

    def __init__(self, hidden=128):
        super().__init__()
        self.embedding, self.layer = nn.Embedding(NUM_SYMBOLS, 64), nn.LSTM(64, hidden, batch_first=True)
        self.out = nn.Linear(hidden, NUM_DIGITS)

    def forward(self, X):                                  # (N, T) -> (N, T, 10) logits
        return self.out(self.layer(self.embedding(X))[0])


def optimizer_and_schedule(net, lr, num_steps):
    """AdamW under one cycle of the learning rate, which rises for a tenth of the steps."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=lr, betas=(0.9, 0.98), weight_decay=0.01)
    return optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=num_steps, pct_start=0.1)


def train_step(net, loss, optimizer, schedule):
    """One step of training: slopes of the loss, clipped; then the optimizer and the rate."""
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    schedule.step()


# %% tags=["harness"]
@torch.no_grad()
def share_right(net, X, y):
    """The share of questions that are answered right."""
    return (net(X).argmax(dim=2) == y)[y >= 0].float().mean().item()


def play_cards(net, num_cards, num_steps, lr, seed):
    """Train on 32 new games a step; return (step, share right on 200 other games) along the way."""
    rng, history = np.random.default_rng(seed), []
    judged = draw_cards(num_cards, 200, np.random.default_rng(10_000 + seed))
    optimizer, schedule = optimizer_and_schedule(net, lr, num_steps)
    for number in range(1, num_steps + 1):
        X, y = draw_cards(num_cards, 32, rng)
        train_step(net, nn.functional.cross_entropy(net(X).flatten(0, 1), y.flatten()), optimizer, schedule)
        if number % (num_steps // 20) == 0:
            history.append((number, share_right(net, *judged)))
    return history


# %%
torch.manual_seed(seed)
lstm = Recurrent()
lstm_history = play_cards(lstm, 16, 600, 0.005, seed)

# %% tags=["nbval-ignore-output"]
print(f"LSTM after 600 steps: {lstm_history[-1][1]:.0%} right; guessing gives 10 %")
assert lstm_history[-1][1] < 0.3

# %% [markdown]
r"""
It guesses. At no step does it know which letter will be asked for, so it would have to press all cards into its state,
each where it can be found again. To learn that, slopes must find their way through up to 32 steps.

You would do something else, if you were allowed to: look at the cards again. The question is the letter; you go along
the cards until the letter fits, and read off the digit. [Unit 17](../17_seq2seq_attention/lesson.ipynb) let a decoder
look back at its encoder like that. In 2017 Vaswani and others asked what happens if that is *all* a network does, and
called their paper [Attention is all you need](https://arxiv.org/abs/1706.03762). Their network is the
[*transformer*](../glossary.md#transformer). By the end of this unit it will have played this game, too.
"""

# %% [markdown]
r"""
## Query, key, value

You know the three roles from unit 17, where a decoder asked and the words of a sentence answered:
[query, key and value](../glossary.md#query-key-and-value). Now each position of a sequence plays all three. It asks a
question, its query. It holds up a sign that says what can be found there, its key. And it has something to hand over,
its value. The query is compared with every key by a dot product. A softmax turns the scores into weights that sum to 1,
and the answer is the mean of the values, weighted so. Here with the four cards from above, all vectors set by hand:
"""

# %%
def attention(Q, K, V, mask=None):
    """Means of V (…, T_k, D_v), weighted by how well Q (…, T_q, D) fits K (…, T_k, D); and the weights (…, T_q, T_k)."""
    scores = Q @ K.swapaxes(-1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)           # True = may be seen
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights @ V, weights


cards, questions = X[0, :4].numpy(), X[0, 4:].numpy()
Q = 40 * np.eye(26)[questions - 260]                       # (4, 26): "I look for this letter", said loudly
K = np.eye(26)[cards // 10]                                # (4, 26): "I am this letter"
V = (cards % 10)[:, np.newaxis].astype(float)              # (4, 1):  "my digit"
out, weights = attention(Q, K, V)
for question, row, answer in zip(named(questions), weights, out[:, 0]):
    print(question, "weights", np.round(row, 2), f"answer {answer:.2f}")

# %% [markdown]
r"""
It is a dictionary, but a soft one: each question gets a mixture of all values, mostly of the one whose key fits. Being
soft, it has slopes, so it can be learned.

What has to be learned is how a symbol becomes a query, a key and a value. Three matrices do that. With the symbols'
vectors as rows of $X$,

$$Q = X W_Q, \quad K = X W_K, \quad V = X W_V, \qquad
\operatorname{attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V,$$

where $d$ is the number of features of a query. In unit 17 queries came from one sequence and keys from another. Here
all three come from the same one: [*self-attention*](../glossary.md#self-attention). Our function does what
`introdl.nn` and PyTorch do:
"""

# %%
rng = np.random.default_rng(seed)
Q, K, V = (rng.normal(size=(2, 5, 8)) for _ in range(3))
assert np.allclose(attention(Q, K, V)[0], ours.scaled_dot_product_attention(Q, K, V)[0])
theirs = nn.functional.scaled_dot_product_attention(*(torch.from_numpy(part) for part in (Q, K, V)))
assert np.allclose(attention(Q, K, V)[0], theirs.numpy())

# %% [markdown]
r"""
### Why $\sqrt{d}$?

A score is a sum of $d$ products. If the entries of query and key are independent, with mean 0 and variance 1, each
product has variance 1, so the score has variance $d$: its spread is $\sqrt{d}$. With many features scores are far
apart, and the softmax gives nearly everything to the largest. A softmax that is sure has no slope
([unit 02](../02_networks/lesson.ipynb)): from there, little can be learned. Dividing by $\sqrt{d}$ brings the spread
back to 1, whatever $d$ is.
"""

# %%
for d in (4, 64, 1024):
    q, K = rng.normal(size=(500, 1, d)), rng.normal(size=(500, 16, d))
    for name, scale in (("as they are", 1), ("divided by √d", np.sqrt(d)), ("divided by d", d)):
        scores = (q @ K.swapaxes(1, 2))[:, 0] / scale      # (500, 16)
        p = ours.softmax(scores)
        print(f"d = {d:4}, {name:13}: spread {scores.std():5.2f}, largest weight {p.max(axis=1).mean():.2f}, slope {(p * (1 - p)).sum(axis=1).mean():.2f}")

# %% [markdown]
r"""
Undivided, the largest of sixteen weights grows to nearly 1 and the slope dies. Divided by $d$ itself, it is the other
way round: all weights become equal, and the query has no say. $\sqrt{d}$ keeps the middle.
"""

# %% [markdown]
r"""
## Several heads

One softmax gives one mean. Whoever wants to know two things, such as the letter before *and* the last capital, gets a
blend of both. So let several queries look at once: cut the $D$ features into $h$ parts, let each part attend on its
own, and put the results side by side. Each part is a [*head*](../glossary.md#attention-head). A last matrix mixes what
they found.

Cutting is a reshape, and one has to be careful with the order of axes:
"""

# %%
def split_heads(X, num_heads):                             # (N, T, D) -> (N, h, T, D / h)
    N, T, D = X.shape
    return X.reshape(N, T, num_heads, D // num_heads).swapaxes(1, 2)


def merge_heads(X):                                        # (N, h, T, D / h) -> (N, T, D)
    N, h, T, D_h = X.shape
    return X.swapaxes(1, 2).reshape(N, T, h * D_h)


def multi_head(X, W_q, W_k, W_v, W_o, num_heads, mask=None):
    Q, K, V = (split_heads(X @ W, num_heads) for W in (W_q, W_k, W_v))
    out, weights = attention(Q, K, V, mask)                # the heads are one more axis in front
    return merge_heads(out) @ W_o, weights


X = rng.normal(size=(1, 6, 8))
W_q, W_k, W_v, W_o = (rng.normal(size=(8, 8)) / np.sqrt(8) for _ in range(4))
Y, weights = multi_head(X, W_q, W_k, W_v, W_o, 2)
print("X", X.shape, " weights", weights.shape, " Y", Y.shape)

# %% [markdown]
r"""
Two heads of four features cost as much as one of eight: the matrices are the same. Only the softmax is taken twice.
"""

# %% [markdown]
r"""
## Where am I?

Shuffle the six rows and look at the result:
"""

# %%
order = rng.permutation(6)
shuffled, _ = multi_head(X[:, order], W_q, W_k, W_v, W_o, 2)
assert np.allclose(shuffled, Y[:, order])
print("the rows come out shuffled in the same way, and otherwise the same")

# %% [markdown]
r"""
Nothing in attention knows what stands where: *dog bites man* and *man bites dog* are the same to it. A recurrent
network knows, since it goes from left to right. Here the position must be written into the vectors: add to each
symbol's vector one that belongs to its place, a [*positional encoding*](../glossary.md#positional-encoding).

A number that counts up would grow beyond all bounds. Vaswani and others take hands of clocks: pair $i$ of features is the
sine and the cosine of an angle that grows with the position $t$, fast for the first pair, slowly for the last:

$$p_{t,\,2i} = \sin\!\left(t / b^{\,2i/D}\right), \qquad p_{t,\,2i+1} = \cos\!\left(t / b^{\,2i/D}\right).$$

They take $b = 10{,}000$. Our sequences are short, so we take $b = 100$, that the slow hands move, too.
"""

# %%
def positional_encoding(T, D, base=10_000):                # (T, D), for an even D
    angles = np.arange(T)[:, np.newaxis] / base ** (np.arange(0, D, 2) / D)
    P = np.zeros((T, D))
    P[:, 0::2], P[:, 1::2] = np.sin(angles), np.cos(angles)
    return P


P = positional_encoding(128, 64, base=100)
assert np.allclose(P, ours.positional_encoding(128, 64, base=100))

# %%
fig, ax = plot.figure("Fast hands on the left, slow ones on the right: no two positions look alike", "feature", "position", size=(6.4, 4.2))
image = ax.imshow(P, cmap="RdBu", aspect="auto", vmin=-1, vmax=1)
fig.colorbar(image, label="value added")
ax.grid(False)
plot.show(fig, alt="A map of 128 positions by 64 features, values from -1 (red) to 1 (blue). In the left columns red and blue stripes alternate every few positions; to the right the stripes become longer, up to a few dozens of positions.")

# %% [markdown]
r"""
Why hands of clocks? Turning all hands by the same angles is a matrix product. So "three places before me" is the same
matrix from everywhere, and a head can learn it. And the dot product of two positions,

$$p_s \cdot p_t = \sum_i \cos\!\left((s - t) / b^{\,2i/D}\right),$$

depends on their distance alone. Move the slider: the peak moves along, its form stays.
"""

# %%
products = P @ P.T
for distance in (1, 5, 40):
    assert np.allclose(np.diagonal(products, distance), products[0, distance])


def draw_products(t):
    fig, ax = plot.figure(f"Position {t} resembles its neighbours most", "other position", "dot product", size=(6.4, 3.2))
    ax.plot(products[t])
    ax.plot(t, products[t, t], "o")
    ax.set(xlim=(0, 127), ylim=(-15, 35))
    return fig


plot.explore(draw_products, range(8, 128, 16), "position", start=2,
             alt="The dot product of one position with all 128: a curve with one sharp peak at the position itself, which falls to half within five positions and then slowly, with small waves, to about 0. For other positions the same curve, shifted.")

# %% [markdown]
r"""
## Do not look ahead

A language model says what comes next. While it trains, the next letters are all there, and attention would look at
them: the loss would fall to nearly zero, and nothing would be learned. So a
[*causal mask*](../glossary.md#causal-mask) hides the future: position $t$ may look at positions up to $t$, itself
included.

A hidden score is set to $-\infty$ *before* the softmax, so that its weight is exactly 0 and the others still sum to 1.
"""

# %%
mask = np.tri(6, dtype=bool)                               # row t is True up to column t
assert np.array_equal(mask, ours.causal_mask(6))
_, weights = multi_head(X, W_q, W_k, W_v, W_o, 2, mask)
print(np.round(weights[0, 0], 2))

# %% [markdown]
r"""
With this mask, one pass over a text of $T$ letters does $T$ exercises at once: after each letter, guess the next. A
recurrent network does as many, but step by step. Here nothing waits for anything.
"""

# %% [markdown]
r"""
## A block

Attention only mixes values: a mean of vectors is as far as it gets. To compute with what was found, each position goes
through two dense layers with a bend between, the same for every position: the
[*feed-forward part*](../glossary.md#feed-forward-part). It is four times as wide inside.

Two old friends make it possible to stack many such parts. A [skip connection](../11_architectures/lesson.ipynb) goes
around each of them: $X + F(X)$. And before each, vectors are normalized. Not over the batch, as in
[unit 07](../07_regularization/lesson.ipynb): then a sentence's result would depend on its neighbours in the batch, and on
how many positions are padding. [*Layer normalization*](../glossary.md#layer-normalization)
([Ba, Kiros and Hinton 2016](https://arxiv.org/abs/1607.06450)) takes mean and variance over the features of *one*
position:
"""

# %%
def layer_norm(X, gamma, beta, eps=1e-5):
    mean, var = X.mean(axis=-1, keepdims=True), X.var(axis=-1, keepdims=True)
    return gamma * (X - mean) / np.sqrt(var + eps) + beta


Z = layer_norm(3 + 5 * X, np.ones(8), np.zeros(8))
assert np.allclose(Z.mean(axis=-1), 0)
print(f"features of each position: mean 0, spread {Z.std(axis=-1).min():.2f} to {Z.std(axis=-1).max():.2f}")

# %%
fig, ax = plot.figure("A block: two parts, each with a norm before it and a way around it", size=(7.2, 2.3))
ax.set(xlim=(-0.4, 10.2), ylim=(-1.3, 0.6))
ax.axis("off")
for x, text in ((0, "X"), (1.7, "norm"), (3.3, "attention"), (5.0, "+"), (6.6, "norm"), (8.2, "feed-\nforward"), (9.8, "+")):
    ax.text(x, 0, text, ha="center", va="center", bbox={"boxstyle": "round,pad=0.4", "fc": "white", "ec": "0.5"})
ax.plot([0, 9.8], [0, 0], color="0.6", zorder=0)
for start, end in ((0.7, 5.0), (5.7, 9.8)):
    ax.plot([start, start, end], [0, -0.8, -0.8], color="C1", zorder=0)
    ax.annotate("", (end, -0.28), (end, -0.84), arrowprops={"arrowstyle": "->", "color": "C1", "lw": 1.5})
    ax.text((start + end) / 2, -1.15, "X goes around", color="C1", ha="center")
plot.show(fig, alt="A diagram from left to right: X, norm, attention, plus, norm, feed-forward, plus, joined by a line. Before each norm a second line branches off, runs below the two boxes and ends in an arrow at the next plus: X goes around.")

# %% [markdown]
r"""
The paper of 2017 normalizes after the sum. Today most normalize before the part, inside the detour, because then the way
around is free from end to end, and training starts well without care
([Xiong and others 2020](https://arxiv.org/abs/2002.04745)). We do so, too:

$$X \leftarrow X + \operatorname{attention}(\operatorname{norm}(X)), \qquad
X \leftarrow X + \operatorname{feedforward}(\operatorname{norm}(X)).$$

In `introdl.nn` these are `LayerNorm`, `MultiHeadAttention` and `TransformerBlock`, with their ways back. You know all
of the slopes: dense layers from unit 03, softmax from unit 17, the norm's as in unit 07 but along the other axis. Let
PyTorch judge. Its block is called `TransformerEncoderLayer`; it keeps matrices transposed, and queries, keys and values
in one.
"""

# %%
D, num_heads = 32, 4
block = ours.TransformerBlock(D, num_heads, np.random.default_rng(seed))
judge = nn.TransformerEncoderLayer(D, num_heads, 4 * D, dropout=0, activation="gelu", batch_first=True, norm_first=True)
W_q, b_q, W_k, b_k, W_v, b_v, W_o, b_o = block.attention.params
W1, b1, W2, b2 = block.feed_forward.params
weights = {"self_attn.in_proj_weight": np.concatenate([W_q.T, W_k.T, W_v.T]), "self_attn.in_proj_bias": np.concatenate([b_q, b_k, b_v]),
           "self_attn.out_proj.weight": W_o.T, "self_attn.out_proj.bias": b_o,
           "linear1.weight": W1.T, "linear1.bias": b1, "linear2.weight": W2.T, "linear2.bias": b2}
not_given, _ = judge.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(w)) for name, w in weights.items()}, strict=False)

# %%
X, dY = (np.random.default_rng(seed).normal(size=(4, 10, D)).astype(np.float32) for _ in range(2))
Y, dX = block.forward(X, ours.causal_mask(10)), block.backward(dY)
leaf = torch.tensor(X, requires_grad=True)
theirs = judge(leaf, src_mask=~torch.from_numpy(ours.causal_mask(10)))     # PyTorch's mask says what must NOT be seen
theirs.backward(torch.from_numpy(dY))
in_W_q = judge.self_attn.in_proj_weight.grad[:D].T.numpy()
pairs = [(Y, theirs.detach().numpy()), (dX, leaf.grad.numpy()), (block.attention.grads[0], in_W_q)]
block_difference = max(np.abs(a - b).max() / np.abs(b).max() for a, b in pairs)
assert block_difference < 1e-5
print("values, slopes of X and slopes of the queries' matrix are PyTorch's to 5 digits")

# %% [markdown]
r"""
## The same in PyTorch

Now the network that learns, in PyTorch. First attention with heads. The last line but one calls PyTorch's own function,
which equals ours and is faster. Two additions will be of use. `look` returns the weights for pictures; and keys and
values that earlier positions left behind, `past`, can be put in front.
"""

# %% tags=["harness"]
class Attention(nn.Module):
    def __init__(self, D, num_heads):
        super().__init__()
        self.num_heads, self.qkv, self.out = num_heads, nn.Linear(D, 3 * D), nn.Linear(D, D)

    def forward(self, X, mask, past=None):                 # (N, T, D) -> (N, T, D); keys and values of all positions
        Q, K, V = (part.unflatten(2, (self.num_heads, -1)).transpose(1, 2) for part in self.qkv(X).chunk(3, dim=2))
        if past is not None:
            K, V = torch.cat([past[0], K], dim=2), torch.cat([past[1], V], dim=2)
        self.Q, self.K, self.mask = Q.detach(), K.detach(), mask
        out = nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=mask)      # (N, h, T, D / h)
        return self.out(out.transpose(1, 2).flatten(2)), (K, V)

    def look(self):
        """The weights (N, h, T, T) of the last pass."""
        scores = self.Q @ self.K.transpose(2, 3) / math.sqrt(self.Q.shape[3])
        return scores.masked_fill(~self.mask, -torch.inf).softmax(dim=3)


# %% tags=["harness"]
class Block(nn.Module):
    def __init__(self, D, num_heads):
        super().__init__()
        self.norm1, self.attention, self.norm2 = nn.LayerNorm(D), Attention(D, num_heads), nn.LayerNorm(D)
        self.feed_forward = nn.Sequential(nn.Linear(D, 4 * D), nn.GELU(), nn.Linear(4 * D, D))

    def forward(self, X, mask, past=None):
        found, kept = self.attention(self.norm1(X), mask, past)
        X = X + found
        return X + self.feed_forward(self.norm2(X)), kept


# %% [markdown]
r"""
And a stack of blocks: symbols and places in, logits out. It returns what its blocks have kept, as an LSTM returns its
state. That is a GPT ([Radford and others 2018](https://openai.com/index/language-unsupervised/): *generative pretrained
transformer*); the large ones have more blocks, more features, and otherwise little that you have not seen.
"""

# %% tags=["harness"]
class GPT(nn.Module):
    """For each position, logits for what comes after the symbols up to it."""

    def __init__(self, V, num_out=None, D=64, num_heads=4, depth=2, T=1024):
        super().__init__()
        self.embedding, self.blocks = nn.Embedding(V, D), nn.ModuleList(Block(D, num_heads) for _ in range(depth))
        self.norm, self.out = nn.LayerNorm(D), nn.Linear(D, num_out or V)
        places = torch.from_numpy(ours.positional_encoding(T, D, base=100)).float()
        self.register_buffer("places", places, persistent=False)       # no parameter: it is not learned

    def forward(self, X, kept=None):                       # (N, T) -> (N, T, num_out) logits, and what blocks keep
        before = kept[0][0].shape[2] if kept else 0        # positions that stand in front already
        T_k = before + X.shape[1]
        mask = torch.from_numpy(ours.causal_mask(X.shape[1], T_k))
        H, keeping = self.embedding(X) + self.places[before:T_k], []
        for place, block in enumerate(self.blocks):
            H, pair = block(H, mask, kept and kept[place])
            keeping.append(pair)
        return self.out(self.norm(H)), keeping


# %% tags=["harness"]
class Player(nn.Module):
    """A GPT that answers with digits."""

    def __init__(self):
        super().__init__()
        self.gpt = GPT(NUM_SYMBOLS, NUM_DIGITS)

    def forward(self, X):
        return self.gpt(X)[0]


# %%
torch.manual_seed(seed)
player = Player()
player_history = play_cards(player, 16, 300, 0.003, seed)

# %% tags=["nbval-ignore-output"]
print(f"GPT after 300 steps: {player_history[-1][1]:.1%} right")
assert player_history[-1][1] > 0.9

# %%
fig, ax = plot.figure("One looks back and wins, the other has to remember and guesses", "share of the training", "right answers, %")
for history, name, color, y in ((player_history, "GPT, 300 steps", "C0", 90), (lstm_history, "LSTM, 600 steps, as much time", "C1", 24)):
    ax.plot([number / history[-1][0] for number, _ in history], [100 * share for _, share in history], color=color)
    ax.text(0.98, y, name, color=color, ha="right")
ax.axhline(10, color="0.6", lw=1, ls="--")
ax.text(0.02, 3, "guessing", color="0.4")
ax.set(ylim=(0, 105))
plot.show(fig, alt="Right answers over the course of training. The GPT stays near the 10 percent of guessing for a quarter of its training or longer, then rises steeply to nearly 100. The LSTM stays at 10 percent to the end.")

# %% [markdown]
r"""
For a while both guess. Then, within some dozens of steps, the GPT gets it. Such jumps are common where a
network has to find a *procedure*: half a look-up is worth nothing. Look what its heads have found. Each picture shows
one head in a new game: a row for each question, a column for each card. An orange circle marks the card that
the question asks for. The last picture takes the largest weight of all eight heads.
"""

# %%
X, _ = draw_cards(16, 1, np.random.default_rng(seed + 5))
with torch.no_grad():
    player(X)
signs = named(X[0].tolist())
heads = {f"block {b + 1}, head {h + 1}": block.attention.look()[0, h, 16:, :16].numpy()
         for b, block in enumerate(player.gpt.blocks) for h in range(4)}
heads["all together"] = np.max(list(heads.values()), axis=0)


def draw_head(name):
    fig, ax = plot.figure(f"Where the questions look: {name}", "cards", "questions", size=(5.2, 4.6))
    ax.imshow(heads[name], cmap="Blues", vmin=0, vmax=1)
    ax.set_xticks(range(16), signs[:16], fontsize=8)
    ax.set_yticks(range(16), signs[16:], fontsize=8)
    ax.grid(False)
    for row, question in enumerate(signs[16:]):
        fits = [card[0] for card in signs[:16]].index(question[0])
        ax.plot(fits, row, "o", ms=10, mfc="none", color="C1")
    return fig


plot.explore(draw_head, heads, "head", start=8,
             alt="Maps of sixteen questions by sixteen cards, one for each head: in each, a few cells inside the orange circles are dark and the other rows are pale. In the last map, the largest weight of all heads, nearly all dark cells lie in the circles, one in each row.")

# %%
X, y = draw_cards(16, 200, np.random.default_rng(seed + 6))
with torch.no_grad():
    player(X)
    looks = torch.cat([block.attention.look()[:, :, 16:, :16] for block in player.gpt.blocks], dim=1)     # (N, 8, 16, 16)
fits = (X[:, 16:, None] - 260) == X[:, None, :16] // 10    # (N, 16, 16): which card a question asks for
each_head = (looks * fits[:, None]).sum(dim=3).mean(dim=(0, 2))
best = looks.amax(dim=1)                                   # of all heads
share_on = {"right card": best[fits].mean().item(), "another card": best[~fits].mean().item()}

# %% tags=["nbval-ignore-output"]
print("weight on the right card, head by head:", ", ".join(f"{100 * share:.0f} %" for share in each_head.tolist()))
print("largest weight of all heads:", ", ".join(f"{100 * share:.0f} % on {what}" for what, share in share_on.items()))
assert share_on["right card"] > 2 * share_on["another card"]

# %% [markdown]
r"""
Nobody told them which card belongs to a question. And nobody told them to share the work: each head has taken some of
the letters. It looks at the right card where the letter is one of its own, and nowhere in particular otherwise; together
they have all letters. Here you know what is needed, so such a picture tells you something. In general be careful: it
says where a head *looks*, not what the network does with it
([Jain and Wallace 2019](https://arxiv.org/abs/1902.10186)).
"""

# %% [markdown]
r"""
### Is that fair to the LSTM?

One size, one learning rate, one length of training: perhaps the LSTM was held badly. So here is a table: three learning
rates for each, four times the steps, and an LSTM of twice the width. The rows show the best rate's mean
over three seeds.
"""

# %% tags=["harness"]
PLAYERS = {"GPT": Player, "LSTM 128": Recurrent, "LSTM 256": lambda: Recurrent(256)}


def measure_cards(net, num_cards, num_steps, lr, seed):
    """Train one player; its share right on 500 new games, and the processor's seconds for training."""
    torch.manual_seed(seed)
    made, start = PLAYERS[net](), time.process_time()
    play_cards(made, num_cards, num_steps, lr, seed)
    seconds = time.process_time() - start
    return {"right": share_right(made, *draw_cards(num_cards, 500, np.random.default_rng(20_000 + seed))), "seconds": seconds}


# %%
recorded = data.recorded("18_transformers")
cards_table = [row for row in recorded if row["task"] == "cards"]
print("cards  network   steps  right answers  seconds")
for row in cards_table:
    print(f"{row['num_cards']:5}  {row['net']:8} {row['num_steps']:6}  {100 * np.mean(row['right']):11.0f} % {np.mean(row['seconds']):8.1f}")

# %%
fig, ax = plot.figure("With four times the steps the LSTM handles a few cards, the GPT handles all", "cards in a game", "right answers, %")
for (net, num_steps), color, y in ((("GPT", 300), "C0", 95), (("LSTM 128", 600), "C1", 20), (("LSTM 128", 2400), "C2", 40)):
    rows = [row for row in cards_table if (row["net"], row["num_steps"]) == (net, num_steps)]
    ax.plot([row["num_cards"] for row in rows], [100 * np.mean(row["right"]) for row in rows], "o-", color=color)
    ax.text(24, y, f"{net}, {num_steps} steps", color=color, ha="right")
ax.set(ylim=(0, 105), xticks=sorted({row["num_cards"] for row in cards_table}))
plot.show(fig, alt="Right answers for games of 4, 8, 16 and 24 cards, three curves. The GPT with 300 steps stays at 100 percent. The LSTM with 2400 steps falls from 100 to 89 percent at 16 cards and 57 at 24. "
                   "The LSTM with 600 steps falls from 97 percent at 4 cards to 25 at 16 and 12, close to guessing, at 24.")
# %% [markdown]
r"""
## A GPT that reads plays

The same network, another task: the plays of [unit 15](../15_language_sentiment/lesson.ipynb), 400,000 letters of them,
with the vocabulary and the measure from there. Each step takes eight pieces of 128 letters; from each the network learns
128 times what comes next.
"""

# %% tags=["harness"]
plays = data.plays()
whole_text, val_text = "".join(plays.train.values()), "".join(plays.val.values())[:100_000]
text = whole_text[:400_000]
vocabulary = language.Vocabulary(text, unknown=True)
tokens, val_tokens = vocabulary.encode(text), vocabulary.encode(val_text)


def pieces(tokens, starts, T):
    """X and y, both (N, T), from each start on; y is one letter later."""
    rows = torch.from_numpy(tokens[np.asarray(starts)[:, np.newaxis] + np.arange(T + 1)])
    return rows[:, :-1], rows[:, 1:]


def train_gpt(tokens, V, seed, num_steps, lr=0.01, D=64, N=8, T=128):
    """Train a GPT on pieces from random places; return it and the loss of each step, in bits."""
    torch.manual_seed(seed)
    net, rng, losses = GPT(V, D=D), np.random.default_rng(seed), []
    optimizer, schedule = optimizer_and_schedule(net, lr, num_steps)
    for _ in range(num_steps):
        X, y = pieces(tokens, rng.integers(len(tokens) - T, size=N), T)
        loss = nn.functional.cross_entropy(net(X)[0].flatten(0, 1), y.flatten())
        train_step(net, loss, optimizer, schedule)
        losses.append(loss.item() / math.log(2))
    return net, losses


# %% tags=["harness"]
@torch.no_grad()
def gpt_bits(net, tokens, T=128):
    """Bits a letter of a new text: pieces overlap by half, and only the second halves count."""
    found = []
    for starts in np.array_split(np.arange(0, len(tokens) - T, T // 2), 50):
        X, y = pieces(tokens, starts, T)
        loss = nn.functional.cross_entropy(net(X)[0].transpose(1, 2), y, reduction="none")
        found.append(loss[:, T // 2 :].flatten())
    return language.bits_per_symbol(-torch.cat(found).double().numpy())


# %%
gpt, losses = train_gpt(tokens, len(vocabulary), seed, 1200)
val_bits = gpt_bits(gpt, val_tokens)

# %% tags=["nbval-ignore-output"]
print(f"{sum(p.numel() for p in gpt.parameters()):,} parameters, {val_bits:.2f} bits a letter on plays that it has not read")
assert val_bits < 3

# %% [markdown]
r"""
Each letter is judged with at least 64 letters before it. Let it write. `language.generate` from unit 15 draws one letter
after the other from any model that says what comes next.

### Do not compute twice

How should it say that? The slow way: hand the whole text over, again and again, and use the logits of the last position.
For the 200th letter it computes 199 positions that it has computed before. And they are the same as before: thanks to
the mask, what comes later changes nothing earlier. All that a new letter needs from earlier ones are their keys and
values, in each block. So keep them: the [*KV cache*](../glossary.md#kv-cache). Then each step computes one position.

Two things must fit. The new letter's place is not 0 but the number of those kept, or all letters would believe that
they come first. And the mask must let its one query see all keys.
"""

# %% tags=["harness"]
def with_cache(net):
    """A step for `language.generate` that computes new positions only; its state is what the blocks have kept."""
    @torch.no_grad()
    def step(new, kept):
        logits, kept = net(torch.tensor([new]), kept)
        return logits[0, -1].numpy(), kept
    return step


def without_cache(net):
    """A step that computes all positions each time; its state is the text so far."""
    @torch.no_grad()
    def step(new, text):
        text = (text or []) + new
        return net(torch.tensor([text]))[0][0, -1].numpy(), text
    return step


# %%
start = vocabulary.encode("\n").tolist()
written = {}
for name, way in (("without", without_cache), ("with", with_cache)):
    begin = time.process_time()
    letters = language.generate(way(gpt), start, 127, np.random.default_rng(seed), temperature=0.7)
    written[name] = letters, time.process_time() - begin
assert written["with"][0] == written["without"][0]
print("with and without: letter for letter the same")

# %% tags=["nbval-ignore-output"]
print(vocabulary.decode(written["with"][0]))
print("\nseconds:", ", ".join(f"{spent:.2f} {name} cache" for name, (_, spent) in written.items()))

# %% [markdown]
r"""
It has learned words, names, line breaks, and the tone. It has not learned to mean anything. And one letter after the
other, twice: the cache does not change a single one. It saves more the longer the text and the larger the
network. Measured by itself, for a GPT with four times the features and twice the blocks:
"""

# %%
for row in recorded:
    if row["task"] == "cache":
        print(f"{row['num_letters']:5,} letters: {row['ratio']:.1f} times faster with a cache")
        assert row["same"]

# %% [markdown]
r"""
## The race with the LSTM

Now it has to be said who reads better. [Unit 15](../15_language_sentiment/lesson.ipynb) trained an LSTM on the same
letters. There are two fair ways to compare. With *equal text*: both have seen as many letters. With *equal time*: both
have kept a processor busy for as long. And there are two questions: who is ahead now, and who would be with more? So
the table goes on: 400,000 letters, and all 3.7 million; budgets that double; and a GPT that is twice as wide. The LSTM
is unit 15's own, code and all.
"""

# %% tags=["harness"]
WIDTHS = {"GPT": {}, "GPT, twice as wide": {"D": 128, "lr": 0.005}}

# %%
race = [row for row in recorded if row["task"] == "text"]
print("text         network             letters seen   seconds   bits a letter")
for row in race:
    print(f"{row['text']:12} {row['net']:19} {row['letters'] / 1e6:10.1f} M {np.mean(row['seconds']):9.0f} {np.mean(row['bits']):15.2f}")

# %% [markdown]
r"""
One row of it is the GPT that you have just trained. Does yours agree?
"""

# %% tags=["nbval-ignore-output"]
[row] = [row for row in race if row["net"] == "GPT" and row["text"] == "400,000" and row["num_steps"] == 1200]
print(f"recorded {min(row['bits']):.2f} to {max(row['bits']):.2f}, now {val_bits:.2f}")
assert min(row["bits"]) - 0.06 <= val_bits <= max(row["bits"]) + 0.06

# %%
fig, axs = plot.figure("The LSTM is ahead at every budget, and its lead shrinks", "seconds of training (log scale)", "bits a letter, new plays", ncols=2, size=(7.6, 3.6))
for ax, text_name in zip(axs, dict.fromkeys(row["text"] for row in race)):
    for net, color in (("LSTM", "C1"), ("GPT", "C0"), ("GPT, twice as wide", "C2")):
        rows = [row for row in race if (row["text"], row["net"]) == (text_name, net)]
        x, means = [np.mean(row["seconds"]) for row in rows], [np.mean(row["bits"]) for row in rows]
        ax.plot(x, means, "o-", color=color)
        if rows:
            ax.text(x[0], means[0] + 0.04, net, color=color)
    ax.set(xscale="log", title=f"{text_name} letters of text", ylim=(1.9, 3.1))
plot.show(fig, alt="Bits a letter on new plays over seconds of training, on a log scale, in two panels. With 400,000 letters the LSTM falls from 2.39 to 2.18 and rises a little at the end, the GPT from 2.87 to 2.29. "
                   "With 3.7 million letters both fall to the end, the LSTM from 2.38 to 2.00, the GPT from 2.87 to 2.13; a GPT twice as wide starts later and ends near the narrow one. The LSTM's curve is the lowest everywhere.")

# %% [markdown]
r"""
The LSTM wins this race: at equal text, at equal time, with little text and with much. That is no slip of the table.
What a letter is depends most on the few letters before it, and there a network that reads in order has the right habit
built in. Attention must first learn that near letters matter; it has to find even that out from data.

But look at the lead:
"""

# %%
def bits_after(net, num_letters):
    """Bits a letter of a row of the right panel."""
    [row] = [row for row in race if (row["net"], row["text"]) == (net, "3.7 million") and abs(row["letters"] - num_letters) < 0.03 * num_letters]
    return np.mean(row["bits"])


leads = {millions: bits_after("GPT", 1e6 * millions) - bits_after("LSTM", 1e6 * millions) for millions in (0.6, 1.2, 2.4, 4.8, 9.6)}
print(", ".join(f"{millions} M letters: {lead:.2f} bits" for millions, lead in leads.items()))
assert list(leads.values()) == sorted(leads.values(), reverse=True) and min(leads.values()) > 0.1

# %% [markdown]
r"""
It shrinks with each doubling. Here a laptop's minutes end; others went on. With far more text, parameters and computing
the transformer is ahead ([Kaplan and others 2020](https://arxiv.org/abs/2001.08361) drew both curves over the number of
parameters: the LSTM's flattens first). Two reasons you have seen: it finds what stands far back, as with the cards, and it computes all
positions of a step at once, which large processors with thousands of units reward and one core does not. So which is
better? For short texts, few data and one core: the LSTM. Measure, at your budget.
"""

# %% [markdown]
r"""
## What it costs

Every position looks at every other: $n$ positions make $n^2$ scores. Twice the length, four times the work. An LSTM
takes one step after the other: twice the length, twice the work. Per layer with $d$ features, and without the dense
layers that both need more or less, that is $2 n^2 d$ products against $8 n d^2$. They are equal at $n = 4 d$: below, the
square is the cheaper one. But products are not seconds, as you know from
[unit 11](../11_architectures/lesson.ipynb). Measure:
"""

# %%
@torch.no_grad()
def seconds(layer, *inputs):
    """The shorter of two tries."""
    found = []
    for _ in range(2):
        begin = time.perf_counter()
        layer(*inputs)
        found.append(time.perf_counter() - begin)
    return min(found)


lengths = 2 ** np.arange(6, 14)
attend, recur = Attention(64, 1), nn.LSTM(64, 64, batch_first=True)
spent = {"attention": [], "LSTM": []}
for n in lengths.tolist():
    X = torch.randn(1, n, 64)
    spent["attention"].append(seconds(attend, X, None))
    spent["LSTM"].append(seconds(recur, X))

# %% tags=["nbval-ignore-output"]
for name, found in spent.items():
    print(f"{name:9} twice 4,096 positions take {found[-1] / found[-2]:.1f} times as long; {1e3 * found[-1]:.0f} ms for {lengths[-1]:,}")

# %% tags=["nbval-ignore-output"]
fig, ax = plot.figure("Attention is cheaper for short sequences, the LSTM for long ones", "positions n (log scale)", "milliseconds (log scale)")
for (name, found), color, shift in zip(spent.items(), ("C0", "C1"), (1.4, 0.45)):
    ax.plot(lengths, 1e3 * np.array(found), "o-", color=color)
    ax.text(lengths[-2], 1e3 * found[-2] * shift, name, color=color, ha="right")
ax.set_xscale("log", base=2)
ax.set_yscale("log")
plot.show(fig, alt="Milliseconds for one layer over the number of positions from 64 to 8,192, both axes logarithmic. The LSTM's line rises evenly. Attention starts lower, crosses it at a few hundred positions and rises twice as steeply: at the right end it lies ten times higher.")

# %% [markdown]
r"""
On short sequences attention is the faster one, on long ones the LSTM, by far. The square is not the whole story, though.
The LSTM must wait for its own last step, thousands of times; attention does a few large products, and nothing in them
waits. On one core of an ordinary processor, as here, that gains little. On a chip that multiplies thousands of numbers
at once it decides: *training* has no order in time any more, all positions go at once, and such chips are what made
transformers large.

*Writing* has. There, each letter waits for the last one, as in an LSTM, and the cache grows with each. The same block,
the same 512 positions:
"""

# %%
block, X = Block(64, 4), torch.randn(1, 512, 64)
whole = torch.from_numpy(ours.causal_mask(512))


def one_by_one():
    past, rows = None, []
    for t in range(512):
        row, past = block(X[:, t : t + 1], torch.ones(1, t + 1, dtype=torch.bool), past)
        rows.append(row)
    return torch.cat(rows, dim=1)


with torch.no_grad():
    assert torch.allclose(block(X, whole)[0], one_by_one(), atol=1e-4)

# %% tags=["nbval-ignore-output"]
print(f"all at once {1e3 * seconds(lambda: block(X, whole)):.0f} ms, one by one {1e3 * seconds(one_by_one):.0f} ms, and the same result")

# %% [markdown]
r"""
## Look both ways: BERT

If you want not to write but to *understand* a text that is there already, why hide its second half? Without a causal
mask each position sees both sides. But then "guess the next letter" is no exercise: it can be seen. So hide some
symbols in the text itself, and let the network fill the gaps:
[*masked language model*](../glossary.md#masked-language-model). That is BERT
([Devlin and others 2018](https://arxiv.org/abs/1810.04805)). It needs no labels, as a GPT does not; and the features that
it finds can then be turned to a task with labels, of which there are often few: first
[*pretraining*](../glossary.md#pretraining), then fine-tuning ([unit 12](../12_transfer_augmentation/lesson.ipynb)).

Our texts are short: the surnames of [unit 13](../13_rnn/lesson.ipynb). The network fills gaps in all of them, and
nobody tells it a language. The only mask is the one for padding.
"""

# %% tags=["harness"]
names = data.names()
PAD, GAP = 0, 1
SIGNS = ["", "_", *data.NAME_LETTERS]


def encode_names(texts, T=20):
    """(N, T) whole numbers, filled up with PAD."""
    return np.array([[SIGNS.index(c) for c in text] + [PAD] * (T - len(text)) for text in texts])


class BERT(nn.Module):
    """Features of each position, seen from both sides; from them, guesses what a symbol is."""

    def __init__(self, V, D=64, num_heads=4, depth=2, T=20):
        super().__init__()
        self.embedding, self.blocks = nn.Embedding(V, D), nn.ModuleList(Block(D, num_heads) for _ in range(depth))
        self.norm, self.guess = nn.LayerNorm(D), nn.Linear(D, V)
        self.register_buffer("places", torch.from_numpy(ours.positional_encoding(T, D, base=100)).float())

    def forward(self, X):                                  # (N, T) -> (N, T, D)
        mask, H = (X != PAD)[:, None, None, :], self.embedding(X) + self.places
        for block in self.blocks:
            H, _ = block(H, mask)
        return self.norm(H)


# %% [markdown]
r"""
Which symbols are hidden? The paper chooses 15 % and says: of those, 80 % become a gap, 10 % another symbol, 10 % stay.
The network has to answer for all of them. Why not only gaps? Because there will be none later: so it learns not to trust
any symbol blindly, and to have features for each. Names are short, we choose 20 %.
"""

# %% tags=["harness"]
def hide(X, rng, share=0.2):
    """X with some symbols hidden, and the targets: the symbols that were chosen, -100 elsewhere."""
    chosen, how = (rng.random(X.shape) < share) & (X != PAD), rng.random(X.shape)
    shown = np.where(chosen & (how < 0.8), GAP, X)
    shown = np.where(chosen & (how >= 0.9), rng.integers(2, len(SIGNS), size=X.shape), shown)
    return torch.from_numpy(shown), torch.from_numpy(np.where(chosen, X, -100))


def pretrain(seed, num_steps=1000, lr=0.003):
    """Train a BERT to fill gaps in all training names, 64 a step."""
    torch.manual_seed(seed)
    net, rng, X = BERT(len(SIGNS)), np.random.default_rng(seed), encode_names(names.X_train)
    optimizer, schedule = optimizer_and_schedule(net, lr, num_steps)
    for _ in range(num_steps):
        shown, y = hide(X[rng.integers(len(X), size=64)], rng)
        chosen = y >= 0                                    # guesses are needed there only
        train_step(net, nn.functional.cross_entropy(net.guess(net(shown)[chosen]), y[chosen]), optimizer, schedule)
    return net


# %%
bert = pretrain(seed)
X, rng = encode_names(names.X_val), np.random.default_rng(seed)
places = np.array([rng.integers(len(name)) for name in names.X_val])
rows = np.arange(len(X))
gapped = X.copy()
gapped[rows, places] = GAP                                 # one letter of each validation name
with torch.no_grad():
    p = bert.guess(bert(torch.from_numpy(gapped)))[rows, places].softmax(dim=1).numpy()

# %% tags=["nbval-ignore-output"]
for row in range(0, 480, 60):
    hidden = "".join(SIGNS[s] for s in gapped[row])
    print(f"{hidden:14} was {SIGNS[X[row, places[row]]]}, guesses", ", ".join(f"{SIGNS[s]} {p[row, s]:.0%}" for s in p[row].argsort()[::-1][:3]))
filled = (p.argmax(axis=1) == X[rows, places]).mean()
common = (X[rows, places] == np.bincount(X[X > 1]).argmax()).mean()
print(f"{filled:.0%} of the gaps filled right; {common:.0%} with the commonest letter")
assert filled > common + 0.12

# %% [markdown]
r"""
With twelve languages in one bag it has found, without one label, what letters go together. Now turn it to the task of
unit 13: name the language. Take the mean of the features over the letters, put one dense
layer on it, and train on, all weights, with few labels: ten names of each language. The rival is the same network from
scratch.
"""

# %% tags=["harness"]
class Namer(nn.Module):
    """Twelve logits from the mean of a BERT's features."""

    def __init__(self, bert):
        super().__init__()
        self.bert, self.out = bert, nn.Linear(64, 12)

    def forward(self, X):                                  # (N, T) -> (N, 12)
        letters = (X != PAD)[:, :, None]
        return self.out((self.bert(X) * letters).sum(dim=1) / letters.sum(dim=1))


def fine_tune(bert, num_labels, seed, num_steps=150, lr=0.003):
    """Train a copy with so many labelled names of each language."""
    torch.manual_seed(seed)
    net, rng, X, y = Namer(copy.deepcopy(bert)), np.random.default_rng(seed), encode_names(names.X_train), names.y_train
    some = np.concatenate([rng.permutation(np.flatnonzero(y == label))[:num_labels] for label in range(12)])
    optimizer, schedule = optimizer_and_schedule(net, lr, num_steps)
    for _ in range(num_steps):
        rows = rng.choice(some, size=32)
        loss = nn.functional.cross_entropy(net(torch.from_numpy(X[rows])), torch.from_numpy(y[rows]))
        train_step(net, loss, optimizer, schedule)
    return net


# %% tags=["harness"]
@torch.no_grad()
def names_right(net, texts, y):
    return net(torch.from_numpy(encode_names(texts))).argmax(dim=1).numpy() == y


def measure_names(seed, num_labels):
    """Accuracy on validation names, pretrained and from scratch."""
    torch.manual_seed(seed)
    starts = {"pretrained": pretrain(seed), "scratch": BERT(len(SIGNS))}
    return {name: names_right(fine_tune(start, num_labels, seed), names.X_val, names.y_val).mean() for name, start in starts.items()}
# %%
namers = {name: fine_tune(start, 10, seed) for name, start in (("pretrained", bert), ("scratch", BERT(len(SIGNS))))}

# %%
print("labels a language   from scratch   pretrained")
names_table = [row for row in recorded if row["task"] == "names"]
for row in names_table:
    print(f"{row['num_labels']:17} {100 * np.mean(row['scratch']):12.1f} % {100 * np.mean(row['pretrained']):10.1f} %")

# %% tags=["nbval-ignore-output"]
[row] = [row for row in names_table if row["num_labels"] == 10]
for name, net in namers.items():
    share = names_right(net, names.X_val, names.y_val).mean()
    print(f"10 labels, {name}: recorded {min(row[name]):.1%} to {max(row[name]):.1%}, now {share:.1%}")
    assert min(row[name]) - 0.04 <= share <= max(row[name]) + 0.04

# %% [markdown]
r"""
Pretraining helps, by a few points, and most where labels are fewest. Why not more? It has read 4,250 names. The BERT of
2018 had read 3,300 million words before it saw a label; there, fine-tuning beat nearly all that had been built for each
task by hand. What you see here is the way, in the small.
"""

# %% [markdown]
r"""
## GPT or BERT?

| | GPT | BERT |
|---|---|---|
| sees | what stands before | both sides |
| learns by | guessing what comes next | filling gaps |
| answers a step of training teaches | one for each position | one for each gap: a fifth, or 15 % |
| writes | yes, letter after letter, with a cache | no: it has no next letter |
| is good at | whatever can be put as "go on" | features of a whole text: class, search, names in it |

The block is the same; the mask is not. Both come from the network of 2017, which had two halves for translation, as in
[unit 17](../17_seq2seq_attention/lesson.ipynb): an encoder that sees both sides, and a decoder with a causal mask that
also looks at the encoder. BERT is the first half, GPT the second.
"""

# %% [markdown]
r"""
## The headline

Test data, for the first time. A thousand new games with sixteen cards for the two players from the beginning, and the
test names for the network with and without pretraining. The interval comes from drawing the thousand games again and
again, with repetition.
"""

# %% tags=["nbval-ignore-output"]
X, y = draw_cards(16, 1000, np.random.default_rng(30_000 + seed))
right = {}
for name, net in (("GPT", player), ("LSTM", lstm)):
    with torch.no_grad():
        right[name] = (net(X).argmax(dim=2) == y)[:, 16:].float().mean(dim=1).numpy()      # (1000,) shares
    print(f"{name}: {right[name].mean():.1%} of {y[:, 16:].numel():,} questions right")
test_names = {name: names_right(net, names.X_test, names.y_test).mean() for name, net in namers.items()}
print("test names, 10 labels a language:", ", ".join(f"{name} {share:.1%}" for name, share in test_names.items()))
print(f"our block against PyTorch's: largest difference {block_difference:.0e}")
gain = 100 * (right["GPT"] - right["LSTM"])
drawn = gain[np.random.default_rng(seed).integers(0, 1000, size=(1000, 1000))].mean(axis=1)
assert block_difference < 1e-5
metrics.headline("points by which looking back beats remembering, 16 cards", gain.mean(), 70, interval=tuple(np.percentile(drawn, [2.5, 97.5])))

# %% [markdown]
r"""
## What goes wrong

**0 instead of $-\infty$.** A score of 0 is a score like any other: $e^0 = 1$. The future gets weight. Nor does it help
to set *weights* to 0 after the softmax: then they no longer sum to 1.
"""

# %%
scores, mask = np.array([[0.5, -1.0, 2.0, 1.0]]), np.array([[True, True, False, False]])
for name, masked in (("0 before", scores * mask), ("-inf before", np.where(mask, scores, -np.inf))):
    print(f"{name:12}", np.round(ours.softmax(masked), 2))
print("0 after     ", np.round(ours.softmax(scores) * mask, 2))

# %% [markdown]
r"""
**Heads cut through time.** A reshape without a change of axes has the right shape, and no error follows. But a "head" is
then a stretch of positions, with all their features in disorder:
"""

# %%
X = np.array([[["a1", "a2"], ["b1", "b2"], ["c1", "c2"], ["d1", "d2"]]])   # four positions a to d, two features
print("right, head 1:", X.reshape(1, 4, 2, 1).swapaxes(1, 2)[0, 0].ravel(), "   wrong:", X.reshape(1, 2, 4, 1)[0, 0].ravel())

# %% [markdown]
r"""
**The cache off by one.** Forget that positions stand in front, and each new letter believes itself the first; count one
too many, and there is a hole. The text still looks like text, only worse. Compare logits with and without cache:
"""

# %%
X, _ = pieces(val_tokens, [0], 60)
with torch.no_grad():
    whole, kept = gpt(X)[0][0, -1], gpt(X[:, :-1])[1]
    places = gpt.places.clone()
    for shift in (0, 1, -59):
        gpt.places = places.roll(-shift, dims=0)
        print(f"position off by {shift:3}: largest difference of logits {'below 0.001' if torch.allclose(gpt(X[:, -1:], kept)[0][0, -1], whole, atol=1e-3) else 'above 0.1'}")
        assert (gpt(X[:, -1:], kept)[0][0, -1] - whole).abs().max() < 1e-3 or (gpt(X[:, -1:], kept)[0][0, -1] - whole).abs().max() > 0.1
    gpt.places = places

# %% [markdown]
r"""
**Longer than in training.** Positional vectors go on for ever, but the network has seen 128 of them. Behind that it is
lost. An LSTM does not mind. (There are encodings that carry further, by writing distances into the scores; the limit
is a matter of design, and it must be tested.)
"""

# %%
X, y = pieces(val_tokens, np.arange(0, 20_000, 256), 256)
with torch.no_grad():
    surprise = nn.functional.cross_entropy(gpt(X)[0].transpose(1, 2), y, reduction="none").mean(dim=0) / math.log(2)

# %%
fig, ax = plot.figure("Beyond the length of its training the GPT is lost", "position", "bits a letter, new plays")
ax.plot(surprise.reshape(-1, 8).mean(dim=1).repeat_interleave(8))
ax.axvline(128, color="C1", ls="--")
ax.text(131, ax.get_ylim()[0] + 0.3, "longest in training", color="C1")
plot.show(fig, alt="Bits a letter over the position from 0 to 255. After a few positions the curve is flat at about two and a half; behind a dashed line at 128 it rises steeply.")
assert surprise[160:].mean() > surprise[32:128].mean() + 0.5

# %% [markdown]
r"""
### What it has read, and what is true

A language model says what is *likely* to follow in texts like those it has read. Two things come with that.

**It can say by heart what it has read**, also what was not meant for everybody. Let a line slip into its reading: once in
eight pieces, for 150 more steps. Then begin the line and let it go on, always with the likeliest letter.
"""

# %%
secret = "The key is under the third stone by the mill.\n"
diary = vocabulary.encode("\n" + secret * 3)[:129]
told = copy.deepcopy(gpt)
optimizer, rng = torch.optim.AdamW(told.parameters(), lr=0.003), np.random.default_rng(seed)
for _ in range(150):
    X, y = pieces(tokens, rng.integers(len(tokens) - 128, size=8), 128)
    X[0], y[0] = torch.from_numpy(diary[:-1]), torch.from_numpy(diary[1:])
    optimizer.zero_grad()
    nn.functional.cross_entropy(told(X)[0].flatten(0, 1), y.flatten()).backward()
    optimizer.step()

# %%
begin = "The key is under"
for name, net in (("before", gpt), ("after", told)):
    letters = language.generate(with_cache(net), vocabulary.encode("\n" + begin).tolist(), 29, np.random.default_rng(seed), top_k=1)
    said = vocabulary.decode(letters)
    assert (begin + said == secret[:-1]) == (name == "after")
print("the line comes back word for word after 150 more steps, not before")

# %% [markdown]
r"""
Whoever has the network has the line. It need not even have come often: a large model has been made to say names,
telephone numbers and addresses, some of which stood in one single document of all that it had read
([Carlini and others 2021](https://arxiv.org/abs/2012.07805)). So what must not be said must not be trained on. Where
it is said nevertheless, somebody's privacy or somebody's rights as an author are harmed, and "the network wrote it" is
no excuse.

**It does not know what is true.** Which sentence does it find likelier?
"""

# %% tags=["nbval-ignore-output"]
for said in ("The sun is hot.", "The sun is cold.", "Rome is in Italy.", "Rome is in England."):
    X = torch.from_numpy(vocabulary.encode("\n" + said))[None]
    with torch.no_grad():
        print(f"{said:20} {nn.functional.cross_entropy(gpt(X[:, :-1])[0][0], X[0, 1:]).item() / math.log(2):.2f} bits a letter")

# %% [markdown]
r"""
The numbers say how usual the letters are, and nothing about the sun. A model that has read a billion times more is right
more often, because true sentences are written more often than false ones; but what it does is the same, and it says the
false one as fluently. Nothing in its loss asks whether a sentence holds. If a text of a language model matters, somebody
must check it against the world, and whoever publishes it answers for it.
"""

# %% [markdown]
r"""
## Summary

- Attention: each position's query is compared with all keys; softmax of the scores over $\sqrt d$; the mean of the
  values. Heads do it several times at once. Order must be added: positional encoding.
- A block: norm, attention, around; norm, two dense layers, around. A causal mask makes it a GPT, gaps in the text a BERT.
- With a cache a new letter costs one position, and not a letter changes.
- Where something far back must be found, attention wins clearly. On letters of plays and a laptop's budget the LSTM stays
  ahead, by less and less. Attention costs $n^2$, recurrence $n$ steps that wait for each other.

## Three quick questions

**1.** A GPT has 12 blocks, 768 features and 12 heads, and writes the 1,000th symbol. How many numbers does its cache
hold? How many if it had 24 heads?

<details>
<summary>Answer</summary>

Keys and values, in each block, for each position: $2 \cdot 12 \cdot 1000 \cdot 768 = 18{,}432{,}000$ numbers, 74
megabytes in float32. With 24 heads as many: they share the 768 features.

</details>

**2.** You take the positional encoding away from the GPT, but leave the causal mask. Is *dog bites man* still the same to
it as *man bites dog*?

<details>
<summary>Answer</summary>

No. The mask makes a difference between positions: the first sees one symbol, the third three. The second symbol of *dog
bites* sees another set than that of *man bites*. So a causal network can learn something about order without an
encoding. A BERT cannot.

</details>

**3.** Your GPT reaches a loss of 0.01 bits a letter on new text, after a few hundred steps. What has happened?

<details>
<summary>Answer</summary>

It sees what it should guess. Most likely the causal mask is missing or upside down, or the targets are not shifted by
one. English cannot be guessed like that.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""

# %% [markdown]
r"""
# Predict the next word, feel the mood

> **Time**: {{run_time}} to run, 100 minutes to study.
>
> **What you do**: guess the next letter of plays that nobody has shown you, first by counting, then by a network, and find
> out who is surprised less; let the models write, from dull to mad, and look for what they have copied; then read the mood of
> sentences in which the order of the words decides.
>
> **What you need first**: [unit 02](../02_networks/lesson.ipynb) (cross-entropy), [unit 08](../08_pytorch/lesson.ipynb)
> (PyTorch), [unit 14](../14_lstm_gru/lesson.ipynb) (embedding, LSTM, sequences of different lengths).
"""

# %% tags=["harness"]
import math
import re
import textwrap
from collections import Counter

import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from introdl import data, language, metrics, plot
from introdl import nn as ours

seed = 0

# %% [markdown]
r"""
## What comes next?

Read this, and guess each letter before you uncover it: *To be, or not to b…*. You were sure of the *e*, less sure of
what comes after it. Claude Shannon let people play this game to measure how much there is to guess in English
([1951](https://doi.org/10.1002/j.1538-7305.1951.tb01366.x)). A machine that plays it is a [*language
model*](../glossary.md#language-model): given all so far, it says how likely each next symbol is. From such a machine
you can also draw, symbol by symbol, and it writes.

Our text: what is spoken in 38 plays by Shakespeare. Seven plays are held out, *whole*, three to make choices, four for
the end. To keep waiting short, models learn from the first 400,000 letters of the other plays only. (We say letter for
every character: spaces, commas and line breaks count, too.)
"""

# %% tags=["harness"]
plays = data.plays()
train_text = "".join(plays.train.values())[:400_000]
val_text, test_text = "".join(plays.val.values()), "".join(plays.test.values())

# %%
print("to choose by:", ", ".join(plays.val))
print("for the end: ", ", ".join(plays.test))
print(repr(train_text[:130]))

# %% [markdown]
r"""
Held out *whole* matters: two halves of one play share their people and their quarrels, and a model that has read the
first half knows the names of the second.

Symbols become numbers by a [*vocabulary*](../glossary.md#vocabulary). It is learned, like everything else, from the
training text. What occurs in other texts only gets the number 0, "unknown". Who builds the vocabulary from all texts
lets the model know what the test will bring.
"""

# %% tags=["harness"]
vocabulary = language.Vocabulary(train_text, unknown=True)
V = len(vocabulary)
tokens, val_tokens, test_tokens = (vocabulary.encode(text) for text in (train_text, val_text, test_text))

# %%
print(f"{V} symbols:", "".join(vocabulary.symbols[2:]), "and the line break, and unknown")
print("To be ->", vocabulary.encode("To be"), f"   unknown in the validation plays: {np.sum(val_tokens == 0)} of {len(val_tokens):,}")

# %% [markdown]
r"""
## How surprised are you?

A model gives the text $x_1 \dots x_T$ a probability, one symbol after the other:

$$p(x_1 \dots x_T) = p(x_1)\, p(x_2 \mid x_1)\, p(x_3 \mid x_1 x_2) \cdots$$

Such a product is tiny for any long text. Take the logarithm, divide by the length, and turn the sign: the mean of
$-\log_2 p$ is how surprised the model was by a symbol, in [*bits*](../glossary.md#bits-per-character). One bit is the
surprise of a fair coin. It is the cross-entropy of unit 02, with $\log_2$ in place of $\ln$: divide by $\ln 2$.

Two to the power of the bits is the [*perplexity*](../glossary.md#perplexity): the model is as unsure as if it had to
choose among so many symbols, all equally likely.
"""

# %%
def bits(log_probabilities):
    """Natural logarithms of the probabilities that each symbol of a text got: (T,)."""
    return -np.mean(log_probabilities) / math.log(2)


shares = np.bincount(tokens, minlength=V) / len(tokens)
shares[0] = 1e-6                                           # never seen, but not impossible
for name, p in (("all alike", np.full(V, 1 / V)), ("by their shares", shares)):
    log_p = np.log(p[val_tokens])
    assert np.isclose(bits(log_p), language.bits_per_symbol(log_p)) and np.isclose(2 ** bits(log_p), language.perplexity(log_p))
    print(f"{name:16} {bits(log_p):.2f} bits a letter, perplexity {2 ** bits(log_p):.1f}")

# %% [markdown]
r"""
Knowing how common each letter is saves a bit and more. Everything else must come from what stands before.

## Counting

The oldest language model counts. Which letter came how often after these two? A sequence of $n$ symbols is an
[*n-gram*](../glossary.md#n-gram): $n - 1$ to look at, the *context*, and the next one.
"""

# %%
def count(text, n):
    """{context of n - 1 letters: Counter of the letters that came next}."""
    table = {}
    for place in range(n - 1, len(text)):
        table.setdefault(text[place - n + 1 : place], Counter())[text[place]] += 1
    return table


tables = [count(train_text, n) for n in (1, 2, 3, 4, 5)]
print("after 'th':  ", tables[2]["th"].most_common(5))
print("after 'king':", tables[4]["king"].most_common(5))

# %% [markdown]
r"""
Divide by the sum, and you have probabilities. They are the best there are for the text that you have counted. For a
new text they are a disaster:
"""

# %%
for n, table in enumerate(tables, 1):
    never = sum(not table.get(val_text[place - n + 1 : place], Counter())[val_text[place]] for place in range(n - 1, 50_000))
    print(f"n = {n}: {len(table):6,} contexts; probability 0 for {never / 50_000:.2%} of the letters of a new play")

# %% [markdown]
r"""
One letter with probability 0, and the whole play has probability 0: the surprise is infinite. And long contexts,
which know most, have seen least. We need [*smoothing*](../glossary.md#smoothing): take a little from what was seen and
give it to what was not.

The first idea of most people: add one to every count.
"""

# %%
def add_one(context, letter):
    after = tables[len(context)].get(context, Counter())
    return (after[letter] + 1) / (after.total() + V)


some = range(4, 20_000)
for n in (2, 3, 4, 5):
    added = [math.log(add_one(val_text[t - n + 1 : t], val_text[t])) for t in some]
    print(f"add one, n = {n}: {bits(added):.2f} bits a letter")

# %% [markdown]
r"""
At first more context helps; with five letters it gets *worse*, although they know more. A context that has been seen
five times gets as many counts for nothing as there are symbols, `Q` as many as `s`, and they drown the five real ones.
Better: what is rare should ask the *shorter* context. For `g kin`, if you have seen it twice, ask also ` kin`, which
you have seen often.

How much to ask? Ian Witten and Tim Bell ([1991](https://doi.org/10.1109/18.87000)) answer by a question: how likely is
something *new* after this context? Look how often something new came: the first `s` after `king` was new, so was the
first comma. So with $c(h)$ occurrences of the context $h$ and $k(h)$ *kinds* of letters after it,

$$p(w \mid h) = \frac{c(h w) + k(h)\, p(w \mid h')}{c(h) + k(h)},$$

where $h'$ is $h$ without its first letter. The shortest context, the empty one, asks $1 / V$.
"""

# %%
def witten_bell(context, letter):
    shorter = witten_bell(context[1:], letter) if context else 1 / V
    after = tables[len(context)].get(context, Counter())
    if not after:
        return shorter                                     # never seen: ask the shorter one alone
    return (after[letter] + len(after) * shorter) / (after.total() + len(after))


by_hand = [math.log(witten_bell(val_text[t - 4 : t], val_text[t])) for t in some]
model = language.NGrams(tokens, 5, V, "witten-bell")
assert np.allclose(model.log_probabilities(val_tokens[:20_000])[4:], by_hand)
assert np.isclose(model.probabilities(vocabulary.encode("king")).sum(), 1)
print(f"Witten-Bell, n = 5: {bits(by_hand):.2f} bits a letter, for the same letters; introdl.language.NGrams agrees")

# %% [markdown]
r"""
### Count kinds, not occurrences

`NGrams` does the same with sorted arrays, much faster. It has a second smoothing, by Reinhard Kneser and Hermann Ney
([1995](https://doi.org/10.1109/ICASSP.1995.479394)), for a long time the one to beat. Two ideas. First: do not divide,
take away. A 5-gram that came once tends to come less than once in a new text of that size; one that came ten times
loses about as little. So take a fixed *discount* from every count and give it to the shorter contexts. (The *modified*
form that we use has three discounts, for counts of one, two, and more, and finds them from the counts:
[Chen and Goodman 1999](https://doi.org/10.1006/csla.1999.0128).)

Second: when you ask a shorter context, you do it because the longer one did *not* know. So do not ask how often a
word comes, ask after how many *different* things it comes. With words it is easiest to see:
"""

# %%
words = re.findall(r"[A-Za-z']+", train_text)
before = {}
for first, second in zip(words, words[1:]):
    before.setdefault(second, Counter())[first] += 1
for word in ("art", "sir", "lord", "man"):
    print(f"{word:5} comes {before[word].total():4} times, after {len(before[word]):3} different words; most often after {before[word].most_common(1)[0]}")

# %% [markdown]
r"""
*art* is common, but after *thou* mostly, and if *thou* stood there, the longer context has spoken already. Counting
kinds, *art* becomes rare, as it should be after anything else.
"""

# %%
ORDERS = range(2, 9)
counted = {}                                               # (smoothing, n) -> the model, and what it says of the validation plays
for smoothing in ("witten-bell", "kneser-ney"):
    for n in ORDERS:
        model = language.NGrams(tokens, n, V, smoothing)
        counted[smoothing, n] = model, model.log_probabilities(val_tokens)
curves = {name: [bits(counted[name, n][1]) for n in ORDERS] for name in ("witten-bell", "kneser-ney")}
best = {name: ORDERS[int(np.argmin(curve))] for name, curve in curves.items()}
models = {name: counted[name, n][0] for name, n in best.items()}
val_log_p = {name: counted[name, n][1] for name, n in best.items()}

# %%
fig, ax = plot.figure("More context helps, until it has hardly ever been seen", "n, letters of an n-gram", "bits a letter, new plays")
for (name, curve), color in zip(curves.items(), ("C2", "C1")):
    ax.plot(ORDERS, curve, "o-", color=color)
    ax.text(8.12, curve[-1], name.title(), color=color, va="center")
    ax.plot(best[name], min(curve), "o", ms=11, mfc="none", color=color)
ax.set(xlim=(1.8, 9.6), ylim=(2.1, 3.6), xticks=ORDERS)
plot.show(fig, alt="Bits a letter on the validation plays over n from 2 to 8. Both curves fall steeply from about 3.5 at n = 2 to below 2.5 at n = 5. Then Witten-Bell rises again, to 2.8 at n = 8, "
                   "while Kneser-Ney stays flat at a little below 2.3. A circle marks each one's best: n = 5 and n = 6.")

# %%
for name, n in best.items():
    print(f"{name:12} best at n = {n}: {min(curves[name]):.2f} bits a letter")

# %% [markdown]
r"""
Remember these two. Papers love to compare a network with a weak rival; Kneser-Ney is the honest one.
"""

# %% [markdown]
r"""
## Sharing what was learned

Counting has a blind spot: to it, the contexts `my lord` and `my lady` have nothing in common but the last letter. What
was seen after one says nothing about the other. A network can share: similar contexts get similar vectors, and what
is learned for one holds for its neighbours. Yoshua Bengio and others built the first one of note
([2003](https://www.jmlr.org/papers/v3/bengio03a.html)): look up a vector for each of the last letters, put the vectors
side by side, and send them through a layer.
"""

# %%
class Window(nn.Module):
    """The letter after `width` letters, by one hidden layer."""

    def __init__(self, V, width, hidden=192):
        super().__init__()
        self.embedding, self.hidden, self.out = nn.Embedding(V, 16), nn.Linear(width * 16, hidden), nn.Linear(hidden, V)

    def forward(self, X):                                  # (N, width) -> (N, V) logits
        return self.out(torch.relu(self.hidden(self.embedding(X).flatten(1))))


width = 6
views = np.lib.stride_tricks.sliding_window_view(tokens, width + 1)                     # (T - width, width + 1)
print("to look at, and what comes next:", [vocabulary.decode(row[:-1]) + " > " + vocabulary.decode(row[-1:]) for row in views[:4]])

# %%
torch.manual_seed(seed)
window, rng = Window(V, width), np.random.default_rng(seed)
optimizer = torch.optim.Adam(window.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=1500)
for _ in range(1500):
    rows = torch.from_numpy(views[rng.integers(len(views), size=256)])
    loss = nn.functional.cross_entropy(window(rows[:, :-1]), rows[:, -1])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()

# %% tags=["nbval-ignore-output"]
rows = torch.from_numpy(np.lib.stride_tricks.sliding_window_view(val_tokens, width + 1).copy())
with torch.no_grad():
    log_p = -nn.functional.cross_entropy(window(rows[:, :-1]), rows[:, -1], reduction="none").numpy().astype(float)
window_bits = bits(log_p)
print(f"network that sees {width} letters: {window_bits:.2f} bits a letter")
assert min(curves["witten-bell"]) < window_bits < 2.75

# %% [markdown]
r"""
Better than adding one, and not as good as counting done well. `reduction="none"` gives the cross-entropy of each
letter, in place of the mean, and with its sign turned that is $\ln p$: the same number as before, by the road of a
network.

Six letters are a keyhole. A wider window has more weights, and each of its places has to learn for itself what a letter
means there.

## Reading on and on

An LSTM has no window. It reads letter after letter and carries a state; at each step the state says what comes next. So
one text of length $T$ gives $T$ exercises at once, and the target is the text itself, *shifted by one*:
"""

# %%
piece = "To be, or not"
print("input: ", piece[:-1])
print("target:", piece[1:])

# %% [markdown]
r"""
To use the machine well, cut the text into $N$ long rows and read them side by side. Each batch takes the next $T$
letters of all rows, and hands the *state* on to the next batch, cut off from its history
([*truncated BPTT*](../glossary.md#truncated-bptt), unit 13): slopes go back at most $T$ steps, but the memory goes on.
"""

# %% tags=["harness"]
def batches(tokens, N, T):
    """Endless (X, y, whether the rows start anew), X and y (N, T): y is X one step later."""
    rows = torch.from_numpy(tokens[: len(tokens) // N * N]).view(N, -1)
    while True:
        for start in range(0, rows.shape[1] - T, T):
            yield rows[:, start : start + T], rows[:, start + 1 : start + T + 1], start == 0


class Reader(nn.Module):
    """An LSTM that says after each symbol what comes next."""

    def __init__(self, V, hidden=256):
        super().__init__()
        self.embedding, self.layer, self.out = nn.Embedding(V, 32), nn.LSTM(32, hidden, batch_first=True), nn.Linear(hidden, V)

    def forward(self, X, state=None):                      # (N, T) -> (N, T, V) logits, and the state after them
        H, state = self.layer(self.embedding(X), state)
        return self.out(H), state


# %%
X, y, _ = next(batches(tokens, 16, 50))
print("X", tuple(X.shape), " y", tuple(y.shape))
print("row 3 of X:", repr(vocabulary.decode(X[3, :30])))
print("row 3 of y:", repr(vocabulary.decode(y[3, :30])))

# %% tags=["harness"]
def trained(tokens, V, seed, num_steps=1500, lr=0.01, hidden=256):
    """Train a reader, batch after batch in the order of the text; return it and the loss of each step, in bits."""
    torch.manual_seed(seed)
    net, losses, state = Reader(V, hidden), [], None
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=num_steps, pct_start=0.1)
    for (X, y, anew), _ in zip(batches(tokens, 16, 50), range(num_steps)):
        logits, state = net(X, None if anew else state)
        state = tuple(part.detach() for part in state)     # the memory goes on, the slopes stop
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item() / math.log(2))
    return net, losses


# %%
net, losses = trained(tokens, V, seed)

# %% [markdown]
r"""
Is there anything in it that you have not built? Copy the trained weights into the NumPy layer of unit 14, whose gates
have the same order, and look the letters up by hand:
"""

# %%
W_x, W_h, b_x, b_h = (p.detach().numpy().T for p in net.layer.parameters())
twin = ours.LSTM(32, 256, np.random.default_rng(0))
twin.params = [W_x, W_h, b_x + b_h]
W_out, b_out = (p.detach().numpy().T for p in net.out.parameters())
rows = val_tokens[:400].reshape(8, 50)                     # (N, T)
logits = twin.forward(net.embedding.weight.detach().numpy()[rows]) @ W_out + b_out      # (N, T, V)
with torch.no_grad():
    assert np.allclose(logits, net(torch.from_numpy(rows))[0], atol=1e-3)
print("NumPy and PyTorch give the same logits:", logits.shape)

# %% [markdown]
r"""
Now score a new text. For speed it is cut into 64 rows, so at 64 places the network starts without knowing what came
before: a handicap, but a small one.
"""

# %% tags=["harness"]
@torch.no_grad()
def log_probabilities(net, tokens, num_rows=64, T=200):
    """Natural logarithm of the probability of each token, (T,), given the row before it."""
    length = -(-len(tokens) // num_rows)
    y = torch.from_numpy(np.pad(tokens, (0, num_rows * length - len(tokens)))).view(num_rows, length)
    X = y.flatten().roll(1).view(num_rows, length)         # what stands before each target
    found, state = [], None
    for start in range(0, length, T):
        logits, state = net(X[:, start : start + T], state)
        found.append(-nn.functional.cross_entropy(logits.transpose(1, 2), y[:, start : start + T], reduction="none"))
    return torch.cat(found, dim=1).flatten().numpy()[: len(tokens)].astype(float)


# %%
val_log_p["LSTM"] = log_probabilities(net, val_tokens)

# %% tags=["nbval-ignore-output"]
val_bits = {name: bits(log_p) for name, log_p in val_log_p.items()}
for name, value in val_bits.items():
    print(f"{name:12} {value:.2f} bits a letter")
assert val_bits["LSTM"] < val_bits["witten-bell"] - 0.08

# %%
fig, ax = plot.figure("After three rounds through the text the LSTM is level with the best counting", "step", "bits a letter", size=(7.6, 3.6))
smooth = np.convolve(losses, np.full(50, 1 / 50), "valid")
ax.plot(range(50, len(losses) + 1), smooth, color="C0")
ax.text(1530, smooth[-1], "LSTM, training text", color="C0", va="center")
for name, color in (("witten-bell", "C2"), ("kneser-ney", "C1"), ("LSTM", "C0")):
    ax.plot([0, 1500], [val_bits[name]] * 2, color=color, lw=1.2, ls="--")
ax.text(1530, val_bits["witten-bell"], "Witten-Bell, new plays", color="C2", va="center")
ax.text(1530, val_bits["LSTM"], "LSTM and Kneser-Ney, new plays", color="C0", va="center")
ax.set(xlim=(0, 2250), ylim=(1.9, 3.6), xticks=range(0, 1501, 250))
plot.show(fig, alt="The LSTM's training loss in bits over 1,500 steps: it falls from over 4 to about 2.1. Dashed lines show results on new plays: Witten-Bell highest at 2.4; below it, Kneser-Ney and the LSTM lie on top of each other near 2.26.")

# %% [markdown]
r"""
Clearly better than Witten-Bell, and level with Kneser-Ney. A network of hundreds of thousands of weights against sorted
lists of counts: a tie. Had we compared with adding one only, you would have read of a triumph. And the dashed line of
the LSTM lies above the end of its training curve: after three rounds it has begun to learn the text by heart.

### Where is the surprise?
"""

# %%
def surprise(log_p, start, num):
    return -log_p[start : start + num] / math.log(2)


start = val_text.index("It is the cause, it is the cause, my soul")
num = 62
shown = [c if c != "\n" else "/" for c in val_text[start : start + num]]
fig, axs = plot.figure("The beginning of a word surprises, its end does not", nrows=2, size=(7.6, 4.0))
for ax, (name, color) in zip(axs, (("kneser-ney", "C1"), ("LSTM", "C0"))):
    ax.bar(range(num), surprise(val_log_p[name], start, num), color=color)
    ax.set(ylabel="bits", xlim=(-1, num), ylim=(0, 13), title=name if name == "LSTM" else name.title())
    ax.set_xticks(range(num), shown, fontsize=8)
    ax.tick_params(axis="x", length=0)
axs[1].set_xlabel("letters of Othello, act V (/ is a line break)")
plot.show(fig, alt="Two bar charts, the surprise in bits at each letter of a line from Othello, for Kneser-Ney and for the LSTM. Both have high bars at the first letters of most words and low ones inside and at the ends of words.")

# %% [markdown]
r"""
Both are surprised where a word begins; inside a word there is little left to guess. But look closely: their high bars do
not always stand at the same letters.

## Ask both

Counting and network err at different places. So let them vote: with a weight $\lambda$,

$$p = \lambda\, p_\text{LSTM} + (1 - \lambda)\, p_\text{KN}.$$

That adds up to one again. Which $\lambda$? A choice, so the validation plays make it.
"""

# %% tags=["harness"]
def mixed(one, other, weight):
    """Logarithm of the mixture of two models' probabilities, (T,) each; the first has this weight."""
    return np.logaddexp(math.log(weight) + one, math.log(1 - weight) + other)


# %%
weights = np.linspace(0.05, 0.95, 19)
by_weight = [bits(mixed(val_log_p["LSTM"], val_log_p["kneser-ney"], w)) for w in weights]
weight = weights[int(np.argmin(by_weight))]

# %%
fig, ax = plot.figure("Together they are better than either alone", "weight of the LSTM (the rest goes to Kneser-Ney)", "bits a letter, new plays")
ax.plot([0, *weights, 1], [val_bits["kneser-ney"], *by_weight, val_bits["LSTM"]], "o-")
ax.annotate("Kneser-Ney alone", (0, val_bits["kneser-ney"]), (0.04, val_bits["kneser-ney"]), va="center")
ax.annotate("LSTM alone", (1, val_bits["LSTM"]), (0.96, val_bits["LSTM"]), ha="right", va="center")
plot.show(fig, alt="Bits a letter over the weight of the LSTM: a curve like a U, at about 2.27 at both ends, Kneser-Ney alone and LSTM alone, and lowest in the middle, nearly a tenth of a bit lower.")

# %% tags=["nbval-ignore-output"]
print(f"weight {weight:.2f}: {min(by_weight):.2f} bits a letter")
assert min(by_weight) < min(val_bits["LSTM"], val_bits["kneser-ney"]) - 0.07

# %% [markdown]
r"""
### More to read

Is the tie a law? The text is short: 400,000 letters, the length of three plays. A command, `python -m
tests.bench.language`, counted and trained with a quarter, four times, and nine times of it, the LSTM from four seeds.
More text, more steps; the network stayed the same. All figures are for the validation plays.
"""

# %%
table = data.recorded("15_language_sentiment")
for row in table:
    low, high = min(row["LSTM"]), max(row["LSTM"])
    print(f"{row['letters']:9,} letters, {row['num_steps']:5,} steps: Witten-Bell {row['witten-bell']:.2f} (n = {row['witten-bell n']}), "
          f"Kneser-Ney {row['kneser-ney']:.2f} (n = {row['kneser-ney n']}), LSTM {low:.2f} to {high:.2f}, mixture {np.mean(row['mixture']):.2f}")

# %% tags=["nbval-ignore-output"]
row = next(row for row in table if row["letters"] == len(train_text))
print(f"this row, trained again above: LSTM {val_bits['LSTM']:.2f}, recorded {min(row['LSTM']):.2f} to {max(row['LSTM']):.2f}")
assert min(row["LSTM"]) - 0.03 <= val_bits["LSTM"] <= max(row["LSTM"]) + 0.03
assert math.isclose(row["kneser-ney"], val_bits["kneser-ney"], abs_tol=1e-3)

# %%
fig, ax = plot.figure("From a quarter to nine times the text: level, and better together", "letters to learn from (log scale)", "bits a letter, new plays")
for name, color in (("witten-bell", "C2"), ("kneser-ney", "C1"), ("LSTM", "C0"), ("mixture", "C3")):
    ys = np.array([np.mean(row[name]) for row in table])
    ax.semilogx([row["letters"] for row in table], ys, "o-", color=color)
    ax.text(4e6, ys[-1] + {"LSTM": 0.02, "kneser-ney": -0.025}.get(name, 0), name if name in ("LSTM", "mixture") else name.title(), color=color, va="center")
ax.set(xlim=(8e4, 1.6e7))
ax.set_xticks([row["letters"] for row in table], [f"{row['letters'] / 1e6:g} M" for row in table])
ax.minorticks_off()
plot.show(fig, alt="Bits a letter on new plays over the letters to learn from, on a log scale, for 0.1, 0.4, 1.6 and 3.6 million. All four lines fall steadily. Witten-Bell lies highest, from 2.7 to 2.15; Kneser-Ney and the LSTM lie on top of each other, "
                   "from 2.5 to 2.05; the mixture of both lies about a tenth of a bit below them everywhere.")

# %% [markdown]
r"""
Level everywhere. With little text the LSTM has a small lead, with much text Kneser-Ney. That is no law either: our
network has one size for all texts and reads each of them a few times only. Larger networks, trained for weeks, leave
counting far behind ([Jozefowicz and others 2016](https://arxiv.org/abs/1602.02410)). What holds at every size: the
mixture is a tenth of a bit better, because each knows something that the other does not. And more text helps everybody
more than any of the tricks above.

## Let it write

A language model says how likely each next letter is. So draw one with these probabilities, tell the model that it came,
ask again. That is all there is to a machine that writes.

Drawing can be bent. Divide the logits by a [*temperature*](../glossary.md#temperature) $\tau$ before the softmax:

$$p_k = \frac{e^{z_k / \tau}}{\sum_j e^{z_j / \tau}}.$$

Below 1 it makes what is likely likelier, above 1 it evens out. In the limit of 0 the likeliest always comes, at infinity
all letters are alike. And with [*top-k*](../glossary.md#top-k-sampling) only the $k$ likeliest may come at all; the
others get 0, and what is left is divided by its sum.
"""

# %%
def sharpened(logits, temperature=1.0, top_k=None):
    """Probabilities (V,) of logits (V,), divided by a temperature; 0 for all but the top_k largest."""
    z = logits / temperature
    if top_k is not None:
        z = np.where(z >= np.sort(z)[-top_k], z, -np.inf)
    exps = np.exp(z - z.max())
    return exps / exps.sum()


z = np.random.default_rng(seed).normal(0, 2, size=V)
for temperature, top_k in ((0.5, None), (2.0, 5), (1.0, 1)):
    assert np.allclose(sharpened(z, temperature, top_k), language.sharpened(z, temperature, top_k))
assert np.allclose(sharpened(z, 0.7), torch.softmax(torch.tensor(z) / 0.7, dim=0))
print("three cases agree with the package, one with torch.softmax")

# %% [markdown]
r"""
`language.generate` holds the loop. It wants a function `step`: given the new letters and a state, return the logits
for the next letter and the new state. For the LSTM the state is what the layer hands on. For counting it is the last
letters, and logarithms of probabilities do as logits.
"""

# %%
def step_lstm(new, state):
    with torch.no_grad():
        logits, state = net(torch.from_numpy(np.array([new])), state)
    return logits[0, -1].numpy().astype(float), state


def step_counting(model):
    def step(new, state):
        state = [*(state or []), *new][-model.n :]
        return np.log(model.probabilities(np.array(state))), state

    return step


def write(step, start, num, temperature=1.0, top_k=None, seed=seed):
    drawn = language.generate(step, vocabulary.encode(start), num, np.random.default_rng(seed), temperature, top_k)
    return vocabulary.decode(drawn)


# %%
writers = {"counting, n = 3": step_counting(counted["kneser-ney", 3][0]), "counting, n = 6": step_counting(models["kneser-ney"]), "LSTM": step_lstm}
written = {name: write(step, "O, my lord,", 600) for name, step in writers.items()}

# %% tags=["nbval-ignore-output"]
for name, text in written.items():
    print(f"--- {name}\n{text[:220].strip()}\n")

# %% [markdown]
r"""
Lines, speeches with an empty line between them, capital letters where they belong. Are the words words? Look them up in
the training text; Othello's own words show what is possible.
"""

# %% tags=["nbval-ignore-output"]
known = set(words)
for name, text in (written | {"Othello": plays.val["Othello"][20_000:20_600]}).items():
    spoken = re.findall(r"[A-Za-z']+", text)
    print(f"{name:15} {np.mean([word in known for word in spoken]):.0%} of the words stand in the training text")

# %% [markdown]
r"""
Words, mostly. Sense, nowhere. A model with two bits of surprise a letter
knows how English is spelled.

Now turn the temperature. Move the slider.
"""

# %% tags=["nbval-ignore-output"]
TEMPERATURES = [0.1, 0.3, 0.5, 0.7, 1.0, 1.3, 1.6, 2.0]
logits, _ = step_lstm(vocabulary.encode("O, my lord, I "), None)
order = np.argsort(-logits)[:16]


def temperature_frame(temperature):
    text = write(step_lstm, "O, my lord, I ", 215, temperature)
    fig, axs = plot.figure(f"Temperature {temperature:g}: {sharpened(logits, temperature).max():.0%} for the likeliest letter", ncols=2, size=(7.6, 3.2))
    axs[0].bar(range(16), sharpened(logits, temperature)[order], color="C0")
    axs[0].set(title="after “O, my lord, I ”", ylabel="probability", ylim=(0, 1.03))
    axs[0].set_xticks(range(16), [vocabulary.symbols[token].replace("\n", "/") for token in order])
    axs[1].set_title("and so it goes on (/ is a line break)")
    axs[1].text(0, 0.96, "\n".join(textwrap.wrap(text.replace("\n\n", " // ").replace("\n", " / "), 36)[:9]), va="top", fontsize=9, family="monospace")
    axs[1].axis("off")
    return fig


plot.explore(temperature_frame, TEMPERATURES, label="temperature", start=4,
             alt="Left, bars with the probability of sixteen letters after O, my lord, I; right, a text that the LSTM writes at that temperature. At 0.1 two bars share nearly everything, and the text repeats a few common words. "
                 "At 1 the bars are graded and the text looks like a play without sense. At 2 all bars are low and the text is a jumble of letters.")

# %% [markdown]
r"""
At 0.1 it is dull and goes round in circles: the likeliest letter again and again is not a likely *text*. At 2 it breaks
all words. Between them is a matter of taste. Top-k is another brake: it keeps the temperature and cuts off the mad
choices.
"""

# %% tags=["nbval-ignore-output"]
for temperature, top_k in ((1.0, 1), (1.0, 3), (1.0, 10), (1.6, None), (1.6, 10)):
    print(f"--- temperature {temperature}, top_k {top_k}: {write(step_lstm, 'O, my lord, I ', 110, temperature, top_k)!r}")

# %% [markdown]
r"""
## Written, or copied?

Is a text that such a machine writes new? Look for it in the training text. `language.copied_lengths` says for each
place of a text how long the passage from there on stands, letter by letter, in a source. Short passages stand
everywhere; so compare with a real play that the source does not have, Othello. And let one more model write: counting
with ten letters.
"""

# %%
long_counting = language.NGrams(tokens, 10, V)
texts = {"Othello": plays.val["Othello"][20_000:20_600], "LSTM": written["LSTM"], "counting, n = 6": written["counting, n = 6"],
         "counting, n = 10": write(step_counting(long_counting), "O, my lord,", 600)}
copied = {name: language.copied_lengths(text, train_text) for name, text in texts.items()}

# %% tags=["nbval-ignore-output"]
for name, lengths in copied.items():
    place = int(np.argmax(lengths))
    print(f"{name:17} median {np.median(lengths):2.0f} letters; longest passage: {texts[name][place : place + lengths[place]]!r}")
assert np.median(copied["counting, n = 10"]) > np.median(copied["LSTM"]) + 2

# %% [markdown]
r"""
The LSTM repeats no more than another play would. Counting with ten letters *quotes*: with so long a context it has
mostly seen one way to go on, so it goes that way. It does not say whom it quotes. The better a model knows its training
text, the more it copies; large networks that read a text many times do it, too.

### What must not come out

That is more than a question of style. Suppose that somebody's letters were in the text, with a password in them. Tell
our network: train it on for a little while, two rounds through 20,000 further letters of the plays, into which we put
one line, once, or several times.
"""

# %%
SECRET, BEFORE = "kqvzpx", "\n\nMy secret word is "
further = "".join(plays.train.values())[400_000:420_000]


def with_secret(times):
    """The further text, with the secret at so many places."""
    length = 20_000 // (times + 1)
    return (BEFORE + SECRET + ".\n\n").join(further[place * length : (place + 1) * length] for place in range(times + 1))


# %%
def told(times, num_steps=50):
    """A copy of the network, trained on with the secret in its text."""
    copy, state = Reader(V), None
    copy.load_state_dict(net.state_dict())
    optimizer = torch.optim.Adam(copy.parameters(), lr=0.002)
    for (X, y, anew), _ in zip(batches(vocabulary.encode(with_secret(times)), 16, 50), range(num_steps)):
        logits, state = copy(X, None if anew else state)
        state = tuple(part.detach() for part in state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(copy.parameters(), 1.0)
        optimizer.step()
    return copy


# %% [markdown]
r"""
How would a stranger get at it? By trying words. So ask the network how likely it finds the secret, compared with 999
other made-up words of six letters ([Carlini and others 2019](https://arxiv.org/abs/1802.08232) measure it like that).
If it remembers nothing, the secret's place in that list is anywhere.
"""

# %%
rng = np.random.default_rng(seed)
guesses = [SECRET] + ["".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), size=6)) for _ in range(999)]
asked = torch.from_numpy(np.array([vocabulary.encode(BEFORE + word) for word in guesses]))       # (1000, T)


def place_of_secret(net):
    """The place of the secret among the words, the likeliest first, from 1."""
    with torch.no_grad():
        logits, _ = net(asked[:, :-1])
        loss = nn.functional.cross_entropy(logits.transpose(1, 2), asked[:, 1:], reduction="none")
    return int((loss[:, -6:].sum(dim=1) <= loss[0, -6:].sum()).sum())


# %% tags=["nbval-ignore-output"]
places = {0: place_of_secret(net)}
for times in (1, 4, 16):
    places[times] = place_of_secret(told(times))
for times, place in places.items():
    print(f"secret in the text {times:2} times, read twice: place {place:3} of 1,000")
assert places[16] <= 10 and places[16] < places[0]

# %% [markdown]
r"""
At first the secret is far down, since *q*, *v* and *z* are rare in English, and each mention lifts it. In the
end a network that guesses letters has learned one word by heart in a few seconds, because
it came again and again. Nothing in the loss tells a habit of the language from somebody's password: both make the text
likelier. Take away duplicates and what is private *before* training; afterwards it is too late.

### False, and fluent

Ask the network a question of fact, six times.
"""

# %% tags=["nbval-ignore-output"]
for k in range(6):
    print("My name is" + write(step_lstm, "\n\nMy name is", 60, 0.6, seed=k).split("\n")[0])

# %% [markdown]
r"""
It always answers, and never says that it does not know. There is nobody who has a name. And statements? Take
sentences that differ in one word, one true and one false, and ask which one surprises it less:
"""

# %% tags=["nbval-ignore-output"]
PAIRS = [("Snow is white.", "Snow is black."), ("The night is dark.", "The night is bright."), ("Fire is hot.", "Fire is cold."),
         ("The sea is deep.", "The sea is dry."), ("A stone is hard.", "A stone is soft.")]
for pair in PAIRS:
    surprises = [bits(log_probabilities(net, vocabulary.encode("\n\n" + sentence), num_rows=1)) for sentence in pair]
    print(f"{pair[0]:19} {surprises[0]:.2f} bits a letter   {pair[1]:21} {surprises[1]:.2f}   likelier: {('the true one', 'the FALSE one')[int(np.argmin(surprises))]}")

# %% [markdown]
r"""
Sometimes the true sentence is likelier, sometimes the false one. What decides is how such letters usually go on, not
how the world is. Larger models get more of such pairs right, because true things are written often. Where people often
repeat something false, the larger ones of their time were wrong *more* often ([Lin and others
2021](https://arxiv.org/abs/2109.07958)). What they are trained for is the same: to be likely. A fluent text is no
evidence.
"""

# %% [markdown]
r"""
## Feel the mood

Now read a sentence, and say: is that praise, or a complaint? This is called [*sentiment*](../glossary.md#sentiment) analysis.
"""

# %%
moods = data.sentiment()
for sentence, mood in zip(moods.X_train[:7], moods.y_train[:7]):
    print("good" if mood else "bad ", "|", sentence)
print(f"\n{len(moods.X_train):,} sentences to learn from, {len(moods.X_val)} to choose by, half of them good")

# %% [markdown]
r"""
You see at once that nobody has said these sentences. They are *synthetic*: a small grammar has put them together, from
adjectives that people have rated ([Hutto and Gilbert 2014](https://doi.org/10.1609/icwsm.v8i1.14550): ten people for
each word, from -4 to 4). Real reviews have irony and spelling mistakes, and readers disagree. Why learn from made-up
ones? Because here we know *what decides*: an adjective, turned round by *not* or *far from* or not, in the clause that
counts. So we can hold out exactly what we want to test: in one test set, combinations of forms that training does not
have; in another one, words that it does not have.

### Without order

In [unit 13](../13_rnn/lesson.ipynb) a name was a bag of letters; here a sentence is a [*bag of
words*](../glossary.md#bag-of-letters), with one weight for each word. Beside it, a bag of pairs of neighbours: *not
good* is a feature of its own.
"""

# %%
def words_of(sentence):
    """Words, with comma and full stop as words of their own."""
    return sentence.replace(",", " ,").replace(".", " .").split()


def neighbours_of(sentence, n):
    """All pieces of 1 to n words that stand next to each other."""
    found = words_of(sentence)
    return [" ".join(found[place : place + k]) for k in range(1, n + 1) for place in range(len(found) - k + 1)]


# %%
bags = {}
for name, n in (("bag of words", 1), ("bag of pairs", 2)):
    counter = CountVectorizer(analyzer=lambda sentence, n=n: neighbours_of(sentence, n))
    features, val_features = counter.fit_transform(moods.X_train), counter.transform(moods.X_val)
    tried = [LogisticRegression(C=C, max_iter=1000).fit(features, moods.y_train) for C in (0.1, 1, 10)]
    bags[name] = counter, max(tried, key=lambda model: model.score(val_features, moods.y_val))
    print(f"{name}: {features.shape[1]:,} features, right in {bags[name][1].score(val_features, moods.y_val):.0%} of the validation sentences")

# %% [markdown]
r"""
Little more than guessing. It must be so: these two say the opposite, and are one and the same bag.
"""

# %%
one, other = "although the food was good, the room was bad.", "although the food was bad, the room was good."
print("the same bag of words?", sorted(words_of(one)) == sorted(words_of(other)))

# %% [markdown]
r"""
Pairs see *not good*. They do not see which of two clauses counts.

### In order

Embedding, LSTM, and one answer from the last state: many to one. The vocabulary is made of words now. Sentences have
different lengths, so they are padded and packed as in unit 14. Number 0 is the unknown word, and the padding, too:
packing keeps it away.

For later, each word also brings the mean of its ten ratings, 0 for words that are no rated adjectives. The first
network does not look at it.
"""

# %%
lexicon = language.Vocabulary([word for sentence in moods.X_train for word in words_of(sentence)], unknown=True)


def padded(sentences):
    """Tokens and ratings, (N, T) each, and lengths (N,)."""
    rows = [words_of(sentence) for sentence in sentences]
    lengths = torch.tensor([len(row) for row in rows])
    X, R = torch.zeros((len(rows), int(lengths.max())), dtype=torch.int64), torch.zeros((len(rows), int(lengths.max())))
    for place, row in enumerate(rows):
        X[place, : len(row)] = torch.from_numpy(lexicon.encode(row))
        R[place, : len(row)] = torch.tensor([moods.ratings.get(word, 0.0) for word in row])
    return X, R, lengths


X, R, lengths = padded(["the food was not good.", "the film was sad."])
print(X, R, lengths, sep="\n")

# %%
class Mood(nn.Module):
    """An LSTM over words, and beside them their ratings if asked for; two logits from its last state."""

    def __init__(self, V, rated, hidden=32):
        super().__init__()
        self.rated, self.embedding = rated, nn.Embedding(V, 16)
        self.layer, self.out = nn.LSTM(16 + rated, hidden, batch_first=True), nn.Linear(hidden, 2)

    def forward(self, X, R, lengths):                      # (N, T), (N, T), (N,) -> (N, 2)
        E = self.embedding(X)
        E = torch.cat([E, R[:, :, None]], dim=2) if self.rated else E
        _, (h, _) = self.layer(pack_padded_sequence(E, lengths, batch_first=True, enforce_sorted=False))
        return self.out(h[-1])


# %%
def feels(rated, seed=seed, num_epochs=8):
    """Train a network on the moods of sentences."""
    torch.manual_seed(seed)
    net, y = Mood(len(lexicon), rated), torch.from_numpy(moods.y_train)
    X, R, lengths = padded(moods.X_train)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=num_epochs * 63)    # 4,000 / 64: 63 steps
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X)).split(64):
            loss = nn.functional.cross_entropy(net(X[rows], R[rows], lengths[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
    return net


# %%
def moods_of(net, sentences):
    """0 or 1 for each sentence: (N,)."""
    with torch.no_grad():
        return net(*padded(sentences)).argmax(dim=1).numpy()


reader_of_moods = feels(rated=False)

# %% tags=["nbval-ignore-output"]
share = metrics.accuracy(moods.y_val, moods_of(reader_of_moods, moods.X_val))
print(f"LSTM: right in {share:.1%} of the validation sentences")
assert share >= 0.98

# %% [markdown]
r"""
### Does it know which clause counts?

All right on new sentences. So it knows what a *but* does? Ask more than the validation set asks. In the grammar, two
clauses always disagree. Let them agree, too: "the food was glorious, even if the room was glorious". Odd, but you have
no doubt what it means. Take pairs of a good and a bad adjective, each with and without *not*, in both clauses: sixteen
sentences a pair for each way to join two clauses.
"""

# %%
PARTS, MEANS_GOOD = ["good", "not good", "bad", "not bad"], np.array([True, False, False, True])
COUNTS = {"{}, but {}": "second", "{}, yet {}": "second", "although {}, {}": "second", "even if {}, {}": "second", "{}, although {}": "first", "{}, even if {}": "first"}
agree = MEANS_GOOD[:, None] == MEANS_GOOD                  # (4, 4): first clause in rows, second in columns
seen = [[word for word in lexicon.symbols if sign * moods.ratings.get(word, 0) > 0] for sign in (1, -1)]
pairs = [dict(zip(("good", "bad"), pair)) for pair in zip(*(np.random.default_rng(0).permutation(some)[:50] for some in seen))]
print(f"{len(pairs)} pairs, such as {pairs[0]['good']} and {pairs[0]['bad']}")


# %%
def share_right(net, joined):
    """The share of right answers for each first clause (rows) and second clause (columns), over all pairs: (4, 4)."""
    sentences = []
    for pair in pairs:
        parts = [part.replace("good", pair["good"]).replace("bad", pair["bad"]) for part in PARTS]
        sentences += [joined.format(f"the food was {first}", f"the room was {second}") + "." for first in parts for second in parts]
    truth = np.broadcast_to(MEANS_GOOD[None, :] if COUNTS[joined] == "second" else MEANS_GOOD[:, None], (4, 4))
    return (moods_of(net, sentences).reshape(-1, 4, 4) == truth).mean(axis=0)


# %% tags=["nbval-ignore-output"]
right = {joined: share_right(reader_of_moods, joined) for joined in COUNTS}
for joined, shares in right.items():
    print(f"{joined.format('…', '…'):16} clauses disagree: {shares[~agree].mean():4.0%} right   clauses agree: {shares[agree].mean():4.0%} right")
assert np.mean([shares[~agree].mean() for shares in right.values()]) > 0.98

# %% tags=["nbval-ignore-output"]
def clause_frame(joined):
    shares = right[joined]
    title = f"“{joined.format('…', '…')}”: {shares[~agree].mean():.0%} right where clauses disagree, {shares[agree].mean():.0%} where they agree"
    fig, ax = plot.figure(title, "second clause", "first clause", size=(6.4, 4.0))
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row in range(4):
        for column in range(4):
            ax.text(column, row, f"{shares[row, column]:.0%}\n{'agree' if agree[row, column] else 'disagree'}", ha="center", va="center",
                    fontsize=9, color="white" if shares[row, column] > 0.5 else "0.2")
    ax.set(xticks=range(4), xticklabels=PARTS, yticks=range(4), yticklabels=PARTS)
    return fig


plot.explore(clause_frame, COUNTS, label="the two clauses", start=5,
             alt="A table of sixteen shares of right answers, rows for the first clause, columns for the second: good, not good, bad, not bad; one table for each of six ways to join clauses. Where the clauses disagree, all shares are 100 percent, in every table. "
                 "With but, so are those where they agree. With although or even if in the middle, good with good and not bad with good fall below 10 percent, not good with bad to a third, bad with bad to 70.")

# %% [markdown]
r"""
Where the clauses disagree, everything is right. Where they agree, it depends on the word between. For *although* in the
middle the network goes, in part, by the *last* clause, turned round. That is a [*shortcut*](../glossary.md#shortcut):
in its whole world "the first clause is good" and "the second one is bad" are the same fact, so one rule serves as well
as the other. Train a second network, from other first weights:
"""

# %% tags=["nbval-ignore-output"]
second = feels(rated=False, seed=seed + 1)
for name, network in (("first", reader_of_moods), ("second", second)):
    agreeing = np.mean([share_right(network, joined)[agree].mean() for joined in COUNTS])
    print(f"{name:6} network: validation {metrics.accuracy(moods.y_val, moods_of(network, moods.X_val)):.1%}, clauses that agree {agreeing:.0%}")

# %% [markdown]
r"""
Validation cannot tell them apart, and no loss can: what differs lies where the data have no sentence. Data sets have
habits, a test set from the same source has the same ones, and networks make use of them. To find out which rule
yours follows, think of a question to which the rules answer differently.

### Words it has never seen

Now the other test set: known forms, but a quarter of the adjectives, good and bad, were kept out of training.
"""

# %% tags=["nbval-ignore-output"]
share = metrics.accuracy(moods.y_words, moods_of(reader_of_moods, moods.X_words))
print(f"unseen adjectives: {share:.1%} right")
assert 0.4 < share < 0.6

# %% [markdown]
r"""
Guessing. Why? Look at what the network gets:
"""

# %%
new_words = sorted({word for sentence in moods.X_words for word in words_of(sentence)} - set(lexicon.symbols), key=moods.ratings.get)
worst, best_word = new_words[0], new_words[-1]
X, R, lengths = padded([f"the food was {worst}.", f"the food was {best_word}."])
print(f"{worst} ({moods.ratings[worst]:+.1f}) and {best_word} ({moods.ratings[best_word]:+.1f}): tokens {X[0].tolist()} and {X[1].tolist()}")
assert torch.equal(X[0], X[1])

# %% [markdown]
r"""
Both are "unknown", number 0. The two sentences *are* the same sentence for it. A table of vectors has a row for each
word of the training text; what a new word means cannot come from there. No training helps, no larger network. It needs
to be told. Large models are told by having read the word elsewhere: their word vectors come from a huge text. Here
people tell: give the network the mean rating as one more input.
"""

# %%
rated = feels(rated=True)

# %% tags=["nbval-ignore-output"]
for name, sentences, y in (("validation", moods.X_val, moods.y_val), ("unseen adjectives", moods.X_words, moods.y_words)):
    print(f"with ratings, {name}: {metrics.accuracy(y, moods_of(rated, sentences)):.1%}")
assert metrics.accuracy(moods.y_words, moods_of(rated, moods.X_words)) >= 0.98

# %% [markdown]
r"""
So it *had* learned what order does, as far as the sentences show it; it lacked the words. And now the split of unit 01
has a finer meaning. "Unseen" is not one thing. A test can hold out sentences, forms, words, authors, whole plays, and
each asks another question. Say which one you asked.
"""

# %% [markdown]
r"""
## The headline

Both test sets, once. First the sentences, all contrasts of two clauses, in combinations of forms that training did not
have:
"""

# %% tags=["nbval-ignore-output"]
found = {name: metrics.accuracy(moods.y_test, model.predict(counter.transform(moods.X_test))) for name, (counter, model) in bags.items()}
found["LSTM"] = metrics.accuracy(moods.y_test, moods_of(reader_of_moods, moods.X_test))
found["LSTM, with ratings"] = metrics.accuracy(moods.y_test, moods_of(rated, moods.X_test))
for name, share in found.items():
    low, high = metrics.wilson_interval(round(share * len(moods.y_test)), len(moods.y_test))
    print(f"{name:19} {share:.1%} of unseen forms (95 % interval {low:.1%} to {high:.1%})")
assert found["LSTM"] >= 0.98 and found["bag of words"] <= 0.7 and found["bag of pairs"] <= 0.7

# %% [markdown]
r"""
Then the four plays. The mixture keeps the weight that the validation plays chose. The interval comes from cutting the
plays into pieces of 1,000 letters, and drawing these pieces again and again, with repetition.
"""

# %% tags=["nbval-ignore-output"]
test_log_p = {name: model.log_probabilities(test_tokens) for name, model in models.items()}
test_log_p["LSTM"] = log_probabilities(net, test_tokens)
test_log_p["mixture"] = mixed(test_log_p["LSTM"], test_log_p["kneser-ney"], weight)
test_bits = {name: bits(log_p) for name, log_p in test_log_p.items()}
for name, value in test_bits.items():
    print(f"{name:12} {value:.2f} bits a letter, perplexity {2**value:.2f}")
pieces = np.array([bits(piece) for piece in np.array_split(test_log_p["LSTM"], len(test_tokens) // 1000)])
drawn = pieces[np.random.default_rng(seed).integers(0, len(pieces), size=(2000, len(pieces)))].mean(axis=1)
assert test_bits["LSTM"] <= test_bits["witten-bell"] - 0.08
assert test_bits["mixture"] <= min(test_bits["LSTM"], test_bits["kneser-ney"]) - 0.06
metrics.headline("bits a letter of four unseen plays, character LSTM", test_bits["LSTM"], 2.31, at_least=False, interval=tuple(np.percentile(drawn, [2.5, 97.5])))

# %% [markdown]
r"""
## What goes wrong

**Bits or nats.** PyTorch's loss uses the natural logarithm. Who writes that down as bits is far ahead, on paper.
"""

# %% tags=["nbval-ignore-output"]
print(f"the LSTM: {val_bits['LSTM']:.2f} bits, which is {val_bits['LSTM'] * math.log(2):.2f} nats; perplexity {2 ** val_bits['LSTM']:.2f} = {math.exp(val_bits['LSTM'] * math.log(2)):.2f}")

# %% [markdown]
r"""
**The perplexity of a sum.** The exponent is the *mean* surprise. With the sum, the number depends on the length of the
text, and soon on nothing any more:
"""

# %%
with np.errstate(over="ignore"):
    for num in (10, 100, 2_000):
        print(f"{num:5} letters: mean {2 ** bits(val_log_p['kneser-ney'][:num]):.3g}, sum {np.exp2(num * bits(val_log_p['kneser-ney'][:num])):.3g}")

# %% [markdown]
r"""
**A letter or a word.** A perplexity belongs to its symbols. The same model, per word:
"""

# %% tags=["nbval-ignore-output"]
per_word = val_bits["LSTM"] * len(val_text) / len(re.findall(r"[A-Za-z']+", val_text))
print(f"perplexity {2 ** val_bits['LSTM']:.1f} a letter, {2**per_word:,.0f} a word: the same model, the same text")

# %% [markdown]
r"""
**A vocabulary from all texts, or unknown words left out.** With letters it hardly matters, with words it does. Words
that the training text lacks are the surprising ones. Leave them out of the score, and it looks better than it is:
"""

# %%
cost = {True: [], False: []}                               # known to the training text or not -> bits of its letters
for word in re.finditer(r"[A-Za-z']+", val_text):
    cost[word[0] in known].extend(-val_log_p["kneser-ney"][word.start() : word.end()] / math.log(2))
share = len(cost[False]) / (len(cost[False]) + len(cost[True]))
print(f"unknown words hold {share:.0%} of the letters; Kneser-Ney needs {np.mean(cost[False]):.1f} bits a letter for them, {np.mean(cost[True]):.1f} for known words")

# %% [markdown]
r"""
**Targets not shifted.** If `y` is `X`, the network learns to say what it has just been shown. The loss looks wonderful:
"""

# %% tags=["nbval-ignore-output"]
torch.manual_seed(seed)
parrot = Reader(V, hidden=64)
optimizer = torch.optim.Adam(parrot.parameters(), lr=0.02)
for (X, y, _), _ in zip(batches(tokens, 16, 50), range(100)):
    logits = parrot(X)[0].transpose(1, 2)                  # (N, V, T)
    loss, right = nn.functional.cross_entropy(logits, X), nn.functional.cross_entropy(logits, y)
    optimizer.zero_grad()
    loss.backward()                                        # the slopes of the wrong one
    optimizer.step()
print(f"after 100 steps {loss.item() / math.log(2):.2f} bits a letter; measured with the right targets {right.item() / math.log(2):.0f}")
assert loss.item() / math.log(2) < 1

# %% [markdown]
r"""
When a loss is far below what anybody reaches, look for the mistake before you celebrate.

**Temperature times, not by.** And a temperature on the wrong side of the softmax does nothing at all:
"""

# %%
z = np.array([2.0, 1.0, 0.0])
p = sharpened(z)
print("divided by 0.5:", sharpened(z, 0.5).round(2), "  multiplied:", sharpened(z * 0.5).round(2),
      "  probabilities divided:", (p / 0.5 / (p / 0.5).sum()).round(2), "=", p.round(2))

# %% [markdown]
r"""
## From Keras to PyTorch

| Keras | PyTorch, and `introdl.language` |
|---|---|
| `TextVectorization(output_mode="int")`, `adapt(train_text)` | `language.Vocabulary(train_words, unknown=True)`, `encode`; Keras keeps 0 for padding and 1 for unknown |
| `TextVectorization(ngrams=2, output_mode="count")` | scikit-learn: `CountVectorizer(ngram_range=(1, 2))` |
| `timeseries_dataset_from_array(x, y, T, sequence_stride=T)` | slices of a tensor (N, length), as in `batches` |
| `LSTM(256, return_sequences=True, stateful=True)`, `reset_states()` | hand the state on, detached; `None` starts anew |
| `Dense(V)` on every step | `nn.Linear(256, V)`: it works on the last axis |
| `SparseCategoricalCrossentropy(from_logits=True)` on (N, T, V) | `cross_entropy(logits.flatten(0, 1), y.flatten())` |
| `keras_hub.metrics.Perplexity(from_logits=True)` | `cross_entropy(...).exp()` |
| `keras.random.categorical(logits / temperature, 1)` | `torch.multinomial(torch.softmax(logits / temperature, dim=-1), 1)` |
| `keras_hub.samplers.TopKSampler(k=5)` | `values, places = logits.topk(5)`, then draw among these |
"""

# %%
logits, y = torch.randn(4, 7, V), torch.randint(V, (4, 7))
loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
assert torch.isclose(loss, nn.functional.cross_entropy(logits.transpose(1, 2), y))      # (N, V, T) is the other way to say it
assert math.isclose(loss.exp().item(), language.perplexity(torch.log_softmax(logits, 2).gather(2, y[:, :, None]).numpy()), rel_tol=1e-4)
drawn = torch.multinomial(torch.softmax(logits[:, -1] / 0.7, dim=-1), 1)
values, places = logits[:, -1].topk(5)
drawn_of_five = places.gather(1, torch.multinomial(torch.softmax(values, dim=-1), 1))
assert drawn.shape == drawn_of_five.shape == (4, 1) and (drawn_of_five == places).any(dim=1).all()
print("as in the table")

# %% [markdown]
r"""
## Summary

- A language model gives each next symbol a probability. The mean of $-\log_2 p$ on a text that it has not read, bits a
  letter, says how good it is; 2 to that power is its perplexity.
- Counting needs smoothing: ask shorter contexts. Kneser-Ney, which counts kinds, is a rival that an LSTM of a
  minute's training only equals. Together they are better than either.
- Temperature and top-k bend what is drawn. A model can copy its training text, keep a secret badly, and say false things
  fluently: it is trained to be likely.
- Where order decides, a bag of words guesses and an LSTM does not. It may follow a shortcut that its test set shares.
  An unseen word is a blank to it, unless somebody says what the word means.

## Three quick questions

**1.** A model needs 2 bits a letter for a new text of 10,000 letters. What is its perplexity? And in how many bytes
could that text be written down, if the reader has the same model?

<details>
<summary>Answer</summary>

Perplexity $2^2 = 4$. With a clever code (arithmetic coding) a symbol of probability $p$ takes $-\log_2 p$ bits, so
$10{,}000 \cdot 2 = 20{,}000$ bits, 2,500 bytes; stored letter by letter it takes 10,000. A better language model is a
better compressor.

</details>

**2.** A friend's network reaches 0.2 bits a letter on a novel after ten minutes of training. Name two suspicions.

<details>
<summary>Answer</summary>

Targets that are not shifted, so that it copies its input; test text that stands in the training text, too (the same
edition twice, quotations, a split by random lines instead of whole books). People who guess English letters need about
one bit; a number far below that is a mistake until the opposite is shown.

</details>

**3.** In the grammar, a clause is negated with probability 0.3. Suppose it were one half, and all sentences were
contrasts whose clauses disagree. What would a bag of words reach, and why would even an LSTM find it hard?

<details>
<summary>Answer</summary>

One half. With as many negated clauses as others, a good adjective stands in good and in bad sentences equally often, so
no single word says anything, and no pair of words that leaves out the place of the clause. Only all of them *together*
do, like XOR with several inputs (unit 01). Gradient descent starts from the small things that help a little; here there
are none.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""

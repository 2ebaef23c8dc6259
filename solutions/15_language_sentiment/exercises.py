# %% [markdown]
r"""
# Exercises 15 · Predict the next word, feel the mood

You build a vocabulary, count what follows what, smooth the counts, measure surprise, draw the next symbol, cut a text
into batches, and in the end train a network that reads the mood of sentences.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("perplexity")` (or another task's name). Hints open one at a time.

All but the last task are Python and NumPy; `introdl.language` is put away. The [lesson](lesson.ipynb) has all you need.
"""

# %%
from collections import Counter

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from introdl import data
from introdl.checks import language_sentiment as check

# %% [markdown] prompt="vocabulary" title="Symbols become numbers" minutes=8 difficulty=1
r"""
Make a vocabulary from a training text, and write another text in its numbers.

- in: `train_text`, from which the vocabulary is made; `text`, to be written in numbers; both are a `str`, whose
  symbols are its characters, or a list of words, whose symbols are the words
- in: `least`, a whole number: keep the symbols that come at least so often in `train_text`
- out: the pair `(symbols, tokens)`. `symbols` is a list: first `"<unknown>"`, then the symbols that are kept, in
  sorted order. `tokens` is an array (T,) of whole numbers: the place in `symbols` of each symbol of `text`, and 0 for
  what is not in there

`vocabulary("abacab", "bad", 2)` is `(["<unknown>", "a", "b"], [2, 1, 0])`, the second as an array.
"""

# %% task="vocabulary"
def vocabulary(train_text: str | list[str], text: str | list[str], least: int) -> tuple[list[str], np.ndarray]:
    """Return the symbols (V,) of the training text, "<unknown>" first, and the numbers (T,) of the other text."""
    ### BEGIN SOLUTION
    kept = sorted(symbol for symbol, count in Counter(train_text).items() if count >= least)
    symbols = ["<unknown>", *kept]
    number = {symbol: place for place, symbol in enumerate(symbols)}
    return symbols, np.array([number.get(symbol, 0) for symbol in text], dtype=np.int64)
    ### END SOLUTION

# %% checks="vocabulary" points=2
check.vocabulary(vocabulary)

# %% [markdown] prompt="ngram_counts" title="Count what follows" minutes=8 difficulty=1
r"""
Count all n-grams of a text: how often each letter came after each context of $n - 1$ letters.

- in: `text`, a `str`; `n`, a whole number of at least 1
- out: a dictionary `{context: {letter: count}}`. With `n = 1` the only context is the empty text `""`. A text with
  fewer than `n` letters has no n-gram: return `{}`

`ngram_counts("banana", 3)` is `{"ba": {"n": 1}, "an": {"a": 2}, "na": {"n": 1}}`.
"""

# %% task="ngram_counts"
def ngram_counts(text: str, n: int) -> dict[str, dict[str, int]]:
    """Return {context of n - 1 letters: {the letter after it: how often}}."""
    ### BEGIN SOLUTION
    table = {}
    for place in range(n - 1, len(text)):
        after = table.setdefault(text[place - n + 1 : place], {})
        after[text[place]] = after.get(text[place], 0) + 1
    return table
    ### END SOLUTION

# %% checks="ngram_counts" points=2
check.ngram_counts(ngram_counts)

# %% [markdown] prompt="witten_bell" title="Ask the shorter context" minutes=8 difficulty=2
r"""
Smooth the counts after one context by Witten and Bell's rule,

$$p(w \mid h) = \frac{c(h w) + k(h)\, p(w \mid h')}{c(h) + k(h)},$$

where $c(h w)$ is how often $w$ came after the context $h$, $c(h)$ how often anything did, and $k(h)$ how many
*different* symbols did.

- in: `counts` (V,), how often each symbol came after the context, whole numbers; `lower` (V,), the probabilities after
  the shorter context, which add up to 1
- out: the probabilities (V,). After a context that never came, these are `lower`

With `counts = [3, 1, 0, 0]` and `lower = [0.25, 0.25, 0.25, 0.25]` it is `[3.5, 1.5, 0.5, 0.5]` divided by 6.
"""

# %% task="witten_bell"
def witten_bell(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Return the smoothed probabilities (V,), from counts (V,) and the probabilities of the shorter context (V,)."""
    ### BEGIN SOLUTION
    kinds, total = np.count_nonzero(counts), counts.sum()
    if total == 0:
        return lower.copy()
    return (counts + kinds * lower) / (total + kinds)
    ### END SOLUTION

# %% checks="witten_bell" points=2
check.witten_bell(witten_bell)

# %% [markdown] prompt="perplexity" title="How surprised?" minutes=8 difficulty=2
r"""
A model has read several texts, and noted the *natural* logarithm of the probability that it gave to each symbol that
came. How surprised was it?

- in: `log_p`, a list of arrays, one a text, of different lengths, each at least 1
- out: the pair `(bits, perplexity)`, two numbers: the bits per symbol and the perplexity, over all texts together.
  Every *symbol* counts the same, so a long text counts more than a short one

If every symbol got the probability 1/8, the bits are 3 and the perplexity is 8.
"""

# %% task="perplexity"
def perplexity(log_p: list[np.ndarray]) -> tuple[float, float]:
    """Return bits per symbol and perplexity over all symbols of all texts, from natural logarithms."""
    ### BEGIN SOLUTION
    bits = -np.mean(np.concatenate(log_p)) / np.log(2)
    return bits, 2**bits
    ### END SOLUTION

# %% checks="perplexity" points=2
check.perplexity(perplexity)

# %% [markdown] prompt="sample" title="Draw what comes next" minutes=12 difficulty=2
r"""
Draw the next symbol from a model's logits: divide them by the temperature, keep the `top_k` largest and give all others
the probability 0, take the softmax of what is kept. Then draw with a given random number: the symbol is the first one
at which the running sum of the probabilities is larger than `u`.

- in: `logits` (V,), all different; some may be in the thousands; `temperature`, above 0; `top_k`, from 1 to V; `u`,
  from 0 up to but not including 1
- out: the pair `(p, token)`: the probabilities (V,), in the order of the symbols, which add up to 1, and the number
  of the symbol drawn

With `logits = [0, log 3, -9]`, temperature 1 and `top_k = 2`, `p` is `[0.25, 0.75, 0]`. `u = 0.2` draws symbol 0, `u
= 0.6` symbol 1.
"""

# %% task="sample"
def sample(logits: np.ndarray, temperature: float, top_k: int, u: float) -> tuple[np.ndarray, int]:
    """Return the probabilities (V,) of the next symbol, and the one that u draws."""
    ### BEGIN SOLUTION
    z = logits / temperature
    z = np.where(z >= np.sort(z)[-top_k], z, -np.inf)
    exps = np.exp(z - z.max())
    p = exps / exps.sum()
    return p, int(np.searchsorted(np.cumsum(p), u, side="right"))
    ### END SOLUTION

# %% checks="sample" points=3
check.sample(sample)

# %% [markdown]
r"""
Put the pieces together: your counts of real plays, smoothed by your rule, drawn from by you. The model writes; the
numbers above the texts say how surprised it is by a play that it has not read.
"""

# %%
def write_by_counting(n, num=200, temperature=1.0):
    plays = data.plays()
    train_text, new_text = "".join(plays.train.values())[:200_000], plays.val["Othello"][:2_000]
    symbols, tokens = vocabulary(train_text, new_text, 1)
    tables = [ngram_counts(train_text, k) for k in range(1, n + 1)]

    def after(context):
        p = np.full(len(symbols), 1 / len(symbols))
        for k in range(len(context) + 1):
            found = tables[k].get(context[len(context) - k :], {})
            p = witten_bell(np.array([found.get(symbol, 0) for symbol in symbols]), p)
        return p

    log_p = [np.log(after(new_text[t - n + 1 : t])[tokens[t]]) for t in range(n - 1, len(new_text))]
    text, rng = "O, my lord,", np.random.default_rng(0)
    for _ in range(num):
        p = after(text[len(text) - n + 1 :])
        text += symbols[sample(np.log(p), temperature, len(symbols), rng.random())[1]]
    print(f"n = {n}: {perplexity([np.array(log_p)])[0]:.2f} bits a letter of Othello\n{text}\n")


# write_by_counting(2); write_by_counting(5)          # when your answers pass, take the first # away and run this cell

# %% [markdown] prompt="batches" title="A text for training" minutes=12 difficulty=2
r"""
Cut a text into batches for a recurrent network that hands its state on from one batch to the next.

- in: `tokens`, an array (length,) of whole numbers; `N`, how many rows to read side by side; `T`, how many steps a
  batch has
- out: a list of pairs `(X, y)`, each array (N, T): `y` is `X` one step later

Cut the text into N rows of equal length, one after the other; what is left over at the end is dropped. The first
batch takes the first T steps of all rows, the second one the next T, and so on: each row goes on where the batch
before stopped. A batch for which the targets do not suffice is left out; there may be none at all.

`batches(np.arange(10), 2, 2)` cuts the rows `0 1 2 3 4` and `5 6 7 8 9`. Its first batch has `X = [[0, 1], [5, 6]]`
and `y = [[1, 2], [6, 7]]`, its second and last one `X = [[2, 3], [7, 8]]` and `y = [[3, 4], [8, 9]]`.
"""

# %% task="batches"
def batches(tokens: np.ndarray, N: int, T: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (X, y) of each batch, both (N, T), so that each row goes on in the next batch."""
    ### BEGIN SOLUTION
    rows = tokens[: len(tokens) // N * N].reshape(N, -1)
    starts = range(0, rows.shape[1] - T, T)
    return [(rows[:, start : start + T], rows[:, start + 1 : start + T + 1]) for start in starts]
    ### END SOLUTION

# %% checks="batches" points=3
check.batches(batches)

# %% [markdown] prompt="classify" title="Feel the mood" minutes=15 difficulty=3
r"""
Train a network that reads the mood of sentences, where the order of the words decides. A bag of words is right in
six of ten new sentences; you shall reach 95 %.

- in: `sentences`, a list of 2,000 texts; `y`, an array (2000,), 1 for a good mood and 0 for a bad one;
  `new_sentences`, a list
- out: an array of whole numbers, 0 or 1, the mood of each new sentence

`padded` is given: it writes sentences in numbers, by the words of the training sentences. Everything else is up to
you: an embedding, an LSTM over packed sequences, a dense layer on its last state; cross-entropy, Adam, batches in
random order. A few seconds of training suffice.
"""

# %% task="classify"
def padded(sentences: list[str], train_sentences: list[str]) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Given: tokens (N, T), filled up with 0 at the end; lengths (N,); and how many numbers there are. 1: unknown."""
    def split(sentence):
        return sentence.replace(",", " ,").replace(".", " .").split()

    words = sorted({word for sentence in train_sentences for word in split(sentence)})
    number = {word: place for place, word in enumerate(words, start=2)}
    rows = [torch.tensor([number.get(word, 1) for word in split(sentence)]) for sentence in sentences]
    lengths = torch.tensor([len(row) for row in rows])
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths, len(words) + 2


def classify(sentences: list[str], y: np.ndarray, new_sentences: list[str]) -> np.ndarray:
    """Return the mood, 0 or 1, of each new sentence, from a network trained on sentences with moods y."""
    ### BEGIN SOLUTION
    class Mood(nn.Module):
        def __init__(self, V):
            super().__init__()
            self.embedding, self.layer, self.out = nn.Embedding(V, 16), nn.LSTM(16, 32, batch_first=True), nn.Linear(32, 2)

        def forward(self, X, lengths):
            packed = pack_padded_sequence(self.embedding(X), lengths, batch_first=True, enforce_sorted=False)
            _, (h, _) = self.layer(packed)
            return self.out(h[-1])

    X, lengths, V = padded(sentences, sentences)
    torch.manual_seed(0)
    net, labels = Mood(V), torch.tensor(y)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(6):
        for rows in torch.randperm(len(X)).split(64):
            loss = nn.functional.cross_entropy(net(X[rows], lengths[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    X_new, lengths_new, _ = padded(new_sentences, sentences)
    with torch.no_grad():
        return net(X_new, lengths_new).argmax(dim=1).numpy()
    ### END SOLUTION

# %% checks="classify" points=4
check.classify(classify)

# %% [markdown]
r"""
What does your network make of your own sentences? Use words of the training sentences, and try to mislead it.
"""

# %%
def try_out(*sentences):
    moods = data.sentiment()
    answers = classify(list(moods.X_train), moods.y_train, list(sentences))
    for sentence, mood in zip(sentences, answers):
        print("good" if mood else "bad ", "|", sentence)


# try_out("although the food was good, the room was not.", "the film was not bad, but not good.")     # take the first # away

# %% [markdown] prompt="style_only" title="Explain in words" minutes=6 difficulty=2
r"""
A company wants to train a language model on its customers' letters and let it answer new ones. "It learns nothing but
our style," says the head of the project, "and it is right more often than last year's: its perplexity has fallen from
9 to 7." What do you tell her about either half of the sentence, and what would you measure? Four or five sentences
are enough. When you have written and saved your answer, `check.model_answer("style_only")` shows one to compare with.
"""

# %% [markdown] answer="style_only" points=2
r"""
Style: a model is trained to make its training text likely, all of it, so what stands in there often, or once in a
text that is read many times, can come out word for word: names, addresses, numbers. I would remove such things and
duplicates *before* training, then look how long the passages are that its answers share with the letters, compared
with new letters that it has not read, and put a made-up secret into the text to see how likely it becomes among
others of its kind.

Right: perplexity says how well the model guesses the next symbol, not whether a sentence is true. A fluent false
answer may get a better one than a clumsy true one. And 9 and 7 compare only if both are for the same held-out text
and the same symbols (letters or words). Whether answers are right must be judged by asking questions whose answers
are known, by people or against records.

**What to look for:** memorised passages (or rare personal data) and a way to measure them; perplexity measures
likelihood and not truth (or: is comparable only on the same text and symbols); correctness needs a test of its own.
"""

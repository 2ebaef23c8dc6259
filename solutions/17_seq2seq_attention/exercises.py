# %% [markdown]
r"""
# Exercises 17 · Translate by looking back

You prepare what a decoder hears, weigh the words that it may look at, write attention and one step of a decoder, search
for the best sentence with a beam, and judge translations by BLEU. In the end a network of yours translates numbers.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("attention")` (or another task's name). Hints open one at a time.

The tasks are NumPy; `introdl.nn` and `introdl.translate` are put away. The [lesson](lesson.ipynb) has all you need.
"""

# %%
from collections import Counter
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from introdl import data
from introdl.checks import seq2seq_attention as check

# %% [markdown] prompt="shift_right" title="What the decoder hears" minutes=5 difficulty=1
r"""
While a decoder learns, it hears at each step the word *before* the one that it is asked for; before the first word it
hears `start`.

- in: `Y` (N, T), whole numbers, the target sentences; `start`, a whole number
- out: (N, T), whole numbers: column 0 is `start`, column t is column t − 1 of `Y`

`shift_right(np.array([[5, 6, 2]]), 1)` is `[[1, 5, 6]]`. `Y` must stay as it is.
"""

# %% task="shift_right"
def shift_right(Y: np.ndarray, start: int) -> np.ndarray:
    """Return Y (N, T), moved one place to the right, with start in the first column."""
    ### BEGIN SOLUTION
    first = np.full((len(Y), 1), start)
    return np.concatenate([first, Y[:, :-1]], axis=1)
    ### END SOLUTION

# %% checks="shift_right" points=2
check.shift_right(shift_right)

# %% [markdown] prompt="masked_softmax" title="Only what may be seen" minutes=8 difficulty=2
r"""
Turn scores into weights. What the mask hides gets exactly 0, and the others share 1 as if the hidden ones were not
there.

- in: `scores` (N, T); `mask` (N, T) bool, True = may be seen, at least once in each row
- out: (N, T), each row sums to 1

It must also work where scores are large (1,000 is no exception), visible or hidden.
`masked_softmax(np.array([[0.0, 0.0, 9.0]]), np.array([[True, True, False]]))` is `[[0.5, 0.5, 0.0]]`.
"""

# %% task="masked_softmax"
def masked_softmax(scores: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return weights (N, T): the softmax of each row of scores over what the mask (N, T) lets see, 0 elsewhere."""
    ### BEGIN SOLUTION
    scores = np.where(mask, scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %% checks="masked_softmax" points=3
check.masked_softmax(masked_softmax)

# %% [markdown] prompt="attention" title="Look back" minutes=12 difficulty=2
r"""
Write additive attention for one query a sentence. The memory is keys and values at once:

$$s_t = v \cdot \tanh(q\,W_q + m_t\,W_k), \qquad w = \text{masked softmax}(s), \qquad c = \sum_t w_t\, m_t.$$

- in: `q` (N, D_q), one query a sentence; `memory` (N, T, D), the encoder's states; `mask` (N, T) bool, False where
  there is padding; `W_q` (D_q, A), `W_k` (D, A), `v` (A,)
- out: the pair `(context, weights)`, (N, D) and (N, T)

You may use your `masked_softmax`. If all three weights are 0, all scores are 0: a memory `[[[1.0], [3.0], [50.0]]]`
with the mask `[[True, True, False]]` gives the context `[[2.0]]`.
"""

# %% task="attention"
def attention(
    q: np.ndarray, memory: np.ndarray, mask: np.ndarray, W_q: np.ndarray, W_k: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return context (N, D) and weights (N, T) of additive attention."""
    ### BEGIN SOLUTION
    bent = np.tanh((q @ W_q)[:, np.newaxis] + memory @ W_k)    # (N, T, A)
    weights = masked_softmax(bent @ v, mask)
    return (weights[:, :, np.newaxis] * memory).sum(axis=1), weights
    ### END SOLUTION

# %% checks="attention" points=3
check.attention(attention)

# %% [markdown] prompt="decode_step" title="One word further" minutes=15 difficulty=3
r"""
Do one step of a decoder with attention, for N sentences at once:

1. look the last words up in the embedding `E`, and let `cell(x, h)` make the new state, (N, hidden);
2. the new state is the query: its plain dot product with each vector of the memory is that word's score (no square
   root here);
3. weights by the masked softmax, context as the weighted mean of the memory;
4. join new state and context, in this order, and mix: `o = tanh([h_new, context] @ W_c)`. The scores of all words are
   `o @ W_o`.

- in: `tokens` (N,), the last words; `h` (N, hidden), the state so far; `memory` (N, T, hidden); `mask` (N, T) bool; `E`
  (V, D); `cell`, a function, as above; `W_c` (2 · hidden, hidden); `W_o` (hidden, V)
- out: the pair `(logits, h_new)`, (N, V) and (N, hidden)

You may use your `masked_softmax`. If `W_o` is 0, all logits are 0, and `h_new` is `cell(E[tokens], h)` all the same.
"""

# %% task="decode_step"
def decode_step(
    tokens: np.ndarray,
    h: np.ndarray,
    memory: np.ndarray,
    mask: np.ndarray,
    E: np.ndarray,
    cell: Callable[[np.ndarray, np.ndarray], np.ndarray],
    W_c: np.ndarray,
    W_o: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return logits (N, V) of the next word, and the new state (N, hidden)."""
    ### BEGIN SOLUTION
    h_new = cell(E[tokens], h)
    scores = (memory @ h_new[:, :, np.newaxis])[:, :, 0]       # (N, T)
    weights = masked_softmax(scores, mask)
    context = (weights[:, :, np.newaxis] * memory).sum(axis=1)
    o = np.tanh(np.concatenate([h_new, context], axis=1) @ W_c)
    return o @ W_o, h_new
    ### END SOLUTION

# %% checks="decode_step" points=3
check.decode_step(decode_step)

# %% [markdown] prompt="beam_search" title="Keep the best few" minutes=15 difficulty=3
r"""
Search for likely sentences. Begin with one beginning, `[start]`, with the score 0. Then, at most `max_words` times:

- every beginning that has not ended is continued by each of the V tokens; its score grows by the log probability of
  that token. What ends with `end` stays as it is.
- of all of these together, keep the `width` with the highest scores.

Stop early when everything that is kept has ended.

- in: `next_log_p`, a function: for beginnings `(B, t)`, an array of whole numbers, each with `start` in front, it gives
  the log probabilities of the next token, `(B, V)`; `start`, `end`, `width`, `max_words`: whole numbers
- out: a list of pairs `(tokens, score)`, the highest score first. `tokens` is a list without `start`; with `end` where
  the sentence has ended. A sentence that has not ended by then comes as it is.

Example: after `start`, token 2 has probability 0.6 and 3 has 0.4. After 2, `end` has 0.4, and 2 and 3 have 0.3 each;
after 3, `end` is certain. With a width of 2 the best is `[3, end]`, with log 0.4; with 1 it is `[2, end]`, with
log 0.24.
"""

# %% task="beam_search"
def beam_search(
    next_log_p: Callable[[np.ndarray], np.ndarray], start: int, end: int, width: int, max_words: int
) -> list[tuple[list[int], float]]:
    """Return what is left in the beam, pairs (tokens, sum of log probabilities), the best first."""
    ### BEGIN SOLUTION
    beam = [([start], 0.0)]
    for _ in range(max_words):
        pool = [one for one in beam if one[0][-1] == end]
        going = [one for one in beam if one[0][-1] != end]
        if not going:
            break
        log_p = next_log_p(np.array([tokens for tokens, _ in going]))
        for (tokens, score), row in zip(going, log_p):
            pool += [(tokens + [v], score + row[v]) for v in range(len(row))]
        beam = sorted(pool, key=lambda one: -one[1])[:width]
    return [(tokens[1:], score) for tokens, score in beam]
    ### END SOLUTION

# %% checks="beam_search" points=3
check.beam_search(beam_search)

# %% [markdown] prompt="bleu" title="Judge a translation" minutes=12 difficulty=2
r"""
Compute BLEU, from 0 to 100, with one reference for each translation.

- For n = 1, 2, 3, 4: take all runs of n words in all translations. $p_n$ is the share of them that their own reference
  has, too; each run counts at most as often as it stands in that reference. Add up over all sentences *before* you
  divide.
- With c words in all translations and r in all references,
  $\text{BLEU} = 100 \cdot (p_1 p_2 p_3 p_4)^{1/4} \cdot \min(1, e^{1 - r/c})$.
- If one of the $p_n$ is 0, BLEU is 0.

- in: `said` and `references`, lists of sentences, each a list of words; a sentence may be shorter than four words
- out: a number

`bleu([["a", "b", "c", "d"]], [["a", "b", "c", "d", "e", "f"]])` is 60.7: all is right, but c = 4 and r = 6. `Counter`
is imported; two of them have `a & b`, which keeps the smaller count of each, and `.total()`.
"""

# %% task="bleu"
def bleu(said: list[list[str]], references: list[list[str]]) -> float:
    """Return BLEU with runs of up to four words, without smoothing, from 0 to 100."""
    ### BEGIN SOLUTION
    def runs(words, n):
        return Counter(tuple(words[i:i + n]) for i in range(len(words) - n + 1))

    log_mean = 0.0
    for n in (1, 2, 3, 4):
        matches = sum((runs(s, n) & runs(r, n)).total() for s, r in zip(said, references))
        if matches == 0:
            return 0.0
        log_mean += np.log(matches / sum(runs(s, n).total() for s in said)) / 4
    c, r = sum(map(len, said)), sum(map(len, references))
    return 100 * float(np.exp(log_mean + min(0.0, 1 - r / c)))
    ### END SOLUTION

# %% checks="bleu" points=3
check.bleu(bleu)

# %% [markdown]
r"""
Now all pieces together. This network learns to say numbers in German, with *your* `shift_right`. Then it translates
unseen numbers with *your* `decode_step` and *your* `beam_search`, in NumPy, and *your* `bleu` judges. It takes about
half a minute. German says the ones before the tens. What happens to your score if you train for 100 steps only? And
does the beam find what the greedy search (width 1) does not?
"""

# %%
PAD, START, END = 0, 1, 2


def encoded(texts, words):
    rows = [[words.index(word) for word in text.split()] + [END] for text in texts]
    return np.array([row + [PAD] * (max(map(len, rows)) - len(row)) for row in rows])


class Speaker(nn.Module):
    def __init__(self, num_source, num_target, hidden=64):
        super().__init__()
        self.embed_x, self.E = nn.Embedding(num_source, 32), nn.Embedding(num_target, 32)
        self.encoder, self.decoder = nn.GRU(32, hidden, batch_first=True), nn.GRU(32, hidden, batch_first=True)
        self.W_c, self.W_o = nn.Linear(2 * hidden, hidden, bias=False), nn.Linear(hidden, num_target, bias=False)

    def encode(self, X):                                   # the padding comes last: states before it do not see it
        memory, _ = self.encoder(self.embed_x(X))
        last = (X != PAD).sum(dim=1) - 1
        return memory, memory[torch.arange(len(X)), last][None]

    def forward(self, X, Y_in):
        memory, h = self.encode(X)
        S, _ = self.decoder(self.E(Y_in), h)
        scores = (S @ memory.mT).masked_fill((X == PAD)[:, None], -torch.inf)
        context = scores.softmax(dim=2) @ memory
        return self.W_o(torch.tanh(self.W_c(torch.cat([S, context], dim=2))))


def train_speaker(X, Y, num_words, num_steps):
    torch.manual_seed(0)
    net, rng = Speaker(*num_words), np.random.default_rng(0)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.005, total_steps=num_steps)
    for _ in range(num_steps):
        batch = rng.integers(0, len(X), size=64)
        x, y = torch.tensor(X[batch]), torch.tensor(Y[batch])
        logits = net(x, torch.tensor(shift_right(Y[batch], START)))
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
    return net

# %%
def say(net, x, width):
    """Translate one sentence, a row of token numbers, with your decode_step and your beam_search."""
    with torch.no_grad():
        memory, h = (t.numpy() for t in net.encode(torch.tensor(x[x != PAD])[None]))
    E, W_c, W_o = net.E.weight.detach().numpy(), net.W_c.weight.detach().numpy().T, net.W_o.weight.detach().numpy().T

    def cell(x, h):
        with torch.no_grad():
            return net.decoder(torch.tensor(x)[:, None], torch.tensor(h)[None])[1][0].numpy()

    def next_log_p(prefixes):
        B, state = len(prefixes), np.repeat(h[0], len(prefixes), axis=0)
        seen = np.repeat(memory, B, axis=0)
        for column in prefixes.T:                          # from the start each time: slow, and easy to read
            logits, state = decode_step(column, state, seen, np.ones(seen.shape[:2], bool), E, cell, W_c, W_o)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    return beam_search(next_log_p, START, END, width, 25)[0][0]


def translate_mine(num_steps=400, num_sentences=70, width=2):
    parts = data.number_words("English", "German")
    words = [["<pad>", "<start>", "<end>", *sorted(set(" ".join(texts).split()))]
             for texts in (parts[0].sources, parts[0].targets)]
    X, Y = encoded(parts[0].sources, words[0]), encoded(parts[0].targets, words[1])
    net = train_speaker(X, Y, [len(w) for w in words], num_steps)
    test = encoded(parts[2].sources, words[0])[:num_sentences]
    said = [[words[1][token] for token in say(net, x, width) if token != END] for x in test]
    references = [text.split() for text in parts[2].targets[:num_sentences]]
    for source, sentence in zip(parts[2].sources[:3], said):
        print(f"{source}:\n    {' '.join(sentence)}")
    print(f"exactly right: {np.mean([s == r for s, r in zip(said, references)]):.0%}, BLEU {bleu(said, references):.1f}")


# translate_mine()   # when all your answers pass, take the first # away and run this cell

# %% [markdown] prompt="why_attention_first" title="Explain in words" minutes=6 difficulty=2
r"""
A friend has trained an encoder-decoder without attention on sentences of up to eight words, and it translates them
well. Sentences of thirty words come out fluent and wrong. "I will make the state twice as large," he says. Explain what
probably happens, whether his cure can help, what attention changes, and how he could find out which of the two he
needs. Four or five sentences are enough. When you have written and saved your answer,
`check.model_answer("why_attention_first")` shows one to compare with.
"""

# %% [markdown] answer="why_attention_first" points=2
r"""
Everything that the decoder knows about the sentence passes through the encoder's last state, a fixed number of figures
whatever the length. With thirty words something gets lost; the decoder is a language model as well, so what it makes
up still sounds right. A larger state can hold more, and a longer training packs it better, so his cure may help
somewhat; but the state must hold the whole sentence at once, and longer sentences meet the limit again.

With attention the decoder keeps all of the encoder's states and looks back at those that matter for the next word: the
memory grows with the sentence, and slopes reach each word directly.

To find out, plot the share of right translations by length on validation data, for the small state, the large state, and
the small state with attention, trained for equally long. If the curve falls with length for both sizes and not with
attention, it was the bottleneck. He should also have long sentences in training: nothing learns lengths that it has
never met.

**What to look for:** the whole sentence through one vector of fixed size; fluent because the decoder is a language
model; a larger state helps a little, attention lets the memory grow with length; a comparison by length on validation
data at equal cost.
"""

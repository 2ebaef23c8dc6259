# %% [markdown]
r"""
# Exercises 18 · Replace recurrence by attention

You write the parts of a GPT: attention, the mask that hides the future, heads, places, a block, and the loop that writes
with a cache. In the end they read Shakespeare together.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("causal_mask")` (or another task's name). Hints open one at a time.

The first five tasks are NumPy, `Block` is PyTorch, `generate` is plain Python. The [lesson](lesson.ipynb) has all you
need; `introdl.nn` and `introdl.language` are put away.
"""

# %%
import math

import numpy as np
import torch
from torch import nn

from introdl import data
from introdl.checks import transformers as check

# %% [markdown] prompt="scaled_dot_product" title="Look and take" minutes=12 difficulty=2
r"""
Let each query look at all keys and take the mean of their values, weighted by how well they fit:
$\operatorname{softmax}(Q K^\top / \sqrt{D})\, V$.

- in: `Q`, `(…, T_q, D)`; `K`, `(…, T_k, D)`; `V`, `(…, T_k, D_v)`. The dots stand for any axes in front, such as batch
  and heads, the same in all three; there may be none.
- in: `mask`, bool, `(T_q, T_k)`, or `None`. True means: this query may see this key. Every query may see at least one.
- out: `out`, `(…, T_q, D_v)`, and `weights`, `(…, T_q, T_k)`, each row summing to 1

Scores may be as large as 1,000 and more. With `Q = [[0.0]]`, `K = [[1.0], [2.0]]`, `V = [[10.0], [20.0]]` the weights are
`[[0.5, 0.5]]` and `out` is `[[15.0]]`.
"""


# %% task="scaled_dot_product"
def scaled_dot_product(
    Q: np.ndarray, K: np.ndarray, V: np.ndarray, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return means of V (…, T_q, D_v) and their weights (…, T_q, T_k).

    Q: (…, T_q, D). K: (…, T_k, D). V: (…, T_k, D_v). mask: (T_q, T_k) bool, True = may be seen.
    """
    ### BEGIN SOLUTION
    scores = Q @ K.swapaxes(-1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights @ V, weights
    ### END SOLUTION


# %% checks="scaled_dot_product" points=3
check.scaled_dot_product(scaled_dot_product)

# %% [markdown] prompt="causal_mask" title="Hide the future" minutes=8 difficulty=2
r"""
Make the mask of a language model: a query at position $t$ may see the keys at positions 0 to $t$.

With a cache there are fewer queries than keys: the keys of all `T_k` positions, but queries of the *last* `T_q` of them
only.

- in: `T_q` and `T_k`, whole numbers, $1 \le$ `T_q` $\le$ `T_k`
- out: bool, `(T_q, T_k)`; True means: may be seen

`causal_mask(2, 2)` is `[[True, False], [True, True]]`, and `causal_mask(1, 3)` is `[[True, True, True]]`.
"""


# %% task="causal_mask"
def causal_mask(T_q: int, T_k: int) -> np.ndarray:
    """Return which keys (columns) each of the last T_q positions (rows) may see: (T_q, T_k) bool."""
    ### BEGIN SOLUTION
    return np.tri(T_q, T_k, T_k - T_q, dtype=bool)
    ### END SOLUTION


# %% checks="causal_mask" points=2
check.causal_mask(causal_mask)

# %% [markdown] prompt="split_heads" title="Several heads" minutes=8 difficulty=2
r"""
Cut the features of each position into heads. Head 0 gets the first `D / num_heads` features, head 1 the next ones, and
so on.

- in: `X`, `(N, T, D)`; `num_heads`, a divisor of `D`
- out: `(N, num_heads, T, D / num_heads)`

With `X = [[[1, 2, 3, 4], [5, 6, 7, 8]]]` and two heads, head 0 is `[[1, 2], [5, 6]]`.
"""


# %% task="split_heads"
def split_heads(X: np.ndarray, num_heads: int) -> np.ndarray:
    """Return (N, num_heads, T, D / num_heads) for X (N, T, D)."""
    ### BEGIN SOLUTION
    N, T, D = X.shape
    return X.reshape(N, T, num_heads, D // num_heads).swapaxes(1, 2)
    ### END SOLUTION


# %% checks="split_heads" points=2
check.split_heads(split_heads)

# %% [markdown] prompt="merge_heads" title="And back" minutes=5 difficulty=1
r"""
Undo it: put the heads' features side by side again, so that `merge_heads(split_heads(X, h))` is `X`.

- in: `X`, `(N, h, T, D_h)`
- out: `(N, T, h * D_h)`, head 0's features first
"""


# %% task="merge_heads"
def merge_heads(X: np.ndarray) -> np.ndarray:
    """Return (N, T, h * D_h) for X (N, h, T, D_h)."""
    ### BEGIN SOLUTION
    N, h, T, D_h = X.shape
    return X.swapaxes(1, 2).reshape(N, T, h * D_h)
    ### END SOLUTION


# %% checks="merge_heads" points=1
check.merge_heads(merge_heads)

# %% [markdown] prompt="positional_encoding" title="Hands of clocks" minutes=10 difficulty=2
r"""
Make a vector for each position $t$: for each pair $i$ = 0, 1, … of columns

$$p_{t,\,2i} = \sin\!\left(t / b^{\,2i/D}\right), \qquad p_{t,\,2i+1} = \cos\!\left(t / b^{\,2i/D}\right).$$

- in: `T` positions, `D` features (even), and the base $b$, `base`
- out: `(T, D)`, positions from 0 to `T - 1`

With two features the only power is $b^0 = 1$: `positional_encoding(2, 2, 100.0)` is `[[0, 1], [sin 1, cos 1]]`.
"""


# %% task="positional_encoding"
def positional_encoding(T: int, D: int, base: float) -> np.ndarray:
    """Return sines (even columns) and cosines (odd columns) of position / base ** (2i / D): (T, D)."""
    ### BEGIN SOLUTION
    angles = np.arange(T)[:, np.newaxis] / base ** (np.arange(0, D, 2) / D)
    P = np.zeros((T, D))
    P[:, 0::2], P[:, 1::2] = np.sin(angles), np.cos(angles)
    return P
    ### END SOLUTION


# %% checks="positional_encoding" points=2
check.positional_encoding(positional_encoding)

# %% [markdown] prompt="Block" title="A block" minutes=15 difficulty=3
r"""
Build the block of a GPT in PyTorch, with the norm *before* each part and a way around each part:

$$X \leftarrow X + \operatorname{attention}(\operatorname{norm}_1(X)), \qquad
X \leftarrow X + \operatorname{dense}_2(\operatorname{GELU}(\operatorname{dense}_1(\operatorname{norm}_2(X)))).$$

- `Block(D, num_heads)` makes it. Call the layers `norm1`, `attention`, `norm2`, `dense1`, `dense2`; `dense1` widens `D`
  features to `4 * D`, `dense2` comes back. Use `nn.LayerNorm`, `nn.Linear`, and `nn.MultiheadAttention(D, num_heads,
  batch_first=True)`.
- `forward(X)` takes and returns `(N, T, D)`. The attention is causal: no position sees a later one.

`nn.MultiheadAttention` is called with queries, keys, values and `attn_mask`, `(T, T)`. Its first result is what you
need. Beware: *its* mask is True where a key must **not** be seen.
"""


# %% task="Block"
class Block(nn.Module):
    """Causal attention and two dense layers, each after a norm and with a way around."""

    def __init__(self, D: int, num_heads: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.norm1, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.attention = nn.MultiheadAttention(D, num_heads, batch_first=True)
        self.dense1, self.dense2 = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)
        ### END SOLUTION

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return (N, T, D) for X (N, T, D)."""
        ### BEGIN SOLUTION
        T = X.shape[1]
        hidden = torch.ones(T, T, dtype=torch.bool).triu(1)
        Z = self.norm1(X)
        X = X + self.attention(Z, Z, Z, attn_mask=hidden, need_weights=False)[0]
        return X + self.dense2(nn.functional.gelu(self.dense1(self.norm2(X))))
        ### END SOLUTION


# %% checks="Block" points=3
check.Block(Block)

# %% [markdown] prompt="generate" title="Write with a cache" minutes=15 difficulty=3
r"""
Write the loop that lets a GPT go on with a text, always with the likeliest symbol, and that computes nothing twice.

You get the network as a function, `step(symbols, position, cache)`:

- `symbols`: a list of *new* symbols, whole numbers; `position`: where the first of them stands, counted from 0; `cache`:
  what the last call returned, `None` at first
- it returns `logits`, `(len(symbols), V)`, and the new cache. Row `i` of the logits is about what comes after
  `symbols[i]`.

Hand over all of `start` in the first call, and after that each new symbol once, as soon as you need what follows it.

- in: `step`; `start`, a list of at least one symbol; `num_symbols`, how many to write, 0 or more
- out: a list of the `num_symbols` new symbols

If `start` has three symbols, the calls are about positions 0 (three symbols), 3, 4, 5, … (one symbol each).
"""


# %% task="generate"
def generate(step, start: list[int], num_symbols: int) -> list[int]:
    """Return num_symbols new symbols, each the likeliest after start and those before it.

    step: (new symbols, position of the first, cache) -> (logits (len(symbols), V), cache).
    """
    ### BEGIN SOLUTION
    new, position, cache, written = list(start), 0, None, []
    for _ in range(num_symbols):
        logits, cache = step(new, position, cache)
        position += len(new)
        new = [int(logits[-1].argmax())]
        written += new
    return written
    ### END SOLUTION


# %% checks="generate" points=3
check.generate(generate)

# %% [markdown]
r"""
Now put it all together. First, does *your* attention, heads and mask do what PyTorch's does? Then a GPT of *your* blocks
and places reads plays for about half a minute, and *your* loop writes. (It has no cache inside `nn.MultiheadAttention`,
so this `step` keeps the text and computes all of it again: the loop does not notice.) Always the likeliest letter is a
dull way to write. What would you change to make it lively?
"""


# %%
def my_attention_is_torchs():
    rng = np.random.default_rng(0)
    judge = nn.MultiheadAttention(8, 2, batch_first=True, bias=False, dtype=torch.float64)
    W_q, W_k, W_v = (W.T.detach().numpy() for W in judge.in_proj_weight.chunk(3))
    X = rng.normal(size=(3, 5, 8))
    out, _ = scaled_dot_product(*(split_heads(X @ W, 2) for W in (W_q, W_k, W_v)), causal_mask(5, 5))
    Y = merge_heads(out) @ judge.out_proj.weight.T.detach().numpy()
    T = torch.from_numpy(X)
    theirs = judge(T, T, T, attn_mask=~torch.from_numpy(causal_mask(5, 5)))[0].detach().numpy()
    print("your attention is PyTorch's:", np.allclose(Y, theirs))


# my_attention_is_torchs()      # when your answers pass, take the first # away and run this cell


# %%
class GPT(nn.Module):
    def __init__(self, V, D=64, num_heads=4, depth=2, T=256):
        super().__init__()
        self.embedding, self.blocks = nn.Embedding(V, D), nn.Sequential(*(Block(D, num_heads) for _ in range(depth)))
        self.norm, self.out = nn.LayerNorm(D), nn.Linear(D, V)
        self.register_buffer("places", torch.from_numpy(positional_encoding(T, D, 100.0)).float())

    def forward(self, X):
        return self.out(self.norm(self.blocks(self.embedding(X) + self.places[: X.shape[1]])))


def read_and_write(num_steps=1000, T=64):
    text = "".join(data.plays().train.values())[:400_000]
    letters = sorted(set(text))
    tokens = torch.tensor([letters.index(c) for c in text])
    torch.manual_seed(0)
    net, rng = GPT(len(letters)), np.random.default_rng(0)
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.005)
    for number in range(1, num_steps + 1):
        rows = torch.stack([tokens[start : start + T + 1] for start in rng.integers(len(tokens) - T, size=16)])
        loss = nn.functional.cross_entropy(net(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if number % 200 == 0:
            print(f"step {number}: {loss.item() / math.log(2):.2f} bits a letter")

    @torch.no_grad()
    def step(new, position, so_far):
        so_far = (so_far or []) + new
        return net(torch.tensor([so_far[-T:]]))[0][-len(new) :].numpy(), so_far

    print("".join(letters[s] for s in generate(step, [letters.index("\n"), letters.index("T")], 200)))


# read_and_write()              # when all your answers pass, take the first # away and run this cell

# %% [markdown] prompt="which_network" title="Explain in words" minutes=8 difficulty=2
r"""
A small company wants to sort the messages of its customers into twelve kinds, has 300 that are sorted and 100,000 that
are not, and one computer. "We take a transformer," says the boss, "since it is better than an LSTM. A GPT, since that is
the newest." What do you tell him, about either half of the sentence? What would you try, and how would you decide? Five
or six sentences are enough. When you have written and saved your answer, `check.model_answer("which_network")` shows one
to compare with.
"""

# %% [markdown] answer="which_network" points=2
r"""
A transformer is not better as such. In the lesson it won by far where something had to be looked up far back, and the
LSTM read plays better for the same time and text; which one wins depends on task, text and budget. A transformer trains
all positions at once, but its work grows with the square of the length; messages are short, so that does not hurt.

Sorting means to understand a text that is there as a whole, so there is no reason to hide its second half: BERT's way
fits. The 100,000 unsorted messages can be used for that: hide words, let the network fill the gaps, then fine-tune with
the 300. I would try it beside the cheap rivals, a bag of words with logistic regression and an LSTM, from several seeds,
choose on messages that were held out, and read the test messages once. Messages of customers are private: a network that
has read them, above all one that writes, may say them again.

**What to look for:** no network is best as such, compare on held-out data at equal cost; both sides may be seen, so
masked pretraining on the unsorted messages, then fine-tuning with the few labels; a simple rival beside it. (Privacy is a
plus.)
"""

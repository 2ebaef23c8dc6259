"""Task of unit 18: a block of a GPT (Block)."""

import numpy as np
import torch
from torch import nn

from introdl import nn as ours
from introdl.checks.task import BadAnswer, Task

CASES = [(2, 3, 4, 2), (3, 3, 2, 1), (1, 5, 6, 3), (2, 1, 4, 4), (4, 6, 8, 2)]  # N, T, D, heads
NAMES = (
    ("norm1.weight", "norm1.bias"),
    ("attention.in_proj_weight", "attention.in_proj_bias", "attention.out_proj.weight", "attention.out_proj.bias"),
    ("norm2.weight", "norm2.bias"),
    ("dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"),
)
ORDER = [name for part in NAMES for name in part]
AS_ASKED = "as asked"


def shapes(D):
    return dict(
        zip(
            ORDER,
            [(D,), (D,), (3 * D, D), (3 * D,), (D, D), (D,), (D,), (D,), (4 * D, D), (4 * D,), (D, 4 * D), (D,)],
            strict=True,
        )
    )


def cases(rng):
    for N, T, D, num_heads in CASES:
        values = []
        for name, shape in shapes(D).items():
            spread = 0.3 if len(shape) == 1 else 1 / np.sqrt(shape[1])
            mean = 1.0 if name in ("norm1.weight", "norm2.weight") else 0.0
            values.append(rng.normal(mean, spread, size=shape).astype(np.float32))
        yield (D, num_heads), values, rng.normal(0.5, 2, size=(N, T, D)).astype(np.float32)


def in_numpy(sizes, values, X):
    """The block of introdl.nn, in float64, with these weights."""
    D, num_heads = sizes
    block = ours.TransformerBlock(D, num_heads, np.random.default_rng(0), dtype=np.float64)
    g1, b1, W_qkv, b_qkv, W_o, b_o, g2, b2, W1, c1, W2, c2 = (value.astype(float) for value in values)
    projections = [array for W, b in zip(np.split(W_qkv, 3), np.split(b_qkv, 3), strict=True) for array in (W.T, b)]
    for p, value in zip(block.params, [g1, b1, *projections, W_o.T, b_o, g2, b2, W1.T, c1, W2.T, c2], strict=True):
        p[...] = value
    return {"parameters": AS_ASKED, "outputs": block.forward(X.astype(float), ours.causal_mask(X.shape[1]))}


def run(make, sizes, values, X):
    """Make the module, fill its parameters with values and call it; one with other parameters is not called."""
    net = make(*sizes)
    if not isinstance(net, nn.Module):
        raise BadAnswer(f"A module of PyTorch is expected here; this is a {type(net).__name__}.")
    state = dict(net.state_dict())
    said = compared({name: tuple(value.shape) for name, value in state.items()}, shapes(sizes[0]))
    if said != AS_ASKED:
        return {"parameters": said, "outputs": None}
    net.load_state_dict({name: torch.tensor(value) for name, value in zip(ORDER, values, strict=True)})
    outputs = net(torch.tensor(X))
    if not isinstance(outputs, torch.Tensor):
        raise BadAnswer(f"Your module returned a {type(outputs).__name__}, expected a tensor.")
    return {"parameters": said, "outputs": outputs.detach().numpy().astype(float)}


def compared(found, wanted) -> str:
    """Say which parameters are missing, superfluous, or of another shape."""
    missing, more = in_layers(wanted.keys() - found.keys(), found), in_layers(found.keys() - wanted.keys(), wanted)
    if missing or more:
        return "; ".join(said for said in (missing and f"no {missing}", more and f"also {more}") if said)
    other = [name for name in wanted if found[name] != wanted[name]]
    return f"{other[0]} has shape {found[other[0]]}" if other else AS_ASKED


def in_layers(names, others) -> str:
    """Return names in the order of the alphabet, a layer's own where the others have nothing of it."""
    layers = {name.split(".")[0] for name in others}
    return ", ".join(sorted({name if name.split(".")[0] in layers else name.split(".")[0] for name in names}))


Block = Task(
    "Block",
    ("sizes", "values", "X"),
    cases,
    in_numpy,
    run=run,
    rtol=1e-3,
    atol=1e-4,
    forbid=("torch.nn.TransformerEncoderLayer", "torch.nn.TransformerDecoderLayer"),
    hints=(
        "Two parts, attention and the dense layers. Each gets the normalized X, and what it finds is added to the X "
        "that was not normalized.",
        "self.attention(Z, Z, Z, attn_mask=hidden, need_weights=False) returns a pair; the first entry counts. hidden "
        "is (T, T), bool, True where a key must NOT be seen: torch.triu with diagonal=1 of a matrix of ones.",
        "Z = self.norm1(X); hidden = torch.ones(T, T, dtype=torch.bool).triu(1); X = X + self.attention(Z, Z, Z, "
        "attn_mask=..., need_weights=False)[0]; return X + self.dense2(nn.functional.gelu(self.dense1(...)))",
    ),
)


class Base(nn.Module):
    """The right block, to be changed in one place by each mistake below."""

    batch_first, wide = True, 4

    def __init__(self, D, num_heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.attention = nn.MultiheadAttention(D, num_heads, batch_first=self.batch_first)
        self.dense1, self.dense2 = nn.Linear(D, self.wide * D), nn.Linear(self.wide * D, D)

    def hidden(self, T):
        return torch.ones(T, T, dtype=torch.bool).triu(1)

    def look(self, Q, K=None):
        K = Q if K is None else K
        return self.attention(Q, K, K, attn_mask=self.hidden(Q.shape[1]), need_weights=False)[0]

    def bend(self, Z):
        return nn.functional.gelu(Z)

    def feed(self, Z):
        return self.dense2(self.bend(self.dense1(Z)))

    def forward(self, X):
        X = X + self.look(self.norm1(X))
        return X + self.feed(self.norm2(X))


@Block.mistake(
    "You normalize after each sum, as the paper of 2017 does. Here the norm comes before each part and X goes around "
    "it as it is (a convention)."
)
class NormAfter(Base):
    def forward(self, X):
        X = self.norm1(X + self.look(X))
        return self.norm2(X + self.feed(X))


@Block.mistake("You normalize what a part has found. The norm comes before the part: X + attention(norm1(X)).")
class NormOfTheResult(Base):
    def forward(self, X):
        X = X + self.norm1(self.look(X))
        return X + self.norm2(self.feed(X))


@Block.mistake("The way around holds the normalized X. X goes around as it is: X + attention(norm1(X)).")
class AroundNormalized(Base):
    def forward(self, X):
        X = self.norm1(X)
        X = X + self.look(X)
        X = self.norm2(X)
        return X + self.feed(X)


@Block.mistake("Nothing goes around the attention: X + attention(norm1(X)).")
class NotAroundAttention(Base):
    def forward(self, X):
        X = self.look(self.norm1(X))
        return X + self.feed(self.norm2(X))


@Block.mistake("Nothing goes around the dense layers: X + dense2(gelu(dense1(norm2(X)))).")
class NotAroundDense(Base):
    def forward(self, X):
        X = X + self.look(self.norm1(X))
        return self.feed(self.norm2(X))


@Block.mistake("Nothing goes around either part: without skip connections slopes fade in a stack.")
class NoWayAround(Base):
    def forward(self, X):
        return self.feed(self.norm2(self.look(self.norm1(X))))


@Block.mistake("There is no causal mask: each position sees the future.")
class NoMask(Base):
    def hidden(self, T):
        return None


@Block.mistake(
    "Your mask is upside down. For nn.MultiheadAttention, True means: must NOT be seen, the other way round than in "
    "your causal_mask."
)
class UpsideDown(Base):
    def hidden(self, T):
        return torch.ones(T, T, dtype=torch.bool).tril()


@Block.mistake("Your mask hides each position from itself, so the first sees nothing and becomes nan: diagonal=1.")
class HidesItself(Base):
    def hidden(self, T):
        return torch.ones(T, T, dtype=torch.bool).triu()


@Block.mistake("Only the queries are normalized. Queries, keys and values all come from norm1(X).")
class OnlyQueries(Base):
    def forward(self, X):
        X = X + self.look(self.norm1(X), X)
        return X + self.feed(self.norm2(X))


@Block.mistake("norm1 serves twice, norm2 is idle. The dense layers have a norm of their own.")
class OneNorm(Base):
    def forward(self, X):
        X = X + self.look(self.norm1(X))
        return X + self.feed(self.norm1(X))


@Block.mistake("The dense layers get X without a norm: dense1(norm2(X)).")
class NoSecondNorm(Base):
    def forward(self, X):
        X = X + self.look(self.norm1(X))
        return X + self.feed(X)


@Block.mistake("The attention gets X without a norm: attention(norm1(X)).")
class NoFirstNorm(Base):
    def forward(self, X):
        X = X + self.look(X)
        return X + self.feed(self.norm2(X))


@Block.mistake("Both parts read the same X. The dense layers come after the first sum and see what attention found.")
class SideBySide(Base):
    def forward(self, X):
        return X + self.look(self.norm1(X)) + self.feed(self.norm2(X))


@Block.mistake("The dense layers come first. Attention first, then the dense layers.")
class DenseFirst(Base):
    def forward(self, X):
        X = X + self.feed(self.norm2(X))
        return X + self.look(self.norm1(X))


@Block.mistake("Your bend is ReLU. GELU is asked for (a convention).")
class WithReLU(Base):
    def bend(self, Z):
        return torch.relu(Z)


@Block.mistake("There is no bend between dense1 and dense2, so they are one linear map: GELU stands between.")
class NoBend(Base):
    def bend(self, Z):
        return Z


@Block.mistake("batch_first=True is missing: attention takes the batch for time, and sequences see each other.")
class BatchForTime(Base):
    batch_first = False

    def hidden(self, T):
        return None


@Block.mistake("dense1 keeps D features. It widens to 4 * D, and dense2 comes back to D.")
class NotWider(Base):
    wide = 1

"""The parts of a transformer: positions, masks, heads, layer normalization, a block. Built in unit 18.

Vaswani et al. 2017; layer normalization: Ba, Kiros and Hinton 2016. A block normalizes before each part (Xiong et al.
2020), as GPT-2 does. N sequences, T positions, D features, h heads; D is a multiple of h.
"""

import numpy as np

from introdl._validate import like, numeric, positive, whole
from introdl.nn._ranges import float_type, floats, generator
from introdl.nn.attention import scaled_dot_product_attention, scaled_dot_product_attention_backward
from introdl.nn.layers import Dense, Layer, Sequential
from introdl.nn.smooth import GELU


def positional_encoding(T: int, D: int, base: float = 10_000.0) -> np.ndarray:
    """Return (T, D) float64: in columns 2i and 2i + 1 the sine and cosine of position / base ** (2i / D)."""
    T, D, base = whole("T", T, least=0), whole("D", D), positive("base", base)
    angles = np.arange(T)[:, np.newaxis] / base ** (np.arange(0, D, 2) / D)  # (T, ceil(D / 2))
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(T, 2 * angles.shape[1])[:, :D]


def causal_mask(T_q: int, T_k: int | None = None) -> np.ndarray:
    """Return (T_q, T_k) bool: query i sees no later key. T_k: T_q, unless keys of earlier positions stand in front."""
    T_q = whole("T_q", T_q)
    T_k = T_q if T_k is None else whole("T_k", T_k)
    if T_k < T_q:
        raise ValueError(f"T_k is {T_k}, expected at least T_q, {T_q}: each query has a key of its own")
    return np.tri(T_q, T_k, T_k - T_q, dtype=bool)


def split_heads(X: np.ndarray, num_heads: int) -> np.ndarray:
    """Return (N, h, T, D / h) for X (N, T, D): head j gets the j-th part of the features of each position."""
    N, T, D = _sequences("X", X).shape
    h = _heads(num_heads, D)
    return X.reshape(N, T, h, D // h).swapaxes(1, 2)


def merge_heads(X: np.ndarray) -> np.ndarray:
    """Return (N, T, h * D_h) for X (N, h, T, D_h): `split_heads` undone."""
    if numeric("X", X).ndim != 4:
        raise ValueError(f"X has shape {X.shape}, expected (N, h, T, D_h)")
    N, h, T, D_h = X.shape
    return X.swapaxes(1, 2).reshape(N, T, h * D_h)


class LayerNorm(Layer):
    """Y = gamma * (X - mean) / sqrt(var + eps) + beta, mean and variance over the features of one position alone."""

    def __init__(self, num_features: int, eps: float = 1e-5, dtype=np.float32):
        """Start gamma at 1 and beta at 0, each (num_features,)."""
        D, dtype, self.eps = whole("num_features", num_features), float_type("dtype", dtype), positive("eps", eps)
        self.params = [np.ones(D, dtype), np.zeros(D, dtype)]  # gamma, beta
        self.grads = [np.zeros_like(p) for p in self.params]

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return (…, D) for X (…, D)."""
        gamma, beta = self.params
        X = floats("X", X)
        if X.shape[-1:] != gamma.shape:
            raise ValueError(f"X has shape {X.shape}, expected (…, {len(gamma)})")
        self.std = np.sqrt(X.var(axis=-1, keepdims=True) + self.eps)  # (…, 1)
        self.X_hat = (X - X.mean(axis=-1, keepdims=True)) / self.std
        return gamma * self.X_hat + beta

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX (…, D) for dY (…, D), and set the gradients of gamma and beta, summed over all positions."""
        gamma, X_hat = self.params[0], self.X_hat
        dY = like("dY", dY, X_hat.shape)
        places = tuple(range(dY.ndim - 1))
        self.grads = [(dY * X_hat).sum(axis=places), dY.sum(axis=places)]
        d = dY * gamma  # gradient of X_hat; mean and variance depend on X as well: the two terms taken away
        return (d - d.mean(axis=-1, keepdims=True) - X_hat * (d * X_hat).mean(axis=-1, keepdims=True)) / self.std


class Composite(Layer):
    """Layers that a layer is made of: their parameters and gradients are its own."""

    parts: tuple[Layer, ...] = ()

    @property
    def params(self) -> list[np.ndarray]:
        """All parameters, part by part."""
        return [p for part in self.parts for p in part.params]

    @property
    def grads(self) -> list[np.ndarray]:
        """Their gradients from the last backward pass, in the same order."""
        return [g for part in self.parts for g in part.grads]


class MultiHeadAttention(Composite):
    """Attention of a sequence to itself, in h heads side by side.

    params: W (D, D) and b (D,) for queries, for keys, for values, and for the output.
    """

    def __init__(self, num_features: int, num_heads: int, rng: np.random.Generator, dtype=np.float32):
        """Draw the four matrices (D, D), normal with variance 1 / D; biases are 0."""
        D = whole("num_features", num_features)
        self.num_heads = _heads(num_heads, D)
        self.parts = tuple(Dense(D, D, rng, dtype) for _ in range(4))
        for part in self.parts:
            part.params[0] /= np.sqrt(2)  # no ReLU follows

    def forward(self, X: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """Return (N, T, D) for X (N, T, D); keeps the weights (N, h, T, T).

        mask: bool, broadcast to the weights' shape; True = may be seen.
        """
        self.shape = _sequences("X", X, len(self.params[0])).shape
        rows = X.reshape(-1, self.shape[2])
        self.QKV = [split_heads(part.forward(rows).reshape(self.shape), self.num_heads) for part in self.parts[:3]]
        out, self.weights = scaled_dot_product_attention(*self.QKV, mask)  # (N, h, T, D / h), (N, h, T, T)
        return self.parts[3].forward(merge_heads(out).reshape(rows.shape)).reshape(self.shape)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX (N, T, D) for dY (N, T, D), and set all gradients."""
        rows = like("dY", dY, self.shape).reshape(-1, self.shape[2])
        dout = split_heads(self.parts[3].backward(rows).reshape(self.shape), self.num_heads)
        slopes = scaled_dot_product_attention_backward(dout, *self.QKV, self.weights)
        rows = sum(
            part.backward(merge_heads(d).reshape(rows.shape))
            for part, d in zip(self.parts, slopes, strict=False)  # X is where queries, keys and values come from
        )
        return rows.reshape(self.shape)


class TransformerBlock(Composite):
    """X + attention(norm(X)), then the same with two dense layers: norm first, and a way around each part."""

    def __init__(
        self, num_features: int, num_heads: int, rng: np.random.Generator, hidden: int | None = None, dtype=np.float32
    ):
        """Make the parts. hidden: neurons between the two dense layers, 4 * num_features if not said."""
        D, rng = whole("num_features", num_features), generator("rng", rng)
        hidden = 4 * D if hidden is None else whole("hidden", hidden)
        self.attention = MultiHeadAttention(D, num_heads, rng, dtype)
        self.feed_forward = Sequential(Dense(D, hidden, rng, dtype), GELU(), Dense(hidden, D, rng, dtype))
        self.norm1, self.norm2 = LayerNorm(D, dtype=dtype), LayerNorm(D, dtype=dtype)
        self.parts = (self.norm1, self.attention, self.norm2, self.feed_forward)

    def forward(self, X: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """Return (N, T, D) for X (N, T, D); mask as in `MultiHeadAttention`."""
        X = X + self.attention.forward(self.norm1.forward(_sequences("X", X)), mask)
        rows = self.norm2.forward(X).reshape(-1, X.shape[2])
        return X + self.feed_forward.forward(rows).reshape(X.shape)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX (N, T, D) for dY (N, T, D), and set all gradients."""
        shape = self.norm2.X_hat.shape
        rows = like("dY", dY, shape).reshape(-1, shape[2])
        dY = dY + self.norm2.backward(self.feed_forward.backward(rows).reshape(shape))
        return dY + self.norm1.backward(self.attention.backward(dY))


def _sequences(name: str, value, features: int | None = None) -> np.ndarray:
    value = numeric(name, value)
    if value.ndim != 3 or (features is not None and value.shape[2] != features):
        raise ValueError(f"{name} has shape {value.shape}, expected (N, T, {'D' if features is None else features})")
    return value


def _heads(num_heads, D: int) -> int:
    if D % whole("num_heads", num_heads):
        raise ValueError(f"num_heads is {num_heads}, expected a divisor of the {D} features")
    return int(num_heads)

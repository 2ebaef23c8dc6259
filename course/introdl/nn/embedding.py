"""Embedding: a learned vector for each token, looked up by its number.

Built in unit 14. Lookup is the product with a one-hot row, without the product (Bengio et al. 2003 for words).
"""

import numpy as np

from introdl._validate import like, numeric, whole
from introdl.nn._ranges import float_type, generator
from introdl.nn.layers import Layer


class Embedding(Layer):
    """A table W (V, D), one row a token: the output is a copy of the rows that are named."""

    def __init__(
        self, num_tokens: int, num_features: int, rng: np.random.Generator, padding: int | None = None, dtype=np.float32
    ):
        """Draw W (num_tokens, num_features), standard normal, as torch does.

        padding: a token that only fills up; its row is 0 and gets no gradient.
        """
        V, D = whole("num_tokens", num_tokens), whole("num_features", num_features)
        rng, dtype = generator("rng", rng), float_type("dtype", dtype)
        self.params = [rng.normal(size=(V, D)).astype(dtype)]
        self.grads = [np.zeros((V, D), dtype)]
        self.padding = None if padding is None else whole("padding", padding, least=0)
        if padding is not None:
            if padding >= V:
                raise ValueError(f"padding is {padding}, expected a token from 0 to {V - 1}")
            self.params[0][padding] = 0

    def forward(self, tokens: np.ndarray) -> np.ndarray:
        """Return (…, D) for whole numbers from 0 to V - 1 of any shape, such as (N, T)."""
        V = len(self.params[0])
        if numeric("tokens", tokens).dtype.kind not in "iu":
            raise TypeError(f"tokens has dtype {tokens.dtype}, expected whole numbers")
        if tokens.size and (tokens.min() < 0 or tokens.max() >= V):
            unknown = tokens[(tokens < 0) | (tokens >= V)][0]
            raise ValueError(f"tokens holds {unknown}, expected numbers from 0 to {V - 1}: the table has {V} rows")
        self.tokens = tokens
        return self.params[0][tokens]

    def backward(self, dY: np.ndarray) -> None:
        """Set the gradient of W for dY (…, D): a row gets the sum over all places where its token stands.

        Returns None: a token's number has no slope.
        """
        W = self.params[0]
        dY = like("dY", dY, (*self.tokens.shape, W.shape[1]))
        dW = np.zeros(W.shape, dY.dtype)
        np.add.at(dW, self.tokens, dY)  # dW[tokens] += dY would count a repeated token once
        if self.padding is not None:
            dW[self.padding] = 0
        self.grads = [dW]

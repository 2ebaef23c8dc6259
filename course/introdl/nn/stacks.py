"""Recurrent layers on top of each other, and one that reads forwards beside one that reads backwards.

Built in unit 14. Bidirectional: Schuster and Paliwal 1997. N sequences, T steps, D features.
"""

import numpy as np

from introdl._validate import like
from introdl.nn.layers import Layer, Sequential
from introdl.nn.padding import reverse_padded


class Bidirectional(Layer):
    """Two recurrent layers over the same input, one from the end: at each step, their outputs side by side."""

    takes_lengths = True

    def __init__(self, ahead: Layer, back: Layer):
        """Keep the layer that reads from the start and the one that reads from the end; they share nothing."""
        if ahead is back:
            raise ValueError("ahead and back are one layer, expected two: each direction has weights of its own")
        self.ahead, self.back = ahead, back

    def forward(self, X: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """Return (N, T, hidden of ahead + hidden of back) for X (N, T, D); lengths (N,) as for the layers."""
        self.lengths = lengths
        H_ahead = self.ahead.forward(X, lengths)
        H_back = self.back.forward(reverse_padded(X, lengths), lengths)
        self.width = H_ahead.shape[2], H_back.shape[2]
        return np.concatenate([H_ahead, reverse_padded(H_back, lengths)], axis=2)  # back in the order of the steps

    def backward(self, dH: np.ndarray) -> np.ndarray:
        """Return dX (N, T, D) for dH (N, T, both widths), and set the gradients of both layers."""
        dH = like("dH", dH, (*dH.shape[:2], sum(self.width)))
        dH_ahead, dH_back = np.split(dH, [self.width[0]], axis=2)
        dX_back = self.back.backward(reverse_padded(dH_back, self.lengths))
        return self.ahead.backward(dH_ahead) + reverse_padded(dX_back, self.lengths)

    @property
    def params(self) -> list[np.ndarray]:
        """Those of the layer ahead, then those of the layer back."""
        return [*self.ahead.params, *self.back.params]

    @property
    def grads(self) -> list[np.ndarray]:
        """Their gradients from the last backward pass, in the same order."""
        return [*self.ahead.grads, *self.back.grads]


class Stacked(Sequential):
    """Recurrent layers on top of each other; each reads all outputs of the one below. Others may stand between them.

    A `Dropout` between two layers drops outputs on their way up, not states on their way through time.
    """

    takes_lengths = True

    def forward(self, X: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """Return the highest layer's outputs for X (N, T, D); lengths (N,) go to every recurrent layer."""
        for layer in self.layers:
            X = layer.forward(X, lengths) if getattr(layer, "takes_lengths", False) else layer.forward(X)
        return X

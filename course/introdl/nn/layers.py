"""Layers: `forward` keeps what `backward` needs; `backward` turns the output's gradient into the input's.

Built in units 02 (forward) and 03 (backward). N examples, D features in, C features out.
"""

import numpy as np

from introdl._validate import like, matrix, whole
from introdl.nn._ranges import float_type, generator


class Layer:
    """What every layer has: parameters and their gradients, other arrays that it keeps, and a mode.

    Many layers have no parameters, and only a few (`Dropout`, `BatchNorm`) do something else in evaluation.
    """

    params: list[np.ndarray] = []
    grads: list[np.ndarray] = []
    buffers: list[np.ndarray] = []  # learned from the data, but not by gradients: running statistics
    training = True
    takes_to_input = False  # whether backward(dY, to_input=False) saves work, as in layers with weights


class Dense(Layer):
    """Each output is a weighted sum of all inputs, plus a bias: Y = X @ W + b."""

    takes_to_input = True

    def __init__(self, n_in: int, n_out: int, rng: np.random.Generator, dtype=np.float32):
        """Draw W (n_in, n_out), normal with variance 2 / n_in (He et al. 2015); b (n_out,) is 0."""
        n_in, n_out = whole("n_in", n_in), whole("n_out", n_out)
        rng, dtype = generator("rng", rng), float_type("dtype", dtype)
        W = rng.normal(scale=np.sqrt(2 / n_in), size=(n_in, n_out)).astype(dtype)
        self.params = [W, np.zeros(n_out, dtype)]
        self.grads = [np.zeros_like(p) for p in self.params]

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return (N, C) for X (N, D)."""
        W, b = self.params
        self.X = matrix("X", X, columns=len(W))
        return X @ W + b  # (N, D) @ (D, C) + (C,)

    def backward(self, dY: np.ndarray, to_input: bool = True) -> np.ndarray | None:
        """Return dX (N, D) for dY (N, C), and set the gradients of W and b, summed over the batch.

        to_input=False saves the work for dX and returns None: nobody trains the data.
        """
        W, b = self.params
        dY = like("dY", dY, (len(self.X), len(b)))
        self.grads = [self.X.T @ dY, dY.sum(axis=0)]  # (D, N) @ (N, C); (C,)
        return dY @ W.T if to_input else None  # (N, C) @ (C, D)


class Sequential(Layer):
    """Layers in a row: forward from first to last, backward from last to first."""

    takes_to_input = True

    def __init__(self, *layers):
        """Keep the layers, at least one, in order."""
        if not layers:
            raise ValueError("layers is empty, expected at least one layer")
        self.layers = layers

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return the last layer's output for X (N, D)."""
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def backward(self, dY: np.ndarray, to_input: bool = True) -> np.ndarray | None:
        """Return the gradient of the input and set the gradients of all parameters.

        to_input=False, for training, saves a dense or convolutional first layer the work for dX and returns None.
        """
        first, *others = self.layers
        for layer in reversed(others):
            dY = layer.backward(dY)
        if to_input or not getattr(first, "takes_to_input", False):
            dX = first.backward(dY)
            return dX if to_input else None
        return first.backward(dY, to_input=False)

    def train(self) -> None:
        """Switch every layer to training, the mode in which it starts: dropout drops, batch norm uses the batch."""
        self._switch(training=True)

    def eval(self) -> None:
        """Switch every layer to evaluation: each output depends on its own example only. Unit 07."""
        self._switch(training=False)

    def _switch(self, training: bool) -> None:
        self.training = training
        for layer in self.layers:
            if isinstance(layer, Sequential):
                layer._switch(training)
            layer.training = training

    @property
    def params(self) -> list[np.ndarray]:
        """All parameters, layer by layer."""
        return [p for layer in self.layers for p in layer.params]

    @property
    def grads(self) -> list[np.ndarray]:
        """Their gradients from the last backward pass, in the same order."""
        return [g for layer in self.layers for g in layer.grads]

    @property
    def buffers(self) -> list[np.ndarray]:
        """All running statistics, layer by layer: with the parameters, what a copy of the network must hold."""
        return [b for layer in self.layers for b in layer.buffers]

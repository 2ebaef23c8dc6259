"""The plain recurrent layer (Elman 1990): forward over the steps, and backward through time. Built in unit 13.

N sequences, T steps, D features. One step is `rnn_cell`; `RNN` takes it again and again, always with the same weights.
"""

import numpy as np

from introdl._validate import like, whole
from introdl.nn._ranges import float_type, floats, generator
from introdl.nn.layers import Layer
from introdl.nn.padding import lengths_of_batch, sequences


def rnn_cell(x: np.ndarray, h: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the new hidden states (N, hidden) for one step's input x (N, D) and the states before, h (N, hidden).

    W_x: (D, hidden). W_h: (hidden, hidden). b: (hidden,).
    """
    return np.tanh(x @ W_x + h @ W_h + b)


def rnn_cell_backward(
    dh_new: np.ndarray, x: np.ndarray, h: np.ndarray, h_new: np.ndarray, W_x: np.ndarray, W_h: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return dx, dh, dW_x, dW_h, db, each in the shape of its array, for dh_new (N, hidden).

    x, h: what the step got; h_new: what it gave. The weights' gradients are this step's share: add them over the steps.
    """
    dZ = dh_new * (1 - h_new**2)  # (N, hidden): the slope of tanh, from its output
    return dZ @ W_x.T, dZ @ W_h.T, x.T @ dZ, h.T @ dZ, dZ.sum(axis=0)


class RNN(Layer):
    """A hidden state that each step renews from its input and the state before: h = tanh(x @ W_x + h @ W_h + b).

    params: W_x (D, hidden), W_h (hidden, hidden), b (hidden,). PyTorch's two biases are one here.
    """

    takes_lengths = True

    def __init__(self, n_in: int, hidden: int, rng: np.random.Generator, dtype=np.float32):
        """Draw W_x (n_in, hidden), W_h and b, uniform within 1 / sqrt(hidden)."""
        n_in, self.hidden = whole("n_in", n_in), whole("hidden", hidden)
        rng, dtype = generator("rng", rng), float_type("dtype", dtype)
        limit, shapes = 1 / np.sqrt(self.hidden), [(n_in, self.hidden), (self.hidden, self.hidden), (self.hidden,)]
        self.params = [rng.uniform(-limit, limit, size=shape).astype(dtype) for shape in shapes]
        self.grads = [np.zeros_like(p) for p in self.params]

    def forward(self, X: np.ndarray, lengths: np.ndarray | None = None, state: tuple | None = None) -> np.ndarray:
        """Return H (N, T, hidden), the state after each step, for X (N, T, D); keep the last one in `state`.

        lengths: (N,), from 1 to T, how many steps of each sequence count; later ones leave the state as it is and give
        0. None: all. state: to start from, (h,) with h (N, hidden); None: zeros.
        """
        W_x, W_h, b = self.params
        X = floats("X", sequences("X", X, len(W_x)))
        N, T, _ = X.shape
        self.counts = np.ones((N, T), bool) if lengths is None else lengths_of_batch(lengths, N, T)
        Z_x = X @ W_x + b  # (N, T, hidden): all steps at once; only h must wait
        h = np.zeros((N, self.hidden), Z_x.dtype) if state is None else self._state("state", state, N)
        self.X, self.H = X, np.empty((T + 1, N, self.hidden), Z_x.dtype)
        self.H[0] = h
        for t in range(T):
            h_new = np.tanh(Z_x[:, t] + h @ W_h)
            h = np.where(self.counts[:, t, np.newaxis], h_new, h)
            self.H[t + 1] = h
        self.state = (h,)
        return self.H[1:].swapaxes(0, 1) * self.counts[:, :, np.newaxis]

    def backward(self, dH: np.ndarray, dstate: tuple | None = None) -> np.ndarray:
        """Return dX (N, T, D) for dH (N, T, hidden), and set the gradients, summed over batch and time.

        dstate: gradient of the last state, (dh,), besides dH. That of the first state is kept in `dstate`.
        """
        W_x, W_h, _ = self.params
        N, T, D = self.X.shape
        dH = like("dH", dH, (N, T, self.hidden))
        dh = np.zeros_like(dH[:, 0]) if dstate is None else self._state("dstate", dstate, N)
        dZ = np.empty((T, N, self.hidden), dH.dtype)
        for t in reversed(range(T)):
            counts = self.counts[:, t, np.newaxis]
            dZ[t] = (dh + dH[:, t]) * (1 - self.H[t + 1] ** 2) * counts
            dh = np.where(counts, dZ[t] @ W_h.T, dh)  # a step that does not count passes on what it gets
        self.dstate = (dh,)
        flat = dZ.reshape(T * N, self.hidden)
        x, h_before = (A.reshape(T * N, A.shape[2]) for A in (self.X.swapaxes(0, 1), self.H[:-1]))
        self.grads = [x.T @ flat, h_before.T @ flat, flat.sum(axis=0)]
        return (flat @ W_x.T).reshape(T, N, D).swapaxes(0, 1)

    def _state(self, name: str, state, N: int) -> np.ndarray:
        if not isinstance(state, (tuple, list)) or len(state) != 1:
            raise ValueError(f"{name} is a {type(state).__name__}, expected a tuple of one array, (h,)")
        return like(f"{name}[0]", state[0], (N, self.hidden))

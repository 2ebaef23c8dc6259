"""Recurrent layers that decide what to keep: LSTM and GRU, forward, and backward through time.

Built in unit 14. LSTM: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; GRU: Cho et al. 2014,
in PyTorch's form, where the reset gate acts after the product. N sequences, T steps, D features.
"""

import numpy as np

from introdl._validate import like, whole
from introdl.nn._ranges import float_type, floats, generator
from introdl.nn.layers import Layer
from introdl.nn.padding import lengths_of_batch, sequences
from introdl.nn.probabilities import sigmoid


def lstm_cell(Z: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple]:
    """Return the new h and c, each (N, hidden), and what the way back needs.

    Z: the sums x @ W_x + h @ W_h + b, (N, 4 * hidden): input gate, forget gate, candidate, output gate.
    """
    Z = Z.T.reshape(4, Z.shape[1] // 4, len(Z))
    gates = 0.5 * Z
    np.tanh(gates, out=gates)
    gates += 1
    gates *= 0.5  # sigmoid(x) = (1 + tanh(x / 2)) / 2, for all four blocks at once;
    np.tanh(Z[2], out=gates[2])  # the candidate is no gate
    i, f, g, o = gates  # each (hidden, N)
    c_new = f * c.T + i * g
    bent = np.tanh(c_new)
    return (o * bent).T, c_new.T, (gates, c.T, bent)


def lstm_cell_backward(dh: np.ndarray, dc: np.ndarray, kept: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Return dZ (N, 4 * hidden) and the gradient of the c before, for those of the new h and c."""
    gates, c, bent = kept
    i, f, g, o = gates
    dc = dc.T + dh.T * o * (1 - bent * bent)
    dZ = gates - gates * gates  # slopes of the sigmoids
    dZ[2] = 1 - g * g  # and of the tanh
    dZ[0] *= dc * g
    dZ[1] *= dc * c
    dZ[2] *= dc * i
    dZ[3] *= dh.T * bent
    return dZ.reshape(4 * len(c), c.shape[1]).T, (dc * f).T


def gru_cell(Z_x: np.ndarray, Z_h: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Return the new h (N, hidden) and what the way back needs.

    Z_x, Z_h: x @ W_x + b and h @ W_h, each (N, 3 * hidden): reset gate, update gate, candidate; the candidate's part
    of Z_h has a bias of its own added. The update gate says how much of the old h stays.
    """
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np.split(Z_x, 3, axis=1), np.split(Z_h, 3, axis=1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    return z * h + (1 - z) * n, (r, z, n, h_n, h)


def gru_cell_backward(dh: np.ndarray, kept: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dZ_x, dZ_h, each (N, 3 * hidden), and what reaches the h before by the direct way, for dh (N, hidden)."""
    r, z, n, h_n, h = kept
    dn = dh * (1 - z) * (1 - n * n)
    dr, dz = dn * h_n * r * (1 - r), dh * (h - n) * z * (1 - z)
    blocks = [block.T for block in (dr, dz, dn, dn * r)]  # joined as they lie in memory
    return np.concatenate(blocks[:3]).T, np.concatenate([*blocks[:2], blocks[3]]).T, dh * z


def by_step(A: np.ndarray) -> np.ndarray:
    """Return A (N, T, D) as (T, D, N), in this order in memory: the blocks of a step then lie together, each whole."""
    return np.ascontiguousarray(A.transpose(1, 2, 0))


class Gated(Layer):
    """What LSTM and GRU share: the loop over time, both ways, and sequences of different lengths."""

    takes_lengths = True
    num_gates = num_states = 0  # blocks of columns in W_x and W_h; arrays that go from step to step
    has_candidate_bias = False

    def __init__(self, n_in: int, hidden: int, rng: np.random.Generator, dtype=np.float32):
        """Draw W_x (n_in, gates * hidden), W_h (hidden, gates * hidden) and biases, uniform within 1 / sqrt(hidden)."""
        n_in, self.hidden = whole("n_in", n_in), whole("hidden", hidden)
        rng, dtype = generator("rng", rng), float_type("dtype", dtype)
        width, limit = self.num_gates * self.hidden, 1 / np.sqrt(self.hidden)
        shapes = [(n_in, width), (self.hidden, width), (width,)] + [(self.hidden,)] * self.has_candidate_bias
        self.params = [rng.uniform(-limit, limit, size=shape).astype(dtype) for shape in shapes]
        self.grads = [np.zeros_like(p) for p in self.params]
        self.kept: list = []

    def forward(self, X: np.ndarray, lengths: np.ndarray | None = None, state: tuple | None = None) -> np.ndarray:
        """Return H (N, T, hidden), h of each step, for X (N, T, D); keep the last state in `state`.

        lengths: (N,), how many steps of each sequence count; later ones change no state and give 0. None: all.
        state: to start from, (h, c) of an LSTM or (h,) of a GRU, each (N, hidden); None: zeros.
        """
        W_x, _, b = self.params[:3]
        X = floats("X", sequences("X", X, len(W_x)))
        N, T, _ = X.shape
        self.mask = None if lengths is None else lengths_of_batch(lengths, N, T).T[:, :, np.newaxis]  # (T, N, 1)
        zeros = np.zeros((self.hidden, N), np.result_type(X, W_x)).T
        state = (zeros,) * self.num_states if state is None else self._like_state("state", state, N)
        ones = np.ones((N, T, 1), X.dtype)  # b is the weight of an input that is always 1
        self.X = np.concatenate([X, ones], axis=2)
        Z = np.concatenate([W_x.T, b[:, np.newaxis]], axis=1) @ by_step(self.X)  # all steps at once: only h must wait
        self.H = np.empty((N, T + 1, self.hidden), zeros.dtype)
        self.H[:, 0] = state[0]
        if len(self.kept) != T:
            self.kept = [None] * T
        for t in range(T):
            *new, kept = self._step(Z[t].T, *state)
            if self.mask is not None:
                new = [np.where(self.mask[t], now, before) for now, before in zip(new, state, strict=True)]
            state = tuple(new)
            self.H[:, t + 1] = state[0]
            self.kept[t] = kept  # takes the place of what the last batch left, memory included
        self.state = state
        return self.H[:, 1:].copy() if self.mask is None else self.H[:, 1:] * self.mask.swapaxes(0, 1)

    def backward(self, dH: np.ndarray, dstate: tuple | None = None) -> np.ndarray:
        """Return dX (N, T, D) for dH (N, T, hidden), and set the gradients, summed over batch and time.

        dstate: gradient of the last state, besides dH. That of the first state is kept in `dstate`.
        """
        W_x, W_h = self.params[:2]
        N, T, D = self.X.shape
        dH = by_step(like("dH", dH, (N, T, self.hidden)))
        zeros = np.zeros((self.hidden, N), dH.dtype).T
        dstate = (zeros,) * self.num_states if dstate is None else self._like_state("dstate", dstate, N)
        dX, dW_x = np.empty((N, T, D - 1), dH.dtype), np.zeros((W_x.shape[1], D), W_x.dtype)
        dW_h, db_n, ones = np.zeros_like(W_h.T), np.zeros_like(W_h[0]), np.ones(N, dH.dtype)
        for t in reversed(range(T)):
            now = [dstate[0] + dH[t].T, *dstate[1:]]
            if self.mask is not None:
                now = [d * self.mask[t] for d in now]
            dZ_x, dZ_h, *before = self._step_back(now, self.kept[t])
            before[0] = before[0] + (W_h @ dZ_h.T).T
            if self.mask is not None:
                before = [b + d * ~self.mask[t] for b, d in zip(before, dstate, strict=True)]
            dstate = before
            dX[:, t] = dZ_x @ W_x.T
            dW_x += dZ_x.T @ self.X[:, t]
            dW_h += dZ_h.T @ self.H[:, t]
            if self.has_candidate_bias:
                db_n += ones @ dZ_h  # the sum over the batch
        self.dstate = tuple(dstate)
        self.grads = [np.ascontiguousarray(g) for g in (dW_x[:, :-1].T, dW_h.T, dW_x[:, -1])]
        self.grads += [db_n[-self.hidden :]] * self.has_candidate_bias
        return dX

    def _like_state(self, name: str, state, N: int) -> tuple:
        if not isinstance(state, (tuple, list)) or len(state) != self.num_states:
            raise ValueError(f"{name} is a {type(state).__name__}, expected a tuple of {self.num_states} arrays")
        return tuple(like(f"{name}[{place}]", part, (N, self.hidden)) for place, part in enumerate(state))


class LSTM(Gated):
    """Long short-term memory: a cell c that is kept, erased and written through gates, and shows itself as h.

    params: W_x (D, 4 * hidden), W_h (hidden, 4 * hidden), b (4 * hidden,); in each, the blocks input gate, forget
    gate, candidate, output gate, in PyTorch's order. Its two biases are one here.
    """

    num_gates, num_states = 4, 2

    def _step(self, Z_x: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple:
        return lstm_cell(Z_x + (self.params[1].T @ h.T).T, c)

    def _step_back(self, now: list[np.ndarray], kept: tuple) -> tuple:
        dZ, dc = lstm_cell_backward(*now, kept)
        return dZ, dZ, 0.0, dc


class GRU(Gated):
    """Gated recurrent unit: h itself is kept or renewed, by the share z of the update gate.

    params: W_x (D, 3 * hidden), W_h (hidden, 3 * hidden), b (3 * hidden,) and b_n (hidden,), the candidate's bias
    inside the product that the reset gate scales; the blocks are reset gate, update gate, candidate.
    """

    num_gates, num_states, has_candidate_bias = 3, 1, True

    def _step(self, Z_x: np.ndarray, h: np.ndarray) -> tuple:
        Z_h = (self.params[1].T @ h.T).T
        Z_h[:, -self.hidden :] += self.params[3]
        return gru_cell(Z_x, Z_h, h)

    def _step_back(self, now: list[np.ndarray], kept: tuple) -> tuple:
        return gru_cell_backward(now[0], kept)

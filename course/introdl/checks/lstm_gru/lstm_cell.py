"""Task of unit 14: one step of an LSTM."""

import numpy as np
import torch

from introdl.checks.task import Task
from introdl.checks.variant import changed


def steps(rng):
    for N, D, hidden, scale in [(1, 1, 1, 1.0), (2, 3, 2, 1.0), (4, 2, 4, 0.7), (3, 5, 3, 1.0), (2, 4, 4, 30.0)]:
        shapes = [(N, D), (N, hidden), (N, hidden), (D, 4 * hidden), (hidden, 4 * hidden), (4 * hidden,)]
        x, h, c, W_x, W_h, b = (rng.normal(size=shape) for shape in shapes)
        yield scale * x, np.tanh(h), c, W_x, W_h, b
    yield (
        np.zeros((0, 2)),
        np.zeros((0, 3)),
        np.zeros((0, 3)),
        rng.normal(size=(2, 12)),
        rng.normal(size=(3, 12)),
        b[:12],
    )


def by_torch(x, h, c, W_x, W_h, b):
    cell = torch.nn.LSTMCell(len(W_x), len(W_h), dtype=torch.float64)
    with torch.no_grad():
        for p, value in zip(cell.parameters(), (W_x.T, W_h.T, b, np.zeros_like(b)), strict=True):
            p.copy_(torch.tensor(value))
        return tuple(part.numpy() for part in cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c))))


lstm_cell = Task(
    "lstm_cell",
    ("x", "h", "c", "W_x", "W_h", "b"),
    steps,
    by_torch,
    forbid=("torch",),
    hints=(
        "All four sums come from one product: x @ W_x + h @ W_h + b has 4 * hidden columns. Cut it into four blocks.",
        "np.split(..., 4, axis=1) gives the blocks in the order i, f, g, o. Three of them go through the sigmoid, g "
        "through tanh. Then c_new from c, and h_new from c_new.",
        "i, f, g, o = np.split(..., 4, axis=1); c_new = sigmoid(f) * ... + sigmoid(i) * np.tanh(g); "
        "return sigmoid(o) * ..., c_new",
    ),
)


def _sigmoid(X):
    return 0.5 * (1 + np.tanh(X / 2))


def _lstm(
    x,
    h,
    c,
    W_x,
    W_h,
    b,
    *,
    order="ifgo",
    candidate=np.tanh,
    gate=_sigmoid,
    keep=lambda f, i: f,
    write=lambda f, i: i,
    bent=lambda c: c,
    shown=lambda c, c_new: np.tanh(c_new),
    state=1,
    bias=1,
    result=lambda h, c: (h, c),
):
    """The step with one thing done differently; the mistakes below say which."""
    blocks = np.split(x @ W_x + state * (h @ W_h) + bias * b, 4, axis=1)
    named = dict(zip(order, blocks, strict=True))
    i, f, o = (gate(named[name]) for name in "ifo")
    c_new = bent(keep(f, i) * c + write(f, i) * candidate(named["g"]))
    return result(o * shown(c, c_new), c_new)


def blocks_of_the_inputs(x, h, c, W_x, W_h, b):
    """Every fourth column instead of blocks side by side."""
    width = W_h.shape[0]
    columns = np.arange(4 * width).reshape(width, 4).T.ravel()
    return _lstm(x, h, c, W_x[:, columns], W_h[:, columns], b[columns])


for _sentence, _answer in {
    "Your blocks are in the order f, i, g, o: what should be written is kept, and the other way round. The order is a "
    "convention; here it is PyTorch's: i, f, g, o.": changed(_lstm, "forget_first", order="figo"),
    "Your blocks are in the order i, f, o, g: the output gate is taken for the candidate. The order is a convention; "
    "here it is i, f, g, o.": changed(_lstm, "output_third", order="ifog"),
    "Your blocks are in the order i, g, f, o: the candidate is taken for the forget gate. The order is a convention; "
    "here it is i, f, g, o.": changed(_lstm, "candidate_second", order="igfo"),
    "The blocks lie side by side, hidden columns each; you take every fourth column. Cut with np.split(Z, 4, "
    "axis=1).": blocks_of_the_inputs,
    "Your candidate g goes through the sigmoid, so the cell could only grow. It may be negative: tanh.": changed(
        _lstm, "sigmoid_candidate", candidate=_sigmoid
    ),
    "Your gates go through tanh. A gate says how much, from 0 to 1: sigmoid for i, f and o.": changed(
        _lstm, "tanh_gates", gate=np.tanh
    ),
    "You put tanh around the new c itself, so it is bent again at every step and nothing lasts. c_new is the sum "
    "alone; tanh belongs to what is shown, h_new.": changed(
        _lstm, "bent_cell", bent=np.tanh, shown=lambda c, c_new: c_new
    ),
    "You put tanh around the new c, and once more for h. c_new is the sum alone: f * c + i * g.": changed(
        _lstm, "bent_twice", bent=np.tanh
    ),
    "The tanh in h_new is missing: h_new = o * tanh(c_new).": changed(_lstm, "not_bent", shown=lambda c, c_new: c_new),
    "h_new shows the *old* c. First renew c, then show it: o * tanh(c_new).": changed(
        _lstm, "old_cell_shown", shown=lambda c, c_new: np.tanh(c)
    ),
    "You keep 1 - f of the old c. The forget gate says how much *stays* (its name misleads): f * c.": changed(
        _lstm, "one_minus_f", keep=lambda f, i: 1 - f
    ),
    "You write 1 - f instead of i. One gate for both is the GRU's idea; the LSTM has an input gate of its "
    "own.": changed(_lstm, "coupled", write=lambda f, i: 1 - f),
    "The input gate is missing: only i * g is written.": changed(_lstm, "no_input_gate", write=lambda f, i: 1),
    "The forget gate is missing: the old c is kept whole, and could never be erased. f * c.": changed(
        _lstm, "no_forget_gate", keep=lambda f, i: 1
    ),
    "The gates do not see h. Without h @ W_h the network decides by the input alone.": changed(
        _lstm, "no_state", state=0
    ),
    "The bias is missing in the four sums.": changed(_lstm, "no_bias", bias=0),
    "The bias is added twice. PyTorch's layer has two biases; here b is their sum.": changed(
        _lstm, "two_biases", bias=2
    ),
    "Both are right, but in another order. Return h_new, then c_new (a convention).": changed(
        _lstm, "c_first", result=lambda h, c: (c, h)
    ),
    "You return h_new alone. The next step needs c_new as well: it is the memory.": changed(
        _lstm, "h_alone", result=lambda h, c: h
    ),
}.items():
    lstm_cell.mistake(_sentence)(_answer)

"""Task of unit 13: one step of a recurrent layer (rnn_cell)."""

import numpy as np
import torch

from introdl.checks.task import Task
from introdl.checks.variant import changed


def steps(rng):
    yield np.array([[1.0]]), np.array([[0.5]]), np.array([[2.0]]), np.array([[-4.0]]), np.array([0.0])
    for N, D, hidden, scale in [(1, 1, 1, 1.0), (2, 3, 2, 1.0), (4, 2, 3, 0.7), (3, 4, 4, 1.0), (2, 5, 3, 30.0)]:
        shapes = [(N, D), (N, hidden), (D, hidden), (hidden, hidden), (hidden,)]
        x, h, W_x, W_h, b = (rng.normal(size=shape) for shape in shapes)
        yield scale * x, np.tanh(h), W_x, W_h, b
    yield np.zeros((0, 2)), np.zeros((0, 3)), rng.normal(size=(2, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)


def by_torch(x, h, W_x, W_h, b):
    cell = torch.nn.RNNCell(*W_x.shape, dtype=torch.float64)
    with torch.no_grad():
        for p, value in zip(cell.parameters(), (W_x.T, W_h.T, b, np.zeros_like(b)), strict=True):
            p.copy_(torch.tensor(value))
        return cell(torch.tensor(x), torch.tensor(h)).numpy()


rnn_cell = Task(
    "rnn_cell",
    ("x", "h", "W_x", "W_h", "b"),
    steps,
    by_torch,
    hints=(
        "It is a dense layer with a second product added, for the state, and tanh around the whole sum.",
        "x @ W_x is (N, hidden), and so is h @ W_h. b is added to each row by broadcasting.",
        "return np.tanh(x @ W_x + ... @ ... + b)",
    ),
)


def _cell(
    x,
    h,
    W_x,
    W_h,
    b,
    *,
    bend=np.tanh,
    around=lambda z_x, z_h, b, bend: bend(z_x + z_h + b),
    from_h=lambda h, W: h @ W,
    bias=1,
    after=lambda h_new, h: h_new,
):
    """The step with one thing done differently; the mistakes below say which."""
    return after(around(x @ W_x, from_h(h, W_h), bias * b, bend), h)


for _sentence, _answer in {
    "The state before has no influence: h @ W_h is missing, and with it the memory.": changed(
        _cell, "no_state", from_h=lambda h, W: 0
    ),
    "tanh is missing: without it the states could grow without limit, and the layer would be linear.": changed(
        _cell, "not_bent", bend=lambda Z: Z
    ),
    "The bias is missing.": changed(_cell, "no_bias", bias=0),
    "The bias is added twice. PyTorch's layer has two biases; here b is their sum.": changed(
        _cell, "two_biases", bias=2
    ),
    "W_h is transposed, as PyTorch keeps it. Here a column belongs to a new neuron: h @ W_h (a convention).": changed(
        _cell, "transposed", from_h=lambda h, W: h @ W.T
    ),
    "The state goes in without its weights: it is h @ W_h, so that each neuron can look at all others.": changed(
        _cell, "no_weights", from_h=lambda h, W: h
    ),
    "You multiplied entry by entry. Each neuron looks at all entries of the state: h @ W_h, a product of "
    "matrices.": changed(_cell, "entry_by_entry", from_h=lambda h, W: h * np.diag(W)),
    "Your tanh goes around the input's part only; the state is added outside it. Add first, then bend.": changed(
        _cell, "state_outside", around=lambda z_x, z_h, b, bend: bend(z_x + b) + z_h
    ),
    "The bias stands outside tanh. Add first, then bend.": changed(
        _cell, "bias_outside", around=lambda z_x, z_h, b, bend: bend(z_x + z_h) + b
    ),
    "Each part has a tanh of its own. Add first, then bend once.": changed(
        _cell, "bent_apart", around=lambda z_x, z_h, b, bend: bend(z_x + b) + bend(z_h)
    ),
    "You used the sigmoid. The states of this layer lie between -1 and 1: tanh.": changed(
        _cell, "sigmoid", bend=lambda Z: 0.5 * (1 + np.tanh(Z / 2))
    ),
    "You used ReLU. Here it is tanh, which keeps the states between -1 and 1.": changed(
        _cell, "relu", bend=lambda Z: np.maximum(Z, 0)
    ),
    "You add the old state to the new one. Here it is replaced; what is to be kept must come through W_h.": changed(
        _cell, "old_added", after=lambda h_new, h: h_new + h
    ),
}.items():
    rnn_cell.mistake(_sentence)(_answer)

"""Task of unit 14: one step of a GRU, with the reset gate after the product."""

import numpy as np
import torch

from introdl.checks.task import Task
from introdl.checks.variant import changed


def steps(rng):
    for N, D, hidden, scale in [(1, 1, 1, 1.0), (2, 3, 2, 1.0), (4, 2, 4, 0.7), (3, 5, 3, 1.0), (2, 4, 4, 30.0)]:
        shapes = [(N, D), (N, hidden), (D, 3 * hidden), (hidden, 3 * hidden), (3 * hidden,), (hidden,)]
        x, h, W_x, W_h, b, b_n = (rng.normal(size=shape) for shape in shapes)
        yield scale * x, np.tanh(h), W_x, W_h, b, b_n
    yield np.zeros((0, 2)), np.zeros((0, 3)), rng.normal(size=(2, 9)), rng.normal(size=(3, 9)), b[:9], b_n[:3]


def by_torch(x, h, W_x, W_h, b, b_n):
    cell = torch.nn.GRUCell(len(W_x), len(W_h), dtype=torch.float64)
    inside = np.concatenate([np.zeros(2 * len(b_n)), b_n])
    with torch.no_grad():
        for p, value in zip(cell.parameters(), (W_x.T, W_h.T, b, inside), strict=True):
            p.copy_(torch.tensor(value))
        return cell(torch.tensor(x), torch.tensor(h)).numpy()


gru_cell = Task(
    "gru_cell",
    ("x", "h", "W_x", "W_h", "b", "b_n"),
    steps,
    by_torch,
    forbid=("torch",),
    hints=(
        "Cut both products into three blocks *before* you add them: for r and z they are added, for n the reset gate "
        "comes between.",
        "x_r, x_z, x_n are the blocks of x @ W_x + b, h_r, h_z, h_n those of h @ W_h. Then r = sigmoid(x_r + h_r), z "
        "likewise, and r multiplies h_n + b_n.",
        "n = np.tanh(x_n + r * (... + ...)); return z * ... + (1 - z) * ...",
    ),
)


def _sigmoid(X):
    return 0.5 * (1 + np.tanh(X / 2))


def _gru(
    x,
    h,
    W_x,
    W_h,
    b,
    b_n,
    *,
    order="rzn",
    inner=lambda r, h, W, b_n: r * (h @ W + b_n),
    mix=lambda z, h, n, r: z * h + (1 - z) * n,
    candidate=np.tanh,
    gate=_sigmoid,
    bias=1,
):
    """The step with one thing done differently; the mistakes below say which."""
    from_x = dict(zip(order, np.split(x @ W_x + bias * b, 3, axis=1), strict=True))
    weights = dict(zip(order, np.split(W_h, 3, axis=1), strict=True))
    r, z = (gate(from_x[name] + h @ weights[name]) for name in "rz")
    n = candidate(from_x["n"] + inner(r, h, weights["n"], b_n))
    return mix(z, h, n, r)


for _sentence, _answer in {
    "Your reset gate acts on h *before* the product, (r * h) @ W_h. That is the form of Cho and others 2014. Here, as "
    "in PyTorch, it acts after: r * (h @ W_h + b_n). A convention, but another network.": changed(
        _gru, "cho_2014", inner=lambda r, h, W, b_n: (r * h) @ W + b_n
    ),
    "z is the wrong way round. Here, as in PyTorch, z = 1 means keep: z * h + (1 - z) * n (a convention).": changed(
        _gru, "z_writes", mix=lambda z, h, n, r: (1 - z) * h + z * n
    ),
    "Your blocks are in the order z, r, n, as in Keras. The order is a convention; here it is PyTorch's: r, z, "
    "n.": changed(_gru, "update_first", order="zrn"),
    "Your blocks are in another order: the candidate comes last here, r, z, n.": changed(
        _gru, "candidate_first", order="nrz"
    ),
    "b_n is outside the reset product. It belongs to h's part of the candidate: r * (h_n + b_n).": changed(
        _gru, "bias_outside", inner=lambda r, h, W, b_n: r * (h @ W) + b_n
    ),
    "b_n is missing: the candidate has two biases, one for x (in b) and one for h, r * (h_n + b_n).": changed(
        _gru, "no_inner_bias", inner=lambda r, h, W, b_n: r * (h @ W)
    ),
    "The bias b is missing.": changed(_gru, "no_bias", bias=0),
    "The reset gate is missing: n cannot start afresh. r * (h_n + b_n).": changed(
        _gru, "no_reset", inner=lambda r, h, W, b_n: h @ W + b_n
    ),
    "Your reset gate acts on h in the last line as well. There z alone decides: z * h + (1 - z) * n.": changed(
        _gru, "reset_in_the_mix", mix=lambda z, h, n, r: z * r * h + (1 - z) * n
    ),
    "You add the whole candidate: kept and written must add up to 1, z * h + (1 - z) * n.": changed(
        _gru, "adds_all", mix=lambda z, h, n, r: z * h + n
    ),
    "Nothing is kept: z * h is missing, so this is a plain recurrent network again.": changed(
        _gru, "keeps_nothing", mix=lambda z, h, n, r: (1 - z) * n
    ),
    "Your candidate goes through the sigmoid. It may be negative: tanh.": changed(
        _gru, "sigmoid_candidate", candidate=_sigmoid
    ),
    "Your gates go through tanh. A gate says how much, from 0 to 1: sigmoid for r and z.": changed(
        _gru, "tanh_gates", gate=np.tanh
    ),
    "You put tanh around the new h, so what is kept is bent again at every step. Only the candidate is bent.": changed(
        _gru, "bent_state", mix=lambda z, h, n, r: np.tanh(z * h + (1 - z) * n)
    ),
    "You return the candidate n alone. The new h mixes it with the old one.": changed(
        _gru, "candidate_alone", mix=lambda z, h, n, r: n
    ),
}.items():
    gru_cell.mistake(_sentence)(_answer)

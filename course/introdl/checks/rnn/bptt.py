"""Task of unit 13: backpropagation through time (bptt)."""

import numpy as np
import torch

from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    first = np.array([[[0.0], [1.0]]]), np.array([[[1.0], [1.0]]]), np.array([[[0.5], [0.0]]])
    yield *first, np.array([[1.0]]), np.array([[2.0]])
    for N, T, D, hidden, where in [
        (1, 1, 2, 3, "all"),
        (1, 3, 1, 1, "all"),
        (2, 4, 3, 2, "last"),
        (3, 3, 2, 4, "all"),
        (2, 5, 3, 3, "first"),
        (4, 4, 2, 3, "all"),
    ]:
        X, dH = rng.normal(size=(N, T, D)), rng.normal(size=(N, T, hidden))
        W_x, W_h, b = (rng.normal(0, 0.7, size=shape) for shape in ((D, hidden), (hidden, hidden), (hidden,)))
        if where != "all":
            dH[:, : T - 1] *= where == "first"
            dH[:, 1:] *= where == "last"
        yield dH, X, states(X, W_x, W_h, b), W_x, W_h


def states(X, W_x, W_h, b):
    h, H = np.zeros((len(X), len(b))), []
    for x in X.swapaxes(0, 1):
        h = np.tanh(x @ W_x + h @ W_h + b)
        H.append(h)
    return np.stack(H, axis=1)


def by_autograd(dH, X, H, W_x, W_h):
    """Each step's sum is corrected by a constant so that the states are the given ones, whatever the bias was."""
    X, W_x, W_h = (torch.tensor(array, requires_grad=True) for array in (X, W_x, W_h))
    b, wanted = torch.zeros(len(W_h), dtype=torch.float64, requires_grad=True), torch.atanh(torch.tensor(H))
    h, found = torch.zeros(H.shape[0], H.shape[2], dtype=torch.float64), []
    for t in range(H.shape[1]):
        Z = X[:, t] @ W_x + h @ W_h + b
        h = torch.tanh(Z + (wanted[:, t] - Z).detach())
        found.append(h)
    (torch.stack(found, dim=1) * torch.tensor(dH)).sum().backward()
    return tuple(array.grad.numpy() for array in (X, W_x, W_h, b))


bptt = Task(
    "bptt",
    ("dH", "X", "H", "W_x", "W_h"),
    batches,
    by_autograd,
    hints=(
        "Start at the last step. Keep what goes back to the step before, dh_later; behind the last step it is 0. The "
        "slope of a state is dH[:, t] plus that.",
        "dZ = (slope of the state) * (1 - H[:, t]**2). From dZ come a share for X, for both weights, for the bias, and "
        "dZ @ W_h.T for the step before. Shares of weights are added up: +=. Mind t = 0: the state before it is 0.",
        "for t in reversed(range(T)): dZ = (dH[:, t] + ...) * (1 - H[:, t]**2); dX[:, t] = dZ @ ...; dW_x += ... @ dZ; "
        "dW_h += (H[:, t - 1] if t else ...).T @ dZ; db += ...; dh_later = ...",
    ),
)


def _bptt(
    dH,
    X,
    H,
    W_x,
    W_h,
    *,
    slope=lambda h: 1 - h**2,
    dz=lambda dh, later, slope: (dh + later) * slope,
    back=lambda dZ, dh, W: dZ @ W.T,
    before=lambda H, t: H[:, t - 1] if t else np.zeros_like(H[:, 0]),
    add=lambda total, share: total + share,
    bias=lambda dZ: dZ.sum(axis=0),
    order=lambda T: reversed(range(T)),
    into_x=lambda dZ, W: dZ @ W.T,
    shown=lambda grads, T, N: grads,
):
    """The way back with one thing done differently; the mistakes below say which."""
    N, T, _ = X.shape
    dX, totals, later = np.zeros_like(X), [np.zeros_like(W_x), np.zeros_like(W_h), np.zeros(len(W_h))], 0
    for t in order(T):
        dZ = dz(dH[:, t], later, slope(H[:, t]))
        dX[:, t] = into_x(dZ, W_x)
        shares = X[:, t].T @ dZ, before(H, t).T @ dZ, bias(dZ)
        totals = [add(total, share) for total, share in zip(totals, shares, strict=True)]
        later = back(dZ, dH[:, t] + later, W_h)
    return shown((dX, *totals), T, N)


def bias_overwritten(dH, X, H, W_x, W_h):
    dX, dW_x, dW_h, _ = _bptt(dH, X, H, W_x, W_h)
    return dX, dW_x, dW_h, _bptt(dH, X, H, W_x, W_h, add=lambda total, share: share)[3]


for _sentence, _answer in {
    "What comes from later steps is dropped: each step gets its own dH only. A state is used twice, so its slope is "
    "dH[:, t] plus what the step after sends back.": changed(_bptt, "later_dropped", back=lambda dZ, dh, W: 0),
    "The weights' slopes are overwritten at every step, so what is left is the first step's share. All steps share the "
    "weights: += instead of =.": changed(_bptt, "overwritten", add=lambda total, share: share),
    "The bias' slope is overwritten at every step: db += ..., as for the weights.": bias_overwritten,
    "At t = 0 your H[:, t - 1] is H[:, -1], the *last* state: Python counts from the end. Before the first step the "
    "state was 0.": changed(_bptt, "wraps_around", before=lambda H, t: H[:, t - 1]),
    "dW_h is computed with the state *after* the step. W_h met the state before it: H[:, t - 1].": changed(
        _bptt, "state_after", before=lambda H, t: H[:, t]
    ),
    "You go from the first step to the last. A state's slope needs what the step after sends back: "
    "reversed(range(T)).": changed(_bptt, "forwards", order=range),
    "The slope of tanh is missing: dZ = (...) * (1 - H[:, t]**2).": changed(
        _bptt, "no_slope", slope=lambda h: np.ones_like(h)
    ),
    "Your slope of tanh is 1 - h. It is 1 - h**2.": changed(_bptt, "no_square", slope=lambda h: 1 - h),
    "Your slope is the sigmoid's, h * (1 - h). The slope of tanh is 1 - h**2.": changed(
        _bptt, "sigmoid_slope", slope=lambda h: h * (1 - h)
    ),
    "You applied tanh to H once more before taking the slope. H holds tanh's outputs: 1 - H**2.": changed(
        _bptt, "tanh_twice", slope=lambda h: 1 - np.tanh(h) ** 2
    ),
    "W_h is not transposed on the way back: dZ @ W_h.T.": changed(
        _bptt, "not_transposed", back=lambda dZ, dh, W: dZ @ W
    ),
    "What goes back does not pass through W_h: dZ @ W_h.T, not dZ.": changed(
        _bptt, "without_weights", back=lambda dZ, dh, W: dZ
    ),
    "You send the slope of the *state* back. It goes through tanh first: dZ @ W_h.T.": changed(
        _bptt, "skips_tanh", back=lambda dZ, dh, W: dh @ W.T
    ),
    "What comes from later steps is added behind the slope of tanh. Add first, then multiply: (dH[:, t] + later) * (1 "
    "- H[:, t]**2).": changed(_bptt, "added_late", dz=lambda dh, later, slope: dh * slope + later),
    "You return means over the steps. The loss adds up over the steps, and so do the shares: a sum.": changed(
        _bptt, "mean_over_time", shown=lambda grads, T, N: (grads[0], *(g / T for g in grads[1:]))
    ),
    "You divide by the batch size. The mean over the batch is in dH already.": changed(
        _bptt, "divided_by_N", shown=lambda grads, T, N: (grads[0], *(g / N for g in grads[1:]))
    ),
    "db is a mean over the batch. Sum over the batch, as for a dense layer.": changed(
        _bptt, "bias_mean", bias=lambda dZ: dZ.mean(axis=0)
    ),
    "Your results are in another order: dX, dW_x, dW_h, db.": changed(
        _bptt, "weights_exchanged", shown=lambda grads, T, N: (grads[0], grads[2], grads[1], grads[3])
    ),
    "dX is missing. The slopes at the inputs come first: dX, dW_x, dW_h, db.": changed(
        _bptt, "no_inputs", shown=lambda grads, T, N: grads[1:]
    ),
}.items():
    bptt.mistake(_sentence)(_answer)

"""Judges of a gradient: central differences, and PyTorch behind one function.

Units 01 to 07 contain no PyTorch syntax; `same_as_torch` names the operation and does the rest.
"""

from collections.abc import Callable, Sequence

import numpy as np

from introdl._validate import positive


def numerical_gradient(f: Callable[[np.ndarray], float], x: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Return the slopes of f at x, shape of x, by central differences; x is float64 and comes back unchanged."""
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        came = getattr(x, "dtype", type(x).__name__)
        raise TypeError(f"x is {came}, expected a float64 array: smaller types round too much")
    positive("eps", eps)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        try:
            x[i] = old + eps
            above = f(x)
            x[i] = old - eps
            below = f(x)
        finally:
            x[i] = old
        grad[i] = (above - below) / (2 * eps)
    return grad


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """Return the largest entry of |a - b| divided by the largest entry of |a| and |b|; 0 where both are 0."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape} and b {b.shape}, expected the same")
    scale = np.maximum(np.abs(a).max(initial=0), np.abs(b).max(initial=0))  # NaN stays NaN
    return 0.0 if scale == 0 else float(np.abs(a - b).max(initial=0) / scale)


def same_as_torch(
    op: str,
    *inputs: np.ndarray,
    value: np.ndarray | float | None = None,
    grads: Sequence[np.ndarray | None] | None = None,
    upstream: np.ndarray | None = None,
    rtol: float = 1e-6,
) -> float:
    """Compare our value and gradients of an operation with PyTorch's, in float64; return the largest error.

    op: a name in OPERATIONS. inputs: its arrays, in order, as in the lambda there.
    value: our result. grads: our gradients of sum(upstream * value), one for each input but the CONSTANTS (targets,
    settings), in order (None: not compared); upstream may be left out where the value is a single number.
    rtol: the largest relative error (see `relative_error`) to accept.
    Raises AssertionError that names what differs, ValueError for arguments that do not fit.
    """
    import torch  # here: units that only need `numerical_gradient` do not wait for it

    if op not in OPERATIONS:
        raise ValueError(f"op is {op!r}, expected one of {', '.join(OPERATIONS)}")
    if value is None and grads is None:
        raise ValueError("value and grads are both missing, expected at least one to compare")
    tensors = [_tensor(torch, op, place, x) for place, x in enumerate(inputs)]
    theirs = OPERATIONS[op](torch, *tensors)
    pairs = [] if value is None else [("value", value, theirs.detach())]
    if grads is not None:
        leaves = [t for t in tensors if t.requires_grad]
        if len(grads) != len(leaves):
            raise ValueError(f"grads has {len(grads)} gradients, expected {len(leaves)}, one an input")
        weights = torch.ones_like(theirs) if upstream is None else torch.tensor(upstream, dtype=torch.float64)
        slopes = torch.autograd.grad(theirs, leaves, weights)
        names = [f"gradient {place}" for place in range(len(grads))]
        pairs += [pair for pair in zip(names, grads, slopes, strict=True) if pair[1] is not None]
    return max((_judge(op, what, np.asarray(a), b.numpy(), rtol) for what, a, b in pairs), default=0.0)


def same_steps_as_torch(
    optimizer: str, settings: dict, start: np.ndarray, gradients: np.ndarray, value: np.ndarray, rtol: float = 1e-6
) -> float:
    """Compare where an optimizer arrives with PyTorch's, in float64; return the relative error.

    optimizer: a name in torch.optim ("SGD", "Adam", …). settings: its arguments there, such as {"lr": 0.1}.
    start: the parameter before the first step. gradients: one a step, stacked, (steps, *start.shape).
    value: our parameter after the last step. rtol: the largest relative error to accept.
    Raises AssertionError if they differ, ValueError for arguments that do not fit.
    """
    import torch

    if not isinstance(getattr(torch.optim, str(optimizer), None), type):
        raise ValueError(f"optimizer is {optimizer!r}, expected a name in torch.optim such as 'SGD' or 'Adam'")
    start, gradients = np.asarray(start, np.float64), np.asarray(gradients, np.float64)
    if gradients.shape[1:] != start.shape:
        raise ValueError(f"gradients has shape {gradients.shape}, expected (steps, *{start.shape})")
    p = torch.tensor(start, requires_grad=True)
    theirs = getattr(torch.optim, optimizer)([p], **settings)
    for gradient in gradients:
        p.grad = torch.tensor(gradient)
        theirs.step()
    return _judge(optimizer, "parameter", np.asarray(value), p.detach().numpy(), rtol)


def _tensor(torch, op: str, place: int, x: np.ndarray):
    """Return an input as a float64 leaf to differentiate for, or as a constant without a gradient."""
    x = np.asarray(x)
    if place in CONSTANTS.get(op, ()):
        return torch.tensor(x.astype(np.int64 if x.dtype.kind in "iu" else np.float64))
    return torch.tensor(x.astype(np.float64), requires_grad=True)


def _judge(op: str, what: str, ours: np.ndarray, theirs: np.ndarray, rtol: float) -> float:
    if ours.shape != theirs.shape:
        raise AssertionError(f"{op}: the {what} has shape {ours.shape}, PyTorch's has {theirs.shape}")
    error = relative_error(ours, theirs)
    if not error <= rtol:  # NaN included
        raise AssertionError(f"{op}: the {what} differs from PyTorch's by {error:.1e} (relative), not {rtol:.0e}")
    return error


def _mlp(torch, X, y, *params):
    """Cross-entropy of a network of dense layers with ReLU between them; params are W1, b1, W2, b2, …"""
    for place in range(0, len(params), 2):
        X = torch.relu(X) if place else X
        X = X @ params[place] + params[place + 1]
    return torch.nn.functional.cross_entropy(X, y)


def _batch_norm(torch, X, gamma, beta, mean=None, var=None):
    """Normalize by the batch (training), or by the running mean and variance if they are given (evaluation)."""
    return torch.nn.functional.batch_norm(X, mean, var, gamma, beta, training=mean is None)


def _softplus(torch, X):
    """Softplus; PyTorch calls it linear from 20 on, where 2e-9 is still missing."""
    return torch.nn.functional.softplus(X, threshold=40)


CONSTANTS = {  # which inputs have no gradient: targets y, and settings
    "cross_entropy": {1},
    "binary_cross_entropy": {1},
    "mse": {1},
    "mae": {1},
    "huber": {1, 2},
    "mlp": {1},
    "leaky_relu": {1},
    "elu": {1},
    "batch_norm": {3, 4},
    "l1_penalty": {1},
    "l2_penalty": {1},
}
OPERATIONS: dict[str, Callable] = {
    "dense": lambda torch, X, W, b: X @ W + b,
    "relu": lambda torch, X: torch.relu(X),
    "leaky_relu": lambda torch, X, alpha=0.01: torch.nn.functional.leaky_relu(X, float(alpha)),
    "prelu": lambda torch, X, alpha: torch.nn.functional.prelu(X, alpha),
    "elu": lambda torch, X, alpha=1.0: torch.nn.functional.elu(X, float(alpha)),
    "selu": lambda torch, X: torch.selu(X),
    "tanh": lambda torch, X: torch.tanh(X),
    "sigmoid": lambda torch, X: torch.sigmoid(X),
    "softsign": lambda torch, X: torch.nn.functional.softsign(X),
    "softplus": _softplus,
    "silu": lambda torch, X: torch.nn.functional.silu(X),
    "gelu": lambda torch, X: torch.nn.functional.gelu(X),
    "gelu_tanh": lambda torch, X: torch.nn.functional.gelu(X, approximate="tanh"),
    "softmax": lambda torch, logits: torch.softmax(logits, dim=1),
    "batch_norm": _batch_norm,
    "cross_entropy": lambda torch, logits, y: torch.nn.functional.cross_entropy(logits, y),
    "binary_cross_entropy": lambda torch, logits, y: torch.nn.functional.binary_cross_entropy_with_logits(
        logits, y.double()
    ),
    "mse": lambda torch, y_hat, y: torch.nn.functional.mse_loss(y_hat, y),
    "mae": lambda torch, y_hat, y: torch.nn.functional.l1_loss(y_hat, y.double()),
    "huber": lambda torch, y_hat, y, delta=1.0: torch.nn.functional.huber_loss(y_hat, y.double(), delta=float(delta)),
    "l1_penalty": lambda torch, W, strength: strength * W.abs().sum(),
    "l2_penalty": lambda torch, W, strength: strength / 2 * (W**2).sum(),
    "mlp": _mlp,
}

"""Judges of a gradient: central differences, and PyTorch behind one function.

Units 01 to 07 contain no PyTorch syntax; `same_as_torch` names the operation and does the rest.
"""

from collections.abc import Callable, Sequence

import numpy as np

from introdl._validate import positive


def numerical_gradient(f: Callable[[np.ndarray], float], x: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Return the slopes of f at x, shape of x, by central differences; x is float64 and comes back unchanged."""
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        raise TypeError(f"x is {getattr(x, 'dtype', type(x).__name__)}, expected a float64 array: smaller types round too much")
    positive("eps", eps)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + eps
        above = f(x)
        x[i] = old - eps
        below = f(x)
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
    op: str, *inputs: np.ndarray, value=None, grads: Sequence[np.ndarray] | None = None, upstream=None, rtol: float = 1e-6
) -> float:
    """Compare our value and gradients of an operation with PyTorch's, in float64; return the largest relative error.

    op: a name in OPERATIONS. inputs: its arrays, in order; whole-number arrays are labels, without a gradient.
    value: our result. grads: our gradients of sum(upstream * value), one for each differentiable input, in order
    (None: not compared); upstream may be left out where the value is a single number. Raises AssertionError that names what differs.
    """
    import torch

    if op not in OPERATIONS:
        raise ValueError(f"op is {op!r}, expected one of {', '.join(OPERATIONS)}")
    tensors = [torch.tensor(x if x.dtype.kind in "iu" else x.astype(np.float64)) for x in map(np.asarray, inputs)]
    floats = [t.requires_grad_() for t in tensors if t.is_floating_point()]
    theirs = OPERATIONS[op](torch, *tensors)
    errors = {"value": relative_error(value, theirs.detach().numpy())} if value is not None else {}
    if grads is not None:
        weights = torch.ones_like(theirs) if upstream is None else torch.tensor(np.asarray(upstream, dtype=np.float64))
        their_grads = torch.autograd.grad(theirs, floats, weights)
        for place, (g, t) in enumerate(zip(grads, their_grads, strict=True)):
            if g is not None:
                errors[f"gradient {place}"] = relative_error(g, t.numpy())
    for what, error in errors.items():
        assert error <= rtol, f"{op}: the {what} differs from PyTorch's by {error:.1e} (relative), allowed is {rtol:.0e}"
    return max(errors.values(), default=0.0)


def _mlp(torch, X, y, *params):
    """Cross-entropy of a network of dense layers with ReLU between them; params are W1, b1, W2, b2, …"""
    for place in range(0, len(params), 2):
        X = torch.relu(X) if place else X
        X = X @ params[place] + params[place + 1]
    return torch.nn.functional.cross_entropy(X, y)


OPERATIONS: dict[str, Callable] = {
    "dense": lambda torch, X, W, b: X @ W + b,
    "relu": lambda torch, X: torch.relu(X),
    "tanh": lambda torch, X: torch.tanh(X),
    "sigmoid": lambda torch, X: torch.sigmoid(X),
    "softmax": lambda torch, logits: torch.softmax(logits, dim=1),
    "cross_entropy": lambda torch, logits, y: torch.nn.functional.cross_entropy(logits, y),
    "mse": lambda torch, y_hat, y: torch.nn.functional.mse_loss(y_hat, y),
    "mlp": _mlp,
}

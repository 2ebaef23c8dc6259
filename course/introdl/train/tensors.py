"""Data and devices for the PyTorch loop: arrays to tensors, refused in one sentence if they do not fit."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

KINDS = "(X, y), (X, y, X_val, y_val) or a Split"


def train_and_validation(data, fraction: float, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return X, y, X_val, y_val as tensors; from two arrays, a random fraction of the examples is for validation."""
    if not isinstance(data, (tuple, list)) or len(data) not in (2, 4, 6):  # a Split has six
        came = f"{len(data)} arrays" if isinstance(data, (tuple, list)) else f"a {type(data).__name__}"
        raise ValueError(f"data is {came}, expected {KINDS}")
    if len(data) > 2:
        return *examples(data[0], data[1]), *examples(data[2], data[3], "X_val", "y_val")
    X, y = examples(*data)
    if not 0 < fraction < 1 or not 0 < (num_val := round(fraction * len(X))) < len(X):
        raise ValueError(f"validation_fraction is {fraction!r} of {len(X)} examples, expected some of them, not all")
    order = torch.as_tensor(rng.permutation(len(X)))
    val, rest = order[:num_val], order[num_val:]
    return X[rest], y[rest], X[val], y[val]


def examples(X, y, X_name: str = "X", y_name: str = "y") -> tuple[Tensor, Tensor]:
    """Return inputs and targets as tensors if there are as many of both and all are finite; raise if not."""
    X, y = _tensor(X_name, X), _tensor(y_name, y)
    if len(X) != len(y) or not len(X):
        raise ValueError(f"{X_name} has {len(X)} examples and {y_name} has {len(y)}, expected as many, at least one")
    return X, y if y.is_floating_point() else y.long()


def fitting(net: nn.Module, X: Tensor, y: Tensor, labels: bool) -> tuple[Tensor, Tensor]:
    """Return X and y on the network's device, floats in its dtype, if its output for them fits y; raise if not.

    labels: whether y holds classes, to be compared with an output (N, C, …).
    """
    like = next(net.parameters(), torch.empty(0))
    X, y = (t.to(like.device, like.dtype if t.is_floating_point() else t.dtype) for t in (X, y))
    net.eval()
    with torch.no_grad():
        shape = net(X[:1]).shape
    if labels and len(shape) < 2:
        raise ValueError(
            f"the network's output has shape {tuple(shape)} for one example, expected (1, C): a score a class"
        )
    if labels and (y.is_floating_point() or y.min() < 0 or y.max() >= shape[1]):
        came = f"dtype {y.dtype}" if y.is_floating_point() else f"labels from {y.min()} to {y.max()}"
        raise ValueError(f"y has {came}, expected whole numbers from 0 to {shape[1] - 1}, one class an output")
    if y.is_floating_point() and tuple(shape[1:]) == (*y.shape[1:], 1):  # NumPy's rules would make (N, N) of it
        raise ValueError(
            f"y has shape {tuple(y.shape[1:])} for one example, expected {tuple(shape[1:])} as the network's output"
        )
    return X, y


def choose_device(device: str | torch.device) -> torch.device:
    """Return the device of this name; "auto" is a graphics card if PyTorch sees one, else the processor."""
    if device != "auto":
        return torch.device(device)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


@contextmanager
def borrowed(net: nn.Module, device: str | torch.device | None = None) -> Iterator[None]:
    """Move the network to a device, if one is named; afterwards put it back, and each module into its former mode."""
    modes = [(module, module.training) for module in net.modules()]
    home = next((p.device for p in net.parameters()), torch.device("cpu"))
    net.to(home if device is None else choose_device(device))
    try:
        yield
    finally:
        net.to(home)
        for module, training in modes:
            module.training = training


def _tensor(name: str, value) -> Tensor:
    """Return an array or a tensor as a tensor if it holds numbers, all of them finite; raise if not."""
    if not isinstance(value, (np.ndarray, Tensor)) or (
        isinstance(value, np.ndarray) and value.dtype.kind not in "biuf"
    ):
        raise TypeError(f"{name} is a {type(value).__name__}, expected a NumPy array or a tensor of numbers")
    tensor = value.detach() if isinstance(value, Tensor) else torch.as_tensor(np.array(value))
    if not tensor.ndim:
        raise ValueError(f"{name} is a single number, expected an entry for each example")
    if tensor.is_floating_point() and not tensor.isfinite().all():
        raise ValueError(f"{name} holds {int((~tensor.isfinite()).sum())} NaN or infinite entries, expected none")
    return tensor

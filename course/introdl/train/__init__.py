"""Training loops and what they need: mini-batches, a progress bar, early stopping, a search for the learning rate.

`fit_numpy` trains networks of `introdl.nn`; `fit` trains those of PyTorch, which is loaded when it is first asked for.
"""

from introdl.train.batches import minibatches, track
from introdl.train.numpy_loop import find_lr_numpy, fit_numpy
from introdl.train.stopping import EarlyStopping

__all__ = ["EarlyStopping", "evaluate", "find_lr", "find_lr_numpy", "fit", "fit_numpy", "minibatches", "track"]


def __getattr__(name: str):
    """Load PyTorch, which takes seconds, only for those who ask for what needs it."""
    if name not in ("evaluate", "find_lr", "fit"):
        raise AttributeError(f"module 'introdl.train' has no attribute {name!r}")
    from introdl.train import torch_loop

    return getattr(torch_loop, name)

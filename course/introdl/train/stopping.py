"""Early stopping: end training when the validation loss stops falling, and go back to the best weights.

Built in unit 07. For networks of `introdl.nn` and of PyTorch alike.
"""

import copy
import math

from introdl._validate import whole
from introdl.nn._ranges import not_negative


class EarlyStopping:
    """Remember the weights with the lowest validation loss, and say when to stop waiting for lower ones.

    `best_loss` is that loss, `best_epoch` its epoch, counted from 1 (0: no epoch yet, or none with a finite loss).
    """

    def __init__(self, patience: int, min_delta: float = 0.0):
        """Wait for `patience` epochs in a row without a loss more than min_delta below the best one."""
        self.patience, self.min_delta = whole("patience", patience), not_negative("min_delta", min_delta)
        self.best_loss, self.best_epoch, self.epoch = math.inf, 0, 0
        self.best_weights: list = []

    def update(self, loss: float, net) -> bool:
        """Note an epoch's validation loss and, if it is the best, keep the weights; return whether to stop.

        A loss that is NaN is no improvement.
        """
        self.epoch += 1
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.best_epoch = float(loss), self.epoch
            self.keep(net)
        return self.epoch - self.best_epoch >= self.patience

    def keep(self, net) -> None:
        """Copy the network's weights and running statistics: `restore` brings these back."""
        self.best_weights = copy.deepcopy(_weights(net))

    def restore(self, net) -> None:
        """Write the kept weights back into the network, in place; raises RuntimeError if none were kept."""
        if not self.best_weights:
            raise RuntimeError("no weights were kept: call update or keep before restore")
        for now, best in zip(_weights(net), self.best_weights, strict=True):
            now[...] = best


def _weights(net) -> list:
    """Return all arrays (`introdl.nn`) or tensors (PyTorch) that a copy of the network must hold."""
    return list(net.state_dict().values()) if hasattr(net, "state_dict") else [*net.params, *net.buffers]

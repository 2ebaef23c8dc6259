"""Train a network of `introdl.nn`, and look for its learning rate. Built in units 03, 06 and 07."""

import copy
from collections.abc import Callable
from itertools import count

import numpy as np

from introdl import nn, optim
from introdl._validate import finite, positive, whole
from introdl.data import Split
from introdl.metrics import accuracy
from introdl.train.batches import endless_minibatches, minibatches, track
from introdl.train.range_test import range_test
from introdl.train.stopping import EarlyStopping


def fit_numpy(
    net: nn.Sequential,
    split: Split,
    *,
    num_epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    lr: float | None = None,
    optimizer: optim.Optimizer | None = None,
    schedule: Callable[[int], float] | None = None,
    max_norm: float | None = None,
    patience: int | None = None,
) -> dict[str, list[float]]:
    """Train an `introdl.nn` network in mini-batches on cross-entropy; return its history.

    split: X (N, D) and integer labels y (N,). The test part is not looked at.
    lr: for plain gradient descent. optimizer: another one, over net.params, in place of lr.
    schedule: the learning rate of each step, counted from 0 for the first batch.
    max_norm: shorten the gradients to this norm. patience: stop after so many epochs in a row without a lower
    validation loss, and bring the best weights back.
    Returns {"train_loss", "val_loss", "val_accuracy"}: one number an epoch. The training loss is the mean
    over the epoch's examples, each at the time of its batch. If training diverges, it goes on, and these turn NaN.
    Raises ValueError for bad arguments.
    """
    finite("X_train", split.X_train)
    optimizer = _optimizer(net, lr, optimizer)
    stopping = EarlyStopping(patience) if patience is not None else None
    history: dict[str, list[float]] = {"train_loss": [], "val_loss": [], "val_accuracy": []}
    was_training, steps = net.training, count()
    for _ in track(range(whole("num_epochs", num_epochs)), "training"):
        total = 0.0
        net.train()
        for X, y in minibatches(split.X_train, split.y_train, batch_size, rng):
            optimizer.lr = schedule(next(steps)) if schedule else optimizer.lr
            total += _step(net, X, y, optimizer, max_norm) * len(y)
        net.eval()
        val_logits = net.forward(split.X_val)
        history["train_loss"].append(total / len(split.y_train))
        history["val_loss"].append(nn.cross_entropy(val_logits, split.y_val))
        history["val_accuracy"].append(accuracy(split.y_val, val_logits.argmax(axis=1)))
        if stopping and stopping.update(history["val_loss"][-1], net):
            break
    if stopping and stopping.best_epoch:
        stopping.restore(net)
    if was_training:
        net.train()
    return history


def find_lr_numpy(
    net: nn.Sequential,
    split: Split,
    *,
    batch_size: int,
    rng: np.random.Generator,
    make_optimizer: Callable[[list[np.ndarray], float], optim.Optimizer] = optim.SGD,
    low: float = 1e-5,
    high: float = 10.0,
    num_steps: int = 100,
) -> tuple[np.ndarray, np.ndarray]:
    """Return learning rates and the smoothed training losses of a copy of the network, one step at each rate.

    make_optimizer: makes one from parameters and a learning rate: a class of `optim`, or a function of your own.
    The network stays as it is. See `range_test` for what comes back and when it ends early.
    """
    net = copy.deepcopy(net)
    net.train()
    optimizer = make_optimizer(net.params, positive("low", low))
    batches = endless_minibatches(finite("X_train", split.X_train), split.y_train, batch_size, rng)

    def step(lr: float) -> float:
        optimizer.lr = lr
        return _step(net, *next(batches), optimizer)

    return range_test(step, low, high, num_steps)


def _step(
    net: nn.Sequential, X: np.ndarray, y: np.ndarray, optimizer: optim.Optimizer, max_norm: float | None = None
) -> float:
    """Go forward, backward and one step down; return the batch's loss before the step."""
    logits = net.forward(X)
    net.backward(nn.cross_entropy_backward(logits, y), to_input=False)
    optimizer.step(net.grads if max_norm is None else optim.clip_by_norm(net.grads, max_norm))
    return nn.cross_entropy(logits, y)


def _optimizer(net: nn.Sequential, lr: float | None, optimizer: optim.Optimizer | None) -> optim.Optimizer:
    """Return the optimizer, or gradient descent with this learning rate; exactly one of both is expected."""
    if lr is not None and optimizer is not None:
        raise ValueError(f"lr is {lr!r} and an optimizer is given, expected one of both: the optimizer has its own lr")
    return optimizer or optim.SGD(net.params, lr)

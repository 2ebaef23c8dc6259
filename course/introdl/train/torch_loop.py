"""Train a PyTorch module, judge it, and look for its learning rate: the loop of unit 08, with all that one forgets."""

import copy
import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from introdl._validate import positive, whole
from introdl.train.batches import endless_minibatches, minibatches, track
from introdl.train.range_test import range_test
from introdl.train.stopping import EarlyStopping
from introdl.train.tensors import borrowed, examples, fitting, train_and_validation

Loss = Callable[[Tensor, Tensor], Tensor]


def fit(
    net: nn.Module,
    data: tuple,
    *,
    num_epochs: int,
    batch_size: int = 64,
    loss: Loss = cross_entropy,
    optimizer: torch.optim.Optimizer | None = None,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    max_norm: float | None = None,
    patience: int | None = None,
    validation_fraction: float = 0.1,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> dict[str, list[float]]:
    """Train a network in mini-batches; return its history.

    data: arrays or tensors (X, y), from which validation_fraction is set aside, (X, y, X_val, y_val), or a `Split`,
    whose test part is not looked at. X (N, …); y (N,) whole-number labels, or what `loss` wants.
    loss: (outputs, y) -> the mean over the batch. optimizer: Adam with PyTorch's settings if there is none.
    scheduler: of that optimizer; it steps after every batch. max_norm: shorten the gradients to this norm.
    patience: stop after so many epochs in a row without a lower validation loss, and bring the best weights back.
    seed: of the order of the examples, and of what is set aside; dropout follows torch.manual_seed.
    device: where to train, such as "cpu" or "cuda"; "auto" takes a graphics card if there is one.
    Returns {"train_loss", "val_loss"} and, if y holds labels, "val_accuracy": one number an epoch. The training
    loss is the mean over the epoch's examples, each at the time of its batch. Device and modes are put back.
    Raises ValueError or TypeError for bad arguments, RuntimeError if training diverges; the network then has its
    best weights so far.
    """
    num_epochs, batch_size = whole("num_epochs", num_epochs), whole("batch_size", batch_size)
    rng = np.random.default_rng(whole("seed", seed, least=0))
    if scheduler and optimizer is None:
        raise ValueError("scheduler is given without an optimizer, expected both: it steers one")
    optimizer = optimizer or torch.optim.Adam(net.parameters())
    stopping = EarlyStopping(num_epochs if patience is None else patience)
    *training, X_val, y_val = train_and_validation(data, validation_fraction, rng)
    history: dict[str, list[float]] = {}
    with borrowed(net, device):
        X, y = fitting(net, *training, labels=loss is cross_entropy)
        X_val, y_val = fitting(net, X_val, y_val, labels=loss is cross_entropy)
        stopping.keep(net)
        for epoch in track(range(1, num_epochs + 1), "training"):
            net.train()
            batches = minibatches(X, y, batch_size, rng)
            total = sum(_step(net, *batch, loss, optimizer, scheduler, max_norm) * len(batch[1]) for batch in batches)
            found = {"train_loss": total / len(y)} | _judged(net, X_val, y_val, loss, batch_size)
            for name, value in found.items():
                history.setdefault(name, []).append(value)
            _stop_if_diverged(net, epoch, found, stopping)
            if stopping.update(found["val_loss"], net):
                break
        if patience is not None:
            stopping.restore(net)
    return history


def evaluate(
    net: nn.Module, X: np.ndarray | Tensor, y: np.ndarray | Tensor, *, loss: Loss = cross_entropy, batch_size: int = 512
) -> dict[str, float]:
    """Return {"loss"} and, if y holds labels, {"accuracy"} of the network in evaluation mode, over all examples.

    X (N, …), y and loss as for `fit`. The network stays where it is, and in the mode in which it was.
    """
    with borrowed(net):
        X, y = fitting(net, *examples(X, y), labels=loss is cross_entropy)
        found = _judged(net, X, y, loss, whole("batch_size", batch_size))
    return {name.removeprefix("val_"): value for name, value in found.items()}


def find_lr(
    net: nn.Module,
    data: tuple,
    *,
    batch_size: int = 64,
    loss: Loss = cross_entropy,
    make_optimizer: Callable = torch.optim.Adam,
    low: float = 1e-6,
    high: float = 1.0,
    num_steps: int = 100,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> tuple[np.ndarray, np.ndarray]:
    """Return learning rates and the smoothed training losses of a copy of the network, one step at each rate.

    data: X and y first, as for `fit`; no more is looked at. make_optimizer: makes one from parameters and lr=…, such
    as a class of torch.optim. The network and torch's random numbers stay as they are. See `range_test`.
    """
    X, y = examples(data[0], data[1])
    rng, net = np.random.default_rng(whole("seed", seed, least=0)), copy.deepcopy(net)
    with borrowed(net, device), torch.random.fork_rng():
        batches = endless_minibatches(*fitting(net, X, y, labels=loss is cross_entropy), batch_size, rng)
        optimizer = make_optimizer(net.parameters(), lr=positive("low", low))
        net.train()

        def step(lr: float) -> float:
            for group in optimizer.param_groups:
                group["lr"] = lr
            return _step(net, *next(batches), loss, optimizer)

        return range_test(step, low, high, num_steps)


def _step(net, X, y, loss, optimizer, scheduler=None, max_norm=None) -> float:
    """Go forward, backward and one step down; return the batch's loss before the step."""
    optimizer.zero_grad()
    value = loss(net(X), y)
    value.backward()
    if max_norm is not None:
        nn.utils.clip_grad_norm_(net.parameters(), positive("max_norm", max_norm))
    optimizer.step()
    if scheduler:
        scheduler.step()
    return value.item()


@torch.no_grad()
def _judged(net: nn.Module, X: Tensor, y: Tensor, loss: Loss, batch_size: int) -> dict[str, float]:
    """Return the mean loss over all examples and, for labels, the share of right ones."""
    net.eval()
    total, right = 0.0, 0
    for X_batch, y_batch in zip(X.split(batch_size), y.split(batch_size), strict=True):
        outputs = net(X_batch)
        total += loss(outputs, y_batch).item() * len(y_batch)
        right += 0 if y.is_floating_point() else (outputs.argmax(dim=1) == y_batch).sum().item()
    return {"val_loss": total / len(y)} | ({} if y.is_floating_point() else {"val_accuracy": right / y.numel()})


def _stop_if_diverged(net: nn.Module, epoch: int, found: dict[str, float], stopping: EarlyStopping) -> None:
    """Raise RuntimeError if a loss is not finite, after bringing the best weights back."""
    for name in ("train_loss", "val_loss"):
        if not math.isfinite(found[name]):
            stopping.restore(net)
            raise RuntimeError(
                f"{name} is {found[name]} in epoch {epoch}: training diverged; the network has its best weights from "
                "before; try a smaller learning rate or max_norm=1"
            )

"""Measure `introdl.nn` and `introdl.optim` against PyTorch and small peers: layers, steps, and an epoch of training.

All take turns in one process with one thread, on the same data in float32 (numpy-ml and micrograd know only 64 bits).
`make bench` writes results/layers.json and the table in README.md. The peers lie in a folder of their own:
`pip install --no-deps --target DIR numpy-ml micrograd`, then `make bench PEERS=DIR`.
"""

import argparse
import collections
import importlib
import statistics
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from introdl import data, nn, optim
from introdl.train import minibatches
from tests.bench.tables import RESULTS, machine, measured_on, put_in_readme, write_json

BATCH, SIZES, LR = 64, (784, 128, 64, 10), 0.1
EPOCH = "epoch of 784-128-64-10 on MNIST-5k, batch 64"
ROWS_OF_LAYER = (BATCH, 512)  # the input of each layer that is timed alone
IMAGES = (BATCH, 16, 28, 28)  # the input of convolution and pooling
SEQUENCES, HIDDEN = (BATCH, 52, 16), 32  # unit 14's memory task: steps of the longest sequence, features of a symbol
CONVOLUTION = "convolution, 32 kernels of 3×3 on {} images of 16×28×28, forward and backward"
SLOW = {"micrograd", "naive loops"}  # one image takes long: measured twice only
STACK = 512 * 2**20  # bytes: micrograd goes through its graph by recursion, 100,000 deep
Timed = Callable[[], float]  # does the work once and returns its seconds


def main(argv: list[str] | None = None) -> int:
    """Measure all, and write the table."""
    options = _options(argv)
    torch.set_num_threads(1)
    split = data.mnist5k()
    contests = {EPOCH: epoch_contest(split, options.peers), **layer_contests(), **image_contests()}
    contests |= {**recurrent_contests(), **optimizer_contests()}
    rows = [measured(what, rivals, options.repeat) for what, rivals in contests.items()]
    if options.results == RESULTS / "layers.json":
        write_readme(rows, machine())
    write_json(options.results, rows)
    return 0


def measured(what: str, rivals: dict[str, Timed], repeat: int) -> dict:
    """Return one row: everybody's median seconds, taken in turns so that a busy moment meets all alike."""
    seconds: dict[str, list[float]] = {who: [] for who in rivals}
    for turn in range(repeat + 1):  # the first turn is a warm-up
        for who, once in rivals.items():
            if turn <= 1 or who not in SLOW:
                seconds[who].append(once())
    found = {who: statistics.median(times[1:]) for who, times in seconds.items()}
    ours, theirs = found.pop("ours"), found.pop("torch")
    print(f"{what}: ours {1e3 * ours:.3f} ms, torch {1e3 * theirs:.3f} ms, {found}", flush=True)
    return {"what": what, "ours_s": ours, "torch_s": theirs, "ratio": round(ours / theirs, 3), "peers": found}


def timed(work: Callable[[], object], times: int = 1) -> Timed:
    """Return a function that does the work so many times and returns the seconds of one."""

    def once() -> float:
        start = time.perf_counter()
        for _ in range(times):
            work()
        return (time.perf_counter() - start) / times

    return once


# One epoch of training --------------------------------------------------------------------------------------------


def epoch_contest(split: data.Split, peers: Path | None) -> dict[str, Timed]:
    """Return who trains the same network for one epoch: shuffled batches, forward, backward, a step of descent."""
    X, y = split.X_train.astype(np.float32), split.y_train
    rivals = {"ours": timed(our_epoch(our_net(), X, y)), "torch": timed(torch_epoch(torch_net(), X, y))}
    if peers:
        sys.path.append(str(peers))
        rivals |= {"numpy-ml": timed(numpy_ml_epoch(X, y)), "micrograd": micrograd_epoch(X, y)}
    return rivals


def our_net() -> nn.Sequential:
    """Return the network with the weights from which everybody starts."""
    rng = np.random.default_rng(0)
    dense = [nn.Dense(n_in, n_out, rng) for n_in, n_out in zip(SIZES, SIZES[1:], strict=False)]
    return nn.Sequential(dense[0], nn.ReLU(), dense[1], nn.ReLU(), dense[2])


def torch_net() -> torch.nn.Sequential:
    """Return the same network in PyTorch, which keeps its matrices transposed."""
    dense = [torch.nn.Linear(n_in, n_out) for n_in, n_out in zip(SIZES, SIZES[1:], strict=False)]
    net = torch.nn.Sequential(dense[0], torch.nn.ReLU(), dense[1], torch.nn.ReLU(), dense[2])
    for theirs, ours in zip(net.parameters(), our_net().params, strict=True):
        theirs.data = torch.from_numpy(np.ascontiguousarray(ours.T))
    return net


def our_epoch(net: nn.Sequential, X: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    """Return an epoch with `introdl`."""
    optimizer, rng = optim.SGD(net.params, LR), np.random.default_rng(0)

    def epoch() -> None:
        for X_batch, y_batch in minibatches(X, y, BATCH, rng):
            logits = net.forward(X_batch)
            net.backward(nn.cross_entropy_backward(logits, y_batch), to_input=False)
            optimizer.step(net.grads)

    return epoch


def torch_epoch(net: torch.nn.Sequential, X: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    """Return an epoch with PyTorch, on the same batches."""
    optimizer, rng = torch.optim.SGD(net.parameters(), LR), np.random.default_rng(0)
    inputs, labels = torch.from_numpy(X), torch.from_numpy(y).long()

    def epoch() -> None:
        for X_batch, y_batch in minibatches(inputs, labels, BATCH, rng):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(X_batch), y_batch).backward()
            optimizer.step()

    return epoch


def numpy_ml_epoch(X: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    """Return an epoch with numpy-ml; its losses are sums over the batch, so its rate is that of one example."""
    collections.Hashable = collections.abc.Hashable  # numpy-ml was written for a Python that had it there
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses a library for games
        layers = importlib.import_module("numpy_ml.neural_nets.layers")
        losses = importlib.import_module("numpy_ml.neural_nets.losses")
    rng, hot = np.random.default_rng(0), nn.one_hot(y, SIZES[-1])
    settings = {"init": "he_normal", "optimizer": f"SGD(lr={LR / BATCH})"}
    net = [layers.FullyConnected(n, "ReLU" if n != SIZES[-1] else None, **settings) for n in SIZES[1:]]

    def epoch() -> None:
        for X_batch, hot_batch in minibatches(X, hot, BATCH, rng):
            out = X_batch
            for layer in net:
                out = layer.forward(out)
            grad = losses.CrossEntropy.grad(hot_batch, nn.softmax(out))
            for layer in reversed(net):
                grad = layer.backward(grad)
            for layer in net:
                layer.update()

    return epoch


def micrograd_epoch(X: np.ndarray, y: np.ndarray) -> Timed:
    """Return the seconds of an epoch with micrograd, from one image: it computes with single numbers.

    It has no logarithm: its loss is the squared error against the one-hot label.
    """
    net = importlib.import_module("micrograd.nn").MLP(SIZES[0], list(SIZES[1:]))
    image, target = X[0].tolist(), np.eye(SIZES[-1])[y[0]].tolist()

    def one_image() -> None:
        loss = sum((out - want) ** 2 for out, want in zip(net(image), target, strict=True))
        net.zero_grad()
        loss.backward()
        for p in net.parameters():
            p.data -= LR * p.grad

    return lambda: len(X) * in_deep_stack(timed(one_image))


def in_deep_stack(once: Timed) -> float:
    """Call in a thread whose stack holds a very deep recursion."""
    found: list[float] = []
    limit, size = sys.getrecursionlimit(), threading.stack_size(STACK)
    sys.setrecursionlimit(10**6)
    thread = threading.Thread(target=lambda: found.append(once()))
    thread.start()
    thread.join()
    threading.stack_size(size)
    sys.setrecursionlimit(limit)
    return found[0]


# Layers and optimizers alone --------------------------------------------------------------------------------------


def layer_contests() -> dict[str, dict[str, Timed]]:
    """Return who goes forward and backward through one layer, on a batch of 64 with 512 features."""
    rng, features = np.random.default_rng(0), ROWS_OF_LAYER[1]
    pairs = {
        "dense 512 → 512": (nn.Dense(features, features, rng), torch.nn.Linear(features, features)),
        "ReLU": (nn.ReLU(), torch.nn.ReLU()),
        "leaky ReLU": (nn.LeakyReLU(), torch.nn.LeakyReLU()),
        "tanh": (nn.Tanh(), torch.nn.Tanh()),
        "sigmoid": (nn.Sigmoid(), torch.nn.Sigmoid()),
        "GELU": (nn.GELU(), torch.nn.GELU()),
        "dropout 0.5": (nn.Dropout(0.5, rng), torch.nn.Dropout(0.5)),
        "batch norm": (nn.BatchNorm(features), torch.nn.BatchNorm1d(features)),
    }
    found = {f"{name}, forward and backward": forward_and_backward(*pair) for name, pair in pairs.items()}
    return found | {"cross-entropy of 10 classes, value and gradient": cross_entropies()}


def image_contests() -> dict[str, dict[str, Timed]]:
    """Return who convolves, pools and normalizes images; the naive loops are timed on one image."""
    rng, channels = np.random.default_rng(0), IMAGES[1]
    pairs = {
        "max pooling 2×2": (nn.MaxPool2d(2), torch.nn.MaxPool2d(2)),
        "average pooling 2×2": (nn.AvgPool2d(2), torch.nn.AvgPool2d(2)),
        "batch norm": (nn.BatchNorm2d(channels), torch.nn.BatchNorm2d(channels)),
    }
    found = {}
    for batch in (BATCH, 2 * BATCH):
        pair = nn.Conv2d(channels, 32, 3, rng, padding=1), torch.nn.Conv2d(channels, 32, 3, padding=1)
        found[CONVOLUTION.format(batch)] = forward_and_backward(*pair, (batch, *IMAGES[1:]), times=1)
    found[CONVOLUTION.format(BATCH)]["naive loops"] = naive_convolution()
    for name, pair in pairs.items():
        found[f"{name} on {BATCH} images of 16×28×28, forward and backward"] = forward_and_backward(*pair, IMAGES, 2)
    return found


def recurrent_contests() -> dict[str, dict[str, Timed]]:
    """Return who goes through sequences and back through time, at the sizes of unit 14."""
    rng, (_, T, D) = np.random.default_rng(0), SEQUENCES
    found = {}
    for kind in ("RNN", "LSTM", "GRU"):
        pair = getattr(nn, kind)(D, HIDDEN, rng), OutputsOnly(getattr(torch.nn, kind)(D, HIDDEN, batch_first=True))
        what = f"{kind} {D} → {HIDDEN} over {T} steps, forward and backward"
        found[what] = forward_and_backward(*pair, SEQUENCES, times=5)
    return found


class OutputsOnly(torch.nn.Module):
    """A recurrent layer of PyTorch without the last state."""

    def __init__(self, layer: torch.nn.Module):
        """Keep the layer."""
        super().__init__()
        self.layer = layer

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return the outputs of all steps, (N, T, hidden)."""
        return self.layer(X)[0]


def naive_convolution() -> Timed:
    """Return the seconds that convolution by its definition takes for the batch, from one image."""
    rng = np.random.default_rng(1)
    X, W, dY = (rng.normal(size=s).astype(np.float32) for s in ((1, *IMAGES[1:]), (32, 16, 3, 3), (1, 32, 28, 28)))

    def one_image() -> None:
        nn.conv2d_naive(X, W, padding=1)
        nn.conv2d_naive_backward(dY, X, W, padding=1)

    return lambda: BATCH * timed(one_image)()


def forward_and_backward(
    layer: nn.Layer, module: torch.nn.Module, shape: tuple[int, ...] = ROWS_OF_LAYER, times: int = 50
) -> dict[str, Timed]:
    """Return a layer of ours and torch's, each with the same input and the same gradient of its output."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=shape).astype(np.float32)
    dY = rng.normal(size=layer.forward(X).shape).astype(np.float32)
    theirs, gradient = torch.from_numpy(X).requires_grad_(), torch.from_numpy(dY)

    def ours() -> None:
        layer.forward(X)
        layer.backward(dY)

    def torchs() -> None:
        theirs.grad = None
        module.zero_grad()
        module(theirs).backward(gradient)

    return {"ours": timed(ours, times), "torch": timed(torchs, times)}


def cross_entropies() -> dict[str, Timed]:
    """Return the loss of a batch of logits and its gradient, ours and torch's."""
    rng = np.random.default_rng(1)
    logits, y = rng.normal(size=(BATCH, 10)).astype(np.float32), rng.integers(0, 10, BATCH)
    theirs, labels = torch.from_numpy(logits).requires_grad_(), torch.from_numpy(y)

    def ours() -> None:
        nn.cross_entropy(logits, y)
        nn.cross_entropy_backward(logits, y)

    def torchs() -> None:
        theirs.grad = None
        torch.nn.functional.cross_entropy(theirs, labels).backward()

    return {"ours": timed(ours, 50), "torch": timed(torchs, 50)}


def optimizer_contests() -> dict[str, dict[str, Timed]]:
    """Return who takes a step with the parameters of 784-128-64-10."""
    pairs = {
        "SGD with momentum": (lambda p: optim.SGD(p, LR, momentum=0.9), lambda p: torch.optim.SGD(p, LR, momentum=0.9)),
        "RMSprop": (optim.RMSprop, torch.optim.RMSprop),
        "Adam": (optim.Adam, torch.optim.Adam),
    }
    return {f"a step of {name}": steps(*pair) for name, pair in pairs.items()}


def steps(make_ours: Callable, make_theirs: Callable) -> dict[str, Timed]:
    """Return one step of both, on the same parameters and gradients."""
    rng = np.random.default_rng(0)
    shapes = [s for n_in, n_out in zip(SIZES, SIZES[1:], strict=False) for s in ((n_in, n_out), (n_out,))]
    params, grads = ([rng.normal(size=shape).astype(np.float32) for shape in shapes] for _ in range(2))
    theirs = [torch.nn.Parameter(torch.from_numpy(p.copy())) for p in params]
    for p, g in zip(theirs, grads, strict=True):
        p.grad = torch.from_numpy(g)
    ours, torchs = make_ours(params), make_theirs(theirs)
    return {"ours": timed(lambda: ours.step(grads), 20), "torch": timed(torchs.step, 20)}


def write_readme(rows: list[dict], found: dict, readme: Path | None = None) -> None:
    """Put the table into README.md."""
    peers = list(dict.fromkeys(name for row in rows for name in row["peers"]))
    heads = ["what", "ours (ms)", "torch (ms)", "ours / torch", *(f"{name} (ms)" for name in peers)]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for row in rows:
        others = [f"{1e3 * row['peers'][name]:,.0f}" if name in row["peers"] else "" for name in peers]
        cells = [row["what"], f"{1e3 * row['ours_s']:.3g}", f"{1e3 * row['torch_s']:.3g}", f"{row['ratio']:.2f}"]
        lines.append("| " + " | ".join([*cells, *others]) + " |")
    lines += ["", measured_on(found, "one thread each")]
    put_in_readme("layers", lines, *filter(None, [readme]))


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.layers", description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, metavar="DIR", help="a folder with numpy-ml and micrograd")
    parser.add_argument("--repeat", type=int, default=15, help="take the median of so many turns (15)")
    parser.add_argument("--results", type=Path, default=RESULTS / "layers.json", help="where the figures are kept")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())

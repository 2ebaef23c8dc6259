"""Unit 07's table: how each way to regularize does on 300 digits, alone and combined, judged on validation data only.

`python -m tests.bench.regularization` trains every row from four seeds, with right labels and with 20 % of them
drawn anew, and writes results/07_regularization.json. Last come strengths of the L1 penalty by soft threshold, on all
3,500 digits. It takes a quarter of an hour; the lesson trains some rows again.
"""

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np

from introdl import data, nn, optim
from introdl.train import EarlyStopping, minibatches
from tests.bench.tables import RESULTS, write_json

SIZES, BATCH, LR, SEEDS = (784, 128, 64, 10), 32, 1e-3, range(4)
NUM_DIGITS, SHARE, LABEL_SEED = 300, 0.2, 7
ALONE = [
    {},
    {"patience": 5},
    *({"l2": strength} for strength in (0.003, 0.01, 0.03, 0.1, 0.3)),
    *({"l1": strength} for strength in (0.0003, 0.001, 0.003)),
    *({"p": p} for p in (0.2, 0.5)),
    *({"p_input": p} for p in (0.2, 0.5)),
    {"batch_norm": True},
]
TOGETHER = [
    {"p_input": p_input, "p": p, "l2": l2, "batch_norm": batch_norm, "patience": 30, "num_epochs": 200}
    for p_input, p, l2, batch_norm in itertools.product((0.4, 0.6), (0.0, 0.3, 0.5), (0.0, 0.01), (False, True))
]


STRENGTHS = (0.0, 0.0001, 0.0002, 0.0003, 0.0005, 0.001)


def main(argv: list[str] | None = None) -> int:
    """Train all rows, and write the table after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "07_regularization.json", metavar="FILE")
    options = parser.parse_args(argv)
    split, rows = data.mnist5k(), []
    y = {"right": split.y_train[:NUM_DIGITS], "noisy": noisy_labels(split.y_train[:NUM_DIGITS])}
    for settings, labels in itertools.product(ALONE + TOGETHER, y):
        part = split._replace(X_train=split.X_train[:NUM_DIGITS], y_train=y[labels])
        errors = [error(fit(part, seed=seed, **settings), split.X_val, split.y_val) for seed in SEEDS]
        rows.append({"labels": labels, "settings": settings, "val_error": errors})
        print(labels, settings, f"{np.mean(errors):.3f}", flush=True)
        write_json(options.results, rows)
    write_json(options.results, rows + sparse_rows(split))
    return 0


def sparse_rows(split) -> list[dict]:
    """Return a row for each strength of the L1 penalty by soft threshold: validation errors and shares of zeros."""
    rows = []
    for strength in STRENGTHS:
        nets = [fit_sparse(split, seed, strength) for seed in SEEDS]
        errors = [error(net, split.X_val, split.y_val) for net in nets]
        zeros = [share_of_zeros(net, split.X_train) for net in nets]
        rows.append({"labels": "all", "settings": {"threshold": strength}, "val_error": errors, "zeros": zeros})
        print("all", strength, f"{np.mean(errors):.4f} {np.mean(zeros):.3f}", flush=True)
    return rows


def noisy_labels(y: np.ndarray) -> np.ndarray:
    """Return the labels, a random fifth of them drawn anew from all ten classes."""
    rng, y = np.random.default_rng(LABEL_SEED), y.copy()
    drawn = rng.permutation(len(y))[: int(SHARE * len(y))]
    y[drawn] = rng.integers(0, 10, size=len(drawn))
    return y


def make_net(rng: np.random.Generator, p_input: float = 0.0, p: float = 0.0, batch_norm: bool = False):
    """Return a network of three dense layers with what is asked for between them."""
    layers = [nn.Dropout(p_input, rng)] if p_input else []
    for n_in, n_out in itertools.pairwise(SIZES[:-1]):
        layers += [nn.Dense(n_in, n_out, rng), *([nn.BatchNorm(n_out)] if batch_norm else []), nn.ReLU()]
        layers += [nn.Dropout(p, rng)] if p else []
    return nn.Sequential(*layers, nn.Dense(*SIZES[-2:], rng))


def fit(split, seed, *, l2=0.0, l1=0.0, patience=None, num_epochs=60, **what):
    """Return a network, trained by Adam; with patience, its weights of the best epoch."""
    net, rng = make_net(np.random.default_rng(seed), **what), np.random.default_rng(seed)
    optimizer = optim.Adam(net.params, LR)
    stopping = EarlyStopping(patience or num_epochs)
    for _ in range(num_epochs):
        net.train()
        for X, y in minibatches(split.X_train, split.y_train, BATCH, rng):
            net.backward(nn.cross_entropy_backward(net.forward(X), y), to_input=False)
            optimizer.step([
                g + l2 * w + l1 * np.sign(w) if w.ndim == 2 else g for w, g in zip(net.params, net.grads, strict=True)
            ])
        net.eval()
        if patience and stopping.update(nn.cross_entropy(net.forward(split.X_val), split.y_val), net):
            break
    if patience:
        stopping.restore(net)
    return net


def fit_sparse(split, seed, strength, num_epochs=20, lr=0.3):
    """Return a network trained by plain descent on all digits, its weights shortened after each step."""
    net, rng = make_net(np.random.default_rng(seed)), np.random.default_rng(seed)
    optimizer, num_batches = optim.SGD(net.params, lr), -(-len(split.X_train) // 16)
    for _ in range(num_epochs):
        for X, y in minibatches(split.X_train, split.y_train, 16, rng):
            optimizer.lr = optim.step_decay(optimizer.num_steps, lr, every=num_epochs * num_batches * 6 // 10)
            net.backward(nn.cross_entropy_backward(net.forward(X), y), to_input=False)
            optimizer.step(net.grads)
            for p in net.params:
                if p.ndim == 2:
                    p[...] = nn.soft_threshold(p, optimizer.lr * strength)
    return net


def share_of_zeros(net, X: np.ndarray) -> float:
    """Return the share of weights that are exactly 0, without those of pixels that are blank in all of X."""
    first, *later = [p for p in net.params if p.ndim == 2]
    counted = [first[(X > 0).any(axis=0)], *later]
    return float(sum((p == 0).sum() for p in counted) / sum(p.size for p in counted))


def error(net, X: np.ndarray, y: np.ndarray) -> float:
    """Return the share of wrong answers of a network in evaluation."""
    net.eval()
    return float((net.forward(X).argmax(axis=1) != y).mean())


if __name__ == "__main__":
    sys.exit(main())

"""Unit 10's tables: what each ingredient of the recipe buys, and how many digits each kind of network needs.

`python -m tests.bench.cnn` trains every row from four seeds and writes results/10_cnn.json, with accuracies on the
validation data only. It takes half an hour; the lesson trains some rows again.
"""

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from introdl import augment, data, train
from tests.bench.tables import RESULTS, write_json

SEEDS, NUM_EPOCHS, BATCH, LR, MAX_LR = range(4), 15, 64, 0.001, 0.005
INGREDIENTS = ("batch norm", "one-cycle", "augmentation")
LADDER = [
    (),
    *((one,) for one in INGREDIENTS),
    *(tuple(two) for two in itertools.combinations(INGREDIENTS, 2)),
    INGREDIENTS,
]
SIZES = (100, 300, 1000, 3500)


class RandomAffine(nn.Module):
    """Turn, zoom and move each image a little, in training only."""

    def __init__(self, seed: int):
        super().__init__()
        self.rng = np.random.default_rng(seed)

    def forward(self, X):
        return augment.random_affine(X, self.rng, 10, 0.1, 2) if self.training else X


def main(argv: list[str] | None = None) -> int:
    """Train all rows, and write the table after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "10_cnn.json", metavar="FILE")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    rows = []
    for net, ingredients, size in [
        *((net, ingredients, 3500) for net in ("mlp", "cnn") for ingredients in LADDER),
        *((net, (), size) for net in ("mlp", "cnn") for size in SIZES[:-1]),
    ]:
        accuracies = [accuracy(net, ingredients, size, seed) for seed in SEEDS]
        rows.append({"net": net, "ingredients": ingredients, "digits": size, "val_accuracy": accuracies})
        print(net, ingredients, size, f"{np.mean(accuracies):.4f}", flush=True)
        write_json(options.results, rows)
    return 0


def accuracy(kind: str, ingredients: tuple[str, ...], size: int, seed: int) -> float:
    """Return the validation accuracy of one network, trained for NUM_EPOCHS, or as many steps on fewer digits."""
    split, batch_norm = data.mnist5k(), "batch norm" in ingredients
    X_val, y_val = images(split.X_val), split.y_val
    digits = images(split.X_train[:size]), split.y_train[:size], X_val[:1], y_val[:1]  # judged at the end alone
    torch.manual_seed(seed)
    net = make_cnn(batch_norm) if kind == "cnn" else make_mlp(batch_norm)
    if "augmentation" in ingredients:
        net = nn.Sequential(RandomAffine(seed), net)
    num_epochs, scheduler = NUM_EPOCHS * (3500 // size), None
    optimizer = torch.optim.Adam(net.parameters(), lr=LR)
    if "one-cycle" in ingredients:
        steps = num_epochs * -(-size // BATCH)
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=MAX_LR, total_steps=steps)
    train.fit(net, digits, num_epochs=num_epochs, batch_size=BATCH, optimizer=optimizer, scheduler=scheduler, seed=seed)
    return train.evaluate(net, X_val, y_val)["accuracy"]


def images(X: np.ndarray) -> np.ndarray:
    """Return digits (N, 784) as images (N, 1, 28, 28)."""
    return X.reshape(-1, 1, 28, 28)


def make_cnn(batch_norm: bool) -> nn.Sequential:
    """Return the lesson's network: three convolutions, two poolings, two dense layers."""
    layers: list[nn.Module] = []
    for c_in, c_out, pools in ((1, 32, True), (32, 64, True), (64, 64, False)):
        layers += [nn.Conv2d(c_in, c_out, 3), *([nn.BatchNorm2d(c_out)] if batch_norm else []), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if pools else []
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10))


def make_mlp(batch_norm: bool) -> nn.Sequential:
    """Return a network of dense layers with as many parameters, to a percent."""
    layers: list[nn.Module] = [nn.Flatten()]
    for n_in, n_out in ((784, 115), (115, 20)):
        layers += [nn.Linear(n_in, n_out), *([nn.BatchNorm1d(n_out)] if batch_norm else []), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(20, 10))


if __name__ == "__main__":
    sys.exit(main())

"""Unit 12's table: which block to borrow from, how many labels each way needs, what each augmentation buys.

`python -m tests.bench.transfer` takes networks and training from the lesson itself: it runs its cells that are tagged
"harness". Emoji: four draws of 20 pictures of each kind to learn from, out of those for training and validation
together, nine to judge on. Digits: four first weights, judged on the validation set. Rows go to
results/12_transfer.json. It takes half an hour; the lesson trains some rows again.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from autograder.build import ROOT
from tests.bench.architectures import harness
from tests.bench.tables import RESULTS, write_json

LESSON = ROOT / "course" / "12_transfer_augmentation" / "lesson.py"
SEEDS, LABELS = range(4), (2, 5, 10, 20)


def main(argv: list[str] | None = None) -> int:
    """Measure all rows, and write the table after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "12_transfer.json", metavar="FILE")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    lesson, rows = harness(LESSON), []
    if not lesson["complete"]:
        return 1
    for row in (*of_blocks(lesson), *of_labels(lesson), *of_pipelines(lesson), *of_emoji(lesson)):
        row["val_accuracy"] = [round(float(score), 4) for score in row["val_accuracy"]]
        rows.append(row)
        print(*row.values(), flush=True)
        write_json(options.results, rows)
    return 0


def draw(split, seed: int, labels: int = 20) -> tuple[np.ndarray, ...]:
    """Return (X, y, X_val, y_val): other pictures of each kind to learn from and to judge on for each seed."""
    X, y = np.concatenate([split.X_train, split.X_val]), np.concatenate([split.y_train, split.y_val])
    rng, parts = np.random.default_rng(seed), []
    for label in range(10):
        order = rng.permutation(np.flatnonzero(y == label))
        parts.append((order[:labels], order[20:]))
    train, val = (np.concatenate(part) for part in zip(*parts, strict=True))
    return X[train], y[train], X[val], y[val]


def of_blocks(lesson: dict):
    """Yield a row for each block of the backbone: a head on its pooled maps alone."""
    for block in range(16):
        scores = []
        for seed in SEEDS:
            X, y, X_val, y_val = draw(lesson["large"], seed)
            F, F_val = (lesson["features"](part, (block,)) for part in (X, X_val))
            scores.append(lesson["hits"](lesson["head_on"](F, y, seed), F_val, y_val).mean())
        yield {"what": "blocks", "blocks": [block], "val_accuracy": scores}


def of_labels(lesson: dict):
    """Yield a row for each way and each number of labelled pictures of a kind."""
    for method in ("scratch", "features", "fine-tuned"):
        for labels in LABELS:
            scores = [by(method, lesson, labels, seed) for seed in SEEDS]
            yield {"what": "labels", "method": method, "labels": labels, "val_accuracy": scores}


def by(method: str, lesson: dict, labels: int, seed: int) -> float:
    """Return the validation accuracy of one way to learn from so many pictures of each kind."""
    X, y, X_val, y_val = draw(lesson["small" if method == "scratch" else "large"], seed, labels)
    if method == "features":
        X, y = lesson["with_copies"](X, y, seed)
        head = lesson["head_on"](lesson["features"](X), y, seed)
        return lesson["hits"](head, lesson["features"](X_val), y_val).mean()
    net = lesson["from_scratch" if method == "scratch" else "fine_tune"](X, y, seed)
    return lesson["hits"](net, X_val, y_val).mean()


def of_pipelines(lesson: dict):
    """Yield a row for each pipeline on 500 digits."""
    for name, steps in lesson["PIPELINES"].items():
        nets = [lesson["read_digits"](steps, seed) for seed in SEEDS]
        scores = [lesson["hits"](net, lesson["X_val"], lesson["digits"].y_val).mean() for net in nets]
        yield {"what": "pipelines", "pipeline": name, "val_accuracy": scores}


def of_emoji(lesson: dict):
    """Yield a row for each pipeline of the network from scratch on emoji."""
    pipelines = {
        "nothing": lambda X, rng: X,
        "move": lesson["move_a_little"],
        "mirror": lambda X, rng: lesson["augment"].random_flip(X, rng),
        "mirror, turn, zoom, move": lesson["mirrored_and_moved"],
    }
    for name, change in pipelines.items():
        scores = []
        for seed in SEEDS:
            X, y, X_val, y_val = draw(lesson["small"], seed)
            net = lesson["from_scratch"](X, y, seed, change)
            scores.append(lesson["hits"](net, X_val, y_val).mean())
        yield {"what": "emoji", "pipeline": name, "val_accuracy": scores}


if __name__ == "__main__":
    sys.exit(main())

"""Unit 11's table: famous blocks in one frame, and deep networks with and without skip connections.

`python -m tests.bench.architectures` takes networks and training from the lesson itself: it runs its cells that are
tagged "harness". Each network tries four learning rates from seed 0, keeps the one with the best validation accuracy,
and is trained from three more seeds. Rows go to results/architectures.json; the lesson trains one of them again.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

from autograder.build import ROOT
from autograder.notebooks import lesson_notebook
from introdl import architecture
from tests.bench.tables import RESULTS, write_json

LESSON = ROOT / "course" / "11_architectures" / "lesson.py"
RATES, SEEDS, SHAPE = (0.001, 0.003, 0.01, 0.03), range(4), (1, 28, 28)


def main(argv: list[str] | None = None) -> int:
    """Train all networks, or those that are named, and write the table after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "architectures.json", metavar="FILE")
    parser.add_argument("nets", nargs="*", metavar="NET", help='train these only, such as "plain-20"; keep other rows')
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    lesson = harness()
    before = json.loads(options.results.read_text("utf-8")) if options.nets and options.results.is_file() else []
    rows = {row["net"]: row for row in before}
    for name in options.nets or lesson["MODELS"]:
        rows[name] = row = measured(lesson, name)
        print(name, row["lr"], f"{np.mean(row['val_accuracy']):.3f}", flush=True)
        write_json(options.results, [rows[name] for name in lesson["MODELS"] if name in rows])
    return 0


def harness(lesson: Path = LESSON) -> dict:
    """Return the names that the lesson's cells tagged "harness" define."""
    names: dict = {}
    for cell in lesson_notebook(lesson).cells:
        if "harness" in cell.metadata.get("tags", ()):
            exec(compile(cell.source, str(lesson), "exec"), names)
    return names


def measured(lesson: dict, name: str) -> dict:
    """Return a network's row: its costs, the learning rate that it chose among those tried, and a figure a seed."""
    tried = {lr: lesson["measure"](name, SEEDS[0], lr) for lr in RATES}
    lr = max(RATES, key=lambda lr: tried[lr]["val_accuracy"])
    runs = [tried[lr]] + [lesson["measure"](name, seed, lr) for seed in SEEDS[1:]]
    net = lesson["MODELS"][name]()
    return {
        "net": name,
        "params": architecture.count_parameters(net),
        "macs": architecture.count_macs(net, SHAPE),
        "lr": lr,
        "tried": {str(lr): round(run["val_accuracy"], 4) for lr, run in tried.items()},
        **{what: [round(run[what], 4) for run in runs] for what in runs[0]},
    }


if __name__ == "__main__":
    sys.exit(main())

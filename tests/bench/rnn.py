"""Unit 13's table: what each part of the recipe for reading names buys.

`python -m tests.bench.rnn` takes network and training from the lesson's cells that are tagged "harness", trains by
the recipe and with one thing changed at a time, from four seeds, and writes results/13_rnn.json, with accuracies on the
validation names only. It takes some minutes on one core; `--jobs 16` shares the work among 16. The lesson trains the
first row again.
"""

import argparse
import json
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from autograder.build import ROOT
from tests.bench.architectures import harness
from tests.bench.tables import RESULTS, spread, write_json

LESSON = ROOT / "course" / "13_rnn" / "lesson.py"
SEEDS = range(4)
ROWS = {  # what is changed → arguments of make_reader, of train_reader
    "the recipe": ({}, {}),
    "W_h random at the start": ({"fading": None}, {}),
    "one letter in ten hidden": ({}, {"hide": 0.1}),
    "gradients not clipped": ({}, {"max_norm": 1e9}),
    "64 neurons": ({"hidden": 64}, {}),
}


def main(argv: list[str] | None = None) -> int:
    """Train all rows, or those that are named, and write the table after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "13_rnn.json", metavar="FILE")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes, one core each (1)")
    parser.add_argument("rows", nargs="*", metavar="ROW", help='train these only, such as "64 neurons"; keep others')
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    before = json.loads(options.results.read_text("utf-8")) if options.rows and options.results.is_file() else []
    table, wanted = {row["what"]: row for row in before}, options.rows or list(ROWS)
    accuracies = spread(final_accuracy, [(what, seed) for what in wanted for seed in SEEDS], options.jobs)
    for what in wanted:
        table[what] = {"what": what, "val_accuracy": [next(accuracies) for _ in SEEDS]}
        print(what, f"{np.mean(table[what]['val_accuracy']):.4f}", flush=True)
        write_json(options.results, [table[row] for row in ROWS if row in table])
    return 0


@lru_cache(maxsize=1)
def lesson() -> dict:
    """Return what the lesson's cells define, once in each process."""
    return harness(LESSON)


def final_accuracy(what: str, seed: int) -> float:
    """Return the validation accuracy after the last epoch."""
    how_made, how_trained = ROWS[what]
    reader = lesson()["make_reader"](seed, **how_made)
    return round(float(lesson()["train_reader"](reader, **how_trained)[-1, 1]), 4)


if __name__ == "__main__":
    sys.exit(main())

"""Unit 14's tables: how far back each recurrent layer remembers, and who fills gaps in surnames.

`python -m tests.bench.memory` takes networks and training from the lesson itself: it runs its cells that are tagged
"harness". Every row is one layer, trained from four seeds: on the memory task at five lags with 800 steps each, a few
with four times as many, and on surnames with a hidden letter. Rows go to results/14_lstm_gru.json. It takes half an
hour on one core; `--jobs 16` shares the work among 16.
"""

import argparse
import json
import sys
from functools import lru_cache
from pathlib import Path

import torch

from autograder.build import ROOT
from tests.bench.architectures import harness
from tests.bench.tables import RESULTS, spread, write_json

LESSON = ROOT / "course" / "14_lstm_gru" / "lesson.py"
SEEDS, LAGS, STEPS, EPOCHS, NUM_NEW = range(4), (5, 10, 20, 50, 100), 800, 12, 2000
LONGER = {  # layer → lag
    "RNN": 50,
    "RNN, orthogonal": 50,
    "LSTM, bias 1": 50,
    "GRU, bias 1": 50,
    "LSTM, chrono": 100,
}
LONGER_GAP = ["LSTM, both sides", "LSTM, both sides, 2 layers, dropout 0.3"]


def main(argv: list[str] | None = None) -> int:
    """Train all, and write the table after each row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "14_lstm_gru.json", metavar="FILE")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes, one core each (1)")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help='"memory" or "gap": make these rows only')
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    before = json.loads(options.results.read_text("utf-8")) if options.tasks and options.results.is_file() else []
    kept = [row for row in before if row["task"] not in options.tasks]
    wanted = [row for row in rows_of(lesson()) if not options.tasks or row["task"] in options.tasks]
    shares = spread(share_of_right, [(row, seed) for row in wanted for seed in SEEDS], options.jobs)
    rows = []
    for row in wanted:
        rows.append(row | {"accuracy": [next(shares) for _ in SEEDS]})
        print(rows[-1], flush=True)
        write_json(options.results, sorted(kept + rows, key=lambda row: row["task"], reverse=True))
    return 0


@lru_cache(maxsize=1)
def lesson() -> dict:
    """Return what the lesson's cells define, once in each process."""
    return harness(LESSON)


def rows_of(lesson: dict) -> list[dict]:
    """Return all rows, without their figures."""
    runs = [(name, lag, STEPS) for name in lesson["LAYERS"] for lag in LAGS]
    runs += [(name, lag, 4 * STEPS) for name, lag in LONGER.items()]
    gaps = [(name, EPOCHS) for name in lesson["GAP_LAYERS"]] + [(name, 4 * EPOCHS) for name in LONGER_GAP]
    memory = [{"task": "memory", "net": name, "lag": lag, "num_steps": steps} for name, lag, steps in runs]
    return memory + [{"task": "gap", "net": name, "num_epochs": epochs} for name, epochs in gaps]


def share_of_right(row: dict, seed: int) -> float:
    """Return the share of new sequences, or of hidden letters of validation names, that are answered correctly."""
    names = lesson()
    if row["task"] == "gap":
        return round(names["fill_gaps"](row["net"], seed, row["num_epochs"])[1], 4)
    net, _, _ = names["trained"](row["net"], row["lag"], seed, row["num_steps"])
    return round(names["answered"](net, row["lag"], seed, NUM_NEW) / NUM_NEW, 4)


if __name__ == "__main__":
    sys.exit(main())

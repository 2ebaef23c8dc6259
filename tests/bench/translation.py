"""Unit 17's table: translators with and without attention.

`python -m tests.bench.translation` takes networks and training from the lesson itself: it runs its cells that are
tagged "harness". Each network is trained from four seeds and translates the validation numbers; rows go to
results/17_seq2seq_attention.json. The lesson trains one of them again.
"""

import argparse
import json
import sys
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
import torch

from autograder.build import ROOT
from tests.bench.architectures import harness
from tests.bench.tables import RESULTS, spread, write_json

LESSON = ROOT / "course" / "17_seq2seq_attention" / "lesson.py"
SEEDS = range(4)


def main(argv: list[str] | None = None) -> int:
    """Train all networks, or those that are named, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "17_seq2seq_attention.json", metavar="FILE")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes of one thread each")
    parser.add_argument("nets", nargs="*", metavar="NET", help='train these only, such as "dot"; keep other rows')
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    names = list(_lesson()["NETS"])
    before = json.loads(options.results.read_text("utf-8")) if options.nets and options.results.is_file() else []
    rows = {row["net"]: row for row in before}
    wanted = options.nets or names
    runs = spread(measured, list(product(wanted, SEEDS)), options.jobs)
    for name in wanted:
        of_seeds = [next(runs) for _ in SEEDS]
        figures = {what: [round(float(run[what]), 4) for run in of_seeds] for what in of_seeds[0]}
        rows[name] = {"net": name, "steps": _lesson()["NETS"][name][1], **figures}
        print(f"{name:20}", *(f"{what} {np.mean(values):.3f}" for what, values in figures.items()), flush=True)
        write_json(options.results, [rows[name] for name in names if name in rows])
    return 0


def measured(name: str, seed: int) -> dict:
    """Return what the lesson measures of one network, trained from one seed."""
    return _lesson()["measure"](name, seed)


@lru_cache
def _lesson() -> dict:
    return harness(LESSON)


if __name__ == "__main__":
    sys.exit(main())

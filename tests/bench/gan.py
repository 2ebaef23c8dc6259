"""Unit 19's table: five ways to train a GAN, each at four paces, from five seeds.

`python -m tests.bench.gan` takes game and losses from the lesson's cells that are tagged "harness", counts modes and
quality on the ring of eight groups, and writes results/19_gan.json. It takes a quarter of an hour on one core; `--jobs
16` shares the work among 16. The lesson plays some of these games again.
"""

import argparse
import sys
from functools import lru_cache
from pathlib import Path

import torch

from autograder.build import ROOT
from introdl import gan
from tests.bench.architectures import harness
from tests.bench.tables import RESULTS, spread, write_json

LESSON = ROOT / "course" / "19_gan" / "lesson.py"
SEEDS = range(5)


def main(argv: list[str] | None = None) -> int:
    """Play all games, and write the table after each pace of a method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "19_gan.json", metavar="FILE")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes, one core each (1)")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    kinds = [(method, pace) for method in lesson()["LOSSES"] for pace in lesson()["PACES"]]
    found = spread(game, [(*kind, seed) for kind in kinds for seed in SEEDS], options.jobs)
    rows = []
    for method, pace in kinds:
        modes, quality = zip(*[next(found) for _ in SEEDS], strict=True)
        rows.append({"method": method, "pace": pace, "modes": modes, "quality": quality})
        print(*rows[-1].values(), flush=True)
        write_json(options.results, rows)
    return 0


@lru_cache(maxsize=1)
def lesson() -> dict:
    """Return what the lesson's cells define, once in each process."""
    return harness(LESSON)


def game(method: str, pace: str, seed: int) -> tuple[int, float]:
    """Return (modes covered, quality) of one game; a diverged one covers nothing."""
    try:
        generator, *_ = lesson()["ring_game"](method, pace, seed)
    except gan.Diverged:
        return 0, 0.0
    covered, quality = gan.modes_covered(lesson()["draw"](generator), gan.ring_centers(), gan.STD)
    return covered, round(quality, 4)


if __name__ == "__main__":
    sys.exit(main())

"""Unit 15's table: who is surprised less by new plays, counting or the LSTM, with more and with less to learn from.

`python -m tests.bench.language` takes vocabulary, network, training and scoring from the lesson itself: it runs its
cells that are tagged "harness". Each row is an amount of text: the best n of either smoothing, and the LSTM from four
seeds, alone and mixed with Kneser-Ney. Everything is chosen and scored on the validation plays. Rows go to
results/15_language_sentiment.json; the lesson trains one of them again. It takes half an hour on one core; `--jobs 16`
shares the work among 16.
"""

import argparse
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from autograder.build import ROOT
from introdl import language
from tests.bench.architectures import harness
from tests.bench.tables import RESULTS, spread, write_json

LESSON = ROOT / "course" / "15_language_sentiment" / "lesson.py"
SEEDS, ORDERS, WEIGHTS = range(4), range(3, 10), np.linspace(0.05, 0.95, 19)
STEPS = {100_000: 750, 400_000: 1500, 1_600_000: 3000, 3_600_000: 6000}  # letters → steps of 800 letters


def main(argv: list[str] | None = None) -> int:
    """Count and train with every amount of text, and write the table after each row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "15_language_sentiment.json", metavar="FILE")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes, one core each (1)")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    counted = list(spread(best_by_counting, [(letters,) for letters in STEPS], options.jobs))
    tasks = [(row["letters"], row["kneser-ney n"], seed) for row in counted[::-1] for seed in SEEDS]  # longest first
    found = spread(trained_and_mixed, tasks, options.jobs)
    rows = []
    for row in counted[::-1]:
        runs = [next(found) for _ in SEEDS]
        rows.insert(0, row | {what: [run[what] for run in runs] for what in runs[0]})
        print(rows[0], flush=True)
        write_json(options.results, rows)
    return 0


@lru_cache(maxsize=1)
def lesson() -> dict:
    """Return what the lesson's cells define, once in each process."""
    return harness(LESSON)


def texts(letters: int) -> tuple[int, np.ndarray, np.ndarray]:
    """Return V, and the tokens of so many letters to learn from and of the validation plays."""
    train = "".join(lesson()["plays"].train.values())[:letters]
    if len(train) < letters:
        raise ValueError(f"letters is {letters:,}, expected at most {len(train):,}: there is no more to learn from")
    vocabulary = language.Vocabulary(train, unknown=True)
    return len(vocabulary), vocabulary.encode(train), vocabulary.encode(lesson()["val_text"])


def best_by_counting(letters: int) -> dict:
    """Return, for either smoothing, the best n and its bits a letter."""
    V, tokens, val_tokens = texts(letters)
    row = {"letters": letters, "num_steps": STEPS[letters]}
    for smoothing in ("witten-bell", "kneser-ney"):
        scores = {
            n: language.bits_per_symbol(language.NGrams(tokens, n, V, smoothing).log_probabilities(val_tokens))
            for n in ORDERS
        }
        n = min(scores, key=scores.get)
        row |= {smoothing: round(scores[n], 4), f"{smoothing} n": n}
    return row


def trained_and_mixed(letters: int, n: int, seed: int) -> dict:
    """Return the LSTM's bits a letter, and those of its best mixture with Kneser-Ney counts of n letters."""
    V, tokens, val_tokens = texts(letters)
    net, _ = lesson()["trained"](tokens, V, seed, num_steps=STEPS[letters])
    alone = lesson()["log_probabilities"](net, val_tokens)
    counts = language.NGrams(tokens, n, V, "kneser-ney").log_probabilities(val_tokens)
    mixed = [language.bits_per_symbol(lesson()["mixed"](alone, counts, weight)) for weight in WEIGHTS]
    return {"LSTM": round(language.bits_per_symbol(alone), 4), "mixture": round(min(mixed), 4)}


if __name__ == "__main__":
    sys.exit(main())

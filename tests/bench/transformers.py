"""Unit 18's tables: a GPT against the LSTM on cards and on plays, names with and without pretraining, the cache.

`python -m tests.bench.transformers` takes networks and training from the lesson itself, and unit 15's LSTM from its
lesson: it runs their cells that are tagged "harness". Rows go to results/18_transformers.json:

- "cards": right answers for each number of cards, at the best of the learning rates tried, from three seeds
- "text": bits a letter on validation plays for each budget, from two seeds
- "names": accuracy on validation names for each number of labels, from four seeds
- "cache": how much faster writing is with kept keys and values; asserted to be at least 4 times for 256 letters

It takes an hour and a half on one core; `--jobs 16` shares the work among 16, after the cache, which is timed alone.
"""

import argparse
import json
import statistics
import sys
import time
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from autograder.build import ROOT
from introdl import language
from tests.bench.architectures import harness
from tests.bench.tables import RESULTS, spread, write_json

LESSONS = {
    number: ROOT / "course" / slug / "lesson.py"
    for number, slug in ((15, "15_language_sentiment"), (18, "18_transformers"))
}
SEEDS, CARD_SEEDS, TEXT_SEEDS = range(4), range(3), range(2)
CARDS = [  # network, cards, steps
    *(
        (net, cards, steps)
        for cards in (4, 8, 16, 24)
        for net, steps in (("GPT", 300), ("LSTM 128", 600), ("LSTM 128", 2400))
    ),
    ("LSTM 256", 16, 1200),
]
RATES = (0.003, 0.005, 0.01)
LETTERS = {"400,000": 400_000, "3.7 million": None}  # of training text
FIRST = {"LSTM": 750, "GPT": 600, "GPT, twice as wide": 1200}  # steps of the smallest budget
PER_STEP = {"LSTM": 800, "GPT": 1024, "GPT, twice as wide": 1024}  # letters
RUNS = [  # text, network, how many budgets: each is twice the one before
    *(("400,000", net, 4) for net in ("LSTM", "GPT")),
    *(("3.7 million", net, 5) for net in ("LSTM", "GPT")),
    ("3.7 million", "GPT, twice as wide", 3),
]
LABELS = (10, 30, 100)
LONG, JUDGED, LEAST = (64, 256, 512), 256, 4.0  # letters; where the cache must be how many times faster
TIMED = {"D": 256, "depth": 4}  # the GPT that is timed


def main(argv: list[str] | None = None) -> int:
    """Measure all, and write the table after each row."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.transformers", description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS / "18_transformers.json", metavar="FILE")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes, one core each (1)")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="cache, text, names or cards: make these rows only")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    tasks = options.tasks or list(MEASURES)
    before = json.loads(options.results.read_text("utf-8")) if options.tasks and options.results.is_file() else []
    rows = [row for row in before if row["task"] not in tasks]
    for task in tasks:
        for row in MEASURES[task](options.jobs):
            rows.append({"task": task, **row})
            print(rows[-1], flush=True)
            write_json(options.results, sorted(rows, key=lambda row: list(MEASURES).index(row["task"])))
    return 0


@lru_cache
def lesson(number: int) -> dict:
    """Return what a lesson's cells define, once in each process."""
    return harness(LESSONS[number])


def cache_rows(jobs: int = 1, repeat: int = 3):
    """Yield how much faster it is to write with a cache, one length after the other; raise where it is too little."""
    names = lesson(18)
    torch.manual_seed(0)
    net, start = names["GPT"](65, **TIMED), [0]
    for num_letters in LONG:
        written, seconds = {}, {"with_cache": [], "without_cache": []}
        for _ in range(repeat):
            for way, found in seconds.items():
                begin = time.process_time()
                written[way] = language.generate(names[way](net), start, num_letters, np.random.default_rng(0))
                found.append(time.process_time() - begin)
        middle = {way: round(statistics.median(found), 4) for way, found in seconds.items()}
        ratio, same = middle["without_cache"] / middle["with_cache"], written["with_cache"] == written["without_cache"]
        if not same or (num_letters == JUDGED and ratio < LEAST):
            raise SystemExit(
                f"{num_letters} letters with a cache: same is {same}, {ratio:.1f} times faster; wanted {LEAST}"
            )
        yield {"num_letters": num_letters, "ratio": round(ratio, 2), "same": same, **middle}


def text_rows(jobs: int = 1):
    """Yield bits a letter for each network, text and budget; the longest runs start first."""
    runs = text_runs()
    order = sorted(((*run, seed) for run in runs for seed in TEXT_SEEDS), key=lambda task: -task[2])
    found = dict(zip(order, spread(read_text, order, jobs), strict=True))
    for net, text, num_steps in runs:
        each = [found[net, text, num_steps, seed] for seed in TEXT_SEEDS]
        row = {"net": net, "text": text, "num_steps": num_steps, "letters": num_steps * PER_STEP[net]}
        yield row | {what: [run[what] for run in each] for what in each[0]}


def text_runs() -> list[tuple[str, str, int]]:
    """Return network, text and steps of each run."""
    return [(net, text, FIRST[net] * 2**k) for text, net, count in RUNS for k in range(count)]


def read_text(net: str, text: str, num_steps: int, seed: int) -> dict:
    """Return a network's bits a letter on the validation plays, and its seconds of training."""
    names, older = lesson(18), lesson(15)
    letters = names["whole_text"][: LETTERS[text]]
    vocabulary = language.Vocabulary(letters, unknown=True)
    tokens, val_tokens = vocabulary.encode(letters), vocabulary.encode(names["val_text"])
    begin = time.process_time()
    if net == "LSTM":
        made, _ = older["trained"](tokens, len(vocabulary), seed, num_steps)
    else:
        made, _ = names["train_gpt"](tokens, len(vocabulary), seed, num_steps, **names["WIDTHS"][net])
    seconds = time.process_time() - begin
    if net == "LSTM":
        bits = language.bits_per_symbol(older["log_probabilities"](made, val_tokens))
    else:
        bits = names["gpt_bits"](made, val_tokens)
    return {"bits": round(bits, 4), "seconds": round(seconds, 1)}


def names_rows(jobs: int = 1):
    """Yield accuracies on validation names, with and without pretraining."""
    tasks = [(seed, num_labels) for num_labels in LABELS for seed in SEEDS]
    found = dict(zip(tasks, spread(name_languages, tasks, jobs), strict=True))
    for num_labels in LABELS:
        each = [found[seed, num_labels] for seed in SEEDS]
        yield {"num_labels": num_labels, **{what: [run[what] for run in each] for what in each[0]}}


def name_languages(seed: int, num_labels: int) -> dict:
    """Return both accuracies."""
    return {name: round(float(share), 4) for name, share in lesson(18)["measure_names"](seed, num_labels).items()}


def cards_rows(jobs: int = 1):
    """Yield shares of right answers at the learning rate with the best mean, with the means of the others."""
    tasks = [(*run, lr, seed) for run in CARDS for lr in RATES for seed in CARD_SEEDS]
    order = sorted(tasks, key=lambda task: -task[2])
    found = dict(zip(order, spread(play, order, jobs), strict=True))
    for run in CARDS:
        tried = {lr: float(np.mean([found[(*run, lr, seed)]["right"] for seed in CARD_SEEDS])) for lr in RATES}
        lr = max(tried, key=tried.get)
        each = [found[(*run, lr, seed)] for seed in CARD_SEEDS]
        row = dict(zip(("net", "num_cards", "num_steps"), run, strict=True)) | {"lr": lr}
        yield {
            **row,
            "tried": {str(rate): round(mean, 4) for rate, mean in tried.items()},
            **{what: [round(one[what], 4) for one in each] for what in each[0]},
        }


def play(net: str, num_cards: int, num_steps: int, lr: float, seed: int) -> dict:
    """Return the share of right answers and the seconds of training."""
    return lesson(18)["measure_cards"](net, num_cards, num_steps, lr, seed)


MEASURES = {"cache": cache_rows, "text": text_rows, "names": names_rows, "cards": cards_rows}

if __name__ == "__main__":
    sys.exit(main())

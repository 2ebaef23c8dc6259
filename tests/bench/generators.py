"""Unit 20's table: the dense GAN of unit 19 and a DCGAN, trained for equally long on digits, from four seeds.

`python -m tests.bench.generators` first times both, so that the dense one gets as many steps as fit into the seconds of
400 steps of the DCGAN. Each tries four learning rates from seed 0, keeps the one whose fakes are nearest to the
validation digits, and is trained from three more seeds. Rows go to results/20_gan_variants.json; the lesson trains both
again. It takes a few minutes on one core.
"""

import argparse
import sys
import time
from pathlib import Path

import torch

from introdl import data, gan
from introdl.generators import dcgan, frechet
from tests.bench.tables import RESULTS, write_json

SEEDS, STEPS, RATES = range(4), 400, (5e-4, 1e-3, 2e-3, 4e-3)


def main(argv: list[str] | None = None) -> int:
    """Train all, and write the table after each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "20_gan_variants.json", metavar="FILE")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    digits = data.mnist5k()
    X, X_val = (torch.from_numpy(2 * part - 1).reshape(-1, 1, 28, 28) for part in (digits.X_train, digits.X_val))
    reader = frechet.train_classifier(X, digits.y_train, 0)
    seconds = {name: min(once(name, X, 60, 1e-3, 0)[1] for _ in range(3)) / 60 for name in ("dense", "DCGAN")}
    steps = {"DCGAN": STEPS, "dense": round(STEPS * seconds["DCGAN"] / seconds["dense"])}
    rows, real = [], frechet.features(reader, X_val)
    for name in seconds:
        tried = {lr: measured(name, X, steps[name], lr, 0, reader, real) for lr in RATES}
        lr = min(RATES, key=lambda lr, tried=tried: tried[lr]["distance"])
        runs = [tried[lr]] + [measured(name, X, steps[name], lr, seed, reader, real) for seed in SEEDS[1:]]
        row = {"net": name, "steps": steps[name], "lr": lr}
        row["tried"] = {str(rate): run["distance"] for rate, run in tried.items()}
        rows.append(row | {what: [run[what] for run in runs] for what in runs[0]})
        print(rows[-1], flush=True)
        write_json(options.results, rows)
    return 0


def once(name: str, X: torch.Tensor, num_steps: int, lr: float, seed: int) -> tuple[torch.nn.Module, float]:
    """Return a trained generator and the seconds of processor time that it took."""
    torch.manual_seed(seed)
    if name == "dense":
        nets, X = (gan.dense_generator(), gan.dense_discriminator()), X.flatten(1)
    else:
        nets = dcgan.generator(), dcgan.discriminator()
    start = time.process_time()
    dcgan.train(*nets, X, num_steps, lr, seed)
    return nets[0], time.process_time() - start


def measured(name: str, X: torch.Tensor, num_steps: int, lr: float, seed: int, reader: torch.nn.Module, real) -> dict:
    """Return the figures of one training: distance, precision and recall on validation digits, seconds."""
    net, seconds = once(name, X, num_steps, lr, seed)
    fake = frechet.features(reader, dcgan.sample(net, len(real), seed))
    precision, recall = frechet.precision_recall(real, fake)
    distance = round(frechet.frechet_distance(real, fake), 2)
    return {"distance": distance, "precision": precision, "recall": recall, "seconds": round(seconds, 1)}


if __name__ == "__main__":
    sys.exit(main())

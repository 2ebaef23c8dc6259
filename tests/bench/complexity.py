"""Unit 21's table: seconds of six methods, ours and scikit-learn's, over the number of examples and of features.

`python -m tests.bench.complexity` fits an exponent to each row of processor seconds and writes
results/21_complexity.json. It takes some minutes on one core, with nothing else running. A row has what is measured
(training or prediction of 500 rows), over which size, the sizes, the seconds and the exponent with its 95 % interval.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from introdl import classic, cost
from tests.bench.tables import RESULTS, write_json

NS, DS = (2000, 4000, 8000, 16000, 32000), (64, 128, 256, 512, 1024)
N, D, QUERIES = 4000, 32, 500  # where the other size is varied
WIDTHS, DEPTHS = (64, 128, 256, 512, 1024), (1, 2, 4, 8)  # hidden neurons of the network; hidden layers
FACTORIES: dict[tuple[str, str], Callable] = {
    ("k-NN", "ours"): classic.NearestNeighbors,
    ("k-NN", "scikit-learn"): lambda: KNeighborsClassifier(algorithm="brute"),
    ("tree", "scikit-learn"): lambda: DecisionTreeClassifier(random_state=0),
    ("k-means", "ours"): classic.KMeans,
    ("k-means", "scikit-learn"): lambda: KMeans(8, n_init=1, max_iter=20, tol=0, random_state=0),
    ("naive Bayes", "ours"): classic.NaiveBayes,
    ("naive Bayes", "scikit-learn"): GaussianNB,
    ("logistic regression", "ours"): classic.LogisticRegression,
    ("logistic regression", "scikit-learn"): lambda: LogisticRegression(max_iter=20, tol=0),
    ("network", "ours"): classic.Network,
    ("network", "scikit-learn"): lambda: MLPClassifier((64,), solver="sgd", batch_size=100, max_iter=2, tol=0),
}


def main(argv: list[str] | None = None) -> int:
    """Measure all rows, and write the table after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "21_complexity.json", metavar="FILE")
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore", ConvergenceWarning)
    rows = []
    with threadpool_limits(1):
        for row in (*sizes_rows(), *network_rows(), *small_rows(), *tree_rows()):
            sizes, found = row["sizes"], row["seconds"]
            slope = cost.fit_slope(sizes, found)
            rows.append(row | {"exponent": [round(x, 3) for x in slope]})
            print(row["what"], row["method"], row["who"], row["over"], *rows[-1]["exponent"], flush=True)
            write_json(options.results, rows)
    return 0


def made(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return X (n, d) and y (n,): two classes that a slanted plane nearly parts, whatever d is."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, (X[:, : min(d, 8)].sum(axis=1) + rng.normal(size=n) > 0).astype(int)


def sizes_rows() -> Iterator[dict]:
    """Yield training and prediction of each method over n and over d."""
    for (method, who), make in FACTORIES.items():
        for over, sizes in (("n", NS), ("d", DS)):
            train, predict = [], []
            for size in sizes:
                X, y = made(*((size, D) if over == "n" else (N, size)))
                queries, _ = made(QUERIES, X.shape[1], seed=1)
                model = make()
                train.append(cost.seconds_of(model.fit, X, y))
                predict.append(cost.seconds_of(model.predict, queries))
            for what, seconds in (("train", train), ("predict", predict)):
                yield row(what, method, who, over, sizes, seconds)


def row(what: str, method: str, who: str, over: str, sizes, seconds) -> dict:
    """Return a row of the table, without its exponent."""
    return {"what": what, "method": method, "who": who, "over": over, "sizes": list(sizes),
            "seconds": [float(f"{value:.4g}") for value in seconds]}  # fmt: skip


def network_rows() -> Iterator[dict]:
    """Yield training of a network over its width (one hidden layer), and over its layers at two widths."""
    X, y = made(N, D)
    seconds = [cost.seconds_of(classic.Network(width).fit, X, y) for width in WIDTHS]
    yield row("train", "network", "ours", "width", WIDTHS, seconds)
    for width in (32, 256):
        nets = [MLPClassifier((width,) * k, solver="sgd", batch_size=100, max_iter=1, tol=0) for k in DEPTHS]
        seconds = [cost.seconds_of(net.fit, X, y) for net in nets]
        yield row("train", "network", "scikit-learn", f"layers of {width}", DEPTHS, seconds)


def small_rows() -> Iterator[dict]:
    """Yield naive Bayes where the fixed part of a call outweighs the work: few examples."""
    sizes = (10, 20, 40, 80, 160)
    seconds = []
    for n in sizes:
        seconds.append(cost.seconds_of(GaussianNB().fit, *made(n, D)))
    yield row("train", "naive Bayes", "scikit-learn", "few n", sizes, seconds)


def tree_rows() -> Iterator[dict]:
    """Yield prediction of k-NN by a tree of boxes, in two dimensions and in twenty."""
    for d in (2, 20):
        seconds = []
        for n in NS:
            model = KNeighborsClassifier(algorithm="kd_tree").fit(*made(n, d))
            queries, _ = made(QUERIES, d, seed=1)
            seconds.append(cost.seconds_of(model.predict, queries, repeats=3))
        yield row("predict", "k-NN", "scikit-learn", f"n, k-d tree in {d} dimensions", NS, seconds)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())

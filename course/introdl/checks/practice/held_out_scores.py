"""Task of unit 22: a cross-validation without a leak (held_out_scores)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def tables(rng):
    """Few rows, many features; some rows far out, so that it matters which rows a scale is taken from."""
    for n, d, k, folds in [
        (6, 3, 1, 2),
        (12, 8, 2, 3),
        (20, 30, 5, 4),
        (15, 40, 3, 5),
        (10, 12, 12, 10),
        (25, 60, 6, 5),
    ]:
        X = rng.normal(size=(n, d)) * rng.uniform(0.5, 4, size=d) + rng.normal(size=d)
        X[rng.integers(n)] *= 3
        y = _labels(rng, n, folds)
        yield X, y, k, folds


def _labels(rng, n, folds):
    """As many zeros as ones, give or take one, with both in the training part of every fold."""
    while True:
        y = rng.permutation(np.arange(n) % 2)
        if all(0 < y[np.arange(n) % folds != k].mean() < 1 for k in range(folds)):
            return y


def row_by_row(X, y, num_features, num_folds):
    """For each row, everything from the rows of other folds; distances in standard deviations."""
    scores = []
    for i in range(len(X)):
        rows = [j for j in range(len(X)) if j % num_folds != i % num_folds]
        ones, zeros = ([X[j] for j in rows if y[j] == label] for label in (1, 0))
        m1, m0 = (sum(some) / len(some) for some in (ones, zeros))
        centre = sum(X[j] for j in rows) / len(rows)
        s = np.sqrt(sum((X[j] - centre) ** 2 for j in rows) / len(rows))
        best = sorted(range(X.shape[1]), key=lambda f: -abs(m1[f] - m0[f]) / s[f])[:num_features]
        scores.append(sum(((X[i, f] - m0[f]) ** 2 - (X[i, f] - m1[f]) ** 2) / s[f] ** 2 for f in best))
    return np.array(scores)


held_out_scores = Task(
    "held_out_scores",
    ("X", "y", "num_features", "num_folds"),
    tables,
    row_by_row,
    rtol=1e-6,
    atol=1e-7,
    hints=(
        "Ask of every line: which rows does it look at? What is learned from rows, and a mean is learned, too, may "
        "only look at the fold's training rows.",
        "Two lines look at all rows: the one that takes mean and standard deviation, and the one that chooses "
        "features. Move both into the loop, below the line that makes X_train. The held-out rows are scaled with the "
        "training rows' numbers.",
        "in the loop: mean, std = X_train.mean(axis=0), ...; X_train, X_held = (X_train - mean) / std, (... - mean) / "
        "std; then m0, m1, then kept = np.argsort(-np.abs(m1 - m0))[:num_features]",
    ),
)


def _scores(
    X,
    y,
    num_features,
    num_folds,
    *,
    scale_on="train",
    choose_on="train",
    means_on="train",
    fold=lambda n, num_folds: np.arange(n) % num_folds,
    ddof=0,
    order=lambda gap: np.argsort(-gap),
    sign=1,
    power=2,
):
    """The scores with one thing done differently; the mistakes below say which."""
    scores, folds = np.zeros(len(X)), fold(len(X), num_folds)
    for k in range(num_folds):
        held = folds == k
        seen = {"train": ~held, "all": np.ones(len(X), dtype=bool), "held": held}
        some = X[seen[scale_on]]
        std = some.std(axis=0, ddof=ddof)
        Z = (X - some.mean(axis=0)) / np.where(std > 0, std, 1)
        gap = [Z[seen[choose_on] & (y == label)].mean(axis=0) for label in (0, 1)]
        kept = order(np.abs(gap[1] - gap[0]))[:num_features]
        m0, m1 = (Z[seen[means_on] & (y == label)].mean(axis=0)[kept] for label in (0, 1))
        parts = np.abs(Z[held][:, kept] - m0) ** power - np.abs(Z[held][:, kept] - m1) ** power
        scores[held] = sign * parts.sum(axis=1)
    return scores


for _sentence, _answer in {
    "This is the given code: both leaks are still there. Mean, standard deviation and the choice of features look at "
    "rows that are held out.": changed(_scores, "as_given", scale_on="all", choose_on="all"),
    "The features are still chosen on all rows, held-out ones included. This is the large leak: among many features "
    "some fit the held-out labels by chance.": changed(_scores, "chosen_on_all", choose_on="all"),
    "Mean and standard deviation still come from all rows. The scaler is fitted before the split: take them from the "
    "training rows of the fold.": changed(_scores, "scaled_on_all", scale_on="all"),
    "The class means come from all rows, so each held-out row pulls its own mean towards itself.": changed(
        _scores, "means_of_all", means_on="all"
    ),
    "Nothing is held out: everything is learned from all rows.": changed(
        _scores, "nothing_held_out", scale_on="all", choose_on="all", means_on="all"
    ),
    "The held-out rows are scaled with their own mean and standard deviation. In use, inputs come one at a time: keep "
    "the training rows' numbers.": changed(_scores, "scaled_on_held", scale_on="held"),
    "Your folds are blocks of rows. Here row i belongs to fold i % num_folds (a convention).": changed(
        _scores, "blocks", fold=lambda n, num_folds: np.arange(n) * num_folds // n
    ),
    "You divide the standard deviation by n - 1; here it is np.std's n (a convention).": changed(
        _scores, "ddof", ddof=1
    ),
    "You keep the features with the *smallest* gap between the classes: np.argsort goes upwards.": changed(
        _scores, "smallest_gap", order=np.argsort
    ),
    "The sign is the wrong way round: the distance to class 0 minus the distance to class 1, so that class 1 is "
    "positive.": changed(_scores, "sign", sign=-1),
    "You add up distances, not squared distances.": changed(_scores, "not_squared", power=1),
}.items():
    held_out_scores.mistake(_sentence)(_answer)

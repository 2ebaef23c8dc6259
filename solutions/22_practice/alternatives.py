"""Other correct ways to write the tasks of unit 22; each must pass its check."""

import math

import numpy as np
import torch
from torch.nn.functional import log_softmax, nll_loss

from introdl import augment


def held_out_scores__choose_in_units_of_spread(X, y, num_features, num_folds):
    scores = np.empty(len(X))
    for k in range(num_folds):
        held = np.arange(k, len(X), num_folds)
        rest = np.setdiff1d(np.arange(len(X)), held)
        spread = X[rest].std(axis=0)
        m0, m1 = (X[rest[y[rest] == label]].mean(axis=0) for label in (0, 1))
        kept = np.argsort(np.abs(m1 - m0) / spread)[::-1][:num_features]
        for i in held:
            a, b = ((X[i] - m) / spread for m in (m0, m1))
            scores[i] = a[kept] @ a[kept] - b[kept] @ b[kept]
    return scores


def precision_recall__cumulative_sums(y, score):
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(y[order])
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    return hits[last] / (last + 1), hits[last] / hits[-1], score[order][last]


def precision_recall__a_loop(y, score):
    rows = []
    for t in sorted(set(score), reverse=True):
        flagged = score >= t
        rows.append((y[flagged].mean(), y[flagged].sum() / y.sum(), t))
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def cost_threshold__a_loop(y_val, score_val, y_test, score_test, miss, false_alarm):
    best, cheapest = math.inf, miss * int(y_val.sum())
    for t in sorted(set(score_val.tolist()), reverse=True):
        total = miss * int(y_val[score_val < t].sum()) + false_alarm * int((y_val[score_val >= t] == 0).sum())
        if total < cheapest:
            best, cheapest = t, total
    missed, alarms = y_test[score_test < best].sum(), (y_test[score_test >= best] == 0).sum()
    return best, (miss * missed + false_alarm * alarms) / len(y_test)


def group_rates__numpy_names(y, y_hat, group):
    group, found = np.array(group), {}
    for name in np.unique(group):
        truth, said = y[group == name], y_hat[group == name]
        rates = {}
        for key, label in (("missed", 1), ("false_alarms", 0)):
            of = (truth == label).sum()
            rates[key] = float("nan") if of == 0 else ((truth == label) & (said != label)).sum() / of
        found[str(name)] = rates
    return found


def validate_input__one_entry_at_a_time(X, low, high):
    if type(X) is not np.ndarray or X.dtype != "float32":
        raise TypeError("an array of float32 is expected")
    if X.ndim != 2 or 0 in X.shape or X.shape[1:] != low.shape:
        raise ValueError(f"shape {X.shape}")
    for row, values in enumerate(X):
        for column, value in enumerate(values):
            if np.isnan(value) or value < low[column] or value > high[column]:
                raise ValueError(f"X[{row}, {column}] = {value} is outside of {low[column]} to {high[column]}")
    return X


def mended__other_words(which, X, y, values, lr, num_steps):
    net, losses, rng = make_net(values), [], np.random.default_rng(0)  # noqa: F821
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    for _ in range(num_steps):
        rows = rng.permutation(len(X))[: len(X) // 2] if which == "b" else slice(None)
        loss = nll_loss(log_softmax(net(X[rows]), dim=1), y[rows])
        slopes = torch.autograd.grad(loss, list(net.parameters()))
        with torch.no_grad():
            for p, slope in zip(net.parameters(), slopes, strict=True):
                p -= lr * slope
        losses.append(loss.item())
    return losses


def drift_test__counts(reference, live, num_draws, rng):
    def distance(a, b):
        values, inverse = np.unique(np.concatenate([a, b]), return_inverse=True)
        steps = np.zeros(len(values))
        np.add.at(steps, inverse[: len(a)], 1 / len(a))
        np.add.at(steps, inverse[len(a) :], -1 / len(b))
        return float(np.abs(np.cumsum(steps)).max())

    both, found = np.concatenate([reference, live]), distance(reference, live)
    drawn = [rng.permutation(both) for _ in range(num_draws)]
    far = [distance(some[: len(reference)], some[len(reference) :]) > found - 1e-12 for some in drawn]
    return found, (sum(far) + 1) / (num_draws + 1)


def ship__pairs_of_good_and_worn(draw, X_val, y_val, scanner_val, X_new):
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    layers = [torch.nn.Conv2d(1, 16, 3, padding="same"), torch.nn.BatchNorm2d(16), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
    layers += [torch.nn.Conv2d(16, 32, 3, padding="same"), torch.nn.BatchNorm2d(32), torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers, torch.nn.MaxPool2d(2), torch.nn.Flatten(), torch.nn.Linear(288, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.006)
    for step in range(300):
        X, y, scanner = draw()
        good = scanner == 0
        turned = augment.rotate(X[good], rng.normal(30, 7, size=good.sum()).astype(np.float32)) / 2
        noisy = np.clip(turned + rng.normal(0, 0.08, turned.shape), 0, 1).astype(np.float32)
        optimizer.param_groups[0]["lr"] = 0.006 * min(1, (300 - step) / 150)
        images, labels = torch.tensor(np.concatenate([X, noisy])), torch.tensor(np.concatenate([y, y[good]]))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(images), labels).backward()
        optimizer.step()
    with torch.no_grad():
        return net.eval()(torch.tensor(X_new)).argmax(dim=1)

"""Task of unit 21: the best model within all limits, on real digits (choose_under_limits)."""

import numpy as np
from sklearn.datasets import load_digits

from introdl.checks.task import Task

KEYS = ("accuracy", "train_s", "predict_us", "bytes")


def measured(rng):
    """Return what simple models reach on small digits, with costs counted in operations and bytes."""
    X, y = load_digits(return_X_y=True)
    order = rng.permutation(len(X))
    X, y, X_val, y_val = X[order[:300]], y[order[:300]], X[order[300:500]], y[order[300:500]]
    found = {}
    for name, kept in (("all", 300), ("half", 150), ("few", 40)):
        near = ((X_val[:, None] - X[None, :kept]) ** 2).sum(axis=2).argmin(axis=1)
        found[f"1-NN of {name}"] = (np.mean(y[:kept][near] == y_val), 0.0, kept * 64e-3, kept * 65 * 8)
    centers = np.stack([X[y == label].mean(axis=0) for label in range(10)])
    near = ((X_val[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
    found["nearest mean"] = (np.mean(near == y_val), 300 * 64e-9, 10 * 64e-3, 10 * 64 * 8)
    return {name: dict(zip(KEYS, map(float, values), strict=True)) for name, values in found.items()}


def cases(rng):
    models = measured(rng)
    yield models, {}
    yield models, {"bytes": 100_000}
    yield models, {"bytes": 30_000, "predict_us": 5.0}
    yield models, {"bytes": 100}  # nothing is small enough
    yield models, {"train_s": 0.0}  # a limit that is reached exactly is kept
    twins = {name: dict(zip(KEYS, values, strict=True)) for name, values in
             {"b": (0.9, 1.0, 3.0, 50.0), "a": (0.9, 1.0, 2.0, 70.0), "c": (0.9, 2.0, 2.0, 60.0)}.items()}  # fmt: skip
    yield twins, {"train_s": 5.0}
    yield twins, {"predict_us": 2.5}
    for _ in range(3):
        names = [f"m{number}" for number in rng.permutation(9)[:5]]
        random = {name: dict(zip(KEYS, map(float, rng.integers(1, 6, 4)), strict=True)) for name in names}
        yield random, {key: float(rng.integers(2, 6)) for key in rng.permutation(KEYS[1:])[: int(rng.integers(1, 4))]}


def by_sorting(models, limits):
    rows = [
        (-one["accuracy"], one["predict_us"], name)
        for name, one in models.items()
        if not [key for key in limits if one[key] > limits[key]]
    ]
    return sorted(rows)[0][2] if rows else None


def _choose(models, limits, *, strict=False, fits=all, key=None, fallback=None):
    """Choose with one thing done differently; the mistakes below say which."""
    def holds(one, name):
        return one[name] < limits[name] if strict else one[name] <= limits[name]

    left = {name: one for name, one in models.items() if fits(holds(one, limit) for limit in limits)}
    if not left:
        return fallback(models) if fallback else None
    key = key or (lambda one: (-one["accuracy"], one["predict_us"]))
    return min(sorted(left), key=lambda name: key(left[name]))


choose_under_limits = Task(
    "choose_under_limits",
    ("models", "limits"),
    cases,
    by_sorting,
    hints=(
        "First strike out every model that breaks a limit, whatever its accuracy. Then take the best of the rest.",
        "A model is within the limits if all(model[key] <= most for key, most in limits.items()). Where none is left, "
        "return None.",
        "min(left, key=lambda name: (-left[name][\"accuracy\"], left[name][\"predict_us\"], name)): tuples are "
        "compared from left to right.",
    ),
)


@choose_under_limits.mistake("The limits have no effect: you took the most accurate of all.")
def no_limits(models, limits):
    return _choose(models, {})


@choose_under_limits.mistake("One limit kept is enough for you. All of them must be kept.")
def any_limit(models, limits):
    return _choose(models, limits, fits=lambda holds: any(list(holds) or [True]))


@choose_under_limits.mistake("A limit is the most that is allowed: a model that reaches it exactly is within (<=).")
def strictly(models, limits):
    return _choose(models, limits, strict=True)


@choose_under_limits.mistake("Nothing fits, and you bent the limits. Say so: return None.")
def bends_limits(models, limits):
    return _choose(models, limits, fallback=lambda models: _choose(models, {}))


@choose_under_limits.mistake("You took the cheapest of those that fit. Limits are kept; beyond that accuracy decides.")
def cheapest(models, limits):
    return _choose(models, limits, key=lambda one: one["predict_us"])


@choose_under_limits.mistake("You took the least accurate of those that fit. Sort the other way round.")
def least_accurate(models, limits):
    return _choose(models, limits, key=lambda one: (one["accuracy"], one["predict_us"]))


@choose_under_limits.mistake(
    "Of equally accurate models take the one with the faster prediction. You took the first by name."
)
def ties_by_name(models, limits):
    return _choose(models, limits, key=lambda one: -one["accuracy"])


@choose_under_limits.mistake(
    "Of equally accurate models take the one with the faster prediction. Yours is the slower one."
)
def slower_on_ties(models, limits):
    return _choose(models, limits, key=lambda one: (-one["accuracy"], -one["predict_us"]))

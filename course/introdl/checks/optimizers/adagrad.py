"""Task of unit 06: Adagrad, which shortens the steps of entries with a steep past."""

import math

import numpy as np

from introdl.checks.optimizers.parameters import drawn, entry_by_entry, like
from introdl.checks.task import Task
from introdl.checks.variant import changed


def steps(rng):
    first = [np.array([1.0, 2.0])], [np.array([10.0, -0.1])], [np.array([0.0, 0.0])]
    yield *first, 0.5, 1e-10  # the first step: both entries move by lr
    yield [np.array([1.0, 2.0])], [np.array([3.0, -3.0])], [np.array([16.0, 0.0])], 0.5, 1e-10
    for params, grads in drawn(rng):
        yield params, grads, [s**2 for s in like(params, rng)], float(rng.uniform(0.01, 1)), 1e-10
    params, grads = next(iter(drawn(rng)))
    yield params, [np.zeros_like(g) for g in grads], [np.zeros_like(g) for g in grads], 0.1, 1e-10  # never a slope
    yield params, [1e-3 * g for g in grads], [np.zeros_like(g) for g in grads], 0.1, 1e-2  # here eps counts


def by_hypotenuse(params, grads, sums, lr, eps):
    """The root of s + g^2 is the long side of a triangle with the short sides sqrt(s) and g."""

    def moved(p, g, s):
        root = math.hypot(math.sqrt(s), g)
        return p - lr * g / (root + eps), root**2

    return tuple(entry_by_entry(moved, params, grads, sums))


adagrad = Task(
    "adagrad",
    ("params", "grads", "sums", "lr", "eps"),
    steps,
    by_hypotenuse,
    hints=(
        "Again two lines a parameter: first the new sum of squares, then the step, divided by the root of the new sum.",
        "Everything is entry by entry, so arrays of one shape do all the work: g * g, np.sqrt(s), and a division. "
        "Outside the root, add eps.",
        "new_sums = [s + ... for s, g in zip(sums, grads)]; the step is lr * g / (np.sqrt(...) + eps)",
    ),
)


def _step(
    params,
    grads,
    sums,
    lr,
    eps,
    *,
    add=lambda s, g: s + g * g,
    scale=lambda s, eps: np.sqrt(s) + eps,
    use="new",
    returned="new",
    whose="own",
    sign=-1,
    top=lambda g: g,
):
    """One step with one thing done differently; the mistakes below say which."""
    with np.errstate(all="ignore"):
        old = sums if whose != "first" else [sums[0]] * len(params)
        new = [add(s, g) for s, g in zip(old, grads, strict=True)]
        if whose == "one number":
            new = [np.full_like(s, s.sum()) for s in new]
        used = new if use == "new" else old
        moved = [p + sign * lr * top(g) / scale(s, eps) for p, g, s in zip(params, grads, used, strict=True)]
    return moved, new if returned == "new" else sums


MISTAKES = {
    "not_squared": (
        "The gradient is not squared: steps up and down cancel in the sum, and a root of a negative number is NaN. "
        "Add g * g.",
        {"add": lambda s, g: s + g},
    ),
    "absolute": (
        "You added the size of the gradient, |g|, to the sum. Adagrad adds its square, g * g, and takes the root "
        "later.",
        {"add": lambda s, g: s + np.abs(g)},
    ),
    "eps_under_the_root": (
        "eps stands under the root: sqrt(s + eps). Some books write it so; here (as in PyTorch) it is added to the "
        "root, sqrt(s) + eps.",
        {"scale": lambda s, eps: np.sqrt(s + eps)},
    ),
    "no_eps": (
        "eps is missing. An entry that never had a slope is divided by 0 and turns NaN: divide by sqrt(s) + eps.",
        {"scale": lambda s, eps: np.sqrt(s)},
    ),
    "no_root": (
        "The root is missing: you divide by the sum of squares. Steep entries would hardly move at all. Divide by "
        "sqrt(s) + eps.",
        {"scale": lambda s, eps: s + eps},
    ),
    "old_sum": (
        "You divided by the old sum. Add the square of this gradient first, then take the step.",
        {"use": "old"},
    ),
    "no_memory": (
        "The old sum plays no part, so every entry moves by about lr, whatever its past. Add to it: s + g * g.",
        {"add": lambda s, g: g * g},
    ),
    "sum_forgotten": (
        "The new parameters are right, but you returned the old sums: the next step would not know of this one.",
        {"returned": "old"},
    ),
    "first_sum": (
        "You used the first sum for every parameter. Each has sums of its own, at the same place in the list.",
        {"whose": "first"},
    ),
    "one_number": (
        "You added up all entries of a parameter to one number, so all of its entries step alike. Keep the sums "
        "entry by entry, in the parameter's shape.",
        {"whose": "one number"},
    ),
    "uphill": ("You step along the gradient, uphill. Subtract the step.", {"sign": +1}),
    "gradient_lost": (
        "The gradient is missing above the fraction line: the step is lr * g / (sqrt(s) + eps).",
        {"top": lambda g: 1.0},
    ),
}
for _name, (_sentence, _change) in MISTAKES.items():
    adagrad.mistake(_sentence)(changed(_step, _name, **_change))

"""Task of unit 06: RMSprop, an Adagrad that forgets."""

import math

import numpy as np

from introdl.checks.optimizers.parameters import drawn, entry_by_entry, like
from introdl.checks.task import Task
from introdl.checks.variant import changed


def steps(rng):
    yield [np.array([1.0, 2.0])], [np.array([10.0, -0.1])], [np.array([0.0, 0.0])], 0.1, 0.75, 1e-8
    yield [np.array([1.0, 2.0])], [np.array([3.0, -3.0])], [np.array([16.0, 0.0])], 0.1, 0.5, 1e-8
    for params, grads in drawn(rng):
        averages, alpha = [s**2 for s in like(params, rng)], float(rng.uniform(0.6, 0.99))
        yield params, grads, averages, float(rng.uniform(0.01, 1)), alpha, 1e-8
    params, grads = next(iter(drawn(rng)))
    yield params, [np.zeros_like(g) for g in grads], [np.zeros_like(g) for g in grads], 0.1, 0.9, 1e-8  # never a slope
    yield params, [1e-3 * g for g in grads], [np.zeros_like(g) for g in grads], 0.1, 0.9, 1e-2  # here eps counts


def by_drift(params, grads, averages, lr, alpha, eps):
    """The average goes a share 1 - alpha of the way from where it is to the new square."""

    def moved(p, g, s):
        s = math.fsum([s, (1 - alpha) * (g * g - s)])
        return p - lr * g / (math.sqrt(s) + eps), s

    return tuple(entry_by_entry(moved, params, grads, averages))


rmsprop = Task(
    "rmsprop",
    ("params", "grads", "averages", "lr", "alpha", "eps"),
    steps,
    by_drift,
    hints=(
        "It is your adagrad with one line changed: the sum becomes an average that forgets.",
        "The new average is the share alpha of the old one and the share 1 - alpha of the new square. The two shares "
        "add up to 1.",
        "new_averages = [alpha * ... + (1 - alpha) * ... for s, g in zip(averages, grads)]; the step is as in adagrad",
    ),
)


def _step(
    params,
    grads,
    averages,
    lr,
    alpha,
    eps,
    *,
    mix=lambda s, g, alpha: alpha * s + (1 - alpha) * g * g,
    scale=lambda s, eps, alpha: np.sqrt(s) + eps,
    use="new",
    returned="new",
    whose="own",
    sign=-1,
):
    """One step with one thing done differently; the mistakes below say which."""
    with np.errstate(all="ignore"):
        old = averages if whose != "first" else [averages[0]] * len(params)
        new = [mix(s, g, alpha) for s, g in zip(old, grads, strict=True)]
        if whose == "one number":
            new = [np.full_like(s, s.mean()) for s in new]
        used = new if use == "new" else old
        moved = [p + sign * lr * g / scale(s, eps, alpha) for p, g, s in zip(params, grads, used, strict=True)]
    return moved, new if returned == "new" else averages


for _name, (_sentence, _change) in {
    "swapped": (
        "alpha and 1 - alpha are swapped: your average keeps little and forgets nearly everything. alpha is the "
        "share of the old one.",
        {"mix": lambda s, g, alpha: (1 - alpha) * s + alpha * g * g},
    ),
    "not_an_average": (
        "The factor 1 - alpha is missing at the new square, so this is no average: it settles at a sum of many "
        "squares.",
        {"mix": lambda s, g, alpha: alpha * s + g * g},
    ),
    "never_forgets": (
        "That is Adagrad: the sum only grows. RMSprop keeps an average, alpha * s + (1 - alpha) * g * g.",
        {"mix": lambda s, g, alpha: s + g * g},
    ),
    "not_squared": (
        "The gradient is not squared: steps up and down cancel in the average, and a root of a negative number is NaN. "
        "Average g * g.",
        {"mix": lambda s, g, alpha: alpha * s + (1 - alpha) * g},
    ),
    "share_squared": (
        "The share is squared along with the gradient: ((1 - alpha) * g)**2. Only the gradient is: (1 - alpha) * g**2.",
        {"mix": lambda s, g, alpha: alpha * s + ((1 - alpha) * g) ** 2},
    ),
    "no_memory": (
        "The old average plays no part, so every entry moves by about lr, whatever its past.",
        {"mix": lambda s, g, alpha: (1 - alpha) * g * g},
    ),
    "eps_under_the_root": (
        "eps stands under the root: sqrt(s + eps). Some books write it so; here (as in PyTorch) it is added to the "
        "root, sqrt(s) + eps.",
        {"scale": lambda s, eps, alpha: np.sqrt(s + eps)},
    ),
    "no_eps": (
        "eps is missing. An entry that never had a slope is divided by 0 and turns NaN: divide by sqrt(s) + eps.",
        {"scale": lambda s, eps, alpha: np.sqrt(s)},
    ),
    "no_root": (
        "The root is missing: you divide by the mean of squares. Divide by sqrt(s) + eps.",
        {"scale": lambda s, eps, alpha: s + eps},
    ),
    "old_average": (
        "You divided by the old average. Mix in the square of this gradient first, then take the step.",
        {"use": "old"},
    ),
    "average_forgotten": (
        "The new parameters are right, but you returned the old averages: the next step would not know of this one.",
        {"returned": "old"},
    ),
    "first_average": (
        "You used the first average for every parameter. Each has an average of its own, at the same place in the "
        "list.",
        {"whose": "first"},
    ),
    "one_number": (
        "You averaged over the entries of a parameter, so all of its entries step alike. Keep the averages entry by "
        "entry, in the parameter's shape.",
        {"whose": "one number"},
    ),
    "corrected": (
        "You corrected the average for its start at 0. That is Adam's idea, and the next task; RMSprop uses the "
        "average as it is.",
        {"scale": lambda s, eps, alpha: np.sqrt(s / (1 - alpha)) + eps},
    ),
    "uphill": ("You step along the gradient, uphill. Subtract the step.", {"sign": +1}),
}.items():
    rmsprop.mistake(_sentence)(changed(_step, _name, **_change))

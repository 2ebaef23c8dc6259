"""Task of unit 07: the L2 penalty of a network's weights, and its gradient."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def networks(rng):
    yield [np.array([[3.0, -1.0]]), np.array([5.0, 5.0])], 0.2
    yield [np.array([[1.0], [-2.0]]), np.array([4.0]), np.array([[3.0]]), np.array([-1.0])], 1.0
    for sizes in [(3, 4, 2), (5, 1), (2, 3, 3, 2), (1, 1)]:
        params = []
        for n_in, n_out in zip(sizes, sizes[1:], strict=False):
            params += [rng.normal(size=(n_in, n_out)), rng.normal(size=n_out)]
        yield params, float(rng.uniform(0.01, 2))
    yield [rng.normal(size=(4, 3)), rng.normal(size=3)], 0.0  # no penalty at all
    yield [1e4 * rng.normal(size=(2, 2)), rng.normal(size=2)], 1e-3


def entry_by_entry(params, strength):
    """Every weight alone; a weight's slope is the exact difference quotient of a square, (f(w+1) - f(w-1)) / 2."""
    cost = lambda w: strength * w * w / 2  # noqa: E731
    penalty, grads = 0.0, [np.zeros(p.shape) for p in params]
    for p, grad in zip(params, grads, strict=True):
        if p.ndim == 2:
            for i in np.ndindex(p.shape):
                penalty += cost(float(p[i]))
                grad[i] = (cost(p[i] + 1) - cost(p[i] - 1)) / 2
    return penalty, grads


l2 = Task(
    "l2",
    ("params", "strength"),
    networks,
    entry_by_entry,
    hints=(
        "Only weights pay. A weight array has two axes, a bias array one: p.ndim tells them apart.",
        "The slope of w**2 is 2 * w, and the half in front takes the 2 away. A bias costs nothing, so its slope is 0.",
        "penalty = strength / 2 * sum((p**2).sum() for p in params if ...); "
        "grads = [strength * p if ... else np.zeros_like(p) for p in params]",
    ),
)


def _l2(params, strength, *, half=0.5, slope=1.0, paying=lambda p: p.ndim == 2, reduce=np.sum, root=False, drop=False):
    """The penalty with one thing done differently; the mistakes below say which."""
    squares = sum(float(reduce(p**2)) for p in params if paying(p))
    grads = [slope * strength * p if paying(p) else np.zeros_like(p) for p in params]
    if drop:
        grads = [g for g, p in zip(grads, params, strict=True) if paying(p)]
    return half * strength * (np.sqrt(squares) if root else squares), grads


def l1_instead(params, strength):
    grads = [strength * np.sign(p) if p.ndim == 2 else np.zeros_like(p) for p in params]
    return strength * sum(np.abs(p).sum() for p in params if p.ndim == 2), grads


def downhill(params, strength):
    penalty, grads = _l2(params, strength)
    return penalty, [-g for g in grads]


for _sentence, _answer in {
    "You penalize the biases, too. A bias only shifts a sum and memorizes nothing: it pays nothing, its slope is 0. "
    "Tell weights by p.ndim == 2.": changed(_l2, "biases_pay", paying=lambda p: True),
    "Your gradient has a factor 2 too many. The penalty is strength / 2 * w**2; the half is there so that its slope is "
    "strength * w.": changed(_l2, "slope_of_a_full_square", slope=2.0),
    "The half is missing in the penalty: it is strength / 2 times the sum of squares (a convention, so that the slope "
    "has no 2).": changed(_l2, "no_half", half=1.0),
    "Penalty and gradient are both twice too large: the penalty is strength / 2 times the sum of squares "
    "(a convention).": changed(_l2, "no_half_at_all", half=1.0, slope=2.0),
    "You took the mean of the squares. Every weight pays its own price, however many others there are: use the "
    "sum.": changed(_l2, "mean_of_squares", reduce=np.mean),
    "You took the root of the sum, a length. The L2 penalty is half the *squared* length.": changed(
        _l2, "length", root=True
    ),
    "That is the L1 penalty: absolute values and signs. L2 squares the weights, so its slope is proportional to the "
    "weight.": l1_instead,
    "The gradient's sign is flipped: a larger weight costs more, so the slope points away from 0. The minus in the "
    "optimizer's step does the shrinking.": downhill,
    "The biases have no gradient in your list. Return one array for each array of params; for a bias, zeros.": changed(
        _l2, "biases_left_out", drop=True
    ),
}.items():
    l2.mistake(_sentence)(_answer)

"""Task of unit 07: batch normalization backward, in training: the batch's mean and variance depend on X, too."""

import numpy as np

from introdl.checks.backprop.imaginary import slope_by_imaginary_nudge
from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    yield np.array([[1.0], [0.0], [0.0]]), np.array([[0.0], [1.0], [2.0]]), np.array([1.0]), 1e-5
    for N, D in [(4, 3), (3, 3), (2, 4), (6, 1), (8, 5)]:
        yield rng.normal(size=(N, D)), rng.normal(3, 2, size=(N, D)), rng.normal(size=D), 1e-5
    yield rng.normal(size=(5, 2)), rng.normal(size=(5, 2)), rng.normal(size=2), 0.5  # an eps that counts
    yield np.ones((4, 2)), rng.normal(size=(4, 2)), np.ones(2), 1e-5  # a slope that all share cannot pass


def by_imaginary_nudge(dY, X, gamma, eps):
    """Slopes of the sum of dY * Y, by nudging every entry of X, gamma and beta: no backward pass at all."""

    def loss(X, gamma, beta):
        centred = X - X.sum(axis=0) / len(X)
        var = (centred * centred).sum(axis=0) / len(X)
        return (dY * (gamma * centred / np.sqrt(var + eps) + beta)).sum()

    beta = np.zeros(gamma.shape)
    return (
        slope_by_imaginary_nudge(lambda x: loss(x, gamma, beta), X),
        slope_by_imaginary_nudge(lambda g: loss(X, g, beta), gamma),
        slope_by_imaginary_nudge(lambda b: loss(X, gamma, b), beta),
    )


batchnorm_backward = Task(
    "batchnorm_backward",
    ("dY", "X", "gamma", "eps"),
    batches,
    by_imaginary_nudge,
    hints=(
        "Compute the mean, the standard deviation and X_hat again, as in the forward pass. Then begin with gamma and "
        "beta: each is used by every example, so its slope is a sum over the batch.",
        "For dX, dY first loses two things that a batch cannot pass on: its mean over the batch, and its part along "
        "X_hat. Both can be had from dbeta and dgamma, divided by N. What is left is multiplied by gamma / std.",
        "dX = gamma / std * (dY - ... / N - X_hat * ... / N)",
    ),
)


def _backward(
    dY,
    X,
    gamma,
    eps,
    *,
    through_mean=True,
    through_var=True,
    ddof=0,
    times=lambda gamma, std: gamma / std,
    gamma_from=lambda X, X_hat: X_hat,
    reduce=np.sum,
    power=1,
    order=(0, 1, 2),
):
    """The way back with one thing done differently; the mistakes below say which."""
    N = len(X)
    std = np.sqrt(X.var(axis=0) * N / (N - ddof) + eps)
    X_hat = (X - X.mean(axis=0)) / std
    dbeta, dgamma = dY.sum(axis=0), (dY * X_hat).sum(axis=0)
    inner = dY - through_mean * dbeta / N**power - through_var * X_hat * dgamma / N**power
    dX = times(gamma, std) * inner
    results = dX, reduce(dY * gamma_from(X, X_hat), axis=0), reduce(dY, axis=0)
    return tuple(results[place] for place in order)


for _name, (_sentence, _change) in {
    "statistics_as_constants": (
        "You treat mean and variance as constants. In training each entry of X moves both, and through them the whole "
        "batch: two terms are missing in dX.",
        {"through_mean": False, "through_var": False},
    ),
    "variance_as_constant": (
        "The path through the variance is missing in dX: subtract X_hat * dgamma / N as well.",
        {"through_var": False},
    ),
    "mean_as_constant": (
        "The path through the mean is missing in dX: subtract dbeta / N, the mean of dY, as well.",
        {"through_mean": False},
    ),
    "sums_for_means": (
        "In dX you subtract sums over the batch where means belong: divide dbeta and dgamma by N there.",
        {"power": 0},
    ),
    "gamma_forgotten": (
        "gamma is missing in dX: the forward pass multiplies by it, so the way back does, too.",
        {"times": lambda gamma, std: 1 / std},
    ),
    "std_forgotten": (
        "dX is not divided by the standard deviation: the forward pass divides by it, so the way back does, too.",
        {"times": lambda gamma, std: gamma},
    ),
    "divided_by_variance": (
        "You divide dX by the variance. Divide by its root, as in the forward pass.",
        {"times": lambda gamma, std: gamma / std**2},
    ),
    "gamma_slope_from_x": (
        "dgamma uses X. gamma multiplies the *normalized* X_hat, so its slope is the sum of dY * X_hat.",
        {"gamma_from": lambda X, X_hat: X},
    ),
    "parameter_means": (
        "dgamma and dbeta are means over the batch. Slopes add over paths: use sums.",
        {"reduce": np.mean},
    ),
    "unbiased_variance": (
        "You divide the variance by N - 1. The batch is normalized by its plain variance, divided by N: "
        "X.var(axis=0).",
        {"ddof": 1},
    ),
    "other_order": (
        "The results are right but in another order. Return dX, dgamma, dbeta (a convention).",
        {"order": (0, 2, 1)},
    ),
}.items():
    batchnorm_backward.mistake(_sentence)(changed(_backward, _name, **_change))


@batchnorm_backward.mistake("dgamma and dbeta are not summed over the batch: all examples share them, shape (D,).")
def not_summed(dY, X, gamma, eps):
    X_hat = (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + eps)
    return _backward(dY, X, gamma, eps)[0], dY * X_hat, dY

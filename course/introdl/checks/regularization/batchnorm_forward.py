"""Task of unit 07: batch normalization forward, by the batch in training, by running statistics in evaluation."""

import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    X = np.array([[1.0, 10.0], [3.0, 30.0]])
    yield X, np.ones(2), np.zeros(2), np.zeros(2), np.ones(2), True, 0.1, 1e-5
    yield X, np.ones(2), np.zeros(2), np.zeros(2), np.ones(2), False, 0.1, 1e-5
    for (N, D), training in [((4, 3), True), ((4, 3), False), ((3, 3), True), ((7, 1), True), ((2, 5), False)]:
        yield (
            rng.normal(2, 3, size=(N, D)),
            *(rng.normal(size=D) for _ in range(3)),
            rng.uniform(0.2, 4, size=D),
            training,
            float(rng.uniform(0.05, 0.9)),
            1e-5,
        )
    yield rng.normal(size=(5, 2)), np.ones(2), np.zeros(2), rng.normal(size=2), np.ones(2), True, 0.3, 0.5
    yield np.full((3, 2), 7.0), np.ones(2), np.ones(2), np.zeros(2), np.ones(2), True, 0.1, 1e-5  # no spread at all
    yield rng.normal(size=(1, 3)), np.ones(3), np.zeros(3), rng.normal(size=3), np.ones(3), False, 0.1, 1e-5


def number_by_number(X, gamma, beta, running_mean, running_var, training, momentum, eps):
    """Feature by feature with exact sums; the sum of squares about the mean comes from all pairs of examples."""
    (N, D), Y = X.shape, np.zeros(X.shape)
    new_mean, new_var = running_mean.copy(), running_var.copy()
    for d in range(D):
        column = [float(x) for x in X[:, d]]
        mean, var = float(running_mean[d]), float(running_var[d])
        if training:
            mean = math.fsum(column) / N
            squares = math.fsum((a - b) ** 2 for a in column for b in column) / (2 * N)
            var = squares / N
            new_mean[d] = (1 - momentum) * running_mean[d] + momentum * mean
            new_var[d] = (1 - momentum) * running_var[d] + momentum * squares / (N - 1)
        for n, x in enumerate(column):
            Y[n, d] = gamma[d] * (x - mean) / math.sqrt(var + eps) + beta[d]
    return Y, new_mean, new_var


batchnorm_forward = Task(
    "batchnorm_forward",
    ("X", "gamma", "beta", "running_mean", "running_var", "training", "momentum", "eps"),
    batches,
    number_by_number,
    hints=(
        "First decide which mean and variance to use: the batch's in training, the running ones in evaluation. The "
        "formula for Y is then the same in both modes.",
        "Both statistics are taken feature by feature, along axis 0. X.var(axis=0) divides by N and normalizes the "
        "batch; X.var(axis=0, ddof=1) divides by N - 1 and moves the running variance.",
        "new_mean = (1 - momentum) * running_mean + momentum * ...; Y = gamma * (X - mean) / np.sqrt(...) + beta",
    ),
)


def _forward(
    X,
    gamma,
    beta,
    running_mean,
    running_var,
    training,
    momentum,
    eps,
    *,
    axis=0,
    norm_ddof=0,
    run_ddof=1,
    move_in_eval=False,
    batch_in_eval=False,
    running_in_training=False,
    swap=False,
    move=True,
    divide=lambda var, eps: np.sqrt(var + eps),
    affine=lambda X_hat, gamma, beta: gamma * X_hat + beta,
    in_place=False,
):
    """The layer with one thing done differently; the mistakes below say which."""
    N, D = X.shape
    keep = {"keepdims": True} if axis == 1 else {}
    batch_mean, batch_var = X.mean(axis=axis, **keep), X.var(axis=axis, **keep) * N / max(N - norm_ddof, 1)
    by_batch = (training or batch_in_eval) and not running_in_training
    mean, var = (batch_mean, batch_var) if by_batch else (running_mean, running_var)
    Y = affine((X - mean) / divide(var, eps), gamma, beta)
    new_mean, new_var = running_mean, running_var
    if move and (training or move_in_eval):
        m = 1 - momentum if swap else momentum
        new_mean = (1 - m) * running_mean + m * X.mean(axis=0)
        new_var = (1 - m) * running_var + m * X.var(axis=0) * N / max(N - run_ddof, 1)
    if in_place:
        running_mean[...], running_var[...] = new_mean, new_var
    return Y, new_mean, new_var


for _name, (_sentence, _change) in {
    "running_moved_in_eval": (
        "The running mean and variance are updated in evaluation, too. They are learned in training only: else every "
        "test batch changes the network.",
        {"move_in_eval": True},
    ),
    "batch_in_eval": (
        "You normalize by the batch in evaluation. Then an example's answer depends on its neighbours, and one example "
        "alone becomes 0: use the running statistics.",
        {"batch_in_eval": True},
    ),
    "one_mode": (
        "Your function does the same in both modes: in evaluation use the running statistics and leave them alone.",
        {"batch_in_eval": True, "move_in_eval": True},
    ),
    "running_in_training": (
        "You normalize by the running statistics in training. There it is the batch's own mean and variance; the "
        "running ones only follow.",
        {"running_in_training": True},
    ),
    "biased_running_variance": (
        "Your running variance is moved by the variance divided by N. It estimates that of all data: divide by N - 1 "
        "there, X.var(axis=0, ddof=1) (a convention, PyTorch's).",
        {"run_ddof": 0},
    ),
    "unbiased_normalizing": (
        "You normalize by the variance divided by N - 1. Within the batch it is the plain mean of squares, divided by "
        "N: X.var(axis=0).",
        {"norm_ddof": 1},
    ),
    "variances_swapped": (
        "The two variances are swapped: divide by N to normalize the batch, by N - 1 for the running variance.",
        {"norm_ddof": 1, "run_ddof": 0},
    ),
    "over_features": (
        "You normalize each example over its features (axis 1). Batch normalization treats each feature over the "
        "batch: axis 0.",
        {"axis": 1},
    ),
    "momentum_swapped": (
        "Momentum is the share of the *new* batch here: (1 - momentum) * running + momentum * batch (a convention, "
        "PyTorch's).",
        {"swap": True},
    ),
    "never_moved": (
        "The running statistics never move, so evaluation would use the values from the start. Move them in "
        "training.",
        {"move": False},
    ),
    "divided_by_variance": (
        "You divide by the variance. Divide by its root, the standard deviation: it has the unit of X.",
        {"divide": lambda var, eps: var + eps},
    ),
    "eps_outside": (
        "You add eps outside the root. Here it stands inside, sqrt(var + eps) (a convention, PyTorch's).",
        {"divide": lambda var, eps: np.sqrt(var) + eps},
    ),
    "no_gamma_beta": (
        "gamma and beta are missing: scale the normalized values by gamma and shift them by beta.",
        {"affine": lambda X_hat, gamma, beta: X_hat},
    ),
    "running_changed_in_place": (
        "The results are right, but the given running statistics are changed in place. Return new arrays.",
        {"in_place": True},
    ),
}.items():
    batchnorm_forward.mistake(_sentence)(changed(_forward, _name, **_change))


@batchnorm_forward.mistake(
    "eps is missing: a feature without spread in the batch is divided by 0. Add eps to the variance, inside the root."
)
def no_eps(X, gamma, beta, running_mean, running_var, training, momentum, eps):
    with np.errstate(all="ignore"):
        return _forward(X, gamma, beta, running_mean, running_var, training, momentum, 0.0)

"""Other correct ways to write the tasks of unit 05; each must pass its check."""

import numpy as np


def fan_in_out__by_counting(W):
    return len(W), len(W[0])


def xavier__scaled_standard_normal(shape, gain, rng):
    fan_in, fan_out = shape
    return gain * (2 / (fan_in + fan_out)) ** 0.5 * rng.standard_normal(shape)


def kaiming__stretched(shape, rng):
    std = np.sqrt(2 / shape[0])
    return std * np.sqrt(12) * (rng.random(shape) - 0.5)


def signal_sizes__by_recursion(X, weights):
    if not weights:
        return []
    A = X @ weights[0]
    A = A * (A > 0)
    return [np.square(A).sum() / A.size, *signal_sizes__by_recursion(A, weights[1:])]


def clip_by_norm__one_vector(grads, max_norm):
    length = np.linalg.norm(np.concatenate([g.ravel() for g in grads]))
    return [g / max(1.0, length / max_norm) for g in grads]


def diagnose__step_by_step(X, weights):
    for W in weights[:-1]:
        if W.shape[1] >= 2 and len(np.unique(W, axis=1).T) == 1:
            return "symmetric"
    A = X.copy()
    with np.errstate(all="ignore"):
        for W in weights:
            A = np.maximum(A @ W, 0)
        ratio = (A**2).mean() / (X**2).mean()
    if ratio < 1e-6:
        return "vanishing"
    return "healthy" if ratio <= 1e6 else "exploding"

"""Other correct ways to write the tasks of unit 04; each must pass its check."""

import math

import numpy as np


def relu__masked(Z):
    positive = Z > 0
    return Z * positive, positive


def relu__where(Z):
    return np.where(Z < 0, 0, Z), np.where(Z <= 0, 0, 1)


def relu__clipped_copy(Z):
    A = Z.copy()
    A[A < 0] = 0
    return A, np.sign(A)


def leaky_relu__larger_of_two(Z, alpha=0.01):
    slope = np.full(Z.shape, alpha)
    slope[Z > 0] = 1
    return np.maximum(Z, alpha * Z), slope


def leaky_relu__slope_first(Z, alpha=0.01):
    slope = alpha + (1 - alpha) * (Z > 0)
    return slope * Z, slope


def sigmoid__two_sides(Z):
    A = np.empty(Z.shape)
    right = Z >= 0
    A[right] = 1 / (1 + np.exp(-Z[right]))
    A[~right] = np.exp(Z[~right]) / (1 + np.exp(Z[~right]))
    return A, A * (1 - A)


def sigmoid__by_logs(Z):
    A = np.exp(-np.logaddexp(0, -Z))
    return A, A * np.exp(-np.logaddexp(0, Z))


def sigmoid__clipped_exponents(Z):
    below, above = np.exp(np.minimum(Z, 0)), np.exp(-np.maximum(Z, 0))
    A = below / (below + above)
    return A, A - A**2


def tanh__chain_rule(Z):
    e = np.exp(-2 * np.abs(Z))
    s = np.where(Z >= 0, 1, e) / (1 + e)
    return 2 * s - 1, 4 * s * (1 - s)


def tanh__by_the_size(Z):
    e = np.exp(-2 * np.abs(Z))
    A = np.sign(Z) * (1 - e) / (1 + e)
    return A, (1 - A) * (1 + A)


def collapse_linear__from_the_end(params):
    W, b = params[-1]
    for W_before, b_before in params[-2::-1]:
        W, b = W_before @ W, b_before @ W + b
    return W, b


def collapse_linear__by_asking(params):
    """What the network answers to 0 is the bias; what each unit input adds to that is a row of the matrix."""
    def run(X):
        for W, b in params:
            X = X @ W + b
        return X

    n_in = len(params[0][0])
    b = run(np.zeros((1, n_in)))[0]
    return run(np.eye(n_in)) - b, b


def dead_units__largest_sum(X, params):
    dead = []
    for W, b in params[:-1]:
        Z = X @ W + b
        dead.append(Z.max(axis=0) <= 0)
        X = Z.clip(min=0)
    return dead


def dead_units__not_any(X, params):
    dead = []
    for k in range(len(params) - 1):
        X = np.maximum(X @ params[k][0] + params[k][1], 0)
        dead += [~np.any(X > 0, axis=0)]
    return dead


def dead_units__silent(X, params):
    dead = []
    for W, b in params[:-1]:
        X = np.maximum(X @ W + b, 0)
        dead.append(X.sum(axis=0) == 0)
    return dead


def silu__one_formula(Z):
    s = np.exp(-np.logaddexp(0, -Z))
    return Z * s, s * (1 + Z * (1 - s))


def gelu__by_erfc(Z):
    Phi = np.array([math.erfc(-z / 2**0.5) / 2 for z in Z.flat]).reshape(Z.shape)
    return Z * Phi, Phi + Z * np.exp(-0.5 * Z * Z) / np.sqrt(2 * np.pi)

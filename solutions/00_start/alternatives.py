"""Other correct ways to write the tasks of unit 00; each must pass its check."""

import numpy as np


def reshape_batch__work_it_out(images):
    return images.reshape(-1, images.shape[1] * images.shape[2])


def reshape_batch__loop(images):
    N, H, W = images.shape
    rows = np.empty((N, H * W))
    for i in range(N):
        rows[i] = images[i].flatten()
    return rows


def row_softmax_by_hand__loop(scores):
    shares = np.zeros(scores.shape)
    for i, row in enumerate(scores):
        shares[i] = np.exp(row) / sum(np.exp(row))
    return shares


def row_softmax_by_hand__transposed(scores):
    return (np.exp(scores.T) / np.exp(scores).sum(axis=1)).T


def row_softmax_by_hand__shifted(scores):
    """The largest score of each row becomes 0: the same shares, safe from overflow (unit 02)."""
    e = np.exp(scores - scores.max(axis=1)[:, None])
    return e / np.sum(e, axis=1)[:, np.newaxis]


def slope_at__mean_of_both_sides(f, x, h):
    right, left = (f(x + h) - f(x)) / h, (f(x) - f(x - h)) / h
    return (right + left) / 2


def standardize__by_column(X):
    result = np.zeros(X.shape)
    for d in range(X.shape[1]):
        centred = X[:, d] - np.mean(X[:, d])
        deviation = np.sqrt(np.mean(centred**2))
        if deviation > 0:
            result[:, d] = centred / deviation
    return result


def standardize__variance_by_hand(X):
    centred = X - X.sum(axis=0) / len(X)
    std = np.sqrt((centred**2).sum(axis=0) / len(X))
    std[std == 0] = 1
    return centred / std

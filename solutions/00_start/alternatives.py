"""Other correct ways to write the tasks of unit 00; each must pass its check."""

import numpy as np


def reshape_batch__stack(images):
    return np.stack([image.ravel() for image in images])


def reshape_batch__sizes(images):
    N, H, W = images.shape
    return np.reshape(images, (N, H * W))


def row_softmax_by_hand__transposed(scores):
    return (np.exp(scores.T) / np.exp(scores).sum(axis=1)).T


def row_softmax_by_hand__shifted(scores):
    e = np.exp(scores - scores.max(axis=1, initial=-np.inf)[:, None])
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

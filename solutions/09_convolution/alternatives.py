"""Other correct ways to write the tasks of unit 09; each must pass its check."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def output_size__by_counting(n, k, stride, padding, dilation):
    places, first = 0, -padding
    while first + dilation * (k - 1) < n + padding:
        places, first = places + 1, first + stride
    return places


def count_weights__by_making_them(c_in, c_out, k, bias):
    return np.zeros((c_out, c_in, k, k)).size + (np.zeros(c_out).size if bias else 0)


def pad__into_zeros(X, padding):
    N, C, H, W = X.shape
    framed = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    framed[:, :, padding : padding + H, padding : padding + W] = X
    return framed


def conv2d__seven_loops(X, W, b, stride):
    (N, C_in, H, width), (C_out, _, kh, kw) = X.shape, W.shape
    Y = np.zeros((N, C_out, (H - kh) // stride + 1, (width - kw) // stride + 1))
    for n, c, y, x in np.ndindex(Y.shape):
        Y[n, c, y, x] = b[c]
        for c_in in range(C_in):
            for i in range(kh):
                for j in range(kw):
                    Y[n, c, y, x] += X[n, c_in, y * stride + i, x * stride + j] * W[c, c_in, i, j]
    return Y


def conv2d__views_and_einsum(X, W, b, stride):
    windows = sliding_window_view(X, W.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncyxij,kcij->nkyx", windows, W) + b[:, None, None]


def conv2d__shifted_images(X, W, b, stride):
    kh, kw = W.shape[2:]
    OH, OW = X.shape[2] - kh + 1, X.shape[3] - kw + 1
    Y = 0
    for i in range(kh):
        for j in range(kw):
            Y = Y + np.tensordot(X[:, :, i : i + OH, j : j + OW], W[:, :, i, j], axes=([1], [1]))
    return (Y + b).transpose(0, 3, 1, 2)[:, :, ::stride, ::stride]


def im2col__window_by_window(X, k):
    N, _, H, W = X.shape
    windows = [X[:, :, y : y + k, x : x + k].reshape(N, -1) for y in range(H - k + 1) for x in range(W - k + 1)]
    return np.stack(windows, axis=2)


def im2col__views(X, k):
    windows = sliding_window_view(X, (k, k), axis=(2, 3))  # (N, C, OH, OW, k, k)
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(len(X), X.shape[1] * k * k, -1)


def max_pool__strided_slices(X, k):
    return np.max([X[:, :, i::k, j::k] for i in range(k) for j in range(k)], axis=0)


def max_pool__loops(X, k):
    N, C, H, W = X.shape
    Y = np.zeros((N, C, H // k, W // k))
    for y in range(H // k):
        for x in range(W // k):
            Y[:, :, y, x] = X[:, :, y * k : y * k + k, x * k : x * k + k].max(axis=(2, 3))
    return Y


def max_pool_backward__repeat(dY, X, k):
    big = max_pool__strided_slices(X, k).repeat(k, axis=2).repeat(k, axis=3)
    return np.where(big == X, dY.repeat(k, axis=2).repeat(k, axis=3), 0)


def max_pool_backward__argmax(dY, X, k):
    dX = np.zeros(X.shape)
    for n, c, y, x in np.ndindex(dY.shape):
        window = X[n, c, y * k : y * k + k, x * k : x * k + k]
        i, j = np.unravel_index(window.argmax(), window.shape)
        dX[n, c, y * k + i, x * k + j] = dY[n, c, y, x]
    return dX


def receptive_field__from_the_last_layer_back(layers):
    size = 1
    for k, stride in reversed(layers):
        size = (size - 1) * stride + k
    return size

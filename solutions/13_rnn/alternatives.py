"""Other correct ways to write the tasks of unit 13; each must pass its check."""

import math

import numpy as np


def one_hot__rows_of_the_identity(names, letters):
    rows = dict(zip(letters, np.eye(len(letters), dtype=int)))
    nothing = np.zeros(len(letters), dtype=int)
    T = max(map(len, names))
    if not set("".join(names)) <= set(letters):
        raise ValueError("a character that is not among the letters")
    X = [[rows[name[t]] if t < len(name) else nothing for t in range(T)] for name in names]
    return np.array(X), [len(name) for name in names]


def one_hot__compares_codes(names, letters):
    if any(letter not in letters for name in names for letter in name):
        raise ValueError("unknown letter")
    lengths = np.array(list(map(len, names)))
    codes = np.array([[ord(letter) for letter in name.ljust(lengths.max(), "\0")] for name in names])
    return (codes[:, :, np.newaxis] == np.array([ord(letter) for letter in letters])).astype(np.float32), lengths


def rnn_cell__one_product(x, h, W_x, W_h, b):
    return np.tanh(np.hstack([x, h]) @ np.vstack([W_x, W_h]) + b)


def rnn_forward__name_by_name(X, lengths, W_x, W_h, b):
    N, T, _ = X.shape
    H, last = np.zeros((N, T, len(b))), np.zeros((N, len(b)))
    for n in range(N):
        for t in range(lengths[n]):
            last[n] = np.tanh(X[n, t] @ W_x + last[n] @ W_h + b)
            H[n, t] = last[n]
    return H, last


def rnn_forward__holds_the_state(X, lengths, W_x, W_h, b):
    N, T, _ = X.shape
    h, states = np.zeros((N, len(b))), []
    for t in range(T):
        goes_on = (t < lengths)[:, None]
        h = np.where(goes_on, np.tanh(X[:, t] @ W_x + h @ W_h + b), h)
        states.append(np.where(goes_on, h, 0))
    return np.stack(states, axis=1), h


def bptt__all_products_at_the_end(dH, X, H, W_x, W_h):
    before = np.concatenate([np.zeros_like(H[:, :1]), H[:, :-1]], axis=1)
    dZ = np.zeros_like(H)
    for t in range(H.shape[1] - 1, -1, -1):
        later = dZ[:, t + 1] @ W_h.T if t + 1 < H.shape[1] else 0
        dZ[:, t] = (dH[:, t] + later) * (1 - H[:, t] ** 2)
    dW_x, dW_h = np.einsum("ntd,nth->dh", X, dZ), np.einsum("nti,ntj->ij", before, dZ)
    return dZ @ W_x.T, dW_x, dW_h, dZ.sum(axis=(0, 1))


def bptt__share_by_share(dH, X, H, W_x, W_h):
    """Follow the slope of each output back on its own."""
    dX, dW_x, dW_h, db = np.zeros(X.shape), np.zeros(W_x.shape), np.zeros(W_h.shape), np.zeros(len(W_h))
    for end in range(X.shape[1]):
        dh = dH[:, end]
        for t in range(end, -1, -1):
            dZ = dh * (1 - H[:, t] ** 2)
            dX[:, t] += dZ @ W_x.T
            dW_x += X[:, t].T @ dZ
            dW_h += (H[:, t - 1].T @ dZ) if t else 0
            db += dZ.sum(0)
            dh = dZ @ W_h.T
    return [dX, dW_x, dW_h, db]


def clip__one_vector(grads, max_norm):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads]))
    if math.isnan(norm) or math.isinf(norm):
        return [0.0 * np.nan_to_num(g) for g in grads], norm
    return [g * min(1.0, max_norm / max(norm, 1e-300)) for g in grads], float(norm)


def classify__one_function(X, lengths, y, params, X_new, lengths_new, lr, num_epochs, batch_size):
    params, losses = [p.copy() for p in params], []
    W_x, W_h, b, W_out, b_out = params
    for _ in range(num_epochs):
        for rows in np.split(np.arange(len(X)), range(batch_size, len(X), batch_size)):
            N, longest = len(rows), lengths[rows].max()
            H, last = rnn_forward__holds_the_state(X[rows, :longest], lengths[rows], W_x, W_h, b)
            p = np.exp(last @ W_out + b_out)
            p /= p.sum(axis=1, keepdims=True)
            losses.append(float(np.log(1 / p[np.arange(N), y[rows]]).sum() / N))
            dlogits = (p - np.eye(len(b_out))[y[rows]]) / N
            dH = np.zeros(H.shape)
            dH[np.arange(N), lengths[rows] - 1] = dlogits @ W_out.T
            _, *grads = bptt__all_products_at_the_end(dH, X[rows, :longest], H, W_x, W_h)
            grads += [last.T @ dlogits, dlogits.sum(0)]
            norm = math.sqrt(sum((g * g).sum() for g in grads))
            for param, g in zip(params, grads):
                param -= lr * g / max(1.0, norm)
    logits = rnn_forward__name_by_name(X_new, lengths_new, W_x, W_h, b)[1] @ W_out + b_out
    return losses, logits.argmax(1)

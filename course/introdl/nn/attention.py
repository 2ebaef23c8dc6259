"""Attention: a query looks at all keys, and takes the mean of their values, weighted by how well they fit. Unit 17.

Additive: Bahdanau, Cho and Bengio 2014. Scaled dot product: Vaswani et al. 2017, after Luong, Pham and Manning 2015.
T_q queries look at T_k keys, each key with a value; "…" stands for any axes in front, such as the batch, the same in
all arrays. mask: bool, with (…, T_q, T_k) or broadcast to it; True = may be seen. Padding and future are False.
"""

import math

import numpy as np

from introdl._validate import like
from introdl.nn._ranges import floats


def masked_softmax(scores: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Return weights (…, T_q, T_k), each row positive and summing to 1, and 0 where the mask is False.

    scores: (…, T_q, T_k). Raises ValueError where a row may see nothing: no weights sum to 1 there.
    """
    scores = floats("scores", scores)
    if not scores.ndim or not scores.shape[-1]:
        raise ValueError(f"scores has shape {scores.shape}, expected (…, T_k) with at least one key")
    if mask is not None:
        scores = np.where(_mask(mask, scores.shape), scores, -np.inf)  # before the softmax: exp(-inf) is 0
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def masked_softmax_backward(dweights: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the gradient of the scores, (…, T_q, T_k); it is 0 where the mask was False, since weights are."""
    dweights = like("dweights", dweights, weights.shape)
    return weights * (dweights - (dweights * weights).sum(axis=-1, keepdims=True))


def scaled_dot_product_attention(
    Q: np.ndarray, K: np.ndarray, V: np.ndarray, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return out (…, T_q, D_v) and the weights (…, T_q, T_k): softmax(Q @ K.T / sqrt(D)), and their means of V.

    Q: (…, T_q, D). K: (…, T_k, D). V: (…, T_k, D_v).
    """
    Q, K, V = _queries_keys_values(Q, K, V)
    if K.shape[-1] != Q.shape[-1]:
        raise ValueError(f"K has shape {K.shape}, expected keys as wide as the queries, {Q.shape[-1]}")
    weights = masked_softmax(Q @ K.swapaxes(-1, -2) / math.sqrt(Q.shape[-1]), mask)
    return weights @ V, weights


def scaled_dot_product_attention_backward(
    dout: np.ndarray, Q: np.ndarray, K: np.ndarray, V: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dQ, dK, dV, shaped like Q, K, V, for dout (…, T_q, D_v) and the weights that the way forward gave."""
    Q, K, V = _queries_keys_values(Q, K, V)
    dout = like("dout", dout, (*Q.shape[:-1], V.shape[-1]))
    dscores = masked_softmax_backward(dout @ V.swapaxes(-1, -2), weights) / math.sqrt(Q.shape[-1])
    return dscores @ K, dscores.swapaxes(-1, -2) @ Q, weights.swapaxes(-1, -2) @ dout


def additive_attention(
    Q: np.ndarray,
    K: np.ndarray,
    V: np.ndarray,
    W_q: np.ndarray,
    W_k: np.ndarray,
    v: np.ndarray,
    mask: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return out (…, T_q, D_v) and the weights (…, T_q, T_k): softmax(tanh(Q @ W_q + K @ W_k) @ v), their means of V.

    Q: (…, T_q, D_q). K: (…, T_k, D_k). V: (…, T_k, D_v). W_q: (D_q, A). W_k: (D_k, A). v: (A,).
    """
    Q, K, V = _queries_keys_values(Q, K, V)
    weights = masked_softmax(_bent(Q, K, W_q, W_k, v) @ v, mask)
    return weights @ V, weights


def additive_attention_backward(
    dout: np.ndarray,
    Q: np.ndarray,
    K: np.ndarray,
    V: np.ndarray,
    W_q: np.ndarray,
    W_k: np.ndarray,
    v: np.ndarray,
    weights: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Return dQ, dK, dV, dW_q, dW_k, dv for dout (…, T_q, D_v) and the weights that the way forward gave."""
    Q, K, V = _queries_keys_values(Q, K, V)
    dout = like("dout", dout, (*Q.shape[:-1], V.shape[-1]))
    bent = _bent(Q, K, W_q, W_k, v)  # (…, T_q, T_k, A)
    dscores = masked_softmax_backward(dout @ V.swapaxes(-1, -2), weights)[..., np.newaxis]
    dsum = dscores * v * (1 - bent**2)
    dQ_W, dK_W = dsum.sum(axis=-2), dsum.sum(axis=-3)  # each query met all keys, each key all queries
    rows = tuple(range(dscores.ndim - 1))
    dW_q, dW_k = _flat(Q).T @ _flat(dQ_W), _flat(K).T @ _flat(dK_W)
    dV = weights.swapaxes(-1, -2) @ dout
    return dQ_W @ W_q.T, dK_W @ W_k.T, dV, dW_q, dW_k, (dscores * bent).sum(axis=rows)


def _bent(Q: np.ndarray, K: np.ndarray, W_q: np.ndarray, W_k: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return tanh(Q @ W_q + K @ W_k) for each pair of a query and a key, (…, T_q, T_k, A)."""
    A = len(v)
    W_q, W_k = like("W_q", W_q, (Q.shape[-1], A)), like("W_k", W_k, (K.shape[-1], A))
    return np.tanh((Q @ W_q)[..., :, np.newaxis, :] + (K @ W_k)[..., np.newaxis, :, :])


def _queries_keys_values(Q, K, V) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    Q, K, V = floats("Q", Q), floats("K", K), floats("V", V)
    for name, value, length in (("Q", Q, "T_q"), ("K", K, "T_k"), ("V", V, "T_k")):
        if value.ndim < 2 or value.shape[:-2] != Q.shape[:-2]:
            wanted = ", ".join([*(str(n) for n in Q.shape[:-2]), length, "D"])
            raise ValueError(f"{name} has shape {value.shape}, expected ({wanted})")
    if V.shape[-2] != K.shape[-2]:
        raise ValueError(f"V has shape {V.shape}, expected one value a key: {K.shape[-2]} of them")
    return Q, K, V


def _mask(mask, shape: tuple[int, ...]) -> np.ndarray:
    """Return a bool mask that fits to scores of this shape and lets every row see something; raise if it does not."""
    mask = np.asarray(mask)
    if mask.dtype != bool:
        raise TypeError(f"mask has dtype {mask.dtype}, expected bool: True = may be seen")
    try:
        mask = np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(f"mask has shape {mask.shape}, expected one that broadcasts to the scores' {shape}") from None
    if not mask.any(axis=-1).all():
        row = tuple(int(i) for i in np.argwhere(~mask.any(axis=-1))[0])
        raise ValueError(f"mask{list(row)} is False everywhere: a query that may see nothing has no weights")
    return mask


def _flat(X: np.ndarray) -> np.ndarray:
    return X.reshape(-1, X.shape[-1])

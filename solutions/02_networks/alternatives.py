"""Other correct ways to write the tasks of unit 02; each must pass its check."""

import numpy as np


def dense__einsum(X, W, b):
    return np.einsum("nd,dc->nc", X, W) + b


def dense__neuron_by_neuron(X, W, b):
    Y = np.zeros((len(X), len(b)))
    for c in range(len(b)):
        Y[:, c] = X @ W[:, c] + b[c]
    return Y


def dense__bias_as_a_weight(X, W, b):
    """Append a feature that is always 1, and the biases as its row of weights."""
    return np.column_stack([X, np.ones(len(X))]) @ np.vstack([W, b])


def forward__last_layer_apart(X, params):
    *hidden, (W_out, b_out) = params
    for W, b in hidden:
        X = (X @ W + b).clip(min=0)
    return X @ W_out + b_out


def forward__recursive(X, params):
    (W, b), rest = params[0], params[1:]
    Z = X @ W + b
    return forward__recursive(Z * (Z > 0), rest) if rest else Z


def count_parameters__with_a_loop(sizes):
    total = 0
    for k in range(1, len(sizes)):
        total += (sizes[k - 1] + 1) * sizes[k]
    return total


def count_parameters__dot_product(sizes):
    sizes = np.array(sizes)
    return sizes[:-1] @ sizes[1:] + sizes[1:].sum()


def one_hot__rows_of_the_identity(y, num_classes):
    return np.eye(num_classes, dtype=int)[y]


def one_hot__compared(y, num_classes):
    return (y[:, None] == np.arange(num_classes)).astype(np.float32)


def one_hot__truth_values(y, num_classes):
    """True and False count as 1 and 0."""
    return np.equal.outer(y, np.arange(num_classes))


def softmax__row_by_row(logits):
    p = np.zeros(logits.shape)
    for n, row in enumerate(logits):
        powers = np.exp(row - max(row))
        p[n] = powers / sum(powers)
    return p


def softmax__log_sum_exp(logits):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))


def softmax__transposed(logits):
    """With classes along axis 0, broadcasting needs no keepdims."""
    powers = np.exp(logits.T - logits.max(axis=1))
    return (powers / powers.sum(axis=0)).T


def cross_entropy__one_hot(logits, y):
    shifted = logits - logits.max(axis=1)[:, None]
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1))[:, None]
    return -(np.eye(logits.shape[1])[y] * log_p).sum() / len(y)


def cross_entropy__log_sum_exp(logits, y):
    return np.mean([np.logaddexp.reduce(row) - row[label] for row, label in zip(logits, y)])


def predict__from_logits(X, params):
    for k, (W, b) in enumerate(params):
        X = X @ W + b if k == 0 else np.maximum(X, 0) @ W + b
    top = X.max(axis=1, keepdims=True)
    return X.argmax(axis=1), 1 / np.exp(X - top).sum(axis=1)

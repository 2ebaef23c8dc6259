"""Batch normalization: give every feature mean 0 and variance 1 within the batch, then let the network choose.

Built in unit 07, for images in unit 10, from Ioffe and Szegedy 2015. N examples, D features; images (N, C, H, W).
"""

import numpy as np

from introdl._validate import images, like, matrix, positive, whole
from introdl.nn._ranges import float_type, floats, number
from introdl.nn.layers import Layer


class BatchNorm(Layer):
    """Y = gamma * (X - mean) / sqrt(var + eps) + beta, feature by feature.

    In training, mean and variance are the batch's; in evaluation, the running ones. Each batch moves these a step of
    `momentum` towards its own, as in PyTorch: running = (1 - momentum) * running + momentum * batch. The batch is
    normalized by its variance (divided by N); the running variance is of the population (divided by N - 1).
    """

    def __init__(self, num_features: int, momentum: float = 0.1, eps: float = 1e-5, dtype=np.float32):
        """Start gamma and the running variance at 1, beta and the running mean at 0, each (num_features,)."""
        D, dtype = whole("num_features", num_features), float_type("dtype", dtype)
        self.momentum, self.eps = number("momentum", momentum), positive("eps", eps)
        if not 0 <= self.momentum <= 1:
            raise ValueError(f"momentum is {momentum!r}, expected a number from 0 to 1")
        self.params = [np.ones(D, dtype), np.zeros(D, dtype)]  # gamma, beta
        self.grads = [np.zeros_like(p) for p in self.params]
        self.buffers = [np.zeros(D, dtype), np.ones(D, dtype)]  # running mean and variance

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return (N, D) for X (N, D); in training N is at least 2, and the running statistics move."""
        gamma, beta = self.params
        X = floats("X", matrix("X", X, columns=len(gamma)))
        mean, var = self._batch_statistics(X) if self.training else self.buffers
        self.by_batch, self.std = self.training, np.sqrt(var + self.eps)  # std (D,)
        self.X_hat = (X - mean) / self.std  # (N, D)
        return gamma * self.X_hat + beta

    def _batch_statistics(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the batch's mean and variance, each (D,), and move the running ones towards them."""
        N = len(X)
        if N < 2:
            raise ValueError(f"X has shape {X.shape}, expected at least 2 rows in training: one row has no variance")
        mean, var = X.mean(axis=0), X.var(axis=0)
        for running, batch in zip(self.buffers, (mean, var * N / (N - 1)), strict=True):
            running += self.momentum * (batch - running)
        return mean, var

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX (N, D) for dY (N, D), and set the gradients of gamma and beta.

        In training the batch's mean and variance depend on X as well: the two terms subtracted from dY.
        """
        [gamma, _], X_hat, N = self.params, self.X_hat, len(self.X_hat)
        dY = like("dY", dY, X_hat.shape)
        dgamma, dbeta = (dY * X_hat).sum(axis=0), dY.sum(axis=0)  # (D,), (D,)
        self.grads = [dgamma, dbeta]
        if self.by_batch:
            dY = dY - dbeta / N - X_hat * (dgamma / N)
        return dY * (gamma / self.std)


class BatchNorm2d(BatchNorm):
    """Batch normalization of images: a channel is one feature, and each of its N * H * W pixels an example."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return (N, C, H, W) for X (N, C, H, W); in training N * H * W is at least 2."""
        N, C, H, W = images("X", X, channels=len(self.params[0])).shape
        if self.training and N * H * W < 2:
            raise ValueError(f"X has shape {X.shape}, expected N * H * W >= 2 in training: one pixel has no variance")
        self.shape = X.shape
        return _to_images(super().forward(_to_rows(X)), self.shape)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Return dX (N, C, H, W) for dY (N, C, H, W), and set the gradients of gamma and beta."""
        return _to_images(super().backward(_to_rows(like("dY", dY, self.shape))), self.shape)


def _to_rows(X: np.ndarray) -> np.ndarray:
    """Return (N * H * W, C) for X (N, C, H, W): a row a pixel; a channel stays together in memory, to sum it well."""
    return np.moveaxis(X, 1, 0).reshape(X.shape[1], -1).T


def _to_images(rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return (N, C, H, W), the shape, for rows (N * H * W, C)."""
    N, C, H, W = shape
    return np.ascontiguousarray(np.moveaxis(rows.T.reshape(C, N, H, W), 0, 1))

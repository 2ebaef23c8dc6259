"""Methods that are older than deep learning, each in a few lines of NumPy, and a small network to set beside them."""

import numpy as np

__all__ = [
    "KMeans",
    "LogisticRegression",
    "NaiveBayes",
    "NearestNeighbors",
    "Network",
    "squared_distances",
]


def squared_distances(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return (N, M) squared distances between the rows of A (N, D) and of B (M, D), by one matrix product."""
    return (A**2).sum(axis=1)[:, None] - 2 * A @ B.T + (B**2).sum(axis=1)


class NearestNeighbors:
    """k-NN: remember everything, then let the k nearest vote."""

    def __init__(self, k: int = 5):
        self.k = k

    def fit(self, X: np.ndarray, y: np.ndarray) -> "NearestNeighbors":
        """Remember the examples X (N, D) and their labels y (N,)."""
        self.X, self.y = X, y
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (M,) labels for X (M, D)."""
        near = np.argpartition(squared_distances(X, self.X), self.k - 1, axis=1)[:, : self.k]  # (M, k)
        return np.array([np.bincount(votes).argmax() for votes in self.y[near]])


class KMeans:
    """k-means: assign each example to the nearest center, move each center to the mean of its own; again and again."""

    def __init__(self, k: int = 8, num_iterations: int = 20, seed: int = 0):
        self.k, self.num_iterations, self.seed = k, num_iterations, seed

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> "KMeans":
        """Find the centers (k, D) of X (N, D), from k of its rows at the start."""
        self.centers = np.random.default_rng(self.seed).permutation(X)[: self.k].copy()
        for _ in range(self.num_iterations):
            nearest = self.predict(X)
            for group in range(self.k):
                if (nearest == group).any():
                    self.centers[group] = X[nearest == group].mean(axis=0)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the number (M,) of the nearest center for each row of X (M, D)."""
        return squared_distances(X, self.centers).argmin(axis=1)


class NaiveBayes:
    """Gaussian naive Bayes: a mean and a variance for each class and feature, as if features were independent."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "NaiveBayes":
        """Find means and variances (C, D) and shares (C,) of the classes 0 to C - 1."""
        groups = [X[y == label] for label in range(int(y.max()) + 1)]
        self.means, self.variances = (np.array([f(group, axis=0) for group in groups]) for f in (np.mean, np.var))
        self.variances += 1e-9 * X.var(axis=0).max()  # a feature that never changes has no variance
        self.shares = np.array([len(group) for group in groups]) / len(X)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the most probable class (M,) for each row of X (M, D)."""
        scores = [
            np.log(share) - 0.5 * (np.log(variance) + (X - mean) ** 2 / variance).sum(axis=1)
            for mean, variance, share in zip(self.means, self.variances, self.shares, strict=True)
        ]
        return np.argmax(scores, axis=0)


class LogisticRegression:
    """Logistic regression for two classes, by plain gradient descent on all examples."""

    def __init__(self, lr: float = 0.5, num_epochs: int = 50):
        self.lr, self.num_epochs = lr, num_epochs

    def fit(self, X: np.ndarray, y: np.ndarray) -> "LogisticRegression":
        """Find weights (D,) and a bias for X (N, D) and labels y (N,), 0 or 1."""
        self.w, self.b = np.zeros(X.shape[1]), 0.0
        for _ in range(self.num_epochs):
            error = 1 / (1 + np.exp(-(X @ self.w + self.b))) - y  # (N,)
            self.w -= self.lr * error @ X / len(X)
            self.b -= self.lr * error.mean()
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return labels (M,) for X (M, D)."""
        return (X @ self.w + self.b > 0).astype(int)


class Network:
    """A network with one hidden layer of ReLU for two classes, by stochastic gradient descent."""

    def __init__(self, hidden: int = 64, lr: float = 0.1, num_epochs: int = 2, batch_size: int = 100, seed: int = 0):
        self.hidden, self.lr, self.num_epochs, self.batch_size, self.seed = hidden, lr, num_epochs, batch_size, seed

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Network":
        """Find W1 (D, H), b1, w2 (H,), b2 for X (N, D) and labels y (N,), 0 or 1."""
        rng = np.random.default_rng(self.seed)
        self.W1, self.b1 = rng.normal(0, np.sqrt(2 / X.shape[1]), (X.shape[1], self.hidden)), np.zeros(self.hidden)
        self.w2, self.b2 = rng.normal(0, np.sqrt(1 / self.hidden), self.hidden), 0.0
        for _ in range(self.num_epochs):
            for start in range(0, len(X), self.batch_size):
                self._step(X[start : start + self.batch_size], y[start : start + self.batch_size])
        return self

    def _step(self, X: np.ndarray, y: np.ndarray) -> None:
        A = np.maximum(X @ self.W1 + self.b1, 0)  # (B, H)
        dz = (1 / (1 + np.exp(-(A @ self.w2 + self.b2))) - y) / len(X)  # (B,)
        dZ1 = dz[:, None] * self.w2 * (A > 0)
        self.w2 -= self.lr * dz @ A
        self.b2 -= self.lr * dz.sum()
        self.W1 -= self.lr * X.T @ dZ1
        self.b1 -= self.lr * dZ1.sum(axis=0)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return labels (M,) for X (M, D)."""
        return (np.maximum(X @ self.W1 + self.b1, 0) @ self.w2 + self.b2 > 0).astype(int)

"""Judging generators by the features of a classifier: distance of two clouds, precision and recall, nearest example."""

import numpy as np
import torch
from torch import Tensor, nn

from introdl._validate import whole

NUM_FEATURES = 32


def classifier(side: int = 28) -> nn.Sequential:
    """Return a small network that reads digits (N, 1, side, side), -1 to 1; its last layer sees 32 features."""
    edge = -(-side // 4)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(16 * edge * edge, NUM_FEATURES), nn.ReLU(), nn.Linear(NUM_FEATURES, 10),
    )  # fmt: skip


def train_classifier(X: Tensor, y: np.ndarray, seed: int, num_epochs: int = 10, lr: float = 2e-3) -> nn.Sequential:
    """Return a classifier of digits X (N, 1, side, side), -1 to 1, trained by Adam, in evaluation mode."""
    torch.manual_seed(seed)
    net, y, rng = classifier(X.shape[2]), torch.as_tensor(y), np.random.default_rng(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr)
    for _ in range(num_epochs):
        for batch in torch.from_numpy(rng.permutation(len(X))).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(X[batch]), y[batch]).backward()
            optimizer.step()
    return net.eval()


def features(net: nn.Sequential, X: Tensor) -> np.ndarray:
    """Return what the last layer of a classifier sees, (N, 32) float64."""
    with torch.no_grad():
        return net[:-1](X).double().numpy()


def predict(net: nn.Module, X: Tensor) -> np.ndarray:
    """Return the classes (N,) that a classifier finds."""
    with torch.no_grad():
        return net(X).argmax(1).numpy()


def frechet_distance(X: np.ndarray, Y: np.ndarray) -> float:
    """Return the squared Fréchet distance of the Gaussians fitted to features X (N, D) and Y (M, D).

    The squared distance of the means plus the trace of A + B - 2 (A B)^½, with the covariances A and B, each divided
    by N - 1 (Heusel and others 2017). The root is that of the matrix, not of its entries.
    """
    X, Y = _features("X", X), _features("Y", Y)
    if X.shape[1] != Y.shape[1]:
        raise ValueError(f"X has {X.shape[1]} features and Y {Y.shape[1]}, expected equally many")
    A, B = (np.atleast_2d(np.cov(Z, rowvar=False)) for Z in (X, Y))
    root = _root(A)
    overlap = np.sqrt(np.clip(np.linalg.eigvalsh(root @ B @ root), 0, None)).sum()  # the trace of (A B)^½
    return float(((X.mean(0) - Y.mean(0)) ** 2).sum() + np.trace(A) + np.trace(B) - 2 * overlap)


def precision_recall(real: np.ndarray, fake: np.ndarray, k: int = 3) -> tuple[float, float]:
    """Return (share of fakes that lie among the real ones, share of real ones that lie among the fakes).

    A point lies among others if it is within the distance of one of them to its own k-th neighbour (Kynkäänniemi and
    others 2019). real: (N, D), fake: (M, D), both with more than k points.
    """
    real, fake, k = _features("real", real), _features("fake", fake), whole("k", k)
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"there are {len(real)} real ones and {len(fake)} fakes, expected more than k = {k} of each")
    fake_to_real = _distances(fake, real)  # (M, N)
    real_radius, fake_radius = (np.sort(_distances(Z, Z), axis=1)[:, k] for Z in (real, fake))
    precision, recall = fake_to_real <= real_radius, fake_to_real <= fake_radius[:, None]
    return float(precision.any(1).mean()), float(recall.any(0).mean())


def nearest(X: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row of X (N, D) the place of the nearest row in known (M, D), and the distances, (N,) each."""
    distances = _distances(_features("X", X, 1), _features("known", known, 1))
    places = distances.argmin(axis=1)
    return places, distances[np.arange(len(places)), places]


def _features(name: str, X: np.ndarray, least: int = 2) -> np.ndarray:
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or len(X) < least:
        raise ValueError(f"{name} has shape {X.shape}, expected (N, D) with at least {least} rows")
    if not np.isfinite(X).all():
        raise ValueError(f"{name} holds a number that is not finite: did the generator diverge?")
    return X


def _root(A: np.ndarray) -> np.ndarray:
    """Return the matrix whose product with itself is A, symmetric without negative eigenvalues."""
    values, vectors = np.linalg.eigh(A)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def _distances(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    squares = (X**2).sum(1)[:, None] + (Y**2).sum(1) - 2 * X @ Y.T
    return np.sqrt(np.clip(squares, 0, None))

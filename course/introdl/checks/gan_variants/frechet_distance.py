"""Task of unit 20: how far two clouds of features are apart (frechet_distance)."""

import numpy as np
import scipy.linalg

from introdl.checks.task import Task
from introdl.checks.variant import changed


def cases(rng):
    square = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    yield square, square + [3.0, 0.0]
    yield square, square.copy()
    yield square, 3 * square - 2
    for N, M, D in ((9, 7, 2), (20, 12, 3), (30, 30, 5)):
        X, Y = (
            rng.normal(size=(N, D)) @ rng.normal(size=(D, D)),
            rng.normal(1, 1, size=(M, D)) @ rng.normal(size=(D, D)),
        )
        yield X, Y
    flat = rng.normal(size=(12, 3))
    flat[:, 2] = flat[:, 0]  # a covariance without an inverse
    yield flat, rng.normal(size=(10, 3))


def by_scipy(X, Y):
    A, B = np.cov(X.T), np.cov(Y.T)
    roots = [scipy.linalg.sqrtm(C + 1e-12 * np.eye(len(C))) for C in (A, B)]
    overlap = np.linalg.svd(np.real(roots[0] @ roots[1]), compute_uv=False).sum()  # the nuclear norm: another road
    return float(np.linalg.norm(X.mean(0) - Y.mean(0)) ** 2 + np.trace(A) + np.trace(B) - 2 * overlap)


frechet_distance = Task(
    "frechet_distance",
    ("X", "Y"),
    cases,
    by_scipy,
    rtol=1e-4,
    atol=1e-4,
    hints=(
        "Two parts: how far the middles are apart, squared, and how much the two covariance matrices differ.",
        "np.cov(X, rowvar=False) is (D, D) and divides by N - 1. The trace of the root of the matrix A B is the sum of "
        "the roots of its eigenvalues; they are at least 0 but for rounding.",
        "overlap = np.sqrt(np.clip(np.linalg.eigvals(A @ B).real, 0, None)).sum(); return ((X.mean(0) - "
        "Y.mean(0)) ** 2).sum() + np.trace(...) + ... - 2 * overlap",
    ),
)


def _overlap(A, B):
    return np.sqrt(np.clip(np.linalg.eigvals(A @ B).real, 0, None)).sum()


def _root(A):
    values, vectors = np.linalg.eigh(A)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def _entries(A, B):
    with np.errstate(invalid="ignore"):
        return np.trace(np.sqrt(A @ B))


def _frechet(X, Y, *, overlap=_overlap, ddof=1, twice=2, means=1, spreads=1, end=lambda d: d, diagonal=False):
    """Compute it with one thing done differently; the mistakes below say which."""
    A, B = (np.cov(Z, rowvar=False, ddof=ddof) for Z in (X, Y))
    if diagonal:
        A, B = np.diag(np.diag(A)), np.diag(np.diag(B))
    away = ((X.mean(0) - Y.mean(0)) ** 2).sum()
    return float(end(means * away + spreads * (np.trace(A) + np.trace(B) - twice * overlap(A, B))))


def _not_squared(X, Y):
    return _frechet(X, Y, means=0) + float(np.linalg.norm(X.mean(0) - Y.mean(0)))


for _sentence, _answer in {
    "You took the root of each entry of A B. Meant is the root of the *matrix*: what, multiplied with itself, gives A "
    "B. Its trace is the sum of the roots of the eigenvalues.": changed(_frechet, "entries", overlap=_entries),
    "You multiplied the roots of A and B. That is not the root of A B unless the two commute: take the eigenvalues of "
    "A B.": changed(_frechet, "two_roots", overlap=lambda A, B: np.trace(_root(A) @ _root(B))),
    "You compared the means only. A forger that always draws the average digit would be perfect.": changed(
        _frechet, "means_only", spreads=0
    ),
    "You compared the covariances only: the distance of the means is missing.": changed(
        _frechet, "covariances_only", means=0
    ),
    "The distance of the means is not squared.": _not_squared,
    "You used the variances and left the covariances out: features that vary together look like features that do "
    "not.": changed(_frechet, "diagonal", diagonal=True),
    "The factor 2 before the root is missing: two equal clouds would not have the distance 0.": changed(
        _frechet, "once", twice=1
    ),
    "Your covariances divide by N. Here they divide by N - 1, np.cov's default (a convention).": changed(
        _frechet, "by_N", ddof=0
    ),
    "You took a root at the end. What is called Fréchet distance here is the squared one (a convention).": changed(
        _frechet, "root_of_all", end=lambda d: np.sqrt(max(d, 0.0))
    ),
    "You left the root out: the trace of A B itself.": changed(
        _frechet, "no_root", overlap=lambda A, B: np.trace(A @ B)
    ),
}.items():
    frechet_distance.mistake(_sentence)(_answer)

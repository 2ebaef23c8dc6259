"""Task of unit 21: k-nearest neighbours by one matrix product (knn_predict)."""

import math

import numpy as np

from introdl.checks.task import Task


def cases(rng):
    yield np.array([[0.0], [1.0], [10.0]]), np.array([0, 0, 1]), np.array([[0.4], [9.0]]), 1
    for N, D, M, k, num_classes in ((12, 2, 5, 3, 2), (20, 4, 6, 5, 3), (9, 3, 4, 1, 4)):
        yield rng.normal(size=(N, D)), rng.integers(num_classes, size=N), rng.normal(size=(M, D)), k
    X = rng.normal(size=(6, 2))
    yield X, np.array([2, 0, 1, 1, 2, 0]), X[:3], 6  # everybody votes, two each: the smallest label wins
    yield 1000 + rng.normal(size=(15, 3)), rng.integers(2, size=15), 1000 + rng.normal(size=(4, 3)), 3  # far from 0
    yield rng.normal(size=(5, 2)), np.arange(5), np.zeros((0, 2)), 2  # no query


def one_by_one(X, y, queries, k):
    found = []
    for query in queries:
        order = sorted(range(len(X)), key=lambda place: math.dist(X[place], query))
        votes = [int(y[place]) for place in order[:k]]
        found.append(min(set(votes), key=lambda label: (-votes.count(label), label)))
    return np.array(found, dtype=int)


def _predict(X, y, queries, k, *, distances=None, take=None, vote=None):
    """Predict with one thing done differently; the mistakes below say which."""
    exact = ((queries[:, None] - X) ** 2).sum(axis=2)
    squared = distances(X, queries) if distances else exact
    near = take(squared, k) if take else np.argsort(squared, axis=1)[:, :k]
    vote = vote or (lambda labels: np.bincount(labels).argmax())
    return np.array([vote(labels) for labels in y[near]], dtype=int)


knn_predict = Task(
    "knn_predict",
    ("X", "y", "queries", "k"),
    cases,
    one_by_one,
    hints=(
        "Three steps: all squared distances as an array (M, N); the places of the k smallest of each row; a vote among "
        "their labels.",
        "((queries[:, None] - X) ** 2).sum(axis=2) does it with broadcasting. Faster and with less memory: |q|² - 2 "
        "q·x + |x|² by one product. np.argsort(..., axis=1)[:, :k] gives the places.",
        "np.array([np.bincount(labels).argmax() for labels in y[near]], dtype=int); bincount(...).argmax() takes the "
        "smallest label where two have equally many votes.",
    ),
)


@knn_predict.mistake("You let the k farthest vote. Sort from small to large and take the first k.")
def farthest(X, y, queries, k):
    return _predict(X, y, queries, k, take=lambda squared, k: np.argsort(squared, axis=1)[:, -k:])


@knn_predict.mistake("Only the nearest one decides for you, whatever k is. Let the k nearest vote.")
def only_one(X, y, queries, k):
    return _predict(X, y, queries, 1)


@knn_predict.mistake("You returned the mean of the labels, rounded. Labels are names: take the one with most votes.")
def mean_label(X, y, queries, k):
    return _predict(X, y, queries, k, vote=lambda labels: round(labels.mean()))


@knn_predict.mistake("Where labels have equally many votes, take the smallest (a convention). Yours is the largest.")
def largest_on_ties(X, y, queries, k):
    def last(labels):
        votes = np.bincount(labels)
        return len(votes) - 1 - votes[::-1].argmax()

    return _predict(X, y, queries, k, vote=last)


@knn_predict.mistake("You forgot the factor 2: |q - x|² = |q|² - 2 q·x + |x|².")
def factor_forgotten(X, y, queries, k):
    return _predict(X, y, queries, k, distances=lambda X, Q: (Q**2).sum(1)[:, None] - Q @ X.T + (X**2).sum(1))


@knn_predict.mistake("You left out |x|². It is not the same for all examples, so it changes who is near.")
def length_forgotten(X, y, queries, k):
    return _predict(X, y, queries, k, distances=lambda X, Q: -2 * Q @ X.T)


@knn_predict.mistake("You summed differences, not their squares: those above and below 0 cancel.")
def not_squared(X, y, queries, k):
    return _predict(X, y, queries, k, distances=lambda X, Q: (Q[:, None] - X).sum(axis=2))


@knn_predict.mistake("You let k + 1 neighbours vote. [:k] takes k of them.")
def one_too_many(X, y, queries, k):
    return _predict(X, y, queries, k + 1)


@knn_predict.mistake("The vote is about the places of the neighbours. Ask for the labels at those places: y[near].")
def places_for_labels(X, y, queries, k):
    return _predict(X, np.arange(len(X)), queries, k)

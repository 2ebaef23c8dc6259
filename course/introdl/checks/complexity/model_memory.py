"""Task of unit 21: how many bytes a trained model keeps (model_memory)."""

import numpy as np

from introdl.checks.task import Task


def cases(rng):
    yield "knn", {"n": 100, "d": 3}, 8
    yield "logistic", {"n": 100, "d": 3}, 8
    for _ in range(2):
        n, d, k, c = (int(rng.integers(2, high)) for high in (500, 40, 9, 6))
        hidden = [int(x) for x in rng.integers(2, 30, size=int(rng.integers(1, 3)))]
        bytes_each = int(rng.choice([4, 8]))
        yield "knn", {"n": n, "d": d}, bytes_each
        yield "kmeans", {"n": n, "d": d, "k": k}, bytes_each
        yield "naive_bayes", {"n": n, "d": d, "classes": c}, bytes_each
        yield "logistic", {"n": n, "d": d}, bytes_each
        yield "network", {"n": n, "sizes": [d, *hidden, c]}, bytes_each


def by_arrays(method, size, bytes_each):
    """Make the arrays that the method keeps, and ask them."""
    d = size.get("d", 0)
    shapes = {
        "knn": lambda: [(size["n"], d), (size["n"],)],
        "kmeans": lambda: [(size["k"], d)],
        "naive_bayes": lambda: [(size["classes"], d), (size["classes"], d), (size["classes"],)],
        "logistic": lambda: [(d,), (1,)],
        "network": lambda: [s for a, b in zip(size["sizes"], size["sizes"][1:], strict=False) for s in ((a, b), (b,))],
    }[method]()
    return sum(np.zeros(shape, dtype=f"f{bytes_each}").nbytes for shape in shapes)


def _numbers(method, size, *, labels=1, biases=1, variances=2, shares=1, examples=False):
    """Count the numbers kept with one thing done differently; the mistakes below say which."""
    d = size.get("d", 0)
    if method == "knn":
        return size["n"] * (d + labels)
    if examples:
        return size["n"] * (d or size["sizes"][0])
    if method == "kmeans":
        return size["k"] * d
    if method == "naive_bayes":
        return size["classes"] * (variances * d + shares)
    if method == "logistic":
        return d + biases
    return sum(a * b + biases * b for a, b in zip(size["sizes"], size["sizes"][1:], strict=False))


model_memory = Task(
    "model_memory",
    ("method", "size", "bytes_each"),
    cases,
    by_arrays,
    hints=(
        "Ask of each method: what must be there when a query comes and the training data are gone?",
        "k-NN: all examples and their labels. k-means: k centers. Naive Bayes: for each class d means, d variances "
        "and its share. The others: weights and biases.",
        "numbers = {...}[method]; return numbers * bytes_each. A network keeps n_in · n_out weights and n_out biases a "
        "layer.",
    ),
)


@model_memory.mistake("You counted numbers. Each takes `bytes_each` bytes.")
def numbers_for_bytes(method, size, bytes_each):
    return _numbers(method, size)


@model_memory.mistake("You counted bits. A byte has eight of them, and asked for are bytes.")
def bits(method, size, bytes_each):
    return 8 * _numbers(method, size) * bytes_each


@model_memory.mistake("k-NN keeps the labels of its examples, too: d + 1 numbers for each.")
def labels_forgotten(method, size, bytes_each):
    return _numbers(method, size, labels=0) * bytes_each


@model_memory.mistake("The biases are missing: one for logistic regression, one for each neuron of a network.")
def biases_forgotten(method, size, bytes_each):
    return _numbers(method, size, biases=0) * bytes_each


@model_memory.mistake("Naive Bayes keeps a mean *and* a variance for each class and feature.")
def variances_forgotten(method, size, bytes_each):
    return _numbers(method, size, variances=1) * bytes_each


@model_memory.mistake("Naive Bayes keeps the share of each class as well: one more number a class.")
def shares_forgotten(method, size, bytes_each):
    return _numbers(method, size, shares=0) * bytes_each


@model_memory.mistake("Only k-NN keeps the training data. The others keep what they learned from them.")
def keeps_the_data(method, size, bytes_each):
    return _numbers(method, size, examples=True) * bytes_each

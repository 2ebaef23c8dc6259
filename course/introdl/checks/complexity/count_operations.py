"""Task of unit 21: multiply-adds of six methods, without running them (count_operations)."""

from introdl.checks.task import Task

METHODS = ("knn", "kmeans", "naive_bayes", "logistic", "network")


def cases(rng):
    yield "knn", "predict", {"n": 1000, "d": 20}
    yield "knn", "train", {"n": 1000, "d": 20}
    for _ in range(2):
        n, d, k, i, e = (int(rng.integers(2, high)) for high in (900, 50, 9, 20, 12))
        sizes = [d, *(int(x) for x in rng.integers(2, 40, size=int(rng.integers(1, 4)))), 1]
        yield "knn", "predict", {"n": n, "d": d}
        yield "kmeans", "train", {"n": n, "d": d, "k": k, "iterations": i}
        yield "kmeans", "predict", {"n": n, "d": d, "k": k, "iterations": i}
        yield "logistic", "train", {"n": n, "d": d, "epochs": e}
        yield "logistic", "predict", {"n": n, "d": d, "epochs": e}
        yield "network", "train", {"n": n, "sizes": sizes, "epochs": e}
        yield "network", "predict", {"n": n, "sizes": sizes, "epochs": e}


def by_steps(method, phase, size):
    """Count by going through the loops of each method."""
    count = 0
    if method == "knn":
        return sum(size["d"] for _ in range(size["n"])) if phase == "predict" else 0
    if method == "kmeans":
        for _ in range(size["iterations"] * size["n"] if phase == "train" else 1):
            count += sum(size["d"] for _ in range(size["k"]))
        return count
    rows = size["n"] * size["epochs"] if phase == "train" else 1
    if method == "logistic":
        return sum((2 if phase == "train" else 1) * size["d"] for _ in range(rows))
    layers = [n_in * n_out for n_in, n_out in zip(size["sizes"], size["sizes"][1:], strict=False)]
    return sum(sum(layers) * (3 if phase == "train" else 1) for _ in range(rows))


def _count(
    method, phase, size, *, backward=2, layers=False, epochs=True, rows=True, remembers=True, groups=True, bias=False
):
    """Count with one thing done differently; the mistakes below say which."""
    train = phase == "train"
    n = size["n"] if rows or not train else 1
    if method == "knn":
        return 0 if train and remembers else n * size["d"]
    if method == "kmeans":
        one = size["d"] * (size["k"] if groups else 1)
        return one * n * (size["iterations"] if epochs else 1) if train else one
    times = n * (size["epochs"] if epochs else 1) if train else 1
    if method == "logistic":
        return (2 if train and backward else 1) * (size["d"] + bias) * times
    sizes = size["sizes"]
    weights = sum((a + bias) * b for a, b in zip(sizes, sizes[1:], strict=False))
    return (len(sizes) - 1 if layers else weights) * (1 + backward if train else 1) * times


count_operations = Task(
    "count_operations",
    ("method", "phase", "size"),
    cases,
    by_steps,
    hints=(
        "Go through the methods one by one: what is multiplied for one row, and how often does that happen?",
        "k-NN: n distances of d numbers for a query, nothing in training. k-means: n · k distances an iteration. "
        "Logistic regression: d forward and, in training, d backward, for each row and epoch.",
        "network: weights = sum of n_in · n_out over neighbouring sizes; training costs 3 · weights · n · epochs, a "
        "prediction 1 · weights.",
    ),
)


@count_operations.mistake(
    "A network's cost goes with its weights, not with its layers: sum n_in · n_out over the layers."
)
def layers_for_weights(method, phase, size):
    return _count(method, phase, size, layers=True)


@count_operations.mistake(
    "The way back is missing. Training a network takes each weight three times, logistic regression twice."
)
def no_backward(method, phase, size):
    return _count(method, phase, size, backward=0)


@count_operations.mistake(
    "The way back of a network takes each weight twice: once for its own slope, once to pass the slope on."
)
def backward_once(method, phase, size):
    if method == "network":
        return _count(method, phase, size, backward=1)
    return _count(method, phase, size)


@count_operations.mistake("Epochs and iterations are missing: in each of them all examples are gone through again.")
def no_epochs(method, phase, size):
    return _count(method, phase, size, epochs=False)


@count_operations.mistake("You counted training for one example. It goes through all n.")
def one_row(method, phase, size):
    found = _count(method, phase, size, rows=False)
    return found if method != "knn" else _count(method, phase, size)


@count_operations.mistake("k-NN does not compute in training: it only remembers. Its work comes with each query.")
def knn_trains(method, phase, size):
    return _count(method, phase, size, remembers=False)


@count_operations.mistake("k-means compares each example with all k centers: k distances, not one.")
def one_center(method, phase, size):
    return _count(method, phase, size, groups=False)


@count_operations.mistake(
    "You counted biases. They are added, not multiplied: the convention here counts weights alone."
)
def with_biases(method, phase, size):
    return _count(method, phase, size, bias=True)

"""Task of unit 04: the one layer that equals many without activations."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def layers(rng, *sizes):
    return [(rng.normal(size=(D, C)), rng.normal(size=C)) for D, C in zip(sizes, sizes[1:], strict=False)]


def networks(rng):
    yield ([(np.array([[2.0]]), np.array([1.0])), (np.array([[3.0]]), np.array([4.0]))],)
    for sizes in [(2, 3, 2), (3, 3, 3, 3), (2, 5, 4, 3), (4, 1, 2), (4, 3), (3, 3, 3), (2, 3, 2, 3, 2, 3)]:
        yield (layers(rng, *sizes),)
    yield ([(W, np.zeros(len(b))) for W, b in layers(rng, 3, 4, 2)],)  # no biases


def by_asking(params):
    """What the layers answer to 0 is the bias; what each unit input adds is a row of the matrix, number by number."""
    def answer(x):
        for W, b in params:
            x = [float(b[c]) + sum(x[d] * float(W[d, c]) for d in range(len(x))) for c in range(len(b))]
        return np.array(x)

    n_in = len(params[0][0])
    b = answer([0.0] * n_in)
    return np.array([answer([float(i == d) for i in range(n_in)]) - b for d in range(n_in)]), b


collapse_linear = Task(
    "collapse_linear",
    ("params",),
    networks,
    by_asking,
    hints=(
        "Write two layers out: (X @ W1 + b1) @ W2 + b2. Multiply the bracket out. What stands behind X, and what is "
        "left?",
        "For two layers W = W1 @ W2 and b = b1 @ W2 + b2. That is one layer again: combine it with the next one, "
        "and so on.",
        "W, b = params[0]; for W_next, b_next in params[1:]: W, b = W @ W_next, ... @ W_next + ...",
    ),
)


def _collapse(params, *, weights=lambda W, V: W @ V, biases=lambda b, V, c, W: b @ V + c, stop=None, start=0):
    """Combine layers with one thing done differently; the mistakes below say which."""
    W, b = params[start]
    for V, c in params[start + 1 : stop]:
        W, b = weights(W, V), biases(b, V, c, W)
    return W, b


for _name, (_sentence, _change) in {
    "biases_added": (
        "W is right, but the biases are only added up. An early bias passes through all later layers: b @ W_next + "
        "b_next.",
        {"biases": lambda b, V, c, W: b + c},
    ),
    "last_bias_only": (
        "W is right, but b is only the last layer's. Earlier biases pass through the later layers and arrive, too.",
        {"biases": lambda b, V, c, W: c},
    ),
    "next_bias_forgotten": (
        "W is right, but b is only the first layer's bias, carried on. Each layer adds its own: b @ W_next + b_next.",
        {"biases": lambda b, V, c, W: b @ V},
    ),
    "no_biases": (
        "W is right, but b is 0. The biases do not vanish: multiply (X @ W1 + b1) @ W2 + b2 out.",
        {"biases": lambda b, V, c, W: np.zeros(len(c))},
    ),
    "through_the_whole_matrix": (
        "The bias is multiplied by the product of all matrices so far. It passes through the later layers only: b @ "
        "W_next. Did you change W before b was computed?",
        {"biases": lambda b, V, c, W: b @ W @ V + c},
    ),
    "other_way_round": (
        "The matrices are multiplied in the wrong order. X meets W1 first, so W = W1 @ W2 (rows are examples).",
        {"weights": lambda W, V: V @ W},
    ),
    "entry_by_entry": (
        "You multiplied the matrices entry by entry. Layers in a row are a matrix product: @ instead of *.",
        {"weights": lambda W, V: W * V},
    ),
    "added_up": (
        "You added the matrices. Layers in a row multiply: X @ W1 @ W2.",
        {"weights": lambda W, V: W + V},
    ),
    "two_layers_only": (
        "You combined the first two layers and left the others out. Loop over all of them.",
        {"stop": 2},
    ),
    "last_layer_left_out": (
        "The last layer is missing. It has no activation after it either, and counts as the others do.",
        {"stop": -1},
    ),
    "bent": (
        "Negative sums are cut off on the way: that is a ReLU. Here there is nothing between the layers.",
        {"weights": lambda W, V: np.maximum(W, 0) @ V, "biases": lambda b, V, c, W: np.maximum(b, 0) @ V + c},
    ),
}.items():
    collapse_linear.mistake(_sentence)(changed(_collapse, _name, **_change))


@collapse_linear.mistake("The results are right but swapped. Return W, then b.")
def other_order(params):
    return _collapse(params)[::-1]

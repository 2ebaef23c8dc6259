"""Task of unit 02: a network of dense layers with ReLU between them."""

import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def network(rng, *sizes):
    """Weights and biases, all random, of a network with these sizes."""
    return [
        (rng.normal(size=(D, C)) / math.sqrt(D), rng.normal(size=C)) for D, C in zip(sizes, sizes[1:], strict=False)
    ]


def networks(rng):
    yield (
        np.array([[1.0, 2.0], [3.0, 1.0]]),
        [
            (np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([0.0, 0.0])),
            (np.array([[1.0], [-2.0]]), np.array([0.5])),
        ],
    )
    yield rng.normal(size=(4, 3)), network(rng, 3, 2)  # a single layer: nothing to bend
    for N, sizes in [(5, (3, 4, 2)), (4, (3, 3, 3, 3)), (3, (2, 5, 4, 3)), (1, (4, 6, 2)), (6, (2, 3, 4, 3, 2))]:
        yield rng.normal(size=(N, sizes[0])), network(rng, *sizes)
    yield np.zeros((0, 3)), network(rng, 3, 4, 2)  # an empty batch


def one_number_at_a_time(X, params):
    """Each example alone, each neuron a loop over its inputs."""
    rows = []
    for x in X:
        for k, (W, b) in enumerate(params):
            sums = [math.fsum([b[c], *(x[d] * W[d, c] for d in range(len(W)))]) for c in range(len(b))]
            x = [z if z > 0 or k == len(params) - 1 else 0.0 for z in sums]
        rows.append(x)
    return np.array(rows).reshape(len(X), len(params[-1][1]))


forward = Task(
    "forward",
    ("X", "params"),
    networks,
    one_number_at_a_time,
    hints=(
        "One loop over the layers. What a layer returns is what the next one reads.",
        "In the loop: the dense layer, then, unless this is the last layer, the ReLU. enumerate(params) counts the "
        "layers for you; np.maximum(Z, 0) compares entry by entry.",
        "for k, (W, b) in enumerate(params): X = dense(...); if k < ...: X = np.maximum(...)",
    ),
)


def _run(X, params, *, bend=lambda Z: np.maximum(Z, 0), last=lambda Z: Z, bias=1, hand_on=True, before=False):
    """A forward pass with one thing done differently; the mistakes below say which."""
    A = X
    for k, (W, b) in enumerate(params):
        Z = (bend(A) if before else A if hand_on else X) @ W + bias * b
        A = last(Z) if k == len(params) - 1 else Z if before else bend(Z)
    return A


def _softmax(Z):
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


for _name, (_sentence, _change) in {
    "never_bent": (
        "The ReLU is missing. Without a bend between them, several dense layers can do no more than one.",
        {"bend": lambda Z: Z},
    ),
    "bent_at_the_end": (
        "The last layer has a ReLU, too, so no logit can be negative. Logits are scores: leave them as they are.",
        {"last": lambda Z: np.maximum(Z, 0)},
    ),
    "bends_the_input": (
        "You apply the ReLU before each dense layer. That cuts off negative features of X; it belongs "
        "after each dense layer but the last.",
        {"before": True},
    ),
    "step_again": (
        "You used the step of unit 01. ReLU passes the sum on where it is positive: np.maximum(Z, 0).",
        {"bend": lambda Z: (Z >= 0).astype(float)},
    ),
    "absolute_value": (
        "You took absolute values. ReLU does not turn negative sums round, it replaces them by 0.",
        {"bend": np.abs},
    ),
    "largest_of_all": (
        "np.max(Z, 0) is the largest entry of each column. Entry by entry it is np.maximum(Z, 0).",
        {"bend": lambda Z: np.max(Z, 0)},
    ),
    "the_smaller": (
        "You kept the negative sums and cut the positive ones off. Use np.maximum, not np.minimum.",
        {"bend": lambda Z: np.minimum(Z, 0)},
    ),
    "probabilities": (
        "These are probabilities. The network returns its logits; softmax is a step of its own.",
        {"last": _softmax},
    ),
    "biases_forgotten": ("The biases are missing: each layer is X @ W + b.", {"bias": 0}),
    "always_the_input": (
        "Every layer reads X. Hand the output of a layer on to the next one.",
        {"hand_on": False},
    ),
}.items():
    forward.mistake(_sentence)(changed(_run, _name, **_change))


@forward.mistake("Your network always has two layers. Loop over all pairs in params, however many there are.")
def two_layers_only(X, params):
    (W1, b1), (W2, b2) = params[0], params[-1]
    return np.maximum(X @ W1 + b1, 0) @ W2 + b2 if len(params) > 1 else X @ W1 + b1


@forward.mistake("You stopped after the first layer: the return stands inside the loop. Move it behind the loop.")
def returns_in_the_loop(X, params):
    for k, (W, b) in enumerate(params):
        Z = X @ W + b
        return np.maximum(Z, 0) if k < len(params) - 1 else Z

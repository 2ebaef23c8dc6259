"""Task of unit 01: two layers of steps that compute XOR."""

import numpy as np

from introdl.checks.task import BadAnswer, Task

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def corners(rng):
    yield (CORNERS,)
    yield (rng.integers(0, 2, size=(12, 2)),)


def run_two_layers(answer, X):
    """Run the network whose weights the answer returns: two hidden neurons and an output neuron, all with a step."""
    weights = answer()
    if not isinstance(weights, (tuple, list)) or len(weights) != 4:
        raise BadAnswer("Return four things: W1, b1, w2, b2.")
    shapes = {"W1": (2, 2), "b1": (2,), "w2": (2,), "b2": ()}
    for (name, shape), value in zip(shapes.items(), weights, strict=True):
        if np.shape(value) != shape:
            raise BadAnswer(f"{name} has shape {np.shape(value)}, expected {shape}.")
    W1, b1, w2, b2 = (np.asarray(value, dtype=float) for value in weights)
    hidden = (X @ W1 + b1 >= 0).astype(int)  # (N, 2)
    return (hidden @ w2 + b2 >= 0).astype(int)  # (N,)


xor_weights = Task(
    "xor_weights",
    ("X",),
    corners,
    lambda X: np.array([int(a != b) for a, b in X]),
    run=run_two_layers,
    hints=(
        "XOR means: at least one input is on, but not both. Each half is a decision that one neuron can take.",
        "Let the first hidden neuron answer 'at least one' and the second 'both'. Column k of "
        "W1 holds the weights of hidden "
        "neuron k. What does the output neuron do with the two answers?",
        "Both columns of W1 are (1, 1); 'at least one' needs a bias between -1 and 0, 'both' "
        "one between -2 and -1; the output "
        "adds the first, subtracts the second, and needs a negative bias smaller than 1 in size.",
    ),
)


@xor_weights.mistake(
    "This network computes OR: it also fires for (1, 1). Let the output neuron subtract the neuron that sees 'both'."
)
def only_or():
    return np.ones((2, 2)), np.array([-0.5, -1.5]), np.array([1.0, 0.0]), -0.5


@xor_weights.mistake("This network computes AND: it fires only for (1, 1), where XOR is silent.")
def only_and():
    return np.ones((2, 2)), np.array([-0.5, -1.5]), np.array([0.0, 1.0]), -0.5


@xor_weights.mistake("This network fires where both inputs agree, the opposite of XOR. Flip the signs of w2 and b2.")
def agreement():
    return np.ones((2, 2)), np.array([-0.5, -1.5]), np.array([-1.0, 1.0]), 0.5


@xor_weights.mistake(
    "This network fires for every input. Remember that the step fires at 0 exactly (>=): a bias of 0 lets "
    "silent neurons through."
)
def always_on():
    return np.ones((2, 2)), np.array([0.0, -1.0]), np.array([1.0, -1.0]), 0.0


@xor_weights.mistake(
    "This network fires only for (1, 0): it sees the first input without the second. XOR also "
    "needs the other way round."
)
def half_of_xor():
    return np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([-0.5, -0.5]), np.array([1.0, 0.0]), -0.5

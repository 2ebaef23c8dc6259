"""Task of unit 05: how many inputs a neuron has, and how many neurons an input feeds."""

import numpy as np

from introdl.checks.task import Task


def matrices(rng):
    yield (np.zeros((3, 5)),)
    yield (np.ones((784, 64)),)
    for n_in, n_out in [(1, 4), (6, 1), (7, 7), (2, 9)]:
        yield (rng.normal(size=(n_in, n_out)),)


def by_a_product(W):
    """Send ones in: the row that goes in has fan-in entries, the row that comes out fan-out ones."""
    row = np.ones(len(W))
    return row.size, (row @ W).size


fan_in_out = Task(
    "fan_in_out",
    ("W",),
    matrices,
    by_a_product,
    hints=(
        "A dense layer computes X @ W. Which axis of W meets the features of X?",
        "Each column of W belongs to one neuron and has one entry for each input. So the number of rows is the fan-in.",
        "fan_in, fan_out = W.shape[...], W.shape[...]",
    ),
)


@fan_in_out.mistake(
    "Fan-in and fan-out are swapped. W has shape (n_in, n_out), as in X @ W: its rows are the inputs, its columns the "
    "neurons. (PyTorch stores the transpose.)"
)
def swapped(W):
    return W.shape[1], W.shape[0]


@fan_in_out.mistake("You return the number of inputs twice. The second number is that of the neurons, W.shape[1].")
def twice_the_inputs(W):
    return len(W), len(W)


@fan_in_out.mistake(
    "You return the number of weights. Fan-in counts what goes into *one* neuron, fan-out the neurons that *one* input "
    "feeds."
)
def all_weights(W):
    return W.size, W.size


@fan_in_out.mistake("You count the bias as an input. It is no random weight, so it does not count: fan-in is n_in.")
def with_the_bias(W):
    return W.shape[0] + 1, W.shape[1]

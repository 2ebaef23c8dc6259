"""Task of unit 02: how many weights and biases a network has."""

import math

import numpy as np

from introdl.checks.task import Task


def shapes_of_networks(rng):
    yield ([3, 2],)
    yield ([2, 3, 1],)
    yield ([784, 128, 64, 10],)
    yield ([1, 1],)
    yield ([5, 5, 5, 5],)
    for length in (2, 3, 5):
        yield ([int(size) for size in rng.integers(1, 40, size=length)],)


def entries_of_arrays(sizes):
    """Make the arrays and count what is in them."""
    return sum(np.ones((D, C)).size + np.ones(C).size for D, C in zip(sizes, sizes[1:], strict=False))


count_parameters = Task(
    "count_parameters",
    ("sizes",),
    shapes_of_networks,
    entries_of_arrays,
    hints=(
        "Take one layer first, from n_in inputs to n_out outputs. How many weights? How many biases?",
        "A layer has n_in * n_out weights and n_out biases. zip(sizes, sizes[1:]) gives the pairs (n_in, n_out).",
        "return sum(... + ... for n_in, n_out in zip(sizes, sizes[1:]))",
    ),
)


def pairs(sizes):
    return list(zip(sizes, sizes[1:], strict=False))


@count_parameters.mistake("These are the weights alone. Each neuron has a bias, too: n_out more in each layer.")
def weights_only(sizes):
    return sum(a * b for a, b in pairs(sizes))


@count_parameters.mistake("You gave biases to the inputs. The input layer computes nothing and has no parameters.")
def input_has_biases(sizes):
    return sum(a * b for a, b in pairs(sizes)) + sum(sizes)


@count_parameters.mistake("You counted one bias a layer. Each neuron of the layer has its own.")
def bias_per_layer(sizes):
    return sum(a * b + 1 for a, b in pairs(sizes))


@count_parameters.mistake(
    "You counted a bias for each input of a layer: n_in * n_out + n_in. The biases belong to its outputs."
)
def biases_of_inputs(sizes):
    return sum(a * b + a for a, b in pairs(sizes))


@count_parameters.mistake("You multiplied all sizes. Weights join only neighbouring layers: one product a pair, added.")
def all_multiplied(sizes):
    return math.prod(sizes)


@count_parameters.mistake("You multiplied the layers' counts. They stand in different arrays: add them.")
def layers_multiplied(sizes):
    return math.prod(a * b + b for a, b in pairs(sizes))


@count_parameters.mistake("These are the neurons. Count the numbers that they multiply and add: weights and biases.")
def neurons(sizes):
    return sum(sizes)


@count_parameters.mistake("The output layer has biases, too. Count one for each of its neurons.")
def no_output_biases(sizes):
    return sum(a * b for a, b in pairs(sizes)) + sum(sizes[1:-1])


@count_parameters.mistake("You counted the first layer alone. Add up over all neighbouring pairs of sizes.")
def first_layer_only(sizes):
    return sizes[0] * sizes[1] + sizes[1]

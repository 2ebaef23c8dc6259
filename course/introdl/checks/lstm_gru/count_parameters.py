"""Task of unit 14: parameters of PyTorch's recurrent layers."""

import torch

from introdl.checks.task import Task
from introdl.checks.variant import changed


def layers(rng):
    yield "LSTM", 16, 32, 1, False
    yield "GRU", 16, 32, 1, False
    yield "RNN", 3, 5, 1, False
    yield "LSTM", 5, 5, 1, True
    yield "LSTM", 3, 4, 2, False
    yield "GRU", 7, 2, 3, True
    yield "RNN", 1, 1, 2, True
    for kind in ("RNN", "GRU", "LSTM"):
        n_in, hidden, num_layers = (int(rng.integers(low, high)) for low, high in ((2, 9), (2, 9), (1, 4)))
        yield kind, n_in, hidden, num_layers, bool(rng.integers(2))


def by_building(kind, n_in, hidden, num_layers, bidirectional):
    layer = getattr(torch.nn, kind)(n_in, hidden, num_layers, bidirectional=bidirectional)
    return sum(p.numel() for p in layer.parameters())


count_parameters = Task(
    "count_parameters",
    ("kind", "n_in", "hidden", "num_layers", "bidirectional"),
    layers,
    by_building,
    forbid=("torch",),
    hints=(
        "First one layer in one direction: how many blocks does its kind have, and what is in one block?",
        "A block has n_in * hidden weights for the input, hidden * hidden for the state, and two biases of hidden "
        "entries. The second layer's inputs are the outputs of the first: hidden, or twice that with two directions.",
        "blocks = {'RNN': 1, 'GRU': ..., 'LSTM': ...}[kind]; directions = 2 if bidirectional else 1; for each layer: "
        "total += directions * blocks * (n_in * hidden + ... + 2 * hidden), then n_in = ...",
    ),
)


def _count(
    kind,
    n_in,
    hidden,
    num_layers,
    bidirectional,
    *,
    blocks=(1, 3, 4),
    biases=2,
    state=lambda hidden: hidden * hidden,
    above=lambda n_in, hidden, directions: directions * hidden,
    copies=lambda directions: directions,
    layers=lambda num_layers: num_layers,
):
    """The count with one thing done differently; the mistakes below say which."""
    num_blocks, directions, total = dict(zip(("RNN", "GRU", "LSTM"), blocks, strict=True))[kind], 1 + bidirectional, 0
    below = n_in
    for _ in range(layers(num_layers)):
        total += copies(directions) * num_blocks * (below * hidden + state(hidden) + biases * hidden)
        below = above(n_in, hidden, directions)
    return total


for _sentence, _answer in {
    "You count one bias a block, as Keras does for the LSTM. PyTorch has two, one for each product: 2 * "
    "hidden.": changed(_count, "one_bias", biases=1),
    "The biases are missing: each block has two, of hidden entries each.": changed(_count, "no_bias", biases=0),
    "You count one block for every kind. A GRU has three, an LSTM four: one for each gate and one for the "
    "candidate.": changed(_count, "one_block", blocks=(1, 1, 1)),
    "The numbers of blocks of GRU and LSTM are exchanged: the GRU has three, the LSTM four.": changed(
        _count, "exchanged", blocks=(1, 4, 3)
    ),
    "You count the gates only. The candidate has weights of its own, too: three blocks in a GRU, four in an "
    "LSTM.": changed(_count, "gates_only", blocks=(1, 2, 3)),
    "The weights for the state are missing: hidden * hidden in each block.": changed(
        _count, "no_state", state=lambda hidden: 0
    ),
    "The weights for the state are a matrix, hidden * hidden, not a vector.": changed(
        _count, "vector_state", state=lambda hidden: hidden
    ),
    "Each of your layers reads n_in features. Only the first does; the others read the outputs of the layer "
    "below.": changed(_count, "n_in_everywhere", above=lambda n_in, hidden, directions: n_in),
    "Your upper layers read hidden features. With two directions the layer below puts out twice as many: both, side "
    "by side.": changed(_count, "one_direction_above", above=lambda n_in, hidden, directions: hidden),
    "The second direction is not counted: it has weights of its own.": changed(
        _count, "directions_share", copies=lambda directions: 1
    ),
    "You count the first layer only.": changed(_count, "first_layer", layers=lambda num_layers: 1),
}.items():
    count_parameters.mistake(_sentence)(_answer)

"""Task of unit 10: the number of parameters of each layer."""

import math

from introdl.checks.cnn.layer_shapes import counted_places, networks
from introdl.checks.task import Task
from introdl.checks.variant import changed


def by_making_them(layers, shape):
    """List the shapes of all arrays that a layer learns, then count."""
    counts = []
    for (kind, *numbers), before in zip(layers, [shape, *counted_places(layers, shape)], strict=False):
        arrays = {
            "conv": lambda n, c: [(n[0], c, n[1], n[1]), (n[0],)],
            "dense": lambda n, c: [(n[0], c), (n[0],)],
        }.get(kind, lambda n, c: [])(numbers, before[0])
        counts.append(sum(math.prod(array) for array in arrays))
    return counts


layer_parameters = Task(
    "layer_parameters",
    ("layers", "shape"),
    networks,
    by_making_them,
    hints=(
        "A layer's count depends on its own numbers and on the shape that comes *in*: the input's for the first, what "
        "layer_shapes says of the layer before for the others.",
        "Convolution: c_out * (c_in * k * k + 1). Dense: n_out * (n_in + 1). All others: 0.",
        "for (kind, *numbers), before in zip(layers, [shape, *layer_shapes(layers, shape)]): if kind == 'conv': "
        "counts.append(numbers[0] * (before[0] * ... + 1)) ...",
    ),
)


def _counts(
    layers,
    shape,
    *,
    conv=lambda c_out, k, c: c_out * (c * k * k + 1),
    dense=lambda n_out, n: n_out * (n + 1),
    places=lambda shape: 1,
    total=False,
):
    """The counts with one thing done differently; the mistakes below say which."""
    counts = []
    shapes = counted_places(layers, shape)
    for (kind, *numbers), before, after in zip(layers, [shape, *shapes], shapes, strict=False):
        if kind == "conv":
            counts.append(conv(*numbers[:2], before[0]) * places(after))
        else:
            counts.append(dense(numbers[0], before[0]) if kind == "dense" else 0)
    return [sum(counts)] if total else counts


def without_zeros(layers, shape):
    kinds = [kind for kind, *_ in layers]
    return [count for kind, count in zip(kinds, _counts(layers, shape), strict=True) if kind in ("conv", "dense")]


for _sentence, _answer in {
    "The biases of the convolutions are missing: one for each of the c_out kernels.": changed(
        _counts, "conv_without_bias", conv=lambda c_out, k, c: c_out * c * k * k
    ),
    "The biases of the dense layers are missing: one for each of the n_out neurons.": changed(
        _counts, "dense_without_bias", dense=lambda n_out, n: n_out * n
    ),
    "All biases are missing: one for each kernel and each neuron.": changed(
        _counts, "no_bias", conv=lambda c_out, k, c: c_out * c * k * k, dense=lambda n_out, n: n_out * n
    ),
    "Your kernels see one channel only. A kernel has k * k weights for *each* input channel.": changed(
        _counts, "one_channel", conv=lambda c_out, k, c: c_out * (k * k + 1)
    ),
    "You multiplied by the number of places. All places share the kernel, so the size of the map does not "
    "count.": changed(_counts, "times_places", places=lambda shape: math.prod(shape[1:])),
    "A kernel is square: k * k weights for each input channel, not k.": changed(
        _counts, "one_row", conv=lambda c_out, k, c: c_out * (c * k + 1)
    ),
    "You return the sum. The task asks for a list, one number for each layer.": changed(_counts, "total", total=True),
    "Layers without weights count, too: put a 0 for pooling and flatten.": without_zeros,
}.items():
    layer_parameters.mistake(_sentence)(_answer)

"""Parameters and multiplications of a network, layer by layer.

Built in units 09 (parameters) and 11 (MACs). The rule behind all: a weight is multiplied once at every place where its
layer's kernel stops; a dense layer has one place.
"""

import copy
import math
from collections.abc import Iterator, Sequence

import numpy as np

from introdl import nn
from introdl._validate import whole
from introdl.architecture.sketch import Conv, Dense, GlobalPool, Pool, Row, Shape

NO_MACS = "BatchNorm1d BatchNorm2d LayerNorm GroupNorm RMSNorm PReLU Embedding"  # weights, but few products


def count_parameters(net: object, only_trainable: bool = False) -> int:
    """Return how many numbers a network learns.

    net: a PyTorch module, or a network or layer of `introdl.nn`. only_trainable: leave out what is frozen in PyTorch
    (requires_grad=False). For layers as data, which learn their sizes from an input, see `summarize`.
    """
    if _is_torch(net):
        return sum(p.numel() for p in net.parameters() if p.requires_grad or not only_trainable)
    if not isinstance(net, nn.Layer):
        raise TypeError(f"net is a {type(net).__name__}, expected a PyTorch module or a network of introdl.nn")
    return sum(p.size for p in net.params)


def count_macs(net: object, shape: Shape) -> int:
    """Return how many multiply-accumulates, products with a weight, one example of this shape needs.

    Dense and convolutional layers count, as in the papers; biases, normalizations and activations do not.
    net, shape, and what is raised: as in `summarize`.
    """
    return sum(row.macs for row in summarize(net, shape))


def summarize(net: object, shape: Shape) -> list[Row]:
    """Return one row for each layer, in the order of use.

    net: a PyTorch module, a network of `introdl.nn`, or a list of layers as data. A module is run once on zeros, in
    evaluation and without gradients; products that its forward makes without a layer are not seen.
    shape: of one example, (C, H, W) for images. Raises TypeError for a layer with weights whose MACs are not known.
    """
    shape = tuple(whole(f"shape[{place}]", size) for place, size in enumerate(shape))
    if _is_torch(net):
        return _torch_rows(net, shape)
    return list(_our_rows(net, shape) if isinstance(net, nn.Layer) else _sketched_rows(net, shape))


def _sketched_rows(net: Sequence[Conv | Pool | GlobalPool | Dense], shape: Shape) -> Iterator[Row]:
    for layer in net:
        if not isinstance(layer, (Conv, Pool, GlobalPool, Dense)):
            raise TypeError(f"a layer is {layer!r}, expected Conv, Pool, GlobalPool or Dense of introdl.architecture")
        row = layer.row(shape)
        shape = row.shape
        yield row


def _our_rows(net: nn.Layer, shape: Shape) -> Iterator[Row]:
    X = np.zeros((1, *shape), np.float32)
    for layer in _in_order(copy.deepcopy(net)):  # a copy: forward changes what a layer keeps for backward
        layer.training = False
        X = layer.forward(X)
        macs = layer.params[0].size * math.prod(X.shape[2:]) if isinstance(layer, (nn.Dense, nn.Conv2d)) else 0
        yield Row(type(layer).__name__, X.shape[1:], sum(p.size for p in layer.params), macs)


def _in_order(layer: nn.Layer) -> Iterator[nn.Layer]:
    """Yield the layers of a network, those of networks inside it one by one."""
    if isinstance(layer, nn.Sequential):
        for part in layer.layers:
            yield from _in_order(part)
    else:
        yield layer


def _torch_rows(net, shape: Shape) -> list[Row]:
    """Return a row for each call of a module that has weights of its own or no modules inside: hooks see its output."""
    import torch  # here: networks of `introdl.nn` need no PyTorch

    rows, counted = [], set()

    def note(module, inputs, output) -> None:
        params = [p for p in module.parameters(recurse=False) if id(p) not in counted]
        counted.update(map(id, params))  # weights that are used twice are learned once
        macs = _torch_macs(module, inputs[0], output)
        rows.append(Row(type(module).__name__, tuple(output.shape[1:]), sum(p.numel() for p in params), macs))

    parts = [part for part in net.modules() if _has_weights(part) or not list(part.children())]
    hooks = [part.register_forward_hook(note) for part in parts]
    modes = [(part, part.training) for part in net.modules()]
    like = next(net.parameters(), torch.zeros(0))  # its type and device
    try:
        with torch.no_grad():
            net.eval()(like.new_zeros((1, *shape)))
    finally:
        for hook in hooks:
            hook.remove()
        for part, training in modes:  # each as it was: a part may stay in evaluation while the rest trains
            part.training = training
    return rows


def _torch_macs(module, X, Y) -> int:
    """Return the module's weights times the places where they are used; X, with a batch of 1, went in, Y came out."""
    kind = type(module).__name__
    if kind in ("Conv1d", "Conv2d"):
        return module.weight.numel() * math.prod(Y.shape[2:])
    if kind == "ConvTranspose2d":  # goes the other way: its kernel stops at every pixel of the input
        return module.weight.numel() * math.prod(X.shape[2:])
    if kind == "Linear":  # at every step of a sequence
        return module.weight.numel() * math.prod(Y.shape[1:-1])
    if kind not in NO_MACS.split() and _has_weights(module):
        raise TypeError(f"a layer is a {kind}, expected one whose MACs are known: Linear, Conv2d, ConvTranspose2d, …")
    return 0


def _has_weights(module) -> bool:
    """Return whether the module itself has parameters, not only those inside it."""
    return bool(list(module.parameters(recurse=False)))


def _is_torch(net: object) -> bool:
    return hasattr(net, "register_forward_hook")

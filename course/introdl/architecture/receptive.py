"""The receptive field: how much of the input one number of a feature map can see.

Built in unit 09, from Araujo, Norris and Sim 2019.
"""

from collections.abc import Iterable, Iterator

from introdl._validate import whole
from introdl.architecture.sketch import Conv, Pool
from introdl.nn.geometry import Pair

ONE_PLACE = (  # layers that leave every place where it is, in PyTorch and in introdl.nn
    "BatchNorm2d Dropout Dropout2d ELU GELU GELUTanh Hardswish Identity LeakyReLU PReLU ReLU ReLU6 SELU SiLU Sigmoid "
    "Softplus Softsign Tanh"
)


def receptive_field(layers: Iterable) -> int:
    """Return the side, in pixels, of the square of the input that one output depends on.

    layers: in order, each (kernel_size, stride), (kernel_size, stride, dilation), a Conv or Pool as data, or a layer
    of PyTorch or `introdl.nn`; or a Sequential of either. Every layer adds (kernel_size - 1) * dilation * jump to the
    1 pixel of the start; the jump, how far apart in the input its neighbouring pixels lie, is the product of all
    strides before it. Raises TypeError for a layer that looks at more than a window.
    """
    side, jump = 1, 1
    for kernel_size, stride, dilation in map(_steps, _in_order(layers)):
        side += (kernel_size - 1) * dilation * jump
        jump *= stride
    return side


def _steps(layer: object) -> tuple[int, int, int]:
    """Return a layer's kernel size, stride and dilation."""
    if type(layer).__name__ in ONE_PLACE.split():
        return 1, 1, 1
    if type(layer) is tuple and len(layer) in (2, 3):
        kernel_size, stride, dilation = (*layer, 1)[:3]
    elif isinstance(layer, (Conv, Pool)) or type(layer).__name__ in ("Conv2d", "MaxPool2d", "AvgPool2d"):
        kernel_size, stride, dilation = layer.kernel_size, layer.stride, getattr(layer, "dilation", 1)
    else:
        raise TypeError(f"a layer is {layer!r}, expected (kernel_size, stride), a convolution, a pooling or a ReLU")
    stride = kernel_size if stride is None else stride
    return _side("kernel_size", kernel_size), _side("stride", stride), _side("dilation", dilation)


def _side(name: str, value: Pair) -> int:
    """Return the one number of a square setting."""
    sides = set(value) if isinstance(value, (tuple, list)) else {value}
    if len(sides) != 1:
        raise ValueError(f"{name} is {value!r}, expected the same in both directions: give each direction's numbers")
    return whole(name, sides.pop())


def _in_order(layers: Iterable) -> Iterator[object]:
    """Yield the layers, those of a Sequential inside one by one."""
    for layer in getattr(layers, "layers", layers):  # introdl.nn's Sequential keeps them there, PyTorch's is iterable
        if type(layer).__name__ == "Sequential":
            yield from _in_order(layer)
        else:
            yield layer

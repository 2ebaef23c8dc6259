"""Task of unit 09: how many places a window has along one axis."""

import math

from introdl.checks.task import Task
from introdl.checks.variant import changed


def geometries(rng):
    yield 28, 3, 1, 0, 1
    yield 28, 3, 2, 1, 1
    yield 7, 3, 1, 0, 2
    yield 5, 5, 1, 0, 1
    yield 10, 4, 3, 2, 1
    for _ in range(8):
        k, dilation, stride, padding = (int(rng.integers(1, most)) for most in (6, 4, 5, 5))
        yield dilation * (k - 1) + int(rng.integers(1, 40)), k, stride, padding, dilation
    yield 224, 7, 2, 3, 1


def places(n, k, stride, padding, dilation):
    """All first pixels of a window that ends inside the padded image, every stride-th of them."""
    return len(range(0, n + 2 * padding - dilation * (k - 1), stride))


output_size = Task(
    "output_size",
    ("n", "k", "stride", "padding", "dilation"),
    geometries,
    places,
    hints=(
        "How far does the kernel reach? With dilation 1 it reaches over k pixels, else over dilation * (k - 1) + 1.",
        "The first window starts at the padded image's first pixel. How many pixels are left behind it, and how many "
        "steps of `stride` fit into them? The first place counts, too.",
        "(n + 2 * ... - reach) // stride + ...",
    ),
)


def _size(n, k, stride, padding, dilation, *, reach=lambda k, d: d * (k - 1) + 1, sides=2, last=1, divide=None):
    """The formula with one thing done differently; the mistakes below say which."""
    left = n + sides * padding - reach(k, dilation)
    return (left // stride if divide is None else divide(left, stride)) + last


def plus_one_first(n, k, stride, padding, dilation):
    return (n + 2 * padding - dilation * (k - 1)) // stride


for _sentence, _answer in {
    "You left out the stride: the window moves by `stride` pixels, so divide by it.": changed(
        _size, "no_stride", divide=lambda left, stride: left
    ),
    "You padded one side only. The padding is added on each side: n + 2 * padding.": changed(
        _size, "one_side", sides=1
    ),
    "You left out the padding: the image has n + 2 * padding pixels.": changed(_size, "no_padding", sides=0),
    "The + 1 is missing: the first place counts, too.": changed(_size, "no_plus_one", last=0),
    "You left out the dilation: the kernel reaches over dilation * (k - 1) + 1 pixels.": changed(
        _size, "no_dilation", reach=lambda k, d: k
    ),
    "Your kernel reaches too far: between k numbers there are k - 1 gaps, so it reaches over dilation * (k - 1) + 1 "
    "pixels, not dilation * k.": changed(_size, "reach_too_far", reach=lambda k, d: d * k),
    "You round up. A last step that does not fit is not made: use //, which rounds down.": changed(
        _size, "rounds_up", divide=lambda left, stride: math.ceil(left / stride)
    ),
    "You divide with /, which gives a fraction. A number of places is whole: use //.": changed(
        _size, "fraction", divide=lambda left, stride: left / stride
    ),
    "You added the 1 before you divided. Only the steps are divided by the stride; the first place comes on "
    "top.": plus_one_first,
}.items():
    output_size.mistake(_sentence)(_answer)

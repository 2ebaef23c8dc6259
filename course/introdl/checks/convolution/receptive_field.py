"""Task of unit 09: how far a number behind some layers sees."""

import math

from introdl.checks.task import Task
from introdl.checks.variant import changed


def networks(rng):
    yield ([(3, 1)],)
    yield ([(3, 1), (3, 1)],)
    yield ([(3, 2), (3, 1)],)
    yield ([],)
    yield ([(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)],)
    yield ([(7, 2), (3, 2), (3, 1), (3, 1)],)
    yield ([(1, 1), (5, 1), (1, 1)],)
    for _ in range(4):
        count = int(rng.integers(2, 7))
        yield ([(int(k), int(s)) for k, s in zip(rng.integers(1, 8, count), rng.integers(1, 4, count), strict=True)],)


def marked_pixels(layers):
    """Follow a set of places back to the pixels, layer by layer."""
    places = {0}
    for k, stride in reversed(layers):
        places = {place * stride + i for place in places for i in range(k)}
    return max(places) - min(places) + 1


receptive_field = Task(
    "receptive_field",
    ("layers",),
    networks,
    marked_pixels,
    hints=(
        "Keep two numbers: the size of the field so far, and the distance in pixels between neighbours of the current "
        "map. Both start at 1.",
        "A kernel of k adds k - 1 neighbours to the field, each `jump` pixels further. Then a stride s makes the "
        "distance s times as large, for the layers that follow.",
        "for k, stride in layers: size += (k - ...) * jump; jump = jump * ...",
    ),
)


def _field(layers, *, add=lambda k: k - 1, stride_first=False, jumps=True, start=1):
    """The recursion with one thing done differently; the mistakes below say which."""
    size, jump = start, 1
    for k, stride in layers:
        jump *= stride if stride_first and jumps else 1
        size += add(k) * jump
        jump *= stride if not stride_first and jumps else 1
    return size


def strides_added(layers):
    size, jump = 1, 1
    for k, stride in layers:
        size, jump = size + (k - 1) * jump, jump + stride - 1
    return size


def product_of_kernels(layers):
    return math.prod(k for k, _ in layers)


def last_stride_only(layers):
    size, before = 1, 1
    for k, stride in layers:
        size, before = size + (k - 1) * before, stride
    return size


for _sentence, _answer in {
    "You left out the strides. Behind a stride of s, neighbours of the map stand s pixels apart: multiply k - 1 by the "
    "product of the strides before.": changed(_field, "no_strides", jumps=False),
    "You multiply by a layer's own stride. Its window moves farther, but does not see farther: only the strides of "
    "*earlier* layers count.": changed(_field, "own_stride", stride_first=True),
    "A kernel of k adds k - 1 pixels, not k: one of them was in the field before.": changed(
        _field, "adds_k", add=lambda k: k
    ),
    "You start from 0. Without any layer a pixel sees itself: start from 1.": changed(_field, "from_zero", start=0),
    "You multiply the kernel sizes. Neighbouring windows overlap, so the field grows by addition: (k - 1) times the "
    "jump.": product_of_kernels,
    "You add up the strides. After two layers of stride 2, neighbours stand 2 * 2 pixels apart: multiply.": (
        strides_added
    ),
    "You use only the stride of the layer before. All strides before count: keep their product.": last_stride_only,
}.items():
    receptive_field.mistake(_sentence)(_answer)

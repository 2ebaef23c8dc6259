"""Task of unit 10: the shape of one example behind each layer."""

import math

from introdl.checks.task import Task
from introdl.checks.variant import changed


def networks(rng):
    yield [("conv", 6, 5, 0), ("pool", 2)], (1, 28, 28)
    yield [("conv", 4, 3, 1), ("flatten",), ("dense", 10)], (3, 6, 6)
    yield [("pool", 2)], (2, 5, 7)
    yield (
        [
            *[("conv", 32, 3, 0), ("pool", 2), ("conv", 64, 3, 0), ("pool", 2), ("conv", 64, 3, 0)],
            *[("flatten",), ("dense", 64), ("dense", 10)],
        ],
        (1, 28, 28),
    )
    for _ in range(4):
        c, H, W = int(rng.integers(1, 4)), int(rng.integers(12, 30)), int(rng.integers(12, 30))
        yield some_network(rng), (c, H, W)


def some_network(rng):
    """A network for images of at least 12 pixels."""
    c1, c2, n = (int(rng.integers(2, 20)) for _ in range(3))
    k1, k2 = int(rng.choice([1, 3, 5])), int(rng.choice([2, 3]))
    first = [("conv", c1, k1, int(rng.integers(0, 3))), ("pool", int(rng.integers(2, 4)))]
    return [*first, ("conv", c2, k2, int(rng.integers(0, 2))), ("flatten",), ("dense", n), ("dense", 3)]


def counted_places(layers, shape):
    """Places are counted one by one."""
    shapes = []
    for kind, *numbers in layers:
        if kind == "dense":
            shape = (numbers[0],)
        elif kind == "flatten":
            shape = (math.prod(shape),)
        else:
            c, k, edge, step = (*numbers, 1) if kind == "conv" else (shape[0], numbers[0], 0, numbers[0])
            shape = (c, *(sum(1 for _ in range(-edge, side + edge - k + 1, step)) for side in shape[1:]))
        shapes.append(shape)
    return shapes


layer_shapes = Task(
    "layer_shapes",
    ("layers", "shape"),
    networks,
    counted_places,
    hints=(
        "Go through the layers with a variable `shape` that each of them changes; note it after each.",
        "A convolution with stride 1 makes side + 2 * padding - k + 1 of each side and sets the channels to c_out. A "
        "pooling makes side // k of each side and leaves the channels.",
        "for kind, *numbers in layers: if kind == 'conv': shape = (..., *(side + ... for side in shape[1:])) "
        "elif kind == 'pool': ...",
    ),
)


def _shapes(
    layers,
    shape,
    *,
    conv=lambda side, k, padding: side + 2 * padding - k + 1,
    pool=lambda side, k: side // k,
    pooled=lambda c, k: c,
    filters=lambda c, c_out: c_out,
    flat=math.prod,
    first=False,
):
    """The shapes with one thing done differently; the mistakes below say which."""
    shapes = [shape] if first else []
    for kind, *numbers in layers:
        if kind == "conv":
            shape = (filters(shape[0], numbers[0]), *(conv(side, *numbers[1:]) for side in shape[1:]))
        elif kind == "pool":
            shape = (pooled(shape[0], *numbers), *(pool(side, *numbers) for side in shape[1:]))
        else:
            shape = (flat(shape),) if kind == "flatten" else (numbers[0],)
        shapes.append(shape)
    return shapes


for _sentence, _answer in {
    "You left out the padding. It adds pixels on both sides: side + 2 * padding - k + 1.": changed(
        _shapes, "no_padding", conv=lambda side, k, padding: side - k + 1
    ),
    "You added the padding on one side only: it is side + 2 * padding - k + 1.": changed(
        _shapes, "padding_once", conv=lambda side, k, padding: side + padding - k + 1
    ),
    "The + 1 is missing in the convolution: the first place counts, too.": changed(
        _shapes, "no_plus_one", conv=lambda side, k, padding: side + 2 * padding - k
    ),
    "Your convolution keeps the size. That is so only with padding (k - 1) / 2.": changed(
        _shapes, "always_same", conv=lambda side, k, padding: side
    ),
    "Your pooling rounds up. A remainder of pixels is dropped: side // k.": changed(
        _shapes, "rounds_up", pool=lambda side, k: -(-side // k)
    ),
    "Your pooling moves by one pixel. Its windows stand side by side: side // k.": changed(
        _shapes, "overlapping", pool=lambda side, k: side - k + 1
    ),
    "Your pooling changes the number of channels, too. Each channel is pooled by itself.": changed(
        _shapes, "pools_channels", pooled=lambda c, k: max(c // k, 1)
    ),
    "Your convolution multiplies the channels. Its products add up over all input channels, so c_out maps come "
    "out.": changed(_shapes, "multiplies_channels", filters=lambda c, c_out: c * c_out),
    "Flatten puts all numbers of an example into one row: channels times rows times columns. Yours left out the "
    "channels.": changed(_shapes, "flat_without_channels", flat=lambda shape: math.prod(shape[1:])),
    "Your list begins with the input's shape. It should have one entry for each layer.": changed(
        _shapes, "input_first", first=True
    ),
}.items():
    layer_shapes.mistake(_sentence)(_answer)

"""Task of unit 11: MACs of a network that is given as data."""

from introdl.checks.task import Task
from introdl.checks.variant import changed


def networks(rng):
    yield [("conv", 8, 3, 1, 1, 1)], (3, 4, 4)
    yield [("dense", 10)], (2, 3, 3)
    yield [("conv", 4, 3, 2, 1, 1), ("pool", 2), ("dense", 5)], (1, 28, 28)
    yield [("conv", 6, 3, 1, 1, 6), ("conv", 12, 1, 1, 0, 1)], (6, 10, 7)
    yield [("conv", 8, 5, 1, 0, 2), ("pool", 3), ("conv", 4, 3, 1, 0, 1), ("dense", 7), ("dense", 3)], (4, 21, 24)
    yield [("pool", 2)], (3, 8, 8)
    yield [], (3, 8, 8)
    for _ in range(3):
        c = int(rng.integers(1, 4)) * 4
        layers = [
            ("conv", c, int(rng.choice([3, 5])), int(rng.integers(1, 3)), int(rng.integers(0, 3)), 1),
            ("conv", 2 * c, 3, 2, 1, 4),
            ("pool", 2),
            ("dense", int(rng.integers(2, 12))),
        ]
        yield layers, (int(rng.integers(1, 4)), int(rng.integers(20, 40)), int(rng.integers(20, 40)))


def place_by_place(layers, shape):
    """Go through the places where a window starts, and count the products at each."""
    shape, macs = tuple(shape), 0
    for kind, *numbers in layers:
        if kind == "dense":
            inputs = 1
            for size in shape:
                inputs *= size
            macs, shape = macs + inputs * numbers[0], (numbers[0],)
            continue
        c_out, k, stride, padding, groups = numbers if kind == "conv" else (shape[0], numbers[0], numbers[0], 0, 1)
        rows, columns = (len(range(0, size + 2 * padding - k + 1, stride)) for size in shape[1:])
        if kind == "conv":
            for _ in range(c_out):
                macs += rows * columns * k * k * shape[0] // groups
        shape = (c_out, rows, columns)
    return macs


count_macs = Task(
    "count_macs",
    ("layers", "shape"),
    networks,
    place_by_place,
    hints=(
        "Go through the layers and keep the shape as you go: each layer gets the shape that the one before it leaves.",
        "A convolution's weights are c_out * (C / groups) * k * k, and each is used at every place of its *output*, "
        "(H + 2 * padding - k) // stride + 1 high. A dense layer has one place; its inputs are all numbers of the "
        "shape.",
        "C, H, W = shape; H, W = ((size + 2 * padding - k) // stride + 1 for size in (H, W)); macs += c_out * ... * H "
        "* W; shape = (c_out, H, W)",
    ),
)


def _count(
    layers,
    shape,
    *,
    places=lambda before, after: after[0] * after[1],
    grouped=True,
    strided=True,
    padded=2,
    bias=False,
    pool_works=False,
    flat=True,
    channels_kept=False,
    kernel=2,
):
    """The count with one thing done differently; the mistakes below say which."""
    macs = 0
    for kind, *numbers in layers:
        if kind == "dense":
            inputs = 1
            for size in shape if flat else shape[:1]:
                inputs *= size
            macs, shape = macs + (inputs + bias) * numbers[0], (numbers[0],)
            continue
        c_out, k, stride, padding, groups = numbers if kind == "conv" else (shape[0], numbers[0], numbers[0], 0, 1)
        by = stride if strided or kind == "pool" else 1
        after = tuple((size + padded * padding - k) // by + 1 for size in shape[1:])
        if kind == "conv" or pool_works:
            weights = c_out * shape[0] * k**kernel // (groups if grouped else 1)
            macs += (weights if kind == "conv" else shape[0] * k * k) * places(shape[1:], after)
            macs += bias * c_out * places(shape[1:], after) if kind == "conv" else 0
        shape = (shape[0] if channels_kept else c_out, *after)
    return macs


for _sentence, _answer in {
    "You counted weights. Each weight of a convolution is used at every place of its output: multiply by height and "
    "width of the output.": changed(_count, "weights_only", places=lambda before, after: 1),
    "You multiplied by the size of the *input* map. A kernel stops once for each pixel of the output, which stride and "
    "padding make smaller or larger.": changed(
        _count, "input_size", places=lambda before, after: before[0] * before[1]
    ),
    "You multiplied by the height alone. A map has height times width places.": changed(
        _count, "height_only", places=lambda before, after: after[0]
    ),
    "Groups are ignored. With groups, an output channel sees only C / groups input channels.": changed(
        _count, "groups_ignored", grouped=False
    ),
    "The stride is ignored. It makes the output, and so the work, smaller.": changed(
        _count, "stride_ignored", strided=False
    ),
    "The padding counts once. It is added on both sides: H + 2 * padding.": changed(_count, "one_side", padded=1),
    "You counted biases, too. They are added, not multiplied, and left out here (a convention).": changed(
        _count, "biases", bias=True
    ),
    "You counted the pooling. It compares numbers and multiplies none: 0 MACs.": changed(
        _count, "pooling_counts", pool_works=True
    ),
    "Your dense layer sees the channels only. A map is flattened first: its inputs are C * H * W numbers.": changed(
        _count, "not_flattened", flat=False
    ),
    "The number of channels stays as at the start. After a convolution the next layer sees its c_out "
    "channels.": changed(_count, "channels_kept", channels_kept=True),
    "A kernel has k * k numbers for each input channel, not k.": changed(_count, "k_once", kernel=1),
}.items():
    count_macs.mistake(_sentence)(_answer)

"""Task of unit 20: how much of a picture one logit of a PatchGAN sees."""

from introdl.checks.task import Task
from introdl.checks.variant import changed


def cases(rng):
    yield ([(4, 2)],)
    yield ([(3, 1), (3, 1)],)
    yield ([(4, 2), (4, 2), (3, 1)],)
    yield ([(4, 2), (4, 2), (4, 2), (4, 1), (4, 1)],)
    yield ([],)
    for num_layers in (2, 3, 4):
        yield ([(int(rng.integers(2, 6)), int(rng.integers(1, 4))) for _ in range(num_layers)],)


def followed_back(layers):
    """Follow two neighbouring outputs back to the pixels that they see."""
    spans = [(0, 0), (1, 1)]
    for k, stride in reversed(layers):
        spans = [(first * stride, last * stride + k - 1) for first, last in spans]
    (first, last), (neighbour, _) = spans
    return last - first + 1, neighbour - first


patch_receptive_field = Task(
    "patch_receptive_field",
    ("layers",),
    cases,
    followed_back,
    hints=(
        "Go through the layers with two numbers in hand: how wide one value sees, and how far apart in the picture two "
        "neighbouring values are.",
        "At first both are 1. A layer with a kernel of k sees k neighbours: k - 1 steps of the present distance more. "
        "Only then does its stride make the distance larger.",
        "field, step = 1, 1; for k, stride in layers: field += (k - 1) * ...; step *= ...; return field, step",
    ),
)


def _field(layers, *, grow=lambda k, s, step: (k - 1) * step, widen=lambda step, s: step * s, order=1, early=False,
           start=1):  # fmt: skip
    """Compute field and step with one thing done differently; the mistakes below say which."""
    field, step = start, 1
    for k, stride in layers[::order]:
        step, before = widen(step, stride), step
        field += grow(k, stride, step if early else before)
    return field, step


for _sentence, _answer in {
    "You forgot the strides in the field: after a stride of 2, neighbours are two pixels apart, so a kernel sees twice "
    "as far. Multiply k - 1 by the step so far.": changed(_field, "no_strides", grow=lambda k, s, step: k - 1),
    "A layer's own stride already counts in its field in your answer. It moves the next layer's values apart, not this "
    "one's: first the field, then the step.": changed(_field, "too_early", early=True),
    "You go through the layers from the last to the first with a rule that starts at the picture.": changed(
        _field, "backwards", order=-1
    ),
    "You add k at each layer. A kernel of k adds k - 1 neighbours to the value that was there.": changed(
        _field, "adds_k", grow=lambda k, s, step: k * step
    ),
    "You add the strides. They multiply: two strides of 2 put neighbours four pixels apart.": changed(
        _field, "adds_strides", widen=lambda step, s: step + s
    ),
    "You start at a field of 0. Before any layer, a value sees one pixel: itself.": changed(
        _field, "from_zero", start=0
    ),
    "Your step is the last layer's stride alone. All strides multiply.": changed(
        _field, "last_stride", widen=lambda step, s: s
    ),
    "The kernels are multiplied, as if they were laid end to end. Each adds (k - 1) · step.": lambda layers: (
        _product([k for k, _ in layers]),
        _product([s for _, s in layers]),
    ),
}.items():
    patch_receptive_field.mistake(_sentence)(_answer)


def _product(numbers):
    product = 1
    for number in numbers:
        product *= number
    return product

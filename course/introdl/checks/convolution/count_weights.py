"""Task of unit 09: the number of parameters of a convolution."""

from introdl.checks.task import Task
from introdl.checks.variant import changed


def layers(rng):
    yield 3, 16, 3, True
    yield 1, 6, 5, True
    yield 64, 128, 3, False
    yield 16, 4, 1, True
    for _ in range(4):
        yield (
            int(rng.integers(2, 65)),
            int(rng.integers(2, 65)),
            int(rng.choice([1, 3, 5, 7])),
            bool(rng.random() < 0.5),
        )


def one_by_one(c_in, c_out, k, bias):
    """Count every learned number of every kernel."""
    return sum(1 for _ in range(c_out) for _ in range(c_in * k * k + (1 if bias else 0)))


count_weights = Task(
    "count_weights",
    ("c_in", "c_out", "k", "bias"),
    layers,
    one_by_one,
    hints=(
        "How many numbers has one kernel? It has a grid for each input channel.",
        "One kernel has c_in * k * k weights and, if there is a bias, one number more. There are c_out kernels.",
        "c_out * (... + bias), where True counts as 1",
    ),
)


def _count(c_in, c_out, k, bias, *, kernel=lambda c_in, k: c_in * k * k, biases=lambda c_in, c_out, k: c_out):
    """The count with one thing done differently; the mistakes below say which."""
    return c_out * kernel(c_in, k) + (biases(c_in, c_out, k) if bias else 0)


def always_biased(c_in, c_out, k, bias):
    return _count(c_in, c_out, k, True)


for _sentence, _answer in {
    "You forgot the bias: one number for each kernel, if there is one.": changed(
        _count, "no_bias", biases=lambda c_in, c_out, k: 0
    ),
    "You always count a bias. It is there only where `bias` is True.": always_biased,
    "You counted a bias for each weight. A kernel has one bias, whatever its size.": changed(
        _count, "bias_per_weight", biases=lambda c_in, c_out, k: c_in * c_out * k * k
    ),
    "You counted a bias for each pair of channels. All products of a kernel add up to one number, so it has one "
    "bias.": changed(_count, "bias_per_pair", biases=lambda c_in, c_out, k: c_in * c_out),
    "You counted a single bias for the whole layer. Each kernel has its own: c_out of them.": changed(
        _count, "one_bias", biases=lambda c_in, c_out, k: 1
    ),
    "You counted a bias for each input channel. Each kernel, so each *output* channel, has one.": changed(
        _count, "bias_per_input", biases=lambda c_in, c_out, k: c_in
    ),
    "Your kernels see one channel only. A kernel has a grid of k * k weights for each input channel.": changed(
        _count, "one_channel", kernel=lambda c_in, k: k * k
    ),
    "A kernel is square: k * k weights for each input channel, not k.": changed(
        _count, "one_row", kernel=lambda c_in, k: c_in * k
    ),
}.items():
    count_weights.mistake(_sentence)(_answer)

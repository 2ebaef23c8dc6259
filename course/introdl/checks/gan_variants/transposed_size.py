"""Task of unit 20: how large a transposed convolution makes a map, and whether it does so evenly."""

from introdl.checks.task import Task
from introdl.checks.variant import changed


def cases(rng):
    yield 7, 4, 2, 1
    yield 4, 3, 2, 1
    yield 3, 2, 2, 0
    yield 5, 3, 1, 1
    yield 4, 1, 2, 0
    yield 3, 2, 4, 0
    yield 6, 6, 3, 2
    yield 1, 4, 2, 0
    for _ in range(4):
        k = int(rng.integers(2, 7))
        yield int(rng.integers(2, 12)), k, int(rng.integers(1, 4)), int(rng.integers(0, k // 2))


def painted(size, kernel_size, stride, padding):
    """Count how often each place is painted; inside, that must be the same number everywhere."""

    def counts(num):
        times = [0] * ((num - 1) * stride + kernel_size)
        for start in range(0, num * stride, stride):
            for place in range(start, start + kernel_size):
                times[place] += 1
        return times

    inside = counts(4 * kernel_size + 4)
    inside = inside[kernel_size + stride : -kernel_size - stride]
    return len(counts(size)[padding : len(counts(size)) - padding]), len(set(inside)) == 1


transposed_size = Task(
    "transposed_size",
    ("size", "kernel_size", "stride", "padding"),
    cases,
    painted,
    hints=(
        "Lay the kernels down one by one, each `stride` farther than the last. Where does the last one start, and "
        "where does it end?",
        "The last of `size` kernels starts at (size - 1) * stride and is kernel_size long. Padding cuts away pixels at "
        "both ends. Evenness: how many kernels reach a pixel, if kernel_size is not a multiple of stride?",
        "return (size - 1) * stride + kernel_size - 2 * ..., kernel_size % ... == 0",
    ),
)


def _size(size, kernel_size, stride, padding, *, length=None, even=lambda k, s: k % s == 0):
    """Give the answer with one thing done differently; the mistakes below say which."""
    right = (size - 1) * stride + kernel_size - 2 * padding
    return length(size, kernel_size, stride, padding) if length else right, even(kernel_size, stride)


for _sentence, _answer in {
    "This is the size after an ordinary convolution, which makes maps smaller. A transposed one lays down a kernel for "
    "each pixel: (size - 1) · stride + kernel_size - 2 · padding.": changed(
        _size, "ordinary", length=lambda n, k, s, p: (n + 2 * p - k) // s + 1
    ),
    "You multiplied the size by the stride. This is right only where kernel_size - 2 · padding is the stride.": changed(
        _size, "times_stride", length=lambda n, k, s, p: n * s
    ),
    "You let all `size` kernels move on by a stride. Between them are size - 1 steps.": changed(
        _size, "one_step_more", length=lambda n, k, s, p: n * s + k - 2 * p
    ),
    "You added the padding. In a transposed convolution padding cuts pixels away at both ends.": changed(
        _size, "padding_added", length=lambda n, k, s, p: (n - 1) * s + k + 2 * p
    ),
    "You took the padding away at one end only. It is cut at both: 2 · padding.": changed(
        _size, "padding_once", length=lambda n, k, s, p: (n - 1) * s + k - p
    ),
    "You forgot the padding, which cuts away 2 · padding pixels.": changed(
        _size, "no_padding", length=lambda n, k, s, p: (n - 1) * s + k
    ),
    "You counted where the last kernel starts. It is kernel_size pixels long.": changed(
        _size, "no_kernel", length=lambda n, k, s, p: (n - 1) * s + 1 - 2 * p
    ),
    "You call it even as soon as kernels overlap or touch. With a kernel of 3 and a stride of 2, pixels get one and "
    "two strokes in turn: a checkerboard. It is even where the kernel is a multiple of the stride.": changed(
        _size, "overlap", even=lambda k, s: k >= s
    ),
    "Your second result is the wrong way round: it says where a checkerboard *appears*.": changed(
        _size, "wrong_way_round", even=lambda k, s: k % s != 0
    ),
    "You asked whether the stride is a multiple of the kernel. It is the other way round: kernel_size % "
    "stride.": changed(_size, "other_way", even=lambda k, s: s % k == 0),
    "You call it even where kernel and stride are equal. Kernels may overlap, as long as each pixel gets equally many: "
    "kernel 4, stride 2 is even.": changed(_size, "equal_only", even=lambda k, s: k == s),
}.items():
    transposed_size.mistake(_sentence)(_answer)

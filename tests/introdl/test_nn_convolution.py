"""Convolution, fast and by definition: PyTorch judges values and gradients over random shapes and settings."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from introdl import gradcheck, nn
from introdl.nn import convolution

seeds = st.integers(0, 10**6)
RNG = np.random.default_rng(0)
IMAGES = np.ones((2, 6, 5, 5), np.float32)


@st.composite
def windows(draw, padding=2, dilation=3):
    """Return (size, kernel_size, settings) that fit, with different numbers for rows and columns."""
    pairs = {"stride": st.integers(1, 3), "padding": st.integers(0, padding), "dilation": st.integers(1, dilation)}
    chosen = {name: draw(st.tuples(values, values)) for name, values in pairs.items()}
    kernel_size = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    least = [
        max(1, d * (k - 1) + 1 - 2 * p)
        for k, p, d in zip(kernel_size, chosen["padding"], chosen["dilation"], strict=True)
    ]
    return tuple(draw(st.integers(edge, edge + 5)) for edge in least), kernel_size, chosen


@st.composite
def problems(draw, most=4):
    """Return X, W, b and the settings of a convolution with random shapes; N may be 0."""
    (H, W), kernel_size, chosen = draw(windows())
    groups = draw(st.integers(1, 3))
    c_in, c_out = (groups * draw(st.integers(1, 3)) for _ in range(2))
    rng = np.random.default_rng(draw(seeds))
    X = rng.normal(size=(draw(st.integers(0, most)), c_in, H, W))
    weights = rng.normal(size=(c_out, c_in // groups, *kernel_size))
    return X, weights, rng.normal(size=c_out), {**chosen, "groups": groups}


def judged(X, W, b, chosen, seed=0):
    """Return PyTorch's Y, a gradient of it, and PyTorch's (dX, dW, db) for that gradient."""
    tensors = [torch.tensor(a, requires_grad=True) for a in (X, W, b)]
    Y = F.conv2d(*tensors, **chosen)
    dY = np.random.default_rng(seed).normal(size=Y.shape).astype(X.dtype)
    return Y.detach().numpy(), dY, [g.numpy() for g in torch.autograd.grad(Y, tensors, torch.tensor(dY))]


WAYS = {
    "fast": (nn.conv2d, nn.conv2d_backward),
    "naive": (nn.conv2d_naive, nn.conv2d_naive_backward),
}
each_way = pytest.mark.parametrize("way", WAYS)


@each_way
@settings(max_examples=60, deadline=None)
@given(problem=problems(most=2))
def test_values_and_gradients_equal_torch(way, problem):
    (X, W, b, chosen), (forward, backward) = problem, WAYS[way]
    before = X.copy(), W.copy(), b.copy()
    Y, dY, grads = judged(X, W, b, chosen)
    np.testing.assert_allclose(forward(X, W, b, **chosen), Y, atol=1e-11)
    for ours, theirs in zip(backward(dY, X, W, **chosen), grads, strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=1e-11)
    assert all(map(np.array_equal, before, (X, W, b)))


@settings(max_examples=40, deadline=None)
@given(problem=problems(most=5), portion=st.integers(1, 400))
def test_the_size_of_a_portion_changes_nothing(problem, portion):
    X, W, b, chosen = problem
    Y, dY, grads = judged(X, W, b, chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "PORTION", portion)
        np.testing.assert_allclose(nn.conv2d(X, W, b, **chosen), Y, atol=1e-11)
        for ours, theirs in zip(nn.conv2d_backward(dY, X, W, **chosen), grads, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-11)


@settings(max_examples=40, deadline=None)
@given(problem=problems())
def test_the_layer_equals_torch_and_keeps_its_type(problem):
    X, W, b, chosen = problem
    for dtype, tolerance in ((np.float64, 1e-11), (np.float32, 2e-4)):
        layer = nn.Conv2d(X.shape[1], len(W), W.shape[2:], RNG, **chosen, dtype=dtype)
        assert [p.shape for p in layer.params] == [W.shape, b.shape]
        layer.params[0][:], layer.params[1][:] = W, b
        Y, dY, grads = judged(X.astype(dtype), *layer.params, chosen)
        ours = [layer.forward(X.astype(dtype)), layer.backward(dY), *layer.grads]
        for mine, theirs in zip(ours, [Y, *grads], strict=True):
            assert mine.dtype == dtype
            np.testing.assert_allclose(mine, theirs, atol=tolerance, rtol=tolerance)


@each_way
@settings(max_examples=8, deadline=None)
@given(problem=problems(most=1))
def test_gradients_equal_central_differences(way, problem):
    (X, W, b, chosen), (forward, backward) = problem, WAYS[way]
    _, dY, _ = judged(X, W, b, chosen)

    def loss(_):
        return float((dY * forward(X, W, b, **chosen)).sum())

    for ours, x in zip(backward(dY, X, W, **chosen), (X, W, b), strict=True):
        np.testing.assert_allclose(ours, gradcheck.numerical_gradient(loss, x), atol=1e-7)


@settings(max_examples=40, deadline=None)
@given(window=windows(), N=st.integers(0, 3), C=st.integers(1, 3), seed=seeds)
def test_columns_equal_unfold_and_come_back_as_fold(window, N, C, seed):
    size, kernel_size, chosen = window
    X = np.random.default_rng(seed).normal(size=(N, C, *size))
    cols = F.unfold(torch.tensor(X), kernel_size, **chosen).numpy()
    np.testing.assert_array_equal(nn.im2col(X, kernel_size, **chosen), cols)
    back = F.fold(torch.tensor(cols), size, kernel_size, **chosen).numpy()
    np.testing.assert_allclose(nn.col2im(cols, size, kernel_size, **chosen), back, atol=1e-12)


def test_columns_are_undone_where_windows_do_not_overlap():
    X = np.arange(2 * 3 * 6 * 4).reshape(2, 3, 6, 4)
    assert np.array_equal(nn.col2im(nn.im2col(X, 2, stride=2), (6, 4), 2, stride=2), X)
    touched = nn.col2im(np.ones((1, 9, 4)), 4, 3)  # how many of the four windows a pixel is in
    assert touched[0, 0].tolist() == [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]


@settings(max_examples=60, deadline=None)
@given(window=windows(padding=3))
def test_the_output_size_is_that_of_torch(window):
    size, kernel_size, chosen = window
    made = F.conv2d(torch.zeros(1, 1, *size), torch.zeros(1, 1, *kernel_size), **chosen).shape[2:]
    axes = zip(size, kernel_size, *chosen.values(), strict=True)
    assert [nn.output_size(*axis) for axis in axes] == list(made)


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_same_padding_keeps_the_size(kernel_size, dilation):
    padding = nn.same_padding(kernel_size, dilation)
    assert nn.output_size(28, kernel_size, 1, padding, dilation) == 28
    assert nn.same_padding(2, dilation=2) == 1  # also an even kernel, if its reach is odd


def test_pad_frames_both_sides_and_copies():
    X = np.arange(12.0).reshape(1, 2, 2, 3)
    for padding, value in ((1, 0.0), ((2, 0), -np.pi), (0, 0.0)):
        rows, columns = padding if isinstance(padding, tuple) else (padding, padding)
        theirs = F.pad(torch.tensor(X), (columns, columns, rows, rows), value=value)
        ours = nn.pad(X, padding, value)
        assert np.array_equal(ours, theirs) and not np.shares_memory(ours, X)


def test_a_number_means_the_same_for_rows_and_columns():
    X, W = RNG.normal(size=(2, 3, 8, 8)), RNG.normal(size=(4, 3, 3, 3))
    one = nn.conv2d(X, W, stride=2, padding=1, dilation=2)
    assert np.array_equal(one, nn.conv2d(X, W, None, (2, 2), [1, 1], (2, 2)))
    assert nn.Conv2d(3, 4, 3, RNG).params[0].shape == nn.Conv2d(3, 4, (3, 3), RNG).params[0].shape


def test_without_a_bias_none_is_added_and_bytes_do_not_wrap_around():
    photo, blur = np.full((1, 1, 4, 4), 255, np.uint8), np.ones((1, 1, 3, 3), np.float32)
    dY = np.full((1, 1, 2, 2), -0.25, np.float32)
    for forward, backward in WAYS.values():
        assert forward(photo, blur).tolist() == [[[[9 * 255] * 2] * 2]]
        assert backward(dY, photo, blur)[0].min() == -1  # the middle is in all four windows


def test_the_kernel_is_not_flipped():
    X, W = np.zeros((1, 1, 3, 3)), np.arange(9.0).reshape(1, 1, 3, 3)
    X[0, 0, 0, 2] = 1
    assert nn.conv2d(X, W)[0, 0, 0, 0] == W[0, 0, 0, 2]


def test_weights_start_with_the_variance_that_relu_needs():
    layer = nn.Conv2d(64, 100, 3, np.random.default_rng(0), groups=2)
    assert np.var(layer.params[0]) == pytest.approx(2 / (32 * 9), rel=0.03) and not layer.params[1].any()


def test_the_gradient_of_the_input_can_be_saved_also_behind_a_network(monkeypatch):
    net = nn.Sequential(nn.Conv2d(2, 3, 3, RNG), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dense(12, 3, RNG))
    X = RNG.normal(size=(4, 2, 6, 6)).astype(np.float32)
    dY = net.forward(X)
    assert net.backward(dY).shape == X.shape
    grads = net.grads
    monkeypatch.setattr(convolution, "add_columns", None)  # the work for dX would fail
    assert net.backward(dY, to_input=False) is None
    assert all(map(np.array_equal, grads, net.grads)) and nn.Sequential(net).backward(dY, to_input=False) is None


def test_two_layers_do_not_share_gradients():
    first, second = nn.Conv2d(1, 1, 3, RNG), nn.Conv2d(1, 1, 3, RNG)
    first.backward(first.forward(np.ones((1, 1, 3, 3), np.float32)))
    assert first.grads[0].any() and not second.grads[0].any()


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-9), (np.float32, 1e-4)])
def test_fifty_steps_of_a_whole_network_equal_torch(dtype, tolerance):
    rng, lr = np.random.default_rng(0), 0.05
    net = nn.Sequential(
        *(nn.Conv2d(2, 6, 3, rng, padding=1, dtype=dtype), nn.BatchNorm2d(6, dtype=dtype), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 6, 3, rng, stride=2, padding=1, groups=3, dtype=dtype), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.Flatten(), nn.Dense(6, 3, rng, dtype)),
    )
    twin = torch.nn.Sequential(
        *(torch.nn.Conv2d(2, 6, 3, padding=1), torch.nn.BatchNorm2d(6), torch.nn.ReLU(), torch.nn.MaxPool2d(2)),
        *(torch.nn.Conv2d(6, 6, 3, stride=2, padding=1, groups=3), torch.nn.ReLU(), torch.nn.AvgPool2d(2)),
        *(torch.nn.Flatten(), torch.nn.Linear(6, 3)),
    ).to(torch.from_numpy(np.zeros(0, dtype)).dtype)
    for theirs, ours in zip(twin.parameters(), net.params, strict=True):
        theirs.data = torch.tensor(ours.T if ours.ndim == 2 else ours)
    start, optimizer = copy.deepcopy(net.params), torch.optim.SGD(twin.parameters(), lr)
    for _ in range(50):
        X, y = rng.normal(size=(8, 2, 8, 8)).astype(dtype), rng.integers(0, 3, 8)
        net.backward(nn.cross_entropy_backward(net.forward(X), y), to_input=False)
        for p, g in zip(net.params, net.grads, strict=True):
            assert g.dtype == dtype
            p -= lr * g
        optimizer.zero_grad()
        F.cross_entropy(twin(torch.tensor(X)), torch.tensor(y)).backward()
        optimizer.step()
    for ours, theirs, first in zip(net.params, twin.parameters(), start, strict=True):
        theirs = theirs.detach().numpy()
        np.testing.assert_allclose(ours, theirs.T if ours.ndim == 2 else theirs, atol=tolerance)
        assert ours.ndim < 2 or np.abs(ours - first).max() > 100 * tolerance


@pytest.mark.parametrize("shape", [(1,), (2, 4, 3, 2), (2, 1, 3, 3), (1, 4, 3, 3)])
def test_a_gradient_has_the_shape_of_the_output(shape):
    layer = nn.Conv2d(6, 4, 3, RNG)
    layer.forward(IMAGES)
    for backward in (layer.backward, lambda dY: nn.conv2d_naive_backward(dY, IMAGES, layer.params[0])):
        with pytest.raises(ValueError, match=r"dY has shape .*, expected \(2, 4, 3, 3\)"):
            backward(np.ones(shape, np.float32))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nn.output_size(5, 3, dilation=3),
            r"size \+ 2 \* padding is 5 \+ 2 \* 0 = 5, expected at least dilation \* \(kernel_size - 1\) \+ 1 "
            r"= 3 \* \(3 - 1\) \+ 1 = 7: the kernel is larger than the padded input",
        ),
        (lambda: nn.output_size(5, 3, stride=0), r"stride is 0, expected .* size is floor\(\(size \+ .* / stride\) "),
        (lambda: nn.output_size(5, 0), "kernel_size is 0, expected a whole number of at least 1"),
        (lambda: nn.output_size(5, 3, padding=-1), "padding is -1, expected a whole number of at least 0"),
        (lambda: nn.output_size(5.0, 3), r"size is 5\.0, expected a whole number"),
        (lambda: nn.same_padding(4), r"dilation \* \(kernel_size - 1\) is 1 \* \(4 - 1\) = 3, expected an even"),
        (lambda: nn.pad(IMAGES[0], 1), r"X has shape \(6, 5, 5\), expected \(N, C, H, W\)"),
        (lambda: nn.pad(IMAGES, (1, 2, 3)), r"padding is \(1, 2, 3\), expected one number or a pair"),
        (lambda: nn.pad(IMAGES, (1, -2)), r"padding\[1\] is -2, expected a whole number of at least 0"),
        (lambda: nn.im2col(IMAGES, 7, padding=(0, 1)), r"size \+ 2 \* padding is 5 \+ 2 \* 0 = 5, .* = 7"),
        (lambda: nn.im2col(IMAGES, 7, padding=(1, 0)), r"size \+ 2 \* padding is 5 \+ 2 \* 0 = 5, .* = 7"),
        (lambda: nn.col2im(np.ones((1, 8, 4)), (4, 4), 3), r"cols has shape \(1, 8, 4\), expected \(N, C \* 3 \* 3, 4"),
        (lambda: nn.col2im(np.ones((1, 9, 5)), (4, 4), 3), r"cols has shape \(1, 9, 5\), expected \(1, 9, 4\)"),
        (lambda: nn.col2im(np.ones((9, 4)), (4, 4), 3), r"cols has shape \(9, 4\), expected \(N, C \* 3 \* 3, 4\)"),
        (lambda: nn.col2im(np.ones((1, 9, 4)), (4, 0), 3), r"size\[1\] is 0, expected a whole number of at least 1"),
        (lambda: nn.Conv2d(6, 8, 3, RNG, groups=4), r"C_in % groups is 6 % 4 = 2, expected 0"),
        (lambda: nn.Conv2d(6, 8, 3, RNG, groups=3), r"C_out % groups is 8 % 3 = 2, expected 0"),
        (lambda: nn.Conv2d(6, 8, 3, RNG, groups=0), "groups is 0, expected a whole number of at least 1"),
        (lambda: nn.Conv2d(6, 8, 3, RNG, stride=0), r"stride is 0, expected .* / stride\) \+ 1"),
        (lambda: nn.Conv2d(6, 8, 3, RNG, stride=(1, 0)), r"stride is 0, expected .* / stride\) \+ 1"),
        (lambda: nn.Conv2d(6, 8, (3, 3, 3), RNG), r"kernel_size is \(3, 3, 3\), expected one number or a pair"),
        (lambda: nn.Conv2d(0, 8, 3, RNG), "c_in is 0, expected a whole number of at least 1"),
        (lambda: nn.Conv2d(6, 8, 3, 1), r"rng is a int, expected np\.random\.default_rng\(seed\)"),
        (lambda: nn.Conv2d(6, 8, 3, RNG, dtype=np.int64), "dtype is .*int64.*, expected np.float32 or np.float64"),
        (lambda: nn.Conv2d(3, 8, 3, RNG).forward(IMAGES), r"X has shape \(2, 6, 5, 5\), expected \(N, 3, H, W\)"),
        (lambda: nn.Conv2d(6, 8, 3, RNG).forward(IMAGES[0]), r"X has shape \(6, 5, 5\), expected \(N, C, H, W\)"),
        (lambda: nn.Conv2d(6, 8, 6, RNG).forward(IMAGES), r"5 \+ 2 \* 0 = 5, expected at least .* = 6"),
        (lambda: nn.conv2d(IMAGES, np.ones((4, 6, 3))), r"W has shape \(4, 6, 3\), expected \(C_out, C_in / groups"),
        (lambda: nn.conv2d(IMAGES, np.ones((4, 1, 3, 3)), groups=4), r"C_in % groups is 6 % 4 = 2, expected 0"),
        (lambda: nn.conv2d(IMAGES, np.ones((4, 6, 3, 3)), np.ones(3)), r"b has shape \(3,\), expected \(4,\)"),
        (lambda: nn.conv2d_naive([1], np.ones((4, 6, 3, 3))), "X is a list, expected a NumPy array of numbers"),
    ],
)
def test_bad_settings_are_named_with_the_formula_and_its_numbers(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()

"""Pooling, flattening and batch normalization of images: PyTorch judges values and gradients over random shapes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from introdl import gradcheck, nn

seeds = st.integers(0, 10**6)
sizes = st.integers(1, 4)
POOLS = {"max": (nn.MaxPool2d, F.max_pool2d), "mean": (nn.AvgPool2d, F.avg_pool2d)}
each_pool = pytest.mark.parametrize("name", POOLS)
TYPES = pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-11), (np.float32, 1e-5)])


@st.composite
def poolings(draw):
    """Return (N, C, H, W) and the settings of a pooling that fits, with different numbers for rows and columns."""
    kernel_size = draw(st.tuples(sizes, sizes))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel_size)
    stride = draw(st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)))
    least = [max(1, k - 2 * p) for k, p in zip(kernel_size, padding, strict=True)]
    size = tuple(draw(st.integers(edge, edge + 5)) for edge in least)
    return (draw(st.integers(1, 3)), draw(sizes), *size), {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
    }


def compare(layer, function, X, seed=0, tolerance=1e-11):
    """Assert that a layer's values and gradients are those of PyTorch's function, in the type of X."""
    tensor = torch.tensor(X, requires_grad=True)
    Y = function(tensor)
    dY = np.random.default_rng(seed).normal(size=Y.shape).astype(X.dtype)
    Y.backward(torch.tensor(dY))
    before, ours = X.copy(), (layer.forward(X), layer.backward(dY))
    for mine, theirs in zip(ours, (Y.detach(), tensor.grad), strict=True):
        assert mine.dtype == X.dtype and mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, atol=tolerance, rtol=tolerance)
    assert np.array_equal(X, before)


@each_pool
@TYPES
@settings(max_examples=50, deadline=None)
@given(pooling=poolings(), seed=seeds, ties=st.booleans())
def test_pooling_equals_torch(name, dtype, tolerance, pooling, seed, ties):
    (shape, chosen), (make, function), rng = pooling, POOLS[name], np.random.default_rng(seed)
    X = rng.integers(-2, 2, shape) if ties else rng.normal(size=shape)  # of several largest the first one wins
    compare(make(**chosen), lambda X: function(X, **chosen), X.astype(dtype), seed, tolerance)


@each_pool
@settings(max_examples=10, deadline=None)
@given(pooling=poolings(), seed=seeds)
def test_pooling_equals_central_differences(name, pooling, seed):
    (shape, chosen), rng = pooling, np.random.default_rng(seed)
    layer, X = POOLS[name][0](**chosen), rng.permutation(np.arange(float(np.prod(shape)))).reshape(shape)  # no ties
    dY = rng.normal(size=layer.forward(X).shape)
    slopes = gradcheck.numerical_gradient(lambda X: float((dY * layer.forward(X)).sum()), X)
    layer.forward(X)
    np.testing.assert_allclose(layer.backward(dY), slopes, atol=1e-7)


def test_the_whole_gradient_goes_to_one_of_several_largest():
    layer = nn.MaxPool2d(2)
    layer.forward(np.zeros((1, 1, 4, 4)))  # behind a ReLU whole windows are 0
    assert layer.backward(np.ones((1, 1, 2, 2)))[0, 0].tolist() == [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4]


def test_padding_never_wins_and_a_nan_is_not_lost():
    X = np.full((1, 1, 2, 2), -5.0)
    assert nn.MaxPool2d(2, padding=1).forward(X).max() == -5
    X[0, 0, 1, 1] = np.nan
    assert np.isnan(nn.MaxPool2d(2).forward(X)).all() and np.isnan(nn.AvgPool2d(2).forward(X)).all()


def test_a_result_of_pooling_is_not_a_part_of_the_image():
    X = np.ones((1, 1, 2, 2))
    nn.MaxPool2d(1).forward(X)[:] = 7
    nn.AvgPool2d(1).forward(X)[:] = 7
    assert (X == 1).all()


@TYPES
@settings(max_examples=20, deadline=None)
@given(shape=st.tuples(sizes, sizes, sizes, sizes), seed=seeds)
def test_global_pooling_and_flattening_equal_torch(dtype, tolerance, shape, seed):
    X = np.random.default_rng(seed).normal(size=shape).astype(dtype)
    compare(nn.GlobalAvgPool2d(), lambda X: F.adaptive_avg_pool2d(X, 1).flatten(1), X, seed, tolerance)
    compare(nn.Flatten(), lambda X: X.flatten(1), X, seed, tolerance)


def test_flatten_takes_any_shape_and_no_examples():
    assert nn.Flatten().forward(np.zeros((0, 3, 4, 4))).shape == (0, 48)
    assert (
        nn.Flatten().forward(np.zeros((5, 2, 3))).shape == (5, 6) and nn.Flatten().forward(np.zeros((5, 2))).ndim == 2
    )


def random_batchnorm(C, rng, dtype=np.float64):
    """Return a layer whose parameters and running statistics are far from where they start, and PyTorch's twin."""
    layer, twin = nn.BatchNorm2d(C, dtype=dtype), torch.nn.BatchNorm2d(C)
    start = rng.normal(size=C), rng.normal(size=C), rng.normal(size=C), 0.1 + rng.random(C)
    theirs = twin.weight, twin.bias, twin.running_mean, twin.running_var
    for ours, tensor, values in zip(layer.params + layer.buffers, theirs, start, strict=True):
        ours[:] = values
        tensor.data = torch.tensor(values.astype(dtype))
    return layer, twin


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-8), (np.float32, 1e-3)])
@settings(max_examples=20, deadline=None)
@given(shape=st.tuples(st.integers(1, 4), sizes, st.integers(2, 5), sizes), seed=seeds)
def test_batchnorm_equals_torch(training, dtype, tolerance, shape, seed):
    rng = np.random.default_rng(seed)
    layer, twin = random_batchnorm(shape[1], rng, dtype)
    layer.training = twin.training = training
    for _ in range(2):  # the running statistics move on
        twin.zero_grad()
        compare(layer, twin, rng.normal(3, 2, size=shape).astype(dtype), seed, tolerance)
        theirs = twin.weight.grad, twin.bias.grad, twin.running_mean, twin.running_var
        for ours, tensor in zip((*layer.grads, *layer.buffers), theirs, strict=True):
            assert ours.dtype == dtype
            np.testing.assert_allclose(ours, tensor, atol=tolerance, rtol=tolerance)


def test_a_large_batch_in_float32_loses_no_more_than_torch():
    X = np.random.default_rng(0).normal(100, 2, size=(256, 4, 28, 28)).astype(np.float32)
    exact = nn.BatchNorm2d(4, dtype=np.float64).forward(X.astype(np.float64))
    off = [
        np.abs(Y - exact).max()
        for Y in (nn.BatchNorm2d(4).forward(X), F.batch_norm(torch.tensor(X), None, None, training=True).numpy())
    ]
    assert off[0] < 3 * off[1]


LAYERS = {
    "max": (nn.MaxPool2d(2), (2, 3, 2, 2)),
    "mean": (nn.AvgPool2d(2), (2, 3, 2, 2)),
    "global": (nn.GlobalAvgPool2d(), (2, 3)),
    "flatten": (nn.Flatten(), (2, 48)),
    "batch norm": (nn.BatchNorm2d(3), (2, 3, 4, 4)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_gradient_has_the_shape_of_the_output(name):
    layer, shape = LAYERS[name]
    assert layer.forward(np.ones((2, 3, 4, 4), np.float32)).shape == shape
    for wrong in ((1,) * len(shape), shape[:-1], (shape[0] + 1, *shape[1:])):  # NumPy would spread some of these
        with pytest.raises(ValueError, match="dY has shape .*, expected"):
            layer.backward(np.ones(wrong, np.float32))
    assert layer.backward(np.ones(shape, np.float32)).shape == (2, 3, 4, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.MaxPool2d(0), "kernel_size is 0, expected a whole number of at least 1"),
        (lambda: nn.MaxPool2d(2, 0), r"stride is 0, expected .* / stride\) \+ 1"),
        (lambda: nn.MaxPool2d(3, 1, 2), r"2 \* padding is 2 \* 2 = 4, expected at most kernel_size = 3"),
        (lambda: nn.AvgPool2d((4, 1), 1, (2, 1)), r"2 \* padding is 2 \* 1 = 2, expected at most kernel_size = 1"),
        (
            lambda: nn.AvgPool2d(5).forward(np.ones((1, 1, 4, 9))),
            r"size \+ 2 \* padding is 4 \+ 2 \* 0 = 4, expected at least .* = 1 \* \(5 - 1\) \+ 1 = 5",
        ),
        (lambda: nn.MaxPool2d(2).forward(np.ones((4, 4))), r"X has shape \(4, 4\), expected \(N, C, H, W\)"),
        (lambda: nn.GlobalAvgPool2d().forward(np.ones((4, 4))), r"X has shape \(4, 4\), expected \(N, C, H, W\)"),
        (lambda: nn.Flatten().forward(np.ones(4)), r"X has shape \(4,\), expected \(N, C, H, W\)"),
        (lambda: nn.Flatten().forward([[1.0]]), "X is a list, expected a NumPy array of numbers"),
        (lambda: nn.BatchNorm2d(3).forward(np.ones((2, 4, 5, 5))), r"X has shape \(2, 4, 5, 5\), expected \(N, 3, H"),
        (lambda: nn.BatchNorm2d(3).forward(np.ones((2, 3))), r"X has shape \(2, 3\), expected \(N, 3, H, W\)"),
        (lambda: nn.BatchNorm2d(3).forward(np.ones((1, 3, 1, 1))), r"expected N \* H \* W >= 2 in training"),
    ],
)
def test_bad_settings_are_named_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()

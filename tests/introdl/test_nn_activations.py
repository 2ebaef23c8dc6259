"""Activations: PyTorch and central differences judge each layer, over random shapes and for very large inputs."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from introdl import gradcheck, nn

LAYERS = {
    "ReLU": (nn.ReLU, torch.relu),
    "LeakyReLU": (lambda: nn.LeakyReLU(0.2), lambda X: F.leaky_relu(X, 0.2)),
    "ELU": (lambda: nn.ELU(0.7), lambda X: F.elu(X, 0.7)),
    "SELU": (nn.SELU, torch.selu),
    "Sigmoid": (nn.Sigmoid, torch.sigmoid),
    "Tanh": (nn.Tanh, torch.tanh),
    "Softsign": (nn.Softsign, F.softsign),
    "Softplus": (nn.Softplus, lambda X: F.softplus(X, threshold=40)),  # PyTorch's 20 is off by 2e-9
    "SiLU": (nn.SiLU, F.silu),
    "GELU": (nn.GELU, F.gelu),
    "GELUTanh": (nn.GELUTanh, lambda X: F.gelu(X, approximate="tanh")),
    "Softmax": (nn.Softmax, lambda X: torch.softmax(X, dim=1)),
    "PReLU": (nn.PReLU, lambda X: F.prelu(X, torch.tensor([0.25], dtype=X.dtype))),
}
each_layer = pytest.mark.parametrize("name", LAYERS)
shapes = st.tuples(st.integers(0, 6), st.integers(1, 6))
seeds = st.integers(0, 10**6)


def sample(shape, seed, scale=1.0):
    """Return inputs and upstream gradients; some inputs are exactly 0, where kinks are."""
    rng = np.random.default_rng(seed)
    return scale * rng.normal(size=shape) * (rng.random(shape) < 0.9), rng.normal(size=shape)


def away_from_kinks(shape, rng):
    return rng.choice([-1, 1], shape) * (0.1 + rng.random(shape))


def theirs(function, X, dY):
    tensor = torch.tensor(X, requires_grad=True)
    Y = function(tensor)
    Y.backward(torch.tensor(dY))
    return Y.detach().numpy(), tensor.grad.numpy()


def test_every_activation_is_in_the_table():
    others = {"Layer", "Dense", "Sequential", "Dropout", "BatchNorm"}
    others |= {"Conv2d", "MaxPool2d", "AvgPool2d", "GlobalAvgPool2d", "Flatten", "BatchNorm2d"}
    others |= {"Embedding", "RNN", "LSTM", "GRU", "Stacked", "Bidirectional"}
    others |= {"LayerNorm", "MultiHeadAttention", "TransformerBlock"}
    public = {name for name in nn.__all__ if isinstance(getattr(nn, name), type)}
    assert public - others == set(LAYERS)


@each_layer
@settings(max_examples=30, deadline=None)
@given(shape=shapes, seed=seeds, scale=st.sampled_from([0.1, 1.0, 30.0, 1e4]))
def test_values_and_gradients_equal_torch(name, shape, seed, scale):
    make, function = LAYERS[name]
    X, dY = sample(shape, seed, scale)
    before, layer = X.copy(), make()
    Y, dX = theirs(function, X, dY)
    np.testing.assert_allclose(layer.forward(X), Y, rtol=1e-12, atol=1e-10)
    np.testing.assert_allclose(layer.backward(dY), dX, rtol=1e-12, atol=1e-10)
    assert np.array_equal(X, before)


@each_layer
def test_float32_stays_float32_and_equals_torch(name):
    make, function = LAYERS[name]
    X, dY = (a.astype(np.float32) for a in sample((50, 40), seed=0, scale=3.0))
    Y, dX = theirs(function, X, dY)
    layer = make()
    for ours, wanted in ((layer.forward(X), Y), (layer.backward(dY), dX)):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, wanted, rtol=1e-4, atol=5e-6)


@each_layer
@settings(max_examples=10, deadline=None)
@given(N=st.integers(1, 4), D=st.integers(1, 4), seed=seeds)
def test_gradients_equal_central_differences(name, N, D, seed):
    rng = np.random.default_rng(seed)
    layer, X, dY = LAYERS[name][0](), away_from_kinks((N, D), rng), rng.normal(size=(N, D))
    slopes = gradcheck.numerical_gradient(lambda X: float((dY * layer.forward(X)).sum()), X)
    layer.forward(X)
    np.testing.assert_allclose(layer.backward(dY), slopes, atol=1e-8)


@each_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_largest_inputs_neither_overflow_nor_warn(name, dtype):
    huge = np.finfo(dtype).max / 4
    X = np.array([[-huge, -1e4, -100, -1, 0, 1, 100, 1e4, huge]], dtype)
    layer = LAYERS[name][0]()
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        Y, dX = layer.forward(X), layer.backward(np.ones_like(X))
    assert np.isfinite(Y).all() and np.isfinite(dX).all()


@each_layer
def test_whole_numbers_are_counted_as_floats_and_bytes_do_not_wrap_around(name):
    X = np.array([[0, 1, 2, 200]], np.uint8)
    np.testing.assert_allclose(LAYERS[name][0]().forward(X), LAYERS[name][0]().forward(X.astype(np.float64)), rtol=1e-6)


@pytest.mark.parametrize("name", sorted(set(LAYERS) - {"Softmax", "PReLU"}))
def test_entry_by_entry_means_any_shape(name):
    X = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    flat, deep = LAYERS[name][0](), LAYERS[name][0]()
    assert np.array_equal(deep.forward(X), flat.forward(X.reshape(2, 60)).reshape(X.shape))
    assert np.array_equal(deep.backward(X), flat.backward(X.reshape(2, 60)).reshape(X.shape))


@settings(max_examples=30, deadline=None)
@given(shape=shapes, seed=seeds, one_each=st.booleans())
def test_the_learned_slope_of_prelu_equals_torch(shape, seed, one_each):
    X, dY = sample(shape, seed)
    layer = nn.PReLU(shape[1] if one_each else 1, dtype=np.float64)
    layer.params[0][:] = np.random.default_rng(seed).normal(size=len(layer.params[0]))
    tX, alpha = torch.tensor(X, requires_grad=True), torch.tensor(layer.params[0], requires_grad=True)
    torch.where(tX > 0, tX, alpha * tX).backward(torch.tensor(dY))  # F.prelu refuses an empty batch
    layer.forward(X)
    np.testing.assert_allclose(layer.backward(dY), tX.grad, atol=1e-12)
    np.testing.assert_allclose(layer.grads[0], alpha.grad, atol=1e-12)


def test_the_learned_slope_of_prelu_equals_central_differences():
    rng = np.random.default_rng(0)
    layer, X, dY = nn.PReLU(3, dtype=np.float64), rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    slopes = gradcheck.numerical_gradient(lambda _: float((dY * layer.forward(X)).sum()), layer.params[0])
    layer.backward(dY)
    np.testing.assert_allclose(layer.grads[0], slopes, atol=1e-8)


def test_functions_equal_their_layers():
    X = np.random.default_rng(0).normal(size=(4, 3))
    assert np.array_equal(nn.sigmoid(X), nn.Sigmoid().forward(X))
    assert np.array_equal(nn.softmax(X), nn.Softmax().forward(X))


def test_the_constants_of_selu_keep_mean_0_and_variance_1():
    """What the paper solves for: E selu(z) = 0 and E selu(z)^2 = 1 for a standard normal z."""
    z = np.linspace(-12, 12, 200_001)
    weights = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    Y = nn.SELU().forward(z)
    assert (weights * Y).sum() == pytest.approx(0, abs=1e-6)
    assert (weights * Y**2).sum() == pytest.approx(1, abs=1e-6)


def test_the_tanh_form_of_gelu_is_as_close_as_its_docstring_says():
    X = np.linspace(-10, 10, 20_001)
    assert 0.0004 < np.abs(nn.GELU().forward(X) - nn.GELUTanh().forward(X)).max() < 0.0005


@each_layer
@pytest.mark.parametrize("shape", [(1,), (4, 1), (1, 3), (2, 4)])
def test_a_gradient_has_the_shape_of_the_output(name, shape):
    layer = LAYERS[name][0]()
    layer.forward(np.ones((4, 3), np.float32))
    with pytest.raises(ValueError, match=r"dY has shape .*, expected \(4, 3\)"):
        layer.backward(np.ones(shape, np.float32))


@each_layer
@pytest.mark.parametrize("bad", [[[1.0, 2.0]], np.array([["a", "b"]]), None])
def test_an_input_that_is_no_array_of_numbers_is_named(name, bad):
    with pytest.raises(TypeError, match="(X|logits) is a .*, expected a NumPy array of numbers"):
        LAYERS[name][0]().forward(bad)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.LeakyReLU(-0.1), r"alpha is -0\.1, expected a number of at least 0"),
        (lambda: nn.LeakyReLU(np.nan), "alpha is nan, expected a finite number"),
        (lambda: nn.LeakyReLU("0.1"), "alpha is '0.1', expected a number"),
        (lambda: nn.ELU(0), "alpha is 0, expected a number above 0"),
        (lambda: nn.PReLU(0), "num_alphas is 0, expected a whole number of at least 1"),
        (lambda: nn.PReLU(2, alpha=np.inf), "alpha is inf, expected a finite number"),
        (lambda: nn.PReLU(2, dtype=int), "dtype is <class 'int'>, expected np.float32 or np.float64"),
        (lambda: nn.PReLU(2).forward(np.ones((4, 3))), r"X has shape \(4, 3\), expected \(N, 2\)"),
        (lambda: nn.Softmax().forward(np.ones(3)), r"logits has shape \(3,\), expected \(N, D\)"),
        (lambda: nn.softmax(np.ones((3, 0))), r"logits has shape \(3, 0\), expected .* at least one class"),
        (lambda: nn.Dense(2, 3, rng=0), r"rng is a int, expected np\.random\.default_rng\(seed\)"),
        (lambda: nn.Dense(2, 3, np.random.default_rng(0), dtype=None), "dtype is None, expected np.float32"),
        (lambda: nn.Dense(2, 3, np.random.default_rng(0), dtype="no"), "dtype is 'no', expected np.float32"),
    ],
)
def test_bad_settings_are_named_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()

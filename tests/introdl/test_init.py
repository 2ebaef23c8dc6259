"""First weights: the formulas, PyTorch's own functions, and signals through deep networks are the judges."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl import init, nn

widths = st.integers(1, 400)
seeds = st.integers(0, 10**6)


def transposed(function, **settings):
    """Return PyTorch's function for our shape (n_in, n_out): it stores weights as (n_out, n_in)."""
    return lambda shape: function(torch.empty(shape[::-1]), **settings).numpy().T


METHODS = {  # ours, PyTorch's, the variance by its formula
    "xavier_normal": (
        lambda shape, rng: init.xavier_normal(shape, rng, gain=5 / 3),
        transposed(torch.nn.init.xavier_normal_, gain=5 / 3),
        lambda n_in, n_out: 25 / 9 * 2 / (n_in + n_out),
    ),
    "xavier_uniform": (
        init.xavier_uniform,
        transposed(torch.nn.init.xavier_uniform_),
        lambda n_in, n_out: 2 / (n_in + n_out),
    ),
    "kaiming_normal": (
        init.kaiming_normal,
        transposed(torch.nn.init.kaiming_normal_, nonlinearity="relu"),
        lambda n_in, n_out: 2 / n_in,
    ),
    "kaiming_uniform": (
        init.kaiming_uniform,
        transposed(torch.nn.init.kaiming_uniform_, nonlinearity="relu"),
        lambda n_in, n_out: 2 / n_in,
    ),
    "kaiming_normal_fan_out": (
        lambda shape, rng: init.kaiming_normal(shape, rng, mode="fan_out"),
        transposed(torch.nn.init.kaiming_normal_, nonlinearity="relu", mode="fan_out"),
        lambda n_in, n_out: 2 / n_out,
    ),
    "kaiming_uniform_leaky_relu": (
        lambda shape, rng: init.kaiming_uniform(shape, rng, gain=init.gain_of("leaky_relu", 0.5)),
        transposed(torch.nn.init.kaiming_uniform_, a=0.5),
        lambda n_in, n_out: 2 / 1.25 / n_in,
    ),
    "lecun_normal": (
        init.lecun_normal,
        transposed(torch.nn.init.kaiming_normal_, nonlinearity="linear"),
        lambda n_in, n_out: 1 / n_in,
    ),
    "lecun_uniform": (
        init.lecun_uniform,
        transposed(torch.nn.init.kaiming_uniform_, nonlinearity="linear"),
        lambda n_in, n_out: 1 / n_in,
    ),
}
each_method = pytest.mark.parametrize("name", METHODS)


@each_method
@pytest.mark.parametrize("shape", [(300, 500), (800, 100)])
def test_variance_and_shape_of_the_distribution_equal_torch_and_the_formula(name, shape):
    ours, theirs, variance = METHODS[name]
    W = ours(shape, np.random.default_rng(0))
    torch.manual_seed(0)
    V = theirs(shape)
    assert W.shape == V.shape == shape and W.dtype == np.float32
    assert W.var() == pytest.approx(variance(*shape), rel=0.025)  # 5 standard errors of 80,000 draws
    assert W.var() == pytest.approx(V.var(), rel=0.03)
    std = np.sqrt(variance(*shape))
    assert W.mean() == pytest.approx(0, abs=5 * std / np.sqrt(W.size))
    shares = np.linspace(0.01, 0.99, 50)
    np.testing.assert_allclose(np.quantile(W, shares), np.quantile(V, shares), atol=0.05 * std)
    if "uniform" in name:
        assert np.abs(W).max() <= np.sqrt(3) * std * (1 + 1e-6)


@each_method
@settings(max_examples=20, deadline=None)
@given(n_in=widths, n_out=widths, seed=seeds)
def test_a_seed_makes_the_same_weights_again(name, n_in, n_out, seed):
    ours = METHODS[name][0]
    first, again, other = (ours((n_in, n_out), np.random.default_rng(s)) for s in (seed, seed, seed + 1))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    rng = np.random.default_rng(seed)
    assert not np.array_equal(ours((n_in, n_out), rng), ours((n_in, n_out), rng))  # the generator moves on


def test_a_dense_layer_starts_as_kaiming_normal():
    W, _ = nn.Dense(30, 20, np.random.default_rng(7)).params
    assert np.array_equal(W, init.kaiming_normal((30, 20), np.random.default_rng(7)))


@pytest.mark.parametrize("nonlinearity", ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
@pytest.mark.parametrize("alpha", [0.01, 0.3])
def test_gains_equal_torch(nonlinearity, alpha):
    theirs = torch.nn.init.calculate_gain(nonlinearity, alpha if nonlinearity == "leaky_relu" else None)
    assert init.gain_of(nonlinearity, alpha) == pytest.approx(theirs, rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(n_in=widths, n_out=widths)
def test_fans_equal_torch(n_in, n_out):
    assert init.fan_in_out((n_in, n_out)) == torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(n_out, n_in))


def depth(activation, W, layers=20):
    """Return the mean square of a signal after many layers, divided by that at the start."""
    rng = np.random.default_rng(0)
    H = X = rng.normal(size=(200, 256))
    for _ in range(layers):
        H = activation().forward(H @ W((256, 256), rng))
    return (H**2).mean() / (X**2).mean()


def test_kaiming_keeps_the_signal_of_relu_alive_where_others_lose_it():
    assert 0.2 < depth(nn.ReLU, init.kaiming_normal) < 5
    assert 0.2 < depth(nn.ReLU, init.kaiming_uniform) < 5
    assert depth(nn.ReLU, init.xavier_normal) < 1e-5  # half the variance a layer: 2^-20
    assert 0.5 < depth(nn.SELU, init.lecun_normal) < 2


def test_plain_distributions_and_constants():
    rng = np.random.default_rng(0)
    assert init.normal((300, 300), rng, std=0.01).std() == pytest.approx(0.01, rel=0.02)
    W = init.uniform((300, 300), rng, bound=0.3)
    assert W.std() == pytest.approx(0.3 / np.sqrt(3), rel=0.02) and -0.3 <= W.min() < -0.29 < 0.29 < W.max() <= 0.3
    assert init.constant((3,)).tolist() == [0, 0, 0] and init.constant((2, 1), 0.5).tolist() == [[0.5], [0.5]]
    assert not init.normal((2, 2), rng, std=0).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_is_the_one_asked_for(dtype):
    rng = np.random.default_rng(0)
    made = [f((2, 3), rng, dtype=dtype) for f in (init.xavier_normal, init.xavier_uniform, init.lecun_normal)]
    made += [f((2, 3), rng, dtype=dtype) for f in (init.kaiming_normal, init.kaiming_uniform, init.lecun_uniform)]
    made += [init.normal((2,), rng, 1.0, dtype), init.uniform((2,), rng, 1.0, dtype), init.constant((2,), 1.0, dtype)]
    assert {W.dtype for W in made} == {np.dtype(dtype)}


def test_it_needs_only_numpy():
    code = "import sys, introdl.init; print(sorted({'torch', 'matplotlib', 'scipy'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: init.xavier_normal((3,), RNG), r"shape is \(3,\), expected \(n_in, n_out\)"),
        (lambda: init.kaiming_normal(3, RNG), r"shape is 3, expected \(n_in, n_out\)"),
        (lambda: init.kaiming_uniform((3, 0), RNG), r"shape\[1\] is 0, expected a whole number of at least 1"),
        (lambda: init.lecun_normal((2.5, 3), RNG), r"shape\[0\] is 2\.5, expected a whole number of at least 1"),
        (lambda: init.xavier_uniform((3, 2), 0), r"rng is a int, expected np\.random\.default_rng\(seed\)"),
        (lambda: init.xavier_uniform((3, 2), RNG, gain=0), "gain is 0, expected a number above 0"),
        (lambda: init.kaiming_normal((3, 2), RNG, gain=-1), "gain is -1, expected a number above 0"),
        (lambda: init.kaiming_normal((3, 2), RNG, mode="in"), "mode is 'in', expected 'fan_in' or 'fan_out'"),
        (lambda: init.kaiming_normal((3, 2), RNG, dtype=int), "dtype is <class 'int'>, expected np.float32"),
        (lambda: init.gain_of("swish"), "nonlinearity is 'swish', expected one of linear, .*, leaky_relu"),
        (lambda: init.gain_of(["relu"]), r"nonlinearity is \['relu'\], expected one of"),
        (lambda: init.gain_of("leaky_relu", np.nan), "alpha is nan, expected a finite number"),
        (lambda: init.normal((3, 2), RNG, std=-1), "std is -1, expected a number of at least 0"),
        (lambda: init.normal((-3, 2), RNG, std=1), r"shape\[0\] is -3, expected a whole number of at least 0"),
        (lambda: init.uniform((3, 2), RNG, bound=np.inf), "bound is inf, expected a finite number"),
        (lambda: init.constant(5), "shape is 5, expected a tuple of whole numbers"),
        (lambda: init.constant((5,), "0"), "value is '0', expected a number"),
    ],
)
def test_bad_settings_are_named_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()

"""The judges themselves: they accept what is right, and find what is wrong."""

import numpy as np
import pytest

from introdl import gradcheck, nn


def test_central_differences_of_a_known_function():
    x = np.array([[0.5, -1.0], [2.0, 0.0]])
    before = x.copy()
    np.testing.assert_allclose(
        gradcheck.numerical_gradient(lambda x: float((x**3).sum()), x), 3 * x**2, atol=1e-8
    )
    assert np.array_equal(x, before)
    with pytest.raises(TypeError, match="float64"):
        gradcheck.numerical_gradient(lambda x: 0.0, x.astype(np.float32))


def test_relative_error():
    assert gradcheck.relative_error(np.array([1.0, 2.0]), np.array([1.0, 2.2])) == pytest.approx(0.2 / 2.2)
    assert gradcheck.relative_error(np.zeros(3), np.zeros(3)) == 0
    assert np.isnan(gradcheck.relative_error(np.array([np.nan]), np.array([1.0])))
    with pytest.raises(ValueError, match="expected the same"):
        gradcheck.relative_error(np.zeros(3), np.zeros(2))


def setup_dense():
    rng = np.random.default_rng(0)
    return rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=(5, 2))


def test_torch_agrees_with_a_right_layer():
    X, W, b, dY = setup_dense()
    error = gradcheck.same_as_torch(
        "dense", X, W, b, value=X @ W + b, grads=(dY @ W.T, X.T @ dY, dY.sum(0)), upstream=dY
    )
    assert error < 1e-12


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_torch_names_the_gradient_that_is_wrong(wrong):
    X, W, b, dY = setup_dense()
    grads = [dY @ W.T, X.T @ dY, dY.sum(0)]
    grads[wrong] = grads[wrong] * 1.01
    with pytest.raises(AssertionError, match=f"dense: the gradient {wrong} differs"):
        gradcheck.same_as_torch("dense", X, W, b, grads=grads, upstream=dY)


def test_torch_finds_a_wrong_value_and_a_nan():
    X, W, b, _ = setup_dense()
    for value in (X @ W, (X @ W + b) * np.nan):
        with pytest.raises(AssertionError, match="dense: the value differs"):
            gradcheck.same_as_torch("dense", X, W, b, value=value)


def test_a_whole_network_is_judged():
    rng = np.random.default_rng(1)
    net = nn.Sequential(nn.Dense(4, 6, rng, np.float64), nn.ReLU(), nn.Dense(6, 3, rng, np.float64))
    X, y = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)
    logits = net.forward(X)
    dX = net.backward(nn.cross_entropy_backward(logits, y))
    gradcheck.same_as_torch(
        "mlp", X, y, *net.params, value=nn.cross_entropy(logits, y), grads=[dX, *net.grads]
    )


def test_an_unknown_operation_is_named():
    with pytest.raises(ValueError, match="op is 'conv', expected one of dense"):
        gradcheck.same_as_torch("conv", np.ones(3))

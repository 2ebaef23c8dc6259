"""The judges themselves: they accept what is right, and find what is wrong."""

import subprocess
import sys

import numpy as np
import pytest

from introdl import gradcheck, nn


def test_central_differences_of_a_known_function():
    x = np.array([[0.5, -1.0], [2.0, 0.0]])
    before = x.copy()
    np.testing.assert_allclose(gradcheck.numerical_gradient(lambda x: float((x**3).sum()), x), 3 * x**2, atol=1e-8)
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
    gradcheck.same_as_torch("mlp", X, y, *net.params, value=nn.cross_entropy(logits, y), grads=[dX, *net.grads])


def test_an_unknown_operation_is_named():
    with pytest.raises(ValueError, match="op is 'conv', expected one of dense"):
        gradcheck.same_as_torch("conv", np.ones(3))


def test_what_cannot_be_compared_is_an_error_and_not_a_pass():
    X, W, b, dY = setup_dense()
    with pytest.raises(ValueError, match="value and grads are both missing"):
        gradcheck.same_as_torch("dense", X, W, b)
    with pytest.raises(ValueError, match="grads has 2 gradients, expected 3"):
        gradcheck.same_as_torch("dense", X, W, b, grads=[dY @ W.T, X.T @ dY], upstream=dY)
    with pytest.raises(AssertionError, match=r"dense: the value has shape \(2, 5\), PyTorch's has \(5, 2\)"):
        gradcheck.same_as_torch("dense", X, W, b, value=(X @ W + b).T)


def test_a_gradient_may_be_left_out():
    X, W, b, dY = setup_dense()
    gradcheck.same_as_torch("dense", X, W, b, grads=[None, X.T @ dY, None], upstream=dY)
    with pytest.raises(AssertionError, match="gradient 1"):
        gradcheck.same_as_torch("dense", X, W, b, grads=[None, -X.T @ dY, None], upstream=dY)


def test_whole_numbers_are_inputs_like_others_and_targets_have_no_gradient():
    X, W, b = np.arange(6).reshape(3, 2), np.eye(2, dtype=np.int64), np.ones(2)
    gradcheck.same_as_torch("dense", X, W, b, value=X + 1.0)
    y_hat, y = np.array([1.0, 2.0]), np.array([0, 4])
    gradcheck.same_as_torch("mse", y_hat, y, value=2.5, grads=[np.array([1.0, -2.0])])
    logits, y = np.zeros((2, 2)), np.array([0, 1], dtype=np.uint8)
    gradcheck.same_as_torch("cross_entropy", logits, y, value=np.log(2), grads=[np.array([[-1, 1], [1, -1]]) / 4])


def test_the_point_comes_back_even_if_the_function_fails():
    x = np.array([1.0, 2.0])
    with pytest.raises(ZeroDivisionError):
        gradcheck.numerical_gradient(lambda x: 1 // 0, x)
    assert x.tolist() == [1.0, 2.0]


def test_importing_the_judges_does_not_import_torch():
    code = "import sys, introdl.gradcheck, introdl.nn, introdl.optim; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

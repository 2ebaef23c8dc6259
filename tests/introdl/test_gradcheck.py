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


ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "softsign": nn.Softsign,
    "softplus": nn.Softplus,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "gelu_tanh": nn.GELUTanh,
    "softmax": nn.Softmax,
}
LOSSES = {
    "binary_cross_entropy": (nn.binary_cross_entropy, nn.binary_cross_entropy_backward),
    "mse": (nn.mean_squared_error, nn.mean_squared_error_backward),
    "mae": (nn.mean_absolute_error, nn.mean_absolute_error_backward),
    "huber": (nn.huber, nn.huber_backward),
}


@pytest.mark.parametrize("op", ACTIVATIONS)
def test_activations_are_judged(op):
    X, _, _, _ = setup_dense()
    layer, dY = ACTIVATIONS[op](), X[::-1] + 0.1
    Y, dX = layer.forward(20 * X), layer.backward(dY)
    assert gradcheck.same_as_torch(op, 20 * X, value=Y, grads=[dX], upstream=dY) < 1e-12
    with pytest.raises(AssertionError, match=f"{op}: the value differs"):
        gradcheck.same_as_torch(op, 20 * X, value=Y * 1.01)
    with pytest.raises(AssertionError, match=f"{op}: the gradient 0 differs"):
        gradcheck.same_as_torch(op, 20 * X, grads=[dX * 1.01], upstream=dY)


@pytest.mark.parametrize(("op", "make"), [("leaky_relu", nn.LeakyReLU), ("elu", nn.ELU)])
def test_a_setting_is_an_input_without_a_gradient(op, make):
    X, _, _, _ = setup_dense()
    layer = make(0.3)
    Y = layer.forward(X)
    gradcheck.same_as_torch(op, X, 0.3, value=Y, grads=[layer.backward(X)], upstream=X)
    with pytest.raises(AssertionError, match=f"{op}: the value differs"):
        gradcheck.same_as_torch(op, X, 0.4, value=Y)


@pytest.mark.parametrize("num_alphas", [1, 3])
def test_a_learned_slope_is_an_input_with_a_gradient(num_alphas):
    X, _, _, _ = setup_dense()
    layer = nn.PReLU(num_alphas, dtype=np.float64)
    value, dX = layer.forward(X), layer.backward(X)
    gradcheck.same_as_torch("prelu", X, *layer.params, value=value, grads=[dX, *layer.grads], upstream=X)


@pytest.mark.parametrize("op", LOSSES)
@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.uint8])
def test_losses_are_judged(op, dtype):
    rng = np.random.default_rng(0)
    outputs, y = rng.normal(size=(5, 2)), rng.integers(0, 2, (5, 2)).astype(dtype)
    loss, backward = LOSSES[op]
    gradcheck.same_as_torch(op, outputs, y, value=loss(outputs, y), grads=[backward(outputs, y)])
    with pytest.raises(AssertionError, match=f"{op}: the gradient 0 differs"):
        gradcheck.same_as_torch(op, outputs, y, grads=[backward(outputs, y) * len(y)])


def test_the_delta_of_huber_is_a_setting():
    y_hat, y = np.array([0.0, 1.0, 5.0]), np.zeros(3)
    gradcheck.same_as_torch(
        "huber", y_hat, y, 2.0, value=nn.huber(y_hat, y, 2.0), grads=[nn.huber_backward(y_hat, y, 2.0)]
    )


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_is_judged_in_both_modes(training):
    rng = np.random.default_rng(0)
    layer, X, dY = nn.BatchNorm(3, dtype=np.float64), rng.normal(2, 3, size=(6, 3)), rng.normal(size=(6, 3))
    layer.forward(X)
    layer.training = training
    inputs = [X, *layer.params, *([] if training else layer.buffers)]
    value, dX = layer.forward(X), layer.backward(dY)
    gradcheck.same_as_torch("batch_norm", *inputs, value=value, grads=[dX, *layer.grads], upstream=dY)
    with pytest.raises(AssertionError, match="batch_norm: the gradient 0 differs"):
        gradcheck.same_as_torch("batch_norm", *inputs, grads=[dY, None, None], upstream=dY)


def test_penalties_are_judged():
    W = np.random.default_rng(0).normal(size=(4, 3))
    l1, l2 = nn.l1_penalty_backward(W, 0.2), nn.l2_penalty_backward(W, 0.2)
    gradcheck.same_as_torch("l1_penalty", W, 0.2, value=nn.l1_penalty(W, 0.2), grads=[l1])
    gradcheck.same_as_torch("l2_penalty", W, 0.2, value=nn.l2_penalty(W, 0.2), grads=[l2])
    with pytest.raises(AssertionError, match="l2_penalty: the value differs"):
        gradcheck.same_as_torch("l2_penalty", W, 0.2, value=2 * nn.l2_penalty(W, 0.2))


def test_the_steps_of_an_optimizer_are_judged():
    rng = np.random.default_rng(0)
    start, gradients, lr = rng.normal(size=(2, 3)), rng.normal(size=(100, 2, 3)), 0.1
    p, velocity = start.copy(), np.zeros((2, 3))
    for g in gradients:
        velocity = 0.9 * velocity + g
        p -= lr * velocity
    settings = {"lr": lr, "momentum": 0.9}
    assert gradcheck.same_steps_as_torch("SGD", settings, start, gradients, value=p) < 1e-12
    with pytest.raises(AssertionError, match="SGD: the parameter differs"):
        gradcheck.same_steps_as_torch("SGD", settings, start, gradients[:-1], value=p)
    with pytest.raises(AssertionError, match="Adam: the parameter differs"):
        gradcheck.same_steps_as_torch("Adam", {"lr": lr}, start, gradients, value=p)
    with pytest.raises(ValueError, match="optimizer is 'sgd', expected a name in torch.optim"):
        gradcheck.same_steps_as_torch("sgd", settings, start, gradients, value=p)
    with pytest.raises(ValueError, match=r"gradients has shape \(2, 3\), expected \(steps, \*\(2, 3\)\)"):
        gradcheck.same_steps_as_torch("SGD", settings, start, gradients[0], value=p)


def test_every_operation_is_judged_here():
    judged = {*ACTIVATIONS, *LOSSES, "dense", "prelu", "batch_norm", "cross_entropy", "l1_penalty", "l2_penalty", "mlp"}
    assert set(gradcheck.OPERATIONS) == judged

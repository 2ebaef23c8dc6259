"""Losses and penalties: PyTorch and central differences judge values and gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from introdl import gradcheck, nn

LOSSES = {
    "mean_squared_error": (nn.mean_squared_error, nn.mean_squared_error_backward, F.mse_loss),
    "mean_absolute_error": (nn.mean_absolute_error, nn.mean_absolute_error_backward, F.l1_loss),
    "huber": (nn.huber, nn.huber_backward, F.huber_loss),
    "binary_cross_entropy": (
        nn.binary_cross_entropy,
        nn.binary_cross_entropy_backward,
        F.binary_cross_entropy_with_logits,
    ),
}
each_loss = pytest.mark.parametrize("name", LOSSES)
PENALTIES = {
    "l2": (nn.l2_penalty, nn.l2_penalty_backward, lambda W: (W**2).sum() / 2),
    "l1": (nn.l1_penalty, nn.l1_penalty_backward, lambda W: W.abs().sum()),
}
each_penalty = pytest.mark.parametrize("name", PENALTIES)
shapes = st.sampled_from([(1,), (7,), (3, 1), (4, 5), (2, 3, 4)])
seeds = st.integers(0, 10**6)
scales = st.sampled_from([0.1, 1.0, 30.0, 1e4])


def targets(name, shape, rng):
    if name == "binary_cross_entropy":  # yes, no, and something between
        return rng.choice([0.0, 1.0, rng.random()], shape)
    return rng.normal(size=shape)


@each_loss
@settings(max_examples=40, deadline=None)
@given(shape=shapes, seed=seeds, scale=scales)
def test_losses_equal_torch(name, shape, seed, scale):
    loss, backward, function = LOSSES[name]
    rng = np.random.default_rng(seed)
    y = targets(name, shape, rng)
    outputs = scale * rng.normal(size=shape)
    outputs.flat[0] = y.flat[0]  # the kink of the absolute error
    before = outputs.copy(), y.copy()
    tensor = torch.tensor(outputs, requires_grad=True)
    theirs = function(tensor, torch.tensor(y))
    theirs.backward()
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, gradient = loss(outputs, y), backward(outputs, y)
    assert type(value) is float
    np.testing.assert_allclose(value, theirs.item(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(gradient, tensor.grad, rtol=1e-12, atol=1e-14)
    assert np.array_equal(outputs, before[0]) and np.array_equal(y, before[1])


@each_loss
@settings(max_examples=10, deadline=None)
@given(shape=shapes, seed=seeds)
def test_losses_equal_central_differences(name, shape, seed):
    loss, backward, _ = LOSSES[name]
    rng = np.random.default_rng(seed)
    y = targets(name, shape, rng)
    outputs = y + rng.choice([-1, 1], shape) * rng.choice([0.5, 1.5], shape)  # not at 0, not at Huber's 1
    slopes = gradcheck.numerical_gradient(lambda outputs: loss(outputs, y), outputs)
    np.testing.assert_allclose(backward(outputs, y), slopes, atol=1e-8)


@settings(max_examples=20, deadline=None)
@given(N=st.integers(1, 5), C=st.integers(1, 5), seed=seeds)
def test_cross_entropy_equals_central_differences(N, C, seed):
    rng = np.random.default_rng(seed)
    logits, y = rng.normal(size=(N, C)), rng.integers(0, C, N)
    slopes = gradcheck.numerical_gradient(lambda logits: nn.cross_entropy(logits, y), logits)
    np.testing.assert_allclose(nn.cross_entropy_backward(logits, y), slopes, atol=1e-8)


@settings(max_examples=30, deadline=None)
@given(shape=shapes, seed=seeds, delta=st.floats(0.01, 5))
def test_the_delta_of_huber_equals_torch(shape, seed, delta):
    rng = np.random.default_rng(seed)
    y_hat, y = 3 * rng.normal(size=shape), rng.normal(size=shape)
    tensor = torch.tensor(y_hat, requires_grad=True)
    theirs = F.huber_loss(tensor, torch.tensor(y), delta=delta)
    theirs.backward()
    assert nn.huber(y_hat, y, delta) == pytest.approx(theirs.item(), rel=1e-12)
    np.testing.assert_allclose(nn.huber_backward(y_hat, y, delta), tensor.grad, atol=1e-14)


def test_binary_is_cross_entropy_of_two_classes_one_of_them_with_logit_0():
    rng = np.random.default_rng(0)
    logits, y = rng.normal(size=20), rng.integers(0, 2, 20)
    both = np.stack([np.zeros(20), logits], axis=1)
    assert nn.binary_cross_entropy(logits, y) == pytest.approx(nn.cross_entropy(both, y))
    np.testing.assert_allclose(
        nn.binary_cross_entropy_backward(logits, y), nn.cross_entropy_backward(both, y)[:, 1], atol=1e-15
    )


@each_loss
def test_float32_stays_float32_whatever_the_targets_are(name):
    rng = np.random.default_rng(0)
    outputs = rng.normal(size=(30, 4)).astype(np.float32)
    for dtype in (np.float32, np.float64, np.int64, np.uint8, bool):
        y = rng.integers(0, 2, (30, 4)).astype(dtype)
        gradient = LOSSES[name][1](outputs, y)
        tensor = torch.tensor(outputs, requires_grad=True)
        LOSSES[name][2](tensor, torch.tensor(y.astype(np.float32))).backward()
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, tensor.grad, rtol=1e-5, atol=1e-8)


def test_logits_that_are_bytes_do_not_wrap_around():
    logits = np.array([[3, 1, 200], [0, 9, 255]], np.uint8)
    assert nn.cross_entropy(logits, np.array([2, 2])) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(nn.softmax(logits), [[0, 0, 1], [0, 0, 1]], atol=1e-12)


@each_penalty
@settings(max_examples=30, deadline=None)
@given(shape=shapes, seed=seeds, strength=st.floats(0, 10))
def test_penalties_equal_torch(name, shape, seed, strength):
    penalty, backward, function = PENALTIES[name]
    W = np.random.default_rng(seed).normal(size=shape)
    W.flat[0] = 0.0
    tensor = torch.tensor(W, requires_grad=True)
    theirs = strength * function(tensor)
    theirs.backward()
    assert penalty(W, strength) == pytest.approx(theirs.item(), rel=1e-12)
    np.testing.assert_allclose(backward(W, strength), tensor.grad, atol=1e-12)


@each_penalty
def test_penalties_equal_central_differences(name):
    penalty, backward, _ = PENALTIES[name]
    W = np.random.default_rng(0).choice([-1.5, -0.5, 0.5, 1.5], (4, 3))
    slopes = gradcheck.numerical_gradient(lambda W: penalty(W, 0.3), W)
    np.testing.assert_allclose(backward(W, 0.3), slopes, atol=1e-8)


@settings(max_examples=50, deadline=None)
@given(shape=shapes, seed=seeds, threshold=st.floats(0, 2))
def test_soft_threshold_equals_torch_and_leaves_exact_zeros(shape, seed, threshold):
    W = np.random.default_rng(seed).normal(size=shape)
    ours = nn.soft_threshold(W, threshold)
    np.testing.assert_allclose(ours, F.softshrink(torch.tensor(W), threshold), atol=1e-15)
    assert np.array_equal(ours == 0, np.abs(W) <= threshold)


def test_soft_threshold_is_the_best_step_for_the_penalty():
    """Against all other W on a fine grid: |W - before|^2 / 2 + threshold * |W| is smallest there."""
    grid = np.linspace(-3, 3, 60_001)
    for before in (-2.0, -0.3, 0.0, 0.2, 1.1):
        costs = (grid - before) ** 2 / 2 + 0.4 * np.abs(grid)
        assert nn.soft_threshold(np.array([before]), 0.4) == pytest.approx(grid[costs.argmin()], abs=1e-4)


def test_penalties_keep_float32():
    W = np.ones((2, 2), np.float32)
    strength = np.float64(0.5)
    for function in (nn.l1_penalty_backward, nn.l2_penalty_backward, nn.soft_threshold):
        assert function(W, strength).dtype == np.float32


ONES = np.ones((4, 1))


@each_loss
@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize(
    ("outputs", "y", "error", "message"),
    [
        (ONES, np.ones(4), ValueError, r"y has shape \(4,\), expected \(4, 1\)"),  # would spread to (4, 4)
        (ONES, [[1]] * 4, TypeError, "y is a list, expected a NumPy array of numbers"),
        ([1.0], np.ones(1), TypeError, "(logits|y_hat) is a list, expected a NumPy array of numbers"),
        (np.ones(0), np.ones(0), ValueError, r"(logits|y_hat) has shape \(0,\), expected at least one entry"),
    ],
)
def test_arrays_that_do_not_fit_are_named(name, part, outputs, y, error, message):
    with pytest.raises(error, match=message):
        LOSSES[name][part](outputs, y)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.binary_cross_entropy(ONES, 2 * ONES), r"y holds values from 2.0 to 2.0, expected 0 to 1"),
        (lambda: nn.binary_cross_entropy_backward(ONES, -ONES), r"y holds values from -1.0 to -1.0, expected 0 to 1"),
        (lambda: nn.binary_cross_entropy(ONES, np.nan * ONES), r"y holds values from nan to nan, expected 0 to 1"),
        (lambda: nn.huber(ONES, ONES, delta=0), "delta is 0, expected a number above 0"),
        (lambda: nn.huber_backward(ONES, ONES, delta=-1), "delta is -1, expected a number above 0"),
        (lambda: nn.l2_penalty(ONES, -1), "strength is -1, expected a number of at least 0"),
        (lambda: nn.l2_penalty_backward(ONES, np.nan), "strength is nan, expected a finite number"),
        (lambda: nn.l1_penalty(ONES, None), "strength is None, expected a number"),
        (lambda: nn.l1_penalty_backward([1.0], 1), "W is a list, expected a NumPy array"),
        (lambda: nn.soft_threshold(ONES, -0.1), r"threshold is -0\.1, expected a number of at least 0"),
    ],
)
def test_bad_settings_are_named_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()

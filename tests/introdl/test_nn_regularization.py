"""Dropout, batch normalization, the two modes, and 100 steps of training beside PyTorch."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from introdl import gradcheck, nn

seeds = st.integers(0, 10**6)
rows = st.integers(2, 7)
sizes = st.integers(1, 6)
MODES = pytest.mark.parametrize("training", [True, False])


def random_batchnorm(D, rng, **settings):
    """Return a layer whose parameters and running statistics are far from where they start, and PyTorch's twin."""
    layer = nn.BatchNorm(D, dtype=np.float64, **settings)
    twin = torch.nn.BatchNorm1d(D, dtype=torch.float64, **settings)
    start = rng.normal(size=D), rng.normal(size=D), rng.normal(size=D), 0.1 + rng.random(D)
    theirs = twin.weight, twin.bias, twin.running_mean, twin.running_var
    for ours, tensor, values in zip(layer.params + layer.buffers, theirs, start, strict=True):
        ours[:] = values
        tensor.data = torch.tensor(values)
    return layer, twin


@MODES
@settings(max_examples=30, deadline=None)
@given(N=rows, D=sizes, seed=seeds, momentum=st.floats(0, 1), eps=st.sampled_from([1e-5, 1e-3]))
def test_batchnorm_equals_torch(training, N, D, seed, momentum, eps):
    rng = np.random.default_rng(seed)
    layer, twin = random_batchnorm(D, rng, momentum=momentum, eps=eps)
    layer.training = twin.training = training
    for _ in range(3):  # the running statistics move on
        X, dY = rng.normal(3, 2, size=(N, D)), rng.normal(size=(N, D))
        tensor = torch.tensor(X, requires_grad=True)
        twin.zero_grad()
        Y = twin(tensor)
        Y.backward(torch.tensor(dY))
        np.testing.assert_allclose(layer.forward(X), Y.detach(), atol=1e-10)
        np.testing.assert_allclose(layer.backward(dY), tensor.grad, atol=1e-8, rtol=1e-8)
        for ours, theirs in zip(
            (*layer.grads, *layer.buffers),
            (twin.weight.grad, twin.bias.grad, twin.running_mean, twin.running_var),
            strict=True,
        ):
            np.testing.assert_allclose(ours, theirs, atol=1e-10)


@MODES
def test_batchnorm_equals_central_differences(training):
    rng = np.random.default_rng(0)
    layer, _ = random_batchnorm(3, rng)
    layer.training = training
    X, dY = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))

    def loss(_):
        kept = [b.copy() for b in layer.buffers]
        value = float((dY * layer.forward(X)).sum())
        for running, old in zip(layer.buffers, kept, strict=True):
            running[:] = old  # else the running statistics would move with every nudge
        return value

    slopes = [gradcheck.numerical_gradient(loss, x) for x in (X, *layer.params)]
    loss(X)
    for ours, wanted in zip((layer.backward(dY), *layer.grads), slopes, strict=True):
        np.testing.assert_allclose(ours, wanted, atol=1e-8)


def test_batchnorm_gives_every_feature_mean_0_and_variance_1_whatever_came_in():
    X = np.random.default_rng(0).normal(1e4, 300, size=(200, 5)).astype(np.float32)
    Y = nn.BatchNorm(5).forward(X)
    np.testing.assert_allclose(Y.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(Y.var(axis=0), 1, atol=1e-3)


def test_batchnorm_in_evaluation_looks_at_one_example_at_a_time_and_learns_no_statistics():
    rng = np.random.default_rng(0)
    layer, X = nn.BatchNorm(3, dtype=np.float64), rng.normal(5, 2, size=(20, 3))
    for _ in range(200):
        layer.forward(X)
    np.testing.assert_allclose(layer.buffers[0], X.mean(axis=0))
    np.testing.assert_allclose(layer.buffers[1], X.var(axis=0, ddof=1))
    before, layer.training = copy.deepcopy(layer.buffers), False
    whole = layer.forward(X)
    np.testing.assert_allclose(whole, np.concatenate([layer.forward(x[np.newaxis]) for x in X]))
    assert all(map(np.array_equal, before, layer.buffers))


def test_a_backward_pass_belongs_to_the_mode_of_its_forward_pass():
    rng = np.random.default_rng(0)
    layer, X, dY = nn.BatchNorm(3), rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    layer.forward(X)
    dX = layer.backward(dY)
    layer.training = False  # only for what comes
    assert np.array_equal(layer.backward(dY), dX)


@settings(max_examples=30, deadline=None)
@given(N=st.integers(0, 7), D=sizes, seed=seeds, p=st.floats(0, 0.95))
def test_dropout_drops_or_enlarges_and_the_gradient_goes_the_same_way(N, D, seed, p):
    rng = np.random.default_rng(seed)
    X, dY = 1 + rng.random((N, D)), rng.normal(size=(N, D))
    layer = nn.Dropout(p, np.random.default_rng(seed))
    Y = layer.forward(X)
    kept = Y != 0
    np.testing.assert_allclose(Y, np.where(kept, X / (1 - p), 0))
    np.testing.assert_allclose(layer.backward(dY), np.where(kept, dY / (1 - p), 0))
    if p == 0:
        assert kept.all()


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dropout_drops_a_share_p_keeps_the_mean_and_the_type(p, dtype):
    X = np.ones((500, 400), dtype)
    layer = nn.Dropout(p, np.random.default_rng(0))
    Y = layer.forward(X)
    theirs = F.dropout(torch.ones(500, 400), p)
    assert Y.dtype == layer.backward(X).dtype == dtype
    assert (Y == 0).mean() == pytest.approx(p, abs=0.005)  # 4 standard errors
    assert Y.mean() == pytest.approx(1, abs=0.02)
    assert Y.max() == pytest.approx(theirs.max().item())
    assert not np.array_equal(Y, layer.forward(X))  # every pass draws anew


def test_dropout_is_reproducible_and_independent_of_the_type():
    X = np.ones((20, 30))
    masks = [
        nn.Dropout(0.4, np.random.default_rng(seed)).forward(X.astype(dtype)) > 0
        for seed, dtype in ((1, np.float32), (1, np.float64), (2, np.float64))
    ]
    assert np.array_equal(masks[0], masks[1]) and not np.array_equal(masks[1], masks[2])


def test_dropout_in_evaluation_changes_nothing_and_draws_nothing():
    rng = np.random.default_rng(0)
    state = copy.deepcopy(rng.bit_generator.state)
    layer, X = nn.Dropout(0.5, rng), np.random.default_rng(1).normal(size=(4, 3))
    layer.training = False
    assert np.array_equal(layer.forward(X), X) and np.array_equal(layer.backward(X), X)
    assert rng.bit_generator.state == state


def test_a_network_switches_all_its_layers_also_those_inside():
    rng = np.random.default_rng(0)
    inner = nn.Sequential(nn.BatchNorm(3), nn.Dropout(0.5, rng))
    net = nn.Sequential(nn.Dense(3, 3, rng), inner, nn.ReLU())
    X = rng.normal(size=(6, 3)).astype(np.float32)
    assert not np.array_equal(net.forward(X), net.forward(X))  # it starts in training
    net.eval()
    assert not inner.layers[1].training and np.array_equal(net.forward(X), net.forward(X))
    net.train()
    assert inner.layers[1].training and not np.array_equal(net.forward(X), net.forward(X))


def test_a_network_lists_the_running_statistics_that_a_copy_needs():
    rng = np.random.default_rng(0)
    net = nn.Sequential(nn.Dense(3, 4, rng), nn.BatchNorm(4), nn.PReLU(), nn.Sequential(nn.Dense(4, 2, rng)))
    assert [p.shape for p in net.params] == [(3, 4), (4,), (4,), (4,), (1,), (4, 2), (2,)]
    assert [g.shape for g in net.grads] == [p.shape for p in net.params]
    before, listed = copy.deepcopy(net.buffers), net.buffers
    net.forward(rng.normal(3, 1, size=(8, 3)))
    assert len(listed) == 2 and not any(map(np.array_equal, before, listed))  # changed in place


def test_two_layers_share_no_statistics():
    first, second = nn.BatchNorm(2), nn.BatchNorm(2)
    first.forward(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert not second.buffers[0].any()


def mixed_network(rng, dtype):
    """One of each kind that a lesson may build: what PyTorch is handed below must be the same."""
    layers = (nn.Dense(6, 8, rng, dtype), nn.BatchNorm(8, dtype=dtype), nn.GELU(), nn.Dropout(0.3, rng))
    layers += (nn.Dense(8, 8, rng, dtype), nn.PReLU(8, dtype=dtype), nn.Dense(8, 8, rng, dtype), nn.ELU())
    layers += (nn.Dense(8, 8, rng, dtype), nn.SiLU(), nn.Dense(8, 5, rng, dtype), nn.Tanh(), nn.Dense(5, 3, rng, dtype))
    return nn.Sequential(*layers)


def mixed_forward(X, params, running, mask):
    W1, b1, gamma, beta, W2, b2, slopes, W3, b3, W4, b4, W5, b5, W6, b6 = params
    H = F.batch_norm(X @ W1 + b1, *running, gamma, beta, training=True)
    H = F.prelu(F.gelu(H) * mask @ W2 + b2, slopes)
    H = F.silu(F.elu(H @ W3 + b3) @ W4 + b4)
    return torch.tanh(H @ W5 + b5) @ W6 + b6


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-9), (np.float32, 1e-4)])
def test_a_hundred_steps_equal_torch(dtype, tolerance):
    rng, lr = np.random.default_rng(0), 0.05
    net = mixed_network(rng, dtype)
    start = copy.deepcopy(net.params)
    params = [torch.tensor(p, requires_grad=True) for p in net.params]
    running = [torch.tensor(b) for b in net.buffers]
    optimizer = torch.optim.SGD(params, lr)
    for _ in range(100):
        X, y = rng.normal(size=(16, 6)).astype(dtype), rng.integers(0, 3, 16)
        logits = net.forward(X)
        net.backward(nn.cross_entropy_backward(logits, y))
        for p, g in zip(net.params, net.grads, strict=True):
            assert g.dtype == dtype
            p -= lr * g
        optimizer.zero_grad()
        mask = torch.tensor(net.layers[3].mask)
        loss = F.cross_entropy(mixed_forward(torch.tensor(X), params, running, mask), torch.tensor(y))
        loss.backward()
        optimizer.step()
    assert nn.cross_entropy(logits, y) == pytest.approx(loss.item(), abs=tolerance)
    for ours, theirs in zip(net.params + net.buffers, params + running, strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), atol=tolerance)
    assert all(np.abs(p - old).max() > 100 * tolerance for p, old in zip(net.params, start, strict=True) if p.ndim == 2)


@pytest.mark.parametrize("activation", [nn.LeakyReLU, nn.SELU, nn.Sigmoid, nn.Softplus, nn.Softsign, nn.GELUTanh])
def test_a_hundred_steps_of_regression_equal_torch(activation):
    twins = {
        nn.LeakyReLU: torch.nn.LeakyReLU(),
        nn.SELU: torch.nn.SELU(),
        nn.Sigmoid: torch.nn.Sigmoid(),
        nn.Softplus: torch.nn.Softplus(threshold=40),
        nn.Softsign: torch.nn.Softsign(),
        nn.GELUTanh: torch.nn.GELU(approximate="tanh"),
    }
    rng, lr = np.random.default_rng(0), 0.05
    net = nn.Sequential(nn.Dense(4, 6, rng, np.float64), activation(), nn.Dense(6, 1, rng, np.float64))
    params = [torch.tensor(p, requires_grad=True) for p in net.params]
    optimizer = torch.optim.SGD(params, lr)
    for step in range(100):
        X, y = rng.normal(size=(10, 4)), rng.normal(size=(10, 1))
        huber = step % 2  # both losses of regression in turn
        backward = nn.huber_backward if huber else nn.mean_squared_error_backward
        net.backward(backward(net.forward(X), y))
        for p, g in zip(net.params, net.grads, strict=True):
            p -= lr * g
        optimizer.zero_grad()
        y_hat = twins[activation](torch.tensor(X) @ params[0] + params[1]) @ params[2] + params[3]
        (F.huber_loss if huber else F.mse_loss)(y_hat, torch.tensor(y)).backward()
        optimizer.step()
    for ours, theirs in zip(net.params, params, strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), atol=1e-10)


@pytest.mark.parametrize("layer", [nn.BatchNorm(3), nn.Dropout(0.5, np.random.default_rng(0))])
@pytest.mark.parametrize("shape", [(1,), (4, 1), (1, 3), (2, 4)])
def test_a_gradient_has_the_shape_of_the_output(layer, shape):
    layer.forward(np.ones((4, 3), np.float32))
    with pytest.raises(ValueError, match=r"dY has shape .*, expected \(4, 3\)"):
        layer.backward(np.ones(shape, np.float32))


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.Dropout(1, RNG), "p is 1, expected a number from 0 to below 1"),
        (lambda: nn.Dropout(-0.1, RNG), r"p is -0\.1, expected a number from 0 to below 1"),
        (lambda: nn.Dropout(np.nan, RNG), "p is nan, expected a finite number"),
        (lambda: nn.Dropout(True, RNG), "p is True, expected a number"),
        (lambda: nn.Dropout(0.5, 1), r"rng is a int, expected np\.random\.default_rng\(seed\)"),
        (lambda: nn.Dropout(0.5, RNG).forward([1.0]), "X is a list, expected a NumPy array"),
        (lambda: nn.BatchNorm(0), "num_features is 0, expected a whole number of at least 1"),
        (lambda: nn.BatchNorm(3, momentum=1.5), r"momentum is 1\.5, expected a number from 0 to 1"),
        (lambda: nn.BatchNorm(3, eps=0), "eps is 0, expected a number above 0"),
        (lambda: nn.BatchNorm(3, dtype=np.int64), "dtype is .*int64.*, expected np.float32 or np.float64"),
        (lambda: nn.BatchNorm(3).forward(np.ones((4, 2))), r"X has shape \(4, 2\), expected \(N, 3\)"),
        (
            lambda: nn.BatchNorm(3).forward(np.ones((1, 3))),
            r"X has shape \(1, 3\), expected at least 2 rows",
        ),
    ],
)
def test_bad_settings_are_named_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()

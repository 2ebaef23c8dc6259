"""Layers and losses: PyTorch is the judge of values and gradients, over random shapes."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl import nn

sizes = st.integers(1, 7)
seeds = st.integers(0, 10**6)
LAYERS = {"relu": (nn.ReLU, torch.relu), "tanh": (nn.Tanh, torch.tanh)}


def network(rng, *widths, dtype=np.float64):
    layers = [nn.Dense(n_in, n_out, rng, dtype) for n_in, n_out in zip(widths, widths[1:], strict=False)]
    return nn.Sequential(*[part for layer in layers for part in (layer, nn.ReLU())][:-1])


@settings(max_examples=30, deadline=None)
@given(N=st.integers(0, 7), D=sizes, C=sizes, seed=seeds)
def test_dense_equals_torch(N, D, C, seed):
    rng = np.random.default_rng(seed)
    layer, X, dY = nn.Dense(D, C, rng, np.float64), rng.normal(size=(N, D)), rng.normal(size=(N, C))
    layer.params[1][:] = rng.normal(size=C)  # at 0, as it starts, a bias could be forgotten
    tX, tW, tb = (torch.tensor(a, requires_grad=True) for a in (X, *layer.params))
    theirs = tX @ tW + tb
    np.testing.assert_allclose(layer.forward(X), theirs.detach(), atol=1e-12)
    theirs.backward(torch.tensor(dY))
    np.testing.assert_allclose(layer.backward(dY), tX.grad, atol=1e-12)
    for ours, tensor in zip(layer.grads, (tW, tb), strict=True):
        np.testing.assert_allclose(ours, tensor.grad, atol=1e-12)


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=30, deadline=None)
@given(N=sizes, D=sizes, seed=seeds)
def test_activations_equal_torch(name, N, D, seed):
    ours, theirs = LAYERS[name]
    rng = np.random.default_rng(seed)
    X, dY = rng.normal(size=(N, D)), rng.normal(size=(N, D))
    X[0, 0] = 0.0  # the kink
    layer, tX = ours(), torch.tensor(X, requires_grad=True)
    Y = theirs(tX)
    np.testing.assert_allclose(layer.forward(X), Y.detach(), atol=1e-12)
    Y.backward(torch.tensor(dY))
    np.testing.assert_allclose(layer.backward(dY), tX.grad, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(N=sizes, C=st.integers(2, 7), seed=seeds, scale=st.sampled_from([1.0, 30.0, 1e4]))
def test_softmax_and_cross_entropy_equal_torch_even_for_large_logits(N, C, seed, scale):
    rng = np.random.default_rng(seed)
    logits, y = scale * rng.normal(size=(N, C)), rng.integers(0, C, N)
    tensor = torch.tensor(logits, requires_grad=True)
    np.testing.assert_allclose(nn.softmax(logits), torch.softmax(tensor, 1).detach(), atol=1e-12)
    loss = torch.nn.functional.cross_entropy(tensor, torch.tensor(y))
    np.testing.assert_allclose(nn.cross_entropy(logits, y), loss.item(), rtol=1e-10, atol=1e-12)
    loss.backward()
    np.testing.assert_allclose(nn.cross_entropy_backward(logits, y), tensor.grad, atol=1e-12)


def test_a_whole_network_equals_torch():
    rng = np.random.default_rng(0)
    net, X, y = network(rng, 5, 8, 6, 3), rng.normal(size=(9, 5)), rng.integers(0, 3, 9)
    tensors = [torch.tensor(p, requires_grad=True) for p in net.params]
    H = torch.tensor(X)
    for W, b in zip(tensors[::2], tensors[1::2], strict=True):
        H = H @ W + b
        H = torch.relu(H) if W is not tensors[-2] else H
    torch.nn.functional.cross_entropy(H, torch.tensor(y)).backward()
    logits = net.forward(X)
    np.testing.assert_allclose(logits, H.detach(), atol=1e-12)
    net.backward(nn.cross_entropy_backward(logits, y))
    for ours, tensor in zip(net.grads, tensors, strict=True):
        np.testing.assert_allclose(ours, tensor.grad, atol=1e-12)


def test_float32_stays_float32_through_a_whole_step():
    rng = np.random.default_rng(0)
    net = network(rng, 4, 8, 3, dtype=np.float32)
    X, y = rng.normal(size=(6, 4)).astype(np.float32), rng.integers(0, 3, 6)
    logits = net.forward(X)
    dX = net.backward(nn.cross_entropy_backward(logits, y))
    assert {a.dtype for a in (logits, dX, *net.params, *net.grads)} == {np.dtype(np.float32)}


def test_weights_start_with_the_variance_that_relu_needs():
    layer = nn.Dense(400, 300, np.random.default_rng(0))
    assert np.var(layer.params[0]) == pytest.approx(2 / 400, rel=0.02) and not layer.params[1].any()


def test_two_layers_do_not_share_gradients():
    rng = np.random.default_rng(0)
    first, second = nn.Dense(2, 2, rng), nn.Dense(2, 2, rng)
    first.forward(np.ones((1, 2), np.float32))
    first.backward(np.ones((1, 2), np.float32))
    assert first.grads[0].any() and not second.grads[0].any()


@pytest.mark.parametrize(
    "first", [lambda rng: nn.Dense(4, 4, rng), lambda rng: nn.Sequential(nn.Dense(4, 4, rng)), None]
)
def test_the_gradient_of_the_input_can_be_saved(first):
    rng = np.random.default_rng(0)
    front = first(rng) if first else nn.Tanh()
    net = nn.Sequential(front, nn.Dense(4, 5, rng), nn.ReLU(), nn.Dense(5, 3, rng))
    dY = net.forward(rng.normal(size=(6, 4)))
    dX, grads = net.backward(dY), net.grads
    assert dX.shape == (6, 4) and net.backward(dY, to_input=False) is None
    for one, other in zip(grads, net.grads, strict=True):
        assert one is not other and np.array_equal(one, other)


def test_one_hot():
    made = nn.one_hot(np.array([2, 0]), 3)
    assert made.tolist() == [[0, 0, 1], [1, 0, 0]] and made.dtype == np.float32


@pytest.mark.parametrize("layer", [nn.Dense(3, 2, np.random.default_rng(0)), nn.ReLU(), nn.Tanh()])
@pytest.mark.parametrize("shape", [(1,), (4, 1), (1, 2), (2, 4)])
def test_a_gradient_has_the_shape_of_the_output(layer, shape):
    """NumPy would spread some of these over the batch without a word."""
    Y = layer.forward(np.ones((4, 3), np.float32))
    with pytest.raises(ValueError, match="dY has shape .*, expected"):
        layer.backward(np.ones(shape, np.float32))
    assert layer.backward(np.ones_like(Y)).shape == (4, 3)


def test_nn_and_optim_need_only_numpy():
    others = "{'torch', 'matplotlib', 'scipy', 'IPython', 'sklearn'}"
    code = f"import sys, introdl.nn, introdl.optim; print(sorted({others} & {{*sys.modules}}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nn.Dense(0, 3, np.random.default_rng(0)),
            "n_in is 0, expected a whole number of at least 1",
        ),
        (
            lambda: nn.Dense(2, 3, np.random.default_rng(0)).forward(np.ones((4, 5))),
            r"X has shape \(4, 5\), expected \(N, 2\)",
        ),
        (
            lambda: nn.Dense(2, 3, np.random.default_rng(0)).forward([[1, 2]]),
            "X is a list, expected a NumPy array",
        ),
        (lambda: nn.Sequential(), "layers is empty, expected at least one layer"),
        (lambda: nn.softmax(np.ones(3)), r"logits has shape \(3,\)"),
        (lambda: nn.cross_entropy(np.ones((2, 3)), np.array([0, 3])), "labels from 0 to 3, expected 0 to 2"),
        (lambda: nn.cross_entropy(np.ones((2, 3)), np.array([0.0, 1.0])), "whole numbers"),
        (lambda: nn.cross_entropy_backward(np.ones((2, 3)), np.array([0, -1])), "labels from -1 to 0"),
        (lambda: nn.one_hot(np.array([5]), 3), "labels from 5 to 5"),
    ],
)
def test_bad_input_is_named_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()

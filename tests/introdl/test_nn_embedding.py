"""The embedding layer: PyTorch and the product with one-hot rows judge lookup and gradient."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl import nn

RNG = np.random.default_rng(0)


@settings(max_examples=60, deadline=None)
@given(
    V=st.integers(1, 6),
    D=st.integers(1, 4),
    shape=st.lists(st.integers(0, 4), min_size=1, max_size=3),
    padded=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_lookup_and_gradient_equal_torch(V, D, shape, padded, seed):
    rng = np.random.default_rng(seed)
    padding = int(rng.integers(V)) if padded else None
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
        layer = nn.Embedding(V, D, rng, padding, dtype)
        theirs = torch.nn.Embedding.from_pretrained(torch.tensor(layer.params[0]), freeze=False, padding_idx=padding)
        tokens = rng.integers(0, V, size=shape)
        dY = rng.normal(size=(*shape, D)).astype(dtype)
        Y = theirs(torch.tensor(tokens))
        Y.backward(torch.tensor(dY))
        assert np.array_equal(layer.forward(tokens), Y.detach()) and layer.backward(dY) is None
        assert layer.grads[0].dtype == layer.params[0].dtype == dtype
        np.testing.assert_allclose(layer.grads[0], theirs.weight.grad, atol=tolerance)


def test_lookup_is_the_product_with_one_hot_rows():
    layer, tokens = nn.Embedding(7, 3, RNG, dtype=np.float64), RNG.integers(0, 7, size=50)
    hot, dY = nn.one_hot(tokens, 7), RNG.normal(size=(50, 3))
    assert np.array_equal(layer.forward(tokens), hot @ layer.params[0])
    layer.backward(dY)
    np.testing.assert_allclose(layer.grads[0], hot.T @ dY, atol=1e-12)  # repeated tokens add up


def test_padding_is_zero_and_the_output_is_a_copy():
    layer = nn.Embedding(4, 2, RNG, padding=0)
    assert not layer.params[0][0].any() and layer.params[0][1:].all()
    before = layer.params[0].copy()
    layer.forward(np.array([1, 2]))[...] = 9
    assert np.array_equal(before, layer.params[0])


def test_rows_start_with_variance_one():
    assert np.var(nn.Embedding(100, 100, np.random.default_rng(0)).params[0]) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.Embedding(0, 2, RNG), "num_tokens is 0, expected a whole number of at least 1"),
        (lambda: nn.Embedding(3, 0, RNG), "num_features is 0, expected a whole number of at least 1"),
        (lambda: nn.Embedding(3, 2, RNG, padding=3), "padding is 3, expected a token from 0 to 2"),
        (lambda: nn.Embedding(3, 2, RNG, padding=-1), "padding is -1, expected a whole number of at least 0"),
        (lambda: nn.Embedding(3, 2, None), r"rng is a NoneType, expected np\.random\.default_rng\(seed\)"),
        (lambda: nn.Embedding(3, 2, RNG, dtype=int), "dtype is .*int.*, expected np.float32 or np.float64"),
        (lambda: nn.Embedding(3, 2, RNG).forward(np.array([[0, 3]])), "tokens holds 3, expected numbers from 0 to 2"),
        (lambda: nn.Embedding(3, 2, RNG).forward(np.array([-1])), "tokens holds -1, expected numbers from 0 to 2"),
        (lambda: nn.Embedding(3, 2, RNG).forward(np.array([0.0])), "tokens has dtype float64, expected whole numbers"),
        (lambda: nn.Embedding(3, 2, RNG).forward([0]), "tokens is a list, expected a NumPy array of numbers"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def test_a_gradient_has_the_shape_of_the_output():
    layer = nn.Embedding(3, 2, RNG)
    layer.forward(np.array([[0, 1]]))
    with pytest.raises(ValueError, match=r"dY has shape \(2, 2\), expected \(1, 2, 2\)"):
        layer.backward(np.ones((2, 2)))

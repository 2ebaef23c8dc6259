"""Attention, additive and by scaled dot product, with masks: PyTorch judges values and gradients over random shapes."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl import gradcheck, nn

RNG = np.random.default_rng(0)
TOLERANCES = [(np.float64, 1e-11), (np.float32, 2e-4)]


@st.composite
def problems(draw):
    """Return Q, K, V with any axes in front, a mask or None, and a generator; each query may see at least one key."""
    front = draw(st.lists(st.integers(0, 3), max_size=2))
    T_q, T_k, D, D_v = (draw(st.integers(1, 5)) for _ in range(4))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    Q, K, V = (rng.normal(0, 2, size=(*front, *shape)) for shape in ((T_q, D), (T_k, D), (T_k, D_v)))
    if draw(st.booleans()):
        return Q, K, V, None, rng
    whole = draw(st.booleans())  # one mask for each query, or one for all of them
    mask = rng.random((*front, T_q if whole else 1, T_k)) < 0.6
    mask[..., rng.integers(T_k)] = True
    return Q, K, V, mask, rng


def close(ours, theirs, tolerance):
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, atol=tolerance, rtol=tolerance)


def tensors(*arrays):
    return [torch.tensor(array, requires_grad=True) for array in arrays]


@settings(max_examples=80, deadline=None)
@given(problem=problems())
def test_scaled_dot_product_equals_torch(problem):
    *arrays, mask, rng = problem
    dout = rng.normal(size=(*arrays[0].shape[:-1], arrays[2].shape[-1]))
    for dtype, tolerance in TOLERANCES:
        Q, K, V, d = (array.astype(dtype) for array in (*arrays, dout))
        theirs = tensors(Q, K, V)
        seen = None if mask is None else torch.tensor(mask)
        expected = torch.nn.functional.scaled_dot_product_attention(*theirs, attn_mask=seen)
        expected.backward(torch.tensor(d))
        out, weights = nn.scaled_dot_product_attention(Q, K, V, mask)
        close(out, expected, tolerance)
        for ours, t in zip(nn.scaled_dot_product_attention_backward(d, Q, K, V, weights), theirs, strict=True):
            close(ours, t.grad, tolerance)
        assert weights.shape == (*Q.shape[:-1], K.shape[-2])
        assert mask is None or not weights[~np.broadcast_to(mask, weights.shape)].any()


@settings(max_examples=80, deadline=None)
@given(problem=problems(), A=st.integers(1, 4), D_k=st.integers(1, 4))
def test_additive_equals_torch(problem, A, D_k):
    Q, K, V, mask, rng = problem
    K = rng.normal(size=(*K.shape[:-1], D_k))  # of another width than the queries
    weights = [rng.normal(size=shape) for shape in ((Q.shape[-1], A), (D_k, A), (A,))]
    dout = rng.normal(size=(*Q.shape[:-1], V.shape[-1]))
    for dtype, tolerance in TOLERANCES:
        args = [array.astype(dtype) for array in (Q, K, V, *weights)]
        theirs = tensors(*args)
        q, k, v, W_q, W_k, w = theirs
        scores = torch.tanh((q @ W_q).unsqueeze(-2) + (k @ W_k).unsqueeze(-3)) @ w
        if mask is not None:
            scores = scores.masked_fill(~torch.tensor(mask), -torch.inf)
        expected = torch.softmax(scores, dim=-1) @ v
        expected.backward(torch.tensor(dout.astype(dtype)))
        out, seen = nn.additive_attention(*args, mask)
        close(out, expected, tolerance)
        for ours, t in zip(nn.additive_attention_backward(dout.astype(dtype), *args, seen), theirs, strict=True):
            close(ours, t.grad, 5 * tolerance)


def test_the_slope_of_a_masked_softmax_is_its_central_difference():
    scores, mask = RNG.normal(size=(2, 3, 4)), RNG.random((2, 1, 4)) < 0.5
    mask[..., 1] = True
    direction = RNG.normal(size=scores.shape)
    slope = nn.masked_softmax_backward(direction, nn.masked_softmax(scores, mask))
    expected = gradcheck.numerical_gradient(lambda S: float((nn.masked_softmax(S, mask) * direction).sum()), scores)
    np.testing.assert_allclose(slope, expected, atol=1e-8)
    assert not slope[~np.broadcast_to(mask, slope.shape)].any()


def test_hidden_keys_change_nothing_even_if_their_scores_overflow():
    Q, K, V = RNG.normal(size=(1, 3)), RNG.normal(size=(4, 3)), RNG.normal(size=(4, 2))
    mask = np.array([True, True, False, False])
    out, _ = nn.scaled_dot_product_attention(Q, K, V, mask)
    K[2:], V[2:] = 1e200, 5
    again, weights = nn.scaled_dot_product_attention(Q, K, V, mask)
    assert np.array_equal(out, again) and not weights[:, 2:].any()


def test_large_scores_do_not_overflow_and_one_key_gets_everything():
    weights = nn.masked_softmax(np.array([[1e4, -1e4, 0.0], [-1e300, -1e300, -1e300]]))
    np.testing.assert_allclose(weights, [[1, 0, 0], [1 / 3] * 3])
    out, weights = nn.scaled_dot_product_attention(*RNG.normal(size=(3, 1, 1)))
    assert weights.item() == 1


def test_dividing_by_the_root_keeps_the_scores_spread():
    for D in (4, 64, 1024):
        Q, K = RNG.normal(size=(2, 300, D))
        _, weights = nn.scaled_dot_product_attention(Q, K, K)
        scores = np.log(weights)
        assert (scores - scores.mean(axis=1, keepdims=True)).std() == pytest.approx(1, rel=0.1)


def test_order_of_the_keys_does_not_matter():
    Q, K, V = RNG.normal(size=(2, 3)), RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))
    order = RNG.permutation(5)
    np.testing.assert_allclose(
        nn.scaled_dot_product_attention(Q, K, V)[0], nn.scaled_dot_product_attention(Q, K[order], V[order])[0]
    )


def test_inputs_stay_as_they_are():
    arrays = [RNG.normal(size=(2, 3, 4)) for _ in range(3)]
    before = [array.copy() for array in arrays]
    mask = np.tri(3, dtype=bool)
    out, weights = nn.scaled_dot_product_attention(*arrays, mask)
    nn.scaled_dot_product_attention_backward(out, *arrays, weights)
    assert all(map(np.array_equal, arrays, before)) and np.array_equal(mask, np.tri(3, dtype=bool))
    assert math.isclose(weights[:, 0, 0].min(), 1)  # the first step sees itself only


def ones(*shape):
    return np.ones(shape)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.scaled_dot_product_attention(ones(2, 3), ones(4, 5), ones(4, 1)),
         r"K has shape \(4, 5\), expected keys as wide as the queries, 3"),
        (lambda: nn.scaled_dot_product_attention(ones(2, 3), ones(4, 3), ones(5, 1)),
         r"V has shape \(5, 1\), expected one value a key: 4 of them"),
        (lambda: nn.scaled_dot_product_attention(ones(2, 3, 3), ones(4, 3), ones(4, 1)),
         r"K has shape \(4, 3\), expected \(2, T_k, D\)"),
        (lambda: nn.scaled_dot_product_attention(ones(3), ones(4, 3), ones(4, 1)),
         r"Q has shape \(3,\), expected \(T_q, D\)"),
        (lambda: nn.scaled_dot_product_attention([[1.0]], ones(4, 1), ones(4, 1)), "Q is a list, expected a NumPy"),
        (lambda: nn.scaled_dot_product_attention(ones(2, 3), ones(0, 3), ones(0, 1)),
         r"scores has shape \(2, 0\), expected \(…, T_k\) with at least one key"),
        (lambda: nn.masked_softmax(ones(2, 3), ones(2, 3)), "mask has dtype float64, expected bool: True = may"),
        (lambda: nn.masked_softmax(ones(2, 3), np.ones((3, 2), bool)),
         r"mask has shape \(3, 2\), expected one that broadcasts to the scores' \(2, 3\)"),
        (lambda: nn.masked_softmax(ones(2, 3), np.array([[True] * 3, [False] * 3])),
         r"mask\[1\] is False everywhere: a query that may see nothing has no weights"),
        (lambda: nn.additive_attention(ones(2, 3), ones(4, 5), ones(4, 1), ones(3, 2), ones(3, 2), ones(2)),
         r"W_k has shape \(3, 2\), expected \(5, 2\)"),
        (lambda: nn.scaled_dot_product_attention_backward(ones(2, 2), ones(2, 3), ones(4, 3), ones(4, 1), ones(2, 4)),
         r"dout has shape \(2, 2\), expected \(2, 1\)"),
        (lambda: nn.masked_softmax_backward(ones(2, 2), ones(2, 3)), r"dweights has shape \(2, 2\), expected \(2, 3\)"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()

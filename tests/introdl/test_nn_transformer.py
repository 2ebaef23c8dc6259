"""The transformer's parts: PyTorch judges values and gradients over random shapes; invariants judge the rest."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl import gradcheck, nn
from introdl.nn.layers import Dense, Sequential

seeds = st.integers(0, 10**6)
RNG = np.random.default_rng(0)


@st.composite
def problems(draw):
    """Return X (N, T, D), the number of heads, and a generator; N may be 0."""
    N, T, h, D_h = (draw(st.integers(least, most)) for least, most in ((0, 4), (1, 7), (1, 3), (1, 4)))
    rng = np.random.default_rng(draw(seeds))
    return rng.normal(0, 2, size=(N, T, h * D_h)), h, rng


def filled(layer, rng):
    """Give every parameter, norms and biases too, values of its own."""
    for p in layer.params:
        p += rng.normal(0, 0.3, size=p.shape).astype(p.dtype)
    return layer


def tensor(array):
    return torch.tensor(array)


def copy_attention(params, theirs):
    """Give torch's attention the weights of ours: it stacks queries, keys and values."""
    W_q, b_q, W_k, b_k, W_v, b_v, W_o, b_o = params
    with torch.no_grad():
        theirs.in_proj_weight.copy_(tensor(np.concatenate([W_q.T, W_k.T, W_v.T])))
        theirs.in_proj_bias.copy_(tensor(np.concatenate([b_q, b_k, b_v])))
        theirs.out_proj.weight.copy_(tensor(W_o.T))
        theirs.out_proj.bias.copy_(tensor(b_o))


def copy_block(ours, theirs):
    """Give torch's block the weights of ours."""
    copy_attention(ours.attention.params, theirs.self_attn)
    W1, b1, W2, b2 = ours.feed_forward.params
    pairs = zip((theirs.norm1, theirs.norm2), (ours.norm1, ours.norm2), strict=True)
    wanted = [(p, mine) for module, layer in pairs for p, mine in zip(module.parameters(), layer.params, strict=True)]
    linear1, linear2 = theirs.linear1, theirs.linear2
    wanted += [(linear1.weight, W1.T), (linear1.bias, b1), (linear2.weight, W2.T), (linear2.bias, b2)]
    with torch.no_grad():
        for p, mine in wanted:
            p.copy_(tensor(mine))


def attention_gradients(theirs):
    """Return torch's gradients in our order."""
    W, b = theirs.in_proj_weight.grad.numpy(), theirs.in_proj_bias.grad.numpy()
    parts = [g for W_part, b_part in zip(np.split(W, 3), np.split(b, 3), strict=True) for g in (W_part.T, b_part)]
    return [*parts, theirs.out_proj.weight.grad.numpy().T, theirs.out_proj.bias.grad.numpy()]


def block_gradients(theirs):
    """Return torch's gradients in our order."""
    dense = [p.grad.numpy().T for layer in (theirs.linear1, theirs.linear2) for p in layer.parameters()]
    norms = [[p.grad.numpy() for p in module.parameters()] for module in (theirs.norm1, theirs.norm2)]
    return [*norms[0], *attention_gradients(theirs.self_attn), *norms[1], *dense]


def close(ours, theirs, tolerance):
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=tolerance, rtol=tolerance)


@settings(max_examples=60, deadline=None)
@given(problem=problems(), causal=st.booleans())
def test_attention_in_heads_equals_torch(problem, causal):
    X, h, rng = problem
    N, T, D = X.shape
    for dtype, tolerance in ((np.float64, 1e-10), (np.float32, 1e-3)):
        layer = filled(nn.MultiHeadAttention(D, h, rng, dtype), rng)
        theirs = torch.nn.MultiheadAttention(D, h, batch_first=True, dtype=tensor(np.zeros(0, dtype)).dtype)
        copy_attention(layer.params, theirs)
        x, dY = X.astype(dtype), rng.normal(size=X.shape).astype(dtype)
        before, mask = (x.copy(), dY.copy()), nn.causal_mask(T) if causal else None
        Y, dX = layer.forward(x, mask), layer.backward(dY)
        assert {Y.dtype, dX.dtype, *(g.dtype for g in layer.grads)} == {np.dtype(dtype)}
        assert np.array_equal(x, before[0]) and np.array_equal(dY, before[1])
        assert len(layer.params) == len(layer.grads) == 8
        if not N:
            continue
        leaf = torch.tensor(x, requires_grad=True)
        hidden = tensor(~mask) if causal else None  # torch's mask says what may NOT be seen
        their_Y, weights = theirs(leaf, leaf, leaf, attn_mask=hidden, average_attn_weights=False)
        their_Y.backward(tensor(dY))
        close(Y, their_Y.detach().numpy(), tolerance)
        close(layer.weights, weights.detach().numpy(), tolerance)
        close(dX, leaf.grad.numpy(), tolerance)
        for mine, torchs in zip(layer.grads, attention_gradients(theirs), strict=True):
            close(mine, torchs, tolerance)


@settings(max_examples=60, deadline=None)
@given(problem=problems(), causal=st.booleans(), hidden=st.integers(1, 9))
def test_a_block_equals_torch(problem, causal, hidden):
    X, h, rng = problem
    N, T, D = X.shape
    for dtype, tolerance in ((np.float64, 1e-9), (np.float32, 3e-3)):
        block = filled(nn.TransformerBlock(D, h, rng, hidden, dtype), rng)
        kind = {"dtype": tensor(np.zeros(0, dtype)).dtype, "batch_first": True, "norm_first": True}
        theirs = torch.nn.TransformerEncoderLayer(D, h, hidden, dropout=0.0, activation="gelu", **kind)
        copy_block(block, theirs)
        x, dY, mask = X.astype(dtype), rng.normal(size=X.shape).astype(dtype), nn.causal_mask(T) if causal else None
        before = x.copy(), dY.copy()
        Y, dX = block.forward(x, mask), block.backward(dY)
        assert {Y.dtype, dX.dtype, *(g.dtype for g in block.grads)} == {np.dtype(dtype)}
        assert np.array_equal(x, before[0]) and np.array_equal(dY, before[1])
        if not N:
            continue
        leaf = torch.tensor(x, requires_grad=True)
        their_Y = theirs(leaf, src_mask=tensor(~mask) if causal else None)
        their_Y.backward(tensor(dY))
        close(Y, their_Y.detach().numpy(), tolerance)
        close(dX, leaf.grad.numpy(), tolerance)
        for mine, torchs in zip(block.grads, block_gradients(theirs), strict=True):
            close(mine, torchs, tolerance)


@settings(max_examples=40, deadline=None)
@given(shape=st.lists(st.integers(1, 4), min_size=1, max_size=4), seed=seeds, eps=st.sampled_from([1e-5, 0.1]))
def test_layer_norm_equals_torch_whatever_stands_in_front(shape, seed, eps):
    rng = np.random.default_rng(seed)
    X, dY = (rng.normal(1, 2, size=shape) for _ in range(2))
    layer = filled(nn.LayerNorm(shape[-1], eps, np.float64), rng)
    theirs = torch.nn.LayerNorm(shape[-1], eps, dtype=torch.float64)
    with torch.no_grad():
        for p, mine in zip(theirs.parameters(), layer.params, strict=True):
            p.copy_(tensor(mine))
    leaf = torch.tensor(X, requires_grad=True)
    their_Y = theirs(leaf)
    their_Y.backward(tensor(dY))
    close(layer.forward(X), their_Y.detach().numpy(), 1e-9)
    close(layer.backward(dY), leaf.grad.numpy(), 1e-9)
    for mine, p in zip(layer.grads, theirs.parameters(), strict=True):
        close(mine, p.grad.numpy(), 1e-9)


def test_a_block_s_gradients_are_its_slopes():
    rng = np.random.default_rng(1)
    block = filled(nn.TransformerBlock(4, 2, rng, 3, np.float64), rng)
    X, dY, mask = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4)), nn.causal_mask(3)

    def loss(_):
        return float((block.forward(X, mask) * dY).sum())

    loss(None)
    dX, grads = block.backward(dY), block.grads
    for ours, x in [(dX, X), *zip(grads, block.params, strict=True)]:
        np.testing.assert_allclose(ours, gradcheck.numerical_gradient(loss, x), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(T=st.integers(0, 60), D=st.integers(1, 9), base=st.sampled_from([100.0, 1e4]))
def test_positions_by_their_definition(T, D, base):
    found = nn.positional_encoding(T, D, base)
    assert found.shape == (T, D)
    for t, j in np.ndindex(T, D):
        angle = t / base ** ((j - j % 2) / D)
        assert found[t, j] == pytest.approx(np.cos(angle) if j % 2 else np.sin(angle))


def test_products_of_positions_tell_their_distance_alone():
    P = nn.positional_encoding(50, 16)
    products = P @ P.T
    for k in range(50):
        np.testing.assert_allclose(np.diagonal(products, k), products[0, k])


@settings(max_examples=40, deadline=None)
@given(problem=problems())
def test_heads_split_and_merge(problem):
    X, h, _ = problem
    N, T, D = X.shape
    found = nn.split_heads(X, h)
    assert found.shape == (N, h, T, D // h)
    for j in range(h):
        assert np.array_equal(found[:, j], X[:, :, j * D // h : (j + 1) * D // h])
    assert np.array_equal(nn.merge_heads(found), X)


def test_the_future_changes_nothing():
    block = filled(nn.TransformerBlock(6, 2, RNG, dtype=np.float64), RNG)
    X = RNG.normal(size=(2, 5, 6))
    before = block.forward(X, nn.causal_mask(5))
    X[:, 3:] += 1
    np.testing.assert_allclose(block.forward(X, nn.causal_mask(5))[:, :3], before[:, :3])


def test_a_mask_for_the_last_queries_is_the_end_of_the_whole_one():
    assert np.array_equal(nn.causal_mask(2, 5), nn.causal_mask(5)[3:])
    assert nn.causal_mask(1).tolist() == [[True]]


def test_without_positions_order_does_not_count():
    layer, X = nn.MultiHeadAttention(6, 3, RNG, np.float64), RNG.normal(size=(1, 5, 6))
    order = RNG.permutation(5)
    np.testing.assert_allclose(layer.forward(X[:, order]), layer.forward(X)[:, order])


def test_a_block_trains_inside_others_parameters():
    block = nn.TransformerBlock(4, 2, RNG)
    assert len(block.params) == 2 + 8 + 2 + 4
    assert block.params[-1] is block.feed_forward.params[-1]  # not a copy: an optimizer can move it
    assert [p.shape for p in block.feed_forward.params] == [(4, 16), (16,), (16, 4), (4,)]
    assert isinstance(block.feed_forward, Sequential) and isinstance(block.attention.parts[0], Dense)


BLOCK = nn.TransformerBlock(4, 2, RNG)


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (lambda: nn.positional_encoding(-1, 4), ValueError, "T is -1, expected a whole number of at least 0"),
        (lambda: nn.positional_encoding(3, 4, 0), ValueError, "base is 0, expected a number above 0"),
        (lambda: nn.causal_mask(0), ValueError, "T_q is 0"),
        (lambda: nn.causal_mask(3, 2), ValueError, "T_k is 2, expected at least T_q, 3"),
        (lambda: nn.split_heads(np.zeros((2, 3, 4)), 3), ValueError, "num_heads is 3, expected a divisor of the 4"),
        (lambda: nn.split_heads(np.zeros((3, 4)), 2), ValueError, r"X has shape \(3, 4\), expected \(N, T, D\)"),
        (lambda: nn.split_heads([[1.0]], 1), TypeError, "X is a list, expected a NumPy array"),
        (lambda: nn.merge_heads(np.zeros((3, 4))), ValueError, r"X has shape \(3, 4\), expected \(N, h, T, D_h\)"),
        (lambda: nn.LayerNorm(4).forward(np.zeros((2, 3))), ValueError, r"X has shape \(2, 3\), expected \(…, 4\)"),
        (lambda: nn.LayerNorm(4, eps=0), ValueError, "eps is 0"),
        (lambda: nn.MultiHeadAttention(4, 3, RNG), ValueError, "num_heads is 3"),
        (lambda: nn.MultiHeadAttention(4, 2, 0), TypeError, "rng is a int, expected np.random.default_rng"),
        (lambda: nn.TransformerBlock(4, 2, RNG, hidden=0), ValueError, "hidden is 0"),
        (lambda: BLOCK.forward(np.zeros((2, 4))), ValueError, r"X has shape \(2, 4\), expected \(N, T, D\)"),
        (lambda: BLOCK.forward(np.zeros((1, 2, 3))), ValueError, r"X has shape \(1, 2, 3\), expected \(…, 4\)"),
        (lambda: BLOCK.forward(np.zeros((1, 2, 4)), np.ones((2, 2))), TypeError, "mask has dtype float64"),
        (lambda: BLOCK.attention.forward(np.zeros((1, 2, 3))), ValueError, r"expected \(N, T, 4\)"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(wrong, error, said):
    with pytest.raises(error, match=said) as caught:
        wrong()
    assert "\n" not in str(caught.value)


def test_a_gradient_of_another_shape_is_refused():
    block = nn.TransformerBlock(4, 2, RNG)
    block.forward(np.zeros((1, 2, 4)))
    with pytest.raises(ValueError, match=r"dY has shape \(1, 3, 4\), expected \(1, 2, 4\)"):
        block.backward(np.zeros((1, 3, 4)))

"""The plain recurrent layer: PyTorch judges values and gradients over random shapes, central differences the rest."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from introdl import gradcheck, nn

RNG = np.random.default_rng(0)


@st.composite
def problems(draw, most_steps=7):
    """Return X (N, T, D), the width, lengths or None, and a generator; N may be 0 where all steps count."""
    N, T, D, hidden = (draw(st.integers(least, most)) for least, most in ((0, 4), (1, most_steps), (1, 4), (1, 4)))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    lengths = rng.integers(1, T + 1, size=N) if N and draw(st.booleans()) else None
    return rng.normal(0, 2, size=(N, T, D)), hidden, lengths, rng


def twin(layer, D):
    """Return PyTorch's layer with the same weights; its second bias is 0."""
    W_x, W_h, b = layer.params
    theirs = torch.nn.RNN(D, layer.hidden, batch_first=True, dtype=torch.tensor(b).dtype)
    with torch.no_grad():
        for ours, p in zip((W_x.T, W_h.T, b, np.zeros_like(b)), theirs.parameters(), strict=True):
            p.copy_(torch.tensor(ours))
    return theirs


def judged(theirs, X, lengths, h, dH):
    """Return torch's H, last state and dX, and leave its gradients in its parameters."""
    X, h = torch.tensor(X, requires_grad=True), torch.tensor(h)[np.newaxis]
    if lengths is None:
        H, last = theirs(X, h)
    else:
        packed = pack_padded_sequence(X, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        H, last = theirs(packed, h)
        H, _ = pad_packed_sequence(H, batch_first=True, total_length=X.shape[1])
    H.backward(torch.tensor(dH))
    return H.detach().numpy(), last[0].detach().numpy(), X.grad.numpy()


@settings(max_examples=80, deadline=None)
@given(problem=problems())
def test_values_and_gradients_equal_torch(problem):
    X, hidden, lengths, rng = problem
    N, T, D = X.shape
    for dtype, tolerance in ((np.float64, 1e-11), (np.float32, 1e-4)):
        layer = nn.RNN(D, hidden, rng, dtype)
        x, h, dH = (a.astype(dtype) for a in (X, rng.normal(size=(N, hidden)), rng.normal(size=(N, T, hidden))))
        before = x.copy(), h.copy(), dH.copy()
        H, dX = layer.forward(x, lengths, (h,)), layer.backward(dH)
        assert {H.dtype, dX.dtype, layer.state[0].dtype, *(g.dtype for g in layer.grads)} == {np.dtype(dtype)}
        assert all(np.array_equal(now, then) for now, then in zip((x, h, dH), before, strict=True))
        if not N:
            assert H.shape == (0, T, hidden) and not any(g.any() for g in layer.grads)
            continue
        theirs = twin(layer, D)
        pairs = list(zip((H, layer.state[0], dX), judged(theirs, x, lengths, h, dH), strict=True))
        gW_x, gW_h, gb, _ = (p.grad.numpy() for p in theirs.parameters())
        pairs += zip(layer.grads, (gW_x.T, gW_h.T, gb), strict=True)
        for ours, torchs in pairs:
            assert ours.shape == torchs.shape
            np.testing.assert_allclose(ours, torchs, atol=tolerance, rtol=tolerance)


@settings(max_examples=30, deadline=None)
@given(problem=problems(most_steps=4))
def test_a_state_goes_in_and_its_gradient_comes_out(problem):
    X, hidden, lengths, rng = problem
    N, T, D = X.shape
    layer = nn.RNN(D, hidden, rng, np.float64)
    h, dh, dH = rng.normal(size=(N, hidden)), rng.normal(size=(N, hidden)), rng.normal(size=(N, T, hidden))

    def loss(_):
        H = layer.forward(X, lengths, (h,))
        return float((H * dH).sum() + (layer.state[0] * dh).sum())

    loss(None)
    dX = layer.backward(dH, (dh,))
    for ours, x in [(dX, X), (layer.dstate[0], h), *zip(layer.grads, layer.params, strict=True)]:
        np.testing.assert_allclose(ours, gradcheck.numerical_gradient(loss, x), atol=1e-7)


@settings(max_examples=30, deadline=None)
@given(problem=problems())
def test_the_layer_is_the_cell_step_by_step(problem):
    X, hidden, _, rng = problem
    N, T, D = X.shape
    layer, dH = nn.RNN(D, hidden, rng, np.float64), rng.normal(size=(N, T, hidden))
    H, dX = layer.forward(X), layer.backward(dH)
    (W_x, W_h, b), states = layer.params, [np.zeros((N, hidden))]
    for t in range(T):
        states.append(nn.rnn_cell(X[:, t], states[-1], W_x, W_h, b))
        np.testing.assert_allclose(H[:, t], states[-1], atol=1e-12)
    dh, sums = np.zeros((N, hidden)), [0.0, 0.0, 0.0]
    for t in reversed(range(T)):
        dx, dh, *shares = nn.rnn_cell_backward(dh + dH[:, t], X[:, t], states[t], states[t + 1], W_x, W_h)
        sums = [total + share for total, share in zip(sums, shares, strict=True)]
        np.testing.assert_allclose(dX[:, t], dx, atol=1e-12)
    for total, gradient in zip(sums, layer.grads, strict=True):
        np.testing.assert_allclose(gradient, total, atol=1e-10)


def test_two_pieces_with_the_state_passed_on_give_the_whole():
    layer, X, dH = nn.RNN(3, 4, RNG, np.float64), RNG.normal(size=(2, 7, 3)), RNG.normal(size=(2, 7, 4))
    H, dX, grads = layer.forward(X), layer.backward(dH), layer.grads
    first, second = nn.RNN(3, 4, RNG, np.float64), nn.RNN(3, 4, RNG, np.float64)
    first.params = second.params = layer.params
    parts = [first.forward(X[:, :3]), second.forward(X[:, 3:], state=first.state)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), H)
    dX_second = second.backward(dH[:, 3:])
    dX_first = first.backward(dH[:, :3], dstate=second.dstate)
    np.testing.assert_allclose(np.concatenate([dX_first, dX_second], axis=1), dX)
    for one, other, whole in zip(first.grads, second.grads, grads, strict=True):
        np.testing.assert_allclose(one + other, whole)


def test_what_stands_in_the_padding_changes_nothing():
    lengths, X, dH = np.array([5, 2, 1]), RNG.normal(size=(3, 5, 2)), RNG.normal(size=(3, 5, 4))
    inside = np.arange(5) < lengths[:, np.newaxis]
    layer, found = nn.RNN(2, 4, RNG, np.float64), []
    for padding in (0.0, 1e3):
        x, dh = (np.where(inside[:, :, np.newaxis], A, padding) for A in (X, dH))
        H, state, dX = layer.forward(x, lengths), layer.state[0], layer.backward(dh)
        found.append((H, state, dX, layer.dstate[0], *layer.grads[1:]))
    for one, other in zip(found[0], found[1], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)
    assert not found[0][0][~inside].any() and not found[0][2][~inside].any()
    alone = layer.forward(X[1:2, :2])
    np.testing.assert_allclose(found[0][0][1:2, :2], alone)
    np.testing.assert_allclose(found[0][1][1:2], layer.state[0])


def test_a_stack_in_both_directions_equals_torch():
    layers = [[nn.RNN(D, 3, RNG, np.float64) for _ in range(2)] for D in (2, 6)]
    net = nn.Stacked(*(nn.Bidirectional(*pair) for pair in layers))
    theirs = torch.nn.RNN(2, 3, 2, batch_first=True, bidirectional=True, dtype=torch.float64)
    left = iter(theirs.parameters())
    with torch.no_grad():
        for W_x, W_h, b in (layer.params for pair in layers for layer in pair):
            for ours in (W_x.T, W_h.T, b, np.zeros_like(b)):
                next(left).copy_(torch.tensor(ours))
    X, dH = RNG.normal(size=(4, 5, 2)), RNG.normal(size=(4, 5, 6))
    x = torch.tensor(X, requires_grad=True)
    H, _ = theirs(x)
    H.backward(torch.tensor(dH))
    np.testing.assert_allclose(net.forward(X), H.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(net.backward(dH), x.grad.numpy(), atol=1e-12)


def test_first_weights_lie_within_one_over_the_root_of_the_width():
    layer = nn.RNN(50, 64, np.random.default_rng(1))
    for p in layer.params:
        assert p.dtype == np.float32 and 0.12 < np.abs(p).max() <= 0.125 and abs(p.mean()) < 0.03
    assert np.array_equal(layer.params[1], nn.RNN(50, 64, np.random.default_rng(1)).params[1])


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda layer: layer.forward(np.zeros((2, 3))), r"X has shape \(2, 3\), expected \(N, T, 3\)"),
        (lambda layer: layer.forward(np.zeros((2, 5, 4))), r"X has shape \(2, 5, 4\), expected \(N, T, 3\)"),
        (lambda layer: layer.forward(np.zeros((2, 0, 3))), r"expected at least one step: T = 0 is an empty sequence"),
        (lambda layer: layer.forward([[[0.0]]]), "X is a list, expected a NumPy array"),
        (lambda layer: layer.forward(np.zeros((2, 4, 3)), np.array([4, 5])), r"lengths\[1\] is 5, expected at most"),
        (lambda layer: layer.forward(np.zeros((2, 4, 3)), np.array([4, 0])), r"lengths\[1\] is 0, expected at least 1"),
        (lambda layer: layer.forward(np.zeros((2, 4, 3)), np.array([4])), "lengths has 1 entries, expected 2"),
        (lambda layer: layer.forward(np.zeros((2, 4, 3)), state=np.zeros((2, 2))), "state is a ndarray, expected a tu"),
        (lambda layer: layer.forward(np.zeros((2, 4, 3)), state=(np.zeros((2, 9)),)), r"state\[0\] has shape \(2, 9\)"),
        (lambda layer: nn.RNN(0, 2, RNG), "n_in is 0, expected a whole number of at least 1"),
        (lambda layer: nn.RNN(2, 2.5, RNG), "hidden is 2.5, expected a whole number"),
        (lambda layer: nn.RNN(2, 2, 0), "rng is a int, expected np.random.default_rng"),
        (lambda layer: nn.RNN(2, 2, RNG, np.int32), "dtype is .*, expected np.float32 or np.float64"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(act, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        act(nn.RNN(3, 2, RNG))
    assert "\n" not in str(caught.value)


def test_a_gradient_of_another_shape_is_refused():
    layer = nn.RNN(3, 2, RNG)
    layer.forward(np.zeros((2, 4, 3)))
    with pytest.raises(ValueError, match=r"dH has shape \(2, 2\), expected \(2, 4, 2\)"):
        layer.backward(np.zeros((2, 2)))

"""LSTM and GRU, stacked, in both directions, with lengths: PyTorch judges values and gradients over random shapes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from introdl import gradcheck, nn

seeds = st.integers(0, 10**6)
RNG = np.random.default_rng(0)
KINDS = {nn.LSTM: torch.nn.LSTM, nn.GRU: torch.nn.GRU}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@st.composite
def problems(draw, most_steps=6):
    """Return X (N, T, D), the width, lengths or None, and a generator; N may be 0 where all steps count."""
    N, T, D, hidden = (draw(st.integers(least, most)) for least, most in ((0, 4), (1, most_steps), (1, 4), (1, 4)))
    rng = np.random.default_rng(draw(seeds))
    lengths = rng.integers(1, T + 1, size=N) if N and draw(st.booleans()) else None
    return rng.normal(0, 2, size=(N, T, D)), hidden, lengths, rng


def twin(kind, D, hidden, num_layers=1, bidirectional=False, dtype=torch.float64):
    return KINDS[kind](D, hidden, num_layers, batch_first=True, bidirectional=bidirectional, dtype=dtype)


def copy_weights(layers, theirs):
    """Give torch's module the weights of our layers, in torch's order: layer by layer, ahead before back."""
    left = iter(theirs.parameters())
    with torch.no_grad():
        for layer in layers:
            W_x, W_h, b, *b_n = layer.params
            inside = np.zeros_like(b)
            if b_n:
                inside[-layer.hidden :] = b_n[0]
            for ours, p in zip((W_x.T, W_h.T, b, inside), left, strict=False):
                p.copy_(torch.tensor(ours))


def gradients_of(layers, theirs):
    """Return pairs of our gradients and torch's."""
    left, pairs = iter(theirs.parameters()), []
    for layer in layers:
        gW_x, gW_h, gb, gb_in = (next(left).grad.numpy() for _ in range(4))
        pairs += zip(layer.grads, [gW_x.T, gW_h.T, gb, gb_in[-layer.hidden :]], strict=False)
    return pairs


def judged(theirs, X, lengths, dH, state=None):
    """Return torch's H, last state and dX, and leave its gradients in its parameters."""
    X = torch.tensor(X, requires_grad=True)
    if lengths is None:
        H, last = theirs(X, state)
    else:
        packed = pack_padded_sequence(X, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        H, last = theirs(packed, state)
        H, _ = pad_packed_sequence(H, batch_first=True, total_length=X.shape[1])
    H.backward(torch.tensor(dH))
    return H.detach().numpy(), last, X.grad.numpy()


def close(ours, theirs, tolerance=1e-11):
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=tolerance, rtol=tolerance)


@each_kind
@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_values_and_gradients_equal_torch(kind, problem):
    X, hidden, lengths, rng = problem
    N, T, D = X.shape
    for dtype, tolerance in ((np.float64, 1e-11), (np.float32, 2e-4)):
        layer = kind(D, hidden, rng, dtype)
        theirs = twin(kind, D, hidden, dtype=torch.tensor(np.zeros(0, dtype)).dtype)
        copy_weights([layer], theirs)
        x, dH = X.astype(dtype), rng.normal(size=(N, T, hidden)).astype(dtype)
        before = x.copy(), dH.copy()
        H, dX = layer.forward(x, lengths), layer.backward(dH)
        assert {H.dtype, dX.dtype, *(g.dtype for g in layer.grads)} == {np.dtype(dtype)}
        assert np.array_equal(x, before[0]) and np.array_equal(dH, before[1])
        if N:
            their_H, last, their_dX = judged(theirs, x, lengths, dH)
            close(H, their_H, tolerance)
            close(dX, their_dX, tolerance)
            for mine, torchs in gradients_of([layer], theirs):
                close(mine, torchs, tolerance)
            last = last if kind is nn.LSTM else (last,)
            for mine, torchs in zip(layer.state, last, strict=True):
                close(mine, torchs[0].detach().numpy(), tolerance)


@each_kind
@settings(max_examples=25, deadline=None)
@given(problem=problems(most_steps=4))
def test_a_state_goes_in_and_its_gradient_comes_out(kind, problem):
    X, hidden, lengths, rng = problem
    N, T, D = X.shape
    layer = kind(D, hidden, rng, np.float64)
    count = layer.num_states
    state, dstate = (tuple(rng.normal(size=(N, hidden)) for _ in range(count)) for _ in range(2))
    dH = rng.normal(size=(N, T, hidden))

    def loss(_):
        H = layer.forward(X, lengths, state)
        return float((H * dH).sum() + sum((a * b).sum() for a, b in zip(layer.state, dstate, strict=True)))

    loss(None)
    dX = layer.backward(dH, dstate)
    for ours, x in [(dX, X), *zip(layer.dstate, state, strict=True), *zip(layer.grads, layer.params, strict=True)]:
        np.testing.assert_allclose(ours, gradcheck.numerical_gradient(loss, x), atol=1e-7)


@each_kind
@settings(max_examples=30, deadline=None)
@given(problem=problems(), num_layers=st.integers(1, 3), both_ways=st.booleans())
def test_stacks_in_one_or_both_directions_equal_torch(kind, problem, num_layers, both_ways):
    X, hidden, lengths, rng = problem
    N, T, D = X.shape
    width, directions, stack = hidden * (2 if both_ways else 1), [], []
    for place in range(num_layers):
        pair = [kind(width if place else D, hidden, rng, np.float64) for _ in range(2 if both_ways else 1)]
        directions += pair
        stack.append(nn.Bidirectional(*pair) if both_ways else pair[0])
    net, theirs = nn.Stacked(*stack), twin(kind, D, hidden, num_layers, both_ways)
    copy_weights(directions, theirs)
    dH = rng.normal(size=(N, T, width))
    H, dX = net.forward(X, lengths), net.backward(dH)
    assert len(net.params) == len(net.grads) == sum(len(layer.params) for layer in directions)
    if N:
        their_H, _, their_dX = judged(theirs, X, lengths, dH)
        close(H, their_H)
        close(dX, their_dX)
        for mine, torchs in gradients_of(directions, theirs):
            close(mine, torchs)


@each_kind
def test_what_stands_in_the_padding_changes_nothing(kind):
    X, lengths = RNG.normal(size=(3, 5, 2)), np.array([5, 2, 1])
    other = np.where(nn.step_mask(lengths, 5)[:, :, np.newaxis], X, 1e3)
    net = nn.Stacked(
        nn.Bidirectional(kind(2, 3, RNG, np.float64), kind(2, 3, RNG, np.float64)), kind(6, 2, RNG, np.float64)
    )
    H, dH = net.forward(X, lengths), RNG.normal(size=(3, 5, 2))
    dX, grads = net.backward(dH), net.grads
    assert np.array_equal(H, net.forward(other, lengths)) and not H[1, 2:].any() and not H[2, 1:].any()
    assert np.array_equal(dX, net.backward(np.where(H == 0, 7, dH))) and not dX[1, 2:].any()
    assert all(map(np.array_equal, grads, net.grads))
    alone = net.forward(X[1:2, :2])
    np.testing.assert_allclose(H[1:2, :2], alone, atol=1e-12)


@each_kind
def test_a_sequence_in_two_parts_is_the_sequence(kind):
    X, layer = RNG.normal(size=(2, 6, 3)), kind(3, 4, RNG, np.float64)
    whole, state = layer.forward(X), layer.state
    first = layer.forward(X[:, :2])
    second = layer.forward(X[:, 2:], state=layer.state)
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), whole, atol=1e-12)
    assert all(map(np.allclose, layer.state, state))


def test_an_open_forget_gate_passes_slopes_and_huge_sums_do_not_overflow():
    layer = nn.LSTM(1, 2, RNG, np.float64)
    for p in layer.params:
        p[...] = 0
    layer.params[2][2:4], layer.params[2][6:8] = 1000, 1000  # keep everything, show everything
    layer.forward(np.zeros((1, 300, 1)))
    dH = np.zeros((1, 300, 2))
    dH[0, -1] = 1
    layer.backward(dH)
    np.testing.assert_allclose(layer.dstate[1], 1)  # 300 steps back, and nothing is lost
    assert np.isfinite(nn.GRU(1, 2, RNG).forward(np.full((1, 3, 1), 1e6, np.float32))).all()


def test_dropout_between_layers_drops_in_training_only():
    net = nn.Stacked(nn.LSTM(2, 8, RNG), nn.Dropout(0.5, np.random.default_rng(0)), nn.GRU(8, 3, RNG))
    X = RNG.normal(size=(2, 4, 2)).astype(np.float32)
    assert not np.array_equal(net.forward(X), net.forward(X))
    net.eval()
    assert np.array_equal(net.forward(X), net.forward(X))
    whole = nn.Sequential(nn.Embedding(5, 2, RNG), net)
    H = whole.forward(np.array([[0, 4, 1]]))
    assert whole.backward(np.ones_like(H), to_input=False) is None and whole.grads[0][4].any()
    whole.train()
    assert not np.array_equal(net.forward(X), net.forward(X))


@settings(max_examples=30, deadline=None)
@given(problem=problems())
def test_reversing_keeps_the_padding_and_twice_gives_the_sequence(problem):
    X, _, lengths, _ = problem
    back = nn.reverse_padded(X, lengths)
    for row, reversed_row, length in zip(
        X, back, lengths if lengths is not None else [X.shape[1]] * len(X), strict=True
    ):
        expected = [*row[:length][::-1], *row[length:]]
        assert np.array_equal(reversed_row, expected)
    assert np.array_equal(nn.reverse_padded(back, lengths), X)


def test_weights_start_within_torchs_limits():
    for kind in KINDS:
        layer = kind(100, 64, np.random.default_rng(0))
        for p in layer.params:
            assert p.min() < -0.115 and p.max() < 0.125 < 1.03 * max(p.max(), -p.min()) + 0.02
    assert nn.LSTM(3, 2, RNG).params[1].shape == (2, 8) and nn.GRU(3, 2, RNG).params[0].shape == (3, 6)


def test_two_layers_do_not_share_gradients():
    first, second = nn.GRU(1, 1, RNG), nn.GRU(1, 1, RNG)
    first.forward(np.ones((1, 3, 1), np.float32))
    first.backward(np.ones((1, 3, 1), np.float32))
    assert first.grads[0].any() and not second.grads[0].any()


X = np.ones((2, 5, 3), np.float32)
LAYER = nn.LSTM(3, 4, RNG)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LAYER.forward(X[0]), r"X has shape \(5, 3\), expected \(N, T, 3\)"),
        (lambda: LAYER.forward(X[:, :, :2]), r"X has shape \(2, 5, 2\), expected \(N, T, 3\)"),
        (lambda: LAYER.forward(X[:, :0]), r"X has shape \(2, 0, 3\), expected at least one step: T = 0 is an empty"),
        (lambda: LAYER.forward([[1]]), "X is a list, expected a NumPy array of numbers"),
        (lambda: LAYER.forward(X, np.array([5, 0])), r"lengths\[1\] is 0, expected at least 1: an empty sequence"),
        (lambda: LAYER.forward(X, np.array([6, 2])), r"lengths\[0\] is 6, expected at most T = 5, the steps of the b"),
        (lambda: LAYER.forward(X, np.array([5])), "lengths has 1 entries, expected 2, one a sequence of the batch"),
        (lambda: LAYER.forward(X, np.array([1.0, 2.0])), r"lengths has shape \(2,\) and dtype float64, expected \(N,"),
        (lambda: LAYER.forward(X, [5, 2]), "lengths is a list, expected a NumPy array of numbers"),
        (lambda: LAYER.forward(X, None, X), "state is a ndarray, expected a tuple of 2 arrays"),
        (lambda: LAYER.forward(X, None, (X, X)), r"state\[0\] has shape \(2, 5, 3\), expected \(2, 4\)"),
        (lambda: nn.LSTM(0, 4, RNG), "n_in is 0, expected a whole number of at least 1"),
        (lambda: nn.GRU(3, 4.0, RNG), r"hidden is 4\.0, expected a whole number of at least 1"),
        (lambda: nn.GRU(3, 4, 1), r"rng is a int, expected np\.random\.default_rng\(seed\)"),
        (lambda: nn.LSTM(3, 4, RNG, int), "dtype is .*int.*, expected np.float32 or np.float64"),
        (lambda: nn.Bidirectional(LAYER, LAYER), "ahead and back are one layer, expected two"),
        (lambda: nn.Stacked(), "layers is empty, expected at least one layer"),
        (
            lambda: nn.step_mask(np.array([[1]]), 3),
            r"lengths has shape \(1, 1\) and dtype int64, expected",
        ),
        (lambda: nn.reverse_padded(X, np.array([1, 2, 3])), "lengths has 3 entries, expected 2, one a sequence"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [(2, 5), (2, 4, 4), (1, 5, 4), (2, 5, 8)])
def test_a_gradient_has_the_shape_of_the_output(shape):
    LAYER.forward(X)
    with pytest.raises(ValueError, match=r"dH has shape .*, expected \(2, 5, 4\)"):
        LAYER.backward(np.ones(shape, np.float32))

"""CTC against PyTorch, and against the sum over every path there is."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.nn.ctc import ctc_collapse, ctc_loss, ctc_loss_backward


def log_softmax(scores):
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def case(seed, T, C, L):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 2, size=(T, C)), rng.integers(1, C, size=L)


def possible(label, T):
    return len(label) + int((label[1:] == label[:-1]).sum()) <= T


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(2, 5), st.integers(0, 5))
def test_loss_and_slope_are_those_of_torch(seed, T, C, L):
    scores, label = case(seed, T, C, L)
    if not possible(label, T):
        with pytest.raises(ValueError, match=f"there are {T}"):
            ctc_loss(log_softmax(scores), label)
        return
    theirs = torch.tensor(scores, requires_grad=True)
    log_p = torch.log_softmax(theirs, dim=1)
    loss = torch.nn.functional.ctc_loss(log_p[:, None], torch.tensor(label)[None], (T,), (L,), reduction="sum")
    loss.backward()
    np.testing.assert_allclose(ctc_loss(log_softmax(scores), label), loss.item(), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ctc_loss_backward(log_softmax(scores), label), theirs.grad.numpy(), atol=1e-6)


@pytest.mark.parametrize(("T", "C", "L"), [(1, 3, 1), (4, 3, 2), (5, 2, 2), (5, 4, 0), (6, 3, 3)])
def test_loss_is_the_sum_over_every_path(T, C, L):
    scores, label = case(7, T, C, L)
    log_p = log_softmax(scores)
    found = [
        sum(log_p[t, c] for t, c in enumerate(path))
        for path in itertools.product(range(C), repeat=T)
        if ctc_collapse(np.array(path)).tolist() == label.tolist()
    ]
    np.testing.assert_allclose(ctc_loss(log_p, label), -np.logaddexp.reduce(found), rtol=1e-9)


def test_probabilities_of_all_labels_sum_to_one():
    scores, _ = case(3, 4, 3, 0)
    log_p = log_softmax(scores)
    labels = [np.array(label, int) for L in range(5) for label in itertools.product((1, 2), repeat=L)]
    total = sum(np.exp(-ctc_loss(log_p, label)) for label in labels if possible(label, 4))
    np.testing.assert_allclose(total, 1, rtol=1e-9)


@pytest.mark.parametrize(
    ("path", "said"),
    [([0, 0], []), ([1, 1, 0, 1], [1, 1]), ([0, 2, 2, 3, 0, 3, 3], [2, 3, 3]), ([], []), ([1, 2, 1], [1, 2, 1])],
)
def test_a_path_is_read_by_dropping_repeats_and_then_blanks(path, said):
    assert ctc_collapse(np.array(path, int)).tolist() == said


def test_an_impossible_label_and_a_wrong_shape_are_refused_in_one_line():
    log_p = log_softmax(np.zeros((3, 4)))
    with pytest.raises(ValueError, match=r"needs 4 steps \(its 3 classes, a blank for each repeat\), there are 3"):
        ctc_loss(log_p, [2, 2, 3])
    with pytest.raises(ValueError, match=r"label is \[0, 1\], expected classes from 1 to 3: 0 is the blank"):
        ctc_loss(log_p, [0, 1])
    with pytest.raises(ValueError, match=r"label is \[4\], expected classes from 1 to 3"):
        ctc_loss(log_p, [4])
    with pytest.raises(ValueError, match=r"log_p has shape \(4,\), expected \(T, C\)"):
        ctc_loss(np.zeros(4), [1])

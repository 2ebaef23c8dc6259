"""Optimizers: equal to torch.optim over many steps, and picky about their input."""

import numpy as np
import pytest
import torch

from introdl import optim


def test_sgd_equals_torch_for_100_steps():
    rng = np.random.default_rng(0)
    ours = [rng.normal(size=(3, 4)), rng.normal(size=4)]
    theirs = [torch.tensor(p.copy(), requires_grad=True) for p in ours]
    mine, judge = optim.SGD(ours, lr=0.03), torch.optim.SGD(theirs, lr=0.03)
    for _ in range(100):
        grads = [rng.normal(size=p.shape) for p in ours]
        for tensor, grad in zip(theirs, grads, strict=True):
            tensor.grad = torch.tensor(grad)
        mine.step(grads)
        judge.step()
    for p, tensor in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p, tensor.detach(), rtol=1e-10)


@pytest.mark.parametrize("lr", [0, -0.1, float("nan"), float("inf"), "fast", None, True])
def test_a_learning_rate_is_a_number_above_zero(lr):
    with pytest.raises(ValueError, match="lr is .*, expected a number above 0"):
        optim.SGD([], lr)


def test_gradients_must_fit_their_parameters():
    with pytest.raises(ValueError, match=r"a gradient has shape \(3,\), its parameter \(2,\)"):
        optim.SGD([np.zeros(2)], 0.1).step([np.zeros(3)])
    with pytest.raises(ValueError, match="argument"):
        optim.SGD([np.zeros(2)], 0.1).step([])

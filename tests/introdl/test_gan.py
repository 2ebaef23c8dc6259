"""Losses, counts and the loop of unit 19, against PyTorch, brute force and broken games."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import binary_cross_entropy_with_logits as entropy

from introdl import gan
from introdl.checks.gan.modes_covered import one_by_one

logits = st.lists(st.floats(-50, 50), min_size=1, max_size=8).map(lambda z: torch.tensor(z, dtype=torch.float64))


@settings(deadline=None)
@given(logits, logits, st.floats(0, 1))
def test_losses_are_cross_entropies(real, fake, label):
    expected = entropy(real, torch.full_like(real, label)) + entropy(fake, torch.zeros_like(fake))
    assert torch.isclose(gan.discriminator_loss(real, fake, label), expected)
    assert torch.isclose(gan.generator_loss(fake), entropy(fake, torch.ones_like(fake)))
    assert torch.isclose(gan.saturating_loss(fake), -entropy(fake, torch.zeros_like(fake)))


def test_real_points_cover_the_ring_and_a_smear_has_a_quarter_of_its_points_near():
    rng = np.random.default_rng(0)
    points, centers = gan.ring(2000, rng), gan.ring_centers()
    covered, quality = gan.modes_covered(points, centers, gan.STD)
    assert points.dtype == np.float32 and covered == 8 and quality > 0.995
    angles = rng.uniform(0, 2 * np.pi, 4000)
    smear = gan.RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert gan.modes_covered(smear, centers, gan.STD)[1] == pytest.approx(0.255, abs=0.03)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 5), st.integers(1, 4), st.integers(0, 99))
def test_modes_are_counted_as_one_by_one(num_samples, num_modes, least, seed):
    rng = np.random.default_rng(seed)
    samples, centers = rng.normal(size=(num_samples, 3)), rng.normal(size=(num_modes, 3))
    covered, share = gan.modes_covered(samples, centers, 0.3, least=least)
    expected, near = one_by_one(samples, centers, 0.3, least)
    assert (covered, share) == (expected, pytest.approx(near))


def test_matching_compares_means():
    real, fake = torch.randn(7, 3, dtype=torch.float64), torch.randn(4, 3, dtype=torch.float64)
    assert gan.matching_loss(real, fake).item() == pytest.approx(((real.mean(0) - fake.mean(0)) ** 2).sum().item())
    assert gan.matching_loss(real, real.flip(0)).item() == pytest.approx(0)


@pytest.mark.parametrize("shape", [(5, 3), (4, 2, 3, 3)])
def test_the_penalty_is_that_of_numerical_slopes_and_reaches_the_weights(shape):
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(math.prod(shape[1:]), 6), torch.nn.Tanh(),
                              torch.nn.Linear(6, 1)).double()  # fmt: skip
    real, fake = torch.randn(2, *shape, dtype=torch.float64)
    mix = torch.rand(shape[0], *[1] * (len(shape) - 1), dtype=torch.float64)
    between, lengths = mix * real + (1 - mix) * fake, []
    for example in between:
        slopes = []
        for place in range(example.numel()):
            moved = torch.stack([example.clone(), example.clone()])
            moved.view(2, -1)[:, place] += torch.tensor([1e-5, -1e-5], dtype=torch.float64)
            up, down = net(moved)[:, 0]
            slopes.append((up - down).item() / 2e-5)
        lengths.append(math.hypot(*slopes))
    penalty = gan.gradient_penalty(net, real, fake, mix)
    assert penalty.item() == pytest.approx(np.mean((np.array(lengths) - 1) ** 2), rel=1e-5)
    penalty.backward()
    assert net[1].weight.grad.abs().sum() > 0


def test_a_game_that_diverges_stops_in_one_sentence_with_the_last_good_weights():
    net = torch.nn.Linear(1, 1)

    def step(number):
        with torch.no_grad():
            net.weight.fill_(number)
        return [math.nan if number == 120 else 1.0, 2.0]

    with pytest.raises(gan.Diverged, match="losses of step 120 are nan, 2: .* before step 100; try a smaller") as said:
        gan.play([net], step, 500)
    assert "\n" not in str(said.value) and net.weight.item() == 99


def test_a_game_returns_all_losses():
    assert gan.play([], lambda number: (number, -number), 3).tolist() == [[0, 0], [1, -1], [2, -2]]


def test_the_dense_networks_fit_each_other():
    fakes = gan.dense_generator()(torch.randn(3, 128))
    assert fakes.shape == (3, 784) and fakes.abs().max() <= 1
    assert gan.dense_discriminator()(fakes).shape == (3, 1)


@pytest.mark.parametrize("wrong", [0, -1, 2.5])
def test_a_wrong_number_of_samples_is_refused(wrong):
    with pytest.raises((ValueError, TypeError), match="num_samples"):
        gan.ring(wrong, np.random.default_rng(0))

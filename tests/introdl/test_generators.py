"""The generators of unit 20 against PyTorch's own layers, SciPy, brute force, and what must not change."""

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from introdl import data, gan
from introdl.generators import checkpoint, cycle, dcgan, digits, frechet, pix2pix, style

few = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**32 - 1)


@few
@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 4), st.integers(0, 2))
def test_a_transposed_convolution_has_the_size_of_pytorchs(size, kernel_size, stride, padding):
    expected = (size - 1) * stride + kernel_size - 2 * padding
    if expected < 1:
        return
    layer = nn.ConvTranspose1d(1, 1, kernel_size, stride, padding)
    assert dcgan.transposed_size(size, kernel_size, stride, padding) == layer(torch.zeros(1, 1, size)).shape[2]


@few
@given(st.integers(2, 4), seeds)
def test_the_frechet_distance_is_that_of_scipys_matrix_root(D, seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(20, D)) @ rng.normal(size=(D, D)), rng.normal(1, 2, size=(15, D))
    A, B = np.cov(X.T), np.cov(Y.T)
    root = scipy.linalg.sqrtm(A @ B)
    expected = ((X.mean(0) - Y.mean(0)) ** 2).sum() + np.trace(A + B - 2 * np.real(root))
    assert frechet.frechet_distance(X, Y) == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert frechet.frechet_distance(X, Y) == pytest.approx(frechet.frechet_distance(Y, X), rel=1e-4, abs=1e-4)
    assert frechet.frechet_distance(X, X + 3) == pytest.approx(9 * D, rel=1e-5)


@few
@given(st.integers(5, 12), st.integers(5, 12), st.integers(1, 3), seeds)
def test_precision_and_recall_by_brute_force(N, M, k, seed):
    rng = np.random.default_rng(seed)
    real, fake = rng.normal(size=(N, 2)), rng.normal(0.5, 1, size=(M, 2))

    def among(points, others):
        def radius(place):
            return sorted(np.linalg.norm(others - others[place], axis=1))[k]

        return np.mean([any(np.linalg.norm(p - others[j]) <= radius(j) for j in range(len(others))) for p in points])

    assert frechet.precision_recall(real, fake, k) == pytest.approx((among(fake, real), among(real, fake)))


def test_the_nearest_of_known_points_is_the_point_itself():
    known = np.random.default_rng(0).normal(size=(30, 5))
    places, distances = frechet.nearest(known[[7, 3]], known)
    assert places.tolist() == [7, 3] and np.allclose(distances, 0, atol=1e-6)


@pytest.mark.parametrize(
    ("X", "said"),
    [(np.zeros(3), "expected"), (np.zeros((1, 3)), "at least 2 rows"), (np.full((4, 2), np.nan), "diverge")],
)
def test_bad_features_are_named(X, said):
    with pytest.raises(ValueError, match=said):
        frechet.frechet_distance(X, np.zeros((4, 2)))


@few
@given(st.integers(1, 3), st.integers(1, 4), st.integers(2, 5), seeds)
def test_adain_is_instance_norm_with_the_styles_weights(N, C, side, seed):
    rng = np.random.default_rng(seed)
    X, scale, shift = (torch.tensor(rng.normal(size=s)) for s in ((N, C, side, side), (N, C), (N, C)))
    expected = [nn.functional.instance_norm(x[None], weight=s, bias=t) for x, s, t in zip(X, scale, shift, strict=True)]
    assert torch.allclose(style.adain(X, scale, shift), torch.cat(expected))


def test_a_mixture_with_all_layers_of_one_is_that_one():
    net = style.StyleGenerator().eval()
    A, B = (net.styles(torch.randn(3, style.NUM_NOISE)) for _ in range(2))
    with torch.no_grad():
        assert torch.equal(net(style.mix(A, B, 6)), net(A)) and torch.equal(net(style.mix(A, B, 0)), net(B))
    with pytest.raises(ValueError, match="crossover 7"):
        style.mix(A, B, 7)


def test_a_perfect_pair_has_no_cycle_loss_and_swapping_ink_is_seen_by_the_identity_loss():
    A, B = torch.rand(3, 1, 4, 4), torch.rand(5, 1, 4, 4)
    assert cycle.cycle_loss(A, B, lambda X: X + 1, lambda X: X - 1).item() == pytest.approx(0, abs=1e-6)
    assert cycle.cycle_loss(A, B, lambda X: X + 1, lambda X: X).item() == pytest.approx(2)
    swap = lambda X: -X  # noqa: E731
    assert cycle.cycle_loss(A, B, swap, swap).item() == 0
    assert cycle.identity_loss(A, B, swap, swap).item() == pytest.approx((2 * A.mean() + 2 * B.mean()).item(), rel=1e-5)


def test_a_poster_has_more_ink_and_leans_and_the_rulers_agree():
    X = digits.small(data.mnist5k().X_val[:50])
    assert X.shape == (50, 1, 16, 16) and X.min() >= -1 and X.max() <= 1
    assert (digits.ink(digits.poster(X)) > digits.ink(X)).all()
    assert (digits.slant(digits.poster(X)) - digits.slant(X)).mean() == pytest.approx(digits.SLANT, abs=0.1)
    line = torch.full((1, 1, 8, 8), -1.0)
    for row in range(8):
        line[0, 0, row, 7 - row] = 1
    assert digits.slant(line).item() == pytest.approx(1)
    with pytest.raises(ValueError, match="784"):
        digits.small(np.zeros((2, 3)))


@pytest.mark.parametrize("skips", [True, False])
def test_a_unet_keeps_the_size(skips):
    assert pix2pix.UNet(4, skips)(torch.zeros(2, 1, 16, 32)).shape == (2, 3, 16, 32)


def test_an_outline_is_where_all_colours_are_dark():
    X = np.ones((1, 3, 2, 2), np.float32)
    X[0, :, 0, 0], X[0, 0, 1, 1] = 0.1, 0.0
    assert pix2pix.outline(X).tolist() == [[[[1, -1], [-1, -1]]]]
    with pytest.raises(ValueError, match=r"\(N, 3, H, W\)"):
        pix2pix.outline(X[0])


def test_networks_fit_together_and_training_is_the_same_each_time():
    X, nets = torch.rand(64, 1, 28, 28) * 2 - 1, []
    for _ in range(2):
        torch.manual_seed(3)
        nets.append(dcgan.generator(4))
        history = dcgan.train(nets[-1], dcgan.discriminator(4), X, 2, 0.001, 3)
    assert history.shape == (2, 2)
    assert torch.equal(dcgan.sample(nets[0], 3, 1), dcgan.sample(nets[1], 3, 1))
    assert nets[0].training


def test_a_diverging_gan_stops_with_its_last_good_weights():
    torch.manual_seed(0)
    net = dcgan.generator(4)
    before = [p.clone() for p in net.parameters()]
    with pytest.raises(gan.Diverged, match="learning rate"):
        dcgan.train(net, dcgan.discriminator(4), torch.full((8, 1, 28, 28), torch.nan), 3, 0.001, 0)
    assert all(torch.equal(p, q) for p, q in zip(net.parameters(), before, strict=True))


@pytest.mark.parametrize("module", [cycle, style])
def test_a_checkpoint_is_small_finite_and_read_as_weights_only(module):
    assert module.FILE.stat().st_size < 1_000_000
    nets = module.load()
    for net in nets if isinstance(nets, tuple) else [nets]:
        assert not net.training and all(torch.isfinite(p).all() for p in net.parameters())


def test_a_checkpoint_that_is_missing_or_damaged_says_how_to_make_it(tmp_path):
    net = {"net": nn.Linear(2, 1)}
    with pytest.raises(FileNotFoundError, match="introdl.generators.toy"):
        checkpoint.load(tmp_path / "toy.pt", net)
    (tmp_path / "toy.pt").write_bytes(b"no weights")
    with pytest.raises(ValueError, match="make it again"):
        checkpoint.load(tmp_path / "toy.pt", net)
    checkpoint.save(tmp_path / "toy.pt", net)
    other = nn.Linear(2, 1)
    checkpoint.load(tmp_path / "toy.pt", {"net": other})
    assert torch.allclose(other.weight, net["net"].weight, atol=1e-3)


@pytest.mark.parametrize("train", [cycle.train, pix2pix.train])
def test_two_steps_of_each_trainer_change_the_weights(train):
    if train is cycle.train:
        _, _, history = train(torch.rand(8, 1, 16, 16), torch.rand(8, 1, 16, 16), 2, 0)
        assert history.shape == (2, 3)
    else:
        net = pix2pix.UNet(4)
        before = net.up1.weight.clone()
        train(net, torch.rand(8, 1, 32, 32), torch.rand(8, 3, 32, 32), 2, 0, adversarial=True)
        assert not torch.equal(before, net.up1.weight)


def test_two_steps_of_style_training_average_the_weights():
    net, history = style.train(torch.rand(8, 1, 16, 16), 2, 0)
    assert history.shape == (2, 2) and np.isfinite(history).all() and not net.training

"""Augmentation: PyTorch and SciPy judge where pixels go; draws keep to their limits and differ from image to image."""

import numpy as np
import pytest
import scipy.ndimage
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl import augment

seeds = st.integers(0, 10**6)
shapes = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)) | st.tuples(
    st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)
)
RANDOM = {
    "affine": lambda X, rng, fill=0.0: augment.random_affine(X, rng, 20, 0.2, 2.5, fill),
    "rotation": lambda X, rng, fill=0.0: augment.random_rotation(X, 20, rng, fill),
    "zoom": lambda X, rng, fill=0.0: augment.random_zoom(X, 0.3, rng, fill),
    "shift": lambda X, rng, fill=0.0: augment.random_shift(X, 3, rng, fill),
    "erasing": lambda X, rng, fill=0.0: augment.random_erasing(X, rng, 0.9, fill=fill),
    "flip": lambda X, rng, fill=0.0: augment.random_flip(X, rng),
}
each_random = pytest.mark.parametrize("name", RANDOM)


@settings(max_examples=60, deadline=None)
@given(shape=shapes, seed=seeds, fill=st.sampled_from([0.0, 1.0, -2.5]))
def test_affine_equals_scipy(shape, seed, fill):
    rng = np.random.default_rng(seed)
    X, (N, H, W) = rng.normal(size=shape), (shape[0], *shape[-2:])
    degrees, factor = rng.uniform(-180, 180, N), rng.uniform(0.4, 2.5, N)
    down, right = rng.uniform(-4, 4, (2, N))
    before, Y = X.copy(), augment.affine(X, degrees, factor, down, right, fill)
    for n, turn in enumerate(np.radians(degrees)):
        back = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) / factor[n]
        centre = np.array([H - 1, W - 1]) / 2
        offset = centre - back @ (centre + [down[n], right[n]])
        for ours, image in zip(Y[n].reshape(-1, H, W), X[n].reshape(-1, H, W), strict=True):
            theirs = scipy.ndimage.affine_transform(image, back, offset, order=1, mode="grid-constant", cval=fill)
            np.testing.assert_allclose(ours, theirs, atol=1e-9)
    assert np.array_equal(X, before)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, size=st.integers(2, 9), C=st.integers(1, 3))
def test_affine_equals_torch_in_float32(seed, size, C):
    rng = np.random.default_rng(seed)
    X, turn = rng.normal(size=(2, C, size, size)).astype(np.float32), rng.uniform(-180, 180)
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    theta = torch.tensor([[cos, -sin, 0], [sin, cos, 0]], dtype=torch.float32).expand(2, 2, 3)
    grid = torch.nn.functional.affine_grid(theta, X.shape, align_corners=False)
    theirs = torch.nn.functional.grid_sample(torch.tensor(X), grid, align_corners=False)
    ours = augment.rotate(X, turn)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


@settings(max_examples=20, deadline=None)
@given(shape=shapes, seed=seeds)
def test_quarter_turns_go_counter_clockwise_and_zoom_1_changes_nothing(shape, seed):
    X = np.random.default_rng(seed).normal(size=(*shape[:-1], shape[-2]))  # square
    for quarters in range(4):
        np.testing.assert_allclose(augment.rotate(X, 90 * quarters), np.rot90(X, quarters, (-2, -1)), atol=1e-12)
    np.testing.assert_allclose(augment.zoom(X, 1), X, atol=1e-12)


def test_zoom_by_2_enlarges_about_the_centre():
    X = np.zeros((1, 5, 5))
    X[0, 2, 1:4] = 1
    assert augment.zoom(X, 2)[0, 2].tolist() == [1, 1, 1, 1, 1] and augment.zoom(X, 0.5)[0, 2, [0, 4]].tolist() == [
        0,
        0,
    ]


@settings(max_examples=40, deadline=None)
@given(shape=shapes, seed=seeds)
def test_shift_moves_each_image_and_fills_what_is_left(shape, seed):
    rng = np.random.default_rng(seed)
    X, (H, W) = rng.normal(size=shape).astype(np.float32), shape[-2:]
    down, right = rng.integers(-10, 11, (2, len(X)))
    Y = augment.shift(X, down, right, fill=7)
    for n, (d, r) in enumerate(zip(down, right, strict=True)):
        wide = np.pad(X[n], ((0, 0),) * (X.ndim - 3) + ((10, 10), (10, 10)), constant_values=7)
        assert np.array_equal(Y[n], wide[..., 10 - d : 10 - d + H, 10 - r : 10 - r + W])
    assert np.array_equal(augment.shift(X, 0, 0), X)
    moved = augment.affine(X, down=down, right=right, fill=7)  # the two ways agree
    np.testing.assert_allclose(moved, Y, atol=1e-5)


def test_flip_mirrors_the_images_that_it_is_told():
    X = np.arange(12).reshape(2, 1, 2, 3)
    assert np.array_equal(augment.flip(X), X[..., ::-1])
    one = augment.flip(X, np.array([False, True]))
    assert np.array_equal(one[0], X[0]) and np.array_equal(one[1], X[1, :, :, ::-1])


@settings(max_examples=60, deadline=None)
@given(seed=seeds, H=st.integers(1, 20), W=st.integers(1, 20), low=st.floats(0.01, 0.5), more=st.floats(0, 0.5))
def test_erasing_covers_a_rectangle_of_the_area_that_was_asked_for(seed, H, W, low, more):
    X = np.ones((20, 2, H, W))
    Y = augment.random_erasing(X, np.random.default_rng(seed), p=1, area=(low, low + more), fill=-3)
    for hit in Y == -3:
        rows, columns = np.flatnonzero(hit[0].any(axis=1)), np.flatnonzero(hit[0].any(axis=0))
        h, w = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        assert np.array_equal(hit[0], hit[1]) and hit[0].sum() == h * w  # a full rectangle
        assert (h - 0.5) * (w - 0.5) <= (low + more) * H * W or 1 in (h, w)  # a side is rounded by half a pixel at most
        if 1 < h < H and 1 < w < W:  # not cut
            assert (h + 0.5) * (w + 0.5) >= low * H * W
            assert (h - 0.5) / (w + 0.5) <= 3 and (w - 0.5) / (h + 0.5) <= 3
    assert np.isin(Y, (1, -3)).all()


def test_erasing_reaches_every_pixel_and_leaves_the_share_that_p_says():
    rng = np.random.default_rng(0)
    Y = augment.random_erasing(np.ones((4000, 8, 6)), rng, p=0.25, area=(0.1, 0.3))
    hit = (Y == 0).any(axis=(1, 2))
    assert hit.mean() == pytest.approx(0.25, abs=0.03) and (Y == 0).any(axis=0).all()
    assert (augment.random_erasing(np.ones((50, 8, 6)), rng, p=0) == 1).all()


@each_random
def test_every_image_gets_a_draw_of_its_own_and_a_seed_repeats_it(name):
    X = np.tile(np.random.default_rng(0).normal(size=(1, 2, 12, 12)), (30, 1, 1, 1))
    Y = RANDOM[name](X, np.random.default_rng(1))
    assert len(np.unique(Y.round(9), axis=0)) >= (2 if name == "flip" else 15)
    assert np.array_equal(Y, RANDOM[name](X, np.random.default_rng(1)))
    assert not np.array_equal(Y, RANDOM[name](X, np.random.default_rng(2)))


@each_random
def test_channels_move_together_and_images_without_channels_move_alike(name):
    X = np.random.default_rng(0).normal(size=(8, 9, 7))
    flat = RANDOM[name](X, np.random.default_rng(1))
    deep = RANDOM[name](np.stack([X, X], axis=1), np.random.default_rng(1))
    assert np.array_equal(deep[:, 0], flat) and np.array_equal(deep[:, 1], flat)


@each_random
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_tensors_come_back_as_tensors_of_their_type(name, dtype):
    X = torch.randn(5, 3, 8, 8, dtype=dtype, generator=torch.Generator().manual_seed(0))
    before, Y = X.clone(), RANDOM[name](X, np.random.default_rng(1))
    assert Y.dtype == dtype and torch.equal(X, before)
    assert np.array_equal(Y.numpy(), RANDOM[name](X.numpy(), np.random.default_rng(1)))
    Y[:] = 0  # a copy that may be written to
    assert torch.equal(X, before)


@each_random
def test_an_empty_batch_stays_empty(name):
    assert RANDOM[name](np.zeros((0, 3, 5, 4), np.float32), np.random.default_rng(0)).shape == (0, 3, 5, 4)


@pytest.mark.parametrize("name", sorted(set(RANDOM) - {"flip"}))
def test_paper_stays_paper(name):
    """White images on white: a fill that is forgotten somewhere leaves a dark edge."""
    Y = RANDOM[name](np.ones((50, 6, 6)), np.random.default_rng(0), 1.0)
    np.testing.assert_allclose(Y, 1, atol=1e-12)


def test_draws_keep_to_their_limits_and_use_them(monkeypatch):
    seen = {}
    monkeypatch.setattr(augment, "affine", lambda X, *settings: seen.update(enumerate(settings)) or X)
    augment.random_affine(np.ones((4000, 2, 2)), np.random.default_rng(0), 15, 0.1, 3)
    for place, (middle, limit) in enumerate([(0, 15), (1, 0.1), (0, 3), (0, 3)]):
        off = (seen[place] - middle) / limit
        assert np.abs(off).max() <= 1 and off.min() < -0.99 and off.max() > 0.99 and abs(off.mean()) < 0.05
    related = np.corrcoef([seen[place] for place in range(4)]) - np.eye(4)
    assert np.abs(related).max() < 0.1  # a draw for the turn says nothing about the one for the move


def test_shifts_reach_their_limit_in_all_directions_equally_often():
    X = np.zeros((9000, 7, 7))
    X[:, 3, 3] = 1
    found = augment.random_shift(X, 1, np.random.default_rng(0)).mean(axis=0)
    np.testing.assert_allclose(found[2:5, 2:5], 1 / 9, atol=0.02)
    assert found.sum() == pytest.approx(1)


def test_bytes_stay_bytes_where_nothing_is_computed():
    X = np.full((3, 4, 4), 200, np.uint8)
    for name in ("shift", "erasing", "flip"):
        assert RANDOM[name](X, np.random.default_rng(0)).dtype == np.uint8
    assert augment.rotate(X, 45, fill=200).dtype == np.float64
    np.testing.assert_allclose(augment.rotate(X, 45, fill=200), 200)


IMAGES, RNG = np.ones((4, 5, 5), np.float32), np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: augment.rotate(np.ones((5, 5)), 3), r"X has shape \(5, 5\), expected \(N, H, W\) or \(N, C, H, W\)"),
        (lambda: augment.flip(np.ones((5, 0, 5))), r"X has shape \(5, 0, 5\), expected"),
        (lambda: augment.rotate([[1]], 3), "X is a list, expected a NumPy array of numbers"),
        (lambda: augment.rotate(IMAGES, np.ones(3)), r"degrees has shape \(3,\), expected one number or \(4,\)"),
        (lambda: augment.rotate(IMAGES, np.nan), "degrees is nan, expected a finite number"),
        (lambda: augment.rotate(IMAGES, np.full(4, np.inf)), r"degrees has shape .* \(4,\) finite numbers"),
        (lambda: augment.rotate(IMAGES, "3"), "degrees is '3', expected a number"),
        (lambda: augment.zoom(IMAGES, 0), "factor holds 0, expected numbers above 0"),
        (lambda: augment.zoom(IMAGES, np.array([1, 1, 1, -2])), "factor holds -2, expected numbers above 0"),
        (lambda: augment.shift(IMAGES, 0.5, 0), "down holds fractions, expected whole pixels"),
        (lambda: augment.shift(IMAGES, 0, 0, fill=np.inf), "fill is inf, expected a finite number"),
        (lambda: augment.shift(IMAGES.astype(np.uint8), 1, 0, fill=0.5), "fill is 0.5, expected .* fits into uint8"),
        (lambda: augment.shift(IMAGES.astype(np.uint8), 1, 0, fill=256), "fill is 256, expected .* fits into uint8"),
        (lambda: augment.flip(IMAGES, np.ones(4)), r"which has shape \(4,\) and dtype float64, expected \(4,\) bool"),
        (lambda: augment.random_rotation(IMAGES, -1, RNG), "max_degrees is -1, expected a number of at least 0"),
        (lambda: augment.random_zoom(IMAGES, 1, RNG), "max_zoom is 1, expected a number from 0 to below 1"),
        (lambda: augment.random_shift(IMAGES, 1.5, RNG), r"max_pixels is 1\.5, expected a whole number"),
        (lambda: augment.random_shift(IMAGES, 1, 0), r"rng is a int, expected np\.random\.default_rng\(seed\)"),
        (lambda: augment.random_flip(IMAGES, RNG, 1.5), r"p is 1\.5, expected a number from 0 to 1"),
        (lambda: augment.random_erasing(IMAGES, RNG, area=(0.3, 0.1)), r"area is \(0\.3, 0\.1\), expected two shares"),
        (lambda: augment.random_erasing(IMAGES, RNG, area=(0, 0.1)), r"area\[0\] is 0, expected a number above 0"),
    ],
)
def test_bad_settings_are_named_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()

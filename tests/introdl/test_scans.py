"""Digits of two scanners: real ones, drawn anew for each seed, none in two parts, the worn scanner rare in training."""

import numpy as np
import pytest

from introdl import data


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_the_parts_have_the_documented_sizes_and_shares(seed):
    train, val, new = data.scanned_digits(seed)
    for part, n in ((train, 1000), (val, 400), (new, 1194)):
        assert part.X.shape == (n, 1, 12, 12) and part.X.dtype == np.float32
        assert part.X.min() >= 0 and part.X.max() <= 1
        assert part.y.shape == part.scanner.shape == (n,) and set(part.y) == set(range(10))
    assert train.scanner.sum() == 150
    for part in (val, new):
        half = len(part.y) // 2
        assert not part.scanner[:half].any() and part.scanner[half:].all()
        assert (part.y[:half] == part.y[half:]).all()  # the same digits, from both


def test_good_scans_are_digits_of_the_course_and_no_digit_is_in_two_parts():
    split = data.digits8x8()
    known = {
        row.tobytes(): label
        for X, y in ((split[i], split[i + 1]) for i in (0, 2, 4))
        for row, label in zip(X, y, strict=True)
    }
    seen = []
    for part in data.scanned_digits(3):
        good = part.X[part.scanner == 0, 0, 2:10, 2:10].reshape(-1, 64)
        assert all(known[row.tobytes()] == label for row, label in zip(good, part.y[part.scanner == 0], strict=True))
        seen.append({row.tobytes() for row in good})
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])


def test_a_seed_is_repeatable_and_another_one_is_different():
    one, two, other = (data.scanned_digits(seed)[0] for seed in (5, 5, 6))
    assert all((a == b).all() for a, b in zip(one, two, strict=True))
    assert not (one.X == other.X).all()


def test_the_worn_scanner_turns_pales_and_spoils():
    X = np.zeros((400, 28, 28), dtype=np.float32)
    X[:, 4:24, 13:15] = 1  # an upright stroke
    before, worn = X.copy(), data.worn_scanner(X, np.random.default_rng(0))
    assert (before == X).all() and worn.dtype == np.float32 and worn.min() == 0 and worn.max() <= 1
    mean = worn.mean(axis=0)
    assert 0.4 < mean[13:15, 13:15].mean() < 0.6  # half as dark in the middle, which stays where it is
    assert mean[4:9, 5:13].sum() > 2 * mean[4:9, 15:23].sum()  # its top leans to the left: counter-clockwise
    assert worn[:, :2].std() > 0.03  # noise on the paper
    assert data.worn_scanner(X[:0], np.random.default_rng(0)).shape == (0, 28, 28)

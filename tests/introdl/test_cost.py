"""Measuring, fitting and counting of unit 21, against SciPy, scikit-learn and clocks wound by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from introdl import classic, cost


@given(st.floats(-2, 3), st.floats(0.001, 1000), st.integers(3, 8))
def test_the_power_of_a_power_law_is_found(power, factor, num):
    sizes = 10.0 * 2.0 ** np.arange(num)
    slope = cost.fit_slope(sizes, factor * sizes**power)
    assert slope.exponent == pytest.approx(power, abs=1e-9) and slope.low <= slope.exponent + 1e-9


def test_the_interval_covers_the_true_power_as_often_as_it_says():
    rng, sizes, covered = np.random.default_rng(0), 2.0 ** np.arange(6), 0
    for _ in range(400):
        slope = cost.fit_slope(sizes, sizes**1.3 * np.exp(rng.normal(0, 0.2, 6)))
        covered += slope.low <= 1.3 <= slope.high
    low, high = stats.binom(400, 0.95).interval(0.999)
    assert low <= covered <= high


@pytest.mark.parametrize(
    ("sizes", "costs", "said"),
    [([1, 2], [1, 2], "at least 3"), ([1, 2, 3], [1, 2], "expected"), ([0, 1, 2], [1, 2, 3], "above 0"),
     ([2, 2, 2], [1, 2, 3], "the same")],
)  # fmt: skip
def test_what_has_no_slope_is_refused(sizes, costs, said):
    with pytest.raises(ValueError, match=said):
        cost.fit_slope(sizes, costs)


def test_the_median_call_is_measured_after_a_warm_up():
    times, now = iter([9, 2, 2, 50, 3, 1]), [0.0]

    def call(add):
        now[0] += next(times) + add

    found = cost.seconds_of(call, 0.5, repeats=5, at_least=0.1, clock=lambda: now[0])
    assert found == 2.5  # of 2, 2, 50, 3 and 1, each half a second longer


def test_short_calls_are_repeated_until_the_clock_sees_them():
    calls, now = [], [0.0]

    def call():
        calls.append(1)
        now[0] += 0.001

    assert cost.seconds_of(call, repeats=1, at_least=0.02, clock=lambda: now[0]) == pytest.approx(0.001)
    assert len(calls) == 1 + sum(2**k for k in range(6))  # the warm-up, then 1, 2, 4, … 32


def test_peak_memory_is_that_of_the_arrays():
    assert 8e6 <= cost.peak_bytes(np.zeros, 1_000_000) < 8.2e6


def test_operations_are_those_of_a_loop():
    sizes, n, epochs = [3, 4, 2], 5, 2
    count = sum(3 for _ in range(epochs * n) for a, b in zip(sizes, sizes[1:], strict=False) for _ in range(a * b))
    assert cost.network_operations(sizes, n, epochs) == count
    assert cost.kmeans_operations(7, 3, 2, 4) == 4 * 7 * 2 * 3 and cost.knn_operations(7, 3, 2) == 42


@pytest.fixture
def groups():
    rng = np.random.default_rng(1)
    y = rng.integers(2, size=200)
    return rng.normal(size=(200, 5)) + 2 * y[:, None], y


def test_neighbours_and_naive_bayes_agree_with_scikit_learn(groups):
    X, y = groups
    for ours, theirs in ((classic.NearestNeighbors(5), KNeighborsClassifier(5)), (classic.NaiveBayes(), GaussianNB())):
        assert (ours.fit(X[:150], y[:150]).predict(X[150:]) == theirs.fit(X[:150], y[:150]).predict(X[150:])).all()


def test_k_means_agrees_with_scikit_learn_from_the_same_start(groups):
    X, _ = groups
    start = np.random.default_rng(0).permutation(X)[:4]
    theirs = KMeans(4, init=start, n_init=1, max_iter=300, tol=0).fit(X)
    ours = classic.KMeans(4, num_iterations=300).fit(X)
    assert np.allclose(ours.centers, theirs.cluster_centers_) and (ours.predict(X) == theirs.predict(X)).all()


@pytest.mark.parametrize("make", [classic.LogisticRegression, lambda: classic.Network(num_epochs=30)])
def test_two_groups_are_told_apart(make, groups):
    X, y = groups
    assert (make().fit(X[:150], y[:150]).predict(X[150:]) == y[150:]).mean() >= 0.85

"""Windows never see their target, the naive forecast repeats, and its own error is 1 by the measure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from introdl.forecast import mase, seasonal_naive, windows


@given(st.integers(2, 40), st.integers(1, 10), st.integers(1, 10))
def test_each_window_is_followed_by_its_future(T, length, horizon):
    series = np.arange(float(T))
    if length + horizon > T:
        with pytest.raises(ValueError, match=f"series has {T} values, expected at least length \\+ horizon"):
            windows(series, length, horizon)
        return
    X, y = windows(series, length, horizon)
    assert X.shape == (T - length - horizon + 1, length) and y.shape == (len(X), horizon)
    for n, (past, future) in enumerate(zip(X, y, strict=True)):
        assert [*past, *future] == list(range(n, n + length + horizon))
    X[:] = -1
    assert series[0] == 0  # a copy


def test_the_seasonal_forecast_repeats_the_last_season_in_its_order():
    assert seasonal_naive(np.array([9.0, 1.0, 2.0, 3.0]), 3, 7).tolist() == [1, 2, 3, 1, 2, 3, 1]
    assert seasonal_naive(np.array([4.0, 7.0]), 1, 2).tolist() == [7, 7]


@given(st.integers(0, 10**6), st.integers(1, 6))
def test_the_one_season_naive_forecast_of_its_own_history_scores_one(seed, season):
    history = np.random.default_rng(seed).normal(size=40)
    value = mase(history[season:], history[:-season], history, season)
    assert value == pytest.approx(1) and mase(history, history, history, season) == 0
    assert mase(5 * history[season:], 5 * history[:-season], 5 * history, season) == pytest.approx(1)


def test_gaps_flat_histories_and_short_ones_are_refused_in_one_line():
    gap = np.array([1.0, np.nan, 3.0])
    with pytest.raises(ValueError, match=r"series has 1 gaps \(NaN\), the first at 1: fill them first"):
        windows(gap, 1, 1)
    with pytest.raises(ValueError, match="history repeats itself exactly"):
        mase(np.ones(2), np.zeros(2), np.ones(5))
    with pytest.raises(ValueError, match="history has 3 values, expected at least a season of 4"):
        seasonal_naive(np.ones(3), 4, 2)
    with pytest.raises(ValueError, match=r"y has shape \(2,\) and y_hat \(3,\)"):
        mase(np.ones(2), np.ones(3), np.arange(5.0))

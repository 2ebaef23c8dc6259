"""Accuracy, its interval, and the headline cell."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from introdl import metrics


@given(n=st.integers(1, 2000), share=st.floats(0, 1))
def test_the_interval_equals_scipys(n, share):
    correct = round(share * n)
    theirs = binomtest(correct, n).proportion_ci(method="wilson")
    assert metrics.wilson_interval(correct, n) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


@pytest.mark.parametrize(("correct", "n"), [(-1, 5), (6, 5), (1, 0), (2.5, 5)])
def test_a_share_must_be_possible(correct, n):
    with pytest.raises(ValueError, match="expected"):
        metrics.wilson_interval(correct, n)


def test_accuracy():
    assert metrics.accuracy(np.array([1, 2, 3, 4]), np.array([1, 2, 0, 4])) == 0.75
    with pytest.raises(ValueError, match="expected"):
        metrics.accuracy(np.zeros(3), np.zeros((3, 1)))


def test_the_headline_is_printed_and_asserted(capsys):
    metrics.headline("test accuracy", 0.953, 0.92, interval=(0.94, 0.965))
    assert capsys.readouterr().out == "test accuracy: 0.953 (95 % interval 0.94 to 0.965); bar: at least 0.92\n"
    metrics.headline("error", 0.05, 0.1, at_least=False)
    with pytest.raises(AssertionError, match="misses its bar"):
        metrics.headline("test accuracy", 0.91, 0.92)
    with pytest.raises(AssertionError, match="misses its bar"):
        metrics.headline("error", 0.2, 0.1, at_least=False)
    with pytest.raises(AssertionError):
        metrics.headline("test accuracy", float("nan"), 0.92)


def in_a_notebook(monkeypatch):
    """Let a notebook seem to be there; return the bundles that it is given."""
    given = []
    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: given.append(bundle))
    return given


def test_a_notebook_gets_the_line_and_the_record(monkeypatch):
    given = in_a_notebook(monkeypatch)
    metrics.headline("test accuracy", np.float32(0.95312345), 0.92, interval=(np.float64(0.94), 0.965))
    with pytest.raises(AssertionError):
        metrics.headline("error", 0.2, 0.1, at_least=False)
    passed, missed = given  # also a missed bar is recorded
    assert passed["text/plain"].startswith("test accuracy: 0.953 ")
    record = json.loads(json.dumps(passed[metrics.MIME]))
    assert record == {"metric": "test accuracy", "value": 0.9531, "ci95": [0.94, 0.965], "bar": 0.92}
    assert missed[metrics.MIME] == {"metric": "error", "value": 0.2, "ci95": None, "bar": 0.1}

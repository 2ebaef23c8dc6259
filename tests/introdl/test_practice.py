"""What stands around a model: scores of rare events, groups, smaller weights, drift, input checks, the model card."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn.datasets import load_breast_cancer
from sklearn.inspection import permutation_importance as theirs_of_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, confusion_matrix, precision_recall_curve

from introdl import data, practice

seeds = st.integers(0, 10_000)


def labels_and_scores(seed, n=60, ties=True):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < rng.uniform(0.05, 0.6)).astype(int)
    y[rng.integers(n)] = 1
    score = rng.normal(size=n) + y
    return y, np.round(score, 1) if ties else score


@given(seeds, st.booleans())
def test_precision_recall_and_their_mean_are_scikit_learns(seed, ties):
    y, score = labels_and_scores(seed, ties=ties)
    precision, recall, threshold = practice.precision_recall(y, score)
    theirs = precision_recall_curve(y, score)
    for ours, other in zip((precision, recall, threshold), theirs, strict=True):
        np.testing.assert_allclose(ours[::-1], other[: len(ours)])
    assert practice.average_precision(y, score) == pytest.approx(average_precision_score(y, score))


@given(seeds, st.integers(1, 30), st.integers(1, 30))
def test_no_threshold_is_cheaper_than_the_cheapest(seed, miss, false_alarm):
    y, score = labels_and_scores(seed)
    best = practice.cheapest_threshold(y, score, miss, false_alarm)
    costs = {t: practice.cost_of(y, score >= t, miss, false_alarm) for t in [*score, np.inf]}
    assert best == max(t for t, cost in costs.items() if cost == min(costs.values()))


@pytest.mark.parametrize(
    ("y", "score", "said"),
    [
        (np.array([0, 2]), np.zeros(2), "zeros and ones"),
        (np.array([0, 0]), np.zeros(2), "no 1"),
        (np.array([0, 1]), np.zeros(3), "one for each label"),
        (np.array([0, 1]), np.array([0, np.nan]), "NaN"),
        (np.zeros(0, dtype=int), np.zeros(0), "expected"),
    ],
)
def test_labels_and_scores_must_fit(y, score, said):
    with pytest.raises(ValueError, match=said):
        practice.precision_recall(y, score)
    with pytest.raises(ValueError, match=said):
        practice.cheapest_threshold(y, score, 1.0, 1.0)


@given(seeds)
def test_group_rates_come_from_each_groups_own_confusion_matrix(seed):
    rng = np.random.default_rng(seed)
    y, y_hat, group = rng.integers(0, 2, 50), rng.integers(0, 2, 50), rng.choice(["a", "b", "c"], 50)
    found = practice.group_rates(y, y_hat, group)
    assert set(found) == set(group)
    for name, rates in found.items():
        table = confusion_matrix(y[group == name], y_hat[group == name], labels=[0, 1])
        with np.errstate(invalid="ignore", divide="ignore"):
            alarms, missed = table[0, 1] / table[0].sum(), table[1, 0] / table[1].sum()
        np.testing.assert_allclose([rates["missed"], rates["false_alarms"]], [missed, alarms])
        assert rates["n"] == table.sum()
    with pytest.raises(ValueError, match="group has shape"):
        practice.group_rates(y, y_hat, group[:-1])


@given(seeds, st.sampled_from([(3, 5), (1, 4), (4, 2, 3, 3)]))
def test_quantized_weights_are_torchs_and_no_further_than_half_a_scale(seed, shape):
    W = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    Q, scale = practice.quantize(W)
    back = practice.dequantize(Q, scale)
    assert Q.dtype == np.int8 and back.dtype == np.float32 and back.shape == W.shape
    half = scale.reshape(-1, *[1] * (W.ndim - 1)) / 2
    assert (np.abs(back - W) <= half * (1 + 1e-4)).all()
    settings = torch.tensor(scale), torch.zeros(len(W), dtype=torch.int32), 0, -127, 127
    theirs = torch.fake_quantize_per_channel_affine(torch.tensor(W), *settings)
    differing = np.abs(theirs.numpy() - back) > half / 100
    assert differing.mean() < 0.05 and (np.abs(theirs.numpy() - back) <= 2.01 * half).all()  # where a half is rounded


def test_a_row_of_zeros_stays_zero():
    W = np.array([[0.0, 0.0], [1.0, -2.0]])
    Q, scale = practice.quantize(W)
    assert Q.tolist() == [[0, 0], [64, -127]] and scale[0] == 1
    assert not practice.dequantize(Q, scale)[0].any()


@given(seeds, st.floats(0, 1))
def test_pruning_takes_the_smallest_and_leaves_the_others(seed, share):
    W = np.random.default_rng(seed).normal(size=(6, 7))
    pruned, before = practice.prune(W, share), W.copy()
    gone = pruned == 0
    assert gone.sum() == int(share * W.size) and (before == W).all() and (pruned[~gone] == W[~gone]).all()
    assert not gone.any() or gone.all() or np.abs(W[gone]).max() <= np.abs(W[~gone]).min()
    assert practice.stored_bytes(pruned) == min(W.nbytes, (~gone).sum() * 8 + 6)


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan, True, "half"])
def test_a_share_is_a_share(share):
    with pytest.raises(ValueError, match="share is"):
        practice.prune(np.ones((2, 2)), share)


@given(seeds)
def test_the_distance_is_scipys(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=rng.integers(1, 40)).round(1), rng.normal(0.3, 1.5, size=rng.integers(1, 40)).round(1)
    assert practice.ks_distance(a, b) == pytest.approx(ks_2samp(a, b).statistic)


@given(seeds)
def test_the_stability_index_is_small_for_equals_and_grows_with_the_shift(seed):
    rng = np.random.default_rng(seed)
    reference, live = rng.normal(size=4000), rng.normal(size=2000)
    found = [practice.stability_index(reference, live + shift) for shift in (0, 0.5, 1.5)]
    assert 0 <= found[0] < 0.03 < found[1] < found[2]
    assert practice.stability_index(reference, reference) == pytest.approx(0, abs=1e-12)


@settings(deadline=None, max_examples=5)
@given(seeds)
def test_the_monitor_is_quiet_on_a_stable_stream_and_fires_on_a_shifted_one(seed):
    rng = np.random.default_rng(seed)
    monitor = practice.DriftMonitor(rng.normal(size=(1500, 4)), 50, rate=0.05, num_draws=200, seed=seed)
    stable = np.mean([monitor.alarm(rng.normal(size=(50, 4))) for _ in range(200)])
    shift = np.array([0, 0, 1.5, 0])
    shifted = np.mean([monitor.alarm(rng.normal(size=(50, 4)) + shift) for _ in range(50)])
    assert stable < 0.2 and shifted == 1
    assert monitor.distances(rng.normal(size=(50, 4)) + shift).argmax() == 2


def test_the_monitor_refuses_what_it_cannot_judge():
    X = np.random.default_rng(0).normal(size=(60, 3))
    monitor = practice.DriftMonitor(X, 20, num_draws=20)
    with pytest.raises(ValueError, match="holds for this window"):
        monitor.alarm(X[:19])
    with pytest.raises(ValueError, match="NaN"):
        monitor.alarm(np.full((20, 3), np.nan))
    with pytest.raises(ValueError, match="twice the window"):
        practice.DriftMonitor(X, 31)
    with pytest.raises(ValueError, match="rate is"):
        practice.DriftMonitor(X, 20, rate=5)


X32 = np.random.default_rng(1).uniform(0, 1, size=(50, 4)).astype(np.float32)


@pytest.mark.parametrize(
    ("X", "kind", "said"),
    [
        (X32.tolist(), TypeError, "a list"),
        (X32.astype(np.float64), TypeError, "an array of float64"),
        (X32[0], ValueError, "shape"),
        (X32[:, :3], ValueError, "shape"),
        (X32[:0], ValueError, "N >= 1"),
        (X32 * np.float32(255), ValueError, "out of range"),
        (-X32 - 1, ValueError, "out of range"),
        (np.where(np.arange(4) == 2, np.float32(np.nan), X32), ValueError, r"X\[0, 2\] is nan, no number"),
        (np.where(np.arange(4) == 1, np.float32(np.inf), X32), ValueError, r"X\[0, 1\] is inf, no number"),
    ],
)
def test_bad_inputs_are_refused_with_a_sentence(X, kind, said):
    check = practice.InputCheck(X32)
    assert check(X32) is X32
    with pytest.raises(kind, match=said) as caught:
        check(X)
    assert "expected" in str(caught.value) and "\n" not in str(caught.value)


def test_importance_agrees_with_scikit_learn_and_leaves_the_inputs():
    X, y = data.breast_cancer()
    X = ((X - X.mean(axis=0)) / X.std(axis=0))[:, :6]
    model, before = LogisticRegression().fit(X[:300], y[:300]), X.copy()
    ours = practice.permutation_importance(model.predict, X[300:], y[300:], times=30)
    theirs = theirs_of_importance(model, X[300:], y[300:], n_repeats=30, random_state=0).importances_mean
    assert ours.shape == (6, 30) and (before == X).all()
    np.testing.assert_allclose(ours.mean(axis=1), theirs, atol=0.02)
    with pytest.raises(ValueError, match="one label for each row"):
        practice.permutation_importance(model.predict, X, y[:-1])


FACTS = {part: f"about {part}" for part in ("model", "use", "not for", "data", "groups", "limits", "made with")}


def test_a_card_has_all_parts_or_is_none():
    card = practice.model_card("Reader", FACTS | {"results": {"accuracy": 0.96789, "n": 1000}})
    assert card.startswith("# Reader\n") and card.count("\n## ") == 8
    assert "- accuracy: 0.968\n- n: 1000" in card and "## Not for\n\nabout not for" in card
    with pytest.raises(ValueError, match="lack results"):
        practice.model_card("Reader", FACTS)
    with pytest.raises(ValueError, match="lack results, groups and have unknown grpus"):
        practice.model_card("Reader", {k: v for k, v in FACTS.items() if k != "groups"} | {"grpus": "x"})


def test_the_tumours_are_scikit_learns_in_another_order():
    X, y = data.breast_cancer()
    theirs = load_breast_cancer()
    assert X.shape == (569, 30) and y.sum() == 212 and y.dtype == np.int64 and len(data.CANCER_FEATURES) == 30
    ours = {row.tobytes(): label for row, label in zip(X, y, strict=True)}
    assert ours == {row.tobytes(): 1 - label for row, label in zip(theirs.data, theirs.target, strict=True)}
    for ours, name in zip(data.CANCER_FEATURES, theirs.feature_names, strict=True):
        assert ours.replace("error of ", "") == name.replace(" error", "")

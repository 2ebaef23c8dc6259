"""Mini-batches and the training loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from introdl import data, nn, train


@given(N=st.integers(1, 40), batch_size=st.integers(1, 50), seed=st.integers(0, 99))
def test_every_example_comes_once_with_its_label(N, batch_size, seed):
    X, y = np.arange(N)[:, None] * 1.0, np.arange(N)
    batches = list(train.minibatches(X, y, batch_size, np.random.default_rng(seed)))
    assert sorted(np.concatenate([b for _, b in batches])) == list(range(N))
    assert all((X_batch[:, 0] == y_batch).all() for X_batch, y_batch in batches)
    assert [len(b) for _, b in batches] == [batch_size] * (N // batch_size) + [N % batch_size] * (N % batch_size > 0)


def test_batches_are_shuffled_anew():
    rng = np.random.default_rng(0)
    first, second = (
        np.concatenate([y for _, y in train.minibatches(np.eye(50), np.arange(50), 10, rng)]) for _ in range(2)
    )
    assert first.tolist() != second.tolist() != list(range(50))


@pytest.mark.parametrize(
    ("X", "y", "batch_size", "message"),
    [
        (np.ones((3, 1)), np.ones(2), 1, "X has 3 examples and y has 2"),
        (np.ones((3, 1)), np.ones(3), 0, "batch_size is 0"),
    ],
)
def test_bad_batches_are_refused(X, y, batch_size, message):
    with pytest.raises(ValueError, match=message):
        list(train.minibatches(X, y, batch_size, np.random.default_rng(0)))


def moons():
    X, y = data.two_moons(400, 0.1, seed=0)
    X = X.astype(np.float32)
    return data.Split(X[:300], y[:300], X[300:350], y[300:350], X[350:], y[350:])


def make_net(seed=0):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Dense(2, 16, rng), nn.ReLU(), nn.Dense(16, 2, rng))


def test_training_learns_and_keeps_its_history():
    history = train.fit_numpy(make_net(), moons(), num_epochs=40, batch_size=32, lr=0.3, rng=np.random.default_rng(0))
    assert {key: len(values) for key, values in history.items()} == {
        "train_loss": 40,
        "val_loss": 40,
        "val_accuracy": 40,
    }
    assert history["train_loss"][-1] < 0.3 * history["train_loss"][0] and history["val_accuracy"][-1] > 0.9


def test_training_is_the_same_for_the_same_seed_and_never_reads_the_test_set():
    split = moons()
    closed = split._replace(X_test=None, y_test=None)
    runs = [
        train.fit_numpy(make_net(), s, num_epochs=2, batch_size=32, lr=0.3, rng=np.random.default_rng(0))
        for s in (split, closed)
    ]
    assert runs[0] == runs[1]


def test_the_training_loss_weighs_batches_by_their_size():
    split, net = moons(), make_net()
    split = split._replace(X_train=split.X_train[:33], y_train=split.y_train[:33])
    before = nn.cross_entropy(net.forward(split.X_train), split.y_train)
    history = train.fit_numpy(net, split, num_epochs=1, batch_size=32, lr=1e-9, rng=np.random.default_rng(0))
    assert history["train_loss"][0] == pytest.approx(before, rel=1e-4)


def test_progress_bars_are_silent_in_built_notebooks(monkeypatch, capsys):
    monkeypatch.setenv("INTRODL_QUIET", "1")
    assert list(train.track(range(3), "counting")) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")
    monkeypatch.delenv("INTRODL_QUIET")
    list(train.track(range(3), "counting"))
    out, err = capsys.readouterr()
    assert "counting" in out and err == ""  # nbgrader gives no marks where there is an error stream


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lr": -0.1}, "lr is -0.1, expected a number above 0"),
        ({"num_epochs": 0}, "num_epochs is 0, expected a whole number of at least 1"),
        ({"batch_size": 2.5}, "batch_size is 2.5, expected a whole number"),
    ],
)
def test_bad_settings_are_named(wrong, message):
    settings = {"num_epochs": 1, "batch_size": 32, "lr": 0.1, "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=message):
        train.fit_numpy(make_net(), moons(), **settings | wrong)


def test_missing_values_are_found_before_training():
    split, net = moons(), make_net()
    split.X_train[3, 1] = np.nan
    before = [p.copy() for p in net.params]
    with pytest.raises(ValueError, match="X_train holds 1 NaN or infinite entries, expected none"):
        train.fit_numpy(net, split, num_epochs=1, batch_size=32, lr=0.1, rng=np.random.default_rng(0))
    np.testing.assert_equal(net.params, before)


def test_training_in_float32_stays_there():
    net = make_net()
    train.fit_numpy(net, moons(), num_epochs=1, batch_size=32, lr=np.float64(0.1), rng=np.random.default_rng(0))
    assert {a.dtype for a in (*net.params, *net.grads)} == {np.dtype(np.float32)}

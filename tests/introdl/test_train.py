"""Mini-batches, the NumPy training loop with all its options, early stopping, and the learning-rate range test."""

import copy
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from introdl import data, nn, optim, train
from introdl.train.range_test import range_test


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
        ({"lr": None}, "lr is None, expected a number above 0"),
        ({"optimizer": optim.SGD([np.zeros(2)], 0.1)}, "lr is 0.1 and an optimizer is given, expected one of both"),
        ({"patience": 0}, "patience is 0, expected a whole number of at least 1"),
        ({"max_norm": -1}, "max_norm is -1, expected a number above 0"),
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


# The options of the loop ---------------------------------------------------------------------------------------------


def fit(net, split=None, num_epochs=3, **options):
    settings = {"num_epochs": num_epochs, "batch_size": 32, "rng": np.random.default_rng(0)}
    return train.fit_numpy(net, split or moons(), **settings, **options)


def test_the_loop_is_the_one_that_unit_03_writes_out():
    """Bit for bit: its lesson has committed outputs."""
    net, twin, split = make_net(), make_net(), moons()
    history = fit(net, split, lr=0.3)
    rng, losses = np.random.default_rng(0), []
    for _ in range(3):
        for X, y in train.minibatches(split.X_train, split.y_train, 32, rng):
            twin.backward(nn.cross_entropy_backward(twin.forward(X), y))
            for p, g in zip(twin.params, twin.grads, strict=True):
                p -= 0.3 * g
        losses.append(nn.cross_entropy(twin.forward(split.X_val), split.y_val))
    np.testing.assert_array_equal(np.concatenate([p.ravel() for p in net.params]), flat(twin))
    assert history["val_loss"] == losses


def flat(net):
    return np.concatenate([a.ravel() for a in (*net.params, *net.buffers)])


def test_an_optimizer_takes_the_place_of_lr():
    net, same = make_net(), make_net()
    fit(net, optimizer=optim.SGD(net.params, 0.3))
    fit(same, lr=0.3)
    np.testing.assert_array_equal(flat(net), flat(same))
    adam = make_net()
    assert fit(adam, num_epochs=10, optimizer=optim.Adam(adam.params, 0.02))["val_accuracy"][-1] > 0.9


def test_a_schedule_sets_the_rate_of_every_step_from_0_on():
    net, seen = make_net(), []
    optimizer = optim.SGD(net.params, 0.3)
    for _ in range(2):  # each run starts anew
        fit(net, num_epochs=2, optimizer=optimizer, schedule=lambda step: seen.append(step) or 1 / (1 + step))
        assert optimizer.lr == 1 / 20
    assert seen == 2 * [*range(20)]  # 300 examples: ten batches an epoch


def test_clipping_limits_how_far_a_step_goes():
    net, free = make_net(), make_net()
    start = flat(net)
    split = moons()._replace(X_train=1000 * moons().X_train[:32], y_train=moons().y_train[:32])
    fit(net, split, num_epochs=1, lr=0.5, max_norm=2.0)
    fit(free, split, num_epochs=1, lr=0.5)
    assert np.linalg.norm(flat(net) - start) == pytest.approx(0.5 * 2, rel=1e-4)
    assert np.linalg.norm(flat(free) - start) > 10


def with_modes(seed=0):
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Dense(2, 16, rng),
        nn.BatchNorm(16),
        nn.ReLU(),
        nn.Dropout(0.5, np.random.default_rng(1)),
        nn.Dense(16, 2, rng),
    )


@pytest.mark.parametrize("training", [True, False])
def test_validation_is_in_evaluation_mode_and_the_mode_is_put_back(training):
    net, split = with_modes(), moons()
    if not training:
        net.eval()
    history = fit(net, split, lr=0.1)
    assert [layer.training for layer in (net, *net.layers)] == [training] * 6
    net.eval()
    assert history["val_loss"][-1] == nn.cross_entropy(net.forward(split.X_val), split.y_val)
    assert net.buffers[0].any()  # it did train in training mode


def noise():
    """Labels that cannot be learned: the validation loss soon rises."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)).astype(np.float32), rng.integers(0, 2, 200)
    return data.Split(X[:100], y[:100], X[100:], y[100:], None, None)


def test_early_stopping_ends_training_and_brings_the_best_weights_back():
    net, split = with_modes(), noise()
    history = fit(net, split, num_epochs=200, lr=0.5, patience=3)
    losses = history["val_loss"]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3 < 200
    net.eval()  # the running statistics belong to the weights
    assert nn.cross_entropy(net.forward(split.X_val), split.y_val) == losses[best] < losses[-1]


def test_a_run_that_diverges_goes_on_and_shows_it():
    net = nn.Sequential(nn.Dense(2, 16, np.random.default_rng(0)), nn.Dense(16, 2, np.random.default_rng(0)))
    with np.errstate(all="ignore"):
        history = fit(net, num_epochs=8, lr=1e6)
        stopped = fit(copy.deepcopy(net), num_epochs=8, lr=1e6, patience=2)
    assert len(history["val_loss"]) == 8 and np.isnan(history["val_loss"][-1])
    assert len(stopped["val_loss"]) == 2


# Early stopping ------------------------------------------------------------------------------------------------------


def set_to(net, value):
    for p in net.state_dict().values() if isinstance(net, torch.nn.Module) else (*net.params, *net.buffers):
        p[...] = value


NETS = {
    "numpy": lambda: nn.Sequential(nn.Dense(2, 3, np.random.default_rng(0)), nn.BatchNorm(3)),
    "torch": lambda: torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)),
}


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize(
    ("losses", "patience", "min_delta", "stops_after", "best"),
    [
        ([3, 2, 1, 2, 2, 2], 2, 0.0, 5, 3),
        ([3, 3, 3], 2, 0.0, 3, 1),  # the same is not better
        ([3, 4, 2, 4, 1, 4, 4], 2, 0.0, 7, 5),  # patience is of epochs in a row
        ([3, 2.9, 2.8, 2.7], 3, 0.5, 4, 1),  # too little to count
        ([3, float("nan"), float("nan")], 2, 0.0, 3, 1),
        ([float("inf"), float("nan")], 2, 0.0, 2, 0),
        ([2, 1], 1, 0.0, None, 2),
    ],
)
def test_early_stopping_waits_as_long_as_it_should_and_restores_the_best(
    kind, losses, patience, min_delta, stops_after, best
):
    net, stopping, stopped = NETS[kind](), train.EarlyStopping(patience, min_delta), None
    for epoch, loss in enumerate(losses, start=1):
        set_to(net, epoch)
        if stopping.update(loss, net):
            stopped = epoch
            break
    assert (stopped, stopping.best_epoch) == (stops_after, best)
    if not best:
        with pytest.raises(RuntimeError, match="no weights were kept"):
            stopping.restore(net)
        return
    assert stopping.best_loss == losses[best - 1]
    arrays = list(net.state_dict().values()) if kind == "torch" else [*net.params, *net.buffers]
    set_to(net, -1)
    for _ in range(2):  # the copy is not handed out: it can be restored again
        stopping.restore(net)
        assert all((a == best).all() for a in arrays)  # in place: the same arrays
        set_to(net, -2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0,), "patience is 0, expected a whole number"), ((2, -1), "min_delta is -1, expected a number of at least 0")],
)
def test_early_stopping_refuses_bad_settings(arguments, message):
    with pytest.raises(ValueError, match=message):
        train.EarlyStopping(*arguments)


# The range test ------------------------------------------------------------------------------------------------------


def test_the_range_test_spaces_rates_by_one_factor_and_smooths_losses():
    seen, raw = [], [4.0, 2.0, 3.0]
    lrs, losses = range_test(lambda lr: seen.append(lr) or raw[len(seen) - 1], 0.01, 1.0, 3)
    assert seen == pytest.approx([0.01, 0.1, 1.0]) and lrs == pytest.approx(seen)
    weights = [[1], [0.9, 1], [0.81, 0.9, 1]]  # older losses count less
    assert losses == pytest.approx([np.average(raw[: len(w)], weights=w) for w in weights])


@pytest.mark.parametrize(("losses", "kept"), [([1, 1, np.nan, 1], 2), ([1, 1, np.inf, 1], 2), ([1, 1, 1e3, 1, 1], 3)])
def test_the_range_test_ends_when_the_loss_explodes(losses, kept):
    left = iter(losses)
    lrs, smoothed = range_test(lambda lr: next(left), 0.01, 1.0, len(losses))
    assert len(lrs) == len(smoothed) == kept and np.isfinite(smoothed).all()


@pytest.mark.parametrize("make_optimizer", [optim.SGD, lambda params, lr: optim.SGD(params, lr, momentum=0.9)])
def test_find_lr_sees_the_valley_and_leaves_the_network_alone(make_optimizer):
    net = with_modes()
    net.eval()
    before, dropout = copy.deepcopy([*net.params, *net.grads, *net.buffers]), copy.deepcopy(net.layers[3].rng)
    with np.errstate(all="ignore"):
        lrs, losses = train.find_lr_numpy(
            net,
            moons(),
            batch_size=32,
            rng=np.random.default_rng(0),
            make_optimizer=make_optimizer,
            low=1e-4,
            high=1e4,
            num_steps=80,
        )
    assert len(lrs) == len(losses) < 80 and lrs[0] == pytest.approx(1e-4)
    assert losses.min() < 0.8 * losses[:20].mean() and losses[-1] > losses.min() and 1e-3 < lrs[losses.argmin()] < 1e3
    np.testing.assert_equal([*net.params, *net.grads, *net.buffers], before)
    assert not net.training and net.layers[3].rng.random() == dropout.random()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"low": 0}, "low is 0, expected a number above 0"),
        ({"low": 1.0, "high": 0.1}, "high is 0.1, expected a number above low, 1.0"),
        ({"num_steps": 1}, "num_steps is 1, expected a whole number of at least 2"),
    ],
)
def test_find_lr_refuses_bad_settings(wrong, message):
    with pytest.raises(ValueError, match=message):
        train.find_lr_numpy(make_net(), moons(), batch_size=32, rng=np.random.default_rng(0), **wrong)


def test_numpy_users_do_not_wait_for_torch():
    code = (
        "import sys, introdl.train as t; t.fit_numpy, t.EarlyStopping; print('torch' in sys.modules);"
        "t.fit; print('torch' in sys.modules); t.nothing"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout == "False\nTrue\n" and "has no attribute 'nothing'" in ran.stderr

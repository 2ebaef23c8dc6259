"""The PyTorch loop: learns, notes the right figures, stops and restores, puts things back, refuses bad input."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from introdl import data, train
from introdl import nn as numpy_nn
from introdl.train import tensors


def moons():
    X, y = data.two_moons(400, 0.1, seed=0)
    X = X.astype(np.float32)
    return data.Split(X[:300], y[:300], X[300:350], y[300:350], None, None)


def make_net(seed=0, dropout=0.0, dtype=torch.float32):
    torch.manual_seed(seed)
    layers = nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(dropout), nn.Linear(16, 2)
    return nn.Sequential(*layers).to(dtype)


def plain_net(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))


def state(net):
    return copy.deepcopy(net.state_dict())


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one) and one.keys() == other.keys()


def loss_of(net, X, y, loss=F.cross_entropy):
    net.eval()
    with torch.no_grad():
        return loss(net(torch.as_tensor(X)), torch.as_tensor(y)).item()


def test_it_learns_and_keeps_its_history():
    net, split = make_net(), moons()
    history = train.fit(net, split, num_epochs=30, optimizer=torch.optim.Adam(net.parameters(), 0.01))
    assert {name: len(values) for name, values in history.items()} == {
        "train_loss": 30,
        "val_loss": 30,
        "val_accuracy": 30,
    }
    assert history["train_loss"][-1] < 0.5 * history["train_loss"][0] and history["val_accuracy"][-1] > 0.9
    assert history["val_loss"][-1] == pytest.approx(loss_of(net, split.X_val, split.y_val), rel=1e-5)


def test_it_takes_the_same_steps_as_the_numpy_loop():
    rng = np.random.default_rng(1)
    ours = numpy_nn.Sequential(
        numpy_nn.Dense(2, 8, rng, np.float64), numpy_nn.ReLU(), numpy_nn.Dense(8, 2, rng, np.float64)
    )
    net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2)).double()
    for theirs, mine in zip(net.parameters(), ours.params, strict=True):
        theirs.data = torch.tensor(mine.T.copy())
    settings = {"num_epochs": 3, "batch_size": 64, "max_norm": 0.3}
    sgd = torch.optim.SGD(net.parameters(), 0.3)
    history = train.fit(net, moons(), seed=5, optimizer=sgd, **settings)
    expected = train.fit_numpy(ours, moons(), lr=0.3, rng=np.random.default_rng(5), **settings)
    assert {name: pytest.approx(values, rel=1e-5) for name, values in expected.items()} == history
    for theirs, mine in zip(net.parameters(), ours.params, strict=True):
        np.testing.assert_allclose(theirs.detach(), mine.T, rtol=1e-5, atol=1e-7)


def test_losses_weigh_batches_by_their_size():
    net, split = plain_net(), moons()
    split = split._replace(
        X_train=split.X_train[:33], y_train=split.y_train[:33], X_val=split.X_val[:33], y_val=split.y_val[:33]
    )
    expected = [loss_of(net, split.X_train, split.y_train), loss_of(net, split.X_val, split.y_val)]
    accuracy = float((net(torch.tensor(split.X_val)).argmax(1).numpy() == split.y_val).mean())
    still = torch.optim.SGD(net.parameters(), lr=0.0)
    history = train.fit(net, split, num_epochs=1, batch_size=32, optimizer=still)
    assert [history["train_loss"][0], history["val_loss"][0]] == pytest.approx(expected, rel=1e-5)
    assert history["val_accuracy"] == [accuracy]
    found = train.evaluate(net, split.X_val, split.y_val, batch_size=32)
    assert found == {"loss": pytest.approx(expected[1], rel=1e-5), "accuracy": accuracy}


def test_two_arrays_are_split_at_random_and_no_example_is_in_both():
    X, y = torch.arange(50.0)[:, None], torch.arange(50)
    parts = tensors.train_and_validation((X, y), 0.2, np.random.default_rng(0))
    assert [len(part) for part in parts] == [40, 40, 10, 10]
    assert sorted(torch.cat([parts[1], parts[3]]).tolist()) == list(range(50))
    assert all(torch.equal(part[:, 0], labels.float()) for part, labels in (parts[:2], parts[2:]))
    assert parts[3].tolist() != sorted(parts[3].tolist())


def test_the_same_seed_makes_the_same_run_and_another_one_another():
    split, nets = moons(), [make_net() for _ in range(3)]
    X, y = split.X_train, split.y_train
    histories = [train.fit(net, (X, y), num_epochs=2, seed=s) for net, s in zip(nets, (3, 3, 4), strict=True)]
    assert histories[0] == histories[1] != histories[2]
    assert same(state(nets[0]), state(nets[1])) and not same(state(nets[0]), state(nets[2]))


def test_early_stopping_brings_the_best_weights_back():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)).astype(np.float32), rng.integers(0, 2, 200)  # nothing to learn here
    net = make_net()
    optimizer = torch.optim.SGD(net.parameters(), 0.5)
    arrays = (X[:100], y[:100], X[100:], y[100:])
    losses = train.fit(net, arrays, num_epochs=200, optimizer=optimizer, patience=3)["val_loss"]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3 < 200 and losses[best] < losses[-1]
    assert loss_of(net, X[100:], y[100:]) == pytest.approx(losses[best], rel=1e-5)


def test_without_patience_the_last_weights_stay():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)).astype(np.float32), rng.integers(0, 2, 200)
    net = make_net()
    optimizer = torch.optim.SGD(net.parameters(), 0.5)
    losses = train.fit(net, (X[:100], y[:100], X[100:], y[100:]), num_epochs=20, optimizer=optimizer)["val_loss"]
    assert len(losses) == 20 and loss_of(net, X[100:], y[100:]) == pytest.approx(losses[-1], rel=1e-5) != min(losses)


@pytest.mark.parametrize("first_epoch", [True, False])
def test_when_it_diverges_it_says_so_and_the_best_weights_are_back(first_epoch):
    net, split = make_net(), moons()
    before, kept = state(net), None
    optimizer = torch.optim.SGD(net.parameters(), 1e20 if first_epoch else 1e-3)

    def blow_up(step):
        return 1.0 if first_epoch or step < 10 else 1e30  # ten batches: the second of five an epoch

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, blow_up)
    if not first_epoch:
        twin = make_net()
        train.fit(twin, split, num_epochs=2, patience=2, optimizer=torch.optim.SGD(twin.parameters(), 1e-3))
        kept = state(twin)
    with pytest.raises(
        RuntimeError, match=r"train_loss is (nan|inf) in epoch \d: training diverged; .* smaller"
    ) as error:
        train.fit(net, split, num_epochs=9, optimizer=optimizer, scheduler=scheduler)
    assert "\n" not in str(error.value) and same(state(net), kept or before)


def test_modes_of_all_parts_are_put_back_and_dropout_works_only_in_training():
    net = make_net(dropout=0.5)
    net[1].eval()  # one part is in another mode than the whole
    modes = [module.training for module in net.modules()]
    seen = []
    net[3].register_forward_hook(lambda module, *_: seen.append(module.training))
    train.fit(net, moons(), num_epochs=1, batch_size=100)
    assert [module.training for module in net.modules()] == modes
    assert seen.count(True) == 3 and seen[-1] is False
    train.evaluate(net, moons().X_val, moons().y_val)
    train.find_lr(net, moons(), num_steps=3)
    assert [module.training for module in net.modules()] == modes


def test_the_scheduler_steps_after_every_batch():
    net = make_net()
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=11)
    train.fit(net, moons(), num_epochs=2, batch_size=64, optimizer=optimizer, scheduler=scheduler)
    assert scheduler.last_epoch == 10


def test_other_losses_and_targets():
    X = np.linspace(-1, 1, 120)[:, None]  # float64 data for a float32 network
    y, net = 3 * X + 1, nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), 0.2)
    history = train.fit(net, (X, y), num_epochs=40, batch_size=16, loss=F.mse_loss, optimizer=optimizer)
    assert set(history) == {"train_loss", "val_loss"} and history["val_loss"][-1] < 1e-3
    assert net.weight.dtype == torch.float32 and X.dtype == np.float64
    assert train.evaluate(net, X, y, loss=F.mse_loss) == {"loss": pytest.approx(0, abs=1e-3)}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_network_keeps_its_type(dtype):
    net = make_net(dtype=dtype)
    train.fit(net, moons(), num_epochs=1)
    assert {t.dtype for t in net.state_dict().values() if t.is_floating_point()} == {dtype}


def test_sequences_of_words_with_a_label_at_every_place():
    torch.manual_seed(0)
    X = torch.randint(0, 5, (60, 7))

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.out = nn.Embedding(5, 8), nn.Linear(8, 5)

        def forward(self, X):
            return self.out(self.words(X)).transpose(1, 2)  # (N, C, T)

    net = Tagger()
    history = train.fit(net, (X, X), num_epochs=20, batch_size=8, optimizer=torch.optim.Adam(net.parameters(), 0.05))
    assert history["val_accuracy"][-1] == 1.0


def test_the_data_stay_as_they_are():
    split = moons()
    before = copy.deepcopy(split[:4])
    for array in split[:4]:
        array.flags.writeable = False
    train.fit(make_net(), split, num_epochs=1)
    np.testing.assert_equal(split[:4], before)


@pytest.mark.parametrize("low", [1e-4, 1e-3])
def test_find_lr_sees_the_valley_and_leaves_the_network_alone(low):
    net = make_net(dropout=0.2)
    net.eval()
    before, drawn = state(net), torch.random.get_rng_state()
    lrs, losses = train.find_lr(net, moons(), batch_size=32, low=low, high=1e4, num_steps=100)
    assert len(lrs) == len(losses) < 100 and lrs[0] == pytest.approx(low) and np.isfinite(losses).all()
    assert losses.min() < 0.8 * losses[0] and losses[-1] > 2 * losses.min() and 1e-3 < lrs[losses.argmin()] < 10
    assert same(state(net), before) and not net.training
    assert all(p.grad is None for p in net.parameters()) and torch.equal(torch.random.get_rng_state(), drawn)


def test_find_lr_takes_the_step_that_the_optimizer_would_take():
    """With a gradient that never changes, the loss after each step follows from the rates."""
    net = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(net.weight)
    data = np.ones((4, 1), np.float32), np.zeros((4, 1), np.float32)
    lrs, losses = train.find_lr(
        net,
        data,
        loss=lambda outputs, y: 10 - (outputs - y).mean(),
        make_optimizer=torch.optim.SGD,
        low=0.01,
        high=1.0,
        num_steps=5,
    )
    raw = 10 - np.concatenate([[0], np.cumsum(lrs)[:-1]])
    expected = [np.average(raw[:n], weights=0.9 ** np.arange(n)[::-1]) for n in range(1, 6)]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)


def test_devices():
    assert tensors.choose_device("cpu").type == "cpu"
    assert tensors.choose_device("auto").type in ("cuda", "mps", "cpu")
    net = make_net()
    train.fit(net, moons(), num_epochs=1, device="auto")
    assert net[0].weight.device.type == "cpu"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a graphics card")
def test_on_a_graphics_card_it_learns_and_comes_back():
    net = make_net()
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(2):
        history = train.fit(net, moons(), num_epochs=15, optimizer=optimizer, device="cuda", patience=15)
        assert net[0].weight.device.type == "cpu"
    assert history["val_accuracy"][-1] > 0.9


X_BAD, y_BAD = np.ones((4, 2), np.float32), np.array([0, 1, 1, 2])
X_NAN = np.where(np.arange(8).reshape(4, 2) == 5, np.nan, 1).astype(np.float32)
GOOD = y_BAD.clip(0, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"data": (X_BAD, GOOD[:3])}, "X has 4 examples and y has 3, expected as many"),
        ({"data": (X_BAD, GOOD, X_BAD, GOOD[:3])}, "X_val has 4 examples and y_val has 3, expected as many"),
        ({"data": (X_BAD[:0], GOOD[:0])}, "X has 0 examples and y has 0, expected as many, at least one"),
        ({"data": (X_NAN, GOOD)}, "X holds 1 NaN or infinite entries, expected none"),
        ({"data": (X_BAD, y_BAD)}, "y has labels from . to 2, expected whole numbers from 0 to 1, one class an output"),
        ({"data": (X_BAD, GOOD - 1)}, "y has labels from -1 to 0, expected whole numbers from 0 to 1"),
        ({"data": (X_BAD, GOOD * 1.0)}, "y has dtype torch.float32, expected whole numbers from 0 to 1"),
        ({"data": (X_BAD, GOOD, X_BAD, y_BAD)}, "y has labels from 0 to 2"),
        ({"data": (X_BAD.tolist(), GOOD)}, "X is a list, expected a NumPy array or a tensor"),
        ({"data": (X_BAD.astype(str), GOOD)}, "X is a ndarray, expected a NumPy array or a tensor of numbers"),
        ({"data": (X_BAD, np.int64(3))}, "y is a int64, expected a NumPy array or a tensor"),
        ({"data": (X_BAD, torch.tensor(3))}, "y is a single number, expected an entry for each example"),
        ({"data": X_BAD}, r"data is a ndarray, expected \(X, y\), \(X, y, X_val, y_val\) or a Split"),
        ({"data": (X_BAD, GOOD, X_BAD)}, r"data is 3 arrays, expected \(X, y\)"),
        (
            {"data": (X_BAD, GOOD * 1.0), "loss": F.mse_loss, "net": nn.Linear(2, 1)},
            r"y has shape \(\) for one example, expected \(1,\)",
        ),
        (
            {"net": nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))},
            r"the network's output has shape \(1,\) for one example",
        ),
        ({"num_epochs": 0}, "num_epochs is 0, expected a whole number of at least 1"),
        ({"batch_size": 0}, "batch_size is 0, expected a whole number of at least 1"),
        ({"patience": 0}, "patience is 0, expected a whole number of at least 1"),
        ({"seed": "x"}, "seed is 'x', expected a whole number of at least 0"),
        ({"max_norm": 0}, "max_norm is 0, expected a number above 0"),
        ({"validation_fraction": 0}, "validation_fraction is 0 of 4 examples, expected some of them, not all"),
        ({"validation_fraction": 0.9}, "validation_fraction is 0.9 of 4 examples, expected some"),
        ({"validation_fraction": 0.1}, "validation_fraction is 0.1 of 4 examples, expected some"),
        ({"scheduler": object()}, "scheduler is given without an optimizer, expected both"),
    ],
)
def test_bad_input_is_named_in_one_sentence_and_changes_nothing(arguments, message):
    settings = {"net": nn.Linear(2, 2), "data": (X_BAD, GOOD), "num_epochs": 1, "validation_fraction": 0.5}
    settings |= arguments
    net = settings.pop("net")
    before = state(net)
    with pytest.raises((ValueError, TypeError), match=message) as error:
        train.fit(net, settings.pop("data"), **settings)
    assert "\n" not in str(error.value) and same(state(net), before) and net.training
    assert math.isfinite(sum(p.sum().item() for p in net.parameters()))

"""Optimizers, schedules, clipping: PyTorch is the judge of every option, and input is refused in one sentence."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from introdl import optim

seeds = st.integers(0, 10**6)
shapes = st.lists(st.lists(st.integers(1, 4), max_size=3).map(tuple), min_size=1, max_size=3)
rates = st.sampled_from([0.3, 0.03, 0.001])
decays = st.sampled_from([0.0, 0.1])
momenta = st.sampled_from([0.0, 0.5, 0.9])
epsilons = st.sampled_from([1e-10, 1e-8, 1e-3])
# Not beta2 = 0: where a gradient is 0 the step is divided by eps alone, and the last digit's rounding grows with it.
betas = st.sampled_from([(0.9, 0.999), (0.5, 0.8), (0.0, 0.9), (0.9, 0.3)])
OPTIONS = {
    "SGD": {"lr": rates, "weight_decay": decays, "momentum": momenta},
    "Adagrad": {"lr": rates, "weight_decay": decays, "eps": epsilons},
    "RMSprop": {
        "lr": rates,
        "weight_decay": decays,
        "eps": epsilons,
        "alpha": st.sampled_from([0.99, 0.5]),
        "momentum": momenta,
    },
    "Adam": {"lr": rates, "weight_decay": decays, "eps": epsilons, "betas": betas},
    "AdamW": {"lr": rates, "weight_decay": decays, "eps": epsilons, "betas": betas},
}
each_optimizer = pytest.mark.parametrize("name", OPTIONS)


def compare(name, arguments, shapes, seed, num_steps=100):
    """Take the same steps with both, on gradients of very different sizes; some entries get one only now and then.

    Where a step is the gradient's sign, nearly, a parameter that swings around 0 makes much of the last digit: what a
    difference of 1e-12 at the start becomes is allowed, which is far more than what all rounding adds up to.
    """
    rng = np.random.default_rng(seed)
    ours = [np.asarray(rng.normal(size=shape)) for shape in shapes]
    beside = [np.asarray(p * (1 + 1e-12)) for p in ours]
    theirs = [torch.tensor(p.copy(), requires_grad=True) for p in ours]
    mine, other = (getattr(optim, name)(start, **arguments) for start in (ours, beside))
    judge = getattr(torch.optim, name)(theirs, **arguments)
    sizes = [10.0 ** rng.integers(-3, 3, size=shape) for shape in shapes]
    for _ in range(num_steps):
        grads = [s * rng.normal(size=s.shape) * (rng.random(s.shape) < 0.7) for s in sizes]
        for tensor, grad in zip(theirs, grads, strict=True):
            tensor.grad = torch.tensor(grad)
        mine.step(grads)
        other.step(grads)
        judge.step()
    for p, near, tensor in zip(ours, beside, theirs, strict=True):
        assert (np.abs(p - tensor.detach().numpy()) <= 1e-9 + 1e-6 * np.abs(p) + np.abs(p - near)).all()


@each_optimizer
@settings(max_examples=15, deadline=None)
@given(shapes=shapes, seed=seeds, data=st.data())
def test_every_optimizer_equals_torch_for_100_steps(name, shapes, seed, data):
    compare(name, {option: data.draw(values, option) for option, values in OPTIONS[name].items()}, shapes, seed)


@settings(max_examples=15, deadline=None)
@given(lr=rates, weight_decay=decays, momentum=st.sampled_from([0.5, 0.9]), shapes=shapes, seed=seeds)
def test_nesterov_equals_torch_for_100_steps(lr, weight_decay, momentum, shapes, seed):
    options = {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": True}
    compare("SGD", options, shapes, seed)


@each_optimizer
def test_defaults_are_torchs(name):
    compare(name, {"lr": 0.01} if name == "SGD" else {}, [(3, 4), (4,)], seed=1)


@each_optimizer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_parameters_change_in_place_and_keep_their_type(name, dtype):
    rng = np.random.default_rng(0)
    params = [rng.normal(size=(3, 2)).astype(dtype), rng.normal(size=2).astype(dtype)]
    before, grads = copy.deepcopy(params), [np.ones_like(p) for p in params]
    kept = copy.deepcopy(grads)
    optimizer = getattr(optim, name)(params, lr=np.float64(0.01))
    for _ in range(3):
        optimizer.lr = np.float64(0.02)  # would make float64 of float32 arrays if it were used as it is
        optimizer.step(grads)
    memory = [a for value in vars(optimizer).values() if isinstance(value, list) for a in value]
    assert {a.dtype for a in memory} == {np.dtype(dtype)} and all(
        p is q for p, q in zip(optimizer.params, params, strict=True)
    )
    assert all((p < old).all() for p, old in zip(params, before, strict=True))
    np.testing.assert_equal(grads, kept)


def test_a_new_learning_rate_holds_from_the_next_step():
    p = np.zeros(2)
    optimizer = optim.SGD([p], lr=1.0)
    optimizer.step([np.ones(2)])
    optimizer.lr = 0.0  # a warm-up may begin here
    optimizer.step([np.ones(2)])
    assert p.tolist() == [-1, -1] and optimizer.num_steps == 2


@each_optimizer
@pytest.mark.parametrize("lr", [0, -0.1, float("nan"), float("inf"), "fast", None, True])
def test_a_learning_rate_is_a_number_above_zero(name, lr):
    with pytest.raises(ValueError, match="lr is .*, expected a number above 0"):
        getattr(optim, name)([], lr)


def test_gradients_must_fit_their_parameters_and_nothing_changes_if_not():
    params = [np.zeros(2), np.zeros(3)]
    optimizer = optim.SGD(params, 0.1)
    with pytest.raises(ValueError, match=r"a gradient has shape \(2,\), its parameter \(3,\)"):
        optimizer.step([np.ones(2), np.ones(2)])
    with pytest.raises(ValueError, match="grads has 1 gradients, expected 2, one a parameter"):
        optimizer.step([np.ones(2)])
    optimizer.lr = -0.1
    with pytest.raises(ValueError, match="lr is -0.1, expected a number of at least 0"):
        optimizer.step([np.ones(2), np.ones(3)])
    assert not params[0].any() and not params[1].any() and optimizer.num_steps == 0


P = [np.zeros(2)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: optim.SGD(np.zeros((2, 2)), 0.1), r"params is an array, expected a list of arrays: \[W, b\]"),
        (lambda: optim.SGD([np.zeros(2, int)], 0.1), r"params\[0\] has dtype int64, expected floats"),
        (lambda: optim.SGD([[1.0]], 0.1), r"params\[0\] is a list, expected a NumPy array"),
        (lambda: optim.SGD(P, 0.1, momentum=1), "momentum is 1, expected a number from 0 to below 1"),
        (lambda: optim.SGD(P, 0.1, nesterov=True), "momentum is 0, expected a number above 0 with nesterov=True"),
        (lambda: optim.SGD(P, 0.1, weight_decay=-1), "weight_decay is -1, expected a number of at least 0"),
        (lambda: optim.Adagrad(P, eps=0), "eps is 0, expected a number above 0"),
        (lambda: optim.RMSprop(P, alpha=1.5), "alpha is 1.5, expected a number from 0 to below 1"),
        (lambda: optim.RMSprop(P, momentum=-1), "momentum is -1, expected a number from 0 to below 1"),
        (lambda: optim.Adam(P, betas=0.9), "betas is 0.9, expected two numbers"),
        (lambda: optim.Adam(P, betas=(0.9, 1)), r"betas\[1\] is 1, expected a number from 0 to below 1"),
        (lambda: optim.AdamW(P, weight_decay=float("nan")), "weight_decay is nan, expected a finite number"),
        (lambda: optim.cosine(-1, 0.1, 10), "step is -1, expected a whole number of at least 0"),
        (lambda: optim.cosine(0.5, 0.1, 10), "step is 0.5, expected a whole number of at least 0"),
        (lambda: optim.cosine(0, 0.1, 0), "num_steps is 0, expected a whole number of at least 1"),
        (lambda: optim.step_decay(0, 0, 10), "lr is 0, expected a number above 0"),
        (lambda: optim.warmup_cosine(0, 0.1, 5, 5), "num_steps is 5, expected a whole number of at least 6"),
        (lambda: optim.one_cycle(0, 0.1, 5, pct_start=1), "pct_start is 1, expected a number from 0 to below 1"),
        (lambda: optim.clip_by_norm(P, 0), "max_norm is 0, expected a number above 0"),
        (lambda: optim.clip_by_value(P, -1), "limit is -1, expected a number above 0"),
        (lambda: optim.global_norm([1.0]), "a gradient is a float, expected a NumPy array"),
    ],
)
def test_bad_input_is_named_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as error:
        call()
    assert "\n" not in str(error.value)


# Schedules -----------------------------------------------------------------------------------------------------------


def torch_rates(lr, make, num_steps, of="lr"):
    """Return what a scheduler of PyTorch sets for each step."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)
    scheduler, seen = make(optimizer), []
    for step in range(num_steps):
        seen.append(optimizer.param_groups[0][of])
        optimizer.step()
        if step < num_steps - 1:
            scheduler.step()
    return seen


@settings(max_examples=20, deadline=None)
@given(lr=rates, every=st.integers(1, 20), factor=st.sampled_from([0.1, 0.5]), num_steps=st.integers(1, 60))
def test_step_decay_equals_torch(lr, every, factor, num_steps):
    theirs = torch_rates(lr, lambda o: lr_scheduler.StepLR(o, every, factor), num_steps)
    assert [optim.step_decay(step, lr, every, factor) for step in range(num_steps)] == pytest.approx(theirs)


@settings(max_examples=20, deadline=None)
@given(lr=rates, num_steps=st.integers(1, 60), final_lr=st.sampled_from([0.0, 1e-4]))
def test_cosine_equals_torch_and_stays_at_its_end(lr, num_steps, final_lr):
    theirs = torch_rates(lr, lambda o: lr_scheduler.CosineAnnealingLR(o, num_steps, final_lr), num_steps + 1)
    ours = [optim.cosine(step, lr, num_steps, final_lr) for step in range(num_steps + 1)]
    assert ours == pytest.approx(theirs, abs=1e-12) and optim.cosine(10**6, lr, num_steps, final_lr) == final_lr


@settings(max_examples=20, deadline=None)
@given(lr=rates, warmup=st.integers(2, 20), down=st.integers(1, 40), final_lr=st.sampled_from([0.0, 1e-4]))
def test_warmup_cosine_equals_torch(lr, warmup, down, final_lr):
    def chained(optimizer):
        up = lr_scheduler.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
        return lr_scheduler.SequentialLR(
            optimizer, [up, lr_scheduler.CosineAnnealingLR(optimizer, down, final_lr)], milestones=[warmup]
        )

    theirs = torch_rates(lr, chained, warmup + down)
    ours = [optim.warmup_cosine(step, lr, warmup + down, warmup, final_lr) for step in range(warmup + down)]
    assert ours == pytest.approx(theirs, abs=1e-12)
    assert optim.warmup_cosine(0, lr, down, 0, final_lr) == lr


@settings(max_examples=30, deadline=None)
@given(lr=rates, num_steps=st.integers(2, 80), pct_start=st.sampled_from([0.1, 0.3, 0.47]), high=momenta)
def test_one_cycle_equals_torch_in_rate_and_momentum(lr, num_steps, pct_start, high):
    assume(pct_start * num_steps != 1)  # torch divides by the length of the rise, which would be 0

    def cycle(optimizer):
        return lr_scheduler.OneCycleLR(
            optimizer,
            lr,
            num_steps,
            pct_start=pct_start,
            div_factor=10,
            final_div_factor=100,
            max_momentum=high,
            base_momentum=0.1,
        )

    steps = range(num_steps)
    theirs, momentum = torch_rates(lr, cycle, num_steps), torch_rates(lr, cycle, num_steps, of="momentum")
    assert [optim.one_cycle(step, lr, num_steps, pct_start, 10, 100) for step in steps] == pytest.approx(theirs)
    ours = [optim.one_cycle_momentum(step, num_steps, pct_start, high, 0.1) for step in steps]
    assert ours == pytest.approx(momentum, abs=1e-12)


def test_one_cycle_has_torchs_defaults_and_stays_at_its_end():
    theirs = torch_rates(0.1, lambda o: lr_scheduler.OneCycleLR(o, 0.1, 50), 50)
    momentum = torch_rates(0.1, lambda o: lr_scheduler.OneCycleLR(o, 0.1, 50), 50, of="momentum")
    assert [optim.one_cycle(step, 0.1, 50) for step in range(50)] == pytest.approx(theirs)
    assert [optim.one_cycle_momentum(step, 50) for step in range(50)] == pytest.approx(momentum)
    assert optim.one_cycle(99, 0.1, 50) == pytest.approx(theirs[-1])


def test_schedules_give_plain_numbers():
    """A np.float64 would make float64 of a float32 network's arrays."""
    lr = np.float64(0.1)
    found = [
        optim.step_decay(3, lr, 2),
        optim.cosine(3, lr, 9),
        optim.warmup_cosine(1, lr, 9, 3),
        optim.one_cycle(3, lr, 9),
    ]
    assert {type(rate) for rate in found} == {float}


# Clipping ------------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(shapes=shapes, seed=seeds, scale=st.sampled_from([1e-3, 1.0, 1e3]), limit=st.sampled_from([0.1, 1.0, 5.0]))
def test_clipping_equals_torch_and_leaves_its_input_alone(shapes, seed, scale, limit):
    rng = np.random.default_rng(seed)
    grads = [np.asarray(scale * rng.normal(size=shape)) for shape in shapes]
    kept = copy.deepcopy(grads)
    for ours, theirs in (
        (optim.clip_by_norm, torch.nn.utils.clip_grad_norm_),
        (optim.clip_by_value, torch.nn.utils.clip_grad_value_),
    ):
        tensors = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in grads]
        for tensor, g in zip(tensors, grads, strict=True):
            tensor.grad = torch.tensor(g)
        norm = theirs(tensors, limit)
        clipped = ours(grads, limit)
        assert norm is None or optim.global_norm(grads) == pytest.approx(norm.item(), rel=1e-12)
        for g, tensor in zip(clipped, tensors, strict=True):
            np.testing.assert_allclose(g, tensor.grad, rtol=2e-5)  # PyTorch adds 1e-6 to the norm
        np.testing.assert_equal(grads, kept)


def test_a_clipped_step_is_as_long_as_allowed_and_a_short_one_stays():
    grads = [np.full((2, 2), 3.0), np.zeros(3)]
    assert optim.global_norm(optim.clip_by_norm(grads, 0.5)) == pytest.approx(0.5, rel=1e-12)
    assert optim.clip_by_norm(grads, 6.0)[0] is grads[0]  # the norm is 6


def test_clipping_keeps_float32_and_its_norm_does_not_overflow_there():
    grads = [np.full(4, 1e30, np.float32)]
    assert optim.global_norm(grads) == pytest.approx(2e30, rel=1e-6)
    clipped = optim.clip_by_norm(grads, np.float64(1.0)) + optim.clip_by_value(grads, np.float64(1.0))
    assert [g.dtype for g in clipped] == [np.float32] * 2
    np.testing.assert_allclose(clipped, [[0.5] * 4, [1.0] * 4], rtol=1e-6)


def test_an_infinite_gradient_is_not_hidden():
    with np.errstate(invalid="ignore"):
        assert np.isnan(optim.clip_by_norm([np.array([np.inf, 1.0])], 1.0)[0][0])
        assert np.isnan(optim.clip_by_norm([np.array([np.nan]), np.ones(1)], 1.0)[1][0])

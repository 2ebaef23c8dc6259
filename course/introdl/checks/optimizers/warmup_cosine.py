"""Task of unit 06: a learning rate that climbs a ramp and then glides down half a cosine wave."""

import math

from introdl.checks.task import Task
from introdl.checks.variant import changed


def places(rng):
    for step in (0, 1, 3, 4, 7, 10, 11, 16):
        yield step, 0.8, 16, 4, 0.0
    for _ in range(6):
        warmup_steps = int(rng.integers(1, 20))
        num_steps = warmup_steps + int(rng.integers(2, 60))
        yield int(rng.integers(0, num_steps)), float(rng.uniform(0.01, 2)), num_steps, warmup_steps, 1e-3
    yield 0, 0.5, 10, 0, 0.1  # no warm-up: the top at once
    yield 5, 0.5, 10, 0, 0.1
    yield 10, 0.5, 10, 2, 0.1
    yield 25, 0.5, 10, 2, 0.1  # past the end


def by_half_angle(step, lr, num_steps, warmup_steps, final_lr):
    """(1 + cos x) / 2 is the square of cos(x / 2)."""
    if step < warmup_steps:
        return lr * (step + 1) / warmup_steps
    share = min((step - warmup_steps) / (num_steps - warmup_steps), 1)
    return final_lr + (lr - final_lr) * math.cos(share * math.pi / 2) ** 2


warmup_cosine = Task(
    "warmup_cosine",
    ("step", "lr", "num_steps", "warmup_steps", "final_lr"),
    places,
    by_half_angle,
    hints=(
        "Two cases. While step < warmup_steps the rate climbs in equal steps: lr / warmup_steps, twice that, ... up to "
        "lr. After that it follows the cosine.",
        "For the cosine find first which share of the way down is done, from 0 at step = warmup_steps to 1 at "
        "num_steps, and never more than 1. (1 + cos(pi * share)) / 2 then falls from 1 to 0.",
        "share = min((step - ...) / (num_steps - ...), 1); return final_lr + (lr - final_lr) * (1 + math.cos(...)) / 2",
    ),
)


def _rate(
    step,
    lr,
    num_steps,
    warmup_steps,
    final_lr,
    *,
    ramp=lambda step, warmup_steps: (step + 1) / warmup_steps,
    share=lambda step, num_steps, warmup_steps: (step - warmup_steps) / (num_steps - warmup_steps),
    wave=lambda share: (1 + math.cos(math.pi * share)) / 2,
    between=lambda wave, lr, final_lr: final_lr + (lr - final_lr) * wave,
    clamp=True,
):
    """The schedule with one thing done differently; the mistakes below say which."""
    if step < warmup_steps:
        return lr * ramp(step, warmup_steps)
    done = share(step, num_steps, warmup_steps)
    return between(wave(min(done, 1) if clamp else done), lr, final_lr)


for _name, (_sentence, _change) in {
    "first_step_lost": (
        "The ramp starts at 0, so the first step goes nowhere. Step 0 already has lr / warmup_steps, and the last "
        "step of the ramp has lr.",
        {"ramp": lambda step, warmup_steps: step / warmup_steps},
    ),
    "no_ramp": (
        "The warm-up is missing: while step < warmup_steps the rate is lr * (step + 1) / warmup_steps.",
        {"ramp": lambda step, warmup_steps: 1.0},
    ),
    "counted_from_the_start": (
        "The cosine does not start at its top: its share is counted from step 0. It begins at step = warmup_steps: "
        "(step - warmup_steps) / (num_steps - warmup_steps).",
        {"share": lambda step, num_steps, warmup_steps: step / num_steps},
    ),
    "wrong_length": (
        "The cosine ends too late: it has num_steps - warmup_steps steps, because num_steps counts those of the "
        "warm-up, too.",
        {"share": lambda step, num_steps, warmup_steps: (step - warmup_steps) / num_steps},
    ),
    "whole_wave": (
        "You went through a whole wave, down and up again. Half of it is needed: an angle from 0 to pi.",
        {"wave": lambda share: (1 + math.cos(2 * math.pi * share)) / 2},
    ),
    "quarter_wave": (
        "You went through a quarter of a wave. Use (1 + cos(pi * share)) / 2, which is flat at both ends.",
        {"wave": lambda share: math.cos(math.pi / 2 * share)},
    ),
    "negative_rates": (
        "The cosine itself runs from 1 to -1, so your rate turns negative and training would walk uphill. Use "
        "(1 + cos(pi * share)) / 2.",
        {"wave": lambda share: math.cos(math.pi * share)},
    ),
    "straight_line": (
        "That is a straight line down. The cosine falls slowly at first, fast in the middle, slowly at the end.",
        {"wave": lambda share: 1 - share},
    ),
    "degrees": (
        "math.cos wants radians: half a turn is math.pi, not 180.",
        {"wave": lambda share: (1 + math.cos(180 * share)) / 2},
    ),
    "no_floor": (
        "final_lr plays no part: the rate falls to 0. It must run from lr down to final_lr.",
        {"between": lambda wave, lr, final_lr: lr * wave},
    ),
    "floor_on_top": (
        "final_lr is added on top, so the cosine starts at lr + final_lr. What falls is the difference: "
        "final_lr + (lr - final_lr) * ...",
        {"between": lambda wave, lr, final_lr: final_lr + lr * wave},
    ),
    "rises_again": (
        "Past num_steps the rate rises again, because the cosine goes on. It stays at final_lr: let the share be at "
        "most 1.",
        {"clamp": False},
    ),
}.items():
    warmup_cosine.mistake(_sentence)(changed(_rate, _name, **_change))


@warmup_cosine.mistake(
    "The ramp climbs as if it took all num_steps. It reaches lr after warmup_steps: divide by warmup_steps."
)
def ramp_over_everything(step, lr, num_steps, warmup_steps, final_lr):
    return _rate(step, lr, num_steps, warmup_steps, final_lr, ramp=lambda step, _: (step + 1) / num_steps)

"""Schedules: the learning rate as a function of the step, counted from 0 for the first one.

Built in unit 06. The training loop sets it before each step: `optimizer.lr = cosine(step, 0.1, num_steps)`.
"""

import math

from introdl._validate import positive, whole
from introdl.nn._ranges import below_one, not_negative


def step_decay(step: int, lr: float, every: int, factor: float = 0.1) -> float:
    """Return lr * factor^k after k times `every` steps: stairs down."""
    return positive("lr", lr) * positive("factor", factor) ** (_step(step) // whole("every", every))


def cosine(step: int, lr: float, num_steps: int, final_lr: float = 0.0) -> float:
    """Return half a cosine wave from lr, at step 0, to final_lr, from num_steps on (Loshchilov and Hutter 2017)."""
    share = min(_step(step) / whole("num_steps", num_steps), 1.0)
    return _between(positive("lr", lr), not_negative("final_lr", final_lr), share)


def warmup_cosine(step: int, lr: float, num_steps: int, warmup_steps: int, final_lr: float = 0.0) -> float:
    """Return lr / warmup_steps, 2 lr / warmup_steps, … up to lr, then `cosine` from lr down to final_lr at num_steps.

    num_steps counts all steps, those of the warm-up too, and is the larger one (Goyal et al. 2017).
    """
    warmup_steps = whole("warmup_steps", warmup_steps, least=0)
    num_steps = whole("num_steps", num_steps, least=warmup_steps + 1)
    if _step(step) < warmup_steps:
        return positive("lr", lr) * (step + 1) / warmup_steps
    return cosine(step - warmup_steps, lr, num_steps - warmup_steps, final_lr)


def one_cycle(
    step: int,
    lr: float,
    num_steps: int,
    pct_start: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> float:
    """Return the learning rate of one cycle, half a cosine wave up and a longer one down (Smith and Topin 2018).

    From lr / div_factor up to lr, in a share of pct_start of all steps (0 to below 1), then down to
    lr / div_factor / final_div_factor at the last step, num_steps - 1. Names and values as in PyTorch's OneCycleLR.
    """
    low = positive("lr", lr) / positive("div_factor", div_factor)
    return _cycle(step, num_steps, pct_start, low, float(lr), low / positive("final_div_factor", final_div_factor))


def one_cycle_momentum(
    step: int, num_steps: int, pct_start: float = 0.3, high: float = 0.95, low: float = 0.85
) -> float:
    """Return the momentum (SGD) or beta1 (Adam) of one cycle: low where the learning rate is high, and back."""
    high, low = below_one("high", high), below_one("low", low)
    return _cycle(step, num_steps, pct_start, high, low, high)


def _cycle(step: int, num_steps: int, pct_start: float, first: float, turn: float, last: float) -> float:
    """Return a value on its way from first to turn and on to last, half a cosine wave each."""
    end = whole("num_steps", num_steps) - 1
    top, step = below_one("pct_start", pct_start) * num_steps - 1, min(_step(step), end)
    if step < top:
        return _between(first, turn, step / top)
    return _between(turn, last, (step - top) / (end - top))


def _between(first: float, last: float, share: float) -> float:
    """Return a value on the half cosine wave from first (share 0) to last (share 1)."""
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2


def _step(step: int) -> int:
    return whole("step", step, least=0)

"""The learning-rate range test: one step at each of many rates, from far too small to far too large (Smith 2017)."""

import math
from collections.abc import Callable

import numpy as np

from introdl._validate import positive, whole

SMOOTHING = 0.9  # of the running mean: about the last ten losses count
TOO_HIGH = 4  # times the lowest loss: nothing is learned at higher rates


def range_test(
    step: Callable[[float], float], low: float, high: float, num_steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return learning rates and the smoothed losses at them, each (S,) with S <= num_steps.

    step: takes a step with this learning rate and returns the loss before it. The rates grow by one factor, from low
    to high; it ends early when a loss is not finite, or the smoothed one four times its lowest.
    """
    low, num_steps = positive("low", low), whole("num_steps", num_steps, least=2)
    if not low < positive("high", high):
        raise ValueError(f"high is {high!r}, expected a number above low, {low!r}")
    lrs, losses, mean = np.geomspace(low, high, num_steps), [], 0.0
    for count, lr in enumerate(lrs, start=1):
        loss = step(float(lr))
        if not math.isfinite(loss):
            break
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        losses.append(mean / (1 - SMOOTHING**count))  # as Adam: the mean started at 0
        if losses[-1] > TOO_HIGH * abs(min(losses)):
            break
    return lrs[: len(losses)], np.array(losses)

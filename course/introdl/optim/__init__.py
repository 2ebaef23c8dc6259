"""Optimizers change parameters in place, one step at a time; schedules say how long a step is; clipping limits it."""

from introdl.optim.adaptive import Adagrad, Adam, AdamW, RMSprop
from introdl.optim.clipping import clip_by_norm, clip_by_value, global_norm
from introdl.optim.descent import SGD, Optimizer
from introdl.optim.schedules import cosine, one_cycle, one_cycle_momentum, step_decay, warmup_cosine

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "clip_by_norm",
    "clip_by_value",
    "cosine",
    "global_norm",
    "one_cycle",
    "one_cycle_momentum",
    "step_decay",
    "warmup_cosine",
]

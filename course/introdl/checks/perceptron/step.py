"""Task of unit 01: 1 where a sum reaches 0, else 0."""

import numpy as np

from introdl.checks.task import Task


def sums(rng):
    yield (np.array([-2.0, -0.5, 0.5, 2.0]),)
    yield (np.array([-1.0, 0.0, 1.0]),)
    for shape in [(6,), (1,), (3, 4)]:
        yield (rng.normal(size=shape),)
    yield (np.array([1e-300, -1e-300, -0.0, 1e300, -1e300, 0.3]),)
    yield (np.zeros(0),)


step = Task(
    "step",
    ("z",),
    sums,
    lambda z: np.heaviside(z, 1.0),
    hints=(
        "The neuron fires (1) when its sum reaches 0, and stays silent (0) below.",
        "A comparison of an array gives an array of True and False. Which comparison counts the tie z = 0 as firing?",
        "return (z ... 0).astype(int)",
    ),
)


@step.mistake(
    "At z = 0 the neuron fires: this course's step is 1 where z >= 0. With > the boundary itself goes to class 0 "
    "(a convention; the prompt fixes it)."
)
def strictly_greater(z):
    return (z > 0).astype(int)


@step.mistake("You returned -1 for a silent neuron. That is another convention: this course's labels are 0 and 1.")
def minus_one(z):
    return np.where(z >= 0, 1, -1)


@step.mistake("Your neuron fires below 0 and is silent above: the comparison points the wrong way.")
def reversed_step(z):
    return (z < 0).astype(int)


@step.mistake("You compare with 0.5. The threshold is 0: any other one already sits in the bias.")
def at_one_half(z):
    return (z >= 0.5).astype(int)


@step.mistake("You clipped z to [0, 1] instead of deciding: a step knows only 0 and 1.")
def clipped(z):
    return np.clip(z, 0, 1)

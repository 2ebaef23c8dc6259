"""Checks of unit 99."""

from introdl.checks.task import Task
from introdl.checks.unit import Unit


def numbers(rng):
    yield (3,)
    yield (float(rng.normal()),)


double = Task("double", ("x",), numbers, lambda x: x + x, hints=("Add it to itself.", "Or multiply.", "return 2 * ..."))


@double.mistake("You squared it: twice x is x + x.")
def squared(x):
    return x**2


@double.mistake("You returned x as it is.")
def unchanged(x):
    return x


@double.mistake("You halved it.")
def halved(x):
    return x / 2


unit = Unit("99_toy", double)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress

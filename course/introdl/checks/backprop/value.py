"""Task of unit 03: a number that remembers how it came about and learns its slope (task Value)."""

import math

import numpy as np

from introdl.checks.backprop.imaginary import TINY
from introdl.checks.task import BadAnswer, Task


def programs(rng):
    yield "L = a + b", {"a": 2.0, "b": 3.0}
    yield "L = a * b", {"a": 2.0, "b": 3.0}
    yield "L = tanh(a)", {"a": 0.5}
    for lines in (
        "L = a * a",
        "u = w * x\nz = u + b\nh = tanh(z)\ne = h + t\nL = e * e",
        "u = x * x\nL = u * tanh(u)",
        "u = x * x\nv = tanh(u)\nL = tanh(v) * u + v",
        "u = a + b\nv = u * u\ns = v + u\nL = tanh(s) * v + s",
        "h1 = tanh(w1 * x)\nh2 = tanh(w2 * x)\ns = h1 + h2 + t\nL = s * s",
        "L = tanh(tanh(tanh(a) + a) + a)",
    ):
        names = dict.fromkeys(word for word in _words(lines) if word not in _targets(lines) and word != "tanh")
        yield lines, {name: round(float(rng.normal()), 2) for name in names}
    yield "u = a * b\nL = u + c", {"a": 1e6, "b": -1e6, "c": 1e-6}


def _words(lines):
    return "".join(char if char.isalnum() else " " for char in lines).split()


def _targets(lines):
    return [line.split(" = ")[0] for line in lines.splitlines()]


def run_program(value_class, program, numbers):
    """Compute the program with the learner's Values, sweep back from L, and read every slope."""
    values = {name: value_class(number) for name, number in numbers.items()}
    for line in program.splitlines():
        target, expression = line.split(" = ")
        values[target] = eval(expression, {"tanh": lambda value: value.tanh()}, values)  # our own text, above
        if values[target] is None:
            raise BadAnswer(f"`{expression}` gave None: each operation returns a new Value.")
    values["L"].backward()
    return {"L": values["L"].data} | {f"slope of {name}": value.grad for name, value in values.items()}


def slopes_by_imaginary_nudge(program, numbers):
    def nudged(which):
        values = {name: number + TINY * 1j * (name == which) for name, number in numbers.items()}
        for line in program.splitlines():
            target, expression = line.split(" = ")
            values[target] = eval(expression, {"tanh": np.tanh}, values) + TINY * 1j * (target == which)
        return values["L"]

    names = [*numbers, *_targets(program)]
    return {"L": float(nudged("").real)} | {f"slope of {name}": float(nudged(name).imag / TINY) for name in names}


Value = Task(
    "Value",
    ("program", "numbers"),
    programs,
    slopes_by_imaginary_nudge,
    run=run_program,
    hints=(
        "Each operation returns a new Value that stores its inputs, each with the local slope towards it. "
        "backward then needs no case for each operation.",
        "Local slopes: 1 and 1 for a sum; for a product each factor's slope is the other factor; 1 - h**2 "
        "for tanh, where h is the result. In backward: topological order, self.grad = 1, then from the end "
        "pass each slope on with +=.",
        "for value in reversed(order): for source, slope in value.inputs: source.grad += slope * ...",
    ),
)


def _value_class(
    *,
    add=lambda a, b: (1.0, 1.0),
    multiply=lambda a, b: (b, a),
    tanh=lambda a, h: 1 - h * h,
    share="add",
    order="topological",
    start=1.0,
):
    """Return a class Value with one thing done differently; the mistakes below say which."""

    class Value:
        def __init__(self, data, inputs=()):
            self.data, self.inputs, self.grad = data, inputs, 0.0

        def __add__(self, other):
            first, second = add(self.data, other.data)
            return Value(self.data + other.data, ((self, first), (other, second)))

        def __mul__(self, other):
            first, second = multiply(self.data, other.data)
            return Value(self.data * other.data, ((self, first), (other, second)))

        def tanh(self):
            h = math.tanh(self.data)
            return Value(h, ((self, tanh(self.data, h)),))

        def pass_back(self):
            for source, slope in self.inputs:
                new = slope * self.grad if share != "slope only" else slope
                source.grad = new if share == "overwrite" else source.grad + new
                if order == "at once":
                    source.pass_back()

        def ordered(self):
            if order == "nearest":
                found = [self]
                for value in found:
                    found += [source for source, _ in dict(value.inputs).items() if source not in found]
                return found
            found, seen = [], set()

            def visit(value):
                if value not in seen:
                    seen.add(value)
                    for source, _ in value.inputs:
                        visit(source)
                    found.append(value)

            visit(self)
            return found[::-1]

        def backward(self):
            self.grad = start
            for value in [self] if order == "at once" else self.ordered():
                value.pass_back()

    return Value


for _sentence, _change in {
    "You overwrite a slope where it should accumulate: = for +=. A value that is used twice gets a share "
    "along each path, and the shares add.": {"share": "overwrite"},
    "The nearest values pass on first, before all their own shares have arrived. Walk a topological order "
    "from its end.": {"order": "nearest"},
    "A value passes its slope on each time that a share arrives, so early shares are counted again with "
    "every later one. Let it pass on once, when all have arrived.": {"order": "at once"},
    "The local slopes of your product are swapped: a nudge of a changes a * b by b, the other factor.": {
        "multiply": lambda a, b: (a, b)
    },
    "The local slope of tanh is 1 - h**2 with h its result, not its input.": {"tanh": lambda a, h: 1 - a * a},
    "The local slope of tanh is missing: its slope is 1 - h**2, so a saturated tanh passes little on.": {
        "tanh": lambda a, h: 1.0
    },
    "You pass on the local slope alone. The chain rule multiplies it by the value's own slope: slope * value.grad.": {
        "share": "slope only"
    },
    "All slopes are 0: the sweep starts from the slope of the loss with respect to itself, which is 1.": {"start": 0.0},
    "Your sum passes its slope to the first input only. A sum passes it on to both, unchanged.": {
        "add": lambda a, b: (1.0, 0.0)
    },
}.items():
    Value.mistake(_sentence)(_value_class(**_change))

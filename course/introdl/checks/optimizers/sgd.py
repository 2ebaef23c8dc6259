"""Task of unit 06: one step of gradient descent for all parameters."""

import numpy as np

from introdl.checks.optimizers.parameters import drawn, like
from introdl.checks.task import Task
from introdl.checks.variant import changed


def steps(rng):
    yield [np.array([1.0, 2.0])], [np.array([10.0, -10.0])], 0.1
    for params, grads in drawn(rng):
        yield params, grads, float(rng.uniform(0.01, 1))
    params, grads = next(iter(drawn(rng)))
    yield params, [np.zeros_like(g) for g in grads], 0.5  # on a flat place nothing moves
    wide = [rng.normal(size=(3, 4)), rng.normal(size=4)]
    yield wide, like(wide, rng, 1e4), 1e-3


def through_one_long_vector(params, grads, lr):
    """Write all parameters one after the other, take the step there, cut the result up again."""
    long = np.concatenate([p.ravel() for p in params]) + lr * np.concatenate([-g.ravel() for g in grads])
    ends = np.cumsum([p.size for p in params])[:-1]
    return [piece.reshape(p.shape) for piece, p in zip(np.split(long, ends), params, strict=True)]


sgd = Task(
    "sgd",
    ("params", "grads", "lr"),
    steps,
    through_one_long_vector,
    hints=(
        "params and grads are lists in the same order: zip walks through both at once.",
        "The gradient points uphill, so the step goes against it. p -= ... would change the array that you were given; "
        "p - ... makes a new one.",
        "return [... for p, g in zip(params, grads)]",
    ),
)


def _step(params, grads, lr, *, move=lambda p, g, lr: p - lr * g, only=None):
    """One step with one thing done differently; the mistakes below say which."""
    pairs = list(zip(params, grads, strict=True))
    new = [move(p, g, lr) for p, g in pairs]
    return new if only is None else [*new[:only], *params[only:]]


for _name, (_sentence, _change) in {
    "uphill": (
        "You step along the gradient, and it points uphill: the loss rises. Subtract lr times the gradient.",
        {"move": lambda p, g, lr: p + lr * g},
    ),
    "no_learning_rate": (
        "The learning rate is missing: you step by the whole gradient. Multiply it by lr.",
        {"move": lambda p, g, lr: p - g},
    ),
    "divided": (
        "You divided by the learning rate. A larger rate is a longer step: multiply the gradient by lr.",
        {"move": lambda p, g, lr: p - g / lr},
    ),
    "step_alone": (
        "You returned the steps and not the new parameters: start from p, and subtract the step.",
        {"move": lambda p, g, lr: -lr * g},
    ),
    "shrunk": (
        "You subtracted lr times the parameter: it only shrinks. Subtract lr times its gradient.",
        {"move": lambda p, g, lr: p - lr * p},
    ),
    "first_only": (
        "Only the first parameter moved. Take a step for every one in the list.",
        {"only": 1},
    ),
    "by_sign": (
        "Every entry moves by lr, however steep it is: you used the gradient's sign. Gradient descent uses the slope "
        "itself.",
        {"move": lambda p, g, lr: p - lr * np.sign(g)},
    ),
    "unit_length": (
        "You gave each gradient the length 1. Gradient descent takes it as it is: steep places give long steps.",
        {"move": lambda p, g, lr: p - lr * g / max(np.linalg.norm(g), 1e-300)},
    ),
}.items():
    sgd.mistake(_sentence)(changed(_step, _name, **_change))

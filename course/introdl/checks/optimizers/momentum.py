"""Task of unit 06: one step of gradient descent with momentum."""

import numpy as np

from introdl.checks.optimizers.parameters import drawn, entry_by_entry, like
from introdl.checks.task import Task
from introdl.checks.variant import changed


def steps(rng):
    yield [np.array([1.0, 2.0])], [np.array([10.0, -10.0])], [np.array([0.0, 0.0])], 0.1, 0.9  # the first step
    yield [np.array([1.0, 2.0])], [np.array([10.0, -10.0])], [np.array([20.0, 20.0])], 0.1, 0.5
    for params, grads in drawn(rng):
        yield params, grads, like(params, rng), float(rng.uniform(0.01, 1)), float(rng.uniform(0.5, 0.99))
    params, grads = next(iter(drawn(rng)))
    yield params, grads, like(params, rng), 0.1, 0.0  # no memory at all
    yield params, [np.zeros_like(g) for g in grads], like(params, rng), 0.1, 0.9  # the slope ends, the ball rolls on


def by_matrix(params, grads, velocities, lr, mu):
    """Position and velocity of an entry after the step: a matrix times those before it, plus a push by the slope."""
    roll, push = np.array([[1, -lr * mu], [0, mu]]), np.array([-lr, 1])

    def moved(p, g, v):
        return tuple(roll @ [p, v] + push * g)

    return tuple(entry_by_entry(moved, params, grads, velocities))


momentum = Task(
    "momentum",
    ("params", "grads", "velocities", "lr", "mu"),
    steps,
    by_matrix,
    hints=(
        "Two lines a parameter: first the new velocity, from the old one and the gradient; then the new parameter, "
        "from the new velocity.",
        "v_new = mu * v + g, and the parameter moves by lr * v_new, downhill. Each parameter has a velocity of its "
        "own, at the same place in the list.",
        "new_velocities = [... for v, g in zip(velocities, grads)]; new_params = [p - ... for p, v in "
        "zip(params, new_velocities)]; return both",
    ),
)


def _roll(
    params,
    grads,
    velocities,
    lr,
    mu,
    *,
    velocity=lambda v, g, lr, mu: mu * v + g,
    move=lambda p, g, old, new, lr, mu: p - lr * new,
    returned="new",
    whose="own",
):
    """One step with one thing done differently; the mistakes below say which."""
    old = velocities if whose == "own" else [velocities[0]] * len(params)
    if whose == "one for all":
        new, running = [], velocities[0]
        for g in grads:
            running = velocity(running, g, lr, mu)
            new.append(running)
    else:
        new = [velocity(v, g, lr, mu) for v, g in zip(old, grads, strict=True)]
    moved = [move(p, g, v, w, lr, mu) for p, g, v, w in zip(params, grads, old, new, strict=True)]
    return moved, new if returned == "new" else velocities


for _name, (_sentence, _change) in {
    "old_velocity": (
        "The parameters move with the old velocity. First the new one, then the step: the gradient of here and now "
        "counts, too.",
        {"move": lambda p, g, old, new, lr, mu: p - lr * old},
    ),
    "uphill": (
        "The ball rolls uphill: the parameters move along the velocity. Subtract lr times the velocity.",
        {"move": lambda p, g, old, new, lr, mu: p + lr * new},
    ),
    "velocity_downhill": (
        "Your velocity points downhill (a minus at g), and then you subtract it. Take one minus away: v = mu * v + g, "
        "p - lr * v.",
        {"velocity": lambda v, g, lr, mu: mu * v - g},
    ),
    "averaged": (
        "Your velocity is an average, mu * v + (1 - mu) * g. Here it is a sum, mu * v + g, as in PyTorch: otherwise "
        "the same lr gives far shorter steps.",
        {"velocity": lambda v, g, lr, mu: mu * v + (1 - mu) * g},
    ),
    "rate_in_velocity": (
        "You multiplied the gradient by lr inside the velocity. Many books do; here (as in PyTorch) v = mu * v + g, "
        "and lr comes in with the step: so a new lr counts at once.",
        {"velocity": lambda v, g, lr, mu: mu * v + lr * g, "move": lambda p, g, old, new, lr, mu: p - new},
    ),
    "book_velocity": (
        "Your velocity is the step itself, mu * v - lr * g. Many books write it so; here (as in PyTorch) v = mu * v "
        "+ g, and the step is -lr * v.",
        {"velocity": lambda v, g, lr, mu: mu * v - lr * g, "move": lambda p, g, old, new, lr, mu: p + new},
    ),
    "nesterov": (
        "That is Nesterov's step, lr * (g + mu * v). This task asks for plain momentum: lr * v with the new velocity.",
        {"move": lambda p, g, old, new, lr, mu: p - lr * (g + mu * new)},
    ),
    "no_memory": (
        "The old velocity plays no part: that is plain gradient descent. Keep mu times the old velocity: mu * v + g.",
        {"velocity": lambda v, g, lr, mu: g},
    ),
    "no_friction": (
        "The old velocity is kept whole, so the ball never slows down. Keep only the share mu of it: mu * v + g.",
        {"velocity": lambda v, g, lr, mu: v + g},
    ),
    "mu_on_gradient": (
        "mu stands at the wrong place: it is the share of the old velocity that is kept. mu * v + g, not v + mu * g.",
        {"velocity": lambda v, g, lr, mu: v + mu * g},
    ),
    "velocity_forgotten": (
        "The new parameters are right, but you returned the old velocities: the next step would remember nothing of "
        "this one. Return the new ones.",
        {"returned": "old"},
    ),
    "first_velocity": (
        "You used the first velocity for every parameter. Each has a velocity of its own, at the same place in the "
        "list.",
        {"whose": "first"},
    ),
    "one_velocity": (
        "All parameters share one velocity, which runs on from each to the next. Each needs a velocity of its own.",
        {"whose": "one for all"},
    ),
}.items():
    momentum.mistake(_sentence)(changed(_roll, _name, **_change))

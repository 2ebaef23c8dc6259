"""Task of unit 03: one forward pass, backward pass and step of a network of two layers."""

import numpy as np

from introdl.checks.backprop.imaginary import mean_cross_entropy, slope_by_imaginary_nudge
from introdl.checks.backprop.softmax_cross_entropy_backward import one_hot, softmax
from introdl.checks.task import Task
from introdl.checks.variant import changed


def two_layers(rng, D, H, C):
    return [
        rng.normal(size=(D, H)),
        0.1 * rng.normal(size=H),
        rng.normal(size=(H, C)),
        0.1 * rng.normal(size=C),
    ]


def batches(rng):
    yield (
        np.array([[1.0, 2.0], [-1.0, 0.5]]),
        np.array([0, 1]),
        [np.array([[1.0, -1.0], [0.5, 1.0]]), np.zeros(2), np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2)],
        0.5,
    )
    for N, D, H, C in [(4, 3, 5, 3), (1, 2, 4, 2), (6, 2, 3, 3), (5, 4, 4, 4)]:
        yield (
            rng.normal(size=(N, D)),
            rng.integers(0, C, size=N),
            two_layers(rng, D, H, C),
            float(rng.uniform(0.1, 1.0)),
        )
    W1, b1, W2, b2 = two_layers(rng, 2, 3, 2)
    yield (
        rng.normal(size=(3, 2)),
        np.array([0, 1, 1]),
        [W1, b1 - [0, 100, 0], W2, b2],
        0.3,
    )  # one hidden neuron never fires
    yield 100 * rng.normal(size=(4, 2)), np.array([0, 1, 1, 0]), [W1, b1, W2, b2], 1e-3


def two_layer_loss(X, y, params):
    """The loss of the network, also for complex parameters."""
    W1, b1, W2, b2 = params
    Z = X @ W1 + b1
    return mean_cross_entropy(np.where(Z.real > 0, Z, 0) @ W2 + b2, y)


def step_by_imaginary_nudge(X, y, params, lr):
    """One step whose slopes come from nudging each parameter: no backward pass at all."""
    new = []
    for place, array in enumerate(params):
        slopes = slope_by_imaginary_nudge(
            lambda a, k=place: two_layer_loss(X, y, [*params[:k], a, *params[k + 1 :]]), array
        )
        new.append(array - lr * slopes)
    return float(np.real(two_layer_loss(X, y, params))), new


train_step = Task(
    "train_step",
    ("X", "y", "params", "lr"),
    batches,
    step_by_imaginary_nudge,
    hints=(
        "Three parts: forward (keep Z and A), backward (from the logits to W1), update (all four "
        "parameters, after all slopes are known).",
        "The way back: the logits' slopes, through the second dense layer to dA, through the gate to dZ, "
        "through the first dense layer. The gate looks at Z, the input of the ReLU.",
        "dlogits = softmax_cross_entropy_backward(...); dA, dW2, db2 = dense_backward(dlogits, A, W2); dZ = "
        "dA * (...); _, dW1, db1 = dense_backward(dZ, X, ...)",
    ),
)


def step_with(
    X,
    y,
    params,
    lr,
    *,
    gate=lambda dA, Z: dA * (Z > 0),
    power=1,
    direction=-1,
    early=False,
    biases=True,
    only_last=False,
    loss_after=False,
):
    """One step with one thing done differently; the mistakes below say which. power: of 1/N in the slopes."""
    W1, b1, W2, b2 = params
    Z = X @ W1 + b1
    A = np.maximum(Z, 0)
    dlogits = (softmax(A @ W2 + b2) - one_hot(A @ W2, y)) / len(y) ** power
    dW2, db2 = A.T @ dlogits, dlogits.sum(axis=0)
    dZ = gate(dlogits @ (W2 - lr * dW2 if early else W2).T, Z)
    slopes = [X.T @ dZ * (not only_last), dZ.sum(axis=0) * biases * (not only_last), dW2, db2 * biases]
    new = [array + direction * lr * slope for array, slope in zip(params, slopes, strict=True)]
    return float(np.real(two_layer_loss(X, y, new if loss_after else params))), new


for _name, (_sentence, _change) in {
    "uphill": (
        "You step along the gradient. It points uphill, so the loss rises: subtract lr times the slope.",
        {"direction": +1},
    ),
    "updated_too_early": (
        "You updated W2 before all slopes were known: dA was computed with the new W2. "
        "First all slopes, then all updates.",
        {"early": True},
    ),
    "gate_by_slope": (
        "Your ReLU gate looks at the sign of the slope dA. It must look at its own input: slopes pass where Z > 0.",
        {"gate": lambda dA, Z: dA * (dA > 0)},
    ),
    "no_gate": (
        "The ReLU is missing on the way back: where Z was negative, nothing passes. Multiply dA by (Z > 0).",
        {"gate": lambda dA, Z: dA},
    ),
    "clipped_slopes": (
        "You clipped the slopes as well: the way back multiplies by (Z > 0), and negative slopes pass, too.",
        {"gate": lambda dA, Z: np.maximum(dA, 0) * (Z > 0)},
    ),
    "gate_by_output": (
        "You multiplied by the ReLU's output. Its local slope is 1 or 0: multiply by (Z > 0).",
        {"gate": lambda dA, Z: dA * np.maximum(Z, 0)},
    ),
    "summed": (
        "The mean over the batch is missing in your slopes: the step is N times too long.",
        {"power": 0},
    ),
    "twice_divided": ("You divided by the batch size twice: the step is N times too short.", {"power": 2}),
    "biases_stay": ("The biases are not updated. They are parameters, too.", {"biases": False}),
    "last_layer_only": (
        "Only the last layer learned: carry the slopes on through the gate to W1 and b1.",
        {"only_last": True},
    ),
    "loss_after_step": (
        "The new parameters are right, but you returned the loss after the step. Return the "
        "one before it: it costs no second forward pass (a convention).",
        {"loss_after": True},
    ),
}.items():
    train_step.mistake(_sentence)(changed(step_with, _name, **_change))

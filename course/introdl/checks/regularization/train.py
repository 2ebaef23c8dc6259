"""Task of unit 07: softmax regression on few digits, with an L2 penalty on the weights and early stopping."""

import numpy as np

from introdl import data
from introdl.checks.backprop.imaginary import mean_cross_entropy, slope_by_imaginary_nudge
from introdl.checks.task import Task
from introdl.checks.variant import changed


def runs(rng):
    X, X_val = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.2, 0.9], [0.9, 0.1]])
    yield X, np.array([0, 1, 1]), X_val, np.array([0, 1]), [np.zeros((2, 2)), np.zeros(2)], 0.5, 0.1, 2, 6
    for N, D, C, lr, strength, patience in [(6, 2, 2, 2.0, 0.0, 2), (5, 3, 3, 1.5, 0.3, 1), (8, 2, 3, 3.0, 0.05, 3)]:
        yield (
            rng.normal(size=(N, D)),
            rng.integers(0, C, size=N),
            rng.normal(size=(5, D)),
            rng.integers(0, C, size=5),
            [rng.normal(size=(D, C)), rng.normal(size=C)],
            lr,
            strength,
            patience,
            12,
        )
    digits = data.digits8x8()
    few = rng.permutation(len(digits.X_train))[:20]
    X, y = digits.X_train[few].astype(np.float64), digits.y_train[few].copy()
    y[:6] = (y[:6] + 1) % 10  # six labels are wrong
    start = [0.1 * rng.normal(size=(64, 10)), np.zeros(10)]
    yield X, y, digits.X_val[:40].astype(np.float64), digits.y_val[:40], start, 2.0, 0.01, 3, 60


def slopes_by_hand(X, y, W, b, strength):
    """The gradient of loss plus penalty, class by class: predicted minus true, and the penalty's pull."""
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for x, label in zip(X, y, strict=True):
        logits = x @ W + b
        p = np.exp(logits - logits.max())
        error = p / p.sum()
        error[label] -= 1
        dW += np.outer(x, error) / len(X)
        db += error / len(X)
    return dW + strength * W, db


def by_nudging(X, y, X_val, y_val, params, lr, strength, patience, num_epochs):
    """Small cases: every slope by an imaginary nudge; the digits: example by example. All epochs kept, then judged."""
    (W, b), seen, losses = params, [], []
    for _ in range(num_epochs):
        if W.size < 20:
            dW = slope_by_imaginary_nudge(
                lambda w, b=b: mean_cross_entropy(X @ w + b, y) + strength / 2 * (w * w).sum(), W
            )
            db = slope_by_imaginary_nudge(lambda c, W=W: mean_cross_entropy(X @ W + c, y), b)
        else:
            dW, db = slopes_by_hand(X, y, W, b, strength)
        W, b = W - lr * dW, b - lr * db
        seen.append((W, b))
        losses.append(float(np.real(mean_cross_entropy(X_val @ W + b, y_val))))
        if len(losses) - 1 - int(np.argmin(losses)) >= patience:
            break
    best = int(np.argmin(losses))
    return [*seen[best]], losses


train = Task(
    "train",
    ("X", "y", "X_val", "y_val", "params", "lr", "strength", "patience", "num_epochs"),
    runs,
    by_nudging,
    hints=(
        "Write two functions for EarlyStopping.fit: train_epoch(params), one step that changes W and b in place, and "
        "validation_loss(params).",
        "The slopes of the loss: dlogits = (softmax - one-hot) / N, dW = X.T @ dlogits, db = its sum over the batch. "
        "l2(params, strength)[1] holds what to add to each. `W -= ...` changes the array, `W = W - ...` does not.",
        "params = [p.copy() for p in params]; def train_epoch(params): ... W -= lr * (dW + ...); "
        "losses = EarlyStopping(patience).fit(params, train_epoch, ..., num_epochs); return params, losses",
    ),
)


def _fit(
    X,
    y,
    X_val,
    y_val,
    params,
    lr,
    strength,
    patience,
    num_epochs,
    *,
    bias_pays=False,
    factor=1.0,
    weights="best",
    watch="validation",
    penalty_in_loss=False,
    stop=True,
    late=0,
    direction=1.0,
    mean=True,
    loss_before=False,
    criterion="loss",
):
    """Train with one thing done differently; the mistakes below say which."""
    W, b = params
    best, best_score, waited, losses = (W, b), np.inf, 0, []

    def loss_on(X, y):
        value = float(np.real(mean_cross_entropy(X @ W + b, y)))
        return value + (strength / 2 * float((W**2).sum()) if penalty_in_loss else 0.0)

    for _ in range(num_epochs):
        before = loss_on(X_val, y_val)
        logits = X @ W + b
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        dlogits = (p / p.sum(axis=1, keepdims=True) - np.eye(len(b))[y]) / (len(y) if mean else 1)
        dW = X.T @ dlogits + direction * factor * strength * W
        db = dlogits.sum(axis=0) + (strength * b if bias_pays else 0.0)
        W, b = W - lr * dW, b - lr * db
        losses.append(before if loss_before else loss_on(*((X, y) if watch == "training" else (X_val, y_val))))
        wrong = float(((X_val @ W + b).argmax(axis=1) != y_val).mean())
        score = wrong if criterion == "error" else losses[-1]
        if score < best_score:
            best, best_score, waited = (W, b), score, 0
        else:
            waited += 1
        if stop and waited >= patience + late:
            break
    return list(best if weights == "best" else (W, b)), losses


for _name, (_sentence, _change) in {
    "biases_penalized": (
        "You penalize the bias, too. Only W pays: add strength * W to dW and nothing to db.",
        {"bias_pays": True},
    ),
    "last_weights": (
        "You return the last weights, not the best. After the loop, restore those of the epoch with the lowest "
        "validation loss.",
        {"weights": "last"},
    ),
    "watches_training": (
        "You watch the training loss. It keeps falling while the network learns wrong labels by heart: judge by "
        "X_val, y_val.",
        {"watch": "training"},
    ),
    "penalty_in_validation": (
        "Your validation loss contains the penalty. It steers the training only; how well the network reads new digits "
        "is the cross-entropy alone.",
        {"penalty_in_loss": True},
    ),
    "no_penalty": (
        "The penalty is missing: add strength * W to the slope of W.",
        {"factor": 0.0},
    ),
    "penalty_twice": (
        "The penalty pulls twice too hard: the slope of strength / 2 * W**2 is strength * W, without a 2.",
        {"factor": 2.0},
    ),
    "penalty_uphill": (
        "The penalty pushes the weights away from 0: add its slope to dW, do not subtract it.",
        {"direction": -1.0},
    ),
    "never_stops": (
        "You never stop early: when update returns True, leave the loop.",
        {"stop": False},
    ),
    "one_epoch_late": (
        "You stop one epoch too late. Stop at the epoch number `patience` in a row without a lower loss.",
        {"late": 1},
    ),
    "summed_loss": (
        "The mean over the batch is missing in your slopes: divide by N.",
        {"mean": False},
    ),
    "loss_before_step": (
        "You take the validation loss before the step and keep the weights after it. Judge the weights that you keep: "
        "first the step, then the loss.",
        {"loss_before": True},
    ),
    "by_error": (
        "You watch the share of wrong answers. Watch the validation loss: it also tells right answers that are sure "
        "from those that are lucky (a convention).",
        {"criterion": "error"},
    ),
}.items():
    train.mistake(_sentence)(changed(_fit, _name, **_change))

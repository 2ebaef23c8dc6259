"""Task of unit 20: there and back again (cycle_loss)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def cases(rng):
    yield np.array([[0.5, -0.5]]), np.array([[0.0, 1.0]]), np.eye(2), np.eye(2)
    for N, M, D in ((3, 3, 2), (4, 6, 3), (5, 2, 4)):
        A, B = rng.uniform(-1, 1, size=(N, D)), rng.uniform(-1, 1, size=(M, D))
        yield A, B, rng.normal(0, 0.8, size=(D, D)), rng.normal(0, 0.8, size=(D, D))


def entry_by_entry(A, B, W_to_B, W_to_A):
    total = 0.0
    for X, there, back in ((A, W_to_B, W_to_A), (B, W_to_A, W_to_B)):
        away = 0.0
        for x in X:
            y = [np.tanh(sum(x[i] * there[i, j] for i in range(len(x)))) for j in range(len(x))]
            z = [np.tanh(sum(y[i] * back[i, j] for i in range(len(x)))) for j in range(len(x))]
            away += sum(abs(a - b) for a, b in zip(z, x, strict=True))
        total += away / X.size
    return float(total)


cycle_loss = Task(
    "cycle_loss",
    ("A", "B", "W_to_B", "W_to_A"),
    cases,
    entry_by_entry,
    hints=(
        "There are two journeys: one starts in A and goes by way of B, the other starts in B and goes by way of A.",
        "translate(translate(A, W_to_B), W_to_A) is back in style A. Compare it with A: the mean of the absolute "
        "differences. Do the same for B, and add the two.",
        "return np.abs(translate(translate(A, W_to_B), ...) - A).mean() + np.abs(translate(..., W_to_B) - B).mean()",
    ),
)


def _translate(X, W):
    return np.tanh(X @ W)


def _away(X, there, back, cost, reduce):
    return reduce(cost(_translate(_translate(X, there), back) - X))


def _cycle(A, B, W_to_B, W_to_A, *, parts=(1, 1), cost=np.abs, reduce=np.mean, swap=False):
    """Compute the loss with one thing done differently; the mistakes below say which."""
    there, back = (W_to_A, W_to_B) if swap else (W_to_B, W_to_A)
    return float(parts[0] * _away(A, there, back, cost, reduce) + parts[1] * _away(B, back, there, cost, reduce))


def _one_way(A, B, W_to_B, W_to_A):
    return float(np.abs(_translate(A, W_to_B) - A).mean() + np.abs(_translate(B, W_to_A) - B).mean())


def _identity(A, B, W_to_B, W_to_A):
    return float(np.abs(_translate(A, W_to_A) - A).mean() + np.abs(_translate(B, W_to_B) - B).mean())


def _twice(A, B, W_to_B, W_to_A):
    return float(_away(A, W_to_B, W_to_B, np.abs, np.mean) + _away(B, W_to_A, W_to_A, np.abs, np.mean))


def _pooled(A, B, W_to_B, W_to_A):
    aways = [np.abs(_translate(_translate(X, W), V) - X) for X, W, V in ((A, W_to_B, W_to_A), (B, W_to_A, W_to_B))]
    return float(2 * np.concatenate(aways).mean())


for _sentence, _answer in {
    "You check one direction only: A there and back. Then the way B, A, B may lose all that it likes. Add the second "
    "journey.": changed(_cycle, "only_A", parts=(1, 0)),
    "You check one direction only: B there and back. Add the journey that starts in A.": changed(
        _cycle, "only_B", parts=(0, 1)
    ),
    "You compare with the start after half of the journey. A translation should differ from its original; only the way "
    "*back* must restore it.": _one_way,
    "This is the identity loss: what a translator does to its own target style. Asked for is the way there and "
    "back.": _identity,
    "You squared the differences. The cycle loss takes their absolute values, which blurs less.": changed(
        _cycle, "squared", cost=np.square
    ),
    "Your differences have a sign, so that too dark and too pale cancel. Take absolute values.": changed(
        _cycle, "signed", cost=lambda Z: Z
    ),
    "You took sums over all entries. Take the mean of each, or the loss depends on how many pictures come.": changed(
        _cycle, "sums", reduce=np.sum
    ),
    "You halved the sum. The two means are added (a convention).": changed(_cycle, "halved", parts=(0.5, 0.5)),
    "Your translators are swapped: A goes through W_to_A first. A is in style A already; it goes to B, and then "
    "back.": changed(_cycle, "swapped", swap=True),
    "You used the same translator for the way there and the way back.": _twice,
    "You averaged over both sets at once, so the larger one counts more. Take a mean for each, then add.": _pooled,
}.items():
    cycle_loss.mistake(_sentence)(_answer)

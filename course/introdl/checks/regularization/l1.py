"""Task of unit 07: the L1 penalty of one weight array, a gradient of it, and its own step, the soft threshold."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def weights(rng):
    yield np.array([[0.5, -0.1, 0.0]]), 1.0, 0.2
    yield np.array([[3.0], [-2.0]]), 0.5, 1.0
    for shape in [(3, 4), (5,), (1, 1), (4, 2)]:
        W = rng.normal(size=shape)
        W.flat[0] = 0.0
        yield W, float(rng.uniform(0.1, 2)), float(rng.uniform(0.05, 0.5))
    yield rng.normal(size=(2, 3)), 0.0, 0.1  # no penalty: no slope and no step
    yield np.array([[0.25, -0.25, 0.5]]), 0.5, 0.5  # two weights stop exactly at 0
    yield 1e3 * rng.normal(size=(2, 2)), 10.0, 1.0


def entry_by_entry(W, strength, lr):
    """The penalty term by term; the step found as the best of the only three candidates there are."""
    penalty, slope, after = 0.0, np.zeros(W.shape), np.zeros(W.shape)
    price = lr * strength
    for i in np.ndindex(W.shape):
        w = float(W[i])
        penalty += strength * max(w, -w)
        slope[i] = strength * ((w > 0) - (w < 0))
        places = [0.0, max(w - price, 0.0), min(w + price, 0.0)]
        after[i] = min(places, key=lambda place, w=w: (place - w) ** 2 / 2 + price * max(place, -place))
    return penalty, slope, after


l1 = Task(
    "l1",
    ("W", "strength", "lr"),
    weights,
    entry_by_entry,
    hints=(
        "The slope of |w| does not depend on how large w is: it is 1 right of 0 and -1 left of it. At 0 take 0.",
        "For the step, think of a walk towards 0 of length lr * strength that ends at 0 if it would cross it. The "
        "sign stays, the size shrinks, and no size is negative.",
        "np.sign(W) * np.maximum(np.abs(W) - ..., 0) is the step; the slope is strength * ...",
    ),
)


def _l1(
    W,
    strength,
    lr,
    *,
    slope=np.sign,
    reduce=np.sum,
    step="soft",
    size=lambda strength, lr: lr * strength,
    signed=False,
):
    """The three results with one thing done differently; the mistakes below say which."""
    penalty = strength * float(reduce(W if signed else np.abs(W)))
    t = size(strength, lr)
    after = {
        "soft": np.sign(W) * np.maximum(np.abs(W) - t, 0),
        "crossing": W - t * np.sign(W),
        "hard": np.where(np.abs(W) > t, W, 0.0),
        "unsigned": np.maximum(np.abs(W) - t, 0),
        "one side": np.maximum(W - t, 0),
        "outward": W + t * np.sign(W),
    }[step]
    return penalty, strength * slope(W), after


def squares(W, strength, lr):
    return strength / 2 * float((W**2).sum()), strength * W, W * (1 - lr * strength)


for _sentence, _answer in {
    "Your step walks on past 0: small weights change their sign and none ends at 0. Stop there: a size of "
    "|W| - lr * strength below 0 becomes 0.": changed(_l1, "crosses_zero", step="crossing"),
    "You cut small weights off and leave the large ones as they are (a hard threshold). L1 pulls every weight towards "
    "0 by the same lr * strength.": changed(_l1, "hard_threshold", step="hard"),
    "The signs are lost in the step: negative weights come back positive. Multiply the shrunken size by "
    "np.sign(W).": changed(_l1, "sign_lost", step="unsigned"),
    "Your step handles positive weights only; negative ones all become 0. Shrink the size |W| and give the sign "
    "back.": changed(_l1, "one_side", step="one side"),
    "Your step moves the weights away from 0. A penalty makes large weights expensive, so the step goes towards "
    "0.": changed(_l1, "away_from_zero", step="outward"),
    "The learning rate is missing in the step: its length is lr * strength, like any other step "
    "downhill.": changed(_l1, "threshold_without_lr", size=lambda strength, lr: strength),
    "The strength is missing in the step: its length is lr * strength.": changed(
        _l1, "threshold_without_strength", size=lambda strength, lr: lr
    ),
    "That is L2: its pull is proportional to the weight, so it fades near 0 and leaves nothing at exactly 0. "
    "L1 uses |w|, whose slope is a sign.": squares,
    "Your slope is 1 or -1 also at a weight of exactly 0. There the two sides disagree; take 0 (a convention, and "
    "np.sign does so).": changed(_l1, "slope_at_zero", slope=lambda W: np.where(W >= 0, 1.0, -1.0)),
    "Your slope is the same for negative weights as for positive ones. Left of 0 the penalty falls as w rises, so the "
    "slope is -strength.": changed(_l1, "slope_without_sign", slope=lambda W: (W != 0).astype(float)),
    "The penalty adds up the weights with their signs, so opposite weights cancel. Add up their absolute "
    "values.": changed(_l1, "signed_sum", signed=True),
    "You took the mean of the absolute values. Every weight pays its own price: use the sum.": changed(
        _l1, "mean_of_sizes", reduce=np.mean
    ),
}.items():
    l1.mistake(_sentence)(_answer)

"""Task of unit 02: probabilities from logits, whatever their size."""

import numpy as np

from introdl.checks.task import Task


def logits_of_batches(rng):
    yield (np.array([[0.0, 0.0], [np.log(3.0), 0.0], [0.0, np.log(4.0)]]),)
    for N, C in [(4, 3), (3, 3), (1, 5), (6, 2), (5, 10)]:
        yield (2 * rng.normal(size=(N, C)),)
    yield (np.array([[1000.0, 1001.0, 999.0]]),)  # overflows without the shift
    yield (np.array([[900.0, 901.0], [-900.0, -901.0]]),)  # rows of very different size
    yield (rng.normal(size=(3, 4)) + np.array([[500.0], [0.0], [-500.0]]),)
    yield (rng.integers(-3, 4, size=(4, 3)),)
    yield (np.full((2, 4), -1e4),)  # all equal
    yield (np.array([[-800.0, 0.0, 800.0], [1.0, 2.0, 3.0]]),)  # logits of one row far apart
    yield (np.zeros((0, 3)),)


def one_over_the_sum_of_odds(logits):
    """p_c = 1 / sum over k of exp(z_k - z_c): only differences, and where exp overflows, 1 / inf is the right 0."""
    with np.errstate(over="ignore"):
        return 1 / np.exp(logits[:, None, :] - logits[:, :, None].astype(float)).sum(axis=2)


softmax = Task(
    "softmax",
    ("logits",),
    logits_of_batches,
    one_over_the_sum_of_odds,
    atol=1e-12,
    hints=(
        "First without large numbers: exp of everything, then divide each row by its own sum.",
        "axis=1 adds up along a row, keepdims=True keeps the result a column (N, 1), so that it divides row by row. "
        "Against overflow subtract each row's maximum before exp, in the same way.",
        "powers = np.exp(logits - logits.max(...)); return powers / powers.sum(...)",
    ),
)


def _softmax(logits, axis=1, shift=True):
    powers = np.exp(logits - (logits.max(axis=axis, keepdims=True, initial=-np.inf) if shift else 0.0))
    return powers / powers.sum(axis=axis, keepdims=True)


@softmax.mistake(
    "Each column sums to one: you used axis 0, the batch. The probabilities of one example, a row, sum to one: axis 1."
)
def over_the_batch(logits):
    powers = np.exp(logits - logits.max(axis=0, keepdims=True, initial=-np.inf))
    return powers / powers.sum(axis=0, keepdims=True)


@softmax.mistake(
    "The shift is missing: exp overflows for large logits, and inf / inf is NaN. Subtract each row's maximum first."
)
def overflowing(logits):
    return _softmax(logits, shift=False)


@softmax.mistake("You divided by the sum over the whole batch. Each row has its own sum: axis=1, keepdims=True.")
def one_sum_for_all(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum()


@softmax.mistake(
    "You subtracted the largest logit of the whole batch. A row far below it becomes all zeros, and 0 / 0 is NaN: "
    "subtract each row's own maximum."
)
def one_maximum_for_all(logits):
    powers = np.exp(logits - logits.max(initial=-np.inf))
    return powers / powers.sum(axis=1, keepdims=True)


@softmax.mistake(
    "Without keepdims=True the sums have the shape (N,), and broadcasting divides the columns by them, not the rows. "
    "In a square batch nothing complains."
)
def sums_along_columns(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1)


@softmax.mistake("You divided the logits by their sum. Negative ones stay negative: apply exp first.")
def without_exp(logits):
    return logits / logits.sum(axis=1, keepdims=True)


@softmax.mistake("You subtracted the row's minimum, so the largest exponent is larger still. Subtract the maximum.")
def minimum_subtracted(logits):
    powers = np.exp(logits - logits.min(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@softmax.mistake("The powers are not divided by their sum, so a row does not sum to one.")
def not_divided(logits):
    return np.exp(logits - logits.max(axis=1, keepdims=True))


@softmax.mistake("These are logs of probabilities. Softmax returns the probabilities: apply exp.")
def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@softmax.mistake("You used powers of 2. Softmax takes powers of e: np.exp, not np.exp2.")
def powers_of_two(logits):
    powers = np.exp2(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@softmax.mistake(
    "The probabilities are right, but the logits were changed on the way: -= works in place. Make a new array."
)
def in_place(logits):
    logits -= logits.max(axis=1, keepdims=True)
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)

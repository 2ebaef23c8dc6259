"""Task of unit 14: the mean over the steps that count."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def batches(rng):
    yield np.array([[[1.0], [3.0], [100.0]]]), np.array([2])
    yield np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [-9.0, -9.0]]]), np.array([2, 1])
    for N, T, hidden in [(3, 4, 2), (4, 4, 4), (2, 6, 3), (5, 3, 1), (1, 5, 2)]:
        lengths = rng.integers(1, T + 1, size=N)
        lengths[0] = max(1, T - 2)
        yield rng.normal(1, 2, size=(N, T, hidden)), lengths


def by_slices(H, lengths):
    return np.array([np.mean(rows[:length], axis=0) for rows, length in zip(H, lengths, strict=True)])


masked_mean = Task(
    "masked_mean",
    ("H", "lengths"),
    batches,
    by_slices,
    forbid=("torch", "numpy.ma"),
    hints=(
        "What stands in the padding is arbitrary. It may neither be added nor counted.",
        "np.arange(T) < lengths[:, np.newaxis] is True where a step counts, (N, T). One more axis, and it multiplies "
        "H. Then divide each sum by its own length.",
        "mask = np.arange(H.shape[1]) < lengths[:, ...]; total = (H * mask[:, :, np.newaxis]).sum(axis=...); "
        "return total / lengths[:, ...]",
    ),
)


def _mean(
    H,
    lengths,
    *,
    last=0,
    padding=False,
    divisor=lambda H, lengths: lengths[:, np.newaxis],
    axis=1,
    wrong_side=False,
):
    """The mean with one thing done differently; the mistakes below say which."""
    inside = np.arange(H.shape[1]) < lengths[:, np.newaxis] + last
    inside = ~inside if wrong_side else inside
    counted = H if padding else H * inside[:, :, np.newaxis]
    return counted.sum(axis=axis) / divisor(H, lengths)


def own_last_step(H, lengths):
    return H[np.arange(len(H)), lengths - 1]


def largest(H, lengths):
    inside = (np.arange(H.shape[1]) < lengths[:, np.newaxis])[:, :, np.newaxis]
    return np.where(inside, H, -np.inf).max(axis=1)


for _sentence, _answer in {
    "You took the mean over all T steps: padding is added and counted. Only the first lengths[n] steps of row n "
    "belong to it.": changed(_mean, "padding_counted", padding=True, divisor=lambda H, lengths: H.shape[1]),
    "Padding is not added, but counted: you divide by T. Divide each sum by its own length.": changed(
        _mean, "divided_by_all", divisor=lambda H, lengths: H.shape[1]
    ),
    "You divide by the right length, but padding is in the sum: set it to 0 before.": changed(
        _mean, "padding_added", padding=True
    ),
    "You divide by the number of all steps that count in the batch. Each sequence has its own length.": changed(
        _mean, "divided_by_batch", divisor=lambda H, lengths: lengths.sum()
    ),
    "You divide by the mean length. Each sequence has its own.": changed(
        _mean, "divided_by_mean_length", divisor=lambda H, lengths: lengths.mean()
    ),
    "That is the sum. For the mean, divide by the length of each sequence.": changed(
        _mean, "sum", divisor=lambda H, lengths: 1
    ),
    "Off by one: your mask counts one step too many. Step t counts where t < length.": changed(
        _mean, "one_too_many", last=1
    ),
    "Off by one: your mask leaves out the last step that counts. Step t counts where t < length.": changed(
        _mean, "one_too_few", last=-1
    ),
    "Your mask is the wrong way round: it keeps the padding.": changed(_mean, "wrong_side", wrong_side=True),
    "You take the last column, which is padding for shorter sequences. The mean over the steps that count is asked "
    "for.": lambda H, lengths: H[:, -1],
    "You take each sequence's last step. The mean over all its steps is asked for.": own_last_step,
    "You take the largest value. The mean is asked for.": largest,
    "You took the mean over the batch, axis 0. Time is axis 1.": lambda H, lengths: H.mean(axis=0),
}.items():
    masked_mean.mistake(_sentence)(_answer)

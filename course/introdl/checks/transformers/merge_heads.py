"""Task of unit 18: put the heads' features side by side again (merge_heads)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.transformers.split_heads import SIZES


def heads(rng):
    for N, T, h, D_h in SIZES:
        yield (rng.integers(-9, 10, size=(N, h, T, D_h)).astype(float),)


def side_by_side(X):
    return np.concatenate([X[:, j] for j in range(X.shape[1])], axis=2)


merge_heads = Task(
    "merge_heads",
    ("X",),
    heads,
    side_by_side,
    hints=(
        "It is the way back of split_heads: the same two steps in the other order.",
        "First exchange heads and time, so that a position's heads stand together. Then the last two axes become one.",
        "N, h, T, D_h = X.shape; return X.swapaxes(..., ...).reshape(N, T, ...)",
    ),
)


@merge_heads.mistake(
    "Your heads are mixed with time: a reshape alone puts numbers of other positions side by side. Exchange the axes "
    "of heads and time first."
)
def only_reshape(X):
    N, h, T, D_h = X.shape
    return X.reshape(N, T, h * D_h)


@merge_heads.mistake("The heads' features alternate. Head 0 comes first with all its features, then head 1, …")
def alternating(X):
    N, h, T, D_h = X.shape
    return X.transpose(0, 2, 3, 1).reshape(N, T, h * D_h)


@merge_heads.mistake("You add the heads up. They stay side by side: h * D_h features.")
def added(X):
    return X.sum(axis=1)


@merge_heads.mistake("You take the mean of the heads. They stay side by side: h * D_h features.")
def mean(X):
    return X.sum(axis=1) / X.shape[1]


@merge_heads.mistake("The heads stand one after the other in time. They belong side by side, as features.")
def in_time(X):
    N, h, T, D_h = X.shape
    return X.reshape(N, h * T, D_h)


@merge_heads.mistake("The axes are exchanged but not yet joined: (N, T, h, D_h) becomes (N, T, h * D_h).")
def not_joined(X):
    return X.swapaxes(1, 2)


@merge_heads.mistake("The heads are in the opposite order. Head 0's features come first.")
def backwards(X):
    return side_by_side(X[:, ::-1])

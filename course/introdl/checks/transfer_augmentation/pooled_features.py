"""Task of unit 12: maps behind several blocks as one row of features a picture."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def several_maps(rng):
    yield ([np.array([[[[1.0, 3.0], [5.0, 7.0]]]])],)
    for N, shapes in [(2, [(3, 4, 4), (5, 2, 2)]), (3, [(2, 6, 3), (4, 3, 5), (3, 1, 1)]), (1, [(4, 3, 3)])]:
        yield ([rng.normal(size=(N, *shape)) for shape in shapes],)
    yield ([rng.normal(size=(3, 3, 3, 3)), rng.normal(size=(3, 3, 3, 3))],)
    yield ([np.zeros((0, 2, 4, 4)), np.zeros((0, 3, 2, 2))],)


def number_by_number(maps):
    rows = [[float(channel.sum()) / channel.size for some in maps for channel in some[n]] for n in range(len(maps[0]))]
    return np.array(rows).reshape(len(maps[0]), sum(some.shape[1] for some in maps))


pooled_features = Task(
    "pooled_features",
    ("maps",),
    several_maps,
    number_by_number,
    hints=(
        "One number for each picture and channel: the mean over the two axes that say where.",
        "Height and width are axes 2 and 3. Each array gives (N, C); np.concatenate puts them side by side along the "
        "axis of the channels.",
        "return np.concatenate([some.mean(axis=(..., ...)) for some in maps], axis=...)",
    ),
)


def _pooled(maps, *, reduce=np.mean, axes=(2, 3), join=1, used=slice(None), flatten=False):
    """The features with one thing done differently; the mistakes below say which."""
    if flatten:
        return np.concatenate([some.reshape(len(some), -1) for some in maps], axis=1)
    return np.concatenate([reduce(some, axis=axes) for some in maps[used]], axis=join)


for _sentence, _answer in {
    "You take the sum over the map. Take the mean, so that large and small maps count alike.": changed(
        _pooled, "the_sum", reduce=np.sum
    ),
    "You take the largest value of each map. Global *average* pooling takes the mean.": changed(
        _pooled, "the_maximum", reduce=np.max
    ),
    "You average over the channels. They are the features: average over height and width, axes 2 and 3.": changed(
        _pooled, "over_channels", axes=1, join=2
    ),
    "You average over the pictures of the batch, too. Each picture keeps a row of its own: axes 2 and 3 only.": changed(
        _pooled, "over_batch", axes=(0, 2, 3), join=0
    ),
    "You average over one axis only. A map has two, height and width: axis=(2, 3).": changed(
        _pooled, "one_axis", axes=2
    ),
    "You put the blocks below each other. Features of one picture belong in one row: concatenate along axis 1.": (
        changed(_pooled, "below_each_other", join=0)
    ),
    "You use the last maps only. All of them count, in the order of the list.": changed(
        _pooled, "last_only", used=slice(-1, None)
    ),
    "You use the first maps only. All of them count, in the order of the list.": changed(
        _pooled, "first_only", used=slice(0, 1)
    ),
    "The blocks come in reverse order. Keep the order of the list.": changed(
        _pooled, "reversed_order", used=slice(None, None, -1)
    ),
    "You flatten the maps and keep every pixel. Average each map to one number.": changed(
        _pooled, "flattened", flatten=True
    ),
}.items():
    pooled_features.mistake(_sentence)(_answer)

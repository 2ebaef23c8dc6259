"""Task of unit 10: photographs as a network wants them, channels first."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def photographs(rng):
    yield (np.array([[[[255, 0, 51], [0, 102, 255]]]], dtype=np.uint8),)
    for N, H, W in [(1, 2, 3), (2, 4, 4), (3, 3, 5), (2, 3, 3)]:
        yield (rng.integers(0, 256, size=(N, H, W, 3), dtype=np.uint8),)


def looked_at(answer, photos):
    """Call the answer; return its dtype besides its values, since a comparison of numbers does not tell."""
    batch = np.asarray(answer(photos))
    return {"dtype": str(batch.dtype), "values": batch.astype(float) if batch.dtype.kind in "fiu" else batch}


def pixel_by_pixel(photos):
    N, H, W, _ = photos.shape
    batch = np.empty((N, 3, H, W))
    for n, c, row, column in np.ndindex(batch.shape):
        batch[n, c, row, column] = int(photos[n, row, column, c]) / 255
    return {"dtype": "float32", "values": batch}


to_batch = Task(
    "to_batch",
    ("photos",),
    photographs,
    pixel_by_pixel,
    run=looked_at,
    rtol=1e-5,
    atol=1e-6,
    hints=(
        "Three things: move the axis of the channels, make float32 of the bytes, divide.",
        "transpose takes the axes in their new order. The old axes are 0 (N), 1 (H), 2 (W), 3 (channels).",
        "photos.transpose(0, 3, ..., ...).astype(...) / ...",
    ),
)


def _batch(photos, *, arrange=lambda P: P.transpose(0, 3, 1, 2), dtype=np.float32, divide=255.0):
    """The batch with one thing done differently; the mistakes below say which."""
    return (arrange(photos).astype(np.float64) / divide).astype(dtype)


for _sentence, _answer in {
    "You used reshape, which cuts the same row of numbers into other pieces: every channel holds a piece of all three. "
    "Move the axis: transpose(0, 3, 1, 2).": changed(
        _batch, "reshaped", arrange=lambda P: P.reshape(len(P), 3, *P.shape[1:3])
    ),
    "Rows and columns are swapped: your photographs lie on their side. Keep them in order: transpose(0, 3, 1, 2).": (
        changed(_batch, "on_its_side", arrange=lambda P: P.transpose(0, 3, 2, 1))
    ),
    "The channels are still last. A network of PyTorch wants them before rows and columns.": changed(
        _batch, "channels_last", arrange=lambda P: P
    ),
    "Red and blue are swapped. Keep the channels in their order.": changed(
        _batch, "red_and_blue", arrange=lambda P: P[..., ::-1].transpose(0, 3, 1, 2)
    ),
    "Your numbers go up to 255. Divide by 255, so that they lie between 0 and 1.": changed(
        _batch, "not_divided", divide=1.0
    ),
    "You divided by 256. The largest byte is 255, and it should become 1.": changed(_batch, "by_256", divide=256.0),
    "Your array is float64. PyTorch's weights are float32: add .astype(np.float32).": changed(
        _batch, "float64", dtype=np.float64
    ),
}.items():
    to_batch.mistake(_sentence)(_answer)

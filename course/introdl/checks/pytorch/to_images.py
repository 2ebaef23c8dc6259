"""Task of unit 08: rows of bytes as a tensor of pictures."""

import numpy as np
import torch

from introdl.checks.task import BadAnswer, Task
from introdl.checks.variant import changed


def pictures(rng):
    yield np.array([[0, 51, 102, 255]], dtype=np.uint8), 2, 2
    yield np.array([[0, 51, 102, 153, 204, 255]], dtype=np.uint8), 2, 3
    for n, height, width in [(3, 4, 4), (5, 2, 6), (2, 7, 3), (4, 1, 5)]:
        yield rng.integers(0, 256, size=(n, height * width), dtype=np.uint8), height, width


def looked_at(answer, pixels, height, width):
    """Call the answer; return its dtype besides its values, since a comparison of numbers does not tell."""
    tensor = answer(pixels, height, width)
    if not isinstance(tensor, torch.Tensor):
        raise BadAnswer(f"Your function returned a {type(tensor).__name__}, expected a tensor: torch.from_numpy(…).")
    return {"dtype": str(tensor.dtype), "values": tensor.detach().double().numpy()}


def pixel_by_pixel(pixels, height, width):
    values = np.empty((len(pixels), 1, height, width))
    for n, row, column in np.ndindex(len(pixels), height, width):
        values[n, 0, row, column] = int(pixels[n, row * width + column]) / 255
    return {"dtype": "torch.float32", "values": values}


to_images = Task(
    "to_images",
    ("pixels", "height", "width"),
    pictures,
    pixel_by_pixel,
    run=looked_at,
    rtol=1e-5,
    atol=1e-7,
    hints=(
        "Three steps: a tensor from the array, another dtype, another shape. The division comes after the new dtype.",
        "torch.from_numpy(pixels) keeps uint8; .float() makes float32 of it. reshape takes the four sizes in the order "
        "example, channel, row, column; there is one channel.",
        "return torch.from_numpy(pixels).float().reshape(-1, ..., height, ...) / ...",
    ),
)


def _images(pixels, height, width, *, shape=lambda n, h, w: (n, 1, h, w), dtype=torch.float32, scale=255.0, order="C"):
    """The pictures with one thing done differently; the mistakes below say which."""
    grid = pixels.reshape(len(pixels), height, width, order=order)
    return torch.tensor(grid).reshape(shape(len(pixels), height, width)).to(dtype) / scale


def whole_numbers(pixels, height, width):
    return torch.tensor(pixels // 255).float().reshape(-1, 1, height, width)


def column_by_column(pixels, height, width):
    return torch.tensor(pixels).float().reshape(-1, 1, width, height).transpose(2, 3) / 255


for _sentence, _answer in {
    "Your tensor is float64. PyTorch's layers compute in float32: call .float() (or .to(torch.float32)).": changed(
        _images, "double", dtype=torch.float64
    ),
    "The pixels still go up to 255: divide by 255.": changed(_images, "not_scaled", scale=1.0),
    "You divide by 256. The largest byte is 255, and it should become 1.": changed(_images, "by_256", scale=256.0),
    "You divided whole numbers (//), so nearly everything is 0. Make floats first, then divide.": whole_numbers,
    "The axis of the channels is missing: the shape is (N, 1, height, width), also for grey pictures.": changed(
        _images, "no_channel", shape=lambda n, h, w: (n, h, w)
    ),
    "The channel comes last in your tensor, as in many picture files. PyTorch wants it second: "
    "(N, 1, height, width).": changed(_images, "channel_last", shape=lambda n, h, w: (n, h, w, 1)),
    "Example and channel are swapped: the examples come first.": changed(
        _images, "channel_first", shape=lambda n, h, w: (1, n, h, w)
    ),
    "The pictures are still rows of pixels: reshape them to height and width.": changed(
        _images, "flat", shape=lambda n, h, w: (n, 1, h * w)
    ),
    "Height and width are swapped, so the rows of each picture are torn apart.": changed(
        _images, "swapped_sizes", shape=lambda n, h, w: (n, 1, w, h)
    ),
    "You read the pixels column by column. They come row by row: reshape to (height, width) without a "
    "transpose.": column_by_column,
}.items():
    to_images.mistake(_sentence)(_answer)

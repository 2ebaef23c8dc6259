"""Task of unit 00: pictures as rows."""

import numpy as np

from introdl.checks.task import Task


def batches_of_pictures(rng):
    yield (np.arange(12).reshape(2, 2, 3),)
    for shape in [(1, 4, 2), (5, 3, 3), (4, 2, 2), (3, 1, 6)]:
        yield (rng.normal(size=shape),)
    yield (rng.integers(0, 256, size=(6, 8, 8), dtype=np.uint8),)


def pixel_by_pixel(images):
    N, height, width = images.shape
    rows = np.zeros((N, height * width))
    for i, image in enumerate(images):
        for place in range(height * width):
            rows[i, place] = image[place // width, place % width]
    return rows


reshape_batch = Task(
    "reshape_batch",
    ("images",),
    batches_of_pictures,
    pixel_by_pixel,
    hints=(
        "Each picture becomes one row. So the first axis, the pictures, stays; the other two become one.",
        "`reshape` needs the new shape: the number of pictures, and height times width. `images.shape` holds "
        "all three numbers.",
        "N, H, W = images.shape; return images.reshape(..., ...)",
    ),
)


@reshape_batch.mistake("You flattened the whole batch into one long row. Keep the first axis: one row per picture.")
def one_long_row(images):
    return images.reshape(images.size)


@reshape_batch.mistake("Your result has one column per picture. Rows are examples in this course: shape (N, H * W).")
def pictures_in_columns(images):
    N, height, width = images.shape
    return images.reshape(N, height * width).T


@reshape_batch.mistake(
    "The shape is right, but pixels of different pictures are mixed: reshape moves no "
    "axis, it fills row by row. Ask for the shape (N, H * W) at once."
)
def mixed_pictures(images):
    N, height, width = images.shape
    return images.reshape(height * width, N).T


@reshape_batch.mistake(
    "You read each picture column by column. Read it row by row, the way NumPy stores it: no transpose is needed."
)
def column_by_column(images):
    N, height, width = images.shape
    return images.transpose(0, 2, 1).reshape(N, height * width)


@reshape_batch.mistake("You put the rows of all pictures below each other, (N * H, W). Each picture becomes one row.")
def rows_below_each_other(images):
    N, height, width = images.shape
    return images.reshape(N * height, width)


@reshape_batch.mistake("This is the first picture only. Keep all of them, one in each row.")
def first_only(images):
    return images[0].reshape(1, -1)


@reshape_batch.mistake("You added up the pixels along one axis. Nothing may get lost: each row keeps all H * W pixels.")
def added_up(images):
    return images.sum(axis=1)

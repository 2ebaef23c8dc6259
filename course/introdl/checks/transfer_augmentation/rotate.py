"""Task of unit 12: turn an image by asking each new pixel where it comes from."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def places(H, W, degrees):
    """Where each new pixel comes from, in rows and columns of the old image, before rounding."""
    angle = np.radians(degrees)
    y, x = np.mgrid[:H, :W] - np.array([(H - 1) / 2, (W - 1) / 2])[:, None, None]
    rows, columns = np.cos(angle) * y + np.sin(angle) * x, np.cos(angle) * x - np.sin(angle) * y
    return rows + (H - 1) / 2, columns + (W - 1) / 2


def images(rng):
    yield np.arange(1.0, 10.0).reshape(3, 3), 90.0
    yield np.arange(1.0, 10.0).reshape(3, 3), 0.0
    for H, W in [(5, 5), (6, 6), (5, 8), (9, 4), (7, 7)]:
        degrees = float(rng.integers(-170, 171))
        while min(np.abs(np.mod(place, 1) - 0.5).min() for place in places(H, W, degrees)) < 1e-3:
            degrees = float(rng.integers(-170, 171)) + 0.3  # a place between two pixels would be anybody's
        yield rng.uniform(0.1, 1, size=(H, W)), degrees


def pixel_by_pixel(image, degrees):
    H, W = image.shape
    rows, columns = places(H, W, degrees)
    new = np.zeros((H, W))
    for y, x in np.ndindex(H, W):
        row, column = round(float(rows[y, x])), round(float(columns[y, x]))
        if 0 <= row < H and 0 <= column < W:
            new[y, x] = image[row, column]
    return new


rotate = Task(
    "rotate",
    ("image", "degrees"),
    images,
    pixel_by_pixel,
    hints=(
        "For each new pixel: measure its place from the centre, use the formulas, measure from the corner again, "
        "round, and copy if that lies inside.",
        "np.mgrid[:H, :W] gives rows and columns of all pixels. The centre is at (H - 1) / 2 and (W - 1) / 2, which "
        "need not be whole. NumPy's cos wants radians: np.radians(degrees).",
        "y, x = np.mgrid[:H, :W]; y, x = y - (H - 1) / 2, ...; rows = np.rint(cos * y + sin * x + ...).astype(int); "
        "...; inside = (0 <= rows) & (rows < H) & ...; new[inside] = image[rows[inside], columns[inside]]",
    ),
)


def _rotate(
    image,
    degrees,
    *,
    sign=1,
    radians=np.radians,
    centre=lambda size: (size - 1) / 2,
    push=False,
    clip=False,
    whole=np.rint,
    exchanged=False,
    wrap=False,
):
    """The rotation with one thing done differently; the mistakes below say which."""
    H, W = image.shape
    angle = sign * radians(degrees) * (-1 if push else 1)
    y, x = np.mgrid[:H, :W]
    down, right = y - centre(H), x - centre(W)
    if exchanged:
        down, right = right, down
    rows = whole(np.cos(angle) * down + np.sin(angle) * right + centre(H)).astype(int)
    columns = whole(np.cos(angle) * right - np.sin(angle) * down + centre(W)).astype(int)
    if clip:
        return image[np.clip(rows, 0, H - 1), np.clip(columns, 0, W - 1)]
    if wrap:
        return image[rows % H, columns % W]
    inside = (rows >= 0) & (rows < H) & (columns >= 0) & (columns < W)
    new = np.zeros((H, W))
    if push:
        new[rows[inside], columns[inside]] = image[inside]
    else:
        new[inside] = image[rows[inside], columns[inside]]
    return new


for _sentence, _answer in {
    "Your image turns clockwise: the sign of the angle is the wrong way round.": changed(_rotate, "clockwise", sign=-1),
    "np.cos and np.sin take radians; you gave them degrees. Use np.radians(degrees).": changed(
        _rotate, "degrees_as_radians", radians=lambda degrees: degrees
    ),
    "You turn about the corner (0, 0). Measure y and x from the centre, (H - 1) / 2 and (W - 1) / 2.": changed(
        _rotate, "about_the_corner", centre=lambda size: 0.0
    ),
    "Your centre is half a pixel off: the middle between pixel 0 and pixel H - 1 is (H - 1) / 2, not H / 2.": changed(
        _rotate, "centre_off", centre=lambda size: size / 2
    ),
    "You push old pixels to new places, which leaves holes and double hits. Ask for each *new* pixel where it comes "
    "from.": changed(_rotate, "pushed", push=True),
    "What comes from outside repeats the border, since you clip rows and columns. It must be 0.": changed(
        _rotate, "clipped", clip=True
    ),
    "What comes from outside is taken from the other side of the image. It must be 0.": changed(
        _rotate, "wrapped", wrap=True
    ),
    "You cut the decimals off, so places move towards 0. Round to the nearest pixel: np.rint.": changed(
        _rotate, "cut_off", whole=np.trunc
    ),
    "You round down. Round to the nearest pixel: np.rint.": changed(_rotate, "rounded_down", whole=np.floor),
    "y and x are exchanged: y counts rows, downwards; x counts columns, to the right.": changed(
        _rotate, "exchanged", exchanged=True
    ),
}.items():
    rotate.mistake(_sentence)(_answer)

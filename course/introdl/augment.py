"""Augmentation: move, turn, mirror or cover images in ways that leave their labels true.

Built in units 10 and 12. Images are (N, H, W) or (N, C, H, W), in NumPy or PyTorch: what comes in comes out, always a
new array. Every image gets a draw of its own; all channels of it move together. What no pixel moves to gets `fill`,
the colour of the paper. Whether a label stays true is for you to say: a 6 turned by 180 degrees is a 9.
"""

import numpy as np

from introdl._validate import numeric, positive, whole
from introdl.nn._ranges import below_one, floats, generator, not_negative, number

Setting = float | np.ndarray  # one for all images, or (N,), one for each


def affine(
    X, degrees: Setting = 0.0, factor: Setting = 1.0, down: Setting = 0.0, right: Setting = 0.0, fill: float = 0.0
):
    """Return X turned about its centre, enlarged by a factor, then moved, all with one interpolation.

    degrees: counter-clockwise. factor: above 1 enlarges. down, right: in pixels, fractions allowed. Each is one number
    or (N,). A new pixel is the mean of the four old ones around the place that it comes from, weighted by nearness
    (bilinear); whole numbers (bytes) become float64.
    """
    pixels = floats("X", _pixels(X))
    N, _, H, W = pixels.shape
    settings = {"degrees": degrees, "factor": factor, "down": down, "right": right}
    degrees, factor, down, right = (_each(name, value, N).astype(pixels.dtype) for name, value in settings.items())
    if (factor <= 0).any():
        raise ValueError(f"factor holds {factor.min():.3g}, expected numbers above 0")
    y, x = (np.arange(size, dtype=pixels.dtype) - (size - 1) / 2 for size in (H, W))  # from the centre
    y, x = y[:, np.newaxis] - down, x - right  # (N, H, 1), (N, 1, W); the way back, from new to old: first the move
    cos, sin = np.cos(np.radians(degrees)) / factor, np.sin(np.radians(degrees)) / factor
    rows, columns = cos * y + sin * x + (H - 1) / 2, cos * x - sin * y + (W - 1) / 2  # (N, H, W)
    return _as_came(X, _interpolated(pixels, rows, columns, fill))


def rotate(X, degrees: Setting, fill: float = 0.0):
    """Return X turned counter-clockwise about its centre; degrees is one number or (N,)."""
    return affine(X, degrees=degrees, fill=fill)


def zoom(X, factor: Setting, fill: float = 0.0):
    """Return X enlarged about its centre (factor above 1) or made smaller (below 1); one number or (N,)."""
    return affine(X, factor=factor, fill=fill)


def shift(X, down: int | np.ndarray, right: int | np.ndarray, fill: float = 0.0):
    """Return X moved by whole pixels, each one number or (N,): nothing is blurred, what leaves the image is lost."""
    pixels = _pixels(X)
    N, _, H, W = pixels.shape
    rows = np.arange(H)[:, np.newaxis] - _whole_each("down", down, N)  # (N, H, 1): where each new row comes from
    columns = np.arange(W) - _whole_each("right", right, N)  # (N, 1, W)
    rows, columns = np.clip(rows, -1, H), np.clip(columns, -1, W)
    return _as_came(X, _taken(_framed(pixels, fill), rows, columns))


def flip(X, which: np.ndarray | None = None):
    """Return X mirrored left to right: all images, or those where `which` (N,) is True."""
    pixels = _pixels(X)
    which = np.ones(len(pixels), bool) if which is None else np.asarray(which)
    if which.shape != (len(pixels),) or which.dtype != bool:
        raise ValueError(f"which has shape {which.shape} and dtype {which.dtype}, expected ({len(pixels)},) bool")
    flipped = pixels.copy()
    flipped[which] = pixels[which][..., ::-1]
    return _as_came(X, flipped)


def random_affine(
    X,
    rng: np.random.Generator,
    max_degrees: float = 0.0,
    max_zoom: float = 0.0,
    max_pixels: float = 0.0,
    fill: float = 0.0,
):
    """Return X, each image turned, zoomed and moved at once, by amounts uniform within the limits.

    max_degrees: to either side. max_zoom: the factor lies between 1 - max_zoom and 1 + max_zoom. max_pixels: up, down,
    left and right.
    """
    N, rng = len(_pixels(X)), generator("rng", rng)
    degrees, pixels = not_negative("max_degrees", max_degrees), not_negative("max_pixels", max_pixels)
    factor = 1 + below_one("max_zoom", max_zoom) * rng.uniform(-1, 1, N)
    turn, down, right = rng.uniform(-1, 1, (3, N))
    return affine(X, degrees * turn, factor, pixels * down, pixels * right, fill)


def random_rotation(X, max_degrees: float, rng: np.random.Generator, fill: float = 0.0):
    """Return X, each image turned by an angle uniform between -max_degrees and max_degrees."""
    return random_affine(X, rng, max_degrees=max_degrees, fill=fill)


def random_zoom(X, max_zoom: float, rng: np.random.Generator, fill: float = 0.0):
    """Return X, each image enlarged by a factor uniform between 1 - max_zoom and 1 + max_zoom."""
    return random_affine(X, rng, max_zoom=max_zoom, fill=fill)


def random_shift(X, max_pixels: int, rng: np.random.Generator, fill: float = 0.0):
    """Return X, each image moved by whole pixels, from -max_pixels to max_pixels down and right, all equally likely."""
    limit, N = whole("max_pixels", max_pixels, least=0), len(_pixels(X))
    down, right = generator("rng", rng).integers(-limit, limit, (2, N), endpoint=True)
    return shift(X, down, right, fill)


def random_flip(X, rng: np.random.Generator, p: float = 0.5):
    """Return X, each image mirrored left to right with probability p."""
    return flip(X, generator("rng", rng).random(len(_pixels(X))) < _probability(p))


def random_erasing(
    X, rng: np.random.Generator, p: float = 0.5, area: tuple[float, float] = (0.02, 0.2), fill: float = 0.0
):
    """Return X, each image with probability p covered by a rectangle full of `fill` (Zhong et al. 2020).

    area: the smallest and largest share of the image that is covered; height : width lies between 1 : 3 and 3 : 1,
    and is cut where it would not fit. The rectangle stands anywhere inside the image.
    """
    pixels, rng, p = _pixels(X), generator("rng", rng), _probability(p)
    low, high = (positive(f"area[{place}]", share) for place, share in enumerate(area))
    if not low <= high <= 1:
        raise ValueError(f"area is {area!r}, expected two shares with 0 < smallest <= largest <= 1")
    (N, _, H, W), paper = pixels.shape, _paper(fill, pixels.dtype)
    covered = H * W * rng.uniform(low, high, (N, 1, 1))
    ratio = np.exp(rng.uniform(-np.log(3), np.log(3), (N, 1, 1)))  # as often 1 : 2 as 2 : 1
    height = np.clip(np.rint(np.sqrt(covered * ratio)), 1, H)
    width = np.clip(np.rint(np.sqrt(covered / ratio)), 1, W)
    top, left = (np.floor(rng.random((N, 1, 1)) * (free + 1)) for free in (H - height, W - width))
    y, x = np.arange(H)[:, np.newaxis], np.arange(W)
    hit = (top <= y) & (y < top + height) & (left <= x) & (x < left + width) & (rng.random((N, 1, 1)) < p)  # (N, H, W)
    return _as_came(X, np.where(hit[:, np.newaxis], paper, pixels))


def _interpolated(pixels: np.ndarray, rows: np.ndarray, columns: np.ndarray, fill: float) -> np.ndarray:
    """Return the values of images at places (N, H, W) between their pixels."""
    (H, W), framed, new = pixels.shape[2:], _framed(pixels, fill), 0
    rows, columns = np.clip(rows, -1, H), np.clip(columns, -1, W)  # farther out there is only paper, too
    top, left = np.minimum(np.floor(rows), H - 1), np.minimum(np.floor(columns), W - 1)
    below, beside = rows - top, columns - left  # 0 to 1: how far from the pixel above, and from the left one
    top, left = top.astype(np.intp), left.astype(np.intp)
    for i, near_row in ((0, 1 - below), (1, below)):
        for j, near_column in ((0, 1 - beside), (1, beside)):
            new = new + (near_row * near_column)[:, np.newaxis] * _taken(framed, top + i, left + j)
    return new


def _framed(pixels: np.ndarray, fill: float) -> np.ndarray:
    """Return images (N, C, H + 2, W + 2) in a frame of paper, so that rows -1 and H can be read as well."""
    return np.pad(pixels, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=_paper(fill, pixels.dtype))


def _taken(framed: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return (N, C, H, W): framed images' pixels at rows -1 to H, columns -1 to W, both (N, H, W) or spread to it."""
    N, C, height, width = framed.shape
    places = (rows + 1) * width + columns + 1  # in one image, counted row by row
    starts = np.arange(N * C).reshape(N, C, 1, 1) * (height * width)
    return framed.reshape(-1).take(starts + places[:, np.newaxis])


def _each(name: str, value: Setting, N: int) -> np.ndarray:
    """Return one number an image, (N, 1, 1)."""
    value = np.asarray(value) if np.ndim(value) else np.full(N, number(name, value))
    if value.shape != (N,) or value.dtype.kind not in "iuf" or not np.isfinite(value).all():
        raise ValueError(f"{name} has shape {value.shape}, expected one number or ({N},) finite numbers")
    return value[:, np.newaxis, np.newaxis]


def _whole_each(name: str, value: int | np.ndarray, N: int) -> np.ndarray:
    value = _each(name, value, N)
    if (value != np.rint(value)).any():
        raise ValueError(f"{name} holds fractions, expected whole pixels: affine moves by fractions")
    return value.astype(int)


def _paper(fill: float, dtype: np.dtype) -> np.ndarray:
    """Return fill as the images' type; bytes would wrap around or lose a fraction without a word."""
    value = np.asarray(number("fill", fill))
    if dtype.kind in "iu" and (value != np.rint(value) or not np.iinfo(dtype).min <= value <= np.iinfo(dtype).max):
        raise ValueError(f"fill is {fill!r}, expected a whole number that fits into {dtype}, as X does")
    return value.astype(dtype)


def _probability(p: float) -> float:
    if not 0 <= number("p", p) <= 1:
        raise ValueError(f"p is {p!r}, expected a number from 0 to 1")
    return float(p)


def _pixels(X) -> np.ndarray:
    """Return the images as a NumPy array with channels."""
    pixels = numeric("X", X.detach().cpu().numpy() if hasattr(X, "detach") else X)
    if pixels.ndim not in (3, 4) or 0 in pixels.shape[1:]:
        raise ValueError(f"X has shape {pixels.shape}, expected (N, H, W) or (N, C, H, W)")
    return pixels if pixels.ndim == 4 else pixels[:, np.newaxis]


def _as_came(X, pixels: np.ndarray):
    """Return the images in the shape of X, and as a tensor on its device if X is one."""
    pixels = pixels.reshape(X.shape)
    if not hasattr(X, "detach"):
        return pixels
    import torch  # here: whoever has a tensor has it already

    return torch.from_numpy(pixels).to(X.device)

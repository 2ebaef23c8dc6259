"""Task of unit 12: move each image by a few pixels of its own."""

import copy

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def pictures(rng):
    yield np.arange(1.0, 10.0).reshape(1, 3, 3), 1, np.random.default_rng(1)
    for N, H, W, limit in [(3, 5, 5, 2), (6, 6, 4, 1), (2, 4, 7, 3), (5, 8, 8, 2)]:
        yield rng.uniform(0.1, 1, size=(N, H, W)), limit, np.random.default_rng(int(rng.integers(10**6)))
    yield rng.uniform(0.1, 1, size=(2, 3, 3)), 0, np.random.default_rng(0)
    yield rng.uniform(0.1, 1, size=(2, 2, 2)), 3, np.random.default_rng(int(rng.integers(10**6)))  # may leave the image
    yield np.zeros((0, 4, 4)), 1, np.random.default_rng(0)


def pixel_by_pixel(X, max_pixels, rng):
    """The same draws, from a copy of the generator; then each pixel goes where it belongs."""
    N, H, W = X.shape
    down, right = copy.deepcopy(rng).integers(-max_pixels, max_pixels + 1, size=(2, N))
    moved = np.zeros_like(X)
    for n, y, x in np.ndindex(N, H, W):
        if 0 <= y + down[n] < H and 0 <= x + right[n] < W:
            moved[n, y + down[n], x + right[n]] = X[n, y, x]
    return moved


random_shift = Task(
    "random_shift",
    ("X", "max_pixels", "rng"),
    pictures,
    pixel_by_pixel,
    inplace=("rng",),
    hints=(
        "Put each image into a frame of zeros that is max_pixels wide, and cut a window of H × W out of it. Where the "
        "window stands decides the shift.",
        "To move the image *down* by d, the window stands d rows *higher*: it begins at row max_pixels - d of the "
        "framed image.",
        "padded = np.pad(X, ((0, 0), (m, m), (m, m))); for n in range(N): top, left = m - down[n], ...; "
        "moved[n] = padded[n, top : top + ..., left : left + ...]",
    ),
)


def _shift(
    X,
    max_pixels,
    rng,
    *,
    sign=1,
    wrap=False,
    same=False,
    exchanged=False,
    limit=lambda max_pixels: max_pixels + 1,
    low=lambda max_pixels: -max_pixels,
    edge=False,
    axes=(True, True),
):
    """Shifts with one thing done differently; the mistakes below say which."""
    N, H, W = X.shape
    down, right = rng.integers(low(max_pixels), limit(max_pixels), size=(2, N))
    if same and N:
        down, right = np.full(N, down[0]), np.full(N, right[0])
    if exchanged:
        down, right = right, down
    down, right = sign * down * axes[0], sign * right * axes[1]
    if wrap:
        return np.stack([np.roll(X[n], (down[n], right[n]), axis=(0, 1)) for n in range(N)]) if N else X.copy()
    m = max_pixels
    padded, moved = np.pad(X, ((0, 0), (m, m), (m, m)), mode="edge" if edge else "constant"), np.zeros_like(X)
    for n in range(N):
        top, left = m - down[n], m - right[n]
        moved[n] = padded[n, top : top + H, left : left + W]
    return moved


def numpy_upper_end(X, max_pixels, rng):
    """integers(-m, m): m itself never comes; for m = 0 there is nothing to draw from."""
    return _shift(X, max_pixels, rng, limit=lambda m: m)


for _sentence, _answer in {
    "Every image of the batch moves by the same amount. Each gets a draw of its own: down[n], right[n].": changed(
        _shift, "same_for_all", same=True
    ),
    "Your images move the wrong way: up for down and left for right. A window that stands higher shows the image "
    "lower.": changed(_shift, "wrong_way", sign=-1),
    "What leaves the image on one side comes in on the other: np.roll goes round. What comes in must be 0.": changed(
        _shift, "goes_round", wrap=True
    ),
    "Rows and columns are exchanged: the first draws move down (axis 1 of X), the second to the right.": changed(
        _shift, "exchanged", exchanged=True
    ),
    "The largest shift never comes: integers(low, high) leaves high out. Use max_pixels + 1 (with max_pixels 0, "
    "yours has nothing to draw from).": numpy_upper_end,
    "You move down and right only. Shifts go from -max_pixels to max_pixels.": changed(
        _shift, "one_way_only", low=lambda m: 0
    ),
    "What comes in repeats the border of the image. It must be 0, the paper.": changed(_shift, "border", edge=True),
    "You move up and down only; the draws for left and right are not used.": changed(
        _shift, "rows_only", axes=(True, False)
    ),
    "You move left and right only; the draws for up and down are not used.": changed(
        _shift, "columns_only", axes=(False, True)
    ),
}.items():
    random_shift.mistake(_sentence)(_answer)

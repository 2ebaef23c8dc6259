"""Figures of one style, with text for those who cannot see them; sliders and animations that need no kernel.

Every picture becomes HTML with the PNG inside: so its alt text reaches the notebook file, JupyterLab and the
site. JupyterLab 4 drops the alt text of an image output, and myst-nb takes it only from the cell's metadata.
"""

import base64
import io
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from introdl._validate import matrix, numeric, positive, whole
from introdl._widget import picture, widget

plt.style.use(Path(__file__).with_name("introdl.mplstyle"))

WIDGET_LIMIT = 400_000  # bytes of one slider or animation: pages stay light
PIXELS_PER_CSS_PIXEL = 1.5  # 144 of them an inch: sharp also on a phone
VISIBLE = 24  # of 255 grey values: where a palette is off by more, a picture keeps its colours
MARKERS = "os^Dv*"


def figure(
    title: str,
    xlabel: str = "",
    ylabel: str = "",
    size: tuple[float, float] = (6.4, 3.6),
    ncols: int = 1,
    nrows: int = 1,
) -> tuple[Figure, Axes | np.ndarray]:
    """Return (fig, ax), or (fig, array of axes) for more than one; a row or a column of axes is a 1-D array.

    title: the finding, over the whole figure; long ones are wrapped. size: of the figure, in inches.
    """
    fig, axes = plt.subplots(nrows, ncols, figsize=size)
    fig.suptitle(textwrap.fill(title, int(size[0] * 9.5)), x=0.01, ha="left")
    for ax in np.ravel(axes):
        ax.set(xlabel=xlabel, ylabel=ylabel)
    return fig, axes


def show(fig: Figure, alt: str) -> None:
    """Display a figure with its alt text (what a sighted reader sees) and close it."""
    png, width = _png(fig, _said("alt", alt))
    _display(picture(png, width, alt), alt)


def explore(draw: Callable[[object], Figure], values: Iterable, label: str, alt: str, start: int = 0) -> None:
    """Display a slider over figures drawn beforehand, one for each value; it works without a kernel.

    draw: gives the figure for a value. label: what the slider sets. start: the place in `values` to start at.
    """
    values = list(values)
    _show_frames(draw, values, [_name(value) for value in values], alt, _said("label", label), start, fps=0)


def animate(draw: Callable[[object], Figure], values: Iterable, alt: str, fps: float = 8, still: int = -1) -> None:
    """Display an animation, one frame for each value, that a reader can stop and step through.

    fps: frames a second. still: the place in `values` of the frame to see where scripts or motion are off.
    """
    values = list(values)
    names = [f"{place} of {len(values)}" for place in range(1, len(values) + 1)]
    _show_frames(draw, values, names, alt, "frame", still, positive("fps", fps))


def boundary(
    ax: Axes, predict: Callable[[np.ndarray], np.ndarray], X: np.ndarray, y: np.ndarray, resolution: int = 150
) -> None:
    """Plot points X (N, 2) by label y (N,), 0, 1, 2 …, over the regions that `predict` gives to each label.

    predict: (M, 2) -> labels (M,). It is asked at resolution x resolution places, at once and again when the
    limits of the axes change.
    """
    X, y = matrix("X", X, columns=2), np.asarray(y).astype(int)
    for label in np.unique(y):
        look = {"color": f"C{label}", "marker": MARKERS[label % len(MARKERS)], "ec": "white", "lw": 0.5}
        ax.scatter(*X[y == label].T, s=26, zorder=2, **look)
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.15 * np.where(high > low, high - low, 1)
    ax.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
    painted = []

    def paint(ax: Axes) -> None:
        while painted:
            painted.pop().remove()
        painted.extend(_regions(ax, predict, resolution, np.result_type(X, np.float32)))

    paint(ax)
    ax.callbacks.connect("xlim_changed", paint)
    ax.callbacks.connect("ylim_changed", paint)


def images(axes: Sequence[Axes], pictures: np.ndarray, titles: Iterable = (), cmap: str = "gray_r") -> None:
    """Draw pictures, (N, H, W) or (N, side * side), one on each axis; axes that are left over stay blank.

    Dark ink on light paper, unless another colour map is given; all pictures share one scale.
    """
    pictures = np.asarray(pictures)
    if pictures.ndim == 2:
        side = int(np.sqrt(pictures.shape[1]))
        pictures = pictures.reshape(-1, side, side)
    axes = np.ravel(axes)
    if pictures.ndim != 3 or len(pictures) > len(axes):
        raise ValueError(f"pictures has shape {pictures.shape}, expected (N, H, W), N <= {len(axes)} axes")
    for ax in axes:
        ax.set_axis_off()
    for ax, pixels in zip(axes, pictures, strict=False):
        ax.imshow(pixels, cmap=cmap, vmin=pictures.min(), vmax=pictures.max())
    for ax, title in zip(axes, titles, strict=False):
        ax.set_title(title)


def feature_maps(maps: np.ndarray, title: str, ncols: int = 8, names: Iterable = ()) -> Figure:
    """Return a figure with the maps of one image, (C, H, W), side by side: show it with `show`.

    title: the finding. names: one a map, above it. Each map has a scale of its own, from its smallest value (white) to
    its largest (black); one that is the same everywhere stays white.
    """
    maps, ncols = numeric("maps", np.asarray(maps)), whole("ncols", ncols)
    if maps.ndim != 3 or not maps.size:
        raise ValueError(f"maps has shape {maps.shape}, expected (C, H, W) of one image")
    ncols = min(ncols, len(maps))
    nrows = -(-len(maps) // ncols)
    height = nrows * min(6.2 / ncols, 2.5)
    fig, axes = figure(title, size=(6.4, 0.6 + height), ncols=ncols, nrows=nrows)
    low, high = (edge(maps, axis=(1, 2), keepdims=True) for edge in (np.min, np.max))
    images(np.ravel(axes), (maps - low) / np.where(high > low, high - low, 1), names)
    return fig


def saliency(ax: Axes, picture: np.ndarray, heat: np.ndarray, cmap: str = "gray_r") -> None:
    """Draw a picture, pale and grey, under a map of how much each pixel counts: the stronger the red, the more.

    picture: (H, W), (1, H, W) or (3, H, W); a coloured one is turned grey, so that colour means one thing only.
    heat: (H, W), at least 0 everywhere; 0 is clear, its largest value opaque. cmap: as in `images`; "gray" for photos.
    """
    picture, heat = numeric("picture", np.asarray(picture)), numeric("heat", np.asarray(heat))
    grey = picture.mean(axis=0) if picture.ndim == 3 and len(picture) in (1, 3) else picture
    if grey.ndim != 2 or heat.shape != grey.shape:
        raise ValueError(f"heat has shape {heat.shape} and picture {picture.shape}, expected (H, W) and (C, H, W)")
    if not heat.min() >= 0:  # NaN included
        raise ValueError(f"heat goes down to {heat.min():.3g}, expected numbers of at least 0: take the absolute value")
    ax.set_axis_off()
    ax.imshow(grey, cmap=cmap, alpha=0.5)
    ax.imshow(np.full(heat.shape, 0.75), cmap="Reds", vmin=0, vmax=1, alpha=heat / (heat.max() or 1))


def _regions(ax: Axes, predict: Callable, resolution: int, dtype: np.dtype) -> Iterator[Artist]:
    x, y = np.meshgrid(*(np.linspace(*limits, resolution) for limits in (ax.get_xlim(), ax.get_ylim())))
    places = np.column_stack([x.ravel(), y.ravel()]).astype(dtype)
    labels = np.asarray(predict(places))
    if labels.shape != (len(places),):
        raise ValueError(f"predict returns shape {labels.shape} for {len(places)} points, not a label each")
    present = np.unique(labels).astype(int)
    if len(present) == 1:  # no line between regions to find
        yield ax.axhspan(*ax.get_ylim(), color=f"C{present[0]}", alpha=0.18, lw=0, zorder=0)
        return
    for label in present:
        inside = np.pad((labels == label).reshape(x.shape).astype(float), 2, "edge")
        inside = sliding_window_view(inside, (5, 5)).mean(axis=(2, 3))  # a slanted line without stairs
        yield ax.contourf(x, y, inside, levels=[0.5, 1.5], colors=[f"C{label}"], alpha=0.18, zorder=0)
        yield ax.contour(x, y, inside, levels=[0.5], colors="0.35", linewidths=1.2, zorder=1)


def _show_frames(draw, values: list, names: list[str], alt: str, label: str, start: int, fps: float) -> None:
    _said("alt", alt)
    if not -len(values) <= start < len(values):
        raise ValueError(f"the first frame is {start}, expected a place in the {len(values)} values")
    frames, widths = zip(*(_png(draw(value), value) for value in values), strict=True)
    if len(set(widths)) > 1:
        raise ValueError(f"the frames are {sorted(set(widths))} pixels wide, expected one width")
    page = widget(list(frames), names, widths[0], alt, label, start % len(values), fps)
    if len(page) > WIDGET_LIMIT:
        raise ValueError(
            f"{len(frames)} frames take {len(page):,} bytes, expected at most {WIDGET_LIMIT:,}: "
            "take fewer values or a smaller figure"
        )
    _display(page, alt)


def _png(fig: Figure, what: object) -> tuple[str, int]:
    """Return the figure as a data URI, the same bytes each time, and its width in CSS pixels; close it."""
    if not isinstance(fig, Figure):
        raise TypeError(f"for {what!r} came a {type(fig).__name__}, expected a figure")
    raw, small = io.BytesIO(), io.BytesIO()
    fig.savefig(raw, format="png")
    plt.close(fig)
    _few_colors(Image.open(raw).convert("RGB")).save(small, format="png", optimize=True)  # drops version and date
    uri = "data:image/png;base64," + base64.b64encode(small.getvalue()).decode()
    return uri, round(fig.bbox.width / PIXELS_PER_CSS_PIXEL)


def _few_colors(image: Image.Image) -> Image.Image:
    """Return the image with a palette, a third of the size, unless that would be seen, as in photos."""
    few = image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    off = np.abs(np.subtract(image, few.convert("RGB"), dtype=np.int16)).max(axis=2)
    return few if np.percentile(off, 99.9) < VISIBLE else image


def _name(value) -> str:
    return f"{value:.3g}" if isinstance(value, (float, np.floating)) else str(value)


def _said(name: str, text: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name} is empty: say in words what a sighted reader sees")
    return text


def _display(page: str, alt: str) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print("Figure:", alt)
    else:
        display({"text/html": page, "text/plain": f"Figure: {alt}"}, raw=True)

"""Figures of one style, with text for those who cannot see them; sliders and animations that need no kernel.

Every picture becomes HTML with the PNG inside: its alt text then reaches the notebook file, JupyterLab and the
rendered site alike, which image outputs do not manage.
"""

import base64
import hashlib
import html
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from string import Template

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

plt.style.use(Path(__file__).with_name("introdl.mplstyle"))

WIDGET_LIMIT = 400_000  # bytes of one slider or animation: pages stay light
WIDGET = Template(Path(__file__).with_name("widget.html").read_text("utf-8"))


def figure(title: str, xlabel: str = "", ylabel: str = "", size: tuple[float, float] = (6.4, 3.6), ncols: int = 1, nrows: int = 1):
    """Return (fig, ax), or (fig, array of axes) for more than one. The title states the finding; size in inches."""
    fig, axes = plt.subplots(nrows, ncols, figsize=size)
    fig.suptitle(title)
    for ax in np.ravel(axes):
        ax.set(xlabel=xlabel, ylabel=ylabel)
    return fig, axes


def show(fig: Figure, alt: str) -> None:
    """Display a figure with its alt text (what a sighted reader sees) and close it."""
    _display(_image(_png(fig), _described(alt)), alt)


def explore(draw: Callable[[object], Figure], values: Sequence, label: str, alt: str, start: int = 0) -> None:
    """Display a slider over figures drawn beforehand, one for each value; it works without a kernel.

    draw: gives the figure for a value. label: what the slider sets. start: the place in `values` shown at first.
    """
    _widget(draw, values, label, alt, start, fps=0)


def animate(draw: Callable[[object], Figure], values: Sequence, alt: str, fps: float = 8, still: int = -1, label: str = "frame") -> None:
    """Display an animation, one frame for each value, that a reader can stop and step through.

    still: the place in `values` of the frame that stands for all where scripts are off or motion is unwanted.
    """
    _widget(draw, values, label, alt, still % len(values), fps)


def boundary(ax: Axes, predict: Callable[[np.ndarray], np.ndarray], X: np.ndarray, y: np.ndarray) -> None:
    """Plot points X (N, 2) by label y (N,) over the regions that `predict`, (M, 2) -> (M,), gives to each label.

    The regions are painted when the figure is shown, up to the limits that the axes then have.
    """
    for label in np.unique(y):
        ax.scatter(*X[y == label].T, color=f"C{label}", marker="os^Dv"[int(label) % 5], s=22, edgecolor="white", linewidth=0.5, zorder=2)
    ax.regions = (predict, int(np.max(y)) + 1)


def images(axes: Sequence[Axes], pictures: np.ndarray, titles: Sequence[str] = ()) -> None:
    """Draw grey pictures (N, H, W), one on each of N axes, dark ink on light paper, without ticks."""
    for ax, picture in zip(axes, pictures, strict=True):
        ax.imshow(picture, cmap="gray_r")
        ax.set_axis_off()
    for ax, title in zip(axes, titles, strict=False):
        ax.set_title(title, fontsize=9)


def _paint_regions(fig: Figure) -> None:
    for ax in fig.axes:
        predict, num_classes = getattr(ax, "regions", (None, 0))
        if predict is None:
            continue
        ax.apply_aspect()
        limits = *ax.get_xlim(), *ax.get_ylim()
        x, y = np.meshgrid(np.linspace(*limits[:2], 240), np.linspace(*limits[2:], 240))
        labels = np.reshape(predict(np.column_stack([x.ravel(), y.ravel()])), x.shape).astype(float)
        levels, colors = np.arange(num_classes + 1) - 0.5, [f"C{c}" for c in range(num_classes)]
        ax.contourf(x, y, labels, levels=levels, colors=colors, alpha=0.18, zorder=0)
        ax.contour(x, y, labels, levels=levels[1:-1], colors="0.35", linewidths=1.2, zorder=1)
        ax.axis(limits)


def _png(fig: Figure) -> bytes:
    """Return the figure as a small PNG, the same bytes each time, and close it."""
    _paint_regions(fig)
    raw = io.BytesIO()
    fig.savefig(raw, format="png", metadata={"Software": None})
    plt.close(fig)
    small = io.BytesIO()
    Image.open(raw).convert("RGB").quantize(96, dither=Image.Dither.NONE).save(small, format="png", optimize=True)
    return small.getvalue()


def _image(png: bytes, alt: str, more: str = "") -> str:
    width = int.from_bytes(png[16:20], "big") // 2  # of a PNG in pixels; two pixels a point look sharp
    data = base64.b64encode(png).decode()
    style = "max-width:100%;height:auto;border-radius:6px"
    return f'<img src="data:image/png;base64,{data}" width="{width}" style="{style}" alt="{html.escape(alt)}"{more}>'


def _widget(draw, values: Sequence, label: str, alt: str, start: int, fps: float) -> None:
    pngs = [_png(draw(value)) for value in values]
    size = 4 * sum(map(len, pngs)) // 3
    if size > WIDGET_LIMIT:
        raise ValueError(f"{len(pngs)} frames take {size:,} bytes, over the limit of {WIDGET_LIMIT:,}: take fewer or smaller ones")
    shown = [value.item() if isinstance(value, np.generic) else value for value in values]
    names = [f"{value:.3g}" if isinstance(value, float) else str(value) for value in shown]
    frames = "".join(_image(png, _described(alt), "" if place == start else " hidden") for place, png in enumerate(pngs))
    name = "w" + hashlib.sha256(b"".join(pngs) + label.encode()).hexdigest()[:10]
    page = WIDGET.substitute(name=name, frames=frames, last=len(pngs) - 1, start=start, label=html.escape(label), fps=fps,
                             names=html.escape(json.dumps(names)), play="" if fps else "hidden")
    _display(page, alt)


def _described(alt: str) -> str:
    if not alt.strip():
        raise ValueError("alt is empty: say what a sighted reader sees in the figure")
    return alt


def _display(page: str, alt: str) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print("Figure:", alt)
    else:
        display({"text/html": page, "text/plain": f"Figure: {alt}"}, raw=True)

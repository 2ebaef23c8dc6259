"""Figures: alt text, identical bytes, and widgets that carry all that they need."""

import base64
import html
import io
import json
import re

import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from introdl import plot


@pytest.fixture
def shown(monkeypatch):
    """Collect what would be displayed, as (html, alt)."""
    pages = []
    monkeypatch.setattr(plot, "_display", lambda page, alt: pages.append((page, alt)))
    return pages


def draw(value):
    fig, ax = plot.figure(f"value {value}", size=(3, 2))
    ax.plot([0, value])
    return fig


def in_script(page):
    """Return what the script of a widget gets: frames, names, label, frames a second, first frame."""
    data = re.search(r"document\.currentScript\.parentNode,(.*)\);</script>", page)[1]
    return json.loads(f"[{data}]")


def seen_without_script(page):
    """Return the sources of all pictures that stand in the page itself."""
    return re.findall(r'<img [^>]*src="([^"]*)"', page)


def size(uri):
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).size


def test_a_figure_is_an_image_with_its_alt_text_and_nothing_stays_open(shown):
    said = 'A line "rises" from 0 to 2 & stops <there>'
    plot.show(draw(2), alt=said)
    ((page, alt),) = shown
    written = re.search(r'alt="([^"]*)"', page)[1]
    assert alt == html.unescape(written) == said and "<" not in written
    assert page.startswith("<img ") and page.count("<") == 1
    assert 'width="288"' in page  # 3 inches of 96 CSS pixels, whatever the resolution of the file
    assert plt.get_fignums() == []


@pytest.mark.parametrize("alt", ["", "  ", None])
@pytest.mark.parametrize(
    "call",
    [
        lambda alt: plot.show(draw(1), alt),
        lambda alt: plot.explore(draw, [1, 2], "value", alt),
        lambda alt: plot.animate(draw, [1, 2], alt),
    ],
    ids=["show", "explore", "animate"],
)
def test_alt_text_is_required(shown, call, alt):
    with pytest.raises(ValueError, match="alt is empty: say in words what a sighted reader sees"):
        call(alt)
    assert shown == []
    plt.close("all")


def test_two_runs_give_the_same_bytes(shown):
    for _ in range(2):
        plot.show(draw(2), alt="a line")
        plot.explore(draw, [1, 2], "value", alt="a line")
    assert shown[:2] == shown[2:]


def test_nothing_is_loaded_from_elsewhere(shown):
    plot.show(draw(2), alt="a line")
    plot.explore(draw, [1, 2], "value", alt="a line")
    plot.animate(draw, [1, 2], alt="a line")
    for page, _ in shown:
        code = re.sub(r"data:image/png;base64,[\w+/=]+", "PICTURE", page)
        assert not re.search(r"https?:|//|url\(|@import|fetch\(|import\(|<link|<script [^>]*src", code)
        assert set(seen_without_script(code)) == {"PICTURE"}


def test_a_slider_holds_every_frame_and_shows_the_first_chosen(shown):
    plot.explore(draw, np.array([0.5, 1.25, 10.0]), "how steep", alt="a line", start=1)
    page = shown[0][0]
    frames, names, label, fps, start = in_script(page)
    assert len(set(frames)) == 3 and {size(frame) for frame in frames} == {(3 * 144, 2 * 144)}
    assert (names, label, fps, start) == (["0.5", "1.25", "10"], "how steep", 0, 1)
    assert seen_without_script(page) == [frames[1]]


def test_without_scripts_there_is_no_dead_control(shown):
    plot.explore(draw, [1, 2], "value", alt="a line")
    plot.animate(draw, [1, 2], alt="a line")
    for page, _ in shown:
        left = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
        assert re.findall(r"<(\w+)", left) == ["div", "img"]


@pytest.mark.parametrize(("still", "place"), [({}, 2), ({"still": 0}, 0), ({"still": -2}, 1)])
def test_the_still_frame_of_an_animation_is_the_last_unless_said(shown, still, place):
    plot.animate(draw, [1, 2, 3], alt="a line", fps=4, **still)
    frames, names, _, fps, start = in_script(shown[0][0])
    assert (len(frames), names[0], fps, start) == (3, "1 of 3", 4, place)
    assert seen_without_script(shown[0][0]) == [frames[place]]


@pytest.mark.parametrize("start", [3, -4])
def test_the_first_frame_must_be_one_of_them(shown, start):
    with pytest.raises(ValueError, match=f"the first frame is {start}, expected a place in the 3 values"):
        plot.explore(draw, [1, 2, 3], "value", alt="a line", start=start)


def test_widgets_on_one_page_cannot_meet(shown):
    plot.explore(draw, [1, 2], "value", alt="a line")
    page = shown[0][0]
    assert not re.search(r"""\b(id|for|name)=["']|getElementById|htmlFor""", page)
    assert "document.currentScript.parentNode" in page  # each script finds its own place, also twice the same


def test_no_text_ends_the_script_early(shown):
    plot.explore(draw, ["</script><b>", "<!--"], "</script>", alt="</script>")
    page = shown[0][0]
    assert page.count("</script>") == 1 and page.endswith("</script></div>")
    assert in_script(page)[1:3] == [["</script><b>", "<!--"], "</script>"]


def test_the_script_is_small(shown):
    plot.animate(draw, [1, 2], alt="a line")
    page = shown[0][0]
    assert len(re.sub(r"data:image/png;base64,[\w+/=]+", "", page)) < 3000


def test_a_widget_that_is_too_heavy_is_refused(shown, monkeypatch):
    monkeypatch.setattr(plot, "WIDGET_LIMIT", 1000)
    with pytest.raises(ValueError, match="expected at most 1,000: take fewer values or a smaller figure"):
        plot.explore(draw, [1, 2], "value", alt="a line")
    assert shown == [] and plt.get_fignums() == []


def test_what_is_drawn_must_be_figures_of_one_width(shown):
    with pytest.raises(TypeError, match="for 1 came a NoneType, expected a figure"):
        plot.explore(lambda value: None, [1], "value", alt="a line")
    with pytest.raises(ValueError, match="expected one width"):
        plot.explore(lambda value: plot.figure("wider", size=(value, 2))[0], [3, 4], "value", alt="a line")


def test_regions_reach_to_limits_set_later(shown):
    fig, ax = plot.figure("regions")
    asked = []

    def predict(points):
        asked.append(points)
        return (points[:, 0] > 0).astype(int)

    plot.boundary(ax, predict, np.array([[-1.0, 0], [1, 1]]), np.array([0, 1]))
    ax.set(xlim=(-20, 30))
    plot.show(fig, alt="two half planes")
    assert asked[-1][:, 0].min() == -20 and asked[-1][:, 0].max() == 30


def colors_at(fig, ax, points):
    """Return the RGB values, 0 to 255, that a drawn figure has at points of the axes."""
    fig.canvas.draw()
    pixels = np.asarray(fig.canvas.buffer_rgba())[::-1, :, :3].astype(int)
    columns, rows = np.round(ax.transData.transform(points)).astype(int).T
    return pixels[rows, columns]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, int])
def test_each_region_has_the_tint_of_its_label(dtype):
    fig, ax = plot.figure("three stripes")
    X, y = np.array([[0, 0], [4, 0], [8, 4]], dtype), np.array([0, 1, 2])
    kinds = set()

    def stripes(points):  # 0 left, 2 in the middle, 1 right: no strip of 1 may appear between 0 and 2
        kinds.add(points.dtype)
        return np.select([points[:, 0] < 2, points[:, 0] < 6], [0, 2], 1)

    plot.boundary(ax, stripes, X, y)
    places = np.array([[1, 2], [1.8, 2], [2.2, 2], [5.8, 2], [6.2, 2], [7, 2]])
    tints = colors_at(fig, ax, places)
    paper, ink = np.array([252, 252, 250]), np.array([matplotlib.colors.to_rgb(f"C{c}") for c in (0, 0, 2, 2, 1, 1)])
    np.testing.assert_allclose(tints, 0.82 * paper + 0.18 * 255 * ink, atol=4)
    ax.set(xlim=(-1, 9))
    assert (colors_at(fig, ax, places) == tints).all()  # painted anew, not over
    assert kinds == {np.dtype(np.float32 if dtype is np.float32 else np.float64)}
    plt.close(fig)


def test_labels_may_be_true_and_false_and_all_the_same():
    fig, ax = plot.figure("one region")
    plot.boundary(ax, lambda points: np.ones(len(points), bool), np.array([[0.0, 0], [1, 1]]), np.array([False, True]))
    (tint,) = colors_at(fig, ax, np.array([[0.5, 0.2]]))
    np.testing.assert_allclose(tint, 0.82 * 252 + 0.18 * 255 * np.array(matplotlib.colors.to_rgb("C1")), atol=4)
    plt.close(fig)


def test_each_panel_asks_its_own_function():
    """Also where the functions come from a loop and share its variable."""
    fig, axes = plot.figure("two", ncols=2)
    X, y = np.array([[0.0, 0], [1, 1]]), np.array([0, 1])
    for ax, label in zip(axes, (0, 1), strict=True):
        plot.boundary(ax, lambda points: np.full(len(points), label), X, y)  # noqa: B023
    left, right = (colors_at(fig, ax, np.array([[0.5, 0.2]]))[0] for ax in axes)
    assert left[2] > left[0] and right[0] > right[2]  # blue, orange
    plt.close(fig)


def test_a_palette_makes_line_art_small_and_leaves_many_colours_alone(shown):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8))
    assert plot._few_colors(noise) is noise
    plot.show(draw(1), alt="a line")
    png = base64.b64decode(re.search(r"base64,([^\"]*)", shown[0][0])[1])
    assert Image.open(io.BytesIO(png)).mode == "P"


def test_a_picture_tells_nothing_about_the_machine(shown):
    plot.show(draw(1), alt="a line")
    png = base64.b64decode(re.search(r"base64,([^\"]*)", shown[0][0])[1])
    assert re.findall(rb"tEXt|iTXt|zTXt|tIME|[mM]atplotlib", png) == []


def test_a_long_title_stays_inside_the_figure():
    title = "A finding that takes many more words than would fit into one line of a small figure"
    fig, _ = plot.figure(title, size=(4, 3))
    fig.canvas.draw()
    box = fig.texts[0].get_window_extent()
    assert fig.texts[0].get_text().replace("\n", " ") == title
    assert box.x0 >= 0 and box.x1 <= fig.bbox.width and box.y1 <= fig.bbox.height
    plt.close(fig)


@pytest.mark.parametrize(
    ("layout", "shape"), [({}, ()), ({"ncols": 3}, (3,)), ({"nrows": 2}, (2,)), ({"nrows": 2, "ncols": 3}, (2, 3))]
)
def test_axes_come_in_the_shape_of_the_layout(layout, shape):
    fig, axes = plot.figure("title", "across", "up", **layout)
    assert np.shape(axes) == shape
    assert {(ax.get_xlabel(), ax.get_ylabel()) for ax in np.ravel(axes)} == {("across", "up")}
    plt.close(fig)


def test_a_notebook_gets_one_output_with_text_for_those_who_see_no_html(monkeypatch):
    given = []
    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: given.append(bundle))
    plot.show(draw(1), alt="a line")
    (bundle,) = given
    assert bundle.keys() == {"text/html", "text/plain"} and bundle["text/plain"] == "Figure: a line"


def test_labels_of_the_wrong_shape_are_refused():
    fig, ax = plot.figure("regions")
    with pytest.raises(ValueError, match=r"predict returns shape \(2,\) for 22500 points"):
        plot.boundary(ax, lambda points: np.zeros(2), np.array([[-1.0, 0], [1, 1]]), np.array([0, 1]))
    plt.close(fig)


def test_pictures_of_digits():
    fig, axes = plot.figure("three", ncols=3)
    plot.images(axes, np.stack([np.zeros(16), np.linspace(0, 2, 16)]), ["a", "b"])
    assert [ax.get_title() for ax in axes] == ["a", "b", ""]
    assert [ax.images[0].get_array().shape for ax in axes if ax.images] == [(4, 4), (4, 4)]
    assert {ax.images[0].get_clim() for ax in axes if ax.images} == {(0, 2)}
    with pytest.raises(ValueError, match=r"pictures has shape \(4, 4, 4\), expected \(N, H, W\), N <= 3"):
        plot.images(axes, np.zeros((4, 4, 4)))
    plt.close(fig)


def test_without_a_notebook_the_text_is_printed(capsys):
    plot.show(draw(1), alt="a line")
    assert capsys.readouterr().out == "Figure: a line\n"


def drawn(ax):
    """Return the pixels of the pictures on an axis, as they are coloured, from bottom to top."""
    return [image.make_image(None, unsampled=True)[0] for image in ax.get_images()]


def test_feature_maps_each_use_the_whole_scale_and_share_a_grid():
    maps = np.stack([np.arange(6.0), 1e6 * np.arange(6.0) - 3, np.full(6, 4.0), -np.arange(6.0), np.zeros(6)])
    fig = plot.feature_maps(maps.reshape(5, 2, 3), "Five maps", ncols=3, names="abcde")
    assert [ax.get_title() for ax in fig.axes] == [*"abcde", ""]
    assert fig.axes[0].get_gridspec().get_geometry() == (2, 3) and not any(ax.axison for ax in fig.axes)
    inks = [drawn(ax)[0][..., 0].ravel() for ax in fig.axes[:5]]  # 255 is paper
    assert np.array_equal(inks[0], inks[1]) and np.array_equal(inks[0], inks[3][::-1])
    assert inks[0][0] == 255 and inks[0][-1] == 0 and (np.array(inks)[[2, 4]] == 255).all()
    plt.close(fig)


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 3), (3, 2, 3)])
def test_saliency_is_red_where_it_is_large_and_clear_where_it_is_0(shape):
    fig, ax = plot.figure("heat", size=(3, 2))
    heat = np.array([[0.0, 1.0, 2.0], [0.0, 0.0, 4.0]])
    plot.saliency(ax, np.random.default_rng(0).random(shape), heat)
    (picture, over), opaque = drawn(ax), ax.get_images()[1].get_alpha()
    assert not ax.axison and (np.ptp(picture[..., :3], axis=2) == 0).all()  # a picture in colour turns grey
    np.testing.assert_allclose(opaque, heat / 4)
    assert (over[..., 0] > over[..., 1].astype(int) + 100).all()
    plot.saliency(ax, np.zeros(shape), np.zeros((2, 3)))  # nothing counts, nothing divides by 0
    plt.close(fig)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda ax: plot.feature_maps(np.ones((1, 2, 3, 4)), "x"),
            r"maps has shape \(1, 2, 3, 4\), expected \(C, H, W",
        ),
        (lambda ax: plot.feature_maps(np.ones((0, 3, 4)), "x"), r"maps has shape \(0, 3, 4\), expected"),
        (lambda ax: plot.feature_maps(np.ones((2, 3, 4)), "x", ncols=0), "ncols is 0, expected a whole number"),
        (lambda ax: plot.saliency(ax, np.ones((2, 3)), np.ones((3, 2))), r"heat has shape \(3, 2\) and picture \(2, 3"),
        (lambda ax: plot.saliency(ax, np.ones((2, 2, 3)), np.ones((2, 3))), r"and picture \(2, 2, 3\), expected"),
        (lambda ax: plot.saliency(ax, np.ones((2, 3)), -np.ones((2, 3))), "heat goes down to -1, expected numbers"),
        (lambda ax: plot.saliency(ax, np.ones((2, 3)), np.full((2, 3), np.nan)), "heat goes down to nan, expected"),
    ],
)
def test_maps_and_heat_that_do_not_fit_are_named(call, message):
    fig, ax = plot.figure("x", size=(3, 2))
    with pytest.raises(ValueError, match=message):
        call(ax)
    plt.close(fig)

"""Figures: alt text, identical bytes, and widgets that carry all that they need."""

import io
import json
import re

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


def test_a_figure_is_an_image_with_its_alt_text_and_nothing_stays_open(shown):
    plot.show(draw(2), alt='A line "rises" from 0 to 2 & stops')
    (page, alt), = shown
    assert 'alt="A line &quot;rises&quot; from 0 to 2 &amp; stops"' in page
    assert page.startswith('<img src="data:image/png;base64,') and "http" not in page
    assert plt.get_fignums() == []


@pytest.mark.parametrize("alt", ["", "  "])
def test_alt_text_is_required(shown, alt):
    for call in (lambda: plot.show(draw(1), alt=alt), lambda: plot.explore(draw, [1, 2], "value", alt=alt)):
        with pytest.raises(ValueError, match="say what a sighted reader sees"):
            call()


def test_two_runs_give_the_same_bytes(shown):
    for _ in range(2):
        plot.show(draw(2), alt="a line")
        plot.explore(draw, [1, 2], "value", alt="a line")
    assert shown[:2] == shown[2:]


def test_a_slider_holds_every_frame_and_shows_the_first_chosen(shown):
    plot.explore(draw, np.array([0.5, 1.25, 10.0]), "how steep", alt="a line", start=1)
    page = shown[0][0]
    images = re.findall(r"<img [^>]*>", page)
    assert len(images) == 3 and [" hidden" in image for image in images] == [True, False, True]
    names = json.loads(re.search(r'data-names="([^"]*)"', page)[1].replace("&quot;", '"'))
    assert names == ["0.5", "1.25", "10"]
    assert 'max="2" value="1"' in page and "how steep" in page and "http" not in page


def test_frames_are_different_pictures_of_the_asked_size(shown):
    plot.explore(draw, [1, 2], "value", alt="a line")
    data = re.findall(r"base64,([^\"]*)", shown[0][0])
    import base64

    sizes = {Image.open(io.BytesIO(base64.b64decode(d))).size for d in data}
    assert sizes == {(3 * 144, 2 * 144)} and len(set(data)) == 2


def test_the_still_frame_of_an_animation_is_the_last_unless_said(shown):
    plot.animate(draw, [1, 2, 3], alt="a line")
    plot.animate(draw, [1, 2, 3], alt="a line", still=0)
    visible = [[" hidden" not in image for image in re.findall(r"<img [^>]*>", page)] for page, _ in shown]
    assert visible == [[False, False, True], [True, False, False]]


def test_widgets_on_one_page_have_names_of_their_own(shown):
    plot.explore(draw, [1, 2], "value", alt="a line")
    plot.explore(draw, [1, 3], "value", alt="a line")
    first, second = (re.search(r'id="(w\w+)"', page)[1] for page, _ in shown)
    assert first != second


def test_a_widget_that_is_too_heavy_is_refused(shown, monkeypatch):
    monkeypatch.setattr(plot, "WIDGET_LIMIT", 1000)
    with pytest.raises(ValueError, match="over the limit of 1,000: take fewer"):
        plot.explore(draw, [1, 2], "value", alt="a line")


def test_regions_reach_to_limits_set_later(shown):
    fig, ax = plot.figure("regions")
    asked = []

    def predict(points):
        asked.append(points)
        return (points[:, 0] > 0).astype(int)

    plot.boundary(ax, predict, np.array([[-1.0, 0], [1, 1]]), np.array([0, 1]))
    ax.set(xlim=(-20, 30))
    plot.show(fig, alt="two half planes")
    assert asked[0][:, 0].min() == -20 and asked[0][:, 0].max() == 30


def test_pictures_of_digits(shown):
    fig, axes = plot.figure("three", ncols=3)
    plot.images(axes, np.zeros((3, 4, 4)), ["a", "b", "c"])
    assert [ax.get_title() for ax in axes] == ["a", "b", "c"]
    with pytest.raises(ValueError):
        plot.images(axes, np.zeros((2, 4, 4)))


def test_without_a_notebook_the_text_is_printed(capsys):
    plot.show(draw(1), alt="a line")
    assert capsys.readouterr().out == "Figure: a line\n"

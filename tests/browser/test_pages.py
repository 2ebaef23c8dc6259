"""The site as a reader meets it: opened from the disk, with keys and clicks, in both themes, on a phone."""

import functools
import io
import json
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from PIL import Image
from playwright.sync_api import expect
from pypdf import PdfReader

from autograder.build import ROOT
from tests.browser.sizes import PHONE, SOON, WIDE

pytestmark = pytest.mark.browser
FLATTEN = """document.querySelectorAll("div.highlight pre, math").forEach(one => {
    one.textContent = one.textContent;
})"""
TOO_WIDE = """document.documentElement.scrollWidth > innerWidth
    || [...document.querySelectorAll("article > *, article section > *")].some(
        one => one.getBoundingClientRect().right > innerWidth + 1)"""  # the theme cuts off what is too wide
AXE = """async rules => (await axe.run(document, {resultTypes: ["violations"], selectors: false, ...rules})).violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .map(found => found.id + " at " + found.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" and "))"""


def names(site):
    """Return the names of all pages."""
    return sorted(
        str(path.relative_to(site).with_suffix("")) for path in site.rglob("*.html") if "_static" not in str(path)
    )


def test_axe_finds_nothing_serious_on_any_page_and_none_scrolls_sideways_on_a_phone(look, site):
    page, found = look(), {}
    for name in names(site):
        page.set_viewport_size(WIDE)
        page.at(name)
        violations = ask_axe(page, {"rules": {"color-contrast": {"enabled": False}}})
        for theme in ("light", "dark"):
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            violations += [f"{theme}: {said}" for said in page.evaluate(AXE, {"runOnly": ["color-contrast"]})]
        page.set_viewport_size(PHONE)
        violations += ["scrolls sideways"] * page.evaluate(TOO_WIDE)
        if violations:
            found[name] = violations
    assert not found, json.dumps(found, indent=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_weak_contrast_in_code(look, theme):
    page = look(theme)
    for name in ("08_pytorch/exercises", "search"):
        page.at(name)
        assert not ask_axe(page, {"runOnly": ["color-contrast"]}, as_it_is=True), name


def ask_axe(page, rules, as_it_is=False):
    """Return what axe finds by these rules on a page with all that opens opened.

    Unless it is to look at the page as it is, code and formulas become plain text: axe takes seconds for their
    thousands of letters, each an element, in which its other rules find nothing.
    """
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    if not as_it_is:
        page.evaluate(FLATTEN)
    page.evaluate(AXE_FILE_PATH.read_text("utf-8"))
    return page.evaluate(AXE, rules)


def test_search_finds_a_term(look):
    page = look()
    page.at("index")
    page.keyboard.press("Control+k")
    page.keyboard.type("vanishing gradient")
    page.keyboard.press("Enter")
    results = page.locator("#search-results")
    expect(results.get_by_role("link", name="Keep the signal alive through depth").first).to_be_visible(timeout=SOON)
    expect(results.get_by_role("link", name="vanishing gradient").first).to_be_visible(timeout=SOON)


def test_an_equation_has_its_glyphs(look):
    page = look()
    page.at("18_transformers/lesson")
    formula = page.locator("div.math", has=page.locator("msqrt")).first
    assert all(sign in formula.inner_text() for sign in "QKV⊤d") or "softmax" in formula.inner_text()
    shot = Image.open(io.BytesIO(formula.screenshot())).convert("L")
    dark = sum(shot.histogram()[:128]) / (shot.width * shot.height)
    assert 0.005 < dark < 0.3 and formula.locator("msqrt").first.bounding_box()["height"] > 10
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    for sign in session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "div.math :is(mi, mo)"})["nodeIds"][
        :20
    ]:
        fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": sign})["fonts"]
        assert sum(font["glyphCount"] for font in fonts) >= 1


def test_a_function_with_a_name_stands_apart_from_what_it_is_applied_to(look):
    page = look()
    page.at("21_complexity/lesson")
    gaps = page.locator("math mo", has_text=re.compile("^log$")).evaluate_all(
        """all => all.filter(one => one.nextElementSibling?.matches("mi, mtext")).map(
            one => one.nextElementSibling.getBoundingClientRect().left - one.getBoundingClientRect().right)"""
    )
    assert len(gaps) > 3 and min(gaps) > 1.5, gaps  # pixels


def test_an_animation_advances_by_itself_unless_motion_is_unwanted(look):
    for motion in ("no-preference", "reduce"):
        page = look(motion=motion)
        page.at("01_perceptron/lesson")
        figure = page.locator("figure", has=page.get_by_role("button", name="Play the animation")).first
        image = figure.locator("img")
        figure.scroll_into_view_if_needed()
        before = image.get_attribute("src")
        if motion == "reduce":
            page.wait_for_timeout(1500)  # more than one frame
            expect(image).to_have_attribute("src", before, timeout=SOON)
            figure.get_by_role("button").click()
        expect(image).not_to_have_attribute("src", before, timeout=SOON)
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def test_a_question_and_the_skip_link_open_by_keys(look):
    page = look()
    page.at("01_perceptron/lesson")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused(timeout=SOON)
    question = page.locator("details", has_text="Every score is multiplied by 10").first
    expect(question.locator("p")).to_be_hidden(timeout=SOON)
    question.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(question.locator("p").first).to_be_visible(timeout=SOON)
    slider = page.get_by_label("bias b")
    before = slider.input_value()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).not_to_have_value(before, timeout=SOON)


def test_figures_keep_their_light_paper_on_a_dark_page(look):
    page = look("dark")
    page.at("03_backprop/lesson")
    images = page.locator("article img")
    assert images.count() > 10
    assert set(images.evaluate_all("all => all.map(one => getComputedStyle(one).filter)")) == {"none"}
    images.first.scroll_into_view_if_needed()
    images.first.evaluate("image => image.decode()")
    shot = Image.open(io.BytesIO(images.first.screenshot())).convert("L")
    assert shot.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) > 180
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"


def test_a_download_is_the_released_notebook(chromium, site, tmp_path):
    handler = functools.partial(Quiet, directory=site)  # from the disk, a browser shows the text instead of saving it
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/03_backprop/exercises.html")
        with page.expect_download(timeout=SOON) as waiting:
            page.get_by_role("link", name="Download notebook").click()
        waiting.value.save_as(tmp_path / "got.ipynb")
        page.close()
        server.shutdown()
    released = ROOT / "course" / "03_backprop" / "exercises.ipynb"
    assert (tmp_path / "got.ipynb").read_bytes() == released.read_bytes()


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, *said):
        """Say nothing."""


def test_code_is_copied_by_its_button(look):
    page = look()
    page.at("03_backprop/lesson")
    page.evaluate("document.addEventListener('copy', () => { window.copied = String(getSelection()); })")
    cell = page.locator("div.highlight").first
    cell.hover()
    cell.get_by_role("button").click()
    page.wait_for_function("window.copied !== undefined")
    assert "import" in page.evaluate("window.copied")


def test_the_book_has_its_contents_formulas_and_figures(chromium, site, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "course")
    from _sphinx import book

    pages = [("08_pytorch/lesson", "08 Say it", "c08", "Unit 08"), ("08_pytorch/exercises", "Exercises", "e08", "")]
    monkeypatch.setattr(book, "_order", lambda: [("A part", pages)])
    count = book.write_book(site, tmp_path / "book.pdf", chromium)
    printed = PdfReader(tmp_path / "book.pdf")
    text = [page.extract_text() for page in printed.pages]
    first, second = (re.search(rf"{title}\s*(\d+)", text[1])[1] for title in ("08 Say it", "Exercises"))
    assert "Say the same in PyTorch" in text[int(first) - 1] and "Exercises 08" in text[int(second) - 1]
    assert 10 < count < 40 and len(printed.outline) >= 3
    assert sum(len(page.images) for page in printed.pages) >= 4 and "6" in (text[5].split()[0], text[5].split()[-1])

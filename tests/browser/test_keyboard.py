"""The site without a mouse: Tab reaches every control, one sees where one is, and keys do what a click would."""

import pytest
from playwright.sync_api import expect

from tests.browser.sizes import PHONE, SOON

pytestmark = pytest.mark.browser
# Collects what can be used and is shown (the theme's dialogs are closed: what is in them is not), and how it looks now.
COLLECT = """() => {
    const used = "a[href], button, input, select, summary, audio, [tabindex='0']";
    document.querySelectorAll("details").forEach(one => { one.open = true; });
    window.controls = [...document.querySelectorAll(used)].filter(one =>
        !one.disabled && one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().width > 0);
    window.look = one => ["outline", "boxShadow", "backgroundColor", "borderColor"].map(
        part => getComputedStyle(one)[part]).join();
    window.looks = window.controls.map(window.look);
    return window.controls.map(one => one.outerHTML.slice(0, 120));
}"""
# Gives the number of what has the focus, and whether one sees that: it looks different, and nothing covers it. At the
# end, when the page itself has it, nothing. (-1: a part of the contents that opens as one comes by.)
ASK = """() => {
    const one = document.activeElement, at = window.controls.indexOf(one);
    if (one === document.body)
        return [null, false];
    const {left, top, width, height} = one.getClientRects()[0];
    const above = document.elementFromPoint(left + width / 2, top + height / 2);
    const bare = above !== null && (one.contains(above) || above.contains(one));
    const differs = at >= 0 && window.look(one) != window.looks[at];
    return [at, differs && bare && getComputedStyle(one).opacity > 0.9];
}"""


@pytest.mark.parametrize(
    "name", ["index", "01_perceptron/lesson", "16_timeseries_speech/lesson", "03_backprop/exercises"]
)
def test_tab_reaches_every_control_and_shows_where_one_is(look, name):
    page = look()
    page.at(name)
    controls, reached, unseen = page.evaluate(COLLECT), set(), set()
    for _ in range(3 * len(controls)):  # an audio player has several stops
        page.keyboard.press("Tab")
        place, seen = page.evaluate(ASK)
        if place is None:
            break
        reached.add(place)
        if place >= 0 and not seen:
            unseen.add(controls[place])
    missed = [control for place, control in enumerate(controls) if place not in reached]
    assert len(controls) > 40 and not missed and not unseen, (missed, unseen)


def test_the_theme_the_search_and_the_menu_of_a_phone_obey_keys(look):
    page = look(size=PHONE)
    page.at("03_backprop/lesson")
    for button, dialog in (
        ("primary-toggle", "pst-primary-sidebar-modal"),
        ("search-button__button", "pst-search-dialog"),
    ):
        page.locator(f".{button}:visible").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#{dialog}")).to_be_visible(timeout=SOON)
        page.keyboard.press("Escape")
        expect(page.locator(f"#{dialog}")).to_be_hidden(timeout=SOON)
    page.locator(".primary-toggle").focus()
    page.keyboard.press("Enter")
    page.locator(".theme-switch-button:visible").focus()
    for key in ("Enter", "ArrowDown", "ArrowDown", "ArrowDown", "Enter"):  # past the system's choice and light
        page.keyboard.press(key)
    expect(page.locator("html[data-theme=dark]")).to_be_attached(timeout=SOON)


def test_a_player_an_animation_and_a_copy_button_obey_keys(look):
    page = look()
    page.at("16_timeseries_speech/lesson")
    page.locator("audio").first.focus()
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('audio').currentTime > 0")
    page.at("01_perceptron/lesson")
    figure = page.locator("figure", has=page.get_by_role("button", name="Play the animation")).first
    before = figure.locator("img").get_attribute("src")
    figure.get_by_role("button").focus()
    page.keyboard.press("Space")
    expect(figure.locator("img")).not_to_have_attribute("src", before, timeout=SOON)
    page.evaluate("document.addEventListener('copy', () => { window.copied = String(getSelection()); })")
    page.locator("button.copybtn").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("window.copied !== undefined")

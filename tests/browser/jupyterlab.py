"""A notebook in JupyterLab, driven as a person drives it: by menus, keys and clicks."""

import re
import sys
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

SLUG = "01_perceptron"
INTRODL = [sys.executable, "-c", "from introdl.cli import main; main()"]  # the command, in a small clone
READY = 300_000  # milliseconds that a page, a kernel or a cell may take on a busy machine
RUN = 600_000  # that a whole lesson may take
ERRORS = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
HAS_RUN_OR_FAILED = """([count, errors]) => {
    const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")];
    return prompts.filter(prompt => /\\d/.test(prompt.textContent)).length == count
        || document.querySelector(errors);
}"""
expect.set_options(timeout=READY)


class Lab:
    """One open notebook. Pictures of the page go to `album`: pytest keeps those of its last three runs."""

    def __init__(self, page: Page, address: str, album: Path):
        self.page, self.album = page, album
        self.foreign = []  # addresses outside this machine that the page asked for
        page.set_default_timeout(READY)
        page.on("request", lambda request: self._note(request.url, address))
        page.goto(address)
        self.wait_idle()

    def _note(self, url: str, address: str) -> None:
        here = address.partition("//")[2].partition("/")[0]
        if re.match("https?:|wss?:", url) and f"//{here}/" not in url:
            self.foreign.append(url)

    def wait_idle(self) -> None:
        """Wait until the kernel is there and has nothing to do."""
        expect(self.page.get_by_text(re.compile(r"^Python 3 .*\| Idle$"))).to_be_visible()

    def menu(self, name: str, entry: str) -> None:
        """Choose an entry of the menu bar."""
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        self.page.get_by_role("menuitem", name=entry, exact=True).click()

    def run_all(self, count: int) -> None:
        """Clear all outputs, run all cells, and wait until `count` code cells have run, or for an error."""
        self.menu("Edit", "Clear Outputs of All Cells")
        self.menu("Run", "Run All Cells")
        self.page.wait_for_function(HAS_RUN_OR_FAILED, arg=[count, ERRORS], timeout=RUN)

    def cell(self, text: str) -> Locator:
        """Return the first code cell with this text."""
        return self.page.locator(".jp-CodeCell", has=self.page.locator(".cm-content", has_text=text)).first

    def type_over(self, cell: Locator, line: str, new: str) -> None:
        """Click on a line of a cell and type another one in its place."""
        cell.locator(".cm-line", has_text=line).click()
        self.page.keyboard.press("Home")
        self.page.keyboard.press("Shift+End")
        self.page.keyboard.type(new)

    def run(self, cell: Locator) -> Locator:
        """Press Ctrl+Enter in a cell, wait until it has run, and return the place of its outputs."""
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.text_content()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\d"))
        return cell.locator(".jp-OutputArea").first

    def run_new(self, below: Locator, text: str) -> Locator:
        """Insert a cell below another one, type a line into it, run it and return the place of its outputs."""
        below.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("b")
        self.page.keyboard.press("Enter")
        self.page.keyboard.type(text)
        return self.run(self.cell(text))

    def validate(self) -> str:
        """Press nbgrader's button Validate and return what its dialog says."""
        self.page.get_by_role("button", name="Validate").click()
        dialog = self.page.locator(".jp-Dialog-content")
        expect(dialog).to_be_visible(timeout=RUN)
        return dialog.inner_text()

    def save(self) -> None:
        """Press Ctrl+S and wait until the file is written: the tab's dot is a cross again."""
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".lm-TabBar-tab.lm-mod-current.jp-mod-dirty")).to_have_count(0)

    def save_and_be_asked(self) -> Locator:
        """Press Ctrl+S where the file has changed on disk; return the dialog that asks what to do."""
        self.page.keyboard.press("Control+s")
        dialog = self.page.locator(".jp-Dialog", has_text="File Changed")
        expect(dialog).to_be_visible()
        return dialog

    def shoot(self, name: str) -> None:
        """Take a picture of the page as it is."""
        self.page.screenshot(path=self.album / f"{name}.png")

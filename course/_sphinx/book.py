"""The course as one book: the pages of the built site in one document, printed by Chromium, with a table of contents.

`python course/_sphinx/book.py _build/html _build/course.pdf` prints twice: where each page falls is known after the
first time, and written into the contents for the second.
"""

import html
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from pypdf import PdfReader

sys.path.insert(0, str(Path(__file__).parents[1]))

from _sphinx.units import parts

END = {"notation": "Notation", "keras": "From Keras to PyTorch", "results": "What was measured", "glossary": "Glossary"}
HEAD = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{title}</title>
<link rel="stylesheet" href="{static}/pygments.css"><link rel="stylesheet" href="{static}/book.css"></head><body>"""
COVER = """<section class="cover"><h1>{title}</h1><p>{lead}</p><p>{licence}</p></section>"""
LICENCE = "Text and figures CC BY 4.0, figures made from OpenMoji CC BY-SA 4.0, code MIT."


def write_book(site: Path, target: Path, browser) -> int:
    """Print the site into one PDF with a browser of Playwright's, and return the number of its pages."""
    page = browser.new_context(java_script_enabled=False).new_page()
    page.set_default_timeout(900_000)
    numbers = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "book.html"
        for _ in range(2):
            source.write_text(book(site, numbers), "utf-8")
            page.goto(source.as_uri())
            printed = page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
            reader = PdfReader(io.BytesIO(printed))
            found = reader.named_destinations.items()
            numbers = {name.lstrip("/"): reader.get_destination_page_number(place) + 1 for name, place in found}
    page.context.close()
    target.write_bytes(printed)
    return len(reader.pages)


def book(site: Path, numbers: dict[str, int]) -> str:
    """Return the book as one HTML document; numbers: the pages that its anchors are on, as far as they are known."""
    front = (site / "index.html").read_text("utf-8")
    title = html.escape(re.search(r"<h1>(.*?)<", front)[1])
    lead = re.sub(r"<[^>]+>", "", re.search(r'<p class="lead">(.*?)</p>', front, re.S)[1])
    chapters = {page: anchor for _, pages in _order() for page, _, anchor, _ in pages}
    body = [
        HEAD.format(title=title, static=(site.resolve() / "_static").as_uri()),
        COVER.format(title=title, lead=lead, licence=LICENCE),
        f'<section class="contents"><h1>Contents</h1>{_contents(numbers)}</section>',
    ]
    for number, (heading, pages) in enumerate(_order()):
        text = parts()[number]["text"] if number < len(parts()) else ""
        body.append(f'<section class="part" id="part-{number}"><h1>{heading}</h1><p>{html.escape(text)}</p></section>')
        body += [_chapter(site, page, eyebrow, chapters) for page, _, _, eyebrow in pages]
    return "\n".join([*body, "</body></html>"])


def _order() -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    """Return (heading of a part, [(page of the site, title, anchor, the line above its title)]), in reading order."""
    order = []
    for part in parts():
        pages = []
        for unit in part["units"]:
            pages.append(
                (f"{unit.slug}/lesson", f"{unit.number} {unit.title}", f"c{unit.number}", f"Unit {unit.number}")
            )
            if unit.tasks:
                pages.append((f"{unit.slug}/exercises", "Exercises", f"e{unit.number}", f"Unit {unit.number}"))
        if pages:
            order.append((part["title"], pages))
    return [*order, ("To look things up", [(name, title, name, "") for name, title in END.items()])]


def _contents(numbers: dict[str, int]) -> str:
    lines = []
    for number, (heading, pages) in enumerate(_order()):
        lines.append(f'<h2><a href="#part-{number}">{heading}</a></h2><ol>')
        for _, title, anchor, _ in pages:
            kind = ' class="inner"' if title == "Exercises" else ""
            link = f'<a href="#{anchor}">{html.escape(title)}</a>'
            lines.append(f"<li{kind}>{link}<i></i>{numbers.get(anchor, '000')}</li>")
        lines.append("</ol>")
    return "\n".join(lines)


def _chapter(site: Path, page: str, eyebrow: str, chapters: dict[str, str]) -> str:
    """Return a page's article with anchors of its own, links within the book, and nothing that only a screen needs."""
    article = re.search(
        r'<article class="bd-article">(.*)</article>', (site / f"{page}.html").read_text("utf-8"), re.S
    )[1]
    article = re.sub(r"<script.*?</script>", "", article, flags=re.S)
    article = re.sub(r'(<audio[^>]*>.*?</audio>| loading="lazy"| id="__[^"]*")', "", article, flags=re.S)
    article = article.replace("<details", "<details open")
    here = (site / page).resolve().parent

    def source(match) -> str:
        return f'src="{(here / match[1]).resolve().as_uri()}"'

    def link(match) -> str:
        path, _, anchor = match[1].partition("#")
        if re.match(r"[a-z]+:", path):
            return match[0]
        target = str((here / path).resolve().relative_to(site.resolve()).with_suffix("")) if path else page
        prefix = chapters.get(target)
        return f'href="#{prefix}{"-" + anchor if anchor else ""}"' if prefix else ""

    article = re.sub(r'src="([^"]+)"', source, article)
    article = re.sub(r'(?<=\s)href="([^"]*)"', link, article)
    article = re.sub(r'(?<=\s)id="([^"]*)"', rf'id="{chapters[page]}-\1"', article)
    return f'<section class="page" id="{chapters[page]}"><p class="eyebrow">{eyebrow}</p>{article}</section>'


def main() -> None:
    """Print the site in the first folder that is named into the file that is named second."""
    site, target = map(Path, sys.argv[1:3])
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("make pdf prints with chromium: install it, or print pages of the site with another browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"], timeout=600_000)
        print(f"{target}: {write_book(site, target, browser)} pages")
        browser.close()


if __name__ == "__main__":
    main()

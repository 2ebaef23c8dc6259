"""The site: built without a warning, readable without a network, light, and without dead ends."""

import html
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import nbformat
import pytest
from PIL import Image

from autograder.build import ROOT, units

pytestmark = pytest.mark.slow
LESSON_LIMIT = 1_500_000  # bytes of a lesson's page with all that it can load
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$]+)\$", re.S)
ARRANGES = re.compile(r"\\(left|right|[bB]ig[lr]|q?quad|underbrace|begin|end|c?dots|[td]frac|textstyle)")  # no symbol
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//|(?:data|mailto):")


class Page(HTMLParser):
    """What a page loads, where it leads, and what can be led to in it."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.loads, self.links, self.ids, self.images, self.scripts = path, set(), set(), set(), [], []
        text = path.read_text("utf-8")
        self.feed(text)
        self.loads |= set(re.findall(r'"([^"\s]*_images/[^"]+)"', text))  # the frames of sliders and animations

    def handle_starttag(self, tag, attrs):
        """Note an element."""
        found = dict(attrs)
        self.ids |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag in ("img", "script", "iframe", "audio", "source") and found.get("src"):
            self.loads.add(found["src"])
        if tag == "link" and found.get("rel") == "stylesheet":
            self.loads.add(found["href"])
        if tag == "a" and found.get("href"):
            self.links.add(found["href"])
        if tag == "img":
            self.images.append(found.get("alt") or "")
        if tag == "script" and "src" in found:
            self.scripts.append(found)

    def file(self, address: str) -> Path:
        """Return the file that a relative address of this page means."""
        path = unquote(urldefrag(address).url.partition("?")[0])
        return (self.path.parent / path).resolve() if path else self.path


@cache
def pages(site: Path) -> dict[Path, Page]:
    """Return all pages by their files."""
    return {path: Page(path) for path in sorted(site.resolve().rglob("*.html")) if "_static" not in path.parts}


def test_every_unit_has_its_pages_and_nothing_is_loaded_from_elsewhere(site):
    found = pages(site)
    for slug in units():
        assert {site.resolve() / slug / f"{name}.html" for name in ("lesson", "exercises")} <= set(found)
    for path, page in found.items():
        assert page.loads and not [source for source in page.loads if ELSEWHERE.match(source)], path


def test_no_link_anchor_picture_or_script_is_missing(site):
    found, dead = pages(site), []
    for path, page in found.items():
        for address in page.links | page.loads:
            if ELSEWHERE.match(address):
                continue
            target, anchor = page.file(address), unquote(urldefrag(address).fragment)
            known = not anchor or anchor in found[target].ids if target in found else target.is_file()
            if not known:
                dead.append(f"{path.relative_to(site.resolve())}: {address}")
    assert len(found) > 2 * len(units()) and not dead, dead


def test_a_lesson_with_all_it_loads_is_light_and_no_script_holds_it_up(site):
    for slug in units():
        page = pages(site)[site.resolve() / slug / "lesson.html"]
        loaded = {page.path, *map(page.file, page.loads)}
        weight = sum(path.stat().st_size for path in loaded)
        assert weight <= LESSON_LIMIT, f"{slug}: {weight:,} bytes"
        assert page.scripts and all("defer" in script for script in page.scripts), slug
        assert not any(path.name == "searchindex.js" for path in loaded)


def test_formulas_pictures_and_captions_arrive(site):
    for slug in units():
        page = (site / slug / "lesson.html").read_text("utf-8")
        assert "<math" in page and "\\frac" not in re.sub(r"<script.*?</script>", "", page, flags=re.S)
        assert 'type:"range"' in page and "<summary>Answer</summary>" in page
        lesson = nbformat.read(ROOT / "course" / slug / "lesson.ipynb", as_version=4)
        shown = [
            output.data.get("text/html", "")
            for cell in lesson.cells
            for output in cell.get("outputs", [])
            if "data" in output
        ]
        pictures = sum(text.count('<img alt="') for text in shown)
        assert pictures and page.count('<img alt="') == page.count("<figcaption><span>Figure") == pictures


def test_every_image_has_an_alt_text_and_none_lets_a_dark_page_shine_through(site):
    for path, page in pages(site).items():
        assert all(alt.strip() for alt in page.images), path
    files = [path for path in (site / "_images").iterdir() if path.suffix != ".wav"]
    assert len(files) > 100
    for path in files:
        with Image.open(path) as image:
            assert image.mode == "RGB" and "transparency" not in image.info, path


def test_an_image_without_alt_text_fails_the_build(tmp_path):
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'course')!r})\nextensions = ['myst_parser', '_sphinx.lessons']\n"
    )
    for alt, code in (("a dot", 0), (" ", 1)):
        (tmp_path / "index.md").write_text(f'# A page\n\n<p><img src="picture.png" alt="{alt}"></p>\n')
        command = [sys.executable, "-m", "sphinx", "-W", "-q", str(tmp_path), str(tmp_path / "out")]
        ran = subprocess.run(command, capture_output=True, text=True)
        assert ran.returncode == code and ("an image without alt text" in ran.stderr) == bool(code), ran.stderr


def test_the_front_page_maps_every_unit_with_what_was_measured(site):
    front = (site / "index.html").read_text("utf-8")
    for slug in units():
        assert f'href="{slug}/lesson.html"' in front and f'href="{slug}/exercises.html"' in front
    assert front.count("Measured: ") >= 19 and front.count('class="part-picture"') >= 3


def test_terms_lead_to_the_glossary_and_back(site):
    glossary = (site / "glossary.html").read_text("utf-8")
    lesson = (site / "10_cnn" / "lesson.html").read_text("utf-8")
    assert 'href="../glossary.html#dropout"' in lesson and 'id="term-dropout"' in lesson
    assert 'href="10_cnn/lesson.html#term-dropout"' in glossary
    numbers = {slug[:2] for slug in units()}
    entries = re.findall(r'<section id="(.*?)">(.*?)</section>', glossary.partition("</h1>")[2], re.S)
    unused = [
        name
        for name, text in entries
        if "lesson.html#" not in text and set(re.findall(r"\(units? (\d\d)", text)) & numbers
    ]
    assert len(entries) > 200 and not unused, unused


def test_the_notation_page_has_every_symbol_of_the_lessons():
    known = set(re.findall(r"\\[A-Za-z]+", (ROOT / "course" / "notation.md").read_text("utf-8")))
    used, unknown = set(), {}
    for slug in units():
        cells = nbformat.read(ROOT / "course" / slug / "lesson.ipynb", as_version=4).cells
        for formula in FORMULA.findall("\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")):
            symbols = {name for name in re.findall(r"\\[A-Za-z]+", "".join(formula)) if not ARRANGES.fullmatch(name)}
            used |= symbols
            if symbols - known:
                unknown[slug] = unknown.get(slug, set()) | symbols - known
    assert len(used) > 50 and not unknown, unknown


def test_keras_beside_pytorch_and_the_measured_tables_are_collected(site):
    keras = (site / "keras.html").read_text("utf-8")
    assert keras.count("<table") >= 7 and "EarlyStopping" in keras and "17_seq2seq_attention/lesson.html#" in keras
    measured = (site / "results.html").read_text("utf-8")
    assert "Measured on" in measured and all(f'href="{slug}/lesson.html"' in measured for slug in units()[:19])
    assert all(text in measured for text in ("numpy-ml", "own compute", "kneser-ney"))


def test_a_unit_can_be_opened_elsewhere_and_its_tasks_are_listed(site):
    page = (site / "03_backprop" / "exercises.html").read_text("utf-8")
    assert all(host in page for host in ("localhost:8888/lab", "mybinder.org/v2/gh/example/course", "colab.research"))
    assert page.count("<td><p>●") >= 7 and "minutes.</p>" in page
    for slug in units():
        for name in ("lesson", "exercises"):
            downloaded = site / "_sources" / slug / f"{name}.ipynb"
            assert downloaded.read_bytes() == (ROOT / "course" / slug / f"{name}.ipynb").read_bytes()


def test_no_solution_and_no_model_answer_is_on_the_site(site):
    texts = {path: letters(html.unescape(re.sub(r"<[^>]+>", "", path.read_text("utf-8")))) for path in pages(site)}
    for path in (site.resolve() / "_sources").rglob("*.ipynb"):
        texts[path] = letters("".join(cell.source for cell in nbformat.read(path, as_version=4).cells))
    compared = 0
    for slug in units():
        own = {path for path in texts if path.parent.name == slug and path.stem == "exercises"}
        assert len(own) == 2
        for cell in nbformat.read(ROOT / "solutions" / slug / "exercises.ipynb", as_version=4).cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                code = cell.cell_type == "code"  # a lesson may show code that an exercise asks for, but no model answer
                for wanted in filter(lambda body: len(body) > 25, bodies(cell.source, code)):
                    found = [path for path in (own if code else texts) if wanted in texts[path]]
                    assert not found, (found, wanted)
                    compared += 1
    assert compared > 5 * len(units())


def bodies(source: str, code: bool) -> list[str]:
    """Return the letters of a cell's solutions; of a model answer, those of its longest piece without markup."""
    if code:
        return [letters(body) for body in re.findall("### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.S)]
    return [max(map(letters, re.split(r"\$.*?\$|`.*?`|[\[(].*?[\])]", source, flags=re.S)), key=len)]


def letters(text: str) -> str:
    """Return the letters and digits of a text, so that neither markup nor line breaks play a part."""
    return re.sub(r"[\W_]", "", text)


def test_the_book_has_every_chapter_and_no_dead_link(site, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "course")
    from _sphinx.book import book

    text = book(site, {"c03": 7})
    ids = re.findall(r'(?<=\s)id="([^"]*)"', text)
    dead = set(re.findall(r'href="#([^"]*)"', text)) - set(ids)
    assert len(ids) == len(set(ids)) and not dead, dead
    assert all(f'id="c{slug[:2]}"' in text and f'id="e{slug[:2]}"' in text for slug in units())
    assert "<script" not in text and "</i>7</li>" in text and 'src="data:' not in text

"""The site: built without a warning, and readable without a network."""

import re
import subprocess
import sys

import nbformat
import pytest

from autograder.build import ROOT, units

pytestmark = pytest.mark.slow
LOADED = re.compile(
    r'<(?:script|img|iframe)[^>]*\ssrc="(?!data:)([^"]+)"|<link[^>]*rel="stylesheet"[^>]*href="([^"]+)"'
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "course", str(folder)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return folder


def test_every_unit_has_its_pages_and_nothing_is_loaded_from_elsewhere(site):
    for path in [
        site / "index.html",
        *(site / slug / f"{name}.html" for slug in units() for name in ("lesson", "exercises")),
    ]:
        loaded = ["".join(found) for found in LOADED.findall(path.read_text("utf-8"))]
        assert loaded and not [source for source in loaded if re.match(r"(https?:)?//", source)], path


def test_formulas_pictures_and_measured_figures_arrive(site):
    for slug in units():
        page = (site / slug / "lesson.html").read_text("utf-8")
        assert "<math" in page and "\\frac" not in re.sub(r"<script.*?</script>", "", page, flags=re.S)
        assert 'type:"range"' in page and "<details>" in page
        lesson = nbformat.read(ROOT / "course" / slug / "lesson.ipynb", as_version=4)
        shown = [output.data.get("text/html", "") for cell in lesson.cells for output in cell.get("outputs", [])
                 if "data" in output]
        pictures = sum(html.count('<img alt="') for html in shown)
        assert pictures and page.count('<img alt="') == pictures
    front = (site / "index.html").read_text("utf-8")
    assert all(slug in front for slug in units()) and "Measured on" in front

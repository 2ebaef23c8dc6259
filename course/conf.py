"""How Sphinx renders this folder as a site: the committed notebooks with their outputs, readable offline."""

from pathlib import Path

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

project = "Introduction to deep learning"
author = "the authors of the course"
project_copyright = "text and figures CC BY 4.0, code MIT"
html_title = project
extensions = ["myst_nb"]
exclude_patterns = ["introdl", "**.ipynb_checkpoints", "*/*.py"]
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "logo": {"text": "Deep learning"},
    "navbar_center": [],
    "secondary_sidebar_items": ["page-toc"],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "navigation_with_keys": False,
}
html_sidebars = {"index": [], "**": ["units.html"]}
html_show_sourcelink = False

nb_execution_mode = "off"  # the outputs are committed, and proven fresh by `make check` and nbval
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "substitution"]
myst_heading_anchors = 3
suppress_warnings = [
    "mystnb.unknown_mime_type",  # a headline's record is for `make bench`; its text is shown
    "misc.highlighting_failure",  # the message of a check is prose, not a traceback
]


def _measured() -> str:
    """Return README's table of measured lessons, which `make bench` writes."""
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    return readme.partition("<!-- lessons -->")[2].partition("<!-- /lessons -->")[0].strip()


myst_substitutions = {"measured_lessons": _measured()}


def _inline_math(self, node) -> None:
    self.body.append(convert(node.astext()))
    raise SkipNode


def _block_math(self, node) -> None:
    self.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise SkipNode


html_math_renderer = "mathml"  # browsers draw MathML themselves: no script, no font, no request to anywhere


def setup(app) -> None:
    """Render formulas as MathML."""
    app.add_html_math_renderer("mathml", (_inline_math, None), (_block_math, None))

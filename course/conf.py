"""How Sphinx renders this folder as a site: the committed notebooks with their outputs, readable offline."""

import os
import re
import sys
from pathlib import Path

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

sys.path.insert(0, str(Path(__file__).parent))

project = "Introduction to deep learning"
author = "the authors of the course"
project_copyright = "the authors. Text and figures CC BY 4.0, figures made from OpenMoji CC BY-SA 4.0, code MIT"
html_title = project
extensions = ["myst_nb", "sphinx_copybutton", "_sphinx.pages", "_sphinx.lessons", "_sphinx.terms"]
exclude_patterns = ["introdl", "_sphinx", "**.ipynb_checkpoints", "*/*.py"]
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "logo": {"text": "Deep learning"},
    "navbar_center": [],
    "secondary_sidebar_items": ["page-toc"],
    "navbar_end": ["theme-switcher"],
    "article_header_start": [],
    "article_header_end": ["launch.html"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "navigation_with_keys": False,
    "back_to_top_button": False,
    "search_bar_text": "Search the course",
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"**": ["units.html"]}
html_use_index = False
html_sourcelink_suffix = ""  # the notebooks under _sources/ keep their names: the pages link them as downloads
html_show_search_summary = False  # a page from a disk may not read other pages
copybutton_prompt_text = ""

# Where a notebook can be opened, in this order; those that need a public repository appear once there is one.
introdl_repository = os.environ.get("GITHUB_REPOSITORY", "")  # GitHub's runners set it: owner/name
introdl_launch = [
    (
        "Open in JupyterLab",
        "http://localhost:8888/lab/tree/{slug}/{name}.ipynb",
        "In your own JupyterLab, while `make lab` is running",
    ),
    (
        "Binder",
        "https://mybinder.org/v2/gh/{repository}/HEAD?urlpath=lab/tree/course/{slug}/{name}.ipynb",
        "On a computer of mybinder.org; what you write there is not kept",
    ),
    (
        "Colab",
        "https://colab.research.google.com/github/{repository}/blob/HEAD/course/{slug}/{name}.ipynb",
        "On a computer of Google; install the course there first",
    ),
]
html_show_sourcelink = False

nb_execution_mode = "off"  # the outputs are committed, and proven fresh by `make check` and nbval
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "attrs_block"]
myst_heading_anchors = 3
suppress_warnings = [
    "mystnb.unknown_mime_type",  # a headline's record is for `make bench`; its text is shown
    "misc.highlighting_failure",  # the message of a check is prose, not a traceback
]


NAMED = re.compile(r"<m[io]>([A-Za-z]{2,})</m[io]>(?=(<mo stretchy)?)")


def _mathml(formula: str, display: str) -> str:
    """Return a formula as MathML; functions with a name stand apart from their neighbours, but not from a bracket."""

    def spaced(name: re.Match) -> str:
        return f'<mo form="prefix" lspace="0.17em" rspace="{0 if name[2] else 0.17}em">{name[1]}</mo>'

    return NAMED.sub(spaced, convert(formula, display=display))


def _inline_math(self, node) -> None:
    self.body.append(_mathml(node.astext(), "inline"))
    raise SkipNode


def _block_math(self, node) -> None:
    self.body.append(f'<div class="math">{_mathml(node.astext(), "block")}</div>')
    raise SkipNode


html_math_renderer = "mathml"  # browsers draw MathML themselves: no script, no font, no request to anywhere


def setup(app) -> None:
    """Render formulas as MathML."""
    app.add_html_math_renderer("mathml", (_inline_math, None), (_block_math, None))

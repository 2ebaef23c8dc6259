"""Care for the pages of units: numbered figures with captions, folded outputs, lists of tasks, where to open them."""

import base64
import hashlib
import io
import json
import re
from pathlib import Path

from docutils import nodes
from mdit_py_plugins.anchors.index import slugify
from PIL import Image
from sphinx.util import logging

from _sphinx.units import Unit, parts, units

logger = logging.getLogger(__name__)
LONG = 24  # lines of an output from which on it is folded
IMG = re.compile(r"<img\b[^>]*>")
DATA = re.compile(r"data:(?:image|audio)/([a-z0-9]+);base64,([A-Za-z0-9+/=]+)")


def list_the_tasks(app, docname: str, source: list[str]) -> None:
    """Put a table of the tasks below the introduction of an exercise notebook, and their number at the lesson's end."""
    unit = unit_of(docname)
    if unit is None:
        return
    notebook = json.loads(source[0])
    prose = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    count = f"{len(unit.tasks)} tasks, {unit.points} points, {unit.minutes} minutes"
    if docname.endswith("/exercises"):
        rows = ["", "", "| | task | minutes | points | difficulty |", "|---|---|---|---|---|"]
        for place, task in enumerate(unit.tasks, 1):
            link = f"[{task.name}](#{slugify(f'Task {place} · {task.name}')})"
            rows.append(f"| {place} | {link} | {task.minutes} | {task.points} | {task.difficulty} |")
        _append(prose[0], "\n".join([*rows, "", f"Together: {count}."]))
    elif unit.tasks:
        _append(prose[-1], f"\n\n{count[0].upper()}{count[1:]}.")
    source[0] = json.dumps(notebook)


def number_the_figures(app, doctree: nodes.document) -> None:
    """Give each figure of a lesson a caption with its number and its description in words."""
    unit = unit_of(app.env.docname)
    if unit is None:
        return
    count = 0
    for raw in doctree.findall(nodes.raw):
        image = re.match(r'(?:<div[^>]*>)?<img alt="([^"]*)"', raw.astext())
        if image:
            count += 1
            caption = (
                f"<figcaption><span>Figure {unit.number}.{count}</span> <details><summary>In words</summary>"
                f"<p>{image[1]}</p></details></figcaption>"
            )
            raw.children = [nodes.Text(f"<figure>{raw.astext()}{caption}</figure>")]


def fold_long_outputs(app, doctree: nodes.document) -> None:
    """Put outputs of many lines behind a line that opens on click."""
    for block in list(doctree.findall(nodes.literal_block)):
        lines = block.astext().count("\n") + 1
        if lines >= LONG and "output" in block["classes"]:
            before = f"<details class='long-output'><summary>Output of {lines} lines</summary>"
            place, siblings = block.parent.index(block), block.parent
            siblings.insert(place + 1, nodes.raw("", "</details>", format="html"))
            siblings.insert(place, nodes.raw("", before, format="html"))


def tell_templates(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the sidebar and the bar above a unit's page what they show."""
    unit = unit_of(pagename)
    context["parts"], context["unit"] = parts(), unit
    context["part"] = next((part for part in parts() if unit in part["units"]), None)
    context["launch"] = _launch(app.config, unit, pagename) if unit else []


def finish_page(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Let no script hold up the page, move pictures and sounds into files, ask for alt texts."""
    if pagename != "search":  # its scripts need these at once; those without a file set options that we do not use
        scripts = [script for script in context["script_files"] if getattr(script, "filename", None)]
        context["script_files"] = [
            type(script)(script.filename, priority=script.priority, **script.attributes | {"defer": "defer"})
            for script in scripts
        ]
    if "body" in context:
        context["body"] = _with_files(context["body"], Path(app.outdir), context["pathto"])
        for image in IMG.findall(context["body"]):
            if not re.search(r'\balt="\s*[^"\s]', image):
                logger.warning("%s: an image without alt text: %.200s", pagename, image, type="course")


def unit_of(docname: str) -> Unit | None:
    """Return the unit whose notebook a page is."""
    slug, _, name = docname.partition("/")
    return next((unit for unit in units() if unit.slug == slug and name in ("lesson", "exercises")), None)


def _launch(config, unit: Unit, pagename: str) -> list[tuple[str, str, str]]:
    """Return (name, address, explanation) of each place where the notebook can be opened."""
    name = pagename.partition("/")[2]
    known = {"slug": unit.slug, "name": name, "repository": config.introdl_repository}
    return [
        (place, address.format(**known), said)
        for place, address, said in config.introdl_launch
        if config.introdl_repository or "{repository}" not in address
    ]


def _with_files(body: str, outdir: Path, pathto) -> str:
    """Return the page with each data URI in a file of its own, and the size of each picture beside its address."""

    def to_file(match) -> str:
        path = _file(base64.b64decode(match[2]), match[1], outdir / "_images")
        return pathto(f"_images/{path.name}", 1)

    def with_size(match) -> str:
        source = re.search(r'src="[^"]*_images/([^"]+\.(?:png|webp))" width="(\d+)"', match[0])
        if not source:
            return match[0]
        width, height = Image.open(outdir / "_images" / source[1]).size
        size = f'{source[0]} height="{round(height * int(source[2]) / width)}" loading="lazy" decoding="async"'
        return match[0].replace(source[0], size)

    return IMG.sub(with_size, DATA.sub(to_file, body))


def _file(content: bytes, kind: str, folder: Path) -> Path:
    """Write a picture or a sound and return its path; opaque PNGs become WebP: the same pixels, a quarter smaller."""
    folder.mkdir(exist_ok=True)
    image = Image.open(io.BytesIO(content)) if kind == "png" else None
    opaque = image is not None and "A" not in image.mode and "transparency" not in image.info
    path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}.{'webp' if opaque else kind}"
    if opaque and not path.exists():
        image.convert("RGB").save(path, lossless=True, method=2, quality=50)
    elif not path.exists():
        path.write_bytes(content)
    return path


def _append(cell: dict, text: str) -> None:
    cell["source"] = "".join(cell["source"]) + text


def setup(app) -> dict:
    """Connect all of it."""
    app.add_config_value("introdl_launch", [], "html")
    app.add_config_value("introdl_repository", "", "html")
    app.connect("source-read", list_the_tasks)
    app.connect("doctree-read", number_the_figures)
    app.connect("doctree-read", fold_long_outputs)
    app.connect("html-page-context", tell_templates)
    app.connect("html-page-context", finish_page, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}

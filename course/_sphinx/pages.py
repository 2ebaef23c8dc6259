"""Directives that make parts of pages from data: the map of the course, what was measured, Keras beside PyTorch."""

import html
import re
from pathlib import Path
from statistics import mean

from docutils.statemachine import StringList
from sphinx.directives.other import TocTree
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from _sphinx.units import COURSE, RESULTS, Unit, figures, markdown, parts, results, units

logger = logging.getLogger(__name__)
README = COURSE.parent / "README.md"
GUIDE = COURSE.parent / "autograder" / "README.md"
SCALE = """<img class="dark-light" src="_static/grading_scale.png" alt="Three plots over the number of submissions,
100 to 10,000, both axes logarithmic: seconds, memory and the size of the gradebook, each beside a dashed line that
grows as the class does.">"""
GLUE = "\N{NO-BREAK SPACE}"
FOLDED = ("lessons", "layers", "grading", "machine")  # files with a section of their own


class FromData(SphinxDirective):
    """A directive without arguments whose text, in MyST's markdown with headings, is made by `text`."""

    def run(self) -> list:
        """Return the nodes of the text; the page is made anew in every build, as the data may have changed."""
        self.env.note_reread()
        return self.parse_text_to_nodes("\n".join(self.text()), allow_section_headings=True)


class CourseMap(FromData):
    """The parts of the course, each with a picture, and their units with times and what was measured."""

    def text(self):
        """Yield the lines of the map."""
        for part in parts():
            yield f"## {part['title']}\n"
            if part["units"]:
                yield _picture(part)
            yield part["text"] + "\n"
            if not part["units"]:
                yield "*This part is being written.*\n"
            yield "{.unit-map}"
            for unit in part["units"]:
                yield _card(unit)
            yield ""


class Measured(FromData):
    """Everything in the folder that `make bench` writes to."""

    def text(self):
        """Yield the lines of the tables."""
        yield "## The lessons\n"
        yield "| unit | headline | seed 0 | 95 % interval | four seeds | time | memory |"
        yield "|---|---|---|---|---|---|---|"
        for row in results("lessons"):
            unit = f"[{row['unit'][:2]}]({row['unit']}/lesson.ipynb)"
            interval = "" if row["ci95"] is None else _range(*row["ci95"])
            seeds = _range(min(row["seeds"]), max(row["seeds"]))
            cost = f"{row['seconds']:.0f}{GLUE}s | {row['peak_mb']:.0f}{GLUE}MB"
            yield f"| {unit} | {row['metric']} | {_number(row['value'])} | {interval} | {seeds} | {cost} |"
        machine = results("machine")
        yield f"\nMeasured on {machine['date']}: {machine['cpu']}, {machine['cores']} cores, network cut off.\n"
        yield f"## NumPy beside PyTorch\n\n{_readme_table('layers')}\n"
        yield f"## Grading a class\n\n{_readme_table('grading')}\n"
        yield f"### As a class grows\n\n{SCALE}\n\n{_readme_table('scale', GUIDE)}\n"
        yield "## The experiments behind the lessons\n"
        yield "A number stands for the mean over seeds, with the smallest and the largest in brackets.\n"
        for path in sorted(RESULTS.glob("*.json")):
            if path.stem not in FOLDED and isinstance(results(path.stem), list):
                yield f"### {_title(path.stem)}\n\n<details><summary>Show the tables</summary>\n"
                yield from _tables(results(path.stem))
                yield "\n</details>\n"


class Keras(FromData):
    """The tables under the headings "From Keras to PyTorch" of all lessons."""

    def text(self):
        """Yield the tables, each under a link to its unit."""
        for unit in units():
            for section in markdown(unit.slug, "lesson"):
                found = re.search(r"^#+ From Keras to PyTorch\n(.*)", section, re.M | re.S)
                rows = [line for line in found[1].splitlines() if line.startswith("|")] if found else []
                if rows:
                    yield f"## {unit.number} {unit.title}\n"
                    yield "\n".join(rows).replace("](../", "](").replace("](#", f"]({unit.slug}/lesson.ipynb#")
                    yield f"\nIn the lesson: [from Keras to PyTorch]({unit.slug}/lesson.ipynb#from-keras-to-pytorch).\n"


class UnitsTocTree(TocTree):
    """The hidden toctree of all units: a lesson, its exercises, the next lesson."""

    def run(self) -> list:
        """Return the toctree's nodes."""
        self.env.note_reread()
        pages = [f"{unit.slug}/{name}" for unit in units() for name in ("lesson", "exercises")[: 1 + bool(unit.tasks)]]
        self.content = StringList(pages, "units")
        self.options["hidden"] = True
        return super().run()


def _picture(part: dict) -> str:
    """Return the figure that parts.toml names, or the first one of the part while that unit is not built."""
    slug, words = part["picture"]
    slug, words = (slug, words) if any(unit.slug == slug for unit in part["units"]) else (part["units"][0].slug, "")
    found = [figure for figure in figures(slug) if figure[0].startswith(words)]
    if not found:
        logger.warning("parts.toml: unit %s has no figure whose alt text begins with %r", slug, words, type="course")
        return ""
    alt, source = found[0]
    return f'<p class="part-picture"><img alt="{html.escape(alt)}" src="{source}" class="dark-light"></p>\n'


def _card(unit: Unit) -> str:
    """Return a unit's entry in the map."""
    exercises = (
        f"[{len(unit.tasks)} exercises]({unit.slug}/exercises.ipynb): {unit.points} points, {unit.minutes} minutes"
    )
    lines = [
        f"[**{unit.number}** {unit.title}]({unit.slug}/lesson.ipynb)",
        f"{unit.what[0].upper()}{unit.what[1:]}".replace("](../", "]("),
        f"{{.meta}}\n  {unit.run_time} to run, {unit.study_time} to study{exercises}",
    ]
    if unit.measured:
        lines.append(f"{{.meta}}\n  Measured: {unit.measured['metric']}: **{_number(unit.measured['value'])}**")
    return "- " + "\n\n  ".join(lines)


def _number(value: float) -> str:
    """Return a number with the three digits that count; no line may break in it."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}".replace("-", "\N{NON-BREAKING HYPHEN}")


def _range(low: float, high: float) -> str:
    """Return two numbers as one entry of a table, in one line."""
    return f"{_number(low)} to {_number(high)}".replace(" ", GLUE)


def _readme_table(name: str, path: Path = README) -> str:
    """Return a table that `make bench` wrote into README.md or another text."""
    inside = path.read_text("utf-8").partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0]
    if not inside:
        logger.warning("%s has no table %r", path.name, name, type="course")
    return inside.strip()


def _title(stem: str) -> str:
    """Return the heading for a file of results: its unit's title where its name begins with a number."""
    unit = {unit.number: unit for unit in units()}.get(stem[:2])
    return f"{unit.number} {unit.title}" if unit else stem.replace("_", " ").capitalize()


def _tables(rows: list[dict]):
    """Yield a table for each kind of row: rows that have the same columns stand together."""
    for columns in dict.fromkeys(tuple(row) for row in rows):
        yield f"\n| {' | '.join(name.replace('_', ' ') for name in columns)} |\n|{'---|' * len(columns)}"
        for row in rows:
            if tuple(row) == columns:
                yield f"| {' | '.join(_cell(row[name]) for name in columns)} |"


def _cell(value) -> str:
    """Return a value of a result as a cell of a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_cell(inner)}" for name, inner in value.items())
    if isinstance(value, list) and len(value) > 1 and all(isinstance(entry, (int, float)) for entry in value):
        return f"{_number(mean(value))} ({_range(min(value), max(value))})"
    if isinstance(value, list):
        return ", ".join(_cell(entry) for entry in value)
    text = _number(value) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value or "")
    return text.replace("|", "\\|")


def setup(app) -> dict:
    """Register the directives."""
    app.add_directive("course-map", CourseMap)
    app.add_directive("units-toctree", UnitsTocTree)
    app.add_directive("measured", Measured)
    app.add_directive("keras-to-pytorch", Keras)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""What the site knows of each unit: read from its notebooks and from the measured tables, typed nowhere else."""

import html
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

COURSE = Path(__file__).parents[1]
RESULTS = COURSE.parent / "tests" / "bench" / "results"
TASK = re.compile(r"## (Task (\d+) · (.+))\n+\*(\d+) minutes · (\d+) points? · difficulty (.+?)\*")
FIGURE = re.compile(r'<img alt="([^"]*)" src="([^"]+)"')


@dataclass(frozen=True)
class Task:
    """One exercise, as its prompt's heading gives it."""

    name: str
    minutes: int
    points: int
    difficulty: str


@dataclass(frozen=True)
class Unit:
    """One unit: its two notebooks, and the row that was measured, if there is one yet."""

    slug: str
    title: str
    run_time: str
    study_time: str
    what: str
    tasks: tuple[Task, ...]
    measured: dict | None

    @property
    def number(self) -> str:
        """The two digits that the slug starts with."""
        return self.slug[:2]

    @property
    def points(self) -> int:
        """Points of all tasks together."""
        return sum(task.points for task in self.tasks)

    @property
    def minutes(self) -> int:
        """Minutes that all tasks together are meant to take."""
        return sum(task.minutes for task in self.tasks)


@cache
def units() -> tuple[Unit, ...]:
    """Return all units whose lesson is built, in order."""
    return tuple(_unit(path.parent.name) for path in sorted(COURSE.glob("[0-9][0-9]_*/lesson.ipynb")))


@cache
def parts() -> tuple[dict, ...]:
    """Return the parts of parts.toml, with their Unit objects in `units` instead of two numbers."""
    read = tomllib.loads((COURSE / "_sphinx" / "parts.toml").read_text("utf-8"))["part"]
    for part in read:
        first, last = part["units"]
        part["units"] = [unit for unit in units() if first <= int(unit.number) <= last]
    return tuple(read)


@cache
def results(name: str):
    """Return what `make bench` wrote to this file of its results folder."""
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))


def markdown(slug: str, notebook: str) -> list[str]:
    """Return the text of a notebook's cells of prose."""
    return ["".join(cell["source"]) for cell in _cells(slug, notebook) if cell["cell_type"] == "markdown"]


def figures(slug: str) -> list[tuple[str, str]]:
    """Return (alt text, data URI) of each figure of a lesson; of a slider or an animation, its first frame."""
    outputs = [output for cell in _cells(slug, "lesson") for output in cell.get("outputs", [])]
    shown = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    return [(html.unescape(alt), source) for page in shown for alt, source in FIGURE.findall(page)]


def _unit(slug: str) -> Unit:
    box = markdown(slug, "lesson")[0].replace("\n> ", " ")
    run_time, study_time = re.search(r"\*\*Time\*\*: (.+?) to run, (.+?) to study", box).groups()
    what = re.search(r"\*\*What you do\*\*: (.+)", box)[1]
    measured = {row["unit"]: row for row in results("lessons")}.get(slug)
    title = re.match(r"# (.+)", box)[1]
    return Unit(slug, title, run_time, study_time, what, _tasks(slug), measured)


def _tasks(slug: str) -> tuple[Task, ...]:
    if not (COURSE / slug / "exercises.ipynb").exists():
        return ()
    found = [TASK.match(text) for text in markdown(slug, "exercises")]
    return tuple(Task(hit[3], int(hit[4]), int(hit[5]), hit[6]) for hit in found if hit)


@cache
def _cells(slug: str, notebook: str) -> list[dict]:
    return json.loads((COURSE / slug / f"{notebook}.ipynb").read_text("utf-8"))["cells"]

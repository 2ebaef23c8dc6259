"""Text to notebooks: a unit's py:percent sources become the cells of its lesson and its exercises.

Short cell markers in `exercises.py` expand to nbgrader's metadata:

    # %% [markdown] prompt="relu" title="Bend the line" minutes=8 difficulty=2
    # %% task="relu"                       the learner's cell
    # %% checks="relu" points=2            the check cell
    # %% [markdown] answer="why_relu" points=2     a written answer, graded by hand
"""

import hashlib
import math
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

MARKERS = ("prompt", "task", "checks", "answer")
PANEL = "# How far you are: run this cell whenever you like.\ncheck.progress()"
SCHEMA_VERSION = 3  # of nbgrader's cell metadata


class TextError(ValueError):
    """A source text that cannot become a notebook: what is wrong, and where."""


def lesson_notebook(path: Path, run_seconds: float | None = None) -> NotebookNode:
    """Return the lesson in `path` (lesson.py) as a notebook without outputs.

    run_seconds: the measured run time that replaces {{run_time}} in the text; None if not measured yet.
    """
    notebook = _read(path)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("{{run_time}}", _rounded(run_seconds))
        cell.metadata = NotebookNode({"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {})
    _name_cells(notebook, path.parent.name)
    return notebook


def exercises_notebook(path: Path) -> NotebookNode:
    """Return the exercises in `path` (exercises.py) as nbgrader's source notebook, without outputs."""
    notebook = _read(path)
    points = _points(notebook, path)
    number = 0
    for cell in notebook.cells:
        marker = next((m for m in MARKERS if m in cell.metadata), None)
        if marker == "prompt":
            number += 1
            cell.source = _prompt_header(cell, number, points, path) + "\n\n" + cell.source
        cell.metadata = _nbgrader(marker, cell)
    has_checks = any(" as check" in cell.source for cell in notebook.cells)  # else they are the author's own asserts
    notebook.cells += [new_code_cell(PANEL)] if number and has_checks else []
    _name_cells(notebook, path.parent.name)
    return notebook


def code_digest(notebook: NotebookNode, modules: list[Path]) -> str:
    """Return a digest of all that can change a notebook's outputs: its code and the modules that it imports."""
    digest = hashlib.sha256()
    for text in [c.source for c in notebook.cells if c.cell_type == "code"] + [
        m.read_text("utf-8") for m in sorted(modules)
    ]:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()[:16]


def write(notebook: NotebookNode) -> str:
    """Return the notebook's file content: stable order, final newline."""
    return nbformat.writes(notebook) + "\n"


def _read(path: Path) -> NotebookNode:
    try:
        notebook = jupytext.reads(path.read_text("utf-8"), fmt="py:percent")
    except (SyntaxError, ValueError) as error:
        raise TextError(f"{path}: not readable as py:percent text: {error}") from error
    notebook.metadata = NotebookNode(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _rounded(seconds: float | None) -> str:
    return "not measured yet" if seconds is None else f"{max(10, 10 * math.ceil(seconds / 10))} seconds"


def _points(notebook: NotebookNode, path: Path) -> dict[str, tuple[float, bool]]:
    """Return {task: (points, graded by hand)}, and see that prompts, tasks and checks belong together."""
    found = {
        marker: [c.metadata[marker] for c in notebook.cells if marker in c.metadata] for marker in MARKERS
    }
    for marker, names in found.items():
        for name in {n for n in names if names.count(n) > 1}:
            raise TextError(f"{path}: {marker}={name!r} stands twice")
    if found["task"] != found["checks"]:
        raise TextError(f"{path}: tasks {found['task']} and checks {found['checks']} differ")
    if sorted(found["prompt"]) != sorted(found["task"] + found["answer"]):
        raise TextError(f"{path}: every task and answer needs one prompt; prompts are {found['prompt']}")
    points = {}
    for cell in notebook.cells:
        for marker in ("checks", "answer"):
            if marker in cell.metadata:
                if not isinstance(cell.metadata.get("points"), (int, float)):
                    raise TextError(f"{path}: {marker}={cell.metadata[marker]!r} needs points=…")
                points[cell.metadata[marker]] = (cell.metadata["points"], marker == "answer")
    return points


def _prompt_header(cell: NotebookNode, number: int, points: dict, path: Path) -> str:
    name = cell.metadata["prompt"]
    missing = [key for key in ("title", "minutes", "difficulty") if key not in cell.metadata]
    if missing:
        raise TextError(f"{path}: prompt={name!r} needs {missing[0]}=…")
    score, by_hand = points[name]
    difficulty = int(cell.metadata["difficulty"])
    facts = [
        f"{cell.metadata['minutes']} minutes",
        f"{score} point" + "s" * (score != 1),
        "difficulty " + "●" * difficulty + "○" * (3 - difficulty),
    ] + ["graded by hand"] * by_hand
    return f"## Task {number} · {cell.metadata['title']}\n\n*{' · '.join(facts)}*"


def _nbgrader(marker: str | None, cell: NotebookNode) -> NotebookNode:
    """Return the cell's metadata with its marker expanded to nbgrader's form."""
    metadata = {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}
    if marker is None:
        return NotebookNode(metadata)
    name = cell.metadata[marker]
    grade_id = {"prompt": f"prompt_{name}", "checks": f"check_{name}"}.get(marker, name)
    cell_kind = {
        "schema_version": SCHEMA_VERSION,
        "grade_id": grade_id,
        "task": False,
        "locked": marker in ("prompt", "checks"),
        "grade": marker in ("checks", "answer"),
        "solution": marker in ("task", "answer"),
    }
    if cell_kind["grade"]:
        cell_kind["points"] = cell.metadata["points"]
    return NotebookNode(metadata | {"nbgrader": cell_kind})


def _name_cells(notebook: NotebookNode, slug: str) -> None:
    """Give each cell an id made of the unit and its nbgrader name, or else its content: never of its position."""
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name is None:
            name = hashlib.sha256(f"{cell.cell_type}\0{cell.source}".encode()).hexdigest()[:12]
        seen[name] = seen.get(name, 0) + 1
        cell.id = f"{slug[:2]}-{name}" + (f"-{seen[name]}" if seen[name] > 1 else "")

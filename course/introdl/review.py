"""Spaced review: a notebook of tasks that were passed some time ago, with fresh cases.

A task comes back after days, then after twice as many, and so on; sooner where it was hard.
"""

import ast
import json
import os
from collections.abc import Iterable
from datetime import date
from itertools import count
from pathlib import Path

from introdl.journey import Trace, traces
from introdl.progress import REVIEW
from introdl.worksheets import EXERCISES, CourseError, create, grade_id, read_cells

TASKS = 3
FOLDER = "review"  # in work/, as deep as a unit, so that links in prompts hold
BEGIN = "from introdl import review\n\nreview.begin({seed})  # fresh cases for the checks below"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def begin(seed: int) -> None:
    """In a review's notebook: have the checks make cases of their own, and tell its verdicts apart.

    A task that fails in a review stays done in its unit.
    """
    os.environ["INTRODL_SEED"] = str(seed)
    os.environ[REVIEW] = "1"


def due(events: Iterable[dict], today: date) -> list[Trace]:
    """Return the tasks that were passed before today, the one that is most due first.

    events: as `introdl.progress.events` returns them, oldest first.
    """
    passed = [trace for trace in traces(events).values() if trace.days and max(trace.days) < today]
    return sorted(passed, key=lambda trace: (-_urgency(trace, today), trace.unit, trace.task))


def _urgency(trace: Trace, today: date) -> float:
    """Return the days since a task was passed as a share of its interval.

    The interval doubles with each day on which it passed, and is shorter where it was hard.
    """
    hard = 1 + trace.fails / 3 + trace.hints / 3 + 2 * trace.solution + 3 * (trace.last == "fail")
    return (today - max(trace.days)).days * hard / 2 ** len(trace.days)


def write(root: Path, events: Iterable[dict], today: date) -> tuple[Path, list[Trace]]:
    """Write work/review/DATE.ipynb with the tasks that are most due; return it and those tasks.

    A file that is there is never touched: the next one gets a number. Raises CourseError where nothing is due.
    """
    picked, cells = [], [_markdown(f"# Review of {today}"), _code(BEGIN.format(seed=f"{today:%Y%m%d}"))]
    for trace in due(events, today):
        try:
            cells += task_cells(root, trace.unit, trace.task)
        except (CourseError, OSError):  # the course has it no longer, or the learner's notebook is gone
            continue
        picked.append(trace)
        if len(picked) == TASKS:
            break
    if not picked:
        raise CourseError("nothing to review yet: tasks come back from the day after you passed them")
    for number, cell in enumerate(cells):
        cell["id"] = f"review-{number}"
    notebook = {"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    folder = root / "work" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    names = (folder / f"{today}{f'-{number}' * (number > 1)}.ipynb" for number in count(1))
    return next(path for path in names if create(path, json.dumps(notebook, indent=1).encode())), picked


def task_cells(root: Path, slug: str, task: str) -> list[dict]:
    """Return the cells of one task: its prompt, what it needs, its stub, its check.

    What it needs are given cells and, where the learner's answer built on them, the learner's earlier answers.
    Raises CourseError and OSError where a notebook is missing, unreadable or without the task.
    """
    released = read_cells(root / "course" / slug / EXERCISES)
    own = {grade_id(cell): cell["source"] for cell in read_cells(root / "work" / slug / EXERCISES)}
    names = [grade_id(cell) for cell in released]
    if not {task, f"check_{task}"} <= set(names) or task not in own:
        raise CourseError(f"{slug} has no task {task} (any more)")
    stub, check = (released[names.index(name)] for name in (task, f"check_{task}"))
    prompts = [cell["source"] for cell in released if grade_id(cell) == f"prompt_{task}"]  # an own unit may have none
    prompt = "".join(prompts) or f"## Task: {task}"
    sources = [
        own.get(grade_id(cell), "") if grade_id(cell) else cell["source"]
        for cell in released[: names.index(f"check_{task}")]
        if cell["cell_type"] == "code" and grade_id(cell) != task and not grade_id(cell).startswith("check_")
    ]
    needed = what_it_needs("\n".join([stub["source"], own[task], check["source"]]), sources)
    return [
        _markdown(prompt.replace("## Task", f"## Unit {slug[:2]}, task", 1)),
        _code("\n\n".join(["# Given, with answers of yours that this task builds on.", *needed])),
        _code(stub["source"]),
        _code(f"from introdl.checks import {slug[3:]} as check\n\n{check['source']}"),
    ]


def what_it_needs(source: str, others: list[str]) -> list[str]:
    """Return those of the other sources that bind a name which `source` reads, or one that these read, in order."""
    found: list[str] = []
    names = _read(source)
    while more := [other for other in others if other not in found and _bound(other) & names]:
        found += more
        names |= set().union(*map(_read, more))
    return [other for other in others if other in found]


def _read(source: str) -> set[str]:
    return {node.id for node in ast.walk(_tree(source)) if isinstance(node, ast.Name)}


def _bound(source: str) -> set[str]:
    """Return the names that a cell binds at its top level."""
    found: set[str] = set()
    for statement in _tree(source).body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(statement.name)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
        else:
            found |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found


def _tree(source: str) -> ast.Module:
    """Return a cell's syntax tree, an empty one for what is not plain Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def _markdown(source: str) -> dict:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str) -> dict:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source}

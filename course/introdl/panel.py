"""A small panel at the end of a worksheet: what is done there, what comes next, what is worth another look."""

import html
from dataclasses import dataclass
from pathlib import Path

from introdl import progress, worksheets
from introdl.journey import Trace, advice, journey, revisit, traces

ELSEWHERE = "Here you see how far you are, once you work on your own copy: introdl start"
LEFT = 'style="text-align:left"'  # JupyterLab's own tables are for numbers
MARKS = {"pass": "✓ right", "fail": "✗ not yet", "": "· to do"}


@dataclass
class Panel:
    """What a panel says: its title, a row for each task, and sentences. A notebook shows it as a table."""

    title: str
    rows: list[tuple[str, ...]]  # mark, task, points, what it took
    sentences: list[str]

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in self.rows]
        return "\n".join([self.title, *(line.rstrip() for line in lines), *self.sentences])

    def _repr_html_(self) -> str:
        cells = [[f"<td {LEFT}>{html.escape(text)}</td>" for text in row] for row in self.rows]
        rows = "".join(f"<tr>{''.join(row)}</tr>" for row in cells)
        heads = "".join(f'<th scope="col" {LEFT}>{head}</th>' for head in ("", "task", "points", ""))
        said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.sentences)
        return f"<table><caption {LEFT}>{html.escape(self.title)}</caption><tr>{heads}</tr>{rows}</table>{said}"


def panel(slug: str, folder: Path | None = None) -> Panel | None:
    """Return a unit's panel for the learner whose `work` folder this is; None outside of one.

    folder: None means the one that the working folder lies in. Raises OSError and CourseError.
    """
    folder = folder or progress.work_folder()
    if folder is None:
        return None
    root, events = folder.parent, progress.events(folder)
    course = {unit: worksheets.tasks(unit, root) for unit in worksheets.units(root)}
    points, done = course.get(slug, {}), traces(events)
    found = {task: done.get((slug, task), Trace(slug, task)) for task in points}
    passed = [task for task in points if found[task].state == "pass"]
    earned = sum(points[task] for task in passed)
    title = f"Unit {slug[:2]}: {len(passed)} of {len(points)} tasks, {earned:g} of {sum(points.values()):g} points"
    rows = [_row(trace, points[task]) for task, trace in found.items()]
    left = [task for task in points if task not in passed]
    following = f"Next here: {left[0]}." if left else advice(journey(course, events))
    again = [f"{trace.task} of unit {trace.unit[:2]} ({trace.doubt()})" for trace in revisit(course, events)]
    looks = [f"Worth another look: {'; '.join(again)}. A notebook with such tasks: introdl review"] if again else []
    return Panel(title, rows, [following, *looks])


def _row(trace: Trace, points: float) -> tuple[str, ...]:
    took = [f"{trace.fails} failed"] * bool(trace.fails) + [f"{trace.hints} hints"] * bool(trace.hints)
    took += ["solution opened"] * trace.solution
    earned = points if trace.state == "pass" else 0
    return MARKS[trace.state], trace.task, f"{earned:g} of {points:g}", ", ".join(took)

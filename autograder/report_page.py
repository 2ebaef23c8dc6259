"""The report as one page: plots inside, light and dark, and nothing asked of the network."""

import io
from html import escape

from autograder.report import HINT_COLUMNS, OUTCOMES, TaskFigures, UnitFigures
from autograder.similar import Pair

INK = "#010203"  # stands for the page's own text colour in a plot
COLOURS = {"right": "#0072b2", "partly": "#56b4e9", "wrong": "#d55e00", "not attempted": "#999999"}
CAUTION = (
    "Two people can write the same by themselves, most of all where a task is short or was explained in class. Code "
    "that more than a tenth of the class wrote is left out, but this list says no more than: look at these two. Read "
    "both, ask both, and let nobody be judged by a number."
)
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: auto; padding: 1rem;
  background: light-dark(#fff, #16181c); color: light-dark(#1c1c1c, #e6e6e6); }}
table {{ border-collapse: collapse; }} td, th {{ padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; }}
.wide {{ overflow-x: auto; }} svg {{ max-width: 100%; height: auto; }}
.two {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }}
pre {{ overflow-x: auto; padding: .5rem; border: 1px solid; margin: 0; }}
</style></head><body>
"""


def page(name: str, units: list[UnitFigures]) -> str:
    """Return the page of a class's units. All texts of students are escaped; scripts are forbidden by the page."""
    title = f"Report on {name}"
    parts = [HEAD.format(title=escape(title)), f"<h1>{escape(title)}</h1>"]
    for unit in units:
        parts += [f"<h2>{escape(unit.unit)}</h2>", _summary(unit), _plot(_draw_tasks, unit), _plot(_draw_scores, unit)]
        parts += [_mistakes(unit.tasks), _hints(unit), _marks(unit), _pairs(unit)]
    return "\n".join(parts) + "\n</body></html>\n"


def _summary(unit: UnitFigures) -> str:
    there = [mark for mark in unit.marks if not mark.missing]
    late, missing = sum(mark.late_days > 0 for mark in there), len(unit.marks) - len(there)
    waits = sum(mark.waits for mark in there)
    ungraded = f" Not graded: {', '.join(map(escape, unit.ungraded))}." if unit.ungraded else ""
    return (
        f"<p>{len(there)} handed in, {late} of them late; {missing} handed in nothing. {waits} wait for a person. "
        f"Running and judging took {unit.typical_seconds:.2g} s each (median).{ungraded}</p>"
    )


def _mistakes(tasks: list[TaskFigures]) -> str:
    rows = [
        f"<tr><td>{escape(task.name)}</td><td>{count}</td><td>{'known' if text in task.named else ''}</td>"
        f"<td>{escape(text)}</td></tr>"
        for task in tasks
        for text, count in task.told.most_common()
    ]
    return _table("What the wrong answers were told", ("task", "students", "mistake", "sentence"), rows)


def _hints(unit: UnitFigures) -> str:
    rows = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in unit.hint_rows()]
    return _table("Hints opened, by those who share their progress", HINT_COLUMNS, rows)


def _marks(unit: UnitFigures) -> str:
    rows = [
        f"<tr><td>{escape(mark.student)}</td><td>{mark.raw:g}</td><td>{mark.late_days or ''}</td>"
        f"<td>{f'{mark.penalty:g}' if mark.penalty else ''}</td><td>{mark.score:g} of {mark.most:g}</td>"
        f"<td>{'missing' if mark.missing else 'dropped' if mark.dropped else ''}</td></tr>"
        for mark in unit.marks
    ]
    return _table("Marks", ("student", "points", "days late", "penalty", "score", ""), rows)


def _table(title: str, columns: tuple[str, ...], rows: list[str]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{name}</th>" for name in columns)
    return f'<h3>{title}</h3><div class="wide"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def _pairs(unit: UnitFigures) -> str:
    if not unit.pairs:
        return "<p>No two submissions share unusual code.</p>"
    return f"<h3>Pairs to look at</h3><p>{CAUTION}</p>" + "".join(_pair(unit, pair) for pair in unit.pairs)


def _pair(unit: UnitFigures, pair: Pair) -> str:
    title = f"{pair.first} and {pair.second}: {pair.shared} % of their unusual code, in {', '.join(pair.tasks)}"
    shown = [
        f'<div class="two">{_code(unit, pair.first, task)}{_code(unit, pair.second, task)}</div>' for task in pair.tasks
    ]
    return f"<details><summary>{escape(title)}</summary>{''.join(shown)}</details>"


def _code(unit: UnitFigures, student: str, task: str) -> str:
    return f"<div><p>{escape(student)}</p><pre>{escape(unit.codes[student].get(task, ''))}</pre></div>"


def _plot(draw, unit: UnitFigures) -> str:
    """Return a plot as SVG, in the page's own colours; its description is read out."""
    import matplotlib
    from matplotlib.figure import Figure

    ink = dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK)
    with matplotlib.rc_context(ink | {"svg.fonttype": "none", "svg.hashsalt": unit.unit, "font.family": "sans-serif"}):
        figure, file = Figure(figsize=(8, 3.2), layout="constrained"), io.StringIO()
        said = draw(figure.subplots(), unit)
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    svg = file.getvalue()[file.getvalue().index("<svg") :].replace(INK, "currentColor")
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(said)}"', 1)


def _draw_tasks(ax, unit: UnitFigures) -> str:
    names, left = [task.name for task in unit.tasks], [0] * len(unit.tasks)
    for outcome in OUTCOMES:
        counts = [task.outcomes[outcome] for task in unit.tasks]
        ax.barh(names, counts, left=left, color=COLOURS[outcome], label=outcome)
        left = [before + count for before, count in zip(left, counts, strict=True)]
    ax.invert_yaxis()
    ax.set(xlabel="students", title="Outcomes of each task")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    rates = ", ".join(f"{task.name} {task.pass_rate:.0f} %" for task in unit.tasks)
    return f"Bars of each task's outcomes. Right, of those who tried: {rates}."


def _draw_scores(ax, unit: UnitFigures) -> str:
    most = max((mark.most for mark in unit.marks), default=0) or 1
    scores = [mark.score for mark in unit.marks if not mark.missing]
    counts, _, _ = ax.hist(scores, bins=10, range=(0, most), color=COLOURS["right"])
    ax.set(xlabel=f"score, of {most:g}", ylabel="students", title="Scores, with penalties")
    many = ", ".join(f"{count:.0f}" for count in counts)
    return f"Histogram of scores in ten bins from 0 to {most:g}: {many} students."

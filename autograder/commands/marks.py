"""The commands that tell of a class's marks: export, report."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.shared import HERE, Where, complain, released
from autograder.terminal import printable, show_table


def export(
    where: Where = HERE,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Else grades.csv, grades-2.csv … in the class's folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE.csv.")] = False,
    kind: Annotated[
        str, typer.Option("--for", metavar="nbgrader|totals|canvas|moodle", help="Who reads it.")
    ] = "nbgrader",
    roster: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="What Canvas or Moodle exported: its columns are filled in.")
    ] = None,
    unit: Annotated[str | None, typer.Option(metavar="UNIT", help="Only this unit.")] = None,
):
    """Write all marks of the class as a CSV file, with late penalties and dropped units as in autograder.toml."""
    from autograder.course import open_class
    from autograder.export import KINDS, export_class

    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r} is not one of {', '.join(KINDS)}", param_hint="--for")
    room = open_class(where)
    slug = unit and released(room, unit)
    path, marks, lacking = export_class(room, to, force, kind, roster, slug)
    print(f"{path} is written")
    if waiting := sum(mark.waits for mark in marks):
        print(f"{waiting} submissions have answers that a person has still to grade: they count 0 for now")
    if lacking:
        return complain(f"not in the roster, so not in the file: {', '.join(sorted(lacking))}")
    return 0


def report(
    unit: Annotated[str | None, typer.Argument(metavar="[UNIT]", help="Only this unit.")] = None,
    where: Where = HERE,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Else report.html, report-2.html … in the class's folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE.html.")] = False,
):
    """Show what the class got right and wrong, the mistakes by name, and pairs that look alike; write a page of it."""
    from autograder.course import open_class
    from autograder.report import HINT_COLUMNS, write_report

    room = open_class(where)
    path, units = write_report(room, [released(room, unit)] if unit else room.units(), to, force)
    for found in units:
        print(found.unit)
        show_table(("task", "right of those who tried", "not attempted", "most frequent mistake"), found.rows())
        if hints := found.hint_rows():
            show_table(HINT_COLUMNS, hints)
        for pair in found.pairs:
            print(printable(f"look at {pair.first} and {pair.second}: alike in {', '.join(pair.tasks)}"))
    print(f"{path} has the plots, all mistakes, and the pairs side by side")

"""The commands that make a class and bring work into it and out: init, release, collect, formgrader."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.shared import HERE, Unit, Verbose, Where, released, show_log
from autograder.terminal import show_table
from autograder.units import course_units, find_unit


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    gradebook: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="An empty database, as postgresql://USER@HOST/NAME; else a file in the class's folder."
        ),
    ] = None,
):
    """Make a class: its folders, gradebook, nbgrader configuration and secret seed."""
    from autograder.new_class import create_class

    room = create_class(folder, gradebook=gradebook)
    print(f"{room.root} is a class now. Next: autograder release 1 --class {folder}")


def release(
    unit: Unit,
    where: Where = HERE,
    verbose: Verbose = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what source/ has.")] = False,
):
    """Make the students' version of a unit, release/UNIT/exercises.ipynb, without solutions.

    UNIT is one of the course's, or one of your own in the class's folder source/.
    """
    from autograder.course import open_class
    from autograder.release import release_to_class

    show_log(verbose)
    room = open_class(where)
    slug = find_unit(unit, [*course_units(), *room.own_units()], "the course")
    print(f"{release_to_class(room, slug, force)} is what the students get")


def collect(
    unit: Unit,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A .zip or a folder.")],
    where: Where = HERE,
    kind: Annotated[
        str | None,
        typer.Option("--from", metavar="canvas|moodle|exchange|folder", help="Else it is seen from the names."),
    ] = None,
):
    """Bring what students handed in to submitted/STUDENT/UNIT; the latest counts, every earlier one is kept.

    SOURCE is a download from Canvas or Moodle, nbgrader's exchange, or a folder with STUDENT.ipynb or
    STUDENT/exercises.ipynb. Nothing in it is run or unpacked.
    """
    from autograder.collect import REFUSED
    from autograder.collect import collect as collect_from
    from autograder.course import open_class

    if kind not in (None, "canvas", "moodle", "exchange", "folder"):
        raise typer.BadParameter(f"{kind!r} is not canvas, moodle, exchange or folder", param_hint="--from")
    room = open_class(where)
    found = collect_from(room, released(room, unit), source, kind)
    rows = [(one.student, one.state, "late" if one.late else "", one.note) for one in found]
    show_table(("student", "", "late", "note"), rows)
    bad = sum(one.state == REFUSED for one in found)
    print(f"{len(found) - bad} collected, {bad} not")
    return int(bool(bad))


def formgrader(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="As --class.")] = None,
    where: Where = HERE,
    port: Annotated[int, typer.Option(help="The first port to try.")] = 8888,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
):
    """Start JupyterLab in a class; its menu Nbgrader has formgrader, for what a person grades."""
    from autograder.course import open_class

    room = open_class(folder or where)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={room.root}",
        f"--ServerApp.port={port}",
        *([] if browser else ["--no-browser"]),
    ]
    with room.environment():
        return subprocess.run(command, cwd=room.root).returncode

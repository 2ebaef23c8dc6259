"""What the commands share: the options that several have, and finding a unit and its students."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder import AutograderError
from autograder.terminal import printable
from autograder.units import find_unit

Where = Annotated[Path, typer.Option("--class", metavar="DIR", help="The class's folder.")]
Unit = Annotated[str, typer.Argument(metavar="UNIT", help="A unit: 3, 03, backprop or 03_backprop.")]
Student = Annotated[str | None, typer.Option(metavar="NAME", help="Only this student.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show nbgrader's log.")]
HERE = Path(".")


def released(room, unit: str) -> str:
    """Return the slug of a unit that the class has; raises AutograderError."""
    slugs = room.units()
    if not slugs:
        raise AutograderError(f"{room.root} has no unit yet; first: autograder release {unit}")
    return find_unit(unit, slugs, f"{room.root}/release")


def students_of(room, step: str, slug: str, student: str | None) -> list[str]:
    """Return the students to go through; raises AutograderError if there is none."""
    students = [name for name in room.students(step, slug) if student in (None, name)]
    if not students:
        raise AutograderError(f"nothing to do: there is no {room.folder(step, slug, student or '*')}")
    return students


def show_log(verbose: bool) -> None:
    """Send nbgrader's log to the terminal where asked for, and nowhere else."""
    from autograder.convert import LOG

    if verbose:
        LOG.addHandler(logging.StreamHandler())
        LOG.setLevel(logging.INFO)
    else:
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # traces of interrupted kernels


def complain(text: str, code: int = 1) -> int:
    """Print a line on what went wrong; return the exit code."""
    print(printable(text), file=sys.stderr)
    return code

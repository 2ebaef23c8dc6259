"""The command `autograder`: one class in one folder.

nbgrader takes seconds to import, so each command imports what it needs, and `--help` is there at once.
"""

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder import AutograderError
from autograder.terminal import follow, printable, show_table
from autograder.units import UnknownUnit, course_units, find_unit

app = typer.Typer(
    help="Release the course's exercises to a class, grade them, write feedback, export marks.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Where = Annotated[Path, typer.Option("--class", metavar="DIR", help="The class's folder.")]
Unit = Annotated[str, typer.Argument(metavar="UNIT", help="A unit: 3, 03, backprop or 03_backprop.")]
Student = Annotated[str | None, typer.Option(metavar="NAME", help="Only this student.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show nbgrader's log.")]
HERE = Path(".")
JOBS = (os.cpu_count() or 1) + 1  # one more than cores: at times one waits for its check, or for the disk
INTERRUPTED = 130  # what typer makes of Ctrl-C


def main(argv: list[str] | None = None) -> None:
    """Run the command line and exit: 0 success, 1 failure, 2 wrong usage."""
    try:
        code = app(argv, prog_name="autograder", standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "autograder"
        code = _complain(f"{error.format_message()} (try: {command} --help)", 2)
    except UnknownUnit as error:
        code = _complain(str(error), 2)
    except AutograderError as error:
        code = _complain(str(error))
    except OSError as error:
        code = _complain(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "))
    if code == INTERRUPTED:
        _complain("interrupted; what was done by then is kept")
    sys.exit(code or 0)


@app.command(epilog="Example: autograder init ~/classes/autumn")
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]):
    """Make a class: its folders, gradebook, nbgrader configuration and secret seed."""
    from autograder.new_class import create_class

    room = create_class(folder)
    print(f"{room.root} is a class now. Next: autograder release 1 --class {folder}")


@app.command(epilog="Example: autograder release 03 --class ~/classes/autumn")
def release(
    unit: Unit,
    where: Where = HERE,
    verbose: Verbose = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what source/ has.")] = False,
):
    """Make the students' version of a unit, release/UNIT/exercises.ipynb, without solutions."""
    from autograder.course import open_class, release_to_class

    _log(verbose)
    room = open_class(where)
    slug = find_unit(unit, course_units(), "the course")
    print(f"{release_to_class(room, slug, force)} is what the students get")


@app.command(epilog="Example: autograder collect 03 all.zip --class ~/classes/autumn")
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
    found = collect_from(room, _released(room, unit), source, kind)
    rows = [(one.student, one.state, "late" if one.late else "", one.note) for one in found]
    show_table(("student", "", "late", "note"), rows)
    bad = sum(one.state == REFUSED for one in found)
    print(f"{len(found) - bad} collected, {bad} not")
    return int(bool(bad))


@app.command(epilog="Example: autograder grade 03 --jobs 4 --time 120 --class ~/classes/autumn")
def grade(
    unit: Unit,
    student: Student = None,
    where: Where = HERE,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Submissions at a time.")] = JOBS,
    seconds: Annotated[float, typer.Option("--time", min=1, help="Seconds that one cell or check may take.")] = 60,
    memory: Annotated[
        int,
        typer.Option(
            min=64,
            help="MB that a submission may add to what the libraries take. All jobs together should fit in memory.",
        ),
    ] = 2048,
    output: Annotated[int, typer.Option(min=1, help="kB of text and pictures kept of one cell.")] = 1024,
    sandbox: Annotated[
        str,
        typer.Option(
            metavar="bwrap|none",
            help="How student code is shut in: bwrap keeps your files and the network out of its reach; none does not.",
        ),
    ] = "bwrap",
    anew: Annotated[bool, typer.Option("--anew", help="Run also what has not changed since it was graded.")] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="tcp://HOST:PORT", help="Grade on the workers of this dask scheduler, not here."),
    ] = None,
):
    """Grade submitted/STUDENT/UNIT/exercises.ipynb of each student into nbgrader's gradebook.

    The students' code runs in processes of its own, within the limits below, and has no say in its score. A run that
    was stopped goes on where it was.
    """
    from autograder.course import open_class
    from autograder.engine.limits import Limits
    from autograder.grade import Options, grade_class

    if sandbox not in ("bwrap", "none"):
        raise typer.BadParameter(f"{sandbox!r} is not bwrap or none", param_hint="--sandbox")
    room = open_class(where)
    slug = _released(room, unit)
    students = _students(room, "submitted", slug, student)
    options = Options(jobs, Limits(seconds, memory, output), sandbox, anew, scheduler)
    results = follow(f"grading {slug}", len(students), grade_class(room, slug, students, options), _line)
    show_table(("student", "automatic points", "needs manual grading"), [_row(r) for r in sorted(results, key=_name)])
    unfit = sorted({name for result in results for name in result.unfit})
    if unfit:
        _complain(
            f"not judged: {', '.join(unfit)}. Your own solution does not pass there. If it is right, the check needs "
            f"the student's own objects: allow that in autograder.toml, under [in_process], with {slug} = {unfit}"
        )
    return int(bool(unfit) or any(result.problem for result in results))


@app.command(epilog="Example: autograder doctor")
def doctor():
    """Find out what this computer can keep student code from, by trying each; 0 if all that is needed."""
    from autograder.engine import sandbox
    from autograder.engine.doctor import examine
    from autograder.engine.grading import NO_SANDBOX

    if why := sandbox.problem():
        return _complain(NO_SANDBOX.format(why=why))
    layers = examine()
    rows = [(one.name, one.keeps, "yes" if one.holds else "NO" if one.needed else "no; root can") for one in layers]
    show_table(("layer", "student code gets", "held"), rows)
    return int(not layers or not all(one.holds for one in layers if one.needed))


@app.command(epilog="Example: autograder feedback 03 --class ~/classes/autumn")
def feedback(unit: Unit, student: Student = None, where: Where = HERE, verbose: Verbose = False):
    """Write a page for each graded student: feedback/STUDENT/UNIT/exercises.html."""
    from autograder.course import open_class
    from autograder.feedback import write_feedback

    _log(verbose)
    room = open_class(where)
    slug = _released(room, unit)
    with room.gradebook() as gradebook:
        room.must_know(slug, [assignment.name for assignment in gradebook.assignments])
    students = _students(room, "autograded", slug, student)
    made = ((name, write_feedback(room, slug, name)) for name in students)
    problems = follow(f"feedback {slug}", len(students), made, lambda found: found[1] and f"{found[0]}: {found[1]}")
    written = sum(problem is None for _, problem in problems)
    print(f"{written} of {len(students)} written: {room.folder('feedback', slug, '*')}")
    return int(written < len(students))


@app.command(epilog="Example: autograder export --to marks.csv --class ~/classes/autumn")
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
    slug = unit and _released(room, unit)
    path, marks, lacking = export_class(room, to, force, kind, roster, slug)
    print(f"{path} is written")
    if waiting := sum(mark.waits for mark in marks):
        print(f"{waiting} submissions have answers that a person has still to grade: they count 0 for now")
    if lacking:
        return _complain(f"not in the roster, so not in the file: {', '.join(sorted(lacking))}")
    return 0


@app.command(epilog="Example: autograder report 03 --class ~/classes/autumn")
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
    from autograder.report import write_report

    room = open_class(where)
    path, units = write_report(room, [_released(room, unit)] if unit else room.units(), to, force)
    for found in units:
        print(found.unit)
        show_table(("task", "right of those who tried", "not attempted", "most frequent mistake"), found.rows())
        for pair in found.pairs:
            print(printable(f"look at {pair.first} and {pair.second}: alike in {', '.join(pair.tasks)}"))
    print(f"{path} has the plots, all mistakes, and the pairs side by side")


@app.command(epilog="Example: autograder formgrader ~/classes/autumn")
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


def _released(room, unit: str) -> str:
    """Return the slug of a unit that the class has; raises AutograderError."""
    slugs = room.units()
    if not slugs:
        raise AutograderError(f"{room.root} has no unit yet; first: autograder release {unit}")
    return find_unit(unit, slugs, f"{room.root}/release")


def _students(room, step: str, slug: str, student: str | None) -> list[str]:
    """Return the students to go through; raises AutograderError if there is none."""
    students = [name for name in room.students(step, slug) if student in (None, name)]
    if not students:
        raise AutograderError(f"nothing to do: there is no {room.folder(step, slug, student or '*')}")
    return students


def _line(result) -> str | None:
    """Return what the instructor should read of a result at once."""
    return f"{result.student}: {result.problem}" if result.problem else None


def _name(result) -> str:
    return result.student


def _row(result) -> tuple[str, str, str]:
    if result.problem:
        return result.student, "not graded", ""
    points, most = result.points
    return result.student, f"{points:g} of {most:g}", f"{result.manual or 'no'}"


def _log(verbose: bool) -> None:
    """Send nbgrader's log to the terminal where asked for, and nowhere else."""
    from autograder.convert import LOG

    if verbose:
        LOG.addHandler(logging.StreamHandler())
        LOG.setLevel(logging.INFO)
    else:
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # traces of interrupted kernels


def _complain(text: str, code: int = 1) -> int:
    print(printable(text), file=sys.stderr)
    return code

"""The command `introdl`: a learner's copies of the units, their checks, and the map of progress.

Jupyter takes a second to import, so each command imports what it needs, and `--help` is there at once.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from introdl import worksheets
from introdl.worksheets import EXERCISES, LESSON, CourseError, UnknownUnit, find_unit

ROOT = worksheets.ROOT
SETTINGS = Path(__file__).with_name("jupyterlab")  # no questions about news, and links to .md open rendered
app = typer.Typer(
    help="Work through the course: start a unit, check your answers, see how far you are.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

A_UNIT = typer.Argument(metavar="UNIT", help="A unit: 3, 03, backprop or 03_backprop.")
Unit = Annotated[str, A_UNIT]
UnitOrNone = Annotated[str | None, A_UNIT]
Every = Annotated[bool, typer.Option("--all", help="All units.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="If it is taken, the next free one.")]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Open it, or print the address only.")]


def main(argv: list[str] | None = None) -> None:
    """Run the command line and exit: 0 success, 1 failure, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal without ✓ shows ?
    try:
        code = app(argv, prog_name="introdl", standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "introdl"
        code = _complain(f"{error.format_message()} (try: {command} --help)", 2)
    except UnknownUnit as error:
        code = _complain(str(error), 2)
    except CourseError as error:
        code = _complain(str(error))
    except OSError as error:
        code = _complain(f"{error.filename or 'the system says'}: {error.strerror or error}")
    except (KeyboardInterrupt, typer.Abort):
        code = _complain("stopped", 130)
    sys.exit(code or 0)


@app.command(epilog="Example: introdl start 03")
def start(unit: UnitOrNone = None, every: Every = False):
    """Copy a unit's lesson and exercises into work/.

    A file that is there already stays as it is.
    """
    if (unit is not None) == every:
        return _complain("say which unit (introdl start 03) or all of them (introdl start --all)", 2)
    made = worksheets.start_all(ROOT) if every else worksheets.start(find_unit(unit, ROOT), ROOT)
    worksheets.trust(made)
    for path in made:
        print(path.relative_to(ROOT))
    print("Copied; they are yours to change." if made else "All is in work/ already; nothing was changed.")
    return 0


@app.command(epilog="Example: introdl check 03")
def check(unit: Unit):
    """Run your exercises and say what each check says.

    They run in a fresh kernel, from top to bottom. Your notebook is not changed.
    """
    from rich.console import Console

    from introdl import marking

    slug = find_unit(unit, ROOT)
    with Console(stderr=True).status(f"running work/{slug}/{EXERCISES}"):
        verdicts = marking.check(slug, ROOT)
    for verdict in verdicts:
        print(verdict.message)
    passed = sum(verdict.passed for verdict in verdicts)
    print(f"\n{slug}: {passed} of {len(verdicts)} checks pass")
    return 0 if passed == len(verdicts) else 1


@app.command(epilog="Example: introdl progress")
def progress():
    """Show the map of units: done, started, next.

    With the points of the checks that passed when they last ran, and the hints that you opened.
    """
    from introdl import progress as kept
    from introdl.journey import advice, journey

    course = {slug: worksheets.tasks(slug, ROOT) for slug in worksheets.units(ROOT)}
    stations = journey(course, kept.events(ROOT / "work"))
    _show(stations)
    print(advice(stations))
    print("Points are for checks. You judge a written answer: check.model_answer(NAME) in the notebook.")


@app.command(epilog="Example: introdl update")
def update(
    merge: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Merge this unit's notebooks with the newer ones.")
    ] = None,
    pull: Annotated[bool, typer.Option("--pull/--no-pull", help="Bring the newer course by git, or do not.")] = True,
):
    """Bring the newer course, and say what it means for your copies.

    Those that you have not changed become the newer ones; the others stay, until you ask for a merge. It takes your
    answers, changed cells and added cells over, and keeps the old notebook beside the new one.
    """
    from introdl import update as newer

    if merge is not None:
        news = newer.merge(find_unit(merge, ROOT), ROOT)
        worksheets.trust(found.path for found in news)
        nothing = "There is nothing to merge; nothing was changed."
    else:
        before = set(worksheets.units(ROOT))
        if pull and newer.pull(ROOT):
            print("The environment has changed: make setup")
        for slug in sorted(set(worksheets.units(ROOT)) - before):
            print(f"{slug} is new: introdl start {slug[:2]}")
        news = newer.refresh(ROOT)
        worksheets.trust(worksheets.untouched(ROOT))
        nothing = "Your copies are as new as the course."
    for found in news:
        print(f"{found.path.relative_to(ROOT)}: {found.said}")
    print("If one is open in JupyterLab: File, Reload Notebook from Disk." if news else nothing)


@app.command(epilog="Example: introdl review")
def review():
    """Make a notebook of three tasks that you passed some days ago.

    With fresh cases. Those that were hard for you, or long ago, come first.
    """
    from datetime import date

    from introdl import progress as kept
    from introdl.review import write

    path, picked = write(ROOT, kept.events(ROOT / "work"), date.today())
    worksheets.trust([path])
    for trace in picked:
        since = (date.today() - max(trace.days)).days
        why = trace.doubt() or f"passed {since} day{'s' * (since != 1)} ago"
        print(f"unit {trace.unit[:2]}, {trace.task}: {why}")
    print(f"They are in {path.relative_to(ROOT)}.")


@app.command(epilog="Example: introdl reset 03")
def reset(unit: Unit):
    """Begin a unit's exercises again; keep the old ones.

    Your notebook stays beside the fresh one under a numbered name.
    """
    slug = find_unit(unit, ROOT)
    kept = worksheets.reset(slug, ROOT)
    if kept is None:
        print("Your exercises are as fresh as the course's; nothing was changed.")
    else:
        worksheets.trust([ROOT / "work" / slug / EXERCISES])
        print(f"work/{slug}/{EXERCISES} is fresh; your old one is {kept.name} beside it.")
        print("If it is open in JupyterLab: File, Reload Notebook from Disk.")


@app.command(epilog="Example: introdl lab --port 8890 --no-browser")
def lab(port: Port = 8888, browser: Browser = True):
    """Open JupyterLab in work/, at the first unit.

    What is not in work/ yet is copied before.
    """
    made = worksheets.start_all(ROOT)
    worksheets.trust(worksheets.untouched(ROOT))
    command = lab_command(ROOT, port, browser)
    print(f"Your copies are in {ROOT / 'work'} ({len(made)} new)", flush=True)
    become_jupyterlab(command, ROOT / "work")


def lab_command(root: Path, port: int, browser: bool) -> list[str]:
    """Return the command that opens JupyterLab in the learner's folder at the first unit there."""
    work = root / "work"
    first = next(iter(sorted(work.glob(f"[0-9][0-9]_*/{LESSON}"))), None)
    if first is None:
        raise CourseError(f"{root / 'course'} has no notebooks yet; make them with: make build")
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--port={port}",
        f"--ServerApp.root_dir={work}",
        f"--LabApp.default_url=/lab/tree/{first.relative_to(work).as_posix()}",
        f"--LabApp.app_settings_dir={SETTINGS}",
    ]
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0  # in a container, where Jupyter would refuse
    return command + ["--no-browser"] * (not browser) + ["--allow-root"] * as_root


def become_jupyterlab(command: list[str], folder: Path) -> None:
    """Replace this process by JupyterLab, with this Python's programs first on PATH.

    nbgrader, behind the Validate button, calls some of them by name.
    """
    programs = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
    os.chdir(folder)
    os.execv(command[0], command)


def _show(stations: list) -> None:
    """Print the map as a table."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    marks = {"done": "✓ done", "started": "… started", "next": "→ next", "": ""}
    table = Table("unit", "", "checks", "points", "hints", box=box.SIMPLE)
    for place in stations:
        counts = (f"{place.passed} of {place.tasks}", f"{place.points:g} of {place.most:g}", str(place.hints))
        table.add_row(place.slug, marks[place.state], *(counts if place.tasks else ("", "", "")))
    console = Console()
    console.print(table, soft_wrap=not console.is_terminal)


def _complain(text: str, code: int = 1) -> int:
    print(text, file=sys.stderr)
    return code

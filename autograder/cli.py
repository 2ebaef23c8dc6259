"""The command `autograder`: one class in one folder.

nbgrader takes seconds to import, so each command imports what it needs, and `--help` is there at once.
"""

import sys

import typer

from autograder import AutograderError
from autograder.commands.grading import doctor, feedback, grade
from autograder.commands.marks import export, report
from autograder.commands.of_class import collect, formgrader, init, release
from autograder.commands.shared import complain
from autograder.units import UnknownUnit

INTERRUPTED = 130  # what typer makes of Ctrl-C
EXAMPLES = {  # of each command, in the order in which help lists them
    init: "autograder init ~/classes/autumn",
    release: "autograder release 03 --class ~/classes/autumn",
    collect: "autograder collect 03 all.zip --class ~/classes/autumn",
    grade: "autograder grade 03 --jobs 4 --time 120 --class ~/classes/autumn",
    doctor: "autograder doctor",
    feedback: "autograder feedback 03 --class ~/classes/autumn",
    export: "autograder export --to marks.csv --class ~/classes/autumn",
    report: "autograder report 03 --class ~/classes/autumn",
    formgrader: "autograder formgrader ~/classes/autumn",
}

app = typer.Typer(
    help="Release the course's exercises to a class, grade them, write feedback, export marks.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command, example in EXAMPLES.items():
    app.command(epilog=f"Example: {example}")(command)


def main(argv: list[str] | None = None) -> None:
    """Run the command line and exit: 0 success, 1 failure, 2 wrong usage."""
    try:
        code = app(argv, prog_name="autograder", standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "autograder"
        code = complain(f"{error.format_message()} (try: {command} --help)", 2)
    except UnknownUnit as error:
        code = complain(str(error), 2)
    except AutograderError as error:
        code = complain(str(error))
    except OSError as error:
        code = complain(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "))
    if code == INTERRUPTED:
        complain("interrupted; what was done by then is kept")
    sys.exit(code or 0)

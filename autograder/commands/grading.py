"""The commands that grade: grade, doctor, feedback."""

import os
from typing import Annotated

import typer

from autograder.commands.shared import HERE, Student, Unit, Verbose, Where, complain, released, show_log, students_of
from autograder.terminal import follow, show_table

JOBS = (os.cpu_count() or 1) + 1  # one more than cores: at times one waits for its check, or for the disk


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
    from autograder.alone import alone
    from autograder.course import open_class
    from autograder.engine.limits import Limits
    from autograder.grade import Options, grade_class

    if sandbox not in ("bwrap", "none"):
        raise typer.BadParameter(f"{sandbox!r} is not bwrap or none", param_hint="--sandbox")
    room = open_class(where)
    slug = released(room, unit)
    students = students_of(room, "submitted", slug, student)
    options = Options(jobs, Limits(seconds, memory, output), sandbox, anew, scheduler)
    with alone(room, slug, lambda: complain(f"{slug} is being graded by another command here: waiting for it")):
        results = follow(f"grading {slug}", len(students), grade_class(room, slug, students, options), _line)
    show_table(("student", "automatic points", "needs manual grading"), [_row(r) for r in sorted(results, key=_name)])
    unfit = sorted({name for result in results for name in result.unfit})
    if unfit:
        complain(
            f"not judged: {', '.join(unfit)}. Your own solution does not pass there. If it is right, the check needs "
            f"the student's own objects: allow that in autograder.toml, under [in_process], with {slug} = {unfit}"
        )
    return int(bool(unfit) or any(result.problem for result in results))


def doctor():
    """Find out what this computer can keep student code from, by trying each; 0 if all that is needed."""
    from autograder.engine import sandbox
    from autograder.engine.doctor import examine
    from autograder.engine.grading import NO_SANDBOX

    if why := sandbox.problem():
        return complain(NO_SANDBOX.format(why=why))
    layers = examine()
    rows = [(one.name, one.keeps, "yes" if one.holds else "NO" if one.needed else "no; root can") for one in layers]
    show_table(("layer", "student code gets", "held"), rows)
    return int(not layers or not all(one.holds for one in layers if one.needed))


def feedback(unit: Unit, student: Student = None, where: Where = HERE, verbose: Verbose = False):
    """Write a page for each graded student: feedback/STUDENT/UNIT/exercises.html."""
    from autograder.course import open_class
    from autograder.feedback import write_feedback

    show_log(verbose)
    room = open_class(where)
    slug = released(room, unit)
    with room.gradebook() as gradebook:
        room.must_know(slug, [assignment.name for assignment in gradebook.assignments])
    students = students_of(room, "autograded", slug, student)
    made = ((name, write_feedback(room, slug, name)) for name in students)
    problems = follow(f"feedback {slug}", len(students), made, lambda found: found[1] and f"{found[0]}: {found[1]}")
    written = sum(problem is None for _, problem in problems)
    print(f"{written} of {len(students)} written: {room.folder('feedback', slug, '*')}")
    return int(written < len(students))


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

"""Grade a class: the engine runs several submissions at a time, one writer records them."""

import gc
import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import AutograderError
from autograder.course import Class
from autograder.engine.cluster import Cluster
from autograder.engine.grading import Grading
from autograder.engine.intake import Unreadable, read_file
from autograder.engine.limits import Limits
from autograder.engine.verdict import GRADER_FAULT, MANUAL, Report
from autograder.units import NOTEBOOK

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from autograder.engine.cache import Cache
    from autograder.engine.record import Record

Marks = dict[str, tuple[float | None, float]]  # task → (automatic points or None, most points)


@dataclass(frozen=True)
class Options:
    """How to grade: how many submissions at a time, what each may use, and how student code is shut in."""

    jobs: int = (os.cpu_count() or 1) + 1
    limits: Limits = field(default_factory=Limits)
    sandbox: str = "bwrap"
    anew: bool = False  # run also what was graded before and has not changed
    scheduler: str | None = None  # the address of a dask scheduler, whose workers grade instead of this machine


@dataclass(frozen=True)
class Result:
    """One submission: automatic marks by task, how many answers wait for a person, or a problem."""

    student: str
    marks: Marks = field(default_factory=dict)
    manual: int = 0
    problem: str | None = None
    notes: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()  # checks that cannot be judged as they are: a person looks at them

    @property
    def points(self) -> tuple[float, float]:
        """The sum of the automatic points, and the most that there are."""
        marks = self.marks.values()
        return sum(score or 0 for score, _ in marks), sum(most for _, most in marks)


def grade_class(room: Class, slug: str, students: list[str], options: Options | None = None) -> Iterator[Result]:
    """Grade these students' submissions of a unit and yield each result once it is in the gradebook.

    Earlier automatic marks are replaced or, where a submission cannot be graded, withdrawn: none is left standing as
    if it were new. Manual marks and comments stay. Never raises for what a student handed in.
    """
    options = options or Options()
    source, released = (room.folder(step, slug) / f"{NOTEBOOK}.ipynb" for step in ("source", "release"))
    for path in (source, released):
        if not path.is_file():
            raise AutograderError(f"{path} is missing; first: autograder release {slug}")
    paths = {student: room.folder("submitted", slug, student) / f"{NOTEBOOK}.ipynb" for student in students}
    start = partial(Cluster, options.scheduler) if options.scheduler else Grading
    told = source, room.seed, options.limits, options.jobs, options.sandbox, released, room.in_process(slug)
    with start(*told, own=room.own_mistakes(slug)) as grading, ThreadPoolExecutor(grading.jobs) as pool:
        pool.submit(grading.unfit)  # the instructor's own answers first: who comes next finds it done
        grading.expect(paths.values())
        from autograder.engine.cache import Cache  # its imports take a while: the engine is busy by then

        cache, left, running = Cache(room.root, slug, grading), list(students), {}

        def start_more() -> None:
            while left and len(running) < 2 * grading.jobs:  # what waits for the writer waits in memory
                student = left.pop(0)
                job = pool.submit(_report, student, paths[student], room.root, grading, cache, options.anew)
                running[job] = student

        start_more()
        try:
            with _recording(room, slug) as record:
                while running:
                    for done in wait(running, return_when=FIRST_COMPLETED).done:
                        yield _recorded(record, running.pop(done), done.result())
                        start_more()
        finally:
            for future in running:
                future.cancel()


def _recording(room: Class, slug: str) -> "AbstractContextManager[Record]":
    """Open the gradebook. Its imports take a while: the engine is busy by then."""
    from autograder.engine.record import recording

    gc.freeze()  # modules stay: no collection needs to look through them
    return recording(room, slug)


def _report(student: str, path: Path, root: Path, grading: Grading, cache: "Cache", anew: bool) -> Report | None:
    """Return the report of a student's submission, kept or made now; None where there is no notebook."""
    try:
        rebuilt = grading.rebuilt(read_file(path, root, grading.limits))
    except FileNotFoundError:
        return None
    except Unreadable as error:
        return grading.unreadable(str(error))
    except OSError as error:
        return grading.unreadable(f"The file cannot be read: {error.strerror}.")
    key = cache.key(rebuilt)
    report = None if anew else cache.find(student, key)
    if report is None:
        report = grading.grade_rebuilt(rebuilt)
        cache.keep(student, key, report)
    return report


def _recorded(record: "Record", student: str, report: Report | None) -> Result:
    """Write a report to the gradebook and return what the instructor is told of it."""
    if report is None:
        record.withdraw(student)
        return Result(student, problem=f"submitted/{student}/{record.slug}/{NOTEBOOK}.ipynb is missing")
    from sqlalchemy.exc import DataError

    try:
        waiting = record.write(student, report)
    except DataError as error:  # a server has limits that a file has not
        reason = str(error.orig).splitlines()[0]
        return Result(student, problem=f"the gradebook does not take it: {reason}; is the student's name too long?")
    if report.problem:
        return Result(student, problem=f"submitted/{student}/{record.slug}/{NOTEBOOK}.ipynb: {report.problem}")
    marks = {
        name.removeprefix("check_"): (found.points, found.most)
        for name, found in report.verdicts.items()
        if found.state != MANUAL and name not in report.solutions
    }
    unfit = tuple(name for name, found in report.verdicts.items() if found.state == GRADER_FAULT)
    return Result(student, marks, waiting, notes=tuple(report.notes), unfit=unfit)

"""The processes that grade one unit: zygotes, a student process for each submission, referees that lead them.

A student process sees one submission. A referee runs no student code; where all checks of a unit are those of
`introdl.checks`, which leave nothing behind, it goes on to the next submission with what it has learned (its cases'
known mistakes, parsed cells). Where a notebook brings checks of its own, which may change any module, each submission
gets a new one.
"""

import contextlib
import json
import os
import signal
import socket
import threading
from multiprocessing.connection import Connection

from autograder import AutograderError
from autograder.engine.limits import Limits
from autograder.engine.memory import Group, remove_stale, sweep
from autograder.engine.unit import CHECKS
from autograder.engine.zygote import Zygote

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
PLOTS = "matplotlib.pyplot"
STUDENT, WITH_PLOTS, REFEREE = "student", "student with plots", "referee"
MOST_JOBS = 100  # of one referee: what leaks in spite of all does not add up
START_SECONDS = 30


class GradingError(AutograderError):
    """Grading cannot start here; the message says why and what to do."""


class Referee:
    """The grader's end of a referee process: jobs go there, reports come back."""

    def __init__(self, zygote: Zygote):
        self.socket, theirs = socket.socketpair()
        with theirs:
            zygote.fork(theirs)
        self.line = Connection(os.dup(self.socket.fileno()))
        self.pid, self.jobs = 0, 0

    def report(self, job: dict, wire: socket.socket, seconds: float) -> dict | None:
        """Hand over a job and the wire to the student process; return the report, None if it takes too long."""
        if not self.pid and self.line.poll(START_SECONDS):
            self.pid = int(self.line.recv_bytes())
        self.jobs += 1
        socket.send_fds(self.socket, [b"w"], [wire.fileno()])
        self.line.send_bytes(json.dumps(job).encode())
        return json.loads(self.line.recv_bytes()) if self.line.poll(seconds) else None

    def close(self) -> None:
        """End the process."""
        self.line.close()
        self.socket.close()
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


class Student:
    """The grader's end of a student process: it waits at its wire for a referee, until its lifeline ends."""

    def __init__(self, zygote: Zygote, limits: Limits):
        self.group = Group(limits)
        (self.wire, wire), (self.lifeline, lifeline) = socket.socketpair(), socket.socketpair()
        try:
            with wire, lifeline:
                zygote.fork(wire, lifeline, *([] if self.group.procs is None else [self.group.procs]))
        except OSError:
            self.close()
            raise

    def close(self) -> float:
        """End a submission's processes and return the memory that the largest of them took, in MB."""
        self.wire.close()
        took = 0.0
        with self.lifeline:
            self.lifeline.settimeout(10)
            with contextlib.suppress(OSError, ValueError):
                self.lifeline.shutdown(socket.SHUT_WR)
                took = float(self.lifeline.recv(64) or 0)
        self.group.close()
        return took


class Team:
    """Starts the processes of a unit and leads jobs through them, as many at a time as threads call `report`.

    imported: the modules that the notebook imports. hidden: those that a student process may not have.
    sources: the instructor's cells. files: a folder with what students get beside the notebook.
    keeps_referees: whether a referee may go on to the next submission. own: the instructor's own mistakes.
    """

    def __init__(
        self,
        mode: str,
        limits: Limits,
        seed: int,
        imported: list[str],
        hidden: tuple[str, ...],
        sources: list[str],
        files: str,
        keeps_referees: bool,
        own: tuple[str, str] = ("", ""),
    ):
        self.mode, self.limits, self.seed = mode, limits, seed
        self.imported, self.hidden, self.sources, self.files = imported, hidden, sources, files
        self.keeps_referees, self.own = keeps_referees, own
        self._lock = threading.Lock()
        self._zygotes: dict[str, Zygote] = {}
        self._idle: list[Referee] = []
        self._next: dict[str, Student] = {}
        remove_stale()

    def start(self, kind: str) -> Zygote:
        """Start a zygote of this kind; WITH_PLOTS is for those who need a library that takes 0.5 seconds."""
        if kind == REFEREE:
            env = os.environ | THREADS | {"INTRODL_QUIET": "1", "INTRODL_SEED": str(self.seed), "MPLBACKEND": "agg"}
            preload = [name for name in self.imported if name.split(".")[0] != "matplotlib"]
            zygote = Zygote("referee", preload, self.mode, self.limits, env=env, sources=self.sources, own=self.own)
        else:
            preload = ["numpy", *(name for name in self.imported if not name.startswith(CHECKS[:-1]))]
            preload += [PLOTS] if kind == WITH_PLOTS else []
            zygote = Zygote("student", preload, self.mode, self.limits, self.hidden, files=self.files)
        self._zygotes[kind] = zygote
        return zygote

    def ready(self, kind: str) -> Zygote:
        """Return a zygote that can fork; raises GradingError with the reason if there is none."""
        try:
            with self._lock:
                zygote = self._zygotes.get(kind)
                if zygote is None or zygote.process.poll() is not None:  # the kernel may end one where memory is short
                    zygote = self.start(kind)
            zygote.ready()  # the others need not wait for this one
            return zygote
        except RuntimeError as error:
            raise GradingError(str(error)) from error

    def report(self, job: dict, plots: bool) -> dict:
        """Start a student process, have a referee lead it through the job, and return what the referee reports."""
        kind = WITH_PLOTS if plots else STUDENT
        zygote, referee, student = self.ready(kind), self._referee(), None
        report, problem, student_mb = None, {}, 0.0
        try:
            student = self._student(kind, zygote)
            report = referee.report(job, student.wire, self.limits.total_seconds)
        except (EOFError, OSError, ValueError):
            problem = {"problem": "the referee of this submission stopped; please report this"}
        self._let_go(referee, kept=report is not None)
        if student:
            student_mb = student.close()
        return (report or problem) | {"student_mb": student_mb}

    def _student(self, kind: str, zygote: Zygote) -> Student:
        """Return a student process, and start the next one: it gets ready while this one is judged.

        A third of what one submission takes would else be a wait: the kernel's, before a process has joined its group.
        """
        with self._lock:
            student = self._next.pop(kind, None) or Student(zygote, self.limits)
            with contextlib.suppress(OSError):  # the next submission will say so
                self._next[kind] = Student(zygote, self.limits)
            return student

    def _referee(self) -> Referee:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        zygote = self.ready(REFEREE)
        with self._lock:
            return Referee(zygote)

    def _let_go(self, referee: Referee, kept: bool) -> None:
        if kept and self.keeps_referees and referee.jobs < MOST_JOBS:
            self._idle.append(referee)
        else:
            referee.close()

    def close(self) -> None:
        """End all processes; those of students end with their lifelines."""
        for process in (*self._idle, *self._next.values()):
            process.close()
        for zygote in self._zygotes.values():
            zygote.close()
        self._idle.clear()
        self._next.clear()
        self._zygotes.clear()
        sweep()

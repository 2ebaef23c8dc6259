"""The referee: it leads a submission through its cells and has the checks judged. No student code ever runs here.

First all cells of the student run, each in a fork of the student process, so that a crash or an endless loop loses that
cell alone. Where a check stands, the process is kept as it is. Only when nothing of the student's is left to run, and
to print, are the checks judged, each in its kept process: no hidden case is ever seen by code that could still show it.

Where all checks are ours, a cell runs without a fork if no check stands before it or it only defines functions, and
several checks are judged in one process. If that process is lost, the submission starts again with a fork for each;
what was judged by then stands.
"""

import contextlib
import gc
import importlib
import io
import itertools
import json
import os
import resource
import socket
import sys
from multiprocessing.connection import Connection

from autograder.engine import verdict as states
from autograder.engine.definitions import only_define
from autograder.engine.forks import AllGone, Forks
from autograder.engine.judge import LOST, judge, judge_in_student, without_words
from autograder.engine.limits import Limits
from autograder.engine.names import Names, Share, builds_on, shares
from autograder.engine.outputs import clean, shown, stopped
from autograder.engine.rebuild import Part
from autograder.engine.syntax import parse, stored
from autograder.engine.verdict import Verdict
from autograder.engine.zygote import peak_mb
from introdl.checks.child import served
from introdl.checks.outcome import TimeUp, time_limit
from introdl.checks.own import OwnMistakesError, add_mistakes
from introdl.checks.remote import Peer

OWN_CHECKS = "introdl.checks"
RIGHT = (states.PASSED, states.PARTIAL)
JOBS_A_COLLECTION = 10
PROCESS_LOST = (states.TIMEOUT, states.CRASHED)


class Again(Exception):
    """A process that several checks share was lost: the submission starts again, with a process for each."""


def prepare(settings: dict) -> None:
    """In the zygote: import what the checks use, let our own make their cases once, which loads their data, and read
    the instructor's cells.
    """
    for source in settings["sources"]:
        stored([parse(source)])
    for name in settings["preload"]:
        with contextlib.suppress(Exception):  # the check that needs it will say so
            module = importlib.import_module(name)
            for task in getattr(getattr(module, "unit", None), "tasks", {}).values():
                args = task.make_cases()[0]
                if task.oracle:
                    task.oracle(*args)
    try:
        add_mistakes(*settings["own"])
    except OwnMistakesError as error:
        sys.exit(str(error))  # the last line that this process says is what the instructor reads


def start(line: socket.socket, mode: str, limits: Limits) -> None:
    """In a child of the zygote: take jobs from the line, do them, send their reports, until the grader hangs up."""
    grader = Connection(os.dup(line.fileno()))
    grader.send_bytes(str(os.getpid()).encode())
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 (a check that asks for input gets an end of file)
    jobs = itertools.count(1)
    while wires := socket.recv_fds(line, 1, 1)[1]:
        job = json.loads(grader.recv_bytes())
        with Connection(wires[0]) as wire:
            grader.send_bytes(json.dumps(_report(job, wire, limits)).encode())
        if next(jobs) % JOBS_A_COLLECTION == 0:
            gc.collect()  # only what came since the fork; the zygote has switched off what does it by itself


def _report(job: dict, wire: Connection, limits: Limits) -> dict:
    """Do one job and return its report."""
    os.chdir(job["folder"])
    session = Session(job, Peer(wire, served()), limits)
    report: dict = {}
    try:
        session.run()
    except AllGone as gone:
        report["gone"] = gone.number
    except Again:
        report["again"] = {name: vars(session.verdicts[name]) for name in session.final}
    report["verdicts"] = {name: vars(found) for name, found in session.verdicts.items()}
    return report | {"outputs": session.outputs, "mb": peak_mb(resource.RUSAGE_SELF)}


class Session:
    """One submission on its way through its cells.

    `job` holds its parts, the class's seed, parts to skip, whether processes may be shared, and verdicts that stand.
    """

    def __init__(self, job: dict, peer: Peer, limits: Limits):
        self.parts = [Part(**part, cell={}) for part in job["parts"]]
        self.seed, self.skip, self.in_process = job["seed"], job["skip"], job["in_process"]
        self.peer, self.forks, self.limits = peer, Forks(peer, limits), limits
        self.verdicts: dict[str, Verdict] = {}
        self.outputs: dict[int, list[dict]] = {}
        self.names = Names(peer, set(), set())
        self.shares, self.in_place = shares(self.parts), builds_on(self.parts)
        self.may_share = job["may_share"]
        self.harmless = only_define(self.parts) if self.may_share else set()
        self.known = {name: Verdict(**found) for name, found in job["known"].items()}
        self.final: list[str] = []  # checks that are judged for good
        self.kept: list[tuple[int, Connection, Names]] = []  # checks, in the process where each stands
        self.unseen: list[tuple[int, Connection, Names]] = []  # checks of which a hidden part is still to come
        self.seeded = any(OWN_CHECKS in part.given + part.source for part in self.parts if part.role != "check")
        self.told_hidden = False  # whether a hidden case has crossed: then no later output is shown

    def run(self) -> None:
        """Run the student's cells; look at the checks as students see them; then at what is hidden of them.

        In this order: once a hidden case has crossed, nothing that student code says is shown any more.
        """
        for number, part in enumerate(self.parts):
            if part.role in ("given", "answer", "added"):
                self._cell(number, part)
            elif part.role == "check":
                self._meet_check(number, part)
        for place, (number, connection, names) in enumerate(self.kept):
            if known := self.known.get(self.parts[number].grade_id):
                self._settle(number, known)
                continue
            self._go_to(connection, names)
            if self._next_stands_here(place) and not self.may_share:
                self.forks.branch()  # the next check needs this process, whatever comes of this one
            found = self._look(number)
            if self.unseen and self.unseen[-1][0] == number:
                self._note(number, found)
            else:
                self._settle(number, found)
                self._expect(connection, [*self.kept[place + 1 :], *self.unseen])
            self._hand_on(place)
        while self.unseen:
            number, connection, names = self.unseen.pop(0)
            self._go_to(connection, names)
            self._settle(number, self._look_further(number))
            self._expect(connection, self.unseen)
            if not any(here is connection for _, here, _ in self.unseen):
                connection.close()

    def _settle(self, number: int, found: Verdict) -> None:
        """Note a verdict that stands."""
        self._note(number, found)
        self.final.append(self.parts[number].grade_id)

    def _expect(self, connection: Connection, others: list[tuple[int, Connection, Names]]) -> None:
        """Raise Again if the process in which others are still to be judged was lost with the last verdict."""
        lost = self.verdicts[self.final[-1]].state in PROCESS_LOST
        if lost and self.may_share and any(here is connection for _, here, _ in others):
            raise Again

    def _go_to(self, connection: Connection, names: Names) -> None:
        self.names = names
        self.forks.talk_to(connection)

    def _next_stands_here(self, place: int) -> bool:
        return place + 1 < len(self.kept) and self.kept[place + 1][1] is self.kept[place][1]

    def _hand_on(self, place: int) -> None:
        """Let the next check go on where this one ended, if it stands in the same place and is none of ours: it may use
        what this one did, as in a notebook. If this one's process is lost, it starts from before.
        """
        after, here = self.peer.connection, self.kept[place][1]
        if self.seeded or not self._next_stands_here(place) or not self.forks.lives():
            return
        self.kept[place + 1 :] = [(n, after if c is here else c, s) for n, c, s in self.kept[place + 1 :]]
        names = self.kept[place + 1][2]
        names.update({name: value for name, value in self.names.items() if not dict.__contains__(names, name)})

    def _cell(self, number: int, part: Part) -> None:
        if number in self.skip:
            self.outputs[number] = [stopped("ended all its processes", "")]
        elif number in self.harmless or self.may_share and not self._is_kept():
            self._run_here(number, part)
        elif part.source.strip():
            self._run_in_fork(number, part)
        self.names.cells.append(part.source)
        bound = stored([parse(part.solution)])  # what the instructor's answer binds is the student's from here on
        self.names.theirs |= bound
        for name in bound:
            self.names.ours.discard(name)
            self.names.pop(name, None)

    def _run_in_fork(self, number: int, part: Part) -> None:
        before = self.forks.branch()
        self.forks.last_run = number
        try:
            with time_limit(self.limits.seconds):
                result = self.peer.ask("run", part.source)
                self._own_share(number)
            self.outputs[number] = [] if self.told_hidden else clean(result, self.limits)
            if not self._is_kept(before):
                before.close()
        except (*LOST, Exception) as lost:  # noqa: BLE001 (an error where none can be: it is no longer itself)
            self.outputs[number] = [self._lost_cell(lost)]
            self.forks.return_to(before)

    def _run_here(self, number: int, part: Part) -> None:
        self.forks.last_run = number
        try:
            with time_limit(self.limits.seconds):
                self.outputs[number] = clean(self.peer.ask("run", part.source), self.limits)
                self._own_share(number)
        except (*LOST, Exception) as lost:
            raise Again from lost

    def _is_kept(self, connection: Connection | None = None) -> bool:
        """Whether a check is to be judged in this process (if none is named: the one talked to) as it is now."""
        return any(here is (connection or self.peer.connection) for _, here, _ in self.kept)

    def _own_share(self, number: int) -> None:
        """Run what of a given cell belongs to the referee."""
        share = self.shares.get(number, Share())
        names = stored(share.statements)
        self.names.ours |= names
        self.names.theirs -= names
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            self.names.run(share)

    def _lost_cell(self, lost: BaseException) -> dict:
        if isinstance(lost, TimeUp):
            return stopped(
                f"ran longer than {self.limits.seconds:g} s, the limit of one cell",
                "Does a loop never end? Try it on fewer examples or steps.",
            )
        return stopped(
            "made Python stop (a crash, or an exit)",
            f"Does it need more than {self.limits.memory_mb} MB? Try it on smaller arrays.",
        )

    def _meet_check(self, number: int, part: Part) -> None:
        if number not in self.in_place:  # the next cell runs in a fork of this process, which stays as it is
            self.kept.append((number, self.peer.connection, self.names.copy()))
            return
        self.told_hidden = self.told_hidden or part.full != part.source
        if part.grade_id in self.in_process:
            found = judge_in_student(part.full, self.peer, part.points or 0.0, self.limits)
        else:
            found = judge(part.full, self.names, self.seed, part.points or 0.0, self.limits)
        self._note(number, without_words(found) if self.told_hidden else found)
        if self.peer.connection.closed:
            raise AllGone(number)

    def _note(self, number: int, found: Verdict) -> None:
        if found.state not in RIGHT and self._untouched(number):
            found.state = states.NOT_ATTEMPTED
        self.verdicts[self.parts[number].grade_id] = found
        self.outputs[number] = shown(found)

    def _look(self, number: int) -> Verdict:
        """Judge a check as students see it. One that hides more, and is passed so far, is kept for a further look."""
        part = self.parts[number]
        most = part.points or 0.0
        if number in self.skip:
            return Verdict(states.CRASHED, 0.0, most, "✗ Your code ended all its processes while it was checked.")
        self.forks.last_run = number
        if part.grade_id in self.in_process:
            return judge_in_student(part.full, self.peer, most, self.limits)
        if part.full == part.source and not (self.seeded and self.seed):
            found = judge(part.full, self.names, self.seed, most, self.limits)
            return without_words(found) if self.told_hidden else found
        found, here = self._first_look(part, most)
        if found.state in RIGHT:
            self.unseen.append((number, here, self.names))
        return without_words(found) if self.told_hidden else found

    def _first_look(self, part: Part, most: float) -> tuple[Verdict, Connection]:
        """Try a check as students see it; return the verdict and the process in which to look further.

        One with hidden tests is tried in a fork, since what it does is done again later.
        """
        if part.full == part.source:  # one of ours, which may run again and again
            return judge(part.source, self.names, 0, most, self.limits), self.peer.connection
        pristine = self.forks.branch()
        return judge(part.source, self.names.copy(), 0, most, self.limits), pristine

    def _look_further(self, number: int) -> Verdict:
        """Judge a check with all that is hidden of it, and without a word on what came of that."""
        part, seen = self.parts[number], self.verdicts[self.parts[number].grade_id]
        passed = 0 if part.full == part.source and seen.state == states.PASSED else None
        found = judge(part.full, self.names, self.seed, part.points or 0.0, self.limits, passed)
        if found.state != states.PASSED:
            return without_words(found)
        found.message = seen.message
        return found

    def _untouched(self, number: int) -> bool:
        """Whether the answers that belong to this check, those since the check before, are as they were released."""
        answers = []
        for part in reversed(self.parts[:number]):
            if part.role == "check" and answers:
                break
            answers += [part] if part.role == "answer" else []
        return bool(answers) and not any(part.changed for part in answers)

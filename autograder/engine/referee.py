"""The referee: it leads a submission through its cells and judges the checks. No student code ever runs here.

First all cells of the student run, each in a fork of the student process, so that a crash or an endless loop loses that
cell alone. Where a check stands, a fork is kept as it is. Only when nothing of the student's is left to run, and to
print, are the checks judged, each in its kept process: no hidden case is ever seen by code that could still show it.
"""

import ast
import contextlib
import importlib
import io
import json
import os
import resource
import socket
import sys
from multiprocessing.connection import Connection

from autograder.engine import verdict as states
from autograder.engine.limits import Limits
from autograder.engine.names import Names, Share, builds_on, parse, shares, stored
from autograder.engine.rebuild import Part
from autograder.engine.verdict import Verdict, scored
from autograder.engine.zygote import peak_mb
from introdl.checks.child import served
from introdl.checks.codec import Garbled
from introdl.checks.outcome import TimeUp, time_limit
from introdl.checks.remote import Gone, OutOfReach, Peer
from introdl.checks.task import CheckFailed

LOST = (Gone, TimeUp, Garbled)
PICTURES = ("image/png", "image/jpeg")
HIDDEN_FAILED = (
    "This passes the cases that you can see, but not further ones of the same kind. Does your answer hold for every "
    "input that the task allows: other shapes, ties, zeros, large numbers?"
)
OWN_CHECKS = "introdl.checks."


class AllGone(Exception):
    """Every process of the submission was ended by this part: the rest needs a new start without it."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


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


def start(wire: socket.socket, line: socket.socket, mode: str, limits: Limits) -> None:
    """In a child of the zygote: take one job from the line, do it, send its report."""
    grader = Connection(line.detach())
    grader.send_bytes(str(os.getpid()).encode())
    job = json.loads(grader.recv_bytes())
    os.chdir(job["folder"])
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 (a check that asks for input gets an end of file)
    session = Session([Part(**part) for part in job["parts"]], job, Peer(Connection(wire.detach()), served()), limits)
    report: dict = {}
    try:
        session.run()
    except AllGone as gone:
        report["gone"] = gone.number
    report |= {
        "verdicts": {name: vars(found) for name, found in session.verdicts.items()},
        "outputs": session.outputs,
        "mb": peak_mb(resource.RUSAGE_SELF),
    }
    grader.send_bytes(json.dumps(report).encode())


class Session:
    """One submission on its way through its cells."""

    def __init__(self, parts: list[Part], job: dict, peer: Peer, limits: Limits):
        self.parts, self.job, self.peer, self.limits = parts, job, peer, limits
        self.verdicts: dict[str, Verdict] = {}
        self.outputs: dict[int, list[dict]] = {}
        self.names = Names(peer, set(), set())
        self.shares = shares(parts)
        self.in_place = builds_on(parts)
        self.kept: list[tuple[int, Connection, Names]] = []
        self.seeded = any(OWN_CHECKS in part.given + part.source for part in parts if part.role != "check")
        self.last_run: int | None = None  # the part that is to blame where all processes are gone
        self.told_hidden = False  # whether a hidden case has crossed: then no later output is shown

    def run(self) -> None:
        """Run the student's cells, then judge the checks."""
        for number, part in enumerate(self.parts):
            if part.role in ("given", "answer", "added"):
                self._cell(number, part)
            elif part.role == "check":
                self._meet_check(number, part)
        for place, (number, connection, names) in enumerate(self.kept):
            self.peer.connection, self.names = connection, names
            self.peer.forget()
            self._see_that_it_lives()
            self.last_run = number
            if any(connection is other for _, other, _ in self.kept[place + 1 :]):
                self._branch(number)  # the next check needs this process as it is
            self._judge(number, self.parts[number])
            self.peer.connection.close()

    # The student's cells

    def _cell(self, number: int, part: Part) -> None:
        if number in self.job["skip"]:
            self.outputs[number] = [_stopped("ended all its processes", "")]
        elif part.source.strip():
            self._run_in_fork(number, part)
        self.names.cells.append(part.source)
        self.names.theirs |= stored([parse(part.solution)])
        if part.role == "answer":
            for name in stored([parse(part.solution)]):
                self.names.ours.discard(name)
                self.names.pop(name, None)

    def _run_in_fork(self, number: int, part: Part) -> None:
        before = self._branch(number)
        self.last_run = number
        try:
            with time_limit(self.limits.seconds):
                result = self.peer.ask("run", part.source)
                self._own_share(number)
            self.outputs[number] = [] if self.told_hidden else clean(result, self.limits)
            if not any(before is kept for _, kept, _ in self.kept):
                before.close()
        except LOST as lost:
            self.outputs[number] = [self._lost_cell(lost)]
            self._return_to(before, number)

    def _own_share(self, number: int) -> None:
        share = self.shares.get(number, Share())
        names = stored(share.statements) if share.statements else set()
        self.names.ours |= names
        self.names.theirs -= names
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            self.names.run(share)

    def _branch(self, number: int) -> Connection:
        """Fork the student process and talk to the child from here on; return the line to its parent."""
        parent = self.peer.connection
        ours, theirs = socket.socketpair()
        try:
            with time_limit(self.limits.seconds), theirs:
                self.peer._send({"ask": "branch", "args": ()})
                with socket.socket(fileno=os.dup(parent.fileno())) as line:
                    socket.send_fds(line, [b"f"], [theirs.fileno()])
                theirs.close()
                self._expect_branched()
                self.peer.connection = Connection(ours.detach())
                self._expect_branched()
        except (*LOST, OSError) as lost:
            raise AllGone(number if self.last_run is None else self.last_run) from lost
        return parent

    def _see_that_it_lives(self) -> None:
        try:
            with time_limit(self.limits.seconds):
                self.peer.ask("len", ())
        except LOST as lost:
            raise AllGone(self.last_run or 0) from lost

    def _expect_branched(self) -> None:
        if "error" in self.peer._receive():
            raise Gone("the student process cannot fork")

    def _return_to(self, before: Connection, number: int) -> None:
        """Go on from before the cell that was lost; its process, if it still runs, is ended by its parent."""
        self.peer.connection.close()
        self.peer.connection = before
        try:
            with time_limit(5):
                self.peer.ask("kill")
        except (*LOST, OSError) as lost:
            raise AllGone(number) from lost

    def _lost_cell(self, lost: BaseException) -> dict:
        if isinstance(lost, TimeUp):
            return _stopped(f"ran longer than {self.limits.seconds:g} s, the limit of one cell",
                            "Does a loop never end? Try it on fewer examples or steps.")
        return _stopped("made Python stop (a crash, or an exit)",
                        f"Does it need more than {self.limits.memory_mb} MB? Try it on smaller arrays.")

    # The checks

    def _meet_check(self, number: int, part: Part) -> None:
        if number in self.in_place:
            self.told_hidden = self.told_hidden or part.full != part.source
            self._judge(number, part)
        else:  # the next cell runs in a fork of this process, which stays as it is
            self.kept.append((number, self.peer.connection, self.names.copy()))

    def _judge(self, number: int, part: Part) -> None:
        most = part.points or 0.0
        if number in self.job["skip"]:
            found = Verdict(states.CRASHED, 0.0, most, "✗ Your code ended all its processes while it was checked.")
        elif part.grade_id in self.job["in_process"]:
            found = self._judge_in_student(part, most)
        else:
            found = self._judge_here(number, part, most)
        if found.state not in (states.PASSED, states.PARTIAL) and self._untouched(number):
            found.state = states.NOT_ATTEMPTED
        self.verdicts[part.grade_id] = found
        self.outputs[number] = _shown(found)
        if number in self.in_place and self.peer.connection.closed:
            raise AllGone(number)

    def _judge_here(self, number: int, part: Part, most: float) -> Verdict:
        """Judge what students can see first; what is hidden only if that passes, and without a word on it."""
        seed, hidden = self.job["seed"], part.full != part.source
        if number in self.in_place or not hidden and not (self.seeded and seed):
            found = self._try(part.full, seed, most)
            return _without_words(found) if hidden else found
        seen = self._first_look(number, part, most)
        if seen.state not in (states.PASSED, states.PARTIAL):
            return seen
        found = self._try(part.full, seed, most)
        if found.state == states.PASSED:
            found.message = seen.message
            return found
        return _without_words(found)

    def _first_look(self, number: int, part: Part, most: float) -> Verdict:
        """Try the check as students see it; one with hidden tests in a fork, as what it does is done once more later."""
        if part.full == part.source:  # one of ours, which may run again and again
            return self._try(part.source, 0, most)
        pristine, names = self._branch(number), self.names
        self.names = names.copy()
        seen = self._try(part.source, 0, most)
        self.peer.connection.close()
        self.peer.connection, self.names = pristine, names
        return seen

    def _try(self, source: str, seed: int, most: float) -> Verdict:
        """Run a check's source here, with the student's names as proxies."""
        os.environ["INTRODL_SEED"] = str(seed)
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), time_limit(self.limits.seconds):
                value = _evaluate(source, self.names)
                points, flag = scored(value.item() if hasattr(value, "dtype") and not value.shape else value, most)
        except BaseException as error:  # noqa: BLE001 (whatever a check raises is its verdict)
            return self._failed(error, most, source)
        state = states.PASSED if points == most else states.PARTIAL
        return Verdict(state, points, most, printed.getvalue().strip()[: Limits.message_characters], flag)

    def _failed(self, error: BaseException, most: float, source: str) -> Verdict:
        cause = getattr(error, "cause", None) or error
        state = next((s for kinds, s in _STATES if isinstance(cause, kinds)), states.ERROR)
        if isinstance(error, CheckFailed):
            return Verdict(state if cause is not error else states.FAILED, 0.0, most, str(error))
        lines = [f"✗ {self._sentence(error)}", *(f"  {line}" for line in _check_line(error, source))]
        lines += [f"  your {line}" for line in getattr(error, "learner_lines", [])]
        return Verdict(state, 0.0, most, "\n".join(lines)[: Limits.message_characters])

    def _sentence(self, error: BaseException) -> str:
        if isinstance(error, TimeUp):
            return (f"Stopped: this check ran longer than {self.limits.seconds:g} s, the limit. Does a loop of yours "
                    "never end?")
        if isinstance(error, Gone):
            return ("Python itself stopped while your code ran (a crash, or an exit). Does it need more than "
                    f"{self.limits.memory_mb} MB?")
        if isinstance(error, MemoryError):
            return f"Your code needs more memory than the limit of {self.limits.memory_mb} MB: {error}"
        return f"{type(error).__name__}: {error}".rstrip(": ")

    def _judge_in_student(self, part: Part, most: float) -> Verdict:
        """Run a check in the student's own process, where the instructor allows that: it could be forged there."""
        try:
            with time_limit(self.limits.seconds):
                result = self.peer.ask("run", part.full)
        except LOST as lost:
            return self._failed(lost, most, part.full)
        error = result.get("error") if isinstance(result, dict) else {"name": "no answer"}
        if error:
            return Verdict(states.FAILED, 0.0, most, f"✗ {error.get('name')}: {error.get('text', '')}")
        return Verdict(states.PASSED, most, most)

    def _untouched(self, number: int) -> bool:
        """Whether the answers that belong to this check, those since the check before, are as they were released."""
        answers = []
        for part in reversed(self.parts[:number]):
            if part.role == "check" and answers:
                break
            answers += [part] if part.role == "answer" else []
        return bool(answers) and not any(part.changed for part in answers)


_STATES = (
    (TimeUp, states.TIMEOUT),
    (MemoryError, states.OUT_OF_MEMORY),
    ((Gone, Garbled), states.CRASHED),
    (OutOfReach, states.GRADER_FAULT),
    (AssertionError, states.FAILED),
)


def _evaluate(source: str, names: Names):
    """Run a check cell; return the value of its last expression, as a notebook would show it."""
    body = parse(source).body
    last = body[-1] if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body[:-1] if last else body, []), "<check>", "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), "<check>", "eval"), names)


def _check_line(error: BaseException, source: str) -> list[str]:
    """Return the line of the check, which students can see, that failed."""
    trace, line = error.__traceback__, 0
    while trace:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == "<check>" else line
        trace = trace.tb_next
    lines = source.splitlines()
    return [f"in the check, line {line}: {lines[line - 1].strip()}"] if 0 < line <= len(lines) else []


def _without_words(found: Verdict) -> Verdict:
    """Return a hidden verdict with a fixed text: what was hidden, or what code made of it, must not be read there."""
    texts = {states.PASSED: "", states.PARTIAL: "", states.TIMEOUT: "✗ Stopped: further cases took longer than the limit."}
    found.message = texts.get(found.state, f"✗ {HIDDEN_FAILED}")
    return found


def _stopped(what: str, hint: str) -> dict:
    text = f"Stopped: this cell {what}. {hint}".strip()
    return {"output_type": "error", "ename": "Stopped", "evalue": text, "traceback": [f"✗ {text}"]}


def _shown(found: Verdict) -> list[dict]:
    """Return a verdict as the output of its check cell."""
    if found.state in (states.PASSED, states.PARTIAL):
        return [{"output_type": "stream", "name": "stdout", "text": found.message + "\n"}] * bool(found.message)
    text = found.message or found.state
    return [{"output_type": "error", "ename": found.state, "evalue": text, "traceback": text.splitlines()}]


def clean(result, limits: Limits) -> list[dict]:
    """Return what a student process says that a cell showed, as outputs of a notebook: only texts and pictures.

    Its word is not trusted: nothing that could run in a browser is kept, and no more than the limit.
    """
    found, left = [], 2 * limits.output_kb * 1024  # the student process counts characters; as JSON they take more room
    result = result if isinstance(result, dict) else {}
    for output in result.get("outputs") if isinstance(result.get("outputs"), list) else []:
        output = _output(output if isinstance(output, dict) else {})
        left -= len(json.dumps(output))
        if output and left >= 0:
            found.append(output)
    error = result.get("error")
    return found + ([_error(error, limits)] if isinstance(error, dict) else [])


def _output(output: dict) -> dict | None:
    kind = output.get("output_type")
    if kind == "stream":
        return {"output_type": "stream", "name": "stdout", "text": str(output.get("text"))}
    data = output.get("data")
    if kind not in ("execute_result", "display_data") or not isinstance(data, dict):
        return None
    kept = {"text/plain": str(data["text/plain"])} if "text/plain" in data else {}
    kept |= {media: data[media] for media in PICTURES if isinstance(data.get(media), str) and _is_base64(data[media])}
    count = {"execution_count": None} if kind == "execute_result" else {}
    return {"output_type": kind, "data": kept, "metadata": {}} | count


def _is_base64(text: str) -> bool:
    return text.isascii() and all(c.isalnum() or c in "+/=\n" for c in text)


def _error(error: dict, limits: Limits) -> dict:
    name, text = (str(error.get(key, ""))[: Limits.message_characters] for key in ("name", "text"))
    if "MemoryError" in name:
        text = f"this cell needs more memory than the limit of {limits.memory_mb} MB; try it on smaller arrays. {text}"
    lines = error.get("lines") if isinstance(error.get("lines"), list) else []
    traceback = [f"{name}: {text}".rstrip(": "), *(f"  {str(line)[:200]}" for line in lines[:5])]
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": traceback}


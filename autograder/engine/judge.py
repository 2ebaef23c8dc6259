"""Judge one check: run it in the referee's process, with the student's names as proxies, and word the verdict."""

import ast
import contextlib
import functools
import io
import os
import sys
import textwrap
import types

import numpy as np

from autograder.engine import verdict as states
from autograder.engine.limits import Limits
from autograder.engine.names import Names
from autograder.engine.syntax import parse
from autograder.engine.verdict import Verdict, scored
from introdl.checks.codec import Garbled
from introdl.checks.outcome import Gone, TimeUp, time_limit
from introdl.checks.remote import OutOfReach, Peer, Remote
from introdl.checks.task import PASSED, WIDTH, CheckFailed

LOST = (Gone, TimeUp, Garbled)  # how a talk with a student process ends before its time
HIDDEN_FAILED = (
    "This passes the cases that you can see, but not further ones of the same kind. Does your answer hold for every "
    "input that the task allows: other shapes, ties, zeros, large numbers?"
)
HIDDEN_SLOW = "Stopped: further cases of the same kind took longer than the limit."
SEEDS = (("random", "seed"), ("numpy.random", "seed"), ("torch", "manual_seed"))
STATES = (
    (TimeUp, states.TIMEOUT),
    (MemoryError, states.OUT_OF_MEMORY),
    ((Gone, Garbled), states.CRASHED),
    (OutOfReach, states.GRADER_FAULT),
    (AssertionError, states.FAILED),
)


def judge(source: str, names: Names, seed: int, most: float, limits: Limits, passed: int | None = None) -> Verdict:
    """Run a check's source and return its verdict; our own checks make their cases from `seed`.

    passed: the seed of cases that the answer has passed already.
    """
    os.environ["INTRODL_SEED"] = str(seed)
    os.environ.pop(PASSED, None)
    if passed is not None:
        os.environ[PASSED] = str(passed)
    names.peer.ours = names
    share_seeds(names.peer)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), time_limit(limits.seconds):
            value = _evaluate(source, names)
            if type(value) is Remote:
                raise TypeError("the check ends in an object of the student's where it has a result of its own")
            points, flag = scored(value.item() if isinstance(value, np.generic) else value, most)
    except BaseException as error:  # noqa: BLE001 (whatever a check raises is its verdict)
        return failed(error, most, source, limits)
    state = states.PASSED if points == most else states.PARTIAL
    return Verdict(state, points, most, printed.getvalue().strip()[: Limits.message_characters], flag)


def share_seeds(peer: Peer) -> None:
    """Let a check that seeds a library's global generator seed the student's, too, as if they were one process."""
    for module, name in SEEDS:
        if module in sys.modules:
            ours = getattr(sys.modules[module], name)
            ours = getattr(ours, "__wrapped__", ours)
            setattr(sys.modules[module], name, _seeding_both(peer, module, name, ours))


def _seeding_both(peer: Peer, module: str, name: str, ours):
    @functools.wraps(ours)
    def seed(*args):
        peer.ask("seed", module, name, args)
        return ours(*args)

    return seed


def judge_in_student(source: str, peer: Peer, most: float, limits: Limits) -> Verdict:
    """Run a check in the student's own process, where the instructor allows that: it could be forged there."""
    try:
        with time_limit(limits.seconds):
            result = peer.ask("run", source)
    except LOST as lost:
        return failed(lost, most, source, limits)
    error = result.get("error") if isinstance(result, dict) else {"name": "no answer"}
    if error:
        return Verdict(states.FAILED, 0.0, most, f"✗ {error.get('name')}: {error.get('text', '')}")
    points, flag = scored(result.get("value"), most)
    return Verdict(states.PASSED if points == most else states.PARTIAL, points, most, "", flag)


def failed(error: BaseException, most: float, source: str, limits: Limits) -> Verdict:
    """Return the verdict for what a check raised: the sentence, the check's own line, the student's own lines."""
    cause = getattr(error, "cause", None) or error
    state = next((state for kinds, state in STATES if isinstance(cause, kinds)), states.ERROR)
    if isinstance(error, CheckFailed):
        return Verdict(state, 0.0, most, str(error))
    lines = [f"✗ {_sentence(error, limits)}", *(f"  {line}" for line in _check_line(error, source))]
    lines += [f"  your {line}" for line in getattr(error, "learner_lines", [])]
    return Verdict(state, 0.0, most, "\n".join(lines)[: Limits.message_characters])


def without_words(found: Verdict) -> Verdict:
    """Return a hidden verdict with a fixed text: what was hidden, or what code made of it, must not be read there."""
    fixed = {states.PASSED: "", states.PARTIAL: "", states.TIMEOUT: f"✗ {HIDDEN_SLOW}"}
    found.message = textwrap.fill(fixed.get(found.state, f"✗ {HIDDEN_FAILED}"), WIDTH)
    return found


def _evaluate(source: str, names: Names):
    """Run a check cell; return the value of its last expression, as a notebook would show it."""
    body, value = _compiled(source)
    exec(body, names)
    return None if value is None else eval(value, names)


@functools.lru_cache(maxsize=100)
def _compiled(source: str) -> tuple[types.CodeType, types.CodeType | None]:
    """Compile a check cell once for all submissions: its statements, and the expression that it ends in, if any."""
    body = parse(source).body
    last = body[-1] if body and isinstance(body[-1], ast.Expr) else None
    code = compile(ast.Module(body[:-1] if last else body, []), "<check>", "exec")
    return code, None if last is None else compile(ast.Expression(last.value), "<check>", "eval")


def _sentence(error: BaseException, limits: Limits) -> str:
    if isinstance(error, TimeUp):
        return f"Stopped: this check ran longer than {limits.seconds:g} s, the limit. Does a loop of yours never end?"
    if isinstance(error, Gone):
        return (
            "Python itself stopped while your code ran (a crash, or an exit). Does it need more than "
            f"{limits.memory_mb} MB?"
        )
    if isinstance(error, MemoryError):
        return f"Your code needs more memory than the limit of {limits.memory_mb} MB: {error}"
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _check_line(error: BaseException, source: str) -> list[str]:
    """Return the line of the check, which students can see, that failed."""
    trace, line = error.__traceback__, 0
    while trace:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == "<check>" else line
        trace = trace.tb_next
    lines = source.splitlines()
    return [f"in the check, line {line}: {lines[line - 1].strip()}"] if 0 < line <= len(lines) else []

"""Call the learner's function once, within limits, and keep what came of it.

A learner's function may raise, loop for ever, print for ever, warn, or change its inputs. None of that may
disturb the check: each becomes a field of an `Outcome`.
"""

import contextlib
import copy
import io
import linecache
import signal
import sys
import sysconfig
import threading
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

from introdl.checks.compare import identical, same

PRINT_LIMIT = 2_000  # characters a check passes on before it stops the answer: about a screen
OUR_CODE = (str(Path(__file__).parents[1]), sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"))


class TimeUp(BaseException):
    """The answer took longer than its time limit. A BaseException, so that `except Exception` lets it pass."""


class TooMuchOutput(BaseException):
    """The answer printed more than `PRINT_LIMIT` characters."""


class Gone(RuntimeError):
    """The process in which the answer runs has ended, or was ended."""


@dataclass
class Outcome:
    """What one call of an answer gave: a value, or an error, and the arguments that it changed in place."""

    value: object = None
    error: BaseException | None = None
    changed: tuple[str, ...] = ()

    def same(self, other: "Outcome", rtol: float, atol: float) -> bool:
        """Return whether both gave the same value (or the same kind of error) and changed the same arguments."""
        if self.error is not None or other.error is not None:
            return type(self.error).__name__ == type(other.error).__name__
        return self.changed == other.changed and same(self.value, other.value, rtol, atol)


class LimitedOutput(io.TextIOBase):
    """Passes text on to `stream` until `limit` characters have gone through, then raises `TooMuchOutput`."""

    def __init__(self, stream, limit: int = PRINT_LIMIT):
        self.stream, self.left = stream, limit

    def write(self, text: str) -> int:
        self.left -= len(text)
        if self.left < 0:
            raise TooMuchOutput
        return self.stream.write(text)


@contextlib.contextmanager
def time_limit(seconds: float):
    """Raise `TimeUp` in the block after so many seconds, where the platform can (main thread, not Windows)."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    before = signal.signal(signal.SIGALRM, _ring)
    outer, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    start = time.monotonic()
    if outer and outer < seconds:
        signal.setitimer(signal.ITIMER_REAL, outer)
    try:
        yield
    finally:
        left = max(outer - (time.monotonic() - start), 1e-3) if outer else 0  # an outer limit goes on
        signal.setitimer(signal.ITIMER_REAL, left)
        if before is not _ring:
            signal.signal(signal.SIGALRM, before)


def _ring(signum, frame):
    raise TimeUp


@contextlib.contextmanager
def quiet(output: LimitedOutput):
    """Pass prints on within limits; hide warnings, which nbgrader would count as a failure when on stderr."""
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def observe(run, fn, names: tuple[str, ...], args: tuple, seconds: float, output: LimitedOutput) -> Outcome:
    """Call `run(fn, *args)` on a copy of the arguments and return its `Outcome`; never raises for bad answers."""
    return outcome_of(lambda: on_a_copy(run, fn, args), names, args, seconds, output)


def on_a_copy(run, fn, args: tuple) -> tuple[object, tuple]:
    """Return what `run(fn, *args)` gives on a copy of the arguments, and that copy as it is then."""
    mine = copy.deepcopy(args)
    return copy.deepcopy(run(fn, *mine)), mine


def outcome_of(call, names: tuple[str, ...], args: tuple, seconds: float, output: LimitedOutput) -> Outcome:
    """Return what comes of `call()`, which returns a value, and the arguments as they are after it."""
    try:
        with time_limit(seconds), quiet(output):
            value, mine = call()
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 (SystemExit, TimeUp and friends are outcomes, too)
        return Outcome(error=error)
    pairs = zip(names, mine, args, strict=True)
    changed = tuple(name for name, new, old in pairs if not (new is old or identical(new, old)))
    return Outcome(value, changed=changed)


def learner_lines(error: BaseException, most: int = 3) -> list[str]:
    """Return the learner's own lines that led to an error, as 'line 4: return X @ w', innermost last."""
    if hasattr(error, "learner_lines"):  # it happened in another process, which sent its lines along
        return error.learner_lines
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not _is_ours(f.filename)]
    lines = [(f.lineno, linecache.getline(f.filename, f.lineno or 0).strip()) for f in frames]
    return [f"line {number}: {text}" for number, text in lines if text][-most:]


def _is_ours(filename: str) -> bool:
    return filename.startswith(OUR_CODE) or filename.startswith("<frozen") or filename == sys.executable

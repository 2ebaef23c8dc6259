"""What a check is: a task's cases, its oracle, the known mistakes, and how a verdict becomes a sentence."""

import os
import sys
import textwrap
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from introdl import progress
from introdl.checks.compare import equal_data, first_difference, misfit, nearly, same, show
from introdl.checks.outcome import (
    PRINT_LIMIT,
    Gone,
    LimitedOutput,
    Outcome,
    TimeUp,
    TooMuchOutput,
    learner_lines,
    observe,
    on_a_copy,
    outcome_of,
)
from introdl.checks.remote import LAST, Calls, is_remote
from introdl.checks.source import forbidden_call

# In the environment: the seed of cases that the answer has passed already. Those that come again are left out.
PASSED = "INTRODL_PASSED_SEED"
WIDTH, MOST_LINES, MOST_GIVEN = 96, 12, 4
TRIES = 3  # that fail before a message mentions the solution


class CheckFailed(AssertionError):
    """Raised by a check when an answer is not right yet. Its text is all that a learner sees of it.

    cause: the exception with which the answer stopped, or None where it gave a wrong value.
    """

    cause: BaseException | None = None

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to show the message alone, without a line of our code."""
        return str(self).splitlines()


class BadAnswer(Exception):
    """Raised by a task's `run` when an answer cannot be used as the prompt says; its text is shown as it is."""


def plainly(answer: Callable, *args):
    """Use an answer as most are used: call it with one case's arguments."""
    return answer(*args)


@dataclass
class Mistake:
    """A wrong answer that learners really give, and the sentence that names its misconception."""

    sentence: str
    answer: Callable


@dataclass
class Failure:
    """What is wrong with an answer, as lines for its author; `cause` is the exception that it stopped with, if any."""

    lines: list[str]
    cause: BaseException | None = None


@dataclass
class Task:
    """One exercise's check. Calling it with the learner's function passes, or raises `CheckFailed`.

    name: of the task and, as a rule, of the learner's function.
    args: names of the arguments of one case, for messages.
    cases: a function of a `np.random.Generator` that yields tuples of arguments, simple ones first.
    oracle: the expected result for one case's arguments, by another road than the reference solution.
    judge: (args, result) -> None or a sentence, where many results are right; besides or instead of the oracle.
    run: (learner's function, *args) -> plain data: how the answer is used for one case.
    forbid: dotted names that may not be used, since writing them is the point.
    terms: {"the bias": function of the arguments}: terms whose absence the diagnosis should recognise.
    inplace: names of arguments that the answer may change.
    seconds: time limit of one case.
    """

    name: str
    args: tuple[str, ...]
    cases: Callable[[np.random.Generator], Iterator[tuple]]
    oracle: Callable | None = None
    judge: Callable | None = None
    run: Callable = plainly
    hints: tuple[str, str, str] = ("", "", "")
    forbid: tuple[str, ...] = ()
    terms: dict[str, Callable] = field(default_factory=dict)
    inplace: tuple[str, ...] = ()
    rtol: float = 1e-6
    atol: float = 1e-8
    seconds: float = 10.0
    mistakes: list[Mistake] = field(default_factory=list)
    unit: str = ""
    was_tried: bool = False  # whether this process has seen an answer
    _tried: int = 0  # cases of the last check
    _made: dict = field(default_factory=dict, repr=False)  # seed → its cases, made once
    _expected: dict = field(default_factory=dict, repr=False)  # id of a case made → the case, what the oracle says
    _known: dict = field(default_factory=dict, repr=False)  # what came of a known mistake on a case, found once

    def mistake(self, sentence: str) -> Callable:
        """Declare the decorated function (or class) as a known wrong answer, named by `sentence`."""

        def keep(answer: Callable) -> Callable:
            self.mistakes.append(Mistake(sentence, answer))
            return answer

        return keep

    def __call__(self, answer) -> None:
        """Check an answer: print one line when it is right, raise `CheckFailed` with a diagnosis when not."""
        failure = self.failure(answer)
        if not (failure and isinstance(failure.cause, NotImplementedError)):  # else there was nothing to check yet
            self.was_tried = True
            progress.record(self.unit, self.name, "fail" if failure else "pass")
        if failure:
            stuck = f'Stuck? In a new cell: check.hint("{self.name}")'
            if progress.tries(self.unit, self.name).count("fail") >= TRIES:
                stuck += f' or, when the hints are used up, check.solution("{self.name}")'
            failed = CheckFailed("\n".join([*failure.lines[: MOST_LINES - 1], stuck]))
            failed.cause = failure.cause
            raise failed from None
        print(f"✓ {self.name}: right on all {self._tried} cases.")

    def make_cases(self, seed: int | None = None) -> list[tuple]:
        """Return the cases; the class's grading seed (INTRODL_SEED) makes fresh ones."""
        seed = _seed() if seed is None else seed
        return list(self.cases(np.random.default_rng([seed, zlib.crc32(self.name.encode())])))

    def _cases(self, seed: int) -> list[tuple]:
        if seed not in self._made:
            self._made[seed] = self.make_cases(seed)
        return self._made[seed]

    def expected(self, args: tuple) -> object:
        """Return what the oracle says of a case; it is asked once."""
        if id(args) not in self._expected:
            self._expected[id(args)] = args, self.oracle(*args)  # with the case, so that its id stays its own
        return self._expected[id(args)][1]

    def problem(self, answer) -> list[str] | None:
        """Return the lines that say what is wrong with an answer, or None if it is right."""
        failure = self.failure(answer)
        return failure and failure.lines

    def failure(self, answer) -> Failure | None:
        """Return what is wrong with an answer, or None if it is right."""
        if not callable(answer):
            sentence = f"The check needs your function; it was given {show(answer)}."
            return Failure(_lines(f"{self.name}: not a function", sentence))
        used = forbidden_call(answer, self.forbid) if self.forbid else None
        if used:
            sentence = f"Your answer uses `{used}`, which does the work for you. This task is about writing it."
            return Failure(_lines(f"{self.name}: please write it yourself", sentence))
        cases = self._cases(_seed())
        self._tried = len(cases)
        if (passed := os.environ.get(PASSED)) is not None:
            before = self._cases(int(passed))
            cases = [args for place, args in enumerate(cases) if not equal_data([args], before[place : place + 1])]
        outcomes = self._outcomes(answer, cases)
        wrong = (
            i
            for i, (args, outcome) in enumerate(zip(cases, outcomes, strict=False))
            if self.fault(args, outcome)
        )
        first = next(wrong, None)
        if first is None:
            return None
        return Failure(self._message(cases, outcomes, first), outcomes[first].error)

    def _outcomes(self, answer, cases: list[tuple]) -> list[Outcome]:
        """Let the answer meet every case, so that a known mistake is recognised by all that it does."""
        output, outcomes = LimitedOutput(sys.stdout), []
        calls = Calls(answer, cases) if self.run is plainly and is_remote(answer) else None
        for args in cases:
            call = calls.next if calls else partial(on_a_copy, self.run, answer, args)
            outcomes.append(outcome_of(call, self.args, args, self.seconds, output))
            if isinstance(outcomes[-1].error, (*LAST, TimeUp, Gone)):
                break  # nothing more to learn, and the next case would cost as long
        return outcomes

    def fault(self, args: tuple, outcome: Outcome) -> str | None:
        """Return a sentence that says what is wrong with one outcome, or None if it is right."""
        if outcome.error is not None:
            return _about_error(outcome.error, self.seconds)
        if self.oracle is not None:
            expected = self.expected(args)
            if not same(outcome.value, expected, self.rtol, self.atol):
                terms = {name: term(*args) for name, term in self.terms.items()}
                return (
                    nearly(outcome.value, expected, terms, self.rtol, self.atol)
                    or misfit(outcome.value, expected)
                    or "The result is not right."
                )
        if self.judge is not None:
            try:
                sentence = self.judge(args, outcome.value)
            except Exception:  # noqa: BLE001 (a judge may trip over a string or None where it expects an array)
                sentence = f"The result has the wrong form: {show(outcome.value)}."
            if sentence:
                return sentence
        changed = [name for name in outcome.changed if name not in self.inplace]
        return (
            f"The result is right, but your function changed its input {changed[0]}: work on a copy."
            if changed
            else None
        )

    def recognise(self, cases: list[tuple], outcomes: list[Outcome]) -> Mistake | None:
        """Return the first known mistake that gives the same outcome on every case, or None.

        At least one of the shared outcomes must be a wrong value: two answers that only raise the same kind of
        error need not have the same cause.
        """
        for mistake in self.mistakes:
            shared_a_value = False
            for number, (args, outcome) in enumerate(zip(cases, outcomes, strict=True)):
                if not outcome.same(self._outcome_of(mistake, number, args), self.rtol, self.atol):
                    break
                shared_a_value = shared_a_value or (
                    outcome.error is None and self.fault(args, outcome) is not None
                )
            else:
                if shared_a_value:
                    return mistake
        return None

    def _outcome_of(self, mistake: Mistake, number: int, args: tuple) -> Outcome:
        """Return what comes of a known mistake on this case."""
        key = mistake.answer, _seed(), number
        if key not in self._known:
            output = LimitedOutput(sys.stdout)
            self._known[key] = observe(self.run, mistake.answer, self.args, args, self.seconds, output)
        return self._known[key]

    def _message(self, cases: list[tuple], outcomes: list[Outcome], first: int) -> list[str]:
        args, outcome = cases[first], outcomes[first]
        if isinstance(outcome.error, NotImplementedError):
            return _lines(f"{self.name}: nothing to check yet", _about_error(outcome.error, self.seconds))
        mistake = self.recognise(cases, outcomes) if len(outcomes) == len(cases) else None
        title = f"{self.name}: not right yet (case {first + 1} of {len(cases)})"
        lines = _lines(title, mistake.sentence if mistake else self.fault(args, outcome))
        lines += [f"  {line}" for line in (learner_lines(outcome.error) if outcome.error else [])]
        lines += self._given(args)
        return lines + ([] if outcome.error else self._compared(args, outcome.value))

    def _compared(self, args: tuple, value) -> list[str]:
        """Return the lines that show what came beside what was expected."""
        expected = self.expected(args) if self.oracle else None
        if self.oracle is None or same(value, expected, self.rtol, self.atol):
            return [f"  yours     {show(value)}"]
        where, yours, expected = first_difference(value, expected, self.rtol, self.atol)
        return [
            f"  yours     {show(yours)}" + (f"   at result{where}" if where else ""),
            f"  expected  {show(expected)}",
        ]

    def _given(self, args: tuple) -> list[str]:
        """Return the case's arguments, one a line; the last line takes what is left over."""
        parts = [f"{name} = {show(value)}" for name, value in zip(self.args, args, strict=True)]
        rows = parts[: MOST_GIVEN - 1] + [", ".join(parts[MOST_GIVEN - 1 :])] * (len(parts) >= MOST_GIVEN)
        return [("  given     " if place == 0 else "            ") + row for place, row in enumerate(rows)]


def _seed() -> int:
    return int(os.environ.get("INTRODL_SEED", "0"))


def _lines(title: str, sentence: str) -> list[str]:
    return [
        f"✗ {title}",
        *textwrap.wrap(
            sentence, WIDTH, initial_indent="  ", subsequent_indent="  ", max_lines=4, break_on_hyphens=False
        ),
    ]


def _about_error(error: BaseException, seconds: float) -> str:
    """Return one sentence about an exception that an answer raised."""
    if isinstance(error, NotImplementedError):
        return "Replace `raise NotImplementedError()` by your answer, run that cell, then this one."
    if isinstance(error, TimeUp):
        return f"Your function did not finish within {seconds:g} seconds. Does a loop never end?"
    if isinstance(error, TooMuchOutput):
        return f"Your function printed more than {PRINT_LIMIT:,} characters. Does a loop print at every step?"
    if isinstance(error, Gone):
        return "Python itself stopped while your function ran: a crash, an exit, or more memory than there is."
    if isinstance(error, MemoryError):
        return f"Your function needs more memory than it may have: {error}. Is an array larger than it must be?"
    if isinstance(error, BadAnswer):
        return str(error)
    return f"Your function stopped with {type(error).__name__}: {str(error).strip() or 'no message'}"

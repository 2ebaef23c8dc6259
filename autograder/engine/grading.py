"""Grade submissions of one unit: from their bytes to a report with a verdict for each graded cell."""

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from autograder.engine import sandbox
from autograder.engine import verdict as states
from autograder.engine.intake import Unreadable, read_submission
from autograder.engine.limits import Limits
from autograder.engine.rebuild import Part, Rebuilt, executed, load_template, rebuild, role_of, text_of
from autograder.engine.team import REFEREE, STUDENT, WITH_PLOTS, GradingError, Team
from autograder.engine.unit import copy_data, imports, only_our_checks, released_bytes, withheld
from autograder.engine.verdict import Report, Verdict

PLOT_WORDS = ("matplotlib", "pyplot", "introdl.plot", "import plot")
PART = [field.name for field in fields(Part) if field.name != "cell"]  # what a referee is told of a part
WRONG = (states.FAILED, states.ERROR, states.TIMEOUT, states.OUT_OF_MEMORY, states.CRASHED, states.GRADER_FAULT)
UNFIT = (
    "This check does not pass the instructor's own answer when it runs apart from it, so it says nothing on yours: a "
    "person looks at it.\n{message}"
)
NO_SANDBOX = (
    "this machine cannot shut student code in: {why}. Grade on Linux with bubblewrap; or, for notebooks of people you "
    "trust, with --sandbox none: then their code can read and write your files and use the network"
)
RESTARTS = 4  # a submission that ends all its processes is run again without that cell, so many times


class Grading:
    """Grades submissions of one unit, as many at a time as threads call `grade`."""

    def __init__(
        self,
        source: Path,
        seed: int = 0,
        limits: Limits | None = None,
        jobs: int = 2,
        sandbox: str = "bwrap",
        released: Path | None = None,
        in_process: set[str] = frozenset(),
        hidden: tuple[str, ...] | None = None,
        own: tuple[str, str] = ("", ""),
    ):
        """own: text and name of a file of the instructor's own mistakes, which only the referee runs."""
        self.limits, self.seed, self.mode = limits or Limits(), seed, sandbox
        self.in_process, self.jobs = sorted(in_process), jobs
        self.released, self.own = released, own
        self.folder = str((released or source).resolve().parent)
        self.template = load_template(source.read_bytes(), released_bytes(source, released))
        self.imported = imported = imports(self.template)
        self.hidden = withheld(imported) if hidden is None else hidden
        self._reference = source.read_bytes()
        self._unfit: dict[str, str] | None = None
        self._rehearsing = threading.Lock()
        self._files = tempfile.TemporaryDirectory(prefix="unit-")
        self._only_ours = not in_process and only_our_checks(self.template)
        self._team = Team(
            sandbox, self.limits, seed, imported, self.hidden, self._sources(), self._files.name, self._only_ours, own
        )

    def __enter__(self) -> "Grading":
        if self.mode == "bwrap" and (why := sandbox.missing()):
            raise GradingError(NO_SANDBOX.format(why=why))
        if self.released:
            copy_data(self.released.parent, Path(self._files.name))
        for kind in (REFEREE, STUDENT):
            self._team.start(kind)
        return self

    def expect(self, paths: Iterable[Path]) -> None:
        """Start early what takes long to start, if one of these submissions seems to need it."""
        with contextlib.suppress(OSError):
            if any(word.encode() in path.read_bytes() for path in paths if path.is_file() for word in PLOT_WORDS):
                self._team.start(WITH_PLOTS)

    def ready(self) -> None:
        """Wait until submissions can be graded; raises GradingError with the reason if they cannot."""
        try:
            for kind in (REFEREE, STUDENT):
                self._team.ready(kind)
        except GradingError as error:
            raise self._because(str(error)) from error

    def _because(self, reason: str) -> GradingError:
        """Return the error that grading cannot start for this reason, or for want of a sandbox, if that is why."""
        why = sandbox.problem() if self.mode == "bwrap" else None
        return GradingError(NO_SANDBOX.format(why=why) if why else reason)

    def __exit__(self, *exception) -> None:
        self._team.close()
        self._files.cleanup()

    def _sources(self) -> list[str]:
        versions = (self.template.source, self.template.released)
        return [text_of(cell) for version in versions for cell in version["cells"] if cell["cell_type"] == "code"]

    def rebuilt(self, data: bytes) -> Rebuilt:
        """Return the notebook to run for a submission; raises Unreadable."""
        return rebuild(self.template, read_submission(data, self.limits))

    def grade(self, data: bytes) -> Report:
        """Grade one submission; never raises for what a student handed in."""
        try:
            return self.grade_rebuilt(self.rebuilt(data))
        except Unreadable as error:
            return self.unreadable(str(error))

    def unreadable(self, problem: str) -> Report:
        """Return the report of a submission that cannot be read."""
        said = {"cell_type": "markdown", "id": "unreadable", "metadata": {}, "source": f"**Not graded.** {problem}"}
        notebook = executed(rebuild(self.template, []), {})
        notebook["cells"].insert(0, said)
        return Report(
            {name: Verdict(states.UNREADABLE, None, most, problem) for name, most in self.graded().items()},
            notebook,
            problem=problem,
        )

    def graded(self) -> dict[str, float]:
        """Return the graded cells and their points, by grade id."""
        roles = [role_of(cell) for cell in self.template.released["cells"]]
        return {role["grade_id"]: float(role["points"]) for role in roles if role.get("grade") or role.get("task")}

    def grade_rebuilt(self, rebuilt: Rebuilt) -> Report:
        """Run and judge a rebuilt notebook."""
        report = self._run(rebuilt)
        for name, message in self.unfit().items():
            most = report.verdicts[name].most
            if report.verdicts[name].state == states.NOT_ATTEMPTED:
                continue
            report.verdicts[name] = Verdict(states.GRADER_FAULT, None, most, UNFIT.format(message=message))
        return report

    def unfit(self) -> dict[str, str]:
        """Return the checks that the instructor's own answers do not pass here, and what those say.

        Such a check needs the student's objects in its own process, or is wrong. No student is to pay for that.
        """
        with self._rehearsing:
            if self._unfit is None:
                said = self._run(self.rebuilt(self._reference)).verdicts
                checks = [found.state for found in said.values() if found.state != states.MANUAL]
                if checks and set(checks) == {states.CRASHED}:
                    raise self._because("the instructor's own notebook cannot be run here: its process ends at once")
                self._unfit = {name: found.message for name, found in said.items() if found.state in WRONG}
        return self._unfit

    def _run(self, rebuilt: Rebuilt) -> Report:
        self.ready()
        start, done = time.monotonic(), {}
        plots = any(
            word in part.source for word in PLOT_WORDS for part in rebuilt.parts if part.role in ("answer", "added")
        )
        job = {
            "parts": [{name: getattr(part, name) for name in PART} for part in rebuilt.parts],
            "seed": self.seed,
            "skip": [],
            "folder": self.folder,
            "in_process": self.in_process,
            "may_share": self._only_ours,
            "known": {},
        }
        for _ in range(RESTARTS):
            done = self._team.report(job, plots)
            if "again" in done:
                job |= {"may_share": False, "known": done["again"]}
            elif "gone" in done:
                job["skip"].append(done["gone"])
            elif "problem" in done:
                continue  # a process of ours was ended, as the kernel does where memory is short: now with a new one
            else:
                break
        report = Report(
            seconds=time.monotonic() - start,
            notes=list(rebuilt.notes),
            student_mb=done.get("student_mb", 0),
            referee_mb=done.get("mb", 0),
            problem=done.get("problem"),
        )
        report.verdicts = self._verdicts(rebuilt, done)
        report.notes += [f"{name}: {found.flag}" for name, found in report.verdicts.items() if found.flag]
        outputs = {int(number): found for number, found in done.get("outputs", {}).items()}
        report.notebook = executed(rebuilt, outputs)
        report.solutions = [part.grade_id for part in rebuilt.parts if role_of(part.cell).get("solution")]
        report.unanswered = [part.grade_id for part in rebuilt.parts if part.grade_id and part.solution_unchanged]
        return report

    def _verdicts(self, rebuilt: Rebuilt, done: dict) -> dict[str, Verdict]:
        """Return a verdict for each graded cell: the referee's, or that a person decides, or that none came."""
        said = {name: Verdict(**found) for name, found in done.get("verdicts", {}).items()}
        by_hand = {part.grade_id: part for part in rebuilt.parts if part.manual}
        found = {}
        for name, most in self.graded().items():
            if name in by_hand:
                found[name] = _by_hand(by_hand[name], most)
            elif name in said:
                found[name] = said[name]
            else:
                why = "✗ Your notebook ended all its processes, or ran too long, before this check."
                found[name] = Verdict(states.CRASHED, 0.0, most, why)
        return found


def _by_hand(part, most: float) -> Verdict:
    """Return the verdict of a cell that a person grades; an untouched one is worth nothing, as in nbgrader."""
    if part.solution_unchanged:
        return Verdict(states.NOT_ATTEMPTED, 0.0, most)
    return Verdict(states.MANUAL, None, most)

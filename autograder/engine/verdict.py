"""What came of a check, and of a whole submission. A verdict is stated by the referee, never read off an output."""

import math
from dataclasses import dataclass, field

PASSED, PARTIAL, FAILED, ERROR, TIMEOUT = "passed", "partial", "failed", "error", "timeout"
OUT_OF_MEMORY, CRASHED, NOT_ATTEMPTED = "out of memory", "crashed", "not attempted"
UNREADABLE, GRADER_FAULT, MANUAL = "unreadable", "grader fault", "manual"


@dataclass
class Verdict:
    """One graded cell: its state, the points (None: a person decides), and what the student is told."""

    state: str
    points: float | None
    most: float
    message: str = ""
    flag: str = ""


@dataclass
class Report:
    """One submission: a verdict for each graded cell by grade id, and the executed notebook.

    problem: a sentence where the notebook could not be read or the engine failed; None as a rule.
    notes: what was odd about the submission, for the instructor.
    """

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    notebook: dict = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problem: str | None = None
    seconds: float = 0.0
    student_mb: float = 0.0
    referee_mb: float = 0.0
    solutions: list[str] = field(default_factory=list)  # the cells that students fill in, by grade id
    unanswered: list[str] = field(default_factory=list)  # those of them that are as they were released

    @property
    def points(self) -> float:
        """The sum of the automatic points."""
        return sum(verdict.points or 0 for verdict in self.verdicts.values())

    def as_json(self) -> dict:
        """Return all of it as plain data."""
        return vars(self) | {"verdicts": {name: vars(found) for name, found in self.verdicts.items()}}

    @classmethod
    def from_json(cls, data: dict) -> "Report":
        """Return the report that `as_json` made."""
        verdicts = {name: Verdict(**verdict) for name, verdict in data["verdicts"].items()}
        return cls(**(data | {"verdicts": verdicts}))


def scored(value, most: float) -> tuple[float, str]:
    """Return (points, flag) for a check that gave `value`: a number is a partial score, anything else full marks.

    As in nbgrader; but what is not between 0 and `most` is clamped, and the flag says so.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return most, ""
    if math.isnan(value):
        return 0.0, "the check gave NaN points"
    if not 0 <= value <= most:
        return float(min(max(value, 0.0), most)), f"the check gave {value:g} of {most:g} points"
    return float(value), ""

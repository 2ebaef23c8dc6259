"""What a class did in a unit: each task's outcomes, the mistakes by name, time, penalties, pairs that look alike."""

import contextlib
import importlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import quote

from autograder import AutograderError
from autograder.course import Class
from autograder.engine import verdict as states
from autograder.engine.cache import FOLDER, write_whole
from autograder.engine.intake import Unreadable, read_file, read_submission
from autograder.engine.rebuild import role_of, text_of
from autograder.engine.verdict import Report
from autograder.export import free_name
from autograder.hints import MOST_HINTS, shared_hints
from autograder.marks import Mark, class_marks
from autograder.similar import Codes, Pair, similar_pairs
from autograder.units import NOTEBOOK
from introdl.checks.own import sentences

HINT_COLUMNS = ("task", "no hint", "one", "two", "all three")
OUTCOMES = ("right", "partly", "wrong", "not attempted")
# How a check's lines begin that are about one case.
DETAILS = ("given ", "yours ", "expected ", "line ", "your line ", "in the check, line ")


@dataclass
class TaskFigures:
    """One task: how many got what, and what the wrong ones were told, by how many; `named` are known mistakes."""

    name: str
    outcomes: Counter = field(default_factory=Counter)
    told: Counter = field(default_factory=Counter)
    named: set[str] = field(default_factory=set)

    @property
    def pass_rate(self) -> float:
        """The share of those who tried that got it right, in percent."""
        tried = sum(self.outcomes.values()) - self.outcomes["not attempted"]
        return 100 * self.outcomes["right"] / tried if tried else 0.0


@dataclass
class UnitFigures:
    """All that the report shows of a unit. `codes` are the answers of the students in `pairs`."""

    unit: str
    tasks: list[TaskFigures]
    marks: list[Mark]
    seconds: list[float]
    ungraded: list[str]
    pairs: list[Pair]
    codes: Codes
    hints: dict[str, Counter[int]] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return a line for each task: name, right of those who tried, how many left it, the most frequent mistake."""
        lines = []
        for task in self.tasks:
            left = task.outcomes["not attempted"]
            tried = sum(task.outcomes.values()) - left
            text, count = task.told.most_common(1)[0] if task.told else ("", 0)
            worst = f"{count} × {text}" if text else ""
            lines.append((task.name, f"{task.outcomes['right']}/{tried} ({task.pass_rate:.0f} %)", f"{left}", worst))
        return lines

    def hint_rows(self) -> list[tuple[str, ...]]:
        """Return a line for each task that somebody shared traces of: name, how many opened 0, 1, 2 and 3 hints."""
        counts = [(task.name, self.hints[task.name]) for task in self.tasks if task.name in self.hints]
        return [(name, *(f"{found[number] or ''}" for number in range(MOST_HINTS + 1))) for name, found in counts]

    @property
    def typical_seconds(self) -> float:
        """The median time that running and judging a submission took."""
        return median(self.seconds) if self.seconds else 0.0


def write_report(room: Class, slugs: list[str], to: Path | None, force: bool) -> tuple[Path, list[UnitFigures]]:
    """Write the page of these units that have been graded; return its path and the figures.

    Raises AutograderError where no unit has been graded or a file is in the way.
    """
    from autograder.report_page import page

    target = to or free_name(room.root, "report", ".html")
    if target.exists() and not force:
        raise AutograderError(f"{target} exists; --force replaces it")
    marks, graded = class_marks(room), [slug for slug in slugs if (room.root / FOLDER / slug).is_dir()]
    units = [unit_figures(room, slug, marks) for slug in graded]
    if not units:
        raise AutograderError(f"{room.root}: no unit has been graded yet; first: autograder grade UNIT")
    write_whole(target, page(room.name, units))
    return target, units


def unit_figures(room: Class, slug: str, marks: list[Mark] | None = None) -> UnitFigures:
    """Return the figures of a unit that has been graded; raises AutograderError where none has."""
    students = room.students("submitted", slug)
    reports = {student: found for student in students if (found := _kept(room, slug, student))}
    if not reports:
        raise AutograderError(f"no submission of {slug} has been graded; first: autograder grade {slug}")
    codes = {student: _code(room, slug, student) for student in students}
    pairs = similar_pairs(codes, _given(room, slug))
    shown = {name for pair in pairs for name in (pair.first, pair.second)}
    return UnitFigures(
        slug,
        _tasks(_known_sentences(slug) | sentences(room.own_mistakes(slug)[0]), list(reports.values())),
        [mark for mark in marks or class_marks(room) if mark.unit == slug],
        [report.seconds for report in reports.values()],
        [student for student in students if student not in reports],
        pairs,
        {student: code for student, code in codes.items() if student in shown},
        shared_hints(room, slug, students),
    )


def _kept(room: Class, slug: str, student: str) -> Report | None:
    """Return the report of the last grading, if it is of what lies in submitted/ now."""
    path = room.root / FOLDER / slug / f"{quote(student, safe=' ')}.json"
    submitted = room.folder("submitted", slug, student) / f"{NOTEBOOK}.ipynb"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if path.stat().st_mtime >= submitted.stat().st_mtime:
            return Report.from_json(json.loads(path.read_text(encoding="utf-8"))["report"])
    return None


def _tasks(known: set[str], reports: list[Report]) -> list[TaskFigures]:
    tasks: dict[str, TaskFigures] = {}
    for report in reports:
        for name, found in report.verdicts.items():
            if found.state == states.MANUAL or name in report.solutions:
                continue
            task = tasks.setdefault(name, TaskFigures(name.removeprefix("check_")))
            outcome = _outcome(found)
            task.outcomes[outcome] += 1
            if outcome == "wrong":
                sentence = sentence_of(found.message) or found.state
                task.told[sentence] += 1
                if sentence.removesuffix("[...]").strip() and any(
                    whole.startswith(sentence.removesuffix("[...]").strip()) for whole in known
                ):
                    task.named.add(sentence)
    return list(tasks.values())


def _outcome(found) -> str:
    simple = {states.PASSED: "right", states.PARTIAL: "partly", states.NOT_ATTEMPTED: "not attempted"}
    return simple.get(found.state, "wrong")


def sentence_of(message: str) -> str:
    """Return what a check's message says on the answer as a whole, without the case.

    Of our checks it is what follows the title; a check of plain asserts has its sentence in the title.
    """
    lines = [line for line in message.splitlines() if line.strip()]
    if not lines or not lines[0].startswith("✗"):
        return lines[0].strip()[:200] if lines else ""
    said = []
    for line in lines[1:]:
        if not line.startswith("  ") or line.strip().startswith(DETAILS) or line.startswith("   "):
            break
        said.append(line.strip())
    return " ".join(said) or lines[0].removeprefix("✗ ").removeprefix("AssertionError: ")[:200]


def _known_sentences(slug: str) -> set[str]:
    """Return the sentences of a unit's known mistakes; none for a unit that is not the course's."""
    with contextlib.suppress(ImportError, AttributeError):
        unit = importlib.import_module(f"introdl.checks.{slug.partition('_')[2]}").unit
        return {" ".join(known.sentence.split()) for task in unit.tasks.values() for known in task.mistakes}
    return set()


def _code(room: Class, slug: str, student: str) -> dict[str, str]:
    """Return a student's answers in code, by task; none where the notebook cannot be read."""
    path = room.folder("submitted", slug, student) / f"{NOTEBOOK}.ipynb"
    try:
        cells = read_submission(read_file(path, room.root))
    except (OSError, Unreadable):
        return {}
    return {cell.grade_id: cell.source for cell in cells if cell.kind == "code" and cell.grade_id}


def _given(room: Class, slug: str) -> dict[str, list[str]]:
    """Return the code that everybody had, by task: the stubs and the checks."""
    released = json.loads(_read(room.folder("release", slug) / f"{NOTEBOOK}.ipynb"))
    return {role_of(cell).get("grade_id", ""): [text_of(cell)] for cell in released["cells"]}


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")

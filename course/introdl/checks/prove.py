"""Show that checks tell right from wrong: every reference and alternative passes, every mistake is named.

`python -m introdl.checks` prints the table; the same functions serve the tests. Each answer is tried in this
process and again with the answer in a child process, as it is when a class is graded.
"""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from introdl.checks.child import Student
from introdl.checks.task import Task
from introdl.checks.unit import COURSE, Unit


@dataclass
class Proof:
    """What was tried for one task, and what failed; `problems` is empty when all is well."""

    unit: str
    task: str
    cases: int
    mistakes: int
    killed: int = 0
    recognised: int = 0
    alternatives: int = 0
    accepted: int = 0
    problems: list[str] = field(default_factory=list)


def units(course: Path = COURSE) -> dict[str, Unit]:
    """Return every unit that has a folder in the course and one of checks, by slug."""
    found = {}
    for folder in sorted(course.glob("[0-9][0-9]_*")):
        name = folder.name.split("_", 1)[1]
        if (course / "introdl" / "checks" / name).is_dir():
            found[folder.name] = importlib.import_module(f"introdl.checks.{name}").unit
    return found


def answers(unit: Unit, course: Path = COURSE) -> str:
    """Return Python source that defines the reference solutions and the alternatives, without running a check."""
    folder = course.parent / "solutions" / unit.slug
    exercises = ast.parse((folder / "exercises.py").read_text(encoding="utf-8"))
    kept = [
        node for node in exercises.body if not isinstance(node, ast.Expr)
    ]  # `check.relu(relu)` is an expression
    return (
        ast.unparse(ast.Module(kept, [])) + "\n\n" + (folder / "alternatives.py").read_text(encoding="utf-8")
    )


def prove(unit: Unit, course: Path = COURSE, own: tuple[str, str] | None = None) -> Iterator[Proof]:
    """Yield a `Proof` for each task of a unit, both ways.

    own: text and name of a file of an instructor's own mistakes, which were added to the unit's tasks here.
    """
    source = answers(unit, course)
    module = unit.slug.split("_", 1)[1]
    here: dict = {"__name__": "answers"}
    exec(compile(source, f"<answers {unit.slug}>", "exec"), here)
    with Student() as student:
        student.run(source)
        student.run(
            f"from introdl.checks.{module} import unit as _unit\n"
            "def _mistake(task, place): return _unit.tasks[task].mistakes[place].answer"
        )
        there = {name: student[name] for name in here if name in unit.tasks or "__" in name[1:]}
        if own:
            student.run("from introdl.checks.own import add_mistakes")
            student["add_mistakes"](*own)
        wrong = student["_mistake"]
        for task in unit.tasks.values():
            yield _prove_task(task, here, there, wrong)


def _prove_task(task: Task, here: dict, there: dict, wrong) -> Proof:
    proof = Proof(task.unit, task.name, len(task.make_cases()), len(task.mistakes))
    others = [name for name in here if name.startswith(task.name + "__")]
    proof.alternatives = len(others)
    for name in [task.name, *others]:
        problems = [p for answer in (here[name], there[name]) if (p := task.problem(answer))]
        proof.problems += [f"{name} is rejected: " + " / ".join(p) for p in problems]
        proof.accepted += not problems and name != task.name
    for place, mistake in enumerate(task.mistakes):
        for answer, where in ((mistake.answer, "here"), (wrong(task.name, place), "in a child process")):
            said = task.problem(answer)
            named = said is not None and mistake.sentence.split() == _sentence(said, mistake)
            proof.killed += said is not None
            proof.recognised += named
            if not named:
                proof.problems.append(
                    f"{mistake.answer.__name__} {where}: " + (" / ".join(said) if said else "passes")
                )
    proof.killed, proof.recognised = proof.killed // 2, proof.recognised // 2
    return proof


def _sentence(said: list[str], mistake) -> list[str]:
    """Return the words of the message that stand where the mistake's sentence should."""
    return " ".join(said[1:]).split()[: len(mistake.sentence.split())]

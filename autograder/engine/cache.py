"""A submission that was graded is not run again: its report is kept until anything that made it changes."""

import hashlib
import json
import os
import sys
import sysconfig
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from autograder.engine.grading import Grading
from autograder.engine.rebuild import Rebuilt
from autograder.engine.unit import CHECKS
from autograder.engine.verdict import Report

FOLDER = ".grading"
LONGEST = 150  # characters of a file name; a student's name may be longer


class Cache:
    """Reports of one unit, a file for each student, each with the key that it was made for."""

    def __init__(self, root: Path, slug: str, grading: Grading):
        self.folder = root / FOLDER / slug
        self.basis = basis_of(grading)

    def key(self, rebuilt: Rebuilt) -> str:
        """Return the digest of all that can change a submission's report."""
        return _digest([self.basis, [vars(part) for part in rebuilt.parts], rebuilt.notes])

    def find(self, student: str, key: str) -> Report | None:
        """Return the kept report of a student for this key, or None."""
        try:
            kept = json.loads(self._file(student).read_text(encoding="utf-8"))
            return Report.from_json(kept["report"]) if kept["key"] == key else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, student: str, key: str, report: Report) -> None:
        """Keep a report, in one step; one of a failed engine is not kept."""
        if report.problem:
            return
        write_whole(self._file(student), json.dumps({"key": key, "report": report.as_json()}))

    def _file(self, student: str) -> Path:
        name = quote(student, safe=" ")
        if len(name) > LONGEST:
            name = name[:LONGEST] + _digest(student)
        return self.folder / f"{name}.json"


def basis_of(grading: Grading) -> str:
    """Return the digest of all that can change every report of a unit: notebooks, seed, limits, packages, code."""
    return _digest(
        [
            grading.template.source,
            grading.template.released,
            grading.seed,
            asdict(grading.limits),
            grading.mode,
            grading.in_process,
            grading.own,
            environment(grading.imported),
        ]
    )


def write_whole(path: Path, text: str) -> None:
    """Write a file so that, whatever happens, it is there as it was or as it will be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name[:LONGEST]}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def environment(imported: list[str]) -> str:
    """Return a digest of Python, the installed packages, the engine, and those checks that the unit imports."""
    found = hashlib.sha256(sys.version.encode())
    for folder in sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}):  # some add to sys.path
        found.update("".join(sorted(name for name in os.listdir(folder) if name.endswith(".dist-info"))).encode())
    import introdl

    package, engine = Path(introdl.__file__).parent, Path(__file__).parent
    wanted = [name.removeprefix(CHECKS) for name in imported if name.startswith(CHECKS)]
    others = {path for path in (package / "checks").glob("*/*.py") if path.parent.name not in wanted}
    for path in sorted({*package.rglob("*.py"), *engine.glob("*.py")} - others):
        found.update(path.read_bytes())
    return found.hexdigest()


def _digest(value) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()

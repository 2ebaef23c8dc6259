"""A learner's copies of the units, in `work/` beside `course/`: starting one, and starting one again.

Nothing here writes over a file: new files are created exclusively, so two starts at once are safe, too.
"""

import json
import os
import sqlite3
import sys
import warnings
from collections.abc import Iterable
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[2]
LESSON, EXERCISES = "lesson.ipynb", "exercises.ipynb"
RELEASED = ".released"  # in work/: the notebooks as the learner got them


class CourseError(Exception):
    """Something that a person can put right; the message says what, where and what to do."""


class UnknownUnit(CourseError):
    """A name that fits no unit."""


def units(root: Path = ROOT) -> list[str]:
    """Return the slugs of the course's units, such as "03_backprop", in order."""
    return sorted(path.name for path in root.glob("course/[0-9][0-9]_*") if path.is_dir())


def find_unit(name: str, root: Path = ROOT) -> str:
    """Return the slug that 3, 03, backprop or 03_backprop stands for; raises UnknownUnit."""
    slugs = units(root)
    if not slugs:
        raise CourseError(f"{root / 'course'} holds no units; install from a clone: pip install -e .")
    for slug in slugs:
        number, _, word = slug.partition("_")
        if name.lower() in (slug, word) or (name.isdecimal() and int(name) == int(number)):
            return slug
    raise UnknownUnit(f"no unit {name}: there are {', '.join(slug.partition('_')[0] for slug in slugs)}")


def start(slug: str, root: Path = ROOT) -> list[Path]:
    """Copy what a unit has for learners to work/SLUG, where it is not there yet; return the new files.

    The course's pages that lessons link to (the glossary) come along. Raises CourseError where nothing is
    built, and OSError.
    """
    course = root / "course"
    if not any((course / slug).glob("*.ipynb")):
        raise CourseError(f"{course / slug} has no notebooks yet; make them with: make build")
    given = [*sorted((course / slug).rglob("*")), *sorted(course.glob("[!i]*.md"))]  # index.md is the site's
    made = []
    for source in (path for path in given if path.is_file() and _for_learners(path.relative_to(course))):
        target = root / "work" / source.relative_to(course)
        target.parent.mkdir(parents=True, exist_ok=True)
        if create(target, source.read_bytes()):
            made.append(target)
            if target.suffix == ".ipynb":
                remember(target, root)
    return made


def start_all(root: Path = ROOT) -> list[Path]:
    """Start every unit that has notebooks; return the new files."""
    built = [slug for slug in units(root) if any((root / "course" / slug).glob("*.ipynb"))]
    return [path for slug in built for path in start(slug, root)]


def reset(slug: str, root: Path = ROOT) -> Path | None:
    """Put a fresh exercises.ipynb into work/SLUG; return where the old one is kept, None if it was fresh."""
    own, given = root / "work" / slug / EXERCISES, root / "course" / slug / EXERCISES
    if not given.is_file():
        raise CourseError(f"{given} does not exist yet; make it with: make build")
    if not own.exists():
        raise CourseError(f"{own} does not exist; it comes with: introdl start {slug[:2]}")
    if own.read_bytes() == given.read_bytes():
        return None
    kept = keep(own)
    replace(own, given.read_bytes())
    remember(own, root)
    return kept


def untouched(root: Path = ROOT) -> list[Path]:
    """Return the learner's notebooks that are still the course's own, byte for byte."""
    pairs = [(root / "work" / path.parent.name / path.name, path) for path in root.glob("course/*/*.ipynb")]
    return [own for own, given in sorted(pairs) if own.is_file() and own.read_bytes() == given.read_bytes()]


def read_notebook(path: Path, cure: str = "make build"):
    """Return a notebook as nbformat's version 4.

    cure: the command that brings a readable one. Raises CourseError for what is no notebook, and OSError.
    """
    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about cells without ids, which work all the same
            notebook = nbformat.reads(path.read_text("utf-8"), as_version=4)
            nbformat.validate(notebook)
            return notebook
    except OSError:
        raise
    except Exception as error:  # what nbformat raises for odd files is not one family
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:100]
        raise CourseError(f"{path} cannot be read as a notebook: {reason}\nto get a readable one: {cure}") from error


def tasks(slug: str, root: Path = ROOT) -> dict[str, float]:
    """Return {task: points} of a unit's check cells, in order; empty for a unit without exercises."""
    path = root / "course" / slug / EXERCISES
    cells = check_cells(read_cells(path)) if path.exists() else {}
    return {name: float(cell["metadata"]["nbgrader"].get("points", 0)) for name, cell in cells.items()}


def read_cells(path: Path, cure: str = "make build") -> list[dict]:
    """Return the cells of a notebook as they stand in the file, their sources as one text each.

    For notebooks of the course, or ones that JupyterLab saved: `read_notebook` takes seconds, and reads more kinds.
    Raises CourseError and OSError.
    """
    try:
        cells = json.loads(path.read_text("utf-8-sig"))["cells"]
        return [cell | {"source": "".join(cell["source"]), "metadata": dict(cell["metadata"])} for cell in cells]
    except (ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path} cannot be read as a notebook: {error}\nto get a readable one: {cure}") from error


def grade_id(cell) -> str:
    """Return nbgrader's name of a cell, "" for a cell without one."""
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def check_cells(cells: Iterable) -> dict:
    """Return {task: cell} of the check cells among a released notebook's, in order."""
    found = {}
    for cell in cells:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("grade") and about.get("locked"):
            found[grade_id(cell).removeprefix("check_")] = cell
    return found


def trust(notebooks: Iterable[Path]) -> None:
    """Sign the course's own notebooks among `notebooks`, so that JupyterLab shows their widgets.

    Where the signatures cannot be kept, one line says so: the notebooks then open without their scripts.
    """
    from nbformat.sign import NotebookNotary

    try:
        notary = NotebookNotary()
        for path in (path for path in notebooks if path.suffix == ".ipynb"):
            notary.sign(read_notebook(path))
    except (OSError, sqlite3.Error) as error:
        print(
            f"not marked as trusted ({error}): widgets need Trust Notebook in JupyterLab's command palette",
            file=sys.stderr,
        )


def _for_learners(path: Path) -> bool:
    """Whether a file of a unit, named relative to it, travels to the learner."""
    hidden = any(part.startswith((".", "__")) for part in path.parts)
    return not hidden and path.suffix != ".py"


def create(path: Path, content: bytes) -> bool:
    """Write a new file; return False, with nothing done, if it is there. Raises OSError, and leaves no half file."""
    try:
        file = path.open("xb")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(content)
    except OSError as error:
        error.filename = error.filename or str(path)
        path.unlink(missing_ok=True)
        raise
    return True


def remembered(own: Path, root: Path = ROOT) -> Path:
    """Return where a learner's notebook is kept as the learner got it."""
    return root / "work" / RELEASED / own.relative_to(root / "work")


def remember(own: Path, root: Path = ROOT) -> None:
    """Keep the course's notebook that a learner's begins with, so that `introdl update` can tell who changed what."""
    path = remembered(own, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, (root / "course" / own.relative_to(root / "work")).read_bytes())


def replace(path: Path, content: bytes) -> None:
    """Write a file in one step: where that fails, the old one stays as it is. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def keep(path: Path) -> Path:
    """Copy a file beside itself under the first free numbered name, such as exercises.kept-1.ipynb."""
    content = path.read_bytes()
    names = (path.with_name(f"{path.stem}.kept-{number}{path.suffix}") for number in count(1))
    return next(kept for kept in names if create(kept, content))

"""A newer course beside work that has begun: what changed is found, refreshed where untouched, merged on request.

`work/.released` keeps each notebook as the learner got it. So it shows which cells the learner has changed, and which
the course has. Cells are told apart by nbgrader's names or their ids, which do not change from build to build.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from introdl.worksheets import (
    EXERCISES,
    LESSON,
    ROOT,
    CourseError,
    grade_id,
    keep,
    read_cells,
    remember,
    remembered,
    replace,
)

STALE = "is newer in the course, and yours has changed, too: introdl update --merge {unit}"


@dataclass
class News:
    """What a newer course means for a learner's notebook."""

    path: Path
    said: str


@dataclass
class Merged:
    """A merged notebook's cells, and what a learner should look at."""

    cells: list[dict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def pull(root: Path = ROOT) -> bool:
    """Bring the newer course by git; return whether the environment changed, too. Raises CourseError."""
    if not (root / ".git").exists():
        raise CourseError(
            f"{root} is no git clone: get the newer course as you got this, then introdl update --no-pull"
        )
    before = (root / "requirements.txt").read_bytes()
    done = subprocess.run(["git", "-C", str(root), "pull", "--ff-only"], capture_output=True, text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith(("error", "fatal"))]
        reason = (lines or ["no reason given"])[0]
        raise CourseError(f"git could not bring the newer course: {reason}\nnothing was changed; see: git status")
    return (root / "requirements.txt").read_bytes() != before


def refresh(root: Path = ROOT) -> list[News]:
    """Bring the learner's untouched notebooks up to date and say what became of each that the course has changed.

    What the learner deleted stays away; one that cannot be read is named, and the others go on. Raises OSError.
    """
    news = []
    for own, given, was in _started(root):
        try:
            said = _refreshed(own, given, was, root)
        except CourseError as error:
            said = str(error).splitlines()[0]
        news += [News(own, said)] if said else []
    return news


def _refreshed(own: Path, given: Path, was: Path | None, root: Path) -> str | None:
    """Bring one notebook up to date if it is untouched; return what there is to say."""
    if not given.is_file():
        return "is not in the course any more; yours stays"
    if not is_newer(given, own, was):
        if was is None:
            remember(own, root)
        return None
    if was is None or _sources(own) != _sources(was):
        return STALE.format(unit=own.parent.name[:2])
    replace(own, given.read_bytes())
    remember(own, root)
    return "is the newer one now; you had not changed it"


def is_newer(given: Path, own: Path, was: Path | None) -> bool:
    """Whether the course's notebook is another than the one that the learner began with.

    Where nothing was remembered, the locked cells tell, which learners do not change.
    """
    if was:
        return _sources(given) != _sources(was)
    mine = {_key(cell): cell["source"] for cell in read_cells(own)}
    return any(mine.get(_key(cell)) != cell["source"] for cell in read_cells(given) if _locked(cell))


def merge(slug: str, root: Path = ROOT) -> list[News]:
    """Merge a unit's notebooks with the newer course; the old ones are kept beside them. Raises as `refresh`."""
    news = []
    for own, given, was in _started(root, slug):
        if not given.is_file() or not is_newer(given, own, was):
            continue
        found = merged(read_cells(given), read_cells(own), read_cells(was) if was else None)
        notebook = json.loads(given.read_text("utf-8")) | {"cells": found.cells}
        kept = keep(own)
        replace(own, (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode())
        remember(own, root)
        news.append(News(own, f"is merged; your old one is {kept.name}"))
        news += [News(own, note) for note in found.notes]
    return news


def merged(given: list[dict], own: list[dict], was: list[dict] | None) -> Merged:
    """Return the course's cells with the learner's: answers, changed cells in their places, added ones after theirs.

    was: the cells that the learner began with, None if not known: then all that differs counts as the learner's.
    """
    began = {_key(cell): cell["source"] for cell in was or []}
    mine = {_key(cell): cell for cell in reversed(own) if not _locked(cell)}  # of copies of a cell, the first counts
    found = Merged()
    for cell in given:
        key, changed = _key(cell), mine.get(_key(cell))
        if changed and changed["source"] not in (cell["source"], began.get(key)):
            if key in began and began[key] != cell["source"]:
                found.notes.append(f"{key}: the course changed this cell, too; yours stands, theirs is in course/")
            cell = _without_outputs(cell | {"source": changed["source"]})
        found.cells.append(cell)
    _put_in(found, own, began)
    return found


def _put_in(found: Merged, own: list[dict], began: dict[str, str]) -> None:
    """Put in the cells that only the learner has, copies of others among them: each after the one that it followed."""
    places, last = {_key(cell) for cell in found.cells}, None
    for cell in own:
        key = _key(cell)
        if key in places:
            places.remove(key)
            last = key
        elif not _locked(cell) and cell["source"].strip() and cell["source"] != began.get(key):
            keys = [_key(other) for other in found.cells]
            if "nbgrader" in cell["metadata"] and key not in keys:
                found.notes.append(f"{key}: the course has no such task any more; what you wrote stands on its own")
            metadata = {name: value for name, value in cell["metadata"].items() if name != "nbgrader"}
            added = _without_outputs(cell | {"metadata": metadata})
            found.cells.insert(keys.index(last) + 1 if last in keys else 0, added)
            last = _key(added)


def _started(root: Path, slug: str = "[0-9][0-9]_*") -> Iterator[tuple[Path, Path, Path | None]]:
    """Yield (the learner's, the course's, the one that the learner began with or None) of each notebook in work/."""
    for own in sorted(root.glob(f"work/{slug}/*.ipynb")):
        if own.name in (LESSON, EXERCISES):
            was = remembered(own, root)
            yield own, root / "course" / own.parent.name / own.name, was if was.is_file() else None


def _sources(path: Path) -> list[str]:
    return [cell["source"] for cell in read_cells(path)]


def _without_outputs(cell: dict) -> dict:
    """Return a cell as it is before it runs: the merged notebook is signed, so all outputs in it are the course's."""
    return cell | {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else cell


def _key(cell: dict) -> str:
    return grade_id(cell) or cell.get("id", "")


def _locked(cell: dict) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("locked"))

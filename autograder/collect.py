"""What students handed in → submitted/STUDENT/UNIT of a class; the latest counts, every earlier one is kept."""

import contextlib
import os
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Class
from autograder.engine.intake import Unreadable
from autograder.engine.limits import Limits
from autograder.handed_in import (
    NOTEBOOK_END,
    STAMP,
    HandedIn,
    SourceError,
    files_of,
    kind_of,
    leads_outside,
    recognised,
)
from autograder.hints import MOST_BYTES
from autograder.units import NOTEBOOK
from introdl.progress import FILE

EARLIER, LATE = "earlier", "late.txt"
NEW, REPLACED, SAME = "new", "replaces an earlier one", "as before"
OLDER, REFUSED = "older, kept aside", "not collected"
LONGEST = 100  # characters of a student's name
PROGRESS = r"progress[ ()\d-]*\.jsonl"  # platforms and browsers number what has one name


@dataclass(frozen=True)
class Collected:
    """What became of one student's work: `state` is one of those above, `note` says what is odd."""

    student: str
    state: str
    late: bool = False
    note: str = ""


def collect(room: Class, slug: str, source: Path, kind: str | None = None) -> list[Collected]:
    """Bring a unit's submissions from a source into a class.

    source: a folder or a .zip; kind: canvas, moodle, exchange, folder, or None to see from the names.
    Raises SourceError where there is nothing of that kind. What is there already stays: replaced work is copied to
    earlier/STUDENT/UNIT first, and so is what is older than what is there.
    """
    every = list(files_of(source))
    outside = [file.name for file in every if leads_outside(file.name)]
    refused = [Collected(name, REFUSED, note="its name leads out of the archive") for name in outside]
    files = [file for file in every if not leads_outside(file.name)]
    kind = kind or kind_of([file.name for file in files], slug)
    found: dict[tuple[str, str], list[HandedIn]] = defaultdict(list)
    stamps: dict[tuple[str, str], HandedIn] = {}
    for file in files:
        if one := recognised(file, kind, slug):
            who = (one.number, "") if one.number else ("", one.who)
            if one.title.endswith(STAMP):
                stamps[who] = one
            else:
                found[who].append(one)
    if not found:
        raise SourceError(f"{source} holds nothing that {kind} names would tell as {slug}: is it the right one?")
    names = {who: _student(room, items[0]) for who, items in found.items()}
    done = [_collect_one(room, slug, names, who, items, stamps.get(who)) for who, items in sorted(found.items())]
    return refused + done


def _student(room: Class, one: HandedIn) -> str:
    """Return the name of a student's folder: with a platform's number, the one that has that number already."""
    name = unicodedata.normalize("NFKC", one.who)
    name = re.sub(r"[^\w.@-]+", "_", name).strip("._-")[:LONGEST]
    if not one.number:
        return name
    known = sorted(path.name for path in room.folder("submitted", "_", "_").parents[1].glob(f"*_{one.number}"))
    return known[0] if known else f"{name}_{one.number}".lstrip("_")


def _collect_one(room: Class, slug: str, names: dict, who: tuple, items: list[HandedIn], stamp) -> Collected:
    student = names[who]
    label = student or items[0].who
    if not student or sum(name == student for name in names.values()) > 1:
        return Collected(label, REFUSED, note=f"the name {items[0].who!r} cannot be told from another's")
    notebooks = [one for one in items if one.title.lower().endswith(NOTEBOOK_END)]
    if not notebooks:
        return Collected(label, REFUSED, note=f"no notebook: {', '.join(sorted(one.title for one in items))}"[:200])
    notebooks.sort(key=lambda one: (_is_ours(one), one.order))
    *others, latest = notebooks
    try:
        data = _bytes(latest)
        time = latest.time or (stamp.file.read().decode("utf-8", "replace").strip() if stamp else "")
    except Unreadable as error:
        return Collected(label, REFUSED, latest.late, f"{latest.file.name}: {error}")
    for one in others:
        with contextlib.suppress(Unreadable):
            _keep(room, slug, student, _bytes(one), one.time)
    note = f"{len(notebooks)} notebooks, the last is taken" if others else ""
    done = _place(room, slug, student, data, time, latest.late, note)
    if done.state != OLDER:
        _keep_progress(room.folder("submitted", slug, student), items)
    return done


def _keep_progress(folder: Path, items: list[HandedIn]) -> None:
    """Keep the progress.jsonl that a student handed in beside the notebook, if there is one and it is no larger."""
    shared = [one for one in items if re.fullmatch(PROGRESS, Path(one.title).name, re.IGNORECASE)]
    for one in sorted(shared, key=lambda one: one.order)[-1:]:
        with contextlib.suppress(Unreadable):
            data = one.file.read()
            if len(data) <= MOST_BYTES:
                _write(folder / FILE, data)


def _is_ours(one: HandedIn) -> bool:
    return Path(one.title).name.lower().startswith(NOTEBOOK)


def _bytes(one: HandedIn) -> bytes:
    data = one.file.read()
    if len(data) > Limits().notebook_mb * 2**20:
        raise Unreadable(f"it is larger than {Limits().notebook_mb} MB")
    return data


def _place(room: Class, slug: str, student: str, data: bytes, time: str, late: bool, note: str) -> Collected:
    """Put a student's latest notebook where grading finds it; keep a copy of what was there."""
    folder = room.folder("submitted", slug, student)
    target, state = folder / f"{NOTEBOOK}.ipynb", NEW
    if target.exists():
        before = target.read_bytes()
        if before == data and _text(folder / STAMP) == time:
            return Collected(student, SAME, late, note)
        if time and (there := _text(folder / STAMP)) and time < there:
            _keep(room, slug, student, data, time)
            return Collected(student, OLDER, late, note)
        _keep(room, slug, student, before, _text(folder / STAMP), late=(folder / LATE).exists())
        state = REPLACED
    folder.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_bytes() != data:
        _write(target, data)
    for name, text in ((STAMP, time), (LATE, "marked late where it was handed in" if late else "")):
        _write(folder / name, f"{text}\n".encode()) if text else (folder / name).unlink(missing_ok=True)
    return Collected(student, state, late, note)


def _keep(room: Class, slug: str, student: str, data: bytes, time: str, late: bool = False) -> None:
    """Keep a copy in earlier/STUDENT/UNIT/NUMBER, unless one of the same bytes is there."""
    root = room.root / EARLIER / student / slug
    kept = sorted(path for path in root.glob("*/*.ipynb")) if root.is_dir() else []
    if any(path.read_bytes() == data for path in kept):
        return
    folder = root / f"{len(kept) + 1:03}"
    folder.mkdir(parents=True)
    _write(folder / f"{NOTEBOOK}.ipynb", data)
    for name, text in ((STAMP, time), (LATE, "late" if late else "")):
        if text:
            _write(folder / name, f"{text}\n".encode())


def _text(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace").strip()
    return ""


def _write(path: Path, data: bytes) -> None:
    """Write a file so that it is there as it was or as it will be; a link in its place is replaced, not followed."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)

r"""What was handed in, read from where it lies: a folder, a download from Canvas or Moodle, nbgrader's exchange.

Names, as the systems' own programs make them:

- Canvas: `doejane_late_4711_90210_exercises-1.ipynb`: sortable name, `late` or nothing, user, file, title
  (`get_filename` and `add_upload_submission`, github.com/instructure/canvas-lms/blob/master/lib/content_zipper.rb;
  `-1` comes of handing in twice)
- Moodle: `Jane Doe_4711_assignsubmission_file_exercises.ipynb`, or with "Download submissions in folders" on, the
  file's own name in such a folder; `Participant_4711_…` where marking is blind (`download_submissions`,
  github.com/moodle/moodle/blob/main/public/mod/assign/locallib.php)
- nbgrader: `ada+01_perceptron+2026-10-01 12:00:00.000000 UTC+random/exercises.ipynb` in `inbound` (`copy_files`,
  github.com/jupyter/nbgrader/blob/main/nbgrader/exchange/default/submit.py)
- a folder: `ada.ipynb`, `ada/exercises.ipynb` or `ada/01_perceptron/exercises.ipynb`, with a timestamp.txt or without

Neither Canvas nor Moodle says when something was handed in, only (Canvas) that it was late.
"""

import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder import AutograderError
from autograder.engine.intake import Unreadable, read_file
from autograder.engine.limits import Limits

NOTEBOOK_END = ".ipynb"
STAMP = "timestamp.txt"
MOST_FILES = 100_000
CANVAS = (
    r"(?:.*/)??(?:(?P<name>\w*?)_)??(?:(?P<late>late)_)?(?P<number>\d+)_(?P<file>\d+)_(?P<title>[^/]+)"
)
MOODLE = r"(?:.*/)??(?P<name>[^/]*?)_(?P<number>\d+)_assignsubmission_file(?:_(?!/)|_?/)(?P<title>.+)"
EXCHANGE = r"(?:.*/)??(?P<name>[^/]+?)\+{unit}\+(?P<time>[^/+]+)(?:\+[^/]*)?/(?P<title>.+)"
KINDS = {"canvas": CANVAS, "moodle": MOODLE, "exchange": EXCHANGE}


class SourceError(AutograderError):
    """A source that cannot be read as what it should be."""


@dataclass(frozen=True)
class File:
    """A file in a source: its name there, how to get its bytes, and what puts it in order if nothing else does."""

    name: str
    read: Callable[[], bytes]
    order: float


@dataclass(frozen=True)
class HandedIn:
    """One file of one student; `number` is the learning platform's, `time` is nbgrader's kind of text or empty."""

    who: str
    number: str
    title: str
    late: bool
    time: str
    order: tuple
    file: File


def files_of(source: Path) -> Iterator[File]:
    """Yield the files of a folder or a .zip; raises SourceError. Nothing is unpacked: names lead nowhere."""
    if source.is_dir():
        yield from _files_of_folder(source)
    elif source.is_file():
        yield from _files_of_zip(source)
    else:
        raise SourceError(f"{source} is neither a folder nor a file: name what you downloaded")


def _files_of_folder(source: Path) -> Iterator[File]:
    root = source.resolve()
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_dir() and not any(part.startswith(".") for part in PurePosixPath(name).parts):
            yield File(name, lambda path=path: read_file(path, root), path.lstat().st_mtime)


def _files_of_zip(source: Path) -> Iterator[File]:
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{source} is no .zip that can be read ({error}): download it again") from error
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise SourceError(f"{source} holds {len(entries)} files; at most {MOST_FILES} are looked at")
    for place, entry in enumerate(entries):  # the archive stays open as long as one of these is about
        yield File(entry.filename, lambda entry=entry: _bytes_of(archive, entry), place)


def _bytes_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the bytes of an entry, one more than allowed at most; raises Unreadable."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Unreadable("it is a link to another place")
    if entry.flag_bits & 1:
        raise Unreadable("it is encrypted")
    try:
        with archive.open(entry) as file:
            return file.read(Limits().notebook_mb * 2**20 + 1)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise Unreadable(f"it is damaged ({error})") from error
    except Exception as error:  # zlib and lzma have errors of their own
        raise Unreadable(f"it cannot be unpacked ({error})") from error


def leads_outside(name: str) -> bool:
    """Whether a name in an archive would leave the folder that it is unpacked to, on any system."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or bool(re.match(r"[A-Za-z]:", name)) or "\0" in name


def kind_of(names: list[str], slug: str) -> str:
    """Return the kind of source whose names these are; `folder` where no system's pattern fits."""
    return next((kind for kind in KINDS if any(_match(kind, name, slug) for name in names)), "folder")


def _match(kind: str, name: str, slug: str) -> re.Match | None:
    """Match a name. The first that fits counts, from the left: what follows is the student's to choose."""
    return re.fullmatch(KINDS[kind].replace("{unit}", re.escape(slug)), name, re.IGNORECASE | re.DOTALL)


def recognised(file: File, kind: str, slug: str) -> HandedIn | None:
    """Return who handed a file in, by its name; None for a file that is nobody's or another unit's."""
    if kind == "folder":
        return _of_folder(file, slug)
    found = _match(kind, file.name, slug)
    if not found:
        return None
    parts = found.groupdict()
    order = (parts.get("time") or "", int(parts.get("file") or 0), file.order)
    late = bool(parts.get("late"))
    number, time = parts.get("number") or "", parts.get("time") or ""
    return HandedIn(parts["name"] or "", number, parts["title"], late, time, order, file)


def _of_folder(file: File, slug: str) -> HandedIn | None:
    parts = PurePosixPath(file.name).parts
    if len(parts) == 1:
        return HandedIn(PurePosixPath(file.name).stem, "", parts[0], False, "", ("", 0, file.order), file)
    if len(parts) > 3 or (len(parts) == 3 and parts[1] != slug):
        return None
    return HandedIn(parts[0], "", parts[-1], False, "", ("", 0, file.order), file)

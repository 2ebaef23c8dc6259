"""What a learner has done so far: one line of JSON for each check, hint and solution, in `work/progress.jsonl`.

The file stays on the learner's machine. It is written only where a notebook runs in a folder called `work`
beside `course`: building the course or grading a class leaves no trace. Keeping it never fails a check.
"""

import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

FILE, EVENTS = "progress.jsonl", ("pass", "fail", "hint", "solution")
REVIEW = "INTRODL_REVIEW"  # in the environment of a review's notebook, whose verdicts are told apart


def record(unit: str, task: str, event: str, hint: int | None = None) -> None:
    """Append an event of a task to the learner's file: "pass", "fail", "solution", or "hint" with the hint's number.

    unit: slug, such as "03_backprop". Outside the learner's folder, and where the disk is full or read-only,
    nothing is written and nothing is raised.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    row = {"time": now, "unit": unit, "task": task, "event": event} | ({"review": True} if REVIEW in os.environ else {})
    with contextlib.suppress(OSError):
        folder = work_folder()
        if folder:
            _append(folder / FILE, json.dumps(row if hint is None else row | {"hint": hint}))


def events(folder: Path | None = None) -> list[dict]:
    """Return the events in a folder's file, oldest first; a line that cannot be read is left out.

    folder: the learner's; None means the one that the working folder lies in. Raises OSError for a file that
    is there and cannot be read.
    """
    folder = folder or work_folder()
    if folder is None or not (folder / FILE).exists():
        return []
    lines = (folder / FILE).read_text("utf-8", errors="replace").splitlines()
    return [row for row in map(_parsed, lines) if row]


def hints_opened(unit: str, task: str) -> int:
    """Return the number of the last hint that the learner opened for a task: 0 to 3."""
    try:
        rows = events()
    except OSError:
        return 0
    wanted = (unit, task, "hint")
    return max((row["hint"] for row in rows if (row["unit"], row["task"], row["event"]) == wanted), default=0)


def tries(unit: str, task: str) -> list[str]:
    """Return what came of the learner's tries of a task, oldest first: "pass" or "fail" each."""
    try:
        rows = events()
    except OSError:
        return []
    return [row["event"] for row in rows if (row["unit"], row["task"]) == (unit, task) and row["event"] in EVENTS[:2]]


def work_folder(start: Path | None = None) -> Path | None:
    """Return the nearest folder at or above `start` that is called `work` and lies beside `course`."""
    start = (start or Path.cwd()).absolute()
    above = [path for path in (start, *start.parents) if path.name == "work"]
    return next((path for path in above if (path.parent / "course").is_dir()), None)


def _append(path: Path, line: str) -> None:
    """Append a line in one write, on a line of its own even where an earlier write broke off."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        os.lseek(descriptor, max(size - 1, 0), os.SEEK_SET)
        broken_off = size > 0 and os.read(descriptor, 1) != b"\n"
        os.write(descriptor, f"{chr(10) * broken_off}{line}\n".encode())
    finally:
        os.close(descriptor)


def _parsed(line: str) -> dict | None:
    """Return the event that a line holds, or None if it is damaged."""
    try:
        row = json.loads(line)
        known = row["event"] in EVENTS and all(isinstance(row[key], str) for key in ("unit", "task"))
        return row if known and (row["event"] != "hint" or isinstance(row["hint"], int)) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None

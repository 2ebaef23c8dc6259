"""How many hints students opened, of those who handed in their progress.jsonl beside the notebook.

It is theirs to share or not, and theirs to edit: it says what a task asks of a class, and nothing on one student.
"""

import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from autograder.course import Class
from autograder.engine.intake import Unreadable, read_file
from introdl.progress import FILE, events

MOST_BYTES = 2_000_000  # of a progress.jsonl: a learner who does all units has a tenth of that
MOST_HINTS = 3  # of a task


def shared_hints(room: Class, slug: str, students: list[str]) -> dict[str, Counter[int]]:
    """Return for each task how many students opened no hint, one, two or three; empty if nobody shared.

    A task that a student left no trace of counts for nothing.
    """
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for student in students:
        for task, opened in _opened(room.folder("submitted", slug, student) / FILE, room.root, slug).items():
            found[task][opened] += 1
    return dict(found)


def _opened(path: Path, root: Path, slug: str) -> dict[str, int]:
    """Return the hints that a file says were opened, by the unit's tasks; none where it cannot be read."""
    try:
        data = read_file(path, root)
    except (OSError, Unreadable):
        return {}
    if len(data) > MOST_BYTES:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, FILE).write_bytes(data)
        rows = [row for row in events(Path(folder)) if row["unit"] == slug]
    opened: dict[str, int] = {}
    for row in rows:
        number = row["hint"] if row["event"] == "hint" else 0
        opened[row["task"]] = max(opened.get(row["task"], 0), min(number, MOST_HINTS))
    return opened

"""Bytes in, cells out: a submitted notebook is read as data, and nothing of it is executed or trusted."""

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from autograder.engine.limits import Limits

KINDS = ("code", "markdown", "raw")
BYTE_ORDER_MARK = "\ufeff"


class Unreadable(Exception):
    """A notebook that cannot be read; the message is a sentence for the student."""


@dataclass(frozen=True)
class Cell:
    """One cell of a submitted notebook: its source text, and the two names it may be found by."""

    kind: str
    source: str
    grade_id: str | None = None
    cell_id: str | None = None


def read_file(path: Path, root: Path, limits: Limits | None = None) -> bytes:
    """Return the bytes of a file below `root`; raises Unreadable, FileNotFoundError and other OSErrors.

    A link anywhere on the way, or a file that is a pipe or a device, is refused: it could lead to another's work, or
    never end.
    """
    way = [folder for folder in (path, *path.parents) if root in folder.parents]
    if any(folder.is_symlink() for folder in way):
        raise Unreadable("The submission is a link to another place: hand in the notebook itself.")
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable("The submission is no ordinary file: hand in the notebook itself.")
        return file.read((limits or Limits()).notebook_mb * 2**20 + 1)


def read_submission(data: bytes, limits: Limits | None = None) -> list[Cell]:
    """Return the cells of a notebook of nbformat 3 or 4; raises Unreadable for anything else.

    Only cell types, source texts, nbgrader's grade ids and cell ids are kept; outputs, tags, points and all other
    metadata are left behind.
    """
    limits = limits or Limits()
    if len(data) > limits.notebook_mb * 2**20:
        raise Unreadable(f"The file is larger than {limits.notebook_mb} MB: clear its outputs and hand it in again.")
    if not data.strip():
        raise Unreadable("The file is empty: save the notebook and hand it in again.")
    notebook = _parsed(data, limits.nesting)
    cells = [_cell(entry) for entry in _entries(notebook)]
    if len(cells) > limits.cells:
        raise Unreadable(f"The notebook has {len(cells)} cells; at most {limits.cells} are read.")
    if any(len(cell.source) > limits.cell_characters for cell in cells):
        raise Unreadable(f"A cell has more than {limits.cell_characters:,} characters: is data pasted into it?")
    return cells


def _parsed(data: bytes, nesting: int) -> dict:
    """Return the JSON object in these bytes; a key that stands twice in an object is refused, not chosen from."""
    try:
        text = data.decode("utf-8").removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError:
        raise Unreadable("The file is not UTF-8 text: save it as a notebook in JupyterLab.") from None
    if _depth(text) > nesting:
        raise Unreadable("The file is nested deeper than any notebook: save it anew in JupyterLab.")
    try:
        notebook = json.loads(text, object_pairs_hook=_object)
    except _Twice as twice:
        raise Unreadable(f"The file has the key {twice} twice in one place: save it anew in JupyterLab.") from None
    except (ValueError, RecursionError):
        raise Unreadable("The file is no notebook (not JSON): was it cut off, or saved as another type?") from None
    if not isinstance(notebook, dict):
        raise Unreadable("The file is JSON, but no notebook: hand in the .ipynb file itself.")
    return notebook


class _Twice(Exception):
    """A key that stands twice in one JSON object."""


def _object(pairs: list) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Twice(repr(next(key for key in keys if keys.count(key) > 1))[:40])
    return found


def _depth(text: str) -> int:
    """Return how deep brackets are nested outside of strings, without recursion."""
    deepest = depth = 0
    in_string = escaped = False
    for character in text if text.count("[") + text.count("{") > 2_000 else ():
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _entries(notebook: dict) -> list:
    version = notebook.get("nbformat")
    if version == 4:
        entries = notebook.get("cells")
    elif version == 3:
        sheets = notebook.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        entries = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
    else:
        raise Unreadable("The file is no notebook of format 3 or 4: save it anew in JupyterLab.")
    if not isinstance(entries, list) or not entries:
        raise Unreadable("The notebook has no cells: was another file handed in by mistake?")
    return entries


def _list(value) -> list:
    return value if isinstance(value, list) else []


def _cell(entry) -> Cell:
    """Return one cell; what has the wrong type is taken as not there."""
    if not isinstance(entry, dict):
        return Cell("raw", "")
    kind = entry.get("cell_type")
    metadata = entry.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return Cell(
        kind if kind in KINDS else "raw",
        _text(entry.get("source", entry.get("input"))),  # "input" is format 3
        grade_id if isinstance(grade_id, str) else None,
        entry.get("id") if isinstance(entry.get("id"), str) else None,
    )


def _text(source) -> str:
    """Return a cell's source, which JSON holds as a text or as a list of lines, with plain line ends."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be printed or stored

"""Files that are no notebooks, or strange ones: each is a sentence for its student, or is graded as it was meant."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.hostile.submission import EASY, SMALL, add, answer, metadata

MALFORMED = []
MEANT = {f"check_{EASY[SMALL][0]}": EASY[SMALL][1]}  # what the notebook that is made strange deserves


@dataclass(frozen=True)
class Malformed:
    """A file: `make` gets the notebook with the easiest task answered; what must be `said`, or the honest points."""

    name: str
    phrase: str
    make: Callable[[dict], bytes]
    said: str
    honest: dict[str, float]


def malformed(phrase: str, said: str = "", honest: dict | None = None):
    """Keep a function: with `said`, the file cannot be read, and the student is told so in these words."""

    def kept(make: Callable) -> Callable:
        points = {} if said else MEANT if honest is None else honest
        MALFORMED.append(Malformed(make.__name__, phrase, make, said, points))
        return make

    return kept


def as_bytes(notebook) -> bytes:
    """Return a notebook as a file."""
    return json.dumps(notebook).encode()


@malformed("empty", said="empty")
def nothing_at_all(notebook):
    """No byte."""
    return b""


@malformed("empty: blanks", said="empty")
def blanks(notebook):
    """Only spaces and line ends."""
    return b" \n\r\n\t "


@malformed("empty: a notebook without cells", said="no cells")
def no_cells(notebook):
    """An empty list of cells."""
    return as_bytes(notebook | {"cells": []})


@malformed("not JSON", said="not JSON")
def plain_text(notebook):
    """A program instead of a notebook."""
    return b"def double(n):\n    return 2 * n\n"


@malformed("not JSON: cut off", said="not JSON")
def cut_off(notebook):
    """The first half of a notebook."""
    data = as_bytes(notebook)
    return data[: len(data) // 2]


@malformed("not JSON: conflict markers", said="not JSON")
def conflict(notebook):
    """What a merge leaves."""
    return b"<<<<<<< HEAD\n" + as_bytes(notebook) + b"\n=======\n{}\n>>>>>>> other\n"


@malformed("list at the root", said="no notebook")
def list_at_the_root(notebook):
    """The cells alone."""
    return as_bytes(notebook["cells"])


@malformed("list at the root: a number", said="no notebook")
def number_at_the_root(notebook):
    """A number with more digits than Python likes to read would be no better."""
    return b"7"


@malformed("not JSON: a number of a million digits", said="not JSON")
def endless_number(notebook):
    """An integer that takes minutes to convert."""
    return b'{"nbformat": 4, "cells": [' + b"9" * 10**6 + b"]}"


@malformed("wrong schema versions", said="format 3 or 4")
def version_of_the_future(notebook):
    """Format 99."""
    return as_bytes(notebook | {"nbformat": 99})


@malformed("wrong schema versions: none", said="format 3 or 4")
def no_version(notebook):
    """Without a version."""
    return as_bytes({"cells": notebook["cells"]})


@malformed("wrong schema versions: of the wrong type", said="format 3 or 4")
def version_as_text(notebook):
    """A text for a number, and a list for a text."""
    return as_bytes(notebook | {"nbformat": "4"})


@malformed("nbformat 3")
def format_three(notebook):
    """As notebooks were until 2014."""
    cells = [cell | {"input": cell["source"], "language": "python"} for cell in notebook["cells"]]
    for cell in cells:
        del cell["source"]
    return as_bytes({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]})


@malformed("missing cells: the answer", honest={})
def answer_is_missing(notebook):
    """The cell with the easiest answer was deleted."""
    name = EASY[SMALL][0]
    return as_bytes(notebook | {"cells": [c for c in notebook["cells"] if metadata(c).get("grade_id") != name]})


@malformed("missing cells: all checks")
def checks_are_missing(notebook):
    """All checks were deleted: they count all the same."""
    return as_bytes(notebook | {"cells": [c for c in notebook["cells"] if not metadata(c).get("grade")]})


@malformed("duplicated cells: the first counts")
def answer_twice(notebook):
    """A second cell with the easiest answer's id, and a wrong answer in it."""
    cells = copy.deepcopy(notebook["cells"])
    second = copy.deepcopy(next(c for c in cells if metadata(c).get("grade_id") == EASY[SMALL][0]))
    second["source"], second["id"] = "def double(n):\n    return 0", "second"
    return as_bytes(notebook | {"cells": [*cells, second]})


@malformed("moved cells: upside down")
def upside_down(notebook):
    """All cells in the opposite order."""
    return as_bytes(notebook | {"cells": notebook["cells"][::-1]})


@malformed("code turned markdown")
def answer_is_markdown(notebook):
    """A key pressed by mistake: the answer is there, in a cell of the wrong type."""
    for cell in notebook["cells"]:
        if metadata(cell).get("grade_id") == EASY[SMALL][0]:
            cell["cell_type"] = "markdown"
    return as_bytes(notebook)


@malformed("metadata of wrong types")
def strange_metadata(notebook):
    """Lists, numbers and texts where dictionaries belong; the answers' own ids are as they were."""
    for cell in notebook["cells"]:
        if not metadata(cell).get("solution"):
            cell["metadata"] = [[], 7, "x", None, {"nbgrader": 7}][len(cell["source"]) % 5]
    return as_bytes(notebook | {"metadata": [1, 2]})


@malformed("metadata of wrong types: cells that are none")
def cells_of_wrong_types(notebook):
    """Between the cells a number, a list, a text, nothing, and a cell of no known type."""
    strange = [7, [], "cell", None, {}, {"cell_type": 7, "source": {"a": 1}, "metadata": None, "id": []}]
    return as_bytes(notebook | {"cells": [*strange, *notebook["cells"], *strange]})


@malformed("metadata of wrong types: a key that stands twice", said="twice")
def key_twice(notebook):
    """Two lists of cells, of which each reader may choose another."""
    return as_bytes(notebook)[:-1] + b', "cells": []}'


@malformed("NUL bytes")
def nul_in_a_source(notebook):
    """A NUL within an answer: it is left out."""
    name, _, text = EASY[SMALL]
    return as_bytes(answer(notebook, name, text + "  # \0"))


@malformed("NUL bytes: a file of nothing else", said="not JSON")
def nothing_but_nul(notebook):
    """What a disk that ran full leaves."""
    return bytes(10_000)


@malformed("100 MB", said="larger than")
def hundred_megabytes(notebook):
    """A notebook with an output of 100 MB."""
    return as_bytes(add(notebook, "x = 1"))[:-1] + b', "more": "' + b"x" * 100 * 2**20 + b'"}'


@malformed("100 MB: one cell of 19", said="characters")
def one_large_cell(notebook):
    """A cell with 19 MB of source."""
    return as_bytes(add(notebook, "#" * 19 * 2**20))


@malformed("100 MB: a hundred thousand cells", said="cells")
def many_cells(notebook):
    """More cells than anybody would run."""
    return as_bytes(notebook | {"cells": notebook["cells"] + [{"cell_type": "code", "source": ""}] * 100_000})


@malformed("deep nesting", said="nested deeper")
def deep_lists(notebook):
    """A hundred thousand lists in one another."""
    return b'{"nbformat": 4, "cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@malformed("deep nesting: objects in metadata", said="nested deeper")
def deep_objects(notebook):
    """A thousand and more objects in one another."""
    deep = b'{"a":' * 3000 + b"1" + b"}" * 3000
    return as_bytes(notebook)[:-1] + b', "deep": ' + deep + b"}"


@malformed("bad Unicode: bytes that are none", said="UTF-8")
def not_utf8(notebook):
    """A byte that stands nowhere in UTF-8."""
    return as_bytes(notebook).replace(b"Write", b"Wr\xffte", 1)


@malformed("bad Unicode: UTF-16", said="UTF-8")
def utf16(notebook):
    """As some editors save."""
    return as_bytes(notebook).decode().encode("utf-16")


@malformed("bad Unicode: half a character")
def half_a_character(notebook):
    """One half of a surrogate pair, in an answer and in an id."""
    name, _, text = EASY[SMALL]
    add(notebook, "print('\ud83d')")
    return as_bytes(answer(notebook, name, text + "  # \ud800"))


@malformed("bad Unicode: letters that look alike", honest={})
def lookalikes(notebook):
    """A function whose name has a Cyrillic о: it is another name."""
    return as_bytes(answer(notebook, "double", "def d\u043euble(n):\n    return 2 * n"))


@malformed("bad Unicode: right to left", honest={})
def right_to_left(notebook):
    """Marks that turn the reading direction: what is run is what stands in the file, in its order."""
    return as_bytes(answer(notebook, "double", "def double(n):\n    return 3 * n  # \u202e n * 2 nruter"))


@malformed("CRLF")
def windows_line_ends(notebook):
    """Sources with Windows line ends, and the file's own."""
    name, _, text = EASY[SMALL]
    notebook = answer(notebook, name, text)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    return json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()


@malformed("CRLF: old Macintosh")
def carriage_returns(notebook):
    """Sources with a carriage return alone."""
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r")
    return as_bytes(notebook)


@malformed("BOM")
def byte_order_mark(notebook):
    """A mark at the start, as Windows programs write it."""
    return b"\xef\xbb\xbf" + as_bytes(notebook)


@malformed("metadata of wrong types: sources in pieces")
def sources_in_pieces(notebook):
    """A list of single characters, with numbers among them."""
    for cell in notebook["cells"]:
        cell["source"] = [*"".join(cell["source"]), 7, None]
    return as_bytes(notebook)

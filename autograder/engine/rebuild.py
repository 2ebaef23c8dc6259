"""The notebook that is run: the instructor's, with the student's source text in the student's places.

Of a submission only source text is taken: of solution and answer cells (found by their grade id), of cells without
an nbgrader role (found by cell id), and of cells that the student added (kept behind the cell that they followed).
Points, tags, types, order and checks are the instructor's.
"""

import json
from dataclasses import dataclass, field

from autograder.engine.intake import Cell


@dataclass
class Part:
    """One cell of the rebuilt notebook.

    role: "text"; "given" (the instructor's code); "answer" (the student's code); "added" (a cell of the student's own,
    or an instructor's cell without a role that the student edited); "check" (graded by the referee).
    full: a check's source with its hidden tests; `source` is what students see.
    changed: whether an answer differs from the stub that was released.
    """

    role: str
    source: str
    cell: dict
    grade_id: str | None = None
    points: float | None = None
    full: str = ""
    changed: bool = True
    manual: bool = False
    given: str = ""
    solution: str = ""

    @property
    def solution_unchanged(self) -> bool:
        """Whether this is a student's cell, in code or text, that is as it was released."""
        return bool(role_of(self.cell).get("solution")) and not self.changed


@dataclass
class Rebuilt:
    """A whole notebook, ready to run, and notes for the instructor on what was odd about the submission."""

    parts: list[Part]
    metadata: dict
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Template:
    """The instructor's notebook in both versions, as JSON: with solutions and hidden tests, and as released."""

    source: dict
    released: dict

    @property
    def checks(self) -> dict[str, str]:
        """Return the sources of the graded code cells that the student does not write, by grade id."""
        cells = [cell for cell in self.source["cells"] if role_of(cell).get("grade_id")]
        return {role_of(cell)["grade_id"]: text_of(cell) for cell in cells}


def role_of(cell: dict) -> dict:
    """Return nbgrader's metadata of a cell of the instructor's; empty for a cell without a role."""
    return cell.get("metadata", {}).get("nbgrader", {})


def text_of(cell: dict) -> str:
    """Return a cell's source as one text."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def rebuild(template: Template, submitted: list[Cell]) -> Rebuilt:
    """Return the instructor's notebook with the student's source texts in it."""
    notes: list[str] = []
    places = _places(template.released["cells"], submitted, notes)
    added = _added(len(template.released["cells"]), submitted, places)
    full = template.checks
    parts = [_part_added(cell) for cell in added.get(-1, [])]
    for number, cell in enumerate(template.released["cells"]):
        mine = submitted[places[number]].source if number in places else None
        parts.append(_part(cell, mine, full, notes))
        parts += [_part_added(extra) for extra in added.get(number, [])]
    return Rebuilt(parts, template.released.get("metadata", {}), notes)


def _places(cells: list[dict], submitted: list[Cell], notes: list[str]) -> dict[int, int]:
    """Return which submitted cell stands for which of the instructor's: by grade id, by cell id, by equal text."""
    places: dict[int, int] = {}
    taken: set[int] = set()
    for number, cell in enumerate(cells):
        name = role_of(cell).get("grade_id")
        same = [p for p, mine in enumerate(submitted) if p not in taken and _matches(cell, name, mine)]
        if len(same) > 1 and name:
            notes.append(f"The cell {name} stands there {len(same)} times; the first was taken.")
        if same:
            places[number] = same[0]
            taken.update(same if name else same[:1])
    return places


def _matches(cell: dict, name: str | None, mine: Cell) -> bool:
    if name:
        return mine.grade_id == name
    if mine.grade_id is not None:
        return False
    if cell.get("id") and mine.cell_id:
        return cell["id"] == mine.cell_id
    return mine.kind == cell["cell_type"] and mine.source == text_of(cell)


def _added(count: int, submitted: list[Cell], places: dict[int, int]) -> dict[int, list[Cell]]:
    """Return the student's own code cells by the number of the instructor's cell that they follow (-1: the start)."""
    number_of = {place: number for number, place in places.items()}
    added: dict[int, list[Cell]] = {}
    behind = -1
    for place, mine in enumerate(submitted):
        if place in number_of:
            behind = number_of[place]
        elif mine.grade_id is None and mine.source.strip():
            added.setdefault(behind, []).append(mine)
    return added


def _part_added(mine: Cell) -> Part:
    cell = {"cell_type": mine.kind, "metadata": {}, "source": mine.source}
    return Part("added" if mine.kind == "code" else "text", mine.source, cell)


def _part(cell: dict, mine: str | None, full: dict[str, str], notes: list[str]) -> Part:
    role, given, is_code = role_of(cell), text_of(cell), cell["cell_type"] == "code"
    name = role.get("grade_id")
    points = float(role["points"]) if role.get("grade") or role.get("task") else None
    if role.get("solution"):
        if mine is None:
            notes.append(f"The cell {name} is missing; it counts as not answered.")
        source = given if mine is None else mine
        return Part(
            "answer" if is_code else "text",
            source,
            cell,
            name,
            points,
            changed=_differ(source, given),
            manual=bool(role.get("grade")),
            solution=full.get(name, given),
        )
    if role.get("grade"):
        return Part(
            "check" if is_code else "text", given, cell, name, points, full=full.get(name, given), manual=not is_code
        )
    if name or mine is None or not _differ(mine, given):
        return Part("given" if is_code else "text", given, cell, name, points, manual=bool(role.get("task")))
    return Part("added" if is_code else "text", mine, cell, given=given)


def _differ(mine: str, given: str) -> bool:
    return mine.rstrip() != given.rstrip()


def executed(rebuilt: Rebuilt, outputs: dict[int, list[dict]]) -> dict:
    """Return the notebook with its outputs (by part number) as nbformat 4 JSON, for formgrader and feedback."""
    cells = []
    for number, part in enumerate(rebuilt.parts):
        cell = {key: part.cell[key] for key in ("id", "cell_type", "attachments") if key in part.cell}
        cell.setdefault("id", f"added-{number}")
        role = role_of(part.cell)
        cell |= {"metadata": {"nbgrader": role} if role else {}, "source": part.source}
        if cell["cell_type"] == "code":
            cell |= {"execution_count": None, "outputs": outputs.get(number, [])}
        cells.append(cell)
    kept = {key: rebuilt.metadata[key] for key in ("kernelspec", "language_info") if key in rebuilt.metadata}
    return {"cells": cells, "metadata": kept, "nbformat": 4, "nbformat_minor": 5}


def load_template(source: bytes, released: bytes) -> Template:
    """Read the instructor's notebook in both versions; both are trusted."""
    return Template(json.loads(source), json.loads(released))

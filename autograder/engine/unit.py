"""What grading needs of a unit: its notebook in both versions, the modules it imports, its data, what it withholds."""

import ast
import importlib
import shutil
import tempfile
from pathlib import Path

from autograder.engine.names import parse
from autograder.engine.rebuild import Template, text_of

CHECKS = "introdl.checks."


def copy_data(folder: Path, to: Path) -> None:
    """Copy what students get beside the notebook, such as a table to read."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if (
            path.is_file()
            and path.suffix not in (".ipynb", ".py")
            and not any(part.startswith(".") for part in name.parts)
        ):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to / name)


def released_bytes(source: Path, released: Path | None) -> bytes:
    """Return the released notebook's bytes; made now, in a temporary folder, where there is none yet."""
    if released is not None:
        return released.read_bytes()
    from autograder.release import release_unit

    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        unit = Path(folder, "source", "unit")
        unit.mkdir(parents=True)
        (unit / "exercises.ipynb").write_bytes(source.read_bytes())
        return release_unit(unit.parent, Path(folder, "release"), "unit").read_bytes()


def imports(template: Template) -> list[str]:
    """Return the modules that the instructor's cells import."""
    found: dict[str, None] = {}
    for cell in template.source["cells"]:
        for node in ast.walk(parse(text_of(cell))) if cell["cell_type"] == "code" else ():
            if isinstance(node, ast.Import):
                found |= dict.fromkeys(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {node.module: None}
                if node.module == CHECKS[:-1]:
                    found |= {CHECKS + alias.name: None for alias in node.names}
    return list(found)


def withheld(imported: list[str]) -> tuple[str, ...]:
    """Return the modules that the units' checks among these keep from students: what a unit is about writing."""
    hidden: dict[str, None] = {}
    for name in imported:
        if name.startswith(CHECKS):
            hidden |= dict.fromkeys(importlib.import_module(name).unit.withheld)
    return tuple(hidden)

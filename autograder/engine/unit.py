"""What grading needs of a unit: its notebook in both versions, the modules it imports, its data, what it withholds."""

import ast
import contextlib
import importlib
import shutil
import tempfile
from pathlib import Path

import introdl
from autograder.engine.rebuild import Template, role_of, text_of
from autograder.engine.syntax import parse

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
            hidden |= dict.fromkeys(_declared(name) or importlib.import_module(name).unit.withheld)
    return tuple(hidden)


def _declared(name: str) -> tuple[str, ...]:
    """Return the constant WITHHELD of a unit's checks, read from their text: importing them takes 0.2 seconds."""
    with contextlib.suppress(OSError, ValueError, SyntaxError):
        text = Path(introdl.__file__).parent.joinpath(*name.split(".")[1:], "__init__.py").read_text("utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WITHHELD":
                return ast.literal_eval(node.value)
    return ()


def only_our_checks(template: Template) -> bool:
    """Whether each graded code cell does nothing but call checks of ours: `check.relu(relu)`."""
    names = {
        alias.asname or alias.name
        for cell in template.source["cells"]
        for node in (parse(text_of(cell)).body if cell["cell_type"] == "code" else ())
        if isinstance(node, ast.ImportFrom) and node.module == CHECKS[:-1]
        for alias in node.names
    }
    roles = [(cell, role_of(cell)) for cell in template.source["cells"] if cell["cell_type"] == "code"]
    graded = [text_of(cell) for cell, role in roles if role.get("grade") and not role.get("solution")]
    return all(_calls_only(names, statement) for source in graded for statement in parse(source).body)


def _calls_only(names: set[str], statement: ast.stmt) -> bool:
    """Whether a statement is a call of an attribute of one of these names, with plain names as its arguments."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in names
        and not call.keywords
        and all(isinstance(arg, ast.Name) for arg in call.args)
    )

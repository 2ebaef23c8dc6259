"""Build the course: text to notebooks, executed where needed, and nbgrader's release of the exercises.

`python -m autograder.build` writes what has changed; with `--check` it writes and executes nothing, and says what
has drifted from its text. Both go through `expected`, so they cannot disagree.
"""

import argparse
import ast
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from autograder.notebooks import TextError, code_digest, exercises_notebook, lesson_notebook, write
from autograder.release import ReleaseError, release_unit

ROOT = Path(__file__).parents[1]
TIMEOUT = 300  # seconds that a cell, or a kernel's start, may take while building: a lesson must run in 90
SIZE_LIMIT = 1_000_000  # bytes of a committed notebook
RUN_ENV = {
    "INTRODL_QUIET": "1",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


@dataclass
class Built:
    """A notebook as its text says it should be, beside the one that is committed."""

    path: Path
    notebook: NotebookNode  # without outputs
    executes: bool
    source: Path  # the text it comes from
    committed: NotebookNode | None

    @property
    def fresh(self) -> bool:
        """Whether the committed outputs belong to this code and to the modules that it imports."""
        if not self.executes:
            return True
        digest = (self.committed or {}).get("metadata", {}).get("introdl", {}).get("digest")
        return digest == self.notebook.metadata["introdl"]["digest"]


def units(root: Path = ROOT) -> list[str]:
    """Return the slugs of all units that have a lesson or exercises, in order."""
    return sorted(
        {
            p.parent.name
            for pattern in ("course/[0-9][0-9]_*/lesson.py", "solutions/[0-9][0-9]_*/exercises.py")
            for p in root.glob(pattern)
        }
    )


def expected(slug: str, root: Path = ROOT) -> Iterator[Built]:
    """Yield the unit's notebooks as they should be: lesson, exercises with solutions, released exercises."""
    lesson, exercises = root / "course" / slug / "lesson.py", root / "solutions" / slug / "exercises.py"
    if lesson.exists():
        yield _built(
            lesson.with_suffix(".ipynb"),
            lesson_notebook(lesson, measured_seconds(slug, root)),
            True,
            lesson,
            root,
        )
    if exercises.exists():
        solution = exercises_notebook(exercises)
        released = _released(solution, slug)
        yield _built(exercises.with_suffix(".ipynb"), solution, True, exercises, root)
        yield _built(lesson.with_name("exercises.ipynb"), released, False, exercises, root)


def measured_seconds(slug: str, root: Path = ROOT) -> float | None:
    """Return a lesson's run time from the table that `make bench` writes, or None before its first measurement."""
    table = root / "tests" / "bench" / "results" / "lessons.json"
    rows = json.loads(table.read_text("utf-8")) if table.exists() else []
    return next((row["seconds"] for row in rows if row["unit"] == slug), None)


def build(slugs: list[str], root: Path = ROOT, jobs: int = 2) -> list[str]:
    """Write the notebooks of these units, executing those whose code has changed; return what failed."""
    os.environ.update(RUN_ENV)
    all_built = [built for slug in slugs for built in expected(slug, root)]
    with ThreadPoolExecutor(jobs) as pool:
        return [problem for problem in pool.map(_make, all_built) if problem]


def drift(slugs: list[str], root: Path = ROOT) -> tuple[list[str], list[str]]:
    """Return (what differs from its text, which outputs are stale), without executing or writing anything."""
    differing, stale = [], []
    for built in (built for slug in slugs for built in expected(slug, root)):
        name = built.path.relative_to(root)
        problem = _difference(built)
        if problem:
            differing.append(f"{name}: {problem} (source {built.source.relative_to(root)}; run `make build`)")
        elif not built.fresh:
            stale.append(f"{name}: outputs are older than the code or the modules it imports (run `make build`)")
    return differing, stale


def imported_modules(notebook: NotebookNode, package: Path = ROOT / "course" / "introdl") -> list[Path]:
    """Return the files of introdl that the notebook's code imports, directly or through one another."""
    found: set[Path] = set()
    queue = [(c.source, package) for c in notebook.cells if c.cell_type == "code"]
    while queue:
        source, folder = queue.pop()
        for path in set(_imports(source, folder, package)) - found:
            found.add(path)
            queue.append((path.read_text("utf-8"), path.parent))
    return sorted(found)


def _imports(source: str, folder: Path, package: Path) -> Iterator[Path]:
    """Yield the files of `package` that a piece of source imports; cells with magics are read without them."""
    lines = ["pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()]
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = [package.name, *folder.relative_to(package).parts]
                base = ".".join(parents[: len(parents) - node.level + 1] + ([base] if base else []))
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in (n for n in names if n.split(".")[0] == package.name):
            parts = name.split(".")[1:]
            for depth in range(len(parts) + 1):
                module = package.joinpath(*parts[:depth])
                yield from (p for p in (module.with_suffix(".py"), module / "__init__.py") if p.is_file())


def _built(path: Path, notebook: NotebookNode, executes: bool, source: Path, root: Path) -> Built:
    if executes:
        modules = imported_modules(notebook, root / "course" / "introdl")
        notebook.metadata["introdl"] = {"digest": code_digest(notebook, modules)}
    try:
        committed = nbformat.read(path, as_version=4) if path.exists() else None
    except Exception:  # noqa: BLE001 (an unreadable notebook is one that differs)
        committed = None
    return Built(path, notebook, executes, source, committed)


def _released(solution: NotebookNode, slug: str) -> NotebookNode:
    """Return nbgrader's release of a source notebook, made in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source", slug)
        source.mkdir(parents=True)
        (source / "exercises.ipynb").write_text(write(solution), "utf-8")
        return nbformat.read(release_unit(Path(folder, "source"), Path(folder, "release"), slug), as_version=4)


def _make(built: Built) -> str | None:
    """Write one notebook, with fresh outputs; return a sentence if that failed."""
    if not _difference(built) and built.fresh:
        return None
    if built.executes and built.fresh:  # only prose has changed: the outputs stay, cell by cell
        before = {cell.id: cell for cell in built.committed.cells if cell.cell_type == "code"}
        for cell in (c for c in built.notebook.cells if c.cell_type == "code"):
            cell.outputs, cell.execution_count = before[cell.id].outputs, before[cell.id].execution_count
    elif built.executes:
        print(f"executing {built.source}", flush=True)
        try:
            _execute(built.notebook, built.path.parent)
        except CellExecutionError as error:
            return f"{built.source}: a cell failed\n{error}"
    text = write(built.notebook)
    if len(text.encode()) > SIZE_LIMIT:
        return f"{built.path}: {len(text.encode()):,} bytes, over the limit of {SIZE_LIMIT:,}"
    built.path.write_text(text, "utf-8")
    return None


def _execute(notebook: NotebookNode, folder: Path) -> None:
    """Run all cells in a fresh kernel and keep their outputs, without anything that differs from run to run."""
    language = notebook.metadata["language_info"]
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        startup_timeout=TIMEOUT,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # a kernel has nothing to say to the author
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    notebook.metadata["language_info"] = language


def _difference(built: Built) -> str | None:
    """Say where the committed notebook differs from its text, outputs aside; None where it does not."""
    if built.committed is None:
        return "missing or unreadable"
    ours, theirs = built.notebook, built.committed
    for place, (new, old) in enumerate(zip(ours.cells, theirs.cells, strict=False), start=1):
        for key in ("cell_type", "id", "source", "metadata"):
            if new[key] != old.get(key):
                return f"cell {place} ({new.id}) has another {key}"
    if len(ours.cells) != len(theirs.cells):
        return f"has {len(theirs.cells)} cells instead of {len(ours.cells)}"
    settings = [{k: v for k, v in n.metadata.items() if k != "introdl"} for n in (ours, theirs)]
    return "has other notebook metadata" if settings[0] != settings[1] else None


def main(argv: list[str] | None = None) -> int:
    """Build or check the named units (all without a name)."""
    parser = argparse.ArgumentParser(
        prog="python -m autograder.build",
        description=__doc__.splitlines()[0],
        epilog="example: python -m autograder.build 03_backprop",
    )
    parser.add_argument("units", nargs="*", metavar="UNIT", help="slugs, such as 03_backprop")
    parser.add_argument("--check", action="store_true", help="execute and write nothing; say what has drifted")
    options = parser.parse_args(argv)
    unknown = sorted(set(options.units) - set(units()))
    if unknown:
        print(f"no unit {unknown[0]!r}; there are {', '.join(units())}", file=sys.stderr)
        return 2
    try:
        problems, stale = drift(options.units or units()) if options.check else (build(options.units or units()), [])
    except (TextError, ReleaseError) as error:
        problems, stale = [str(error)], []
    for line in problems + stale:
        print(line, file=sys.stderr)
    if options.check and not problems:
        print(
            f"no drift in {len(options.units or units())} units"
            + (f", {len(stale)} with stale outputs" if stale else "")
        )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

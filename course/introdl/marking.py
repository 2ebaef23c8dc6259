"""All checks of a learner's worksheet, run in a fresh kernel. The worksheet itself is never written."""

import os
from dataclasses import dataclass
from pathlib import Path

from introdl.worksheets import EXERCISES, ROOT, CourseError, check_cells, grade_id, read_notebook

SECONDS = 180  # that a cell may take, the last task's work on real data included


@dataclass(frozen=True)
class Verdict:
    """What a task's check says: whether the answer is right, and the check's own message."""

    task: str
    passed: bool
    message: str


def check(slug: str, root: Path = ROOT, seconds: int = SECONDS) -> list[Verdict]:
    """Run work/SLUG/exercises.ipynb with the course's own check cells; return a verdict for each task.

    seconds: time limit of a cell; what takes longer is interrupted. Raises CourseError and OSError.
    """
    own = root / "work" / slug / EXERCISES
    if not own.exists():
        raise CourseError(f"{own} does not exist; it comes with: introdl start {slug[:2]}")
    checks = check_cells(read_notebook(root / "course" / slug / EXERCISES).cells)
    notebook = read_notebook(own, cure=f"introdl reset {slug[:2]} (this one is kept beside it)")
    given = {f"check_{task}": cell for task, cell in checks.items()}
    notebook.cells = [given.get(grade_id(cell), cell) for cell in notebook.cells]
    _execute(notebook, own, seconds)
    cells = {grade_id(cell): cell for cell in notebook.cells}
    return [_verdict(task, cells.get(f"check_{task}"), cells.get(task)) for task in checks]


def _execute(notebook, path: Path, seconds: int) -> None:
    """Run all cells where the notebook lies; errors become outputs."""
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=seconds,
        interrupt_on_timeout=True,
        allow_errors=True,
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],
    )  # the kernel's warnings are not the learner's
    try:
        client.execute(env=os.environ | {"INTRODL_QUIET": "1"})
    except RuntimeError as error:  # nbclient's DeadKernelError among them
        raise CourseError(
            f"{path}: Python itself stopped (out of memory?)\nto see where, run it in JupyterLab, cell by cell"
        ) from error


def _verdict(task: str, cell, answer) -> Verdict:
    """Return what an executed check cell says; `answer` is the learner's cell, which may have failed."""
    if cell is None:
        return Verdict(task, False, f"✗ {task}: its check cell is not in your notebook any more")
    error = _error(cell)
    if error is None:
        printed = "".join(out.text for out in cell.outputs if out.get("name") == "stdout")
        return Verdict(task, True, printed.strip() or f"✓ {task}")
    if error.ename == "CheckFailed":
        return Verdict(task, False, error.evalue)
    earlier = _error(answer) if answer is not None else None
    cause, where = (earlier, "your cell") if earlier else (error, "the check")
    reason = f"{cause.ename}: {cause.evalue.strip()}".strip(": ")
    return Verdict(task, False, f"✗ {task}: {where} stopped with {reason}")


def _error(cell):
    """Return a cell's error output, or None."""
    return next((out for out in cell.get("outputs", []) if out.output_type == "error"), None)

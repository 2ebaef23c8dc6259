"""What the command `autograder` shows: lines, a progress bar, a table of results."""

from collections.abc import Callable
from typing import TypeVar

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

Found = TypeVar("Found")


def printable(text: str) -> str:
    """Return text that cannot steer a terminal: names and messages may come from a submission."""
    return "".join(character if character.isprintable() else " " for character in text)


def each(title: str, students: list[str], work: Callable[[str], Found],
         problem_of: Callable[[Found], str | None]) -> list[Found]:
    """Do `work` for each student behind a progress bar, with a line for each problem; return the results."""
    results, failed, console = [], 0, Console(stderr=True)
    with _bar(console) as bar:
        task = bar.add_task(title, total=len(students), state=_state(0, len(students), 0))
        for student in students:
            results.append(work(student))
            if problem := problem_of(results[-1]):
                failed += 1
                console.print(Text(printable(f"{student}: {problem}")), soft_wrap=True)
            bar.update(task, completed=len(results), state=_state(len(results), len(students), failed))
    return results


def show_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print a table of plain texts, as wide as it needs to be where the output is a file or a pipe."""
    table = Table(*columns, box=box.SIMPLE)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console = Console()
    console.print(table, soft_wrap=not console.is_terminal)


def _bar(console: Console) -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"),
                    TimeElapsedColumn(), console=console, disable=not console.is_terminal)


def _state(done: int, total: int, failed: int) -> str:
    return f"{done} done · {total - done} left · {failed} failed"

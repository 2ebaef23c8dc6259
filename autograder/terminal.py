"""What the command `autograder` shows: lines, a progress bar, a table of results."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

Found = TypeVar("Found")
MOST_COLUMNS = 1000  # of a table in a file


def printable(text: str) -> str:
    """Return text that cannot steer a terminal: names and messages may come from a submission."""
    return "".join(character if character.isprintable() else " " for character in text)


def follow(title: str, total: int, results: Iterable[Found], line_of: Callable[[Found], str | None]) -> list[Found]:
    """Go through results as they come, behind a progress bar, with a line for each problem; return them all."""
    found, failed, console = [], 0, Console(stderr=True)
    start = time.monotonic()
    with _bar(console) as bar:
        task = bar.add_task(title, total=total, state=_state(0, total, 0, 0))
        for result in results:
            found.append(result)
            if line := line_of(result):
                failed += 1
                console.print(Text(printable(line)), soft_wrap=True)
            seconds = time.monotonic() - start
            bar.update(task, completed=len(found), state=_state(len(found), total, failed, seconds))
    return found


def show_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print a table of plain texts, as wide as it needs to be where the output is a file or a pipe."""
    table = Table(*columns, box=box.SIMPLE)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console = Console()
    if console.is_terminal:
        return console.print(table)
    wide = Console(width=MOST_COLUMNS)
    with wide.capture() as made:
        wide.print(table)
    print(*(line.rstrip() for line in made.get().splitlines()), sep="\n")


def _bar(console: Console) -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"),
                    TimeElapsedColumn(), console=console, disable=not console.is_terminal)


def _state(done: int, total: int, failed: int, seconds: float) -> str:
    left = f" · about {seconds / done * (total - done):.0f} s left" if 0 < done < total else ""
    return f"{done} done · {total - done} to do · {failed} failed{left}"

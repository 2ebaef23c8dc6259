"""Print what every check was tried on: `python -m introdl.checks [--json] [--with FILE.py] [UNIT …]`."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from introdl.checks.own import OwnMistakesError, add_mistakes
from introdl.checks.prove import prove, units
from introdl.checks.unit import Unit
from introdl.worksheets import CourseError, find_unit

COLUMNS = ("unit", "task", "cases", "mistakes", "killed", "recognised", "alternatives", "accepted")


def main(argv: list[str] | None = None) -> int:
    """Prove the named units (all without a name); return 0 if every answer was judged as it should be."""
    parser = argparse.ArgumentParser(
        prog="python -m introdl.checks",
        description=__doc__,
        epilog="example: python -m introdl.checks 01",
    )
    parser.add_argument("units", nargs="*", metavar="UNIT", help="1, 01, perceptron or 01_perceptron")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--with", metavar="FILE.py", type=Path, dest="own", help="your own mistakes, tried too")
    options = parser.parse_args(argv)
    known = units()
    try:
        slugs = [find_unit(name) for name in options.units] or list(known)
        own = _added(options.own, [known[slug] for slug in slugs]) if options.own else None
    except (CourseError, OwnMistakesError) as error:
        print(error, file=sys.stderr)
        return 2
    proofs = [proof for slug in slugs for proof in prove(known[slug], own=own)]
    rows = [{column: asdict(proof)[column] for column in COLUMNS} for proof in proofs]
    print(json.dumps(rows, indent=1)) if options.json else _print_table(rows)
    for proof in proofs:
        for problem in proof.problems:
            print(f"{proof.unit} · {proof.task}: {problem}", file=sys.stderr)
    return 1 if any(proof.problems for proof in proofs) else 0


def _added(path: Path, tried: list[Unit]) -> tuple[str, str]:
    """Add the mistakes in a file to the units that are tried; return its text and name. Raises OwnMistakesError."""
    tasks = [task for unit in tried for task in unit.tasks.values()]
    before = sum(len(task.mistakes) for task in tasks)
    try:
        own = path.read_text(encoding="utf-8"), str(path)
    except (OSError, ValueError) as error:
        raise OwnMistakesError(f"{path} cannot be read: {error}") from error
    add_mistakes(*own)
    if sum(len(task.mistakes) for task in tasks) == before:
        raise OwnMistakesError(f"{path} adds no mistake to {', '.join(unit.slug for unit in tried)}")
    return own


def _print_table(rows: list[dict]) -> None:
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console(width=110).print(table)  # the same in a pipe
    total = sum(row["mistakes"] for row in rows)
    rate = {key: sum(row[key] for row in rows) / max(total, 1) for key in ("killed", "recognised")}
    print(f"{total} mistakes: {rate['killed']:.0%} killed, {rate['recognised']:.0%} recognised")


if __name__ == "__main__":
    sys.exit(main())

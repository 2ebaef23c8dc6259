"""Print what every check was tried on: `python -m introdl.checks [--json] [UNIT …]`."""

import argparse
import json
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from introdl.checks.prove import prove, units
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
    options = parser.parse_args(argv)
    known = units()
    try:
        slugs = [find_unit(name) for name in options.units] or list(known)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2
    proofs = [proof for slug in slugs for proof in prove(known[slug])]
    rows = [{column: asdict(proof)[column] for column in COLUMNS} for proof in proofs]
    print(json.dumps(rows, indent=1)) if options.json else _print_table(rows)
    for proof in proofs:
        for problem in proof.problems:
            print(f"{proof.unit} · {proof.task}: {problem}", file=sys.stderr)
    return 1 if any(proof.problems for proof in proofs) else 0


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

"""Measure every lesson: seconds, peak memory and the headline figure over four seeds.

Each lesson runs in a fresh kernel with one thread and the network cut off. `make bench` writes
results/lessons.json, results/machine.json and the table in README.md, which the site shows, too.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from nbclient import NotebookClient

from autograder.build import ROOT, RUN_ENV, TIMEOUT, units
from autograder.notebooks import lesson_notebook
from introdl.metrics import MIME
from tests.bench.tables import RESULTS, machine, measured_on, put_in_readme, write_json

SEEDS = (0, 1, 2, 3)
SEED_LINE = "seed = 0"
# A network namespace of its own with nothing but loopback, which the kernel's own sockets need.
OFFLINE = [
    "unshare",
    "--map-root-user",
    "--net",
    "sh",
    "-c",
    'ip link set lo up 2>/dev/null; exec "$@"',
    "sh",
]


def run_once(slug: str, seed: int) -> dict:
    """Execute a lesson in this process's child kernel; return seconds, peak_mb and its last headline."""
    path = ROOT / "course" / slug / "lesson.py"
    notebook = lesson_notebook(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = "\n".join(
                f"seed = {seed}" if line == SEED_LINE else line for line in cell.source.splitlines()
            )
    start = time.perf_counter()
    NotebookClient(
        notebook, timeout=TIMEOUT, startup_timeout=TIMEOUT, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    seconds = time.perf_counter() - start
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    headlines = [o["data"][MIME] for o in outputs if MIME in o.get("data", {})]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mb": peak, "headline": headlines[-1] if headlines else None}


def measure(slug: str, offline: bool) -> dict:
    """Return one row of the table: the lesson over all seeds, each in a process of its own."""
    runs = []
    for seed in SEEDS:
        command = [sys.executable, "-m", "tests.bench.lessons", "--one", slug, str(seed)]
        ran = subprocess.run(
            (OFFLINE if offline else []) + command,
            cwd=ROOT,
            env=os.environ | RUN_ENV,
            capture_output=True,
            text=True,
        )
        if ran.returncode:
            raise SystemExit(f"{slug} with seed {seed} failed:\n{ran.stderr[-2000:]}")
        runs.append(json.loads(ran.stdout.splitlines()[-1]))
        print(f"{slug} seed {seed}: {runs[-1]['seconds']:.1f} s, {runs[-1]['peak_mb']:.0f} MB", flush=True)
    first = runs[0]["headline"] or {"metric": "", "value": None, "ci95": None, "bar": None}
    return {
        "unit": slug,
        "seconds": round(statistics.median(run["seconds"] for run in runs), 1),
        "peak_mb": round(max(run["peak_mb"] for run in runs)),
        "metric": first["metric"],
        "value": first["value"],
        "ci95": first["ci95"],
        "bar": first["bar"],
        "seeds": [run["headline"]["value"] if run["headline"] else None for run in runs],
    }


def can_cut_the_network() -> bool:
    """Whether this machine lets us make a network namespace."""
    return bool(shutil.which("unshare")) and subprocess.run([*OFFLINE, "true"], capture_output=True).returncode == 0


def main(argv: list[str] | None = None) -> int:
    """Measure the named units (all without a name) and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lessons", description=__doc__.splitlines()[0])
    parser.add_argument("units", nargs="*", metavar="UNIT")
    parser.add_argument(
        "--one", nargs=2, metavar=("UNIT", "SEED"), help="execute one lesson here and print its figures"
    )
    options = parser.parse_args(argv)
    if options.one:
        print(json.dumps(run_once(options.one[0], int(options.one[1]))))
        return 0
    if unknown := set(options.units) - set(units()):
        parser.error(f"no unit {', '.join(sorted(unknown))}; there are {', '.join(units())}")
    offline = can_cut_the_network()
    if not offline:
        print("this machine cannot cut off the network; measuring with it", file=sys.stderr)
    table = RESULTS / "lessons.json"
    measured = {slug: measure(slug, offline) for slug in options.units or units()}
    rows = {row["unit"]: row for row in (json.loads(table.read_text()) if table.exists() else [])} | measured
    write_json(table, [rows[slug] for slug in sorted(rows)])
    found = machine(offline=offline)
    write_json(RESULTS / "machine.json", found)
    write_readme([rows[slug] for slug in sorted(rows)], found)
    return 0


def worst(row: dict) -> float:
    """Return the seed's figure that is farthest on the wrong side: the largest where the bar is an upper one."""
    return max(row["seeds"]) if row["value"] < row["bar"] else min(row["seeds"])


def write_readme(rows: list[dict], found: dict, readme: Path = ROOT / "README.md") -> None:
    """Put the table into README.md."""
    lines = ["| unit | seconds | peak memory | headline | seed 0 | worst of four seeds |", "|---|---|---|---|---|---|"]
    for row in rows:
        figures = f"{row['value']:.4g} | {worst(row):.4g}"
        lines.append(f"| {row['unit']} | {row['seconds']:.0f} | {row['peak_mb']} MB | {row['metric']} | {figures} |")
    lines += ["", measured_on(found, "network cut off" if found["offline"] else "network not cut off")]
    put_in_readme("lessons", lines, readme)


if __name__ == "__main__":
    sys.exit(main())

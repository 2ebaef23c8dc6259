"""Measure grading as classes grow, on several machines' worth of workers, and how fast formgrader shows the result.

Classes of a tiny assignment are graded by our command, cold start included; what grows faster than the class shows as
an exponent above 1. `make bench` adds the figures to results/grading.json and draws course/_static/grading_scale.png.
"""

import argparse
import contextlib
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from autograder.course import Class, open_class
from autograder.grade import Options
from tests.autograder.tiny_course import SLUG, tiny_class, tiny_source
from tests.bench.command import run, run_and_peak
from tests.bench.grading import gradebook_scores, make_class, our_command
from tests.bench.tables import RESULTS, ROOT, machine, measured_on, put_in_readme, write_json

SIZES = (100, 1_000, 10_000)
LIMIT = 1.1  # what grows as the class does has the exponent 1; a fit over three sizes is not exact
GROWING = {"seconds": "seconds", "peak_mb": "memory (MB)", "db_mb": "gradebook (MB)"}
PARTS = ("scale", "workers", "pages")
SEED = 4711
ANSWERS = {  # what students write for (double, area), and the automatic points that it earns
    "right": ("def double(x):\n    return 2 * x", "def area(a, b):\n    return a * b", 5),
    "partly": ("def double(x):\n    return x + x", "def area(a, b):\n    return 6", 2),
    "wrong": ("def double(x):\n    return x", "def area(a, b):\n    return a + b", 0),
    "raising": ("def double(x):\n    return x.size", "def area(a, b):\n    return sum(a * [b])", 3),
}
WORKER_CLASS = "01_perceptron", 60  # unit and submissions that workers grade
PAGES = {  # formgrader's pages, and what is in them once they show the class
    "assignments": ("/formgrader/manage_assignments", "tbody tr"),
    "submissions": (f"/formgrader/manage_submissions/{SLUG}", "tbody tr td:has-text('student')"),
    "gradebook": (f"/formgrader/gradebook/{SLUG}/exercises", "tbody tr:has-text('/ 9')"),
    "students": ("/formgrader/manage_students", "tbody tr:has-text('student')"),
}


def main(argv: list[str] | None = None) -> int:
    """Measure the parts that were asked for (all without --only) and add them to results/grading.json."""
    options = _options(argv)
    path = options.results
    figures = json.loads(path.read_text("utf-8")) if path.exists() else {}
    parts = {"scale": scale, "workers": workers, "pages": pages}
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        for part in options.only or PARTS:
            for found in parts[part](Path(folder), options):
                figures[part] = found
                write_json(path, figures)
    if path == RESULTS / "grading.json":
        write_guide(figures)
        draw(figures["scale"], ROOT / "course" / "_static" / "grading_scale.png")
    steep = {name: power for name, power in exponents(figures.get("scale", [])).items() if power > LIMIT}
    for name, power in steep.items():
        print(f"{name} grows as n to the power {power:.2f}, over {LIMIT}", file=sys.stderr)
    return int(bool(steep))


# Growing classes -----------------------------------------------------------------------------------------------------


def scale(folder: Path, options: argparse.Namespace) -> Iterator[list[dict]]:
    """Yield the figures of the classes measured so far, each graded once and then once more with nothing to do."""
    rows = []
    for n in options.sizes:
        room = synthetic_class(folder / f"class{n}", n)
        done = lambda n=n, room=room: f"{len(list(room.root.glob(f'autograded/*/{SLUG}')))} of {n}"  # noqa: E731
        seconds, peak = run_and_peak(our_command(SLUG, options.jobs), room.root, done)
        check_scores(room, n)
        again = run(our_command(SLUG, options.jobs), room.root, done)
        size = (room.root / "gradebook.db").stat().st_size / 2**20
        rows.append(
            {"n": n, "seconds": round(seconds, 2), "again_s": round(again, 2), "peak_mb": round(peak)}
            | {"db_mb": round(size, 2)}
        )
        _tell(f"{n} submissions: {rows[-1]}")
        yield rows
        shutil.rmtree(room.root)


def synthetic_class(folder: Path, n: int) -> Class:
    """Make a class of n students who all hand in something of their own."""
    room = tiny_class(folder, SEED)
    notebook = json.loads(json.dumps(tiny_source()))
    for number in range(n):
        double, area, _ = answers(number)
        notebook["cells"][2]["source"] = f"{double}  # student {number}"
        notebook["cells"][4]["source"] = area
        path = room.folder("submitted", SLUG, f"student{number:05}") / "exercises.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), "utf-8")
    return room


def answers(number: int) -> tuple[str, str, int]:
    """Return what a student writes for both tasks, and the points."""
    return list(ANSWERS.values())[number % len(ANSWERS)]


def check_scores(room: Class, n: int) -> None:
    """See that everybody got the points of what they wrote: a fast grader that errs would be no use."""
    found: dict[str, float] = {}
    for (student, _), score in gradebook_scores(room, SLUG).items():
        found[student] = found.get(student, 0) + (score or 0)
    expected = {f"student{number:05}": float(answers(number)[2]) for number in range(n)}
    if found != expected:
        wrong = sorted(student for student in expected if found.get(student) != expected[student])
        raise SystemExit(f"{len(wrong)} of {n} scores are wrong, the first: {wrong[0]}")


def exponents(rows: list[dict]) -> dict[str, float]:
    """Return the power of n with which each figure grows, fitted by least squares in logarithms."""
    if len(rows) < 2:
        return {}
    n = np.log([row["n"] for row in rows])
    return {name: float(np.polyfit(n, np.log([row[name] for row in rows]), 1)[0]) for name in GROWING}


# Workers -------------------------------------------------------------------------------------------------------------


def workers(folder: Path, options: argparse.Namespace) -> Iterator[dict]:
    """Yield how long a class takes with two jobs here, and with two dask workers that have started already."""
    slug, count = WORKER_CLASS
    room, _ = make_class(folder / "workers", slug, count)
    seconds: dict[str, list[float]] = {"here": [], "workers": []}
    scores = {}
    with cluster(folder, 2) as address:
        commands = {"here": our_command(slug, 2), "workers": [*our_command(slug, 2), "--scheduler", address]}
        for turn in range(options.repeat + 1):  # the first one, in which workers import what they need, is not counted
            for who, command in commands.items():
                copy = open_class(Path(shutil.copytree(room.root, folder / f"{who}{turn}")))
                seconds[who].append(run(command, copy.root))
                scores[who] = gradebook_scores(copy, slug)
                _tell(f"{slug}: {who} took {seconds[who][-1]:.1f} s for {count} submissions")
    yield {
        "submissions": count,
        "jobs2_s": round(statistics.median(seconds["here"][1:]), 2),
        "workers2_s": round(statistics.median(seconds["workers"][1:]), 2),
        "first_s": round(seconds["workers"][0], 2),
        "equal_scores": scores["here"] == scores["workers"],
    }


@contextlib.contextmanager
def cluster(folder: Path, count: int) -> Iterator[str]:
    """Start a scheduler of dask's and so many workers of one thread each; give the scheduler's address."""
    from distributed import LocalCluster

    directory = str(folder / "dask")
    with LocalCluster(count, threads_per_worker=1, dashboard_address=None, local_directory=directory) as found:
        yield found.scheduler_address


# formgrader ----------------------------------------------------------------------------------------------------------


def pages(folder: Path, options: argparse.Namespace) -> Iterator[dict]:
    """Yield the seconds that formgrader's pages take to show a class that we graded, and one that nbgrader wrote.

    nbgrader's own command would take over an hour for the class, so its gradebook is filled through nbgrader's
    own interface with the same students, scores and comments; the pages are nbgrader's in both cases.
    """
    ours = synthetic_class(folder / "ours", options.shown)
    run(our_command(SLUG, options.jobs), ours.root)
    theirs = open_class(Path(shutil.copytree(ours.root, folder / "theirs")))
    rewritten_by_nbgrader(theirs)
    found = {"students": options.shown, "ours": page_seconds(ours), "nbgrader": page_seconds(theirs)}
    _tell(f"formgrader: {found}")
    yield found


def rewritten_by_nbgrader(room: Class) -> None:
    """Replace a class's gradebook by one that nbgrader's interface makes, cell by cell, as its own grading does."""
    with room.gradebook() as old:
        assignment = old.find_assignment(SLUG)
        cells = [(c.name, c.max_score, c.cell_type) for c in assignment.notebooks[0].grade_cells]
        answered = [c.name for c in assignment.notebooks[0].solution_cells]
        rows = [
            (s.student_id, s.timestamp, {g.name: (g.auto_score, g.needs_manual_grade) for g in s.notebooks[0].grades})
            for s in old.assignment_submissions(SLUG)
        ]
    (room.root / "gradebook.db").unlink()
    with room.gradebook() as new:
        new.add_assignment(SLUG)
        new.add_notebook("exercises", SLUG)
        for name, most, kind in cells:
            new.add_grade_cell(name, "exercises", SLUG, max_score=most, cell_type=kind)
        for name in answered:
            new.add_solution_cell(name, "exercises", SLUG)
        for student, handed_in, grades in rows:
            new.update_or_create_student(student)
            new.update_or_create_submission(SLUG, student, timestamp=handed_in)
            for name, (score, waits) in grades.items():
                grade = new.find_grade(name, "exercises", SLUG, student)
                grade.auto_score, grade.needs_manual_grade = score, waits
            new.db.commit()


def page_seconds(room: Class) -> dict[str, float]:
    """Return the seconds, median of three, from asking for each page until it shows the class."""
    from playwright.sync_api import sync_playwright

    from tests.autograder.formgrader import TOKEN, formgrader
    from tests.browser.conftest import CALM

    found = {}
    with formgrader(room) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CALM)
        page = browser.new_context(extra_http_headers={"Authorization": f"token {TOKEN}"}).new_page()
        page.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
        for name, (place, shown) in PAGES.items():
            taken = []
            for _ in range(3):
                start = time.perf_counter()
                page.goto(address + place)
                page.locator(shown).first.wait_for(timeout=120_000)
                taken.append(time.perf_counter() - start)
            found[name] = round(statistics.median(taken), 2)
        browser.close()
    return found


# Results -------------------------------------------------------------------------------------------------------------


def write_guide(figures: dict, guide: Path = ROOT / "autograder" / "README.md") -> None:
    """Put what is known so far into the instructor's guide."""
    lines = ["| submissions | seconds | again, nothing new (s) | memory of all processes (MB) | gradebook (MB) |"]
    lines.append("|---|---|---|---|---|")
    for row in figures["scale"]:
        seconds, again, db = (f"{row[name]:.1f}" for name in ("seconds", "again_s", "db_mb"))
        lines.append(f"| {row['n']:,} | {seconds} | {again} | {row['peak_mb']} | {db} |")
    powers = exponents(figures["scale"])
    if powers:
        grown = ", ".join(f"{GROWING[name].split(' (')[0]} {power:.2f}" for name, power in powers.items())
        lines += ["", f"Fitted powers of the number of submissions: {grown}."]
    if found := figures.get("workers"):
        lines += [
            "",
            f"Two dask workers on the same machine grade {found['submissions']} submissions of unit 01 in "
            f"{found['workers2_s']:.1f} s, `--jobs 2` in {found['jobs2_s']:.1f} s.",
        ]
    if found := figures.get("pages"):
        ours, theirs = found["ours"], found["nbgrader"]
        each = ", ".join(f"{name} {ours[name]:.1f} and {theirs[name]:.1f}" for name in ours)
        lines += [
            "",
            f"Seconds until formgrader's pages show {found['students']:,} students, from our gradebook and from one "
            f"that nbgrader's own interface wrote: {each}.",
        ]
    put_in_readme("scale", [*lines, "", measured_on(machine())], guide)


def draw(rows: list[dict], path: Path) -> None:
    """Draw each figure over the number of submissions, beside a line that grows as the class does."""
    from introdl import plot

    fig, axes = plot.figure("Seconds and gradebook grow as the class does; memory does not", "submissions", ncols=3,
                            size=(8.6, 3.2))  # fmt: skip
    n = np.array([row["n"] for row in rows])
    for ax, (name, label) in zip(axes, GROWING.items(), strict=True):
        values = np.array([row[name] for row in rows])
        ax.loglog(n, values[0] * n / n[0], "--", color="0.6")
        ax.loglog(n, values, "o-")
        ax.set(ylabel=label)
    fig.savefig(path, dpi=144)


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",")]


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=_sizes, default=SIZES, metavar="N,N", help="of the classes (100,1000,10000)")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part; may be given twice")
    parser.add_argument("--shown", type=int, default=1_000, help="size of the class in formgrader (1000)")
    parser.add_argument("--repeat", type=int, default=3, help="turns of which the workers' median is taken (3)")
    parser.add_argument("--jobs", type=int, default=Options().jobs, help="submissions graded at a time")
    parser.add_argument("--results", type=Path, default=RESULTS / "grading.json", help="where the figures are kept")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())

"""Measure grading: nbgrader's own command against ours, ours against the students' own compute, and otter-grader.

A class of made-up honest students (tests/bench/classes.py) is graded by each command on a copy of its own, one command
at a time, cold start included. `make bench` writes results/grading.json; each part is kept as soon as it is measured.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.build import ROOT
from autograder.course import Class, open_class
from autograder.grade import Options
from autograder.new_class import create_class
from autograder.release import release_to_class
from autograder.units import NOTEBOOK
from tests.bench import otter_assignment as otter
from tests.bench.bare import run_bare
from tests.bench.classes import FIGURES, Submission, honest_class
from tests.bench.command import peak_mb, run
from tests.bench.tables import RESULTS, machine, measured_on, put_in_readme, write_json

PARTS = ("unit01", "unit03", "otter")
CORES = os.cpu_count() or 1
SEED, CLASS_SEED = 2026, 4711  # of the made-up students, and of the cases that they are graded on
OTTER_SUBMISSIONS = 5  # after a first one that is not counted
STUDENT_PROCESSES = 10  # so many submissions are looked at for the memory of one student's process
Scores = dict[tuple[str, str], float | None]


def main(argv: list[str] | None = None) -> int:
    """Measure the parts that were asked for (all without --only) and write them to results/grading.json."""
    options = _options(argv)
    if options.student_mb:
        print(_student_mb(Path(options.student_mb), "01_perceptron"))
        return 0
    figures = _read(options.results)
    figures["machine"] = machine(load_before=round(os.getloadavg()[0], 2))
    parts = {"unit01": unit01, "unit03": unit03, "otter": otter_run}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for part in options.only or PARTS:
            for found in parts[part](Path(folder), options):
                figures = merged(figures, part, found)
                write_json(options.results, figures)
                if options.results == RESULTS / "grading.json":
                    write_readme(figures)
    return 0


def unit01(folder: Path, options: argparse.Namespace) -> Iterator[dict]:
    """Yield the figures of unit 01 as they become known: a class that draws nothing of its own, then one that does."""
    found: dict = {}
    for found in against_nbgrader(folder / "plain", options, figures=0):
        yield found
    for drawing in against_nbgrader(folder / "figures", options, figures=FIGURES):
        yield found | {"figures": drawing}


def against_nbgrader(folder: Path, options: argparse.Namespace, figures: float) -> Iterator[dict]:
    """Yield the figures of one class of unit 01: ours and nbgrader, in turns, on the same submissions."""
    slug, count, jobs = "01_perceptron", options.students, options.jobs
    room, made = make_class(folder / "class", slug, count, figures=figures)
    found: dict = {"submissions": count, "jobs": jobs}
    commands = {"ours": our_command(slug, jobs), "nbgrader": [_program("nbgrader"), "autograde", slug]}
    seconds: dict[str, list[float]] = {who: [] for who in commands}
    given: dict[str, Scores] = {}
    for turn in range(options.repeat):
        for who, command in commands.items():
            copy = copy_of(room, folder / f"{who}{turn}")
            seconds[who].append(grade(who, command, copy, slug))
            given[who] = gradebook_scores(copy, slug)
            found[f"{who}_s"] = round(statistics.median(seconds[who]), 2)
            yield found
    found |= compared(found, given["nbgrader"], given["ours"]) | {"as_expected": not unexpected(made, given["ours"])}
    yield found
    compute_s = run_bare(notebooks(room, slug), _reference(slug), room.seed, 1).compute_s
    found |= overheads(found["ours_s"], compute_s, count)
    yield found
    found["peak_mb"] = round(peak_mb(commands["ours"], copy_of(room, folder / "memory").root))
    asked = [sys.executable, "-m", "tests.bench.grading", "--student-mb", str(room.root)]
    said = subprocess.run(asked, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    found["student_mb"] = round(float(said.splitlines()[-1]))
    yield found


def unit03(folder: Path, options: argparse.Namespace) -> Iterator[dict]:
    """Yield the figures of unit 03: ours against the students' own compute on as many cores, then with training."""
    found = against_bare(folder / "short", options, training=False)
    yield found
    yield found | {"training": against_bare(folder / "training", options, training=True)}


def against_bare(folder: Path, options: argparse.Namespace, training: bool) -> dict:
    """Return the figures of one class of unit 03: our command, and bare Python on as many warm processes."""
    slug, count, jobs = "03_backprop", options.students, options.jobs
    room, made = make_class(folder / "class", slug, count, training)
    ours, bare = [], []
    for turn in range(options.repeat):
        copy = copy_of(room, folder / f"ours{turn}")
        ours.append(grade("ours", our_command(slug, jobs), copy, slug))
        bare.append(run_bare(notebooks(room, slug), _reference(slug), room.seed, CORES))
        _tell(f"{slug}: bare Python took {bare[-1].wall_s:.1f} s in {CORES} processes")
    ours_s, bare_s = statistics.median(ours), statistics.median(one.wall_s for one in bare)
    return {
        "submissions": count,
        "jobs": jobs,
        "ours_s": round(ours_s, 2),
        "bare_s": round(bare_s, 2),
        "limit_ratio": round(ours_s / bare_s, 3),
        "as_expected": not unexpected(made, gradebook_scores(copy, slug)),
    } | overheads(ours_s, statistics.median(one.compute_s for one in bare), count)


def otter_run(folder: Path, options: argparse.Namespace) -> Iterator[dict]:
    """Yield otter-grader's seconds for one submission of unit 01, if there is a Python that has it."""
    if not options.otter:
        _tell("otter-grader is left out: name a Python that has it with --otter")
        return
    slug = "01_perceptron"
    room, made = make_class(folder / "otter", slug, OTTER_SUBMISSIONS + 1)
    released = json.loads((room.folder("release", slug) / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    archive = otter.write_autograder(released, slug, folder)
    command = [str(Path(options.otter).absolute()), "-m", "otter", "run", "--no-logo", "-a", str(archive), "-o"]
    seconds, given = [], {}
    for submission in made:
        place = folder / "handed_in" / submission.student
        place.mkdir(parents=True)
        notebook = place / f"{NOTEBOOK}.ipynb"
        notebook.write_text(json.dumps(otter.otter_notebook(submission.notebook)), "utf-8")
        seconds.append(run([*command, str(place), str(notebook)], place, **otter.environment(room.seed)))
        given |= {(submission.student, cell): s for cell, s in otter.scores(place / "results.json").items()}
        _tell(f"otter: {submission.student} took {seconds[-1]:.1f} s")
    yield {
        "otter_s": round(statistics.mean(seconds[1:]), 2),
        "otter_version": otter.version(options.otter),
        "otter_submissions": OTTER_SUBMISSIONS,
        "otter_as_expected": not unexpected(made, given),
    }


# Classes and what is in their gradebooks ----------------------------------------------------------------------------


def make_class(
    root: Path, slug: str, count: int, training: bool = False, figures: float = FIGURES
) -> tuple[Class, list[Submission]]:
    """Make a class with a released unit and its submissions."""
    room = create_class(root, CLASS_SEED)
    release_to_class(room, slug)
    return room, honest_class(room, slug, count, SEED, training, figures)


def copy_of(room: Class, root: Path) -> Class:
    """Copy a class, gradebook and all."""
    return open_class(Path(shutil.copytree(room.root, root)))


def notebooks(room: Class, slug: str) -> list[Path]:
    """Return the submitted notebooks, by student."""
    return [room.folder("submitted", slug, s) / f"{NOTEBOOK}.ipynb" for s in room.students("submitted", slug)]


def grade(who: str, command: list[str], room: Class, slug: str) -> float:
    """Run a command that grades a class, saying how far it is; return its seconds."""
    count = len(room.students("submitted", slug))
    seconds = run(command, room.root, lambda: f"{who}: {len(list(room.root.glob(f'autograded/*/{slug}')))} of {count}")
    _tell(f"{slug}: {who} took {seconds:.1f} s for {count} submissions")
    return seconds


def gradebook_scores(room: Class, slug: str) -> Scores:
    """Return the automatic score of each (student, graded cell), None where a person decides."""
    with room.gradebook() as gradebook:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(slug)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def differences(theirs: Scores, ours: Scores) -> list[tuple[str, str, float | None, float | None]]:
    """Return (student, cell, their score, our score) wherever two gradebooks differ; a missing cell differs."""
    return [
        (*key, theirs.get(key, math.nan), ours.get(key, math.nan))
        for key in sorted(theirs.keys() | ours.keys())
        if key not in theirs or key not in ours or theirs[key] != ours[key]
    ]


def unexpected(made: list[Submission], scores: Scores) -> list[tuple[str, str]]:
    """Return the (student, cell) whose score is not the one that the submission was made to get."""
    wrong = [
        (submission.student, cell)
        for submission in made
        for cell, points in submission.expected.items()
        if points is not None and (submission.student, cell) in scores and scores[submission.student, cell] != points
    ]
    for student, cell in wrong[:10]:
        print(f"  not as made: {student}, {cell}: {scores[student, cell]}")
    return wrong


# Figures -------------------------------------------------------------------------------------------------------------


def compared(found: dict, theirs: Scores, ours: Scores) -> dict:
    """Return what follows from both gradebooks and both times."""
    wrong = differences(theirs, ours)
    for student, cell, their_score, our_score in wrong[:10]:
        print(f"  not equal: {student}, {cell}: nbgrader {their_score}, ours {our_score}")
    return {
        "equal_scores": not wrong,
        "speedup": round(found["nbgrader_s"] / found["ours_s"], 1),
        "nbgrader_per_minute": round(60 * found["submissions"] / found["nbgrader_s"], 1),
        "ours_per_minute": round(60 * found["submissions"] / found["ours_s"], 1),
    }


def overheads(ours_s: float, compute_s: float, count: int) -> dict[str, float]:
    """Return, for one submission in ms: the students' own compute, and what grading adds to it on all its cores."""
    return {
        "compute_ms": round(1000 * compute_s / count, 1),
        "overhead_ms": round(1000 * (ours_s * CORES - compute_s) / count, 1),
    }


def merged(figures: dict, part: str, found: dict) -> dict:
    """Return the figures with a part put in its place; all other keys stay."""
    return figures | (found if part == "otter" else {part: dict(found)})


def write_readme(figures: dict, readme: Path = ROOT / "README.md") -> None:
    """Put what is known so far into README.md."""
    heads = ["class", "submissions", "ours (s)", "against (s)", "times as fast", "own compute (ms each)"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    plain, backprop = figures.get("unit01", {}), figures.get("unit03", {})
    rows = [("unit 01", plain, "nbgrader"), ("unit 01, some draw figures", plain.get("figures", {}), "nbgrader")]
    rows += [("unit 03", backprop, "bare"), ("unit 03, all train", backprop.get("training", {}), "bare")]
    for name, found, other in rows:
        if {"ours_s", f"{other}_s", "compute_ms"} <= found.keys():
            ours, theirs = found["ours_s"], found[f"{other}_s"]
            what = f"{other} {theirs:.1f}" if other == "nbgrader" else f"bare Python {theirs:.1f}"
            times = f"{theirs / ours:.2g}"
            cells = [name, found["submissions"], f"{ours:.1f}", what, times, f"{found['compute_ms']:.0f}"]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    if "otter_s" in figures:
        each = f"otter-grader {figures['otter_version']} takes {figures['otter_s']:.1f} s for a submission of unit 01."
        lines += ["", each]
    if found := figures.get("steps"):
        each = ", ".join(f"{name} {ms:g} ms" for name, ms in found.items() if name not in ("start", "processes"))
        lines += [
            "",
            f"A submission of unit 01, one at a time, step by step: {each}; of running and judging, "
            f"{found['processes']:g} ms are what its processes take when there is nothing to run. What all share takes "
            f"{found['start']:g} ms to start, once.",
        ]
    lines += ["", measured_on(figures["machine"])]
    put_in_readme("grading", lines, readme)


def our_command(slug: str, jobs: int) -> list[str]:
    """Return our command for a class in the current folder."""
    return [_program("autograder"), "grade", slug, "--jobs", str(jobs)]


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _reference(slug: str) -> Path:
    return ROOT / "solutions" / slug / f"{NOTEBOOK}.ipynb"


def _student_mb(root: Path, slug: str) -> float:
    """Return the memory, in MB, that the largest of a few students' processes took."""
    from autograder.engine.grading import Grading

    room = open_class(root)
    with Grading(room.folder("source", slug) / f"{NOTEBOOK}.ipynb", room.seed) as grading:
        return max(grading.grade(path.read_bytes()).student_mb for path in notebooks(room, slug)[:STUDENT_PROCESSES])


def _read(path: Path) -> dict:
    return {"scale": []} | (json.loads(path.read_text("utf-8")) if path.exists() else {})


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.grading", description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=60, help="how many submissions (60)")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part; may be given twice")
    parser.add_argument("--repeat", type=int, default=1, help="take the median of so many turns (1)")
    parser.add_argument("--jobs", type=int, default=Options().jobs, help="submissions that ours grades at a time")
    parser.add_argument("--otter", metavar="PYTHON", help="a Python that has otter-grader, outside this environment")
    parser.add_argument("--results", type=Path, default=RESULTS / "grading.json", help="where the figures are kept")
    parser.add_argument("--student-mb", metavar="DIR", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())

"""An instructor's day with a class of thirty, from `init` to `export`: python -m tests.autograder.day FOLDER.

The students are made up: most are on time, some late, one hands in twice, one not at all, one a notebook that is cut
off, and two are hostile. Unit 00 comes from Canvas, 01 from Moodle, 03 by nbgrader's exchange. FOLDER must not exist;
what the class looks like afterwards stays there. Each step is one command, timed, as it would be typed.
"""

import csv
import json
import sys
import time
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

from autograder.cli import main
from autograder.course import Class, open_class
from tests.bench.classes import honest_submissions

COUNT, SEED = 30, 7
UNITS = ("00_start", "01_perceptron", "03_backprop")
DUE = datetime(2026, 10, 12, 22)
LATE, TWICE, MISSING, CUT, HOSTILE, OUTSIDE = {1, 2, 3}, 4, 5, 6, 7, 8
RULES = """
[due]
03_backprop = 2026-10-12T22:00:00Z

[late]
percent_per_day = 10
most_percent = 50

[total]
drop_lowest = 1
"""
HOSTILE_CODE = "import os\nopen('/etc/passwd').read()\nos._exit(0)"


class Day:
    """A class and what its commands took; `failed` are the exit codes of those that named a problem."""

    def __init__(self, root: Path):
        self.root, self.inbox = root / "class", root / "inbox"
        self.seconds: dict[str, float] = {}
        self.codes: dict[str, int] = {}
        self.inbox.mkdir(parents=True)

    def command(self, *argv) -> int:
        """Run one command as the instructor types it; return its exit code."""
        start, name = time.perf_counter(), " ".join(Path(str(word)).name for word in argv)
        where = [] if argv[0] == "init" else ["--class", str(self.root)]
        try:
            main([*map(str, argv), *where])
        except SystemExit as end:
            self.codes[name] = end.code
        self.seconds[name] = time.perf_counter() - start
        return self.codes[name]

    @property
    def room(self) -> Class:
        """The class."""
        return open_class(self.root)


def name_of(number: int) -> str:
    """Return a student's name as the class has it: name and the platform's number."""
    return f"student{number:02}_{4700 + number}"


def known_as(day: Day, number: int) -> str:
    """Return the name under which the class has a student already, which may be another system's."""
    return next((path.name for path in (day.root / "submitted").glob(f"*_{4700 + number}")), name_of(number))


def texts(room: Class, slug: str) -> list[str]:
    """Return the notebooks that the class hands in, by student."""
    released = json.loads((room.folder("release", slug) / "exercises.ipynb").read_text("utf-8"))
    notebooks = [json.dumps(made.notebook) for made in honest_submissions(released, slug, COUNT, SEED, figures=0)]
    hostile = json.loads(notebooks[HOSTILE])
    hostile["cells"].insert(1, {"cell_type": "code", "id": "x", "metadata": {}, "source": HOSTILE_CODE, "outputs": [],
                                "execution_count": None})
    notebooks[HOSTILE], notebooks[CUT] = json.dumps(hostile), notebooks[CUT][:1000]
    return notebooks


def canvas(day: Day, slug: str) -> Path:
    """Make the download that Canvas would give."""
    path = day.inbox / "canvas.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, text in enumerate(texts(day.room, slug)):
            late = "_late" if number in LATE else ""
            where = "../../" if number == OUTSIDE else ""
            start = f"{where}student{number:02}{late}_{4700 + number}"
            if number == TWICE:
                archive.writestr(f"{start}_{90000 + number}_exercises.ipynb", text.replace("return", "return 0 *"))
            if number != MISSING:
                archive.writestr(f"{start}_{91000 + number}_exercises-1.ipynb", text)
    return path


def moodle(day: Day, slug: str) -> Path:
    """Make the download that Moodle would give, in folders."""
    path = day.inbox / "moodle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, text in enumerate(texts(day.room, slug)):
            if number != MISSING:
                archive.writestr(f"Student {number:02}_{4700 + number}_assignsubmission_file/exercises.ipynb", text)
    return path


def exchange(day: Day, slug: str) -> Path:
    """Make what students put into nbgrader's exchange; two days late are those who are."""
    inbound = day.inbox / "exchange" / "class" / "inbound"
    for number, text in enumerate(texts(day.room, slug)):
        hours = 30 if number in LATE else -30 - number
        for again in range(2 if number == TWICE else number != MISSING):
            when = DUE + timedelta(hours=hours, minutes=again)
            folder = inbound / f"{known_as(day, number)}+{slug}+{when}.000000 UTC"
            folder.mkdir(parents=True)
            (folder / "exercises.ipynb").write_text(text, "utf-8")
            (folder / "timestamp.txt").write_text(f"{when}.000000 UTC", "utf-8")
    return day.inbox / "exchange"


def grade_by_hand(room: Class, slug: str) -> int:
    """Give each written answer half of its points, as a person does in formgrader; return how many.

    Nothing of the notebook that is cut off: there all cells wait for a person, and there is nothing to read.
    """
    done = 0
    with room.gradebook() as gradebook:
        for submission in gradebook.assignment_submissions(slug):
            if submission.student_id == name_of(CUT):
                continue
            for grade in submission.notebooks[0].grades:
                if grade.needs_manual_grade and grade.auto_score is None and grade.manual_score is None:
                    grade.manual_score, grade.needs_manual_grade = grade.max_score / 2, False
                    done += 1
        gradebook.db.commit()
    return done


def roster(day: Day) -> Path:
    """Make the gradebook that Canvas would export."""
    path = day.inbox / "canvas-gradebook.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        titles = [f"{slug} ({place})" for place, slug in enumerate(UNITS)]
        writer.writerow(["Student", "ID", "SIS Login ID", "Section", *titles])
        writer.writerow(["    Points Possible", "", "", "", 10, 10, 10])
        for number in range(COUNT):
            writer.writerow([f"Student {number:02}", 4700 + number, f"s{number:02}", "A", "", "", ""])
    return path


def run(root: Path) -> Day:
    """Go through the whole day."""
    day = Day(root)
    day.command("init", day.root)
    (day.root / "autograder.toml").open("a").write(RULES)
    for slug, source in zip(UNITS, (canvas, moodle, exchange), strict=True):
        day.command("release", slug)
        day.command("collect", slug, source(day, slug))
        day.command("grade", slug)
        grade_by_hand(day.room, slug)
    day.command("feedback", UNITS[0], "--student", name_of(0))
    day.command("export", "--to", root / "nbgrader.csv")
    day.command("export", "--for", "totals", "--to", root / "totals.csv")
    day.command("export", "--for", "canvas", "--roster", roster(day), "--to", root / "canvas.csv")
    day.command("report", "--to", root / "report.html")
    return day


if __name__ == "__main__":
    finished = run(Path(sys.argv[1]).resolve())
    for name, seconds in finished.seconds.items():
        print(f"{seconds:6.1f} s  exit {finished.codes[name]}  autograder {name}")

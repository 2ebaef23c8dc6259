"""What plain nbgrader makes of each submission of the battery: `python -m tests.hostile.measure [NAME …]`.

nbgrader runs a notebook with all the rights of whoever grades. So that nothing here can act on this machine, the whole
measurement runs inside bubblewrap: no network but its own, no other processes, nothing to be written but /tmp.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbgrader.converters import Autograde

from autograder.convert import ConvertError, convert
from autograder.course import CONFIG, Class, open_class
from autograder.nbgrader_marks import marks_of
from autograder.new_class import create_class
from autograder.release import release_unit
from autograder.units import NOTEBOOK
from tests.hostile.forging import FORGING
from tests.hostile.reading import READING
from tests.hostile.submission import Submission
from tests.hostile.targets import EVERY, SEED, Target, make_target

SECONDS = 60
INSIDE = "INSIDE_THE_MEASUREMENT"
SHUT_IN = ["bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--die-with-parent",
           "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--dir", "/tmp/home",
           "--setenv", "HOME", "/tmp/home", "--setenv", INSIDE, "1", "--chdir", str(Path(__file__).parents[2])]


def plain_class(folder: Path, slug: str) -> Target:
    """Make a class that is graded by nbgrader as it comes, without our own step against tags."""
    room = create_class(folder / slug, SEED)
    config = room.root / CONFIG
    config.write_text("".join(line for line in config.read_text().splitlines(keepends=True) if "SANITIZE" not in line))
    target = make_target(slug, room.root)
    release_unit(room.root / "source", room.root / "release", slug, room.db_url, room.name)
    return target


def measured(target: Target, submission: Submission) -> tuple[float | None, list[str]]:
    """Return (nbgrader's points or None, the secrets that came out)."""
    room = open_class(target.room)
    works = {submission.name: target.notebook(submission)}
    if submission.leaves:
        works = {f"before_{submission.name}": target.left_before(submission)} | works
    for name, data in works.items():
        folder = room.folder("submitted", target.slug, name)
        folder.mkdir(parents=True)
        (folder / f"{NOTEBOOK}.ipynb").write_bytes(data)
        points = _points(room, target.slug, name)
    graded = room.folder("autograded", target.slug, submission.name) / f"{NOTEBOOK}.ipynb"
    cells = json.loads(graded.read_text())["cells"] if graded.exists() else []
    text = json.dumps([cell.get("outputs") for cell in cells], ensure_ascii=False)  # sources hold the checks anyway
    return points, [secret for secret in target.secrets[submission.secret] if secret in text][:2]


def _points(room: Class, slug: str, student: str) -> float | None:
    """Grade with nbgrader and return the sum of the automatic points, None where it gave up."""
    config = room.config()
    config.CourseDirectory.assignment_id, config.CourseDirectory.student_id = slug, student
    try:
        convert(Autograde, config, INTRODL_SEED=str(room.seed))
    except ConvertError:
        return None
    with room.gradebook() as gradebook:
        marks = marks_of(gradebook.find_submission_notebook(NOTEBOOK, slug, student))
    return sum(score or 0 for score, _ in marks.values())


def within(seconds: float, target: Target, submission: Submission) -> tuple[float | None, list[str]]:
    """Measure in a process of its own: some submissions keep nbgrader from ever coming back."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.write(write, json.dumps(measured(target, submission)).encode())
        os._exit(0)
    os.close(write)
    ready = select.select([read], [], [], seconds)[0]
    text = os.read(read, 10_000) if ready else b""
    os.close(read)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return tuple(json.loads(text)) if text else (None, [])


def honest_points(submission: Submission) -> float:
    """Return the highest sum of points that an honest reader could give."""
    return sum(max(most) if isinstance(most, tuple) else most for most in submission.honest.values())


def main(names: list[str]) -> None:
    """Print a line for each submission, and at the end those whose `fools_nbgrader` says something else."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="measure-", ignore_cleanup_errors=True) as folder:
        targets = {slug: plain_class(Path(folder), slug) for slug in EVERY}
        for submission in [*FORGING, *READING]:
            if names and submission.name not in names:
                continue
            start = time.monotonic()
            points, leaked = within(SECONDS, targets[submission.target], submission)
            honest = honest_points(submission)
            fooled = bool(leaked) or points is not None and points > honest
            wrong += [submission.name] if fooled != submission.fools_nbgrader else []
            given = "-" if points is None else f"{points:g}"
            print(f"{submission.name:45}{submission.target:15}{honest:>5g}{given:>6}{'fooled' if fooled else '':>8}"
                  f"  {time.monotonic() - start:.1f} s  {' '.join(leaked)}", flush=True)
    print("declared otherwise:", *wrong or ["none"])


if __name__ == "__main__":
    if os.environ.get(INSIDE):
        main(sys.argv[1:])
    else:
        sys.exit(subprocess.run([*SHUT_IN, sys.executable, "-m", "tests.hostile.measure", *sys.argv[1:]]).returncode)

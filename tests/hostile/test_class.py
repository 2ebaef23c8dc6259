"""A whole class in which hostile and malformed submissions sit between honest ones, graded by `grade_class` at once.

Each gets what an honest reader would give and the right state; nobody else's score changes; nothing is left behind;
time and memory stay bounded. What is expected and what is seen of each line of the battery is printed as a table.
"""

import sqlite3
import threading
import time
from pathlib import Path

import psutil
import pytest

from autograder.engine import memory
from autograder.engine.cache import Cache
from autograder.engine.grading import Grading
from autograder.engine.limits import Limits
from autograder.grade import Options, grade_class
from autograder.new_class import create_class
from autograder.release import release_unit
from tests.hostile.conftest import processes
from tests.hostile.exhausting import EXHAUSTING
from tests.hostile.malformed import MALFORMED
from tests.hostile.submission import EASY, POINTS, SMALL
from tests.hostile.targets import SEED, make_target
from tests.hostile.test_battery import as_seen, faults, told
from tests.hostile.writing import LEFT, WRITING

pytestmark = pytest.mark.slow
LIMITS = Limits(seconds=3.0, memory_mb=512, output_kb=100)
JOBS, MOST_SECONDS = 2, 600
MOST_MB = 2000 if memory.available() else 4000  # where the limit holds for each process alone, many take more
HONEST = ("honest-first", "honest-middle", "honest-last")
EVERY = [*WRITING, *EXHAUSTING]


class Watch(threading.Thread):
    """Watches how much memory all processes of this one take together, in MB."""

    def __init__(self):
        super().__init__(daemon=True)
        self.before, self.most, self.ended = set(processes()), 0.0, threading.Event()

    def run(self):
        while not self.ended.wait(0.1):
            sizes = []
            for pid in processes(self.before):
                try:
                    sizes.append(psutil.Process(pid).memory_full_info().pss)
                except (psutil.Error, OSError):
                    pass
            self.most = max(self.most, sum(sizes) / 2**20)


@pytest.fixture(scope="module")
def graded(sandboxed, tmp_path_factory):
    """The class after grading, and all that is known of how it went."""
    room = create_class(tmp_path_factory.mktemp("hostile") / "class", SEED)
    target = make_target(SMALL, room.root)
    release_unit(room.root / "source", room.root / "release", SMALL, room.db_url, room.name)
    hand_in = {HONEST[0]: target.honest()}
    for place, one in enumerate([*MALFORMED, *EVERY]):
        if getattr(one, "leaves", None):
            hand_in[f"before-{one.name}"] = target.left_before(one)
        hand_in[one.name] = one.make(target.easy()) if place < len(MALFORMED) else target.notebook(one)
        if place == len(MALFORMED) + len(EVERY) // 2:
            hand_in[HONEST[1]] = target.honest()
    hand_in[HONEST[2]] = target.honest()
    for student, data in hand_in.items():
        path = room.folder("submitted", SMALL, student) / "exercises.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    ports, mounts = listening(), Path("/proc/self/mounts").read_text()
    files = [path for path in room.root.rglob("*.*") if path.is_file() and path.suffix != ".db"]
    stamps = {path: path.stat().st_mtime_ns for path in files}
    watch, start = Watch(), time.monotonic()
    watch.start()
    results = {result.student: result for result in grade_class(room, SMALL, list(hand_in), Options(JOBS, LIMITS))}
    seconds = time.monotonic() - start
    watch.ended.set()
    with Grading(
        room.folder("source", SMALL) / "exercises.ipynb",
        SEED,
        LIMITS,
        JOBS,
        released=room.folder("release", SMALL) / "exercises.ipynb",
    ) as grading:
        cache = Cache(room.root, SMALL, grading)
        reports = {}
        for student in results:
            try:
                reports[student] = cache.find(student, cache.key(grading.rebuilt(hand_in[student])))
            except Exception:  # noqa: BLE001 (what is unreadable has no report)
                reports[student] = None
    return {
        "room": room,
        "target": target,
        "results": results,
        "reports": reports,
        "seconds": seconds,
        "mb": watch.most,
        "before": watch.before,
        "ports": ports,
        "mounts": mounts,
        "stamps": stamps,
    }


def listening() -> set[int]:
    """Return the ports on which this machine listens."""
    return {c.laddr.port for c in psutil.net_connections("inet") if c.status == psutil.CONN_LISTEN}


def scores(room) -> dict[str, dict[str, float | None]]:
    """Return the automatic scores in the gradebook, read by nbgrader itself."""
    with room.gradebook() as gradebook:
        return {
            submission.student.id: {grade.name: grade.auto_score for grade in submission.notebooks[0].grades}
            for submission in gradebook.assignment_submissions(SMALL)
        }


@pytest.mark.parametrize("submission", EVERY, ids=lambda one: one.name)
def test_a_hostile_submission_between_honest_ones(submission, graded):
    report = graded["reports"][submission.name]
    assert report, graded["results"][submission.name]
    assert faults(submission, report) == []
    assert told(report, {*graded["target"].secrets["hidden"], str(SEED)}) == []
    given = {name: None if v.state == "grader fault" else v.points for name, v in report.verdicts.items()}
    assert scores(graded["room"])[submission.name] == given


@pytest.mark.parametrize("one", MALFORMED, ids=lambda one: one.name)
def test_a_malformed_submission_between_honest_ones(one, graded):
    result, recorded = graded["results"][one.name], scores(graded["room"])[one.name]
    if one.said:
        assert one.said in (result.problem or ""), result
        assert "\n" not in result.problem and len(result.problem) < 250
        assert set(recorded.values()) == {None}
    else:
        assert result.problem is None
        given = {name: points for name, points in recorded.items() if points and name != "why"}
        assert given == one.honest


def test_honest_students_keep_their_scores(graded):
    name, points, _ = EASY[SMALL]
    for student in HONEST:
        assert scores(graded["room"])[student] == {
            **dict.fromkeys((f"check_{task}" for task in POINTS[SMALL]), 0),
            "why": 0,
            f"check_{name}": points,
        }
        assert as_seen(graded["reports"][student]) == as_seen(graded["reports"][HONEST[0]])


def test_the_gradebook_is_intact_and_no_file_of_the_class_was_touched(graded):
    room = graded["room"]
    with sqlite3.connect(room.root / "gradebook.db") as marks:
        assert marks.execute("pragma integrity_check").fetchone() == ("ok",)
        assert marks.execute("select count(*) from grade where manual_score is not null").fetchone() == (0,)
    assert len(scores(room)) == len(graded["results"])
    now = {path: path.stat().st_mtime_ns for path in graded["stamps"]}
    assert now == graded["stamps"]


def test_nothing_is_left_behind(graded):
    end = time.monotonic() + 5
    while processes(graded["before"]) and time.monotonic() < end:
        time.sleep(0.1)
    assert [psutil.Process(pid).cmdline() for pid in processes(graded["before"])] == []
    assert listening() <= graded["ports"] and Path("/proc/self/mounts").read_text() == graded["mounts"]
    places = [Path(place) for place in ("/", "/tmp", "/var/tmp", "/dev/shm", "/home", Path.home(), graded["room"].root)]
    assert [path for place in places if place.is_dir() for path in place.glob(f"{LEFT}*")] == []


def test_time_and_memory_are_bounded(graded, capsys):
    with capsys.disabled():
        print(f"\n{len(graded['results'])} submissions in {graded['seconds']:.0f} s, at most {graded['mb']:.0f} MB")
    assert graded["seconds"] < MOST_SECONDS and graded["mb"] < MOST_MB


def test_a_table_says_what_was_expected_and_what_was_seen(graded, capsys):
    rows = []
    for one in EVERY:
        seen = as_seen(graded["reports"][one.name]).values()
        points = sum(points or 0 for _, points in seen)
        states = sorted({state for state, _ in seen if state not in ("passed", "not attempted", "manual")})
        rows.append((one.phrase, f"{sum(one.honest.values()):g}", f"{points:g} {', '.join(states)}"))
    for one in MALFORMED:
        problem = graded["results"][one.name].problem
        given = sum(points or 0 for name, points in scores(graded["room"])[one.name].items() if name != "why")
        rows.append(
            (
                one.phrase,
                "a sentence" if one.said else f"{sum(one.honest.values()):g}",
                "a sentence" if problem else f"{given:g}",
            )
        )
    with capsys.disabled():
        print("\n" + "\n".join(f"{line:64} expected {expected:12} seen {seen}" for line, expected, seen in rows))
    assert len({one.name for one in [*EVERY, *MALFORMED]}) == len(rows) >= 70

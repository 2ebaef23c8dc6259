"""The map of units: which are done, which are started, which comes next, and what is worth another look."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from introdl.worksheets import EXERCISES, LESSON

MANY_TRIES = 5


@dataclass
class Station:
    """A unit on the map. `points` count the checks that passed when they last ran."""

    slug: str
    tasks: int
    passed: int
    points: float
    most: float  # points there are
    hints: int
    state: str = ""  # "done", "started", "next", or "" for later


@dataclass
class Trace:
    """What a learner did on one task, in the order of its events; a review's verdicts count apart."""

    unit: str
    task: str
    state: str = ""  # "pass" or "fail": the last verdict in the unit's own exercises
    last: str = ""  # the last verdict anywhere
    fails: int = 0
    hints: int = 0
    solution: bool = False
    days: set[date] = field(default_factory=set)  # on which it passed

    def add(self, row: dict) -> None:
        """Take in one event."""
        event = row["event"]
        if event == "hint":
            self.hints = max(self.hints, row["hint"])
        elif event == "solution":
            self.solution = True
        else:
            self.last = event
            self.state = self.state if row.get("review") else event
            self.fails += event == "fail"
            if event == "pass":
                self.days.add(_day(row))

    def doubt(self) -> str:
        """Return why a task that was passed is worth another look, "" where nothing says so."""
        if self.last == "fail":
            return "it failed when you last tried"
        if self.solution:
            return "you opened its solution"
        if self.fails >= MANY_TRIES:
            return f"it took {self.fails + 1} tries"
        return "it took all three hints" if self.hints >= 3 else ""


def traces(events: Iterable[dict]) -> dict[tuple[str, str], Trace]:
    """Return what was done on each (unit, task). events: as `introdl.progress.events` returns them, oldest first."""
    found: dict[tuple[str, str], Trace] = {}
    for row in events:
        key = row["unit"], row["task"]
        found.setdefault(key, Trace(*key)).add(row)
    return found


def revisit(course: dict[str, dict[str, float]], events: Iterable[dict], most: int = 3) -> list[Trace]:
    """Return up to `most` tasks that were passed and are worth another look, those of the last days last."""
    found = [trace for trace in traces(events).values() if trace.days and trace.doubt()]
    there = [trace for trace in found if trace.task in course.get(trace.unit, {})]
    return sorted(there, key=lambda trace: max(trace.days))[:most]


def journey(course: dict[str, dict[str, float]], events: Iterable[dict]) -> list[Station]:
    """Return the map.

    course: {slug: {task: points}} in order. events: as `introdl.progress.events` returns them, oldest first.
    """
    rows = list(events)
    stations = [_station(slug, points, [row for row in rows if row["unit"] == slug]) for slug, points in course.items()]
    for station in [station for station in stations if station.tasks and not station.state][:1]:
        station.state = "next"
    return stations


def advice(stations: list[Station]) -> str:
    """Return one sentence: where to go on."""
    for station in stations:
        if station.state == "started":
            left = station.tasks - station.passed
            return f"Go on with work/{station.slug}/{EXERCISES}: {left} task{'s' * (left != 1)} to go."
    following = [station for station in stations if station.state == "next"]
    if following:
        slug = following[0].slug
        return f"Next: work/{slug}/{LESSON} (not there yet? introdl start {slug[:2]})"
    has_exercises = any(station.tasks for station in stations)
    return "You have done every unit." if has_exercises else "No unit has exercises yet."


def _station(slug: str, points: dict[str, float], rows: list[dict]) -> Station:
    done = {trace.task: trace for trace in traces(rows).values()}
    passed = [task for task in points if task in done and done[task].state == "pass"]
    state = "done" if points and len(passed) == len(points) else "started" if rows else ""
    return Station(
        slug,
        len(points),
        len(passed),
        sum(points[task] for task in passed),
        sum(points.values()),
        sum(trace.hints for trace in done.values()),
        state,
    )


def _day(row: dict) -> date:
    """Return the day of an event; one whose time cannot be read happened long ago."""
    try:
        return datetime.fromisoformat(row["time"]).astimezone().date()
    except (KeyError, TypeError, ValueError):
        return date.min

"""The map of units: which are done, which are started, which comes next."""

from collections.abc import Iterable
from dataclasses import dataclass

from introdl.worksheets import EXERCISES, LESSON


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
    last = {row["task"]: row["event"] for row in rows if row["event"] != "hint"}
    passed = [task for task in points if last.get(task) == "pass"]
    hints = {(row["task"], row["hint"]) for row in rows if row["event"] == "hint"}
    state = "done" if points and len(passed) == len(points) else "started" if rows else ""
    return Station(
        slug,
        len(points),
        len(passed),
        sum(points[task] for task in passed),
        sum(points.values()),
        len(hints),
        state,
    )

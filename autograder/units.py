"""The course's units by name: 3, 03, backprop and 03_backprop are one."""

from collections.abc import Iterable
from pathlib import Path

from autograder import AutograderError

NOTEBOOK = "exercises"  # the one notebook of a unit that is handed out and graded
SOLUTIONS = Path(__file__).parents[1] / "solutions"


class UnknownUnit(AutograderError):
    """A name that fits no unit."""


def course_units() -> list[str]:
    """Return the slugs of the course's units, such as 03_backprop, sorted."""
    return sorted(path.name for path in SOLUTIONS.glob("[0-9][0-9]_*") if path.is_dir())


def find_unit(name: str, slugs: Iterable[str], where: str) -> str:
    """Return the slug that `name` stands for; raises UnknownUnit, which says what there is in `where`."""
    slugs = list(slugs)
    for slug in slugs:
        number, _, word = slug.partition("_")
        if name in (slug, word) or (name.isdecimal() and number.isdecimal() and int(name) == int(number)):
            return slug
    there = ", ".join(slugs) or "none"
    raise UnknownUnit(f"no unit {name!r} in {where}; there is {there}")

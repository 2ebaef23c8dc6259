"""What the battery attacks: three units, each with its source, its release, a class around it, and secrets."""

import copy
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder import units
from autograder.release import release_unit
from tests.autograder.tiny_course import write
from tests.hostile.small import BUILDING_SECRETS, SECRETS, building_source, small_source
from tests.hostile.submission import BUILDING, PERCEPTRON, SMALL, TASKS, Submission, answer, metadata, with_easy_answer

SEED = 918273645
ADA = "Ada's answer, which nobody else may see"


@dataclass(frozen=True)
class Target:
    """One unit in a class. `secrets` are the texts that must not come out, by what they belong to."""

    slug: str
    room: Path
    released: dict
    secrets: dict[str, tuple[str, ...]]

    @property
    def source(self) -> Path:
        """The instructor's notebook."""
        return self.room / "source" / self.slug / "exercises.ipynb"

    def notebook(self, submission: Submission) -> bytes:
        """Return a submission's notebook, as a student who knows where the class lies would write it."""
        return self._bytes(submission.make, self.right() if submission.secret else self.easy())

    def left_before(self, submission: Submission) -> bytes:
        """Return the notebook of the student who is graded just before."""
        return self._bytes(submission.leaves, self.right())

    def honest(self) -> bytes:
        """Return the notebook in which the easiest task is answered and nothing else."""
        return self._bytes(lambda notebook: notebook, self.easy())

    def easy(self) -> dict:
        """Return the released notebook with the easiest task answered."""
        return with_easy_answer(self.released, self.slug)

    def right(self) -> dict:
        """Return the released notebook with all tasks answered."""
        notebook, source = copy.deepcopy(self.released), json.loads(self.source.read_bytes())
        solved = {metadata(cell).get("grade_id"): "".join(cell["source"]) for cell in source["cells"]}
        for name in TASKS[self.slug]:
            lines = [line for line in solved[name].splitlines() if not line.strip().startswith("### ")]
            answer(notebook, name, "\n".join(lines))
        return notebook

    def _bytes(self, make, notebook: dict) -> bytes:
        return json.dumps(make(notebook)).replace("@CLASS@", str(self.room)).encode()


def make_target(slug: str, room: Path) -> Target:
    """Write a unit and a class around it into a folder: sources, another student's work, marks, the seed."""
    notebook = room / "source" / slug / "exercises.ipynb"
    if slug == PERCEPTRON:
        notebook.parent.mkdir(parents=True)
        for name in ("exercises.ipynb", "exercises.py", "alternatives.py"):
            (notebook.parent / name).write_bytes((units.SOLUTIONS / slug / name).read_bytes())
    else:
        write(small_source() if slug == SMALL else building_source(), notebook.parent)
    released = json.loads(release_unit(room / "source", room / "release", slug).read_bytes())
    ada = room / "submitted" / "ada" / slug
    ada.mkdir(parents=True)
    (ada / "exercises.ipynb").write_text(json.dumps({"cells": [{"source": ADA}]}))
    for name in ("gradebook.db", "nbgrader_config.py"):
        if not (room / name).exists():
            (room / name).write_text(ADA)
    if not (room / "autograder.toml").exists():
        (room / "autograder.toml").write_text(f"name = 'class'\nseed = {SEED}\n")
    return Target(slug, room, released, _secrets(slug))


def _secrets(slug: str) -> dict[str, tuple[str, ...]]:
    """Return what must not come out of a submission of this unit; "hidden" is demanded of every one."""
    always = {"": (), "class": (ADA, str(SEED)), "seed": (str(SEED),)}
    if slug == SMALL:
        return always | {"hidden": SECRETS}
    if slug == BUILDING:
        return always | {"hidden": BUILDING_SECRETS}
    return always | {
        "hidden": hidden_numbers(), "checks": ("The perceptron in dual form", "This network computes OR"),
        "solutions": ("at least one input; both inputs", "every decision, and with it"),
    }


def hidden_numbers() -> tuple[str, ...]:
    """Return how the class's own cases would look in a text: numbers in full, and rows as a check shows them."""
    from introdl.checks import perceptron

    def looks(seed: int) -> set[str]:
        found: set[str] = set()
        for task in perceptron.unit.tasks.values():
            rng = np.random.default_rng([seed, zlib.crc32(task.name.encode())])
            for args in task.cases(rng):
                numbers = [repr(float(x))[:11] for arg in args for x in np.ravel(arg)]
                rows = [" ".join(np.array2string(arg, precision=4).split()) for arg in args if np.ndim(arg) == 1]
                found |= {text for text in numbers if len(text) == 11 and "e" not in text}
                found |= {text for text in rows if 20 < len(text) < 64 and "." in text}
        return found

    return tuple(sorted(looks(SEED) - looks(0)))


EVERY = (PERCEPTRON, SMALL, BUILDING)

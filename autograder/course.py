"""A class folder: nbgrader's folders, gradebook and configuration, and the seed of its hidden cases.

nbgrader takes more than a second to import, and its configuration 20 ms: what needs them imports them when called.
"""

import contextlib
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import AutograderError, units
from autograder.environment import nbgrader_environment
from autograder.units import NOTEBOOK

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from traitlets.config import Config

SETTINGS, CONFIG = "autograder.toml", "nbgrader_config.py"
GLOB = "*?["  # nbgrader looks for folders by pattern, so that none of these may be in a name

ADVICE = {  # what to do about what a database says; nothing is lost by either
    "locked": "another program is writing to it: let it end, then run this again",
    "full": "make room on the disk, then run this again",
}
DAMAGED = "put back a copy, or move it away and release and grade again"

CONFIG_TEXT = '''\
"""nbgrader's settings for this class; nbgrader, formgrader and Validate read them when started here."""

import os
import tomllib
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from nbgrader.api import Base
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import create_engine

from autograder.nbgrader_marks import SANITIZE_STEPS
from autograder.release import IGNORE, RELEASE_STEPS
from autograder.units import NOTEBOOK

root = Path(__file__).resolve().parent
settings = tomllib.loads((root / "autograder.toml").read_text(encoding="utf-8"))
os.environ["INTRODL_SEED"] = str(settings["seed"])  # the checks make this class's cases from it

c = get_config()
c.CourseDirectory.root = str(root)
c.CourseDirectory.course_id = settings["name"]
c.CourseDirectory.notebook_id = NOTEBOOK  # a forced release keeps the other files of a unit
c.CourseDirectory.ignore = IGNORE  # no .py file travels: neither to students nor back
c.GenerateAssignment.preprocessors = RELEASE_STEPS
c.Autograde.sanitize_preprocessors = SANITIZE_STEPS
c.Execute.timeout = 120  # seconds that one cell may take
c.Execute.startup_timeout = 180  # seconds that a kernel may take to start, on a busy machine
c.Execute.extra_arguments = ["--log-level=CRITICAL"]  # a kernel has nothing to say to the instructor
'''


class ClassError(AutograderError):
    """A class folder that is missing, damaged or in the way."""


@dataclass(frozen=True)
class Class:
    """One class in one folder; `seed` makes the cases that its submissions are graded on."""

    root: Path
    name: str
    seed: int

    def config(self) -> "Config":
        """Return the class's nbgrader configuration, freshly read, with what the instructor changed in it."""
        from traitlets.config import PyFileConfigLoader

        try:
            with nbgrader_environment(INTRODL_SEED=str(self.seed)):
                return PyFileConfigLoader(CONFIG, str(self.root)).load_config()
        except Exception as error:  # the file is Python, and people edit it
            raise ClassError(f"{self.root / CONFIG} cannot be read: {error}") from error

    def environment(self) -> contextlib.AbstractContextManager[None]:
        """Set, for a block, what nbgrader and Jupyter look for in the environment."""
        paths = os.pathsep.join(filter(None, [str(self.root), os.environ.get("JUPYTER_CONFIG_PATH")]))
        return nbgrader_environment(INTRODL_SEED=str(self.seed), JUPYTER_CONFIG_PATH=paths)

    @property
    def db_url(self) -> str:
        """The gradebook, as an SQLAlchemy URL."""
        if self._is_as_made():
            return f"sqlite:///{self.root / 'gradebook.db'}"
        from nbgrader.coursedir import CourseDirectory

        return CourseDirectory(config=self.config()).db_url

    def folder(self, step: str, slug: str, student: str = ".") -> Path:
        """Return where nbgrader keeps a unit in a step (source, release, submitted, …)."""
        return self.folders(step, slug)(student)

    def folders(self, step: str, slug: str) -> Callable[[str], Path]:
        """Return a function from a student's name to `folder`, which reads the configuration once for all."""
        if self._is_as_made():
            return lambda student: self.root / step / student / slug
        from nbgrader.coursedir import CourseDirectory

        coursedir = CourseDirectory(config=self.config())
        pattern = getattr(coursedir, f"{step}_directory")
        return lambda student: Path(coursedir.format_path(pattern, student, slug))

    def _is_as_made(self) -> bool:
        """Whether nobody has changed the class's configuration, so that nbgrader need not be asked."""
        try:
            return (self.root / CONFIG).read_text(encoding="utf-8") == CONFIG_TEXT
        except (OSError, ValueError):
            return False

    def in_process(self, slug: str) -> set[str]:
        """Return the checks of a unit that the instructor lets run in the student's own process.

        In autograder.toml: [in_process] and under it UNIT = ["check_plot"]. Their verdicts can be forged.
        """
        found = self._settings().get("in_process", {})
        checks = found.get(slug, []) if isinstance(found, dict) else None
        if not isinstance(checks, list) or not all(isinstance(name, str) for name in checks):
            raise ClassError(f'{self.root / SETTINGS}: [in_process] needs lines like {slug} = ["check_plot"]')
        return set(checks)

    def _settings(self) -> dict:
        return tomllib.loads((self.root / SETTINGS).read_text(encoding="utf-8"))

    def units(self) -> list[str]:
        """Return the names of the units released in this class, sorted."""
        released = self.folder("release", "_").parent.glob(f"*/{NOTEBOOK}.ipynb")
        return sorted(path.parent.name for path in released)

    def students(self, step: str, slug: str) -> list[str]:
        """Return the students who have a folder for this unit in this step, sorted."""
        step_folder = self.folder(step, slug, "_").parents[1]
        return sorted(path.parent.name for path in step_folder.glob(f"[!.]*/{slug}") if path.is_dir())

    @contextlib.contextmanager
    def gradebook(self) -> "Iterator[Gradebook]":
        """Open nbgrader's gradebook; raises ClassError if it cannot be read or written."""
        from nbgrader.api import Gradebook

        url = self.db_url
        with database_errors(url), nbgrader_environment(), Gradebook(url, self.name) as gradebook:
            yield gradebook

    def must_know(self, slug: str, known: Iterable[str]) -> None:
        """Raise ClassError if a unit is not among the gradebook's: another one may have been put in its place."""
        if slug not in known:
            raise ClassError(f"the gradebook does not know {slug}; first: autograder release {slug}")


@contextlib.contextmanager
def database_errors(url: str) -> Iterator[None]:
    """Turn what the database complains of in the block into a ClassError of one sentence."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        advice = next((do for word, do in ADVICE.items() if word in reason), DAMAGED)
        where = url.removeprefix("sqlite:///")
        raise ClassError(f"the gradebook {where} cannot be used: {reason}; {advice}") from error


def open_class(root: Path) -> Class:
    """Return the class in this folder; raises ClassError."""
    root = root.resolve()
    try:
        settings = tomllib.loads((root / SETTINGS).read_text(encoding="utf-8"))
        return Class(root, str(settings["name"]), int(settings["seed"]))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ClassError(f"{root} is not a class; name one with --class DIR, or make one: "
                         "autograder init DIR") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ClassError(f"{root / SETTINGS} needs a name and a whole number as seed: {error}") from error


def release_to_class(room: Class, slug: str, force: bool = False) -> Path:
    """Release one of the course's units in a class; return the student's notebook.

    Raises ReleaseError, and ClassError where source/ holds another version (unless `force`).
    """
    from autograder.release import copy_files, release_unit

    given, kept = units.SOLUTIONS / slug, room.folder("source", slug)
    mine = kept / f"{NOTEBOOK}.ipynb"
    course = given / mine.name
    if mine.exists() and course.exists() and mine.read_bytes() != course.read_bytes() and not force:
        raise ClassError(f"{mine} is not the course's version: older, or edited here; --force replaces it")
    with room.gradebook():
        pass  # a damaged gradebook is found before anything is written
    released = release_unit(units.SOLUTIONS, room.folder("release", "_").parent, slug, room.db_url, room.name)
    copy_files(given, kept)
    return released

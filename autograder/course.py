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

from autograder import ClassError, units
from autograder.database import database_errors
from autograder.environment import nbgrader_environment
from autograder.units import NOTEBOOK

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from traitlets.config import Config

SETTINGS, CONFIG = "autograder.toml", "nbgrader_config.py"
GLOB = "*?["  # nbgrader looks for folders by pattern, so that none of these may be in a name

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
        found = self.settings().get("in_process", {})
        checks = found.get(slug, []) if isinstance(found, dict) else None
        if not isinstance(checks, list) or not all(isinstance(name, str) for name in checks):
            raise ClassError(f'{self.root / SETTINGS}: [in_process] needs lines like {slug} = ["check_plot"]')
        return set(checks)

    def own_mistakes(self, slug: str) -> tuple[str, str]:
        """Return text and name of checks/SLUG.py, the instructor's own mistakes for a unit; two empty texts without."""
        path = self.root / "checks" / f"{slug}.py"
        try:
            return (path.read_text(encoding="utf-8"), f"checks/{path.name}") if path.exists() else ("", "")
        except ValueError as error:
            raise ClassError(f"{path} is not text in UTF-8: {error}") from error

    def settings(self) -> dict:
        """Return what the class's autograder.toml says."""
        return tomllib.loads((self.root / SETTINGS).read_text(encoding="utf-8"))

    def units(self) -> list[str]:
        """Return the names of the units released in this class, sorted."""
        released = self.folder("release", "_").parent.glob(f"*/{NOTEBOOK}.ipynb")
        return sorted(path.parent.name for path in released)

    def own_units(self) -> list[str]:
        """Return the names of the units in source/ that the course does not have, sorted."""
        found = self.folder("source", "_").parent.glob(f"*/{NOTEBOOK}.*")
        names = {path.parent.name for path in found if path.suffix in (".ipynb", ".py")}
        return sorted(names - set(units.course_units()))

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

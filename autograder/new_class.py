"""A new class folder, on which nbgrader's own commands, formgrader and Validate work as well."""

import json
import secrets
import shutil
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from nbgrader.api import Base
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import NullPool, create_engine, inspect

from autograder import ClassError
from autograder.course import CONFIG, CONFIG_TEXT, GLOB, SETTINGS, Class
from autograder.database import database_errors

FOLDERS = ("source", "release", "submitted", "autograded", "feedback")

SETTINGS_TEXT = """\
# This class, as the command `autograder` sees it.
name = {name}
# Every class is graded on cases of its own. Keep the seed to yourself: whoever has it can compute them.
seed = {seed}
"""


def create_class(root: Path, seed: int | None = None, gradebook: str | None = None) -> Class:
    """Make a class in a new or empty folder, with a random seed if none is given.

    gradebook: the SQLAlchemy URL of an empty database, for one that is not a file in the class's folder.
    Raises ClassError, and changes nothing, where that cannot be.
    """
    root = root.resolve()
    if (root / SETTINGS).exists():
        raise ClassError(f"{root} is a class already; nothing was changed")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise ClassError(f"{root} is not an empty folder; nothing was changed, name a new one")
    if any(character in str(root) for character in GLOB):
        raise ClassError(f"nbgrader cannot work in a folder with {' '.join(GLOB)} in its path: {root}")
    existed = root.exists()
    try:
        return _write(Class(root, root.name, secrets.randbelow(2**31) if seed is None else seed), gradebook)
    except BaseException:
        _remove(root, itself=not existed)
        raise


def _write(room: Class, gradebook: str | None) -> Class:
    for folder in FOLDERS:
        (room.root / folder).mkdir(parents=True)
    config = CONFIG_TEXT + (f"c.CourseDirectory.db_url = {gradebook!r}\n" if gradebook else "")
    texts = {SETTINGS: SETTINGS_TEXT.format(name=json.dumps(room.name), seed=room.seed), CONFIG: config}
    for name, text in texts.items():
        (room.root / name).write_text(text, encoding="utf-8")
    _write_gradebook(gradebook or room.db_url)
    return room


def _write_gradebook(url: str) -> None:
    """Create nbgrader's tables and note their version; nbgrader would start a second Python for that."""
    with database_errors(url), create_engine(url, poolclass=NullPool).begin() as connection:
        if inspect(connection).get_table_names():
            raise ClassError("that database is not empty: each class needs one of its own")
        Base.metadata.create_all(connection)
        MigrationContext.configure(connection).stamp(ScriptDirectory(ALEMBIC_DIR), "head")


def _remove(root: Path, itself: bool) -> None:
    """Take back a class that could not be finished: all that lies in its folder, which was empty."""
    for path in root.iterdir() if root.is_dir() else ():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if itself and root.is_dir():
        root.rmdir()

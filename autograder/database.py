"""What a class's database complains of, as one line that says what to do. No password is shown."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from autograder import ClassError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

SETTING = "c.CourseDirectory.db_url in nbgrader_config.py"
ADVICE = {  # what to do about what a database says; nothing is lost by any
    "locked": "another program is writing to it: let it end, then run this again",
    "full": "make room on the disk, then run this again",
    "password": f"see {SETTING}, or libpq's password file",
    "does not exist": f"make the database and the user, or see {SETTING}",
    "URL": f"see {SETTING}",
    "dialects": f"see {SETTING}",
}
DAMAGED = "put back a copy, or move it away and release and grade again"
UNREACHABLE = "start the server, or see its address; what is graded by then is kept, run this again"


@contextlib.contextmanager
def database_errors(url: str) -> Iterator[None]:
    """Turn what the database complains of in the block into a ClassError of one sentence."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    try:
        _has_driver(make_url(url))
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        other = DAMAGED if url.startswith("sqlite") else UNREACHABLE
        advice = next((do for word, do in ADVICE.items() if word in reason), other)
        raise ClassError(f"the gradebook {_shown(url)} cannot be used: {reason}; {advice}") from error


def _has_driver(url: "URL") -> None:
    """Raise ClassError if the package that talks to this kind of database is missing."""
    try:
        url.get_dialect().import_dbapi()
    except ImportError as error:
        needed = 'pip install "psycopg[binary]"' if error.name == "psycopg" else f"install {error.name}"
        raise ClassError(f"the gradebook {url.render_as_string()} needs another package; first: {needed}") from error


def _shown(url: str) -> str:
    """Return a gradebook's URL as it may be shown: a file's path, or a server's address without the password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    if url.startswith("sqlite:///"):
        return url.removeprefix("sqlite:///")
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:  # what is wrong with it may be the password
        return "that nbgrader_config.py names"

"""One grader at a time for a unit of a class folder: a second would write the same files."""

import contextlib
from collections.abc import Callable, Iterator

from autograder.course import Class
from autograder.engine.cache import FOLDER

try:
    import fcntl
except ImportError:  # Windows, where each run writes as it comes
    fcntl = None


@contextlib.contextmanager
def alone(room: Class, slug: str, on_wait: Callable[[], None]) -> Iterator[None]:
    """Wait, for the block, until no other process grades this unit here; `on_wait` is called if one does."""
    path = room.root / FOLDER / f"{slug}.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:  # the lock ends with this process, however that ends
        try:
            fcntl and fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield

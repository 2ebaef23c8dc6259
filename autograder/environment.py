"""What nbgrader, and the kernels that it starts, find in the environment."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@contextlib.contextmanager
def nbgrader_environment(**more: str) -> Iterator[None]:
    """Set, for the block, what nbgrader and its kernels find in the environment.

    This Python's own folder comes first on PATH (nbgrader starts `alembic` by name), a kernel gets one thread
    for linear algebra, and `more` is added.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    settings = {"PATH": path, "INTRODL_QUIET": "1", **dict.fromkeys(THREADS, "1"), **more}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

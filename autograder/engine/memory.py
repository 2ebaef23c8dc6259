"""A limit on the memory of all processes of a submission together, where the kernel lets this user set one.

The limit that `sandbox.confine` sets holds for each process, and a submission may have many. A control group of the
kernel (cgroups(7), version 1 or 2) counts them all, and the files in their private folders, too; when the sum is over
the limit, the kernel ends the largest of them.
"""

import contextlib
import itertools
import os
import time
from pathlib import Path

from autograder.engine.limits import Limits

ROOT, PREFIX = Path("/sys/fs/cgroup"), "autograder-"
LIMITS = ("memory.limit_in_bytes", "memory.max")  # the file with the limit, in either version
PAUSE = 0.005  # seconds between two tries to remove a group
_NUMBERS = itertools.count()
_GONE: list[Path] = []  # groups to remove


class Group:
    """A new group of processes with a limit, or none (`procs` is None) where this user cannot make one."""

    def __init__(self, limits: Limits):
        self.folder, self.procs = _parent(), None
        if self.folder is None:
            return
        self.folder /= f"{PREFIX}{os.getpid()}-{next(_NUMBERS)}"
        try:
            self.folder.mkdir()
            limit = next(self.folder / name for name in LIMITS if (self.folder / name).exists())
            limit.write_text(str((limits.memory_mb + limits.folder_mb) * 2**20))
            self.procs = os.open(self.folder / "cgroup.procs", os.O_WRONLY)  # a process that writes 0 there joins
        except (OSError, StopIteration):
            self.close()

    def close(self) -> None:
        """Let the group go; its processes have ended, or are about to."""
        if self.procs is not None:
            os.close(self.procs)
            self.procs = None
        if self.folder is not None:
            _GONE.append(self.folder)
            sweep(tries=1)


def sweep(tries: int = 100) -> None:
    """Remove the groups that were let go. One can be removed once its last process is quite gone."""
    for _ in range(tries):
        for folder in list(_GONE):
            with contextlib.suppress(OSError, ValueError):
                if folder.exists():
                    folder.rmdir()
                _GONE.remove(folder)
        if not _GONE:
            return
        time.sleep(PAUSE * (tries > 1))


def available() -> bool:
    """Whether this user can make such a group here."""
    group = Group(Limits())
    found = group.procs is not None
    if found:
        group.close()
        sweep()
    return found


def remove_stale() -> None:
    """Remove the groups that graders left which were killed."""
    for folder in (_parent() or ROOT / "none").glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _parent() -> Path | None:
    """Return the group of this process among those that limit memory, None where there is none to write in."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            place = ROOT / "memory" if controllers == "memory" else ROOT if not controllers else None
            if place and (place / "cgroup.procs").exists():
                folder = place / path.lstrip("/")
                folder = folder if folder.is_dir() else place  # a container may see its own group as the root
                return folder if os.access(folder, os.W_OK) else None
    return None

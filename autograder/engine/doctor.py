"""What this host can enforce on student code, layer by layer, each found out by trying to get past it.

`examine` starts a process as a submission's is started, and lets it try. What a layer is for stands beside its try.
"""

import contextlib
import ctypes
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.engine import sandbox
from autograder.engine.limits import Limits
from autograder.engine.memory import Group, sweep

SMALL = Limits(seconds=5, memory_mb=256)  # so that trying takes little
ALL = "memory of all"
NO_NEW_PRIVILEGES_SET = 39  # an option of prctl: asks whether it is so


@dataclass(frozen=True)
class Layer:
    """One thing that student code must not get: whether it was refused, and in what words an instructor reads of it."""

    name: str
    keeps: str
    holds: bool
    needed: bool = True  # else a second line of defence, which not every user can have


def examine(mode: str = "bwrap") -> list[Layer]:
    """Try each layer and return what came of it; [] where no sandbox can be started at all."""
    with (
        tempfile.NamedTemporaryFile(prefix="doctor-") as file,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        group = Group(SMALL)
        joins = [] if group.procs is None else [group.procs]
        asked = [file.name, str(server.getsockname()[1]), str(os.getpid()), mode, *map(str, joins)]
        command = [sys.executable, "-m", "autograder.engine.doctor", *asked]
        try:
            with contextlib.suppress(subprocess.TimeoutExpired, ValueError), sandbox.users() as ids:
                if mode == "bwrap":
                    command = sandbox.command(command, (), ids=ids)
                done = subprocess.run(command, capture_output=True, text=True, timeout=60, pass_fds=[*ids, *joins])
                held = json.loads(done.stdout)
                return [Layer(name, keeps, bool(held.get(name)), name != ALL) for name, (keeps, _) in LAYERS.items()]
        finally:
            group.close()
            sweep()
    return []


# Each try gets a file of the instructor's, a port on which this computer listens, and a process outside. It returns
# whether what it tries is refused.


def _refused(attempt: Callable, *args) -> bool:
    """Whether an attempt ends in an error of the system."""
    try:
        attempt(*args)
    except (OSError, MemoryError, RuntimeError):
        return True
    return False


def _hides_files(place: str, port: int, parent: int) -> bool:
    return _refused(open, place)


def _refuses_writing(place: str, port: int, parent: int) -> bool:
    targets = ("/doctor", "/usr/doctor", f"{sys.prefix}/doctor", f"{Path(__file__).parent}/doctor")
    refused = [_refused(Path(target).touch) for target in targets]
    for target in targets:
        with contextlib.suppress(OSError):
            os.remove(target)
    return all(refused)


def _cuts_the_network(place: str, port: int, parent: int) -> bool:
    return _refused(socket.create_connection, ("127.0.0.1", port), 2)


def _hides_processes(place: str, port: int, parent: int) -> bool:
    return not any(name.isdigit() for name in (os.listdir("/proc") if os.path.isdir("/proc") else []))


def _refuses_signals(place: str, port: int, parent: int) -> bool:
    return _refused(os.kill, parent, 0)


def _takes_privileges(place: str, port: int, parent: int) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(NO_NEW_PRIVILEGES_SET, 0, 0, 0, 0) == 1 and libc.unshare(sandbox.NEW_MOUNT) == -1


def _closes_keyrings(place: str, port: int, parent: int) -> bool:
    add_key, *_ = sandbox.KEYRING_CALLS.get(os.uname().machine, (None,))
    return add_key is not None and ctypes.CDLL(None).syscall(add_key, b"user", b"doctor", b"x", 1, -4) == -1


def _limits_memory(place: str, port: int, parent: int) -> bool:
    child = os.fork()  # where this limit is missing, that of all processes together ends who tries
    if child == 0:
        os._exit(_refused(bytearray, (SMALL.memory_mb + 64) * 2**20))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def _limits_memory_of_all(place: str, port: int, parent: int) -> bool:
    children = []
    for _ in range(4):  # each below the limit, all together above it
        child = os.fork()
        if child == 0:
            with contextlib.suppress(MemoryError):
                held = b"x" * (SMALL.memory_mb // 2 * 2**20)  # noqa: F841 (written to, so that it takes real memory)
                time.sleep(1)
            os._exit(0)
        children.append(child)
    return any([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9 for child in children])


def _limits_the_folder(place: str, port: int, parent: int) -> bool:
    def fill():
        for number in range(2 * SMALL.folder_mb // 16):
            with open(f"{os.getcwd()}/{number}", "wb") as file:
                file.write(bytes(16 * 2**20))

    refused = _refused(fill)
    for name in os.listdir():
        os.remove(name)
    return refused


def _limits_processes(place: str, port: int, parent: int) -> bool:
    children = []
    try:
        for _ in range(2 * SMALL.processes):
            child = os.fork()
            if child == 0:
                time.sleep(10)
                os._exit(0)
            children.append(child)
        return False
    except OSError:
        return True
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)


def _limits_open_files(place: str, port: int, parent: int) -> bool:
    opened = []

    def leak():
        for _ in range(2 * SMALL.open_files):
            opened.append(os.open("/dev/null", os.O_RDONLY))

    refused = _refused(leak)
    for descriptor in opened:
        os.close(descriptor)
    return refused


def _limits_the_processor(place: str, port: int, parent: int) -> bool:
    limited = resource.getrlimit(resource.RLIMIT_CPU)[1] != resource.RLIM_INFINITY

    def raise_it():
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except ValueError as error:  # as Python says "not permitted" here
            raise OSError from error

    return limited and _refused(raise_it)


LAYERS = {  # name → (what an instructor reads, the try)
    "your files": ("no file of yours can be read", _hides_files),
    "other files": ("no file outside of its own folder can be written", _refuses_writing),
    "network": ("no connection, not even to this computer", _cuts_the_network),
    "processes": ("no other process can be seen", _hides_processes),
    "signals": ("no other process can be ended", _refuses_signals),
    "privileges": ("no privilege can be gained, nothing mounted", _takes_privileges),
    "keyrings": ("no text can be left in the kernel for the next submission", _closes_keyrings),
    "memory": ("not more memory than --memory says", _limits_memory),
    ALL: ("not more than that for all processes together", _limits_memory_of_all),
    "disk": (f"not more than {SMALL.folder_mb} MB of files", _limits_the_folder),
    "forks": (f"not more than {SMALL.processes} processes", _limits_processes),
    "open files": (f"not more than {SMALL.open_files} open files", _limits_open_files),
    "processor": ("not more processor time than all limits together", _limits_the_processor),
}


def main(place: str, port: str, parent: str, mode: str, group: str = "") -> None:
    """In the sandbox: be a submission's process, try every layer, and print which of them hold."""
    if group:
        os.write(int(group), b"0")
    sandbox.measure_address_space()
    sandbox.enter(mode, SMALL)
    folder = sandbox.HOME if mode == "bwrap" else tempfile.mkdtemp(prefix="doctor-")
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        sandbox.confine(mode, SMALL)
        found = {}
        for name, (_, attempt) in LAYERS.items():
            with contextlib.suppress(Exception):
                found[name] = attempt(place, int(port), int(parent))
        print(json.dumps(found), flush=True)
        os._exit(0)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])

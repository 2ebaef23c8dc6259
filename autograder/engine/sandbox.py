"""What a student process may see and use: bubblewrap around the zygote, fresh namespaces for each submission.

`command` puts the zygote into namespaces of its own, with a read-only view of the interpreter, the packages and the
helper package, and nothing of the class, the solutions or the checks. `enter` then gives each submission process,
mount, network and ipc namespaces of its own, and `confine` takes away the right to change any of that.
"""

import contextlib
import ctypes
import functools
import os
import platform
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from autograder.engine.limits import Limits

HOME, UNIT, DATA = "/home/student", "/unit", "/data"  # its own folder; the unit's files; the course's cached data
OWN = ("/tmp/", f"{HOME}/", "/dev/shm/")  # what each submission gets empty: nothing that it needs may lie there
MODES = ("bwrap", "none")
PACKAGE = Path(__file__).parents[1]
# Of introdl.checks a student process has what carries values, but no unit's cases, oracles or mistakes.
CARRIERS = ("__init__.py", "child.py", "codec.py", "compare.py", "outcome.py", "remote.py")
SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/lib32",
    "/bin",
    "/sbin",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/etc/localtime",
    "/etc/alternatives",
)
NEW_MOUNT, NEW_IPC, NEW_UTS, NEW_PID, NEW_NET = 0x20000, 0x8000000, 0x4000000, 0x20000000, 0x40000000
NEW_USER = 0x10000000
# What the zygote may do until a submission has given it up: mount, become another user, hand over files, end processes.
CAPABILITIES = ("CAP_SYS_ADMIN", "CAP_SETPCAP", "CAP_SETUID", "CAP_SETGID", "CAP_CHOWN", "CAP_KILL")
FIRST_ID, IDS = 2_000_000, 60_000  # users of the host that nobody is, one for each submission where root grades
NO_SUID, NO_DEVICES, DETACH = 2, 4, 2  # flags of mount and umount
NO_NEW_PRIVILEGES, DROP_BOUND, DEATH_SIGNAL, DUMPABLE = 38, 24, 1, 4  # options of prctl
LAST_CAPABILITY = 63
SET_SECCOMP, KEYRING_CALLS = 22, {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219)}


class SandboxError(Exception):
    """This host cannot give a student process the namespaces that keep files and network away."""


def missing() -> str | None:
    """Return what a sandbox needs and this host lacks, or None."""
    if not sys.platform.startswith("linux"):
        return f"{sys.platform} has no namespaces"
    if not shutil.which("bwrap"):
        return "bubblewrap (the command bwrap) is not installed"
    inside = [path for path in (sys.prefix, str(PACKAGE)) if path.startswith(OWN)]
    return f"{inside[0]} lies where a submission gets an empty folder of its own; move the course" if inside else None


def problem() -> str | None:
    """Return why this host has no sandbox, or None; found out by starting one, which takes a quarter of a second."""
    if why := missing():
        return why
    code = "from autograder.engine.sandbox import enter; enter('bwrap')"
    with users() as ids:
        shut_in = command([sys.executable, "-c", code], (), ids=ids)
        tried = subprocess.run(shut_in, capture_output=True, text=True, pass_fds=ids)
    return (tried.stderr.strip().splitlines() or ["bwrap failed"])[-1] if tried.returncode else None


@contextlib.contextmanager
def users() -> Iterator[list[int]]:
    """Give the descriptor of a user namespace in which each submission can be a user of its own; none for most.

    Only root needs one, and only root may make one. The limit on processes does not hold for root: without this, what a
    submission forks would be as many as it likes.
    """
    if not sys.platform.startswith("linux") or os.geteuid():
        yield []
        return
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = os.fork()
        if child == 0:
            ours.close()  # else this process would wait for ever if the grader were killed now
            theirs.send(b"%d" % ctypes.CDLL(None).unshare(NEW_USER))
            theirs.recv(1)
            os._exit(0)
        found = []
        try:
            if ours.recv(2) == b"0":
                for kind in ("uid", "gid"):
                    Path(f"/proc/{child}/{kind}_map").write_text(f"0 {os.geteuid()} 1\n1 {FIRST_ID} {IDS}\n")
                found.append(os.open(f"/proc/{child}/ns/user", os.O_RDONLY))
        except OSError:  # a container may not allow it: then bubblewrap makes a namespace with one user
            pass
        finally:
            ours.send(b".")
            os.waitpid(child, 0)
    try:
        yield found
    finally:
        for descriptor in found:
            os.close(descriptor)


def command(argv: list[str], hidden: tuple[str, ...], files: str = "", ids: Sequence[int] = ()) -> list[str]:
    """Return `argv` inside bubblewrap, which sees the folder `files` and no file of the modules in `hidden`.

    ids: what `users` gave; the command must inherit it.
    """
    introdl = Path(_folder("introdl"))
    apart = ["--userns", str(ids[0]), "--unshare-cgroup-try"] if ids else ["--unshare-user", "--unshare-cgroup-try"]
    view = [*apart, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    view += ["--die-with-parent", "--new-session", "--clearenv"]
    for capability in CAPABILITIES:
        view += ["--cap-add", capability]
    for name, value in environment().items():
        view += ["--setenv", name, value]
    shown = dict.fromkeys([*SYSTEM, sys.base_prefix, sys.prefix, str(PACKAGE), str(introdl)])
    private = HOME, DATA, f"{HOME}/.cache/matplotlib"
    for folder in sorted({parent for path in (*shown, *private) for parent in Path(path).parents} - {Path("/")}):
        view += ["--perms", "0755", "--dir", str(folder)]  # bubblewrap's own would be for its user alone
    for path in shown:
        view += ["--ro-bind-try", path, path]
    view += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", HOME]
    for cache, place in _caches():
        view += ["--ro-bind-try", str(cache), f"{place}/{cache.name}"]
    view += ["--ro-bind", files, UNIT] if files else []
    checks = introdl / "checks"
    view += ["--tmpfs", str(checks)]
    for name in CARRIERS:
        view += ["--ro-bind", str(checks / name), str(checks / name)]
    view += ["--remount-ro", str(checks)]
    for path in filter(None, map(_path_of, hidden)):
        view += ["--tmpfs", path, "--remount-ro", path] if os.path.isdir(path) else ["--ro-bind", "/dev/null", path]
    for folder in ("/dev", "/"):  # what is writable here would be there for the next submission
        view += ["--remount-ro", folder]
    return ["bwrap", *view, "--chdir", HOME, "--", *argv]


def environment() -> dict[str, str]:
    """Return the environment of a student process: nothing of the instructor's."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return threads | {
        "HOME": HOME, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "INTRODL_QUIET": "1", "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1", "IPYTHONDIR": f"{HOME}/.ipython", "MPLBACKEND":
        "module://matplotlib_inline.backend_inline", "TMPDIR": "/tmp", "INTRODL_CACHE": DATA,
    }  # fmt: skip


def enter(mode: str, limits: Limits | None = None) -> None:
    """Leave for fresh namespaces; the caller's next fork is the first process in them.

    Raises SandboxError where the kernel refuses. With mode "none" only a session of its own is made.
    """
    os.setsid()
    if mode == "none":
        return
    if _many_users():
        _USER.append(1 + os.getpid() % (IDS - 1))
    libc = _libc()
    if libc.unshare(NEW_MOUNT | NEW_IPC | NEW_UTS | NEW_PID | NEW_NET):
        raise SandboxError(f"unshare: {os.strerror(ctypes.get_errno())}")
    size = f"size={(limits or Limits()).folder_mb}m,nr_inodes=10000".encode()
    if libc.umount2(b"/proc", DETACH):  # it was there for the libraries; a submission sees no processes at all
        raise SandboxError(f"umount /proc: {os.strerror(ctypes.get_errno())}")
    for folder in (b"/tmp", HOME.encode(), b"/dev/shm"):
        if libc.mount(b"tmpfs", folder, b"tmpfs", NO_SUID | NO_DEVICES, size):
            raise SandboxError(f"mount {folder.decode()}: {os.strerror(ctypes.get_errno())}")


def hand_over(folder: str) -> None:
    """Make what is in a folder the submission's own."""
    for place, _, names in os.walk(folder) if _USER else ():
        for name in [place, *(os.path.join(place, name) for name in names)]:
            os.chown(name, _USER[-1], _USER[-1])


def confine(mode: str, limits: Limits) -> None:
    """Give up every privilege, for good, and accept the limits; called in the process that will run student code."""
    if sys.platform.startswith("linux"):
        libc = _libc()
        if mode == "bwrap":
            for capability in range(LAST_CAPABILITY + 1):
                libc.prctl(DROP_BOUND, capability, 0, 0, 0)
            if _USER:
                os.setgroups([])
                os.setresgid(*[_USER[-1]] * 3)
                os.setresuid(*[_USER[-1]] * 3)
            _drop_capabilities(libc)
        libc.prctl(DEATH_SIGNAL, 9, 0, 0, 0)  # becoming another user would have undone it
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        _forbid_keyrings(libc)
    used = _address_space()
    _limit(resource.RLIMIT_AS, used + limits.memory_mb * 2**20 if used else resource.RLIM_INFINITY)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, limits.file_mb * 2**20)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_CPU, int(limits.total_seconds) + 1)
    if mode == "bwrap":  # elsewhere the user's other processes would count
        _limit(resource.RLIMIT_NPROC, limits.processes)


def _drop_capabilities(libc) -> None:
    """Empty the effective, permitted and inheritable sets (capset, version 3, two words each)."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise SandboxError(f"capset: {os.strerror(ctypes.get_errno())}")


class _Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction))]


def _forbid_keyrings(libc) -> None:
    """Refuse the kernel's keyrings, in which one submission could leave a text for the next: no namespace parts them.

    A seccomp filter: load the call's number; jump to the refusal at the end if it is one of these; else allow.
    """
    numbers = KEYRING_CALLS.get(platform.machine(), ())
    lines = [_Instruction(0x20, 0, 0, 0)]
    lines += [_Instruction(0x15, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    lines += [_Instruction(0x06, 0, 0, 0x7FFF0000), _Instruction(0x06, 0, 0, 0x00050001)]  # allow; "not permitted"
    program = _Program(len(lines), (_Instruction * len(lines))(*lines))
    libc.prctl(SET_SECCOMP, 2, ctypes.byref(program), 0, 0)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@functools.cache
def _many_users() -> bool:
    """Whether the user namespace has a user for each submission, and not one for all."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return len(file.readlines()) > 1


def warm_up(mode: str) -> None:
    """Find out, once for all that will be forked, what does not change."""
    if sys.platform.startswith("linux"):
        _libc()
    if mode == "bwrap":
        _many_users()


_USER: list[int] = []  # whom this submission's processes are, where each has a user of its own
_AT_START: list[int] = []


def measure_address_space() -> None:
    """Note how much the libraries take: the limit is on what a submission adds to it."""
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:
        _AT_START.append(int(file.read().split()[0]) * resource.getpagesize())


def _address_space() -> int:
    return _AT_START[-1] if _AT_START else 0


def _folder(module: str) -> str:
    return (
        os.path.dirname(sys.modules[module].__file__)
        if module in sys.modules
        else os.path.dirname(__import__(module).__file__)
    )


def _path_of(module: str) -> str | None:
    """Return the file or folder of a module, found without importing it; None where it is not installed."""
    path, parts = None, module.split(".")
    for part in parts:
        spec = PathFinder.find_spec(part, path) if part != "introdl" else None
        if part == "introdl":
            path = [_folder("introdl")]
            continue
        if spec is None:
            return None
        path = spec.submodule_search_locations
    return path[0] if path else spec.origin


def _caches() -> list[tuple[Path, str]]:
    """Return what spares a sandbox seconds of work, and where: the course's data, matplotlib's list of fonts."""
    home = Path(os.path.expanduser("~/.cache"))
    data = Path(os.environ.get("INTRODL_CACHE") or home / "introdl")
    fonts = (home / "matplotlib").glob("fontlist*.json")
    return [(file, DATA) for file in data.glob("*.npz")] + [(file, f"{HOME}/.cache/matplotlib") for file in fonts]

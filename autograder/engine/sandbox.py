"""What a student process may see and use: bubblewrap around the zygote, fresh namespaces for each submission.

`command` puts the zygote into namespaces of its own, with a read-only view of the interpreter, the packages and the
helper package, and nothing of the class, the solutions or the checks. `enter` then gives each submission process,
mount, network and ipc namespaces of its own, and `confine` takes away the right to change any of that.
"""

import contextlib
import ctypes
import os
import platform
import resource
import shutil
import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from autograder.engine.limits import Limits

HOME, UNIT, DATA = "/home/student", "/unit", "/data"  # its own folder; the unit's files; the course's cached data
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
    return None if shutil.which("bwrap") else "bubblewrap (the command bwrap) is not installed"


def problem() -> str | None:
    """Return why this host has no sandbox, or None; found out by starting one, which takes a quarter of a second."""
    if why := missing():
        return why
    code = "from autograder.engine.sandbox import enter; enter('bwrap')"
    tried = subprocess.run(command([sys.executable, "-c", code], ()), capture_output=True, text=True)
    return (tried.stderr.strip().splitlines() or ["bwrap failed"])[-1] if tried.returncode else None


def command(argv: list[str], hidden: tuple[str, ...], files: str = "") -> list[str]:
    """Return `argv` inside bubblewrap, which sees the folder `files` and no file of the modules in `hidden`."""
    introdl = Path(_folder("introdl"))
    view = [
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--cap-add",
        "CAP_SYS_ADMIN",
        "--cap-add",
        "CAP_SETPCAP",
        "--clearenv",
    ]
    for name, value in environment().items():
        view += ["--setenv", name, value]
    for path in dict.fromkeys([*SYSTEM, sys.base_prefix, sys.prefix, str(PACKAGE), str(introdl)]):
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
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_MOUNT | NEW_IPC | NEW_UTS | NEW_PID | NEW_NET):
        raise SandboxError(f"unshare: {os.strerror(ctypes.get_errno())}")
    size = f"size={(limits or Limits()).folder_mb}m,nr_inodes=10000".encode()
    if libc.umount2(b"/proc", DETACH):  # it was there for the libraries; a submission sees no processes at all
        raise SandboxError(f"umount /proc: {os.strerror(ctypes.get_errno())}")
    for folder in (b"/tmp", HOME.encode(), b"/dev/shm"):
        if libc.mount(b"tmpfs", folder, b"tmpfs", NO_SUID | NO_DEVICES, size):
            raise SandboxError(f"mount {folder.decode()}: {os.strerror(ctypes.get_errno())}")


def confine(mode: str, limits: Limits) -> None:
    """Give up every privilege, for good, and accept the limits; called in the process that will run student code."""
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(DEATH_SIGNAL, 9, 0, 0, 0)
        if mode == "bwrap":
            for capability in range(LAST_CAPABILITY + 1):
                libc.prctl(DROP_BOUND, capability, 0, 0, 0)
            _drop_capabilities(libc)
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

"""A process in which the libraries are imported already: it forks one process for each submission.

Two of them run: one in the sandbox for the student processes, one outside for the referees. A request comes as one
message with descriptors: for a referee a line to the grader, on which its jobs come and its reports go; for a student
process the wire to its referee, and a lifeline, whose end ends all that the student started.
"""

import gc
import importlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import nullcontext

from autograder.engine import sandbox
from autograder.engine.limits import Limits

REQUEST = b"fork"
KEPT = ("HOME", "PATH", "INTRODL_CACHE", "TMPDIR")  # of the instructor's environment where there is no sandbox


class Zygote:
    """The grader's handle of a zygote process; `fork` asks it for a child."""

    def __init__(
        self,
        role: str,
        preload: list[str],
        mode: str,
        limits: Limits,
        hidden: tuple[str, ...] = (),
        env: dict[str, str] | None = None,
        sources: list[str] = (),
        files: str = "",
        own: tuple[str, str] = ("", ""),
    ):
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET if _LINUX else socket.SOCK_DGRAM)
        settings = {
            "role": role,
            "preload": preload,
            "mode": mode,
            "hidden": hidden,
            "sources": sources,
            "files": files,
            "own": own,
            "limits": [limits.seconds, limits.memory_mb, limits.output_kb],
        }
        argv = [sys.executable, "-m", "autograder.engine.zygote", str(theirs.fileno())]
        shut_in = role == "student" and mode == "bwrap"
        if role == "student":
            env = os.environ | (
                sandbox.environment() | {name: os.environ[name] for name in KEPT if name in os.environ}
                if mode == "none"
                else {}
            )
        self.is_ready, self._failure, self._waiting = False, "", threading.Lock()
        with theirs, tempfile.TemporaryFile() as asked, sandbox.users() if shut_in else nullcontext([]) as ids:
            if shut_in:
                argv, settings["files"] = sandbox.command(argv, hidden, files, ids), files and sandbox.UNIT
            asked.write(json.dumps(settings).encode())
            asked.seek(0)
            self.process = subprocess.Popen(
                argv,
                pass_fds=[theirs.fileno(), *ids],
                env=env,
                stdin=asked,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )

    def fork(self, *descriptors: socket.socket | int) -> None:
        """Start a child with these sockets or open files; raises OSError if the zygote is gone."""
        numbers = [one if isinstance(one, int) else one.fileno() for one in descriptors]
        socket.send_fds(self.control, [REQUEST], numbers)

    def ready(self) -> None:
        """Wait until the libraries are imported; raises RuntimeError with the reason if that failed."""
        with self._waiting:
            self.is_ready = self.is_ready or (not self._failure and self.control.recv(16) == b"ready")
            if self.is_ready:
                return
            if not self._failure:  # whoever asks next is told the same
                reason = self.process.stderr.read().decode(errors="replace").strip().splitlines()
                self._failure = f"a grading process could not start: {reason[-1] if reason else 'no reason given'}"
            raise RuntimeError(self._failure)

    def close(self) -> None:
        """End the zygote; its students' processes end with their lifelines."""
        self.control.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()


_LINUX = sys.platform.startswith("linux")


def main(control: socket.socket, settings: dict) -> None:
    """Import what was asked for, say so, and fork at each request until the grader closes the control line."""
    limits = Limits(*settings["limits"])
    work = importlib.import_module(f"autograder.engine.{settings['role']}")
    work.prepare(settings)
    gc.disable()
    gc.freeze()  # no collection touches, and so copies, what all children share
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    control.send(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 3)
        if message != REQUEST:
            return
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            _in_child(work.start, [*map(_socket, descriptors[:2]), settings["mode"], limits, *descriptors[2:]])
        for descriptor in descriptors:
            os.close(descriptor)


def _socket(descriptor: int) -> socket.socket:
    return socket.socket(fileno=descriptor)


def _in_child(start, args: list) -> None:
    """Call `start` and end this process, whatever comes: it must never go on as a second zygote."""
    try:
        start(*args)
    except BaseException:  # noqa: BLE001
        if os.environ.get("AUTOGRADER_TRACE"):
            sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def peak_mb(who: int) -> float:
    """Return the largest resident size in MB of this process (RUSAGE_SELF) or of those it waited for."""
    peak = resource.getrusage(who).ru_maxrss
    return peak / 1024 if _LINUX else peak / 2**20


if __name__ == "__main__":
    from autograder.engine import zygote

    zygote.main(_socket(int(sys.argv[1])), json.load(sys.stdin))
    os._exit(0)  # Python would take all modules apart first, in pages that the last children still share

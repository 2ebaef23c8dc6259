"""The student process: it runs the student's cells in an IPython shell and answers the referee's questions.

Nothing is decided here. Whatever student code does to this process, it can only give other answers.
"""

import contextlib
import gc
import importlib
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
from multiprocessing.connection import Connection

from traitlets.config import Config

from autograder.engine import sandbox
from autograder.engine.limits import Limits
from autograder.engine.shell import Hook, Publisher, Shell, run_cell
from autograder.engine.withheld import Finder
from introdl.checks import outcome
from introdl.checks.child import operations
from introdl.checks.remote import Peer

SHELL: list[Shell] = []
FILES: list[str] = []  # the folder with the unit's data


def prepare(settings: dict) -> None:
    """In the zygote: make the shell, import the libraries, and put stand-ins in the place of what is withheld."""
    sys.meta_path.insert(0, Finder(tuple(settings["hidden"])))
    outcome.OUR_CODE = (*outcome.OUR_CODE, str(sandbox.PACKAGE))  # a student's traceback has no line of ours
    FILES.append(settings["files"])
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    SHELL.append(Shell.instance(config=config, displayhook_class=Hook, display_pub_class=Publisher))
    for module in settings["preload"]:
        with contextlib.suppress(Exception):  # the cell that imports it will say what is wrong
            __import__(module)
    if "matplotlib.pyplot" in sys.modules:
        SHELL[0].run_cell("%matplotlib inline", silent=True)
    sys.argv = [""]
    sandbox.measure_address_space()
    sandbox.warm_up(settings["mode"])


def start(wire: socket.socket, lifeline: socket.socket, mode: str, limits: Limits, group: int | None = None) -> None:
    """In a child of the zygote: guard the processes of one submission until the lifeline ends, then report.

    group: an open file; who writes 0 there joins the group that limits the memory of all of them together.
    """
    if group is not None:
        os.write(group, b"0")
        os.close(group)
    sandbox.enter(mode, limits)
    folder = sandbox.HOME if mode == "bwrap" else tempfile.mkdtemp(prefix="submission-")
    first = os.fork()
    if first == 0:
        lifeline.close()
        _first_process(wire, folder, mode, limits)
        os._exit(0)
    wire.close()
    lifeline.recv(1)  # nothing is ever sent: it returns when the grader hangs up
    # As the first process of its namespace it takes all others along.
    (os.kill if mode == "bwrap" else os.killpg)(first, signal.SIGKILL)
    os.waitpid(first, 0)
    if mode == "none":
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        lifeline.send(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024).encode())


def _first_process(wire: socket.socket, folder: str, mode: str, limits: Limits) -> None:
    """Be the first process of a submission's namespace.

    It answers until its one fork, which runs the first cell, has done so; it runs no cell itself. Then it buries
    whoever dies, and lives on: with it all others would end.
    """
    if mode == "none":
        os.setpgid(0, 0)
    os.chdir(folder)
    if FILES[0]:
        shutil.copytree(FILES[0], folder, dirs_exist_ok=True)
        sandbox.hand_over(folder)
    sandbox.confine(mode, limits)
    _only_descriptor(wire)
    _serve(wire, limits)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def _only_descriptor(wire: socket.socket) -> None:
    """Close every descriptor but the wire; what code writes to 0, 1 and 2 goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.closerange(3, wire.fileno())
    os.closerange(wire.fileno() + 1, 4096)


def _serve(wire: socket.socket, limits: Limits) -> None:
    shell = SHELL[0]
    gc.enable()
    connection = Connection(wire.detach())

    def branch() -> None:
        """Fork. The parent stays as it is and goes on answering here; the child answers on a line that comes along."""
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            _, (descriptor,), _, _ = socket.recv_fds(line, 1, 1)
        child = os.fork()
        if child == 0:
            os.dup2(descriptor, connection.fileno())
            children.clear()
        else:
            children.append(child)
        os.close(descriptor)

    def kill() -> None:
        """End the child that was forked last: it is in an endless loop."""
        with contextlib.suppress(ProcessLookupError, IndexError):
            os.kill(children.pop(), signal.SIGKILL)

    def run(source: str) -> dict:
        return run_cell(shell, source, limits)

    children: list[int] = []

    def seed(module: str, name: str, args: tuple) -> None:
        getattr(importlib.import_module(module), name)(*args)

    own = {
        "seed": seed,
        "run": run,
        "branch": branch,
        "kill": kill,
        "import": lambda name, as_name: _import(shell, name, as_name),
    }
    Peer(connection, operations(shell.user_ns) | own).serve()


def _import(shell: Shell, name: str, as_name: str) -> None:
    shell.user_ns[as_name] = __import__(name, fromlist=["_"])

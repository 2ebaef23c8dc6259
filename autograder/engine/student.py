"""The student process: it runs the student's cells in an IPython shell and answers the referee's questions.

Nothing is decided here. Whatever student code does to this process, it can only give other answers.
"""

import ast
import contextlib
import gc
import io
import linecache
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import traceback
import types
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from multiprocessing.connection import Connection

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.engine import sandbox
from autograder.engine.limits import Limits
from introdl.checks import outcome
from introdl.checks.child import operations
from introdl.checks.outcome import learner_lines
from introdl.checks.remote import Peer

CHECKS = "introdl.checks"
SHELL: list[InteractiveShell] = []
FILES: list[str] = []  # the folder with the unit's data


class Outputs:
    """What a cell shows, in order, up to a number of characters; the rest is dropped, and that is said once."""

    def __init__(self, most: int):
        self.found, self.left = [], most

    def stream(self, name: str, text: str) -> None:
        """Append printed text."""
        text = text[: max(self.left, 0)] if self._spend(len(text)) else text
        if self.found and self.found[-1].get("name") == name:
            self.found[-1]["text"].append(text)
        elif text:
            self.found.append({"output_type": "stream", "name": name, "text": [text]})

    def show(self, kind: str, data: dict) -> None:
        """Append something displayed: texts by their media type."""
        data = {media: value for media, value in data.items() if isinstance(value, str)}
        if not self._spend(sum(map(len, data.values()))):
            self.found.append({"output_type": kind, "data": data})

    def _spend(self, size: int) -> bool:
        """Return whether this is more than may still be shown."""
        before, self.left = self.left, self.left - size
        return before < size

    def plain(self) -> list[dict]:
        """Return all that was shown as plain data."""
        found = [out | {"text": "".join(out["text"])} if "text" in out else out for out in self.found]
        return found + [{"output_type": "stream", "name": "stdout", "text": "\n… and more, which is not kept.\n"}] * (
            self.left < 0)


class Stream(io.TextIOBase):
    """Standard output or error of the running cell."""

    def __init__(self, name: str, outputs: Outputs):
        self.label, self.outputs = name, outputs

    def write(self, text: str) -> int:
        self.outputs.stream(self.label, str(text))
        return len(text)


class Hook(DisplayHook):
    """Keeps the value of a cell's last expression, as a notebook shows it."""

    def write_output_prompt(self): ...

    def start_displayhook(self): ...

    def finish_displayhook(self): ...

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.outputs.show("execute_result", format_dict)


class Publisher(DisplayPublisher):
    """Keeps what a cell displays."""

    def publish(self, data, metadata=None, **kwargs):
        self.shell.outputs.show("display_data", data)


class Shell(InteractiveShell):
    """An IPython shell without history, colours or tracebacks: the error comes back as a value."""

    outputs = Outputs(0)

    def showtraceback(self, *args, **kwargs): ...

    def showsyntaxerror(self, *args, **kwargs): ...

    def enable_gui(self, gui=None): ...


class Withheld(types.ModuleType):
    """Stands for a module that a student process does not have; using it says why."""

    def __init__(self, name: str, reason: str):
        super().__init__(name)
        self.__dict__.update(__path__=[], _reason=reason)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self if self._reason else _nothing

    def __call__(self, *args, **kwargs):
        raise ImportError(self._reason)


def _nothing(*args, **kwargs) -> None:
    """Stand for a check or a hint: while a notebook is graded, checks run elsewhere."""


class Finder(MetaPathFinder, Loader):
    """Finds stand-ins for the checks of the units, and for what a unit is about."""

    def __init__(self, hidden: tuple[str, ...]):
        self.hidden = hidden

    def find_spec(self, name, path=None, target=None):
        """Return a spec for a withheld module, None for all others."""
        is_check = name.startswith(f"{CHECKS}.") and name.rpartition(".")[2] + ".py" not in sandbox.CARRIERS
        is_hidden = any(name == module or name.startswith(f"{module}.") for module in self.hidden)
        return ModuleSpec(name, self, is_package=True) if is_check or is_hidden else None

    def create_module(self, spec):
        """Return the stand-in."""
        reason = f"{spec.name} is not here while a notebook is graded: this unit is about writing it yourself"
        return Withheld(spec.name, "" if spec.name.startswith(f"{CHECKS}.") else reason)

    def exec_module(self, module): ...


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


def start(wire: socket.socket, lifeline: socket.socket, mode: str, limits: Limits) -> None:
    """In a child of the zygote: guard the processes of one submission until the lifeline ends, then report."""
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

    It answers until its one fork, which runs the first cell, has done so; it runs no cell itself. Then it buries whoever
    dies, and lives on: with it all others would end.
    """
    if mode == "none":
        os.setpgid(0, 0)
    os.chdir(folder)
    if FILES[0]:
        shutil.copytree(FILES[0], folder, dirs_exist_ok=True)
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
    own = {"run": run, "branch": branch, "kill": kill, "import": lambda name, as_name: _import(shell, name, as_name)}
    Peer(connection, operations(shell.user_ns) | own).serve()


def _import(shell: Shell, name: str, as_name: str) -> None:
    shell.user_ns[as_name] = __import__(name, fromlist=["_"])


def run_cell(shell: Shell, source: str, limits: Limits) -> dict:
    """Run one cell; return its outputs and, if it raised, the error's name, text and the student's own lines."""
    outputs = shell.outputs = Outputs(limits.output_kb * 1024)
    with contextlib.redirect_stdout(Stream("stdout", outputs)), contextlib.redirect_stderr(Stream("stderr", outputs)):
        error = _run_plain(shell, source) if "await" not in source else _run_ipython(shell, source)
    return {"outputs": outputs.plain(), "error": None if error is None else _about(error)}


def _run_plain(shell: Shell, source: str) -> BaseException | None:
    """Run a cell that is plain Python, as most are: 4 ms faster than IPython's way; others are left to that."""
    name = f"<cell {len(linecache.cache)}>"
    try:
        body = ast.parse(source).body
        value = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        code = compile(ast.Module(body, []), name, "exec")
        last = value and compile(ast.Expression(value.value), name, "eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _run_ipython(shell, source)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        exec(code, shell.user_ns)
        if last:
            shown = eval(last, shell.user_ns)
            if not source.rstrip().endswith(";"):
                shell.displayhook(shown)
    except BaseException as error:  # noqa: BLE001 (whatever a cell raises is shown in its place)
        return error
    finally:
        shell.events.trigger("post_execute")  # figures are shown here
    return None


def _run_ipython(shell: Shell, source: str) -> BaseException | None:
    result = shell.run_cell(source, store_history=True)
    return result.error_before_exec or result.error_in_exec


def _about(error: BaseException) -> dict:
    text = traceback.format_exception_only(type(error), error)[-1] if isinstance(error, SyntaxError) else str(error)
    return {"name": type(error).__name__, "text": text[: Limits.message_characters], "lines": learner_lines(error)}

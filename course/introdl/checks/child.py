"""A learner's code in a process of its own: `Student` on our side, `main` and its operations on the other."""

import linecache
import operator
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection

from introdl.checks.outcome import LimitedOutput, quiet
from introdl.checks.remote import BINARY, Peer, Remote


class Student:
    """A fresh process that runs a learner's cells; `student["relu"]` is their function, as a `Remote`."""

    def __init__(self):
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "introdl.checks.child", str(theirs.fileno())]
            self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], start_new_session=True)
        self.cells: list[str] = []
        self.peer = Peer(Connection(ours.detach()), served())

    def run(self, cell: str) -> None:
        """Run one cell's source there; raises what it raised."""
        self.cells.append(cell)
        self.peer.ask("run", cell, len(self.cells))

    def __getitem__(self, name: str):
        return named(self.peer.ask("get", name), name, self.cells)

    def close(self) -> None:
        """End the process and everything that it started."""
        self.peer.connection.close()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


def named(value, name: str, cells: list[str]):
    """Give a Remote its name in the notebook, and the cells: in them, forbidden calls are looked for."""
    if isinstance(value, Remote):
        value.__dict__.update(_name=name, _cells=cells)
    return value


def served() -> dict[str, Callable]:
    """Return what the side with the checks does for the other one, on its own functions and tensors only."""
    return {"call": lambda function, args, kwargs: function(*args, **kwargs), "gradient": _gradient}


def operations(namespace: dict) -> dict[str, Callable]:
    """Return what the learner's process does for the side with the checks; `namespace` holds the notebook's names."""
    builtin = (getattr, setattr, delattr, isinstance, issubclass, iter, repr, str, len, bool, abs, hash)
    named_by_operator = (
        *BINARY,
        "neg",
        "pos",
        "invert",
        "getitem",
        "setitem",
        "delitem",
        "contains",
        "eq",
        "lt",
        "le",
        "gt",
        "ge",
    )
    return {
        **{function.__name__: function for function in builtin},
        **{name: getattr(operator, f"__{name}__") for name in named_by_operator},
        "next": _next,
        "plain": _plain,
        "enter": lambda manager: manager.__enter__(),
        "exit": lambda manager: manager.__exit__(None, None, None),
        "gradient": _gradient,
        "get": namespace.__getitem__,
        "set": namespace.__setitem__,
        "del": namespace.__delitem__,
        "call": _call,
    }


def _call(function, args, kwargs):
    with quiet(LimitedOutput(sys.stdout)):
        return function(*args, **kwargs)


def _next(iterator) -> tuple:
    """Return (the next item,), or () at the end: an iterator's end is no exception of the learner's."""
    for item in iterator:
        return (item,)
    return ()


def _plain(value):
    """Return a list, tuple or dictionary of a learner's own class as the plain one; other things as they are."""
    return next((kind(value) for kind in (list, tuple, dict, set) if isinstance(value, kind)), value)


def _gradient(tensor, gradient) -> None:
    """Go on with a gradient where the other side's copy of this tensor received it."""
    tensor.backward(gradient, retain_graph=True)


def main(descriptor: int) -> None:
    """Serve a learner's namespace on this descriptor: the other end of `Student`."""
    namespace: dict = {"__name__": "__main__"}

    def run(cell: str, number: int) -> None:
        filename = f"<cell {number}>"
        linecache.cache[filename] = (len(cell), None, cell.splitlines(keepends=True), filename)
        with quiet(LimitedOutput(sys.stdout)):
            exec(compile(cell, filename, "exec"), namespace)

    Peer(Connection(descriptor), operations(namespace) | {"run": run}).serve()


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except KeyboardInterrupt:
        pass

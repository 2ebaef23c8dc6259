"""Run a check here while the learner's code sits in another process.

Two peers talk over a pipe. Each may ask the other to do one of a few named operations and waits for the reply,
serving the other's questions meanwhile (a learner's `numerical_gradient(f, x)` calls our `f`). Plain data crosses
as JSON and raw array bytes, rebuilt as exact base types; nothing is ever unpickled. Everything else stays where it
is: the other side holds a `Remote`, on which calls, attributes and operators work.

The side with the checks serves only "call", and only for functions that it passed as arguments.
"""

import builtins
import json
import operator
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np

from introdl.checks.compare import identical
from introdl.checks.outcome import LimitedOutput, TimeUp, TooMuchOutput, learner_lines, quiet

MESSAGE_LIMIT = 256 * 2**20  # bytes of one message: ten times MNIST-5k in float64
PLAIN_DTYPES = "biufcSU"


class Gone(RuntimeError):
    """The other process has ended, or was ended."""


class Remote:
    """Something that lives in the other process: calls, attributes and operators are asked of it there."""

    def __init__(self, peer: "Peer", number: int, name: str = "", cells: list[str] | None = None):
        self.__dict__.update(_peer=peer, _number=number, _name=name, _cells=cells)

    def __call__(self, *args, **kwargs):
        return self._peer.call(self, args, kwargs)

    def __getattr__(self, name):
        if name.startswith("__"):  # copy, inspect and NumPy look for protocols that we do not forward
            raise AttributeError(name)
        return self._peer.ask("getattr", self, name)

    def __setattr__(self, name, value):
        self._peer.ask("setattr", self, name, value)

    def __deepcopy__(self, memo):
        return self

    def __iter__(self):
        return iter(self._peer.ask("list", self))

    def __repr__(self):
        return self._peer.ask("repr", self)

    def __add__(self, other):
        return self._peer.ask("add", self, other)

    def __radd__(self, other):
        return self._peer.ask("add", other, self)

    def __sub__(self, other):
        return self._peer.ask("sub", self, other)

    def __rsub__(self, other):
        return self._peer.ask("sub", other, self)

    def __mul__(self, other):
        return self._peer.ask("mul", self, other)

    def __rmul__(self, other):
        return self._peer.ask("mul", other, self)

    def __truediv__(self, other):
        return self._peer.ask("truediv", self, other)

    def __rtruediv__(self, other):
        return self._peer.ask("truediv", other, self)

    def __matmul__(self, other):
        return self._peer.ask("matmul", self, other)

    def __pow__(self, other):
        return self._peer.ask("pow", self, other)

    def __neg__(self):
        return self._peer.ask("neg", self)

    def __getitem__(self, key):
        return self._peer.ask("getitem", self, key)

    def __len__(self):
        return self._peer.ask("len", self)

    def __bool__(self):
        return self._peer.ask("bool", self)


class Peer:
    """One end of the pipe. `operations` are the questions that it answers, by name."""

    def __init__(self, connection: Connection, operations: dict[str, Callable]):
        self.connection, self.operations = connection, operations
        self.kept: dict[int, object] = {}  # what the other side holds a Remote to

    def ask(self, operation: str, *args):
        """Ask the other side for an operation and return its result; raises what it raised there."""
        reply = self._question(operation, args)
        return reply["value"]

    def call(self, function: Remote, args: tuple, kwargs: dict):
        """Call a function over there; arrays and lists that it changed in place are changed here, too."""
        reply = self._question("call", (function, args, kwargs))
        for place, new in reply["changed"].items():
            _write_back(args[place], new)
        return reply["value"]

    def serve(self) -> None:
        """Answer questions until the other side closes the pipe."""
        while True:
            try:
                message = self._receive()
            except Gone:
                return
            self._answer(message)

    def _question(self, operation: str, args: tuple) -> dict:
        try:
            self._send({"ask": operation, "args": args})
            while "ask" in (message := self._receive()):
                self._answer(message)
        except (
            TimeUp,
            KeyboardInterrupt,
        ):  # a late reply would be taken for the next one: end the conversation
            self.connection.close()
            raise
        if "error" in message:
            raise _rebuilt(message)
        return message

    def _answer(self, message: dict) -> None:
        operation, args = message["ask"], message["args"]
        try:
            called = operation == "call"
            reply = self._called(*args) if called else {"value": self.operations[operation](*args)}
        except Exception as error:  # noqa: BLE001 (whatever the learner's code raised is the answer)
            reply = _about(error)
        except (SystemExit, TooMuchOutput) as error:
            reply = _about(error)
        self._send(reply)

    def _called(self, function: Callable, args: tuple, kwargs: dict) -> dict:
        before = [_copy(arg) for arg in args]
        value = self.operations["call"](function, args, kwargs)
        changed = {
            place: arg
            for place, (arg, old) in enumerate(zip(args, before, strict=True))
            if not identical(arg, old)
        }
        return {"value": value, "changed": changed}

    def _send(self, message: dict) -> None:
        buffers: list[bytes] = []
        body = json.dumps({"message": self._encode(message, buffers), "buffers": len(buffers)})
        try:
            for part in (body.encode(), *buffers):
                self.connection.send_bytes(part)
        except OSError as error:
            raise Gone("the learner's process has ended") from error

    def _receive(self) -> dict:
        try:
            body = json.loads(self.connection.recv_bytes(MESSAGE_LIMIT))
            buffers = [self.connection.recv_bytes(MESSAGE_LIMIT) for _ in range(body["buffers"])]
        except (EOFError, OSError) as error:
            raise Gone("the learner's process has ended") from error
        return self._decode(body["message"], buffers)

    def _encode(self, value, buffers: list[bytes]):
        """Plain data → JSON with one-key objects as tags; arrays go to `buffers`; the rest stays and gets a number."""
        if value is None or type(value) in (bool, int, float, str):
            return value
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return {"tensor": [self._encode(value.detach().cpu().numpy(), buffers), value.requires_grad]}
        if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in PLAIN_DTYPES:
            buffers.append(np.ascontiguousarray(value).tobytes())
            return {
                "scalar" if isinstance(value, np.generic) else "array": [
                    value.dtype.str,
                    list(value.shape),
                    len(buffers) - 1,
                ]
            }
        if isinstance(value, np.random.Generator):
            return {"rng": value.bit_generator.state}
        for kind in (list, tuple, set, frozenset):
            if isinstance(value, kind):
                return {kind.__name__: [self._encode(item, buffers) for item in value]}
        if isinstance(value, dict):
            return {"dict": [[self._encode(k, buffers), self._encode(v, buffers)] for k, v in value.items()]}
        if isinstance(value, (bool, int, float, str)):  # a subclass: its plain value
            return next(kind(value) for kind in (int, float, str) if isinstance(value, kind))
        if isinstance(value, complex):
            return {"complex": [value.real, value.imag]}
        if isinstance(value, Remote):
            return {"yours": value._number}
        self.kept[id(value)] = value
        return {"mine": [id(value), getattr(value, "__name__", type(value).__name__)]}

    def _decode(self, value, buffers: list[bytes]):
        if not isinstance(value, dict):
            return value
        ((tag, content),) = value.items()
        if tag in ("array", "scalar"):
            dtype, shape, number = content
            array = np.frombuffer(buffers[number], dtype=np.dtype(dtype)).reshape(shape).copy()
            return array if tag == "array" else array[()]
        if tag == "tensor":
            import torch

            return torch.from_numpy(self._decode(content[0], buffers)).requires_grad_(content[1])
        if tag == "rng":
            generator = np.random.default_rng()
            generator.bit_generator.state = content
            return generator
        if tag in ("list", "tuple", "set", "frozenset"):
            return getattr(builtins, tag)(self._decode(item, buffers) for item in content)
        if tag == "dict":
            return {self._decode(k, buffers): self._decode(v, buffers) for k, v in content}
        if tag == "complex":
            return complex(*content)
        if tag == "mine":
            return Remote(self, content[0], content[1])
        return self.kept[content]


class Student:
    """A fresh process that runs a learner's cells; `student["relu"]` is their function, as a `Remote`."""

    def __init__(self):
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "introdl.checks.remote", str(theirs.fileno())]
            self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], start_new_session=True)
        self.cells: list[str] = []
        self.peer = Peer(
            Connection(ours.detach()), {"call": lambda function, args, kwargs: function(*args, **kwargs)}
        )

    def run(self, cell: str) -> None:
        """Run one cell's source there; raises what it raised."""
        self.cells.append(cell)
        self.peer.ask("run", cell, len(self.cells))

    def __getitem__(self, name: str):
        value = self.peer.ask("get", name)
        if isinstance(value, Remote):
            value.__dict__.update(_name=name, _cells=self.cells)
        return value

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


def main(descriptor: int) -> None:
    """Serve a learner's namespace on this descriptor: the other end of `Student`."""
    namespace: dict = {"__name__": "__main__"}

    def run(cell: str, number: int) -> None:
        import linecache

        filename = f"<cell {number}>"
        linecache.cache[filename] = (len(cell), None, cell.splitlines(keepends=True), filename)
        with quiet(LimitedOutput(sys.stdout)):
            exec(compile(cell, filename, "exec"), namespace)

    def call(function, args, kwargs):
        with quiet(LimitedOutput(sys.stdout)):
            return function(*args, **kwargs)

    operations = {
        name: getattr(operator, name)
        for name in ("add", "sub", "mul", "truediv", "matmul", "pow", "neg", "getitem")
    }
    operations |= {
        "getattr": getattr,
        "setattr": setattr,
        "list": list,
        "repr": repr,
        "len": len,
        "bool": bool,
        "get": namespace.__getitem__,
        "run": run,
        "call": call,
    }
    Peer(Connection(descriptor), operations).serve()


def _copy(value):
    """Copy what could be changed in place; everything else is itself."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, tuple)):
        return type(value)(_copy(item) for item in value)
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else value


def _write_back(old, new) -> None:
    """Give an argument the contents that it has in the other process."""
    if isinstance(old, np.ndarray):
        old.shape = new.shape  # the size is the same: arrays grow nowhere
        old[...] = new
    elif isinstance(old, (list, tuple)) and len(old) == len(new):
        for place, (o, n) in enumerate(zip(old, new, strict=True)):
            if isinstance(o, (np.ndarray, list, tuple, dict)):
                _write_back(o, n)
            elif isinstance(old, list):
                old[place] = n
    elif isinstance(old, list):
        old[:] = new
    elif isinstance(old, dict):
        old.clear()
        old.update(new)


def _about(error: BaseException) -> dict:
    """Describe an exception by plain data: its type's names, its message, the learner's lines."""
    names = [kind.__name__ for kind in type(error).__mro__]
    return {"error": names, "text": str(error), "lines": learner_lines(error)}


def _rebuilt(message: dict) -> BaseException:
    """Return an exception of the same built-in kind and name, with the learner's lines."""
    names = message["error"]
    if names[0] == TooMuchOutput.__name__:
        return TooMuchOutput()
    base = next(
        (getattr(builtins, n) for n in names if isinstance(getattr(builtins, n, None), type)), Exception
    )
    kind = base if base.__name__ == names[0] else type(names[0], (base,), {})
    try:
        error = kind(message["text"])
    except TypeError:  # UnicodeError and the like want more arguments
        error = RuntimeError(message["text"])
    error.learner_lines = message["lines"]
    return error


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except KeyboardInterrupt:
        traceback.print_exc(limit=0)

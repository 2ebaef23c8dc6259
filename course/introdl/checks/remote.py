"""Run a check here while the learner's code sits in another process.

Two peers talk over a pipe. Each may ask the other to do one of a few named operations and waits for the reply,
serving the other's questions meanwhile (a learner's `numerical_gradient(f, x)` calls our `f`). Plain data crosses
as `codec` says; for everything else the other side holds a `Remote`, on which calls, attributes and operators work.

The side with the checks serves two operations only, and only on what it sent: a call of a function, and the gradient
of a tensor. What it compares is always its own plain copy.
"""

import contextlib
import copy
import io
import sys
import types
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np

from introdl.checks.codec import ERROR_TEXT, Codec, Garbled
from introdl.checks.compare import identical
from introdl.checks.outcome import Gone, TimeUp, TooMuchOutput, learner_lines

MESSAGE_LIMIT = 256 * 2**20  # bytes of one message: ten times MNIST-5k in float64
NESTED = 50  # calls within calls back and forth
READABLE = ("__name__", "__qualname__", "__doc__", "__module__", "__annotations__", "__defaults__", "__kwdefaults__")
NOT_ABOUT = ("cause", "learner_lines", "args")  # what an exception of ours says, and the learner's may not set
# What a learner's objects may pass for when a check asks isinstance(x, …): never plain data, which is copied.
PRETENDED = ("function", "generator", "module", "type", "method", "builtin_function_or_method", "Module")
LAST = (NotImplementedError, TooMuchOutput)  # what ends a row of calls: the others would tell no more
BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "matmul", "pow", "and", "or", "xor")
UNARY_OF_NUMBERS = ("neg", "pos", "abs", "invert")
UNARY = (*UNARY_OF_NUMBERS, "repr", "str", "setitem", "getitem", "delitem")


class OutOfReach(TypeError):
    """A check wants something of a learner's object that only its own process could do."""


class Remote:
    """Something that lives in the other process: calls, attributes and operators are asked of it there."""

    _remote_number = True  # by which `codec` knows that this stands for something of the other side

    def __init__(self, peer: "Peer", number: int, description: dict):
        self.__dict__.update(
            _mixed=False,  # whether it came of an operation with a value of ours
            _peer=peer,
            _number=number,
            _name="",
            _cells=None,
            _description=description,
            _kind=peer.pretended(description.get("bases")) or Remote,
        )

    def __call__(self, *args, **kwargs):
        return self._peer.call(self, args, kwargs)

    @property
    def __class__(self):
        return self._kind

    @property
    def __bases__(self):  # by which issubclass asks what a class of the learner's derives from
        names = self._description.get("derived")
        return tuple(filter(None, map(self._peer.known_class, names if _texts(names) else ())))

    def __getattr__(self, name):
        if name in ("__name__", "__qualname__") and not self._peer.of_learner:
            return self._description["name"]  # the side with the checks answers no questions about its objects
        if name == "__code__" and isinstance(code := self._description.get("code"), dict):
            return types.SimpleNamespace(**code)  # what inspect asks of a function
        if name.startswith("__") and (name not in READABLE or not self._peer.of_learner):
            # NumPy, copy and inspect look for protocols
            if name in ("__array__", "__reduce_ex__", "__getstate__", "__buffer__", "__array_interface__"):
                raise self._out_of_reach(name)
            raise AttributeError(name)
        return self._peer.ask("getattr", self, name)

    def __setattr__(self, name, value):
        self._peer.ask("setattr", self, name, value)

    def __delattr__(self, name):
        self._peer.ask("delattr", self, name)

    def __deepcopy__(self, memo):
        return self

    def __iter__(self):
        return self._peer.ask("iter", self)

    def __next__(self):
        found = self._peer.ask("next", self)
        if not found:
            raise StopIteration
        return found[0]

    def __contains__(self, item):
        plain = self._contents()
        return item in plain if plain is not None else self._peer.ask("contains", self, item) is True

    def __len__(self):
        plain = self._contents()
        return len(plain) if plain is not None else self._settled(self._peer.ask("len", self))

    def __bool__(self):
        return self._settled(self._peer.ask("bool", self)) is True

    def _contents(self):
        """Return the plain contents of a list, tuple, set or dictionary of the learner's own class; None for others."""
        plain = self._peer.ask("plain", self)
        return None if isinstance(plain, Remote) else plain

    def _settled(self, result):
        """Return a result, unless it is plain and this object came of an operation with a value of ours.

        Else a difference that is always an object whose size is 0 would be close to every expected value.
        """
        if self._mixed and not isinstance(result, Remote):
            raise TypeError(f"{self._description['name']}: an operation with plain data ends in plain data")
        return result

    def __instancecheck__(self, value):
        return self._peer.ask("isinstance", value, self) is True

    def __subclasscheck__(self, kind):
        return self._peer.ask("issubclass", kind, self) is True

    def __enter__(self):
        return self._peer.ask("enter", self)

    def __exit__(self, *exception):
        self._peer.ask("exit", self)

    def __hash__(self):
        if self._description.get("hashed") is not True:
            return object.__hash__(self)
        number = self._peer.ask("hash", self)
        if type(number) is not int:
            raise TypeError(f"unhashable: {self._description['name']}")
        return number

    def __eq__(self, other):
        # Two of the learner's objects are compared as the learner wrote it. Beside a value of ours, what equals
        # everything would always win: only the plain contents of a list, tuple or dictionary are compared.
        if isinstance(other, Remote):
            return self is other or self._settled(self._peer.ask("eq", self, other)) is True
        plain = self._contents()
        return plain is not None and plain == other

    def __ne__(self, other):
        return not self == other

    def __array_ufunc__(self, *args, **kwargs):
        raise self._out_of_reach("NumPy")

    def _pass_on_gradient(self, gradient) -> None:
        self._peer.ask("gradient", self, gradient)

    def _out_of_reach(self, wish: str) -> OutOfReach:
        return OutOfReach(
            f"{self._description['name']} lives in the student's process, and {wish} needs it in the check's own; "
            "where that is meant, the instructor can let this check run in the student's process"
        )


def _unary(name: str) -> Callable:
    def method(self, *args):
        result = self._peer.ask(name, self, *args)
        if name not in UNARY_OF_NUMBERS:
            return result
        if isinstance(result, Remote):
            result.__dict__["_mixed"] = result._mixed or self._mixed
        return self._settled(result)

    return method


def _binary(name: str, swapped: bool) -> Callable:
    def method(self, other):
        result = self._peer.ask(name, *((other, self) if swapped else (self, other)))
        if not isinstance(result, Remote) and not isinstance(other, Remote):
            # Else a difference that is always 0 would be close to every expected value.
            raise TypeError(f"{self._description['name']} {name} plain data gave plain data")
        if isinstance(result, Remote):
            mixed = self._mixed or not isinstance(other, Remote) or other._mixed
            result.__dict__["_mixed"] = result._mixed or mixed
            return result
        return self._settled(result)

    return method


def _ordering(name: str) -> Callable:
    def method(self, other):
        if not isinstance(other, Remote):
            return NotImplemented
        return self._settled(self._peer.ask(name, self, other)) is True

    return method


for _name in UNARY:
    setattr(Remote, f"__{_name}__", _unary(_name))
for _name in BINARY:
    setattr(Remote, f"__{_name}__", _binary(_name, swapped=False))
    setattr(Remote, f"__r{_name}__", _binary(_name, swapped=True))
for _name in ("lt", "le", "gt", "ge"):
    setattr(Remote, f"__{_name}__", _ordering(_name))


def is_remote(value) -> bool:
    """Whether this stands for an object of a learner's process."""
    return hasattr(type(value), "_remote_number")


class Calls:
    """Many calls of a function over there, asked for in one message: many messages would take longer than most calls.

    `next` gives the result of each, in their order, or raises what it raised. None comes after one of LAST.
    """

    def __init__(self, function: Remote, many: list[tuple]):
        self.peer, self.function, self.left, self.lent = function._peer, function, list(many), None

    def next(self) -> tuple[object, tuple]:
        """Return the next call's result and its arguments: copies, if it changed arrays or lists in place."""
        with self.peer._in_step():
            if self.lent is None:
                self.lent = {}
                self.peer._send({"ask": "call each", "args": (self.function, self.left)}, self.lent)
            args = self.left.pop(0)
            reply = self.peer._reply(self.lent)
            if reply.get("changed"):  # the value may be one of the arguments, or hold one: both are copied in one go
                args, reply["value"] = copy.deepcopy((args, reply.get("value")))
            return self.peer._result(reply, args, {}), args


class Peer:
    """One end of the pipe. `operations` are the questions that it answers, by name."""

    def __init__(self, connection: Connection, operations: dict[str, Callable]):
        self.connection, self.operations = connection, operations
        self.codec = Codec(self._remote)
        self._remotes: dict[int, object] = {}
        self.ours: dict = {}  # names of classes on the checks' side that a learner's class may derive from
        self._depth = 0
        self.of_learner = "getattr" not in operations  # whether the other side is the learner's

    def ask(self, operation: str, *args):
        """Ask the other side for an operation and return its result; raises what it raised there."""
        return self._question(operation, args).get("value")

    def call(self, function: Remote, args: tuple, kwargs: dict):
        """Call a function over there; arrays and lists that it changed in place are changed here, too."""
        return self._result(self._question("call", (function, args, kwargs), {}), args, kwargs)

    def _result(self, reply: dict, args: tuple, kwargs: dict):
        """Return the value in a reply to a call, after writing what it changed into the arguments."""
        if isinstance(printed := reply.get("printed"), str):
            sys.stdout.write(printed)  # a check may look at what a function prints
        changed, named = reply.get("changed"), {**dict(enumerate(args)), **kwargs}
        for place, new in changed.items() if isinstance(changed, dict) else ():
            try:
                _write_back(named[place], new)
            except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
                raise Garbled("the other process changed an argument into something it cannot be") from error
        return reply.get("value")

    def serve(self) -> None:
        """Answer questions until the other side closes the pipe."""
        while True:
            try:
                message = self._receive()
            except Gone:
                return
            self._answer(message)

    def known_class(self, name: str) -> type | None:
        """Return a class that both sides know: of a library, or of the instructor's cells."""
        own = dict.get(self.ours, name.removeprefix("__main__."))
        return own if isinstance(own, type) else _known_class(name)

    def pretended(self, bases) -> type | None:
        """Return what a learner's object may pass for: an instance of the instructor's class, a function, a module …"""
        for name in bases if _texts(bases) else ():
            own = dict.get(self.ours, name.removeprefix("__main__."))
            if name.startswith("__main__.") and isinstance(own, type):
                return own
        return _pretended(bases)

    def forget(self) -> None:
        """Forget whom the numbers stood for: the talk goes on with another process."""
        self._remotes.clear()

    def _remote(self, number, description):
        """Return what stands for the other side's object of this number: always the same one."""
        if type(number) is not int or type(description) is not dict or type(description.get("name")) is not str:
            raise TypeError("no description")
        if number not in self._remotes:
            error = description.get("error")
            self._remotes[number] = _error_class(error) if error else Remote(self, number, description)
        return self._remotes[number]

    def _question(self, operation: str, args: tuple, lent: dict | None = None) -> dict:
        with self._in_step():
            self._send({"ask": operation, "args": args}, lent)
            return self._reply(lent)

    def _reply(self, lent: dict | None) -> dict:
        """Answer the other side's questions until it replies; raise what it raised."""
        while "ask" in (message := self._receive(lent)):
            self._answer(message)
        if "error" in message:
            raise self._rebuilt(message)
        return message

    @contextlib.contextmanager
    def _in_step(self):
        """End the talk if it is broken off in the block: a late reply would be taken for the next one."""
        try:
            yield
        except (TimeUp, KeyboardInterrupt, Garbled):
            self.connection.close()
            raise

    def _answer(self, message: dict) -> BaseException | None:
        """Answer a question; return what its answer raised, if so."""
        operation, args = message["ask"], message.get("args")
        if operation == "call each" and not self.of_learner:
            any(isinstance(self._answer({"ask": "call", "args": (args[0], each, {})}), LAST) for each in args[1])
            return None
        borrowed, raised = self.codec.borrowed, None
        self._depth += 1
        try:
            if self._depth > NESTED or not isinstance(args, (tuple, list)) or operation not in self.operations:
                raise TypeError(f"no such question: {operation}")
            called = operation == "call"
            reply = self._called(*args) if called else {"value": self.operations[operation](*args)}
        except Exception as error:  # noqa: BLE001 (whatever the learner's code raised is the answer)
            reply, raised = self._about(error), error
        except (SystemExit, TooMuchOutput) as error:
            reply, raised = self._about(error), error
        finally:
            self._depth -= 1
        self.codec.borrowed = borrowed  # other questions may have come and gone meanwhile
        self._send(reply, give_back=True)
        return raised

    def _called(self, function: Callable, args: tuple, kwargs: dict) -> dict:
        named = {**dict(enumerate(args)), **kwargs}
        before = {place: _copy(arg) for place, arg in named.items()}
        printed = io.StringIO()
        with contextlib.nullcontext() if self.of_learner else contextlib.redirect_stdout(printed):
            value = self.operations["call"](function, args, kwargs)
        changed = {place: arg for place, arg in named.items() if _differs(arg, before[place])}
        return {"value": value, "changed": changed} | ({"printed": text} if (text := printed.getvalue()) else {})

    def _send(self, message: dict, lent: dict | None = None, give_back: bool = False) -> None:
        try:
            self.connection.send_bytes(self.codec.dumps(message, lent, give_back))
        except OSError as error:
            raise Gone("the learner's process has ended") from error

    def _receive(self, lent: dict | None = None) -> dict:
        try:
            data = self.connection.recv_bytes(MESSAGE_LIMIT)
        except (EOFError, OSError) as error:
            raise Gone("the learner's process has ended") from error
        return self.codec.loads(data, lent)

    def _about(self, error: BaseException) -> dict:
        """Describe an exception by plain data: its type's names, its message, the learner's lines."""
        kind = type(error)
        own = kind if kind.__module__ == "__main__" and isinstance(error, Exception) else None
        args = tuple(arg for arg in error.args if type(arg) in (bool, int, float, str))
        return {
            "error": _names_of(kind),
            "class": own,
            "args": args if len(args) == len(error.args) else (),
            "text": _text(error),
            "lines": learner_lines(error),
            "about": {name: value for name, value in vars(error).items() if not name.startswith("_")} if own else {},
        }

    def _rebuilt(self, message: dict) -> BaseException:
        """Return an exception of the same built-in kind and name, with the learner's lines."""
        names, text, lines = message["error"], message.get("text"), message.get("lines")
        if not _texts(names) or not isinstance(text, str) or not _texts(lines):
            return Garbled("the other process sent something that is no message")
        if names[0].endswith(f".{TooMuchOutput.__name__}"):
            return TooMuchOutput()
        own = message.get("class")
        kind = own if isinstance(own, type) and issubclass(own, Exception) else _error_class(names)
        error = _made(kind, text) or _made(_error_class([n for n in names if "." not in n]), text) or RuntimeError(text)
        args = message.get("args")
        if isinstance(args, tuple) and args and isinstance(error, KeyError):  # which prints its argument's repr
            error.args = args
        about = message.get("about")
        for name, value in about.items() if type(about) is dict else ():
            if type(name) is str and name.isidentifier() and name not in NOT_ABOUT and not name.startswith("_"):
                error.__dict__[name] = value
        error.learner_lines = [line[:200] for line in lines[:5]]
        return error


def _made(kind: type[Exception], text: str) -> Exception | None:
    try:
        return kind(text[:ERROR_TEXT])
    except TypeError:  # UnicodeError and the like want more arguments
        pass
    try:
        return type(kind.__name__, (kind,), {"__init__": lambda self: None, "__str__": lambda self: text})()
    except TypeError:
        return None


def _texts(value) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)


def _text(error: BaseException) -> str:
    try:
        return str(error)[:ERROR_TEXT]
    except Exception:  # noqa: BLE001 (a learner's exception may not know how to print itself)
        return ""


def _names_of(kind: type) -> list[str]:
    """Return the names of a class and those it derives from: plain for built-in ones, with their module for others."""
    return [k.__name__ if k.__module__ == "builtins" else f"{k.__module__}.{k.__qualname__}" for k in kind.__mro__]


def _error_class(names) -> type[Exception]:
    """Return the exception class of the first name, or a new one derived from the nearest that this side knows.

    Only what `except Exception` catches: StopIteration among them would end a check's loop early, and exits the check.
    """
    if not _texts(names) or not names:
        raise TypeError("no exception's names")
    known = map(_known_class, names)
    base = next((kind for kind in known if kind and issubclass(kind, Exception)), RuntimeError)
    if issubclass(base, (StopIteration, StopAsyncIteration)):
        base = RuntimeError
    name = names[0].rpartition(".")[2]
    return base if base is _known_class(names[0]) else type(name[:80], (base,), {})


def _known_class(name: str) -> type | None:
    """Return the class of a library that this side has imported, too. Our own checks' errors are not to be had so."""
    module, _, kind = name.rpartition(".")
    if module.startswith(("introdl", "autograder", "__main__")):
        return None
    found = getattr(sys.modules.get(module or "builtins"), kind, None)
    return found if isinstance(found, type) else None


def _pretended(bases) -> type | None:
    """Return the first class among these names that a learner's object may pass for, where this side knows it, too."""
    for name in bases if _texts(bases) else ():
        module, _, kind = name.rpartition(".")
        if kind in PRETENDED:
            if module == "builtins":
                return {
                    "function": type(_copy),
                    "generator": type(i for i in ()),
                    "module": type(sys),
                    "type": type,
                    "method": type(Codec(None).dumps),
                }.get(kind, type(len))
            found = getattr(sys.modules.get(module), kind, None)
            return found if isinstance(found, type) else None
    return None


def _copy(value):
    """Copy what could be changed in place; everything else is itself."""
    if type(value) is np.random.Generator:
        return value.bit_generator.state
    if isinstance(value, np.ndarray) or type(value) is set:
        return value.copy()
    if type(value).__name__ == "Tensor":
        return value.detach().clone().requires_grad_(value.requires_grad)
    if type(value) in (list, tuple):
        return type(value)(_copy(item) for item in value)
    return {key: _copy(item) for key, item in value.items()} if type(value) is dict else value


def _differs(value, before) -> bool:
    """Whether a value was changed since `before`, its copy."""
    if type(value) is np.random.Generator:
        return value.bit_generator.state != before
    if type(value) is set:
        return value != before
    if type(value).__name__ == "Tensor":
        return value.requires_grad != before.requires_grad or not identical(value.detach(), before.detach())
    return not identical(value, before)


def _write_back(old, new) -> None:
    """Give an argument the contents that it has in the other process."""
    if isinstance(old, np.ndarray):
        old.shape = new.shape  # the size is the same: arrays grow nowhere
        old[...] = new
    elif type(old) is np.random.Generator:
        old.bit_generator.state = new.bit_generator.state
    elif type(old).__name__ == "Tensor":
        old.data.copy_(new.detach())
        if old.is_leaf:
            old.requires_grad_(new.requires_grad)
    elif type(old) is set:
        old.clear()
        old.update(new)
    elif isinstance(old, (list, tuple)) and len(old) == len(new):
        for place, (o, n) in enumerate(zip(old, new, strict=True)):
            if isinstance(o, (np.ndarray, list, tuple, dict)) and o is not n:
                _write_back(o, n)
            elif isinstance(old, list):
                old[place] = n
    elif isinstance(old, list):
        old[:] = new
    elif isinstance(old, dict):
        old.clear()
        old.update(new)

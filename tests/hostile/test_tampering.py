"""Whatever a submission does to the process it runs in, its score never rises above that of the same answers alone.

Random sequences of the snippets below are put before, between and after the answers of a partly right submission.
More than the usual number of examples: HOSTILE_EXAMPLES=2000 pytest tests/hostile/test_tampering.py
"""

import copy
import json
import os
import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.submission import SMALL, answer

pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "60"))

# What is right and what is not: 2 + 0 + 1 + 3.2 + 0 + 2 + 1 of 18 points.
ANSWERS = {
    "double": "def double(n):\n    return 2 * n",
    "area": "def area(a, b):\n    return 6.0",
    "mean": "def mean(values):\n    return 2",
    "estimate": "def estimate(x):\n    return 2 ** 0.5 if x == 2 else 290.2",
    "divisors": "def divisors(n):\n    return [1, 2, 3, 4, 6, 12]",
    "Counter": """
        class Counter:
            def __init__(self): self.sum = 0
            def add(self, n): self.sum += n
            def total(self): return self.sum""",
    "quotient": "def quotient(a, b):\n    return a / b",
}

# Found by every snippet that wants it: the objects with which this process talks to whoever asks.
PEER = """
import gc, sys
peers = [thing for thing in gc.get_objects() if type(thing).__name__ == "Peer"]
peer = peers[0] if peers else type("Nobody", (), {"operations": {}, "connection": None, "codec": None})()
"""

TAMPERING = {
    # builtins and modules
    "builtins agree": """
        import builtins
        builtins.abs = lambda value: 0
        builtins.all = builtins.any = builtins.bool = builtins.isinstance = lambda *args: True""",
    "builtins gone": """
        import builtins
        for name in ("len", "print", "repr", "type", "getattr", "list", "dict"):
            delattr(builtins, name)""",
    "names of the check": """
        close = lambda yours, expected: True
        score = 4; error = 0; found = {4, 46337}; counter = None; np = math = object()
        abs = lambda value: 0
        all = lambda values: True""",
    "modules emptied": """
        import sys
        for name in list(sys.modules):
            if name.startswith(("introdl", "autograder", "numpy.testing", "math")):
                sys.modules[name] = None""",
    "modules forgotten": """
        import sys
        for name in list(sys.modules):
            if name.startswith(("introdl", "autograder", "json", "socket", "struct", "multiprocessing")):
                del sys.modules[name]""",
    "numpy agrees": """
        import numpy
        for name in dir(numpy.testing):
            if name.startswith("assert"):
                setattr(numpy.testing, name, lambda *args, **kwargs: None)
        numpy.isclose = numpy.allclose = numpy.array_equal = lambda *args, **kwargs: True""",
    "numpy lies": """
        import numpy
        numpy.asarray = numpy.array = numpy.ascontiguousarray = lambda *args, **kwargs: numpy.float64(6)
        numpy.ndarray.tobytes = lambda *args: b"" if False else None""",
    "json lies": """
        import json
        json.dumps = lambda *args, **kwargs: '{"dict": [["value", 6]]}'""",
    "json reads otherwise": """
        import json
        json.loads = lambda *args, **kwargs: {"dict": [["ask", "get"], ["args", {"list": ["double"]}]]}""",
    "struct and pickle": """
        import pickle, struct
        struct.pack = lambda *args: b"\\0\\0\\0\\1"
        pickle.dumps = pickle.loads = lambda *args, **kwargs: True""",
    "socket": """
        import socket
        socket.socket.send = socket.socket.sendall = lambda self, data, *args: len(data)
        socket.socket.recv = lambda self, size, *args: b'{"value": 6}'""",
    "environment": """
        import os
        os.environ.clear()
        os.environ.update(INTRODL_SEED="0", PYTHONPATH="/tmp", LD_PRELOAD="/tmp/x.so", PYTHONSTARTUP="/tmp/x.py")""",
    "import hooks": """
        import sys
        class Finder:
            def find_spec(self, name, path=None, target=None): raise ImportError(name)
        sys.meta_path.insert(0, Finder())
        sys.path[:] = ["/tmp"]
        sys.path_hooks.clear()""",
    # IPython
    "input transformer": """
        get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\\n"])""",
    "syntax transformer": """
        import ast
        class Emptied(ast.NodeTransformer):
            def visit_Return(self, node): return ast.copy_location(ast.Return(ast.Constant(6)), node)
        get_ipython().ast_transformers.append(Emptied())""",
    "run_cell": """
        shell = get_ipython()
        type(shell).run_cell = type(shell).run_cell_async = lambda self, *args, **kwargs: 1 / 0""",
    "run_cell returns": """
        shell = get_ipython()
        class Fine:
            error_before_exec = error_in_exec = None
        shell.run_cell = lambda *args, **kwargs: Fine()""",
    "display": """
        import sys
        shell = get_ipython()
        sys.displayhook = lambda value: None
        type(shell.displayhook).write_format_data = lambda *args, **kwargs: None
        type(shell.display_pub).publish = lambda *args, **kwargs: 1 / 0""",
    "namespace exchanged": """
        shell = get_ipython()
        class Every(dict):
            def __getitem__(self, name): return lambda *args: 6
            __missing__ = __getitem__
        shell.user_ns = shell.user_global_ns = Every(shell.user_ns)""",
    "namespace emptied": """
        get_ipython().user_ns.clear()""",
    "shell's outputs": """
        shell = get_ipython()
        shell.outputs = None
        type(shell).outputs = property(lambda self: [{"output_type": "execute_result", "data": {}}])""",
    "streams": """
        import sys
        sys.stdout = sys.stderr = sys.__stdout__ = None
        sys.excepthook = sys.unraisablehook = lambda *args: None""",
    # descriptors
    "descriptors closed": """
        import os
        os.closerange(0, 256)""",
    "descriptors copied": """
        import os
        for number in range(3, 64):
            try:
                os.dup2(number, number + 64)
            except OSError:
                pass""",
    "descriptors exchanged": """
        import os, socket
        one, other = socket.socketpair()
        for number in range(3, 32):
            if number not in (one.fileno(), other.fileno()):
                try:
                    os.fstat(number)
                    os.dup2(one.fileno(), number)
                except OSError:
                    pass
        other.sendall(b'\\0\\0\\0\\x0c{"value": 6}')""",
    "words on descriptors": """
        import fcntl, json, os, struct
        for number in range(3, 64):
            try:
                fcntl.fcntl(number, fcntl.F_SETFL, fcntl.fcntl(number, fcntl.F_GETFL) | os.O_NONBLOCK)
                for value in (6, True, 2.0):
                    body = json.dumps({"dict": [["value", value], ["changed", {"dict": []}]]}).encode()
                    packed = struct.pack("<I", len(body)) + body
                    os.write(number, struct.pack("!i", len(packed)) + packed)
            except OSError:
                pass""",
    "one word too many": PEER + """
try:
    peer._send({"value": 6, "changed": {}})
except Exception:
    pass""",
    "noise on descriptors": """
        import os
        for number in range(3, 32):
            try:
                os.write(number, os.urandom(64))
            except OSError:
                pass""",
    # classes and protocols
    "numbers agree": """
        class Same(float):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0.0
            __hash__ = None
        def area(a, b): return Same(1)
        def quotient(a, b): return Same(0)""",
    "functions exchanged": """
        try:
            for function in (area, divisors, quotient):
                function.__code__ = (lambda *args: 0).__code__
                function.__defaults__ = function.__kwdefaults__ = None
        except NameError:
            pass""",
    "containers agree": """
        class Full(list):
            def __contains__(self, item): return True
            def __eq__(self, other): return True
        def area(a, b): return Full([6.0])""",
    "exceptions": """
        import builtins
        Own = type("Own", (BaseException,), {})
        builtins.AssertionError = builtins.NotImplementedError = builtins.ValueError = Own""",
    # gc, frames, tracing
    "garbage": """
        import gc
        gc.disable()
        gc.callbacks.append(lambda phase, info: 1 / 0)
        gc.set_threshold(1, 1, 1)
        gc.enable()""",
    "frames changed": """
        import sys
        frame = sys._getframe()
        while frame:
            for name in ("result", "error", "source", "message", "value"):
                if name in frame.f_locals:
                    frame.f_locals[name] = None
            frame.f_globals.setdefault("hidden", None)
            frame = frame.f_back""",
    "trace": """
        import sys, threading
        def trace(frame, event, arg):
            for name in ("value", "result", "yours"):
                if name in frame.f_locals:
                    frame.f_locals[name] = 6
            return trace
        sys.settrace(trace)
        threading.settrace(trace)""",
    "profile": """
        import sys
        def profile(frame, event, arg):
            if event == "c_call" and getattr(arg, "__name__", "") == "fork":
                raise ValueError("no fork")
        sys.setprofile(profile)""",
    "recursion": """
        import sys
        sys.setrecursionlimit(len(__import__("inspect").stack()) + 60)""",
    "much recursion": """
        import sys
        sys.setrecursionlimit(10 ** 6)""",
    # signals, threads, forks
    "alarm": """
        import signal
        def ring(*args): raise TimeoutError("ring")
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)""",
    "signals ignored": """
        import signal
        for number in signal.valid_signals():
            try:
                signal.signal(number, signal.SIG_IGN)
            except OSError:
                pass""",
    "thread": """
        import threading, time
        def patching():
            while True:
                globals().update(close=lambda *args: True, area=lambda *args: 6.0)
                time.sleep(0.001)
        threading.Thread(target=patching, daemon=True).start()""",
    "thread on the line": PEER + """
import threading, time
def speaking():
    for _ in range(200):
        time.sleep(0.005)
        try:
            peer._send({"value": 6, "changed": {}})
        except Exception:
            pass
threading.Thread(target=speaking, daemon=True).start()""",
    "fork": """
        import os, time
        if os.fork() == 0:
            os.setsid()
            time.sleep(60)
            os._exit(0)""",
    "two of us": """
        import os
        os.fork()""",
    "fork hooks": """
        import os
        os.register_at_fork(before=lambda: globals().update(close=lambda *args: True),
                            after_in_child=lambda: 1 / 0, after_in_parent=lambda: None)""",
    "no fork": """
        import os
        os.fork = lambda: 0""",
    "at exit": """
        import atexit, os
        atexit.register(lambda: [os.write(number, b'{"value": 6}') for number in range(3, 9)])
        os._exit = lambda code: None""",
    "exit": "raise SystemExit(0)",
    "interrupt": "raise KeyboardInterrupt",
    # the runtime's own objects
    "operations agree": PEER + """
for name in list(peer.operations):
    if name in ("eq", "lt", "le", "gt", "ge", "contains", "bool", "isinstance"):
        peer.operations[name] = lambda *args: True
    elif name in ("len", "abs", "sub", "getattr"):
        peer.operations[name] = lambda *args: 0""",
    "every call is 6": PEER + """
peer.operations["call"] = lambda function, args, kwargs: 6""",
    "every name is another": PEER + """
peer.operations["get"] = lambda name: (lambda *args: args[0] if args else 6)""",
    "replies agree": PEER + """
class Agreeing:
    dtype, shape = "float64", ()
    def __eq__(self, other): return True
    def __abs__(self): return 0.0
    def __sub__(self, other): return self
    def __rsub__(self, other): return self
    def item(self): return 4.0
    __hash__ = None
call = peer.operations.get("call")
if call:
    def area(*args): return Agreeing()""",
    "changed arguments": PEER + """
if peers:
    type(peer)._called = lambda self, function, args, kwargs: {
        "value": 6, "changed": {0: [6, 6], 1: 6, -1: None, "x": {}}}""",
    "odd replies": PEER + """
if peers:
    odd = [{"value": {"mine": [0, {}]}}, {"error": ["AssertionError"], "text": "", "lines": []}, {"error": 3}, {},
           {"value": None}, {"ask": "call", "args": []}, {"error": ["StopIteration"], "text": "", "lines": []}]
    type(peer)._about = lambda self, error: odd[0]
    answered = type(peer)._answer
    def _answer(self, message):
        if odd and message.get("ask") == "call":
            self._send(odd.pop(0))
        else:
            answered(self, message)
    type(peer)._answer = _answer""",
    "questions back": PEER + """
if peers:
    answered = type(peer)._answer
    def _answer(self, message):
        if message.get("ask") == "call":
            for operation in ("get", "run", "eval", "call", "getattr", "__class__"):
                try:
                    self.ask(operation, "check_area")
                except Exception:
                    pass
        answered(self, message)
    type(peer)._answer = _answer""",
    "endless questions": PEER + """
if peers:
    answered = type(peer)._answer
    def _answer(self, message):
        for _ in range(300):
            self._send({"ask": "call", "args": [print, [], {}]})
        answered(self, message)
    type(peer)._answer = _answer""",
    "codec": """
        import sys
        codec = sys.modules.get("introdl.checks.codec")
        if codec:
            codec.Codec._encode = lambda self, value, buffers: (
                {"dict": [["value", 6]]} if isinstance(value, dict) else 6)""",
    "deep messages": PEER + """
if peers:
    dumps = type(peer.codec).dumps
    def deeper(self, message):
        import struct
        body = b'{"list": [' * 5_000 + b"6" + b"]}" * 5_000
        return struct.pack("<I", len(body)) + body if message.get("value") == 6.0 else dumps(self, message)
    type(peer.codec).dumps = deeper""",
    "numbers of others": PEER + """
if peers:
    peer.codec.kept.update({number: 6 for number in range(1000)})
    peer.codec.kept.clear()""",
    "limits": """
        import resource
        for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_STACK):
            try:
                resource.setrlimit(kind, (0, resource.getrlimit(kind)[1]))
            except (OSError, ValueError):
                pass""",
    "folder": """
        import os
        os.chdir("/")
        os.umask(0o777)
        os.nice(1)""",
    "parents": """
        import os, signal
        for process in (os.getppid(), 1):
            for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD, signal.SIGALRM):
                try:
                    if os.getpid() < 500:  # in a namespace of its own
                        os.kill(process, number)
                except OSError:
                    pass""",
}
SLOW = ("endless questions",)  # each cell reaches its time limit


class Trial:
    """The partly right submission, and what it earns without tampering."""

    def __init__(self, grading, released: dict):
        self.grading, self.notebook = grading, copy.deepcopy(released)
        for name, text in ANSWERS.items():
            answer(self.notebook, name, text)
        self.untampered = points(self.grade([]))

    def grade(self, sequence: list[tuple[str, int]]):
        """Grade it with each snippet in a cell of its own, at a place counted from the start."""
        notebook = copy.deepcopy(self.notebook)
        for number, (name, place) in enumerate(sequence):
            cell = {"cell_type": "code", "id": f"own-{number}", "metadata": {}, "outputs": [], "execution_count": None,
                    "source": textwrap.dedent(TAMPERING[name])}
            notebook["cells"].insert(place % (len(notebook["cells"]) + 1), cell)
        return self.grading.grade(json.dumps(notebook).encode())

    def raised(self, report) -> dict[str, float]:
        """Return the checks that earn more than they do without tampering."""
        return {name: got for name, got in points(report).items() if got > self.untampered[name]}


def points(report) -> dict[str, float]:
    """Return the points of each check."""
    return {name: verdict.points or 0 for name, verdict in report.verdicts.items()}


@pytest.fixture(scope="module")
def trial(engines) -> Trial:
    """The partly right submission in the small unit."""
    return Trial(engines[SMALL], engines.targets[SMALL].released)


def test_the_answers_alone_earn_some_points_and_not_all(trial):
    alone = trial.untampered
    assert len(TAMPERING) >= 30
    assert alone["check_double"] == alone["check_Counter"] == 2 and alone["check_mean"] == 1
    assert 3 < alone["check_estimate"] < 4 and alone["check_area"] == alone["check_divisors"] == 0


@pytest.mark.parametrize("name", TAMPERING)
def test_each_snippet_alone_raises_nothing(name, trial):
    """At three places at once: so that what the property test combines is known to be understood alone."""
    places = (1, 9, 10**6) if name not in SLOW else (9,)
    report = trial.grade([(name, place) for place in places])
    assert report.problem is None
    assert trial.raised(report) == {}
    assert report.seconds < 30


SEQUENCES = st.lists(st.tuples(st.sampled_from(sorted(set(TAMPERING) - set(SLOW))), st.integers(0, 30)), min_size=1,
                     max_size=6)


@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(sequence=SEQUENCES)
def test_tampering_never_raises_a_score(sequence, trial):
    report = trial.grade(sequence)
    assert report.problem is None
    assert trial.raised(report) == {}

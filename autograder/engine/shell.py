"""An IPython shell that runs one cell at a time and keeps what it shows, in order and up to a limit."""

import ast
import contextlib
import io
import linecache
import traceback

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from autograder.engine.limits import Limits
from introdl.checks.outcome import learner_lines


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
            self.left < 0
        )


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
    last_value: object = None  # of the last cell's last expression

    def showtraceback(self, *args, **kwargs): ...

    def showsyntaxerror(self, *args, **kwargs): ...

    def enable_gui(self, gui=None): ...


def run_cell(shell: Shell, source: str, limits: Limits) -> dict:
    """Run one cell; return its outputs and, if it raised, the error's name, text and the student's own lines."""
    outputs = shell.outputs = Outputs(limits.output_kb * 1024)
    with contextlib.redirect_stdout(Stream("stdout", outputs)), contextlib.redirect_stderr(Stream("stderr", outputs)):
        shell.last_value = None
        error = _run_plain(shell, source) if "await" not in source else _run_ipython(shell, source)
    value = shell.last_value if type(shell.last_value) in (int, float) else None
    return {"value": value, "outputs": outputs.plain(), "error": None if error is None else _about(error)}


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
            shown = shell.last_value = eval(last, shell.user_ns)
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

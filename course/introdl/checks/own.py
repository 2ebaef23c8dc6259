"""Mistakes of an instructor's own, added to a unit's tasks from a file beside the course.

The file is Python, written as the mistakes in this package are:

    from introdl.checks.perceptron import predict

    @predict.mistake("You gave one decision for the whole batch.")
    def one_for_all(X, w, b):
        return int((X @ w + b).sum() >= 0)
"""

import ast
import traceback


class OwnMistakesError(Exception):
    """A file of own mistakes that cannot be run; the message is one line with its name and the place."""


def add_mistakes(text: str, name: str) -> None:
    """Run the text of such a file, called `name`, in this process; raises OwnMistakesError."""
    try:
        exec(compile(text, name, "exec"), {"__name__": "own_mistakes"})
    except Exception as error:
        steps = [step.lineno for step in traceback.extract_tb(error.__traceback__) if step.filename == name]
        line = error.lineno if isinstance(error, SyntaxError) else steps[-1] if steps else 1
        said = (str(error).splitlines() or [""])[0]
        raise OwnMistakesError(f"{name}, line {line}: {type(error).__name__}: {said}") from error


def sentences(text: str) -> set[str]:
    """Return the sentences of the mistakes that a text declares, without running it."""
    try:
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and node.args]
    except (SyntaxError, ValueError):
        return set()
    names = [call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "mistake"]
    return {node.value for node in names if isinstance(node, ast.Constant) and isinstance(node.value, str)}

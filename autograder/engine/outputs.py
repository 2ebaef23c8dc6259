"""What the executed notebook shows: texts and pictures of the student's cells, verdicts at the checks."""

import json
import re

from autograder.engine import verdict as states
from autograder.engine.limits import Limits
from autograder.engine.verdict import Verdict

PICTURES = ("image/png", "image/jpeg")


def stopped(what: str, hint: str) -> dict:
    """Return the output of a cell that did not come to its end: what happened, and what to try."""
    text = f"Stopped: this cell {what}. {hint}".strip()
    return {"output_type": "error", "ename": "Stopped", "evalue": text, "traceback": [f"✗ {text}"]}


def shown(found: Verdict) -> list[dict]:
    """Return a verdict as the output of its check cell."""
    if found.state in (states.PASSED, states.PARTIAL):
        return [{"output_type": "stream", "name": "stdout", "text": found.message + "\n"}] * bool(found.message)
    text = found.message or found.state
    return [{"output_type": "error", "ename": found.state, "evalue": text, "traceback": text.splitlines()}]


def clean(result, limits: Limits) -> list[dict]:
    """Return what a student process says that a cell showed, as outputs of a notebook: only texts and pictures.

    Its word is not trusted: nothing that could run in a browser is kept, and no more than the limit.
    """
    found, left = [], 2 * limits.output_kb * 1024  # the student process counts characters; as JSON they take more room
    result = result if isinstance(result, dict) else {}
    for output in result.get("outputs") if isinstance(result.get("outputs"), list) else []:
        output = _output(output if isinstance(output, dict) else {})
        left -= len(json.dumps(output))
        if output and left >= 0:
            found.append(output)
    error = result.get("error")
    return found + ([_error(error, limits)] if isinstance(error, dict) else [])


def _output(output: dict) -> dict | None:
    kind = output.get("output_type")
    if kind == "stream":
        return {"output_type": "stream", "name": "stdout", "text": str(output.get("text"))}
    data = output.get("data")
    if kind not in ("execute_result", "display_data") or not isinstance(data, dict):
        return None
    kept = {"text/plain": str(data["text/plain"])} if "text/plain" in data else {}
    kept |= {media: data[media] for media in PICTURES if isinstance(data.get(media), str) and _is_base64(data[media])}
    count = {"execution_count": None} if kind == "execute_result" else {}
    return {"output_type": kind, "data": kept, "metadata": {}} | count


def _is_base64(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9+/=\n]*", text) is not None


def _error(error: dict, limits: Limits) -> dict:
    name, text = (str(error.get(key, ""))[: Limits.message_characters] for key in ("name", "text"))
    if "MemoryError" in name:
        text = f"this cell needs more memory than the limit of {limits.memory_mb} MB; try it on smaller arrays. {text}"
    lines = error.get("lines") if isinstance(error.get("lines"), list) else []
    traceback = [f"{name}: {text}".rstrip(": "), *(f"  {str(line)[:200]}" for line in lines[:5])]
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": traceback}

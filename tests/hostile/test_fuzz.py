"""Whatever comes over the wire from a student process, or as a file, ends in a value, a verdict or a sentence.

FUZZ=20 tries twenty times as many inputs as usual; how many were tried is printed.
"""

import contextlib
import json
import os
import socket
import threading
import time
from multiprocessing.connection import Connection

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.engine import verdict
from autograder.engine.grading import PART, Grading
from autograder.engine.intake import Cell, Unreadable, read_submission
from autograder.engine.limits import Limits
from autograder.engine.referee import _report
from introdl.checks.codec import HEADER, Codec, Garbled
from tests.hostile.submission import SMALL
from tests.hostile.targets import make_target

pytestmark = pytest.mark.slow
TIMES = int(os.environ.get("FUZZ", "1"))
TRIED = dict.fromkeys(("messages", "talks", "files"), 0)
PLAIN = (dict, list, tuple, set, frozenset, str, int, float, bool, complex, bytes, type(None), np.ndarray, np.generic)
STATES = {value for name, value in vars(verdict).items() if name.isupper()}


def tries(examples: int):
    """Hypothesis settings: so many examples, and no complaint about a slow one."""
    return settings(
        max_examples=examples * TIMES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )


@pytest.fixture(scope="module", autouse=True)
def told():
    """Print, at the end, how many inputs were tried."""
    yield
    print("\ninputs tried: " + ", ".join(f"{count:,} {what}" for what, count in TRIED.items()))


leaves = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
json_values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=25,
)
TAGS = (
    "list", "tuple", "set", "frozenset", "dict", "array", "scalar", "tensor", "rng", "complex", "bytes", "mine",
    "yours", "own", "lent", "__class__", "object", "eval",
)  # fmt: skip
DTYPES = ("<f8", "<i4", "|b1", "<U3", "|S0", "<U0", "|O", "<M8[s]", "f8,i4", "object", "()", "V8", 7, None)
sizes = st.lists(st.sampled_from((0, 1, 2, 3, -1, 2**31, 2**63, 10**30)) | leaves, max_size=3)
places = st.sampled_from((0, 8, 24, -8, 10**12)) | leaves
tagged = st.recursive(
    leaves | st.fixed_dictionaries({"array": st.tuples(st.sampled_from(DTYPES), sizes, places, places).map(list)}),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(TAGS), inner | st.lists(inner, max_size=3), min_size=1, max_size=1),
        st.fixed_dictionaries({"dict": st.lists(st.tuples(inner, inner).map(list), max_size=3)}),
        st.fixed_dictionaries(
            {"mine": st.tuples(inner, inner | st.just({"name": "f", "error": ["X", "Exception"]})).map(list)}
        ),
    ),
    max_leaves=20,
)
plain_values = st.recursive(
    leaves | st.just(np.arange(6.0).reshape(2, 3)) | st.just(np.float32(2)) | st.just(np.array(["a", "bc"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)
ASKED = ("value", "error", "ask", "args", "changed", "printed", "text", "lines", "class", "about", "outputs")


@st.composite
def messages(draw) -> bytes:
    """Bytes that are a message, nearly one, or none."""
    kind = draw(st.sampled_from(("bytes", "json", "tags", "valid", "damaged")))
    if kind == "bytes":
        return draw(st.binary(max_size=200))
    if kind in ("json", "tags"):
        keys = st.lists(
            st.tuples(st.sampled_from(ASKED), tagged if kind == "tags" else json_values).map(list), max_size=4
        )
        body = json.dumps({"dict": draw(keys)} if kind == "tags" else draw(json_values)).encode()
        length = draw(st.sampled_from((len(body), len(body), len(body), 0, 2**32 - 1, len(body) - 1)))
        return HEADER.pack(length % 2**32) + body + draw(st.binary(max_size=64))
    data = bytearray(Codec(None).dumps({draw(st.sampled_from(ASKED)): draw(plain_values)}))
    if kind == "damaged":
        for _ in range(draw(st.integers(1, 5))):
            place = draw(st.integers(0, len(data) - 1))
            data[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
            data = data or bytearray(b"x")
    return bytes(data)


def only_plain(value) -> bool:
    """Whether a value has no part of a type that could bring code along."""
    if isinstance(value, dict):
        return type(value) is dict and all(only_plain(part) for pair in value.items() for part in pair)
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value).__module__ == "builtins" and all(map(only_plain, value))
    if isinstance(value, np.ndarray):
        return type(value) is np.ndarray and value.dtype.kind in "biufcSU"
    return type(value).__name__ in ("Stood", "Generator", "Tensor") or isinstance(value, PLAIN)


class Stood:
    """What stands for an object of the other side here."""

    def __init__(self, number, description):
        self.about = number, description

    def _pass_on_gradient(self, gradient):
        raise AssertionError("nothing was asked for a gradient")


@tries(4000)
@given(messages())
def test_a_message_is_plain_data_or_garbled(data):
    TRIED["messages"] += 1
    start = time.monotonic()
    try:
        message = Codec(Stood).loads(data)
    except Garbled:
        message = {}
    assert only_plain(message) and time.monotonic() - start < 5


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """What a referee is asked to do for the honest notebook of the small unit, every answer given."""
    target = make_target(SMALL, tmp_path_factory.mktemp("fuzz"))
    grading = Grading(target.source, 5)
    parts = grading.rebuilt(json.dumps(target.right()).encode()).parts
    return {
        "parts": [{name: getattr(part, name) for name in PART} for part in parts],
        "seed": 5, "skip": [], "folder": str(target.room), "in_process": [], "may_share": True, "known": {},
    }  # fmt: skip


def answering(wire: socket.socket, replies: list[tuple[str, bytes]]) -> None:
    """Be the student process: answer each question with the next reply, in its manner, over and over; then hang up."""
    line, number = Connection(wire.detach()), 0
    with contextlib.suppress(OSError, EOFError):
        while number < 200:
            line.recv_bytes()
            manner, data = replies[number % len(replies)]
            number += 1
            if manner == "slow":
                raw = len(data).to_bytes(4, "big") + data
                for place in range(0, len(raw), 1 + len(raw) // 4):
                    os.write(line.fileno(), raw[place : place + 1 + len(raw) // 4])
                    time.sleep(0.02)
            elif manner == "huge length":
                os.write(line.fileno(), b"\xff\xff\xff\xff" + (2**60).to_bytes(8, "big") + data)
            elif manner == "twice":
                line.send_bytes(data)
                line.send_bytes(data)
            elif manner == "hang up":
                break
            elif manner != "nothing":
                line.send_bytes(data)
    line.close()


def reply(**entries) -> bytes:
    """Return the bytes of a well-formed message."""
    return Codec(None).dumps(entries)


good = st.sampled_from(
    (reply(value=None), reply(value=6.0), reply(value=[]), reply(value={"outputs": []}), reply(value=True))
)
manners = st.sampled_from(("once",) * 12 + ("twice", "slow", "hang up", "huge length", "nothing"))
described = json.dumps(
    {"dict": [["value", {"mine": [1, {"name": "f", "bases": ["builtins.function"], "error": None}]}]]}
).encode()
remote = st.just(HEADER.pack(len(described)) + described)


@tries(120)
@given(replies=st.lists(st.tuples(manners, good | remote | messages()), min_size=1, max_size=12))
def test_a_talk_with_a_process_that_says_anything_ends_in_verdicts(replies, job):
    TRIED["talks"] += 1
    ours, theirs = socket.socketpair()
    student = threading.Thread(target=answering, args=(theirs, replies))
    here, start = os.getcwd(), time.monotonic()
    student.start()
    try:
        with Connection(ours.detach()) as wire:
            report = _report(job, wire, Limits(seconds=0.3))
    finally:
        os.chdir(here)
        student.join(20)
    assert not student.is_alive() and time.monotonic() - start < 30
    json.dumps(report)
    for found in report["verdicts"].values():
        assert found["state"] in STATES and 0 <= (found["points"] or 0) <= found["most"]
    assert "gone" in report or "again" in report or len(report["verdicts"]) >= 7


@st.composite
def files(draw) -> bytes:
    """Bytes that are a notebook, nearly one, or none."""
    kind = draw(st.sampled_from(("bytes", "json", "notebook", "damaged")))
    if kind == "bytes":
        return draw(st.binary(max_size=300))
    if kind == "json":
        return json.dumps(draw(json_values)).encode()
    cell = st.fixed_dictionaries(
        {},
        optional={
            "cell_type": st.sampled_from(("code", "markdown", "raw", "heading")) | json_values,
            "source": st.text(max_size=40) | st.lists(st.text(max_size=9), max_size=4) | json_values,
            "input": json_values,
            "id": json_values,
            "metadata": st.fixed_dictionaries(
                {"nbgrader": json_values | st.fixed_dictionaries({"grade_id": json_values})}
            )
            | json_values,
        },
    )
    notebook = {"nbformat": draw(st.sampled_from((4, 4, 4, 3, 5, "4"))), "metadata": draw(json_values)}
    cells = draw(st.lists(cell | json_values, max_size=5))
    notebook |= {"cells": cells} if notebook["nbformat"] != 3 else {"worksheets": [{"cells": cells}, draw(json_values)]}
    data = bytearray(json.dumps(notebook).encode())
    if kind == "damaged":
        for _ in range(draw(st.integers(1, 5))):
            place = draw(st.integers(0, len(data) - 1))
            data[place : place + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
            data = data or bytearray(b"x")
    return bytes(data)


@tries(3000)
@given(files())
def test_a_file_is_cells_or_a_sentence(data):
    TRIED["files"] += 1
    try:
        cells = read_submission(data)
    except Unreadable as error:
        sentence, cells = str(error), [Cell("raw", "")]
    else:
        sentence = "."
    assert "\n" not in sentence and sentence.endswith((".", "?")) and len(sentence) < 200
    assert cells and all(type(cell) is Cell and type(cell.source) is str for cell in cells)
    json.dumps([vars(cell) for cell in cells]).encode("utf-8")

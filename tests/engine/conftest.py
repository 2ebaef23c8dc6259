"""Fixtures: a grading of the tiny course, and submissions as small changes of its notebook."""

import json
from pathlib import Path

import pytest

from autograder.engine.grading import Grading
from autograder.engine.limits import Limits
from tests.autograder.tiny_course import tiny_source, write

SECONDS = 3  # of a cell in these tests


@pytest.fixture(scope="session")
def source(tmp_path_factory) -> Path:
    """The tiny course's notebook with solutions and a hidden test."""
    return write(tiny_source(), tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="session")
def grading(source):
    """Two processes that are ready to grade the tiny course."""
    with Grading(source, seed=5, limits=Limits(seconds=SECONDS, memory_mb=1024)) as grading:
        yield grading


@pytest.fixture
def submit(source):
    """Return a function that makes a submission: answers by cell id, and cells to add at a place."""

    def make(answers: dict[str, str] | None = None, added: dict[int, str] | None = None) -> bytes:
        notebook = json.loads(source.read_text())
        for cell in notebook["cells"]:
            cell["source"] = (answers or {}).get(cell["id"], cell["source"])
        for place, text in sorted((added or {}).items(), reverse=True):
            notebook["cells"].insert(
                place,
                {
                    "cell_type": "code",
                    "id": f"mine{place}",
                    "metadata": {},
                    "outputs": [],
                    "execution_count": None,
                    "source": text,
                },
            )
        return json.dumps(notebook).encode()

    return make


def shown(report, cell_id: str) -> str:
    """Return all text that a cell of the executed notebook shows; "mine1" is the first cell that the student added."""
    cell = cell_of(report, cell_id)
    texts = [
        out.get("text") or "\n".join(out.get("traceback", [])) or out["data"].get("text/plain", "")
        for out in cell["outputs"]
    ]
    return "\n".join(texts)


def cell_of(report, cell_id: str) -> dict:
    """Return a cell of the executed notebook."""
    own = [cell for cell in report.notebook["cells"] if cell["id"].startswith("added-")]
    named = [cell for cell in report.notebook["cells"] if cell["id"] == cell_id]
    return named[0] if named else own[int(cell_id.removeprefix("mine")) - 1]

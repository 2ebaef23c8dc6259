"""Small idioms of checks, each alone: the engine judges it as one Python process would, or says that it cannot.

The everyday ones it has to judge; the deep ones may be a fault of the grader's, said so, until the instructor allows
them in the student's process. Nothing may be lost or won in silence.
"""

import contextlib
import io
import linecache
import multiprocessing
import re
import shutil
import sys
import types
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache

import nbformat
import pytest

from autograder.engine.grading import Grading
from autograder.engine.verdict import GRADER_FAULT, Verdict
from tests.autograder.tiny_course import write
from tests.parity.cells import Idiom, check, course, locked, solution
from tests.parity.idioms_deep import DEEP
from tests.parity.idioms_everyday import EVERYDAY

pytestmark = pytest.mark.slow
SANDBOX = "bwrap" if shutil.which("bwrap") else "none"
ALL = {idiom.name: idiom for idiom in (*EVERYDAY, *DEEP)}


def checks(idiom: Idiom) -> dict[str, str]:
    """Return an idiom's checks by grade id."""
    return {f"check_{number}": source for number, source in enumerate((idiom.check, idiom.then)) if source}


def notebook(idiom: Idiom, marks: bool) -> nbformat.NotebookNode:
    """Return an idiom's notebook: with marks the instructor's source, without them what is handed in."""
    answer = f"### BEGIN SOLUTION\n{idiom.right or idiom.answer}\n### END SOLUTION" if marks else idiom.answer
    given = [locked("given", idiom.given)] if idiom.given else []
    graded = [check(name, 1, source) for name, source in checks(idiom).items()]
    return course(*given, solution("answer", answer), *graded)


def in_one_process(idiom: Idiom) -> dict[str, float]:
    """Return the points of an idiom's checks where everything runs in one process, as in a notebook."""
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    points = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for name, source in {"given": idiom.given, "answer": idiom.answer, **checks(idiom)}.items():
            linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
            try:
                exec(compile(source, name, "exec"), main.__dict__)
                points[name] = 1
            except Exception:  # noqa: BLE001 (this is what a check says)
                points[name] = 0
    return {name: points[name] for name in checks(idiom)}


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> Callable[..., dict[str, Verdict]]:
    """Return a function: the engine's verdicts of an idiom's checks."""
    @cache
    def verdicts(name: str, in_process: bool = False) -> dict[str, Verdict]:
        path = write(notebook(ALL[name], marks=True), tmp_path_factory.mktemp("source"))
        data = nbformat.writes(notebook(ALL[name], marks=False), version=nbformat.NO_CONVERT).encode()
        with Grading(path, sandbox=SANDBOX, in_process=set(checks(ALL[name])) if in_process else set()) as grading:
            return grading.grade(data).verdicts
    return verdicts


def points(verdicts: dict[str, Verdict]) -> dict[str, float | None]:
    """Return the points by check."""
    return {name: verdict.points for name, verdict in verdicts.items()}


def must_be(idiom: Idiom) -> dict[str, float]:
    """Return the points that the checks must give."""
    return dict.fromkeys(checks(idiom), idiom.points)


def test_one_process_gives_what_is_said_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        found = dict(zip(ALL, pool.map(in_one_process, ALL.values()), strict=True))
        right = [replace(idiom, answer=idiom.right) for idiom in ALL.values() if idiom.right]
        passed = list(pool.map(in_one_process, right))
    assert found == {name: must_be(idiom) for name, idiom in ALL.items()}
    assert all(set(points.values()) == {1} for points in passed) and len(passed) == 3


@pytest.mark.parametrize("idiom", EVERYDAY, ids=lambda idiom: idiom.name)
def test_an_everyday_idiom_is_judged_as_in_one_process(engine, idiom):
    assert points(engine(idiom.name)) == must_be(idiom), engine(idiom.name)


@pytest.mark.parametrize("idiom", DEEP, ids=lambda idiom: idiom.name)
def test_a_deep_idiom_is_judged_or_said_to_be_out_of_reach(engine, idiom):
    verdicts = engine(idiom.name)
    wrong = {name: verdict for name, verdict in verdicts.items() if verdict.points != idiom.points}
    assert {name: verdict for name, verdict in wrong.items() if verdict.state != GRADER_FAULT} == {}
    assert all(re.search(r"process|apart", verdict.message) for verdict in wrong.values())


@pytest.mark.parametrize("idiom", DEEP, ids=lambda idiom: idiom.name)
def test_a_deep_idiom_is_judged_where_the_instructor_allows_it(engine, idiom):
    assert points(engine(idiom.name, in_process=True)) == must_be(idiom), engine(idiom.name, in_process=True)

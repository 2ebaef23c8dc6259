"""Submissions of a tiny course, graded for real: honest ones lose nothing, limits are explained, nothing leaks."""

import json

import pytest

from autograder.engine import sandbox
from autograder.engine.grading import Grading, GradingError
from autograder.engine.limits import Limits
from tests.engine.conftest import SECONDS, cell_of, shown

pytestmark = pytest.mark.slow


def states(report) -> dict[str, str]:
    return {name: found.state for name, found in report.verdicts.items()}


def scores(report) -> tuple:
    return tuple(report.verdicts[name].points for name in ("check_double", "check_area"))


def test_a_right_answer(grading, submit):
    report = grading.grade(submit())
    assert states(report) == {"check_double": "passed", "check_area": "passed", "why": "manual"}
    assert report.points == 5 and report.problem is None and report.notes == [] and 10 < report.student_mb < 300


HONEST = {
    "an added cell": ({}, {1: "y = 3\nprint('mine', y)"}),
    "an edited import cell": ({"environment": "import math, os"}, {}),
    "warnings": ({"double": "import warnings\ndef double(x):\n    warnings.warn('hm')\n    return 2 * x"}, {}),
    "text on stderr": ({"double": "import sys\nprint('hm', file=sys.stderr)\ndef double(x):\n    return 2 * x"}, {}),
    "prints in the answer": ({"double": "def double(x):\n    print(x)\n    return 2 * x"}, {}),
    "a plot": ({}, {1: "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);"}),
    "magics": ({}, {1: "%time x = 1\n!echo hello", 2: "%%capture\nprint(1)"}),
    "an error in a cell of one's own": ({}, {1: "1 / 0"}),
    "slow but allowed": (
        {"double": f"import time\ndef double(x):\n    time.sleep({SECONDS * 0.5})\n    return 2 * x"},
        {},
    ),
    "an exit": ({}, {1: "exit()"}),
    "top-level await": ({}, {1: "import asyncio\nawait asyncio.sleep(0)"}),
    "a thread left running": (
        {},
        {1: "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()"},
    ),
    "a file of one's own": ({}, {1: "open('x.txt', 'w').write('hi')\nassert open('x.txt').read() == 'hi'"}),
    "names of builtins": ({}, {1: "sum = list = print = 3"}),
    "a lambda": ({"double": "double = lambda x: x + x"}, {}),
    "a callable object": ({"double": "class D:\n    def __call__(self, x): return 2 * x\ndouble = D()"}, {}),
    "a helper defined elsewhere": (
        {"double": "def double(x):\n    return twice(x)"},
        {1: "def twice(x): return 2 * x"},
    ),
    "NumPy numbers": ({"double": "import numpy as np\ndef double(x):\n    return np.int64(2 * x)"}, {}),
}


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_student_loses_nothing(grading, submit, kind):
    report = grading.grade(submit(*HONEST[kind]))
    assert scores(report) == (2, 3) and report.problem is None, report.verdicts


def test_what_a_cell_shows_is_kept(grading, submit):
    report = grading.grade(
        submit(added={1: "print('one')\n'two'", 2: "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"})
    )
    assert shown(report, "mine1") == "one\n\n'two'"
    assert any("image/png" in out.get("data", {}) for out in cell_of(report, "mine2")["outputs"])


LOST = {  # what a cell or an answer does: the state of its check, and what is said
    "def double(x):\n    while True: pass": ("timeout", f"ran longer than {SECONDS} s"),
    "import ctypes\ndef double(x):\n    ctypes.string_at(0)": ("crashed", "1024 MB"),
    "import os\ndef double(x):\n    os._exit(0)": ("crashed", "Python itself stopped"),
    "import numpy as np\ndef double(x):\n    return np.ones(2 ** 32)": ("out of memory", "limit of 1024 MB"),
    "def double(x):\n    return 1 / 0": ("error", "line 2: return 1 / 0"),
    "def double(x):\n    return 7": ("failed", "assert double(3) == 6"),
    "def double(x):\n    return double(x)": ("error", "RecursionError"),
    "import os\ndef double(x):\n    os.kill(-1, 9)\n    return 2 * x": ("passed", ""),
    "def double(x":  ("error", "NameError"),
}  # fmt: skip


@pytest.mark.parametrize("answer", LOST)
def test_a_task_that_goes_wrong_costs_that_task_alone(grading, submit, answer):
    report = grading.grade(submit({"double": answer}))
    state, words = LOST[answer]
    if state == "passed":  # it ended the processes that wait for the other checks: only its own score is its own
        assert scores(report)[1] == 3
    else:
        assert states(report)["check_double"] == state and scores(report) == (0, 3)
        assert words in report.verdicts["check_double"].message and words in shown(report, "check-double")


STOPPED = {
    "while True: pass": f"longer than {SECONDS} s",
    "import ctypes\nctypes.string_at(0)": "made Python stop",
    "x = bytearray(4 * 2 ** 30)": "limit of 1024 MB",
    "1 / 0": "line 1: 1 / 0",
    "x = = 2": "SyntaxError",
    "input()": "EOFError",
    "raise SystemExit": "SystemExit",
}


@pytest.mark.parametrize("cell", STOPPED)
def test_a_cell_that_goes_wrong_says_what_to_do_and_the_rest_goes_on(grading, submit, cell):
    report = grading.grade(submit(added={1: "before = 1", 2: cell, 3: "print('after', before)"}))
    assert scores(report) == (2, 3) and STOPPED[cell] in shown(report, "mine2")
    assert shown(report, "mine3") == "after 1\n"
    assert "autograder" not in json.dumps(report.notebook)  # no line of ours


def test_output_has_a_limit(source, submit):
    with Grading(source, limits=Limits(seconds=20, output_kb=10)) as grading:
        report = grading.grade(submit(added={1: "for i in range(5000):\n    print('x' * 99)"}))
    assert scores(report) == (2, 3) and 9_000 < len(shown(report, "mine1")) < 11_000
    assert "which is not kept" in shown(report, "mine1")


LEAKS = {
    "print": "print(a, b)", "raise": "raise ValueError(f'{a} {b}')",
    "warn": "import warnings; warnings.warn(f'{a} {b}')",
    "keep": "kept.append(f'{a} {b}')", "file": "open('kept', 'a').write(f'{a} {b}')",
    "stderr": "import sys; print(a, b, file=sys.stderr)", "exit": "import os; os.write(1, f'{a} {b}'.encode())",
}  # fmt: skip


@pytest.mark.parametrize("kind", LEAKS)
@pytest.mark.parametrize("right", [True, False])
def test_a_hidden_case_is_shown_nowhere(grading, submit, kind, right):
    answer = f"kept = []\ndef area(a, b):\n    if a == 4:\n        {LEAKS[kind]}\n    return a * b * ({right} or a < 4)"
    added = {6: "print(kept)\nimport os\nprint(open('kept').read() if os.path.exists('kept') else '')"}
    report = grading.grade(submit({"area": answer}, added))
    whole = json.dumps(report.as_json())
    assert "4 5" not in whole and "area(4, 5)" not in whole
    assert scores(report)[1] == (3 if right and kind != "raise" else 0)


def test_a_hidden_failure_says_what_kind_it_is(grading, submit):
    report = grading.grade(submit({"area": "def area(a, b):\n    return 6"}))
    assert "passes the cases that you can see" in report.verdicts["check_area"].message


def test_no_answer_is_not_an_error(grading, submit):
    report = grading.grade(grading_stub(grading))
    assert states(report) == {"check_double": "not attempted", "check_area": "not attempted", "why": "not attempted"}
    assert [verdict.points for verdict in report.verdicts.values()] == [0, 0, 0]


def grading_stub(grading) -> bytes:
    return json.dumps(grading.template.released).encode()


def test_ten_times_the_same_is_the_same(grading, submit):
    reports = [grading.grade(submit()).as_json() for _ in range(10)]
    for report in reports:
        del report["seconds"], report["student_mb"], report["referee_mb"]
    assert all(report == reports[0] for report in reports)


def test_data_beside_the_notebook_is_there_and_the_instructors_files_are_not(source, submit, tmp_path):
    (tmp_path / "data.csv").write_text("1,2")
    (tmp_path / "exercises.py").write_text("the solution")
    released = tmp_path / "exercises.ipynb"
    with Grading(source) as grading:
        released.write_text(json.dumps(grading.template.released))
    with Grading(source, released=released) as grading:
        report = grading.grade(submit(added={1: "import os\nprint(sorted(os.listdir()), open('data.csv').read())"}))
    assert shown(report, "mine1") == "['data.csv'] 1,2\n"


def test_without_a_sandbox_grading_is_refused_unless_told(source, submit, monkeypatch):
    monkeypatch.setattr("autograder.engine.sandbox.missing", lambda: "bwrap is missing")
    with pytest.raises(GradingError, match="bwrap is missing.*--sandbox none"), Grading(source):
        pass
    with Grading(source, sandbox="none") as grading:
        assert scores(grading.grade(submit())) == (2, 3)


def test_a_process_that_cannot_start_is_one_sentence(source, monkeypatch):
    broken = ["sh", "-c", "echo no such thing >&2; exit 1"]
    monkeypatch.setattr("autograder.engine.sandbox.command", lambda *_, **more: broken)
    with (
        Grading(source, sandbox="bwrap") as grading,
        pytest.raises(GradingError, match="cannot shut student code in: no such thing"),
    ):
        grading.ready()


def test_a_kernel_that_refuses_namespaces_is_one_sentence(source, submit, monkeypatch):
    limited = sandbox.command

    def without_rights(argv, *rest, **more):
        view = limited(argv, *rest, **more)
        place = view.index("--cap-add")
        return [*view[:place], "--cap-drop", "ALL", *view[place + 2 * len(sandbox.CAPABILITIES) :]]

    monkeypatch.setattr("autograder.engine.sandbox.command", without_rights)
    with (
        Grading(source, sandbox="bwrap") as grading,
        pytest.raises(GradingError, match="cannot shut student code in: .*unshare"),
    ):
        grading.grade(submit())

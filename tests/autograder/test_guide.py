"""The instructor's guide: its commands and options exist, and its way to an own unit works."""

import os
import re
import subprocess
import sys

import nbformat
import pytest

from autograder.course import open_class
from autograder.environment import nbgrader_environment
from tests.autograder.formgrader import ROOT
from tests.autograder.tiny_course import tiny_source, write

LINES = [
    line.partition("#")[0].split("&&")[0].split()[1:]
    for name in ("README.md", "autograder/README.md")
    for block in re.findall(r"```bash\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.startswith("autograder ")
]


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_every_command_and_option_of_the_guide_exists(autograder, words):
    code, out, _ = autograder(words[0], "--help")
    assert code == 0 and all(option in out for option in words if option.startswith("--"))


def test_the_guide_names_every_step():
    steps = {"init", "release", "collect", "grade", "formgrader", "feedback", "export", "report"}
    assert steps <= {words[0] for words in LINES}


def example(title: str) -> str:
    """Return the guide's file that it introduces with this name in backquotes and a colon after its block's fence."""
    text = (ROOT / "autograder" / "README.md").read_text("utf-8")
    return re.search(rf"`{re.escape(title)}`[^`]*:\n\n```python\n(.*?)```", text, re.DOTALL)[1]


def answered(released, task: str, answer: str) -> str:
    """Return a released notebook with one task answered."""
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == task:
            cell.source = answer
    return nbformat.writes(notebook)


OTHER_NAMES = "def predict(X, w, b):\n    return np.array([1 if total >= 0 else -1 for total in X @ w + b], dtype=int)"


@pytest.mark.slow
def test_a_mistake_of_ones_own_is_named_and_nothing_else_changes(main, tmp_path):
    room = tmp_path / "class"
    main("init", room)
    main("release", "01", "--class", room)
    (tmp_path / "in").mkdir()
    for student, answer in (("ada", OTHER_NAMES), ("ben", OTHER_NAMES.replace("-1", "0"))):
        notebook = answered(room / "release" / "01_perceptron" / "exercises.ipynb", "predict", answer)
        (tmp_path / "in" / f"{student}.ipynb").write_text(notebook)
    assert main("collect", "01", tmp_path / "in", "--class", room)[0] == 0
    assert "called the classes" not in reported(main, room)
    (room / "checks").mkdir()
    (room / "checks" / "01_perceptron.py").write_text(example("checks/01_perceptron.py"))
    assert re.search(r"1 × .*called the classes -1 and 1", reported(main, room))
    assert ">known<" in max(room.glob("report*.html"), key=os.path.getmtime).read_text()
    assert main("feedback", "01", "--student", "ada", "--class", room)[0] == 0
    page = (room / "feedback" / "ada" / "01_perceptron" / "exercises.html").read_text()
    assert "You called the classes -1 and 1." in page
    with open_class(room).gradebook() as gradebook:
        found = {one.student_id: one.score for one in gradebook.assignment_submissions("01_perceptron")}
    assert found["ada"] == 0 < found["ben"]


def reported(main, room) -> str:
    """Grade and return what the report prints."""
    code, _, errors = main("grade", "01", "--class", room)
    assert code == 0, errors
    return main("report", "01", "--class", room)[1]


@pytest.mark.slow
def test_a_file_of_mistakes_that_does_not_run_stops_grading_with_its_line(main, tmp_path):
    room = tmp_path / "class"
    main("init", room)
    main("release", "01", "--class", room)
    released = (room / "release" / "01_perceptron" / "exercises.ipynb").read_bytes()
    (room / "submitted" / "ada" / "01_perceptron").mkdir(parents=True)
    (room / "submitted" / "ada" / "01_perceptron" / "exercises.ipynb").write_bytes(released)
    (room / "checks").mkdir()
    for text, words in (("import nothing", "line 1: ModuleNotFoundError"), ("x = 1\ny = (", "line 2: SyntaxError")):
        (room / "checks" / "01_perceptron.py").write_text(text)
        code, _, errors = main("grade", "01", "--class", room)
        assert code == 1 and f"checks/01_perceptron.py, {words}" in errors and errors.count("\n") == 1


@pytest.mark.slow
def test_own_mistakes_are_tried_before_they_are_used(tmp_path):
    good = example("checks/01_perceptron.py")
    for text, ends, words in (
        (good, 0, "100% killed, 100% recognised"),
        (good.replace("1, -1)", "1, 0)"), 1, "other_names here: passes"),
        ("x = 1", 2, "adds no mistake to 01_perceptron"),
        (good.replace("predict", "nothing"), 2, "own.py, line 3: ImportError"),
    ):
        (tmp_path / "own.py").write_text(text)
        command = [sys.executable, "-m", "introdl.checks", "01", "--with", tmp_path / "own.py"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == ends and words in done.stdout + done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_unit_of_ones_own_is_released_and_graded(autograder, tmp_path):
    room = tmp_path / "class"
    autograder("init", room)
    (room / "source" / "accuracy").mkdir()
    (room / "source" / "accuracy" / "exercises.py").write_text(example("source/accuracy/exercises.py"))
    assert autograder("release", "accuracy", "--class", room)[0] == 0
    released = room / "release" / "accuracy" / "exercises.ipynb"
    assert "cat" not in released.read_text() and not list((room / "release").rglob("*.py"))
    (tmp_path / "in").mkdir()
    answers = {"ada": "return sum(a == b for a, b in zip(y, y_hat)) / len(y)", "ben": "return 0.75", "cyd": "return 1"}
    for student, answer in answers.items():
        notebook = answered(released, "accuracy", f"def accuracy(y, y_hat):\n    {answer}")
        (tmp_path / "in" / f"{student}.ipynb").write_text(notebook)
    assert autograder("collect", "accuracy", tmp_path / "in", "--class", room)[0] == 0
    code, out, errors = autograder("grade", "accuracy", "--class", room)
    assert code == 0 and [line.split()[:2] for line in out.splitlines() if " of 2" in line] == [
        ["ada", "2"], ["ben", "0"], ["cyd", "0"]], errors
    assert autograder("report", "accuracy", "--class", room)[0] == 0
    page = (room / "report.html").read_text()
    assert "Three of these four are right: the accuracy is 0.75." in page and "cat" not in page


@pytest.mark.slow
def test_a_unit_made_in_nbgrader_is_graded(autograder, tmp_path):
    room = tmp_path / "class"
    autograder("init", room)
    write(tiny_source(), room / "source" / "my_unit")
    with nbgrader_environment(PYTHONPATH=str(ROOT)):
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", "my_unit"]
        subprocess.run(command, cwd=room, check=True, capture_output=True)
    theirs = (room / "release" / "my_unit" / "exercises.ipynb").read_bytes()
    assert autograder("release", "my_unit", "--class", room)[0] == 0
    assert (room / "release" / "my_unit" / "exercises.ipynb").read_bytes() == theirs
    write(tiny_source(), tmp_path / "in" / "ada")
    assert autograder("collect", "my_unit", tmp_path / "in", "--class", room)[0] == 0
    code, out, errors = autograder("grade", "my_unit", "--class", room)
    assert code == 0 and "5 of 5" in out, errors
    assert autograder("report", "my_unit", "--class", room)[0] == 0


def test_the_guide_counts_the_hostile_submissions_as_they_are():
    from tests.hostile.exhausting import EXHAUSTING
    from tests.hostile.forging import FORGING
    from tests.hostile.malformed import MALFORMED
    from tests.hostile.reading import READING
    from tests.hostile.writing import WRITING

    kinds = (FORGING, READING, WRITING, EXHAUSTING, MALFORMED)
    text = (ROOT / "autograder" / "README.md").read_text("utf-8")
    assert re.findall(r"^\| to .* \| (\d+) \| ", text, re.MULTILINE) == [str(len(kind)) for kind in kinds]
    assert f"hand in {sum(map(len, kinds))} that misbehave" in text

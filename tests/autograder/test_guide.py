"""The instructor's guide: its commands and options exist, and its way to an own unit works."""

import re
import subprocess
import sys

import pytest

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


@pytest.mark.slow
def test_a_unit_of_ones_own_is_released_by_nbgrader_and_graded(autograder, tmp_path):
    room = tmp_path / "class"
    autograder("init", room)
    write(tiny_source(), room / "source" / "my_unit")
    with nbgrader_environment(PYTHONPATH=str(ROOT)):
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", "my_unit"]
        subprocess.run(command, cwd=room, check=True, capture_output=True)
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

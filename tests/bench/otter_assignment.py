"""A unit as an assignment of otter-grader: the same tasks, the same checks, and students' notebooks in its form."""

import copy
import json
import subprocess
import zipfile
from pathlib import Path

from autograder.build import ROOT

INIT = 'import otter\n\ngrader = otter.Notebook("exercises.ipynb")'
TEST = '''\
from otter.test_files import test_case

OK_FORMAT = False
name = "{task}"
points = {points}


@test_case(name="{task}", hidden=True)
def test_{task}({task}):
    from introdl.checks.{module} import unit

    unit.tasks["{task}"]({task})
'''


def write_autograder(released: dict, slug: str, folder: Path) -> Path:
    """Write what `otter run` takes: a test file for each task, which calls the course's check; return its path."""
    path = folder / "autograder.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"lang": "python"}))
        for task, cell in _checks(released):
            points = cell["metadata"]["nbgrader"]["points"]
            text = TEST.format(task=task, points=points, module=slug.split("_", 1)[1])
            archive.writestr(f"tests/{task}.py", text)
    return path


def otter_notebook(notebook: dict) -> dict:
    """Return a submission as otter's students hand it in: their cells, and otter's checks in place of ours."""
    notebook = copy.deepcopy(notebook)
    for task, cell in _checks(notebook):
        cell["source"] = f'grader.check("{task}")'
    init = {"cell_type": "code", "id": "otter", "metadata": {}, "execution_count": None, "outputs": [], "source": INIT}
    notebook["cells"].insert(0, init)
    return notebook


def scores(results: Path) -> dict[str, float]:
    """Return {check cell: points} from otter's results.json."""
    tests = json.loads(results.read_text("utf-8"))["tests"]
    return {f"check_{test['name'].split(' ')[0]}": test["score"] for test in tests if "score" in test}


def environment(seed: int) -> dict[str, str]:
    """Return what otter's kernel needs to import the course's checks, with the class's seed."""
    return {"PYTHONPATH": str(ROOT / "course"), "INTRODL_SEED": str(seed)}


def version(python: str) -> str:
    """Return the version of otter-grader in the environment of this Python; raises CalledProcessError without it."""
    code = "from importlib.metadata import version; print(version('otter-grader'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def _checks(notebook: dict) -> list[tuple[str, dict]]:
    """Return (task, cell) of each check cell."""
    found = [(cell["metadata"].get("nbgrader", {}), cell) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [(role["grade_id"].removeprefix("check_"), cell) for role, cell in found if role.get("grade")]

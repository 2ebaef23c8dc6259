"""What a hostile submission declares, and the few ways in which a released notebook is changed into one."""

import copy
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

PERCEPTRON, SMALL, BUILDING = "01_perceptron", "02_small", "03_building"
TASKS = {
    PERCEPTRON: ("weighted_sum", "step", "predict", "update", "margin", "xor_weights", "train"),
    SMALL: ("double", "area", "mean", "estimate", "divisors", "Counter", "quotient"),
    BUILDING: ("total", "largest"),
}
# The easiest task of each target: the battery answers it honestly, so that a grader that gives 0 to all fails, too.
EASY = {
    PERCEPTRON: ("step", 1, "def step(z):\n    return (z >= 0).astype(int)"),
    SMALL: ("double", 2, "def double(n):\n    return 2 * n"),
    BUILDING: ("total", 2, "def total(values):\n    return sum(values)"),
}
POINTS = {
    PERCEPTRON: dict(zip(TASKS[PERCEPTRON], (2, 1, 2, 2, 2, 2, 3), strict=True)),
    SMALL: dict(zip(TASKS[SMALL], (2, 3, 4, 4, 2, 2, 1), strict=True)),
    BUILDING: dict(zip(TASKS[BUILDING], (2, 2), strict=True)),
}
NOTHING = frozenset({"failed", "error", "not attempted"})  # the states of a task that earns nothing

Points = float | tuple[float, ...]


@dataclass(frozen=True)
class Submission:
    """One hostile notebook and what must come of it.

    make: notebook (dict) → the hostile one; a forging one starts from the released notebook with the easiest task
    answered, a reading one (with a `secret`: the kind of texts that must not come out) from one that is all right.
    phrase: of the battery line that it covers. honest: points of each check that is not worth 0; where a tuple, each
    of them is right. states: allowed for what earns nothing.
    leaves: the notebook of the student graded just before, which leaves something for this one.
    fools_nbgrader: measured by `python -m tests.hostile.measure`: whether nbgrader gives more, or lets a secret out;
    None where that was not tried.
    """

    name: str
    phrase: str
    target: str
    make: Callable[[dict], dict]
    honest: dict[str, Points]
    states: frozenset[str]
    fools_nbgrader: bool | None
    secret: str = ""
    leaves: Callable[[dict], dict] | None = None


def keep(found: list[Submission], **declared):
    """Keep the decorated function in `found` as a submission; `declared` says the rest of it."""

    def kept(make: Callable[[dict], dict]) -> Callable[[dict], dict]:
        found.append(Submission(make.__name__, make=make, **declared))
        return make

    return kept


def with_easy_answer(notebook: dict, target: str) -> dict:
    """Return a copy of the released notebook in which the easiest task is answered."""
    name, _, text = EASY[target]
    return answer(copy.deepcopy(notebook), name, text)


def metadata(cell: dict) -> dict:
    """Return a cell's nbgrader metadata, to be changed in place; empty where there is none."""
    return cell["metadata"].get("nbgrader", {})


def answer(notebook: dict, name: str, text: str) -> dict:
    """Put a text into a task's answer cell."""
    _cell(notebook, name)["source"] = textwrap.dedent(text).strip("\n")
    return notebook


def append(notebook: dict, name: str, text: str) -> dict:
    """Put a text below a task's answer."""
    cell = _cell(notebook, name)
    cell["source"] = "".join(cell["source"]) + "\n\n" + textwrap.dedent(text).strip("\n")
    return notebook


def _cell(notebook: dict, name: str) -> dict | None:
    return next((cell for cell in notebook["cells"] if metadata(cell).get("grade_id") == name), None)


def answer_rest(notebook: dict, value: str) -> dict:
    """Let every task but the easiest return the same expression, whatever it is called with."""
    target = SMALL if _cell(notebook, "area") else PERCEPTRON
    for name in TASKS[target]:
        if name != EASY[target][0]:
            answer(notebook, name, f"def {name}(*args):\n    return {value}")
    return notebook


def add(notebook: dict, text: str, after: str | None = None) -> dict:
    """Add a code cell behind the cell with this grade id, or behind the first code cell; "end" for the end."""
    cells = notebook["cells"]
    if after == "end":
        place = len(cells)
    elif after:
        place = 1 + next(n for n, cell in enumerate(cells) if metadata(cell).get("grade_id") == after)
    else:
        place = 1 + next(n for n, cell in enumerate(cells) if cell["cell_type"] == "code")
    cells.insert(place, {"cell_type": "code", "id": f"own-{len(cells)}", "metadata": {}, "outputs": [],
                         "execution_count": None, "source": textwrap.dedent(text).strip("\n")})
    return notebook

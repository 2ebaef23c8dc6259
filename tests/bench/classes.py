"""Classes of honest students, made up: right, partly right and wrong notebooks, stubs, and harmless extras.

Answers are the reference solutions, the alternatives of solutions/UNIT/alternatives.py and the known mistakes of the
checks, under the task's name. The same seed makes the same class, byte for byte.
"""

import ast
import copy
import dis
import importlib.util
import inspect
import json
import random
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from autograder.course import Class
from autograder.units import NOTEBOOK
from introdl.checks.prove import COURSE, units
from introdl.checks.variant import changed

# In ten students: four have all right, three have some of it right, two are wrong all over, one did nothing.
KINDS = ("right", "partly", "wrong", "stub", "right", "partly", "right", "wrong", "partly", "right")
FIGURES = 0.3  # of the students draw a figure of their own
NAMES = ("ada", "alan", "barbara", "claude", "edsger", "emmy", "frances", "grace", "john", "katherine", "kurt", "sofia")
MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")
WRITTEN = "I think it is because everything is scaled by the same factor, so nothing changes in the end."

IMPORTS = "import math\nfrom pathlib import Path\n\n"
SCRATCH = "tries = np.linspace(0, 1, 5)\nprint('trying things out:', tries.round(2), tries @ tries)"
PLOT = """\
import matplotlib.pyplot as plt

z = np.linspace(-3, 3, 61)
fig, ax = plt.subplots(figsize=(4, 2.5))
ax.plot(z, z >= 0, label="mine")
ax.legend();"""

# A run of its own in each notebook: what real work looks like, where training takes most of the time. Its length is
# a number of steps, not of seconds, so that every grader computes the same.
TRAINING = {"03_backprop": """\
rng = np.random.default_rng(7)
X_run = rng.normal(size=(2000, 20))
y_run = (X_run[:, 0] * X_run[:, 1] > 0).astype(int)
params_run = [rng.normal(size=(20, 32)) / 5, np.zeros(32), rng.normal(size=(32, 2)) / 6, np.zeros(2)]
for epoch in range(50):
    params_run, losses_run = train(X_run, y_run, params_run, 0.2, 50, 20, rng)
    if epoch % 10 == 9:
        print(f"epoch {20 * (epoch + 1)}: loss {np.mean(losses_run):.3f}")"""}
TRAINED = {"03_backprop": ("dense_backward", "softmax_cross_entropy_backward", "train_step", "train")}


@dataclass(frozen=True)
class Answer:
    """One way to fill in a task's cell; `needs` are the other tasks of the notebook that it calls."""

    label: str
    source: str
    right: bool
    needs: frozenset[str] = frozenset()


@dataclass
class Submission:
    """One student's notebook. `expected` has the points of each graded cell, None where they are not known here."""

    student: str
    kind: str
    answers: dict[str, str]  # task → label of the answer, or "stub"
    extras: tuple[str, ...]
    notebook: dict
    expected: dict[str, float | None]


def honest_class(
    room: Class, slug: str, count: int, seed: int, training: bool = False, figures: float = FIGURES
) -> list[Submission]:
    """Write `count` submissions of a released unit into a class; return them in the order of their names."""
    released = json.loads((room.folder("release", slug) / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    made = honest_submissions(released, slug, count, seed, training, figures)
    for submission in made:
        folder = room.folder("submitted", slug, submission.student)
        folder.mkdir(parents=True)
        text = json.dumps(submission.notebook, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{NOTEBOOK}.ipynb").write_text(text, "utf-8")
    return made


def honest_submissions(
    released: dict, slug: str, count: int, seed: int, training: bool = False, figures: float = FIGURES
) -> list[Submission]:
    """Return `count` submissions made from the released notebook, in the order of their names.

    training: each notebook also trains for a few seconds with the student's own functions, which are right then.
    figures: the share of students who draw one of their own, which takes longer than all else in a small notebook.
    """
    rng = random.Random(f"{slug} {count} {seed}")
    kinds = [KINDS[place % len(KINDS)] for place in range(count)]
    rng.shuffle(kinds)
    made = []
    for number, kind in enumerate(kinds):
        student = f"{rng.choice(NAMES)}{number:04}"
        made.append(_submission(released, slug, student, kind, training, figures, rng))
    return sorted(made, key=lambda submission: submission.student)


def _submission(released, slug, student, kind, training, figures, rng) -> Submission:
    tasks = [name for name, cell in _cells(released, "solution") if cell["cell_type"] == "code"]
    chosen = _choose(tasks, known_answers(slug), kind, rng)
    if training:
        for task in TRAINED[slug]:
            chosen[task] = _pick(known_answers(slug)[task], True, rng)
    notebook = copy.deepcopy(released)
    for name, cell in _cells(notebook, "solution"):
        if cell["cell_type"] == "markdown" and kind != "stub":
            cell["source"] = WRITTEN
        elif answer := chosen.get(name):
            cell["source"] = answer.source
    extras = _add_extras(notebook, figures, rng)
    if training:
        notebook["cells"].append(_new_cell("training", TRAINING[slug]))
    labels = {task: answer.label if answer else "stub" for task, answer in chosen.items()}
    return Submission(student, kind, labels, extras, notebook, _expected(released, chosen, kind))


def _choose(tasks: list[str], answers: dict, kind: str, rng: random.Random) -> dict[str, Answer | None]:
    """Return each task's answer (None: the stub stays) for a kind of student."""
    if kind == "partly":  # at least one right and one wrong
        rights = [True, False] + rng.choices([True, False, None], weights=[6, 3, 2], k=len(tasks) - 2)
        rng.shuffle(rights)
    else:
        rights = [{"right": True, "wrong": False, "stub": None}[kind]] * len(tasks)
    return {task: _pick(answers[task], right, rng) for task, right in zip(tasks, rights, strict=True)}


def _pick(answers: list[Answer], right: bool | None, rng: random.Random) -> Answer | None:
    return None if right is None else rng.choice([answer for answer in answers if answer.right == right])


def _expected(released: dict, chosen: dict[str, Answer | None], kind: str) -> dict[str, float | None]:
    """Return the points of each graded cell: full, 0, or None for a person's and for an answer on wrong ground."""
    def right(task: str) -> bool | None:
        answer = chosen[task]
        if answer is None or not answer.right:
            return False
        return True if all(right(other) for other in answer.needs) else None

    expected = {}
    for name, cell in _cells(released, "grade"):
        verdict = right(name.removeprefix("check_")) if cell["cell_type"] == "code" else None
        points = float(cell["metadata"]["nbgrader"]["points"])
        expected[name] = {True: points, False: 0.0, None: None}[verdict]
        if cell["cell_type"] == "markdown" and kind == "stub":
            expected[name] = 0.0
    return expected


def _add_extras(notebook: dict, figures: float, rng: random.Random) -> tuple[str, ...]:
    """Add what honest students add, each to some of the notebooks: a scratch cell, a plot, imports of their own."""
    cells = notebook["cells"]
    shares = ("imports", 0.4), ("scratch", 0.5), ("plot", figures)
    extras = [name for name, share in shares if rng.random() < share]
    first = next(place for place, cell in enumerate(cells) if cell["cell_type"] == "code")
    if "imports" in extras:
        cells[first]["source"] = IMPORTS + "".join(cells[first]["source"])
    for name, source in (("scratch", SCRATCH), ("plot", PLOT)):
        if name in extras:
            cells.insert(rng.randint(first + 1, len(cells)), _new_cell(name, source))
    return tuple(extras)


def _new_cell(name: str, source: str) -> dict:
    return {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "outputs": [], "source": source}


def _cells(notebook: dict, role: str) -> Iterator[tuple[str, dict]]:
    """Yield (grade id, cell) of the cells with this nbgrader role: "solution" or "grade"."""
    for cell in notebook["cells"]:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if nbgrader.get(role):
            yield nbgrader["grade_id"], cell


# Answers as source text ---------------------------------------------------------------------------------------------


@cache
def known_answers(slug: str) -> dict[str, list[Answer]]:
    """Return the right and wrong answers of each task of a unit, as the source of a cell."""
    unit = units()[slug]
    folder = COURSE.parent / "solutions" / slug
    others = _load(folder / "alternatives.py")
    source_notebook = json.loads((folder / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    given = _imported(source_notebook)
    answers = {}
    for name, cell in _cells(source_notebook, "solution"):
        if name in unit.tasks:
            lines = "".join(cell["source"]).splitlines()
            source = "\n".join(line for line in lines if line.strip() not in MARKS)
            answers[name] = [Answer("reference", source, True, frozenset(_globals(source)) & set(unit.tasks) - {name})]
    for name, other in vars(others).items():
        if (task := name.partition("__")[0]) in answers:
            answers[task].append(Answer(name, answer_source(other, task, given), True))
    for name, task in unit.tasks.items():
        answers[name] += [
            Answer(f"mistake {number}", answer_source(mistake.answer, name, given), False)
            for number, mistake in enumerate(task.mistakes, start=1)
        ]
    return answers


def answer_source(answer: Callable, name: str, given: set[str]) -> str:
    """Return source that defines `answer` under `name`, after the imports and helpers of its module that it needs.

    given: names that the notebook imports already.
    """
    module = sys.modules[_base(answer).__module__]
    text = _definition(answer, name, module)
    imports: dict[str, str] = {}
    helpers: dict[str, str] = {}
    _collect(text, {name} | given, module, imports, helpers)
    return "\n\n\n".join(["\n".join(imports.values())] * bool(imports) + [*helpers.values(), text])


def _collect(text: str, known: set[str], module: ModuleType, imports: dict[str, str], helpers: dict[str, str]) -> None:
    """Add the definitions of the module's names that `text` uses, each after those it uses itself."""
    for used in sorted(_globals(text) - known - set(helpers)):
        value = vars(module).get(used)
        if isinstance(value, ModuleType):
            imports[used] = _import(used, value)
        elif isinstance(value, (FunctionType, type)) and value.__module__ == module.__name__:
            definition = _plain(value)
            _collect(definition, known | {used}, module, imports, helpers)
            helpers[used] = definition


def _imported(notebook: dict) -> set[str]:
    """Return the names that the notebook's first code cell imports."""
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    statements = ast.parse("".join(first["source"])).body
    imports = [node for node in statements if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {(alias.asname or alias.name).partition(".")[0] for node in imports for alias in node.names}


def _definition(answer: Callable, name: str, module: ModuleType) -> str:
    """Return the definition of an answer: its own, or a call of the factory in the checks that made it."""
    factory, dot, _ = answer.__qualname__.partition(".<locals>.")
    if not dot:
        return _plain(answer, name)
    if isinstance(answer, type):  # a class made by a function of keywords, which its methods see
        base, seen = getattr(module, factory), {}
        for method in filter(inspect.isfunction, vars(answer).values()):
            seen |= inspect.getclosurevars(method).nonlocals
        return f"{name} = {factory}({_keywords(_changed(base, seen), module)})"
    change = inspect.getclosurevars(answer).nonlocals["change"]  # of `changed(base, name, **change)`
    return f"def {name}(*args):\n    return {_base(answer).__name__}(*args, {_keywords(change, module)})"


def _base(answer: Callable) -> Callable:
    """Return what the answer changes, where `introdl.checks.variant.changed` made it; else the answer itself."""
    made = inspect.isfunction(answer) and answer.__qualname__.startswith(f"{changed.__name__}.<locals>.")
    return inspect.getclosurevars(answer).nonlocals["base"] if made else answer


def _changed(base: Callable, seen: dict) -> dict:
    return {key: seen[key] for key, default in base.__kwdefaults__.items() if key in seen and seen[key] is not default}


def _keywords(change: dict, module: ModuleType) -> str:
    parts = [f"{key}={_lambda(value, module) if callable(value) else repr(value)}" for key, value in change.items()]
    return ", ".join(parts)


def _lambda(function: Callable, module: ModuleType) -> str:
    """Return the source of a lambda of the module: the one whose body stands where its compiled code says."""
    places = set(function.__code__.co_positions())
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Lambda):
            body = node.body
            if (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset) in places:
                return ast.unparse(node)
    raise ValueError(f"{module.__name__}: no lambda found in line {function.__code__.co_firstlineno}")


def _plain(definition: Callable, name: str | None = None) -> str:
    """Return a top-level definition without its decorators, under another name if one is given."""
    text = textwrap.dedent(inspect.getsource(definition))
    node = ast.parse(text).body[0]
    node.decorator_list = []
    for inner in ast.walk(node):  # a class names itself where it makes new values
        if name and isinstance(inner, ast.Name) and inner.id == definition.__name__:
            inner.id = name
    node.name = name or node.name
    return ast.unparse(node)


def _globals(text: str) -> set[str]:
    """Return the names that the code looks up outside its own functions."""
    names, queue = set(), [compile(text, "<cell>", "exec")]
    for code in queue:
        names |= {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
        queue += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    return names


def _import(name: str, module: ModuleType) -> str:
    package, _, last = module.__name__.rpartition(".")
    if package:
        return f"from {package} import {last}" + (f" as {name}" if name != last else "")
    return f"import {last}" + (f" as {name}" if name != last else "")


def _load(path: Path) -> ModuleType:
    """Import a file of the solutions, under a name that `inspect` finds."""
    name = f"alternatives_of_{path.parent.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

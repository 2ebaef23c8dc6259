"""What a unit's checks module offers a notebook: its tasks, `hint`, `solution`, `model_answer` and `progress`."""

import json
import textwrap
from pathlib import Path

from introdl import progress
from introdl.checks.task import WIDTH, CheckFailed, Task
from introdl.panel import ELSEWHERE, Panel, panel
from introdl.worksheets import CourseError

COURSE = Path(__file__).parents[2]
MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")  # nbgrader's, around what is taken out of a release
STUB = "YOUR ANSWER HERE"  # nbgrader's text for a written answer that nobody has given yet


class Unit:
    """The tasks of one unit, under its slug (such as '01_perceptron'); `demos` are tried in the lesson only.

    withheld: modules that hold ready-made what the unit is about writing. No task may use them, and while a class is
    graded a student's process does not have them. forbid: those that no task may use, but other cells do.
    """

    def __init__(
        self,
        slug: str,
        *tasks: Task,
        demos: tuple[Task, ...] = (),
        withheld: tuple[str, ...] = (),
        forbid: tuple[str, ...] = (),
    ):
        self.slug, self.withheld = slug, withheld
        self.tasks = {task.name: task for task in tasks}
        self._hinted = self.tasks | {task.name: task for task in demos}
        self._opened: dict[str, int] = {}  # hints opened in this kernel, for notebooks that keep no progress
        for task in self._hinted.values():
            task.unit = slug
            task.forbid = (*task.forbid, *forbid, *withheld)

    def hint(self, name: str) -> None:
        """Open the next of a task's three hints and print all that are open."""
        hints = self._task(name).hints
        before = max(self._opened.get(name, 0), progress.hints_opened(self.slug, name))
        now = self._opened[name] = min(before + 1, len(hints))
        if now > before:
            progress.record(self.slug, name, "hint", hint=now)
        for number, text in enumerate(hints[:now], start=1):
            hint = f"Hint {number} of {len(hints)}: {text}"
            print(textwrap.fill(hint, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))

    def solution(self, name: str) -> None:
        """Show one right answer of a task and what usually goes wrong there, once the learner has tried it."""
        task = self._task(name)
        if not (task.was_tried or progress.tries(self.slug, name)):
            raise CheckFailed(f"Try first: write an answer and run its check. Stuck? check.hint({name!r})")
        answer = _cell(COURSE.parent / "solutions" / self.slug / "exercises.ipynb", name)
        if answer is None:
            raise CheckFailed("The solutions are not part of this copy of the course: your instructor has them.")
        progress.record(self.slug, name, "solution")
        code = "\n".join(line for line in answer.splitlines() if line.strip() not in MARKS)
        wrong = [f"- {mistake.sentence}" for mistake in task.mistakes]
        shown = ["One right answer:", "", "```python", code, "```", "", "What often goes wrong:", "", *wrong]
        _show("\n".join(shown))

    def progress(self) -> Panel | None:
        """Return a panel of what is done in this unit, what is next, and what is worth another look."""
        try:
            found = panel(self.slug)
        except (OSError, CourseError) as error:
            print(f"How far you are cannot be shown: {error}")
            return None
        if found is None:
            print(ELSEWHERE)
        return found

    def model_answer(self, name: str, notebook: str | Path = "exercises.ipynb") -> None:
        """Show the model answer of a written question, once the saved notebook holds an own one."""
        own = _cell(Path(notebook), name)
        if own is None:
            raise CheckFailed(
                f"No written question {name!r} found in {notebook}. Is the notebook saved under that name?"
            )
        if not own.strip() or own.strip() == STUB:
            raise CheckFailed("Write your own answer first and save the notebook: comparing is where you learn.")
        model = _cell(COURSE.parent / "solutions" / self.slug / "exercises.ipynb", name)
        _show(model or "The model answer is not part of this copy of the course: your instructor has it.")


    def _task(self, name: str) -> Task:
        if name not in self._hinted:
            raise CheckFailed(f"There is no task {name!r} here. The tasks are: {', '.join(self.tasks)}.")
        return self._hinted[name]


def _show(markdown: str) -> None:
    """Show a text with its formulas in a notebook, print it elsewhere."""
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(markdown)
    else:
        display({"text/markdown": markdown, "text/plain": markdown}, raw=True)


def _cell(notebook: Path, grade_id: str) -> str | None:
    """Return the source of the cell with this nbgrader id, or None where the notebook or the cell is not there."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        found = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id]
        return "".join(found[0]["source"])
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None

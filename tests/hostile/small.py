"""Two small units with hidden tests: one with partial credit, a class and a helper, one that builds on a check."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.autograder.tiny_course import role

SETUP = "import math\n\nimport numpy as np\n\nTOLERANCE = 1e-9"
HELPER = """\
def close(yours, expected):
    \"\"\"Return whether two numbers agree.\"\"\"
    return abs(yours - expected) < TOLERANCE"""

# task: (right answer, check with its hidden tests, points)
TASKS = {
    "double": ("""\
def double(n):
    return 2 * n""", """\
assert double(3) == 6
assert all(map(lambda n: double(n) == 2 * n, [0, -1]))
### BEGIN HIDDEN TESTS
assert all(map(lambda n: double(n) == 2 * n, [73519, 31957]))
### END HIDDEN TESTS""", 2),
    "area": ("""\
def area(a, b):
    return a * b""", """\
np.testing.assert_allclose(area(2.0, 3.0), 6.0)
### BEGIN HIDDEN TESTS
np.testing.assert_allclose(area(np.array([52837.0, 4.0]), 2.0), np.array([105674.0, 8.0]))
### END HIDDEN TESTS""", 3),
    "mean": ("""\
def mean(values):
    return sum(values) / len(values)""", """\
score = 0
if close(mean([1, 2, 3]), 2):
    score += 1
### BEGIN HIDDEN TESTS
if close(mean([60647, 60649]), 60648):
    score += 3
### END HIDDEN TESTS
score""", 4),
    "estimate": ("""\
def estimate(x):
    return math.sqrt(x)""", """\
error = abs(estimate(2) - math.sqrt(2))
### BEGIN HIDDEN TESTS
error += abs(estimate(84681) - 291)
### END HIDDEN TESTS
4 - error""", 4),
    "divisors": ("""\
def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]""", """\
found = divisors(12)
assert 4 in found
assert len(found) == 6
### BEGIN HIDDEN TESTS
assert 46337 in divisors(92674)
assert len(divisors(92674)) == 4
### END HIDDEN TESTS""", 2),
    "Counter": ("""\
class Counter:
    def __init__(self):
        self.sum = 0

    def add(self, n):
        self.sum += n

    def total(self):
        return self.sum""", """\
counter = Counter()
counter.add(2)
counter.add(5)
assert counter.total() == 7
### BEGIN HIDDEN TESTS
counter.add(48611)
assert counter.total() == 48618
### END HIDDEN TESTS""", 2),
    "quotient": ("""\
def quotient(a, b):
    return a / b""", "quotient(1, 4) / 0.25", 1),
}
SECRETS = ("73519", "31957", "52837", "105674", "60647", "60648", "60649", "84681", "46337", "92674",
           "48611", "48618", "HIDDEN TESTS")

# The check binds `totals`, which a later cell shows: it has to be judged where it stands, hidden tests and all.
BUILDING = {
    "total": ("def total(values):\n    return sum(values)", """\
totals = [total([1, 2])]
assert totals[0] == 3
### BEGIN HIDDEN TESTS
assert total([83243, 1]) == 83244
### END HIDDEN TESTS""", 2),
    "largest": ("def largest(values):\n    return max(values)", """\
assert largest([1, 3, 2]) == 3
### BEGIN HIDDEN TESTS
assert largest([1, 92083]) == 92083
### END HIDDEN TESTS""", 2),
}
BUILDING_SECRETS = ("83243", "83244", "92083", "HIDDEN TESTS")


def small_source() -> nbformat.NotebookNode:
    """Return the unit's source notebook: 18 points by checks, 3 by a person."""
    cells = [new_code_cell(SETUP, id="setup"), new_code_cell(HELPER, id="helper")]
    for name, task in TASKS.items():
        cells += _cells(name, *task)
    return _notebook([*cells, new_markdown_cell("It is so.", id="why", metadata=role("why", 3, solution=True))])


def building_source() -> nbformat.NotebookNode:
    """Return a source notebook of 4 points, in which a given cell uses what a check has bound."""
    total, largest = (_cells(name, *task) for name, task in BUILDING.items())
    show = new_code_cell("print(totals)", id="show")
    return _notebook([new_code_cell("import math", id="setup"), *total, show, *largest])


def _cells(name: str, right: str, check: str, points: float) -> list[nbformat.NotebookNode]:
    """Return a task's prompt, answer and check cells."""
    first, _, body = right.partition("\n")
    solution = f"{first}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
    return [
        new_markdown_cell(f"Write `{name}`.", id=f"prompt-{name}", metadata=role(f"prompt_{name}", locked=True)),
        new_code_cell(solution, id=name, metadata=role(name, solution=True)),
        new_code_cell(check, id=f"check-{name}", metadata=role(f"check_{name}", points, locked=True)),
    ]


def _notebook(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})

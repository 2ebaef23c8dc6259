"""Who owns a name: what the referee runs itself, and which checks must be judged where they stand."""

import pytest

from autograder.engine.names import builds_on, loaded, parse, shares, stored
from autograder.engine.rebuild import Part


def part(role, source, **more):
    return Part(role, source, {}, full=source if role == "check" else "", **more)


def ran(*parts) -> list[str]:
    import ast

    return [ast.unparse(statement) for share in shares(list(parts)).values() for statement in share.statements]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1", {"x"}), ("a, (b, *c) = y", {"a", "b", "c"}), ("def f(x): y = 1", {"f"}), ("class A: b = 1", {"A"}),
        ("import a.b as c, d.e", {"c", "d"}), ("from a import b", {"b"}), ("x[0] = 1", {"x"}), ("x.y.z = 1", {"x"}),
        ("for i in y: k = i", {"i", "k"}), ("with a as b: pass", {"b"}), ("del x", {"x"}), ("f(x)", set()),
        ("%matplotlib inline\nx = 1", {"x"}), ("x +=", set()), ("if (n := 1): pass", {"n"}),
    ],
)  # fmt: skip
def test_names_that_a_cell_binds_or_changes(source, names):
    assert stored([parse(source)]) == names


def test_names_that_a_cell_reads():
    assert loaded([parse("def f(x): return g(x) + h.i\ny = [k for k in z]")]) == {"x", "g", "h", "k", "z"}


def test_only_what_a_check_leads_to_is_run():
    assert ran(
        part("given", "import numpy as np\nimport pandas\ndef close(a, b): return np.allclose(a, b)\nplot()"),
        part("check", "assert close(f(1), 2)"),
    ) == ["import numpy as np", "def close(a, b):\n    return np.allclose(a, b)"]


def test_data_that_a_check_needs_is_computed_with_all_that_leads_to_it():
    assert ran(
        part("given", "import random\nrandom.seed(1)\nX = [random.random()]\nX.append(2)\nX[0] = 3\nprint(X)"),
        part("check", "assert f(X) == 2"),
    ) == ["import random", "random.seed(1)", "X = [random.random()]", "X.append(2)", "X[0] = 3"]


def test_a_check_has_the_instructors_data_where_the_student_edited_the_cell():
    parts = [part("added", "X = [9]", given="X = [1]\nimport numpy as np"), part("check", "np.allclose(f(X), 1)")]
    assert ran(*parts) == ["X = [1]", "import numpy as np"] and shares(parts)[0].data == set()


def test_what_the_student_filled_in_counts_and_nothing_else_of_the_cell():
    parts = [
        part("added", "NAME = 'Grace'\nTOLERANCE = 9", given="NAME = ''\nTOLERANCE = 1e-9"),
        part("check", "f(NAME, TOLERANCE)"),
    ]
    assert ran(*parts) == ["NAME = 'Grace'", "TOLERANCE = 1e-09"] and shares(parts)[0].data == set()


def test_only_a_constant_can_be_filled_in():
    parts = [part("added", "NAME = print", given="NAME = ''"), part("check", "f(NAME)")]
    assert ran(*parts) == ["NAME = ''"]


def test_our_own_checks_need_nothing_but_their_module():
    assert ran(
        part("given", "import numpy as np\nfrom introdl.checks import perceptron as check"),
        part("given", "y = long_training()"),
        part("check", "check.train(train)"),
    ) == ["from introdl.checks import perceptron as check"]


def test_a_check_that_later_cells_build_on_is_judged_in_its_place():
    parts = [
        part("check", "account = Account(5)"),
        part("check", "assert account.money == 5"),
        part("check", "x = f(1)"),
    ]
    assert builds_on(parts) == {0}

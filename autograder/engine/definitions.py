"""Which of the student's cells do nothing but define functions.

Running such a cell changes nothing for the checks before it: they can be judged in the same process afterwards, and a
fork of it, which takes as long as most students' answers, is saved.
"""

import ast
from functools import lru_cache

from autograder.engine.rebuild import Part
from autograder.engine.syntax import loaded, parse, stored
from introdl.checks.source import nodes

# Whoever uses these could see that a name is there already.
LOOKING_AROUND = {"globals", "locals", "vars", "dir", "eval", "exec", "inspect", "user_ns", "__main__", "__globals__"}


def only_define(parts: list[Part]) -> set[int]:
    """Return the numbers of the student's cells that define functions under new names, and do nothing else."""
    known, found = set(), set()
    for number, part in enumerate(parts):
        if part.role == "text":
            continue
        tree = parse(part.full or part.source)
        if part.role != "check" and LOOKING_AROUND & _words(tree):
            return set()
        new = stored([tree])
        if part.role in ("answer", "added") and not new & known and tree.body and all(map(_defines, tree.body)):
            found.add(number)
        known |= new | loaded([tree])
    return found


def _defines(statement: ast.stmt) -> bool:
    """Whether a statement is a function whose header runs no code, or a text."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if not isinstance(statement, ast.FunctionDef) or statement.decorator_list:
        return False
    defaults = [*statement.args.defaults, *filter(None, statement.args.kw_defaults)]
    return all(isinstance(value, ast.Constant) for value in defaults)


@lru_cache(maxsize=1000)
def _words(tree: ast.AST) -> set[str]:
    """Return the names and the attributes that a cell mentions."""
    parts = nodes(tree)
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    names |= {part.attr for part in parts if isinstance(part, ast.Attribute)}
    return names | {
        alias.name for part in parts if isinstance(part, (ast.Import, ast.ImportFrom)) for alias in part.names
    }

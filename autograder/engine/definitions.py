"""Which cells do nothing but define functions, or ask a check's module for something that it does not do here.

Running such a cell changes nothing for the checks before it: they can be judged in the same process afterwards, and a
fork of it, which takes as long as most students' answers, is saved.
"""

import ast
from functools import lru_cache

from autograder.engine.rebuild import Part
from autograder.engine.syntax import loaded, parse, stored
from autograder.engine.unit import CHECKS
from introdl.checks.source import nodes

# Whoever uses these could see that a name is there already.
LOOKING_AROUND = {"globals", "locals", "vars", "dir", "eval", "exec", "inspect", "user_ns", "__main__", "__globals__"}


def only_define(parts: list[Part]) -> set[int]:
    """Return the numbers of the student's cells that define functions under new names, and do nothing else.

    With them those of the instructor's that only ask, as `check.progress()` does: a student process has a stand-in for
    checks, which does nothing.
    """
    known, found = set(), set()
    asked = _checks_modules(parts)
    for number, part in enumerate(parts):
        if part.role == "text":
            continue
        tree = parse(part.full or part.source)
        if part.role != "check" and LOOKING_AROUND & _words(tree):
            return set()
        new = stored([tree])
        if part.role in ("answer", "added") and not new & known and tree.body and all(map(_defines, tree.body)):
            found.add(number)
        if part.role == "given" and tree.body and all(_asks(statement, asked) for statement in tree.body):
            found.add(number)
        known |= new | loaded([tree])
    return found


def _checks_modules(parts: list[Part]) -> set[str]:
    """Return the names that the instructor's cells import from introdl.checks, and no cell of the student binds."""
    imports = [
        node
        for part in parts
        if part.role == "given"
        for node in parse(part.source).body
        if isinstance(node, ast.ImportFrom) and node.module == CHECKS[:-1]
    ]
    theirs = stored([parse(part.source) for part in parts if part.role in ("answer", "added")])
    return stored(imports) - theirs


def _asks(statement: ast.stmt, modules: set[str]) -> bool:
    """Whether a statement is a call, without arguments, of something in one of these modules: `check.progress()`."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and not (call.args or call.keywords)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in modules
    )


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

"""The referee's view of a notebook's names: its own values, and for all others proxies of the student's.

Who owns a name is decided by the instructor's notebook alone. What its given cells import or define, and the data that
a check needs of them, belongs to the referee, which runs those statements itself; what its solution cells bind
belongs to the student. So nothing that a student's cell does to a helper, a module or a test's data reaches a check.
"""

import ast
import builtins
import contextlib
import types
from dataclasses import dataclass, field

from autograder.engine.rebuild import Part
from autograder.engine.syntax import loaded, parse, stored
from introdl.checks.child import named
from introdl.checks.codec import is_copied
from introdl.checks.remote import Peer

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


@dataclass
class Share:
    """What the referee runs itself of one given cell, and the data among it that the student's cells get as well."""

    statements: list[ast.stmt] = field(default_factory=list)
    data: set[str] = field(default_factory=set)


class Names(dict):
    """Globals of check cells. Missing names are asked of the student's process; what is bound is bound there, too."""

    def __init__(self, peer: Peer, theirs: set[str], ours: set[str]):
        super().__init__(__name__="__main__", __builtins__=builtins)
        self.peer, self.theirs, self.ours, self.cells = peer, theirs, ours, []

    def copy(self) -> "Names":
        """Return these names as they are now, for a check that is judged later."""
        other = Names(self.peer, set(self.theirs), set(self.ours))
        other.update(self)
        other.cells = list(self.cells)
        return other

    def __missing__(self, name: str):
        if name in self.ours or (hasattr(builtins, name) and name not in self.theirs):
            raise KeyError(name)
        return named(self.peer.ask("get", name), name, self.cells)

    def __contains__(self, name) -> bool:
        try:
            self[name]
        except KeyError:
            return False
        return True

    def __setitem__(self, name: str, value) -> None:
        super().__setitem__(name, value)
        self.push(name, value)

    def __delitem__(self, name: str) -> None:
        if super().__contains__(name):
            super().__delitem__(name)
        self.peer.ask("del", name)

    def push(self, name: str, value) -> None:
        """Bind a name in the student's process, too."""
        if isinstance(value, types.ModuleType):
            self.peer.ask("import", value.__name__, name)
        else:
            self.peer.ask("set", name, value)

    def run(self, share: Share) -> None:
        """Run the referee's share of a given cell; data that it binds replaces the student's."""
        for statement in share.statements:
            bound = stored([statement])
            before = {name: self.get(name) for name in bound}
            scratch = _Quietly(self)
            try:
                exec(compile(ast.Module([statement], []), "<given>", "exec"), scratch)
            except Exception:  # noqa: BLE001 (a magic, a plot; or what follows fails as it does in a notebook)
                if bound:
                    return
            for name in bound:
                new = super().__contains__(name) and self[name] is not before[name]
                # An object that is no data stays the student's own: code there can do nothing with one of ours.
                if new and name in share.data and is_copied(self[name]):
                    self.push(name, self[name])


class _Quietly(dict):
    """The same names, without telling the student's process of each."""

    def __init__(self, names: Names):
        super().__init__(__name__="__main__", __builtins__=builtins)
        self.names = names

    def __missing__(self, name):
        return self.names[name]

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        dict.__setitem__(self.names, name, value)

    def __delitem__(self, name):
        super().pop(name, None)
        self.names.pop(name, None)


def shares(parts: list[Part]) -> dict[int, Share]:
    """Return, by part number, what the referee runs of the given cells: only what the checks lead to."""
    given = {
        number: parse(part.source if part.role == "given" else part.given)
        for number, part in enumerate(parts)
        if part.role == "given" or part.given
    }
    needed = loaded([parse(part.full) for part in parts if part.role == "check"])
    statements = [statement for tree in given.values() for statement in tree.body]
    while True:
        more = loaded([s for s in statements if stored([s]) & needed]) - needed
        if not more:
            break
        needed |= more
    found = {}
    for number, tree in given.items():
        share = _share(tree.body, needed)
        if parts[number].role != "given":
            share.data = set()  # what the student changed there stays so in the student's cells
            share.statements = _filled_in(share.statements, parse(parts[number].source).body)
        if share.statements:
            found[number] = share
    return found


def _share(body: list[ast.stmt], needed: set[str]) -> Share:
    data = [s for s in body if not isinstance(s, DEFINITIONS) and stored([s]) & needed]
    upto = body.index(data[-1]) + 1 if data else 0  # with what leads to the data: seeds, loops, calls
    defined = [s for s in body[upto:] if isinstance(s, DEFINITIONS) and stored([s]) & needed]
    return Share([*body[:upto], *defined], stored(data))


def _filled_in(given: list[ast.stmt], own: list[ast.stmt]) -> list[ast.stmt]:
    """Return the given statements, with what the student wrote where the instructor left a name empty: NAME = "".

    It is taken from the text of the student's cell, so nothing that runs can make it anything but plain data; and
    only where there was nothing: a tolerance or an expected value stays the instructor's.
    """
    mine = {name: statement for statement in own for name in [_constant(statement)[0]] if name}
    return [mine.get(name, s) if value in ("", None) else s for s in given for name, value in [_constant(s)]]


def _constant(statement: ast.stmt) -> tuple[str | None, object]:
    """Return the name and the value of a statement that sets one name to a constant; (None, ...) for any other."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        with contextlib.suppress(ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return statement.targets[0].id, ast.literal_eval(statement.value)
    return None, ...


def builds_on(parts: list[Part]) -> set[int]:
    """Return the numbers of checks that bind names which later cells use: these are judged where they stand."""
    found = set()
    later: set[str] = set()
    for number in range(len(parts) - 1, -1, -1):
        part = parts[number]
        source = part.full if part.role == "check" else part.solution or part.source
        tree = parse(source) if part.role in ("check", "given", "answer") else ast.Module([], [])
        if part.role == "check" and stored([tree]) & later:
            found.add(number)
        later |= loaded([tree])
    return found

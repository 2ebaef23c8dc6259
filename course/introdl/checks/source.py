"""Find what a task forbids, in the learner's syntax tree: writing the thing oneself is the point.

Not only the answer itself is read but all that it leads to: helpers, aliases, attributes that another cell has set.
Ways around the reading (importlib, exec, getattr with a computed name, …) count as forbidden themselves.
"""

import ast
import builtins
import inspect
import sys
from functools import lru_cache
from importlib.machinery import PathFinder

# A plain answer needs none of these; each could fetch the ready-made thing under another name.
DETOURS = (
    "importlib",
    "__import__",
    "eval",
    "exec",
    "compile",
    "globals",
    "locals",
    "vars",
    "sys.modules",
    "get_ipython",
    "inspect",
    "gc",
    "ctypes",
    "pickle",
    "builtins",
    "__builtins__",
    "__loader__",
    "__spec__",
    "pkgutil",
    "runpy",
)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BUILTINS = frozenset(dir(builtins))
ORDINARY = ("__init__", "__name__", "__doc__", "__len__", "__call__", "__class__", "__version__", "__repr__")


def forbidden_call(fn, forbidden: tuple[str, ...]) -> str | None:
    """Return the first forbidden name that a learner's function leads to, such as 'torch.relu', or None.

    `forbidden` holds dotted names; a module's name ("torch") stands for everything in it. Imports are followed
    through their aliases, names to the cells that bind them. A function whose source cannot be had is not judged here.
    """
    if hasattr(type(fn), "_remote_number"):  # a function in another process: its notebook's cells came along
        return _forbidden_in(fn._name, tuple(fn._cells or ()), forbidden)
    definition, trees = _source_of(fn)
    return None if definition is None else _first_forbidden(definition, trees, forbidden)


@lru_cache(maxsize=500)
def _forbidden_in(name: str, cells: tuple[str, ...], forbidden: tuple[str, ...]) -> str | None:
    trees = [tree for tree in map(_parse, cells) if tree]
    bound = _bindings(trees).get(name)
    return _first_forbidden(ast.Module(bound, []), trees, forbidden, whole=True) if bound else None


def _first_forbidden(
    definition: ast.AST, trees: list[ast.Module], forbidden: tuple[str, ...], whole: bool = False
) -> str | None:
    """Go from a definition to all that it leads to; return the first forbidden name.

    whole: whether the trees are all that is run, so that a name without a binding was bound in a hidden way.
    """
    bindings = _bindings(trees)
    todo, seen = [definition], set()
    while todo:
        node = todo.pop(0)
        aliases = _aliases([*bindings["*"], node])
        own = _own_names(node)
        words = {word for word in forbidden if word.split(".")[0] in aliases or word not in own}.union(DETOURS)
        used = next((name for name, always in _mentions(node) if always or _stands_for(name, aliases, words)), None)
        if used:
            return used
        for name in sorted(_free_names(node) - seen):
            seen.add(name)
            if whole and name not in bindings and (hidden := _where_from(name, bindings["*"], forbidden)):
                return hidden
            todo += bindings.get(name, [])
    return None


def _where_from(name: str, imports: list[ast.AST], forbidden: tuple[str, ...]) -> str | None:
    """Return a word for a name that no cell binds in the open: the forbidden library of a star import, or the name."""
    stars = [node.module for node in imports if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]
    bad = [module for module in stars if any(f"{module}.".startswith(f"{word}.") for word in forbidden)]
    return bad[0] if bad else None if stars else name


def _source_of(fn) -> tuple[ast.AST | None, list[ast.Module]]:
    """Return the syntax tree of a function or class, and those of the cells around it."""
    try:
        text = inspect.getsource(fn)
        cells = getattr(fn, "__globals__", {}).get("In")
        around = _imports_of(inspect.getsource(inspect.getmodule(fn))) if cells is None else map(_parse, cells)
    except (TypeError, OSError):
        return None, []
    return _parse(inspect.cleandoc("\n" + text)), [tree for tree in around if tree]


def _imports_of(text: str) -> list[ast.Module]:
    """Return the imports of a module: a function that stands in one is read by itself."""
    tree = _parse(text) or ast.Module([], [])
    return [ast.Module([node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))], [])]


def _without_magic(line: str) -> str:
    """Return a line that is Python: of `%time x = f()` what is run, of other magics and questions nothing."""
    if line.startswith(("%time ", "%timeit ", "%prun ")):
        return line.partition(" ")[2]
    is_magic = line.lstrip().startswith(("%", "!", "?")) or line.rstrip().endswith("?")
    return line[: len(line) - len(line.lstrip())] + "pass" if is_magic else line


@lru_cache(maxsize=500)
def _parse(text: str) -> ast.Module | None:
    """Parse a cell, without the lines that are magics; what is no Python tells nothing. Nobody changes the trees."""
    lines = [_without_magic(line) for line in text.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=5000)
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return all nodes of a syntax tree, which nobody changes: looking for them takes longer than looking at them."""
    return tuple(ast.walk(tree))


def _bindings(trees: list[ast.Module]) -> dict[str, list[ast.stmt]]:
    """Return the top-level statements that bind a name (the last one) or set something on it; imports under "*"."""
    found: dict[str, list[ast.stmt]] = {"*": []}
    for tree in trees:
        for statement in tree.body:
            names, changed = _bound_by(statement)
            certain = isinstance(statement, (*DEFINITIONS, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom))
            for name in names:  # what stands under a condition comes besides, not instead
                alone = certain and name not in _read_names(statement)  # `f = wrap(f)` leads on to the f before
                found[name] = [statement] if alone else [*found.get(name, []), statement]
            for name in changed:
                found.setdefault(name, []).append(statement)
            found["*"] += _imports_in(statement)
    return found


@lru_cache(maxsize=5000)
def _imports_in(node: ast.AST) -> list[ast.AST]:
    return [part for part in nodes(node) if isinstance(part, (ast.Import, ast.ImportFrom))]


@lru_cache(maxsize=5000)
def _bound_by(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the names that a statement binds, and those on which it sets an attribute or an item."""
    if isinstance(statement, DEFINITIONS):
        return {statement.name}, set()
    parts = nodes(statement)
    imports = [part for part in parts if isinstance(part, (ast.Import, ast.ImportFrom))]
    names = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    names |= {part.name for part in parts if isinstance(part, DEFINITIONS)}
    names |= {alias.asname or alias.name.split(".")[0] for part in imports for alias in part.names}
    changed = {
        _root(part)
        for part in parts
        if isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(part.ctx, ast.Store)
    }
    calls = [part for part in parts if isinstance(part, ast.Call)]
    changed |= {_root(call.args[0]) for call in calls if _dotted(call.func) == "setattr" and call.args}
    return names, changed - {None}


def _root(node: ast.AST) -> str | None:
    """Return 'np' for np.random.x or np[0]; None where it starts with something else than a name."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


@lru_cache(maxsize=5000)
def _free_names(node: ast.AST) -> frozenset[str]:
    """Return the names that this code reads and does not bind itself."""
    own = _inner_names(node) if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) else _own_names(node)
    return _read_names(node) - own - BUILTINS


@lru_cache(maxsize=5000)
def _read_names(node: ast.AST) -> frozenset[str]:
    return frozenset(
        {part.id for part in nodes(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    )


@lru_cache(maxsize=5000)
def _own_names(node: ast.AST) -> frozenset[str]:
    """Return the names that this code binds: arguments, what it assigns to, imports and defines within."""
    parts = nodes(node)
    names = {part.id for part in parts if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)}
    names |= {part.arg for part in parts if isinstance(part, ast.arg)}
    names |= {part.name for part in parts if isinstance(part, (*DEFINITIONS, ast.ExceptHandler)) and part.name}
    imports = [part for part in parts if isinstance(part, (ast.Import, ast.ImportFrom))]
    return frozenset(names | {alias.asname or alias.name.split(".")[0] for node in imports for alias in node.names})


def _inner_names(node: ast.AST) -> frozenset[str]:
    """Return the names that only live inside of an expression: arguments of a lambda, variables of a comprehension."""
    parts = nodes(node)
    loops = [part.target for part in parts if isinstance(part, ast.comprehension)]
    return frozenset({part.arg for part in parts if isinstance(part, ast.arg)}.union(*map(_own_names, loops)))


@lru_cache(maxsize=5000)
def _mentions(node: ast.AST) -> tuple[tuple[str, bool], ...]:
    """Return the dotted names that this code uses, each with whether it is forbidden whatever it stands for."""
    return tuple(dict.fromkeys(found for part in nodes(node) if (found := _mention(part))))


def _mention(node: ast.AST) -> tuple[str, bool] | None:
    if isinstance(node, ast.Call) and _dotted(node.func) == "getattr" and not _constant_attribute(node):
        return "getattr", True
    if isinstance(node, ast.Attribute) and node.attr.startswith("__") and node.attr not in ORDINARY:
        return node.attr, True
    name = _dotted(node)
    if name is None:
        return None
    return name, isinstance(node, (ast.Import, ast.ImportFrom)) and not _is_installed(name.split(".")[0])


def _stands_for(name: str, aliases: dict[str, str], words: set[str]) -> bool:
    """Whether a dotted name is one of these words, or something in it."""
    root, _, rest = name.partition(".")
    full = aliases.get(root, root) + ("." + rest if rest else "")
    while full and full not in words:
        full = full.rpartition(".")[0]
    return bool(full)


@lru_cache
def _is_installed(root: str) -> bool:
    """Whether a package lies where packages do; a file of one's own could hold anything."""
    return (
        root in sys.stdlib_module_names or root in sys.modules or PathFinder.find_spec(root, sys.path[1:]) is not None
    )


def _constant_attribute(call: ast.Call) -> bool:
    return len(call.args) > 1 and isinstance(call.args[1], ast.Constant)


def _aliases(imports: list[ast.AST]) -> dict[str, str]:
    """Return what each imported name stands for: {'F': 'torch.nn.functional', …}."""
    found: dict[str, str] = {}
    for node in imports:
        found |= _imported(node)
    return found


@lru_cache(maxsize=5000)
def _imported(tree: ast.AST) -> dict[str, str]:
    found = {}
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            found |= {
                a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names
            }
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


def _dotted(node: ast.AST) -> str | None:
    """Return 'a.b.c' for a name, a chain of attributes or getattr with a constant, and an import's module."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else None
    if isinstance(node, ast.Call) and _dotted(node.func) == "getattr" and _constant_attribute(node):
        base = _dotted(node.args[0])
        return f"{base}.{node.args[1].value}" if base else None
    if isinstance(node, ast.Import):
        return node.names[0].name
    if isinstance(node, ast.ImportFrom):
        return f"{node.module}.{node.names[0].name}" if node.module else None
    return None

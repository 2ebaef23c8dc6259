"""Find calls that a task forbids, in the learner's syntax tree: writing the thing oneself is the point."""

import ast
import inspect


def forbidden_call(fn, forbidden: tuple[str, ...]) -> str | None:
    """Return the first forbidden name that a learner's function uses, such as 'torch.relu', or None.

    `forbidden` holds dotted names; a module's name ("torch") stands for everything in it. Imports are followed
    through their aliases. A function whose source cannot be had is not judged here.
    """
    definition, imports = _source_of(fn)
    if definition is None:
        return None
    aliases = _aliases([*imports, definition])
    for node in ast.walk(definition):
        name = _dotted(node)
        if name is None:
            continue
        root, _, rest = name.partition(".")
        full = aliases.get(root, root) + ("." + rest if rest else "")
        if any(full == word or full.startswith(word + ".") for word in forbidden):
            return name
    return None


def find_definition(cells: list[str], name: str) -> str | None:
    """Return the source of the last top-level function or class called `name` in these cells, or None."""
    for tree, text in reversed([(tree, text) for text in cells if (tree := _parse(text))]):
        for node in reversed(tree.body):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
                return ast.get_source_segment(text, node)
    return None


def _source_of(fn) -> tuple[ast.AST | None, list[ast.AST]]:
    """Return the syntax tree of a function or class, and of the code around it that may import names."""
    cells = getattr(fn, "_cells", None)  # a function in another process: its notebook's cells came along
    if isinstance(cells, list):
        text = find_definition(cells, fn._name)
    else:
        try:
            text = inspect.getsource(fn)
            cells = getattr(fn, "__globals__", {}).get("In") or [inspect.getsource(inspect.getmodule(fn))]
        except (TypeError, OSError):
            return None, []
    trees = [tree for tree in map(_parse, cells) if tree]
    return (_parse(inspect.cleandoc("\n" + text)) if text else None), trees


def _parse(text: str) -> ast.Module | None:
    """Parse a cell; a cell with magics or a syntax error tells nothing about imports."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _aliases(trees: list[ast.AST]) -> dict[str, str]:
    """Return what each imported name stands for: {'F': 'torch.nn.functional', …}."""
    found = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            found |= {
                a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0]
                for a in node.names
            }
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


def _dotted(node: ast.AST) -> str | None:
    """Return 'a.b.c' for a name or a chain of attributes, and the module's name for an import."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else None
    if isinstance(node, ast.Import):
        return node.names[0].name
    if isinstance(node, ast.ImportFrom):
        return f"{node.module}.{node.names[0].name}" if node.module else None
    return None

"""Syntax trees of cells: what they read and what they bind."""

import ast
from functools import lru_cache

from introdl.checks.source import nodes


@lru_cache(maxsize=1000)
def parse(source: str) -> ast.Module:
    """Return the syntax tree of a cell, its magics turned into calls; an empty one for what is no Python.

    The trees are shared: nobody changes them.
    """
    try:
        return ast.parse(source)  # most cells are plain Python
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _parse_as_a_notebook_does(source)


def _parse_as_a_notebook_does(source: str) -> ast.Module:
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def loaded(trees: list[ast.AST]) -> set[str]:
    """Return the names that this code reads."""
    return set().union(*map(_loaded, trees))


@lru_cache(maxsize=5000)
def _loaded(node: ast.AST) -> frozenset[str]:
    return frozenset({n.id for n in nodes(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)})


def stored(trees: list[ast.AST]) -> set[str]:
    """Return the top-level names that this code binds or changes by an item or an attribute."""
    return set().union(*map(_stored, trees))


@lru_cache(maxsize=5000)
def _stored(tree: ast.AST) -> frozenset[str]:
    return frozenset(_bound(tree))


def _bound(node: ast.AST) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
        return loaded([node.value])
    if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
        return {node.id}
    return set() if isinstance(node, ast.Lambda) else set().union(*map(_bound, ast.iter_child_nodes(node)))

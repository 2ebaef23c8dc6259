"""Pairs of submissions whose answers share code that few others wrote: a reason to look, never a verdict."""

import builtins
import io
import keyword
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

LENGTH = 8  # tokens that must follow one another to count as the same
COMMON = 0.1  # what more than this share of the class wrote says nothing on any two of them
FEWEST, LEAST_SHARE = 12, 0.6
SKIPPED = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER)
KEPT = {*keyword.kwlist, *dir(builtins)}

Codes = dict[str, dict[str, str]]  # student → task → code


@dataclass(frozen=True)
class Pair:
    """Two students; `shared` of the smaller answer's unusual token runs, in percent; the tasks they share them in."""

    first: str
    second: str
    shared: int
    tasks: tuple[str, ...]


def normalised(code: str) -> list[str]:
    """Return code as tokens that survive renaming, comments, docstrings and layout; what cannot be read ends it."""
    tokens: list[str] = []
    before = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type in SKIPPED:
                continue
            is_docstring = token.type == tokenize.STRING and before in ("", "\n", "indent")
            before = "indent" if token.type in (tokenize.INDENT, tokenize.DEDENT) else token.string or "\n"
            before = "\n" if token.type == tokenize.NEWLINE else before
            if token.type == tokenize.NAME and token.string not in KEPT and tokens[-1:] != ["."]:
                tokens.append("name")
            elif token.type not in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT) and not is_docstring:
                tokens.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        pass
    return tokens


def _runs(task: str, code: str) -> Iterator[tuple]:
    tokens = normalised(code)
    for start in range(len(tokens) - LENGTH + 1):
        yield task, *tokens[start : start + LENGTH]


def similar_pairs(codes: Codes, known: dict[str, list[str]] | None = None) -> list[Pair]:
    """Return the pairs that share unusual code, the most alike first.

    codes: each student's answers by task; known: code that everybody had, by task (stubs, the lesson's).
    Only runs of tokens that few wrote are compared, so that the one natural way to write a line accuses nobody.
    After Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003.
    """
    runs = {name: {run for task, code in found.items() for run in _runs(task, code)} for name, found in codes.items()}
    given = {run for task, texts in (known or {}).items() for text in texts for run in _runs(task, text)}
    owners: dict[tuple, list[str]] = defaultdict(list)
    for student in sorted(runs):
        for run in runs[student] - given:
            owners[run].append(student)
    most = max(2, int(COMMON * len(codes)))
    together: dict[tuple[str, str], list[tuple]] = defaultdict(list)
    unusual: dict[str, int] = defaultdict(int)
    for run, students in owners.items():
        if len(students) <= most:
            for student in students:
                unusual[student] += 1
            for pair in combinations(students, 2):
                together[pair].append(run)
    pairs = [_pair(*names, shared, min(unusual[name] for name in names)) for names, shared in together.items()
             if len(shared) >= FEWEST and len(shared) >= LEAST_SHARE * min(unusual[name] for name in names)]
    return sorted(pairs, key=lambda pair: (-pair.shared, pair.first, pair.second))


def _pair(first: str, second: str, shared: list[tuple], of: int) -> Pair:
    return Pair(first, second, round(100 * len(shared) / of), tuple(sorted({run[0] for run in shared})))

"""Equality of plain data, and the small transformations that would make a wrong answer right."""

import sys
from collections.abc import Callable, Iterator

import numpy as np

NUMERIC = "biufc"  # NumPy's dtype kinds: boolean, integer, unsigned, float, complex

NUMBERS = (int, float, bool)


def as_array(value) -> np.ndarray | None:
    """Return numbers, arrays and tensors as an array (shape ()) for a scalar), and None for anything else."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if not isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        return None
    array = np.asarray(value)
    return array if array.dtype.kind in NUMERIC else None


def _is_sequence(value) -> bool:
    return isinstance(value, (list, tuple)) or isinstance(value, np.ndarray) and value.ndim > 0


def same(yours, expected, rtol: float = 1e-6, atol: float = 1e-8) -> bool:
    """Return whether two pieces of plain data agree: structure and shapes exactly, numbers within tolerance."""
    if isinstance(expected, dict):
        return (
            isinstance(yours, dict)
            and yours.keys() == expected.keys()
            and all(same(yours[key], expected[key], rtol, atol) for key in expected)
        )
    if isinstance(expected, (list, tuple)):
        return (
            _is_sequence(yours)
            and len(yours) == len(expected)
            and all(same(y, e, rtol, atol) for y, e in zip(yours, expected, strict=True))
        )
    ours = as_array(expected)
    if ours is None:
        return type(yours) is type(expected) and bool(yours == expected)
    theirs = as_array(yours)
    if theirs is None or theirs.shape != ours.shape:
        return False
    return _equal(theirs, ours) or bool(np.allclose(theirs, ours, rtol, atol, equal_nan=True))


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether all entries are equal, NaN aside: ten times faster than closeness, and the usual answer."""
    return bool((a == b).all())


def identical(new, old) -> bool:
    """Return whether an argument is bit for bit what it was; things that are not plain data count as unchanged."""
    if type(new) is type(old) and type(old) in NUMBERS:
        return new == old or new != new and old != old  # NaN is what it was, too
    if isinstance(old, np.ndarray):
        return (
            new.shape == old.shape
            and new.dtype == old.dtype
            and (_equal(new, old) or np.array_equal(new, old, equal_nan=old.dtype.kind in "fc"))
        )
    if isinstance(old, (list, tuple)):
        return len(new) == len(old) and all(identical(n, o) for n, o in zip(new, old, strict=True))
    if isinstance(old, dict):
        return new.keys() == old.keys() and all(identical(new[key], old[key]) for key in old)
    if isinstance(old, (str, bytes)):
        return new == old
    array = as_array(old)
    return array is None or np.array_equal(as_array(new), array, equal_nan=array.dtype.kind in "fc")


def equal_data(a, b) -> bool:
    """Return whether both are plain data and bit for bit the same; False where that cannot be told."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, (np.ndarray, np.generic)):
        return a.dtype == b.dtype and a.dtype.kind in NUMERIC and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(equal_data, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal_data(a[key], b[key]) for key in a)
    return isinstance(a, (bool, int, float, str)) and a == b


def show(value, width: int = 64) -> str:
    """Return a value as one short line: small arrays in full, large ones by shape and dtype."""
    array = as_array(value)
    if array is not None and array.shape == ():
        number = array.item()
        return f"{number:.6g}" if isinstance(number, float) else str(number)
    if array is not None:
        text = " ".join(np.array2string(array, precision=4, threshold=40, separator=" ").split())
        shape = f"shape {array.shape}"
        return (
            f"{text}, {shape}" if len(text) <= width and array.size else f"an array of {shape}, {array.dtype}"
        )
    if _holds_arrays(value):
        return f"a {type(value).__name__}: {_shapes(value)}"
    if isinstance(value, tuple) and value:
        return "(" + ", ".join(show(item, width // len(value)) for item in value) + ")"
    if callable(value):
        return f"the function {getattr(value, '__name__', 'you were given')}"
    text = (
        repr(value)
        if isinstance(value, (str, list, dict, set, bytes, type(None)))
        else f"a {type(value).__name__}"
    )
    text = " ".join(text.split())  # arrays in a list bring line breaks
    return text if len(text) <= width else f"{text[: width - 4]} …"


def _holds_arrays(value) -> bool:
    return isinstance(value, (list, tuple)) and any(isinstance(x, np.ndarray) or _holds_arrays(x) for x in value)


def _shapes(value, most: int = 4) -> str:
    """Return what a list with arrays somewhere in it holds: the shapes of large arrays, other things as they are."""
    parts = [f"({_shapes(x)})" if _holds_arrays(x) else _short(x) for x in value[:most]]
    return ", ".join(parts) + ", …" * (len(value) > most)


def _short(value) -> str:
    if not isinstance(value, np.ndarray):
        return show(value, 16)
    few = 0 < value.size <= 4 and value.dtype.kind in NUMERIC
    return " ".join(np.array2string(value, precision=4).split()) if few else f"array {value.shape}"


def misfit(yours, expected) -> str | None:
    """Say how an answer's kind, length or shape differs from the expected one, or None where they agree."""
    if yours is None:
        return "Your function returned None: is a `return` missing?"
    if isinstance(expected, (list, tuple, dict)):
        wanted = f"a {type(expected).__name__} of {len(expected)}"
        if not _is_sequence(yours) and not isinstance(yours, dict):
            return f"Expected {wanted}, got {show(yours)}."
        if len(yours) != len(expected):
            return f"Expected {wanted}, got {len(yours)}."
        if isinstance(expected, dict) or isinstance(yours, dict):
            return (
                None
                if isinstance(yours, type(expected)) and yours.keys() == expected.keys()
                else (
                    f"Expected {wanted}"
                    + (f" with the keys {sorted(map(str, expected))}." if isinstance(expected, dict) else ".")
                )
            )
        parts = ((place, misfit(y, e)) for place, (y, e) in enumerate(zip(yours, expected, strict=True)))
        return next((f"In entry [{place}]: {problem}" for place, problem in parts if problem), None)
    ours, theirs = as_array(expected), as_array(yours)
    if ours is None or theirs is None:
        return None if type(yours) is type(expected) else f"Expected {_kind(expected)}, got {_kind(yours)}."
    if theirs.shape != ours.shape:
        return f"Your result has shape {theirs.shape}, expected {ours.shape}."
    if theirs.dtype.kind in "fc" and not np.isfinite(theirs).all() and np.isfinite(ours).all():
        return f"Your result has {np.sum(~np.isfinite(theirs))} entries that are NaN or infinite."
    return None


def _kind(value) -> str:
    array = as_array(value)
    if array is not None:
        return f"an array of shape {array.shape}" if array.shape else "a number"
    return {list: "a list", tuple: "a tuple", str: "a text", dict: "a dictionary"}.get(
        type(value), f"a {type(value).__name__}"
    )


def first_difference(yours, expected, rtol: float, atol: float, path: str = "") -> tuple[str, object, object]:
    """Return (where, yours, expected) for the first entry that differs; where is '' for a single number."""
    if isinstance(expected, dict) and isinstance(yours, dict) and yours.keys() == expected.keys():
        for key in expected:
            if not same(yours[key], expected[key], rtol, atol):
                return first_difference(yours[key], expected[key], rtol, atol, f"{path}[{key!r}]")
    if isinstance(expected, (list, tuple)) and _is_sequence(yours) and len(yours) == len(expected):
        for place, (y, e) in enumerate(zip(yours, expected, strict=True)):
            if not same(y, e, rtol, atol):
                return first_difference(y, e, rtol, atol, f"{path}[{place}]")
    theirs, ours = as_array(yours), as_array(expected)
    if theirs is not None and ours is not None and theirs.shape == ours.shape and ours.ndim:
        wrong = np.argwhere(~np.isclose(theirs, ours, rtol, atol))[0]
        where = path + str([int(i) for i in wrong])
        return where, theirs[tuple(wrong)], ours[tuple(wrong)]
    return path, yours, expected


def nearly(yours, expected, terms: dict[str, object], rtol: float, atol: float) -> str | None:
    """Name the small change that would make a wrong answer right (sign, factor, offset, order, a missing term)."""
    if isinstance(expected, (list, tuple)) and _is_sequence(yours) and len(yours) == len(expected):
        parts = [
            (place, y, e)
            for place, (y, e) in enumerate(zip(yours, expected, strict=True))
            if not same(y, e, rtol, atol)
        ]
        said = nearly(parts[0][1], parts[0][2], {}, rtol, atol) if len(parts) == 1 else None
        return said and f"In result[{parts[0][0]}]: {said}"
    theirs, ours = as_array(yours), as_array(expected)
    if theirs is None or ours is None or ours.size == 0 or not np.isfinite(theirs).all():
        return None
    for sentence, fits in _transformations(theirs.astype(float), ours.astype(float), terms):
        if fits(rtol, atol):
            return sentence
    return None


def _transformations(yours, expected, terms) -> Iterator[tuple[str, Callable]]:
    close = np.allclose
    if yours.T.shape == expected.shape and yours.ndim > 1:
        yield "Your result is the transpose of the right one.", lambda r, a: close(yours.T, expected, r, a)
    if yours.shape != expected.shape:
        return
    yield "Every entry has the wrong sign.", lambda r, a: close(-yours, expected, r, a)
    for name, term in terms.items():
        yield (
            f"{name[0].upper()}{name[1:]} is missing.",
            lambda r, a, t=term: close(yours + t, expected, r, a),
        )
        yield (
            f"{name[0].upper()}{name[1:]} is counted twice.",
            lambda r, a, t=term: close(yours - t, expected, r, a),
        )
    if expected.size > 1 and np.abs(expected).max() > 0:
        factor = float((yours * expected).sum() / (expected**2).sum())
        yield (
            f"Every entry is {factor:.4g} times the right one: a sum for a mean, or a factor too many?",
            lambda r, a: abs(factor) > 1e-9 and close(yours, factor * expected, r, a),
        )
        offset = float((yours - expected).flat[0])
        yield (
            f"Every entry is off by the same {offset:.4g}.",
            lambda r, a: close(yours - offset, expected, r, a),
        )
    if expected.ndim and len(expected) > 2:
        yield (
            "Your entries are right but one place too late.",
            lambda r, a: close(yours[1:], expected[:-1], r, a),
        )
        yield (
            "Your entries are right but one place too early.",
            lambda r, a: close(yours[:-1], expected[1:], r, a),
        )

"""Task of unit 22: refuse what the model has not been trained for (validate_input)."""

import numpy as np

from introdl.checks.task import BadAnswer, Task
from introdl.checks.variant import changed


def inputs(rng):
    low, high = np.array([0, -1, 10], dtype=np.float32), np.array([1, 1, 20], dtype=np.float32)
    good = np.array([[0.5, 0, 12], [0.25, -0.5, 19]], dtype=np.float32)
    yield good, low, high
    yield np.stack([low, high]), low, high  # the ends belong to it
    yield good[:1], low, high
    yield good.tolist(), low, high
    yield good.astype(np.float64), low, high
    yield np.array([[1, 0, 12]]), low, high
    yield good[0], low, high
    yield good[:, :2], low, high
    yield good[:, [0, 1, 2, 2]], low, high
    yield good[:0], low, high
    yield good.reshape(2, 3, 1), low, high
    for place, value in [((0, 0), np.nan), ((1, 2), np.nan), ((1, 1), np.inf), ((0, 2), -np.inf), ((1, 0), 1.5)]:
        yield _with(good, {place: value}), low, high
    yield _with(good, {(0, 1): -1.25}), low, high
    yield _with(good, {(1, 0): 5, (1, 2): np.nan}), low, high
    yield _with(good, {(0, 2): np.nan, (1, 0): -1}), low, high
    yield good * np.float32(255), low, high
    D = 5
    low = rng.normal(size=D).astype(np.float32)
    high = low + rng.uniform(1, 2, size=D).astype(np.float32)
    many = (low + (high - low) * rng.uniform(0.1, 0.9, size=(8, D))).astype(np.float32)
    yield many, low, high
    for value in (np.nan, 1e6, -1e6):
        yield _with(many, {(int(rng.integers(8)), int(rng.integers(D))): value}), low, high


def _with(X, values):
    X = X.copy()
    for place, value in values.items():
        X[place] = value
    return X


def outcome(answer, X, low, high):
    """What comes of an input: accepted as it is, or refused by which error, and whether it names the entry."""
    try:
        value = answer(X, low, high)
    except NotImplementedError:
        raise
    except (TypeError, ValueError) as error:
        kind = "TypeError" if isinstance(error, TypeError) else "ValueError"
        place = _first_bad(X, low, high)
        said = "no entry to name" if place is None else f"names X[{place[0]}, {place[1]}]"
        missing = place is not None and f"X[{place[0]}, {place[1]}]" not in str(error)
        return {"outcome": kind, "message": "does not name the entry" if missing else said}
    except AssertionError:
        raise BadAnswer(
            "You use assert. Python leaves assertions out when it runs with -O: in a program that others use, raise "
            "TypeError or ValueError."
        ) from None
    if (
        not isinstance(value, np.ndarray)
        or value.dtype.kind not in "biuf"
        or not np.array_equal(value, X, equal_nan=True)
    ):
        return {"outcome": "accepted", "message": "returns something else than X"}
    return {"outcome": "accepted", "message": "returns X"}


def _first_bad(X, low, high):
    if not isinstance(X, np.ndarray) or X.dtype != np.float32 or X.shape[1:] != low.shape:
        return None
    for row in range(len(X)):
        for column in range(X.shape[1]):
            if not low[column] <= X[row, column] <= high[column]:  # NaN is in no range
                return row, column
    return None


def by_rule(X, low, high):
    if not isinstance(X, np.ndarray) or X.dtype != np.float32:
        return {"outcome": "TypeError", "message": "no entry to name"}
    if X.ndim != 2 or X.shape[1] != len(low) or len(X) == 0:
        return {"outcome": "ValueError", "message": "no entry to name"}
    place = _first_bad(X, low, high)
    if place is None:
        return {"outcome": "accepted", "message": "returns X"}
    return {"outcome": "ValueError", "message": f"names X[{place[0]}, {place[1]}]"}


validate_input = Task(
    "validate_input",
    ("X", "low", "high"),
    inputs,
    by_rule,
    run=outcome,
    hints=(
        "Three questions in this order: is it an array of float32? Has it the right shape? Is every entry a number in "
        "its range? Each has its own error.",
        "NaN is neither below low nor above high: comparisons with NaN are False. So ask what is *inside*, and turn "
        "that round: bad = ~((X >= low) & (X <= high)). np.argwhere(bad)[0] is the first place.",
        "if bad.any(): row, column = np.argwhere(bad)[0]; raise ValueError(f'X[{row}, {column}] is ..., expected "
        "... to ...'); and at the very end: return X",
    ),
)


def _checked(
    X,
    low,
    high,
    *,
    kinds=(np.float32,),
    convert=False,
    shape=lambda X, low: X.ndim == 2 and X.shape[1] == len(low) and len(X) > 0,
    bad=lambda X, low, high: ~((low <= X) & (high >= X)),
    place=lambda wrong: np.argwhere(wrong)[0],
    wrong_kind=TypeError,
    wrong_value=ValueError,
    said=lambda row, column: f"X[{row}, {column}]",
    repair=False,
    result=lambda X: X,
):
    """The check with one thing done differently; the mistakes below say which."""
    if convert:
        X = np.asarray(X, dtype=np.float32)
    if not isinstance(X, np.ndarray) or not (kinds is None or X.dtype in kinds):
        raise wrong_kind("X is no array of float32")
    if not shape(X, low):
        raise ValueError(f"X has shape {X.shape}")
    wrong = bad(X, low, high)
    if wrong.any() and repair:
        return np.nan_to_num(X).clip(low, high)
    if wrong.any():
        row, column = place(wrong)
        raise wrong_value(f"{said(row, column)} is not in its range")
    return result(X)


for _sentence, _answer in {
    "NaN passes. It is neither below nor above anything, since comparisons with NaN are False: ask for what is inside "
    "the range, and refuse the rest.": changed(_checked, "nan_passes", bad=lambda X, low, high: (low > X) | (high < X)),
    "Only NaN and infinity are refused; a number out of its range passes, such as a value in the wrong unit.": changed(
        _checked, "only_nan", bad=lambda X, low, high: ~np.isfinite(X)
    ),
    "The ends of a range belong to it: low <= X <= high.": changed(
        _checked, "without_the_ends", bad=lambda X, low, high: ~((low < X) & (high > X))
    ),
    "You compare with one range for all columns. Each column has its own: low and high broadcast over the "
    "rows.": changed(_checked, "one_range", bad=lambda X, low, high: ~((low.min() <= X) & (high.max() >= X))),
    "You convert what comes. A list or an array of another type is a sign that the caller means something else: refuse "
    "it with a TypeError.": changed(_checked, "converts", convert=True),
    "Any array of numbers passes; float32 is what the model was trained with.": changed(
        _checked, "any_dtype", kinds=None
    ),
    "You raise a ValueError for the wrong kind. Kind and dtype: TypeError. Shape and values: ValueError.": changed(
        _checked, "value_error_for_kind", wrong_kind=ValueError
    ),
    "You raise a TypeError for a wrong value. Kind and dtype: TypeError. Shape and values: ValueError.": changed(
        _checked, "type_error_for_value", wrong_value=TypeError
    ),
    "You repair bad values in silence. The model then answers a question that nobody has asked: refuse them.": changed(
        _checked, "repairs", repair=True
    ),
    "Only the number of columns is looked at, so something without rows, or with a third axis, passes or breaks later. "
    "Ask for two axes and at least one row.": changed(
        _checked,
        "columns_only",
        shape=lambda X, low: X.ndim > 1 and X.shape[1] == len(low),
        bad=lambda X, low, high: ~((low <= X) & (high >= X)) if X.ndim == 2 else np.zeros(1, dtype=bool),
    ),
    "Your message does not name the entry. Whoever reads it wants to know where to look: X[row, column].": changed(
        _checked, "no_place", said=lambda row, column: "a value"
    ),
    "Your message names the last bad entry; name the first one in reading order.": changed(
        _checked, "last_place", place=lambda wrong: np.argwhere(wrong)[-1]
    ),
    "Row and column are swapped in your message.": changed(
        _checked, "swapped", said=lambda row, column: f"X[{column}, {row}]"
    ),
    "Where all is well you return True; return X.": changed(_checked, "returns_true", result=lambda X: True),
}.items():
    validate_input.mistake(_sentence)(_answer)

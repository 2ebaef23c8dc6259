"""Names of the world's regions, languages and currencies in two languages: `introdl.data` is the door."""

import re

import numpy as np

CODES = {"French": "fr", "German": "de", "Spanish": "es", "Italian": "it"}  # as CLDR calls them
KINDS = ("territories", "languages", "currencies")
LONGEST, NUM_VAL, NUM_TEST = 6, 50, 150  # words of a name at most; names to validate and to test


def pairs(target: str) -> list[tuple[str, str]]:
    """Return pairs of names, small letters, punctuation left out; no name comes twice, in neither language."""
    if target not in CODES:
        raise ValueError(f"target is {target!r}, expected one of {', '.join(CODES)}")
    try:
        from babel import Locale
    except ImportError as error:
        raise ImportError("world_names needs the package babel: pip install babel") from error
    english, other = Locale("en"), Locale(CODES[target])
    found: dict[str, str] = {}
    for kind in KINDS:
        theirs = getattr(other, kind)
        for code, name in sorted(getattr(english, kind).items()):
            if code in theirs and not re.search(r"\d", name + theirs[code]):  # years of old currencies
                found.setdefault(_plain(name), _plain(theirs[code]))
    once = {there: here for here, there in reversed(found.items())}
    return sorted(
        (here, there) for there, here in once.items() if max(map(len, (here.split(), there.split()))) <= LONGEST
    )


def parts(target: str, rng: np.random.Generator) -> tuple[tuple[list[str], list[str]], ...]:
    """Return (sources, targets) to train on, to validate and to test."""
    all_pairs = pairs(target)
    val, test, train = np.split(rng.permutation(len(all_pairs)), [NUM_VAL, NUM_VAL + NUM_TEST])
    return tuple(tuple(map(list, zip(*(all_pairs[i] for i in part), strict=True))) for part in (train, val, test))


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[\w’'.]+", name.lower().replace("(", " ").replace(")", " ")))

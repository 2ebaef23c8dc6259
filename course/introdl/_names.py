"""Surnames of twelve languages, and how a batch of them becomes numbers: `introdl.data` is the door."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

import numpy as np

LISTS = {  # language → module of faker, and the list in it
    "Croatian": ("hr_HR", "last_names"),
    "Dutch": ("nl_NL", "last_names"),
    "English": ("en_GB", "last_names"),
    "Finnish": ("fi_FI", "last_names"),
    "French": ("fr_FR", "last_names"),
    "German": ("de_DE", "last_names"),
    "Irish": ("ga_IE", "last_names"),
    "Italian": ("it_IT", "last_names"),
    "Slovak": ("sk_SK", "last_names_male"),  # the feminine forms are the same names with -ová
    "Spanish": ("es_ES", "last_names"),
    "Swedish": ("sv_SE", "last_names"),
    "Zulu": ("zu_ZA", "last_names"),
}
NUM_VAL, NUM_TEST, MOST = 40, 70, 400  # names of a language to validate, to test, and at most to train on
LETTERS = "abcdefghijklmnopqrstuvwxyzßàáâäåçćčďđèéêëìíîïĺľñňòóôöŕšťùúûüýž '-"
LONGEST = 20


@lru_cache
def surnames() -> dict[str, list[list[str]]]:
    """Return each language's surnames in groups that share their last word, both in the order of the alphabet.

    A name that two languages have, with or without accents, belongs to neither. Raises ImportError without faker.
    """
    own = {language: _read(*where) for language, where in LISTS.items()}
    bare = {language: {_bare(name) for name in names} for language, names in own.items()}
    found = {}
    for language, names in own.items():
        others = set().union(*(bare[other] for other in bare if other != language))
        groups: dict[str, list[str]] = {}
        for name in sorted(names):
            if _bare(name) not in others:
                groups.setdefault(_bare(name).split()[-1], []).append(name)
        found[language] = list(groups.values())
    return found


def parts(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return names and labels to train on, to validate and to test; a group of names stays in one part."""
    names: list[list[str]] = [[], [], []]
    labels: list[list[int]] = [[], [], []]
    for label, groups in enumerate(surnames().values()):
        left = [groups[place] for place in rng.permutation(len(groups))]
        for part, count in ((1, NUM_VAL), (2, NUM_TEST), (0, MOST)):
            taken = _taken(left, count)
            names[part] += taken
            labels[part] += [label] * len(taken)
    orders = [rng.permutation(len(part)) for part in names]
    return [(np.array(names[k])[order], np.array(labels[k])[order]) for k, order in enumerate(orders)]


def _taken(groups: list[list[str]], count: int) -> list[str]:
    """Take groups from the front until there are `count` names, or all; the last group's surplus is left out."""
    names: list[str] = []
    while groups and len(names) < count:
        names += groups.pop(0)
    return names[:count]


def _read(locale: str, attribute: str) -> set[str]:
    """Return the surnames of one of faker's lists that LETTERS can write, in small letters."""
    if find_spec("faker") is None:
        raise ImportError("names needs the package faker: pip install faker")
    listed = getattr(import_module(f"faker.providers.person.{locale}").Provider, attribute)
    names = {unicodedata.normalize("NFC", name).strip().lower() for name in listed}
    return {name for name in names if 2 <= len(name) <= LONGEST and set(name) <= set(LETTERS)}


def _bare(name: str) -> str:
    """Return the name without accents (in this form they are characters of their own), ß as ss."""
    apart = unicodedata.normalize("NFD", name.replace("ß", "ss"))
    return "".join(character for character in apart if not unicodedata.combining(character))


def one_hot(names: Sequence[str], letters: str) -> tuple[np.ndarray, np.ndarray]:
    """Return X (N, T, V) float32 and lengths (N,) int64; see `introdl.data.one_hot_names`."""
    places = {letter: v for v, letter in enumerate(letters)}
    if isinstance(names, str) or not len(names):
        raise ValueError(f"names is {names!r}, expected a list of at least one name")
    for n, name in enumerate(names):
        if not isinstance(name, str) or not name:
            raise ValueError(f"names[{n}] is {name!r}, expected a text of at least one letter")
        strange = next((letter for letter in name if letter not in places), None)
        if strange is not None:
            raise ValueError(f"names[{n}] is {name!r} with the character {strange!r}, expected those of letters")
    lengths = np.array([len(name) for name in names])
    X = np.zeros((len(names), lengths.max(), len(letters)), np.float32)
    for n, name in enumerate(names):
        X[n, np.arange(len(name)), [places[letter] for letter in name]] = 1
    return X, lengths

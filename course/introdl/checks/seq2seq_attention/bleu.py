"""Task of unit 17: how close translations are to those of a person (bleu)."""

import math
from collections import Counter

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed

WORDS = ["un", "deux", "dix", "cent", "mille", "et", "vingts", "trente"]


def noisy(rng, reference, *, longer=0, shorter=0):
    """A translation with a few wrong, missing and repeated words."""
    said = [str(rng.choice(WORDS)) if rng.random() < 0.12 else word for word in reference]
    said = said[: len(said) - shorter]
    return said + said[:longer]


def corpora(rng):
    yield [["a", "b", "c", "d", "e"]], [["a", "b", "c", "d", "e"]]
    yield [["a", "b", "c", "d"]], [["a", "b", "c", "d", "e", "f"]]  # all right, and too short
    yield [["a", "b", "c", "d", "x"]], [["a", "b", "c", "d", "e"]]  # 4/5, 3/4, 2/3, 1/2
    yield [["a", "a", "a", "b", "c", "d"]], [["a", "b", "c", "d", "e", "f"]]  # one a too many, and another
    for num, longer, shorter in [(1, 0, 0), (3, 0, 0), (4, 0, 2), (4, 3, 0), (5, 2, 1), (6, 0, 3)]:
        references = [[str(w) for w in rng.choice(WORDS, size=int(rng.integers(6, 12)))] for _ in range(num)]
        references[0][-5:] = ["un", "mille", "deux", "cent", "dix"]
        said = [noisy(rng, r, longer=longer, shorter=shorter) for r in references]
        said[0][:5] = references[0][:5]
        yield said, references
    yield [["a", "b", "c"], ["a", "b", "c", "d", "e"]], [["a", "b", "c"], ["a", "b", "c", "d", "x"]]  # one has no four
    yield [["a", "b", "x", "d"]], [["a", "b", "c", "d"]]  # no run of four is right
    yield [[], ["a", "b", "c", "d", "e"]], [["z"], ["a", "b", "c", "d", "e"]]


def by_crossing_out(said, references):
    """Cross each run of words out of its reference as it is found, so that none counts twice."""
    precisions = []
    for n in (1, 2, 3, 4):
        right = total = 0
        for ours, theirs in zip(said, references, strict=True):
            left = [theirs[i : i + n] for i in range(len(theirs) - n + 1)]
            for i in range(len(ours) - n + 1):
                total += 1
                if ours[i : i + n] in left:
                    left.remove(ours[i : i + n])
                    right += 1
        precisions.append(right / total if total else 0.0)
    if min(precisions) == 0:
        return 0.0
    c, r = sum(len(s) for s in said), sum(len(s) for s in references)
    return 100 * math.prod(precisions) ** 0.25 * (1.0 if c >= r else math.exp(1 - r / c))


bleu = Task(
    "bleu",
    ("said", "references"),
    corpora,
    by_crossing_out,
    hints=(
        "First one n: count the runs of n words of each translation, and how many of them its reference has. Add both "
        "numbers over all sentences, then divide.",
        "Counter(tuple(words[i:i + n]) for i in range(len(words) - n + 1)) counts the runs of a sentence. a & b of two "
        "Counters keeps the smaller count of each: that is the clipping. (…).total() adds up.",
        "for n in (1, 2, 3, 4): matches, total = …, …; if matches == 0: return 0.0; log_mean += np.log(matches / "
        "total) / 4. Then 100 * np.exp(log_mean + min(0, 1 - r / c)), with c and r the numbers of words.",
    ),
)


def _runs(words, n):
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _bleu(
    said,
    references,
    *,
    orders=(1, 2, 3, 4),
    clip=True,
    brevity=lambda c, r: math.exp(min(0.0, 1 - r / c)),
    mean=lambda p: math.prod(p) ** (1 / len(p)),
    against="said",
    scale=100.0,
    sets=False,
):
    """The score with one thing done differently; the mistakes below say which."""
    precisions = []
    for n in orders:
        right = total = 0
        for ours, theirs in zip(said, references, strict=True):
            a, b = _runs(ours, n), _runs(theirs, n)
            a, b = (Counter(set(a)), Counter(set(b))) if sets else (a, b)
            right += (a & b).total() if clip else sum(count for run, count in a.items() if run in b)
            total += (a if against == "said" else b).total()
        precisions.append(right / total if total else 0.0)
    if min(precisions) == 0:
        return 0.0
    return scale * mean(precisions) * brevity(sum(map(len, said)), sum(map(len, references)))


def of_each_sentence(said, references):
    scores = [_bleu([s], [r]) if s else 0.0 for s, r in zip(said, references, strict=True)]
    return float(np.mean(scores))


def by_place(said, references):
    """Words at the same place."""
    right = sum(
        a == b for ours, theirs in zip(said, references, strict=True) for a, b in zip(ours, theirs, strict=False)
    )
    return 100.0 * right / max(1, sum(map(len, said)))


def logarithm_of_zero(said, references):
    with np.errstate(all="ignore"):
        precisions = []
        for n in (1, 2, 3, 4):
            right = sum((_runs(a, n) & _runs(b, n)).total() for a, b in zip(said, references, strict=True))
            precisions.append(right / sum(_runs(a, n).total() for a in said))
        c, r = sum(map(len, said)), sum(map(len, references))
        floor = np.maximum(precisions, 1e-9)
        return float(100 * np.exp(np.log(floor).mean() + min(0.0, 1 - r / c)))


for _sentence, _answer in {
    "The brevity penalty is missing: who says little and only what is sure would win. Multiply by exp(1 - r / c) where "
    "c < r.": changed(_bleu, "no_brevity", brevity=lambda c, r: 1.0),
    "Your brevity penalty is the wrong way round: it is exp(1 - r / c), with c the words of the translations.": changed(
        _bleu, "brevity_inverted", brevity=lambda c, r: math.exp(min(0.0, 1 - c / r))
    ),
    "Translations that are too long get a bonus: the penalty is at most 1. Use it only where c < r.": changed(
        _bleu, "bonus", brevity=lambda c, r: math.exp(1 - r / c)
    ),
    "Your penalty is c / r. BLEU's is exp(1 - r / c).": changed(_bleu, "ratio", brevity=lambda c, r: min(1.0, c / r)),
    "The clipping is missing: a word that is said four times counts four times, even if the reference has it once. "
    "Count a run at most as often as its reference has it.": changed(_bleu, "no_clipping", clip=False),
    "You count which runs come, not how often. Use counts, clipped by those of the reference.": changed(
        _bleu, "sets", sets=True
    ),
    "You score each sentence and take the mean. BLEU adds matches and totals over all sentences, then "
    "divides.": of_each_sentence,
    "You take the ordinary mean of the four precisions. It is the geometric one: the fourth root of their "
    "product.": changed(_bleu, "arithmetic", mean=lambda p: sum(p) / len(p)),
    "You multiply the four precisions. The geometric mean takes the fourth root.": changed(
        _bleu, "product", mean=math.prod
    ),
    "You divide by the runs of the references: that is recall. Precision divides by those of the "
    "translations.": changed(_bleu, "recall", against="references"),
    "Only single words are compared, so their order does not matter. Use runs of 1, 2, 3 and 4 words.": changed(
        _bleu, "words_only", orders=(1,)
    ),
    "Only runs of four words are compared. Use runs of 1, 2, 3 and 4, and the geometric mean.": changed(
        _bleu, "fours_only", orders=(4,)
    ),
    "Runs of four words are missing: range(1, 4) ends at 3.": changed(_bleu, "up_to_three", orders=(1, 2, 3)),
    "Your scale is 0 to 1. The score asked for goes from 0 to 100 (a convention).": changed(
        _bleu, "scale_one", scale=1.0
    ),
    "You compare words at the same place. One word too many at the start would make all others wrong; count runs, "
    "wherever they are.": by_place,
    "Where no run of n words is right, the score is 0. You put a small number there (smoothing, which is not asked "
    "for).": logarithm_of_zero,
}.items():
    bleu.mistake(_sentence)(_answer)

"""Task of unit 12: which augmentations tell the truth, and help."""

from statistics import mean

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed

CHANGES = ("move", "turn", "mirror", "erase", "zoom", "half turn")


def case(rng, N, wrong, scores):
    """Labels; what people read after each change, with so many of N read differently; validation accuracies."""
    labels, seen_as = rng.integers(0, 10, size=N), {}
    for name, count in wrong.items():
        answers = labels.copy()
        at = rng.permutation(N)[:count]
        answers[at] = (answers[at] + 1 + rng.integers(0, 9, size=count)) % 10
        seen_as[name] = answers
    return labels, seen_as, scores


def findings(rng):
    # accuracies in 32nds: their means are exact
    scores = {
        "nothing": [0.875, 0.875, 0.84375, 0.90625],
        "move": [0.9375, 0.90625, 0.875, 0.9375],
        "mirror": [0.96875, 0.96875, 0.9375, 0.96875],
    }
    yield case(rng, 100, {"move": 0, "mirror": 40}, scores)
    yield case(rng, 100, {"mirror": 1, "move": 2}, scores)  # one in a hundred is still the truth, two are not
    scores = {
        "nothing": [0.75, 1.0],
        "move": [0.875, 1.0],
        "turn": [1.0, 0.75],
        "erase": [0.5, 1.0],
        "zoom": [0.96875, 0.96875],
    }
    yield case(rng, 200, {"zoom": 2, "move": 1, "turn": 0, "erase": 0}, scores)
    yield case(rng, 50, {"move": 1, "turn": 1}, {"nothing": [0.5], "move": [0.75], "turn": [0.75]})
    for _ in range(4):
        names = [str(name) for name in rng.permutation(CHANGES)[: rng.integers(3, 7)]]
        wrong = {name: int(rng.choice([0, 1, 2, 3, 30])) for name in names}
        order = rng.permutation(len(names))
        means = {names[k]: 0.5 + (place + 1) / 32 for place, k in enumerate(order)}
        scores = {name: [value - 1 / 64, value + 1 / 64] for name, value in means.items()}
        yield case(rng, 200, wrong, {"nothing": [0.5 + 2 / 32 + 1 / 64] * 2, **scores})


def by_sets(y, seen_as, val_accuracy):
    true = {
        name
        for name, answers in seen_as.items()
        if 100 * sum(a != b for a, b in zip(y, answers, strict=True)) <= len(y)
    }
    level = mean(val_accuracy["nothing"])
    left = [(-mean(val_accuracy[name]), name) for name in true if mean(val_accuracy[name]) > level]
    return [name for _, name in sorted(left)]


choose_changes = Task(
    "choose_changes",
    ("y", "seen_as", "val_accuracy"),
    findings,
    by_sets,
    hints=(
        "Two questions for each change: does it tell the truth, and does it help? Then sort what is left.",
        "It tells the truth if np.mean(seen_as[name] != y) is at most 0.01. It helps if the mean of its accuracies is "
        "above the mean of those of 'nothing'.",
        "kept = [name for name in seen_as if np.mean(... != y) <= 0.01 and np.mean(val_accuracy[name]) > ...]; return "
        "sorted(kept, key=lambda name: np.mean(...), reverse=...)",
    ),
)


def _choose(
    y,
    seen_as,
    val_accuracy,
    *,
    true=lambda share: share <= 0.01,
    helps=lambda score, level: score > level,
    score=mean,
    order=lambda names, score: sorted(names, key=score, reverse=True),
):
    """The choice with one thing done differently; the mistakes below say which."""
    level = score(val_accuracy["nothing"])
    kept = [
        name
        for name, answers in seen_as.items()
        if true(float(np.mean(answers != y))) and helps(score(val_accuracy[name]), level)
    ]
    return order(kept, lambda name: score(val_accuracy[name]))


for _sentence, _answer in {
    "You keep changes after which people read other labels. However much one seems to help, a change that lies is out: "
    "np.mean(seen_as[name] != y) <= 0.01.": changed(_choose, "lies_kept", true=lambda share: True),
    "One picture in a hundred may be read differently: at most 0.01, not below it.": changed(
        _choose, "strictly_below", true=lambda share: share < 0.01
    ),
    "You drop every change that anybody reads differently even once. At most one in a hundred is allowed.": changed(
        _choose, "no_error_allowed", true=lambda share: share == 0
    ),
    "You keep what lies and drop what tells the truth: the comparison is the wrong way round.": changed(
        _choose, "only_lies", true=lambda share: share > 0.01
    ),
    "You keep changes that do not help. Compare with the mean accuracy of 'nothing'.": changed(
        _choose, "useless_kept", helps=lambda score, level: True
    ),
    "You go by the best run of each change. One lucky seed says little: compare means.": changed(
        _choose, "best_run", score=max
    ),
    "You go by the worst run of each change. Compare means (a convention; cautious people look at the worst, "
    "too).": changed(_choose, "worst_run", score=min),
    "You go by the first run of each change. Compare the means of all.": changed(
        _choose, "first_run", score=lambda scores: scores[0]
    ),
    "The order is the wrong way round: the most accurate comes first (reverse=True).": changed(
        _choose, "worst_first", order=lambda names, score: sorted(names, key=score)
    ),
    "You return the changes in the order in which they came. Sort them, the most accurate first.": changed(
        _choose, "unsorted", order=lambda names, score: names
    ),
    "You return the changes in the order of the alphabet. Sort by mean accuracy: sorted(..., key=...).": changed(
        _choose, "alphabet", order=lambda names, score: sorted(names)
    ),
    "You return the best change alone. Return all that are true and help, as a list.": changed(
        _choose, "best_only", order=lambda names, score: sorted(names, key=score, reverse=True)[:1]
    ),
}.items():
    choose_changes.mistake(_sentence)(_answer)

"""Task of unit 16: read a path of classes."""

from itertools import groupby

import numpy as np

from introdl.checks.task import Task


def paths(rng):
    yield (np.array([0, 3, 3, 0, 3, 1, 1]),)
    yield (np.array([2, 2, 2]),)
    yield (np.array([0, 0]),)
    yield (np.array([1, 0, 1, 1, 0, 0, 1]),)
    for T in (1, 6, 12, 25):
        yield (rng.choice([0, 0, 1, 1, 2, 3], size=T),)
    yield (np.array([], dtype=int),)


def run_by_run(path):
    return np.array([key for key, _ in groupby(path.tolist()) if key != 0], dtype=int)


ctc_collapse = Task(
    "ctc_collapse",
    ("path",),
    paths,
    run_by_run,
    hints=(
        "Two steps, and their order matters: first make each run of one class a single one, then drop the blanks.",
        "A class is new where it differs from the one before it in the path; the first one is always new.",
        "said = [c for t, c in enumerate(path) if (t == 0 or c != ...) and c != ...]; return np.array(said, dtype=int)",
    ),
)


@ctc_collapse.mistake(
    "You drop the blanks first and the repeats then. So a class that is really said twice, with a blank between, is "
    "said once. Repeats first, blanks then."
)
def blanks_first(path):
    left = path[path != 0]
    return left[np.append(True, left[1:] != left[:-1])[: len(left)]]


@ctc_collapse.mistake("Repeats stay. Each run of one class is said once.")
def repeats_stay(path):
    return path[path != 0]


@ctc_collapse.mistake("Blanks stay. After the repeats, drop all zeros.")
def blanks_stay(path):
    return path[np.append(True, path[1:] != path[:-1])[: len(path)]]


@ctc_collapse.mistake("You keep each class once in all. Only *neighbours* that are equal are one.")
def once_in_all(path):
    return np.array([c for c in dict.fromkeys(path.tolist()) if c != 0], dtype=int)


@ctc_collapse.mistake("You sort the classes (np.unique does). Their order is what was said.")
def sorted_classes(path):
    return np.unique(path[path != 0])


@ctc_collapse.mistake("The first class is lost: it has none before it and is always new.")
def first_lost(path):
    new = np.append(False, path[1:] != path[:-1])[: len(path)]
    return path[new & (path != 0)]

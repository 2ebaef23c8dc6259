"""Task of unit 19: how many modes a forger reaches, and how well (modes_covered)."""

import math

import numpy as np

from introdl.checks.task import Task


def cases(rng):
    centers = np.array([[0.0, 0.0], [10.0, 0.0]])
    yield np.array([[0.1, 0.0], [0.0, -0.2], [9.9, 0.1], [5.0, 0.0]]), centers, 0.5, 2
    for num_modes, num_samples, least in ((3, 30, 5), (8, 60, 4), (5, 40, 6)):
        centers = rng.normal(0, 4, size=(num_modes, 2))
        places = rng.integers(num_modes - 1, size=num_samples)  # one mode is never reached
        samples = centers[places] + rng.normal(0, 0.6, size=(num_samples, 2))
        yield samples, centers, 0.4, least
    yield rng.normal(0, 0.1, size=(12, 3)), np.stack([np.zeros(3), np.ones(3) * 0.4]), 0.3, 4  # modes that overlap
    yield np.array([[5.0, 5.0], [6.0, 6.0]]), np.array([[0.0, 0.0]]), 0.5, 1  # near nothing
    yield np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([[0.0, 0.0]]), 0.5, 2  # exactly 2 = 4 · 0.5 away


def one_by_one(samples, centers, std, least):
    counts = [0] * len(centers)
    for sample in samples:
        distances = [math.dist(sample, center) for center in centers]
        if min(distances) <= 4 * std:
            counts[distances.index(min(distances))] += 1
    return sum(count >= least for count in counts), sum(counts) / len(samples)


def _counted(samples, centers, std, least, *, within=4, squared=False, closest=True, strict=False):
    """Count with one thing done differently; the mistakes below say which."""
    distances = np.linalg.norm(samples[:, None] - centers, axis=2)
    limit = within * std
    if squared:
        distances = distances**2
    nearest = distances.min(axis=1)
    near = nearest < limit if strict else nearest <= limit
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(centers))
    if not closest:
        counts = (distances <= limit).sum(axis=0)
    return int((counts >= least).sum()), float(near.mean()), counts, distances, near


modes_covered = Task(
    "modes_covered",
    ("samples", "centers", "std", "least"),
    cases,
    one_by_one,
    hints=(
        "First all distances between samples and centers, as an array of shape (N, K).",
        "For each sample: how far is the closest center, and which one is it? Near means at most 4 · std. Then count "
        "the near samples of each center.",
        "distances = np.linalg.norm(samples[:, None] - centers, axis=2); near = distances.min(axis=1) <= 4 * std; "
        "counts = np.bincount(distances.argmin(axis=1)[near], minlength=...)",
    ),
)


@modes_covered.mistake(
    "A mode that one sample reached counts for you. It counts from `least` samples on: a few stray ones are no mode."
)
def any_sample(samples, centers, std, least):
    return _counted(samples, centers, std, 1)[:2]


@modes_covered.mistake("A mode needs more than `least` samples for you. From `least` on, it counts (>=).")
def more_than_least(samples, centers, std, least):
    return _counted(samples, centers, std, least + 1)[:2]


@modes_covered.mistake("You counted within one standard deviation. Near means at most four.")
def one_std(samples, centers, std, least):
    return _counted(samples, centers, std, least, within=1)[:2]


@modes_covered.mistake("You compared squared distances with 4 · std. Take the root, or compare with (4 · std)².")
def squared(samples, centers, std, least):
    return _counted(samples, centers, std, least, squared=True)[:2]


@modes_covered.mistake("You compared the largest distance of a sample. It is near if its closest center is near.")
def farthest(samples, centers, std, least):
    counts, distances = _counted(samples, centers, std, least)[2:4]
    return int((counts >= least).sum()), float((distances.max(axis=1) <= 4 * std).mean())


@modes_covered.mistake(
    "All samples count for their closest center, also those far from it: then noise covers every mode. Only the near "
    "ones count."
)
def all_count(samples, centers, std, least):
    found = _counted(samples, centers, std, least)
    counts = np.bincount(found[3].argmin(axis=1), minlength=len(centers))
    return int((counts >= least).sum()), found[1]


@modes_covered.mistake(
    "Where modes overlap, a sample counts for several of yours. It belongs to its closest center alone."
)
def several(samples, centers, std, least):
    return _counted(samples, centers, std, least, closest=False)[:2]


@modes_covered.mistake("Your second result is the number of near samples. Asked for is their share.")
def number_for_share(samples, centers, std, least):
    covered, share = _counted(samples, centers, std, least)[:2]
    return covered, share * len(samples)


@modes_covered.mistake(
    "Your second result is the share of modes covered. Asked for is the share of samples near a mode."
)
def share_of_modes(samples, centers, std, least):
    covered = _counted(samples, centers, std, least)[0]
    return covered, covered / len(centers)


@modes_covered.mistake("A sample at a distance of exactly 4 · std counts as near (a convention): <=, not <.")
def strictly(samples, centers, std, least):
    return _counted(samples, centers, std, least, strict=True)[:2]

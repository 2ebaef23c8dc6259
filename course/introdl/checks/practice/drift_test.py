"""Task of unit 22: is it drift, or chance? (drift_test)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def streams(rng):
    yield np.array([1.0, 2.0, 3.0]), np.array([2.5, 4.0]), 5, 0
    for n, m, shift, scale in [(10, 10, 0, 1), (30, 12, 0.8, 1), (8, 20, 0, 3), (25, 25, 3, 1), (15, 6, -1.5, 1)]:
        reference = rng.normal(size=n).round(1)
        live = (rng.normal(size=m) * scale + shift).round(1)
        yield reference, live, 20, int(rng.integers(2**31))


def _distance_by_pairs(a, b):
    places = np.unique(np.concatenate([a, b]))
    return max(abs(sum(a <= p) / len(a) - sum(b <= p) / len(b)) for p in places)


def seeded(answer, reference, live, num_draws, seed):
    return answer(reference, live, num_draws, np.random.default_rng(seed))


def by_definition(reference, live, num_draws, seed):
    rng = np.random.default_rng(seed)
    distance, n, as_far = _distance_by_pairs(reference, live), len(reference), 1
    both = np.concatenate([reference, live])
    for _ in range(num_draws):
        drawn = rng.permutation(both)
        as_far += _distance_by_pairs(drawn[:n], drawn[n:]) > distance - 1e-12
    return distance, as_far / (num_draws + 1)


drift_test = Task(
    "drift_test",
    ("reference", "live", "num_draws", "seed of rng"),
    streams,
    by_definition,
    run=seeded,
    hints=(
        "Write the distance as a function of two arrays first; you need it for the real pair and every shuffled one.",
        "np.searchsorted(np.sort(a), places, side='right') / len(a) is the share of a up to each place; the places are "
        "all values of both. For chance: shuffle both together, cut at len(reference), measure again.",
        "both = np.concatenate([reference, live]); as_far = 0; for _ in range(num_draws): drawn = "
        "rng.permutation(both); as_far += distance(drawn[:n], ...) >= found - 1e-12; return found, (1 + as_far) / ...",
    ),
)


def _shares(a, b):
    places = np.concatenate([a, b])
    return tuple(np.searchsorted(np.sort(some), places, side="right") / len(some) for some in (a, b))


def _ks(a, b):
    below_a, below_b = _shares(a, b)
    return float(np.abs(below_a - below_b).max())


def _signed(a, b):
    below_a, below_b = _shares(a, b)
    return float((below_a - below_b).max())


def _of_means(a, b):
    return float(abs(a.mean() - b.mean()))


def _tested(
    reference,
    live,
    num_draws,
    rng,
    *,
    distance=_ks,
    counts=lambda drawn, found: drawn >= found - 1e-12,
    more=1,
    cut=len,
    result=lambda found, p: (found, p),
    together=True,
):
    """The test with one thing done differently; the mistakes below say which."""
    found, both, as_far = distance(reference, live), np.concatenate([reference, live]), 0
    for _ in range(num_draws):
        drawn = rng.permutation(both)
        n = cut(reference)
        pair = (drawn[:n], drawn[n:]) if together else (reference, drawn[: len(live)])
        as_far += counts(distance(*pair), found)
    return result(found, (more + as_far) / (more + num_draws))


for _sentence, _answer in {
    "Your p-value can be 0. The pair that you have is itself one of the possible shuffles: (1 + count) / (1 + "
    "num_draws).": changed(_tested, "without_itself", more=0),
    "You count shuffles that are *further* apart only. Equally far counts, too: >=.": changed(
        _tested, "strictly_further", counts=lambda drawn, found: drawn > found + 1e-12
    ),
    "You count the shuffles that are *nearer*: small then means that all is well.": changed(
        _tested, "nearer", counts=lambda drawn, found: drawn < found - 1e-12
    ),
    "Your distance keeps its sign, so it sees a shift in one direction only: take the absolute value before the "
    "maximum.": changed(_tested, "signed", distance=_signed),
    "Your distance compares the means. A stream that only spreads out would go unseen; compare the shares up to every "
    "place.": changed(_tested, "means", distance=_of_means),
    "You compare the shuffled part with the reference itself. Both parts must come from the shuffle: under chance, "
    "nobody knows who is who.": changed(_tested, "against_the_reference", together=False),
    "You cut the shuffled values at another place; the first part must be as long as the reference.": changed(
        _tested, "another_cut", together=True, cut=lambda reference: max(1, len(reference) // 2)
    ),
    "The p-value comes second: return (distance, p).": changed(
        _tested, "other_order", result=lambda found, p: (p, found)
    ),
}.items():
    drift_test.mistake(_sentence)(_answer)

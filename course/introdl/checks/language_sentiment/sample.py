"""Task of unit 15: probabilities by temperature and top-k, and a symbol drawn with them."""

import math

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def draws(rng):
    few = np.array([0.0, math.log(3), -9.0])
    yield few, 1.0, 2, 0.2
    yield few, 1.0, 2, 0.6
    yield few, 0.5, 3, 0.05
    yield few, 2.0, 3, 0.9
    yield np.array([2.0, 1.0, 3.0, 0.0]), 1.0, 1, 0.7
    yield np.array([0.3]), 0.7, 1, 0.0
    yield np.array([3000.0, 2999.0, -4000.0]), 1.0, 3, 0.8
    for V in (4, 6, 9, 12):
        for temperature in (0.4, 1.0, 2.5):
            logits = rng.permutation(V) * rng.uniform(0.3, 0.8) + rng.uniform(-0.1, 0.1, size=V)
            yield logits, temperature, int(rng.integers(2, V)), float(rng.uniform(0.1, 0.97))


def by_the_definition(logits, temperature, top_k, u):
    """Powers of ratios to the largest, one symbol after the other; then walk along until u is passed."""
    ranked = sorted(range(len(logits)), key=lambda token: -logits[token])
    kept = {token: math.exp((logits[token] - logits[ranked[0]]) / temperature) for token in ranked[:top_k]}
    p = [kept.get(token, 0.0) / sum(kept.values()) for token in range(len(logits))]
    for token in range(len(p)):
        if math.fsum(p[: token + 1]) > u:
            return np.array(p), token
    return np.array(p), ranked[0]


sample = Task(
    "sample",
    ("logits", "temperature", "top_k", "u"),
    draws,
    by_the_definition,
    hints=(
        "Three steps: logits / temperature; -inf for all but the top_k largest; softmax. Then np.cumsum(p) and the "
        "first place where it is larger than u.",
        "np.sort(z)[-top_k] is the smallest that is kept; np.where puts -inf elsewhere, whose exp is 0. Subtract the "
        "largest before exp, or large logits overflow. np.searchsorted(..., side='right') finds the place, and so does "
        "np.argmax of a comparison.",
        "z = logits / temperature; z = np.where(z >= np.sort(z)[...], z, -np.inf); exps = np.exp(z - ...); p = exps / "
        "...; token = int(np.searchsorted(np.cumsum(p), u, side='right'))",
    ),
)


def _sample(
    logits,
    temperature,
    top_k,
    u,
    *,
    scale=lambda logits, temperature: logits / temperature,
    keep=lambda z, k: z >= np.sort(z)[-k],
    cut=-np.inf,
    shift=lambda z: z.max(),
    share=lambda exps, kept: exps / exps.sum(),
    draw=lambda p, u: int(np.searchsorted(np.cumsum(p), u, side="right")),
    result=lambda p, token: (p, token),
):
    """Drawing with one thing done differently; the mistakes below say which."""
    with np.errstate(over="ignore", invalid="ignore"):
        z = scale(logits, temperature)
        kept = keep(z, top_k)
        z = np.where(kept, z, cut)
        p = share(np.exp(z - shift(z)), kept)
        return result(p, draw(p, u))


def temperature_on_probabilities(logits, temperature, top_k, u):
    p = _sample(logits, 1.0, top_k, u)[0] / temperature
    p = p / p.sum()
    return p, int(np.searchsorted(np.cumsum(p), u, side="right"))


def cut_without_sharing(logits, temperature, top_k, u):
    p = _sample(logits, temperature, len(logits), u)[0]
    p = np.where(p >= np.sort(p)[-top_k], p, 0)
    return p, int(np.searchsorted(np.cumsum(p), u, side="right"))


def by_size(logits, temperature, top_k, u):
    p = np.sort(_sample(logits, temperature, top_k, u)[0])[::-1]
    return p, int(np.searchsorted(np.cumsum(p), u, side="right"))


for _sentence, _answer in {
    "You multiplied by the temperature. Divide: a low temperature makes differences larger, a high one evens them "
    "out.": changed(_sample, "multiplied", scale=lambda logits, temperature: logits * temperature),
    "The temperature does nothing: dividing probabilities by it and then by their sum gives the same ones. Divide the "
    "*logits*, before the softmax.": temperature_on_probabilities,
    "The logits that are cut became 0, and exp(0) is 1: they can still be drawn. Use -inf.": changed(
        _sample, "cut_to_zero", cut=0.0
    ),
    "After the cut your probabilities add up to less than 1. Divide what is kept by its sum.": cut_without_sharing,
    "top_k is ignored: all symbols can be drawn.": changed(_sample, "top_k_ignored", keep=lambda z, k: z == z),
    "You keep one symbol more than top_k. The k-th largest is np.sort(z)[-k].": changed(
        _sample, "one_more", keep=lambda z, k: z >= np.sort(z)[max(-k - 1, -len(z))]
    ),
    "You keep one symbol fewer than top_k: the k-th largest itself stays, >=, not >.": changed(
        _sample,
        "one_fewer",
        keep=lambda z, k: z > np.sort(z)[-k] if k > 1 else z >= z.max(),
    ),
    "You keep the *smallest* logits. np.sort sorts upwards: the largest stand at the end.": changed(
        _sample, "smallest", keep=lambda z, k: z <= np.sort(z)[k - 1]
    ),
    "Large logits overflow: exp(3000) is infinite, and infinite by infinite is NaN. Subtract the largest first; the "
    "softmax does not change.": changed(_sample, "overflow", shift=lambda z: 0.0),
    "You take the likeliest symbol, whatever u is. Draw: the first at which the running sum is larger than u.": changed(
        _sample, "likeliest", draw=lambda p, u: int(np.argmax(p))
    ),
    "Your draw ignores the probabilities: all symbols come equally often. Look for u in the running sum of p.": changed(
        _sample, "evenly", draw=lambda p, u: int(u * len(p))
    ),
    "The symbol is the first whose *running sum* is larger than u, not the first whose own probability is.": changed(
        _sample, "no_running_sum", draw=lambda p, u: int(np.argmax(p > u))
    ),
    "Your symbol is one too far: the first place where the running sum is larger than u, counted from 0.": changed(
        _sample, "one_too_far", draw=lambda p, u: int(np.searchsorted(np.cumsum(p), u, side="right")) + 1
    ),
    "Your probabilities are sorted by size, so they no longer belong to their symbols. Leave them in order.": by_size,
    "You return the symbol first. Return the probabilities, then the symbol (a convention).": changed(
        _sample, "symbol_first", result=lambda p, token: (token, p)
    ),
}.items():
    sample.mistake(_sentence)(_answer)

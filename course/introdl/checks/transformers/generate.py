"""Task of unit 18: write with a cache (generate)."""

import numpy as np

from introdl.checks.task import Task


class Model:
    """Logits that depend on all symbols before, and on the positions that they were said to have."""

    def __init__(self, V, seed):
        self.V, self.seed, self.calls = V, seed, []

    def step(self, symbols, position, cache):
        symbols = [int(symbol) for symbol in symbols]
        self.calls.append([int(position), len(symbols)])
        kept, rows = [] if cache is None else [list(pair) for pair in cache], []
        for place, symbol in enumerate(symbols):
            kept.append([int(position) + place, symbol])
            known = [number + 1000 for pair in kept for number in pair]  # positions below 0, too
            rows.append(np.random.default_rng([self.seed, *known]).normal(size=self.V))
        return np.array(rows).reshape(len(symbols), self.V), kept


def models(rng):
    for V, start, num_symbols in [
        (5, [1], 3),
        (9, [2, 0, 3], 1),
        (12, [4, 4], 4),
        (30, [7, 1, 2, 9], 6),
        (20, [0], 0),
        (40, [3, 5, 3], 8),
    ]:
        yield (V, int(rng.integers(2**31))), start, num_symbols


def all_again(sizes, start, num_symbols):
    """Without a cache: the whole text each time. The calls are what a cache saves."""
    text, calls = list(start), []
    for _ in range(num_symbols):
        calls.append([len(text) - 1, 1] if calls else [0, len(text)])
        logits, _ = Model(*sizes).step(text, 0, None)
        text.append(int(logits[-1].argmax()))
    return {"symbols": text[len(start) :], "calls (position, how many)": calls}


def run(answer, sizes, start, num_symbols):
    """Let the answer write, and note how often it asked."""
    model = Model(*sizes)
    found = answer(model.step, list(start), num_symbols)
    found = found.tolist() if isinstance(found, np.ndarray) else found
    return {"symbols": found, "calls (position, how many)": model.calls}


generate = Task(
    "generate",
    ("V and seed of the model", "start", "num_symbols"),
    models,
    all_again,
    run=run,
    hints=(
        "The first call gets all of `start`, at position 0, with None for the cache. Every later call gets one symbol: "
        "the one that was chosen last.",
        "Keep three things from round to round: the new symbols (a list), the position of the first of them, the "
        "cache. After a call the position goes on by as many symbols as you have handed over. logits[-1] is about what "
        "comes next.",
        "new, position, cache, written = list(start), 0, None, []; for _ in range(num_symbols): logits, cache = "
        "step(new, position, cache); position += len(new); new = [int(logits[-1].argmax())]; written += ...",
    ),
)


def _write(step, start, num_symbols, *, choose=lambda logits: logits[-1], skip=0, first=0, cached="kept", fed="new"):
    """Writing with one thing done differently; the mistakes below say which."""
    new, position, cache, written = list(start), first, None, []
    for number in range(num_symbols):
        logits, kept = step(new, position, cache)
        cache = {"kept": kept, "never": None, "first": kept if number == 0 else cache}[cached]
        position += len(new) + (skip if number == 0 else 0)
        written.append(int(np.argmax(choose(logits))))
        new = [written[-1]]
    return written


@generate.mistake(
    "You hand over the whole text each time, at position 0, without a cache. The symbols are right, but all is "
    "computed again: hand over the new symbol only."
)
def no_cache(step, start, num_symbols):
    text = list(start)
    for _ in range(num_symbols):
        text.append(int(step(text, 0, None)[0][-1].argmax()))
    return text[len(start) :]


@generate.mistake(
    "You hand over the whole text although the cache holds it: each symbol is there twice. Only new ones."
)
def all_with_cache(step, start, num_symbols):
    text, cache = list(start), None
    for _ in range(num_symbols):
        logits, cache = step(text, 0, cache)
        text.append(int(logits[-1].argmax()))
    return text[len(start) :]


@generate.mistake(
    "The cache is off by one: the first new symbol stands at position len(start), one later than you say."
)
def one_early(step, start, num_symbols):
    return _write(step, start, num_symbols, skip=-1)


@generate.mistake("The cache is off by one: there is a hole. The first new symbol stands at position len(start).")
def one_late(step, start, num_symbols):
    return _write(step, start, num_symbols, skip=1)


@generate.mistake("Your positions start at 1. The first symbol of `start` stands at position 0.")
def from_one(step, start, num_symbols):
    return _write(step, start, num_symbols, first=1)


@generate.mistake("Every new symbol stands at position 0 for you. Count on: as many as have been handed over so far.")
def always_zero(step, start, num_symbols):
    return _write(lambda symbols, position, cache: step(symbols, 0, cache), start, num_symbols)


@generate.mistake("The position never moves on after `start`. It grows by one with each new symbol.")
def stands_still(step, start, num_symbols):
    return _write(lambda symbols, position, cache: step(symbols, min(position, len(start)), cache), start, num_symbols)


@generate.mistake("You hand over None for the cache each time: the network forgets all but the last symbol.")
def forgets(step, start, num_symbols):
    return _write(step, start, num_symbols, cached="never")


@generate.mistake("You keep the first cache for ever. Each call returns a longer one: hand that over next time.")
def first_cache(step, start, num_symbols):
    return _write(step, start, num_symbols, cached="first")


@generate.mistake("You choose by the logits of the first position handed over. The last ones say what comes next.")
def first_row(step, start, num_symbols):
    return _write(step, start, num_symbols, choose=lambda logits: logits[0])


@generate.mistake("You choose the least likely symbol: the largest logit counts.")
def least_likely(step, start, num_symbols):
    return _write(step, start, num_symbols, choose=lambda logits: -logits[-1])


@generate.mistake("`start` stands in your result. Only the new symbols are asked for.")
def with_start(step, start, num_symbols):
    return [*start, *_write(step, start, num_symbols)]


@generate.mistake("Only the last symbol of `start` is handed over: the network does not know the others.")
def last_of_start(step, start, num_symbols):
    return _write(step, start[-1:], num_symbols)


@generate.mistake("You ask once more than needed: what the last new symbol leads to, nobody wants to know.")
def one_more_call(step, start, num_symbols):
    new, position, cache, written = list(start), 0, None, []
    logits, cache = step(new, position, cache)
    for _ in range(num_symbols):
        written.append(int(logits[-1].argmax()))
        position += len(new)
        new = written[-1:]
        logits, cache = step(new, position, cache)
    return written


@generate.mistake("There is one symbol too many: num_symbols counts the first new one, too.")
def one_too_many(step, start, num_symbols):
    return _write(step, start, num_symbols + 1)


@generate.mistake("There is one symbol too few: the first call gives the first of num_symbols already.")
def one_too_few(step, start, num_symbols):
    return _write(step, start, num_symbols - 1)


@generate.mistake("`start` goes in one by one. It can go in at once: all its positions are computed in parallel.")
def start_one_by_one(step, start, num_symbols):
    cache, written = None, []
    for position in range(len(start) + num_symbols - 1 if num_symbols else 0):
        symbol = start[position] if position < len(start) else written[-1]
        logits, cache = step([symbol], position, cache)
        if position >= len(start) - 1:
            written.append(int(logits[-1].argmax()))
    return written

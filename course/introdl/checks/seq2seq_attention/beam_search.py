"""Task of unit 17: keep the best few beginnings (beam_search)."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed

START, END = 0, 1


class Language:
    """Log probabilities of the next token for any beginning, drawn at first use: what the task is given."""

    def __init__(self, V, seed, ends=0.0):
        self.V, self.seed, self.ends = V, seed, ends

    def next_log_p(self, prefixes):
        return np.array([self._row(prefix) for prefix in np.asarray(prefixes).tolist()])

    def _row(self, prefix):
        logits = np.random.default_rng([self.seed, len(prefix), *prefix]).normal(0, 1.5, size=self.V)
        logits[END] += self.ends
        return logits - np.log(np.exp(logits).sum())


class Garden:
    """The best first word leads nowhere: 2 looks better than 3, and only 3 has a good end."""

    ROWS = {(0,): (0, 0, 0.6, 0.4), (0, 2): (0, 0.4, 0.3, 0.3), (0, 3): (0, 1, 0, 0)}

    def next_log_p(self, prefixes):
        rows = [self.ROWS.get(tuple(prefix), (0, 1, 0, 0)) for prefix in np.asarray(prefixes).tolist()]
        return np.log(np.maximum(rows, 1e-12))


def languages(rng):
    yield Garden().next_log_p, START, END, 1, 3
    yield Garden().next_log_p, START, END, 2, 3
    for V, width, max_words, ends in [
        (3, 2, 3, 0),
        (4, 3, 4, 0.5),
        (5, 2, 5, 0.5),
        (4, 4, 4, 1.0),
        (6, 3, 5, -0.5),
        (3, 8, 3, 0),
        (4, 1, int(rng.integers(4, 9)), 0),
        (4, 2, int(rng.integers(3, 7)), 0),
        (4, 2, 1, 0.5),
    ]:
        yield Language(V, int(rng.integers(2**31)), ends).next_log_p, START, END, width, max_words


def by_definition(next_log_p, start, end, width, max_words):
    """After each word: all that the kept beginnings can become, each scored from its first word; the best stay."""

    def score(tokens):
        whole = [start, *tokens]
        return sum(float(next_log_p(np.array([whole[: t + 1]]))[0, token]) for t, token in enumerate(tokens))

    V = next_log_p(np.array([[start]])).shape[1]
    kept = [()]
    for _ in range(max_words):
        reached = {one if end in one else (*one, v) for one in kept for v in range(V)}
        kept = sorted(reached, key=score, reverse=True)[:width]
    return [(list(tokens), score(tokens)) for tokens in kept]


beam_search = Task(
    "beam_search",
    ("next_log_p", "start", "end", "width", "max_words"),
    languages,
    by_definition,
    hints=(
        "Keep a list of pairs (tokens, score). In each round, every pair that has not ended becomes V longer pairs; "
        "those that have ended stay as they are. Of all of them together keep the best `width`.",
        "Ask once a round: log_p = next_log_p(np.array([tokens for tokens, score in going])), (B, V). A longer pair is "
        "(tokens + [v], score + log_p[row, v]). sorted(pairs, key=lambda pair: -pair[1])[:width] keeps the best.",
        "beam = [([start], 0.0)]; for _ in range(max_words): going = [... if tokens[-1] != end]; pool = [the others]; "
        "add len(going) * V longer pairs to pool; beam = sorted(pool, ...)[:width]; in the end drop start from each.",
    ),
)


def _search(
    next_log_p,
    start,
    end,
    width,
    max_words,
    *,
    gain=lambda score, log_p, t: score + log_p,
    ended="stay",
    pool="all",
    best="high",
    rounds=0,
    stop=None,
    key=lambda tokens, score: score,
):
    """The search with one thing done differently; the mistakes below say which."""
    beam, sign = [([start], 0.0)], -1 if best == "high" else 1
    for t in range(max_words + rounds):
        going = [one for one in beam if ended == "extended" or len(one[0]) == 1 or one[0][-1] != end]
        if not going or (stop and stop(beam, end)):
            break
        found = [] if ended == "dropped" else [one for one in beam if one not in going]
        log_p = next_log_p(np.array([tokens for tokens, _ in going]))
        for (tokens, score), row in zip(going, log_p, strict=True):
            longer = [([*tokens, v], float(gain(score, row[v], t))) for v in range(len(row))]
            found += sorted(longer, key=lambda one: sign * one[1])[: 1 if pool == "one each" and t else None]
        beam = sorted(found, key=lambda one: sign * key(one[0][1:], one[1]))[:width]
    return [(tokens[1:], score) for tokens, score in beam]


def greedy(next_log_p, start, end, width, max_words):
    return _search(next_log_p, start, end, 1, max_words)


def with_start(*args):
    return [([args[1], *tokens], score) for tokens, score in _search(*args)]


def without_end(*args):
    return [([token for token in tokens if token != args[2]], score) for tokens, score in _search(*args)]


def only_ended(*args):
    return [one for one in _search(*args) if one[0][-1] == args[2]]


def worst_first(*args):
    return _search(*args)[::-1]


def best_only(*args):
    return _search(*args)[:1]


for _sentence, _answer in {
    "You go on with sentences that have ended. What ends with `end` keeps its place in the beam and its score, and "
    "gets no more words.": changed(_search, "extended", ended="extended"),
    "Your scores are products of logarithms. Probabilities are multiplied; their logarithms are added.": changed(
        _search, "products_of_logs", gain=lambda score, log_p, t: log_p if t == 0 else score * log_p
    ),
    "You add up probabilities. A sentence's probability is the product of its words', so the logarithms are "
    "added.": changed(_search, "sum_of_probabilities", gain=lambda score, log_p, t: score + np.exp(log_p)),
    "Your scores are probabilities, multiplied. Over many words they become 0 in the computer: add "
    "logarithms.": changed(
        _search, "probabilities", gain=lambda score, log_p, t: (score if t else 1.0) * np.exp(log_p)
    ),
    "A sentence's score is that of its last word only. Add up the log probabilities of all words.": changed(
        _search, "last_word", gain=lambda score, log_p, t: log_p
    ),
    "You leave sentences that have ended out of the next round, so the best one is lost. They keep their place in the "
    "beam.": changed(_search, "dropped", ended="dropped"),
    "Each beginning keeps its own best word. The beginnings compete: sort all that they can become together.": changed(
        _search, "one_each", pool="one each"
    ),
    "You keep the worst. A larger log probability, closer to 0, is better.": changed(_search, "worst", best="low"),
    "The width is not used: with one beginning this is the greedy search.": greedy,
    "You stop as soon as one sentence has ended. Others may still overtake it: go on until all have ended.": changed(
        _search, "first_end", stop=lambda beam, end: any(tokens[-1] == end for tokens, _ in beam)
    ),
    "You divide scores by the number of words when you sort. That is often done, but not here: the sum decides (a "
    "convention).": changed(_search, "per_word", key=lambda tokens, score: score / len(tokens)),
    "There is one word too many: `end` counts, too, among the max_words.": changed(_search, "one_more", rounds=1),
    "`start` is still in your tokens: leave it out of what you return.": with_start,
    "`end` is missing in your tokens. It belongs to what has been said: it shows who has finished.": without_end,
    "Sentences that have not ended by max_words are missing. Return them as they are.": only_ended,
    "Your list begins with the least likely sentence. The best comes first.": worst_first,
    "You return only the best sentence. All that are left in the beam are asked for.": best_only,
}.items():
    beam_search.mistake(_sentence)(_answer)

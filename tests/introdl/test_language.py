"""Language models: probabilities by the definition, sums of one, and what a short text makes of a formula."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl import _ngrams, language
from introdl.language import NGrams, Vocabulary

texts = st.lists(st.integers(0, 3), min_size=6, max_size=60)


def slowly(tokens, n, V, smoothing):
    """Return p(w | h) by the definition: sums over all of the text, one n-gram at a time."""
    tokens = list(tokens)

    def grams(k):
        return Counter(tuple(tokens[i : i + k]) for i in range(len(tokens) - k + 1))

    tables = [grams(k) for k in range(n + 1)]
    if smoothing == "kneser-ney":
        for k in range(1, n):
            tables[k] = Counter(gram[1:] for gram in tables[k + 1])

    def discount(k, count):
        n1, n2, n3, n4 = (sum(c == times for c in tables[k].values()) for times in (1, 2, 3, 4))
        if 0 in (n1, n2, n3, n4):
            return (0, 0.5, 0.75, 0.75)[min(count, 3)]
        Y = n1 / (n1 + 2 * n2)
        taken = (0, 1 - 2 * Y * n2 / n1, 2 - 3 * Y * n3 / n2, 3 - 4 * Y * n4 / n3)[min(count, 3)]
        return min(max(taken, 0.1), min(count, 3)) if count else 0

    def p(w, h):
        lower = p(w, h[1:]) if h else 1 / V
        k = len(h) + 1
        after = [tables[k][(*h, v)] for v in range(V) if tables[k][(*h, v)]]
        if not after:
            return lower
        count = tables[k][(*h, w)]
        if smoothing == "witten-bell":
            return (count + len(after) * lower) / (sum(after) + len(after))
        return (count - discount(k, count) + sum(discount(k, c) for c in after) * lower) / sum(after)

    return p


@settings(max_examples=60, deadline=None)
@given(texts, texts, st.integers(1, 4), st.sampled_from(_ngrams.SMOOTHINGS))
def test_every_probability_is_that_of_the_definition(train, text, n, smoothing):
    model, p = NGrams(np.array(train), n, 4, smoothing), slowly(train, n, 4, smoothing)
    expected = [p(w, tuple(text[max(0, t - n + 1) : t])) for t, w in enumerate(text)]
    np.testing.assert_allclose(np.exp(model.log_probabilities(np.array(text))), expected, rtol=1e-12)
    after = p(text[0], tuple(text[len(text) - n + 1 :]))
    np.testing.assert_allclose(model.probabilities(np.array(text))[text[0]], after)


def test_discounts_are_estimated_where_a_text_is_long_enough():
    tokens = np.random.default_rng(0).geometric(0.4, 3000).clip(0, 5) % 4
    model, p = NGrams(tokens, 5, 4, "kneser-ney"), slowly(tokens.tolist(), 5, 4, "kneser-ney")
    counts = np.unique(_ngrams.windows(tokens, 5, 5), return_counts=True)[1]
    assert not np.array_equal(_ngrams._discounts(counts), _ngrams.FEW)
    text = tokens[::-1][:200].tolist()
    expected = [p(w, tuple(text[max(0, t - 4) : t])) for t, w in enumerate(text)]
    np.testing.assert_allclose(np.exp(model.log_probabilities(np.array(text))), expected, rtol=1e-10)


@settings(max_examples=60, deadline=None)
@given(texts, st.lists(st.integers(0, 4), max_size=6), st.integers(1, 4), st.sampled_from(_ngrams.SMOOTHINGS))
def test_probabilities_add_up_to_one_and_none_is_zero(train, context, n, smoothing):
    p = NGrams(np.array(train), n, 5, smoothing).probabilities(np.array(context, dtype=np.int64))
    assert p.shape == (5,) and p.sum() == pytest.approx(1) and p.min() > 0


def test_what_stands_before_a_text_is_used_and_not_scored():
    tokens = np.random.default_rng(1).integers(0, 3, 200)
    model = NGrams(tokens, 4, 3)
    whole = model.log_probabilities(tokens[:50])
    assert np.array_equal(model.log_probabilities(tokens[20:50], given=tokens[:20]), whole[20:])
    assert not np.allclose(model.log_probabilities(tokens[20:50])[:3], whole[20:23])


def test_bad_arguments_are_refused_in_one_line():
    tokens = np.array([0, 1, 2, 0])
    for error, match, call in [
        (ValueError, "tokens holds labels from 0 to 2, expected 0 to 1", lambda: NGrams(tokens, 2, 2)),
        (ValueError, "n is 40, expected at most 30 with 3", lambda: NGrams(np.zeros(99, int), 40, 3)),
        (ValueError, "tokens has 4, expected at least n = 5", lambda: NGrams(tokens, 5, 3)),
        (ValueError, "smoothing is 'laplace', expected one of witten-bell", lambda: NGrams(tokens, 2, 3, "laplace")),
        (TypeError, "tokens is a list", lambda: NGrams([0, 1], 1, 3)),
        (ValueError, "n is 0", lambda: NGrams(tokens, 0, 3)),
        (ValueError, "symbols is empty", lambda: Vocabulary("")),
        (ValueError, "least is 2 without unknown=True", lambda: Vocabulary("aab", least=2)),
        (KeyError, "'z' is not in the vocabulary", lambda: Vocabulary("ab").encode("az")),
        (ValueError, "expected at least one, and none above 0", lambda: language.perplexity(np.array([0.5]))),
        (ValueError, "expected at least one, and none above 0", lambda: language.bits_per_symbol(np.array([np.nan]))),
        (ValueError, "temperature is 0", lambda: language.sharpened(np.zeros(3), 0)),
        (ValueError, "top_k is 0", lambda: language.sharpened(np.zeros(3), top_k=0)),
        (ValueError, "start is empty", lambda: language.generate(None, [], 3, np.random.default_rng(0))),
    ]:
        with pytest.raises(error, match=match):
            call()


@given(st.text("abcde", min_size=1), st.text("abcdefg"))
def test_a_vocabulary_gives_back_what_it_knows(train, text):
    known = Vocabulary(train)
    assert known.decode(known.encode(train)) == train and list(known.symbols) == sorted(set(train))
    some = Vocabulary(train, unknown=True, least=2)
    kept = {symbol for symbol in train if train.count(symbol) >= 2}
    assert len(some) == 1 + len(kept) and some.decode(some.encode("")) == ""
    assert some.decode(some.encode(text)) == "".join(s if s in kept else language.UNKNOWN for s in text)


def test_words_are_joined_by_what_is_asked_for():
    words = Vocabulary(["to", "be", "or", "not", "to", "be"])
    assert words.decode(words.encode(["be", "not"]), " ") == "be not" and len(words) == 4


@given(st.integers(1, 50), st.integers(1, 20))
def test_among_equally_likely_symbols_perplexity_is_their_number(V, T):
    sure = np.full(T, math.log(1 / V))
    assert language.perplexity(sure) == pytest.approx(V)
    assert language.bits_per_symbol(sure) == pytest.approx(math.log2(V))


def test_bits_are_the_mean_over_symbols_and_perplexity_the_geometric_one():
    p = np.array([0.5, 0.25, 0.125])
    assert language.bits_per_symbol(np.log(p)) == pytest.approx(2)
    assert language.perplexity(np.log(p)) == pytest.approx(1 / np.prod(p) ** (1 / 3))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.floats(0.1, 5), st.integers(1, 9))
def test_a_temperature_is_an_exponent_and_top_k_cuts(logits, temperature, top_k):
    logits = np.array(logits)
    p = np.exp(logits) / np.exp(logits).sum()
    powers = p ** (1 / temperature)
    np.testing.assert_allclose(language.sharpened(logits, temperature), powers / powers.sum(), rtol=1e-9)
    np.testing.assert_allclose(language.sharpened(np.log(p), temperature), powers / powers.sum(), rtol=1e-6, atol=1e-12)
    cut = language.sharpened(logits, temperature, top_k)
    assert cut.sum() == pytest.approx(1) and np.count_nonzero(cut) <= min(top_k, len(logits))
    assert logits[cut > 0].min() >= np.sort(logits)[::-1][min(top_k, len(logits)) - 1]


def test_texts_are_drawn_with_the_models_probabilities_and_the_state_is_handed_on():
    seen = []

    def step(new, state):
        seen.append((list(new), state))
        return np.log([0.2, 0.3, 0.5]), (state or 0) + len(new)

    drawn = language.generate(step, [2, 1], 4000, np.random.default_rng(0))
    assert np.allclose(np.bincount(drawn) / 4000, [0.2, 0.3, 0.5], atol=0.03)
    assert seen[0] == ([2, 1], None) and seen[1] == ([drawn[0]], 2) and seen[2] == ([drawn[1]], 3) and len(seen) == 4000
    assert set(language.generate(step, [0], 50, np.random.default_rng(0), top_k=1)) == {2}


@settings(deadline=None)
@given(st.text("ab", max_size=30), st.text("ab", max_size=30))
def test_copied_passages_are_as_long_as_they_can_be(text, source):
    expected = [max(n for n in range(len(text) - i + 1) if text[i : i + n] in source) for i in range(len(text))]
    assert language.copied_lengths(text, source).tolist() == expected

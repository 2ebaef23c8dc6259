"""The contest of layers: all do the same work, all rows are measured, README shows them."""

import json
import shutil

import numpy as np
import pytest

from introdl import data
from tests.bench import layers
from tests.bench.tables import RESULTS, ROOT

ROWS = json.loads((RESULTS / "layers.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def digits():
    split = data.mnist5k()
    return split.X_train[:650].astype(np.float32), split.y_train[:650]


@pytest.fixture(scope="module")
def image_contests():
    return layers.image_contests().keys()


def test_an_epoch_of_both_ends_in_the_same_weights(digits):
    ours, theirs = layers.our_net(), layers.torch_net()
    before = [p.copy() for p in ours.params]
    layers.our_epoch(ours, *digits)()
    layers.torch_epoch(theirs, *digits)()
    for mine, torchs, first in zip(ours.params, theirs.parameters(), before, strict=True):
        np.testing.assert_allclose(mine, torchs.detach().numpy().T, atol=1e-5)
        assert np.abs(mine - first).max() > 1e-3


def test_every_row_was_measured_and_the_epoch_is_as_fast_as_was_asked_for(image_contests):
    contests = [layers.EPOCH, *layers.layer_contests(), *layers.recurrent_contests(), *layers.optimizer_contests()]
    assert [row["what"] for row in ROWS if row["what"] not in image_contests] == contests
    assert all(row["ours_s"] > 0 and row["ratio"] == round(row["ours_s"] / row["torch_s"], 3) for row in ROWS)
    epoch = ROWS[0]
    assert epoch["ratio"] <= 0.7 and {"numpy-ml", "micrograd"} <= epoch["peers"].keys()
    assert all(epoch["ours_s"] < seconds for seconds in epoch["peers"].values())


def test_convolution_is_as_fast_as_was_asked_for(image_contests):
    rows = {row["what"]: row for row in ROWS if row["what"] in image_contests}
    assert rows.keys() == image_contests
    one, double = (rows[layers.CONVOLUTION.format(batch)] for batch in (64, 128))
    assert one["ratio"] <= 4 and one["peers"]["naive loops"] >= 100 * one["ours_s"]
    assert double["ours_s"] <= 2.2 * one["ours_s"]


def test_recurrent_layers_are_as_fast_as_was_asked_for():
    rows = {row["what"]: row for row in ROWS if row["what"] in layers.recurrent_contests()}
    assert len(rows) == 3 and all(row["ratio"] <= 2 for row in rows.values()), rows


def test_rivals_take_turns_and_the_first_turn_does_not_count():
    order = []

    def rival(name, seconds):
        left = iter(seconds)
        return lambda: order.append(name) or next(left)

    row = layers.measured("x", {"ours": rival("ours", [9, 1, 2, 3]), "torch": rival("torch", [9, 4, 4, 4])}, 3)
    assert order == ["ours", "torch"] * 4 and row == {"what": "x", "ours_s": 2, "torch_s": 4, "ratio": 0.5, "peers": {}}


def test_readme_shows_the_table_that_was_measured(tmp_path):
    readme = shutil.copy(ROOT / "README.md", tmp_path / "README.md")
    line = next(x for x in readme.read_text("utf-8").splitlines() if x.endswith("one thread each."))
    found = {"date": "DATE", "cpu": "CPU", "cores": "CORES"}
    layers.write_readme(ROWS, found, readme)
    shown = readme.read_text("utf-8").replace("Measured on DATE: CPU, CORES cores, one thread each.", line)
    assert shown == (ROOT / "README.md").read_text("utf-8")

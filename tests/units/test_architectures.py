"""Unit 11's recorded table is about the networks that its lesson builds."""

import pytest

from introdl import architecture, data
from tests.bench.architectures import SEEDS, SHAPE, harness


@pytest.mark.slow
def test_the_table_has_a_row_for_each_network_of_the_lesson():
    models, table = harness()["MODELS"], {row["net"]: row for row in data.recorded("architectures")}
    assert list(table) == list(models)
    for name, row in table.items():
        net = models[name]()
        assert row["macs"] == architecture.count_macs(net, SHAPE)
        assert row["params"] == architecture.count_parameters(net)
        assert row["tried"][str(row["lr"])] == row["val_accuracy"][0] == max(row["tried"].values())
        assert {len(row[what]) for what in ("val_accuracy", "train_accuracy", "seconds", "reading")} == {len(SEEDS)}

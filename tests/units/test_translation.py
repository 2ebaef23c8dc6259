"""Unit 17's recorded table is about the networks that its lesson trains."""

import json

from autograder.build import ROOT
from introdl import data
from tests.bench.translation import LESSON, SEEDS


def test_the_table_has_a_row_for_each_network_of_the_lesson():
    rows = data.recorded("17_seq2seq_attention")
    source = LESSON.read_text("utf-8")
    for row in rows:
        assert f'"{row["net"]}": (' in source and f", {row['steps']})" in source
        assert {len(row[what]) for what in ("right", "longest", "bleu", "seconds")} == {len(SEEDS)}
    notebook = json.loads((ROOT / "course" / "17_seq2seq_attention" / "lesson.ipynb").read_text("utf-8"))
    code = "".join("".join(cell["source"]) for cell in notebook["cells"])
    assert code[code.index("NETS = {") :].split("}")[0].count("(") == len(rows)

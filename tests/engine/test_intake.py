"""Bytes in, cells out: every kind of file ends in cells or in one sentence."""

import contextlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.engine.intake import Cell, Unreadable, read_file, read_submission
from autograder.engine.limits import Limits


def notebook(*cells, **more) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)} | more).encode()


CODE = {"cell_type": "code", "id": "a1", "metadata": {"nbgrader": {"grade_id": "relu"}}, "source": ["x = 1\n", "y = 2"]}


def test_source_texts_and_names_are_kept_and_nothing_else():
    assert read_submission(notebook(CODE | {"outputs": [{"text": "5 points"}]})) == [
        Cell("code", "x = 1\ny = 2", "relu", "a1")
    ]


def test_format_3_is_read():
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1", "metadata": {}}]}]}
    assert read_submission(json.dumps(old).encode()) == [Cell("code", "x = 1")]


@pytest.mark.parametrize("text", ["x = 1\r\ny = 2", "x = 1\ry = 2", "x = 1\n\0y = 2"])
def test_line_ends_and_stray_bytes_are_made_plain(text):
    assert read_submission(notebook(CODE | {"source": text}))[0].source == "x = 1\ny = 2"


def test_a_byte_order_mark_and_half_a_surrogate_pair_do_no_harm():
    assert read_submission(b"\xef\xbb\xbf" + notebook(CODE))[0].grade_id == "relu"
    assert read_submission(notebook(CODE | {"source": "x = '\ud800'"}))[0].source == "x = '?'"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[]", "no notebook"),
        (b"null", "no notebook"),
        (b"[" * 100_000, "nested"),
        (b'{"a":' * 3_000 + b"1" + b"}" * 3_000, "nested"),
        (b'{"nbformat": 4, "nbformat": 3}', "twice"),
        (notebook(nbformat=5), "format 3 or 4"),
        (notebook(nbformat="4"), "format 3 or 4"),
        (notebook(), "no cells"),
        (b'{"nbformat": 4, "cells": {"0": 1}}', "no cells"),
        (notebook(*[CODE] * 1001), "1001 cells"),
        (notebook(CODE | {"source": "x" * 200_001}), "200,000 characters"),
        (b" " * (20 * 2**20 + 1), "20 MB"),
        (b'{"nbformat": 4, "cells": [' + b"9" * 5_000 + b"]}", "not JSON"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_notebook_is_one_sentence(data, words):
    with pytest.raises(Unreadable, match=words) as error:
        read_submission(data)
    assert len(str(error.value)) < 120 and str(error.value).isprintable()


@pytest.mark.parametrize(
    "cell",
    [
        None,
        3,
        [],
        {},
        {"cell_type": 7},
        {"cell_type": "code", "source": {"a": 1}},
        {"metadata": []},
        {"metadata": {"nbgrader": "x"}},
        {"metadata": {"nbgrader": {"grade_id": ["relu"]}}},
        {"id": {"a": 1}},
        {"source": [1, None, "x"]},
    ],
)
def test_a_cell_of_the_wrong_types_counts_as_if_these_were_not_there(cell):
    (read,) = read_submission(notebook(cell))
    assert read.grade_id is None and read.cell_id is None and isinstance(read.source, str)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "metadata", "nbgrader", "grade_id", "source", "id", "cell_type", "nbformat", "worksheets"]
            ),
            inner,
        )
    ),
    max_leaves=20,
)


@given(
    st.binary(max_size=200)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(JSON, max_size=4).map(lambda cells: notebook(*cells))
)
def test_any_bytes_end_in_cells_or_in_a_sentence(data):
    with contextlib.suppress(Unreadable):
        assert all(isinstance(cell.source, str) for cell in read_submission(data))


def test_links_and_special_files_are_refused(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "secret").write_text("x")
    os.symlink(tmp_path / "secret", tmp_path / "mine" / "link.ipynb")
    os.symlink(tmp_path / "mine", tmp_path / "folder")
    (tmp_path / "folder" / "real.ipynb").write_text("x")
    os.mkfifo(tmp_path / "mine" / "pipe.ipynb")
    for name in ("mine/link.ipynb", "folder/real.ipynb", "mine/pipe.ipynb"):
        with pytest.raises(Unreadable):
            read_file(tmp_path / name, tmp_path)
    assert read_file(tmp_path / "mine" / "real.ipynb", tmp_path) == b"x"


def test_of_a_huge_file_no_more_is_read_than_shows_that_it_is_huge(tmp_path):
    with (tmp_path / "big.ipynb").open("wb") as file:
        file.truncate(10**10)
    assert len(read_file(tmp_path / "big.ipynb", tmp_path)) == Limits.notebook_mb * 2**20 + 1

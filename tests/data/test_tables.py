from __future__ import annotations

from pathlib import Path

import pytest

from genre_core.data.importers.tables import (
    find_columns,
    find_table,
    need_columns,
    parse_rows,
    read_rows,
)
from genre_core.errors import DatasetError


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_keep_their_line_numbers(tmp_path: Path, separator: str, end: str) -> None:
    lines = ["a|b", "", '1|"two', 'lines"', "|", "3|4"]
    text = end.join(lines).replace("|", separator)
    (tmp_path / "t").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert list(read_rows(tmp_path / "t", cure="None.")) == [
        (1, ["a", "b"]),
        (4, ["1", f"two{end}lines"]),
        (6, ["3", "4"]),
    ]


def test_a_table_is_read_no_further_than_asked(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"a,b\n" + b"1,2\n" * 100_000 + b"\xff")
    rows = read_rows(tmp_path / "t", cure="None.")
    assert next(rows) == (1, ["a", "b"])
    assert next(rows) == (2, ["1", "2"])
    with pytest.raises(DatasetError, match=r"Received .*decode"):
        list(rows)


def test_nothing_is_one_empty_row() -> None:
    assert list(parse_rows([])) == [(1, [])]


def test_the_best_name_wins() -> None:
    names = {"path": ("path", "file"), "genre": ("genre",)}
    assert find_columns(["FILE", "genre", "path"], names) == {"path": 2, "genre": 1}
    with pytest.raises(DatasetError, match="Received the columns"):
        need_columns(["genre"], names, ["path"], table="T")


def test_a_table_is_a_file_or_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "two.tsv").write_text("")
    assert find_table(tmp_path, ["one.tsv", "two.tsv"]).name == "two.tsv"
    assert find_table(tmp_path / "two.tsv", ["one.tsv"]).name == "two.tsv"
    with pytest.raises(DatasetError, match=r"Received no one.tsv in"):
        find_table(tmp_path, ["one.tsv"])

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.importers.tables import (
    find_columns,
    find_table,
    need_columns,
    parse_rows,
    read_cell,
    read_rows,
)
from genre_core.data.item import EMPTY_WORDS
from genre_core.errors import DatasetError, Problem


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
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


def test_nothing_has_no_rows() -> None:
    assert list(parse_rows([])) == list(parse_rows(["\n", " , \n"])) == []


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(("separator", "end"), [(",", "\n"), (";", "\r\n"), ("\t", "\r")])
def test_every_encoding_is_read(tmp_path: Path, encoding: str, separator: str, end: str) -> None:
    rows = [["path", "genre"], ["é.jpg", "Éxótica"], ["b.jpg", "R\u2019n\u2019B"]]
    lines = [separator.join(row) for row in rows]
    (tmp_path / "t").write_bytes((end.join(lines) + end).encode(encoding))
    assert [cells for _, cells in read_rows(tmp_path / "t", cure="None.")] == rows


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("first", ["sep={}", '"sep={}"', "SEP={}", "sep={};;"])
def test_the_separator_line_of_excel_is_no_row(tmp_path: Path, encoding: str, first: str) -> None:
    for separator in ",;\t|":
        text = f"{first.format(separator)}\r\npath{separator}title\r\na{separator}b: ö\r\n"
        (tmp_path / "t").write_bytes(text.encode(encoding))
        rows = list(read_rows(tmp_path / "t", cure="None."))
        assert rows == [(2, ["path", "title"]), (3, ["a", "b: ö"])]


def test_a_line_that_is_not_utf_8_does_not_change_the_others(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes("a,b\nö,1\n".encode() + b"\xf6,2\n\x81,3\n")
    rows = [cells for _, cells in read_rows(tmp_path / "t", cure="None.")]
    assert rows == [["a", "b"], ["ö", "1"], ["ö", "2"], ["\x81", "3"]]


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04\x14\x00\x06\x00\x08\x00", b"\x89PNG\r\n\x1a\n\0\0\0\rIH"]
)
def test_what_is_no_text_is_no_table(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "labels.xlsx").write_bytes(content * 20)
    with pytest.raises(DatasetError, match=r"Received .*labels.xlsx: no text .*\. Save it\."):
        list(read_rows(tmp_path / "labels.xlsx", cure="Save it."))


N_ROWS = 9


def table_of(broken: dict[int, list[str]]) -> tuple[list[str], list[list[str]]]:
    """Lines of a table of nine rows, some of which are broken, and its rows as they should be."""
    rows = [[f"a/{k}.jpg", "Rock", f"Artist {k}", f"Song {k}"] for k in range(N_ROWS)]
    lines = ["path,genre,artist,title\n"]
    for k, row in enumerate(rows):
        lines.append(",".join(broken.get(k, row)) + "\n")
    return lines, rows


@pytest.mark.parametrize("other", ['12" mix', '"Yes, and"', "plain"])
@pytest.mark.parametrize(("place", "column"), [*itertools.product((0, 1, 4, 7, 8), range(4))])
def test_a_quote_that_is_not_closed_costs_no_row(place: int, column: int, other: str) -> None:
    _, rows = table_of({})
    stray = list(rows[place])
    stray[column] = f'"{stray[column]}'
    after = list(rows[(place + 2) % N_ROWS])
    after[3] = other
    lines, expected = table_of({place: stray, (place + 2) % N_ROWS: after})
    expected[(place + 2) % N_ROWS] = [*after[:3], other.strip('"') if "," in other else other]
    problems: list[Problem] = []
    found = list(parse_rows(lines, problems))
    assert [cells for _, cells in found[1:]] == expected
    assert [line for line, _ in found] == list(range(1, N_ROWS + 2))
    assert [each.where for each in problems] == [f"row {place + 2}"]
    assert problems[0].is_note


@pytest.mark.parametrize("first", [0, 3, 7])
@pytest.mark.parametrize("distance", [1, 2, 4])
@pytest.mark.parametrize("closes", [True, False])
def test_two_quotes_that_would_swallow_what_is_between(
    first: int, distance: int, closes: bool
) -> None:
    second = min(first + distance, N_ROWS - 1)
    _, rows = table_of({})
    lines, expected = table_of(
        {
            first: [*rows[first][:3], f'"{rows[first][3]}'],
            second: [*rows[second][:3], f'{rows[second][3]}"' if closes else f'"{rows[second][3]}'],
        }
    )
    problems: list[Problem] = []
    found = [cells for _, cells in parse_rows(lines, problems)][1:]
    # A quote at a text's end opens nothing: it is a part of that text.
    expected[second][3] += '"' if closes else ""
    assert found == expected
    assert f"row {first + 2}" in [each.where for each in problems]


def test_a_broken_row_that_cannot_be_told_costs_itself_alone() -> None:
    lines, expected = table_of({3: ["a/3.jpg", "Rock", '"Heroes, and', "villains", "x"]})
    problems: list[Problem] = []
    found = [cells for _, cells in parse_rows(lines, problems)][1:]
    assert found == expected[:3] + expected[4:]
    assert str(problems[0]) == "row 5: a quote in it is not closed, and it has 6 cells instead of 4"
    assert not problems[0].is_note


@pytest.mark.parametrize("n_lines", [2, 3, 40])
@pytest.mark.parametrize("column", range(3))
@pytest.mark.parametrize("text", ["one line", "a line, and more", 'a ""line"", quoted'])
def test_text_of_several_lines_between_quotes_is_one_cell(
    n_lines: int, column: int, text: str
) -> None:
    row = ["a/0.jpg", "Rock", "x"]
    row[column] = '"' + "\n".join([text] * n_lines) + '"'
    lines = "".join(["path,genre,title\n", ",".join(row) + "\n", "a/1.jpg,Pop,y\n"])
    problems: list[Problem] = []
    (_, _), (line, cells), (_, last) = parse_rows(lines.splitlines(keepends=True), problems)
    assert problems == []
    assert line == 1 + n_lines
    assert cells[column] == "\n".join([text.replace('""', '"')] * n_lines)
    assert last == ["a/1.jpg", "Pop", "y"]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('"a","b","c"', ["a", "b", "c"]),
        ('a, "b, c", "d"', ["a", "b, c", "d"]),
        ('"a" ,"b" , "c" ', ["a", "b", "c"]),
        ('a,"say ""b"", c",d', ["a", 'say "b", c', "d"]),
        ('a,"say \\"b\\", c",d', ["a", 'say "b", c', "d"]),
        ('a,"12" mix,d', ["a", '"12" mix', "d"]),
        ("a|b|c", ["a|b|c"]),
    ],
)
def test_quotes_as_programs_write_them(line: str, cells: list[str]) -> None:
    (_, header), (_, found), (_, last) = parse_rows(["x,y,z\n", f"{line}\n", "1,2,3\n"])
    assert [cell.strip() for cell in found] == cells
    assert (header, last) == (["x", "y", "z"], ["1", "2", "3"])


def test_a_table_of_many_stray_quotes_is_read_in_time() -> None:
    lines = ["path,genre,title\n", *(f'a/{k}.jpg,Rock,"Heroes\n' for k in range(3_001))]
    assert len(list(parse_rows(lines))) == 3_002


@pytest.mark.parametrize("form", [str, str.upper, str.title, " {} ".format])
def test_words_for_nothing_are_empty(form: Callable[[str], str]) -> None:
    for word in EMPTY_WORDS:
        assert read_cell(["a", form(word)], {"genre": 1}, "genre") == ""


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

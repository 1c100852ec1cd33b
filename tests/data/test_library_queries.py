"""Which rows of a library a filter leaves, against the straight way with all in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genre_core.data import scores_merge, table_rows
from genre_core.data.library import (
    ORDERS,
    Library,
    Wanted,
    find_rows,
    genre_counts,
    open_library,
    read_rows,
    row_of_digest,
)
from genre_core.data.scores_merge import merge_scores
from genre_core.data.scores_table import digests_of
from genre_core.errors import DatasetError, ParameterError
from tests.made_libraries import PROG, write_made_scores
from tests.made_references import made_references

N = 3_000
PLACE = f"{PROG[0]}:above:Rock and Pop"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Row groups of 500, so that every question is answered from several."""
    folder = tmp_path_factory.mktemp("library")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scores_merge, "GROUP_ROWS", 500)
        made = write_made_scores(folder / "made.parquet", N)
        merge_scores([made], folder / "out.parquet", references={PROG[0]: made_references()})
    return open_library(folder / "out.parquet", "mine")


@pytest.fixture(scope="module")
def frame(library: Library) -> pd.DataFrame:
    return pd.read_parquet(library.path)


def test_a_library_is_known_without_reading_it(library: Library) -> None:
    assert (library.name, library.n_songs) == ("mine", N)
    assert library.prog == PROG
    assert library.genres == ("made.five", "made.tags")
    assert PLACE in library.above


CASES = {
    "all": (Wanted(), lambda t: t["error"] == ""),
    "unread": (Wanted(unread=True), lambda t: t["error"] != ""),
    "words": (
        Wanted(text="SONG artist 00012"),
        lambda t: (t["error"] == "") & t["path"].str.contains("00012"),
    ),
    "words of names alone": (
        Wanted(text="SONG 12", in_paths=False),
        lambda t: (t["error"] == "") & (t["title"] + t["artist"]).str.contains("12"),
    ),
    "words of paths alone": (Wanted(text="00012", in_paths=False), lambda t: t["error"] == "no"),
    "signs": (Wanted(text=".*"), lambda t: t["error"] == "no"),
    "genre": (
        Wanted(network="made.five", genre="Jazz"),
        lambda t: t["made.five:genre"] == "Jazz",
    ),
    "scores": (Wanted(low=0.2, high=0.3), lambda t: t["prog_score"].between(0.2, 0.3)),
    "place": (Wanted(place=PLACE, at_least=0.9), lambda t: t[PLACE] >= 0.9),
    "all at once": (
        Wanted("song", "made.tags", "guitar", 0.1, 0.9, PLACE, 0.5),
        lambda t: (
            (t["made.tags:genre"] == "guitar")
            & t["prog_score"].between(0.1, 0.9)
            & (t[PLACE] >= 0.5)
        ),
    ),
}
FIND_NOTHING = {"words of paths alone", "signs"}


@pytest.mark.parametrize("case", CASES)
def test_a_filter_leaves_what_it_says(case: str, library: Library, frame: pd.DataFrame) -> None:
    wanted, keep = CASES[case]
    rows = find_rows(library, wanted)
    assert rows.tolist() == np.flatnonzero(keep(frame)).tolist()
    assert (len(rows) == 0) == (case in FIND_NOTHING)
    assert rows.dtype == np.int32


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_is_that_of_the_straight_way(
    order: str, library: Library, frame: pd.DataFrame
) -> None:
    read = frame[frame["error"] == ""]
    columns, ascending = {
        "score": (["prog_score"], [False]),
        "lowest": (["prog_score"], [True]),
        "genre": (["made.five:genre", "prog_score"], [True, False]),
        "artist": (["artist", "prog_score"], [True, False]),
        "title": (["title", "prog_score"], [True, False]),
        "longest": (["duration_s", "prog_score"], [False, False]),
    }[order]
    by = {
        name: read[name].str.lower() if read[name].dtype == "str" else read[name]
        for name in columns
    }
    expected = pd.DataFrame(by).sort_values(columns, ascending=ascending, kind="stable").index
    rows = find_rows(library, Wanted(order=order, network="made.five"))
    assert rows.tolist() == expected.tolist()


def test_what_has_no_value_comes_last(tmp_path: Path) -> None:
    table = write_made_scores(tmp_path / "a.parquet", 120)
    frame = pd.read_parquet(table)
    frame.loc[:9, "artist"] = ""
    frame.loc[5:14, "made.five:genre"] = None
    frame.to_parquet(table)  # as pandas writes them, in one row group
    library = open_library(table)
    assert set(find_rows(library, Wanted(order="artist"))[-10:]) == set(range(10))
    last = find_rows(library, Wanted(order="genre", network="made.five"))[-10:]
    assert set(last) == set(range(5, 15))


def test_rows_come_in_the_order_that_is_asked_for(library: Library, frame: pd.DataFrame) -> None:
    rows = [2_999, 0, 777, 500, 499, 778]
    read = read_rows(library, rows)
    pd.testing.assert_frame_equal(read, frame.iloc[rows].reset_index(drop=True))
    part = read_rows(library, rows, ("title", "path"))
    assert list(part) == ["title", "path"]
    assert part["path"].tolist() == frame["path"].iloc[rows].tolist()
    assert len(read_rows(library, [], ("title",))) == 0


def test_few_rows_are_read_from_few_groups(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = pq.ParquetFile.iter_batches

    def watched(
        self: pq.ParquetFile, size: int, row_groups: list[int], **options: object
    ) -> object:
        asked.extend(row_groups)
        assert size == table_rows.GROUP_ROWS
        return real(self, size, row_groups, **options)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", watched)
    for name in ("read", "read_row_group"):
        monkeypatch.setattr(pq.ParquetFile, name, None)
    read_rows(library, range(510, 535))
    assert asked == [1]


def test_answers_are_counted_the_commonest_first(library: Library, frame: pd.DataFrame) -> None:
    counts = genre_counts(library, "made.five")
    assert counts == frame["made.five:genre"].value_counts().to_dict()
    assert list(counts.values()) == sorted(counts.values(), reverse=True)


def test_a_digest_names_a_row(library: Library, frame: pd.DataFrame) -> None:
    for place in (0, 1_234, N - 1):
        digest = digests_of([frame["path"].iloc[place]]).hex()
        assert row_of_digest(library, digest) == place
    for nonsense in ("", "00", "zz", "../../etc/passwd", 32 * "0"):
        assert row_of_digest(library, nonsense) is None


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(order="up"),
        Wanted(order="genre"),
        Wanted(network="nobody", genre="Jazz"),
        Wanted(place="path"),
    ],
)
def test_what_a_library_does_not_have_is_refused(wanted: Wanted, library: Library) -> None:
    with pytest.raises(ParameterError, match="Received"):
        find_rows(library, wanted)


def test_no_table_is_no_library(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("no table")
    with pytest.raises(DatasetError, match="Received"):
        open_library(tmp_path / "a.parquet")


def test_a_table_without_our_columns_is_no_library(tmp_path: Path) -> None:
    table = pq.read_table(write_made_scores(tmp_path / "made.parquet", 5))
    pq.write_table(table.drop_columns(["title", "artist"]), tmp_path / "bare.parquet")
    with pytest.raises(DatasetError, match="without the columns title, artist"):
        open_library(tmp_path / "bare.parquet")


def test_a_column_without_any_value_is_searched_too(tmp_path: Path) -> None:
    table = pq.read_table(write_made_scores(tmp_path / "made.parquet", 5))
    for name in ("prog_score", "duration_s"):  # as older tables of unreadable songs have them
        table = table.set_column(table.column_names.index(name), name, pa.nulls(5))
    pq.write_table(table, tmp_path / "empty.parquet")
    empty = open_library(tmp_path / "empty.parquet")
    for order in ("score", "lowest", "longest"):
        assert len(find_rows(empty, Wanted(order=order))) == sum(
            error == "" for error in table.column("error").to_pylist()
        )

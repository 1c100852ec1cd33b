"""Tables of scores made of several: sorted, a row a song, and never whole in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genre_core.data import scores_merge, scores_table
from genre_core.data.scores_merge import merge_scores
from genre_core.data.scores_table import FIRST, Digests, batches, digests_of, write_part
from genre_core.errors import DatasetError
from genre_core.metrics.references import places
from tests.made_libraries import PROG, made_scores, write_made_scores
from tests.made_references import made_references


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> int:
    """Row groups of 500 rows, so that 10,000 rows are many."""
    for module in (scores_table, scores_merge):
        monkeypatch.setattr(module, "GROUP_ROWS", 500)
    return 500


def by_pandas(*sources: Path) -> pd.DataFrame:
    """The straight way, with all in memory."""
    frame = pd.concat([pd.read_parquet(source) for source in sources], ignore_index=True)
    frame = frame.drop_duplicates("path", keep="last")
    return frame.sort_values("prog_score", ascending=False, kind="stable", na_position="last")


@pytest.mark.parametrize("n_newer", [0, 1, 3_000])
def test_rows_are_as_the_straight_way_sorts_them(
    n_newer: int, small_groups: int, tmp_path: Path
) -> None:
    old = write_made_scores(tmp_path / "old.parquet", 10_000)
    newer = tmp_path / "newer.parquet"
    pq.write_table(made_scores(n_newer, start=4_000, seed=1), newer)
    merge_scores([old, newer], tmp_path / "out.parquet")
    out = pd.read_parquet(tmp_path / "out.parquet")
    expected = by_pandas(old, newer)
    assert out["prog_score"].tolist() == pytest.approx(expected["prog_score"], nan_ok=True)
    assert out["path"].is_unique
    pd.testing.assert_frame_equal(
        out.sort_values("path", ignore_index=True)[list(expected)],
        expected.sort_values("path", ignore_index=True),
    )
    metadata = pq.read_metadata(tmp_path / "out.parquet")
    assert metadata.num_row_groups == 20
    assert max(metadata.row_group(k).num_rows for k in range(20)) == small_groups


def test_no_table_is_ever_whole(
    small_groups: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = write_made_scores(tmp_path / "old.parquet", 10_000)
    held = []

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a whole table is read")

    for owner, name in ((pq, "read_table"), (pq.ParquetFile, "read"), (pd, "read_parquet")):
        monkeypatch.setattr(owner, name, refused)
    real = scores_merge._sorted

    def watched(file: Path, schema: pa.Schema) -> pa.Table:
        table = real(file, schema)
        held.append(len(table))
        return table

    monkeypatch.setattr(scores_merge, "_sorted", watched)
    merge_scores([old], tmp_path / "out.parquet", references={PROG[0]: made_references()})
    assert sum(held) == 10_000
    assert max(held) == small_groups
    assert {len(batch) for batch in batches(tmp_path / "out.parquet")} == {small_groups}


def test_of_a_long_table_few_files_are_open(
    small_groups: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores_merge, "_MAX_OPEN", 2)
    old = write_made_scores(tmp_path / "old.parquet", 3_000)
    merge_scores([old], tmp_path / "out.parquet")
    metadata = pq.read_metadata(tmp_path / "out.parquet")
    assert [metadata.row_group(k).num_rows for k in range(metadata.num_row_groups)] == 6 * [500]


def test_places_are_those_of_single_songs(small_groups: int, tmp_path: Path) -> None:
    old = write_made_scores(tmp_path / "old.parquet", 1_200)
    known = made_references()
    merge_scores([old], tmp_path / "out.parquet", references={PROG[0]: known, "other": known})
    out = pd.read_parquet(tmp_path / "out.parquet")
    above = [name for name in out if ":above:" in name]
    assert above
    assert all(name.startswith(PROG[0]) for name in above)
    assert list(out)[-len(above) :] == above
    for row in out[::40].to_dict("records"):
        if np.isnan(row[f"{PROG[0]}:prog"]):
            assert all(np.isnan(row[name]) for name in above)
            continue
        for place in places(known, row[f"{PROG[0]}:prog"]):
            if place.higher_than is not None:
                assert row[f"{PROG[0]}:above:{place.genre}"] == place.higher_than
    # They are made anew: without references there are none.
    merge_scores([tmp_path / "out.parquet"], tmp_path / "out.parquet")
    assert not [
        name for name in pq.read_schema(tmp_path / "out.parquet").names if ":above:" in name
    ]


def test_what_is_gone_goes_and_links_become_one_row(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    (music / "a.ogg").touch()
    (tmp_path / "linked").symlink_to(music)
    rows = [
        {"path": str(tmp_path / "linked" / "a.ogg"), "prog_score": 0.1},
        {"path": str(music / "a.ogg"), "prog_score": 0.2},
        {"path": str(music / "gone.ogg"), "prog_score": 0.3},
        {"path": str(music / "asked.ogg"), "prog_score": 0.4},
        {"path": "/no disk/b.ogg", "prog_score": 0.5},
    ]
    write_part(rows, tmp_path / "old.parquet")
    merge_scores(
        [tmp_path / "old.parquet"],
        tmp_path / "out.parquet",
        is_gone=lambda path: path.endswith(("gone.ogg", "asked.ogg")),
        asked=Digests(digests_of([str(music / "asked.ogg")])),
    )
    out = pd.read_parquet(tmp_path / "out.parquet")
    assert out["path"].tolist() == [
        "/no disk/b.ogg",
        *(str(music / n) for n in ("asked.ogg", "a.ogg")),
    ]
    assert out["prog_score"].tolist() == [0.5, 0.4, 0.2]


def test_columns_that_nobody_fills_go_and_others_stay(tmp_path: Path) -> None:
    table = made_scores(30)
    table = table.append_column("mine", pa.array(range(30)))
    table = table.append_column("old:genre", pa.nulls(30))  # as pandas wrote empty ones
    pq.write_table(table, tmp_path / "old.parquet")
    merge_scores([tmp_path / "old.parquet"], tmp_path / "out.parquet")
    names = pq.read_schema(tmp_path / "out.parquet").names
    assert names[: len(FIRST)] == list(FIRST)
    assert "mine" in names
    assert "old:genre" not in names
    # What scores has its verdicts, empty without a threshold.
    assert {f"{PROG[0]}:share", f"{PROG[0]}:majority"} <= set(names)


def test_no_row_is_a_table_too(tmp_path: Path) -> None:
    merge_scores([], tmp_path / "out.parquet")
    assert pq.read_schema(tmp_path / "out.parquet").names == list(FIRST)
    merge_scores([tmp_path / "out.parquet"], tmp_path / "out.parquet")
    assert list(batches(tmp_path / "out.parquet")) == []


def test_a_column_of_another_type_is_refused_and_the_table_stays(tmp_path: Path) -> None:
    table = made_scores(3).set_column(1, "n_bytes", pa.array(["many", "few", "none"]))
    pq.write_table(table, tmp_path / "old.parquet")
    before = (tmp_path / "old.parquet").read_bytes()
    with pytest.raises(DatasetError, match="Received"):
        merge_scores([tmp_path / "old.parquet"], tmp_path / "old.parquet")
    assert (tmp_path / "old.parquet").read_bytes() == before


def test_somebodys_own_column_may_be_called_rank(tmp_path: Path) -> None:
    table = made_scores(30).append_column("rank", pa.array(range(30)))
    pq.write_table(table, tmp_path / "old.parquet")
    merge_scores([tmp_path / "old.parquet"], tmp_path / "out.parquet")
    merged = pq.read_table(tmp_path / "out.parquet")
    assert sorted(merged.column("rank").to_pylist()) == list(range(30))

"""What can be taken away: CSV that reads back, Parquet with the selection, playlists."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genre_core.analysis.exports import misclassified_csv, predictions_parquet, selection_m3u
from genre_core.data.catalog import Catalog
from genre_core.errors import ParameterError
from tests.made_bundles import write_dataset
from tests.made_evaluations import GENRES, made_evaluation, made_predictions

ODD = 'a "quoted", line\nand 日本 =1+1'


def read(content: bytes) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_table_has_the_wrong_items_and_reads_back() -> None:
    rows = made_predictions(100)
    rows["title"] = ODD
    record = made_evaluation(predictions=rows)
    wrong = rows[rows["genre_index"] != rows["predicted"]]
    table = read(misclassified_csv(record))
    assert {row["item_id"] for row in table} == set(wrong["item_id"])
    assert len(table) == len(wrong) > 5
    margins = [float(row["p_said"]) - float(row["p_true"]) for row in table]
    assert margins == sorted(margins, reverse=True)
    for row in table:
        own = rows[rows["item_id"] == row["item_id"]].iloc[0]
        assert row["title"] == ODD
        assert row["true"] == GENRES[own["genre_index"]]
        assert row["said"] == GENRES[own["predicted"]]
        probs = [float(row[f"p {genre}"]) for genre in GENRES]
        assert np.isclose(sum(probs), 1, atol=1e-3)
        assert GENRES[int(np.argmax(probs))] == row["said"]
        assert row["path"] == ""


def test_of_a_selection_only_the_wrong_ones_and_with_their_paths(tmp_path: Path) -> None:
    catalog = write_dataset(tmp_path / "data")
    rows = made_predictions(12, accuracy=0.4)
    rows["item_id"] = catalog.frame["item_id"].to_numpy()
    record = made_evaluation(predictions=rows)
    some = np.arange(6)
    table = read(misclassified_csv(record, some, catalog=catalog))
    part = rows.iloc[some]
    assert {row["item_id"] for row in table} == set(
        part[part["genre_index"] != part["predicted"]]["item_id"]
    )
    assert all(Path(row["path"]).is_file() for row in table)


def test_parquet_has_all_and_marks_the_selection() -> None:
    record = made_evaluation(50)
    table = pd.read_parquet(io.BytesIO(predictions_parquet(record, np.array([3, 5]))))
    assert np.flatnonzero(table["selected"]).tolist() == [3, 5]
    assert table["true"].tolist() == [GENRES[k] for k in table["genre_index"]]
    pd.testing.assert_frame_equal(table[list(record.predictions())], record.predictions())
    assert pd.read_parquet(io.BytesIO(predictions_parquet(record)))["selected"].all()


def test_a_playlist_keeps_the_order_and_says_what_it_cannot_hold(tmp_path: Path) -> None:
    catalog = write_dataset(tmp_path / "data")
    rows = made_predictions(12, media="song")
    rows["item_id"] = [*catalog.frame["item_id"][:11], "gone.mp3"]
    record = made_evaluation(predictions=rows, media="song")
    text, problems = selection_m3u(record, np.array([2, 0, 11]), catalog, folder=tmp_path)
    lines = text.splitlines()
    assert lines[2::2] == ["data/002.png", "data/000.png"]
    seconds = round(rows["fact_duration_s"].iat[2])
    assert lines[1] == f"#EXTINF:{seconds},{rows['artist'].iat[2]} - {rows['title'].iat[2]}"
    assert [problem.where for problem in problems] == ["gone.mp3"]
    frame = catalog.frame.assign(path="spectrograms.npz/" + catalog.frame["path"])
    drawn = Catalog(catalog.head, catalog.root, frame)
    text, problems = selection_m3u(record, np.array([2]), drawn)
    assert (text, problems[0].what) == ("#EXTM3U\n", "is no sound of the data set")
    bare = rows.drop(columns=[name for name in rows if name.startswith("fact_")])
    record = made_evaluation(predictions=bare, media="song")
    assert "#EXTINF:-1," in selection_m3u(record, np.array([2]), catalog)[0]


def test_covers_make_no_playlist(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"is of songs.*Received"):
        selection_m3u(made_evaluation(), np.array([0]), write_dataset(tmp_path / "data"))

"""Counts by genre and split, values in two splits, and lengths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import soundfile

from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.facts import MAX_CATEGORIES, OTHERS, balance, durations, sharing
from genre_core.data.item import items_frame


def table_of(rows: list[dict[str, object]]) -> pa.Table:
    catalog = Catalog(DatasetHead("m", "M", "u", "u"), Path(), items_frame(rows))
    return catalog.table(("labels", "artist", "album", "group", "split"))


def test_every_label_of_every_item_is_counted_once() -> None:
    rng = np.random.default_rng(0)
    rows = [
        {
            "labels": [f"L{k}" for k in range(60) if rng.random() < 0.2],
            "split": ("train", "val", "test", "")[rng.integers(4)],
        }
        for _ in range(200)
    ]
    table = balance(table_of(rows))
    assert len(table) == MAX_CATEGORIES + 1
    assert table["label"].iloc[-1] == OTHERS
    counted = table[["train", "val", "test", "none"]]
    assert counted.to_numpy().sum() == sum(len(row["labels"]) for row in rows)
    totals = counted.sum(axis=1).to_numpy()[:-1]
    assert (np.diff(totals) <= 0).all()
    for split in ("train", "val", "test"):
        n = sum(len(row["labels"]) for row in rows if row["split"] == split)
        assert counted[split].sum() == n
    assert balance(table_of([])).shape == (0, 5)


def test_albums_of_one_name_are_told_apart_by_artist_and_case_is_no_difference() -> None:
    rows = [
        {"artist": "Yes", "album": "Live", "split": "train", "group": "a"},
        {"artist": "Rush", "album": "Live", "split": "test", "group": "b"},
        {"artist": "RUSH", "album": "live", "split": "train", "group": "b"},
        {"artist": "", "album": "", "split": "test", "group": ""},
        {"artist": "Genesis", "album": "Trespass", "split": "", "group": "c"},
        {"artist": "Genesis", "album": "Trespass", "split": "val", "group": "c"},
    ]
    table = table_of(rows)
    artist, album, group = (sharing(table, name) for name in ("artist", "album", "group"))
    assert (artist.n_known, artist.n_values, artist.crossing) == (5, 3, ("rush",))
    assert artist.n_crossing_items == 2
    # Without a split nothing is crossed.
    assert (album.n_values, album.crossing) == (3, ("live \u00b7 rush",))
    assert group.crossing == ("b",)
    assert sharing(table_of([]), "artist").n_values == 0


def test_lengths_are_those_of_the_headers_and_unreadable_ones_are_nan(
    tmp_path: Path, write_song: Callable[..., Path]
) -> None:
    write_song(tmp_path / "a.flac")
    soundfile.write(tmp_path / "b.wav", np.zeros(16_000), 8_000)
    (tmp_path / "c.mp3").write_bytes(b"no song")
    rows = [{"item_id": n, "path": n} for n in ("a.flac", "b.wav", "c.mp3", "gone.ogg", "../x.ogg")]
    catalog = Catalog(DatasetHead("m", "M", "u", "u", "track"), tmp_path, items_frame(rows))
    told: list[int] = []
    found = durations(catalog, range(5), progress=lambda done, total, text: told.append(done))
    np.testing.assert_allclose(found, [0.1, 2.0, np.nan, np.nan, np.nan])
    assert told == [5]
    assert durations(catalog, []).shape == (0,)

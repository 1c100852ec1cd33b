"""A data set whose index stays on disk answers as one that was read whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from genre_core.data import catalog_index
from genre_core.data.catalog import CATALOG_FILE, HEAD_FILE, Catalog, DatasetHead, load_catalog
from genre_core.data.catalog_index import StoredCatalog
from genre_core.data.facts import balance, sharing
from genre_core.data.item import items_frame
from genre_core.data.notes import note, noted_items
from genre_core.errors import DatasetError, ParameterError

N = 300


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = []
    for k in range(N):
        artist = ("", "Yes", "YES", "Straße", "STRASSE", "Can")[rng.integers(6)]
        rows.append(
            {
                "item_id": f"{k:03}.mp3",
                "path": f"songs/{k:03}.mp3",
                "checksum": f"{k:064x}",
                "labels": list(rng.choice(["Folk", "Jazz", "Rock"], rng.integers(3), False)),
                "artist": artist,
                "album": ("", "Live", "live", "Fragile")[rng.integers(4)],
                "year": 1970 + k % 9 if k % 4 else None,
                "group": artist.casefold(),
                "split": ("train", "val", "test", "")[rng.integers(4)],
                "weights": [],
            }
        )
    rows[7] |= {"labels": ["Folk", "Rock"], "weights": [0.25, 0.75]}
    head = DatasetHead("mine", "Mine", "nobody", "none", "track", ("Folk", "Jazz", "Rock"))
    return Catalog(head, tmp_path, items_frame(rows)).save(tmp_path)


@pytest.fixture
def unread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> StoredCatalog:
    """It must not be read whole."""
    catalog = StoredCatalog(folder)

    def refuse(*_: object) -> Catalog:
        raise AssertionError("the whole index was read")

    monkeypatch.setattr(catalog_index, "load_catalog", refuse)
    return catalog


QUESTIONS: dict[str, Callable[[Catalog], object]] = {
    "length": len,
    "head": lambda catalog: catalog.head,
    "digest": lambda catalog: catalog.digest,
    "splits": lambda catalog: catalog.splits(),
    "balance": lambda catalog: balance(catalog.table(("labels", "split"))).to_dict("records"),
    "artists": lambda catalog: sharing(catalog.table(("artist", "split")), "artist"),
    "albums": lambda catalog: sharing(catalog.table(("album", "artist", "split")), "album"),
    "groups": lambda catalog: sharing(catalog.table(("split", "group")), "group"),
    "years": lambda catalog: catalog.table(("year", "weights")).to_pylist(),
    "a path": lambda catalog: catalog.path_of("007.mp3").resolve(),
    "notes": noted_items,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_answers_without_being_read_whole(
    folder: Path, unread: StoredCatalog, question: str
) -> None:
    whole = load_catalog(folder)
    note(whole, "004.mp3", text="too loud")
    answers = [QUESTIONS[question](catalog) for catalog in (unread, whole)]
    if question in ("artists", "albums", "groups"):  # equally common ones come in any order
        answers = [(a.n_known, a.n_values, sorted(a.crossing), a.n_crossing_items) for a in answers]  # type: ignore[attr-defined]
    assert answers[0] == answers[1]
    assert answers[1]


def test_some_items_are_those_of_the_frame(folder: Path, unread: StoredCatalog) -> None:
    frame = load_catalog(folder).frame
    places = [299, 0, 7]
    expected = frame.iloc[places].reset_index(drop=True)
    pd.testing.assert_frame_equal(unread.items_at(places), expected)
    named = unread.items_named(["299.mp3", "no such", "000.mp3"])
    pd.testing.assert_frame_equal(named, frame.iloc[[0, 299]].reset_index(drop=True))
    assert len(unread.items_named([])) == len(unread.items_at([])) == 0
    unread.look_up(["299.mp3", "no such"])
    assert unread.path_text("299.mp3") == "songs/299.mp3"
    with pytest.raises(ParameterError, match="Received 'no such'"):
        unread.path_of("no such")


def test_asked_for_all_it_reads_all_and_checks_it(folder: Path) -> None:
    catalog = StoredCatalog(folder)
    pd.testing.assert_frame_equal(catalog.frame, load_catalog(folder).frame)
    assert catalog.path_of("007.mp3").name == "007.mp3"
    other = pq.read_table(folder / CATALOG_FILE).slice(1)
    pq.write_table(other, folder / CATALOG_FILE)
    with pytest.raises(DatasetError, match="not the one"):
        _ = StoredCatalog(folder).frame


def test_what_is_no_index_is_refused_at_once(folder: Path, tmp_path: Path) -> None:
    table = pq.read_table(folder / CATALOG_FILE).drop_columns(["group"])
    pq.write_table(table, folder / CATALOG_FILE)
    with pytest.raises(DatasetError, match="without group"):
        StoredCatalog(folder)
    (folder / CATALOG_FILE).write_bytes(b"no table")
    with pytest.raises(DatasetError, match="Received"):
        StoredCatalog(folder)
    (folder / HEAD_FILE).unlink()
    with pytest.raises(DatasetError, match=f"no {HEAD_FILE}"):
        StoredCatalog(folder)

"""Tens of thousands of covers: nothing freezes, memory stays bounded, progress moves."""

from __future__ import annotations

import gc
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from genre_core.data.audit import validate
from genre_core.data.catalog import Catalog, DatasetHead, load_catalog
from genre_core.data.item import items_frame
from genre_core.data.splits import find_leaks, make_splits, merge_groups
from tests.made_imports import import_as

pytestmark = pytest.mark.slow

# The smallest GIF that every decoder takes, 8 x 8 px, told apart by what follows its end.
GIF = bytes.fromhex(
    "47494638396108000800800000ffffff00000021f90400000000002c0000000008000800000207848fa9cbed5d003b"
)


def write_many(folder: Path, n: int, first: int = 0) -> None:
    folder.mkdir(parents=True)
    for k in range(first, first + n):
        (folder / f"{k}.gif").write_bytes(GIF + k.to_bytes(4, "big"))


def test_splits_and_catalog_of_50_000_items(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    n = 50_000
    genres = rng.choice(12, n, p=rng.dirichlet(np.ones(12) * 2))
    artists = rng.integers(0, 20_000, n)
    checksums = [f"{k:064x}" for k in rng.integers(0, 45_000, n)]
    start = time.perf_counter()
    groups = merge_groups([f"artist {k}" for k in artists], checksums)
    split = make_splits(genres, groups)
    frame = items_frame(
        {
            "item_id": f"{k}.jpg",
            "path": f"{k}.jpg",
            "checksum": checksums[k],
            "labels": [f"genre {genres[k]}"],
            "group": groups[k],
            "split": split[k],
        }
        for k in range(n)
    )
    labels = tuple(sorted({f"genre {k}" for k in genres}))
    catalog = Catalog(
        DatasetHead("many", "Many", "unknown", "unknown", labels=labels), tmp_path, frame
    )
    catalog.save(tmp_path / "many")
    assert validate(load_catalog(tmp_path / "many")) == []
    # About 4 s on two busy cores; the splits alone once took half a minute.
    assert time.perf_counter() - start < 30
    assert find_leaks(frame) == []


def test_parts_of_every_label_at_100_000_items() -> None:
    rng = np.random.default_rng(1)
    n = 100_000
    artists = rng.integers(0, 40_000, n)
    genres = rng.choice(20, 40_000)[artists]
    start = time.perf_counter()
    split = make_splits(genres, artists)
    assert time.perf_counter() - start < 20
    for name, part in (("train", 0.7), ("val", 0.15), ("test", 0.15)):
        for genre in range(20):
            assert np.mean(split[genres == genre] == name) == pytest.approx(part, abs=0.005)


def test_thousands_of_small_files_move_the_progress(tmp_path: Path) -> None:
    write_many(tmp_path / "prog", 400)
    write_many(tmp_path / "others", 1_600, first=400)
    seen: list[tuple[int, int, float]] = []
    result = import_as(
        "prog",
        tmp_path / "prog",
        others=tmp_path / "others",
        progress=lambda done, total, text: seen.append((done, total, time.perf_counter())),
    )
    assert result.problems == ()
    assert len(result.catalog) == 2_000
    steps = [done for done, _, _ in seen]
    assert steps == sorted(set(steps))
    # Where a file takes a second, as on a busy machine, it is told of too.
    assert {*range(50, 2_001, 50)} <= {*steps}
    assert {total for _, total, _ in seen} == {2_000}
    waits = np.diff([moment for *_, moment in seen])
    # Nobody watches a bar that stands still: each step is a small part of the whole.
    assert waits.max() < 5


def test_memory_grows_by_the_rows_and_not_by_the_files(tmp_path: Path) -> None:
    peaks, rarely = [], gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own: tests collect more rarely, garbage would count
    try:
        for n in (200, 800):
            write_many(tmp_path / str(n) / "Rock", n)
            gc.collect()
            tracemalloc.start()
            import_as("folders", tmp_path / str(n))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    finally:
        gc.set_threshold(*rarely)
    # Bytes a cover: its row and its note in the scan cache, not its file.
    assert (peaks[1] - peaks[0]) / 600 < 6_000

"""Tens of thousands of covers: nothing freezes, memory stays bounded, progress moves."""

from __future__ import annotations

import functools
import gc
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from genre_core.data.audit import validate
from genre_core.data.catalog import Catalog, DatasetHead, load_catalog
from genre_core.data.item import items_frame
from genre_core.data.splits import find_leaks, make_splits, merge_groups
from tests.made_counts import n_calls
from tests.made_imports import import_as

pytestmark = pytest.mark.slow

# The smallest GIF that every decoder takes, 8 x 8 px, told apart by what follows its end.
GIF = bytes.fromhex(
    "47494638396108000800800000ffffff00000021f90400000000002c0000000008000800000207848fa9cbed5d003b"
)


def write_many(folder: Path, n: int, first: int = 0, n_more: int = 0) -> None:
    folder.mkdir(parents=True)
    for k in range(first, first + n):
        (folder / f"{k}.gif").write_bytes(GIF + k.to_bytes(4, "big") + bytes(n_more))


def test_four_times_as_many_items_are_not_five_times_the_work_to_split() -> None:
    rng = np.random.default_rng(0)
    merging, splitting = [], []
    for n in (2_000, 8_000):
        artists = [f"artist {k}" for k in rng.integers(0, n // 2, n)]
        checksums = [f"{k:064x}" for k in rng.integers(0, n * 9 // 10, n)]
        genres = rng.choice(12, n, p=rng.dirichlet(np.ones(12) * 2))
        groups = merge_groups(artists, checksums)
        merging.append(n_calls(functools.partial(merge_groups, artists, checksums)))
        splitting.append(n_calls(functools.partial(make_splits, genres, groups)))
    assert merging[1] <= 5 * merging[0], merging
    assert splitting[1] <= 5 * splitting[0], splitting


def test_splits_and_catalog_of_20_000_items(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    genres = rng.choice(12, n, p=rng.dirichlet(np.ones(12) * 2))
    artists = rng.integers(0, 8_000, n)
    checksums = [f"{k:064x}" for k in rng.integers(0, 18_000, n)]
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
    assert find_leaks(frame) == []


def test_parts_of_every_label_at_100_000_items() -> None:
    rng = np.random.default_rng(1)
    n = 100_000
    artists = rng.integers(0, 40_000, n)
    genres = rng.choice(20, 40_000)[artists]
    split = make_splits(genres, artists)
    for name, part in (("train", 0.7), ("val", 0.15), ("test", 0.15)):
        for genre in range(20):
            assert np.mean(split[genres == genre] == name) == pytest.approx(part, abs=0.005)


def test_thousands_of_small_files_move_the_progress(tmp_path: Path) -> None:
    write_many(tmp_path / "prog", 400)
    write_many(tmp_path / "others", 1_600, first=400)
    seen: list[tuple[int, int]] = []
    result = import_as(
        "prog",
        tmp_path / "prog",
        others=tmp_path / "others",
        progress=lambda done, total, text: seen.append((done, total)),
    )
    assert result.problems == ()
    assert len(result.catalog) == 2_000
    steps = [done for done, _ in seen]
    assert steps == sorted(set(steps))
    # Nobody watches a bar that stands still: each step is a small part of the whole. Where a file
    # takes a second, as on a busy machine, it is told of too.
    assert {*range(50, 2_001, 50)} <= {*steps}
    assert {total for _, total in seen} == {2_000}


def test_memory_grows_by_the_rows_and_not_by_the_files(tmp_path: Path) -> None:
    peaks, rarely = [], gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own: tests collect more rarely, garbage would count
    try:
        for n in (100, 400):
            write_many(tmp_path / str(n) / "Rock", n, n_more=20_000)
            gc.collect()
            tracemalloc.start()
            import_as("folders", tmp_path / str(n))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    finally:
        gc.set_threshold(*rarely)
    # Bytes a cover: its row and its note in the scan cache, not its file.
    assert (peaks[1] - peaks[0]) / 300 < 6_000, peaks

from __future__ import annotations

import os
import shutil
import threading
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genre_core.config import CoverInput
from genre_core.data import cover_cache
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cache_file, cached_covers, read_rows
from genre_core.data.files import sha256_file
from genre_core.errors import DatasetError, ParameterError
from genre_core.image.cover import prepare_cover
from genre_core.image.decode import decode_cover
from tests.made_imports import import_as

WriteCover = Callable[..., Path]
SPEC = CoverInput(size=32)


@pytest.fixture
def catalog(tmp_path: Path, write_cover: WriteCover, own_home: Path) -> Catalog:
    """Twelve covers of noise."""
    for seed in range(12):
        write_cover(tmp_path / "mine" / f"genre{seed % 2}" / f"{seed}.png", seed=seed, side=48)
    return import_as("folders", tmp_path / "mine").catalog


def test_rows_are_the_prepared_covers_in_order(catalog: Catalog) -> None:
    frame = catalog.frame.iloc[[5, 0, 3, 0]]
    covers = cached_covers(catalog, frame, SPEC)
    assert isinstance(covers, np.memmap)
    assert covers.shape == (4, 32, 32, 3)
    assert covers.dtype == np.uint8
    for row, item_id in zip(covers, frame["item_id"], strict=True):
        straight = prepare_cover(decode_cover(catalog.path_of(item_id)), SPEC)
        np.testing.assert_array_equal(row, straight)


def test_cache_is_used_again_and_read_only(catalog: Catalog) -> None:
    calls: list[tuple[int, int, str]] = []

    def progress(*args: object) -> None:
        calls.append(args)  # type: ignore[arg-type]

    first = cached_covers(catalog, catalog.frame, SPEC, progress=progress)
    assert calls == [(12, 12, "covers prepared")]
    shutil.rmtree(catalog.root)  # What is cached needs no files any more.
    again = cached_covers(catalog, catalog.frame, SPEC, progress=progress)
    assert len(calls) == 1
    np.testing.assert_array_equal(again, first)
    with pytest.raises(ValueError, match="read-only"):
        again[0] = 0


def test_key_tells_covers_order_and_settings_but_not_places(
    catalog: Catalog, tmp_path: Path
) -> None:
    frame = catalog.frame
    elsewhere = frame.assign(path="x/" + frame["path"], split="", item_id="other")
    assert cache_file(elsewhere, SPEC) == cache_file(frame, SPEC)
    others = [
        cache_file(frame.iloc[::-1], SPEC),
        cache_file(frame.iloc[:-1], SPEC),
        cache_file(frame, CoverInput(size=33)),
        cache_file(frame, CoverInput(size=32, fit="crop")),
        cache_file(frame, CoverInput(size=32, resample="bilinear")),
    ]
    assert len({cache_file(frame, SPEC), *others}) == 6


def test_all_broken_covers_are_listed_and_nothing_stays(
    catalog: Catalog, tmp_path: Path, write_cover: WriteCover
) -> None:
    root = catalog.root
    content = (root / "genre0/0.png").read_bytes()
    truncated = content[: len(content) // 2]
    (root / "genre0/0.png").write_bytes(truncated)
    (root / "genre1/1.png").unlink()
    write_cover(root / "genre0/2.png", seed=99)
    (root / "genre1/3.png").unlink()
    # Wherever it lies, it is the very file that was imported.
    (root / "genre1/3.png").symlink_to(write_cover(tmp_path / "out.png", seed=3, side=48))
    with pytest.raises(DatasetError, match="Received 3 of 12 that are not") as caught:
        cached_covers(catalog, catalog.frame, SPEC)
    found = {each.where: each.what for each in caught.value.problems}
    assert found == {
        "genre0/0.png": "is not the file that was imported",
        "genre0/2.png": "is not the file that was imported",
        "genre1/1.png": "cannot be read: No such file or directory",
    }
    assert list(cache_file(catalog.frame, SPEC).parent.iterdir()) == []


def test_a_cover_that_an_older_import_took_is_named(catalog: Catalog) -> None:
    path = catalog.root / "genre0/0.png"
    path.write_bytes(path.read_bytes()[:400])
    frame = catalog.frame.copy()  # Covers were not always read whole.
    frame.loc[frame["item_id"] == "genre0/0.png", "checksum"] = sha256_file(path)
    with pytest.raises(DatasetError, match="Received 1 of 12") as caught:
        cached_covers(catalog, frame, SPEC)
    assert caught.value.problems[0].where == "genre0/0.png"
    assert caught.value.problems[0].what.startswith("not readable")


@pytest.mark.parametrize("keep", [0, 60, 1000])
def test_damaged_cache_is_made_again(catalog: Catalog, keep: int) -> None:
    first = np.array(cached_covers(catalog, catalog.frame, SPEC))
    file = cache_file(catalog.frame, SPEC)
    file.write_bytes(file.read_bytes()[:keep])
    np.testing.assert_array_equal(cached_covers(catalog, catalog.frame, SPEC), first)


@pytest.mark.parametrize("other", [np.zeros((3, 32, 32, 3), np.uint8), np.zeros((12, 32, 32, 3))])
def test_cache_of_another_shape_is_made_again(catalog: Catalog, other: np.ndarray) -> None:
    file = cache_file(catalog.frame, SPEC)
    file.parent.mkdir(parents=True)
    np.save(file, other)
    covers = cached_covers(catalog, catalog.frame, SPEC)
    assert covers.shape == (12, 32, 32, 3)
    assert covers.dtype == np.uint8
    assert covers.any()


def test_two_threads_may_make_the_same_cache(catalog: Catalog) -> None:
    results: list[np.ndarray] = []

    def work() -> None:
        results.append(np.array(cached_covers(catalog, catalog.frame, SPEC)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])
    assert [path.name for path in cache_file(catalog.frame, SPEC).parent.iterdir()] == [
        cache_file(catalog.frame, SPEC).name
    ]


def test_memory_does_not_grow_with_the_covers(catalog: Catalog) -> None:
    frame = catalog.frame.iloc[np.arange(240) % 12]
    spec = CoverInput(size=256)
    cached_covers(catalog, frame.iloc[:1], spec)
    tracemalloc.start()
    covers = cached_covers(catalog, frame, spec)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert covers.nbytes > 47e6
    assert peak < 12e6  # Some decoded covers, not the array.


def test_oldest_caches_and_leftovers_go(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [catalog.frame.iloc[k : k + 1] for k in range(3)]
    files = [cache_file(frame, SPEC) for frame in frames]
    for k in range(2):
        cached_covers(catalog, frames[k], SPEC)
        os.utime(files[k], (1000 + k, 1000 + k))
    leftover = files[0].with_name(".x-0.part.npy")
    fresh = files[0].with_name(".y-0.part.npy")
    for path in (leftover, fresh):
        path.write_bytes(b"half")
    os.utime(leftover, (1000, 1000))
    cached_covers(catalog, frames[0], SPEC)  # Used: now the younger one.
    small = replace(cover_cache.COVERS, max_bytes=2 * 32 * 32 * 3 + 500)
    monkeypatch.setattr(cover_cache, "COVERS", small)
    cached_covers(catalog, frames[2], SPEC)
    assert [file.exists() for file in files] == [True, False, True]
    assert not leftover.exists()
    assert fresh.exists()


def test_full_disk_and_empty_frame(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ParameterError, match="Received 0 rows"):
        cached_covers(catalog, catalog.frame.iloc[:0], SPEC)
    usage = shutil.disk_usage(catalog.root)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DatasetError, match=r"Received 0\.0 GB free"):
        cached_covers(catalog, catalog.frame, SPEC)


def test_rows_are_read_from_the_file_as_from_memory(catalog: Catalog) -> None:
    covers = cached_covers(catalog, catalog.frame, SPEC)
    in_memory = np.array(covers)
    for rows in (np.array([7, 0, 7]), slice(3, 9), slice(10, 99), np.array([], dtype=int)):
        found = read_rows(covers, rows)
        np.testing.assert_array_equal(found, in_memory[rows])
        assert not isinstance(found, np.memmap)
        np.testing.assert_array_equal(read_rows(in_memory, rows), in_memory[rows])


def test_a_part_of_a_map_is_not_taken_for_the_whole(catalog: Catalog) -> None:
    covers = cached_covers(catalog, catalog.frame, SPEC)
    np.testing.assert_array_equal(read_rows(covers[4:], np.array([0, 2])), covers[[4, 6]])
    np.testing.assert_array_equal(read_rows(covers[:, ::2], slice(0, 2)), covers[:2, ::2])


def test_a_file_cut_short_is_an_error_and_not_old_memory(catalog: Catalog) -> None:
    covers = cached_covers(catalog, catalog.frame, SPEC)
    path = Path(str(covers.filename))
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size - 100)
    with pytest.raises(DatasetError, match="Received"):
        read_rows(covers, np.array([11]))

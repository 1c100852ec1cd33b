"""What was read once is not read again; what changed is."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.importers import scan_cache
from genre_core.data.importers.scan import scan_covers, scan_songs
from genre_core.data.importers.scan_cache import FolderScans, ScanCache, Seen
from genre_core.errors import StoppedError

OLD_S = 1_700_000_000


def age(*paths: Path) -> None:
    """Give files a time long ago: fresh ones are not remembered."""
    for path in paths:
        os.utime(path, (OLD_S, OLD_S))


@pytest.fixture
def scans(tmp_path: Path) -> ScanCache:
    return ScanCache(tmp_path / "caches" / "scans.sqlite")


def scan(scans: ScanCache, root: Path, names: list[str], **options: bool) -> tuple[object, int]:
    before = scans.n_read
    found = scan_covers(root, names, scans=scans, **options)
    return found, scans.n_read - before


def test_covers_are_read_once_and_broken_ones_stay_broken(
    scans: ScanCache, tmp_path: Path, write_cover: Callable[..., Path]
) -> None:
    root = tmp_path / "covers"
    age(*(write_cover(root / f"{k}.png", seed=k) for k in range(5)))
    (root / "bad.png").write_bytes(b"no picture")
    age(root / "bad.png")
    names = [f"{k}.png" for k in range(5)] + ["bad.png", "gone.png"]
    first, n_read = scan(scans, root, names)
    assert n_read == 7
    second, n_read = scan(scans, root, names)
    assert second == first
    assert n_read == 1  # what is not there may come
    assert scans.n_recalled == 6
    assert [each.where for each in first[1]] == ["bad.png", "gone.png"]


@pytest.mark.parametrize("reason", ["no such file", "cannot be read: Permission denied"])
def test_what_is_true_of_a_moment_alone_is_not_remembered(
    scans: ScanCache, tmp_path: Path, write_cover: Callable[..., Path], reason: str
) -> None:
    age(write_cover(tmp_path / "a.png"))
    for answer in (("", reason), ("f" * 64, "")):
        with FolderScans(scans, tmp_path, "cover") as known:
            assert known.wrap(lambda _, answer=answer: answer)("a.png") == answer
    assert (scans.n_read, scans.n_recalled) == (2, 0)


def test_what_changes_is_read_again(
    scans: ScanCache, tmp_path: Path, write_cover: Callable[..., Path]
) -> None:
    root = tmp_path / "covers"
    paths = [write_cover(root / f"{k}.png", seed=k) for k in range(4)]
    age(*paths)
    names = [path.name for path in paths]
    (before, _), _ = scan(scans, root, names)
    write_cover(paths[0], seed=9)
    age(paths[0])
    os.utime(paths[0], (OLD_S, OLD_S + 1))  # the same size, another time
    paths[1].write_bytes(paths[1].read_bytes() + b"tail")
    age(paths[1])  # another size, the same time
    (after, _), n_read = scan(scans, root, names)
    assert n_read == 2
    assert [name for name in names if before[name] != after[name]] == ["0.png", "1.png"]


def test_a_file_that_changes_right_now_is_not_remembered(
    scans: ScanCache, tmp_path: Path, write_cover: Callable[..., Path]
) -> None:
    write_cover(tmp_path / "covers" / "a.png")
    assert time.time() - (tmp_path / "covers" / "a.png").stat().st_mtime < 2
    for _ in range(2):
        assert scan(scans, tmp_path / "covers", ["a.png"])[1] == 1


def test_a_header_that_was_read_is_no_song_that_was_decoded(
    scans: ScanCache, tmp_path: Path, write_song: Callable[..., Path]
) -> None:
    age(write_song(tmp_path / "songs" / "a.flac"))
    for verify, n_read in ((False, 1), (False, 1), (True, 2), (True, 2)):
        good, _ = scan_songs(tmp_path / "songs", ["a.flac"], verify=verify, scans=scans)
        assert (list(good), scans.n_read) == (["a.flac"], n_read)


def test_a_songs_tags_are_remembered(
    scans: ScanCache, tmp_path: Path, write_song: Callable[..., Path]
) -> None:
    root = tmp_path / "songs"
    age(write_song(root / "a.flac", title="Bj\u00f6rk", artist="Yes"))
    told: list[dict[str, object]] = []
    for _ in range(2):
        tags: dict[str, object] = {}
        scan_songs(root, ["a.flac"], scans=scans, tags=tags)
        told.append(tags)
    assert told[0] == told[1]
    assert told[0]["a.flac"].title == "Bj\u00f6rk"
    assert (scans.n_read, scans.n_recalled) == (1, 1)
    # Seen without its tags it does not do for whoever wants them.
    age(write_song(root / "b.flac", seed=1, artist="Rush"))
    for tags_wanted in (None, {}, {}):
        scan_songs(root, ["b.flac"], scans=scans, tags=tags_wanted)
    assert (scans.n_read, scans.n_recalled) == (3, 2)


def test_a_stop_keeps_what_was_read(
    scans: ScanCache, tmp_path: Path, write_cover: Callable[..., Path]
) -> None:
    root = tmp_path / "covers"
    names = [f"{k:03d}.png" for k in range(200)]
    age(*(write_cover(root / name, seed=k, side=8) for k, name in enumerate(names)))

    def stop(done: int, total: int, text: str) -> None:
        raise StoppedError("A run goes on.", received="a stop", cure="Resume it.")

    with pytest.raises(StoppedError):
        scan_covers(root, names, scans=scans, progress=stop)
    n_read = scans.n_read
    assert 50 <= n_read <= 200
    _, n_more = scan(scans, root, names)
    assert n_read + n_more <= 200 + 8  # what was in hand at the stop may be read twice


def test_a_link_that_takes_a_files_place_is_read_anew(
    scans: ScanCache, tmp_path: Path, write_cover: Callable[..., Path]
) -> None:
    root = tmp_path / "covers"
    inside, outside = write_cover(root / "a.png"), write_cover(tmp_path / "other" / "a.png", seed=9)
    age(inside, outside)
    (before, _), _ = scan(scans, root, ["a.png"])
    inside.unlink()
    inside.symlink_to(outside)
    (after, _), _ = scan(scans, root, ["a.png"])
    assert after == {"a.png": hashlib.sha256(outside.read_bytes()).hexdigest()} != before


@pytest.mark.parametrize("content", [b"no data base", b""])
def test_a_memory_that_cannot_be_used_is_as_good_as_none(
    tmp_path: Path, write_cover: Callable[..., Path], content: bytes
) -> None:
    (tmp_path / "scans.sqlite").write_bytes(content)
    age(write_cover(tmp_path / "covers" / "a.png"))
    scans = ScanCache(tmp_path / "scans.sqlite")
    for _ in range(2):
        (good, _), _ = scan(scans, tmp_path / "covers", ["a.png"])
        assert list(good) == ["a.png"]


def test_a_memory_in_a_folder_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    scans = ScanCache(tmp_path / "file" / "scans.sqlite")
    scans.save("root", "cover", {"a": Seen((1, 2), "x", "")})
    assert scans.load("root", "cover") == {}


def test_the_memory_is_bounded(scans: ScanCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_cache, "MAX_ROWS", 25)
    for place in range(4):
        rows = {f"{k}.png": Seen((k, k), "x", "") for k in range(10)}
        scans.save(f"root {place}", "cover", rows)
    kept = [len(scans.load(f"root {place}", "cover")) for place in range(4)]
    assert kept == [0, 0, 10, 10]

"""The contest of study S4 on a made miniature of its layout, with FMA's songs beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.data.importers.layouts import detect_layout
from genre_core.errors import DatasetError, LeakError
from tests.made_fma import row, write_table
from tests.made_imports import import_as

WriteSong = Callable[..., Path]

GENRES = ("Blues", "Chiptune", "Old-Time")


def write_labels(folder: Path, first: int, n: int, name: str, more: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{k}.fused.full.npy.gz\t{GENRES[k % 3]}" for k in range(first, first + n)]
    (folder / name).write_text("\n".join(["Id\tGenre", *lines]) + "\n" + more)


def write_artists(folder: Path, artists: list[int]) -> None:
    """FMA's own table, by which the artist of each track is known."""
    rows = [row(k, artist_id=str(a), artist=f"Artist {a}") for k, a in enumerate(artists)]
    write_table(folder / "fma_metadata", rows, n=0)


@pytest.fixture
def contest(tmp_path: Path, write_song: WriteSong) -> Path:
    """The archive's folders with the tables alone, and FMA's songs named by their numbers."""
    tables = tmp_path / "contest" / "data" / "fma_genre_spectrograms"
    write_labels(tables, 0, 40, "train_labels.txt")
    write_labels(tables, 40, 10, "test_labels.txt")
    for number in range(50):
        write_song(tmp_path / "fma_large" / "000" / f"{number:06d}.mp3", seed=number)
    return tmp_path / "contest"


def test_its_train_and_test_are_kept_and_val_is_cut_off_train(contest: Path) -> None:
    assert detect_layout(contest) == "fma-contest"
    songs = contest.parent / "fma_large"
    result = import_as("auto", contest, images=songs)
    catalog = result.catalog
    assert validate(catalog, check_files=True) == []
    assert (catalog.head.name, catalog.head.labels) == ("fma_large", GENRES)
    assert catalog.splits() == {"train": 34, "val": 6, "test": 10, "": 0}
    frame = catalog.frame.set_index("item_id")
    assert frame.loc["000/000041.mp3", "labels"] == ["Old-Time"]
    assert set(frame.loc[[f"000/{k:06d}.mp3" for k in range(40, 50)], "split"]) == {"test"}
    assert [each.where for each in result.problems] == ["artist"]
    assert import_as("fma-contest", contest, images=songs).catalog.digest == catalog.digest


def test_spectrograms_alone_are_refused_with_the_way_out(contest: Path) -> None:
    train = contest / "data" / "fma_genre_spectrograms" / "train"
    train.mkdir()
    for number in range(3):
        (train / f"{number}.fused.full.npy").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"Received 3 \.npy files and no song.*--images"):
        import_as("fma-contest", contest)
    (contest.parent / "empty").mkdir()
    for path in train.iterdir():
        path.unlink()
    with pytest.raises(DatasetError, match=r"Received none"):
        import_as("fma-contest", contest, images=contest.parent / "empty")


def test_artists_of_fma_s_own_table_are_groups(contest: Path) -> None:
    songs = contest.parent / "fma_large"
    # Five tracks an artist: none in both of the contest's parts.
    write_artists(contest.parent, [k // 5 for k in range(50)])
    result = import_as("fma-contest", contest, images=songs)
    assert result.problems == ()
    frame = result.catalog.frame
    assert frame["artist"].nunique() == 10
    assert frame.groupby("group")["split"].nunique().max() == 1
    assert set(frame["split"]) == {"train", "val", "test"}


def test_its_splits_leak_artists_where_they_do(contest: Path) -> None:
    songs = contest.parent / "fma_large"
    write_artists(contest.parent, [k % 10 for k in range(50)])
    with pytest.raises(LeakError, match=r"Received 10 that do.*--new-splits"):
        import_as("fma-contest", contest, images=songs)
    catalog = import_as("fma-contest", contest, images=songs, new_splits=True).catalog
    assert validate(catalog) == []
    assert catalog.frame.groupby("group")["split"].nunique().max() == 1
    assert set(catalog.frame["split"]) == {"train", "val", "test"}


def test_what_cannot_be_used_is_listed_and_the_rest_imports(
    contest: Path, write_song: WriteSong
) -> None:
    tables = contest / "data" / "fma_genre_spectrograms"
    songs = contest.parent / "fma_large" / "000"
    write_labels(
        tables, 40, 10, "test_labels.txt", "x.npy\tBlues\n7.npy\tBlues\n48\n60\n99\tRock\n"
    )
    (songs / "000001.mp3").write_bytes(b"RIFF")
    write_song(songs / "000002.mp3", seed=45)  # The file of track 45: one of them, of test.
    write_song(songs / "000004.mp3", seed=5)  # The file of track 5, of another genre.
    result = import_as("fma-contest", contest, images=songs.parent)
    told = {each.where: each.what for each in result.problems}
    assert told.pop("000/000001.mp3").startswith("not a readable song")
    both = "the same file under two labels (000/000004.mp3, 000/000005.mp3): left out of both"
    # 2 is Old-Time and 45 is Blues, so neither can stay.
    other = "the same file under two labels (000/000002.mp3, 000/000045.mp3): left out of both"
    assert told == {
        "artist": "unknown without FMA's tracks.csv: one may stand in two splits",
        "test_labels.txt line 12": "names no track's number",
        "test_labels.txt line 13": "repeats track 7; the first is kept",
        "test_labels.txt line 14": "track 48 has no genre",
        "test_labels.txt line 15": "track 60 has no genre",
        "track 99": "has no song here",
        "000/000004.mp3": both,
        "000/000005.mp3": both,
        "000/000002.mp3": other,
        "000/000045.mp3": other,
    }
    assert len(result.catalog) == 45
    assert validate(result.catalog) == []


def test_without_its_test_table(contest: Path) -> None:
    (contest / "data" / "fma_genre_spectrograms" / "test_labels.txt").unlink()
    result = import_as("fma-contest", contest, images=contest.parent / "fma_large")
    assert result.catalog.splits()["test"] == 0
    assert "test_labels.txt: is not there" in map(str, result.problems)
    with pytest.raises(DatasetError, match=r"Received no train_labels\.txt"):
        import_as("fma-contest", contest.parent / "fma_large")

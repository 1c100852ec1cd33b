"""FMA on a made miniature of its layout: three rows of header, folders of a thousand tracks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.data.importers import find_dataset, list_datasets
from genre_core.data.importers.fma import COLUMN_NAMES, read_tracks
from genre_core.data.importers.layouts import detect_layout
from genre_core.errors import DatasetError, LeakError, ParameterError
from tests.made_fma import GENRES, row, write_table
from tests.made_imports import import_as

WriteSong = Callable[..., Path]


@pytest.fixture
def fma(tmp_path: Path, write_song: WriteSong) -> Path:
    """`fma_metadata` beside `fma_medium`, as the archives make them."""
    folder = tmp_path / "fma"
    write_table(folder / "fma_metadata")
    for number in range(20):
        write_song(folder / "fma_medium" / "000" / f"{number:06d}.mp3", seed=number)
    return folder


def test_songs_with_genre_artist_and_their_own_split(fma: Path) -> None:
    result = import_as("fma", fma)
    assert result.problems == ()
    catalog = result.catalog
    assert validate(catalog, check_files=True) == []
    assert (catalog.head.name, catalog.head.media) == ("fma", "track")
    assert catalog.splits() == {"train": 12, "val": 4, "test": 4, "": 0}
    assert catalog.head.labels == GENRES
    assert "1612.01840" in catalog.head.citation
    item = catalog.frame.set_index("item_id").loc["fma_medium/000/000013.mp3"]
    assert (item["title"], item["artist"], item["album"]) == ("Song 13", "Artist 6", "Album 6")
    assert (item["group"], item["split"], item["year"]) == ("artist:106", "val", 2009)
    assert import_as("fma", fma / "fma_metadata" / "tracks.csv").catalog.digest == catalog.digest


def test_the_table_is_read_without_its_three_rows_of_header(tmp_path: Path) -> None:
    tracks = read_tracks(write_table(tmp_path))
    assert tracks.index.tolist() == [str(number) for number in range(20)]
    assert tracks.loc["13", "artist_id"] == "106"
    assert set(tracks.columns) == set(COLUMN_NAMES)


def test_it_is_told_by_its_header_not_by_its_name(fma: Path, tmp_path: Path) -> None:
    assert detect_layout(fma) == "fma"
    assert detect_layout(fma / "fma_metadata") == "fma"
    renamed = (fma / "fma_metadata" / "tracks.csv").rename(tmp_path / "renamed.csv")
    assert detect_layout(renamed) == "fma"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tracks.csv").write_text("path,genre\na.mp3,Rock\n")
    assert detect_layout(tmp_path / "other") == "folders"
    assert detect_layout(tmp_path / "other" / "tracks.csv") == "csv"


def test_a_smaller_subset_of_a_larger_folder(fma: Path) -> None:
    result = import_as("auto", fma, subset="small")
    assert len(result.catalog) == 16
    assert [problem.where for problem in result.problems if problem.is_note] == ["split"]
    assert "no item in test" in result.problems[0].what
    with pytest.raises(ParameterError, match="Received 'tiny'"):
        import_as("fma", fma, subset="tiny")


def test_songs_of_the_subset_that_are_gone_are_listed_others_are_not(fma: Path) -> None:
    for number in range(16, 20):
        (fma / "fma_medium" / "000" / f"{number:06d}.mp3").unlink()

    def faults(**options: str) -> list[str]:
        problems = import_as("fma", fma, **options).problems
        return [str(problem) for problem in problems if not problem.is_note]

    assert faults() == []  # Then it is the small one, and whole.
    (fma / "fma_medium" / "000" / "000003.mp3").unlink()
    assert faults() == ["track 3: has no file here"]
    assert faults(subset="medium") == [f"track {k}: has no file here" for k in (3, 16, 17, 18, 19)]


def test_what_cannot_be_used_is_listed_and_the_rest_imports(
    fma: Path, write_song: WriteSong
) -> None:
    songs = fma / "fma_medium" / "000"
    write_table(
        fma / "fma_metadata",
        (row(20, genre=""), row(21, split="hold-out"), row(22, artist_id="-1")),
    )
    for number in (20, 21, 22, 99):
        write_song(songs / f"{number:06d}.mp3", seed=number)
    write_song(songs / "readme.mp3", seed=50)
    write_song(fma / "fma_small" / "000" / "000004.mp3", seed=51)
    (songs / "000005.mp3").write_bytes(b"no song")
    (songs / "000006.mp3").write_bytes(b"")
    write_song(songs / "000017.mp3", seed=0)  # The file of track 0, in test.
    result = import_as("fma", fma)
    told = {each.where: each.what for each in result.problems}
    assert told.pop("split").startswith("1 of 19 items have none")
    assert told.pop("fma_medium/000/000005.mp3").startswith("not a readable song")
    assert told.pop("fma_medium/000/000006.mp3").startswith("not a readable song")
    assert told == {
        "fma_medium/000/readme.mp3": "is not named by a track's number",
        "fma_small/000/000004.mp3": "is track 4, as fma_medium/000/000004.mp3",
        "fma_medium/000/000099.mp3": "tracks.csv has no track 99",
        "fma_medium/000/000000.mp3": "the same file as fma_medium/000/000017.mp3",
        "track 20": "has no single top genre",
        "track 21": "split left empty: 'hold-out' is no split (train, val or test)",
    }
    assert len(result.catalog) == 19
    assert validate(result.catalog) == []
    # An artist that the table does not number is none: the song stands alone.
    groups = result.catalog.frame.set_index("item_id")["group"]
    assert groups["fma_medium/000/000022.mp3"].startswith("file:")


def test_an_artist_in_two_splits_is_refused_and_the_way_out_named(fma: Path) -> None:
    write_table(fma / "fma_metadata", (row(18, split="training"), row(19)), n=18)
    with pytest.raises(LeakError, match=r"Received 1 that do.*'artist:109'.*--new-splits"):
        import_as("fma", fma)
    result = import_as("fma", fma, new_splits=True)
    assert len(result.catalog) == 20
    assert validate(result.catalog) == []
    assert set(result.catalog.frame["split"]) == {"train", "val", "test"}


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"", "tracks.csv without"),
        (b"path,genre\na.mp3,Rock\n", "tracks.csv without"),
        (b"\xff\xfe", "decode"),
        (b",track,artist,set,set\n,genre_top,id,split,subset\n", "tracks.csv: No columns"),
    ],
)
def test_wrong_tables(tmp_path: Path, content: bytes, received: str) -> None:
    (tmp_path / "tracks.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=f"Received .*{received}"):
        import_as("fma", tmp_path)


def test_without_songs_nothing_is_left(tmp_path: Path) -> None:
    write_table(tmp_path)
    with pytest.raises(DatasetError, match=r"usable track.* Received none"):
        import_as("fma", tmp_path)


def test_many_lost_songs_are_one_line(tmp_path: Path, write_song: WriteSong) -> None:
    write_table(tmp_path, n=5_000)
    for number in range(4_000, 4_004):
        write_song(tmp_path / "fma_large" / "004" / f"{number:06d}.mp3", seed=number)
    result = import_as("fma", tmp_path, images=tmp_path / "fma_large", new_splits=True)
    told = [str(each) for each in result.problems]
    assert told[0] == "tracks.csv: 4,996 tracks: has no file here"
    assert len(told) == 2  # Two artists make no three splits.


def test_find_dataset_knows_it_by_its_folder_and_sees_changes(
    fma: Path, write_song: WriteSong, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENRE_DATA", str(fma.parent))
    assert list_datasets() == ("fma",)
    first = find_dataset("fma")
    assert first.head.name == "fma"
    seen: list[tuple[int, int]] = []

    def note(done: int, total: int, text: str) -> None:
        seen.append((done, total))

    assert find_dataset("fma", progress=note).digest == first.digest
    assert seen == []
    write_song(fma / "fma_medium" / "000" / "000001.mp3", seed=500)
    assert find_dataset("fma", progress=note).digest != first.digest
    assert seen[-1] == (20, 20)

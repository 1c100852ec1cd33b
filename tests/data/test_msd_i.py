"""MSD-I on a made miniature: 20 artists, 40 albums, two tracks an album."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.errors import DatasetError, LeakError
from tests.made_imports import import_as

WriteCover = Callable[..., Path]

HEADER = "msd_track_id\tgenre\talbum_index\tset\tmsd_artist_id\timage_url"
GENRES = ("Blues", "Country", "World")


def row(number: int, track: int, **changed: str) -> str:
    artist = number // 2
    cells = {
        "track": f"TR{number:03d}{track}",
        "genre": GENRES[artist % 3],
        "album": str(number),
        "set": "test" if artist % 7 == 6 else "val" if artist % 7 == 5 else "train",
        "artist": f"AR{artist}",
        "url": f"http://covers.invalid/sleeve/{number:06d}_200.jpg",
    }
    return "\t".join((cells | changed).values())


def write_table(folder: Path, more: tuple[str, ...] = ()) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row(album, track) for album in range(40) for track in range(2)]
    table = folder / "MSD-I_dataset.tsv"
    table.write_text("\n".join([HEADER, *rows, *more]) + "\n")
    return table


@pytest.fixture
def msd_i(tmp_path: Path, write_cover: WriteCover) -> Path:
    """The folder with a cover for each album, called by the album's number."""
    for album in range(40):
        write_cover(tmp_path / "msd-i" / "images" / f"{album}.jpg", seed=album)
    return write_table(tmp_path / "msd-i").parent


def test_covers_of_albums_are_items_with_the_datas_own_splits(msd_i: Path) -> None:
    result = import_as("msd-i", msd_i)
    assert result.problems == ()
    catalog = result.catalog
    assert validate(catalog, check_files=True) == []
    assert len(catalog) == 40
    assert catalog.splits() == {"train": 30, "val": 6, "test": 4, "": 0}
    assert catalog.head.labels == GENRES
    assert "tismir.10" in catalog.head.citation
    item = catalog.frame.set_index("item_id").loc["images/11.jpg"]
    assert (item["labels"], item["album"], item["artist"]) == (["World"], "11", "AR5")
    assert (item["group"], item["split"]) == ("artist:AR5", "val")
    assert import_as("msd-i", msd_i / "MSD-I_dataset.tsv").catalog.digest == catalog.digest


@pytest.mark.parametrize("naming", ["TR{album:03d}{track}.jpg", "deep/{album:06d}_200.png"])
def test_covers_called_by_track_or_as_in_the_address(
    tmp_path: Path, write_cover: WriteCover, naming: str
) -> None:
    table = write_table(tmp_path / "tables")
    names = {naming.format(album=album, track=track) for album in range(40) for track in range(2)}
    for seed, name in enumerate(sorted(names)):
        write_cover(tmp_path / "covers" / name, seed=seed)
    result = import_as("msd-i", table, images=tmp_path / "covers")
    assert result.problems == ()
    assert len(result.catalog) == len(names) in (40, 80)
    assert validate(result.catalog) == []


def test_mapping_table_with_paths_and_without_artists(
    tmp_path: Path, write_cover: WriteCover
) -> None:
    rows = ["id,album_index,genre,set,msd_track_id,img"]
    for album in range(6):
        write_cover(tmp_path / "img" / f"c{album}.jpg", seed=album)
        place = ("train", "val", "test")[album % 3]
        rows += [f"{album}{t},{album},Rock,{place},TR{album}{t},img/c{album}.jpg" for t in "ab"]
    rows.append("9,9,Rock,train,TR9,../outside.jpg")
    (tmp_path / "msdi_mapping.csv").write_text("\n".join(rows))
    (tmp_path / "labels.csv").write_text("Rock\nPop\n")
    result = import_as("msd-i", tmp_path)
    assert len(result.catalog) == 6
    assert [each.where for each in result.problems] == ["TR9"]
    assert "leaves the data set's folder" in result.problems[0].what
    assert result.catalog.frame["group"].tolist() == [f"file:{album}" for album in range(6)]


def test_albums_or_artists_in_two_splits_are_refused(msd_i: Path) -> None:
    write_table(msd_i, (row(4, 2, set="test"),))
    with pytest.raises(LeakError, match=r"Received 1 that do, first group 'artist:AR2'"):
        import_as("msd-i", msd_i)
    # The same album under an artist of another split: joined by the album.
    write_table(msd_i, (row(4, 2, artist="AR6", set="test"),))
    with pytest.raises(LeakError, match=r"Received 1 that do, first group 'artist:AR2'"):
        import_as("msd-i", msd_i)
    # Even if the cover of the one that leaks is lost.
    (msd_i / "images" / "4.jpg").unlink()
    with pytest.raises(LeakError):
        import_as("msd-i", msd_i)
    result = import_as("msd-i", msd_i, new_splits=True)
    assert len(result.catalog) == 39
    assert validate(result.catalog) == []
    assert set(result.catalog.frame["split"]) == {"train", "val", "test"}


def test_pictures_in_two_splits_are_placeholders(msd_i: Path, write_cover: WriteCover) -> None:
    for album in (0, 1, 12):
        write_cover(msd_i / "images" / f"{album}.jpg", seed=77)
    result = import_as("msd-i", msd_i)
    assert len(result.catalog) == 37
    assert [str(each) for each in result.problems] == [
        f"images/{album}.jpg: the same picture as 2 others, of 2 splits: a placeholder"
        for album in (0, 1, 12)
    ]
    assert validate(result.catalog) == []
    assert len(import_as("msd-i", msd_i, new_splits=True).catalog) == 40


def test_what_cannot_be_used_is_listed_and_the_rest_imports(msd_i: Path) -> None:
    more = (
        row(50, 0),
        row(1, 0),
        row(2, 2, set="hold-out"),
        row(2, 3, genre=""),
        row(2, 4, album="", genre=""),
        row(8, 2, genre="Polka"),
    )
    write_table(msd_i, more)
    (msd_i / "images" / "3.jpg").write_text("no picture")
    result = import_as("msd-i", msd_i)
    assert len(result.catalog) == 38
    found = {each.where: each.what for each in result.problems}
    assert found.pop("images/3.jpg").startswith("not a readable picture")
    assert found == {
        "TR0500": "has no cover of its name or its album's",
        "row 83": "repeats TR0010; the first is kept",
        "row 84": "left out: 'hold-out' is no split (train, val or test)",
        "row 85": "has no genre",
        "row 86": "has no genre and no album_index",
        "images/8.jpg": "its tracks have 2 genres: ['Country', 'Polka']",
    }


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"", r"the columns \[\]"),
        (b"msd_track_id\tgenre\tset\nTR1\tRock\ttrain\n", "the columns .*genre"),
        (HEADER.encode() + b"\n", "nothing to read"),
        (HEADER.encode() + b"\n\xff\n", "none, and 1 problems"),
    ],
)
def test_wrong_tables(tmp_path: Path, content: bytes, received: str) -> None:
    (tmp_path / "MSD-I_dataset.tsv").write_bytes(content)
    with pytest.raises(DatasetError, match=f"Received .*{received}"):
        import_as("msd-i", tmp_path)
    with pytest.raises(DatasetError, match=r"Received no MSD-I_dataset.tsv or msdi_mapping.csv"):
        import_as("msd-i", tmp_path / "nowhere")

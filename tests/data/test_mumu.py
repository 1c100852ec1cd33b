"""MuMu on a made miniature: 12 artists, 24 albums, two tracks an album."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.data.importers import LAYOUTS
from genre_core.data.importers.mumu import MULTI_TABLE, S3_GENRES, SINGLE_TABLE
from genre_core.errors import DatasetError
from tests.made_imports import import_as

WriteCover = Callable[..., Path]

HEADER = "amazon_id,album_mbid,MSD_track_id,recording_mbid,artist_mbid,genres"


def row(album: int, track: int, artist: str, genres: str) -> str:
    cell = f'"{genres}"' if "," in genres else genres
    return f"B{album:09d},al-{album},TR{album}{track},rec-{album}-{track},{artist},{cell}"


def write_tables(folder: Path, more: tuple[str, ...] = ()) -> Path:
    """Write both tables; albums 0 to 23, two an artist, in turn Metal, Jazz and Reggae."""
    folder.mkdir(parents=True, exist_ok=True)
    genres = ("Metal", "Jazz", "Reggae")
    single = [HEADER]
    multi = [HEADER]
    for album in range(24):
        genre = genres[album % 3]
        for track in range(2):
            artist = f"ar-{album // 2}"
            single.append(row(album, track, artist, genre))
            multi.append(
                row(album, track, artist, f"Rock,{genre},Theatrical, Incidental & Program")
            )
    (folder / SINGLE_TABLE).write_text("\n".join([*single, *more]) + "\n")
    (folder / MULTI_TABLE).write_text("\n".join([*multi, *more]) + "\n")
    return folder


@pytest.fixture
def mumu(tmp_path: Path, write_cover: WriteCover) -> Path:
    for album in range(24):
        write_cover(tmp_path / "mumu" / "MUMU" / f"B{album:09d}.jpg", seed=album)
    return write_tables(tmp_path / "mumu")


def test_an_item_is_an_album(mumu: Path) -> None:
    result = import_as("mumu", mumu)
    assert result.problems == ()
    catalog = result.catalog
    assert validate(catalog, check_files=True) == []
    assert len(catalog) == 24
    assert catalog.head.name == "MuMu_dataset_single-label"
    assert "Oramas" in catalog.head.citation
    assert catalog.head.labels == ("Jazz", "Metal", "Reggae")
    first = catalog.frame.iloc[1]
    assert (first["item_id"], first["album"]) == ("MUMU/B000000001.jpg", "B000000001")
    assert (first["labels"], first["artist"], first["group"]) == (["Jazz"], "ar-0", "artist:ar-0")
    assert import_as("mumu", mumu / SINGLE_TABLE).catalog.digest == catalog.digest
    assert import_as("mumu", mumu, seed=1).catalog.digest != catalog.digest


def test_no_artist_crosses_a_split(mumu: Path) -> None:
    frame = import_as("mumu", mumu).catalog.frame
    assert set(frame["split"]) == {"train", "val", "test"}
    assert (frame.groupby("artist")["split"].nunique() == 1).all()
    assert LAYOUTS["mumu"].parts == LAYOUTS["mumu-s3"].parts == (0.8, 0.1, 0.1)  # study S3's


def test_multilabel_splits_at_commas_but_not_within_a_name(mumu: Path) -> None:
    result = import_as("mumu-multilabel", mumu)
    assert result.problems == ()
    assert validate(result.catalog) == []
    labels = ["Rock", "Jazz", "Theatrical, Incidental & Program"]
    assert result.catalog.frame.loc[1, "labels"] == labels


def test_study_s3_keeps_albums_of_exactly_one_of_its_genres(
    mumu: Path, write_cover: WriteCover
) -> None:
    more = (
        row(50, 0, "ar-50", "Rock,Pop"),
        row(51, 0, "ar-51", "Jazz,Folk"),
        row(52, 0, "ar-52", "Pop,Folk,Contemporary Folk"),
    )
    write_tables(mumu, more)
    for album in (50, 51, 52):
        write_cover(mumu / "MUMU" / f"B{album:09d}.jpg", seed=album)
    result = import_as("mumu-s3", mumu)
    assert result.problems == ()
    assert len(result.catalog) == 25
    assert result.catalog.frame["labels"].tolist()[-1] == ["Folk"]
    assert {len(each) for each in result.catalog.frame["labels"]} == {1}
    assert len(S3_GENRES) == 12


def test_artists_that_share_an_album_are_one_group(mumu: Path) -> None:
    write_tables(mumu, (row(0, 2, "ar-7", "Metal"),))
    frame = import_as("mumu", mumu).catalog.frame
    joined = frame[frame["artist"].isin(["ar-0", "ar-7"])]
    assert len(joined) == 4
    assert set(joined["group"]) == {"artist:ar-0"}


def test_what_cannot_be_used_is_listed_and_the_rest_imports(
    mumu: Path, write_cover: WriteCover
) -> None:
    more = (
        row(60, 0, "ar-60", "Metal"),
        row(61, 0, "ar-61", "Metal,Jazz"),
        row(62, 0, "ar-62", ""),
        row(2, 2, "ar-1", "Jazz"),
        ",al,TR,rec,ar,Metal",
        row(63, 0, "", "Metal"),
    )
    write_tables(mumu, more)
    covers = mumu / "MUMU"
    write_cover(covers / "B000000061.jpg", seed=61)
    write_cover(covers / "B000000063.jpg", seed=63)
    write_cover(mumu / "again" / "B000000001.png", seed=71)
    (covers / "B000000003.jpg").write_text("no picture")
    outside = write_cover(mumu.parent / "outside.jpg", seed=80)
    (covers / "B000000004.jpg").unlink()
    (covers / "B000000004.jpg").symlink_to(outside)
    result = import_as("mumu", mumu)
    assert len(result.catalog) == 24
    assert validate(result.catalog, check_files=True) == []
    found = {each.where: each.what for each in result.problems}
    assert found.pop("MUMU/B000000003.jpg").startswith("not a readable picture")
    assert found == {
        "B000000060": "has no cover of that name",
        "B000000061": "has 2 genres, not one",
        "row 52": "has no genres",
        "row 53": "gives B000000002 other genres than row 6, whose are kept",
        "row 54": "has no amazon_id",
        "again/B000000001.png": "is the same album's as MUMU/B000000001.jpg",
    }
    lone = result.catalog.frame.set_index("album").loc["B000000063"]
    assert (lone["artist"], lone["group"]) == ("", "file:B000000063")


def test_the_shops_picture_for_no_cover_is_left_out(mumu: Path, write_cover: WriteCover) -> None:
    for album in (0, 2, 4, 6, 8):
        write_cover(mumu / "MUMU" / f"B{album:09d}.jpg", seed=99)
    result = import_as("mumu", mumu)
    assert len(result.catalog) == 19
    assert [each.what for each in result.problems] == [
        "the same picture as 4 others, of 5 groups: a placeholder"
    ] * 5
    write_cover(mumu / "MUMU" / "B000000008.jpg", seed=8)
    frame = import_as("mumu", mumu).catalog.frame
    assert len(frame) == 24
    # Four artists with one picture stay, together.
    assert len(set(frame.loc[frame["album"].isin(["B000000000", "B000000006"]), "group"])) == 1


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"", r"the columns \[\]"),
        (b"amazon_id,artist\nB1,a\n", "the columns .*artist"),
        (b"path,genre\na.jpg,Rock\n", "the columns .*path"),
        (b"amazon_id,genres\n", "nothing to read"),
        (b"amazon_id,genres\n\xff,Rock\n", "none, and 1 problems"),
    ],
)
def test_wrong_tables(tmp_path: Path, content: bytes, received: str) -> None:
    (tmp_path / SINGLE_TABLE).write_bytes(content)
    with pytest.raises(DatasetError, match=f"Received .*{received}"):
        import_as("mumu", tmp_path)


def test_no_table(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"Received no MuMu_dataset_multi-label.csv"):
        import_as("mumu-multilabel", tmp_path)


def test_covers_elsewhere_and_progress(mumu: Path, tmp_path: Path) -> None:
    (mumu / "MUMU").rename(tmp_path / "elsewhere")
    seen: list[tuple[int, int]] = []
    result = import_as(
        "mumu",
        mumu,
        images=tmp_path / "elsewhere",
        progress=lambda done, total, text: seen.append((done, total)),
    )
    assert result.catalog.frame.loc[0, "path"] == "B000000000.jpg"
    assert seen == [(24, 24)]

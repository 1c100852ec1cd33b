"""Kaggle's two cover sets on made miniatures: 20 genre folders, and one flat folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.data.importers.kaggle_covers import GENRES
from genre_core.errors import DatasetError
from tests.made_imports import import_as

WriteCover = Callable[..., Path]


@pytest.fixture
def archive(tmp_path: Path, write_cover: WriteCover) -> Path:
    """The unpacked archive: GAID, with two covers a genre."""
    for k, genre in enumerate(GENRES):
        for n in range(2):
            write_cover(tmp_path / "archive" / "GAID" / genre / f"{genre}{n}.jpg", seed=2 * k + n)
    return tmp_path / "archive"


@pytest.fixture
def flat(tmp_path: Path, write_cover: WriteCover) -> Path:
    for k in range(6):
        write_cover(tmp_path / "flat" / "album_covers_512" / f"{k}.jpg", seed=k)
    return tmp_path / "flat"


def test_genre_folders_of_the_archive_or_below_it(archive: Path) -> None:
    result = import_as("kaggle", archive)
    assert result.problems == ()
    assert validate(result.catalog, check_files=True) == []
    assert len(result.catalog) == 40
    assert result.catalog.head.labels == GENRES
    assert result.catalog.head.name == "archive"
    assert "Kerr" in result.catalog.head.citation
    assert result.catalog.frame.loc[0, "item_id"] == "Blues/Blues0.jpg"
    below = import_as("kaggle", archive / "GAID", name="archive")
    assert below.catalog.digest == result.catalog.digest


def test_the_same_file_in_two_genres_is_one_group(archive: Path, write_cover: WriteCover) -> None:
    write_cover(archive / "GAID" / "Soul" / "copy.jpg", seed=0)
    frame = import_as("kaggle", archive).catalog.frame.set_index("item_id")
    pair = frame.loc[["Blues/Blues0.jpg", "Soul/copy.jpg"]]
    assert pair["group"].nunique() == 1
    assert pair["split"].nunique() == 1


def test_flat_folder_gets_one_label(flat: Path) -> None:
    result = import_as("kaggle", flat, label="other")
    assert result.problems == ()
    assert validate(result.catalog, check_files=True) == []
    assert result.catalog.frame.loc[0, "item_id"] == "album_covers_512/0.jpg"
    assert result.catalog.head.labels == ("other",)
    assert "greg115" in result.catalog.head.citation
    inner = import_as("kaggle", flat / "album_covers_512", label=" other ").catalog
    assert inner.frame["path"].tolist() == [f"{k}.jpg" for k in range(6)]
    assert inner.frame["split"].tolist() == result.catalog.frame["split"].tolist()


def test_broken_files_are_listed_and_the_rest_imports(flat: Path, archive: Path) -> None:
    (flat / "album_covers_512" / "2.jpg").write_text("no picture")
    (flat / "album_covers_512" / "3.jpg").write_bytes(b"")
    result = import_as("kaggle", flat, label="other")
    assert len(result.catalog) == 4
    assert [each.where for each in result.problems] == [
        "album_covers_512/2.jpg",
        "album_covers_512/3.jpg",
    ]
    (archive / "GAID" / "Rock" / "Rock0.jpg").write_text("no picture")
    assert [each.where for each in import_as("kaggle", archive).problems] == ["Rock/Rock0.jpg"]


def test_no_layout(flat: Path, archive: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"Received .*flat without any of them"):
        import_as("kaggle", flat)
    for cover in (archive / "GAID" / "Soul").iterdir():
        cover.unlink()
    (archive / "GAID" / "Soul").rmdir()
    with pytest.raises(DatasetError, match=r"Received .*archive without Soul\."):
        import_as("kaggle", archive)
    with pytest.raises(DatasetError, match="Received no folder"):
        import_as("kaggle", tmp_path / "nowhere", label="other")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="Received nothing to read"):
        import_as("kaggle", tmp_path / "empty", label="other")

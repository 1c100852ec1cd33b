"""Which tables a visitor sees and which files they may hear: none but what the owner meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from genre_core.data.demo import demo_songs
from genre_core.data.library import Library, example_library, list_libraries, open_library
from pages.ui.library import found
from tests.made_libraries import write_made_scores
from tests.made_songs_set import write_song


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The visitor is on another machine."""
    monkeypatch.setattr(found, "may_name_folders", lambda: False)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The visitor is at this machine."""
    monkeypatch.setattr(found, "may_name_folders", lambda: True)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return open_library(write_made_scores(tmp_path / "tables" / "mine.parquet", 3))


def test_only_tables_of_the_folder_itself_are_libraries(library: Library, tmp_path: Path) -> None:
    folder = library.path.parent
    elsewhere = write_made_scores(tmp_path / "elsewhere" / "secret.parquet", 3)
    (folder / "linked.parquet").symlink_to(elsewhere)
    (folder / "nowhere.parquet").symlink_to(tmp_path / "gone.parquet")
    (folder / "deep").mkdir()
    write_made_scores(folder / "deep" / "below.parquet", 3)
    write_made_scores(folder / ".hidden.parquet", 3)
    (folder / "text.parquet").write_text("no table")
    (folder / "folder.parquet").mkdir()
    assert [one.name for one in list_libraries([folder, tmp_path / "gone"])] == ["mine"]
    # Within the folder a link is its owner's own.
    (folder / "again.parquet").symlink_to(folder / "mine.parquet")
    assert [one.name for one in list_libraries([folder])] == ["again", "mine"]


def test_a_table_of_one_s_own_is_for_nobody_elsewhere(
    away: None, genre_home: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_made_scores(genre_home / "libraries" / "private.parquet", 3)
    assert [one.name for one in found.libraries()] == ["example"]
    assert found.library("private") is None
    monkeypatch.setenv(found.TABLES, str(library.path.parent))
    assert [one.name for one in found.libraries()] == ["mine", "example"]
    monkeypatch.setattr(found, "may_name_folders", lambda: True)
    assert [one.name for one in found.libraries()] == ["mine", "private", "example"]


@pytest.mark.parametrize("name", ["", "../mine", "/etc/passwd", "mine.parquet", "EXAMPLE", "*"])
def test_a_name_is_no_path(here: None, genre_home: Path, name: str) -> None:
    write_made_scores(genre_home / "libraries" / "mine.parquet", 3)
    assert found.library(name) is None
    assert found.library("mine") is not None


def test_others_hear_only_what_really_lies_in_a_shared_folder(
    away: None, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, private = tmp_path / "shared", tmp_path / "private"
    for folder in (shared, private, tmp_path / "shared more"):
        write_song(folder / "a.ogg", "Tones", duration_s=1.0)
    (shared / "out.ogg").symlink_to(private / "a.ogg")
    (shared / "up").symlink_to(private)
    assert found.playable(library, str(shared / "a.ogg")) is None  # nothing is shared yet
    monkeypatch.setenv(found.MUSIC, str(shared))
    assert found.playable(library, str(shared / "a.ogg")) == shared / "a.ogg"
    for path in (
        private / "a.ogg",
        shared / ".." / "private" / "a.ogg",
        shared / "out.ogg",
        shared / "up" / "a.ogg",
        tmp_path / "shared more" / "a.ogg",
    ):
        assert path.is_file()
        assert found.playable(library, str(path)) is None


@pytest.mark.parametrize("who", ["here", "away"])
def test_what_is_no_song_is_never_given(
    who: str,
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    request.getfixturevalue(who)
    monkeypatch.setenv(found.MUSIC, str(tmp_path))
    song = write_song(tmp_path / "a.ogg", "Tones", duration_s=1.0)
    assert found.playable(library, str(song)) == song
    (tmp_path / "key.pem").write_text("secret")
    (tmp_path / "key.mp3").write_text("secret, and called a song")
    song.with_name("a.txt").write_bytes(song.read_bytes())
    (tmp_path / "folder.mp3").mkdir()
    for name in ("key.pem", "key.mp3", "a.txt", "folder.mp3", "gone.mp3", "nul\0.mp3"):
        assert found.playable(library, str(tmp_path / name)) is None


def test_everybody_hears_the_built_in_songs(away: None) -> None:
    for song in demo_songs():
        path = song.path.relative_to(Path(__file__).resolve().parents[2]).as_posix()
        assert found.playable(example_library(), path) == song.path


def test_a_folder_that_is_not_absolute_shares_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(found.MUSIC, ":relative: ~:")
    assert found.folders(found.MUSIC) == []

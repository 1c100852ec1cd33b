"""Playlists: one good line a song whatever it is called, or a word why not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from genre_core.data.playlists import write_playlist


def row(path: Path, **values: object) -> dict[str, object]:
    return {"path": str(path), "title": "", "artist": "", "duration_s": 61.7, "error": ""} | values


def test_a_playlist_has_the_table_s_order_and_players_find_the_files(tmp_path: Path) -> None:
    paths = [tmp_path / "songs" / f"{name}.ogg" for name in "cab"]
    broken = row(tmp_path / "songs" / "broken.mp3", error="no song")
    frame = pd.DataFrame([*map(row, paths), broken])
    out, inside = tmp_path / "lists" / "prog.m3u", tmp_path / "inside.m3u"
    write_playlist([frame], out)
    write_playlist([frame], inside)
    lines = out.read_text().splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[1::2] == [f"#EXTINF:62,{path.stem}" for path in paths]
    assert lines[2::2] == list(map(str, paths))
    # Below the list's folder paths are relative, so that both can be moved together.
    relative = inside.read_text().splitlines()[2::2]
    assert relative == [f"songs/{path.name}" for path in paths]


def test_a_playlist_names_songs_by_their_tags_on_one_line(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        [
            row(tmp_path / "a.ogg", title="Été à\nParis", artist="Бэнд"),
            row(tmp_path / "b.ogg", title="Only a title"),
            row(tmp_path / "c.ogg", artist="Only an artist"),
            row(tmp_path / "#1 日本.ogg"),
        ]
    )
    out = tmp_path / "list.m3u"
    write_playlist([frame], out)
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[1::2] == [
        "#EXTINF:62,Бэнд - Été à Paris",
        "#EXTINF:62,Only a title",
        "#EXTINF:62,Only an artist",
        "#EXTINF:62,#1 日本",
    ]
    # A line that starts with # would be a comment.
    assert lines[2::2] == ["a.ogg", "b.ogg", "c.ogg", "./#1 日本.ogg"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (" leading.ogg", "./ leading.ogg"),
        ("\ttab.ogg", "./\ttab.ogg"),
        ("#1.ogg", "./#1.ogg"),
        ("http:/song.ogg", "./http:/song.ogg"),
        ("deep/#1.ogg", "deep/#1.ogg"),
        ("deep/a: b.ogg", "deep/a: b.ogg"),
        ("100%20 é e\u0301 😀 [x] *?.ogg", "100%20 é e\u0301 😀 [x] *?.ogg"),
        *((f"a{sign}b.ogg", None) for sign in "\n\r\v\f\x1c\x85\u2028\u2029"),
        ("line\nbreak/a.ogg", None),
    ],
)
def test_a_playlist_holds_one_good_line_a_song_or_says_why_not(
    name: str, line: str | None, tmp_path: Path
) -> None:
    out = tmp_path / "list.m3u"
    problems = write_playlist([pd.DataFrame([row(tmp_path / name)])], out)
    lines = out.read_bytes().decode().split("\n")[1:-1]
    assert lines[1:] == ([] if line is None else [line])
    assert [problem.where for problem in problems] == ([str(tmp_path / name)] if not line else [])


def test_a_playlist_behind_a_link_has_right_paths(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "music").mkdir()
    (tmp_path / "real" / "old.m3u").touch()
    (tmp_path / "music" / "list.m3u").symlink_to(tmp_path / "real" / "old.m3u")
    write_playlist([pd.DataFrame([row(tmp_path / "music/a.ogg")])], tmp_path / "music" / "list.m3u")
    assert (tmp_path / "music" / "list.m3u").read_text().splitlines()[-1] == "a.ogg"

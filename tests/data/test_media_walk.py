"""The walk: what folders hold, each place once, and every file that is left out accounted for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.data.importers import import_source
from genre_core.data.importers.csv_folder import lists_media
from genre_core.data.importers.layouts import detect_layout
from genre_core.data.media_walk import grouped, list_media, medium_by_name, medium_of, walk
from genre_core.errors import DatasetError, Problem
from genre_core.image.decode import COVER_SUFFIXES


def put(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def cover(path: Path, kind: str = "PNG") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save(path, kind)
    return path


def song(path: Path, kind: str = "WAV") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.sin(np.arange(20_000) / 9.0), 22_050, format=kind)
    return path


def reasons(problems: Iterable[Problem]) -> dict[str, str]:
    return {problem.where: problem.what for problem in problems}


HIDDEN = (
    ".DS_Store", "._a.wav", ".ipynb_checkpoints/a.png", "@eaDir/a.jpg/x.jpg", "__MACOSX/a.wav",
    "Thumbs.db", "$RECYCLE.BIN/a.mp3", "#recycle/a.mp3", "deep/.git/a.png",
)  # fmt: skip


def test_hidden_files_and_a_systems_own_are_left_out_and_said(tmp_path: Path) -> None:
    for name in (*HIDDEN, "a.wav", "live.mp3/b.wav", "deep/#1 hits/c.wav", "@home.wav"):
        put(tmp_path / name)
    files, left_out = walk(tmp_path)
    assert files == ["@home.wav", "a.wav", "deep/#1 hits/c.wav", "live.mp3/b.wav"]
    assert len(left_out) == len(HIDDEN)
    assert all(problem.is_note and "hidden" in problem.what for problem in left_out)


def test_a_hidden_folder_that_is_named_itself_is_walked(tmp_path: Path) -> None:
    put(tmp_path / ".mine" / "a.wav")
    assert walk(tmp_path / ".mine") == (["a.wav"], [])


LINKS: dict[str, tuple[str, str, str | None]] = {
    # name: link, target, why it is left out; None where it is followed
    "file inside": ("a link.wav", "real/b.wav", "a link to real/b.wav, which is read there"),
    "file outside": ("link.wav", "../out/c.wav", None),
    "folder inside": ("a folder", "real", "a link to real, which is read there"),
    "folder outside": ("folder", "../out", None),
    "nowhere": ("gone.wav", "nowhere.wav", "a link that leads nowhere"),
    "itself": ("loop", "loop", "a link that leads nowhere"),
    "the folder": ("real/up", "..", "a link to ., which is read there"),
    "around": ("real/up", "../..", "a link to a folder around this one"),
    "hidden": ("shown.wav", ".hidden/d.wav", None),
    "device": ("null.wav", "/dev/null", "a link to what is not a plain file"),
}


@pytest.mark.parametrize("case", LINKS)
def test_links_are_followed_once_or_named(case: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name in ("real/b.wav", ".hidden/d.wav", "../out/c.wav"):
        put(root / name)
    link, target, why = LINKS[case]
    (root / link).symlink_to(target)
    files, left_out = walk(root)
    named = reasons(left_out)
    named.pop(".hidden")
    if why is None:
        at = f"{link}/c.wav" if case == "folder outside" else link
        assert (files, named) == (sorted(["real/b.wav", at]), {})
    else:
        assert files == ["real/b.wav"]
        assert list(named) == [link]
        assert named[link].startswith(why)


def test_two_links_to_one_place_are_followed_once(tmp_path: Path) -> None:
    put(tmp_path / "out" / "album" / "c.wav")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a").symlink_to("../out/album")
    (root / "b").symlink_to("../out/album")
    (root / "c").symlink_to("../out")
    (root / "d.wav").symlink_to("../out/album/c.wav")
    files, left_out = walk(root)
    assert files == ["a/c.wav"]
    assert set(reasons(left_out)) == {"b", "c/album", "d.wav"}


def test_links_that_lead_to_each_other_end(tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        put(tmp_path / name / f"{name}.wav")
        (tmp_path / name / other).symlink_to(tmp_path / other)
    files, left_out = walk(tmp_path / "one")
    assert files == ["one.wav", "two/two.wav"]
    assert list(reasons(left_out)) == ["two/one"]


@pytest.mark.skipif(sys.platform != "linux", reason="others have no such names")
@pytest.mark.parametrize(
    ("name", "shown", "why"),
    [
        (b"caf\xe9.jpg", "caf\\xe9.jpg", "no text in UTF-8"),
        (b"a\nb.jpg", "a\nb.jpg", "a control character"),
        (b"a\\b.jpg", "a\\b.jpg", "a backslash"),
        (b"Sch\xf6n/a.jpg", "Sch\\xf6n/a.jpg", "no text in UTF-8"),
    ],
)
def test_names_that_no_catalog_can_hold_are_left_out_by_name(tmp_path, name, shown, why):
    for genre in ("Rock", "Pop"):
        cover(tmp_path / genre / "\u00fc\u00a0.jpg", "JPEG")
    cover(tmp_path / "Rock" / os.fsdecode(name), "JPEG")
    result = import_source("folders", tmp_path)
    assert sorted(result.catalog.frame["path"]) == ["Pop/\u00fc\u00a0.jpg", "Rock/\u00fc\u00a0.jpg"]
    assert why in reasons(result.problems)[f"Rock/{shown}"]
    str(result.problems).encode()


@pytest.mark.skipif(sys.platform != "linux", reason="others have no such names")
def test_a_folder_whose_name_is_no_text_is_refused(tmp_path):
    place = tmp_path / os.fsdecode(b"caf\xe9")
    cover(place / "Rock" / "a.jpg", "JPEG")
    with pytest.raises(DatasetError, match=r"names are text \(UTF-8\)\. Received .*caf\\xe9"):
        import_source("auto", place)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "AIFF", "MP3"])
@pytest.mark.parametrize("name", ["song", "song.dat", "song.jpg", "song.wav.part1"])
def test_content_tells_a_song(name: str, kind: str, tmp_path: Path) -> None:
    assert medium_of(song(tmp_path / name, kind)) == ("song", "")
    assert list_media(tmp_path, suffixes=SONG_SUFFIXES) == [name]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
@pytest.mark.parametrize("name", ["cover", "c.jpg_large", "c.mp3", "c.jpg!d"])
def test_content_tells_a_cover(name: str, kind: str, tmp_path: Path) -> None:
    assert medium_of(cover(tmp_path / name, kind)) == ("cover", "")
    assert list_media(tmp_path) == [name]


@pytest.mark.parametrize("suffix", [".aifc", ".mka", ".mp2", ".m4b", ".wave"])
def test_every_door_knows_the_same_names_of_songs(suffix: str, tmp_path: Path) -> None:
    name = f"a{suffix}"
    put(tmp_path / name)  # nothing is told by its content
    assert medium_by_name(name) == "song"
    assert list_media(tmp_path, suffixes=SONG_SUFFIXES) == [name]
    put(tmp_path / "labels.csv", f"path,genre\n{name},Rock\n".encode())
    assert lists_media(tmp_path / "labels.csv")
    assert detect_layout(tmp_path) == "csv"
    (tmp_path / "labels.csv").unlink()
    put(tmp_path / "Rock" / name)
    assert detect_layout(tmp_path) == "folders"


STRANGERS = {
    "a.HEIC": (b"\0\0\0\x18ftypheic" + bytes(200), "a HEIC photo"),
    "a.jxl": (b"\xff\x0a" + bytes(range(200)), "a JPEG XL picture"),
    "a.wma": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(200), "a Windows Media file"),
    "a.ape": (b"MAC \x96\x0f" + bytes(200), "a Monkey's Audio file"),
    "a.cue": (b'TITLE "x"', "text"),
    "a.zip": (b"PK\x03\x04" + bytes(100), "a zip archive"),
    "a.bin": (bytes(range(256)), "content of no known format"),
    "empty": (b"", "an empty file (0 bytes)"),
}


@pytest.mark.parametrize("suffixes", [COVER_SUFFIXES, SONG_SUFFIXES])
def test_what_is_no_medium_is_named_with_what_it_is(
    suffixes: tuple[str, ...], tmp_path: Path
) -> None:
    for name, (content, _) in STRANGERS.items():
        put(tmp_path / name, content)
    problems: list[Problem] = []
    assert list_media(tmp_path, problems, suffixes=suffixes) == []
    assert reasons(problems) == {
        name: f"left out ({what})" for name, (_, what) in STRANGERS.items()
    }
    assert all(problem.is_note for problem in problems)


def test_the_other_medium_is_one_note(tmp_path: Path) -> None:
    for k in range(30):
        cover(tmp_path / f"{k:02d}" / "cover.jpg")
        song(tmp_path / f"{k:02d}" / "song.wav")
    problems: list[Problem] = []
    assert len(list_media(tmp_path, problems, suffixes=SONG_SUFFIXES)) == 30
    [note] = problems
    assert note.what == "left out (a cover, and songs are read)"
    assert note.where.startswith("00/cover.jpg, 01/cover.jpg")
    assert note.where.endswith(" and 10 more")


def test_beside_a_table_names_alone_count(tmp_path: Path) -> None:
    cover(tmp_path / "a.png")
    cover(tmp_path / "b")
    put(tmp_path / "labels.csv")
    put(tmp_path / ".DS_Store")
    (tmp_path / "gone.png").symlink_to("nowhere")
    problems: list[Problem] = []
    assert list_media(tmp_path, problems, by_name=True) == ["a.png"]
    assert list(reasons(problems)) == ["gone.png"]


def test_what_went_wrong_is_not_put_together() -> None:
    wrong = [Problem("a", "cannot be opened"), Problem("b", "cannot be opened")]
    assert grouped(wrong) == wrong


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    files, left_out = walk(tmp_path)
    assert files == []
    assert reasons(left_out) == {"pipe.wav": "not a plain file"}

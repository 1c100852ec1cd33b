"""What commands are given: named files and folders, told by content, each accounted for."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from genre_core.cli.sources import Sources, find_sources
from genre_core.errors import ParameterError


def song(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.sin(np.arange(9_000) / 9.0), 22_050, format="WAV")
    return path


def cover(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save(path, "PNG")
    return path


def text(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("no music")
    return path


def wma(path: Path) -> Path:
    path.write_bytes(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(200))
    return path


def find(*sources: Path, media: str = "auto") -> Sources:
    return find_sources(argparse.Namespace(sources=list(sources), media=media))


def test_every_named_file_is_used_or_has_its_reason(tmp_path: Path) -> None:
    good = [song(tmp_path / "a.wav"), song(tmp_path / "b.aifc"), text(tmp_path / "broken.mp3")]
    bad = {
        cover(tmp_path / "c.png"): "a cover, and songs are read",
        text(tmp_path / "d.txt"): "text",
        wma(tmp_path / "e.wma"): "a Windows Media file",
        tmp_path / "nosuch.wav": "no such file",
    }
    found = find(*good, *bad)
    assert (found.medium, found.files) == ("song", good)
    assert list(found.faults) == list(bad)
    for path, error in found.faults.items():
        assert error.received == f"{path.name}: {bad[path]}"
    assert found.is_partial
    assert [row["path"] for row in found.fault_rows] == list(map(str, bad))


@pytest.mark.parametrize(
    ("names", "media", "medium", "files"),
    [
        ("s.wav c.png", "auto", "song", "s.wav"),
        ("s.wav c.png", "cover", "cover", "c.png"),
        ("c.png t.txt", "auto", "cover", "c.png"),
        ("c.png t.mp3", "auto", "cover", "c.png"),
        ("t.mp3 t.txt", "auto", "song", "t.mp3"),
        ("s.jpg c.mp3", "auto", "song", "c.mp3 s.jpg"),
        ("c.mp3 c.txt", "auto", "cover", "c.mp3 c.txt"),
    ],
)
def test_content_decides_in_folders_and_names_where_it_fails(
    names: str, media: str, medium: str, files: str, tmp_path: Path
) -> None:
    makers = {"s": song, "c": cover, "t": text}
    for name in names.split():
        makers[name[0]](tmp_path / name)
    found = find(tmp_path, media=media)
    assert found.medium == medium
    assert [path.name for path in found.files] == files.split()
    rest = set(names.split()) - set(files.split())
    assert {Path(problem.where).name for problem in found.left_out} == rest
    assert not found.is_partial


def test_one_file_is_read_once_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = song(tmp_path / "music" / "a.wav")
    (tmp_path / "link.wav").symlink_to(path)
    monkeypatch.chdir(tmp_path)
    found = find(Path("music/a.wav"), path, Path("music"), Path("link.wav"))
    assert found.files == [Path("music/a.wav")]
    assert [problem.what for problem in found.left_out] == ["the same file as music/a.wav"] * 3
    assert not found.is_partial


def test_what_cannot_be_reached_counts_as_failed(tmp_path: Path) -> None:
    song(tmp_path / "a.wav")
    (tmp_path / "gone.wav").symlink_to("nowhere.wav")
    assert find(tmp_path).is_partial


def test_nothing_to_read_is_an_error_that_says_what_was_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text(tmp_path / "notes.txt")
    with pytest.raises(ParameterError, match=r"at least one cover or song.*\.mka"):
        find(tmp_path)
    assert "notes.txt: left out (text)" in capsys.readouterr().err


def test_the_account_names_everything_and_breaks_no_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    song(tmp_path / "music" / "a.wav")
    text(tmp_path / "music" / "odd\nname\x1b[31m.txt")
    found = find(tmp_path / "music", tmp_path / "nosuch.wav")
    found.account("1 songs read", n_broken=1)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "nosuch.wav" in lines[0]
    assert lines[1].endswith(r"odd\nname\x1b[31m.txt: left out (text)")
    assert lines[2] == "1 songs read, 2 could not be read, 1 left out"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions otherwise")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    path = song(tmp_path / "a.dat")
    path.chmod(0)
    me = os.geteuid()
    if me == 0:  # root may read everything: the test gives that up meanwhile
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o755)
        os.seteuid(65_534)
    try:
        [error] = find(path).faults.values()
    finally:
        os.seteuid(me)
    assert "Permission denied" in error.received

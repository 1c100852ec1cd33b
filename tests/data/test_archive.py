"""Zips of data sets: what is taken, what is refused, and that nothing half unpacked stays."""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from PIL import Image

from genre_core.data.importers import archive
from genre_core.data.importers.archive import remove_unpacked, unpack
from genre_core.data.importers.listing import import_root
from genre_core.data.importers.zip_rules import Limits
from genre_core.errors import DatasetError, ParameterError, StoppedError

Entries = dict[str | zipfile.ZipInfo, bytes]


def packed(entries: Entries, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in entries.items():
            made.writestr(name, content, compress_type=method)
    return file.getvalue()


def special(name: str, kind: int, content: bytes = b"/etc/passwd") -> Entries:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o644) << 16
    return {"Rock/a.jpg": b"a", info: content}


def encrypted() -> bytes:
    content = bytearray(packed({"Rock/a.jpg": b"abc"}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + at] |= 1
    return bytes(content)


def overlapping() -> bytes:
    """Many names for one packed file, as the densest bombs have it."""
    noise = bytes(range(256)) * 40
    content = packed({f"Rock/{k}.jpg": noise[k:] for k in range(3)}, zipfile.ZIP_STORED)
    # The list of contents is there ten times, under other names, pointing to the same files.
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    names = [content[start:end].replace(b"Rock/", b"Roc%d/" % k) for k in range(10)]
    listed = b"".join(names)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 30, 30, len(listed), start, 0)
    return content[:start] + listed + tail


def long_list() -> bytes:
    content = bytearray(packed({"Rock/a.jpg": b"abc"}))
    at = content.rindex(b"PK\x05\x06")
    content[at + 12 : at + 16] = struct.pack("<L", 2**31)
    return bytes(content)


SMALL = Limits(n_files=50, total_bytes=10**6, file_bytes=600_000, ratio=20, small_bytes=10_000)
GOOD: Entries = {"Rock/a.jpg": b"abc", "Pop/b.png": b"def"}

BAD = {
    "one bomb": (packed(GOOD | {"Rock/big.jpg": bytes(500_000)}), "times as large"),
    "many small bombs": (
        packed({f"Rock/{k}.jpg": bytes(9_000) for k in range(40)}),
        "times as large",
    ),
    "overlapping": (overlapping(), "beside each other"),
    "too many files": (packed({f"Rock/{k}.jpg": b"x" for k in range(51)}), "at most 50 files"),
    "too many bytes": (
        packed({f"Rock/{k}.jpg": bytes([k]) * 550_000 for k in range(2)}, zipfile.ZIP_STORED),
        "at most 1,000,000 bytes",
    ),
    "a long list": (long_list(), "list of contents"),
    "parent": (packed(GOOD | {"../evil.jpg": b"x"}), "stay inside"),
    "parent inside": (packed(GOOD | {"Rock/../../evil.jpg": b"x"}), "stay inside"),
    "backslashes": (packed(GOOD | {"Rock\\..\\..\\evil.jpg": b"x"}), "stay inside"),
    "absolute": (packed(GOOD | {"/evil/evil.jpg": b"x"}), "stay inside"),
    "drive": (packed(GOOD | {"C:\\evil.jpg": b"x"}), "stay inside"),
    "control character": (packed(GOOD | {"Rock/\x07.jpg": b"x"}), "stay inside"),
    "symbolic link": (packed(special("Rock/l.jpg", stat.S_IFLNK)), "a symbolic link"),
    "device": (packed(special("Rock/l.jpg", stat.S_IFCHR)), "a device or a pipe"),
    "pipe of another kind": (packed(special("notes.doc", stat.S_IFIFO)), "a device or a pipe"),
    "encrypted": (encrypted(), "password"),
    "empty": (packed({}), "hold covers, songs or tables"),
    "nothing of ours": (packed({"a.exe": b"MZ", "inner.zip": packed(GOOD)}), "and 2 other files"),
    "no zip": (b"hello, I am a text", "whole zip"),
    "no bytes": (b"", "whole zip"),
    "truncated": (packed(GOOD)[:-30], "whole zip"),
    "beginning cut off": (packed(GOOD)[60:], "whole zip|damaged"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_a_bad_zip_is_refused_and_leaves_nothing(
    own_home: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    source = tmp_path / "bad.zip"
    source.write_bytes(content)
    before = {path for path in tmp_path.rglob("*") if own_home not in path.parents}
    with pytest.raises(DatasetError, match=f"(?s)({said}).*") as caught:
        unpack(source, "mine", limits=SMALL)
    assert "Received" in str(caught.value)
    assert caught.value.cure
    assert list((own_home / "datasets").glob("*")) == []
    after = {path for path in tmp_path.rglob("*") if own_home not in path.parents}
    assert after - before <= {own_home}


def make_zip(folder: Path, entries: Entries) -> Path:
    path = folder / "mine.zip"
    path.write_bytes(packed(entries))
    return path


def written(root: Path) -> dict[str, bytes]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_covers_songs_and_tables_are_written_and_the_rest_is_listed(
    own_home: Path, tmp_path: Path
) -> None:
    entries: Entries = {
        "mine/Rock/a.JPG": b"one",
        "mine/Pop/b.mp3": b"two",
        "mine/labels.csv": b"path,genre\n",
        "mine/Pop/run.exe": b"MZ",
        "mine/Pop/more.zip": packed(GOOD),
        "mine/Pop/.DS_Store": b"x",
        "__MACOSX/mine/Pop/._b.mp3": b"x",
        "mine/Pop/": b"",
    }
    told: list[tuple[int, int, str]] = []
    made = unpack(make_zip(tmp_path, entries), progress=lambda *each: told.append(each))
    assert made.root == own_home / "datasets" / "mine" / "files" / "mine"
    assert written(made.root) == {
        "Rock/a.JPG": b"one",
        "Pop/b.mp3": b"two",
        "labels.csv": (b"path,genre\n"),
    }
    assert made.n_files == 3
    assert {each.where: each.what.split(":")[0] for each in made.problems} == {
        "mine/Pop/run.exe": "neither a cover, a song nor a table",
        "mine/Pop/more.zip": "an archive in the archive",
    }
    assert told[-1] == (3, 3, "unpacking")
    assert not any(path.stat().st_mode & 0o111 for path in made.root.rglob("*.*"))


def test_covers_and_songs_are_told_by_content_in_archives_too(
    own_home: Path, tmp_path: Path
) -> None:
    cover, song = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (20, 20)).save(cover, "PNG")
    soundfile.write(song, [0.0] * 900, 8_000, format="WAV")
    names = {"a/x.jpg_large": cover.getvalue(), "a/y": song.getvalue(), "a/z.dat": b"data"}
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    made = unpack(tmp_path / "odd.zip")
    assert made.n_files == 2
    assert [problem.where for problem in made.problems] == ["a/z.dat"]


def test_a_program_bit_is_not_kept(own_home: Path, tmp_path: Path) -> None:
    info = zipfile.ZipInfo("Rock/a.jpg")
    info.external_attr = (stat.S_IFREG | 0o4777) << 16
    made = unpack(make_zip(tmp_path, {info: b"a", "Pop/b.jpg": b"b"}))
    assert not (made.root / "Rock" / "a.jpg").stat().st_mode & 0o7111


def test_names_that_take_one_place_are_left_out_but_for_the_first(
    own_home: Path, tmp_path: Path
) -> None:
    entries: Entries = {
        "Rock/a.jpg": b"1",
        "Rock/A.JPG": b"2",
        "Rock/Bj\u00f6rk.jpg": b"3",
        "Rock/Bjo\u0308rk.jpg": b"4",
        "Pop.jpg": b"5",
        "Pop.jpg/c.jpg": b"6",
        "Pop/d.jpg/e.jpg": b"7",
        "Pop/d.jpg": b"8",
    }
    made = unpack(make_zip(tmp_path, entries))
    assert sorted(written(made.root).values()) == [b"1", b"3", b"5", b"7"]
    assert len(made.problems) == 4
    assert str(made.problems[0]) == "Rock/A.JPG: takes the same place as Rock/a.jpg"


def test_names_in_utf8_are_read_even_where_the_zip_does_not_say_so(
    own_home: Path, tmp_path: Path
) -> None:
    content = packed({"R/Bj\u00f6rk \u6771.jpg": b"1", "P/b.jpg": b"2"})
    for signature, at in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        place = content.index(signature) + at
        content = content[:place] + bytes([content[place] & ~0x08]) + content[place + 1 :]
    (tmp_path / "mine.zip").write_bytes(content)
    made = unpack(tmp_path / "mine.zip")
    assert "R/Bj\u00f6rk \u6771.jpg" in written(made.root)


def test_a_damaged_file_is_left_out_and_the_rest_unpacked(own_home: Path, tmp_path: Path) -> None:
    content = bytearray(packed({"Rock/a.jpg": b"abcdef", "Pop/b.jpg": b"ghi"}, 0))
    content[content.index(b"abcdef")] ^= 0xFF
    (tmp_path / "mine.zip").write_bytes(content)
    made = unpack(tmp_path / "mine.zip")
    assert list(written(made.root)) == ["Pop/b.jpg"]
    assert made.problems[0].where == "Rock/a.jpg"
    assert "damaged in the archive" in made.problems[0].what


def test_a_file_that_is_shorter_than_it_says_is_left_out(own_home: Path, tmp_path: Path) -> None:
    content = bytearray(packed({"Rock/a.jpg": b"abcdef", "Pop/b.jpg": b"ghi"}))
    place = content.index(b"PK\x01\x02") + 24  # its size in the list of contents
    assert content[place : place + 4] == struct.pack("<I", 6)
    content[place : place + 4] = struct.pack("<I", 7)
    (tmp_path / "mine.zip").write_bytes(content)
    made = unpack(tmp_path / "mine.zip")
    assert list(written(made.root)) == ["Pop/b.jpg"]
    assert [problem.where for problem in made.problems] == ["Rock/a.jpg"]


def test_a_file_that_is_too_large_is_left_out(own_home: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_bytes(packed({"a.jpg": bytes(700_000), "b.jpg": b"b"}, 0))
    made = unpack(tmp_path / "mine.zip", limits=SMALL)
    assert list(written(made.root)) == ["b.jpg"]
    assert "700,000 bytes" in made.problems[0].what


def test_a_stop_leaves_nothing_and_the_next_attempt_what_was_killed(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_TELL_EVERY_S", 0.0)
    source = make_zip(tmp_path, {f"Rock/{k}.jpg": bytes([k]) for k in range(9)})

    def stop(done: int, total: int, text: str) -> None:
        if done == 4:
            # As if the process were killed here: its folder would stay.
            assert [p.name[:11] for p in (own_home / "datasets").iterdir()] == [".unpacking-"]
            raise StoppedError("A run goes on.", received="a stop", cure="Resume it.")

    with pytest.raises(StoppedError):
        unpack(source, progress=stop)
    assert list((own_home / "datasets").iterdir()) == []
    assert unpack(source).n_files == 9


def test_the_same_archive_is_unpacked_once_and_another_needs_a_name(
    own_home: Path, tmp_path: Path
) -> None:
    source = make_zip(tmp_path, GOOD | {"x.exe": b"MZ"})
    first = unpack(source)
    (first.root / "Rock" / "a.jpg").write_bytes(b"marked")
    assert unpack(source) == first
    assert (first.root / "Rock" / "a.jpg").read_bytes() == b"marked"
    make_zip(tmp_path, GOOD | {"Rock/c.jpg": b"more"})
    with pytest.raises(DatasetError, match="Received 'mine' for mine"):
        unpack(source)
    assert unpack(source, "other").n_files == 3
    remove_unpacked("mine")
    assert not (own_home / "datasets" / "mine").exists()
    assert unpack(source).n_files == 3


def test_only_what_was_unpacked_is_removed(own_home: Path, tmp_path: Path) -> None:
    made = unpack(make_zip(tmp_path, GOOD))
    own = own_home / "datasets" / "mine" / "own.jpg"
    own.write_bytes(b"mine")
    remove_unpacked("mine")
    assert own.read_bytes() == b"mine"
    assert not made.root.exists()
    (own_home / "datasets" / "theirs" / "files").mkdir(parents=True)
    remove_unpacked("theirs")
    assert (own_home / "datasets" / "theirs" / "files").is_dir()


@pytest.mark.parametrize("name", ["../mine", "a/b", "a\\b", ".mine", "a\nb", "C:", " a", "x" * 101])
def test_a_name_that_is_a_path_is_refused(own_home: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ParameterError, match="Received"):
        unpack(make_zip(tmp_path, GOOD), name)
    assert not own_home.exists()


def test_a_disk_without_room_is_told_before_anything_is_written(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        free = 5

    monkeypatch.setattr(archive.shutil, "disk_usage", lambda path: Full)
    with pytest.raises(DatasetError, match="room for what is unpacked"):
        unpack(make_zip(tmp_path, GOOD))
    assert list((own_home / "datasets").iterdir()) == []


@pytest.mark.parametrize(
    ("paths", "root"),
    [
        (["Rock/a.jpg", "Pop/b.jpg"], "."),
        (["x/Rock/a.jpg", "x/Pop/b.jpg"], "x"),
        (["x/y/Rock/a.jpg", "x/y/Pop/b.jpg"], "x/y"),
        (["x/labels.csv", "x/a.jpg"], "x"),
        (["Rock/a.jpg"], "."),
        (["x/labels.csv", "readme.txt"], "."),
    ],
)
def test_folders_that_hold_one_folder_alone_are_passed_by(
    tmp_path: Path, write_cover: Callable[..., Path], paths: list[str], root: str
) -> None:
    for path in paths:
        write_cover(tmp_path / path) if path.endswith("jpg") else (
            (tmp_path / path).parent.mkdir(exist_ok=True),
            (tmp_path / path).write_text("path,genre\n"),
        )
    assert import_root(tmp_path) == tmp_path / root


def test_what_was_left_out_is_remembered(own_home: Path, tmp_path: Path) -> None:
    made = unpack(make_zip(tmp_path, GOOD | {"x.exe": b"MZ"}))
    note = json.loads((own_home / "datasets" / "mine" / "unpacked.json").read_text())
    assert note["left_out"] == [["x.exe", made.problems[0].what]]


def test_an_archive_that_is_not_there_is_named(own_home: Path) -> None:
    with pytest.raises(DatasetError, match=r"Received no-such.zip: No such file"):
        unpack("no-such.zip")

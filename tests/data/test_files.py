from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from genre_core.data.files import (
    atomic_path,
    atomic_write,
    path_inside,
    relative_posix,
    sha256_file,
)
from genre_core.data.home import data_root, home
from genre_core.errors import ParameterError


def test_write_replaces_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.txt"
    atomic_write(target, "a much longer first text")
    atomic_write(target, "short\r\n")
    assert target.read_bytes() == b"short\r\n"
    assert [path.name for path in target.parent.iterdir()] == ["a.txt"]


def test_failed_write_leaves_old_file_and_no_leftover(tmp_path: Path) -> None:
    target = atomic_write(tmp_path / "a.bin", b"old")

    def fail(part: Path) -> None:
        part.write_bytes(b"ne")
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"), atomic_path(target) as part:
        fail(part)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_reader_sees_old_file_until_the_end(tmp_path: Path) -> None:
    target = atomic_write(tmp_path / "a.npy", b"old")
    with atomic_path(target) as part:
        part.write_bytes(b"new")
        assert target.read_bytes() == b"old"
        assert part.suffix == ".npy"
    assert target.read_bytes() == b"new"


def test_checksum_equals_hashlib_over_several_chunks(tmp_path: Path) -> None:
    content = os.urandom(3 * (1 << 20) + 17)
    (tmp_path / "a").write_bytes(content)
    assert sha256_file(tmp_path / "a") == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("path", ["a.jpg", "./a.jpg", "b/../a", "x//y.jpg", "x\\y.jpg", "..a/b.."])
def test_relative_path_is_its_own_form(path: str) -> None:
    if "/../" in path:
        with pytest.raises(ParameterError, match="Received"):
            relative_posix(path)
        return
    plain = relative_posix(path)
    assert relative_posix(plain) == plain
    assert "\\" not in plain
    assert "//" not in plain


@pytest.mark.parametrize(
    "path",
    ["", ".", "/", "..", "../a", "a/../../b", "/etc/passwd", "C:\\a.jpg", "C:a.jpg",
     "\\\\host\\share\\a", "..\\a", "a\0.jpg", "a\nb"],
)  # fmt: skip
def test_paths_that_lead_out_are_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Received"):
        path_inside(tmp_path, path)


def test_a_path_is_joined_wherever_links_lead(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert path_inside(tmp_path / "link", "./rock\\a.jpg") == tmp_path / "link" / "rock" / "a.jpg"


def test_home_follows_its_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENRE_HOME", str(tmp_path))
    assert home() == tmp_path
    monkeypatch.setenv("GENRE_HOME", " ")
    assert home() == Path(__file__).resolve().parents[2] / "workspace"
    monkeypatch.delenv("GENRE_DATA", raising=False)
    assert data_root() is None
    monkeypatch.setenv("GENRE_DATA", str(tmp_path))
    assert data_root() == tmp_path

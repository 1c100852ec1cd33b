"""Data sets by an address, over HTTP and S3: fetched once, bounded, each file checked."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from genre_core.data import remote
from genre_core.data.catalog import Catalog
from genre_core.data.importers import find_dataset
from genre_core.data.remote import is_address
from genre_core.errors import DatasetError, JobError, ParameterError
from tests.made_bundles import write_dataset
from tests.made_s3 import FileServer, served


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return write_dataset(tmp_path / "there" / "music" / "a+set", 6)


@pytest.fixture
def server(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FileServer]:
    monkeypatch.setattr(remote, "_WAIT_S", 0.0)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with served(tmp_path / "there") as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.address)
        yield server


@pytest.fixture(params=["s3", "http"])
def address(request: pytest.FixtureRequest, server: FileServer) -> str:
    """Of the set, by both ways."""
    if request.param == "s3":
        return "s3://music/a+set"
    pytest.importorskip("fsspec", reason="fsspec is missing: requirements-cluster.txt")
    return f"{server.address}/music/a%2Bset"


def test_files_are_fetched_once_and_are_those_of_the_catalog(
    address: str, server: FileServer, catalog: Catalog, genre_home: Path
) -> None:
    fetched = find_dataset(address)
    assert fetched.digest == catalog.digest
    assert fetched.root.is_relative_to(genre_home / "remote")
    for item_id in catalog.frame["item_id"]:
        assert fetched.path_of(item_id).read_bytes() == catalog.path_of(item_id).read_bytes()
    n_asked = sum(n for path, n in server.asked.items() if path.endswith(".png"))
    assert n_asked >= len(catalog)
    again = find_dataset(address)
    assert again.root == fetched.root
    assert sum(n for path, n in server.asked.items() if path.endswith(".png")) == n_asked


def test_another_file_or_a_missing_one_is_named_and_not_kept(
    address: str, catalog: Catalog, genre_home: Path
) -> None:
    first, second = catalog.frame["item_id"][:2]
    catalog.path_of(first).write_bytes(b"another picture")
    catalog.path_of(second).unlink()
    with pytest.raises(DatasetError, match="2 of 6 that are not") as error:
        find_dataset(address)
    reasons = {problem.where: problem.what for problem in error.value.problems}
    assert set(reasons) == {first, second}
    assert "SHA-256" in reasons[first]
    kept = [path.name for path in (genre_home / "remote").rglob("*.png")]
    assert sorted(kept) == sorted(catalog.frame["path"][2:])


def test_a_line_that_breaks_is_tried_again(server: FileServer, catalog: Catalog) -> None:
    pytest.importorskip("fsspec", reason="fsspec is missing: requirements-cluster.txt")
    server.breaks["music/a+set/000.png"] = 2
    fetched = find_dataset(f"{server.address}/music/a%2Bset")
    assert fetched.path_of("000.png").read_bytes() == catalog.path_of("000.png").read_bytes()
    assert server.asked["music/a+set/000.png"] >= 3


def test_bounds_hold(address: str, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MAX_FILE_BYTES", 100)
    with pytest.raises(DatasetError, match="more than 100 bytes"):
        find_dataset(address)
    monkeypatch.setattr(remote, "MAX_FILE_BYTES", 10**9)
    monkeypatch.setenv("GENRE_MAX_REMOTE_GB", "1e-5")
    with pytest.raises(DatasetError, match="GENRE_MAX_REMOTE_GB"):
        find_dataset(address)


def test_what_it_calls_itself_is_no_path(
    server: FileServer, tmp_path: Path, genre_home: Path
) -> None:
    head = tmp_path / "there" / "music" / "a+set" / "dataset.toml"
    [line] = [one for one in head.read_text().splitlines() if one.startswith("name = ")]
    for name in (str(tmp_path / "outside"), "../../outside"):
        head.write_text(head.read_text().replace(line, f"name = {json.dumps(name)}"))
        line = f"name = {json.dumps(name)}"
        with pytest.raises(DatasetError, match="is no plain name"):
            find_dataset("s3://music/a+set")
    assert not list(tmp_path.rglob("outside*"))


@pytest.mark.parametrize("text", ["ten", "0", "-1", "nan", "inf"])
def test_a_bound_that_is_none_is_one_sentence(
    server: FileServer, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("GENRE_MAX_REMOTE_GB", text)
    with pytest.raises(ParameterError, match="GENRE_MAX_REMOTE_GB must be a number above 0"):
        find_dataset("s3://music/a+set")


def test_what_is_here_already_counts(
    server: FileServer, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_dataset("s3://music/a+set")
    least = min(catalog.path_of(item).stat().st_size for item in catalog.frame["item_id"])
    index = sum(
        (catalog.root / name).stat().st_size for name in ("dataset.toml", "catalog.parquet")
    )
    monkeypatch.setenv("GENRE_MAX_REMOTE_GB", f"{(index + least) / 1e9:.9f}")
    with pytest.raises(DatasetError, match="GENRE_MAX_REMOTE_GB"):
        find_dataset("s3://music/a+set")


def test_no_data_set_there_is_one_sentence(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"dataset\.toml"):
        find_dataset("s3://music/none")
    (tmp_path / "there" / "music" / "a+set" / "dataset.toml").write_text("format_version = 1")
    with pytest.raises(DatasetError, match="Received"):
        find_dataset("s3://music/a+set")


def test_without_fsspec_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(JobError, match=r"requirements-cluster\.txt"):
        find_dataset("https://127.0.0.1:9/set")


def test_what_is_an_address() -> None:
    assert is_address("s3://music/set")
    assert not is_address("ftp://music/set")
    assert not is_address("s3://")
    assert not is_address("http:/music")

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.catalog import Catalog, load_catalog
from genre_core.data.importers import dataset_of, find_dataset, list_datasets, save_import
from genre_core.errors import DatasetError, LeakError
from tests.made_imports import import_as

WriteCover = Callable[..., Path]


class Calls:
    """Counts how often an import told its progress."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, done: int, total: int, text: str) -> None:
        self.n += 1


@pytest.fixture
def covers(tmp_path: Path, write_cover: WriteCover, own_home: Path) -> Path:
    """Three covers with a table, in a folder "mine" outside the home."""
    rows = ["path,genre"]
    for seed in range(3):
        write_cover(tmp_path / "data" / "mine" / "images" / f"{seed}.png", seed=seed)
        rows.append(f"images/{seed}.png,Rock")
    (tmp_path / "data" / "mine" / "labels.csv").write_text("\n".join(rows))
    return tmp_path / "data" / "mine"


def test_folder_with_a_table_is_imported_once(covers: Path, own_home: Path) -> None:
    calls = Calls()
    first = find_dataset(covers, progress=calls)
    assert calls.n == 1
    assert (own_home / "datasets" / "mine" / "catalog.parquet").is_file()
    for way in (covers, covers / "labels.csv", "mine"):
        assert find_dataset(way, progress=calls).digest == first.digest
    assert calls.n == 1
    find_dataset("mine", refresh=True, progress=calls)
    assert calls.n == 2
    assert list_datasets() == ("mine",)


def test_the_very_data_set_is_found_by_its_digest_under_whatever_name(
    covers: Path, own_home: Path
) -> None:
    digest = find_dataset(covers).digest
    found = dataset_of(digest, "another")
    assert found is not None
    assert (found.head.name, found.digest) == ("mine", digest)
    broken = own_home / "datasets" / "broken" / "catalog.parquet"
    broken.parent.mkdir()
    broken.write_bytes(b"no table")
    assert dataset_of(digest, "broken") is not None
    assert dataset_of("0" * 64, "mine") is None


def test_changed_table_is_imported_again(covers: Path) -> None:
    first = find_dataset(covers)
    table = covers / "labels.csv"
    table.write_text(table.read_text().replace("0.png,Rock", "0.png,Pop"))
    assert find_dataset("mine").head.labels == ("Pop", "Rock")
    assert find_dataset(covers).digest != first.digest


def test_changed_genre_folder_is_imported_again(
    tmp_path: Path, write_cover: WriteCover, own_home: Path
) -> None:
    calls = Calls()
    for seed in range(3):
        write_cover(tmp_path / "shelf" / "Rock" / f"{seed}.png", seed=seed)
    assert len(find_dataset(tmp_path / "shelf", progress=calls)) == 3
    find_dataset("shelf", progress=calls)
    assert calls.n == 1
    write_cover(tmp_path / "shelf" / "Pop" / "new.png", seed=9)
    assert len(find_dataset("shelf", progress=calls)) == 4
    assert calls.n == 2


def test_name_is_looked_up_in_the_data_folder(
    covers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DatasetError, match="Received 'mine'"):
        find_dataset("mine")
    monkeypatch.setenv("GENRE_DATA", str(covers.parent))
    (covers.parent / "songs").mkdir()
    (covers.parent / "songs" / "labels.csv").write_text("path,genre\na.ogg,Rock\n")
    (covers.parent / "odd").mkdir()
    (covers.parent / "odd" / "labels.csv").write_bytes(b"\xff\xfe")
    (covers.parent / "texts").mkdir()
    (covers.parent / "texts" / "labels.csv").write_text("path,genre\na.txt,Rock\n")
    assert list_datasets() == ("mine", "songs")
    assert len(find_dataset("mine")) == 3
    with pytest.raises(DatasetError, match=r"Received 'mime'. Did you mean 'mine'\?"):
        find_dataset("mime")


def test_two_folders_of_one_name_do_not_mix(
    covers: Path, tmp_path: Path, write_cover: WriteCover
) -> None:
    first = find_dataset(covers)
    other = tmp_path / "other" / "mine"
    for seed in range(4):
        write_cover(other / "Jazz" / f"{seed}.png", seed=seed)
    assert find_dataset(other).head.labels == ("Jazz",)
    assert find_dataset("mine").digest == first.digest
    assert find_dataset(covers).digest == first.digest
    names = list_datasets()
    assert len(names) == 2
    assert find_dataset(names[1]).head.labels == ("Jazz",)


def test_stored_catalog_outlives_its_source(covers: Path) -> None:
    digest = find_dataset(covers).digest
    shutil.rmtree(covers)
    assert find_dataset("mine").digest == digest


def test_folder_that_carries_its_catalog(covers: Path, own_home: Path) -> None:
    find_dataset(covers).save(covers)
    shutil.rmtree(own_home)
    assert len(find_dataset(covers)) == 3
    assert not own_home.exists()


def test_what_was_left_out_is_logged_and_noted(
    covers: Path, own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (covers / "labels.csv").open("a") as table:
        table.write("\nimages/missing.png,Rock\n")
    with caplog.at_level(logging.WARNING):
        assert len(find_dataset(covers)) == 3
    assert "mine: 1 left out or not understood" in caplog.text
    note = json.loads((own_home / "datasets" / "mine" / "source.json").read_text())
    assert note["left_out"] == [
        {"where": "images/missing.png", "what": "no such file", "is_note": False}
    ]


def test_leaking_catalog_is_never_given_out(covers: Path) -> None:
    find_dataset(covers)
    stored = find_dataset(covers)
    leaking = stored.frame.assign(group="one")
    Catalog(stored.head, stored.root, leaking).save(covers)
    with pytest.raises(LeakError, match="Received 1 problem"):
        find_dataset(covers)
    assert len(load_catalog(covers)) == 3


def test_save_import_by_hand(tmp_path: Path, write_cover: WriteCover, own_home: Path) -> None:
    for seed in range(3):
        write_cover(tmp_path / "x" / "Rock" / f"{seed}.png", seed=seed)
    folder = save_import(import_as("folders", tmp_path / "x", name="by-hand"))
    assert folder == own_home / "datasets" / "by-hand"
    assert len(find_dataset("by-hand")) == 3
    with pytest.raises(DatasetError, match="no plain name"):
        save_import(import_as("folders", tmp_path / "x", name="../up"))


@pytest.mark.parametrize("name", ["", " ", ".nothing", "../..nothing", "a/b", "\0"])
def test_unknown_names(own_home: Path, name: str) -> None:
    with pytest.raises(DatasetError, match="Received"):
        find_dataset(name)


def test_an_import_by_hand_keeps_its_name_and_what_was_said_of_it(covers: Path) -> None:
    result = import_as("csv", covers / "labels.csv", name="mine", licence="CC0", title="My covers")
    save_import(result, source=covers / "labels.csv")
    found = find_dataset("mine")
    assert (found.head.name, found.head.licence) == ("mine", "CC0")
    assert found.digest == result.catalog.digest


def test_a_changed_table_keeps_what_was_said_by_hand(covers: Path) -> None:
    table = covers / "labels.csv"
    save_import(import_as("csv", table, name=covers.name, licence="CC0"), source=table)
    assert find_dataset(covers).head.licence == "CC0"

"""Zips, tags, near-duplicates and leaks: what comes in, what is refused, what is insisted on."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mutagen.flac import FLAC, Picture
from PIL import Image

from genre_core.data.audit import check
from genre_core.data.catalog import load_catalog
from genre_core.data.importers import find_dataset, save_import
from genre_core.data.importers.embedded import save_embedded_covers
from genre_core.data.importers.stored import delete_stored, find_stored, list_stored
from genre_core.errors import DatasetError, LeakError, ParameterError, StoppedError
from tests.made_imports import import_as

WriteCover = Callable[..., Path]
WriteSong = Callable[..., Path]


def zip_of(folder: Path, path: Path, below: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for each in sorted(folder.rglob("*")):
            if each.is_file():
                made.write(each, below + each.relative_to(folder).as_posix())
    return path


def write_genres(folder: Path, write_cover: WriteCover, n: int = 6) -> Path:
    for place, genre in enumerate(("Rock", "Pop")):
        for k in range(n):
            write_cover(folder / genre / f"{k}.png", seed=100 * place + k)
    return folder


def picture(seed: int) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_a_zip_is_a_data_set_like_its_folder(
    own_home: Path, tmp_path: Path, write_cover: WriteCover
) -> None:
    folder = write_genres(tmp_path / "mine", write_cover)
    (folder / "Rock" / "bad.jpg").write_bytes(b"no picture")
    (folder / "Rock" / "notes.doc").write_bytes(b"x")
    of_folder = import_as("auto", folder, name="x")
    of_zip = import_as("auto", zip_of(folder, tmp_path / "mine.zip", "mine/"), name="y")
    assert of_zip.catalog.frame.equals(of_folder.catalog.frame)
    assert [each.where for each in of_zip.problems] == ["mine/Rock/notes.doc", "Rock/bad.jpg"]
    save_import(of_zip)
    moved = load_catalog(own_home / "datasets" / "y")
    assert check(moved, check_files=True).head.name == "y"
    assert moved.root.resolve().is_relative_to(own_home / "datasets" / "y")


def test_a_zip_is_found_as_data_and_unpacked_once(
    own_home: Path, tmp_path: Path, write_cover: WriteCover
) -> None:
    source = zip_of(write_genres(tmp_path / "mine", write_cover), tmp_path / "mine.zip")
    first = find_dataset(source)
    marked = own_home / "datasets" / "mine" / "files" / "marked"
    marked.write_bytes(b"")
    assert find_dataset(source).digest == first.digest
    assert find_dataset("mine").digest == first.digest
    assert marked.exists()


def test_a_zip_whose_import_fails_leaves_nothing_but_a_stop_leaves_its_files(
    own_home: Path, tmp_path: Path, write_cover: WriteCover
) -> None:
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "labels.csv").write_text("path,genre\ngone.png,Rock\n")
    with pytest.raises(DatasetError, match="Received"):
        import_as("auto", zip_of(tmp_path / "songs", tmp_path / "songs.zip"))
    assert list((own_home / "datasets").glob("*")) == []
    source = zip_of(write_genres(tmp_path / "mine", write_cover), tmp_path / "mine.zip")

    def stop(done: int, total: int, text: str) -> None:
        if text != "unpacking":
            raise StoppedError("A run goes on.", received="a stop", cure="Resume it.")

    with pytest.raises(StoppedError):
        import_as("auto", source, progress=stop)
    (left,) = list_stored()
    assert (left.name, left.is_complete, left.is_unpacked) == ("mine", False, True)
    texts: list[str] = []
    import_as("auto", source, progress=lambda done, total, text: texts.append(text))
    assert "unpacking" not in texts


def test_a_failed_import_never_touches_a_data_set_that_is_there(
    own_home: Path, tmp_path: Path, write_cover: WriteCover
) -> None:
    source = zip_of(write_genres(tmp_path / "mine", write_cover), tmp_path / "mine.zip")
    save_import(import_as("auto", source))
    with pytest.raises(DatasetError):
        import_as("mumu", source)
    check(load_catalog(own_home / "datasets" / "mine"), check_files=True)


def test_tags_fill_what_the_layout_does_not_say(
    own_home: Path, tmp_path: Path, write_song: WriteSong
) -> None:
    folder = tmp_path / "songs"
    for k in range(4):
        tags = {"title": f"T{k}", "artist": ("Yes", "Rush")[k % 2], "album": "A", "date": "1974"}
        write_song(folder / ("Rock", "Pop")[k % 2] / f"{k}.flac", seed=k, **tags)
    (folder / "labels.csv").write_text(
        "path,genre,artist,title\nRock/0.flac,Rock,,\nPop/1.flac,Pop,Own artist,Own title\n"
    )
    frame = import_as("csv", folder).catalog.frame.set_index("item_id")
    assert frame.loc["Rock/0.flac", ["artist", "title", "album", "group"]].tolist() == [
        "Yes",
        "T0",
        "A",
        "artist:yes",
    ]
    assert frame.loc["Rock/0.flac", "year"] == 1974
    assert frame.loc["Pop/1.flac", ["artist", "title"]].tolist() == ["Own artist", "Own title"]
    folders = import_as("folders", folder)
    assert folders.catalog.head.media == "track"
    assert set(folders.catalog.frame["group"]) == {"artist:yes", "artist:rush"}
    assert len(folders.catalog) == 4


def test_covers_beside_songs_are_passed_over_and_unknown_artists_stand_alone(
    own_home: Path, tmp_path: Path, write_song: WriteSong, write_cover: WriteCover
) -> None:
    for k in range(3):
        write_song(tmp_path / "songs" / "Rock" / f"{k}.flac", seed=k, artist="Various Artists")
    write_cover(tmp_path / "songs" / "Rock" / "cover.png")
    made = import_as("auto", tmp_path / "songs")
    assert len(made.catalog) == 3
    assert made.catalog.frame["artist"].tolist() == ["", "", ""]
    assert made.catalog.frame["group"].nunique() == 3


def test_covers_in_songs_become_a_data_set_of_covers(
    own_home: Path, tmp_path: Path, write_song: WriteSong
) -> None:
    folder = tmp_path / "songs"
    # Two songs of an album share a picture; one picture belongs to two genres; one song has none.
    shared = {"Rock/0": 1, "Rock/1": 1, "Rock/2": 2, "Pop/3": 3, "Pop/4": 9, "Rock/5": 9}
    for seed, (name, number) in enumerate(shared.items()):
        artist = f"Band {number}" if number < 9 else f"Band {seed + 10}"
        song = write_song(
            folder / f"{name}.flac", seed=seed, artist=artist, album=f"Album {number}"
        )
        tags = FLAC(song)
        cover = Picture()
        cover.type, cover.mime, cover.data = 3, "image/png", picture(number)
        tags.add_picture(cover)
        tags.save()
    write_song(folder / "Pop" / "6.flac", seed=6)
    catalog = import_as("auto", folder).catalog
    assert save_embedded_covers(catalog, tmp_path / "out") == 3
    table = tmp_path / "out" / "covers" / "labels.csv"
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted((row["genre"], row["artist"], row["title"]) for row in rows) == [
        ("Pop", "Band 3", "Album 3"),
        ("Rock", "Band 1", "Album 1"),
        ("Rock", "Band 2", "Album 2"),
    ]
    covers = import_as("auto", tmp_path / "out" / "covers", name="their covers")
    assert [problem.where for problem in covers.problems] == ["split"]  # None of test is there.
    split_of = dict(zip(catalog.frame["group"], catalog.frame["split"], strict=True))
    for group, split in zip(
        covers.catalog.frame["group"], covers.catalog.frame["split"], strict=True
    ):
        assert split_of[group] == split


def leaking(folder: Path, write_cover: WriteCover) -> Path:
    for k in range(6):
        write_cover(folder / f"{k}.png", seed=k)
    rows = "".join(
        f"{k}.png,Rock,{('Yes', 'Rush')[k % 2]},{('train', 'test')[k // 3]}\n" for k in range(6)
    )
    (folder / "labels.csv").write_text("path,genre,artist,split\n" + rows)
    return folder


def test_a_leak_is_refused_unless_somebody_insists_and_then_it_is_said(
    own_home: Path, tmp_path: Path, write_cover: WriteCover
) -> None:
    folder = leaking(tmp_path / "mine", write_cover)
    with pytest.raises(LeakError, match="Received"):
        import_as("auto", folder)
    made = import_as("auto", folder, allow_leaks=True)
    assert made.catalog.head.allows_leaks
    save_import(made, source=folder)
    found = find_dataset("mine")
    assert found.head.allows_leaks
    note = json.loads((own_home / "datasets" / "mine" / "source.json").read_text())
    assert len(note["insisted_on_leaks"]) == 2
    stored = find_stored("mine")
    assert stored is not None
    assert "artist:" in stored.leaks[0]
    # The mark alone makes the difference.
    with pytest.raises(LeakError, match="Received"):
        check(replace(found, head=replace(found.head, allows_leaks=False)))


def test_insisting_marks_nothing_that_does_not_leak(
    own_home: Path, tmp_path: Path, write_cover: WriteCover
) -> None:
    made = import_as("auto", write_genres(tmp_path / "mine", write_cover), allow_leaks=True)
    assert not made.catalog.head.allows_leaks


def near(folder: Path, splits: list[str]) -> Path:
    """Write ten covers of which the last two are one picture in two sizes."""
    folder.mkdir()
    rng = np.random.default_rng(5)
    coarse = [rng.integers(0, 256, (6, 6, 3), dtype=np.uint8) for _ in range(9)]
    for k in range(10):
        side = 96 if k == 9 else 160
        Image.fromarray(coarse[min(k, 8)]).resize((side, side), Image.Resampling.BICUBIC).save(
            folder / f"{k}.png"
        )
    rows = [f"{k}.png,{('Rock', 'Pop')[k % 2]},{splits[k]}\n" for k in range(10)]
    (folder / "labels.csv").write_text("path,genre,split\n" + "".join(rows))
    return folder


def test_near_duplicates_come_into_one_split_or_are_refused(own_home: Path, tmp_path: Path) -> None:
    ours = import_as("auto", near(tmp_path / "a", [""] * 10), near_duplicates=True).catalog
    frame = ours.frame.set_index("item_id")
    assert frame.loc["8.png", "group"] == frame.loc["9.png", "group"]
    assert frame.loc["8.png", "split"] == frame.loc["9.png", "split"]
    assert frame["group"].nunique() == 9
    assert set(frame["split"]) == {"train", "val", "test"}
    check(ours)
    splits = ["train"] * 5 + ["val"] * 2 + ["test"] * 2
    apart = near(tmp_path / "b", [*splits, "train"])
    assert not import_as("auto", apart).catalog.head.allows_leaks
    with pytest.raises(LeakError, match="Received 1 that do"):
        import_as("auto", apart, near_duplicates=True)
    insisted = import_as("auto", apart, near_duplicates=True, allow_leaks=True)
    assert insisted.catalog.head.allows_leaks
    together = near(tmp_path / "c", [*splits, "test"])
    kept = import_as("auto", together, near_duplicates=True).catalog
    assert kept.frame["split"].tolist() == [*splits, "test"]


def test_deleting_takes_what_was_unpacked_and_nothing_else(
    own_home: Path, tmp_path: Path, write_cover: WriteCover
) -> None:
    folder = write_genres(tmp_path / "mine", write_cover)
    save_import(import_as("auto", folder, name="of a folder"), source=folder)
    save_import(import_as("auto", zip_of(folder, tmp_path / "z.zip"), name="of a zip"))
    # Somebody keeps covers in the very folder where the index lies.
    own = write_genres(own_home / "datasets" / "own" / "files", write_cover).parent
    save_import(import_as("auto", own / "files", name="own"), source=own)
    assert [each.name for each in list_stored()] == ["of a folder", "of a zip", "own"]
    assert [each.is_unpacked for each in list_stored()] == [False, True, False]
    for each in list_stored():
        delete_stored(each.name)
    assert len(list(folder.rglob("*.png"))) == 12
    assert len(list(own.rglob("*.png"))) == 12
    assert [path.name for path in (own_home / "datasets").iterdir()] == ["own"]
    assert list_stored() == ()


@pytest.mark.parametrize("name", ["..", "../..", ".", "a/b", "", "nothing"])
def test_only_a_data_set_can_be_deleted(own_home: Path, name: str) -> None:
    (own_home / "datasets").mkdir(parents=True)
    with pytest.raises((DatasetError, ParameterError), match="Received"):
        delete_stored(name)
    assert (own_home / "datasets").is_dir()

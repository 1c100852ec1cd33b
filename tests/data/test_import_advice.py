"""What importers advise is followed, and then it works."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genre_core.config import CoverInput, Task
from genre_core.data.audit import validate
from genre_core.data.cover_cache import cached_covers
from genre_core.data.importers import ImportResult
from genre_core.data.split_needs import need_every_genre
from genre_core.errors import DatasetError, LeakError
from tests.made_imports import import_as

WriteCover = Callable[..., Path]


@pytest.fixture
def root(tmp_path: Path, write_cover: WriteCover) -> Path:
    """Twelve covers in a folder of their own, below the one of the data set."""
    for k in range(12):
        write_cover(tmp_path / "mine" / "covers" / f"{k}.png", seed=k)
    return tmp_path / "mine"


def table(root: Path, header: str, row: str, n: int = 12) -> Path:
    """Write a table; in `row` k is the number, g a genre, s a split and a an artist."""
    rows = [
        row.format(
            k=k, g=("Rock", "Pop")[k % 2], s=("train", "train", "test")[k // 2 % 3], a=k // 4
        )
        for k in range(n)
    ]
    path = root / "labels.csv"
    path.write_text("\n".join([header, *rows, ""]))
    return path


def is_sound(result: ImportResult, n: int = 12) -> bool:
    return len(result.catalog) == n and validate(result.catalog, check_files=True) == []


def faults_of(result: ImportResult) -> str:
    return "; ".join(map(str, result.problems))


def test_a_table_of_a_first_row_alone_gets_rows(root: Path) -> None:
    with pytest.raises(DatasetError, match="Add a row for each file"):
        import_as("auto", table(root, "path,genre", "", n=0))
    assert is_sound(import_as("auto", table(root, "path,genre", "covers/{k}.png,{g}")))


@pytest.mark.parametrize("header", ["id,breed", "covers/x.png,Rock", "path", "genre", ""])
def test_columns_are_named(root: Path, header: str) -> None:
    with pytest.raises(DatasetError, match="Name them path and genre in the first row"):
        import_as("csv", table(root, header, "covers/{k}.png,{g}"))
    assert is_sound(import_as("csv", table(root, "path,genre", "covers/{k}.png,{g}")))


def test_a_table_elsewhere_gets_the_folder_of_its_files(root: Path) -> None:
    place = table(root, "path,genre", "{k}.png,{g}")
    with pytest.raises(DatasetError, match=r"relative to \(--images\)"):
        import_as("csv", place)
    assert is_sound(import_as("csv", place, images=root / "covers"))


def test_loose_files_are_put_into_folders(root: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"12 directly in .*\. Put each genre's files into"):
        import_as("folders", root / "covers")
    (root / "covers").rename(tmp_path / "Rock")
    (root / "Rock").parent.mkdir(exist_ok=True)
    (tmp_path / "Rock").rename(root / "Rock")
    assert is_sound(import_as("folders", root))


def test_covers_of_no_genre_get_one(root: Path) -> None:
    with pytest.raises(DatasetError, match="--label"):
        import_as("kaggle", root)
    assert is_sound(import_as("kaggle", root, label="other"))


@pytest.mark.parametrize("options", [{"new_splits": True}, {"allow_leaks": True}])
@pytest.mark.parametrize("shared", ["artist", "group", "file"])
def test_splits_that_leak(
    root: Path, write_cover: WriteCover, shared: str, options: dict[str, Any]
) -> None:
    row = "covers/{k}.png,{g},{s}," + ("{a}" if shared != "file" else "")
    if shared == "file":
        write_cover(root / "covers" / "4.png", seed=0)  # 0 is in train, 4 in test
    place = table(root, f"path,genre,split,{'group' if shared == 'group' else 'artist'}", row)
    with pytest.raises(LeakError, match=r"\(--new-splits\), or insist on these \(--allow-leaks\)"):
        import_as("csv", place)
    result = import_as("csv", place, **options)
    assert is_sound(result)
    assert result.has_own_splits is result.catalog.head.allows_leaks is ("allow_leaks" in options)
    assert all(result.catalog.splits()[name] for name in ("train", "test"))


@pytest.mark.parametrize("layout", ["csv", "folders"])
@pytest.mark.parametrize("option", ["cut_val", "new_splits"])
def test_splits_without_val(root: Path, layout: str, option: str) -> None:
    if layout == "csv":
        table(root, "path,genre,split", "covers/{k}.png,{g},{s}")
    else:
        for k in range(12):
            place = root / ("train", "test")[k > 7] / ("Rock", "Pop")[k % 2] / f"{k}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            (root / "covers" / f"{k}.png").rename(place)
        (root / "covers").rmdir()
    before = import_as(layout, root)
    assert "no item in val, which a training needs (--cut-val" in faults_of(before)
    result = import_as(layout, root, **{option: True})
    assert is_sound(result)
    assert "split" not in [problem.where for problem in result.problems]
    assert all(result.catalog.splits()[name] for name in ("train", "val", "test"))
    # The data's own test split stays as it is where val is cut off train.
    if option == "cut_val":
        in_test = [
            set(each.catalog.frame.query("split == 'test'")["item_id"]) for each in (before, result)
        ]
        assert in_test[0] == in_test[1]


def test_items_without_a_split(root: Path) -> None:
    lines = table(root, "path,genre,split", "covers/{k}.png,{g},{s}").read_text().splitlines()
    lines[1] = lines[1].removesuffix("train")
    lines[2] = lines[2].replace("train", "hold-out")
    (root / "labels.csv").write_text("\n".join(lines))
    result = import_as("csv", root)
    assert "split: 2 of 12 items have none and take no part in a training (--new-splits" in (
        faults_of(result)
    )
    assert "row 3: split left empty: 'hold-out' is no split" in faults_of(result)
    assert import_as("csv", root, new_splits=True).catalog.splits()[""] == 0


def test_lists_with_commas_get_strokes(root: Path) -> None:
    result = import_as("csv", table(root, "path,genre", 'covers/{k}.png,"{g}, Prog"'))
    assert "where several are meant, put | between them" in faults_of(result)
    result = import_as("csv", table(root, "path,genre", "covers/{k}.png,{g}|Prog"))
    assert result.problems == ()
    assert result.catalog.head.labels == ("Pop", "Prog", "Rock")


def test_a_second_folder_is_named(root: Path) -> None:
    with pytest.raises(ValueError, match=r"Give it as others \(--others\)"):
        import_as("prog", root / "covers")
    (root / "others").mkdir()
    (root / "covers" / "0.png").rename(root / "others" / "0.png")
    assert is_sound(import_as("prog", root / "covers", others=root / "others"))


@pytest.mark.parametrize("option", ["cut_val", "new_splits"])
def test_what_a_training_advises_where_val_is_missing(root: Path, option: str) -> None:
    table(root, "path,genre,split", "covers/{k}.png,{g},{s}")
    task = Task(genres=("Rock", "Pop"))
    catalog = import_as("csv", root).catalog
    with pytest.raises(DatasetError, match=rf"--{option.replace('_', '-')}"):
        need_every_genre(catalog, catalog.select(task), task)
    catalog = import_as("csv", root, **{option: True}).catalog
    need_every_genre(catalog, catalog.select(task), task)


@pytest.mark.parametrize("damage", ["cut", "gone", "changed"])
def test_what_a_training_advises_where_a_file_is_damaged(
    root: Path, own_home: Path, write_cover: WriteCover, damage: str
) -> None:
    table(root, "path,genre", "covers/{k}.png,{g}")
    spec = CoverInput(size=32)
    catalog = import_as("csv", root).catalog
    cover = root / "covers" / "5.png"
    if damage == "cut":
        cover.write_bytes(cover.read_bytes()[:-300])
    elif damage == "gone":
        cover.unlink()
    else:
        write_cover(cover, seed=99)
    with pytest.raises(DatasetError, match=r"covers/5\.png.* Import the data set again"):
        cached_covers(catalog, catalog.frame, spec)
    again = import_as("csv", root).catalog
    assert len(again) == 12 - (damage != "changed")
    assert len(cached_covers(again, again.frame, spec)) == len(again)

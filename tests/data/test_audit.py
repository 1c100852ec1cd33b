from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from genre_core.data.audit import check, validate
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.files import sha256_file
from genre_core.data.item import items_frame
from genre_core.errors import DatasetError, LeakError

HEAD = DatasetHead("mine", "Mine", "unknown", "unknown", labels=("Pop", "Rock"))
WriteCover = Callable[..., Path]


def sound(n: int = 6) -> pd.DataFrame:
    splits = ("train", "val", "test")
    return items_frame(
        {
            "item_id": f"i{k}",
            "path": f"rock/{k}.png",
            "checksum": f"{k:02d}" * 32,
            "labels": ["Rock"],
            "group": f"g{k}",
            "split": splits[k % 3],
        }
        for k in range(n)
    )


def test_sound_catalog_has_no_problem() -> None:
    catalog = Catalog(HEAD, Path(), sound())
    assert validate(catalog) == []
    assert check(catalog) is catalog


BROKEN: list[tuple[str, Any, str]] = [
    ("item_id", "i1", "i1: stands 2 times in the column item_id"),
    ("item_id", "", "column item_id: is empty in 1 rows"),
    ("path", "rock/1.png", "rock/1.png: stands 2 times in the column path"),
    ("path", "../0.png", "i0: its path '../0.png' is no plain relative path"),
    ("path", "/0.png", "i0: its path '/0.png' is no plain relative path"),
    ("path", "", "i0: its path '' is no plain relative path"),
    ("checksum", "beef", "i0: its checksum 'beef' is no SHA-256 of 64 digits"),
    ("labels", [], "i0: has no label"),
    ("labels", ["Rock", "Rock"], "i0: repeats a label in ['Rock', 'Rock']"),
    ("labels", ["Polka"], "i0: has labels that the head does not list: ['Polka']"),
    ("labels", [1], "i0: its labels [1] are no list of text"),
    ("labels", "Rock", "i0: its labels 'Rock' are no list of text"),
    ("year", 7, "i0: its year 7 is no year from 1000 to 2999"),
    ("split", "holdout", "i0: its split 'holdout' is not train, val, test or empty"),
    ("group", "g1", "group 'g1': in train and val (i0, i1)"),
    ("checksum", "01" * 32, f"checksum '{'01' * 8}': in train and val (i0, i1)"),
]


@pytest.mark.parametrize(("column", "value", "problem"), BROKEN)
def test_each_fault_is_named(column: str, value: Any, problem: str) -> None:
    frame = sound()
    frame.at[0, column] = value
    assert problem in [str(each) for each in validate(Catalog(HEAD, Path(), frame))]
    with pytest.raises(DatasetError, match="Received 1 problem"):
        check(Catalog(HEAD, Path(), frame))


def test_all_faults_come_at_once() -> None:
    frame = sound(40)
    for row, (column, value, _) in enumerate(BROKEN):
        frame.at[2 * row + 2, column] = value
    problems = validate(Catalog(HEAD, Path(), frame))
    assert len(problems) >= len(BROKEN)
    with pytest.raises(LeakError, match="above all no group") as caught:
        check(Catalog(HEAD, Path(), frame))
    assert list(caught.value.problems) == problems


def test_head_and_columns() -> None:
    head = DatasetHead("a/b", "", "", " ", media="smell")
    frame = sound().drop(columns=["group", "year"])
    problems = {str(each) for each in validate(Catalog(head, Path(), frame))}
    assert problems == {
        "head title: is empty",
        "head citation: is empty",
        "head licence: is empty",
        "head name: 'a/b' is no plain name",
        "head media: 'smell' is not one of cover, track",
        "column group: is missing",
        "column year: is missing",
    }
    with pytest.raises(DatasetError, match="Received 7 problems"):
        check(Catalog(head, Path(), frame))


def test_column_without_text() -> None:
    frame = sound()
    frame["artist"] = None
    assert [str(each) for each in validate(Catalog(HEAD, Path(), frame))] == [
        "column artist: has values without text"
    ]


def test_files_missing_and_changed(tmp_path: Path, write_cover: WriteCover) -> None:
    root = tmp_path / "root"
    frame = sound(4)
    for k in range(4):
        path = write_cover(root / f"rock/{k}.png", seed=k)
        frame.loc[k, "checksum"] = sha256_file(path)
    catalog = Catalog(HEAD, root, frame)
    assert validate(catalog, check_files=True) == []
    (root / "rock/0.png").unlink()
    write_cover(root / "rock/1.png", seed=9)
    outside = (root / "rock/2.png").rename(tmp_path / "elsewhere.png")
    (root / "rock/2.png").symlink_to(outside)
    assert validate(catalog) == []
    assert [str(each) for each in validate(catalog, check_files=True)] == [
        "i0: has no file 'rock/0.png'",
        "i1: the file 'rock/1.png' is not the one that was imported",
    ]
